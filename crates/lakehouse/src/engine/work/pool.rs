//! The memory of one query, out of the pool that all share.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

use super::Work;

/// Bytes that a query holds, and the most that it ever held.
#[derive(Debug, Default)]
pub struct Held {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Held {
    /// The most so far.
    pub fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed) as u64
    }

    fn grow(&self, bytes: usize) {
        let now = self.now.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.most.fetch_max(now, Ordering::Relaxed);
    }

    fn shrink(&self, bytes: usize) {
        self.now.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The shared pool as one query has it. Whoever asks for memory learns here that the query is to stop: sorts and
/// aggregations that spill do nothing else for seconds.
pub struct QueryPool {
    shared: Arc<dyn MemoryPool>,
    held: Arc<Held>,
    work: Weak<Work>,
}

impl QueryPool {
    /// The part of `shared` that goes to `work`.
    pub fn new(shared: Arc<dyn MemoryPool>, held: Arc<Held>, work: Weak<Work>) -> Self {
        Self { shared, held, work }
    }
}

impl MemoryPool for QueryPool {
    fn name(&self) -> &str {
        self.shared.name()
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.shared.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.shared.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.shared.grow(reservation, additional);
        self.held.grow(additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.shared.shrink(reservation, shrink);
        self.held.shrink(shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.work.upgrade().map_or(Ok(()), |work| work.check())?;
        self.shared.try_grow(reservation, additional)?;
        self.held.grow(additional);
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.shared.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.shared.memory_limit()
    }
}

impl fmt::Debug for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryPool").field("held", &self.held).finish_non_exhaustive()
    }
}

impl fmt::Display for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
