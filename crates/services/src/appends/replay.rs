//! The start: what an earlier run acknowledged and did not commit.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use journal::{Fault, Journal, Options, Place};
use model::{DatabaseId, Error, Result, TableName};
use tracing::{error, info};

use super::lane::{Charge, Entry, Home};
use super::record::{self, Head};
use super::task_id::TaskIds;
use super::{Appends, Inner, OVERHEAD, Opened};

/// How long a start waits for what is left of an earlier run to be committed, so that the first query sees it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest segment, and which part of the journal's room it may take: a segment goes as a whole.
const SEGMENT_BYTES: u64 = 8 << 20;
const SEGMENT_PART: u64 = 8;

/// What was found in the journal.
struct Read {
    journal: Journal,
    faults: Vec<Fault>,
    records: Vec<(Place, Result<Head>)>,
}

impl Appends {
    /// Opens the journal and begins to commit what it holds. Damage is logged and stops nothing else.
    ///
    /// # Errors
    /// `Unavailable` where the journal's directory cannot be used.
    pub(crate) async fn start(&self) -> Result<()> {
        let directory = self.0.config.journal.clone();
        let options = Options { segment_bytes: (self.0.config.journal_bytes / SEGMENT_PART).min(SEGMENT_BYTES) };
        let opening = tokio::task::spawn_blocking(move || open(&directory, options));
        let Read { journal, faults, records } = opening.await.map_err(Error::internal)??;
        for fault in faults {
            error!(path = %fault.path.display(), offset = fault.offset, "the journal of appends is damaged: {fault}");
        }
        let generation = journal.generation();
        let earlier = records.iter().map(|(place, _)| place).filter(|place| place.generation() < generation);
        let earlier: BTreeSet<u64> = earlier.map(Place::position).collect();
        let tasks = TaskIds::new(journal.id(), generation, earlier);
        let opened = Opened { journal: Arc::new(journal), tasks };
        self.0.journal.set(opened).map_err(|_| Error::internal("the journal is opened once"))?;
        if records.is_empty() {
            return Ok(());
        }
        info!(appends = records.len(), "committing appends that an earlier run has accepted");
        for (place, head) in records {
            match head.and_then(|head| Ok((TableName::new(head.schema.clone(), head.table.clone())?, head))) {
                Ok((table, head)) => {
                    let home = self.0.home(&head).await?;
                    self.0.resume(place, &home, &table, &head);
                }
                Err(unknown) => error!(
                    path = %self.0.config.journal.display(),
                    position = place.position(),
                    reason = unknown.message(),
                    "a record of the journal of appends cannot be read by this version; start a later one"
                ),
            }
        }
        self.0.rest(PATIENCE).await;
        Ok(())
    }
}

impl Inner {
    /// The database of a record. One of an earlier version names it, and meant what has the name now.
    async fn home(&self, head: &Head) -> Result<Home> {
        let stored_as = match &head.stored_as {
            Some(id) => Some(DatabaseId::new(id.as_str())?),
            None => self.databases.stored_as(&head.database).await?,
        };
        Ok(Home { name: head.database.clone(), stored_as })
    }

    /// Puts an append of an earlier run into its lane.
    fn resume(self: &Arc<Self>, place: Place, home: &Home, table: &TableName, head: &Head) {
        let entry = Entry {
            place,
            table_id: head.table_id.as_deref().map(Arc::from),
            added: head.added().into(),
            body: None,
            arrived: None,
            sync: None,
            charge: Charge::new(Arc::clone(self), OVERHEAD),
        };
        let user = self.lane(home, table);
        user.lane().state().push(entry);
    }
}

fn open(directory: &Path, options: Options) -> Result<Read> {
    let mut records = Vec::new();
    let opened = Journal::open(directory, options, |place, payload| {
        records.push((place, record::parse(payload).map(|(head, _)| head)));
    });
    let (journal, faults) = opened.map_err(|cause| {
        let told = format!("cannot open the journal of appends in {}: {cause}", directory.display());
        Error::unavailable(told).with_source(cause)
    })?;
    Ok(Read { journal, faults, records })
}
