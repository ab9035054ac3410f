//! Versions of a table, and the care that keeps it quick to read and no larger than it must be.

use std::fmt;
use std::time::{Duration, SystemTime};

/// Which state of a table is meant, for storages that keep older ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AsOf {
    /// This version.
    Version(u64),
    /// The newest version that was committed at this moment or before. Versions are timed to the millisecond.
    Time(SystemTime),
}

/// One committed version of a table, as its history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its number; each commit counts one up.
    pub version: u64,
    /// When it was committed: the time that [`AsOf::Time`] is compared with.
    pub time: SystemTime,
    /// What made it, in the storage's own words (`WRITE`, `DELETE`, `OPTIMIZE`, …), where the log says.
    pub operation: Option<String>,
    /// Files that it added.
    pub files_added: u64,
    /// Files that it took out.
    pub files_removed: u64,
    /// Rows in the files that it added, where the log says.
    pub rows_added: Option<u64>,
    /// Rows in the files that it took out, where the log says.
    pub rows_removed: Option<u64>,
}

/// What care does to a table. None of it changes a row of the newest version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Care {
    /// Puts small files together, leaves out deleted rows, and sorts where the table has an order.
    Compact,
    /// Deletes files that no version within the retention names, and what interrupted writes left behind.
    Vacuum,
    /// Writes the state of the table down, so that opening it need not read every commit.
    Checkpoint,
}

impl Care {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Compact, Self::Vacuum, Self::Checkpoint];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Vacuum => "vacuum",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl fmt::Display for Care {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What care found and what it left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cared {
    /// Files that were looked at: those of the table for compaction, all in its directory for vacuum, those of the log
    /// for a checkpoint.
    pub files_before: u64,
    /// Of the same, how many there are now.
    pub files_after: u64,
    /// Bytes of the files before.
    pub bytes_before: u64,
    /// Bytes of the files now.
    pub bytes_after: u64,
    /// How long it took.
    pub took: Duration,
}

/// How often care was taken since the start, for metrics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CareTotal {
    /// What was done.
    pub what: Care,
    /// How often it was finished.
    pub finished: u64,
    /// How often it failed.
    pub failed: u64,
    /// Seconds that it took, together.
    pub seconds: f64,
    /// Files that it made fewer, together.
    pub files_fewer: u64,
}
