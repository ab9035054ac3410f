//! `/api/tokens` and `/api/teams/{teamName}/tokens`

use model::{Access, Error, Result};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use secrecy::ExposeSecret;
use serde::Deserialize;
use services::Accounts;

use super::caller::SignedIn;
use super::nothing::Nothing;
use super::shapes::Time;
use super::text_nullable::{TextNullable, TimeNullable};
use super::{Json as JsonBody, Reply, Tag};
use crate::name::Name;
use crate::one_of::{OneOf, Words};

/// The words for permissions.
pub struct PermissionNames;

impl Words for PermissionNames {
    const WORDS: &'static [&'static str] = &["read", "write", "insert"];
}

/// What a token is to be allowed.
#[derive(Object, Deserialize)]
pub struct Permission {
    /// The id of a database of the team.
    db_id: String,
    /// `read`, `write` (which does not mean read) or `insert`.
    name: OneOf<PermissionNames>,
}

impl TryFrom<Permission> for services::Permission {
    type Error = Error;

    fn try_from(permission: Permission) -> Result<Self> {
        let access = match permission.name.text.as_str() {
            "read" => Access::Read,
            "write" => Access::Write,
            "insert" => Access::Insert,
            other => return Err(Error::invalid(format!("{other:?} is not a permission; use read, write or insert"))),
        };
        Ok(Self { database: permission.db_id, access })
    }
}

fn permissions(given: Vec<Permission>) -> Result<Vec<services::Permission>> {
    given.into_iter().map(services::Permission::try_from).collect()
}

/// A token that is to be.
#[derive(Object, Deserialize)]
pub struct NewToken {
    /// What it is called.
    name: Name,
    /// What it is for.
    #[oai(validator(max_length = 10000))]
    description: Option<String>,
    /// When it ends: a time to come, such as `2030-01-31T12:00:00Z`. It does not, unless given.
    expiration_utc: Option<Time>,
    /// What it may do.
    #[oai(validator(max_items = 1000))]
    permissions: Vec<Permission>,
    /// The team that it belongs to, which owns the databases.
    team_name: String,
}

impl TryFrom<NewToken> for services::NewToken {
    type Error = Error;

    fn try_from(new: NewToken) -> Result<Self> {
        let NewToken { name, description, expiration_utc, permissions: given, team_name } = new;
        let permissions = permissions(given)?;
        let expires_at = expiration_utc.map(String::from);
        Ok(Self { name: name.0, description, expires_at, permissions, team: team_name })
    }
}

/// What is to change of a token; what is absent or null stays as it is, but for those that null removes.
#[derive(Object, Deserialize)]
pub struct TokenPatch {
    /// What it is called.
    name: Option<Name>,
    /// What it is for; null removes it.
    #[serde(default)]
    #[oai(validator(max_length = 10000))]
    description: TextNullable,
    /// When it ends; null for never.
    #[serde(default)]
    expiration_utc: TimeNullable,
    /// The team that it is to belong to. What it was allowed in databases of other teams it is allowed no more.
    team_name: Option<String>,
    /// What it may do, in place of what it might.
    #[oai(validator(max_items = 1000))]
    permissions: Option<Vec<Permission>>,
}

impl TryFrom<TokenPatch> for services::TokenChange {
    type Error = Error;

    fn try_from(patch: TokenPatch) -> Result<Self> {
        Ok(Self {
            name: patch.name.map(|name| name.0),
            description: patch.description.change(),
            expires_at: patch.expiration_utc.0.change(),
            team: patch.team_name,
            permissions: patch.permissions.map(permissions).transpose()?,
        })
    }
}

/// What a token is allowed.
#[derive(Object)]
pub struct GrantedPermission {
    /// The id of the database.
    db_id: String,
    /// What the database is shown as.
    db_name: String,
    /// `read`, `write` or `insert`.
    name: OneOf<PermissionNames>,
}

/// A token.
#[derive(Object)]
pub struct Token {
    /// Its number.
    id: i64,
    /// What it is called.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// The token itself in the answer that makes it; after that its beginning and an ellipsis, for it is not kept.
    body: String,
    /// When it was made.
    created_utc: String,
    /// When it ends; null for never.
    expiration_utc: Option<String>,
    /// What it may do.
    permissions: Vec<GrantedPermission>,
}

impl From<services::Token> for Token {
    fn from(token: services::Token) -> Self {
        let permission = |permission: services::TokenPermission| GrantedPermission {
            db_id: permission.database,
            db_name: permission.database_name,
            name: OneOf::new(permission.access),
        };
        Self {
            id: token.id,
            name: token.name,
            description: token.description,
            body: token.shown,
            created_utc: token.created_at,
            expiration_utc: token.expires_at,
            permissions: token.permissions.into_iter().map(permission).collect(),
        }
    }
}

/// The tokens of a team.
#[derive(Object)]
#[oai(rename = "TokenList")]
pub struct Tokens {
    /// By number.
    tokens: Vec<Token>,
}

/// The operations on tokens.
pub struct TokensApi {
    pub(super) accounts: Accounts,
}

#[OpenApi(tag = "Tag::Tokens")]
impl TokensApi {
    /// List the tokens of a team
    ///
    /// Their bodies are masked. Only for members of the team and admins of the server.
    #[oai(path = "/api/teams/:teamName/tokens", method = "get", operation_id = "list_tokens")]
    async fn list(
        &self,
        SignedIn(by): SignedIn,
        /// The name of the team.
        #[oai(name = "teamName", validator(min_length = 1))]
        Path(team_name): Path<Name>,
    ) -> Reply<Json<Tokens>> {
        let tokens = self.accounts.tokens(&by, &team_name.0).await?;
        Ok(Json(Tokens { tokens: tokens.into_iter().map(Token::from).collect() }))
    }

    /// Make a token
    ///
    /// The answer has the whole token, this once. A time that is over and a database that the team does not own are 400.
    /// Only for Admins of the team and admins of the server.
    #[oai(path = "/api/tokens", method = "post", operation_id = "create_token")]
    async fn create(&self, SignedIn(by): SignedIn, request: JsonBody<NewToken>) -> Reply<Json<Token>> {
        let (token, secret) = self.accounts.create_token(&by, request.value.try_into()?).await?;
        Ok(Json(Token { body: secret.expose_secret().to_owned(), ..token.into() }))
    }

    /// Get a token
    ///
    /// Its body is masked. Only for members of its team and admins of the server.
    #[oai(path = "/api/tokens/:tokenId", method = "get", operation_id = "get_token")]
    async fn get(
        &self,
        SignedIn(by): SignedIn,
        /// The number of the token.
        #[oai(name = "tokenId")]
        Path(token_id): Path<i64>,
    ) -> Reply<Json<Token>> {
        Ok(Json(self.accounts.token(&by, token_id).await?.into()))
    }

    /// Change a token
    ///
    /// What changes counts at once. Only for Admins of its team, and of the one that it moves to, and admins of the server.
    #[oai(path = "/api/tokens/:tokenId", method = "patch", operation_id = "change_token")]
    async fn change(
        &self,
        SignedIn(by): SignedIn,
        /// The number of the token.
        #[oai(name = "tokenId")]
        Path(token_id): Path<i64>,
        request: JsonBody<TokenPatch>,
    ) -> Reply<Json<Token>> {
        Ok(Json(self.accounts.change_token(&by, token_id, request.value.try_into()?).await?.into()))
    }

    /// Remove a token
    ///
    /// It is good no more, at once. Only for Admins of its team and admins of the server.
    #[oai(path = "/api/tokens/:tokenId", method = "delete", operation_id = "remove_token")]
    async fn remove(
        &self,
        SignedIn(by): SignedIn,
        /// The number of the token.
        #[oai(name = "tokenId")]
        Path(token_id): Path<i64>,
    ) -> Reply<Json<Nothing>> {
        self.accounts.remove_token(&by, token_id).await?;
        Ok(Json(Nothing {}))
    }
}
