//! Running a plan on the runtime of queries, and handing its batches to whoever reads the rows.

use std::sync::Arc;

use datafusion::execution::TaskContext;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{SendableRecordBatchStream, execute_stream};
use futures::{Stream, StreamExt, stream};
use model::{Error, Result, Rows};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::work::{Ongoing, StopOnDrop, Work};
use crate::fault::from_datafusion;

/// Batches that wait for a slow reader; the query rests while they do.
const WAITING: usize = 4;

/// Does what a query asks for on the runtime of queries, where planning does not hold up other requests; ends it when
/// dropped.
pub async fn on<T: Send + 'static>(
    runtime: &Handle,
    work: Arc<Work>,
    asked: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let mut tasks = JoinSet::new();
    tasks.spawn_on(work.scope(asked), runtime);
    match tasks.join_next().await {
        Some(Ok(outcome)) => outcome,
        Some(Err(error)) => Err(Error::internal(error)),
        None => unreachable!("one task was spawned"),
    }
}

/// Plans and starts; the answer's stream ends the work when it is dropped.
pub async fn start(runtime: &Handle, state: SessionState, plan: LogicalPlan) -> Result<Rows> {
    let mut tasks = JoinSet::new();
    // What storages read for themselves is no query's.
    let work = state.config().get_extension::<Work>().unwrap_or_default();
    let (started, first) = tokio::sync::oneshot::channel();
    let (send, receive) = mpsc::channel(WAITING);
    tasks.spawn_on(
        work.clone().scope(async move {
            let (stream, _ongoing) = match prepare(&state, &plan, &work).await {
                Ok(prepared) => prepared,
                Err(error) => {
                    // Nobody listens any more when the caller has gone.
                    let _ = started.send(Err(error));
                    return;
                }
            };
            if started.send(Ok(stream.schema())).is_err() {
                return;
            }
            let mut stream = stream;
            while let Some(batch) = stream.next().await {
                let failed = batch.is_err();
                if send.send(batch.map_err(from_datafusion)).await.is_err() || failed {
                    return;
                }
            }
        }),
        runtime,
    );
    let schema = match first.await {
        Ok(schema) => schema?,
        Err(_) => return Err(panicked(&mut tasks).await),
    };
    Ok(Rows::new(schema, batches(receive, tasks)))
}

async fn prepare(
    state: &SessionState,
    plan: &LogicalPlan,
    work: &Arc<Work>,
) -> Result<(SendableRecordBatchStream, Ongoing)> {
    let physical = state.create_physical_plan(plan).await.map_err(from_datafusion)?;
    let ongoing = work.begin(&physical);
    let context = TaskContext::from(state).with_runtime(work.environment(state.runtime_env()));
    let stream = execute_stream(physical, Arc::new(context)).map_err(from_datafusion)?;
    Ok((stream, ongoing))
}

/// The same rows, whose work stops when they drop.
pub fn until_dropped(rows: Rows, stop: StopOnDrop) -> Rows {
    let (schema, batches) = rows.into_parts();
    Rows::new(schema, batches.inspect(move |_| _ = &stop))
}

/// The batches until the channel ends; then the task's own end, which must not be a panic. Dropping the stream drops
/// the tasks, which stops them.
fn batches(
    receive: mpsc::Receiver<Result<arrow::array::RecordBatch>>,
    tasks: JoinSet<()>,
) -> impl Stream<Item = Result<arrow::array::RecordBatch>> {
    stream::unfold(Some((receive, tasks)), |state| async move {
        let (mut receive, mut tasks) = state?;
        match receive.recv().await {
            Some(batch) => Some((batch, Some((receive, tasks)))),
            None => match tasks.join_next().await {
                Some(Err(error)) => Some((Err(Error::internal(error)), None)),
                _ => None,
            },
        }
    })
}

async fn panicked(tasks: &mut JoinSet<()>) -> Error {
    match tasks.join_next().await {
        Some(Err(error)) => Error::internal(error),
        _ => Error::internal("a query ended before it began"),
    }
}

/// Runs rows to their end and forgets them: for statements whose answer nobody reads.
pub async fn drain(mut rows: Rows) -> Result<()> {
    while let Some(batch) = rows.next().await {
        batch?;
    }
    Ok(())
}
