//! The answer of a statement, written as its rows come.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use formats::{Blobs, ObjectWriter, Workers};
use futures::stream::{self, BoxStream, StreamExt};
use model::{Error, ErrorKind, Result};
use poem::{Body, IntoResponse, Response};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{Any, Type};
use poem_openapi::{ApiResponse, Object};
use services::Answered;

use super::words::worded;
use super::{Failure, Reply};
use crate::query_ids::QueryIds;
use crate::request_id::RequestId;

/// Answers up to this size are one piece with a length, in bytes.
const WHOLE_BYTES: usize = 64 << 10;
/// A batch with more rows than this is written by the workers.
const HERE_ROWS: usize = 1_024;
/// Whoever waits for rows this long gets those that are there.
const PATIENCE: Duration = Duration::from_millis(200);

/// What a statement came to. The answer is written without it, in the order of its properties.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct SqlResult {
    /// Tables and views that look other than before: all of the database where rows changed, else those that were created,
    /// dropped or changed.
    affected_tables: Vec<String>,
    /// One object a row, its keys in the order of the columns. Of columns with one name the second has `:1` after it.
    /// Numbers have all 64 bits, and bytes are `{"type": "blob"}`.
    rows: Vec<HashMap<String, Any<serde_json::Value>>>,
    /// Rows that were inserted, updated or deleted.
    num_changes: i64,
    /// Seconds from taking the statement up to its last row.
    runtime_seconds: f64,
    /// Why the statement failed, where it did.
    errors: Vec<String>,
}

/// The answer of a statement. Its body owns the statement: dropping it stops the work.
pub struct SqlReply(Response);

impl SqlReply {
    /// What a statement that was taken up at `started` came to; one that failed is told as a result.
    ///
    /// # Errors
    /// What is not the statement's own fault.
    pub async fn of(started: Instant, answered: Result<Answered>, id: RequestId, workers: &Workers) -> Reply<Self> {
        match answered.map_err(worded) {
            Ok(answered) => Self::rows(answered, id, workers).await,
            Err(error) if is_of_the_statement(&error) => {
                let mut out = head(&[]);
                Tail { changes: 0, started }.push(&mut out, Some(error.message()));
                Ok(Self(json(Body::from(out))))
            }
            Err(error) => Err(Failure(error)),
        }
    }

    async fn rows(answered: Answered, id: RequestId, workers: &Workers) -> Reply<Self> {
        let ids = QueryIds::of(Some(&answered.query_id), Some(&answered.session_id));
        let tail = Tail { changes: answered.changes, started: answered.started };
        let mut out = head(&answered.affected);
        let rows = match answered.rows.into_few() {
            Ok(few) => {
                let at = out.len();
                ObjectWriter::push_few(&few, Blobs::Named, &mut out);
                drop_comma(&mut out, at);
                tail.push(&mut out, None);
                return Ok(Self(ids.on(json(Body::from(out)))));
            }
            Err(rows) => rows,
        };
        let writer = ObjectWriter::new(rows.schema(), Blobs::Named);
        let (_, mut batches) = rows.into_parts();
        let more = loop {
            match tokio::time::timeout(PATIENCE, batches.next()).await {
                Ok(None) => {
                    tail.push(&mut out, None);
                    return Ok(Self(ids.on(json(Body::from(out)))));
                }
                Ok(Some(Err(error))) if is_of_the_statement(&error) => {
                    tail.push(&mut out, Some(error.message()));
                    return Ok(Self(ids.on(json(Body::from(out)))));
                }
                Ok(Some(Err(error))) => return Err(Failure(error)),
                Ok(Some(Ok(batch))) if batch.num_rows() > HERE_ROWS => break Some(batch),
                Ok(Some(Ok(batch))) => {
                    let at = out.len();
                    writer.push(&batch, &mut out)?;
                    drop_comma(&mut out, at);
                }
                Err(_) => break None,
            }
            if out.len() > WHOLE_BYTES {
                break None;
            }
        };
        let batches = stream::iter(more.map(Ok)).chain(batches);
        let pieces = writer.stream(batches, workers);
        Ok(Self(ids.on(json(Body::from_bytes_stream(streamed(out, pieces, tail, id))))))
    }
}

/// What follows the rows.
#[derive(Clone, Copy)]
struct Tail {
    changes: u64,
    started: Instant,
}

impl Tail {
    fn push(self, out: &mut Vec<u8>, error: Option<&str>) {
        let (changes, seconds) = (self.changes, self.started.elapsed().as_secs_f64());
        let errors = error.map_or_else(String::new, |error| serde_json::Value::from(error).to_string());
        let text = format!("],\"numChanges\":{changes},\"runtimeSeconds\":{seconds:.6},\"errors\":[{errors}]}}");
        out.extend_from_slice(text.as_bytes());
    }
}

/// Every object has a comma before it; the first of the array, which begins at `at`, has none.
fn drop_comma(out: &mut Vec<u8>, at: usize) {
    if out[..at].ends_with(b"[") && out.len() > at {
        out.remove(at);
    }
}

fn head(affected: &[String]) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"{\"affectedTables\":");
    serde_json::to_writer(&mut out, affected).expect("names are JSON, and memory takes them");
    out.extend_from_slice(b",\"rows\":[");
    out
}

/// The beginning, the rest of the rows, and the end. The status is out: an error is part of the end.
fn streamed(
    begun: Vec<u8>,
    pieces: BoxStream<'static, Result<Bytes>>,
    tail: Tail,
    id: RequestId,
) -> BoxStream<'static, std::io::Result<Bytes>> {
    let first = begun.ends_with(b"[");
    let end = move |error: Option<Error>| {
        let mut out = Vec::new();
        tail.push(&mut out, error.map(|error| id.told(&error)).as_deref());
        Bytes::from(out)
    };
    let rest = stream::unfold(Some((pieces, first, end)), |state| async move {
        let (mut pieces, first, end) = state?;
        match pieces.next().await {
            Some(Ok(mut piece)) => {
                let piece = if first { piece.split_off(1) } else { piece };
                Some((Ok(piece), Some((pieces, false, end))))
            }
            Some(Err(error)) => Some((Ok(end(Some(error))), None)),
            None => Some((Ok(end(None)), None)),
        }
    });
    stream::iter([Ok(Bytes::from(begun))]).chain(rest).boxed()
}

fn json(body: Body) -> Response {
    Response::builder().content_type(<Json<SqlResult> as Payload>::CONTENT_TYPE).body(body)
}

/// What SQLite says of a statement is a result of it; what the server says of the caller or itself is not.
fn is_of_the_statement(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::Forbidden | ErrorKind::Unauthenticated | ErrorKind::Internal | ErrorKind::RateLimited
    )
}

impl IntoResponse for SqlReply {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for SqlReply {
    fn meta() -> MetaResponses {
        let content_type = <Json<SqlResult> as Payload>::CONTENT_TYPE;
        let answer = MetaResponse {
            description: "What the statement came to, also where it failed.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType { content_type, schema: SqlResult::schema_ref() }],
            headers: QueryIds::headers(false),
        };
        MetaResponses { responses: vec![answer] }
    }

    fn register(registry: &mut Registry) {
        SqlResult::register(registry);
    }
}
