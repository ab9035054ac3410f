//! Who may do what in a team, looked up in the same transaction as what is done.

use model::{Caller, Error, Principal, Result, name_key};
use rusqlite::{Connection, OptionalExtension};

use crate::metadata::fault;

/// What it takes of somebody in a team. Admins of the server may do everything in every team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Any role.
    Member,
    /// The role Admin.
    Admin,
}

/// The row of a team.
pub(super) struct TeamRow {
    pub(super) id: i64,
    pub(super) name: String,
    /// The user whose personal team it is.
    pub(super) personal_of: Option<String>,
}

/// The name of a user that calls in person, or by a session or token of its own.
///
/// # Errors
/// `Forbidden` for a token of a team.
pub(super) fn person(by: &Principal) -> Result<&str> {
    match by.caller {
        Caller::User => Ok(&by.name),
        Caller::Anonymous => Err(Error::unauthenticated("this takes a session; send one after Bearer")),
        Caller::Token(_) | Caller::Link => {
            Err(Error::forbidden("this takes a session of a user; a token of a team is for its databases alone"))
        }
    }
}

/// The team of this name; letter case does not matter.
///
/// # Errors
/// `NotFound`.
pub(super) fn find(connection: &Connection, name: &str) -> Result<TeamRow> {
    let sql = "SELECT id, name, personal_of FROM teams WHERE key = ?1";
    let row = connection.query_row(sql, [name_key(name)], |row| {
        Ok(TeamRow { id: row.get(0)?, name: row.get(1)?, personal_of: row.get(2)? })
    });
    row.optional().map_err(fault)?.ok_or_else(|| Error::not_found("team", name))
}

/// The team of this name, for somebody who may do there what it takes.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub(super) fn open(connection: &Connection, by: &Principal, name: &str, takes: Takes) -> Result<TeamRow> {
    person(by)?;
    let team = find(connection, name)?;
    require(connection, by, &team, takes)?;
    Ok(team)
}

/// Refuses whoever may not do what it takes in a team.
///
/// # Errors
/// `Forbidden`.
pub(super) fn require(connection: &Connection, by: &Principal, team: &TeamRow, takes: Takes) -> Result<()> {
    let user = person(by)?;
    if by.is_server_admin() {
        return Ok(());
    }
    let sql = "SELECT admin FROM members WHERE team_id = ?1 AND user_name = ?2";
    let admin: Option<bool> = connection.query_row(sql, (team.id, user), |row| row.get(0)).optional().map_err(fault)?;
    match (admin, takes) {
        (Some(true), _) | (Some(false), Takes::Member) => Ok(()),
        (Some(false), Takes::Admin) => {
            Err(Error::forbidden(format!("user \"{user}\" is not an Admin of the team \"{}\"", team.name)))
        }
        (None, _) => Err(Error::forbidden(format!("user \"{user}\" is not a member of the team \"{}\"", team.name))),
    }
}
