//! Sessions: what a login gives, and a logout ends.

use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use model::{Error, ErrorKind, Result};
use rusqlite::{OptionalExtension, Transaction};
use secrecy::SecretString;

use super::bearer::{is_api_token, secret_hash, unknown};
use super::teams::{TeamSummary, summaries};
use super::{Accounts, CallerAddress, random};
use crate::metadata::fault;

/// How long a session lasts.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// 190 bits.
const CHARACTERS: usize = 32;
/// How many sessions a user has at a time; the oldest end.
const KEPT: u32 = 1_000;

/// A session that was opened.
#[derive(Debug)]
pub struct Session {
    /// What goes after `Bearer`; only its hash is stored.
    pub token: SecretString,
    /// Whose it is.
    pub user: String,
    /// The teams of the user, by name.
    pub teams: Vec<TeamSummary>,
}

impl Session {
    /// How long it lasts.
    pub const LIFETIME: Duration = LIFETIME;
}

impl Accounts {
    /// Opens a session for a user, who gives the name or the e-mail address.
    ///
    /// # Errors
    /// As [`Accounts::authenticate`], and `RateLimited` after many wrong passwords.
    pub async fn login(&self, name: &str, password: &SecretString, from: CallerAddress) -> Result<Session> {
        let limit = &self.0.limits.login;
        limit.take(from, name)?;
        let opened = self.open_session(name, password).await;
        if opened.is_ok() {
            limit.trust(from, name);
        }
        if !matches!(&opened, Err(error) if error.kind() == ErrorKind::Unauthenticated) {
            limit.give_back(from, name);
        }
        opened
    }

    async fn open_session(&self, given: &str, password: &SecretString) -> Result<Session> {
        let wanted = given.to_owned();
        let named = self.0.metadata.call(move |connection| {
            // A name goes before an address.
            const SQL: &str = "\
                SELECT name, 1 AS place FROM users WHERE name = ?1 \
                UNION ALL SELECT name, 2 FROM users WHERE email = ?2 ORDER BY place LIMIT 1";
            let found = connection.query_row(SQL, (&wanted, wanted.trim().to_lowercase()), |row| row.get(0));
            found.optional().map_err(fault)
        });
        let name: String = named.await?.unwrap_or_else(|| given.to_owned());
        let user = match self.authenticate(&name, password).await {
            Err(unverified) if unverified.kind() == ErrorKind::Forbidden => {
                // The first mail may be lost, and there is no other way in.
                self.mail_verification(&name).await?;
                return Err(unverified);
            }
            other => other?.name.to_string(),
        };
        let token = random::secret("", CHARACTERS);
        let hash = secret_hash(&token);
        let opened = self.0.metadata.change(move |transaction| {
            insert(transaction, &user, &hash)?;
            let teams = summaries(transaction, &user)?;
            Ok((user, teams))
        });
        let (user, teams) = opened.await?;
        Ok(Session { token, user, teams })
    }

    /// Whether a token is that of a session, one that was ended included, or a good API token.
    ///
    /// # Errors
    /// `Unauthenticated` for every other.
    pub async fn recognise(&self, token: &SecretString) -> Result<()> {
        if is_api_token(token) {
            return self.bearer(token).await.map(drop);
        }
        const SQL: &str = "\
            SELECT 1 FROM sessions WHERE hash = ?1 AND expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
        let hash = secret_hash(token);
        let found = move |connection: &mut rusqlite::Connection| {
            connection.query_row(SQL, [hash], |_| Ok(())).optional().map_err(fault)
        };
        self.0.metadata.call(found).await?.ok_or_else(unknown)
    }

    /// Ends a session at once. Ending it again is no fault.
    ///
    /// # Errors
    /// `Unauthenticated` for what never was a session, or expired; `Invalid` for an API token.
    pub async fn logout(&self, token: &SecretString) -> Result<()> {
        if is_api_token(token) {
            return Err(Error::invalid(
                "an API token has no session to end; to revoke it, send DELETE /api/tokens/ and its id",
            ));
        }
        const SQL: &str = "\
            UPDATE sessions SET ended_at = coalesce(ended_at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) \
            WHERE hash = ?1 AND expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
        let hash = secret_hash(token);
        let ended = self.0.metadata.change(move |transaction| transaction.execute(SQL, [hash]).map_err(fault));
        if ended.await? == 0 { Err(unknown()) } else { Ok(()) }
    }
}

fn insert(transaction: &Transaction<'_>, user: &str, hash: &[u8]) -> Result<()> {
    const OVER: &str = "\
        DELETE FROM sessions WHERE expires_at <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now') OR hash IN \
        (SELECT hash FROM sessions WHERE user_name = ?1 ORDER BY created_at DESC LIMIT -1 OFFSET ?2)";
    transaction.execute(OVER, (user, KEPT - 1)).map_err(fault)?;
    let end = (Utc::now() + LIFETIME).to_rfc3339_opts(SecondsFormat::Millis, true);
    let sql = "INSERT INTO sessions (hash, user_name, expires_at) VALUES (?1, ?2, ?3)";
    transaction.execute(sql, (hash, user, end)).map_err(fault)?;
    Ok(())
}
