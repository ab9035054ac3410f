//! Rows that end when their query is cancelled, and that leave the registry when they end.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use arrow_array::RecordBatch;
use futures::{FutureExt, Stream, StreamExt};
use model::{Error, Result, Rows};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::registry::Entry;

/// The stream of a running query; nothing remains of the query once `active` is empty.
struct Watched {
    active: Option<Active>,
}

struct Active {
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    entry: Entry,
}

/// `rows`, registered as `entry`. Where all of them are here nothing runs any more.
pub(super) fn watch(rows: Rows, entry: Entry) -> Rows {
    if let Some(count) = rows.len_if_few() {
        entry.count_rows(count);
        entry.finish(None);
        return rows;
    }
    let (schema, batches) = rows.into_parts();
    let cancelled = Box::pin(entry.cancelled());
    entry.hold(batches);
    Rows::new(schema, Watched { active: Some(Active { cancelled, entry }) })
}

impl Active {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<RecordBatch>>> {
        // Asked each time, so that the cancelling wakes whoever waits for the next batch.
        if self.cancelled.poll_unpin(cx).is_ready() {
            return Poll::Ready(Some(Err(Error::cancelled())));
        }
        self.entry.with_batches(|batches| match batches {
            Some(batches) => batches.poll_next_unpin(cx),
            None => Poll::Ready(Some(Err(Error::cancelled()))),
        })
    }
}

impl Stream for Watched {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(active) = self.active.as_mut() else { return Poll::Ready(None) };
        let next = ready!(active.poll_next(cx));
        match &next {
            Some(Ok(batch)) => active.entry.count_rows(batch.num_rows()),
            Some(Err(error)) => active.entry.finish(Some(error)),
            None => active.entry.finish(None),
        }
        if !matches!(next, Some(Ok(_))) {
            self.active = None;
        }
        Poll::Ready(next)
    }
}
