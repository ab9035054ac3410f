//! Trying until a mail is sent, refused for good, or of no more use.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tracing::{info, warn};

use super::LONGEST;
use super::letter::Letter;
use super::links::{Kept, Links};
use super::outbox::Outbox;
use super::smtp::{Failure, Smtp};

/// How long to wait before the second try; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest wait between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// After how many tries admins see the link, while more are made.
const TRIES_UNSEEN: u32 = 5;

/// A mail on its way.
pub(super) struct Delivery {
    pub(super) smtp: Smtp,
    /// How many talk to the SMTP server at a time.
    pub(super) turns: Arc<Semaphore>,
    pub(super) outbox: Outbox,
    pub(super) links: Arc<Links>,
    pub(super) kept: Kept,
    pub(super) secret: SecretString,
    pub(super) made_at: DateTime<Utc>,
}

impl Delivery {
    /// To its end, which a restart only puts off.
    pub(super) async fn run(self) {
        self.deliver().await;
        if let Err(error) = self.outbox.remove(self.kept.hash).await {
            warn!(purpose = self.purpose(), %error, "a mail that is done still waits; a restart may send it again");
        }
    }

    async fn deliver(&self) {
        let Kept { hash, expires_at, ref link } = self.kept;
        let letter = Letter::of(link);
        let end = expires_at.min(self.made_at + LONGEST);
        let mut pause = FIRST_PAUSE;
        for tries in 1_u32.. {
            let failure = match self.once(hash, &letter).await {
                Ok(()) => return self.links.remove(&hash),
                Err(failure) => failure,
            };
            let (purpose, cause) = (self.purpose(), told(&failure, &self.secret));
            if failure.is_final || Utc::now() + pause >= end {
                warn!(purpose, cause, "mail could not be sent; its link is kept for admins");
                return self.links.keep(self.kept.clone());
            }
            if tries == TRIES_UNSEEN {
                self.links.keep(self.kept.clone());
            }
            warn!(purpose, cause, "mail was not sent; trying again in {pause:?}");
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// One try, where the mail is still of use.
    async fn once(&self, hash: [u8; 32], letter: &Letter) -> Result<(), Failure> {
        let _turn = self.turns.acquire().await.expect("nothing closes it");
        let waits = self.outbox.has(hash).await;
        if waits.map_err(|error| Failure { told: error.to_string(), is_final: false })? {
            self.smtp.send(letter).await?;
            info!(purpose = self.purpose(), "mail sent");
        }
        Ok(())
    }

    fn purpose(&self) -> &'static str {
        self.kept.link.purpose.as_str()
    }
}

/// What a failure says. An SMTP server may quote what it refuses: the key is left out.
fn told(failure: &Failure, secret: &SecretString) -> String {
    failure.told.replace(secret.expose_secret(), "…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_quotes_the_link_is_told_without_its_key() {
        let quoted = "permanent error (550): no mail with https://data.example/password-reset/Abc123 in it";
        let failure = Failure { told: quoted.to_owned(), is_final: true };
        let without = "permanent error (550): no mail with https://data.example/password-reset/… in it";
        assert_eq!(told(&failure, &SecretString::from("Abc123")), without);
    }
}
