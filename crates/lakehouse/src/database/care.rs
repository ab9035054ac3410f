//! How a database looks after its tables: by itself, and when it is asked.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use deltalake_core::kernel::{Action, MetadataExt};
use deltalake_core::protocol::DeltaOperation;
use model::{Care, Cared, Error, ErrorKind, Result, TableName, name_key};
use tokio::sync::Mutex;

use super::LakehouseDatabase;
use crate::care::{Carer, ORDER, Patient, Why, is_worth};
use crate::catalog::Content;
use crate::fault::from_delta;
use crate::table::{Changing, Snapshot, Table};

/// How often a database looks at what was written.
const LOOK: Duration = Duration::from_secs(1);

/// A table that nobody has written to for so long is at rest.
const REST: Duration = Duration::from_secs(10);

/// How long a table is left alone after a compaction that came to nothing.
const PAUSE: Duration = Duration::from_secs(15);

/// The first vacuum comes so long after a database was opened, the others so long after the one before.
const FIRST_VACUUM: Duration = Duration::from_secs(15 * 60);
const NEXT_VACUUM: Duration = Duration::from_secs(24 * 3600);

/// What a look remembers of a table for the next.
struct Seen {
    version: u64,
    since: Instant,
    rested: bool,
    /// Held by the compaction that runs. In it: when the next may begin.
    turn: Arc<Mutex<Option<Instant>>>,
}

impl LakehouseDatabase {
    /// Looks after the tables from now on, until the database is closed.
    pub fn care_later(self: &Arc<Self>) {
        let carer = self.session.carer().clone();
        if !carer.is_automatic() {
            return;
        }
        let database = Arc::downgrade(self);
        carer.runtime().clone().spawn(async move {
            let mut seen = HashMap::new();
            let mut vacuum = Instant::now() + FIRST_VACUUM;
            loop {
                tokio::time::sleep(LOOK).await;
                let Some(database) = database.upgrade().filter(|database| !database.is_closed()) else { return };
                database.look(&carer, &mut seen).await;
                if Instant::now() >= vacuum {
                    vacuum = Instant::now() + NEXT_VACUUM;
                    tokio::spawn(async move { database.vacuum_all().await });
                }
            }
        });
    }

    /// Compacts, in the background, what was written since the last look.
    async fn look(self: &Arc<Self>, carer: &Arc<Carer>, seen: &mut HashMap<String, Seen>) {
        let open = self.open_tables();
        seen.retain(|directory, _| open.contains_key(directory));
        for (directory, table) in open {
            let Some(snapshot) = table.known().await else { continue };
            let Some(why) = attention(seen, &directory, snapshot.version()) else { continue };
            if !is_worth(&snapshot, why) {
                continue;
            }
            let turn = seen.get(&directory).map(|seen| seen.turn.clone()).unwrap_or_default();
            let Ok(mut turn) = turn.try_lock_owned() else { continue };
            if turn.is_some_and(|not_before| Instant::now() < not_before) {
                continue;
            }
            let (carer, database) = (carer.clone(), self.clone());
            tokio::spawn(async move {
                let _one_of_few = carer.turn().await;
                let outcome = database.compact(&carer, &directory, &table, why).await;
                *turn = outcome.is_err().then(|| Instant::now() + PAUSE);
            });
        }
    }

    async fn compact(&self, carer: &Arc<Carer>, directory: &str, table: &Arc<Table>, why: Why) -> Result<Cared> {
        let started = SystemTime::now();
        let outcome = carer.compact(table, why).await;
        // To lose against a writer is no fault: the next look finds the files again.
        if why == Why::Asked || !matches!(&outcome, Err(error) if error.kind() == ErrorKind::Conflict) {
            carer.records().note(&self.patient(directory).await, Care::Compact, why, started, &outcome);
        }
        outcome
    }

    /// Vacuums one table after the other. Tables that nobody has opened are opened for this alone.
    async fn vacuum_all(self: &Arc<Self>) {
        let carer = self.session.carer();
        let Ok(document) = self.document().await else { return };
        for directory in super::directory::directories(&document) {
            if self.is_closed() {
                return;
            }
            let _turn = carer.turn().await;
            let open = self.open_tables().remove(&directory);
            let table = open.unwrap_or_else(|| Arc::new(self.unlisted_table(&directory)));
            let started = SystemTime::now();
            let outcome = carer.vacuum(&table).await;
            carer.records().note(&self.patient(&directory).await, Care::Vacuum, Why::Rest, started, &outcome);
        }
    }

    /// Takes care of a table because somebody asked.
    pub(super) async fn care_for(&self, name: &TableName, care: Care) -> Result<Cared> {
        let document = self.document().await?;
        let directory = document.directory(name)?.to_owned();
        let table = self.open_table(&directory);
        let carer = self.session.carer();
        let started = SystemTime::now();
        let outcome = match care {
            Care::Compact => return self.compact(carer, &directory, &table, Why::Asked).await,
            Care::Vacuum => carer.vacuum(&table).await,
            Care::Checkpoint => table.checkpoint().await,
        };
        carer.records().note(&self.patient(&directory).await, care, Why::Asked, started, &outcome);
        outcome
    }

    /// Says that rows of a table are about to be changed. To be held from before the version is read until the change is
    /// committed: compaction waits for its end.
    pub async fn changing(&self, name: &TableName) -> Result<Changing> {
        Ok(self.table(name).await?.changing().await)
    }

    /// Keeps the columns that rows are sorted by with the table; none for no order.
    pub(super) async fn set_order(&self, name: &TableName, columns: &[String]) -> Result<()> {
        let table = self.table(name).await?;
        let prepare = |base: &Snapshot| {
            let metadata = base.metadata().clone();
            let spelled = columns.iter().map(|column| spelling(base, column)).collect::<Result<Vec<_>>>()?;
            let metadata = if spelled.is_empty() {
                metadata.remove_config_key(ORDER)
            } else {
                let list = serde_json::to_string(&spelled).map_err(Error::internal)?;
                metadata.add_config_key(ORDER.to_owned(), list)
            };
            Ok(vec![Action::Metadata(metadata.map_err(|error| from_delta(error.into()))?)])
        };
        let properties = HashMap::from([(ORDER.to_owned(), columns.join(", "))]);
        table.commit(prepare, DeltaOperation::SetTableProperties { properties }).await
    }

    fn open_tables(&self) -> HashMap<String, Arc<Table>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn patient(&self, directory: &str) -> Patient {
        let document = self.catalog.document().await;
        let named = document.schemas.values().flat_map(|schema| {
            let tables = schema
                .entries
                .values()
                .filter(|entry| matches!(&entry.content, Content::Table { directory: named } if named == directory));
            tables.map(|entry| TableName { schema: schema.name.clone(), table: entry.name.clone() })
        });
        let mut named = named;
        Patient { database: self.directory.to_string(), name: named.next() }
    }
}

/// Whether a table needs a look, and on which occasion.
fn attention(seen: &mut HashMap<String, Seen>, directory: &str, version: u64) -> Option<Why> {
    let now = Instant::now();
    let fresh = || Seen { version, since: now, rested: false, turn: Arc::default() };
    let known = seen.entry(directory.to_owned()).or_insert_with(fresh);
    if known.version != version {
        (known.version, known.since, known.rested) = (version, now, false);
    }
    if known.rested {
        return None;
    }
    known.rested = now.duration_since(known.since) >= REST;
    Some(if known.rested { Why::Rest } else { Why::Written })
}

fn spelling(base: &Snapshot, column: &str) -> Result<String> {
    let found = base.schema.fields().iter().find(|field| name_key(field.name()) == name_key(column));
    let field = found.ok_or_else(|| Error::invalid(format!("Binder Error: the table has no column \"{column}\"")))?;
    if field.data_type().is_nested() {
        return Err(Error::invalid(format!("Binder Error: rows cannot be sorted by \"{column}\", which is nested")));
    }
    Ok(field.name().clone())
}
