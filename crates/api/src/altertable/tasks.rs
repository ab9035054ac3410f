//! `GET /tasks/{task_id}`

use model::{Error, Result};
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Enum, Object, OpenApi};
use services::{Appends, TaskStatus};
use uuid::Uuid;

use super::signed_in::SignedIn;
use super::{Reply, Tag};

/// How far an append has come.
#[derive(Clone, Debug, Object)]
pub struct Task {
    /// The id that was asked for.
    task_id: String,
    // Its type says what it means: a description here would make it an `allOf` with a text, which generators of clients
    // do not take for an enumeration.
    status: Status,
}

/// `pending`: the rows are durably kept and will be in the table soon. `completed`: they are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
enum Status {
    Pending,
    Completed,
}

/// The operation on tasks.
pub struct TasksApi {
    pub(super) appends: Appends,
}

#[OpenApi(tag = "Tag::Append")]
impl TasksApi {
    /// Ask how far an append has come
    ///
    /// The id says itself which append it is of, so that it is known after a restart, however long ago the append was. An
    /// id that this server did not give is 400.
    #[oai(path = "/tasks/:task_id", method = "get", operation_id = "get_task")]
    async fn task(
        &self,
        SignedIn(_me): SignedIn,
        /// The `task_id` of an append.
        Path(task_id): Path<String>,
    ) -> Reply<Json<Task>> {
        let status = match self.appends.task(read(&task_id)?)? {
            TaskStatus::Pending => Status::Pending,
            TaskStatus::Completed => Status::Completed,
        };
        Ok(Json(Task { task_id, status }))
    }
}

fn read(id: &str) -> Result<Uuid> {
    let told = || format!("{:?} is not a task; send the task_id of an append, which is a UUID", cut(id));
    Uuid::parse_str(id).map_err(|_| Error::invalid(told()))
}

/// Enough of a text to recognise it.
fn cut(text: &str) -> String {
    text.chars().take(100).collect()
}
