//! From a bearer token to a principal: the session that a user opened, or an API token of a team.

use model::{Access, DatabaseId, Error, Grant, Principal, Resource, Result, Rights};
use rusqlite::{Connection, OptionalExtension};
use secrecy::{ExposeSecret, SecretString};

use super::Accounts;
use super::authenticate::read_grants;
use super::users::read_access;
use crate::metadata::fault;

/// What API tokens begin with; session tokens are letters and digits alone.
pub(super) const TOKEN_PREFIX: &str = "ast_";

impl Accounts {
    /// The principal of a session token or an API token.
    ///
    /// # Errors
    /// `Unauthenticated` for one that is unknown, has expired, or whose user is disabled.
    pub async fn bearer(&self, token: &SecretString) -> Result<Principal> {
        let hash = secret_hash(token);
        let of_team = token.expose_secret().starts_with(TOKEN_PREFIX);
        let found =
            self.0.metadata.call(
                move |connection| {
                    if of_team { read_token(connection, &hash) } else { read_session(connection, &hash) }
                },
            );
        found.await?.ok_or_else(|| Error::unauthenticated("the token is unknown or has expired; sign in again"))
    }
}

/// What a secret that the server made is kept as. It has more than a hundred random bits, so that no slow hash is needed.
pub(super) fn secret_hash(secret: &SecretString) -> [u8; 32] {
    *blake3::hash(secret.expose_secret().as_bytes()).as_bytes()
}

fn read_session(connection: &Connection, hash: &[u8]) -> Result<Option<Principal>> {
    const SQL: &str = "\
        SELECT u.name, u.access FROM sessions s JOIN users u ON u.name = s.user_name \
        WHERE s.hash = ?1 AND s.expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AND NOT u.disabled";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let row = statement.query_row([hash], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(fault)?;
    let Some((name, access)): Option<(String, String)> = row else { return Ok(None) };
    let rights = read_access(&access)?.map_or(Rights::NONE, Rights::up_to);
    let grants = read_grants(connection, &name).map_err(fault)?;
    Ok(Some(Principal::user(name, rights, grants)))
}

/// A permission counts as long as the database belongs to the token's team.
fn read_token(connection: &Connection, hash: &[u8]) -> Result<Option<Principal>> {
    const TOKEN: &str = "\
        SELECT id FROM tokens WHERE hash = ?1 \
        AND (expires_at IS NULL OR datetime(expires_at) > datetime('now'))";
    const PERMISSIONS: &str = "\
        SELECT p.database_id, p.access FROM token_permissions p \
        JOIN tokens t ON t.id = p.token_id JOIN databases d ON d.id = p.database_id AND d.owner_team = t.team_id \
        WHERE p.token_id = ?1";
    let mut statement = connection.prepare_cached(TOKEN).map_err(fault)?;
    let Some(id) = statement.query_row([hash], |row| row.get::<_, i64>(0)).optional().map_err(fault)? else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(PERMISSIONS).map_err(fault)?;
    let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?))).map_err(fault)?;
    let mut grants = Vec::new();
    for row in rows {
        let (database, access): (String, String) = row.map_err(fault)?;
        let access: Access = access.parse().map_err(Error::internal)?;
        let resource = Resource::Database(DatabaseId::new(database).map_err(Error::internal)?);
        grants.push(Grant { resource, rights: Rights::only(access) });
    }
    Ok(Some(Principal::token(id, grants)))
}
