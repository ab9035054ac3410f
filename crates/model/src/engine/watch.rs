//! How far a query is: figures that can be read while it runs.

use std::fmt;
use std::sync::{Arc, OnceLock};

/// What a query has done so far, summed over its statements. Only grows, but for `memory_bytes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Rows that scans have read.
    pub rows_processed: u64,
    /// Rows that scans will have read at the end, as far as the statements that were begun say; 0 where nobody knows.
    pub total_rows: u64,
    /// Reads of table data: those that memory answered, and those that went to the object store.
    pub data: Hits,
    /// Bytes of the same reads.
    pub data_bytes: Hits,
    /// Files: those that were open already, and those that were opened.
    pub files: Hits,
    /// Footers of files: those that were in memory, and those that were read.
    pub metadata: Hits,
    /// The most memory that the query held at once, out of what all queries share.
    pub memory_bytes: u64,
    /// Rows of the last answer, as the planner estimates them; 0 where it cannot.
    pub estimated_result_rows: u64,
    /// Rows of all scans, as the planner estimates them.
    pub estimated_scanned_rows: u64,
}

/// What a cache answered, and what it could not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Found there.
    pub hits: u64,
    /// Had to be fetched.
    pub misses: u64,
}

/// Work whose figures can be read at any time.
pub trait Measured: Send + Sync + 'static {
    /// The figures of this moment. Cheap enough to be asked ten times a second.
    fn figures(&self) -> Figures;
}

/// Where the engine says how far a query is. Clones look at the same query; one that nobody has taken up has done
/// nothing yet.
#[derive(Clone, Default)]
pub struct Watch(Arc<OnceLock<Arc<dyn Measured>>>);

impl Watch {
    /// From now on the figures are those of `work`. The first to say so stays.
    pub fn follow(&self, work: Arc<dyn Measured>) {
        // A query that is given to an engine twice is followed the first time.
        let _ = self.0.set(work);
    }

    /// The figures of this moment.
    pub fn figures(&self) -> Figures {
        self.0.get().map_or_else(Figures::default, |work| work.figures())
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.figures()).finish()
    }
}
