//! What arrives for a table is checked against it as it will be, and written to the journal.

use std::sync::Arc;
use std::time::Instant;

use arrow_schema::{Field, Schema, SchemaRef};
use formats::{Checked, JsonRecords, Unfit};
use model::{Database, Error, ErrorKind, Result};
use tokio::sync::mpsc::UnboundedReceiver;

use super::lane::{Arrival, Entry, Lane, State, User};
use super::record::Head;
use super::{AppendOutcome, Inner};
use crate::databases::schema_is_locked;

/// How many appends are checked before their records are waited for.
const BATCH: usize = 256;

/// A table as it was at the last look.
struct View {
    id: Option<Arc<str>>,
    columns: SchemaRef,
    epoch: u64,
}

/// Takes what arrives at a lane until the lane is given up.
pub(super) async fn run(inner: Arc<Inner>, mut inbox: UnboundedReceiver<(Arrival, User)>) {
    let mut intake = Intake { inner, known: None };
    let mut arrived = Vec::new();
    while inbox.recv_many(&mut arrived, BATCH).await > 0 {
        let (arrivals, users): (Vec<Arrival>, Vec<User>) = arrived.drain(..).unzip();
        let lane = Arc::clone(users[0].lane());
        intake.take(&lane, arrivals).await;
        drop(users);
    }
}

struct Intake {
    inner: Arc<Inner>,
    /// The table as of the last look, and a reader that knows what waiting appends add to it.
    known: Option<(View, JsonRecords)>,
}

impl Intake {
    /// Answers every arrival, but for those that wait for the commit.
    async fn take(&mut self, lane: &Arc<Lane>, arrivals: Vec<Arrival>) {
        let Some(newest) = arrivals.last() else { return };
        let database = Arc::clone(&newest.database);
        if let Err(error) = self.look(lane, database.as_ref()).await {
            refuse(arrivals, error);
            return;
        }
        // The futures are made in the order of the arrivals, and so are the positions.
        let mut on_their_way = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            match self.check(lane, &arrival.body, database.schema_locked()) {
                Ok(Checking::Fits { checked, record }) => {
                    let opened = self.inner.opened().expect("nothing arrives before the journal is open");
                    on_their_way.push((arrival, checked, opened.journal.append(record)));
                }
                Ok(Checking::Nothing) => _ = arrival.answer.send(Ok(AppendOutcome::Done)),
                Ok(Checking::Unfit(unfit)) => _ = arrival.answer.send(Ok(AppendOutcome::Refused(unfit))),
                Err(error) => _ = arrival.answer.send(Err(error)),
            }
        }
        let table_id = self.known.as_ref().and_then(|(view, _)| view.id.clone());
        for (arrival, checked, appended) in on_their_way {
            match appended.await {
                Ok(place) => self.accept(lane, arrival, &checked, place, table_id.clone()),
                Err(cause) => {
                    // The reader counts on columns that this append would have brought.
                    self.known = None;
                    let told = format!("the journal of appends cannot be written: {cause}; try again");
                    _ = arrival.answer.send(Err(Error::unavailable(told).with_source(cause)));
                }
            }
        }
        lane.wake.notify_one();
    }

    fn accept(
        &self,
        lane: &Lane,
        arrival: Arrival,
        checked: &Checked,
        place: journal::Place,
        table_id: Option<Arc<str>>,
    ) {
        let Arrival { body, sync, answer, charge, .. } = arrival;
        let mut entry = Entry {
            place,
            table_id,
            added: checked.added.iter().cloned().collect(),
            body: Some(body),
            arrived: Some(Instant::now()),
            sync: None,
            charge,
        };
        if sync {
            entry.sync = Some(answer);
            lane.state().push(entry);
            return;
        }
        // First the queue, then the answer: who has it may ask for the rows with an append that waits.
        lane.state().push(entry);
        let opened = self.inner.opened().expect("nothing arrives before the journal is open");
        _ = answer.send(Ok(AppendOutcome::Accepted(opened.tasks.id(place.position()))));
    }

    /// Looks at the table, and at what waiting appends add to it.
    async fn look(&mut self, lane: &Lane, database: &dyn Database) -> Result<()> {
        loop {
            let epoch = lane.state().epoch;
            let (id, columns) = table(lane, database).await?;
            let known = self.known.as_ref().map(|(view, _)| view);
            if known.is_none_or(|view| view.id != id) {
                self.pass_mark(lane, database).await?;
            }
            let same = known.is_some_and(|view| view.id == id && view.columns == columns && view.epoch == epoch);
            let state = lane.state();
            if let Some(reason) = &state.stuck {
                return Err(Error::unavailable(format!(
                    "rows that were accepted before cannot be committed to \"{}\" any more, and later ones wait behind \
                     them: {reason}; change the table so that they fit, or drop it",
                    lane.table
                )));
            }
            // Otherwise a commit came in between: what it brought is neither in the columns nor waiting.
            if state.epoch == epoch {
                if !same {
                    let reader = reader_of(&state, columns.clone(), id.as_ref());
                    drop(state);
                    self.known = Some((View { id, columns, epoch }, reader));
                }
                return Ok(());
            }
        }
    }

    /// A journal that was put back from a copy may be behind what it has written into the table before; records of the
    /// same positions would be taken for those.
    async fn pass_mark(&self, lane: &Lane, database: &dyn Database) -> Result<()> {
        let opened = self.inner.opened()?;
        let writer = opened.writer(opened.journal.generation());
        if let Some(mark) = database.mark(&lane.table, &writer).await? {
            opened.journal.pass(mark);
        }
        Ok(())
    }

    fn check(&mut self, lane: &Lane, body: &[u8], schema_locked: bool) -> Result<Checking> {
        let (view, reader) = self.known.as_mut().expect("the table was looked at");
        let checked = match reader.check(body) {
            Ok(checked) => checked,
            Err(unfit) => return Ok(Checking::Unfit(unfit)),
        };
        if checked.rows == 0 {
            return Ok(Checking::Nothing);
        }
        if reader.columns().fields().is_empty() {
            return Ok(Checking::Unfit(Unfit::Data(format!(
                "the table \"{}\" does not exist, and no value in the body tells a column to make it with",
                lane.table
            ))));
        }
        if schema_locked && (view.id.is_none() || !checked.added.is_empty()) {
            // The next body is read without the columns that this one would have brought.
            *reader = reader_of(&lane.state(), view.columns.clone(), view.id.as_ref());
            return Err(schema_is_locked());
        }
        let head = Head::new(&lane.home, &lane.table, view.id.as_deref(), &checked.added)?;
        Ok(Checking::Fits { record: head.with_body(body), checked })
    }
}

/// What came of checking a body.
enum Checking {
    Fits { checked: Checked, record: Vec<u8> },
    Nothing,
    Unfit(Unfit),
}

/// A reader of bodies for a table of these columns, and of those that waiting appends add.
fn reader_of(state: &State, columns: SchemaRef, id: Option<&Arc<str>>) -> JsonRecords {
    let mut reader = JsonRecords::new(columns);
    reader.add(&waiting_columns(state, id));
    reader
}

/// Columns that appends add which wait for the same table, or for one that was yet to be made.
fn waiting_columns(state: &State, id: Option<&Arc<str>>) -> Vec<Field> {
    let mut columns: Vec<Field> = Vec::new();
    let same = |entry: &&Entry| entry.table_id.is_none() || entry.table_id.as_ref() == id;
    for field in state.waiting.iter().filter(same).flat_map(|entry| entry.added.iter()) {
        if columns.iter().all(|known| model::name_key(known.name()) != model::name_key(field.name())) {
            columns.push(field.clone());
        }
    }
    columns
}

/// The id and the columns of the table; nothing and none where it is yet to be made.
async fn table(lane: &Lane, database: &dyn Database) -> Result<(Option<Arc<str>>, SchemaRef)> {
    let Some(id) = database.table_id(&lane.table).await? else { return Ok((None, Arc::new(Schema::empty()))) };
    match database.columns(&lane.table).await {
        Ok(columns) => Ok((Some(id.into()), columns)),
        // Dropped between the two questions.
        Err(missing) if missing.kind() == ErrorKind::NotFound => Ok((None, Arc::new(Schema::empty()))),
        Err(error) => Err(error),
    }
}

/// Tells everyone the same.
fn refuse(arrivals: Vec<Arrival>, error: Error) {
    let (kind, code, message) = (error.kind(), error.code(), error.message().to_owned());
    // The first has the source, for the log.
    let mut first = Some(error);
    for arrival in arrivals {
        let told = match kind {
            // A view of that name, for example: nothing of the request's form is wrong.
            ErrorKind::Invalid => Ok(AppendOutcome::Refused(Unfit::Schema(message.clone()))),
            _ => Err(first.take().unwrap_or_else(|| Error::new(kind, code, message.clone()))),
        };
        _ = arrival.answer.send(told);
    }
}
