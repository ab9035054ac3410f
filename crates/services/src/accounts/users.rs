//! Creating, listing and changing users.

use model::{Access, Error, Result, check_name};
use rusqlite::{Connection, Params};
use secrecy::SecretString;
use tokio::task::spawn_blocking;

use super::authenticate::read_generation;
use super::{Accounts, password};
use crate::metadata::{fault, is_taken};

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
    /// A new user.
    ///
    /// # Errors
    /// `Conflict` where the name is taken; `Invalid` for a name that is empty, too long or has a colon (which ends the
    /// name in HTTP's Basic scheme), and for an empty or endless password.
    pub async fn create(&self, name: &str, password: &SecretString, access: Access) -> Result<()> {
        check_user_name(name)?;
        if access == Access::Insert {
            return Err(Error::invalid("a user has read, write or admin access; insert is for tokens"));
        }
        let hashed = hashed(password).await?;
        let taken = name.to_owned();
        self.change(
            "INSERT INTO users (name, password_hash, access) VALUES (?1, ?2, ?3)",
            (name.to_owned(), hashed, access.as_str()),
            move || Error::exists("user", taken),
        )
        .await?;
        Ok(())
    }

    /// Every user, by name.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn list(&self) -> Result<Vec<User>> {
        self.0.metadata.call(|connection| read_users(connection)).await
    }

    /// The user can sign in no more; what it runs at this moment runs to its end.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn disable(&self, name: &str) -> Result<()> {
        let changed = self
            .change("UPDATE users SET disabled = 1 WHERE name = ?1", (name.to_owned(),), unexpected_conflict)
            .await?;
        if changed == 0 { Err(Error::not_found("user", name)) } else { Ok(()) }
    }

    /// Another password for a user; the old one is good no more.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` for an empty or endless password.
    pub async fn set_password(&self, name: &str, secret: &SecretString) -> Result<()> {
        let hashed = hashed(secret).await?;
        let changed = self
            .change(
                "UPDATE users SET password_hash = ?2 WHERE name = ?1",
                (name.to_owned(), hashed),
                unexpected_conflict,
            )
            .await?;
        if changed == 0 { Err(Error::not_found("user", name)) } else { Ok(()) }
    }

    /// Makes the admin account of a fresh server; `None` where there is an admin, even a disabled one.
    ///
    /// # Errors
    /// As [`Accounts::create`].
    pub async fn ensure_admin(&self, name: Option<&str>, given: Option<SecretString>) -> Result<Option<FirstAdmin>> {
        if self.list().await?.iter().any(|user| user.access == Some(Access::Admin)) {
            return Ok(None);
        }
        let name = name.unwrap_or(FIRST_ADMIN).to_owned();
        let generated = given.is_none();
        let password = given.unwrap_or_else(password::generate);
        self.create(&name, &password, Access::Admin).await?;
        Ok(Some(FirstAdmin { name, password, generated }))
    }

    /// Runs one changing statement; what is remembered of credentials ends with it. Answers with the rows it changed.
    async fn change(
        &self,
        sql: &'static str,
        params: impl Params + Send + 'static,
        taken: impl FnOnce() -> Error + Send + 'static,
    ) -> Result<usize> {
        let work = move |connection: &mut Connection| {
            let transaction = connection.transaction().map_err(fault)?;
            let changed = match transaction.execute(sql, params) {
                Err(conflict) if is_taken(&conflict) => return Err(taken()),
                other => other.map_err(fault)?,
            };
            let generation = read_generation(&transaction)?;
            transaction.commit().map_err(fault)?;
            Ok((changed, generation))
        };
        let (changed, generation) = self.0.metadata.call(work).await?;
        self.0.memory.advance(generation);
        Ok(changed)
    }
}

fn check_user_name(name: &str) -> Result<()> {
    check_name("user", name)?;
    if name.contains(':') {
        return Err(Error::invalid(format!("the user name {name:?} has a colon, which would end it in a credential")));
    }
    Ok(())
}

async fn hashed(secret: &SecretString) -> Result<String> {
    let secret = secret.clone();
    spawn_blocking(move || password::hash(&secret)).await.map_err(Error::internal)?
}

fn unexpected_conflict() -> Error {
    Error::internal("an update of users broke a constraint")
}

/// An access as the table has it.
pub(super) fn read_access(word: &str) -> Result<Option<Access>> {
    if word == "none" { Ok(None) } else { word.parse().map(Some).map_err(Error::internal) }
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
