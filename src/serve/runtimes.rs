//! The threads of a server: those that answer requests, those of queries, and those of table care.

use std::future::Future;
use std::time::Duration;

use model::{Error, Result};
use tokio::runtime::{Builder, Handle, Runtime};

/// Deeply nested SQL recurses deeply.
const STACK_BYTES: usize = 8 << 20;

/// What is left of cancelled queries has this long to let go.
const WIND_DOWN: Duration = Duration::from_secs(2);

/// Threads of table care: one reads and sorts while the other encodes.
const CARE_THREADS: usize = 2;

/// A heavy query never delays the answer to a light request, and table care delays neither.
pub struct Runtimes {
    requests: Runtime,
    queries: Runtime,
    care: Runtime,
}

/// Where work other than answering requests runs.
#[derive(Clone)]
pub struct Handles {
    /// Queries, decoding and encoding.
    pub queries: Handle,
    /// Table care.
    pub care: Handle,
}

impl Runtimes {
    /// # Errors
    /// `Internal` where threads cannot be started.
    pub fn start(query_threads: usize) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            requests: start(&mut builder("request", cores))?,
            queries: start(&mut builder("query", query_threads))?,
            care: start(&mut builder("care", CARE_THREADS))?,
        })
    }

    /// Runs `work` to its end on the runtime of requests.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.requests.block_on(work)
    }

    /// Where other work runs.
    pub fn handles(&self) -> Handles {
        Handles { queries: self.queries.handle().clone(), care: self.care.handle().clone() }
    }

    /// Ends all; what does not end in time is left to the end of the process.
    pub fn end(self) {
        self.requests.shutdown_timeout(WIND_DOWN);
        self.care.shutdown_timeout(WIND_DOWN);
        self.queries.shutdown_timeout(WIND_DOWN);
    }
}

fn builder(name: &str, threads: usize) -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(threads).thread_name(name).thread_stack_size(STACK_BYTES).enable_all();
    builder
}

fn start(builder: &mut Builder) -> Result<Runtime> {
    builder.build().map_err(Error::internal)
}
