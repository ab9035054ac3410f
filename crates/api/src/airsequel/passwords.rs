//! `POST /api/users/reset-password` and `POST /api/users/reset-password/submit`

use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use secrecy::SecretString;
use serde::Deserialize;
use services::Accounts;

use super::nothing::Nothing;
use super::shapes::{Email, Password};
use super::submitted::{SubmitReply, Submitted};
use super::{Json as JsonBody, Reply, Tag};
use crate::client::Client;

/// Whose password is to be reset.
#[derive(Object, Deserialize)]
pub struct ResetRequest {
    /// The e-mail address of the account.
    email: Email,
}

/// A new password.
#[derive(Object, Deserialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct NewPassword {
    /// The password: 6 characters at least.
    #[oai(write_only)]
    password: Password,
    /// The key out of the mail.
    #[oai(write_only)]
    reset_key: String,
}

/// The operations on forgotten passwords.
pub struct PasswordsApi {
    pub(super) accounts: Accounts,
}

#[OpenApi(tag = "Tag::Accounts")]
impl PasswordsApi {
    /// Ask for a link to reset a password
    ///
    /// Mails a link to a page on which to choose a new password, good once and for an hour. Where the server sends no mail,
    /// the link goes to its log and to `GET /api/mail-links`. The answer does not tell whether an account has the address.
    /// After five requests for an address, or sixty from one, further ones are 429 for a while.
    #[oai(path = "/api/users/reset-password", method = "post", operation_id = "request_password_reset")]
    async fn request(&self, Client(from): Client, request: JsonBody<ResetRequest>) -> Reply<Json<Nothing>> {
        self.accounts.request_reset(&request.value.email.text, from).await?;
        Ok(Json(Nothing {}))
    }

    /// Set a new password
    ///
    /// The key is used up and every session of the user ends. A key that is unknown, used or expired is 400. As a form it is
    /// answered with a page: that is what the page behind the link sends.
    #[oai(path = "/api/users/reset-password/submit", method = "post", operation_id = "reset_password")]
    async fn submit(&self, request: Submitted<NewPassword>) -> Reply<SubmitReply> {
        let NewPassword { password, reset_key } = request.value;
        let set =
            self.accounts.reset_password(&SecretString::from(reset_key), &SecretString::from(password.text)).await;
        request.answer.reply(set, 3, "Your password is set", "You can sign in with it now.")
    }
}
