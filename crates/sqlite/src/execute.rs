//! Statements of callers, in SQLite's own dialect.

mod adding;
mod plans;
mod redefined;
mod shape;
mod short;

use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use model::{Access, AnyColumn, Error, Executed, Few, Result, Rows, Statement, any_type};

pub use self::plans::Plans;

use self::adding::{names_no_reader, only_adds, referenced};
use self::redefined::{Moved, definitions, differences, follow};
use self::short::{Short, short};
use crate::bind::parameter;
use crate::cells::push;
use crate::connection::Guarded;
use crate::fault::of_statement;
use crate::guard::{Profile, Stop, StopOnDrop, Stopped, overdue, told};
use crate::nul;
use crate::open::OpenDatabase;
use crate::outlet::{self, Outlet};
use crate::writer::Attempt;

/// The longest text, and the largest file to count the rows of, for a statement that is tried on its caller's own thread.
const SHORT_TEXT: usize = 8 << 10;
const SHORT_FILE: u64 = 16 << 20;
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
    nul::refuse("the statement", &statement.sql)?;
    if !statement.rights.allow(Access::Read) {
        names_no_reader(&statement.sql)?;
    }
    // Where the first word says that it changes rows, no reader need be asked.
    if begins_with(&statement.sql, &CHANGING) && statement.rights.allow(Access::Write) {
        return write(database, statement).await;
    }
    // What SQLite reads for itself has to be found out where the caller may not read.
    if !statement.rights.allow(Access::Read) || takes_long(database, &statement.sql) {
        return far(database, statement).await;
    }
    let short = match database.readers.try_lend() {
        Some(mut lent) => short(lent.open()?, &statement)?,
        // One has to be waited for, or opened: as long as that takes, nobody else is kept waiting.
        None => {
            let asked = statement.clone();
            database.read(move |connection| short(connection, &asked)).await?
        }
    };
    match short {
        Short::Done(executed) => Ok(executed),
        Short::Writes => write(database, statement).await,
        Short::Long => long(database, statement).await,
    }
}

/// Everything on threads that may block.
async fn far(database: &Arc<OpenDatabase>, statement: Statement) -> Result<Executed> {
    let asked = statement.clone();
    let reads = database.read(move |connection| is_reading(connection, &asked)).await?;
    if reads { long(database, statement).await } else { write(database, statement).await }
}

/// Whether it can be seen of a text that its steps are no measure of its time: preparing it takes long, it counts the rows of a
/// large file, which is one step, or it names a function that can work on a large cell for long, which is another.
fn takes_long(database: &OpenDatabase, sql: &str) -> bool {
    const WORKING: [&str; 8] = ["like", "glob", "match", "snippet", "highlight", "bm25", "matchinfo", "dbstat"];
    let mut words = sql.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let mut counts = false;
    sql.len() > SHORT_TEXT
        || words.any(|word| {
            counts |= word.eq_ignore_ascii_case("count");
            word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("json"))
                || WORKING.iter().any(|working| word.eq_ignore_ascii_case(working))
        })
        || (counts && std::fs::metadata(database.path()).is_ok_and(|file| file.len() > SHORT_FILE))
}

fn profile(statement: &Statement) -> Profile {
    Profile::Caller { rights: statement.rights, schema_locked: statement.schema_locked }
}

/// A statement that was prepared for everybody may be used by those with every right that counts; others have their own
/// prepared, since SQLite asks the guard only then.
fn may_share(statement: &Statement) -> bool {
    !statement.schema_locked && statement.rights.allow(Access::Read) && statement.rights.allow(Access::Write)
}

/// From now on the connection runs this statement.
fn admit(connection: &Guarded, statement: &Statement) {
    let Guarded { sqlite, guard, .. } = connection;
    let reads = statement.rights.allow(Access::Read);
    // Where it cannot be found out the statement is refused.
    let referenced = if reads { Vec::new() } else { referenced(sqlite, &statement.sql).unwrap_or_default() };
    guard.enter(profile(statement));
    guard.refer(referenced);
}

fn is_reading(connection: &Guarded, statement: &Statement) -> Result<bool> {
    admit(connection, statement);
    let prepared = connection.sqlite.prepare(&statement.sql).map(|prepared| prepared.readonly());
    let outcome = told(&connection.guard, prepared, |cause| unprepared(cause, &statement.sql));
    connection.guard.leave();
    outcome
}

fn unprepared(cause: rusqlite::Error, sql: &str) -> Error {
    of_statement(cause, &format!("prepare {:?}", sql.chars().take(200).collect::<String>()))
}

/// The names of the columns that a statement answers with. Before its first step one that was kept prepared says what they were
/// when it was prepared, whatever was altered since.
fn names(prepared: &rusqlite::Statement<'_>) -> Vec<String> {
    prepared.column_names().into_iter().map(str::to_owned).collect()
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
fn narrow(names: &[String], columns: &mut [AnyColumn], count: usize) -> Result<RecordBatch> {
    let arrays: Vec<_> = columns.iter_mut().map(AnyColumn::finish_narrow).collect();
    let fields: Vec<Field> =
        names.iter().zip(&arrays).map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
    batch_of(&Arc::new(Schema::new(fields)), arrays, count)
}

fn batch_of(schema: &SchemaRef, arrays: Vec<arrow_array::ArrayRef>, count: usize) -> Result<RecordBatch> {
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(count));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options).map_err(Error::internal)
}

/// Hands over all rows at once.
fn whole(names: &[String], columns: &mut [AnyColumn], count: usize, outlet: &mut Outlet) -> Result<()> {
    let batch = narrow(names, columns, count)?;
    outlet.start(&batch.schema());
    if count > 0 {
        outlet.send(batch)?;
    }
    Ok(())
}

/// Reads on a thread that may block, and hands the rows over batch by batch.
async fn long(database: &Arc<OpenDatabase>, statement: Statement) -> Result<Executed> {
    let stop = Arc::new(Stop::default());
    let time = statement.timeout.unwrap_or(database.config.timeout);
    let (mut outlet, inlet) = outlet::pair(Arc::clone(&stop), Some(time));
    let readers = database.readers.clone();
    let reading = async move {
        readers
            .read(move |connection| {
                connection.guard.enter(profile(&statement));
                connection.guard.limit(Some(time), 0, Some(stop));
                outlet.within(time);
                let outcome = feed(connection, &statement, &mut outlet);
                connection.guard.leave();
                outlet.finish(outcome);
                Ok(())
            })
            .await
    };
    let rows = inlet.rows(reading).await?;
    Ok(Executed { rows, changes: 0, redefined: Vec::new(), read_only: true })
}

fn feed(connection: &Guarded, statement: &Statement, outlet: &mut Outlet) -> Result<()> {
    let Guarded { sqlite, guard, .. } = connection;
    let mut prepared = told(guard, sqlite.prepare(&statement.sql), |cause| unprepared(cause, &statement.sql))?;
    bind(&mut prepared, statement).map_err(|cause| of_statement(cause, "bind"))?;
    let names = names(&prepared);
    let fields: Vec<Field> = names.iter().map(|name| Field::new(name, any_type(), true)).collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let mut columns: Vec<AnyColumn> = names.iter().map(|_| AnyColumn::default()).collect();
    let mut rows = prepared.raw_query();
    let mut begun = false;
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
                bytes += push(column, row.get_ref(place).map_err(|cause| of_statement(cause, "step"))?);
            }
            count += 1;
        }
        // An answer that is complete is as typed as a short one.
        if ended && !begun {
            return whole(&names, &mut columns, count, outlet);
        }
        // The first rows are there: what fails before that fails the statement, not its answer.
        outlet.start(&schema);
        begun = true;
        if count > 0 {
            let arrays = columns.iter_mut().map(AnyColumn::finish).collect();
            let batch = batch_of(&schema, arrays, count)?;
            if !outlet.send(batch)? {
                return Ok(());
            }
        }
        if ended {
            return Ok(());
        }
    }
}

/// Runs a statement that changes something, with others that wait.
async fn write(database: &Arc<OpenDatabase>, statement: Statement) -> Result<Executed> {
    let stop = Arc::new(Stop::default());
    let _on_drop = StopOnDrop(Arc::clone(&stop));
    let time = statement.timeout.unwrap_or(database.config.timeout);
    let limit = database.config.returned_bytes;
    if !statement.rights.allow(Access::Write) {
        only_adds(&statement.sql)?;
    }
    let (owner, watched) = (Arc::clone(database), Arc::clone(&stop));
    let work = move |connection: &Guarded, within: Option<Duration>| {
        let guard = &connection.guard;
        admit(connection, &statement);
        let short = within.filter(|within| *within < time);
        guard.limit(Some(short.unwrap_or(time)), 0, Some(Arc::clone(&stop)));
        let outcome = change(connection, &statement, limit);
        let too_long = short.is_some() && outcome.is_err() && guard.stopped() == Stopped::Time;
        guard.leave();
        if too_long && stop.reason() == Stopped::No { Attempt::TooLong } else { Attempt::Came(outcome) }
    };
    let done = database.share(work, move |(_, moved): &(Executed, Moved)| follow(&owner.notes, moved));
    let (done, _) = overdue(&watched, time, done).await?;
    Ok(done)
}

fn change(connection: &Guarded, statement: &Statement, limit: usize) -> Result<(Executed, Moved)> {
    let Guarded { sqlite, guard, .. } = connection;
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
    let (mut head, mut columns) = (Vec::new(), Vec::new());
    let (mut count, mut bytes) = (0, 0);
    {
        let mut rows = prepared.raw_query();
        while let Some(row) = told(guard, rows.next(), |cause| of_statement(cause, "step"))? {
            if count == 0 {
                head = names(row.as_ref());
                columns.resize_with(head.len(), AnyColumn::default);
            }
            for (place, column) in columns.iter_mut().enumerate() {
                bytes += push(column, row.get_ref(place).map_err(|cause| of_statement(cause, "step"))?);
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
    // Most statements that change something answer with no rows.
    let rows = if count == 0 {
        Few::new(names(prepared)).into()
    } else {
        let batch = narrow(&head, &mut columns, count)?;
        Rows::from_batches(batch.schema(), vec![batch])
    };
    Ok((Executed { rows, changes, redefined, read_only: false }, moved))
}

/// Whether a statement can be seen to change rows alone.
fn is_plain(sql: &str) -> bool {
    begins_with(sql, &CHANGING) || begins_with(sql, &["with"])
}

/// Words that statements begin with that change rows.
const CHANGING: [&str; 4] = ["insert", "update", "delete", "replace"];

fn begins_with(sql: &str, words: &[&str]) -> bool {
    let sql = sql.trim_start();
    let word = &sql[..sql.bytes().take_while(u8::is_ascii_alphabetic).count()];
    words.iter().any(|wanted| word.eq_ignore_ascii_case(wanted))
}
