//! Files in cells: `…/tables/{tableId}/columns/{columnName}/files/{primaryKey}/{equalsValue}`

use model::CellPlace;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use services::{Cells, MAX_CELL_BYTES};

use super::caller::Anyone;
use super::cell_reply::CellReply;
use super::nothing::Nothing;
use super::{Failure, Reply, Tag};
use crate::multipart::{FileForm, Form, TextPart};
use crate::name::Name;
use crate::range::Conditions;
use crate::root::ApiSettings;
use crate::user_agent::UserAgent;

/// The form around a file that goes into a cell.
pub struct CellForm;

impl Form for CellForm {
    const TEXTS: &'static [TextPart] = &[];
    const FILE: &'static str = "The file, of at most 10 MB.";
    const NAMED: bool = true;

    fn limit(_settings: &ApiSettings) -> u64 {
        MAX_CELL_BYTES as u64
    }
}

/// The operations on single cells.
pub struct CellApi {
    pub(super) cells: Cells,
}

#[OpenApi(tag = "Tag::Files")]
impl CellApi {
    /// Read a file out of a cell
    ///
    /// The bytes of the one cell in whose row a column, or the row's number, has a value. What they are is told by how they
    /// begin, and text is text. `Range`, `If-None-Match` and `HEAD` work as for any file. No such column or row, and NULL, is 404;
    /// several rows are 400. Takes read access.
    #[oai(
        path = "/api/dbs/:dbId/tables/:tableId/columns/:columnName/files/:primaryKey/:equalsValue",
        method = "get",
        operation_id = "get_file"
    )]
    async fn get(
        &self,
        Anyone(me): Anyone,
        conditions: Conditions,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table or view.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        /// The name of the column whose cell it is.
        #[oai(name = "columnName")]
        Path(column_name): Path<Name>,
        /// The column by which the row is found, often `rowid`.
        #[oai(name = "primaryKey")]
        Path(primary_key): Path<Name>,
        /// The value that the row has in it.
        #[oai(name = "equalsValue")]
        Path(equals_value): Path<Name>,
    ) -> Reply<CellReply> {
        let place = place(table_id, column_name, primary_key, equals_value);
        Ok(CellReply::of(self.cells.read(&me, &db_id.0, &place).await?, &conditions))
    }

    /// Read a file out of a cell by the read-only link
    ///
    /// As by the database's id, for whoever knows its read-only id.
    #[oai(
        path = "/readonly/:readonlyId/tables/:tableId/columns/:columnName/files/:primaryKey/:equalsValue",
        method = "get",
        operation_id = "get_linked_file"
    )]
    async fn get_linked(
        &self,
        _me: Anyone,
        conditions: Conditions,
        /// The read-only id of the database.
        #[oai(name = "readonlyId")]
        Path(readonly_id): Path<Name>,
        /// The name of the table or view.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        /// The name of the column whose cell it is.
        #[oai(name = "columnName")]
        Path(column_name): Path<Name>,
        /// The column by which the row is found, often `rowid`.
        #[oai(name = "primaryKey")]
        Path(primary_key): Path<Name>,
        /// The value that the row has in it.
        #[oai(name = "equalsValue")]
        Path(equals_value): Path<Name>,
    ) -> Reply<CellReply> {
        let place = place(table_id, column_name, primary_key, equals_value);
        Ok(CellReply::of(self.cells.read_linked(&readonly_id.0, &place).await?, &conditions))
    }

    /// Put a file into a cell
    ///
    /// As bytes, in the place of what the cell held. No such column or row is 404; a file of more than 10 MB is 413. Takes
    /// write access.
    #[oai(
        path = "/api/dbs/:dbId/tables/:tableId/columns/:columnName/files/:primaryKey/:equalsValue",
        method = "put",
        operation_id = "put_file"
    )]
    async fn put(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        /// The name of the column whose cell it is.
        #[oai(name = "columnName")]
        Path(column_name): Path<Name>,
        /// The column by which the row is found, often `rowid`.
        #[oai(name = "primaryKey")]
        Path(primary_key): Path<Name>,
        /// The value that the row has in it.
        #[oai(name = "equalsValue")]
        Path(equals_value): Path<Name>,
        form: FileForm<CellForm, Failure>,
    ) -> Reply<Json<Nothing>> {
        let place = place(table_id, column_name, primary_key, equals_value);
        let visit = self.cells.open(me, &db_id.0, agent.asks("put_file")).await?;
        self.cells.write(&visit, &place, form.file.read().await?).await?;
        Ok(Json(Nothing {}))
    }
}

fn place(table: Name, column: Name, key: Name, value: Name) -> CellPlace {
    CellPlace { table: table.0, column: column.0, key: key.0, value: value.0 }
}
