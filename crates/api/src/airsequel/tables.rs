//! `/api/dbs/{dbId}/tables/{tableId}` and its search

use model::ColumnDraft;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use services::{Contents, Place, Shown, TableEdits, Visit, Wanted};

use super::caller::Anyone;
use super::columns::NewColumn;
use super::nothing::Nothing;
use super::table_reply;
use super::table_types::Table;
use super::text_nullable::TextNullable;
use super::{Json as JsonBody, Reply, Tag};
use crate::count::Count;
use crate::flag::Flag;
use crate::json_text::JsonText;
use crate::name::Name;
use crate::user_agent::UserAgent;

/// What a new table is like. Without columns it has one, `column-1`, of type TEXT.
#[derive(Debug, Object, Deserialize)]
pub struct NewTable {
    /// Its columns.
    columns: Option<Vec<NewColumn>>,
    /// What is said of it.
    description: Option<String>,
    /// The table that it stands after; null for none, so that it is the first. At the end unless given.
    #[serde(default)]
    after: TextNullable,
}

/// What of a table is to be other than before. What is left out stays as it is.
#[derive(Debug, Object, Deserialize)]
pub struct TablePatch {
    /// Its new name.
    name: Option<Name>,
    /// The table that it stands after; null for none, so that it is the first.
    #[serde(default)]
    after: TextNullable,
    /// What is said of it; null takes it away.
    #[serde(default)]
    description: TextNullable,
}

/// Where something stands, as `after` says it.
pub fn place(after: TextNullable) -> Option<Place> {
    after.change().map(|after| after.map_or(Place::First, Place::After))
}

/// The operations on tables.
pub struct TableApi {
    pub(super) contents: Contents,
    pub(super) edits: TableEdits,
}

impl TableApi {
    async fn page(&self, visit: Visit, table: &str, wanted: Wanted) -> Reply<JsonText<Table>> {
        let record = &visit.opened.record;
        let url = |column: &str, key: &str, value: &str| table_reply::cell_url(record, table, column, key, value);
        Ok(table_reply::page(&self.contents.page(&visit, table, wanted, &url).await?))
    }
}

#[OpenApi(tag = "Tag::Tables")]
impl TableApi {
    /// Read a table
    ///
    /// What a table or view is, and its cells, column by column, in the order of the rows' numbers unless told otherwise. An
    /// answer has at most 100,000 cells and 32 MiB of them; `maxCellLimitReached` says where there would have been more, and
    /// `limit` and `offset` reach those. Takes read access.
    #[oai(path = "/api/dbs/:dbId/tables/:tableId", method = "get", operation_id = "get_table")]
    async fn get(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table or view.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        /// At most this many rows.
        limit: Query<Option<Count>>,
        /// Skips this many rows.
        offset: Query<Option<Count>>,
        /// The column that the rows are sorted by.
        #[oai(name = "orderBy")]
        order_by: Query<Option<Name>>,
        /// The other way round.
        desc: Query<Option<Flag>>,
    ) -> Reply<JsonText<Table>> {
        let visit = self.contents.open(me, &db_id.0, agent.asks("get_table")).await?;
        let wanted = Wanted {
            limit: limit.0.map(|count| count.0),
            offset: offset.0.map_or(0, |count| count.0),
            order_by: order_by.0.map(|name| name.0),
            descending: desc.0.is_some_and(|flag| flag.0),
            search: None,
        };
        self.page(visit, &table_id.0, wanted).await
    }

    /// Search a table
    ///
    /// The rows in which every word of the term is found somewhere, whatever its letter case; `%` and `_` stand for
    /// themselves. A term of spaces alone finds every row. Takes read access.
    #[oai(path = "/api/dbs/:dbId/tables/:tableId/search/:searchTerm", method = "get", operation_id = "search_table")]
    async fn search(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table or view.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        /// Words, parted by spaces.
        #[oai(name = "searchTerm", validator(min_length = 1))]
        Path(search_term): Path<String>,
    ) -> Reply<JsonText<Table>> {
        let visit = self.contents.open(me, &db_id.0, agent.asks("search_table")).await?;
        self.page(visit, &table_id.0, Wanted { search: Some(search_term), ..Wanted::default() }).await
    }

    /// Make a table
    ///
    /// An empty one. A taken name is 409. Names that end with `_by_pk` are refused. Takes write access, and a schema that is not
    /// locked.
    #[oai(path = "/api/dbs/:dbId/tables/:tableId", method = "put", operation_id = "create_table")]
    async fn create(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the new table.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        new: JsonBody<NewTable>,
    ) -> Reply<JsonText<Table>> {
        let NewTable { columns, description, after } = new.value;
        let visit = self.edits.open(me, &db_id.0, agent.asks("create_table")).await?;
        let columns: Vec<ColumnDraft> = columns.unwrap_or_default().into_iter().map(ColumnDraft::from).collect();
        let shown = Shown { description: description.map(Some), place: place(after) };
        Ok(table_reply::empty(&self.edits.create(&visit, &table_id.0, columns, shown).await?))
    }

    /// Change a table
    ///
    /// Its name, its place among the others, what is said of it. Charts follow a new name. Takes write access; a new name
    /// also a schema that is not locked.
    #[oai(path = "/api/dbs/:dbId/tables/:tableId", method = "patch", operation_id = "change_table")]
    async fn change(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table or view.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
        patch: JsonBody<TablePatch>,
    ) -> Reply<Json<Nothing>> {
        let TablePatch { name, after, description } = patch.value;
        let visit = self.edits.open(me, &db_id.0, agent.asks("change_table")).await?;
        let shown = Shown { description: description.change(), place: place(after) };
        self.edits.change(&visit, &table_id.0, name.map(|name| name.0), shown).await?;
        Ok(Json(Nothing {}))
    }

    /// Drop a table
    ///
    /// A table with its rows, or a view. Takes write access, and a schema that is not locked.
    #[oai(path = "/api/dbs/:dbId/tables/:tableId", method = "delete", operation_id = "drop_table")]
    async fn remove(
        &self,
        Anyone(me): Anyone,
        agent: UserAgent,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the table or view.
        #[oai(name = "tableId")]
        Path(table_id): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        let visit = self.edits.open(me, &db_id.0, agent.asks("drop_table")).await?;
        self.edits.remove(&visit, &table_id.0).await?;
        Ok(Json(Nothing {}))
    }
}
