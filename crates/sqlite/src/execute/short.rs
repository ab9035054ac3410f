//! Statements that read little: run where their caller waits, on a connection that is free at that moment.

use model::{Executed, Few, Result, Statement};
use rusqlite::{CachedStatement, Connection};

use super::shape::shape;
use super::{bind, may_share, profile, unprepared};
use crate::cells::{datum, size};
use crate::connection::Guarded;
use crate::fault::{is_busy, of_statement};
use crate::guard::{Guard, Stopped};

/// Looks at the clock that a statement has which runs on the caller's own thread: a fraction of a millisecond.
const LOOKS: u64 = 24;
/// Rows and bytes of an answer that is made there.
const ROWS: usize = 256;
const BYTES: usize = 64 << 10;

/// What came of trying.
pub(super) enum Short {
    /// It is done.
    Done(Executed),
    /// It takes longer: it begins again where that keeps nobody waiting.
    Long,
    /// It changes something.
    Writes,
}

/// Tries a statement with few steps, a small answer and no waiting.
pub(super) fn short(connection: &Guarded, statement: &Statement) -> Result<Short> {
    let Guarded { sqlite, guard } = connection;
    guard.enter(profile(statement));
    guard.limit(None, LOOKS, None);
    let outcome = short_of(sqlite, statement);
    let stopped = guard.stopped();
    guard.leave();
    match outcome {
        Ok(done) => Ok(done),
        Err(_) if stopped == Stopped::Budget => Ok(Short::Long),
        Err((cause, _)) if is_busy(&cause) => Ok(Short::Long),
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
    let shares = may_share(statement);
    let bound = if shares { by_shape(sqlite, statement) } else { None };
    let is_bound = bound.is_some();
    // Only one is used; both have to live as long as what they are used for.
    let (mut shared, mut own);
    let prepared: &mut rusqlite::Statement<'_> = match bound {
        Some(bound) => {
            shared = bound;
            &mut shared
        }
        None if shares => {
            shared = sqlite.prepare_cached(&statement.sql).map_err(prepare)?;
            &mut shared
        }
        None => {
            own = sqlite.prepare(&statement.sql).map_err(prepare)?;
            &mut own
        }
    };
    if !prepared.readonly() {
        return Ok(Short::Writes);
    }
    if !is_bound {
        bind(prepared, statement).map_err(prepare)?;
    }
    let names: Vec<String> = prepared.column_names().into_iter().map(str::to_owned).collect();
    let columns = names.len();
    let mut few = Few::new(names);
    let (mut count, mut bytes) = (0, 0);
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next().map_err(step)? {
        for column in 0..columns {
            let cell = row.get_ref(column).map_err(step)?;
            bytes += size(cell);
            few.push(datum(cell));
        }
        count += 1;
        if count > ROWS || bytes > BYTES {
            return Ok(Short::Long);
        }
    }
    Ok(Short::Done(Executed { rows: few.into(), changes: 0, redefined: Vec::new(), read_only: true }))
}

/// The plan that the statement shares with those of its shape, with its constants bound. Where there is none, or SQLite does not
/// take it, the statement is prepared as it is, and what is wrong with it is told of its own text.
fn by_shape<'a>(sqlite: &'a Connection, statement: &Statement) -> Option<CachedStatement<'a>> {
    let shape = shape(&statement.sql).filter(|_| statement.parameters.is_empty())?;
    let mut prepared = sqlite.prepare_cached(&shape.sql).ok()?;
    if prepared.parameter_count() != shape.constants.len() {
        return None;
    }
    for (place, constant) in shape.constants.iter().enumerate() {
        prepared.raw_bind_parameter(place + 1, constant).ok()?;
    }
    Some(prepared)
}
