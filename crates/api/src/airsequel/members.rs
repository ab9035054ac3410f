//! `/api/teams/{teamName}/members`

use model::Result;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use services::{Accounts, Role};

use super::caller::SignedIn;
use super::nothing::Nothing;
use super::{Json as JsonBody, Reply, Tag};
use crate::name::Name;
use crate::one_of::{OneOf, Words};

/// The words for roles.
pub struct Roles;

impl Words for Roles {
    const WORDS: &'static [&'static str] = &["Admin", "Editor", "Viewer"];
}

/// A member of a team.
#[derive(Object)]
pub struct Member {
    /// The name of the user.
    username: String,
    /// Its e-mail address, where it has one.
    email_address: Option<String>,
    /// What it is in the team. Admins do everything, Editors change what is in its databases, Viewers read them.
    roles: Vec<OneOf<Roles>>,
    /// Since when.
    joined_utc: String,
}

impl From<services::Member> for Member {
    fn from(member: services::Member) -> Self {
        let roles = member.roles.iter().map(|role| OneOf::new(role.as_str())).collect();
        Self { username: member.user, email_address: member.email, roles, joined_utc: member.joined_at }
    }
}

/// The members of a team.
#[derive(Object)]
#[oai(rename = "MemberList")]
pub struct Members {
    /// By name.
    members: Vec<Member>,
}

/// What somebody is to be in a team.
#[derive(Object, Deserialize)]
pub struct MemberRoles {
    /// One role at least. They take the place of those that the member has.
    #[oai(validator(min_items = 1))]
    roles: Vec<OneOf<Roles>>,
}

/// The operations on members.
pub struct MembersApi {
    pub(super) accounts: Accounts,
}

#[OpenApi(tag = "Tag::Teams")]
impl MembersApi {
    /// List the members of a team
    ///
    /// Only for its members and admins of the server.
    #[oai(path = "/api/teams/:teamName/members", method = "get", operation_id = "list_members")]
    async fn list(
        &self,
        SignedIn(by): SignedIn,
        /// The name of the team.
        #[oai(name = "teamName", validator(min_length = 1))]
        Path(team_name): Path<Name>,
    ) -> Reply<Json<Members>> {
        let members = self.accounts.members(&by, &team_name.0).await?;
        Ok(Json(Members { members: members.into_iter().map(Member::from).collect() }))
    }

    /// Give a member roles
    ///
    /// Who is no member yet becomes one. The last Admin stays Admin, and so does a user in its personal team: 409. Only for
    /// Admins of the team and admins of the server.
    #[oai(path = "/api/teams/:teamName/members/:username", method = "patch", operation_id = "set_member_roles")]
    async fn set(
        &self,
        SignedIn(by): SignedIn,
        /// The name of the team.
        #[oai(name = "teamName", validator(min_length = 1))]
        Path(team_name): Path<Name>,
        /// The name of the user.
        #[oai(validator(min_length = 1))]
        Path(username): Path<Name>,
        request: JsonBody<MemberRoles>,
    ) -> Reply<Json<Nothing>> {
        let roles = request.value.roles.iter().map(|role| role.text.parse()).collect::<Result<Vec<Role>>>()?;
        self.accounts.set_roles(&by, &team_name.0, &username.0, &roles).await?;
        Ok(Json(Nothing {}))
    }

    /// Remove a member
    ///
    /// The last Admin stays, and so does a user in its personal team: 409. Only for the member itself, Admins of the team and
    /// admins of the server.
    #[oai(path = "/api/teams/:teamName/members/:username", method = "delete", operation_id = "remove_member")]
    async fn remove(
        &self,
        SignedIn(by): SignedIn,
        /// The name of the team.
        #[oai(name = "teamName", validator(min_length = 1))]
        Path(team_name): Path<Name>,
        /// The name of the user.
        #[oai(validator(min_length = 1))]
        Path(username): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        self.accounts.remove_member(&by, &team_name.0, &username.0).await?;
        Ok(Json(Nothing {}))
    }
}
