//! From a name and a password to a principal.

use model::{Access, Error, Grant, Principal, Resource, Result, Rights};
use rusqlite::{Connection, OptionalExtension};
use secrecy::SecretString;
use tokio::task::spawn_blocking;

use super::users::read_access;
use super::{Accounts, password};
use crate::metadata::fault;

/// What the users table says of one name, as of one generation.
struct Stored {
    generation: u64,
    user: Option<StoredUser>,
}

struct StoredUser {
    password_hash: String,
    access: String,
    disabled: bool,
    grants: Vec<Grant>,
}

impl Accounts {
    /// The principal of a name and password.
    ///
    /// A change of a user made in this process counts at once, one made by another program within a second.
    ///
    /// # Errors
    /// `Unauthenticated` for an unknown name, a wrong password and a disabled user alike.
    pub async fn authenticate(&self, name: &str, password: &SecretString) -> Result<Principal> {
        let memory = &self.0.memory;
        if memory.must_refresh() {
            memory.advance(self.0.metadata.call(|connection| read_generation(connection)).await?);
        }
        let fingerprint = memory.fingerprint(name, password);
        if let Some(principal) = memory.get(&fingerprint) {
            return Ok(principal);
        }
        let _turn = self.0.turns.acquire().await.expect("the semaphore is never closed");
        // Of many first calls with one credential, the first verifies and the rest find its result here.
        if let Some(principal) = memory.get(&fingerprint) {
            return Ok(principal);
        }
        let wanted = name.to_owned();
        let stored = self.0.metadata.call(move |connection| read_user(connection, &wanted)).await?;
        let generation = stored.generation;
        let principal = self.verify(name, password.clone(), stored.user).await?;
        memory.remember(fingerprint, principal.clone(), generation);
        Ok(principal)
    }

    async fn verify(&self, name: &str, given: SecretString, user: Option<StoredUser>) -> Result<Principal> {
        let (matches, user) = spawn_blocking(move || {
            let matches = password::verify(&given, user.as_ref().map(|user| user.password_hash.as_str()));
            (matches, user)
        })
        .await
        .map_err(Error::internal)?;
        match user {
            Some(user) if matches && !user.disabled => {
                let rights = read_access(&user.access)?.map_or(Rights::NONE, Rights::up_to);
                Ok(Principal::user(name, rights, user.grants))
            }
            _ => Err(Error::unauthenticated("the user name or the password is wrong")),
        }
    }
}

/// The generation of the users table.
pub(super) fn read_generation(connection: &Connection) -> Result<u64> {
    let value: i64 =
        connection.query_row("SELECT value FROM account_generation", [], |row| row.get(0)).map_err(fault)?;
    u64::try_from(value).map_err(Error::internal)
}

/// One transaction, so that the user is no older than the generation.
fn read_user(connection: &mut Connection, name: &str) -> Result<Stored> {
    let transaction = connection.transaction().map_err(fault)?;
    let generation = read_generation(&transaction)?;
    let user = transaction
        .query_row("SELECT password_hash, access, disabled FROM users WHERE name = ?1", [name], |row| {
            Ok(StoredUser {
                password_hash: row.get(0)?,
                access: row.get(1)?,
                disabled: row.get(2)?,
                grants: read_grants(&transaction, name)?,
            })
        })
        .optional()
        .map_err(fault)?;
    Ok(Stored { generation, user })
}

/// What a user may do through the teams that it is a member of.
pub(super) fn read_grants(connection: &Connection, user: &str) -> rusqlite::Result<Vec<Grant>> {
    let mut statement =
        connection.prepare_cached("SELECT team_id, admin, editor, viewer FROM members WHERE user_name = ?1")?;
    let grants = statement.query_map([user], |row| {
        let role = |column: usize, access| {
            Ok::<_, rusqlite::Error>(if row.get(column)? { Rights::up_to(access) } else { Rights::NONE })
        };
        let rights = role(1, Access::Admin)? | role(2, Access::Write)? | role(3, Access::Read)?;
        Ok(Grant { resource: Resource::Team(row.get(0)?), rights })
    })?;
    grants.collect()
}
