//! Where work that keeps a processor busy runs: a runtime of its own, so that it never delays a request.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use model::{Error, Result};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

/// A runtime for decoding and encoding, and how many threads of it to count on. Clones share it.
#[derive(Clone, Debug)]
pub struct Workers {
    handle: Handle,
    threads: usize,
}

impl Workers {
    /// Work runs as tasks of `handle`, and as much of it at once as keeps `threads` threads busy (at least one).
    pub fn new(handle: Handle, threads: usize) -> Self {
        Self { handle, threads: threads.max(1) }
    }

    /// How many threads to keep busy.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Runs `work` on the runtime. Dropping the future forgets the work; what has begun runs to its end.
    ///
    /// # Errors
    /// `Internal` where `work` panics or the runtime shuts down.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        self.spawn(async move { Ok(work()) }).await
    }

    /// Starts a task at once; dropping what is returned aborts it.
    pub(crate) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = Result<T>> + Send + 'static) -> Task<T> {
        Task(AbortOnDropHandle::new(self.handle.spawn(work)))
    }

    /// Runs `work` where it may wait for a disk.
    ///
    /// # Errors
    /// Those of `work`; `Internal` where it panics or the runtime shuts down.
    pub(crate) async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        Task(AbortOnDropHandle::new(self.handle.spawn_blocking(work))).await
    }
}

/// A task that is aborted when it is dropped, and whose panic is an error.
pub(crate) struct Task<T>(AbortOnDropHandle<Result<T>>);

impl<T> Future for Task<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(|joined| joined.unwrap_or_else(|lost| Err(Error::internal(lost))))
    }
}
