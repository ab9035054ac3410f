//! The mails that wait to be sent, in the metadata database: a mail is a key whose row still has the key itself, encrypted.
//! Where the key is used, is over or goes with its user, its mail goes as well.

use chrono::{DateTime, SecondsFormat, Utc};
use model::Result;
use rusqlite::{Connection, Transaction};
use secrecy::SecretString;
use tracing::warn;

use super::super::bearer::secret_hash;
use super::super::mail_keys::{MadeKey, MailPurpose};
use super::LONGEST;
use crate::Metadata;
use crate::metadata::fault;
use crate::variables::Sealer;

/// How many mails wait or are on their way at most; what comes then is kept as a link.
pub(super) const MOST_WAITING: i64 = 256;
/// What keys are encrypted as: no variable has this name.
const SEALED_AS: &str = "mail key";

/// See the module. Clones share everything.
#[derive(Clone)]
pub(in crate::accounts) struct Outbox {
    metadata: Metadata,
    /// None where nothing is sent.
    sealer: Option<Sealer>,
}

impl Outbox {
    pub(super) fn new(metadata: Metadata, sealer: Option<Sealer>) -> Self {
        Self { metadata, sealer }
    }

    /// What a key is kept as until it is sent; nothing where it will not be, or where too many wait.
    pub(in crate::accounts) fn seal(
        &self,
        transaction: &Transaction<'_>,
        secret: &SecretString,
    ) -> Result<Option<Vec<u8>>> {
        // What nothing tries to send any more takes nobody's place.
        const WAITING: &str = "SELECT count(*) FROM mail_keys WHERE sealed IS NOT NULL AND created_at > ?1";
        let Some(sealer) = &self.sealer else { return Ok(None) };
        let since = (Utc::now() - LONGEST).to_rfc3339_opts(SecondsFormat::Millis, true);
        let waiting: i64 = transaction.query_row(WAITING, [since], |row| row.get(0)).map_err(fault)?;
        if waiting >= MOST_WAITING {
            return Ok(None);
        }
        sealer.seal(SEALED_AS, secret).map(Some)
    }

    /// Everything that waits, oldest first. What was encrypted with another key is left where it is.
    pub(super) async fn waiting(&self) -> Result<Vec<MadeKey>> {
        let Some(sealer) = &self.sealer else { return Ok(Vec::new()) };
        let rows = self.metadata.call(|connection| read(connection)).await?;
        let count = rows.len();
        let open = |row: Row| {
            let secret = sealer.open(SEALED_AS, &row.sealed).ok()?;
            let purpose = MailPurpose::read(&row.purpose)?;
            let (made_at, expires_at) = (time(&row.created_at)?, time(&row.expires_at)?);
            let Row { user, email, hash, .. } = row;
            let is_right = secret_hash(&secret)[..] == hash[..];
            is_right.then_some(MadeKey { purpose, user, email, secret, made_at, expires_at, waits: true })
        };
        let opened: Vec<_> = rows.into_iter().filter_map(open).collect();
        let lost = count - opened.len();
        if lost > 0 {
            warn!("{lost} mails that wait were encrypted with another key; put the secret.key back that was there");
        }
        Ok(opened)
    }

    /// Whether the mail of a key is still to be sent.
    pub(super) async fn has(&self, hash: [u8; 32]) -> Result<bool> {
        const SQL: &str = "\
            SELECT EXISTS (SELECT 1 FROM mail_keys WHERE hash = ?1 AND sealed IS NOT NULL \
            AND expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";
        let read =
            move |connection: &mut Connection| connection.query_row(SQL, [hash], |row| row.get(0)).map_err(fault);
        self.metadata.call(read).await
    }

    /// The mail of a key is not to be sent any more.
    pub(super) async fn remove(&self, hash: [u8; 32]) -> Result<()> {
        let sql = "UPDATE mail_keys SET sealed = NULL WHERE hash = ?1";
        self.metadata.call(move |connection| connection.execute(sql, [hash]).map_err(fault).map(drop)).await
    }
}

struct Row {
    hash: Vec<u8>,
    purpose: String,
    user: Option<String>,
    email: String,
    sealed: Vec<u8>,
    created_at: String,
    expires_at: String,
}

fn read(connection: &Connection) -> Result<Vec<Row>> {
    const SQL: &str = "\
        SELECT hash, purpose, user_name, email, sealed, created_at, expires_at FROM mail_keys \
        WHERE sealed IS NOT NULL AND expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ORDER BY created_at";
    let mut statement = connection.prepare(SQL).map_err(fault)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Row {
            hash: row.get(0)?,
            purpose: row.get(1)?,
            user: row.get(2)?,
            email: row.get(3)?,
            sealed: row.get(4)?,
            created_at: row.get(5)?,
            expires_at: row.get(6)?,
        })
    };
    let rows = statement.query_map([], read).map_err(fault)?;
    rows.collect::<rusqlite::Result<_>>().map_err(fault)
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}
