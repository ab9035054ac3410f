//! Appends: rows, the columns that they bring along, and the mark of who wrote them, in one commit.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use deltalake_core::kernel::Action;
use deltalake_core::protocol::SaveMode;
use futures::TryStreamExt;
use model::{Appended, Error, ErrorKind, Mark, Result, Rows, TableName, name_key};

use super::LakehouseDatabase;
use super::write::{adds, check_same_columns, nullable, write_operation};
use crate::table::{Snapshot, metadata_action, protocol_upgrade, storable};
use crate::write::{discard, discard_after, write_files};

/// What an append answers that was applied before.
const KNOWN: Appended = Appended { rows: 0, bytes: 0, applied: false };

impl LakehouseDatabase {
    /// Adds rows and moves a writer's mark, in one commit.
    pub(super) async fn append_rows(&self, name: &TableName, rows: Rows, mark: &Mark) -> Result<Appended> {
        if self.exists(name).await? {
            return self.append_to(name, rows, mark).await;
        }
        let turn = self.creating.lock().await;
        // Whoever had the turn before may have made the table.
        if self.exists(name).await? {
            drop(turn);
            return self.append_to(name, rows, mark).await;
        }
        let rows = without_untyped(rows, &Schema::empty())?;
        let written = self.create_with(name, rows, Some(mark), Vec::new()).await?;
        Ok(Appended { rows: written.rows, bytes: written.bytes, applied: true })
    }

    /// The mark of a writer in a table that may not exist.
    pub(super) async fn mark_of(&self, name: &TableName, writer: &str) -> Result<Option<u64>> {
        match self.table(name).await {
            Ok(table) => table.mark(writer).await,
            // The database itself may be gone: that is no table without marks.
            Err(error) if error.kind() == ErrorKind::NotFound => self.document().await.map(|_| None),
            Err(error) => Err(error),
        }
    }

    async fn append_to(&self, name: &TableName, rows: Rows, mark: &Mark) -> Result<Appended> {
        let table = self.table(name).await?;
        if table.mark(&mark.writer).await?.is_some_and(|known| known >= mark.position) {
            return Ok(KNOWN);
        }
        let found = table.snapshot().await?.schema.clone();
        let rows = without_untyped(rows, &found)?;
        let schema = widened(&found, rows.schema())?;
        let files = write_files(table.store(), &schema, rows, self.session.encoding()).await?;
        let prepare = |base: &Snapshot| {
            let mut actions = add_columns(base, &schema)?;
            actions.extend(adds(&files.adds));
            Ok(actions)
        };
        match table.commit_once(prepare, write_operation(SaveMode::Append), Some(mark)).await {
            Ok(true) => Ok(Appended { rows: files.rows, bytes: files.bytes, applied: true }),
            Ok(false) => {
                discard(table.store(), &files).await;
                Ok(KNOWN)
            }
            Err(error) => {
                discard_after(table.store(), &files, &error).await;
                Err(error)
            }
        }
    }
}

/// The columns of a table and, behind them, those of the rows that it lacks.
fn widened(table: &SchemaRef, rows: &SchemaRef) -> Result<SchemaRef> {
    let new: Vec<FieldRef> = rows.fields().iter().filter(|field| !has(table, field.name())).cloned().collect();
    if new.is_empty() {
        return Ok(table.clone());
    }
    let new = nullable(&storable(&Schema::new(new))?);
    let fields: Vec<FieldRef> = table.fields().iter().chain(new.fields()).cloned().collect();
    Ok(Arc::new(Schema::new(fields)))
}

/// The actions that give a version the columns of files that it lacks; the others must be as the files have them.
fn add_columns(base: &Snapshot, files: &SchemaRef) -> Result<Vec<Action>> {
    let schema = widened(&base.schema, files)?;
    check_same_columns(&schema, files)?;
    if schema.fields().len() == base.schema.fields().len() {
        return Ok(Vec::new());
    }
    let mut actions = protocol_upgrade(base.protocol(), &schema)?;
    actions.push(metadata_action(base.metadata(), &schema)?);
    Ok(actions)
}

/// Rows without the columns of type NULL that the table lacks: nothing is known of them yet. Where rows have no others,
/// they stay, and become INTEGER as they do elsewhere.
fn without_untyped(rows: Rows, table: &Schema) -> Result<Rows> {
    let schema = rows.schema().clone();
    let typed = |field: &FieldRef| *field.data_type() != DataType::Null || has(table, field.name());
    let kept: Vec<usize> = (0..schema.fields().len()).filter(|index| typed(&schema.fields()[*index])).collect();
    if kept.is_empty() || kept.len() == schema.fields().len() {
        return Ok(rows);
    }
    let narrow = Arc::new(schema.project(&kept).map_err(Error::internal)?);
    let (_, batches) = rows.into_parts();
    Ok(Rows::new(
        narrow,
        batches.and_then(move |batch| std::future::ready(batch.project(&kept).map_err(Error::internal))),
    ))
}

fn has(table: &Schema, name: &str) -> bool {
    table.fields().iter().any(|field| name_key(field.name()) == name_key(name))
}
