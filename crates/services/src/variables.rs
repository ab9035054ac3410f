//! Variables of databases and of the server: names, and values that are kept encrypted.

mod seal;

use model::{Access, DatabaseId, Error, Principal, Result};
use rusqlite::{Connection, OptionalExtension, params};
use secrecy::{ExposeSecret, SecretString};

use crate::metadata::{fault, is_taken};
use crate::{Databases, Metadata, settings};
pub(crate) use seal::Sealer;
pub use seal::SecretKey;

/// The longest name, in characters.
const NAME_CHARS: usize = 256;
/// The longest value, in bytes.
const VALUE_BYTES: usize = 64 << 10;
/// How many there are at most, of a database and of the server each.
const MOST: i64 = 1_000;

/// Variables, which only admins see. Clones share everything.
#[derive(Clone)]
pub struct Variables {
    metadata: Metadata,
    databases: Databases,
    sealer: Sealer,
}

/// Whose variables are meant.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// The server's.
    Server,
    /// Those of the database of this id.
    Database(&'a str),
}

/// A variable as it is to be.
#[derive(Clone, Debug)]
pub struct NewVariable {
    /// Letters, digits and `_`; no digit first.
    pub name: String,
    /// Any text.
    pub value: SecretString,
}

/// A variable. The time is RFC 3339, UTC, in seconds.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretString,
    /// When it was made.
    pub created_at: String,
}

impl Variables {
    pub(crate) fn new(metadata: Metadata, databases: Databases, key: &SecretKey) -> Self {
        Self { metadata, databases, sealer: Sealer::new(key) }
    }

    /// All of a scope, by name.
    ///
    /// # Errors
    /// As [`Databases::record`] without admin access, or `Forbidden` for the server's without being its admin; here and
    /// below.
    pub async fn list(&self, principal: &Principal, scope: Scope<'_>) -> Result<Vec<Variable>> {
        let id = self.authorised(principal, scope).await?;
        let rows = self.metadata.call(move |connection| read(connection, id.as_ref())).await?;
        let open = |(name, sealed, created_at): Row| {
            Ok(Variable { value: self.sealer.open(&name, &sealed)?, name, created_at })
        };
        rows.into_iter().map(open).collect()
    }

    /// Makes one.
    ///
    /// # Errors
    /// `Conflict` where one has the name, `Invalid` for what cannot be a name or value, `TooLarge` for one too many.
    pub async fn create(&self, principal: &Principal, scope: Scope<'_>, new: NewVariable) -> Result<Variable> {
        let id = self.authorised(principal, scope).await?;
        let sealed = self.seal(&new)?;
        let name = new.name.clone();
        let made = move |connection: &mut Connection| {
            let transaction = connection.transaction().map_err(fault)?;
            if exists(&transaction, id.as_ref(), &sealed.name)? {
                return Err(Error::exists("variable", &sealed.name));
            }
            let created_at = sealed.put(&transaction, id.as_ref())?;
            transaction.commit().map_err(fault)?;
            Ok(created_at)
        };
        let created_at = self.metadata.call(made).await?;
        Ok(Variable { name, value: new.value, created_at })
    }

    /// Gives one another value, and another name where that differs.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where another one has the new name; `Invalid` for what cannot be a name or value.
    pub async fn change(&self, principal: &Principal, scope: Scope<'_>, name: &str, new: NewVariable) -> Result<()> {
        let id = self.authorised(principal, scope).await?;
        let sealed = self.seal(&new)?;
        let old = name.to_owned();
        let changed = move |connection: &mut Connection| {
            const SQL: &str = "UPDATE variables SET name = ?3, sealed = ?4 WHERE database_id IS ?1 AND name = ?2";
            match connection.execute(SQL, params![id.as_ref().map(DatabaseId::as_str), old, sealed.name, sealed.bytes])
            {
                Ok(0) => Err(Error::not_found("variable", &old)),
                Ok(_) => Ok(()),
                Err(taken) if is_taken(&taken) => Err(Error::exists("variable", &sealed.name)),
                Err(other) => Err(fault(other)),
            }
        };
        self.metadata.call(changed).await
    }

    /// Removes one.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove(&self, principal: &Principal, scope: Scope<'_>, name: &str) -> Result<()> {
        let id = self.authorised(principal, scope).await?;
        let name = name.to_owned();
        let removed = move |connection: &mut Connection| {
            const SQL: &str = "DELETE FROM variables WHERE database_id IS ?1 AND name = ?2";
            match connection.execute(SQL, params![id.as_ref().map(DatabaseId::as_str), name]).map_err(fault)? {
                0 => Err(Error::not_found("variable", &name)),
                _ => Ok(()),
            }
        };
        self.metadata.call(removed).await
    }

    /// Checks variables and encrypts their values, to be put where a transaction wants them.
    pub(crate) fn sealed(&self, variables: &[NewVariable]) -> Result<Vec<Sealed>> {
        variables.iter().map(|variable| self.seal(variable)).collect()
    }

    fn seal(&self, variable: &NewVariable) -> Result<Sealed> {
        check_name(&variable.name)?;
        let bytes = variable.value.expose_secret().len();
        if bytes > VALUE_BYTES {
            return Err(Error::invalid(format!(
                "the value of variable \"{}\" has {bytes} bytes; at most {VALUE_BYTES} are kept",
                variable.name
            )));
        }
        Ok(Sealed { name: variable.name.clone(), bytes: self.sealer.seal(&variable.name, &variable.value)? })
    }

    async fn authorised(&self, principal: &Principal, scope: Scope<'_>) -> Result<Option<DatabaseId>> {
        match scope {
            Scope::Server => settings::require_server_admin(principal).map(|()| None),
            Scope::Database(id) => {
                let (record, _) = self.databases.record(principal, id, Access::Admin).await?;
                Ok(Some(record.info.id.clone()))
            }
        }
    }
}

/// A variable whose value is encrypted.
pub(crate) struct Sealed {
    name: String,
    bytes: Vec<u8>,
}

impl Sealed {
    /// Makes the variable, or gives it this value; answers when it was made.
    pub(crate) fn put(&self, connection: &Connection, database: Option<&DatabaseId>) -> Result<String> {
        const COUNT: &str = "SELECT count(*) FROM variables WHERE database_id IS ?1 AND name <> ?2";
        const PUT: &str = "\
            INSERT INTO variables (database_id, name, sealed) VALUES (?1, ?2, ?3) \
            ON CONFLICT (coalesce(database_id, ''), name) DO UPDATE SET sealed = excluded.sealed RETURNING created_at";
        let id = database.map(DatabaseId::as_str);
        let others: i64 = connection.query_row(COUNT, params![id, self.name], |row| row.get(0)).map_err(fault)?;
        if others >= MOST {
            return Err(Error::too_large(format!(
                "there are {MOST} variables, which is as many as are kept; remove one"
            )));
        }
        connection.query_row(PUT, params![id, self.name, self.bytes], |row| row.get(0)).map_err(fault)
    }
}

type Row = (String, Vec<u8>, String);

fn read(connection: &Connection, database: Option<&DatabaseId>) -> Result<Vec<Row>> {
    const SQL: &str = "SELECT name, sealed, created_at FROM variables WHERE database_id IS ?1 ORDER BY name";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let rows = statement
        .query_map([database.map(DatabaseId::as_str)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(fault)?;
    rows.map(|row| row.map_err(fault)).collect()
}

fn exists(connection: &Connection, database: Option<&DatabaseId>, name: &str) -> Result<bool> {
    const SQL: &str = "SELECT 1 FROM variables WHERE database_id IS ?1 AND name = ?2";
    let found = connection.query_row(SQL, params![database.map(DatabaseId::as_str), name], |_| Ok(()));
    Ok(found.optional().map_err(fault)?.is_some())
}

/// As shells take them.
fn check_name(name: &str) -> Result<()> {
    let first = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if first && name.len() <= NAME_CHARS && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok(());
    }
    let shown: String = name.chars().take(80).collect();
    Err(Error::invalid(format!(
        "{shown:?} cannot be the name of a variable; use letters, digits and _, no digit first, at most {NAME_CHARS}"
    )))
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn names_are_those_of_shells() {
        for name in ["A", "_", "API_KEY_2", "lower"] {
            check_name(name).unwrap();
        }
        for name in ["", "2A", "A-B", "A B", "Ä", "A=", "A\0", &"A".repeat(257)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
