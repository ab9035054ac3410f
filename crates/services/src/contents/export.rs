//! Tables and views as files.

use bytes::Bytes;
use formats::{Blobs, OutputFormat, Workers, encode, encode_inserts};
use futures::future::ready;
use futures::stream::{self, BoxStream, StreamExt};
use model::{ObjectKind, Result, TableDefinition, TableKind};

use super::definitions::{self, created};
use super::reader::Reader;
use super::select::quoted;

/// What a file of a table is written in. Bytes are base64 in all but SQL, NULL is nothing in those with lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A header and a line for each row, parted by commas.
    Csv,
    /// The same with tabs.
    Tsv,
    /// One array of objects.
    Json,
    /// A line with an object for each row.
    NdJson,
    /// A script that makes the table anew.
    Sql,
}

impl ExportFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Tsv, Self::Json, Self::NdJson, Self::Sql];

    /// The word for it, which is also the ending of its files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::NdJson => "ndjson",
            Self::Sql => "sql",
        }
    }
}

/// A file of a table.
pub struct Export {
    /// The name of the table, as it was created.
    pub table: String,
    /// What it is written in.
    pub format: ExportFormat,
    /// The file; dropping it stops the work.
    pub bytes: BoxStream<'static, Result<Bytes>>,
}

/// The table or view of this name as a file.
pub(super) async fn of(reader: &Reader<'_>, table: &str, format: ExportFormat, workers: &Workers) -> Result<Export> {
    let definition = definitions::one(reader, table).await?.definition;
    // What is computed cannot be inserted.
    let stored = |generated: bool| format != ExportFormat::Sql || definition.kind == TableKind::View || !generated;
    let columns = definition.columns.iter().filter(|column| stored(column.generated));
    let columns: Vec<String> = columns.map(|column| quoted(&column.name)).collect();
    let from = quoted(&definition.name);
    let order = definition.row_id.as_ref().map_or_else(String::new, |row_id| format!(" ORDER BY {}", quoted(row_id)));
    let rows = reader.rows(format!("SELECT {} FROM {from}{order}", columns.join(", ")), Vec::new()).await?;
    let output = match format {
        ExportFormat::Csv => OutputFormat::Csv,
        ExportFormat::Tsv => OutputFormat::Tsv,
        ExportFormat::Json => OutputFormat::JsonArray,
        ExportFormat::NdJson => OutputFormat::JsonObjects,
        ExportFormat::Sql => {
            let all = columns.len() == definition.columns.len();
            let into = if all { from } else { format!("{from}({})", columns.join(",")) };
            let (before, after) = around(reader, &definition).await?;
            let inserts = encode_inserts(rows, before, &into, workers);
            let whole = inserts.chain(stream::once(async { Ok(after.into()) }));
            // Nothing comes after an error.
            let bytes =
                whole.scan(false, |failed, piece| ready((!std::mem::replace(failed, piece.is_err())).then_some(piece)));
            return Ok(Export { table: definition.name, format, bytes: bytes.boxed() });
        }
    };
    Ok(Export { table: definition.name, format, bytes: encode(rows, output, Blobs::Base64, workers) })
}

/// How a script begins and ends: the table is made before its rows, what belongs to it after them. The rows of a view
/// become a table.
async fn around(reader: &Reader<'_>, definition: &TableDefinition) -> Result<(String, String)> {
    let made = match (&definition.sql, definition.kind) {
        (Some(sql), TableKind::Table) => sql.clone(),
        _ => created(&definition.name, &definition.columns),
    };
    let mut after = String::new();
    if let Some(file) = reader.visit.opened.database.as_file() {
        for object in file.objects().await? {
            let belongs = matches!(object.kind, ObjectKind::Index | ObjectKind::Trigger)
                && object.table.eq_ignore_ascii_case(&definition.name);
            if belongs && definition.kind == TableKind::Table {
                after.extend(object.sql.map(|sql| format!("{sql};\n")));
            }
        }
    }
    Ok((format!("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n{made};\n"), format!("{after}COMMIT;\n")))
}
