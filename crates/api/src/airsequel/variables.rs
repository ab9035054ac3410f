//! `/api/dbs/{dbId}/env` and `/api/settings/env`

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use services::{NewVariable, Scope, Variable, Variables};

use super::caller::{Anyone, SignedIn};
use super::nothing::Nothing;
use super::shapes::VariableName;
use super::{Json as JsonBody, Reply, Tag};
use crate::name::Name;

/// A variable as it is to be.
#[derive(Object, Deserialize)]
pub struct VariableRequest {
    /// Letters, digits and `_`; no digit first.
    name: VariableName,
    /// Any text.
    value: String,
}

/// A variable.
#[derive(Object)]
pub struct EnvVar {
    /// Its name.
    name: String,
    /// Its value, which only admins see.
    value: String,
    /// When it was made: UTC, in seconds.
    created_utc: String,
}

/// Variables.
#[derive(Object)]
#[oai(rename = "EnvVarList", rename_all = "camelCase")]
pub struct EnvVars {
    /// The variables, by name.
    env_vars: Vec<EnvVar>,
}

impl From<VariableRequest> for NewVariable {
    fn from(request: VariableRequest) -> Self {
        Self { name: request.name.text, value: SecretString::from(request.value) }
    }
}

impl From<Variable> for EnvVar {
    fn from(variable: Variable) -> Self {
        let value = variable.value.expose_secret().to_owned();
        Self { name: variable.name, value, created_utc: variable.created_at }
    }
}

impl From<Vec<Variable>> for EnvVars {
    fn from(variables: Vec<Variable>) -> Self {
        Self { env_vars: variables.into_iter().map(EnvVar::from).collect() }
    }
}

/// The operations on variables.
pub struct VariableApi {
    pub(super) variables: Variables,
}

#[OpenApi(tag = "Tag::Settings")]
impl VariableApi {
    /// List the variables of a database
    ///
    /// By name. Values are secrets and kept encrypted: this takes the role Admin in the team that owns the database.
    #[oai(path = "/api/dbs/:dbId/env", method = "get", operation_id = "list_variables")]
    async fn list(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<Json<EnvVars>> {
        Ok(Json(self.variables.list(&me, Scope::Database(&db_id.0)).await?.into()))
    }

    /// Create a variable of a database
    ///
    /// A name that is taken is 409. Takes the role Admin in the team that owns the database.
    #[oai(path = "/api/dbs/:dbId/env", method = "post", operation_id = "create_variable")]
    async fn create(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        request: JsonBody<VariableRequest>,
    ) -> Reply<Json<EnvVar>> {
        Ok(Json(self.variables.create(&me, Scope::Database(&db_id.0), request.value.into()).await?.into()))
    }

    /// Change a variable of a database
    ///
    /// Its value, and its name where another one is given. Takes the role Admin in the team that owns the database.
    #[oai(path = "/api/dbs/:dbId/env/:varName", method = "patch", operation_id = "change_variable")]
    async fn change(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the variable.
        #[oai(name = "varName")]
        Path(var_name): Path<Name>,
        request: JsonBody<VariableRequest>,
    ) -> Reply<Json<Nothing>> {
        self.variables.change(&me, Scope::Database(&db_id.0), &var_name.0, request.value.into()).await?;
        Ok(Json(Nothing {}))
    }

    /// Remove a variable of a database
    ///
    /// Takes the role Admin in the team that owns the database.
    #[oai(path = "/api/dbs/:dbId/env/:varName", method = "delete", operation_id = "remove_variable")]
    async fn remove(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The name of the variable.
        #[oai(name = "varName")]
        Path(var_name): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        self.variables.remove(&me, Scope::Database(&db_id.0), &var_name.0).await?;
        Ok(Json(Nothing {}))
    }

    /// List the variables of the server
    ///
    /// By name. They are for every database that has no variable of the name. Takes an admin of the server.
    #[oai(path = "/api/settings/env", method = "get", operation_id = "list_server_variables")]
    async fn list_of_server(&self, SignedIn(me): SignedIn) -> Reply<Json<EnvVars>> {
        Ok(Json(self.variables.list(&me, Scope::Server).await?.into()))
    }

    /// Create a variable of the server
    ///
    /// A name that is taken is 409. Takes an admin of the server.
    #[oai(path = "/api/settings/env", method = "post", operation_id = "create_server_variable")]
    async fn create_of_server(
        &self,
        SignedIn(me): SignedIn,
        request: JsonBody<VariableRequest>,
    ) -> Reply<Json<EnvVar>> {
        Ok(Json(self.variables.create(&me, Scope::Server, request.value.into()).await?.into()))
    }

    /// Change a variable of the server
    ///
    /// Its value, and its name where another one is given. Takes an admin of the server.
    #[oai(path = "/api/settings/env/:varName", method = "patch", operation_id = "change_server_variable")]
    async fn change_of_server(
        &self,
        SignedIn(me): SignedIn,
        /// The name of the variable.
        #[oai(name = "varName")]
        Path(var_name): Path<Name>,
        request: JsonBody<VariableRequest>,
    ) -> Reply<Json<Nothing>> {
        self.variables.change(&me, Scope::Server, &var_name.0, request.value.into()).await?;
        Ok(Json(Nothing {}))
    }

    /// Remove a variable of the server
    ///
    /// Takes an admin of the server.
    #[oai(path = "/api/settings/env/:varName", method = "delete", operation_id = "remove_server_variable")]
    async fn remove_of_server(
        &self,
        SignedIn(me): SignedIn,
        /// The name of the variable.
        #[oai(name = "varName")]
        Path(var_name): Path<Name>,
    ) -> Reply<Json<Nothing>> {
        self.variables.remove(&me, Scope::Server, &var_name.0).await?;
        Ok(Json(Nothing {}))
    }
}
