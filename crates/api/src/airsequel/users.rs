//! `POST /api/users`, `GET /api/users/{username}` and `POST /api/users/invite`

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use secrecy::SecretString;
use serde::Deserialize;
use services::{Accounts, UserInfo};

use super::caller::{Anyone, SignedIn};
use super::nothing::Nothing;
use super::shapes::{Email, Password, UserName};
use super::submitted::{SubmitReply, Submitted};
use super::team_summary::TeamSummary;
use super::{Json as JsonBody, Reply, Tag};
use crate::client::Client;
use crate::name::Name;

/// Who wants an account.
#[derive(Object, Deserialize)]
pub struct NewUser {
    /// The e-mail address. No other account has it.
    email_address: Email,
    /// The password: 6 characters at least.
    #[oai(write_only)]
    password: Password,
    /// What the user signs in with, without `:` and `@`; its personal team has the same name.
    username: UserName,
    /// The key of an invitation to this address, which is verified by it. It is needed where accounts are by invitation.
    #[oai(rename = "inviteKey", write_only)]
    #[serde(rename = "inviteKey")]
    invite_key: Option<String>,
}

impl From<NewUser> for services::NewUser {
    fn from(new: NewUser) -> Self {
        let NewUser { email_address: email, password, username: name, invite_key } = new;
        let password = SecretString::from(password.text);
        Self { name: name.text, email: email.text, password, invite_key: invite_key.map(SecretString::from) }
    }
}

/// A user.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct User {
    /// What the user signs in with.
    username: String,
    /// `admin` for an admin of the server.
    server_roles: Vec<String>,
    /// The teams of the user, by name.
    teams: Vec<TeamSummary>,
}

impl From<UserInfo> for User {
    fn from(user: UserInfo) -> Self {
        let server_roles = user.is_server_admin.then(|| "admin".to_owned()).into_iter().collect();
        Self { username: user.name, server_roles, teams: user.teams.into_iter().map(TeamSummary::from).collect() }
    }
}

/// Whom to invite.
#[derive(Object, Deserialize)]
pub struct Invitation {
    /// The e-mail address that the link is for.
    email: Email,
}

/// The operations on users.
pub struct UsersApi {
    pub(super) accounts: Accounts,
}

#[OpenApi(tag = "Tag::Accounts")]
impl UsersApi {
    /// Make an account
    ///
    /// Makes a user and its personal team, of which it is Admin. Whether everybody may, only who was invited, or nobody, is
    /// a setting of the server; its admins always may. A link to verify the address is mailed, or goes to
    /// `GET /api/mail-links` where the server sends no mail; then the user can sign in at once. On a server without an admin
    /// the first user becomes it. A name or an address that is taken is 409.
    ///
    /// As a form it is answered with a page: that is what the page of an invitation sends.
    #[oai(path = "/api/users", method = "post", operation_id = "create_user")]
    async fn create(
        &self,
        Anyone(by): Anyone,
        Client(from): Client,
        request: Submitted<NewUser>,
    ) -> Reply<SubmitReply> {
        let made = self.accounts.sign_up(&by, request.value.into(), from).await;
        request.answer.reply(made, 2, "Your account is ready", "You can sign in with your name and your password.")
    }

    /// Get a user
    ///
    /// Only for the user itself and admins of the server.
    #[oai(path = "/api/users/:username", method = "get", operation_id = "get_user")]
    async fn get(
        &self,
        SignedIn(by): SignedIn,
        /// The name of the user.
        #[oai(validator(min_length = 1))]
        Path(username): Path<Name>,
    ) -> Reply<Json<User>> {
        Ok(Json(self.accounts.user(&by, &username.0).await?.into()))
    }

    /// Invite somebody to make an account
    ///
    /// Mails a link to a page on which to choose a name and a password, good once and for a week. Where the server sends no
    /// mail, the link goes to its log and to `GET /api/mail-links`. Only for admins of the server.
    #[oai(path = "/api/users/invite", method = "post", operation_id = "invite_user")]
    async fn invite(&self, SignedIn(by): SignedIn, request: JsonBody<Invitation>) -> Reply<Json<Nothing>> {
        self.accounts.invite(&by, &request.value.email.text).await?;
        Ok(Json(Nothing {}))
    }
}
