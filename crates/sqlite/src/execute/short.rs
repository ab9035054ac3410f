//! Statements that read little: run where their caller waits, on a connection that is free at that moment.

use model::{Executed, Few, Result, Statement};
use rusqlite::{CachedStatement, Connection, StatementStatus};

use super::shape::{Shape, shape as shape_of};
use super::{bind, may_share, names, profile, unprepared};
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
    let mut shape = None;
    if may_share(statement) && statement.parameters.is_empty() {
        shape = shape_of(&statement.sql).filter(|shape| connection.plans.may_share(&shape.sql));
    }
    loop {
        if let Some(done) = attempt(connection, statement, shape.as_ref())? {
            return Ok(done);
        }
        // Perhaps it took so long because its plan does not know the constants: an index can be made for one of them.
        match shape.take() {
            Some(shape) => connection.plans.keep_apart(shape.sql),
            None => return Ok(Short::Long),
        }
    }
}

/// What came of it; nothing where its steps are used up.
fn attempt(connection: &Guarded, statement: &Statement, shape: Option<&Shape>) -> Result<Option<Short>> {
    let guard = &connection.guard;
    guard.enter(profile(statement));
    guard.limit(None, LOOKS, None);
    let outcome = run(connection, statement, shape);
    let stopped = guard.stopped();
    guard.leave();
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(_) if stopped == Stopped::Budget => Ok(None),
        Err((cause, _)) if is_busy(&cause) => Ok(Some(Short::Long)),
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

type Attempted<T> = std::result::Result<T, (rusqlite::Error, Phase)>;

fn run(connection: &Guarded, statement: &Statement, shape: Option<&Shape>) -> Attempted<Short> {
    let sqlite = &connection.sqlite;
    let prepare = |cause| (cause, Phase::Prepare);
    if let Some((shape, mut bound)) = shape.and_then(|shape| Some((shape, bound(sqlite, shape)?))) {
        let outcome = read(&mut bound);
        if bound.reset_status(StatementStatus::RePrepare) > 0 {
            connection.plans.doubt(&shape.sql);
        }
        return outcome;
    }
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
    read(prepared)
}

/// The plan that statements of a shape share, with the constants of one of them. Nothing where SQLite does not take it: then the
/// statement is prepared as it is, and what is wrong with it is told of its own text.
fn bound<'a>(sqlite: &'a Connection, shape: &Shape) -> Option<CachedStatement<'a>> {
    let mut prepared = sqlite.prepare_cached(&shape.sql).ok()?;
    if !prepared.readonly() || prepared.parameter_count() != shape.constants.len() {
        return None;
    }
    for (place, constant) in shape.constants.iter().enumerate() {
        prepared.raw_bind_parameter(place + 1, constant).ok()?;
    }
    Some(prepared)
}

fn read(prepared: &mut rusqlite::Statement<'_>) -> Attempted<Short> {
    let step = |cause| (cause, Phase::Step);
    let mut few = None;
    let (mut count, mut bytes) = (0, 0);
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next().map_err(step)? {
        let few = few.get_or_insert_with(|| Few::new(names(row.as_ref())));
        for column in 0..few.columns().len() {
            let cell = row.get_ref(column).map_err(step)?;
            bytes += size(cell);
            few.push(datum(cell));
        }
        count += 1;
        if count > ROWS || bytes > BYTES {
            return Ok(Short::Long);
        }
    }
    drop(rows);
    let few = few.unwrap_or_else(|| Few::new(names(prepared)));
    Ok(Short::Done(Executed { rows: few.into(), changes: 0, redefined: Vec::new(), read_only: true }))
}
