//! Running totals since the start of the process, for the metrics page.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::queries::Outcome;

/// What went through the server so far. Only grows.
#[derive(Debug, Default)]
pub struct Usage {
    uploaded_bytes: AtomicU64,
    uploaded_rows: AtomicU64,
    answered_rows: AtomicU64,
    scanned_bytes: AtomicU64,
    finished: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
}

impl Usage {
    /// Bytes of uploads as they arrived, before decompression; those of uploads that failed, too.
    pub fn uploaded_bytes(&self) -> u64 {
        self.uploaded_bytes.load(Ordering::Relaxed)
    }

    /// Rows that uploads have committed.
    pub fn uploaded_rows(&self) -> u64 {
        self.uploaded_rows.load(Ordering::Relaxed)
    }

    /// Rows that queries have answered with.
    pub fn answered_rows(&self) -> u64 {
        self.answered_rows.load(Ordering::Relaxed)
    }

    /// Bytes of table data that queries have read from the object store.
    pub fn scanned_bytes(&self) -> u64 {
        self.scanned_bytes.load(Ordering::Relaxed)
    }

    /// Queries that have ended so; those that were only validated or explained, too.
    pub fn queries(&self, outcome: Outcome) -> u64 {
        self.of(outcome).load(Ordering::Relaxed)
    }

    fn of(&self, outcome: Outcome) -> &AtomicU64 {
        match outcome {
            Outcome::Finished => &self.finished,
            Outcome::Failed => &self.failed,
            Outcome::Cancelled => &self.cancelled,
        }
    }

    pub(crate) fn count_query(&self, outcome: Outcome, scanned_bytes: u64) {
        self.of(outcome).fetch_add(1, Ordering::Relaxed);
        self.scanned_bytes.fetch_add(scanned_bytes, Ordering::Relaxed);
    }

    pub(crate) fn count_uploaded_bytes(&self, bytes: usize) {
        self.uploaded_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn count_uploaded_rows(&self, rows: u64) {
        self.uploaded_rows.fetch_add(rows, Ordering::Relaxed);
    }

    pub(crate) fn count_answered_rows(&self, rows: usize) {
        self.answered_rows.fetch_add(rows as u64, Ordering::Relaxed);
    }
}
