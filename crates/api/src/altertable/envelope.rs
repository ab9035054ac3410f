//! The default format of `POST /query`: a metadata line, a columns line, rows, and an error only as the last line.

use std::collections::BTreeMap;

use arrow_schema::{Field, Schema};
use bytes::Bytes;
use model::sql_type;
use poem::http::header;
use poem::{FromRequest, Request, RequestBody};
use serde::Serialize;

/// How the columns line names columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnsStyle {
    /// `{"name":…,"type":…}`, as Altertable does and nearly every client wants.
    Objects,
    /// Names alone: the npm client `@altertable/lakehouse` reads nothing else.
    Names,
}

impl<'a> FromRequest<'a> for ColumnsStyle {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let agent = request.headers().get(header::USER_AGENT).map_or(&b""[..], |agent| agent.as_bytes());
        Ok(if agent.starts_with(b"altertable-lakehouse-js/") { Self::Names } else { Self::Objects })
    }
}

/// The first line. Clients want all eight keys.
#[derive(Serialize)]
pub struct Metadata<'a> {
    /// What runs, trimmed.
    pub statement: &'a str,
    /// The limit that the request named.
    pub rows_limit: Option<u64>,
    /// The offset that the request named.
    pub rows_offset: Option<u64>,
    /// Milliseconds from the request to this line, at least 1.
    pub init_time_ms: u64,
    /// Errors of attached connections by their name; Boathouse attaches none.
    pub connections_errors: BTreeMap<String, String>,
    /// The session, for cancelling.
    pub session_id: &'a str,
    /// The query, for asking after it.
    pub query_id: &'a str,
    /// Which server answers.
    pub worker_slug: &'a str,
}

/// Any value as one compact line of JSON.
pub fn line(value: &impl Serialize) -> Bytes {
    let mut line = serde_json::to_vec(value).expect("maps with text keys, numbers and text are JSON");
    line.push(b'\n');
    line.into()
}

/// The second line. Some clients recognise it by its first two bytes, `[{`.
pub fn columns(schema: &Schema, style: ColumnsStyle) -> Bytes {
    match style {
        ColumnsStyle::Objects => line(&schema.fields().iter().map(|field| Column::of(field)).collect::<Vec<_>>()),
        ColumnsStyle::Names => line(&schema.fields().iter().map(|field| field.name()).collect::<Vec<_>>()),
    }
}

/// The last line of an answer that failed.
pub fn error(message: &str) -> Bytes {
    line(&BTreeMap::from([("error", message)]))
}

#[derive(Serialize)]
struct Column<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    sql_type: String,
}

impl<'a> Column<'a> {
    /// Text that is marked as JSON or as a UUID has that type in SQL.
    fn of(field: &'a Field) -> Self {
        let sql_type = match field.extension_type_name() {
            Some("arrow.json") => "JSON".to_owned(),
            Some("arrow.uuid") => "UUID".to_owned(),
            _ => sql_type(field.data_type()),
        };
        Self { name: field.name(), sql_type }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use arrow_schema::DataType;

    use super::*;

    #[test]
    fn lines_are_compact_and_complete() {
        let metadata = Metadata {
            statement: "SELECT 1 AS \"a\"",
            rows_limit: Some(3),
            rows_offset: None,
            init_time_ms: 1,
            connections_errors: BTreeMap::new(),
            session_id: "s",
            query_id: "q",
            worker_slug: "boathouse",
        };
        let expected = r#"{"statement":"SELECT 1 AS \"a\"","rows_limit":3,"rows_offset":null,"init_time_ms":1,"connections_errors":{},"session_id":"s","query_id":"q","worker_slug":"boathouse"}"#;
        assert_eq!(line(&metadata), format!("{expected}\n"));
        assert_eq!(error("Parser Error: \"x\""), "{\"error\":\"Parser Error: \\\"x\\\"\"}\n");
    }

    #[test]
    fn columns_have_name_and_type() {
        let json = HashMap::from([("ARROW:extension:name".to_owned(), "arrow.json".to_owned())]);
        let schema = Schema::new(vec![
            Field::new("count_star()", DataType::Int64, false),
            Field::new("née \"x\"", DataType::Utf8View, true),
            Field::new("j", DataType::Utf8, true).with_metadata(json),
        ]);
        let expected = r#"[{"name":"count_star()","type":"BIGINT"},{"name":"née \"x\"","type":"VARCHAR"},{"name":"j","type":"JSON"}]"#;
        assert_eq!(columns(&schema, ColumnsStyle::Objects), format!("{expected}\n"));
        assert_eq!(columns(&schema, ColumnsStyle::Names), "[\"count_star()\",\"née \\\"x\\\"\",\"j\"]\n");
    }
}
