//! The operations on what is in a database: statements, tables, columns, rows, files.

use services::Services;

use super::cells::CellApi;
use super::columns::ColumnApi;
use super::export::ExportApi;
use super::schema::SchemaApi;
use super::sql::SqlApi;
use super::tables::TableApi;
use crate::root::ApiSettings;

/// All of them.
pub type InsideApi = (SqlApi, SchemaApi, TableApi, ColumnApi, ExportApi, CellApi);

/// The same, over `services`.
pub fn operations(services: &Services, settings: &ApiSettings) -> InsideApi {
    let Services { statements, contents, table_edits: edits, cells, .. } = services.clone();
    (
        SqlApi { statements, settings: settings.clone() },
        SchemaApi { contents: contents.clone() },
        TableApi { contents: contents.clone(), edits: edits.clone() },
        ColumnApi { edits },
        ExportApi { contents },
        CellApi { cells },
    )
}
