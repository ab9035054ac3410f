//! The way of an answer from a thread that may block to whoever reads it, batch by batch.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::stream;
use model::{Error, Result, Rows};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::guard::{Stop, StopOnDrop, Stopped, overdue};

/// Batches that wait for a slow reader.
const WAITING: usize = 2;

/// How the feeding of an answer ended; what is lost with its thread is not the end of the rows.
enum End {
    Running,
    Done,
    Failed(Error),
}

/// The thread's end.
pub struct Outlet {
    started: Option<oneshot::Sender<Result<SchemaRef>>>,
    batches: mpsc::Sender<RecordBatch>,
    end: Arc<Mutex<End>>,
    deadline: Option<Instant>,
}

/// The reader's end.
pub struct Inlet {
    start: oneshot::Receiver<Result<SchemaRef>>,
    batches: mpsc::Receiver<RecordBatch>,
    end: Arc<Mutex<End>>,
    stop: StopOnDrop,
    time: Duration,
}

/// Both ends of an answer that may take `time`, reading included; what `stop` stops is stopped when the reader goes.
pub fn pair(stop: Arc<Stop>, time: Option<Duration>) -> (Outlet, Inlet) {
    let (started, start) = oneshot::channel();
    let (sender, batches) = mpsc::channel(WAITING);
    let end = Arc::new(Mutex::new(End::Running));
    let outlet = Outlet { started: Some(started), batches: sender, end: Arc::clone(&end), deadline: None };
    // A year where there is no limit.
    let time = time.unwrap_or(Duration::from_secs(365 * 24 * 3600));
    (outlet, Inlet { start, batches, end, stop: StopOnDrop(stop), time })
}

impl Outlet {
    /// From now on the answer may take so long; a reader that is slower does not keep the thread.
    pub fn within(&mut self, time: Duration) {
        self.deadline = Some(Instant::now() + time);
    }

    /// The columns are known, and nothing stands in the way of the first rows.
    pub fn start(&mut self, schema: &SchemaRef) {
        if let Some(started) = self.started.take() {
            let _ = started.send(Ok(Arc::clone(schema)));
        }
    }

    /// Hands a batch over. Blocks while the reader is behind; false where there is none any more.
    ///
    /// # Errors
    /// `Unavailable` where the reader takes longer than the answer may.
    pub fn send(&self, batch: RecordBatch) -> Result<bool> {
        let Some(deadline) = self.deadline else { return Ok(self.batches.blocking_send(batch).is_ok()) };
        let sending = tokio::time::timeout_at(deadline.into(), self.batches.send(batch));
        match Handle::current().block_on(sending) {
            Ok(sent) => Ok(sent.is_ok()),
            Err(_) => Err(timed_out()),
        }
    }

    /// The answer is complete, or this is why it is not.
    pub fn finish(mut self, outcome: Result<()>) {
        match (outcome, self.started.take()) {
            (Err(error), Some(started)) => drop(started.send(Err(error))),
            (Err(error), None) => self.end(End::Failed(error)),
            (Ok(()), _) => self.end(End::Done),
        }
    }

    fn end(&self, end: End) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = end;
    }
}

impl Inlet {
    /// Waits for the columns; the rows follow as they are read. `feeding` ends with the thread.
    pub async fn rows(self, feeding: impl Future<Output = Result<()>> + Send + 'static) -> Result<Rows> {
        let Self { start, batches, end, stop, time } = self;
        // It goes on by itself; what it comes to arrives through the channels.
        let feeding = tokio::spawn(feeding);
        let schema = match overdue(&stop.0, time, start).await {
            Ok(outcome) => outcome?,
            Err(_) => {
                feeding.await.map_err(Error::internal)??;
                return Err(lost());
            }
        };
        let rows = stream::unfold(Some((batches, end, stop)), move |state| async move {
            let (mut batches, end, stop) = state?;
            if let Some(batch) = overdue(&stop.0, time, batches.recv()).await {
                return Some((Ok(batch), Some((batches, end, stop))));
            }
            let end = std::mem::replace(&mut *end.lock().unwrap_or_else(PoisonError::into_inner), End::Done);
            match end {
                End::Done => None,
                End::Failed(error) => Some((Err(error), None)),
                End::Running => Some((Err(lost()), None)),
            }
        });
        Ok(Rows::new(schema, rows))
    }
}

fn timed_out() -> Error {
    crate::guard::Guard::refusal_for(Stopped::Time).expect("a time that is over has words")
}

fn lost() -> Error {
    Error::internal("a reader ended without an answer")
}
