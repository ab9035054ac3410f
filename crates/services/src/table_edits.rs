//! Changing what tables are: making, renaming and dropping them and their columns, and saying how they are shown.

mod arrow_type;
mod lakehouse;

use model::{Access, ColumnDraft, Error, Principal, Result, StorageKind, TableEdit, TableKind, check_name, name_key};

use crate::databases::schema_is_locked;
use crate::{Asked, Audit, Column, Contents, Databases, Place, Table, TableNotes, Visit};

/// The most tables of a database; those of imported files are not counted against it until one is made.
pub const MAX_TABLES: usize = 100;

/// The most columns of a table.
pub const MAX_COLUMNS: usize = 500;

/// What GraphQL gives a query by primary key; a table of such a name would be mistaken for it.
const RESERVED_ENDING: &str = "_by_pk";

/// Changes what tables are. Clones share everything.
#[derive(Clone)]
pub struct TableEdits {
    databases: Databases,
    contents: Contents,
    notes: TableNotes,
    audit: Audit,
}

/// What of a table or column is to be other than before, beside its definition.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// What is said of it; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// Where it stands.
    pub place: Option<Place>,
}

impl TableEdits {
    pub(crate) fn new(databases: Databases, contents: Contents, notes: TableNotes, audit: Audit) -> Self {
        Self { databases, contents, notes, audit }
    }

    /// Opens a database to change its tables.
    ///
    /// # Errors
    /// Those of [`Databases::open_id`].
    pub async fn open(&self, principal: Principal, database: &str, asked: Asked) -> Result<Visit> {
        Visit::open(&self.databases, principal, database, Access::Write, asked).await
    }

    /// Makes an empty table of these columns; of one for text where there are none.
    ///
    /// # Errors
    /// `Conflict` where the name is taken; `Forbidden` where the schema is locked, here and below; `Invalid` for what
    /// cannot be a name, a type or a default, and where there are too many.
    pub async fn create(
        &self,
        visit: &Visit,
        table: &str,
        mut columns: Vec<ColumnDraft>,
        shown: Shown,
    ) -> Result<Table> {
        unlocked(visit)?;
        new_name("table", table)?;
        if columns.is_empty() {
            let name = Some("column-1".to_owned());
            columns.push(ColumnDraft { name, ..ColumnDraft::default() });
        }
        for column in &columns {
            new_name("column", column.name.as_deref().unwrap_or_default())?;
        }
        at_most("column", columns.len(), MAX_COLUMNS)?;
        let tables = self.tables(visit).await?;
        at_most("table", tables.len() + 1, MAX_TABLES)?;
        if let Some(Place::After(other)) = &shown.place {
            among("table", other, &tables)?;
        }
        match visit.opened.database.as_file() {
            Some(file) => file.edit(table, TableEdit::Create { columns }).await?,
            None => lakehouse::create(visit.opened.database.as_ref(), table, columns).await?,
        }
        // What was noted of a table that had this name before is not about this one.
        self.notes.table_dropped(visit.id(), table).await?;
        visit.note(&self.audit, table, None).await;
        self.show_table(visit, table, TableKind::Table, shown, tables).await?;
        self.contents.table(visit, table).await
    }

    /// Gives a table or view another name, if one is given, and changes how it is shown.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where the new name is taken.
    pub async fn change(&self, visit: &Visit, table: &str, name: Option<String>, shown: Shown) -> Result<()> {
        let (table, kind) = existing(visit, table).await?;
        let mut tables = self.tables(visit).await?;
        if let Some(Place::After(other)) = &shown.place {
            among("table", other, &tables)?;
        }
        let name = name.filter(|name| *name != table);
        let now = match name {
            None => table,
            Some(name) => {
                unlocked(visit)?;
                new_name("table", &name)?;
                match visit.opened.database.as_file() {
                    Some(file) => file.edit(&table, TableEdit::Rename { to: name.clone() }).await?,
                    None => lakehouse::rename(visit.opened.database.as_ref(), &table, &name).await?,
                }
                self.notes.table_renamed(visit.id(), &table, &name).await?;
                visit.note(&self.audit, &table, None).await;
                tables.iter_mut().filter(|other| **other == table).for_each(|other| other.clone_from(&name));
                name
            }
        };
        self.show_table(visit, &now, kind, shown, tables).await
    }

    /// Removes a table or view.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove(&self, visit: &Visit, table: &str) -> Result<()> {
        unlocked(visit)?;
        let (table, kind) = existing(visit, table).await?;
        match visit.opened.database.as_file() {
            Some(file) => file.edit(&table, TableEdit::Drop).await?,
            None => lakehouse::remove(visit.opened.database.as_ref(), &table, kind).await?,
        }
        visit.note(&self.audit, &table, None).await;
        self.notes.table_dropped(visit.id(), &table).await
    }

    /// Adds a column.
    ///
    /// # Errors
    /// `NotFound` for an unknown table, `Conflict` where the name is taken.
    pub async fn add_column(&self, visit: &Visit, table: &str, column: ColumnDraft, shown: Shown) -> Result<Column> {
        unlocked(visit)?;
        let name = column.name.clone().unwrap_or_default();
        new_name("column", &name)?;
        let (table, columns) = self.columns(visit, table).await?;
        at_most("column", columns.len() + 1, MAX_COLUMNS)?;
        if columns.iter().any(|other| name_key(other) == name_key(&name)) {
            return Err(Error::exists("column", name));
        }
        if let Some(Place::After(other)) = &shown.place {
            among("column", other, &columns)?;
        }
        match visit.opened.database.as_file() {
            Some(file) => file.edit(&table, TableEdit::AddColumn(column)).await?,
            None => lakehouse::add_column(visit.opened.database.as_ref(), &table, column).await?,
        }
        self.notes.column_dropped(visit.id(), &table, &name).await?;
        visit.note(&self.audit, &table, None).await;
        self.show_column(visit, &table, &name, shown, columns).await?;
        let made = self.contents.table(visit, &table).await?;
        let found = made.columns.into_iter().find(|other| name_key(&other.name) == name_key(&name));
        found.ok_or_else(|| Error::not_found("column", name))
    }

    /// Declares a column anew, as far as the draft says, and changes how it is shown.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where a new name is taken; `Invalid` where a row does not fit.
    pub async fn change_column(
        &self,
        visit: &Visit,
        table: &str,
        column: &str,
        draft: ColumnDraft,
        shown: Shown,
    ) -> Result<()> {
        let (table, mut columns) = self.columns(visit, table).await?;
        let column = among("column", column, &columns)?;
        if let Some(Place::After(other)) = &shown.place {
            among("column", other, &columns)?;
        }
        let draft = ColumnDraft { name: draft.name.filter(|name| *name != column), ..draft };
        if changes(&draft) {
            unlocked(visit)?;
        }
        if let Some(name) = &draft.name {
            new_name("column", name)?;
        }
        let now = draft.name.clone().unwrap_or_else(|| column.clone());
        if changes(&draft) {
            match visit.opened.database.as_file() {
                Some(file) => file.edit(&table, TableEdit::ChangeColumn { name: column.clone(), draft }).await?,
                None => lakehouse::change_column(visit.opened.database.as_ref(), &table, &column, draft).await?,
            }
            visit.note(&self.audit, &table, None).await;
        }
        if now != column {
            self.notes.column_renamed(visit.id(), &table, &column, &now).await?;
            columns.iter_mut().filter(|other| **other == column).for_each(|other| other.clone_from(&now));
        }
        self.show_column(visit, &table, &now, shown, columns).await
    }

    /// Removes a column.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for the last one.
    pub async fn remove_column(&self, visit: &Visit, table: &str, column: &str) -> Result<()> {
        unlocked(visit)?;
        let (table, columns) = self.columns(visit, table).await?;
        let name = among("column", column, &columns)?;
        match visit.opened.database.as_file() {
            Some(file) => file.edit(&table, TableEdit::DropColumn { name: name.clone() }).await?,
            None => lakehouse::remove_column(visit.opened.database.as_ref(), &table, &name).await?,
        }
        visit.note(&self.audit, &table, None).await;
        self.notes.column_dropped(visit.id(), &table, &name).await
    }

    /// The tables and views in the order that they are shown in.
    async fn tables(&self, visit: &Visit) -> Result<Vec<String>> {
        let tables = visit.opened.database.tables().await?;
        let seen = tables.into_iter().filter(|table| table.name.schema.eq_ignore_ascii_case(SCHEMA));
        let mut names: Vec<String> = seen.map(|table| table.name.table).collect();
        self.notes.tables(visit.id()).await?.sort(&mut names, |name| name);
        Ok(names)
    }

    /// A table's name as it is spelled, and its columns in the order that they are shown in.
    async fn columns(&self, visit: &Visit, table: &str) -> Result<(String, Vec<String>)> {
        let found = self.contents.table(visit, table).await?;
        if found.kind == TableKind::View {
            return Err(Error::invalid(format!(
                "\"{}\" is a view; its columns are those of its statement: drop it and create it anew",
                found.name
            )));
        }
        let own = found.columns.into_iter().skip(usize::from(found.row_id.is_some()));
        Ok((found.name, own.map(|column| column.name).collect()))
    }

    async fn show_table(
        &self,
        visit: &Visit,
        table: &str,
        kind: TableKind,
        shown: Shown,
        tables: Vec<String>,
    ) -> Result<()> {
        if let Some(text) = shown.description {
            let text = text.filter(|text| !text.is_empty());
            match visit.opened.record.info.kind {
                StorageKind::Sqlite => self.notes.describe_table(visit.id(), table, text).await?,
                StorageKind::Lakehouse => {
                    lakehouse::describe(visit.opened.database.as_ref(), table, kind, text).await?
                }
            }
        }
        match shown.place {
            Some(place) => self.notes.place_table(visit.id(), table, &place, &tables).await,
            None => Ok(()),
        }
    }

    async fn show_column(
        &self,
        visit: &Visit,
        table: &str,
        column: &str,
        shown: Shown,
        columns: Vec<String>,
    ) -> Result<()> {
        if let Some(text) = shown.description {
            let text = text.filter(|text| !text.is_empty());
            match visit.opened.record.info.kind {
                StorageKind::Sqlite => self.notes.describe_column(visit.id(), table, column, text).await?,
                StorageKind::Lakehouse => {
                    lakehouse::describe_column(visit.opened.database.as_ref(), table, column, text).await?;
                }
            }
        }
        match shown.place {
            Some(place) => self.notes.place_column(visit.id(), table, column, &place, &columns).await,
            None => Ok(()),
        }
    }
}

/// The schema that is seen of a database that has several.
const SCHEMA: &str = "main";

fn unlocked(visit: &Visit) -> Result<()> {
    if visit.opened.record.schema_locked {
        return Err(schema_is_locked());
    }
    Ok(())
}

/// Checks a name that is to be given to something.
fn new_name(what: &str, name: &str) -> Result<()> {
    check_name(what, name)?;
    let key = name_key(name);
    if what == "table" && key.ends_with(RESERVED_ENDING) {
        return Err(Error::invalid(format!(
            "the table name \"{name}\" ends with {RESERVED_ENDING}; choose another one"
        )));
    }
    if key.starts_with("sqlite_") && what == "table" {
        return Err(Error::invalid(format!("the table name \"{name}\" begins with sqlite_; choose another one")));
    }
    Ok(())
}

fn at_most(what: &str, count: usize, limit: usize) -> Result<()> {
    if count > limit {
        return Err(Error::invalid(format!("there would be {count} {what}s; at most {limit} are allowed")));
    }
    Ok(())
}

/// A name as it is spelled among `names`.
fn among(what: &str, name: &str, names: &[String]) -> Result<String> {
    let found = names.iter().find(|other| name_key(other) == name_key(name));
    found.cloned().ok_or_else(|| Error::not_found(what, name))
}

fn changes(draft: &ColumnDraft) -> bool {
    let ColumnDraft { name, declared_type, not_null, unique, default, one_of } = draft;
    name.is_some()
        || declared_type.is_some()
        || not_null.is_some()
        || unique.is_some()
        || default.is_some()
        || one_of.is_some()
}

/// The name as it is spelled, and whether it is a table or a view.
async fn existing(visit: &Visit, table: &str) -> Result<(String, TableKind)> {
    let tables = visit.opened.database.tables().await?;
    let is_it =
        |name: &model::TableName| name.schema.eq_ignore_ascii_case(SCHEMA) && name_key(&name.table) == name_key(table);
    let found = tables.into_iter().find(|other| is_it(&other.name));
    found.map(|found| (found.name.table, found.kind)).ok_or_else(|| Error::not_found("table", table))
}
