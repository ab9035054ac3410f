//! What has come together is put into the table, in one commit that carries how far the journal has come in it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use model::{Database, Error, ErrorKind, Mark, Result, Rows, TableName};
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use super::lane::{Entry, Lane};
use super::rows::{self, Item};
use super::{AppendOutcome, Inner};
use crate::accounts::operator;

/// A lane that was not used for this long is given up.
const IDLE: Duration = Duration::from_secs(60);
/// The most appends in a commit.
const MOST: usize = 100_000;
/// A commit takes this many times the bytes that one is made for, where more has come together meanwhile.
const CATCH_UP: usize = 4;
/// How long the next try waits after a first failure.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// How long it waits after many, where the storage does not answer, and where rows do not fit.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_STUCK: Duration = Duration::from_secs(15);

/// How long a commit that somebody waits for waits for others, at the most.
const LONGEST_LINGER: Duration = Duration::from_millis(5);

/// When to commit.
enum Due {
    Now,
    In(Duration),
    /// There is nothing.
    Never,
}

/// Commits what comes together in a lane until the lane is given up.
pub(super) async fn run(inner: Arc<Inner>, lane: Arc<Lane>) {
    let mut pause = FIRST_PAUSE;
    while is_due(&inner, &lane).await {
        let permit = inner.commits.acquire().await.expect("the semaphore is never closed");
        let outcome = commit(&inner, &lane).await;
        drop(permit);
        let Err(error) = outcome else {
            pause = FIRST_PAUSE;
            continue;
        };
        let stuck = set_back(&lane, &error);
        inner.rested.notify_waiters();
        sleep(pause).await;
        pause = (pause * 2).min(if stuck { LONGEST_STUCK } else { LONGEST_PAUSE });
    }
}

/// Waits until a commit is due; `false` when the lane was given up.
async fn is_due(inner: &Inner, lane: &Lane) -> bool {
    loop {
        let woken = lane.wake.notified();
        match due(inner, lane) {
            Due::Now => return true,
            Due::In(rest) => _ = timeout(rest, woken).await,
            Due::Never => {
                inner.rested.notify_waiters();
                if timeout(IDLE, woken).await.is_err() && inner.give_up(lane) {
                    return false;
                }
            }
        }
    }
}

fn due(inner: &Inner, lane: &Lane) -> Due {
    let state = lane.state();
    let Some(oldest) = state.waiting.front() else { return Due::Never };
    let enough = state.bytes >= inner.config.commit_bytes || state.waiting.len() >= MOST;
    let Some(arrived) = oldest.arrived else { return Due::Now };
    if enough || inner.hurry.load(Ordering::Relaxed) {
        return Due::Now;
    }
    let until = match state.crowd {
        _ if state.syncs == 0 => arrived + inner.config.window,
        // Clients that were all answered at once come back at almost the same time: one commit does for them.
        Some((crowd, until)) if state.syncs < crowd => until,
        _ => return Due::Now,
    };
    match until.checked_duration_since(Instant::now()) {
        Some(rest) if !rest.is_zero() => Due::In(rest),
        _ => Due::Now,
    }
}

/// Entries from the front of a lane that one commit can take.
struct Batch {
    items: Vec<Item>,
    table_id: Option<Arc<str>>,
    generation: u32,
    mark_is_behind: bool,
}

fn batch(inner: &Inner, lane: &Lane) -> Option<Batch> {
    let state = lane.state();
    let first = state.waiting.front()?;
    let (table_id, generation) = (first.table_id.clone(), first.place.generation());
    let mut bytes = 0;
    let fits = |entry: &&Entry| {
        bytes += entry.place.bytes();
        entry.table_id == table_id
            && entry.place.generation() == generation
            && (bytes <= inner.config.commit_bytes * CATCH_UP || entry.place == first.place)
    };
    let items = state.waiting.iter().take(MOST).take_while(fits).map(Item::of).collect();
    Some(Batch { items, table_id, generation, mark_is_behind: state.mark_is_behind == Some(generation) })
}

async fn commit(inner: &Inner, lane: &Lane) -> Result<()> {
    let Some(Batch { mut items, table_id, generation, mark_is_behind }) = batch(inner, lane) else { return Ok(()) };
    let (count, started) = (items.len(), Instant::now());
    let opened = match &lane.home.stored_as {
        Some(id) => inner.databases.open_stored(id).await,
        None => inner.databases.open_for_accepted(&operator(), &lane.home.name).await,
    };
    let database = match opened {
        Ok(database) => database,
        Err(gone) if gone.kind() == ErrorKind::NotFound => {
            discard(inner, lane, count);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let Some(table) = now_called(lane, database.as_ref(), table_id.as_deref()).await? else {
        discard(inner, lane, count);
        return Ok(());
    };
    let opened = inner.opened()?;
    let writer = opened.writer(generation);
    let reached = if mark_is_behind { None } else { database.mark(&table, &writer).await? };
    let newest = items.last().map(|item| item.place.position());
    items.retain(|item| reached.is_none_or(|mark| item.place.position() > mark));
    let mut rows = 0;
    if let Some(last) = items.last() {
        let mark = Mark { writer, position: last.place.position() };
        let columns = rows::columns(database.as_ref(), &table).await?;
        let journal = Arc::clone(&opened.journal);
        let (schema, batches) = inner.workers.run(move || rows::read(&journal, columns, &items)).await??;
        rows = database.append(&table, Rows::from_batches(schema, batches), mark).await?.rows;
    }
    let made = match table_id {
        Some(_) => None,
        None => database.table_id(&table).await?,
    };
    inner.usage.count_appended_rows(rows);
    // A mark past all of these may be past the next ones, too.
    let behind = (reached <= newest).then_some(generation);
    done(inner, lane, count, Done { made: made.map(Arc::from), behind, took: started.elapsed() });
    Ok(())
}

/// The name that the table of a batch has now; none where it is gone.
async fn now_called(lane: &Lane, database: &dyn Database, id: Option<&str>) -> Result<Option<TableName>> {
    match id {
        None => Ok(Some(lane.table.clone())),
        Some(id) => database.table_by_id(id).await,
    }
}

/// What is known after a commit.
struct Done {
    /// The id of the table, where this commit may have made it.
    made: Option<Arc<str>>,
    /// The generation of which the table's mark is not past what waits.
    behind: Option<u32>,
    took: Duration,
}

/// Takes entries out whose rows are in the table.
fn done(inner: &Inner, lane: &Lane, count: usize, Done { made, behind, took }: Done) {
    let mut state = lane.state();
    let entries = state.take(count);
    let crowd = entries.iter().filter(|entry| entry.sync.is_some()).count();
    if crowd > 0 {
        state.crowd = Some((crowd, Instant::now() + (took / 8).min(LONGEST_LINGER)));
    }
    if let Some(id) = made {
        // What waits was for the table that is there now: if that is dropped, it goes along.
        let unmade = state.waiting.iter_mut().filter(|entry| entry.table_id.is_none());
        unmade.for_each(|entry| entry.table_id = Some(Arc::clone(&id)));
    }
    state.mark_is_behind = behind;
    state.failed = false;
    if state.stuck.take().is_some() {
        info!(database = lane.home.name, table = %lane.table, "accepted rows fit the table again and are committed");
    }
    drop(state);
    release(inner, entries);
}

/// Takes entries out whose table is gone.
fn discard(inner: &Inner, lane: &Lane, count: usize) {
    let mut state = lane.state();
    let entries = state.take(count);
    (state.failed, state.stuck, state.mark_is_behind) = (false, None, None);
    drop(state);
    info!(database = lane.home.name, table = %lane.table, appends = count, "waiting rows went with their table");
    release(inner, entries);
}

fn release(inner: &Inner, entries: Vec<Entry>) {
    let places: Vec<_> = entries.iter().map(|entry| entry.place).collect();
    if let Ok(opened) = inner.opened() {
        opened.journal.release(&places);
    }
    for entry in entries {
        if let Some(answer) = entry.sync {
            _ = answer.send(Ok(AppendOutcome::Done));
        }
    }
}

/// Notes that a commit failed. Answers whether that is because of the rows.
fn set_back(lane: &Lane, fault: &Error) -> bool {
    let stuck = matches!(
        fault.kind(),
        ErrorKind::Invalid | ErrorKind::Unsupported | ErrorKind::NotFound | ErrorKind::TooLarge | ErrorKind::Forbidden
    );
    let (database, table, reason) = (&lane.home.name, &lane.table, fault.message());
    let mut state = lane.state();
    let appends = state.waiting.len();
    (state.failed, state.mark_is_behind) = (true, None);
    let waiters = state.set_aside();
    if !stuck {
        let source = std::error::Error::source(fault).map(ToString::to_string).unwrap_or_default();
        warn!(database, %table, appends, reason, source, "a commit of appended rows failed and is tried again");
    } else if state.stuck.as_deref() != Some(reason) {
        error!(
            database,
            %table,
            appends,
            reason,
            "accepted rows do not fit their table any more; they are kept in the journal until the table is changed so \
             that they fit, or dropped"
        );
        state.stuck = Some(reason.to_owned());
    }
    drop(state);
    for waiter in waiters {
        let told = format!("the rows were accepted and are not committed yet; do not send them again: {reason}");
        _ = waiter.send(Err(Error::unavailable(told)));
    }
    stuck
}
