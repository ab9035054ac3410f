//! Names of databases, schemas and tables: data that callers choose, never a path.

use std::fmt;

use crate::{Error, Result};

/// The longest name, in characters.
pub const MAX_NAME_CHARS: usize = 512;

/// Checks a name that a caller chose for `what` (`table`, `schema`, …).
///
/// Any text from one to [`MAX_NAME_CHARS`] characters without control characters is a name: quotes, spaces, dots and
/// slashes included. Storages keep names as data and choose file names of their own.
///
/// # Errors
/// `Invalid`, naming `what`.
pub fn check_name(what: &str, name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::invalid(format!("the {what} name is empty")));
    }
    let count = name.chars().count();
    if count > MAX_NAME_CHARS {
        return Err(Error::invalid(format!(
            "the {what} name has {count} characters; at most {MAX_NAME_CHARS} are allowed"
        )));
    }
    if let Some(bad) = name.chars().find(|c| c.is_control()) {
        return Err(Error::invalid(format!("the {what} name has the control character {bad:?}")));
    }
    Ok(())
}

/// The form under which names are compared: letter case does not tell names apart, as in DuckDB.
pub fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// The name of a database, which is also the SQL catalog of that name.
#[derive(Clone, Debug)]
pub struct DatabaseName(String);

impl DatabaseName {
    /// # Errors
    /// `Invalid` where [`check_name`] says so.
    pub fn new(name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        check_name("database", &name)?;
        Ok(Self(name))
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which names are compared.
    pub fn key(&self) -> String {
        name_key(&self.0)
    }
}

impl fmt::Display for DatabaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a storage keeps a database: a path segment that the server chose, stable while names change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DatabaseId(String);

impl DatabaseId {
    /// Takes an id of 1 to 64 characters out of `a-z`, `0-9`, `_` and `-`.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
            return Err(Error::invalid(format!("{id:?} is not a database id")));
        }
        Ok(Self(id))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a table or view inside a database.
#[derive(Clone, Debug)]
pub struct TableName {
    /// The schema it stands in.
    pub schema: String,
    /// Its own name.
    pub table: String,
}

impl TableName {
    /// # Errors
    /// `Invalid` where [`check_name`] says so of either part.
    pub fn new(schema: impl Into<String>, table: impl Into<String>) -> Result<Self> {
        let name = Self { schema: schema.into(), table: table.into() };
        check_name("schema", &name.schema)?;
        check_name("table", &name.table)?;
        Ok(name)
    }

    /// The form under which names are compared: the keys of schema and table.
    pub fn key(&self) -> (String, String) {
        (name_key(&self.schema), name_key(&self.table))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}
