//! What links in mails lead to, and the links that were not mailed.

use model::{Error, ErrorKind, Result};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use secrecy::SecretString;
use services::Accounts;

use super::caller::SignedIn;
use super::page::Page;
use super::{Failure, Reply, Tag};

/// A page, or one that says that there is none.
#[derive(ApiResponse)]
pub enum PageReply {
    /// The page.
    #[oai(status = 200)]
    Found(Page),
    /// The link is unknown, used or expired.
    #[oai(status = 404)]
    Gone(Page),
}

impl PageReply {
    /// The page, or the refusal as one.
    fn of(page: Result<Page>, depth: usize) -> Reply<Self> {
        match page {
            Ok(page) => Ok(Self::Found(page)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(Self::Gone(Page::refused("This link does not work", depth, &error)))
            }
            Err(error) => Err(Failure(error)),
        }
    }
}

/// A link that was not mailed.
#[derive(Object)]
pub struct MailLink {
    /// `verify`, `reset` or `invite`.
    purpose: String,
    /// Whom it is for.
    email_address: String,
    /// The user, where there is one already.
    username: Option<String>,
    /// The link.
    url: String,
    /// When it was made.
    created_utc: String,
    /// When it is good no more.
    expiration_utc: String,
}

impl From<services::MailLink> for MailLink {
    fn from(link: services::MailLink) -> Self {
        Self {
            purpose: link.purpose.as_str().to_owned(),
            email_address: link.email,
            username: link.user,
            url: link.url,
            created_utc: link.created_at,
            expiration_utc: link.expires_at,
        }
    }
}

/// Links that were not mailed.
#[derive(Object)]
pub struct MailLinks {
    /// Those that are still good, oldest first.
    links: Vec<MailLink>,
}

/// The pages that links lead to.
pub struct MailPagesApi {
    pub(super) accounts: Accounts,
}

#[OpenApi(tag = "Tag::Mail")]
impl MailPagesApi {
    /// Show the form for a new password
    ///
    /// The page that a mailed link leads to. It works without a script.
    #[oai(path = "/password-reset/:passwordResetKey", method = "get", operation_id = "show_password_reset")]
    async fn reset(
        &self,
        /// The key out of the mail.
        #[oai(name = "passwordResetKey")]
        Path(key): Path<String>,
    ) -> Reply<PageReply> {
        let good = self.accounts.is_reset_key(&SecretString::from(key.as_str())).await?;
        let gone =
            || Error::new(ErrorKind::NotFound, "not_found", "the link is unknown, used or expired; ask for a new one");
        PageReply::of(good.then(|| Page::reset(&key)).ok_or_else(gone), 1)
    }

    /// Verify an e-mail address
    ///
    /// The page that a mailed link leads to: the address is verified and the link used up.
    #[oai(path = "/verify-email/:emailVerificationKey", method = "get", operation_id = "verify_email")]
    async fn verify(
        &self,
        /// The key out of the mail.
        #[oai(name = "emailVerificationKey")]
        Path(key): Path<String>,
    ) -> Reply<PageReply> {
        let verified = self.accounts.verify_email(&SecretString::from(key)).await;
        let page = verified.map(|email| Page::told("Your address is verified", 1, &format!("{email} is yours.")));
        PageReply::of(page, 1)
    }

    /// Show the form for a new account
    ///
    /// The page that the link of an invitation leads to. It works without a script.
    #[oai(path = "/api/users/invite/:inviteKey", method = "get", operation_id = "show_invitation")]
    async fn invitation(
        &self,
        /// The key out of the mail.
        #[oai(name = "inviteKey")]
        Path(key): Path<String>,
    ) -> Reply<PageReply> {
        let invited = self.accounts.invited(&SecretString::from(key.as_str())).await;
        PageReply::of(invited.map(|email| Page::invitation(&key, &email)), 3)
    }

    /// List the links that were not mailed
    ///
    /// Where the server sends no mail, or a mail could not be delivered, its link is kept here for as long as it is good, at
    /// most a thousand of them and until the server ends. Only for admins of the server, who hand them on.
    #[oai(path = "/api/mail-links", method = "get", operation_id = "list_mail_links")]
    async fn links(&self, SignedIn(by): SignedIn) -> Reply<Json<MailLinks>> {
        let links = self.accounts.mail_links(&by)?;
        Ok(Json(MailLinks { links: links.into_iter().map(MailLink::from).collect() }))
    }
}
