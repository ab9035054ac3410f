//! From a bearer token to a principal: the session that a user opened, or an API token of a team or a user.

use std::time::SystemTime;

use chrono::DateTime;
use model::{Access, DatabaseId, Error, Grant, Principal, Resource, Result, Rights};
use rusqlite::{Connection, OptionalExtension};
use secrecy::{ExposeSecret, SecretString};

use super::Accounts;
use super::authenticate::read_grants;
use super::memory::Bearer;
use super::users::read_access;
use crate::metadata::{fault, read_generation};

/// What API tokens begin with; session tokens are letters and digits alone.
pub const TOKEN_PREFIX: &str = "ast_";

impl Accounts {
    /// The principal of a session token or an API token.
    ///
    /// What ends or changes one in this process counts at once, what another program does within a second.
    ///
    /// # Errors
    /// `Unauthenticated` for one that is unknown, has ended or expired, or whose user is disabled.
    pub async fn bearer(&self, token: &SecretString) -> Result<Principal> {
        self.keep_current().await?;
        let memory = &self.0.memory;
        let fingerprint = memory.fingerprint("", token);
        if let Some(principal) = memory.bearer(&fingerprint, self.0.metadata.accounts_generation()) {
            return Ok(principal);
        }
        let hash = secret_hash(token);
        let is_api = is_api_token(token);
        let found = self.0.metadata.call(move |connection| {
            // One transaction, so that nothing is older than the generation.
            let transaction = connection.transaction().map_err(fault)?;
            let generation = read_generation(&transaction)?;
            let read = if is_api { read_token } else { read_session };
            let found = read(&transaction, &hash)?;
            Ok(found.map(|(principal, expires_at)| Bearer { principal, expires_at, generation }))
        });
        let bearer = found.await?.ok_or_else(unknown)?;
        let principal = bearer.principal.clone();
        memory.remember_bearer(fingerprint, bearer);
        Ok(principal)
    }
}

/// The answer to a token that is good for nothing.
pub(super) fn unknown() -> Error {
    Error::unauthenticated("the token is unknown or has expired; sign in again")
}

/// Whether it is an API token, by its look.
pub(super) fn is_api_token(token: &SecretString) -> bool {
    token.expose_secret().starts_with(TOKEN_PREFIX)
}

/// What a secret that the server made is kept as. It has more than a hundred random bits, so that no slow hash is needed.
pub(super) fn secret_hash(secret: &SecretString) -> [u8; 32] {
    *blake3::hash(secret.expose_secret().as_bytes()).as_bytes()
}

type Found = Option<(Principal, Option<SystemTime>)>;

fn read_session(connection: &Connection, hash: &[u8]) -> Result<Found> {
    const SQL: &str = "\
        SELECT user_name, expires_at FROM sessions \
        WHERE hash = ?1 AND ended_at IS NULL AND expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let row = statement.query_row([hash], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(fault)?;
    let Some((name, end)): Option<(String, String)> = row else { return Ok(None) };
    let end = time(&end)?;
    Ok(user(connection, &name)?.map(|principal| (principal, Some(end))))
}

/// The user of this name, unless it is disabled.
fn user(connection: &Connection, name: &str) -> Result<Option<Principal>> {
    const SQL: &str = "SELECT access FROM users WHERE name = ?1 AND NOT disabled";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let access: Option<String> = statement.query_row([name], |row| row.get(0)).optional().map_err(fault)?;
    let Some(access) = access else { return Ok(None) };
    let rights = read_access(&access)?.map_or(Rights::NONE, Rights::up_to);
    let grants = read_grants(connection, name).map_err(fault)?;
    Ok(Some(Principal::user(name, rights, grants)))
}

fn read_token(connection: &Connection, hash: &[u8]) -> Result<Found> {
    const SQL: &str = "SELECT id, user_name, expires_at FROM tokens WHERE hash = ?1";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let row =
        statement.query_row([hash], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional().map_err(fault)?;
    let Some((id, name, end)): Option<(i64, Option<String>, Option<String>)> = row else { return Ok(None) };
    let end = end.as_deref().map(time).transpose()?;
    if end.is_some_and(|end| end <= SystemTime::now()) {
        return Ok(None);
    }
    let principal = match name {
        Some(name) => user(connection, &name)?,
        None => Some(Principal::token(id, permissions(connection, id)?)),
    };
    Ok(principal.map(|principal| (principal, end)))
}

/// What a team's token may do: a permission counts as long as the database belongs to the token's team.
fn permissions(connection: &Connection, token: i64) -> Result<Vec<Grant>> {
    const SQL: &str = "\
        SELECT p.database_id, p.access FROM token_permissions p \
        JOIN tokens t ON t.id = p.token_id JOIN databases d ON d.id = p.database_id AND d.owner_team = t.team_id \
        WHERE p.token_id = ?1";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let rows = statement.query_map([token], |row| Ok((row.get(0)?, row.get(1)?))).map_err(fault)?;
    let grants = rows.map(|row| {
        let (database, access): (String, String) = row.map_err(fault)?;
        let access: Access = access.parse().map_err(Error::internal)?;
        let resource = Resource::Database(DatabaseId::new(database).map_err(Error::internal)?);
        Ok(Grant { resource, rights: Rights::only(access) })
    });
    grants.collect()
}

/// A time as the tables have it.
fn time(text: &str) -> Result<SystemTime> {
    DateTime::parse_from_rfc3339(text).map(SystemTime::from).map_err(Error::internal)
}
