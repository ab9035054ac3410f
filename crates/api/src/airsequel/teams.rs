//! `/api/teams`

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use services::Accounts;

use super::caller::SignedIn;
use super::nothing::Nothing;
use super::shapes::Email;
use super::team_summary::{Billing, Plans};
use super::{Json as JsonBody, Reply, Tag};
use crate::name::Name;
use crate::one_of::OneOf;

/// A team that is to be.
#[derive(Object, Deserialize)]
pub struct NewTeam {
    /// Its name. No other team has it, in any letter case.
    name: Name,
}

/// A team.
#[derive(Object)]
pub struct Team {
    /// Its name.
    name: String,
    /// When it was made.
    created_utc: String,
    /// How it pays; null where nothing is known of that.
    billing: Option<Billing>,
    /// What it owns, by name.
    databases: Vec<TeamDatabase>,
}

/// A database of a team.
#[derive(Object)]
pub struct TeamDatabase {
    /// Its id.
    id: String,
    /// What it is shown as.
    name: String,
    /// A free label, such as `production`.
    environment: Option<String>,
    /// Since when the team owns it.
    ownership_utc: Option<String>,
    /// `public` or `private`.
    visibility: String,
}

impl From<services::Team> for Team {
    fn from(team: services::Team) -> Self {
        let database = |database: services::TeamDatabase| TeamDatabase {
            id: database.id,
            name: database.name,
            environment: database.environment,
            ownership_utc: database.owned_at,
            visibility: database.visibility,
        };
        Self {
            name: team.name,
            created_utc: team.created_at,
            billing: team.billing.map(Billing::from),
            databases: team.databases.into_iter().map(database).collect(),
        }
    }
}

/// What is to change of a team; what is absent or null stays as it is.
#[derive(Object, Deserialize)]
pub struct TeamPatch {
    /// Its name.
    name: Option<Name>,
    /// Where bills go.
    billing_email_address: Option<Email>,
    /// `free`, `pro` or `enterprise`. Only admins of the server change it.
    billing_plan: Option<OneOf<Plans>>,
    /// The number of its subscription. Only admins of the server change it.
    billing_subscription_id: Option<i64>,
}

impl From<TeamPatch> for services::TeamChange {
    fn from(patch: TeamPatch) -> Self {
        Self {
            name: patch.name.map(|name| name.0),
            email: patch.billing_email_address.map(String::from),
            plan: patch.billing_plan.map(|plan| plan.text),
            subscription: patch.billing_subscription_id,
        }
    }
}

/// The operations on teams.
pub struct TeamsApi {
    pub(super) accounts: Accounts,
}

#[OpenApi(tag = "Tag::Teams")]
impl TeamsApi {
    /// Make a team
    ///
    /// The caller is its Admin. A name that is taken is 409.
    #[oai(path = "/api/teams", method = "post", operation_id = "create_team")]
    async fn create(&self, SignedIn(by): SignedIn, request: JsonBody<NewTeam>) -> Reply<Json<Team>> {
        Ok(Json(self.accounts.create_team(&by, &request.value.name.0).await?.into()))
    }

    /// Get a team
    ///
    /// Only for its members and admins of the server.
    #[oai(path = "/api/teams/:teamName", method = "get", operation_id = "get_team")]
    async fn get(
        &self,
        SignedIn(by): SignedIn,
        /// The name of the team.
        #[oai(name = "teamName", validator(min_length = 1))]
        Path(team_name): Path<Name>,
    ) -> Reply<Json<Team>> {
        Ok(Json(self.accounts.team(&by, &team_name.0).await?.into()))
    }

    /// Change a team
    ///
    /// Changes its name or what there is to say of how it pays; databases, members and tokens stay. A name that is taken is
    /// 409. Only for its Admins and admins of the server.
    #[oai(path = "/api/teams/:teamName", method = "patch", operation_id = "change_team")]
    async fn change(
        &self,
        SignedIn(by): SignedIn,
        /// The name of the team.
        #[oai(name = "teamName", validator(min_length = 1))]
        Path(team_name): Path<Name>,
        request: JsonBody<TeamPatch>,
    ) -> Reply<Json<Team>> {
        Ok(Json(self.accounts.change_team(&by, &team_name.0, request.value.into()).await?.into()))
    }

    /// Remove a team
    ///
    /// Its tokens go with it. While it owns databases it is 409, and so is the personal team of a user. Only for its Admins
    /// and admins of the server.
    #[oai(path = "/api/teams/:teamName", method = "delete", operation_id = "remove_team")]
    async fn remove(
        &self,
        SignedIn(by): SignedIn,
        /// The name of the team.
        #[oai(name = "teamName", validator(min_length = 1))]
        Path(team_name): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        self.accounts.remove_team(&by, &team_name.0).await?;
        Ok(Json(Nothing {}))
    }
}
