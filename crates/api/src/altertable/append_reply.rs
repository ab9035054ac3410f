//! How an append is answered.

use formats::Unfit;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object};
use services::AppendOutcome;
use uuid::Uuid;

/// What became of the rows. All four properties are always there.
#[derive(Clone, Debug, Object)]
pub struct AppendResult {
    /// Whether the rows were accepted.
    ok: bool,
    /// `invalid-data`: the body is not rows of a table, or lacks a value. `incompatible-schema`: the rows do not go
    /// together with the columns of the table. Null where the rows were accepted.
    error_code: Option<String>,
    /// What is wrong, with row, column and value. Null where the rows were accepted.
    error_message: Option<String>,
    /// The task that puts the rows into the table. Null where they are in it, and where they were refused.
    #[oai(validator(pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"))]
    task_id: Option<String>,
}

/// The answers.
#[derive(ApiResponse)]
pub enum AppendReply {
    /// The rows were accepted, or do not fit the table.
    #[oai(status = 200)]
    Understood(Json<AppendResult>),
    /// The body is not JSON, or neither an object nor an array of objects.
    #[oai(status = 400)]
    Unreadable(Json<AppendResult>),
}

impl From<AppendOutcome> for AppendReply {
    fn from(appended: AppendOutcome) -> Self {
        let accepted = |task: Option<Uuid>| {
            let task_id = task.map(|id| id.to_string());
            AppendResult { ok: true, error_code: None, error_message: None, task_id }
        };
        match appended {
            AppendOutcome::Done => Self::Understood(Json(accepted(None))),
            AppendOutcome::Accepted(task) => Self::Understood(Json(accepted(Some(task)))),
            AppendOutcome::Refused(Unfit::Body(message)) => Self::Unreadable(Json(refused("invalid-data", message))),
            AppendOutcome::Refused(Unfit::Data(message)) => Self::Understood(Json(refused("invalid-data", message))),
            AppendOutcome::Refused(Unfit::Schema(message)) => {
                Self::Understood(Json(refused("incompatible-schema", message)))
            }
        }
    }
}

fn refused(code: &str, message: String) -> AppendResult {
    AppendResult { ok: false, error_code: Some(code.to_owned()), error_message: Some(message), task_id: None }
}
