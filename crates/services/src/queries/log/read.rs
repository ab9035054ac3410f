//! The log as rows.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use futures::{StreamExt, stream};
use model::{Error, Result, Rows};
use tokio::sync::mpsc;

use super::QueryLog;
use super::store::{Store, fault, micros};
use crate::queries::logged::LoggedQuery;

/// Queries in one batch.
const BATCH: usize = 1024;

/// Batches that wait for whoever reads.
const WAITING: usize = 2;

const ZONE: &str = "UTC";

/// One column: its name, its type, and what it is of a query.
type Column = (&'static str, DataType, fn(&[LoggedQuery]) -> ArrayRef);

/// The columns of the log.
pub fn schema() -> SchemaRef {
    let fields = columns().into_iter().map(|(name, data_type, _)| Field::new(name, data_type, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The queries of `running`, then those that have ended and are none of these.
pub fn rows(log: QueryLog, running: Vec<LoggedQuery>, principal: Option<String>) -> Rows {
    let known = move |query: &LoggedQuery, principal: Option<&str>| {
        query.visible && principal.is_none_or(|principal| query.principal == principal)
    };
    let batches = stream::once(async move {
        log.flush().await;
        let numbers: HashSet<u64> = running.iter().map(|query| query.number).collect();
        let shown: Vec<_> = running.into_iter().filter(|query| known(query, principal.as_deref())).collect();
        let ended = ended(&log, numbers, principal);
        stream::iter([Ok(batch(&shown))]).chain(ended)
    });
    Rows::new(schema(), batches.flatten())
}

/// The queries in the file. A thread reads them as fast as they are asked for, and ends when nobody asks any more.
fn ended(
    log: &QueryLog,
    running: HashSet<u64>,
    principal: Option<String>,
) -> impl futures::Stream<Item = Result<RecordBatch>> + use<> {
    let (send, mut receive) = mpsc::channel(WAITING);
    let path = log.path().to_owned();
    tokio::task::spawn_blocking(move || {
        let mut queries = Vec::with_capacity(BATCH);
        let mut listening = true;
        let read = Store::reading(&path).and_then(|store| {
            store.each(principal.as_deref(), |query| {
                if !running.contains(&query.number) {
                    queries.push(query);
                }
                if queries.len() == BATCH {
                    listening = send.blocking_send(Ok(batch(&queries))).is_ok();
                    queries.clear();
                }
                listening
            })
        });
        let last = read.map(|()| batch(&queries)).map_err(fault);
        if listening {
            // Whoever has gone away wants nothing.
            let _ = send.blocking_send(last);
        }
    });
    stream::poll_fn(move |cx| receive.poll_recv(cx))
}

fn batch(queries: &[LoggedQuery]) -> RecordBatch {
    let arrays = columns().into_iter().map(|(_, _, values)| values(queries)).collect();
    RecordBatch::try_new(schema(), arrays).map_err(Error::internal).expect("every column has a value of each query")
}

fn columns() -> Vec<Column> {
    let text = || DataType::Utf8;
    let count = || DataType::Int64;
    let time = || DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into()));
    vec![
        ("query_id", text(), |all| texts(all, |query| Some(&query.query_id))),
        ("session_id", text(), |all| texts(all, |query| Some(&query.session_id))),
        ("user_name", text(), |all| texts(all, |query| Some(&query.principal))),
        ("client_interface", text(), |all| texts(all, |query| Some(&query.interface))),
        ("status", text(), |all| texts(all, |query| Some(query.status()))),
        ("statement", text(), |all| texts(all, |query| Some(&query.statement))),
        ("error", text(), |all| texts(all, |query| query.end.as_ref()?.error.as_deref())),
        ("requested_by", text(), |all| texts(all, |query| query.requested_by.as_deref())),
        ("user_agent", text(), |all| texts(all, |query| query.user_agent.as_deref())),
        ("start_time", time(), |all| times(all, |query| Some(micros(query.started)))),
        ("end_time", time(), |all| times(all, |query| query.ended().map(micros))),
        ("duration_ms", count(), |all| numbers(all, |query| Some(milliseconds(query.end.as_ref()?.duration)))),
        ("rows", count(), |all| numbers(all, |query| Some(query.rows))),
        ("rows_processed", count(), |all| numbers(all, |query| Some(query.figures.rows_processed))),
        ("bytes_scanned", count(), |all| numbers(all, |query| Some(query.figures.data_bytes.misses))),
        ("files_opened", count(), |all| numbers(all, |query| Some(query.figures.files.misses))),
        ("metadata_hits", count(), |all| numbers(all, |query| Some(query.figures.metadata.hits))),
        ("metadata_misses", count(), |all| numbers(all, |query| Some(query.figures.metadata.misses))),
        ("memory_bytes", count(), |all| numbers(all, |query| Some(query.figures.memory_bytes))),
        ("estimated_result_rows", count(), |all| numbers(all, |query| Some(query.figures.estimated_result_rows))),
        ("estimated_scanned_rows", count(), |all| numbers(all, |query| Some(query.figures.estimated_scanned_rows))),
    ]
}

fn texts(queries: &[LoggedQuery], value: fn(&LoggedQuery) -> Option<&str>) -> ArrayRef {
    Arc::new(queries.iter().map(value).collect::<StringArray>())
}

fn numbers(queries: &[LoggedQuery], value: fn(&LoggedQuery) -> Option<u64>) -> ArrayRef {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Arc::new(queries.iter().map(|query| value(query).map(whole)).collect::<Int64Array>())
}

fn times(queries: &[LoggedQuery], value: fn(&LoggedQuery) -> Option<i64>) -> ArrayRef {
    Arc::new(queries.iter().map(value).collect::<TimestampMicrosecondArray>().with_timezone(ZONE))
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
