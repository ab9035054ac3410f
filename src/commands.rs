//! The subcommands, each to its end.

mod database;
mod openapi;
mod token;
mod user;

use std::future::Future;

use model::{Error, Result};
use tokio::runtime::Builder;

use crate::args::ServeArguments;
use crate::config::ServeConfig;
use crate::{logs, serve};

pub use database::database;
pub use openapi::openapi;
pub use token::token;
pub use user::user;

/// `boathouse serve`: until a signal ends it.
///
/// # Errors
/// What stands in the way of serving.
pub fn serve(arguments: ServeArguments) -> Result<()> {
    let _log = logs::start(&arguments.log)?;
    serve::run(ServeConfig::new(arguments)?)
}

/// Runs a short command; servers have runtimes of their own.
fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    Builder::new_current_thread().enable_all().build().map_err(Error::internal)?.block_on(work)
}
