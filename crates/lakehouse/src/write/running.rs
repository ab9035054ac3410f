//! The writes that are under way in this process. Their files are not named yet, and must not be taken for leftovers.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};

/// When each write that is under way began.
#[derive(Debug, Default)]
pub struct RunningWrites(Mutex<Vec<DateTime<Utc>>>);

/// Held by a write until its files are named or deleted.
#[derive(Debug)]
pub struct RunningWrite {
    writes: Arc<RunningWrites>,
    began: DateTime<Utc>,
}

impl RunningWrites {
    /// A write that begins now.
    pub fn begin(self: &Arc<Self>) -> RunningWrite {
        let began = Utc::now();
        self.0.lock().expect("no holder of this lock panics").push(began);
        RunningWrite { writes: Arc::clone(self), began }
    }

    /// When the oldest of them began.
    pub fn oldest(&self) -> Option<DateTime<Utc>> {
        self.0.lock().expect("no holder of this lock panics").iter().min().copied()
    }
}

impl Drop for RunningWrite {
    fn drop(&mut self) {
        let mut writes = self.writes.0.lock().expect("no holder of this lock panics");
        if let Some(at) = writes.iter().position(|began| *began == self.began) {
            writes.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_write_counts() {
        let writes = Arc::new(RunningWrites::default());
        assert_eq!(writes.oldest(), None);
        let first = writes.begin();
        let second = writes.begin();
        assert_eq!(writes.oldest(), Some(first.began));
        drop(first);
        assert_eq!(writes.oldest(), Some(second.began));
        drop(second);
        assert_eq!(writes.oldest(), None);
    }
}
