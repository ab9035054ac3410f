//! The request of `POST /query`.

use model::{Error, Query, Result};
use poem_openapi::Object;
use serde::Deserialize;
use services::RunQuery;
use uuid::Uuid;

use crate::count::Count;
use crate::one_of::{OneOf, Words};
use crate::user_agent::UserAgent;

/// A statement to run. Unknown properties are ignored, and null is the same as absent.
#[derive(Clone, Debug, Object, Deserialize)]
#[oai(skip_serializing_if_is_none)]
pub struct QueryRequest {
    /// SQL in DuckDB's dialect. Several statements may stand in it, parted by `;`: the answer is that of the last.
    pub statement: String,
    /// The catalog in which unqualified names are looked up, for this request alone. Default: `lakehouse`.
    pub catalog: Option<String>,
    /// The schema in which unqualified names are looked up, for this request alone. Default: `main`.
    pub schema: Option<String>,
    /// A UUID of the caller's choice, echoed in the answer. Without it the server makes one.
    pub session_id: Option<String>,
    /// A UUID of the caller's choice, echoed in the answer. Anything that is not a UUID is replaced by a new one.
    pub query_id: Option<String>,
    /// Accepted and not looked at: `XS`, `S`, `M`, `L`, `XL`, `2XL`, `3XL`, `4XL` or `AUTO`.
    pub compute_size: Option<String>,
    /// At most this many rows.
    pub limit: Option<Count>,
    /// Skips this many rows.
    pub offset: Option<Count>,
    /// The session's time zone by its IANA name, for example `Europe/Paris`. Default: UTC.
    pub timezone: Option<String>,
    /// Accepted without effect.
    pub ephemeral: Option<bool>,
    /// Whether the query shows in lists of queries. Default: true.
    pub visible: Option<bool>,
    /// Who asked, in the caller's words.
    pub requested_by: Option<String>,
    /// Accepted without effect.
    pub sanitize: Option<bool>,
    /// Accepted without effect.
    pub cache: Option<bool>,
    /// Accepted without effect: statements are read in DuckDB's dialect.
    pub dialect: Option<String>,
    /// The shape of the answer. `default` (or empty): a metadata line, a columns line, then one array a row. `csv`: a
    /// header and rows. `jsonl`: one object a row. `parquet`: one Parquet file.
    pub format: Option<OneOf<QueryFormat>>,
}

/// The shape of a query's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryFormat {
    /// Metadata, columns, then one array a row.
    Default,
    /// A header and rows.
    Csv,
    /// One object a row.
    Jsonl,
    /// One Parquet file.
    Parquet,
}

impl Words for QueryFormat {
    const WORDS: &'static [&'static str] = &["default", "csv", "jsonl", "parquet", ""];
}

impl QueryRequest {
    /// The shape of the answer.
    ///
    /// # Errors
    /// `Invalid`, in Altertable's own words.
    pub fn format(&self) -> Result<QueryFormat> {
        match self.format.as_ref().map_or("", |format| format.text.as_str()) {
            "" | "default" => Ok(QueryFormat::Default),
            "csv" => Ok(QueryFormat::Csv),
            "jsonl" => Ok(QueryFormat::Jsonl),
            "parquet" => Ok(QueryFormat::Parquet),
            other => Err(Error::invalid(format!("Unsupported query format: {other}"))),
        }
    }

    /// What the service is asked to run. It has both ids: the first line of the answer names them before anything ran.
    pub fn into_run(self, agent: UserAgent) -> RunQuery {
        let given = self.query_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
        let query = Query {
            catalog: self.catalog,
            schema: self.schema,
            limit: self.limit.map(|count| count.0),
            offset: self.offset.map(|count| count.0),
            timezone: self.timezone,
            ..Query::new(self.statement.trim())
        };
        RunQuery {
            query,
            query_id: Some(given.unwrap_or_else(Uuid::now_v7).to_string()),
            session_id: Some(self.session_id.unwrap_or_else(|| Uuid::now_v7().to_string())),
            requested_by: self.requested_by,
            visible: self.visible.unwrap_or(true),
            interface: "HttpQuery",
            user_agent: agent.0,
        }
    }
}
