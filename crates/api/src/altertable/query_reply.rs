//! The answer of `POST /query`: a stream in one of four formats.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use formats::{Blobs, OutputFormat};
use futures::future::FutureExt;
use futures::stream::{self, BoxStream, StreamExt};
use model::{Error, ErrorKind, Principal, Result, Rows};
use poem::http::StatusCode;
use poem::{Body, IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Payload, PlainText};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use services::{Queries, RunQuery};

use super::envelope::{self, ColumnsStyle, Metadata};
use super::query_request::QueryFormat;
use super::{Failure, Reply};
use crate::broken_off::broken_off;
use crate::query_ids::QueryIds;
use crate::request_id::RequestId;
use crate::root::ApiSettings;

const NDJSON: &str = "application/x-ndjson";
const CSV: &str = "text/csv";
const PARQUET: &str = "application/parquet";
const PLAIN: &str = <PlainText<String> as Payload>::CONTENT_TYPE;

/// The answer of a query. Its body owns the query: dropping it stops the work.
pub struct QueryReply(Response);

impl QueryReply {
    /// Runs `run` for `me` and answers in `format`.
    ///
    /// # Errors
    /// None in the default format, which has begun before the statement is looked at. In the others whatever is not the
    /// statement's own fault.
    pub async fn stream(
        queries: Queries,
        me: Principal,
        run: RunQuery,
        format: QueryFormat,
        style: ColumnsStyle,
        id: RequestId,
        settings: &ApiSettings,
    ) -> Reply<Self> {
        let ids = QueryIds::of(run.query_id.as_deref(), run.session_id.as_deref());
        let (output, content_type) = match format {
            QueryFormat::Default => return Ok(Self(ids.on(enveloped(queries, me, run, style, id, settings)))),
            QueryFormat::Csv => (OutputFormat::Csv, CSV),
            QueryFormat::Jsonl => (OutputFormat::JsonObjects, NDJSON),
            QueryFormat::Parquet => (OutputFormat::Parquet, PARQUET),
        };
        match first_rows(queries, me, run).await {
            Ok(rows) => {
                let bytes = formats::encode(rows, output, Blobs::Hex, &settings.workers);
                let bytes = bytes.then(move |chunk| broken_off(chunk, id.clone()));
                let whole = Response::builder().content_type(content_type).body(Body::from_bytes_stream(bytes));
                Ok(Self(ids.on(whole)))
            }
            Err(error) if is_of_the_statement(&error) => {
                let failed = Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).content_type(content_type);
                Ok(Self(ids.on(failed.body(error.message().to_owned()))))
            }
            Err(error) => Err(Failure::from(error)),
        }
    }
}

/// Faults of the statement are 500 in the formats without an error line, as at Altertable; the rest keep their status.
fn is_of_the_statement(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Unsupported | ErrorKind::Cancelled
    )
}

/// Rows of which the first batch is there: most statements that fail do so before it, while the status is still free.
async fn first_rows(queries: Queries, me: Principal, run: RunQuery) -> Result<Rows> {
    let (schema, mut batches) = queries.run(&me, run).await?.rows.into_parts();
    let first = batches.next().await.transpose()?;
    Ok(Rows::new(schema, stream::iter(first.map(Ok)).chain(batches)))
}

fn enveloped(
    queries: Queries,
    me: Principal,
    run: RunQuery,
    style: ColumnsStyle,
    id: RequestId,
    settings: &ApiSettings,
) -> Response {
    let started = Instant::now();
    let settings = settings.clone();
    let head = metadata(&run, started, &settings);
    let workers = settings.workers;
    let rest = async move {
        match queries.run(&me, run).await {
            Ok(running) => {
                let columns = envelope::columns(running.rows.schema(), style);
                let rows = formats::encode(running.rows, OutputFormat::JsonArrays, Blobs::Hex, &workers);
                stream::iter([Ok(columns)]).chain(rows).boxed()
            }
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    };
    let lines = stream::iter([Ok(head)]).chain(rest.flatten_stream());
    Response::builder().content_type(NDJSON).body(Body::from_bytes_stream(with_error_line(lines.boxed(), id)))
}

fn metadata(run: &RunQuery, started: Instant, settings: &ApiSettings) -> Bytes {
    envelope::line(&Metadata {
        statement: &run.query.statement,
        rows_limit: run.query.limit,
        rows_offset: run.query.offset,
        init_time_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX).max(1),
        connections_errors: BTreeMap::new(),
        session_id: run.session_id.as_deref().unwrap_or_default(),
        query_id: run.query_id.as_deref().unwrap_or_default(),
        worker_slug: &settings.server_name,
    })
}

/// An error becomes a line, and nothing comes after it.
fn with_error_line(
    lines: BoxStream<'static, Result<Bytes>>,
    id: RequestId,
) -> BoxStream<'static, std::io::Result<Bytes>> {
    let failed = false;
    let told = move |failed: &mut bool, line: Result<Bytes>| {
        let line = match line {
            _ if *failed => None,
            Ok(line) => Some(Ok(line)),
            Err(error) => {
                *failed = true;
                Some(Ok(envelope::error(&id.told(&error))))
            }
        };
        futures::future::ready(line)
    };
    lines.scan(failed, told).boxed()
}

impl IntoResponse for QueryReply {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for QueryReply {
    fn meta() -> MetaResponses {
        let rows = MetaResponse {
            description: "The rows, in the format that the request named. `application/x-ndjson` is the default format \
                          and `jsonl`.",
            status: Some(200),
            status_range: None,
            content: vec![text(NDJSON), text(CSV), binary(PARQUET)],
            headers: QueryIds::headers(true),
        };
        let failed = MetaResponse {
            description: "Formats other than the default: the statement failed before its first row. The body is the \
                          bare message under the format's content type. An internal error is plain text.",
            status: Some(500),
            status_range: None,
            content: [NDJSON, CSV, PARQUET, PLAIN].map(text).into(),
            headers: QueryIds::headers(false),
        };
        MetaResponses { responses: vec![rows, failed] }
    }

    fn register(_registry: &mut Registry) {}
}

fn text(content_type: &'static str) -> MetaMediaType {
    MetaMediaType { content_type, schema: String::schema_ref() }
}

fn binary(content_type: &'static str) -> MetaMediaType {
    let schema = MetaSchema::new_with_format("string", "binary");
    MetaMediaType { content_type, schema: MetaSchemaRef::Inline(Box::new(schema)) }
}
