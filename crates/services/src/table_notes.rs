//! How tables and columns are shown: in which order, and what is said of them.
//!
//! It stands in the server's own metadata, never in a database. Names follow their tables: who renames or drops one says
//! so here. The tables of storages that keep comments themselves have their descriptions there, and only their order here.

mod notes;
mod order;
mod store;

use model::{DatabaseId, Error, Result, name_key};

use crate::Metadata;
pub use notes::{Notes, Place};

/// What is noted of tables and columns. Clones share everything.
#[derive(Clone, Debug)]
pub struct TableNotes(Metadata);

impl TableNotes {
    pub(crate) fn new(metadata: Metadata) -> Self {
        Self(metadata)
    }

    /// What is noted of the tables of a database.
    ///
    /// # Errors
    /// Those of the metadata database, here and below.
    pub async fn tables(&self, database: &DatabaseId) -> Result<Notes> {
        let database = database.to_string();
        self.0.call(move |connection| store::tables(connection, &database)).await
    }

    /// What is noted of the columns of a table.
    ///
    /// # Errors
    /// As [`TableNotes::tables`].
    pub async fn columns(&self, database: &DatabaseId, table: &str) -> Result<Notes> {
        let (database, table) = (database.to_string(), name_key(table));
        self.0.call(move |connection| store::columns(connection, &database, &table)).await
    }

    /// Describes a table; none takes the description away.
    ///
    /// # Errors
    /// As [`TableNotes::tables`].
    pub async fn describe_table(&self, database: &DatabaseId, table: &str, text: Option<String>) -> Result<()> {
        let (database, table) = (database.to_string(), name_key(table));
        self.0.call(move |connection| store::describe_table(connection, &database, &table, text)).await
    }

    /// The same for a column.
    ///
    /// # Errors
    /// As [`TableNotes::tables`].
    pub async fn describe_column(
        &self,
        database: &DatabaseId,
        table: &str,
        column: &str,
        text: Option<String>,
    ) -> Result<()> {
        let (database, table, column) = (database.to_string(), name_key(table), name_key(column));
        self.0.call(move |connection| store::describe_column(connection, &database, &table, &column, text)).await
    }

    /// Puts a table at a place among `tables`, which are all of the database in the order that they are shown in.
    ///
    /// # Errors
    /// `NotFound` where it is to stand after a table that is not among the others.
    pub async fn place_table(
        &self,
        database: &DatabaseId,
        table: &str,
        place: &Place,
        tables: &[String],
    ) -> Result<()> {
        let order = place.put(table, tables).ok_or_else(|| no_place("table", place))?;
        let database = database.to_string();
        self.0.call(move |connection| store::place_tables(connection, &database, &order)).await
    }

    /// Puts a column at a place among `columns`, which are all of the table in the order that they are shown in.
    ///
    /// # Errors
    /// `NotFound` where it is to stand after a column that is not among the others.
    pub async fn place_column(
        &self,
        database: &DatabaseId,
        table: &str,
        column: &str,
        place: &Place,
        columns: &[String],
    ) -> Result<()> {
        let order = place.put(column, columns).ok_or_else(|| no_place("column", place))?;
        let (database, table) = (database.to_string(), name_key(table));
        self.0.call(move |connection| store::place_columns(connection, &database, &table, &order)).await
    }

    /// A table has another name: what is noted of it and its columns, and its charts, follow.
    ///
    /// # Errors
    /// As [`TableNotes::tables`].
    pub async fn table_renamed(&self, database: &DatabaseId, table: &str, to: &str) -> Result<()> {
        let (database, table, to) = (database.to_string(), table.to_owned(), to.to_owned());
        self.0.call(move |connection| store::rename_table(connection, &database, &table, &to)).await
    }

    /// A column has another name: what is noted of it, and its place in charts, follow.
    ///
    /// # Errors
    /// As [`TableNotes::tables`].
    pub async fn column_renamed(&self, database: &DatabaseId, table: &str, column: &str, to: &str) -> Result<()> {
        let database = database.to_string();
        let [table, column, to] = [table, column, to].map(str::to_owned);
        self.0.call(move |connection| store::rename_column(connection, &database, &table, &column, &to)).await
    }

    /// A table is gone: nothing is noted of it any more, and what stood after it moves up.
    ///
    /// # Errors
    /// As [`TableNotes::tables`].
    pub async fn table_dropped(&self, database: &DatabaseId, table: &str) -> Result<()> {
        let (database, table) = (database.to_string(), name_key(table));
        self.0.call(move |connection| store::drop_table(connection, &database, &table)).await
    }

    /// The same for a column.
    ///
    /// # Errors
    /// As [`TableNotes::tables`].
    pub async fn column_dropped(&self, database: &DatabaseId, table: &str, column: &str) -> Result<()> {
        let (database, table, column) = (database.to_string(), name_key(table), name_key(column));
        self.0.call(move |connection| store::drop_column(connection, &database, &table, &column)).await
    }
}

fn no_place(what: &str, place: &Place) -> Error {
    match place {
        Place::After(other) => Error::not_found(what, other).context("after"),
        Place::First => Error::internal("there is always a first place"),
    }
}

#[cfg(test)]
mod tests;
