//! Flags about accounts and mail.

use clap::Args;
use services::SignUp;
use url::Url;

/// Who may make an account, and how mail is sent.
#[derive(Args, Clone, Default)]
pub struct AccountArguments {
    /// Who may make an account: open (everybody), invited (whoever an admin invited) or closed. Unless given, open where
    /// the server listens on this machine alone, else invited.
    #[arg(long, env = "BOATHOUSE_SIGN_UP", value_name = "WHO")]
    pub sign_up: Option<SignUp>,
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
