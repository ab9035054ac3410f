//! Which versions of a table somebody in this process may be reading.

use std::sync::{Arc, Mutex, Weak};

use super::{Snapshot, Table};

/// Versions that were handed out; those that nobody holds any more are forgotten.
#[derive(Default)]
pub struct HandedOut(Mutex<Vec<Weak<Snapshot>>>);

impl HandedOut {
    /// Remembers a version that is about to be handed out.
    pub fn remember(&self, snapshot: Snapshot) -> Arc<Snapshot> {
        let snapshot = Arc::new(snapshot);
        let mut known = self.0.lock().expect("no holder of this lock panics");
        known.retain(|version| version.strong_count() > 0);
        known.push(Arc::downgrade(&snapshot));
        snapshot
    }
}

impl Table {
    /// Every version that somebody in this process may be reading, `newest` among them.
    pub fn snapshots_in_use(&self, newest: &Arc<Snapshot>) -> Vec<Arc<Snapshot>> {
        let known = self.handed_out.0.lock().expect("no holder of this lock panics");
        let mut held: Vec<Arc<Snapshot>> = known.iter().filter_map(Weak::upgrade).collect();
        held.push(newest.clone());
        held
    }
}
