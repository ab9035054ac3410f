//! Changing a password: by an operator, or with a key that was mailed.

use model::{Error, Result};
use rusqlite::{OptionalExtension, Transaction};
use secrecy::{ExposeSecret, SecretString};
use tokio::task::spawn_blocking;

use super::insert_user::read_email;
use super::mail_keys::{self, MailPurpose};
use super::{Accounts, CallerAddress, password};
use crate::metadata::fault;

/// Shorter ones that people choose for themselves are refused.
const MIN_CHARS: usize = 6;

impl Accounts {
    /// Another password for a user; the old one is good no more, nor is any session.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` for an empty or endless password.
    pub async fn set_password(&self, name: &str, secret: &SecretString) -> Result<()> {
        let (name, hash) = (name.to_owned(), hashed(secret).await?);
        self.0.metadata.change(move |transaction| set(transaction, &name, &hash)).await
    }

    /// Mails a link to reset the password to whoever has an account with this address. The answer does not tell, nor
    /// does its time, whether there is one.
    ///
    /// # Errors
    /// `Invalid` for what is no address, `RateLimited`; those of the metadata database.
    pub async fn request_reset(&self, email: &str, from: CallerAddress) -> Result<()> {
        let email = read_email(email)?;
        self.0.limits.mail.take(from, &email)?;
        // Known or not, it is kept until it was looked up: that takes the same time, and a restart loses nothing.
        let request = self.0.metadata.change(move |transaction| {
            let sql = "INSERT INTO reset_requests (email) VALUES (?1)";
            transaction.execute(sql, [email]).map_err(fault)?;
            Ok(transaction.last_insert_rowid())
        });
        self.look_up_later(request.await?);
        Ok(())
    }

    /// Goes on with what was asked within the time that a link would have been good.
    pub(super) async fn resume_resets(&self) -> Result<()> {
        const OVER: &str =
            "DELETE FROM reset_requests WHERE created_at <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hour')";
        let asked = self.0.metadata.change(|transaction| {
            transaction.execute(OVER, []).map_err(fault)?;
            let mut statement = transaction.prepare("SELECT id FROM reset_requests ORDER BY id").map_err(fault)?;
            let ids = statement.query_map([], |row| row.get(0)).map_err(fault)?;
            ids.collect::<rusqlite::Result<Vec<i64>>>().map_err(fault)
        });
        for request in asked.await? {
            self.look_up_later(request);
        }
        Ok(())
    }

    fn look_up_later(&self, request: i64) {
        let accounts = self.clone();
        tokio::spawn(async move {
            if let Err(error) = accounts.mail_reset(request).await {
                tracing::warn!(%error, "could not make a link to reset a password; it is tried at the next start");
            }
        });
    }

    async fn mail_reset(&self, request: i64) -> Result<()> {
        let outbox = self.0.mail.outbox();
        let made = self.0.metadata.change(move |transaction| {
            let sql = "DELETE FROM reset_requests WHERE id = ?1 RETURNING email";
            let email: Option<String> =
                transaction.query_row(sql, [request], |row| row.get(0)).optional().map_err(fault)?;
            let Some(email) = email else { return Ok(None) };
            let sql = "SELECT name FROM users WHERE email = ?1 AND NOT disabled";
            let user: Option<String> =
                transaction.query_row(sql, [&email], |row| row.get(0)).optional().map_err(fault)?;
            let Some(user) = user else { return Ok(None) };
            mail_keys::make(transaction, &outbox, MailPurpose::Reset, Some(user), email).map(Some)
        });
        if let Some(made) = made.await? {
            self.0.mail.post(made);
        }
        Ok(())
    }

    /// Whether a key to reset a password is good.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn is_reset_key(&self, key: &SecretString) -> Result<bool> {
        let key = key.clone();
        let found = move |connection: &mut _| mail_keys::look(connection, MailPurpose::Reset, &key);
        Ok(self.0.metadata.call(found).await?.is_some())
    }

    /// Sets the password of the user whose key this is. The key is used up, every session of the user ends, and the
    /// address is verified: whoever has the key reads its mail.
    ///
    /// # Errors
    /// `Invalid` for an unknown, used or expired key, and for a password that is too short or too long.
    pub async fn reset_password(&self, key: &SecretString, secret: &SecretString) -> Result<()> {
        check(secret)?;
        if !self.is_reset_key(key).await? {
            // Hashing takes a core for some milliseconds: not for whoever has no key.
            return Err(bad_key());
        }
        let (wanted, hash) = (key.clone(), hashed(secret).await?);
        let changed = self.0.metadata.change(move |transaction| {
            let found = mail_keys::take(transaction, MailPurpose::Reset, &wanted)?.ok_or_else(bad_key)?;
            let user = found.user.ok_or_else(bad_key)?;
            mail_keys::void(transaction, MailPurpose::Reset, &found.email)?;
            const VERIFIED: &str = "\
                UPDATE users SET email_verified_at = coalesce(email_verified_at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) \
                WHERE name = ?1 AND email = ?2";
            transaction.execute(VERIFIED, [&user, &found.email]).map_err(fault)?;
            set(transaction, &user, &hash)
        });
        changed.await?;
        self.0.mail.used(key);
        Ok(())
    }
}

fn set(transaction: &Transaction<'_>, name: &str, hash: &str) -> Result<()> {
    let sql = "UPDATE users SET password_hash = ?2 WHERE name = ?1";
    if transaction.execute(sql, [name, hash]).map_err(fault)? == 0 {
        return Err(Error::not_found("user", name));
    }
    transaction.execute("DELETE FROM sessions WHERE user_name = ?1", [name]).map_err(fault)?;
    Ok(())
}

fn bad_key() -> Error {
    Error::invalid("the key to reset a password is unknown, used or expired; ask for a new one")
}

/// # Errors
/// `Invalid` for a password that nobody should choose.
pub(super) fn check(secret: &SecretString) -> Result<()> {
    if secret.expose_secret().chars().count() < MIN_CHARS {
        return Err(Error::invalid(format!("the password has fewer than {MIN_CHARS} characters; choose a longer one")));
    }
    Ok(())
}

/// The hash of a password, made where it holds up nobody.
pub(super) async fn hashed(secret: &SecretString) -> Result<String> {
    let secret = secret.clone();
    spawn_blocking(move || password::hash(&secret)).await.map_err(Error::internal)?
}
