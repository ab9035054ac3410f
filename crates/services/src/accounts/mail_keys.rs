//! Keys that are mailed: to verify an address, to reset a password, to sign up. Kept as hashes, good once and for a
//! time; until it is mailed, a key is kept encrypted beside its hash.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use model::{Error, Result};
use rusqlite::{Connection, OptionalExtension, Transaction};
use secrecy::SecretString;

use super::bearer::secret_hash;
use super::mail::Outbox;
use super::random;
use crate::metadata::fault;

/// 190 bits.
const CHARACTERS: usize = 32;
/// How many keys of one purpose an address has at a time; the oldest go.
const KEPT: u32 = 4;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailPurpose {
    /// To verify an address.
    Verify,
    /// To reset a password.
    Reset,
    /// To sign up.
    Invite,
}

impl MailPurpose {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Invite => "invite",
        }
    }

    /// What a word is for.
    pub(super) fn read(word: &str) -> Option<Self> {
        [Self::Verify, Self::Reset, Self::Invite].into_iter().find(|purpose| purpose.as_str() == word)
    }

    fn lifetime(self) -> Duration {
        const HOUR: Duration = Duration::from_secs(3600);
        match self {
            Self::Reset => HOUR,
            Self::Verify | Self::Invite => HOUR * 24 * 7,
        }
    }
}

/// A key that was made.
pub(super) struct MadeKey {
    pub(super) purpose: MailPurpose,
    pub(super) user: Option<String>,
    pub(super) email: String,
    pub(super) secret: SecretString,
    pub(super) made_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
    /// Whether it waits in the outbox.
    pub(super) waits: bool,
}

/// A key that was found.
pub(super) struct FoundKey {
    pub(super) user: Option<String>,
    pub(super) email: String,
}

/// Makes a key, and puts it into the outbox.
pub(super) fn make(
    transaction: &Transaction<'_>,
    outbox: &Outbox,
    purpose: MailPurpose,
    user: Option<String>,
    email: String,
) -> Result<MadeKey> {
    const OVER: &str = "\
        DELETE FROM mail_keys WHERE expires_at <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now') OR hash IN \
        (SELECT hash FROM mail_keys WHERE purpose = ?1 AND email = ?2 ORDER BY created_at DESC LIMIT -1 OFFSET ?3)";
    transaction.execute(OVER, (purpose.as_str(), &email, KEPT - 1)).map_err(fault)?;
    let secret = random::secret("", CHARACTERS);
    let sealed = outbox.seal(transaction, &secret)?;
    let waits = sealed.is_some();
    let made_at = Utc::now();
    let expires_at = made_at + purpose.lifetime();
    let end = expires_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    const NEW: &str = "\
        INSERT INTO mail_keys (hash, purpose, user_name, email, expires_at, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = (secret_hash(&secret), purpose.as_str(), &user, &email, end, sealed);
    transaction.execute(NEW, row).map_err(fault)?;
    Ok(MadeKey { purpose, user, email, secret, made_at, expires_at, waits })
}

/// A key that is good.
pub(super) fn look(connection: &Connection, purpose: MailPurpose, key: &SecretString) -> Result<Option<FoundKey>> {
    const SQL: &str = "\
        SELECT user_name, email FROM mail_keys \
        WHERE hash = ?1 AND purpose = ?2 AND expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    let read = |row: &rusqlite::Row<'_>| Ok(FoundKey { user: row.get(0)?, email: row.get(1)? });
    connection.query_row(SQL, (secret_hash(key), purpose.as_str()), read).optional().map_err(fault)
}

/// A key that is good, and is so no more.
pub(super) fn take(
    transaction: &Transaction<'_>,
    purpose: MailPurpose,
    key: &SecretString,
) -> Result<Option<FoundKey>> {
    let found = look(transaction, purpose, key)?;
    if found.is_some() {
        let gone = transaction.execute("DELETE FROM mail_keys WHERE hash = ?1", [secret_hash(key)]).map_err(fault)?;
        if gone != 1 {
            return Err(Error::internal("a key was found and could not be removed"));
        }
    }
    Ok(found)
}

/// No key of this purpose and address is good any more.
pub(super) fn void(transaction: &Transaction<'_>, purpose: MailPurpose, email: &str) -> Result<()> {
    let sql = "DELETE FROM mail_keys WHERE purpose = ?1 AND email = ?2";
    transaction.execute(sql, (purpose.as_str(), email)).map_err(fault).map(drop)
}
