//! Whose a database is: finding the team that a caller means, and whether it may give databases to it.

use model::{Access, Caller, Error, Principal, Resource, Result, name_key};
use rusqlite::{Connection, OptionalExtension};

use crate::metadata::fault;

/// The team of this name in which `principal` may do `access`.
///
/// # Errors
/// `NotFound` for a team that is unknown or that the caller is no member of, `Forbidden` for too small a role.
pub(super) fn team(connection: &Connection, principal: &Principal, name: &str, access: Access) -> Result<i64> {
    let found = connection.query_row("SELECT id FROM teams WHERE key = ?1", [name_key(name)], |row| row.get(0));
    let unknown = || Error::not_found("team", name);
    let team: i64 = found.optional().map_err(fault)?.ok_or_else(unknown)?;
    if principal.is_server_admin() {
        return Ok(team);
    }
    let rights = principal.granted(&Resource::Team(team));
    if rights.is_none() {
        return Err(unknown());
    }
    if !rights.allow(access) {
        let role = if access == Access::Admin { "Admin" } else { "Editor or Admin" };
        return Err(Error::forbidden(format!("this takes the role {role} in team \"{name}\"; ask an Admin of it")));
    }
    Ok(team)
}

/// The team that a new database of `principal` belongs to: the one of this name, else the caller's own. `None` for
/// nobody's database.
///
/// # Errors
/// As [`team`]; `Forbidden` for a token or link, which own nothing; `Unauthenticated` where nobody signed in and names a
/// team; `Invalid` for a user without a team of its own.
pub(super) fn of_new(connection: &Connection, principal: &Principal, name: Option<&str>) -> Result<Option<i64>> {
    match (principal.caller, name) {
        (Caller::Token(_) | Caller::Link, _) => {
            Err(Error::forbidden("a token reads and changes the databases of its team and creates none; sign in"))
        }
        (Caller::Anonymous, None) => Ok(None),
        (Caller::Anonymous, Some(_)) => Err(Error::unauthenticated("sign in to create a database for a team")),
        (Caller::User, Some(name)) => team(connection, principal, name, Access::Write).map(Some),
        (Caller::User, None) => {
            let own =
                connection.query_row("SELECT id FROM teams WHERE personal_of = ?1", [principal.name.as_ref()], |row| {
                    row.get(0)
                });
            let own: Option<i64> = own.optional().map_err(fault)?;
            own.map(Some).ok_or_else(|| {
                Error::invalid(format!("user \"{}\" has no team of its own; name one in `team`", principal.name))
            })
        }
    }
}
