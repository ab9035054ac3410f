//! A transaction: the databases that it has touched, each as the transaction sees it.

use std::sync::Arc;

use model::{Access, Database, Error, Result, name_key};
use tokio::sync::Mutex;

use crate::database::LakehouseDatabase;

/// What a transaction has done so far. Nobody else sees it until [`Transaction::commit`]; dropping it undoes it.
#[derive(Default)]
pub struct Transaction {
    databases: Mutex<Vec<Entered>>,
}

/// A database in a transaction.
struct Entered {
    name: String,
    outside: Arc<dyn Database>,
    inside: Arc<LakehouseDatabase>,
}

impl Transaction {
    /// The database of this name as the transaction sees it: as it was when it was first asked for, with what the
    /// transaction has changed since.
    ///
    /// # Errors
    /// `Unsupported` for changes of a database that is not a lakehouse.
    pub async fn database(&self, name: &str, outside: Arc<dyn Database>, access: Access) -> Result<Arc<dyn Database>> {
        let key = name_key(name);
        let mut databases = self.databases.lock().await;
        if let Some(known) = databases.iter().find(|entered| entered.name == key) {
            return Ok(known.inside.clone());
        }
        if outside.as_any().downcast_ref::<LakehouseDatabase>().is_none() {
            return match access {
                Access::Read => Ok(outside),
                _ => Err(Error::unsupported(format!(
                    "Not implemented Error: BEGIN is not supported around changes of \"{name}\", which is no lakehouse, and \
                     neither is one statement that changes several of its tables; each change there is a transaction of its \
                     own"
                ))),
            };
        }
        if outside.schema_locked() {
            return match access {
                Access::Read => Ok(outside),
                _ => Err(Error::unsupported(format!(
                    "Not implemented Error: BEGIN is not supported around changes of \"{name}\", whose schema is locked; send \
                     each statement by itself"
                ))),
            };
        }
        let inside = Arc::new(LakehouseDatabase::begin(outside.clone()).await?);
        databases.push(Entered { name: key, outside, inside: inside.clone() });
        Ok(inside)
    }

    /// Makes everything visible: database by database in the order in which they were first used; in each, schemas,
    /// tables and views in one step, then the rows of each table in one commit, in the order in which they last changed.
    ///
    /// # Errors
    /// `Conflict` where another writer changed one of the tables meanwhile. This is looked for in every database before
    /// anything is written.
    pub async fn commit(&self) -> Result<()> {
        let databases = std::mem::take(&mut *self.databases.lock().await);
        let mut by_name: Vec<(usize, &Entered)> = databases.iter().enumerate().collect();
        // Every transaction takes its turns in one order, so that no two wait for one another.
        by_name.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        let mut prepared = Vec::new();
        for (position, entered) in by_name {
            let outside = entered.outside.as_any().downcast_ref::<LakehouseDatabase>();
            let outside = outside.ok_or_else(|| Error::internal("a transaction holds a database of another kind"))?;
            prepared.push((position, outside.prepare(&entered.inside).await?));
        }
        prepared.sort_by_key(|(position, _)| *position);
        for (_, commit) in prepared {
            commit.run().await?;
        }
        Ok(())
    }
}
