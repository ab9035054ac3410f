//! What mails say.

use super::{MailLink, MailPurpose};

/// A mail that is to be sent.
pub(super) struct Letter {
    pub(super) to: String,
    pub(super) subject: &'static str,
    pub(super) text: String,
}

impl Letter {
    /// The mail that brings a link.
    pub(super) fn of(link: &MailLink) -> Self {
        let (subject, before, after) = match link.purpose {
            MailPurpose::Verify => (
                "Verify your e-mail address",
                "somebody, hopefully you, made an account with this e-mail address. To verify the address, open",
                "If it was not you, ignore this mail.",
            ),
            MailPurpose::Reset => (
                "Reset your password",
                "somebody, hopefully you, asked to reset the password of your account. To choose a new one, open",
                "The link works once, within an hour. If it was not you, ignore this mail: nothing has changed.",
            ),
            MailPurpose::Invite => (
                "You are invited",
                "you are invited to make an account. To choose a name and a password, open",
                "The link works once, within a week.",
            ),
        };
        let greeting = link.user.as_ref().map_or_else(|| "Hello,".to_owned(), |user| format!("Hello {user},"));
        let text = format!("{greeting}\r\n\r\n{before}\r\n\r\n{}\r\n\r\n{after}\r\n", link.url);
        Self { to: link.email.clone(), subject, text }
    }
}
