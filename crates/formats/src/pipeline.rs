//! Work on the items of a stream, in parallel and in order, with a bounded look-ahead.

use std::pin::pin;

use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use model::Result;
use tokio::sync::mpsc;

use crate::Workers;
use crate::workers::Task;

/// Applies `work` to every item on the workers and answers in the order of the items.
///
/// A task of its own reads `items`, so that the reader's pace does not hold up what is ahead of it; it stays at most
/// `threads + 1` items ahead. The stream ends after the first error, and dropping it stops the reading and what has
/// not begun.
pub(crate) fn ordered<I, T>(
    workers: &Workers,
    items: impl Stream<Item = Result<I>> + Send + 'static,
    work: impl Fn(I) -> Result<T> + Clone + Send + 'static,
) -> BoxStream<'static, Result<T>>
where
    I: Send + 'static,
    T: Send + 'static,
{
    let (sender, receiver) = mpsc::channel(workers.threads());
    let pump = workers.spawn(pump(workers.clone(), items, work, sender));
    stream::unfold(Some((receiver, pump)), |state| async {
        let (mut receiver, pump) = state?;
        match receiver.recv().await {
            Some(Ok(task)) => match task.await {
                Ok(done) => Some((Ok(done), Some((receiver, pump)))),
                Err(error) => Some((Err(error), None)),
            },
            Some(Err(error)) => Some((Err(error), None)),
            // The reading task is over: well, or by a panic that must not pass for the end of the items.
            None => pump.await.err().map(|error| (Err(error), None)),
        }
    })
    .boxed()
}

async fn pump<I, T>(
    workers: Workers,
    items: impl Stream<Item = Result<I>> + Send + 'static,
    work: impl Fn(I) -> Result<T> + Clone + Send + 'static,
    sender: mpsc::Sender<Result<Task<T>>>,
) -> Result<()>
where
    I: Send + 'static,
    T: Send + 'static,
{
    let mut items = pin!(items);
    // The place comes before the item: nothing is read that nobody has room for.
    while let Ok(place) = sender.reserve().await {
        match items.next().await {
            Some(Ok(item)) => {
                let work = work.clone();
                place.send(Ok(workers.spawn(async move { work(item) })));
            }
            Some(Err(error)) => {
                place.send(Err(error));
                break;
            }
            None => break,
        }
    }
    Ok(())
}
