//! Creating, listing and changing users.

use model::{Access, Caller, Error, Principal, Result};
use rusqlite::Connection;
use secrecy::SecretString;

use super::insert_user::{UserRow, check_user_name, has_admin, insert};
use super::passwords::hashed;
use super::teams::{TeamSummary, summaries};
use super::{Accounts, password};
use crate::metadata::fault;

/// The name of the first admin where none is given.
const FIRST_ADMIN: &str = "admin";

/// A user as the list of users shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// What the user signs in with; letter case matters.
    pub name: String,
    /// What the user may do in databases that no team owns; with admin, everything everywhere.
    pub access: Option<Access>,
    /// Whether the user can sign in no more.
    pub disabled: bool,
    /// When it was created: RFC 3339, UTC.
    pub created_at: String,
}

/// A user as it is told to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserInfo {
    /// What the user signs in with.
    pub name: String,
    /// Whether it is an admin of the server.
    pub is_server_admin: bool,
    /// The teams that it is a member of, by name.
    pub teams: Vec<TeamSummary>,
}

/// The admin account that a first start made.
#[derive(Debug)]
pub struct FirstAdmin {
    /// What it signs in with.
    pub name: String,
    /// Its password; only its hash is stored, so this is the one time to show it.
    pub password: SecretString,
    /// Whether the server chose the password.
    pub generated: bool,
}

impl Accounts {
    /// A new user, with a personal team of the same name.
    ///
    /// # Errors
    /// `Conflict` where the name is taken, by a user or a team; `Invalid` for a name that is empty, too long or has a
    /// colon (which ends the name in HTTP's Basic scheme), and for an empty or endless password.
    pub async fn create(&self, name: &str, password: &SecretString, access: Access) -> Result<()> {
        check_user_name(name)?;
        if access == Access::Insert {
            return Err(Error::invalid("a user has read, write or admin access; insert is for tokens"));
        }
        let password_hash = hashed(password).await?;
        let row =
            UserRow { name: name.to_owned(), password_hash, access: access.as_str(), email: None, verified: false };
        self.0.metadata.change(move |transaction| insert(transaction, &row)).await
    }

    /// Every user, by name.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn list(&self) -> Result<Vec<User>> {
        self.0.metadata.call(|connection| read_users(connection)).await
    }

    /// What there is to say of a user, to itself or an admin of the server.
    ///
    /// # Errors
    /// `Forbidden` for everybody else, `NotFound`.
    pub async fn user(&self, by: &Principal, name: &str) -> Result<UserInfo> {
        let is_self = by.caller == Caller::User && *by.name == *name;
        if !is_self && !by.is_server_admin() {
            return Err(Error::forbidden("only the user itself and admins of the server may see this"));
        }
        let name = name.to_owned();
        self.0.metadata.call(move |connection| read_user(connection, name)).await
    }

    /// The user can sign in no more; what it runs at this moment runs to its end.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn disable(&self, name: &str) -> Result<()> {
        let wanted = name.to_owned();
        let disabled = self.0.metadata.change(move |transaction| {
            transaction.execute("UPDATE users SET disabled = 1 WHERE name = ?1", [wanted]).map_err(fault)
        });
        if disabled.await? == 0 { Err(Error::not_found("user", name)) } else { Ok(()) }
    }

    /// Makes the admin account of a fresh server; `None` where there is an admin, even a disabled one.
    ///
    /// # Errors
    /// As [`Accounts::create`].
    pub async fn ensure_admin(&self, name: Option<&str>, given: Option<SecretString>) -> Result<Option<FirstAdmin>> {
        if self.0.metadata.call(|connection| has_admin(connection)).await? {
            return Ok(None);
        }
        let name = name.unwrap_or(FIRST_ADMIN).to_owned();
        let generated = given.is_none();
        let password = given.unwrap_or_else(password::generate);
        self.create(&name, &password, Access::Admin).await?;
        Ok(Some(FirstAdmin { name, password, generated }))
    }
}

/// An access as the table has it.
pub(super) fn read_access(word: &str) -> Result<Option<Access>> {
    if word == "none" { Ok(None) } else { word.parse().map(Some).map_err(Error::internal) }
}

fn read_user(connection: &Connection, name: String) -> Result<UserInfo> {
    let access = connection.query_row("SELECT access FROM users WHERE name = ?1", [&name], |row| row.get(0));
    let access: String = match access {
        Err(rusqlite::Error::QueryReturnedNoRows) => return Err(Error::not_found("user", name)),
        other => other.map_err(fault)?,
    };
    let teams = summaries(connection, &name)?;
    Ok(UserInfo { is_server_admin: read_access(&access)? == Some(Access::Admin), teams, name })
}

fn read_users(connection: &Connection) -> Result<Vec<User>> {
    let mut statement =
        connection.prepare("SELECT name, access, disabled, created_at FROM users ORDER BY name").map_err(fault)?;
    let mut rows = statement.query([]).map_err(fault)?;
    let mut users = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        let access: String = row.get(1).map_err(fault)?;
        users.push(User {
            name: row.get(0).map_err(fault)?,
            access: read_access(&access)?,
            disabled: row.get(2).map_err(fault)?,
            created_at: row.get(3).map_err(fault)?,
        });
    }
    Ok(users)
}
