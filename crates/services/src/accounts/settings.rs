//! How accounts are set up.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use lettre::message::Mailbox;
use model::{Error, Result};
use secrecy::SecretString;

/// Who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignUp {
    /// Everybody.
    #[default]
    Open,
    /// Those who were invited.
    Invited,
    /// Nobody: an admin makes accounts.
    Closed,
}

impl FromStr for SignUp {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "open" => Ok(Self::Open),
            "invited" => Ok(Self::Invited),
            "closed" => Ok(Self::Closed),
            _ => Err(Error::invalid(format!("{word:?} is not a way to sign up; use open, invited or closed"))),
        }
    }
}

/// How accounts are set up.
#[derive(Clone, Debug)]
pub struct AccountsConfig {
    /// Who may make an account.
    pub sign_up: SignUp,
    /// How mail is sent.
    pub mail: MailConfig,
    /// How many wrong passwords for one account are answered at once; after them one each 30 seconds. Six times as many from
    /// one address.
    pub wrong_passwords: NonZeroU32,
}

impl AccountsConfig {
    /// How many wrong passwords for one account are answered at once, unless told otherwise.
    pub const WRONG_PASSWORDS: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self { sign_up: SignUp::default(), mail: MailConfig::default(), wrong_passwords: Self::WRONG_PASSWORDS }
    }
}

/// How mail is sent.
#[derive(Clone, Debug, Default)]
pub struct MailConfig {
    /// The URL, without a slash at its end, under which readers of mail reach the server.
    pub public_url: Option<String>,
    /// What takes the mail; without it nothing is sent.
    pub smtp: Option<SmtpConfig>,
}

/// An SMTP server.
#[derive(Clone)]
pub struct SmtpConfig {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What the server is signed in to with.
    pub credentials: Option<(String, SecretString)>,
    /// Whether the connection is encrypted.
    pub tls: SmtpTls,
    /// Whom mail is from.
    pub from: Mailbox,
}

impl SmtpConfig {
    /// Reads whom mail is from: an address, or a name and an address in angle brackets.
    ///
    /// # Errors
    /// `Invalid`.
    pub fn sender(text: &str) -> Result<Mailbox> {
        let told = |fault| Error::invalid(format!("mail cannot be from {text:?}: {fault}; use ann@example.com"));
        text.parse().map_err(told)
    }
}

impl fmt::Debug for SmtpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = format!("{}:{}", self.host, self.port);
        f.debug_struct("SmtpConfig").field("place", &place).field("tls", &self.tls).finish_non_exhaustive()
    }
}

/// Whether the connection to an SMTP server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// From its first byte (`smtps`).
    Wrapped,
    /// By STARTTLS, or no mail is sent.
    Required,
    /// By STARTTLS where the server has it.
    Opportunistic,
    /// Never.
    Off,
}
