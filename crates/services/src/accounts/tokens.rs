//! API tokens of teams: what programs call with, for some of a team's databases.

use chrono::{DateTime, SecondsFormat, Timelike, Utc};
use model::{Access, Error, Principal, Result, check_name};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use secrecy::SecretString;

use super::bearer::{TOKEN_PREFIX, secret_hash};
use super::membership::{self, Takes, TeamRow};
use super::user_tokens::shown;
use super::{Accounts, random};
use crate::metadata::fault;

/// 238 bits.
pub(super) const CHARACTERS: usize = 40;
/// How many tokens a team may have.
const MOST_TOKENS: i64 = 1_000;
/// How many permissions one token may have.
const MOST_PERMISSIONS: usize = 1_000;
const MOST_DESCRIPTION_CHARS: usize = 10_000;

/// What a token is to be allowed in one database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The id of the database.
    pub database: String,
    /// `Read`, `Insert` or `Write`.
    pub access: Access,
}

/// A token that is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it ends: RFC 3339.
    pub expires_at: Option<String>,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The team that it belongs to.
    pub team: String,
}

/// What is to change of a token; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct TokenChange {
    /// What it is called.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// When it ends.
    pub expires_at: Option<Option<String>>,
    /// The team that it belongs to.
    pub team: Option<String>,
    /// What it may do.
    pub permissions: Option<Vec<Permission>>,
}

/// What a token is allowed in one database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPermission {
    /// The id of the database.
    pub database: String,
    /// What the database is shown as.
    pub database_name: String,
    /// `read`, `insert` or `write`.
    pub access: String,
}

/// A token. Times are RFC 3339, UTC, to the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its beginning, to be recognised by; the token is not kept.
    pub shown: String,
    /// When it was made.
    pub created_at: String,
    /// When it ends, where it does.
    pub expires_at: Option<String>,
    /// What it may do.
    pub permissions: Vec<TokenPermission>,
}

impl Accounts {
    /// Makes a token, for Admins of its team. The secret is told this once.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `Invalid` for a time that is over and a database that the team does not own.
    pub async fn create_token(&self, by: &Principal, new: NewToken) -> Result<(Token, SecretString)> {
        check_token(Some(&new.name), new.description.as_deref(), &new.permissions)?;
        let end = new.expires_at.as_deref().map(read_end).transpose()?;
        let by = by.clone();
        let secret = random::secret(TOKEN_PREFIX, CHARACTERS);
        let (hash, prefix) = (secret_hash(&secret), shown(&secret));
        let made = self.0.metadata.change(move |transaction| {
            let team = membership::open(transaction, &by, &new.team, Takes::Admin)?;
            let count = "SELECT count(*) FROM tokens WHERE team_id = ?1";
            let tokens: i64 = transaction.query_row(count, [team.id], |row| row.get(0)).map_err(fault)?;
            if tokens >= MOST_TOKENS {
                return Err(Error::too_large(format!("the team has {tokens} tokens already; remove some first")));
            }
            const SQL: &str = "\
                INSERT INTO tokens (team_id, name, description, hash, prefix, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let row = (team.id, &new.name, &new.description, hash, prefix, end);
            transaction.execute(SQL, row).map_err(fault)?;
            let id = transaction.last_insert_rowid();
            permit(transaction, id, &team, &new.permissions)?;
            read(transaction, id)
        });
        Ok((made.await?, secret))
    }

    /// The tokens of a team by number, for its members.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn tokens(&self, by: &Principal, team: &str) -> Result<Vec<Token>> {
        let (by, team) = (by.clone(), team.to_owned());
        let found = move |connection: &mut Connection| {
            let transaction = connection.transaction().map_err(fault)?;
            let team = membership::open(&transaction, &by, &team, Takes::Member)?;
            let ids = "SELECT id FROM tokens WHERE team_id = ?1 ORDER BY id";
            let mut statement = transaction.prepare_cached(ids).map_err(fault)?;
            let ids = statement.query_map([team.id], |row| row.get(0)).map_err(fault)?;
            ids.map(|id| read(&transaction, id.map_err(fault)?)).collect()
        };
        self.0.metadata.call(found).await
    }

    /// A token, for members of its team.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn token(&self, by: &Principal, id: i64) -> Result<Token> {
        let by = by.clone();
        let found = move |connection: &mut Connection| {
            let transaction = connection.transaction().map_err(fault)?;
            team_of(&transaction, &by, id, Takes::Member)?;
            read(&transaction, id)
        };
        self.0.metadata.call(found).await
    }

    /// Changes a token, for Admins of its team, and of the one that it moves to. What it was allowed in databases that its
    /// new team does not own it is allowed no more.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `Invalid`.
    pub async fn change_token(&self, by: &Principal, id: i64, change: TokenChange) -> Result<Token> {
        let description = change.description.as_ref().and_then(Option::as_deref);
        check_token(change.name.as_deref(), description, change.permissions.as_deref().unwrap_or_default())?;
        let end = change.expires_at.map(|end| end.as_deref().map(read_end).transpose()).transpose()?;
        let by = by.clone();
        let changed = self.0.metadata.change(move |transaction| {
            let mut team = team_of(transaction, &by, id, Takes::Admin)?;
            let set = |sql: &str, value: &Option<String>| transaction.execute(sql, (id, value)).map_err(fault);
            if change.name.is_some() {
                set("UPDATE tokens SET name = ?2 WHERE id = ?1", &change.name)?;
            }
            if let Some(description) = &change.description {
                set("UPDATE tokens SET description = ?2 WHERE id = ?1", description)?;
            }
            if let Some(end) = &end {
                set("UPDATE tokens SET expires_at = ?2 WHERE id = ?1", end)?;
            }
            if let Some(name) = &change.team {
                team = membership::open(transaction, &by, name, Takes::Admin)?;
                hand_over(transaction, id, &team)?;
            }
            if let Some(permissions) = &change.permissions {
                transaction.execute("DELETE FROM token_permissions WHERE token_id = ?1", [id]).map_err(fault)?;
                permit(transaction, id, &team, permissions)?;
            }
            read(transaction, id)
        });
        changed.await
    }

    /// Ends a token at once, for Admins of its team.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn remove_token(&self, by: &Principal, id: i64) -> Result<()> {
        let by = by.clone();
        let removed = self.0.metadata.change(move |transaction| {
            team_of(transaction, &by, id, Takes::Admin)?;
            transaction.execute("DELETE FROM tokens WHERE id = ?1", [id]).map_err(fault)
        });
        removed.await.map(drop)
    }
}

fn check_token(name: Option<&str>, description: Option<&str>, permissions: &[Permission]) -> Result<()> {
    name.map_or(Ok(()), |name| check_name("token", name))?;
    if description.is_some_and(|text| text.chars().count() > MOST_DESCRIPTION_CHARS) {
        return Err(Error::invalid(format!("the description has more than {MOST_DESCRIPTION_CHARS} characters")));
    }
    if permissions.len() > MOST_PERMISSIONS {
        return Err(Error::invalid(format!("a token has at most {MOST_PERMISSIONS} permissions")));
    }
    let unfit = permissions.iter().find(|permission| permission.access == Access::Admin);
    unfit.map_or(Ok(()), |_| Err(Error::invalid("a token has read, insert or write permission; admin is for users")))
}

/// When a token ends, as the table has it: a time to come, rounded up to the second.
fn read_end(text: &str) -> Result<String> {
    let read = DateTime::parse_from_rfc3339(text).map_err(|fault| {
        Error::invalid(format!("expiration_utc {text:?} is no time: {fault}; send one like 2030-01-31T12:00:00Z"))
    })?;
    let end = read.with_timezone(&Utc);
    if end <= Utc::now() {
        return Err(Error::invalid(format!("expiration_utc {text} is over; send a time to come, or null for no end")));
    }
    let whole = if end.nanosecond() == 0 { Some(end) } else { end.checked_add_signed(chrono::TimeDelta::seconds(1)) };
    let whole = whole.filter(|end| end.timestamp() < 253_402_300_800);
    let whole = whole.ok_or_else(|| Error::invalid(format!("expiration_utc {text} is after the year 9999")))?;
    Ok(whole.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// The team of a token, for somebody who may do there what it takes. A user's own token is no team's.
fn team_of(connection: &Connection, by: &Principal, id: i64, takes: Takes) -> Result<TeamRow> {
    membership::person(by)?;
    const SQL: &str = "\
        SELECT t.id, t.name, t.personal_of FROM tokens k JOIN teams t ON t.id = k.team_id WHERE k.id = ?1";
    let row = |row: &Row<'_>| Ok(TeamRow { id: row.get(0)?, name: row.get(1)?, personal_of: row.get(2)? });
    let team = connection.query_row(SQL, [id], row).optional().map_err(fault)?;
    let team = team.ok_or_else(|| Error::not_found("token", id))?;
    membership::require(connection, by, &team, takes)?;
    Ok(team)
}

/// Allows a token something in databases of its team.
fn permit(transaction: &Transaction<'_>, id: i64, team: &TeamRow, permissions: &[Permission]) -> Result<()> {
    for Permission { database, access } in permissions {
        const SQL: &str = "\
            INSERT OR IGNORE INTO token_permissions (token_id, database_id, access) \
            SELECT ?1, id, ?3 FROM databases WHERE id = ?2 AND owner_team = ?4";
        let owned = "SELECT 1 FROM databases WHERE id = ?1 AND owner_team = ?2";
        let owned = transaction.query_row(owned, (database, team.id), |_| Ok(())).optional().map_err(fault)?;
        if owned.is_none() {
            return Err(Error::invalid(format!("the team \"{}\" owns no database {database:?}", team.name)));
        }
        transaction.execute(SQL, (id, database, access.as_str(), team.id)).map_err(fault)?;
    }
    Ok(())
}

fn hand_over(transaction: &Transaction<'_>, id: i64, team: &TeamRow) -> Result<()> {
    let moved = "UPDATE tokens SET team_id = ?2 WHERE id = ?1";
    transaction.execute(moved, (id, team.id)).map_err(fault)?;
    const DROPPED: &str = "\
        DELETE FROM token_permissions WHERE token_id = ?1 \
        AND database_id NOT IN (SELECT id FROM databases WHERE owner_team = ?2)";
    transaction.execute(DROPPED, (id, team.id)).map_err(fault).map(drop)
}

fn read(connection: &Connection, id: i64) -> Result<Token> {
    const PERMISSIONS: &str = "\
        SELECT p.database_id, coalesce(d.label, d.name), p.access FROM token_permissions p \
        JOIN databases d ON d.id = p.database_id WHERE p.token_id = ?1 ORDER BY p.database_id, p.access";
    let mut statement = connection.prepare_cached(PERMISSIONS).map_err(fault)?;
    let permissions = statement.query_map([id], |row| {
        Ok(TokenPermission { database: row.get(0)?, database_name: row.get(1)?, access: row.get(2)? })
    });
    let permissions = permissions.and_then(Iterator::collect).map_err(fault)?;
    let sql = "SELECT name, description, prefix, created_at, expires_at FROM tokens WHERE id = ?1";
    let token = connection.query_row(sql, [id], |row| {
        let (name, description, shown) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Token { id, name, description, shown, created_at: row.get(3)?, expires_at: row.get(4)?, permissions })
    });
    token.map_err(fault)
}
