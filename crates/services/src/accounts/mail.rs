//! Mail with links in it: sent in the background, or kept for admins where there is nothing that sends.

mod delivery;
mod letter;
mod links;
mod outbox;
mod smtp;

use std::sync::{Arc, OnceLock};
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
use crate::Metadata;
use crate::variables::{Sealer, SecretKey};
use delivery::Delivery;
use links::{Kept, Links};
pub(super) use outbox::Outbox;
use smtp::Smtp;

/// How long a mail is tried, where its link is good for so long.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// How many talk to the SMTP server at a time.
const TURNS: usize = 32;

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
    turns: Arc<Semaphore>,
    outbox: Outbox,
    links: Arc<Links>,
}

impl Mail {
    pub(super) fn new(config: MailConfig, metadata: Metadata, key: &SecretKey) -> Self {
        let sealer = config.smtp.is_some().then(|| Sealer::new(key));
        Self {
            public_url: config.public_url,
            served_at: OnceLock::new(),
            smtp: config.smtp.map(Smtp::new),
            turns: Arc::new(Semaphore::new(TURNS)),
            outbox: Outbox::new(metadata, sealer),
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

    /// Where keys wait that are to be mailed.
    pub(super) fn outbox(&self) -> Outbox {
        self.outbox.clone()
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
        if !made.waits {
            let (purpose, most) = (made.purpose.as_str(), outbox::MOST_WAITING);
            warn!(purpose, "{most} mails wait to be sent; this one is kept as a link for admins");
            self.links.keep(kept);
            return;
        }
        let (turns, outbox, links) = (Arc::clone(&self.turns), self.outbox.clone(), Arc::clone(&self.links));
        let MadeKey { secret, made_at, .. } = made;
        tokio::spawn(Delivery { smtp, turns, outbox, links, kept, secret, made_at }.run());
    }

    /// A key was used: its link is of no more use.
    pub(super) fn used(&self, key: &SecretString) {
        self.links.remove(&secret_hash(key));
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
            created_at: time(made.made_at),
            expires_at: time(made.expires_at),
        };
        Kept { hash: secret_hash(&made.secret), expires_at: made.expires_at, link }
    }
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
        Ok(self.0.mail.links.good())
    }

    /// Goes on with the mail that waited when the server ended. To be called once, when its address is known.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn resume_mail(&self) -> Result<()> {
        for made in self.0.mail.outbox.waiting().await? {
            self.0.mail.post(made);
        }
        self.resume_resets().await
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("is_sent", &self.is_sent()).finish_non_exhaustive()
    }
}
