//! What is in tables and views: what they are, their rows, files of them.

mod column;
mod definitions;
mod export;
mod input;
mod items;
mod reader;
mod scalar;
mod schema_text;
mod select;

use formats::Workers;
use model::{Access, Principal, Result, TableKind};

use crate::{Asked, Databases, Notes, Queries, TableNotes, Visit};
pub use column::{Column, Rule};
pub use definitions::Defined;
pub use export::{Export, ExportFormat};
pub use input::Input;
pub use scalar::Scalar;

use items::Items;
use reader::Reader;
use select::Select;

/// The most cells that a page of a table has.
pub const MAX_CELLS: usize = 100_000;

/// The most bytes that the cells of a page take, about: one row may go beyond.
pub const MAX_PAGE_BYTES: usize = 32 << 20;

/// Reads tables and views. Clones share everything.
#[derive(Clone)]
pub struct Contents {
    databases: Databases,
    queries: Queries,
    notes: TableNotes,
    workers: Workers,
}

/// What a table or view is.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Table or view.
    pub kind: TableKind,
    /// What is said of it.
    pub description: Option<String>,
    /// The name under which the number of a row can be read.
    pub row_id: Option<String>,
    /// Its columns in the order that they are shown in, the number of a row first.
    pub columns: Vec<Column>,
}

/// Some rows of a table.
#[derive(Debug)]
pub struct Page {
    /// What it is.
    pub table: Table,
    /// How many rows there are, on this page or not.
    pub rows: u64,
    /// The cells of each column as JSON values, parted by commas.
    pub cells: Vec<Vec<u8>>,
    /// Whether there would have been more, but for the bounds of a page.
    pub cut: bool,
}

/// Which rows of a table are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// At most this many rows.
    pub limit: Option<u64>,
    /// Skips this many rows.
    pub offset: u64,
    /// The column that they are sorted by; the number of the row where there is none.
    pub order_by: Option<String>,
    /// The other way round.
    pub descending: bool,
    /// Each word of it is somewhere in the row, whatever its letter case.
    pub search: Option<String>,
}

/// The address under which the bytes of a cell can be read: of its column, the key of its row, and the key's value.
pub type CellUrl<'a> = &'a (dyn Fn(&str, &str, &str) -> String + Sync);

impl Contents {
    pub(crate) fn new(databases: Databases, queries: Queries, notes: TableNotes, workers: Workers) -> Self {
        Self { databases, queries, notes, workers }
    }

    /// Opens a database to read it.
    ///
    /// # Errors
    /// Those of [`Databases::open_id`].
    pub async fn open(&self, principal: Principal, database: &str, asked: Asked) -> Result<Visit> {
        Visit::open(&self.databases, principal, database, Access::Read, asked).await
    }

    /// What a table or view is.
    ///
    /// # Errors
    /// `NotFound` where there is none of this name.
    pub async fn table(&self, visit: &Visit, table: &str) -> Result<Table> {
        let reader = Reader { queries: &self.queries, visit };
        self.described(definitions::one(&reader, table).await?, visit).await
    }

    /// Rows of a table or view, as many as fit on a page.
    ///
    /// # Errors
    /// `NotFound` where there is none of this name, `Invalid` for an unknown column to sort by.
    pub async fn page(&self, visit: &Visit, table: &str, wanted: Wanted, url: CellUrl<'_>) -> Result<Page> {
        let reader = Reader { queries: &self.queries, visit };
        let table = self.described(definitions::one(&reader, table).await?, visit).await?;
        let select = Select::new(reader.kind(), &table, &wanted)?;
        let (sql, parameters) = select.count();
        let rows = reader.number(sql, parameters).await?;
        let fit = (MAX_CELLS / table.columns.len().max(1)).max(1) as u64;
        let limit = wanted.limit.unwrap_or(u64::MAX);
        let (sql, parameters) = select.rows(limit.min(fit), wanted.offset);
        let items = Items::read(reader.rows(sql, parameters).await?, &table, url).await?;
        let cut = items.cut || (limit > fit && rows.saturating_sub(wanted.offset) > fit);
        Ok(Page { table, rows, cells: items.cells, cut })
    }

    /// Every table and view as it is declared, in the order that they are shown in.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn definitions(&self, visit: &Visit) -> Result<Vec<Defined>> {
        let reader = Reader { queries: &self.queries, visit };
        let mut all = definitions::all(&reader).await?;
        let notes = self.notes.tables(visit.id()).await?;
        notes.sort(&mut all, |one| &one.definition.name);
        for one in &mut all {
            self.note(one, &notes, visit).await?;
        }
        Ok(all)
    }

    /// The statements that made what is in a database, as the `sqlite3` shell prints them.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn schema(&self, visit: &Visit) -> Result<String> {
        let reader = Reader { queries: &self.queries, visit };
        schema_text::of(&reader).await
    }

    /// A table or view as a file, in bounded memory whatever its size.
    ///
    /// # Errors
    /// `NotFound` where there is none of this name.
    pub async fn export(&self, visit: &Visit, table: &str, format: ExportFormat) -> Result<Export> {
        let reader = Reader { queries: &self.queries, visit };
        export::of(&reader, table, format, &self.workers).await
    }

    /// A definition as it is shown.
    async fn described(&self, mut defined: Defined, visit: &Visit) -> Result<Table> {
        let tables = self.notes.tables(visit.id()).await?;
        let columns_noted = self.note(&mut defined, &tables, visit).await?;
        let definition = defined.definition;
        let mut columns = column::all(&definition, &defined.scalars);
        for (column, comment) in columns.iter_mut().zip(defined.comments) {
            column.description = comment;
        }
        columns_noted.sort(&mut columns, |column| &column.name);
        if let Some(row_id) = &definition.row_id {
            columns.insert(0, Column::row_id(row_id));
        }
        let (name, kind, row_id) = (definition.name, definition.kind, definition.row_id);
        Ok(Table { name, kind, description: defined.comment, row_id, columns })
    }

    /// Adds what is noted of a table to what its storage says of it; answers what is noted of its columns.
    async fn note(&self, defined: &mut Defined, tables: &Notes, visit: &Visit) -> Result<Notes> {
        let table = &defined.definition;
        let notes = self.notes.columns(visit.id(), &table.name).await?;
        for (column, comment) in table.columns.iter().zip(&mut defined.comments) {
            *comment = comment.take().or_else(|| notes.description(&column.name).map(str::to_owned));
        }
        let described = tables.description(&table.name).map(str::to_owned);
        defined.comment = defined.comment.take().or(described);
        Ok(notes)
    }
}
