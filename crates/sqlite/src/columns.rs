//! Tables as the file has them, and their columns as Arrow has them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use model::{COMMENT, Error, Result, TableKind, TableName, name_key, sql_type};
use rusqlite::{Connection, OptionalExtension};

use crate::fault::fault;
use crate::notes::Notes;

/// The one schema of a SQLite database.
pub const MAIN_SCHEMA: &str = "main";

/// A table or view of the file.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its name, as it was created.
    pub name: String,
    /// Table or view.
    pub kind: TableKind,
    /// The statement that made it.
    pub sql: String,
}

/// Refuses a schema other than `main`.
pub fn in_main(table: &TableName) -> Result<&str> {
    if name_key(&table.schema) == MAIN_SCHEMA {
        return Ok(&table.table);
    }
    Err(Error::not_found("schema", &table.schema))
}

/// The table or view of this name, in any letter case; SQLite's own tables are not among them.
pub fn find(connection: &Connection, name: &str) -> Result<Option<Found>> {
    const SQL: &str = "SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view') \
                       AND name = ?1 COLLATE NOCASE AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    statement.query_row([name], found).optional().map_err(fault)
}

/// Every table and view, by name.
pub fn list(connection: &Connection) -> Result<Vec<Found>> {
    const SQL: &str = "SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view') \
                       AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let rows = statement.query_map([], found).map_err(fault)?;
    rows.collect::<rusqlite::Result<_>>().map_err(fault)
}

fn found(row: &rusqlite::Row<'_>) -> rusqlite::Result<Found> {
    let kind = if row.get_ref(1)?.as_str()? == "view" { TableKind::View } else { TableKind::Table };
    Ok(Found { name: row.get(0)?, kind, sql: row.get::<_, Option<String>>(2)?.unwrap_or_default() })
}

/// The table of this name; a view, and nothing, is `NotFound`.
pub fn table(connection: &Connection, name: &TableName) -> Result<Found> {
    match find(connection, in_main(name)?)? {
        Some(found) if found.kind == TableKind::Table => Ok(found),
        _ => Err(Error::not_found("table", &name.table)),
    }
}

/// What a view selects: what stands after the AS of its statement.
pub fn definition_of(sql: &str) -> String {
    let bytes = sql.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'' | b'`') => at = after_quote(bytes, at + 1, quote),
            b'[' => at = after_quote(bytes, at + 1, b']'),
            b'-' if bytes[at..].starts_with(b"--") => {
                at = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
            }
            b'/' if bytes[at..].starts_with(b"/*") => {
                at = bytes[at..].windows(2).position(|pair| pair == b"*/").map_or(bytes.len(), |end| at + end + 2);
            }
            b'(' => (at, depth) = (at + 1, depth + 1),
            b')' => (at, depth) = (at + 1, depth.saturating_sub(1)),
            b'a' | b'A' if depth == 0 && is_word_as(bytes, at) => return sql[at + 2..].trim().to_owned(),
            _ => at += 1,
        }
    }
    sql.to_owned()
}

fn after_quote(bytes: &[u8], from: usize, end: u8) -> usize {
    bytes[from..].iter().position(|byte| *byte == end).map_or(bytes.len(), |found| from + found + 1)
}

fn is_word_as(bytes: &[u8], at: usize) -> bool {
    let word =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 128);
    bytes.get(at + 1).is_some_and(|byte| byte.eq_ignore_ascii_case(&b's'))
        && !word(at.checked_sub(1).and_then(|before| bytes.get(before)))
        && !word(bytes.get(at + 2))
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name, as it was created.
    pub name: String,
    /// The type as it was declared.
    pub declared: String,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// Whether it is computed, so that nothing can be written to it.
    pub generated: bool,
}

/// The columns of a table or view, in order.
pub fn of(connection: &Connection, table: &str) -> Result<Vec<Column>> {
    const SQL: &str = "SELECT name, type, \"notnull\", hidden FROM pragma_table_xinfo(?1) WHERE hidden <> 1";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let rows = statement.query_map([table], |row| {
        let hidden: i64 = row.get(3)?;
        Ok(Column { name: row.get(0)?, declared: row.get(1)?, not_null: row.get(2)?, generated: hidden > 1 })
    });
    rows.map_err(fault)?.collect::<rusqlite::Result<_>>().map_err(fault)
}

/// The Arrow type that cells of a declared type are read as, by SQLite's rules of affinity. What the rules call numeric
/// holds whatever was stored: numbers where the name says so, texts where it is a date or time, and truth values.
pub fn arrow_type(declared: &str) -> DataType {
    let upper = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    if has(&["INT"]) && !has(&["POINT", "INTERVAL"]) {
        DataType::Int64
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        DataType::Utf8
    } else if has(&["BLOB"]) {
        DataType::Binary
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        DataType::Float64
    } else if has(&["BOOL"]) {
        DataType::Boolean
    } else if has(&["NUMERIC", "DECIMAL", "NUMBER", "MONEY"]) {
        DataType::Float64
    } else {
        DataType::Utf8
    }
}

/// The declared type of a new column for values of an Arrow type.
///
/// # Errors
/// `Unsupported` for types whose values a cell cannot hold.
pub fn declared_type(field: &Field) -> Result<String> {
    Ok(match field.data_type() {
        DataType::Boolean => "BOOLEAN".to_owned(),
        kind if kind.is_integer() => "INTEGER".to_owned(),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "REAL".to_owned(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => "TEXT".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "BLOB".to_owned()
        }
        DataType::Date32 | DataType::Date64 => "DATE".to_owned(),
        DataType::Timestamp(..) => "DATETIME".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "TIME".to_owned(),
        kind @ (DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..)) => sql_type(kind),
        DataType::Dictionary(_, values) => declared_type(&Field::new(field.name(), (**values).clone(), true))?,
        other => {
            return Err(Error::unsupported(format!(
                "column \"{}\" has the type {}, which SQLite cannot keep; send it as text",
                field.name(),
                sql_type(other)
            )));
        }
    })
}

/// The columns of a table as Arrow has them, with their comments.
pub fn schema(connection: &Connection, notes: &Notes, table: &str) -> Result<SchemaRef> {
    let comments: HashMap<String, String> =
        notes.comments("column", Some(table))?.into_iter().map(|(part, text)| (name_key(&part), text)).collect();
    let fields = of(connection, table)?.into_iter().map(|column| {
        let field = Field::new(&column.name, arrow_type(&column.declared), !column.not_null);
        match comments.get(&name_key(&column.name)) {
            Some(text) => field.with_metadata(HashMap::from([(COMMENT.to_owned(), text.clone())])),
            None => field,
        }
    });
    let schema = Schema::new(fields.collect::<Vec<_>>());
    let comment = notes.comments("table", Some(table))?.pop();
    Ok(Arc::new(match comment {
        Some((_, text)) => schema.with_metadata(HashMap::from([(COMMENT.to_owned(), text)])),
        None => schema,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_s_definition_stands_after_its_as() {
        for (sql, wanted) in [
            ("CREATE VIEW v AS SELECT 1", "SELECT 1"),
            ("CREATE VIEW \"as\" (\"as\", b) as\nSELECT 1 AS a, 2", "SELECT 1 AS a, 2"),
            ("create view [x as y] /* as */ -- as\n As select 'as'", "select 'as'"),
        ] {
            assert_eq!(definition_of(sql), wanted, "{sql}");
        }
    }

    #[test]
    fn declared_types_are_read_by_affinity() {
        for (declared, wanted) in [
            ("INTEGER", DataType::Int64),
            ("UNSIGNED BIG INT", DataType::Int64),
            ("VARCHAR(255)", DataType::Utf8),
            ("TEXT_DATE", DataType::Utf8),
            ("BLOB_IMAGE", DataType::Binary),
            ("DOUBLE PRECISION", DataType::Float64),
            ("DECIMAL(10,5)", DataType::Float64),
            ("BOOLEAN", DataType::Boolean),
            ("DATETIME", DataType::Utf8),
            ("", DataType::Utf8),
        ] {
            assert_eq!(arrow_type(declared), wanted, "{declared}");
        }
    }
}
