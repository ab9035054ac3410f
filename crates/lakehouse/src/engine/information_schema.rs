//! The schema `information_schema`, which every database has.

use std::sync::Arc;

use datafusion::datasource::TableProvider;
use model::{Error, ErrorKind, Result};

use super::context::Context;
use super::system::{System, SystemTable};

/// The schema's name.
pub const SCHEMA: &str = "information_schema";

/// The system table of this name.
///
/// # Errors
/// `NotFound` names those that there are.
pub async fn table(context: &Context, name: &str) -> Result<Arc<dyn TableProvider>> {
    match System::of_information_schema(name) {
        Some(system) => Ok(Arc::new(SystemTable::new(system, context).await?)),
        None => {
            let message = format!(
                "Catalog Error: Table with name {name} does not exist! information_schema has schemata, tables, columns and views"
            );
            Err(Error::new(ErrorKind::NotFound, "not_found", message))
        }
    }
}
