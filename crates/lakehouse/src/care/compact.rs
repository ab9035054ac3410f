//! Compaction: the rows of some files, written anew as fewer, in one commit that changes none of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, ident};
use datafusion::physical_plan::execute_stream;
use deltalake_core::kernel::Action;
use deltalake_core::protocol::DeltaOperation;
use futures::{StreamExt, TryStreamExt, stream};
use model::{Cared, Error, ErrorKind, Result, Rows};
use tokio::runtime::Handle;

use super::choice::{File, LARGE};
use super::{Carer, Why, choose, order_of};
use crate::database::check_same_columns;
use crate::fault::from_datafusion;
use crate::scan::SnapshotProvider;
use crate::table::{DataFile, Snapshot, Table};
use crate::write::{WrittenFiles, discard, discard_after, write_files};

/// How often a compaction that somebody asked for begins anew when it lost against a writer.
const ATTEMPTS: usize = 3;

/// The longest pause after a batch.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

impl Carer {
    /// Puts files of a table together, in as many rounds as somebody asked for or one.
    pub async fn compact(self: &Arc<Self>, table: &Arc<Table>, why: Why) -> Result<Cared> {
        let started = Instant::now();
        let mut cared = Cared::default();
        let mut lost = 0;
        let mut snapshot = table.snapshot().await?;
        (cared.files_before, cared.bytes_before) = size(&snapshot);
        loop {
            let chosen = chosen(&snapshot, why);
            if chosen.is_empty() {
                break;
            }
            let (carer, table_of_work, base) = (Arc::clone(self), Arc::clone(table), Arc::clone(&snapshot));
            let done = self.on_own_threads(async move { carer.round(&table_of_work, &base, chosen, why).await }).await;
            if matches!(&done, Err(error) if error.kind() == ErrorKind::Conflict) && why == Why::Asked {
                // Whoever asked is told what there is now; to have lost against a writer is no fault.
                snapshot = table.snapshot().await?;
                lost += 1;
                if lost == ATTEMPTS {
                    break;
                }
                continue;
            }
            done?;
            let before = std::mem::replace(&mut snapshot, table.snapshot().await?);
            // A round that sorts everything leaves nothing for another.
            if why != Why::Asked || snapshot.files.len() >= before.files.len() || is_ordered(&snapshot) {
                break;
            }
        }
        (cared.files_after, cared.bytes_after) = size(&snapshot);
        cared.took = started.elapsed();
        Ok(cared)
    }

    /// Writes the rows of some files of a snapshot anew and puts them in their place.
    async fn round(&self, table: &Table, snapshot: &Arc<Snapshot>, chosen: Vec<usize>, why: Why) -> Result<()> {
        let order = order_of(snapshot.metadata(), &snapshot.schema);
        let inputs: Vec<DataFile> = chosen.iter().map(|at| snapshot.files[*at].clone()).collect();
        let expected: Option<u64> = inputs.iter().map(DataFile::live_rows).sum();
        let mut rows = self.read(snapshot, chosen, &order).await?;
        if why != Why::Asked {
            rows = giving_way(rows, self.queries.clone());
        }
        let mut files = write_files(table.store(), &snapshot.schema, rows, &self.encoding).await?;
        if expected.is_some_and(|expected| expected != files.rows) {
            // It would be a fault of reading or of the log, and must not become one of the table.
            discard(table.store(), &files).await;
            let (read, expected) = (files.rows, expected.unwrap_or_default());
            return Err(Error::internal(format!("{read} rows were read of files that have {expected}")));
        }
        // These rows were there before: whoever follows the changes of the table has seen them.
        files.adds.iter_mut().for_each(|add| add.data_change = false);
        let done = replace(table, snapshot, &inputs, &files).await;
        if let Err(error) = &done {
            discard_after(table.store(), &files, error).await;
        }
        done
    }

    /// The rows of these files: sorted where the table has an order, else as they came, oldest first.
    async fn read(&self, snapshot: &Arc<Snapshot>, mut chosen: Vec<usize>, order: &[String]) -> Result<Rows> {
        chosen.sort_by_key(|at| (snapshot.files[*at].meta.last_modified, snapshot.files[*at].add().path.clone()));
        let source = provider_as_source(Arc::new(SnapshotProvider::of_files(snapshot.clone(), chosen)));
        let plan = plan(source, order).map_err(from_datafusion)?;
        let physical = self.state.create_physical_plan(&plan).await.map_err(from_datafusion)?;
        let stream = execute_stream(physical, self.task()).map_err(from_datafusion)?;
        Ok(Rows::new(stream.schema(), stream.map_err(from_datafusion)))
    }
}

/// The rows, with a pause after each batch while queries run: three times as long as the batch took, so that they have
/// most of the processors.
fn giving_way(rows: Rows, queries: Handle) -> Rows {
    let (schema, batches) = rows.into_parts();
    let paused = stream::unfold((batches, queries, Instant::now()), |(mut batches, queries, began)| async move {
        let busy = queries.metrics().num_alive_tasks() > 0;
        tokio::time::sleep(if busy { (began.elapsed() * 3).min(LONGEST_PAUSE) } else { Duration::ZERO }).await;
        let began = Instant::now();
        let batch = batches.next().await?;
        Some((batch, (batches, queries, began)))
    });
    Rows::new(schema, paused)
}

fn plan(
    source: Arc<dyn datafusion::logical_expr::TableSource>,
    order: &[String],
) -> datafusion::error::Result<LogicalPlan> {
    let plan = LogicalPlanBuilder::scan("t", source, None)?;
    if order.is_empty() {
        return plan.build();
    }
    plan.sort(order.iter().map(|column| ident(column).sort(true, false)))?.build()
}

/// Commits the new files in the place of the old ones, at a moment at which no statement is about to change rows. Rows
/// that were changed meanwhile are not in the new files: then they are dropped.
async fn replace(table: &Table, snapshot: &Snapshot, inputs: &[DataFile], files: &WrittenFiles) -> Result<()> {
    let Some(_nobody_changes) = table.between_changes().await else {
        return Err(Error::conflict("statements change rows of the table all the time; a later round tries again"));
    };
    let prepare = |base: &Snapshot| {
        check_same_columns(&base.schema, &snapshot.schema)?;
        let current: std::collections::HashSet<_> = base.files.iter().map(DataFile::identity).collect();
        if inputs.iter().any(|file| !current.contains(&file.identity())) {
            return Err(Error::conflict("rows of the table were changed meanwhile; a later round tries again"));
        }
        let removes = inputs.iter().map(|file| {
            let mut remove = file.remove();
            remove.data_change = false;
            Action::Remove(remove)
        });
        Ok(removes.chain(files.adds.iter().cloned().map(Action::Add)).collect())
    };
    table.commit(prepare, DeltaOperation::Optimize { predicate: None, target_size: LARGE as i64 }).await
}

/// The files to put together; all of a table that somebody wants in order.
fn chosen(snapshot: &Snapshot, why: Why) -> Vec<usize> {
    let chosen = choose(&facts(snapshot), why);
    if why == Why::Asked && is_ordered(snapshot) && !(chosen.is_empty() && is_apart(snapshot)) {
        return (0..snapshot.files.len()).collect();
    }
    chosen
}

fn is_ordered(snapshot: &Snapshot) -> bool {
    !order_of(snapshot.metadata(), &snapshot.schema).is_empty()
}

/// Whether there are several files and each has a range of its own of the first column that the table is sorted by:
/// then sorting them again would change nothing that a query could notice.
fn is_apart(snapshot: &Snapshot) -> bool {
    let order = order_of(snapshot.metadata(), &snapshot.schema);
    let first = order.first().and_then(|column| snapshot.schema.index_of(column).ok());
    let Some(first) = first else { return false };
    let range = |file: &DataFile| {
        let column = &file.statistics.bounds.column_statistics[first];
        Some((column.min_value.get_value()?.clone(), column.max_value.get_value()?.clone()))
    };
    let Some(mut ranges) = snapshot.files.iter().map(range).collect::<Option<Vec<_>>>() else { return false };
    ranges.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    ranges.len() > 1 && ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0)
}

/// What the choice needs to know of the files.
fn facts(snapshot: &Snapshot) -> Vec<File> {
    let fact = |file: &DataFile| File { bytes: file.meta.size, rows: file.stored_rows(), deleted: file.gone_rows() };
    snapshot.files.iter().map(fact).collect()
}

/// Whether a round would find anything to do.
pub fn is_worth(snapshot: &Snapshot, why: Why) -> bool {
    !chosen(snapshot, why).is_empty()
}

fn size(snapshot: &Snapshot) -> (u64, u64) {
    (snapshot.files.len() as u64, snapshot.files.iter().map(|file| file.meta.size).sum())
}
