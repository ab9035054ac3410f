//! Who may call: users and how a call is tied to one, teams and their members, API tokens, and the mail about all this.

mod authenticate;
mod bearer;
mod insert_user;
mod mail;
mod mail_keys;
mod members;
mod membership;
mod memory;
mod password;
mod passwords;
mod random;
mod rate_limit;
mod sessions;
mod settings;
mod sign_up;
mod teams;
mod tokens;
mod user_tokens;
mod users;

use std::net::IpAddr;
use std::sync::Arc;
use std::thread;

use model::{Principal, Rights};
use tokio::sync::Semaphore;

use crate::{Metadata, SecretKey};
use mail::Mail;
use memory::Memory;
use rate_limit::RateLimits;

pub use bearer::TOKEN_PREFIX;
pub use mail::MailLink;
pub use mail_keys::MailPurpose;
pub use members::{Member, Role};
pub use password::generate as generate_password;
pub use sessions::Session;
pub use settings::{AccountsConfig, MailConfig, SignUp, SmtpConfig, SmtpTls};
pub use sign_up::NewUser;
pub use teams::{Billing, Team, TeamChange, TeamDatabase, TeamSummary};
pub use tokens::{NewToken, Permission, Token, TokenChange, TokenPermission};
pub use user_tokens::{ListedToken, TokenOwner};
pub use users::{FirstAdmin, User, UserInfo};

/// The users of the server. Clones share everything.
#[derive(Clone, Debug)]
pub struct Accounts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    metadata: Metadata,
    memory: Memory,
    sign_up: SignUp,
    mail: Mail,
    limits: RateLimits,
    /// Each verification takes 19 MB and a core for some milliseconds: a flood of wrong passwords must not take all.
    turns: Semaphore,
}

impl Accounts {
    /// The users in `metadata`, for commands beside a server.
    pub fn new(metadata: Metadata) -> Self {
        // They mail nothing, so nothing is encrypted with it.
        Self::with(metadata, AccountsConfig::default(), &SecretKey::generate())
    }

    /// The users in `metadata`, for a server. Mail that waits is encrypted with `key`.
    pub fn with(metadata: Metadata, config: AccountsConfig, key: &SecretKey) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Inner {
            mail: Mail::new(config.mail, metadata.clone(), key),
            metadata,
            memory: Memory::new(),
            sign_up: config.sign_up,
            limits: RateLimits::new(config.wrong_passwords),
            turns: Semaphore::new(cores.clamp(1, 4)),
        }))
    }

    /// Where the server listens: the address in links, where none was set.
    pub fn serves_at(&self, url: &str) {
        self.0.mail.serves_at(url);
    }

    /// Whether mail is sent. Without it links go to the log and to [`Accounts::mail_links`].
    pub fn sends_mail(&self) -> bool {
        self.0.mail.is_sent()
    }

    /// Whether a new address has to be verified before its user can sign in.
    fn verifies_addresses(&self) -> bool {
        self.sends_mail()
    }
}

/// Where a request came from, where that is known.
pub type CallerAddress = Option<IpAddr>;

/// Whoever runs commands on the data directory: its files are theirs already.
pub fn operator() -> Principal {
    Principal::user("operator", Rights::ALL, Vec::new())
}
