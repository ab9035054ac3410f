//! Rows that end when their query is cancelled, and that leave the registry when they end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use arrow_array::RecordBatch;
use futures::stream::BoxStream;
use futures::{FutureExt, Stream, StreamExt};
use model::{Error, Result, Rows};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::registry::Entry;
use crate::usage::Usage;

/// The stream of a running query; nothing remains of the query once `active` is empty.
struct Watched {
    active: Option<Active>,
    usage: Arc<Usage>,
}

struct Active {
    batches: BoxStream<'static, Result<RecordBatch>>,
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Dropped last: a query is listed for as long as its work may go on.
    _entry: Entry,
}

/// `rows`, registered as `entry`.
pub(super) fn watch(rows: Rows, entry: Entry, usage: Arc<Usage>) -> Rows {
    let (schema, batches) = rows.into_parts();
    let cancelled = Box::pin(entry.cancelled());
    Rows::new(schema, Watched { active: Some(Active { batches, cancelled, _entry: entry }), usage })
}

impl Stream for Watched {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(active) = self.active.as_mut() else { return Poll::Ready(None) };
        if active.cancelled.poll_unpin(cx).is_ready() {
            self.active = None;
            return Poll::Ready(Some(Err(Error::cancelled())));
        }
        let next = ready!(active.batches.poll_next_unpin(cx));
        match &next {
            Some(Ok(batch)) => self.usage.count_answered_rows(batch.num_rows()),
            Some(Err(_)) | None => self.active = None,
        }
        Poll::Ready(next)
    }
}
