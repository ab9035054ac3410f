//! `POST /api/login` and `POST /api/logout`

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use services::{Accounts, Session};

use super::caller::SESSION_COOKIE;
use super::leaving::Leaving;
use super::nothing::{Nothing, NothingSent};
use super::team_summary::TeamSummary;
use super::{Json as JsonBody, Reply, Tag};
use crate::client::{Client, Encrypted};

/// Who signs in.
#[derive(Object, Deserialize)]
pub struct LoginRequest {
    /// The name of the user, or its e-mail address.
    username: String,
    /// Its password.
    #[oai(write_only)]
    password: String,
}

/// A session.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct Login {
    /// What goes after `Bearer`: 32 letters and digits. It lasts for 30 days.
    session_token: String,
    /// The name of the user.
    username: String,
    /// The teams of the user, by name.
    teams: Vec<TeamSummary>,
}

/// The answer to a login.
#[derive(ApiResponse)]
pub enum LoginReply {
    /// A session is open.
    #[oai(status = 200)]
    Opened(
        Json<Login>,
        /// The session token for a browser: `sessionToken`, which scripts cannot read.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

/// The answer to a logout.
#[derive(ApiResponse)]
pub enum LogoutReply {
    /// The session has ended.
    #[oai(status = 200)]
    Ended(
        Json<Nothing>,
        /// Removes the cookie that the login gave.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

impl LoginReply {
    fn of(session: Session, encrypted: bool) -> Self {
        let token = session.token.expose_secret();
        let cookie = cookie(token, Session::LIFETIME.as_secs(), encrypted);
        let teams = session.teams.into_iter().map(TeamSummary::from).collect();
        let login = Login { session_token: token.to_owned(), username: session.user, teams };
        Self::Opened(Json(login), cookie)
    }
}

fn cookie(token: &str, seconds: u64, encrypted: bool) -> String {
    let secure = if encrypted { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// The operations on sessions.
pub struct SessionApi {
    pub(super) accounts: Accounts,
}

#[OpenApi(tag = "Tag::Accounts")]
impl SessionApi {
    /// Open a session
    ///
    /// Gives a session token for the `Authorization` header, after `Bearer`, and browsers the same as a cookie. A wrong name
    /// and a wrong password get the same answer. After ten wrong passwords for an account, or sixty from an address, further
    /// tries are 429 for a while, here and with Basic credentials; `Retry-After` says how long. Where the server sends mail,
    /// a user whose address is not verified is 403.
    #[oai(path = "/api/login", method = "post", operation_id = "open_session")]
    async fn login(
        &self,
        Client(from): Client,
        Encrypted(encrypted): Encrypted,
        request: JsonBody<LoginRequest>,
    ) -> Reply<LoginReply> {
        let LoginRequest { username, password } = request.value;
        let session = self.accounts.login(&username, &SecretString::from(password), from).await?;
        Ok(LoginReply::of(session, encrypted))
    }

    /// End a session
    ///
    /// The session token of the request is good no more, at once. Ending a session again is no fault. Other sessions of the
    /// user stay.
    #[oai(path = "/api/logout", method = "post", operation_id = "end_session")]
    async fn logout(
        &self,
        leaving: Leaving,
        Encrypted(encrypted): Encrypted,
        _body: NothingSent,
    ) -> Reply<LogoutReply> {
        leaving.leave(&self.accounts).await?;
        Ok(LogoutReply::Ended(Json(Nothing {}), cookie("", 0, encrypted)))
    }
}
