//! Statements of callers, in SQLite's own dialect.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use futures::stream;
use model::{Access, Error, Executed, Result, Rows, Statement};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;

use crate::bind::parameter;
use crate::cells::{AnyColumn, any_type};
use crate::connection::Guarded;
use crate::fault::{fault, of_statement};
use crate::guard::{Guard, Profile, Stop, Stopped, told};
use crate::notes::Notes;
use crate::open::OpenDatabase;

/// Looks at the clock that a statement has which runs on the caller's own thread: a fraction of a millisecond.
const SHORT: u64 = 24;
/// Rows and bytes of an answer that is made there.
const SHORT_ROWS: usize = 256;
const SHORT_BYTES: usize = 64 << 10;
/// Rows and bytes of a batch of a longer answer.
const BATCH_ROWS: usize = 4_096;
const BATCH_BYTES: usize = 1 << 20;

/// Runs one statement. A short one that reads runs here and now; a longer one begins again on a thread that may block; one
/// that writes goes to the writer.
pub async fn execute(database: &Arc<OpenDatabase>, statement: Statement) -> Result<Executed> {
    database.alive()?;
    if statement.sql.len() > usize::try_from(database.config.statement_bytes).unwrap_or(usize::MAX) {
        return Err(Error::too_large(format!(
            "the statement has {} bytes; at most {} are taken",
            statement.sql.len(),
            database.config.statement_bytes
        )));
    }
    let short = database.readers.try_lend().map(|mut lent| short(lent.open()?, &statement)).transpose()?;
    match short {
        Some(Short::Done(executed)) => Ok(executed),
        Some(Short::Writes) => write(database, statement).await,
        Some(Short::Long) => long(database, statement).await,
        None => {
            let asked = statement.clone();
            let reads = database.read(move |connection| is_reading(connection, &asked)).await?;
            if reads { long(database, statement).await } else { write(database, statement).await }
        }
    }
}

enum Short {
    Done(Executed),
    Long,
    Writes,
}

fn profile(statement: &Statement) -> Profile {
    Profile::Caller { rights: statement.rights, schema_locked: statement.schema_locked }
}

/// A statement that was prepared for everybody may be used by those with every right that counts; others have their own
/// prepared, since SQLite asks the guard only then.
fn may_share(statement: &Statement) -> bool {
    !statement.schema_locked && statement.rights.allow(Access::Read) && statement.rights.allow(Access::Write)
}

fn is_reading(connection: &Guarded, statement: &Statement) -> Result<bool> {
    connection.guard.enter(profile(statement));
    let prepared = connection.sqlite.prepare(&statement.sql).map(|prepared| prepared.readonly());
    let outcome = told(&connection.guard, prepared, |cause| unprepared(cause, &statement.sql));
    connection.guard.leave();
    outcome
}

fn unprepared(cause: rusqlite::Error, sql: &str) -> Error {
    of_statement(cause, &format!("prepare {:?}", sql.chars().take(200).collect::<String>()))
}

/// Tries a statement with few steps, a small answer and no waiting.
fn short(connection: &Guarded, statement: &Statement) -> Result<Short> {
    let Guarded { sqlite, guard } = connection;
    guard.enter(profile(statement));
    guard.limit(None, SHORT, None);
    let outcome = short_of(sqlite, statement);
    let stopped = guard.stopped();
    guard.leave();
    match outcome {
        Ok(done) => Ok(done),
        Err(_) if stopped == Stopped::Budget => Ok(Short::Long),
        Err((cause, _)) if crate::fault::is_busy(&cause) => Ok(Short::Long),
        Err((cause, phase)) => {
            // What the guard refused, it refuses in its own words.
            Err(Guard::refusal_for(stopped).unwrap_or_else(|| match phase {
                Phase::Prepare => unprepared(cause, &statement.sql),
                Phase::Step => of_statement(cause, "step"),
            }))
        }
    }
}

#[derive(Clone, Copy)]
enum Phase {
    Prepare,
    Step,
}

fn short_of(sqlite: &Connection, statement: &Statement) -> std::result::Result<Short, (rusqlite::Error, Phase)> {
    let prepare = |cause| (cause, Phase::Prepare);
    let step = |cause| (cause, Phase::Step);
    // Only one is used; both have to live as long as what they are used for.
    let (mut shared, mut own);
    let prepared: &mut rusqlite::Statement<'_> = if may_share(statement) {
        shared = sqlite.prepare_cached(&statement.sql).map_err(prepare)?;
        &mut shared
    } else {
        own = sqlite.prepare(&statement.sql).map_err(prepare)?;
        &mut own
    };
    if !prepared.readonly() {
        return Ok(Short::Writes);
    }
    bind(prepared, statement).map_err(prepare)?;
    let names: Vec<String> = prepared.column_names().into_iter().map(str::to_owned).collect();
    let mut columns: Vec<AnyColumn> = names.iter().map(|_| AnyColumn::default()).collect();
    let (mut count, mut bytes) = (0, 0);
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next().map_err(step)? {
        for (place, column) in columns.iter_mut().enumerate() {
            bytes += column.push(row.get_ref(place).map_err(step)?);
        }
        count += 1;
        if count > SHORT_ROWS || bytes > SHORT_BYTES {
            return Ok(Short::Long);
        }
    }
    drop(rows);
    let rows = narrow_rows(&names, &mut columns, count).map_err(|_| step(rusqlite::Error::InvalidQuery))?;
    Ok(Short::Done(Executed { rows, changes: 0, redefined: Vec::new(), read_only: true }))
}

fn bind(prepared: &mut rusqlite::Statement<'_>, statement: &Statement) -> rusqlite::Result<()> {
    let (given, wanted) = (statement.parameters.len(), prepared.parameter_count());
    if given != wanted {
        return Err(rusqlite::Error::InvalidParameterCount(given, wanted));
    }
    for (place, value) in statement.parameters.iter().enumerate() {
        prepared.raw_bind_parameter(place + 1, parameter(value))?;
    }
    Ok(())
}

/// Rows that are all here, each column of the type that its cells have.
fn narrow_rows(names: &[String], columns: &mut [AnyColumn], count: usize) -> Result<Rows> {
    let arrays = columns.iter_mut().map(AnyColumn::finish_narrow).collect::<Result<Vec<_>>>()?;
    let fields: Vec<Field> =
        names.iter().zip(&arrays).map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(count));
    let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), arrays, &options).map_err(Error::internal)?;
    Ok(Rows::from_batches(schema, if count == 0 { Vec::new() } else { vec![batch] }))
}

/// Raises its flag when it is dropped: nobody waits any more.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Reads on a thread that may block, and hands the rows over batch by batch.
async fn long(database: &Arc<OpenDatabase>, statement: Statement) -> Result<Executed> {
    let stop: Stop = Arc::new(AtomicBool::new(false));
    let on_drop = StopOnDrop(Arc::clone(&stop));
    let (started, start) = oneshot::channel();
    let (batches, received) = mpsc::channel(2);
    let timeout = statement.timeout.unwrap_or(database.config.timeout);
    let readers = database.readers.clone();
    let reading = async move {
        readers
            .read(move |connection| {
                connection.guard.enter(profile(&statement));
                connection.guard.limit(Some(timeout), 0, Some(stop));
                let feed = Feed { started: Some(started), batches };
                feed.run(connection, &statement);
                connection.guard.leave();
                Ok(())
            })
            .await
    };
    // It goes on by itself; what it comes to arrives through the channels.
    let reading = tokio::spawn(reading);
    let schema = match start.await {
        Ok(outcome) => outcome?,
        Err(_) => {
            reading.await.map_err(Error::internal)??;
            return Err(Error::internal("a reader ended without an answer"));
        }
    };
    let rows = stream::unfold((received, on_drop), |(mut received, on_drop)| async move {
        received.recv().await.map(|batch| (batch, (received, on_drop)))
    });
    Ok(Executed { rows: Rows::new(schema, rows), changes: 0, redefined: Vec::new(), read_only: true })
}

/// The reading side of an answer.
struct Feed {
    started: Option<oneshot::Sender<Result<SchemaRef>>>,
    batches: mpsc::Sender<Result<RecordBatch>>,
}

impl Feed {
    fn run(mut self, connection: &Guarded, statement: &Statement) {
        if let Err(error) = self.feed(connection, statement) {
            match self.started.take() {
                Some(started) => drop(started.send(Err(error))),
                None => drop(self.batches.blocking_send(Err(error))),
            }
        }
    }

    fn feed(&mut self, connection: &Guarded, statement: &Statement) -> Result<()> {
        let Guarded { sqlite, guard } = connection;
        let mut prepared = told(guard, sqlite.prepare(&statement.sql), |cause| unprepared(cause, &statement.sql))?;
        bind(&mut prepared, statement).map_err(|cause| of_statement(cause, "bind"))?;
        let fields: Vec<Field> =
            prepared.column_names().into_iter().map(|name| Field::new(name, any_type(), true)).collect();
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let mut columns: Vec<AnyColumn> = schema.fields().iter().map(|_| AnyColumn::default()).collect();
        let mut rows = prepared.raw_query();
        loop {
            let (mut count, mut bytes) = (0, 0);
            let mut ended = false;
            while count < BATCH_ROWS && bytes < BATCH_BYTES {
                let next = told(guard, rows.next(), |cause| of_statement(cause, "step"))?;
                let Some(row) = next else {
                    ended = true;
                    break;
                };
                for (place, column) in columns.iter_mut().enumerate() {
                    bytes += column.push(row.get_ref(place).map_err(|cause| of_statement(cause, "step"))?);
                }
                count += 1;
            }
            // The first rows are there, or the end: what fails before that fails the statement, not its answer.
            if let Some(started) = self.started.take() {
                let _ = started.send(Ok(Arc::clone(&schema)));
            }
            if count > 0 {
                let arrays = columns.iter_mut().map(AnyColumn::finish).collect::<Result<Vec<_>>>()?;
                let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(count));
                let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), arrays, &options);
                if self.batches.blocking_send(batch.map_err(Error::internal)).is_err() {
                    return Ok(());
                }
            }
            if ended {
                return Ok(());
            }
        }
    }
}

/// Runs a statement that changes something, with others that wait.
async fn write(database: &Arc<OpenDatabase>, statement: Statement) -> Result<Executed> {
    let stop: Stop = Arc::new(AtomicBool::new(false));
    let _on_drop = StopOnDrop(Arc::clone(&stop));
    let timeout = statement.timeout.unwrap_or(database.config.timeout);
    let limit = database.config.returned_bytes;
    let (done, moved) = database
        .write(move |connection| {
            connection.guard.enter(profile(&statement));
            connection.guard.limit(Some(timeout), 0, Some(stop));
            let outcome = change(connection, &statement, limit);
            connection.guard.leave();
            outcome
        })
        .await?;
    if !moved.is_empty() {
        let database = Arc::clone(database);
        spawn_blocking(move || follow(&database.notes, &moved)).await.map_err(Error::internal)??;
    }
    Ok(done)
}

/// What became of tables and views: the old name, and the new one where there is one.
type Moved = Vec<(String, Option<String>)>;

fn follow(notes: &Notes, moved: &Moved) -> Result<()> {
    for (from, to) in moved {
        match to {
            Some(to) => notes.renamed(from, to)?,
            None => notes.dropped(from)?,
        }
    }
    Ok(())
}

fn change(connection: &Guarded, statement: &Statement, limit: usize) -> Result<(Executed, Moved)> {
    let Guarded { sqlite, guard } = connection;
    let (mut shared, mut own);
    let prepared: &mut rusqlite::Statement<'_> = if may_share(statement) {
        shared = told(guard, sqlite.prepare_cached(&statement.sql), |cause| unprepared(cause, &statement.sql))?;
        &mut shared
    } else {
        own = told(guard, sqlite.prepare(&statement.sql), |cause| unprepared(cause, &statement.sql))?;
        &mut own
    };
    bind(prepared, statement).map_err(|cause| unprepared(cause, &statement.sql))?;
    // A statement that was kept prepared did not ask the guard again: whether it defines can be seen from its text.
    let defines = guard.defines() || !is_plain(&statement.sql);
    let before = if defines { Some(definitions(connection, statement)?) } else { None };
    let changed_before = sqlite.total_changes();
    let names: Vec<String> = prepared.column_names().into_iter().map(str::to_owned).collect();
    let mut columns: Vec<AnyColumn> = names.iter().map(|_| AnyColumn::default()).collect();
    let (mut count, mut bytes) = (0, 0);
    {
        let mut rows = prepared.raw_query();
        while let Some(row) = told(guard, rows.next(), |cause| of_statement(cause, "step"))? {
            for (place, column) in columns.iter_mut().enumerate() {
                bytes += column.push(row.get_ref(place).map_err(|cause| of_statement(cause, "step"))?);
            }
            count += 1;
            if bytes > limit {
                return Err(Error::too_large(format!(
                    "the statement returns more than {limit} bytes of rows; nothing was changed: return fewer columns, or \
                     change fewer rows at a time"
                )));
            }
        }
    }
    let changes = if sqlite.total_changes() == changed_before { 0 } else { sqlite.changes() };
    let (redefined, moved) = match before {
        Some(before) => differences(&before, &definitions(connection, statement)?),
        None => (Vec::new(), Vec::new()),
    };
    let rows = narrow_rows(&names, &mut columns, count)?;
    Ok((Executed { rows, changes, redefined, read_only: false }, moved))
}

/// Whether a statement can be seen to change rows alone.
fn is_plain(sql: &str) -> bool {
    let word: String = sql.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    ["insert", "update", "delete", "replace", "with"].contains(&word.to_ascii_lowercase().as_str())
}

/// Tables and views with their statements and the page where their rows begin.
type Definitions = BTreeMap<String, (String, i64)>;

fn definitions(connection: &Guarded, statement: &Statement) -> Result<Definitions> {
    let Guarded { sqlite, guard } = connection;
    let defines = guard.defines();
    guard.enter(Profile::Own);
    let read = || {
        const SQL: &str = "SELECT name, sql, rootpage FROM sqlite_schema WHERE type IN ('table', 'view') \
                           AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let mut listed = sqlite.prepare_cached(SQL)?;
        let rows = listed.query_map([], |row| {
            Ok((row.get(0)?, (row.get::<_, Option<String>>(1)?.unwrap_or_default(), row.get(2)?)))
        })?;
        rows.collect::<rusqlite::Result<Definitions>>()
    };
    let definitions = read().map_err(fault);
    guard.enter(profile(statement));
    if defines {
        guard.note_defines();
    }
    definitions
}

fn differences(before: &Definitions, after: &Definitions) -> (Vec<String>, Moved) {
    let mut redefined: Vec<String> = Vec::new();
    let gone: Vec<&String> = before.keys().filter(|name| !after.contains_key(*name)).collect();
    let come: Vec<&String> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    let is_same = |from: &String, to: &String| before[from].1 != 0 && before[from].1 == after[to].1;
    let moved = gone.iter().map(|from| {
        let to = come.iter().find(|to| is_same(from, to));
        ((*from).clone(), to.map(|to| (*to).clone()))
    });
    let moved = moved.collect();
    redefined.extend(gone.iter().map(|name| (*name).clone()));
    redefined.extend(
        after
            .iter()
            .filter(|(name, now)| before.get(*name).is_none_or(|old| old.0 != now.0))
            .map(|(name, _)| name.clone()),
    );
    redefined.sort();
    (redefined, moved)
}
