//! Flags about accounts and mail.

use std::num::NonZeroU32;

use clap::Args;
use services::{AccountsConfig, SignUp};
use url::Url;

/// Who may make an account, and how mail is sent.
#[derive(Args, Clone)]
pub struct AccountArguments {
    /// Who may make an account: open (everybody), invited (whoever an admin invited) or closed. Unless given, open where
    /// the server listens on this machine alone, else invited.
    #[arg(long, env = "BOATHOUSE_SIGN_UP", value_name = "WHO")]
    pub sign_up: Option<SignUp>,
    /// Wrong passwords for one account that are answered at once, at a login and with any other request; after them one each 30
    /// seconds, the others are told to wait. Six times as many from one address.
    #[arg(
        long,
        env = "BOATHOUSE_WRONG_PASSWORDS",
        value_name = "N",
        default_value_t = AccountsConfig::WRONG_PASSWORDS
    )]
    pub wrong_passwords: NonZeroU32,
    /// The address under which readers of mail reach the server, for example https://data.example.com.
    #[arg(long, env = "BOATHOUSE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// The server that takes mail, smtp://USER:PASSWORD@HOST:587 or smtps://…; ?tls=required, opportunistic or off says
    /// whether smtp:// is encrypted by STARTTLS (required unless given, where there is a password or the host is another
    /// machine). Without it links go to the log and to GET /api/mail-links. Better kept in BOATHOUSE_SMTP_URL: flags show
    /// in the list of processes.
    // Text, for what clap says of a value that it cannot read has the value in it.
    #[arg(long, env = "BOATHOUSE_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Whom mail is from, for example "Data <data@example.com>".
    #[arg(long, env = "BOATHOUSE_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
}

impl Default for AccountArguments {
    /// As without flags.
    fn default() -> Self {
        Self {
            sign_up: None,
            wrong_passwords: AccountsConfig::WRONG_PASSWORDS,
            public_url: None,
            smtp_url: None,
            mail_from: None,
        }
    }
}
