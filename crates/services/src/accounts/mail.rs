//! Mail with links in it: sent in the background, or kept for admins where there is nothing that sends.

mod letter;
mod smtp;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use model::{Error, Principal, Result};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tracing::{info, warn};

use super::Accounts;
use super::bearer::secret_hash;
use super::mail_keys::{MadeKey, MailPurpose};
use super::settings::MailConfig;
use super::sign_up::is_admin_user;
use letter::Letter;
use smtp::Smtp;

/// How many mails wait or are on their way at most; what comes then is kept as a link.
const MOST_WAITING: usize = 256;
/// How many links are kept at most; the oldest go.
const MOST_LINKS: usize = 1_000;
/// How long to wait before each further try.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30), Duration::from_secs(120)];

/// A link that was not mailed, as admins of the server see it. Times are RFC 3339, UTC, with milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLink {
    /// What it is for.
    pub purpose: MailPurpose,
    /// Whom it is for.
    pub email: String,
    /// The user, where there is one already.
    pub user: Option<String>,
    /// The link.
    pub url: String,
    /// When it was made.
    pub created_at: String,
    /// When it is good no more.
    pub expires_at: String,
}

/// See the module.
pub(super) struct Mail {
    public_url: Option<String>,
    served_at: OnceLock<String>,
    smtp: Option<Smtp>,
    waiting: Arc<Semaphore>,
    links: Arc<Links>,
}

/// The links that nobody was sent, with the hash of each key.
#[derive(Default)]
struct Links(Mutex<VecDeque<Kept>>);

struct Kept {
    hash: [u8; 32],
    expires_at: DateTime<Utc>,
    link: MailLink,
}

impl Links {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, kept: Kept) {
        let mut links = self.lock();
        let now = Utc::now();
        links.retain(|kept| kept.expires_at > now);
        if links.len() == MOST_LINKS {
            links.pop_front();
        }
        links.push_back(kept);
    }
}

impl Mail {
    pub(super) fn new(config: MailConfig) -> Self {
        Self {
            public_url: config.public_url,
            served_at: OnceLock::new(),
            smtp: config.smtp.map(Smtp::new),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            links: Arc::default(),
        }
    }

    pub(super) fn serves_at(&self, url: &str) {
        // The first that is told stays: a server has one address.
        let _ = self.served_at.set(url.to_owned());
    }

    pub(super) fn is_sent(&self) -> bool {
        self.smtp.is_some()
    }

    /// Sends a key to its address, later; or keeps the link and logs it.
    pub(super) fn post(&self, made: MadeKey) {
        let kept = self.link(&made);
        let Some(smtp) = self.smtp.clone() else {
            let MailLink { purpose, email, url, .. } = &kept.link;
            // On purpose: without mail this is how a link reaches anybody.
            info!(purpose = purpose.as_str(), email, url, "no SMTP server is set up; this link was not mailed");
            self.links.keep(kept);
            return;
        };
        let purpose = made.purpose.as_str();
        let Ok(permit) = Arc::clone(&self.waiting).try_acquire_owned() else {
            warn!(purpose, "{MOST_WAITING} mails wait to be sent; this one is kept as a link for admins");
            self.links.keep(kept);
            return;
        };
        let links = Arc::clone(&self.links);
        tokio::spawn(async move {
            if !deliver(&smtp, &Letter::of(&kept.link), purpose).await {
                links.keep(kept);
            }
            drop(permit);
        });
    }

    /// A key was used: its link is of no more use.
    pub(super) fn used(&self, key: &SecretString) {
        let hash = secret_hash(key);
        self.links.lock().retain(|kept| kept.hash != hash);
    }

    fn link(&self, made: &MadeKey) -> Kept {
        let path = match made.purpose {
            MailPurpose::Verify => "verify-email",
            MailPurpose::Reset => "password-reset",
            MailPurpose::Invite => "api/users/invite",
        };
        let base = self.public_url.as_deref().or_else(|| self.served_at.get().map(String::as_str)).unwrap_or_default();
        let url = format!("{base}/{path}/{}", made.secret.expose_secret());
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
        let link = MailLink {
            purpose: made.purpose,
            email: made.email.clone(),
            user: made.user.clone(),
            url,
            created_at: time(Utc::now()),
            expires_at: time(made.expires_at),
        };
        Kept { hash: secret_hash(&made.secret), expires_at: made.expires_at, link }
    }
}

/// Tries until it is sent, refused for good, or tried often enough.
async fn deliver(smtp: &Smtp, letter: &Letter, purpose: &str) -> bool {
    for pause in PAUSES.into_iter().map(Some).chain([None]) {
        let failure = match smtp.send(letter).await {
            Ok(()) => {
                info!(purpose, "mail sent");
                return true;
            }
            Err(failure) => failure,
        };
        let Some(pause) = pause.filter(|_| !failure.is_final) else {
            warn!(purpose, cause = failure.told, "mail could not be sent; its link is kept for admins");
            return false;
        };
        warn!(purpose, cause = failure.told, "mail was not sent; trying again in {pause:?}");
        tokio::time::sleep(pause).await;
    }
    false
}

impl Accounts {
    /// The links that were not mailed and are still good, oldest first, for admins of the server.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn mail_links(&self, by: &Principal) -> Result<Vec<MailLink>> {
        if !is_admin_user(by) {
            return Err(Error::forbidden("only admins of the server may see links that were not mailed"));
        }
        let now = Utc::now();
        let links = self.0.mail.links.lock();
        Ok(links.iter().filter(|kept| kept.expires_at > now).map(|kept| kept.link.clone()).collect())
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("is_sent", &self.is_sent()).finish_non_exhaustive()
    }
}
