//! Upserts: attempts until one can be committed, and what becomes of the files that lose rows.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::logical_expr::ident;
use deltalake_core::kernel::{Action, Add};
use deltalake_core::protocol::{DeltaOperation, MergePredicate};
use futures::TryStreamExt;
use model::{Error, Result, Rows, TableName, Upsert, Upserted};
use roaring::RoaringTreemap;

use super::LakehouseDatabase;
use super::write::{adds, nullable};
use crate::engine::{Session, on};
use crate::table::{
    DataFile, Deletions, KEY_SETTING, Setting, Snapshot, Table, Turn, storable, with_deletion_vectors, with_setting,
};
use crate::upsert::{Columns, Outcome, Places, Spool, any_match, replace, sorted};
use crate::write::{Converter, FilesWriter, WrittenFiles, discard, discard_after};

/// How often an upsert is worked out anew because others changed the rows it read.
const ATTEMPTS: usize = 6;

/// How often a version may be lost to a writer of another process that did not touch what the upsert read.
const LOST: usize = 50;

/// The part of what is quick to write anew below which one file always is, beside large ones: so that many small upserts
/// leave few small files.
const TINY: u64 = 64;

/// What an upsert does to one version of a table, written and not committed yet.
struct Change {
    files: WrittenFiles,
    /// Files that go, or are there in another form.
    removed: Vec<DataFile>,
    /// Those that stay with fewer rows.
    changed: Vec<Add>,
    inserted: u64,
    updated: u64,
}

impl LakehouseDatabase {
    /// Updates the rows whose key is there, and adds the others.
    pub(super) async fn upsert_rows(&self, name: &TableName, upsert: &Upsert, rows: Rows) -> Result<Upserted> {
        if self.exists(name).await? {
            return self.upsert_into(name, upsert, rows).await;
        }
        let turn = self.creating.lock().await;
        // Whoever had the turn before may have made the table.
        if self.exists(name).await? {
            drop(turn);
            return self.upsert_into(name, upsert, rows).await;
        }
        let (columns, spool) = self.arrived(&nullable(&storable(rows.schema())?), upsert, rows).await?;
        let written = self.create_with(name, spool.into_rows()?, None, vec![key_setting(&columns)?]).await?;
        Ok(Upserted { inserted: written.rows, updated: 0, bytes: written.bytes })
    }

    /// The rows, one a key, on disk.
    async fn arrived(&self, table: &SchemaRef, upsert: &Upsert, rows: Rows) -> Result<(Arc<Columns>, Spool)> {
        let columns = Arc::new(Columns::new(table, rows.schema(), upsert)?);
        let task = self.session.state(None).task_ctx();
        let (of, scratch) = (columns.clone(), self.session.scratch().to_owned());
        let spool =
            on(self.session.runtime(), Arc::default(), async move { sorted(rows, &of, &scratch, task).await }).await?;
        Ok((columns, spool))
    }

    async fn upsert_into(&self, name: &TableName, upsert: &Upsert, rows: Rows) -> Result<Upserted> {
        let table = self.table(name).await?;
        let (columns, spool) = self.arrived(&table.snapshot().await?.schema.clone(), upsert, rows).await?;
        let spool = Arc::new(spool);
        let places = Places {
            root: self.root.store().clone(),
            readers: self.session.readers(&self.root),
            columns,
            encoding: self.session.encoding().clone(),
        };
        let _changing = table.changing().await;
        let mut held = None;
        for _ in 0..ATTEMPTS {
            let base = table.snapshot().await?;
            if base.schema != places.columns.table {
                return Err(Error::conflict("the columns of the table changed at the same time; try again"));
            }
            let change = self.work_out(&table, &base, &places, &spool).await?;
            // From the second attempt on other writers of this process wait: they cannot come in between again.
            let turn = match held.take() {
                Some(turn) => turn,
                None => table.turn().await,
            };
            match commit(&table, &turn, &base, &change, &places, &spool).await {
                Ok(true) => {
                    let Change { inserted, updated, files, .. } = change;
                    return Ok(Upserted { inserted, updated, bytes: files.bytes });
                }
                Ok(false) => discard(table.store(), &change.files).await,
                Err(error) => {
                    discard_after(table.store(), &change.files, &error).await;
                    return Err(error);
                }
            }
            held = Some(turn);
        }
        Err(Error::conflict("other writers changed the same rows again and again meanwhile; try again"))
    }

    /// Finds what the rows replace in a version, and writes what they become.
    async fn work_out(
        &self,
        table: &Table,
        base: &Arc<Snapshot>,
        places: &Places,
        spool: &Arc<Spool>,
    ) -> Result<Change> {
        let mut writer = FilesWriter::new(table.store(), &base.schema, self.session.encoding());
        let (session, base, places, spool) = (self.session.clone(), base.clone(), places.clone(), spool.clone());
        on(self.session.runtime(), Arc::default(), async move {
            let outcome = async {
                let outcome = replace(&places, &base.files, &spool, &mut writer).await?;
                without_replaced(&session, &base, outcome, &mut writer).await
            };
            let outcome = outcome.await;
            let (files, change) = writer.finish_after(outcome).await?;
            Ok(Change { files, ..change })
        })
        .await
    }
}

/// Takes the rows that are replaced out of their files, by writing those anew or by deletion vectors.
async fn without_replaced(
    session: &Session,
    base: &Arc<Snapshot>,
    outcome: Outcome,
    writer: &mut FilesWriter,
) -> Result<Change> {
    let mut change = Change {
        files: WrittenFiles::default(),
        removed: Vec::new(),
        changed: Vec::new(),
        inserted: outcome.inserted,
        updated: outcome.updated,
    };
    let mut left: Vec<(DataFile, RoaringTreemap, u64)> = Vec::new();
    for (position, lost) in outcome.replaced {
        let file = &base.files[position];
        let gone = match &lost.before {
            Some(before) => &lost.rows | before.as_ref(),
            None => lost.rows,
        };
        change.removed.push(file.clone());
        if gone.len() < lost.stored {
            left.push((file.clone(), gone, lost.stored));
        }
    }
    let bytes: u64 = left.iter().map(|(file, ..)| file.meta.size).sum();
    let limit = session.rewrite_bytes();
    let (small, large): (Vec<_>, Vec<_>) =
        left.into_iter().partition(|(file, ..)| bytes <= limit || file.meta.size < limit / TINY);
    let small = small.into_iter();
    let small =
        small.map(|(file, gone, stored)| file.with_deletions(Deletions::in_memory(gone), stored, &base.read_schema));
    rewrite(session, base, small.collect(), writer).await?;
    let vectors: Vec<&RoaringTreemap> = large.iter().map(|(_, gone, _)| gone).collect();
    let descriptors = writer.write_vectors(&vectors).await?;
    for ((file, _, stored), descriptor) in large.iter().zip(descriptors) {
        let deletions = base.deletions(descriptor)?;
        change.changed.push(file.with_deletions(deletions, *stored, &base.read_schema).add().clone());
    }
    Ok(change)
}

/// Writes what is left of files.
async fn rewrite(
    session: &Session,
    base: &Arc<Snapshot>,
    files: Vec<DataFile>,
    writer: &mut FilesWriter,
) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let columns = base.schema.fields().iter().map(|field| ident(field.name())).collect();
    let mut rows = session.select(Arc::new(base.with_files(files)), columns).await?;
    let converter = Converter::new(&base.schema, rows.schema())?;
    while let Some(batch) = rows.try_next().await? {
        writer.push(converter.convert(&batch)?).await?;
    }
    Ok(())
}

/// Commits a change on top of the newest version; false where what it was worked out from is no longer so.
async fn commit(
    table: &Table,
    turn: &Turn<'_>,
    base: &Arc<Snapshot>,
    change: &Change,
    places: &Places,
    spool: &Arc<Spool>,
) -> Result<bool> {
    if change.removed.is_empty() && change.files.adds.is_empty() {
        return Ok(true);
    }
    for _ in 0..LOST {
        let newest = table.snapshot().await?;
        if !still_holds(&newest, base, change, places, spool).await? {
            return Ok(false);
        }
        let actions = actions(&newest, change, &places.columns)?;
        if turn.commit(&newest, actions, operation(&places.columns), None).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a change that was worked out from `base` is right for a newer version, too: the files that it takes rows from
/// are as they were, and those that came since have none of its keys.
async fn still_holds(
    newest: &Snapshot,
    base: &Snapshot,
    change: &Change,
    places: &Places,
    spool: &Arc<Spool>,
) -> Result<bool> {
    if newest.version() == base.version() {
        return Ok(true);
    }
    let same =
        |one: &DataFile, other: &DataFile| one.add().path == other.add().path && one.vector_id() == other.vector_id();
    let removed = |file: &DataFile| newest.files.iter().any(|active| same(active, file));
    if newest.schema != base.schema || !change.removed.iter().all(removed) {
        return Ok(false);
    }
    let new = newest.files.iter().filter(|file| !base.files.iter().any(|known| same(known, file)));
    let new: Vec<DataFile> = new.cloned().collect();
    let (places, spool) = (places.clone(), spool.clone());
    let runtime = places.encoding.runtime.clone();
    on(&runtime, Arc::default(), async move { Ok(new.is_empty() || !any_match(&places, &new, &spool).await?) }).await
}

fn actions(newest: &Snapshot, change: &Change, columns: &Columns) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    let setting = key_setting(columns)?;
    let current = newest.metadata();
    let mut metadata = match current.configuration().get(&setting.0) {
        Some(known) if *known == setting.1 => None,
        _ => Some(with_setting(current, setting)?),
    };
    if !change.changed.is_empty() {
        let so_far = metadata.as_ref().unwrap_or(current);
        let (protocol, enabled) = with_deletion_vectors(newest.protocol(), so_far)?;
        actions.extend(protocol);
        metadata = enabled.or(metadata);
    }
    actions.extend(metadata.map(Action::Metadata));
    actions.extend(change.removed.iter().map(DataFile::remove).map(Action::Remove));
    actions.extend(adds(&change.changed));
    actions.extend(adds(&change.files.adds));
    Ok(actions)
}

/// The line of the table's configuration that keeps the key, for whoever puts the files in order.
fn key_setting(columns: &Columns) -> Result<Setting> {
    let names: Vec<&String> = columns.key.iter().map(|position| columns.given.field(*position).name()).collect();
    Ok((KEY_SETTING.to_owned(), serde_json::to_string(&names).map_err(Error::internal)?))
}

/// What the log calls an upsert.
fn operation(columns: &Columns) -> DeltaOperation {
    let equal = |position: &usize| {
        let name = columns.given.field(*position).name().replace('"', "\"\"");
        format!("target.\"{name}\" = source.\"{name}\"")
    };
    let action = |word: &str| vec![MergePredicate { action_type: word.to_owned(), predicate: None }];
    DeltaOperation::Merge {
        predicate: None,
        merge_predicate: Some(columns.key.iter().map(equal).collect::<Vec<_>>().join(" AND ")),
        matched_predicates: action("update"),
        not_matched_predicates: action("insert"),
        not_matched_by_source_predicates: Vec::new(),
    }
}
