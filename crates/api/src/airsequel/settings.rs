//! `/api/dbs/{dbId}/settings` and `/api/settings`

use model::{Access, Error, Result};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use services::{
    Databases, NewVariable, Scope, ServerSettings, ServerSettingsChange, SettingsChange, Variable, Variables,
    Visibility,
};

use super::caller::{Anyone, SignedIn};
use super::databases::Visibilities;
use super::nothing::Nothing;
use super::shapes::{Host, VariableName};
use super::text_nullable::TextNullable;
use super::{Json as JsonBody, Reply, Tag};
use crate::name::Name;
use crate::one_of::OneOf;

/// A variable among settings.
#[derive(Object, Deserialize)]
pub struct VariableSetting {
    /// Letters, digits and `_`; no digit first.
    name: VariableName,
    /// Any text.
    value: String,
}

/// The settings of a database.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct DatabaseSettings {
    /// Whether what is written is noted in the audit.
    auditing: bool,
    /// A free label, such as `production`.
    environment: Option<String>,
    /// Its variables, by name.
    env_vars: Vec<VariableSetting>,
    /// Whether definitions of tables cannot be changed.
    schema_locked: bool,
    /// Whether views are shown apart from tables.
    views_tab: bool,
    /// Who can find it: those of its team, or whoever knows its id.
    visibility: OneOf<Visibilities>,
}

/// What is to be other than before. What is left out stays as it is.
#[derive(Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct DatabaseSettingsPatch {
    /// Whether what is written is noted in the audit.
    auditing: Option<bool>,
    /// Variables that get this value, or are made; the others stay.
    env_vars: Option<Vec<VariableSetting>>,
    /// A free label, such as `production`.
    #[serde(default)]
    #[oai(validator(max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"))]
    environment: TextNullable,
    /// Whether definitions of tables cannot be changed.
    schema_locked: Option<bool>,
    /// Whether views are shown apart from tables.
    views_tab: Option<bool>,
    /// Who can find it: those of its team, or whoever knows its id, who may then read it.
    visibility: Option<OneOf<Visibilities>>,
}

/// The settings of the server.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct Settings {
    /// Hosts that functions may reach: `host` or `host:port`.
    allowed_hosts: Vec<String>,
    /// Its variables, by name.
    env_vars: Vec<VariableSetting>,
}

/// What is to be other than before. What is left out stays as it is.
#[derive(Object, Deserialize)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub struct SettingsPatch {
    /// Hosts that functions may reach: `host` or `host:port`.
    #[oai(validator(max_items = 1000))]
    allowed_hosts: Option<Vec<Host>>,
    /// Variables that get this value, or are made; the others stay.
    env_vars: Option<Vec<VariableSetting>>,
}

impl From<VariableSetting> for NewVariable {
    fn from(setting: VariableSetting) -> Self {
        Self { name: setting.name.text, value: SecretString::from(setting.value) }
    }
}

impl From<Variable> for VariableSetting {
    fn from(variable: Variable) -> Self {
        Self { value: variable.value.expose_secret().to_owned(), name: VariableName::new(variable.name) }
    }
}

fn settings(variables: Vec<Variable>) -> Vec<VariableSetting> {
    variables.into_iter().map(VariableSetting::from).collect()
}

fn variables(settings: Option<Vec<VariableSetting>>) -> Vec<NewVariable> {
    settings.unwrap_or_default().into_iter().map(NewVariable::from).collect()
}

impl TryFrom<DatabaseSettingsPatch> for SettingsChange {
    type Error = Error;

    fn try_from(patch: DatabaseSettingsPatch) -> Result<Self> {
        let visibility = patch.visibility.map(|word| word.text.parse::<Visibility>()).transpose()?;
        Ok(Self {
            visibility,
            auditing: patch.auditing,
            schema_locked: patch.schema_locked,
            views_tab: patch.views_tab,
            environment: patch.environment.change(),
            variables: variables(patch.env_vars),
        })
    }
}

/// The operations on settings.
pub struct SettingsApi {
    pub(super) databases: Databases,
    pub(super) variables: Variables,
    pub(super) settings: ServerSettings,
}

#[OpenApi(tag = "Tag::Settings")]
impl SettingsApi {
    /// Read the settings of a database
    ///
    /// With its variables, which are secrets: this takes the role Admin in the team that owns the database.
    #[oai(path = "/api/dbs/:dbId/settings", method = "get", operation_id = "get_database_settings")]
    async fn get(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<DatabaseSettings>> {
        let (record, _) = self.databases.record(&me, &db_id.0, Access::Admin).await?;
        let variables = self.variables.list(&me, Scope::Database(&db_id.0)).await?;
        Ok(Json(DatabaseSettings {
            auditing: record.auditing,
            environment: record.environment.clone(),
            env_vars: settings(variables),
            schema_locked: record.schema_locked,
            views_tab: record.views_tab,
            visibility: OneOf::new(record.visibility.as_str()),
        }))
    }

    /// Change the settings of a database
    ///
    /// All that is named changes, or nothing. `visibility` `public` lets whoever knows the id read the database, and those of
    /// its team do what they could before. With `schemaLocked` every change of a table's definition is 403, whatever it is
    /// asked through; rows can be changed. With `auditing` what is written is noted, for `GET /api/dbs/{dbId}/audit`. Takes the
    /// role Admin in the team that owns the database.
    #[oai(path = "/api/dbs/:dbId/settings", method = "patch", operation_id = "change_database_settings")]
    async fn change(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        patch: JsonBody<DatabaseSettingsPatch>,
    ) -> Reply<Json<Nothing>> {
        let change = SettingsChange::try_from(patch.value)?;
        self.databases.change_settings(&me, &db_id.0, change, &self.variables).await?;
        Ok(Json(Nothing {}))
    }

    /// Read the settings of the server
    ///
    /// With its variables, which are secrets: this takes an admin of the server.
    #[oai(path = "/api/settings", method = "get", operation_id = "get_settings")]
    async fn get_of_server(&self, SignedIn(me): SignedIn) -> Reply<Json<Settings>> {
        let allowed_hosts = self.settings.allowed_hosts(&me).await?;
        let variables = self.variables.list(&me, Scope::Server).await?;
        Ok(Json(Settings { allowed_hosts, env_vars: settings(variables) }))
    }

    /// Change the settings of the server
    ///
    /// All that is named changes, or nothing. Takes an admin of the server.
    #[oai(path = "/api/settings", method = "patch", operation_id = "change_settings")]
    async fn change_of_server(&self, SignedIn(me): SignedIn, patch: JsonBody<SettingsPatch>) -> Reply<Json<Nothing>> {
        let SettingsPatch { allowed_hosts, env_vars } = patch.value;
        let allowed_hosts = allowed_hosts.map(|hosts| hosts.into_iter().map(String::from).collect());
        let change = ServerSettingsChange { allowed_hosts, variables: variables(env_vars) };
        self.settings.change(&me, change).await?;
        Ok(Json(Nothing {}))
    }
}
