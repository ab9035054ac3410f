//! The settings of a database.

use model::{Access, Error, Principal, Result};
use rusqlite::Connection;

use super::changes::set;
use super::create::check_environment;
use super::record::Visibility;
use super::{DatabaseRecord, Databases};
use crate::Variables;
use crate::metadata::fault;
use crate::variables::NewVariable;

/// What is to be other than before. What is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct SettingsChange {
    /// Who can find the database.
    pub visibility: Option<Visibility>,
    /// Whether what is written is noted in the audit.
    pub auditing: Option<bool>,
    /// Whether definitions of tables may not be changed.
    pub schema_locked: Option<bool>,
    /// Whether views are shown apart from tables.
    pub views_tab: Option<bool>,
    /// A free label; `Some(None)` for none.
    pub environment: Option<Option<String>>,
    /// Variables that get this value, or are made; the others stay.
    pub variables: Vec<NewVariable>,
}

impl Databases {
    /// Changes settings of a database, all of them or none.
    ///
    /// # Errors
    /// As [`Databases::record`] without admin access; `Invalid` for a value that a setting cannot have.
    pub async fn change_settings(
        &self,
        principal: &Principal,
        id: &str,
        change: SettingsChange,
        variables: &Variables,
    ) -> Result<()> {
        let (record, _) = self.record(principal, id, Access::Admin).await?;
        if let Some(environment) = &change.environment {
            check_environment(environment.as_deref())?;
        }
        check_visibility(&record, change.visibility)?;
        let sealed = variables.sealed(&change.variables)?;
        let changed = move |connection: &mut Connection| {
            let transaction = connection.transaction().map_err(fault)?;
            let flags = [
                ("auditing", change.auditing),
                ("schema_locked", change.schema_locked),
                ("views_tab", change.views_tab),
            ];
            for (column, value) in flags {
                if let Some(value) = value {
                    set(&transaction, &record, column, value)?;
                }
            }
            if let Some(visibility) = change.visibility {
                set(&transaction, &record, "visibility", visibility.as_str())?;
            }
            if let Some(environment) = change.environment {
                set(&transaction, &record, "environment", environment)?;
            }
            for variable in &sealed {
                variable.put(&transaction, Some(&record.info.id))?;
            }
            transaction.commit().map_err(fault)
        };
        self.0.metadata.call(changed).await
    }
}

/// A database of nobody's is everybody's where it is public. One that was made so stays so until a team takes it, and one of
/// the server's own becomes no such by a setting.
fn check_visibility(record: &DatabaseRecord, visibility: Option<Visibility>) -> Result<()> {
    match visibility {
        Some(wanted) if record.owner.is_none() && wanted != record.visibility => Err(Error::invalid(format!(
            "a database that no team owns stays {}; give it to a team first",
            record.visibility.as_str()
        ))),
        _ => Ok(()),
    }
}
