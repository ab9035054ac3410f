//! The write modes: what becomes of the rows, and of the table that is there or not.

use std::sync::Arc;

use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use deltalake_core::kernel::{Action, Add};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use model::{Error, Exists, Mark, Result, Rows, TableName, WriteMode, Written};

use super::LakehouseDatabase;
use super::directory::fresh;
use crate::table::{DataFile, Setting, Snapshot, create_actions, metadata_action, protocol_upgrade, storable};
use crate::write::{WrittenFiles, check_columns, discard_after, write_files};

impl LakehouseDatabase {
    /// Writes `rows` as `mode` says; one commit at the end makes them visible.
    pub(super) async fn write_rows(&self, name: &TableName, mode: WriteMode, rows: Rows) -> Result<Written> {
        match (mode, self.exists(name).await?) {
            (WriteMode::Create, true) => Err(Error::exists("table", name)),
            (WriteMode::Append, false) => Err(Error::not_found("table", name)),
            (WriteMode::Append | WriteMode::CreateAppend, true) => self.append(name, rows).await,
            (WriteMode::Overwrite, true) => self.overwrite(name, rows).await,
            (WriteMode::Create, false) => self.create_with(name, rows, None, Vec::new()).await,
            (WriteMode::CreateAppend | WriteMode::Overwrite, false) => {
                let _turn = self.creating.lock().await;
                // Whoever had the turn before may have made the table.
                match (mode, self.exists(name).await?) {
                    (WriteMode::CreateAppend, true) => self.append(name, rows).await,
                    (_, true) => self.overwrite(name, rows).await,
                    (_, false) => self.create_with(name, rows, None, Vec::new()).await,
                }
            }
        }
    }

    pub(super) async fn exists(&self, name: &TableName) -> Result<bool> {
        match self.document().await?.entry(name) {
            Some(entry) if entry.content.word() == "view" => {
                Err(Error::invalid(format!("\"{name}\" is a view; rows can only be written to a table")))
            }
            entry => Ok(entry.is_some()),
        }
    }

    /// Makes a table of these rows, with a writer's mark where it brings one, and a configuration.
    pub(super) async fn create_with(
        &self,
        name: &TableName,
        rows: Rows,
        mark: Option<&Mark>,
        settings: Vec<Setting>,
    ) -> Result<Written> {
        let schema = nullable(&storable(rows.schema())?);
        let directory = fresh(name);
        let table = self.open_table(&directory);
        let files = write_files(table.store(), &schema, rows, self.session.encoding()).await?;
        let written = written(&files);
        let (protocol, metadata) = create_actions(&name.table, &schema, settings)?;
        let mut actions = vec![Action::Protocol(protocol), Action::Metadata(metadata)];
        actions.extend(files.adds.iter().cloned().map(Action::Add));
        table.create(actions, write_operation(SaveMode::ErrorIfExists), mark).await?;
        if let Err(error) = self.enter(name, directory.clone(), Exists::Fail).await {
            self.discard_table(&directory, &error).await;
            return Err(error);
        }
        Ok(written)
    }

    async fn append(&self, name: &TableName, rows: Rows) -> Result<Written> {
        let table = self.table(name).await?;
        let schema = table.snapshot().await?.schema.clone();
        let files = write_files(table.store(), &schema, rows, self.session.encoding()).await?;
        if files.adds.is_empty() {
            return Ok(written(&files));
        }
        let actions = |base: &Snapshot| {
            check_same_columns(&base.schema, &schema)?;
            Ok(adds(&files.adds))
        };
        match table.commit(actions, write_operation(SaveMode::Append)).await {
            Ok(()) => Ok(written(&files)),
            Err(error) => {
                discard_after(table.store(), &files, &error).await;
                Err(error)
            }
        }
    }

    async fn overwrite(&self, name: &TableName, rows: Rows) -> Result<Written> {
        let table = self.table(name).await?;
        let schema = nullable(&storable(rows.schema())?);
        let files = write_files(table.store(), &schema, rows, self.session.encoding()).await?;
        let prepare = |base: &Snapshot| replace_all(base, &schema, &files.adds);
        match table.commit(prepare, write_operation(SaveMode::Overwrite)).await {
            Ok(()) => Ok(written(&files)),
            Err(error) => {
                discard_after(table.store(), &files, &error).await;
                Err(error)
            }
        }
    }
}

/// The actions that put new files, and columns where they differ, in the place of everything a version holds.
pub(super) fn replace_all(base: &Snapshot, schema: &SchemaRef, files: &[Add]) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    if base.schema != *schema {
        actions.extend(protocol_upgrade(base.protocol(), schema)?);
        actions.push(metadata_action(base.metadata(), schema)?);
    }
    actions.extend(base.files.iter().map(DataFile::remove).map(Action::Remove));
    actions.extend(adds(files));
    Ok(actions)
}

/// Columns that rows bring along are nullable, whatever the query behind them knows of its values.
pub(super) fn nullable(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new(fields.collect::<Vec<Field>>()))
}

/// Files written for one set of columns must fit the table as it is when they are committed: meanwhile a column may
/// have come, gone or changed its type.
pub fn check_same_columns(table: &Schema, files: &Schema) -> Result<()> {
    check_columns(table, files)?;
    let fits = |field: &FieldRef| {
        let written = files.fields().iter().find(|written| written.name() == field.name());
        written.map_or(field.is_nullable(), |written| {
            written.data_type() == field.data_type() && (field.is_nullable() || !written.is_nullable())
        })
    };
    if table.fields().iter().all(fits) {
        return Ok(());
    }
    Err(Error::conflict("the columns of the table changed at the same time; try again"))
}

/// The actions that add files.
pub(super) fn adds(files: &[Add]) -> Vec<Action> {
    files.iter().cloned().map(Action::Add).collect()
}

/// What the log calls a write.
pub(super) fn write_operation(mode: SaveMode) -> DeltaOperation {
    DeltaOperation::Write { mode, partition_by: None, predicate: None }
}

fn written(files: &WrittenFiles) -> Written {
    Written { rows: files.rows, bytes: files.bytes }
}
