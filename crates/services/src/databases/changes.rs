//! Changes of what there is to say of a database: what it is called, what it is about, whose it is.

use model::{Access, DatabaseName, Error, Principal, Result, name_key};
use rusqlite::Connection;

use super::record::Visibility;
use super::{DatabaseRecord, Databases, owners, records};
use crate::metadata::{fault, is_taken};

/// The longest description, in characters.
const DESCRIPTION_CHARS: usize = 10_000;

/// What is to be other than before. What is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct DatabaseChange {
    /// What it is shown as. It is its name in SQL as well from now on, where no other database has that.
    pub name: Option<String>,
    /// What it is about; `Some(None)` for nothing.
    pub description: Option<Option<String>>,
    /// The team that it belongs to; `Some(None)` for none.
    pub owner: Option<Option<String>>,
}

impl Databases {
    /// Changes what there is to say of a database, all of it or nothing. With a new owner it does not expire any more.
    ///
    /// # Errors
    /// As [`Databases::record`] without admin access; `Forbidden` for a team in which the caller is no admin, and for
    /// taking a database from its team without being an admin of the server; `NotFound` for an unknown team; `Invalid` for
    /// what no database can be called.
    pub async fn change(&self, principal: &Principal, id: &str, change: DatabaseChange) -> Result<()> {
        let (record, _) = self.record(principal, id, Access::Admin).await?;
        if let Some(name) = &change.name {
            model::check_name("database", name)?;
        }
        if let Some(Some(text)) = &change.description
            && text.chars().count() > DESCRIPTION_CHARS
        {
            return Err(Error::invalid(format!("`description` has more than {DESCRIPTION_CHARS} characters")));
        }
        let is_default = record.info.name.key() == self.0.default.key();
        let principal = principal.clone();
        let changed = move |connection: &mut Connection| {
            let transaction = connection.transaction().map_err(fault)?;
            if let Some(owner) = change.owner {
                set_owner(&transaction, &principal, &record, owner.as_deref())?;
            }
            if let Some(name) = change.name {
                rename(&transaction, &record, &name, is_default)?;
            }
            if let Some(text) = change.description {
                set(&transaction, &record, "description", text)?;
            }
            transaction.commit().map_err(fault)
        };
        self.0.metadata.call(changed).await
    }
}

/// Sets one column of a database's row.
pub(super) fn set(
    connection: &Connection,
    record: &DatabaseRecord,
    column: &'static str,
    value: impl rusqlite::ToSql,
) -> Result<()> {
    let sql = format!("UPDATE databases SET {column} = ?2 WHERE id = ?1");
    match connection.execute(&sql, rusqlite::params![record.info.id.as_str(), value]).map_err(fault)? {
        0 => Err(Error::not_found("database", &record.info.id)),
        _ => Ok(()),
    }
}

/// The default database keeps its name in SQL, by which the server finds it.
fn rename(connection: &Connection, record: &DatabaseRecord, name: &str, is_default: bool) -> Result<()> {
    set(connection, record, "label", name)?;
    let taken = records::find(connection, &name_key(name))?.is_some_and(|other| other.info.id != record.info.id);
    if is_default || taken {
        return Ok(());
    }
    let name = DatabaseName::new(name)?;
    let renamed = connection.execute(
        "UPDATE databases SET name = ?2, key = ?3 WHERE id = ?1",
        (record.info.id.as_str(), name.as_str(), name.key()),
    );
    match renamed {
        Err(taken) if is_taken(&taken) => Ok(()),
        other => other.map_err(fault).map(drop),
    }
}

fn set_owner(
    connection: &Connection,
    principal: &Principal,
    record: &DatabaseRecord,
    owner: Option<&str>,
) -> Result<()> {
    let Some(name) = owner else {
        if record.owner.is_none() {
            return Ok(());
        }
        if !principal.is_server_admin() {
            return Err(Error::forbidden("only an admin of the server takes a database from its team"));
        }
        // Nobody's and private: the server's own. Nobody's and public would be everybody's to change.
        set(connection, record, "visibility", Visibility::Private.as_str())?;
        set(connection, record, "owned_at", None::<String>)?;
        return set(connection, record, "owner_team", None::<i64>);
    };
    let team = owners::team(connection, principal, name, Access::Admin)?;
    if record.owner.as_ref().is_some_and(|owner| owner.team == team) {
        return Ok(());
    }
    const SQL: &str = "\
        UPDATE databases SET owner_team = ?2, owned_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), expires_at = NULL \
        WHERE id = ?1";
    connection.execute(SQL, (record.info.id.as_str(), team)).map_err(fault).map(drop)
}
