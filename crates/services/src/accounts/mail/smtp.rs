//! Handing mail to an SMTP server.

use std::error::Error as _;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;

use super::letter::Letter;
use crate::accounts::settings::{SmtpConfig, SmtpTls};

/// How long one step of a conversation may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// An SMTP server. A mail has a connection of its own: they are few.
#[derive(Clone)]
pub(super) struct Smtp {
    config: SmtpConfig,
}

/// Why a mail was not sent. `told` has neither the link nor a password.
pub(super) struct Failure {
    pub(super) told: String,
    /// Whether another try would fail as well.
    pub(super) is_final: bool,
}

impl Failure {
    fn last(cause: &dyn std::error::Error) -> Self {
        Self { told: cause.to_string(), is_final: true }
    }
}

impl Smtp {
    pub(super) fn new(config: SmtpConfig) -> Self {
        Self { config }
    }

    pub(super) async fn send(&self, letter: &Letter) -> Result<(), Failure> {
        let to: Mailbox = letter.to.parse().map_err(|cause| Failure::last(&cause as &lettre::address::AddressError))?;
        let message = Message::builder()
            .from(self.config.from.clone())
            .to(to)
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|cause| Failure::last(&cause))?;
        let sent = self.transport()?.send(message).await;
        sent.map(drop).map_err(|cause| {
            let source = cause.source().map(|source| format!(": {source}")).unwrap_or_default();
            Failure { told: format!("{cause}{source}"), is_final: cause.is_permanent() }
        })
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
        let SmtpConfig { host, port, credentials, tls, .. } = &self.config;
        let parameters = || TlsParameters::new(host.clone()).map_err(|cause| Failure::last(&cause));
        let tls = match tls {
            SmtpTls::Wrapped => Tls::Wrapper(parameters()?),
            SmtpTls::Required => Tls::Required(parameters()?),
            SmtpTls::Opportunistic => Tls::Opportunistic(parameters()?),
            SmtpTls::Off => Tls::None,
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.clone());
        let builder = builder.port(*port).tls(tls).timeout(Some(TIMEOUT));
        let builder = match credentials {
            Some((user, password)) => {
                builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()))
            }
            None => builder,
        };
        Ok(builder.build())
    }
}
