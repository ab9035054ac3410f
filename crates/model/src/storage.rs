//! The storage contracts: where databases live, and one open database.

use std::any::Any;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;

use crate::{
    Appended, AsOf, Care, CareTotal, Cared, Comment, DatabaseId, DatabaseName, Error, Executed, FileDatabase, Mark,
    Result, Rows, SchemaChange, Statement, TableDefinition, TableName, Upsert, Upserted, Version,
};

/// How a database keeps its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StorageKind {
    /// One SQLite file.
    Sqlite,
    /// Delta tables on an object store.
    Lakehouse,
}

impl StorageKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Lakehouse => "lakehouse",
        }
    }
}

impl fmt::Display for StorageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for StorageKind {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "sqlite" => Ok(Self::Sqlite),
            "lakehouse" => Ok(Self::Lakehouse),
            _ => Err(Error::invalid(format!("{word:?} is not a storage kind; use sqlite or lakehouse"))),
        }
    }
}

/// A database as the list of databases shows it.
#[derive(Clone, Debug)]
pub struct DatabaseInfo {
    /// Where its storage keeps it.
    pub id: DatabaseId,
    /// What callers call it.
    pub name: DatabaseName,
    /// How it keeps its rows.
    pub kind: StorageKind,
}

/// Table or view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// Rows of its own.
    Table,
    /// A statement under a name.
    View,
}

/// A table or view as the list of tables shows it.
#[derive(Clone, Debug)]
pub struct TableInfo {
    /// Schema and name, as they were created.
    pub name: TableName,
    /// Table or view.
    pub kind: TableKind,
    /// The statement of a view.
    pub definition: Option<String>,
}

/// What a write does with the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// A new table; one that exists is a `Conflict`.
    Create,
    /// Adds rows; a table that does not exist is `NotFound`.
    Append,
    /// Adds rows to the table, which is created where it does not exist.
    CreateAppend,
    /// The rows, and their columns, take the place of what the table held; it is created where it does not exist.
    Overwrite,
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows that were added.
    pub rows: u64,
    /// Bytes that the storage takes for them.
    pub bytes: u64,
}

/// A value to compare a column with.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// Text; for a date or timestamp column its ISO form.
    Text(String),
}

/// How a column is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Operator {
    /// `column = value`
    Equal(Value),
    /// `column <> value`
    NotEqual(Value),
    /// `column < value`
    Less(Value),
    /// `column <= value`
    LessOrEqual(Value),
    /// `column > value`
    Greater(Value),
    /// `column >= value`
    GreaterOrEqual(Value),
    /// `column IN (values)`
    In(Vec<Value>),
    /// `column IS NULL`
    Null,
    /// `column IS NOT NULL`
    NotNull,
}

/// One condition on one column; NULL satisfies none but [`Operator::Null`]. Values are compared as those of the answer are,
/// whatever the database does by itself: numbers by what they amount to, text by its bytes (never by a collation), booleans
/// as false before true, days and instants by when they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The column's name.
    pub column: String,
    /// What must hold of it.
    pub operator: Operator,
}

/// What to read of a table.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Schema and name of a table (not a view).
    pub table: TableName,
    /// The columns to read, in this order; all of them where there is none.
    pub projection: Option<Vec<String>>,
    /// Conditions that every row of the answer satisfies.
    pub filters: Vec<Filter>,
    /// At most this many rows.
    pub limit: Option<u64>,
    /// The version to read, for storages that keep them; the newest where there is none.
    pub version: Option<AsOf>,
}

impl Scan {
    /// Everything in the table.
    pub fn all(table: TableName) -> Self {
        Self { table, projection: None, filters: Vec::new(), limit: None, version: None }
    }
}

/// Where databases of one kind live. The list of databases is not kept here: a storage knows ids, services know names.
#[async_trait]
pub trait Storage: Send + Sync + 'static {
    /// The kind that databases of this storage have.
    fn kind(&self) -> StorageKind;

    /// Makes an empty database with the schema `main`. Creating one that exists is `Conflict` and changes nothing.
    async fn create(&self, id: &DatabaseId) -> Result<()>;

    /// Opens a database. Opening twice gives handles to the same database, whose changes each sees at once.
    /// One that does not exist is `NotFound`.
    async fn open(&self, id: &DatabaseId) -> Result<Arc<dyn Database>>;

    /// Removes a database and its files; handles that are still open answer `NotFound` afterwards. One that does not
    /// exist is `NotFound`. An interrupted removal leaves nothing that can be opened.
    async fn remove(&self, id: &DatabaseId) -> Result<()>;

    /// How often this storage took care of its tables since the start; nothing for one that has no need to.
    fn care_totals(&self) -> Vec<CareTotal> {
        Vec::new()
    }
}

/// One open database. Names are matched without regard to letter case and kept as they were created.
///
/// Every method may be called from any number of tasks at once. A reader sees one committed version of a table for as
/// long as it reads, whatever is written meanwhile.
#[async_trait]
pub trait Database: Send + Sync + 'static {
    /// The schemas, by name.
    async fn schemas(&self) -> Result<Vec<String>>;

    /// The tables and views of every schema, by schema and name.
    async fn tables(&self) -> Result<Vec<TableInfo>>;

    /// The comments of schemas and views. Those of tables and columns come with [`Database::columns`].
    async fn comments(&self) -> Result<Vec<Comment>> {
        Ok(Vec::new())
    }

    /// The columns of a table, in order, with the comments of the table and of each column as metadata (see
    /// [`COMMENT`](crate::COMMENT)). A table that does not exist, and a view, is `NotFound`.
    async fn columns(&self, table: &TableName) -> Result<SchemaRef>;

    /// How many rows a table has, as far as that is known without reading them: a guess that plans are made with. `None`
    /// where there is nothing to go by. Unknown: `NotFound`.
    async fn estimated_rows(&self, table: &TableName) -> Result<Option<u64>> {
        let _ = table;
        Ok(None)
    }

    /// A table or view of the schema `main` as it was declared; unknown: `NotFound`. `Unsupported` for storages that keep no
    /// declarations: what there is to say of their tables is in [`Database::columns`].
    async fn definition(&self, table: &str) -> Result<TableDefinition> {
        let _ = table;
        Err(no_dialect())
    }

    /// What tells a table from every other that has had its name or will have it: it stays while the table is renamed,
    /// altered or overwritten, and is gone for good when it is dropped or replaced. `None` where there is no table of this
    /// name; a view, and a name that no table can have, is `Invalid`.
    async fn table_id(&self, table: &TableName) -> Result<Option<String>>;

    /// The name that the table of this id has now; `None` where it is gone.
    async fn table_by_id(&self, id: &str) -> Result<Option<TableName>>;

    /// Makes one change, atomically. Afterwards it is durable and every handle sees it.
    async fn change(&self, change: SchemaChange) -> Result<()>;

    /// Reads a table as of one version. An unknown table is `NotFound`; an unknown column in projection or filters and
    /// a value that cannot be compared with its column are `Invalid`. A version that never was, that is no longer kept,
    /// or whose files were deleted since is `NotFound`, and the message says which of these, and what there is.
    async fn scan(&self, scan: Scan) -> Result<Rows>;

    /// Runs one statement in the database's own dialect. It reaches this database and nothing else, and no more than its
    /// rights allow. What it changes is durable when this returns; a statement that fails has changed nothing. Dropping
    /// the future, or the rows, stops it within a tenth of a second. `Unsupported` for storages without a dialect of
    /// their own.
    ///
    /// # Errors
    /// `Invalid` in the words of the database, `Forbidden` for what its rights do not allow, `TooLarge` for what passes a
    /// limit of the storage, `Unavailable` where its time is over.
    async fn execute(&self, statement: Statement) -> Result<Executed> {
        let _ = statement;
        Err(no_dialect())
    }

    /// Writes rows and commits once, at the end: a failure of `rows` or of the storage, and dropping the future, leave
    /// the table as it was.
    ///
    /// The schema is created where it does not exist, except for [`WriteMode::Append`]. Columns are matched by name:
    /// those that the rows lack become NULL, those that the table lacks are `Invalid`. Values are converted to the
    /// table's types; one that does not fit is `Invalid` and named with its column.
    async fn write(&self, table: &TableName, mode: WriteMode, rows: Rows) -> Result<Written>;

    /// Adds rows and moves the writer's mark, in one commit: after a failure, a kill or a dropped future the table has
    /// both or neither. A writer that repeats an append because it does not know how the last one ended adds nothing
    /// twice: where the table's mark of this writer is at `mark.position` or beyond, nothing is written. An append
    /// without rows moves the mark alone.
    ///
    /// Schema and table are created where they do not exist; a view of that name is `Invalid`. Columns are matched by
    /// name: those that the rows lack become NULL, those that the table lacks are added to it, nullable and at the end,
    /// in the commit that brings the rows. A column of the rows that has the type NULL brings nothing and adds nothing,
    /// unless the rows have no other. Values are converted to the table's types; one that does not fit is `Invalid` and
    /// named with its column.
    ///
    /// Other writers of the table are waited for and never reported, but for one that takes away or retypes a column
    /// which these rows were converted for: that is `Conflict`, nothing was written, and trying again helps.
    async fn append(&self, table: &TableName, rows: Rows, mark: Mark) -> Result<Appended>;

    /// The mark of a writer in a table; `None` where it never wrote there, or where there is no such table. A table that
    /// was dropped and made again has no marks.
    async fn mark(&self, table: &TableName, writer: &str) -> Result<Option<u64>>;

    /// Updates the rows of a table that have the key of a row that arrives, and adds the rows whose key is not there, in
    /// one commit at the end: a failure of `rows` or of the storage, and dropping the future, leave the table as it was,
    /// and one that did not exist stays so. Memory is bounded whatever the number of rows.
    ///
    /// Schema and table are created from the rows where they do not exist; a view of that name is `Invalid`. Columns are
    /// matched by name: a row that is there keeps what it has in columns that the rows lack, a new one gets NULL there;
    /// columns that the table lacks are `Invalid`. Values are converted to the table's types; one that does not fit is
    /// `Invalid` and named with its column, and so is a NULL in the key, with its row.
    ///
    /// Of several rows that arrive with one key the one with the highest cursor counts, and of equal ones the last. With
    /// a cursor, a row that is there is replaced only where its own is lower. Cursors are compared column by column; NULL
    /// is lower than every value. Without a cursor it is always replaced, in the columns that the rows bring besides the
    /// key. A key that the table holds several times is updated in each of them.
    ///
    /// `Conflict` when other writers changed the same rows again and again meanwhile; trying again helps.
    async fn upsert(&self, table: &TableName, upsert: Upsert, rows: Rows) -> Result<Upserted>;

    /// The versions of a table that the storage still knows of, newest first. Those whose files are gone are among
    /// them. An unknown table is `NotFound`; a storage that keeps no versions answers `Unsupported`.
    async fn history(&self, table: &TableName) -> Result<Vec<Version>> {
        Err(no_versions(table))
    }

    /// Makes rows and columns what they were as of `version`, in one commit on top of the newest: nothing between them
    /// is forgotten, and restoring the version before undoes it. Answers the number of the new version. Where the table
    /// is in that state already, nothing is committed and the newest version is answered.
    ///
    /// A version that never was, is no longer kept, or of whose files one was deleted is `NotFound` and changes nothing.
    /// What was written meanwhile is a `Conflict`. A storage that keeps no versions answers `Unsupported`.
    async fn restore(&self, table: &TableName, version: AsOf) -> Result<u64> {
        let _ = version;
        Err(no_versions(table))
    }

    /// Takes care of a table now, whether or not the storage would by itself. No row of the newest version changes, and
    /// neither readers nor writers notice: what care loses to a writer is dropped. Where there is nothing to do, as many
    /// files are there after as before. An unknown table is `NotFound`; a storage without need of it answers
    /// `Unsupported`.
    async fn care(&self, table: &TableName, care: Care) -> Result<Cared> {
        Err(Error::unsupported(format!("the storage of table \"{table}\" has no {care}")))
    }

    /// Names the columns that rows are kept in the order of when files are put together; none to leave them as they come.
    /// Rows that are there are sorted with the next compaction. An unknown column is `Invalid`, a storage that keeps no
    /// order answers `Unsupported`.
    async fn sort_by(&self, table: &TableName, columns: Vec<String>) -> Result<()> {
        let _ = columns;
        Err(Error::unsupported(format!("the storage of table \"{table}\" keeps rows in no order")))
    }

    /// Whether this handle refuses every change of a definition. A storage's own never does; what opens databases may
    /// hand out such a one.
    fn schema_locked(&self) -> bool {
        false
    }

    /// What it can do where it is one file.
    fn as_file(&self) -> Option<&dyn FileDatabase> {
        None
    }

    /// For an engine that knows this storage and has a faster way to its files.
    fn as_any(&self) -> &dyn Any;
}

fn no_dialect() -> Error {
    Error::unsupported("this database has no SQL dialect of its own; it is queried with the server's")
}

fn no_versions(table: &TableName) -> Error {
    Error::unsupported(format!("the storage of table \"{table}\" keeps no older versions"))
}
