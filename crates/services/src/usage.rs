//! Running totals since the start of the process, for the metrics page.

use std::sync::atomic::{AtomicU64, Ordering};

/// What went through the server so far. Only grows.
#[derive(Debug, Default)]
pub struct Usage {
    uploaded_bytes: AtomicU64,
    uploaded_rows: AtomicU64,
    appended_rows: AtomicU64,
    answered_rows: AtomicU64,
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

    /// Rows that appends have committed.
    pub fn appended_rows(&self) -> u64 {
        self.appended_rows.load(Ordering::Relaxed)
    }

    /// Rows that queries have answered with.
    pub fn answered_rows(&self) -> u64 {
        self.answered_rows.load(Ordering::Relaxed)
    }

    pub(crate) fn count_uploaded_bytes(&self, bytes: usize) {
        self.uploaded_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn count_uploaded_rows(&self, rows: u64) {
        self.uploaded_rows.fetch_add(rows, Ordering::Relaxed);
    }

    pub(crate) fn count_appended_rows(&self, rows: u64) {
        self.appended_rows.fetch_add(rows, Ordering::Relaxed);
    }

    pub(crate) fn count_answered_rows(&self, rows: usize) {
        self.answered_rows.fetch_add(rows as u64, Ordering::Relaxed);
    }
}
