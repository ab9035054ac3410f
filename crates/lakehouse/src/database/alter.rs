//! Changes of one column. A new column is a line in the log; the others rewrite the table in one commit.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::logical_expr::{Expr, cast, ident};
use deltalake_core::protocol::SaveMode;
use model::{ColumnChange, Error, Exists, Filter, Operator, Result, Rows, Scan, TableName, name_key};

use super::write::{replace_all, write_operation};
use super::{LakehouseDatabase, skips};
use crate::table::{Snapshot, Table, metadata_action, of_column, protocol_upgrade, storable, with_comment};
use crate::write::{discard_after, write_files};

impl LakehouseDatabase {
    /// Makes one change of one column.
    pub(super) async fn alter_column(&self, name: &TableName, change: ColumnChange) -> Result<()> {
        let table = self.table(name).await?;
        let _changing = table.changing().await;
        let snapshot = table.snapshot().await?;
        match change {
            ColumnChange::Add { column, exists } => add(&table, &snapshot, &column, exists).await,
            ColumnChange::Drop { name, missing } => match position(&snapshot.schema, &name) {
                None if skips(missing) => Ok(()),
                None => Err(no_column(&name)),
                Some(_) if snapshot.schema.fields().len() == 1 => {
                    Err(Error::invalid("Catalog Error: the last column of a table cannot be dropped; drop the table"))
                }
                Some(dropped) => {
                    let keep = |index: usize, column: Expr| (index != dropped).then_some(column);
                    self.rewrite(&table, &snapshot, keep, |schema| Ok(schema)).await
                }
            },
            ColumnChange::Rename { name, to } => {
                let renamed = position(&snapshot.schema, &name).ok_or_else(|| no_column(&name))?;
                if position(&snapshot.schema, &to).is_some_and(|taken| taken != renamed) {
                    return Err(Error::exists("column", to));
                }
                let rename = |index, column: Expr| Some(if index == renamed { column.alias(&to) } else { column });
                let comment = of_column(snapshot.metadata(), &name)?;
                let keep_comment = |schema: SchemaRef| {
                    let fields = schema.fields().iter().enumerate();
                    let fields = fields.map(|(index, field)| match index == renamed {
                        true => with_comment(field, comment.as_ref()),
                        false => field.clone(),
                    });
                    Ok(Arc::new(Schema::new(fields.collect::<Vec<FieldRef>>())))
                };
                self.rewrite(&table, &snapshot, rename, keep_comment).await
            }
            ColumnChange::Nullable { name, nullable } => self.set_nullable(&table, &snapshot, &name, nullable).await,
            ColumnChange::Retype { column } => {
                let retyped = position(&snapshot.schema, column.name()).ok_or_else(|| no_column(column.name()))?;
                let target = one_storable(&column)?.data_type().clone();
                let name = snapshot.schema.field(retyped).name().clone();
                let retype = |index, value: Expr| {
                    Some(if index == retyped { cast(value, target.clone()).alias(&name) } else { value })
                };
                self.rewrite(&table, &snapshot, retype, |schema| Ok(schema)).await
            }
        }
    }

    /// Says whether a column may be NULL. Rows are looked at, not written.
    async fn set_nullable(&self, table: &Table, snapshot: &Arc<Snapshot>, name: &str, nullable: bool) -> Result<()> {
        let position = position(&snapshot.schema, name).ok_or_else(|| no_column(name))?;
        let column = snapshot.schema.field(position).name().clone();
        if !nullable {
            let filter = Filter { column: column.clone(), operator: Operator::Null };
            let mut scan = Scan::all(TableName { schema: String::new(), table: String::new() });
            (scan.projection, scan.filters, scan.limit) = (Some(vec![column.clone()]), vec![filter], Some(1));
            let found = self.session.scan(snapshot.clone(), &scan).await?.collect().await?;
            if found.iter().any(|batch| batch.num_rows() > 0) {
                return Err(Error::invalid(format!(
                    "Constraint Error: NOT NULL constraint failed: column \"{column}\" has rows without a value"
                )));
            }
        }
        let prepare = |base: &Snapshot| {
            if !nullable && !base.same_as(snapshot) {
                return Err(Error::conflict("rows were written to the table while its columns changed; try again"));
            }
            let fields = base.schema.fields().iter().map(|field| match field.name() == &column {
                true => Field::clone(field).with_nullable(nullable),
                false => Field::clone(field),
            });
            Ok(vec![metadata_action(base.metadata(), &Schema::new(fields.collect::<Vec<Field>>()))?])
        };
        table.commit(prepare, write_operation(SaveMode::Append)).await
    }

    /// Rewrites the table with each column put through `each`, which drops those it answers nothing for. `finish` has
    /// the last word on the columns.
    async fn rewrite(
        &self,
        table: &Arc<Table>,
        snapshot: &Arc<Snapshot>,
        each: impl Fn(usize, Expr) -> Option<Expr>,
        finish: impl Fn(SchemaRef) -> Result<SchemaRef>,
    ) -> Result<()> {
        let columns = snapshot.schema.fields().iter().enumerate();
        let columns: Vec<Expr> = columns.filter_map(|(index, field)| each(index, ident(field.name()))).collect();
        let rows = self.session.select(snapshot.clone(), columns).await?;
        self.put(table, snapshot, rows, finish).await
    }

    /// Puts rows, and their columns, in the place of those that a snapshot has.
    ///
    /// # Errors
    /// `Conflict` where the table has changed since.
    pub async fn replace_rows(&self, name: &TableName, snapshot: &Arc<Snapshot>, rows: Rows) -> Result<()> {
        let table = self.table(name).await?;
        self.put(&table, snapshot, rows, |schema| Ok(schema)).await
    }

    async fn put(
        &self,
        table: &Arc<Table>,
        snapshot: &Arc<Snapshot>,
        rows: Rows,
        finish: impl Fn(SchemaRef) -> Result<SchemaRef>,
    ) -> Result<()> {
        let schema = finish(storable(rows.schema())?)?;
        let files = write_files(table.store(), &schema, rows, self.session.encoding()).await?;
        let prepare = |base: &Snapshot| {
            if base.same_as(snapshot) {
                replace_all(base, &schema, &files.adds)
            } else {
                Err(Error::conflict("rows were written to the table while its columns changed; try again"))
            }
        };
        let done = table.commit(prepare, write_operation(SaveMode::Overwrite)).await;
        if let Err(error) = &done {
            discard_after(table.store(), &files, error).await;
        }
        done
    }
}

async fn add(table: &Table, snapshot: &Snapshot, column: &FieldRef, exists: Exists) -> Result<()> {
    if position(&snapshot.schema, column.name()).is_some() {
        return if exists == Exists::Skip { Ok(()) } else { Err(Error::exists("column", column.name())) };
    }
    if !column.is_nullable() {
        return Err(Error::unsupported(
            "Not implemented Error: a new column cannot be NOT NULL, because the rows that are there have no value for it",
        ));
    }
    let added = one_storable(column)?;
    let prepare = |base: &Snapshot| {
        if position(&base.schema, column.name()).is_some() {
            return Err(Error::exists("column", column.name()));
        }
        let mut fields: Vec<FieldRef> = base.schema.fields().to_vec();
        fields.push(added.clone());
        let schema = Schema::new(fields);
        let mut actions = protocol_upgrade(base.protocol(), &schema)?;
        actions.push(metadata_action(base.metadata(), &schema)?);
        Ok(actions)
    };
    table.commit(prepare, write_operation(SaveMode::Append)).await
}

fn position(schema: &SchemaRef, name: &str) -> Option<usize> {
    schema.fields().iter().position(|field| name_key(field.name()) == name_key(name))
}

fn one_storable(column: &FieldRef) -> Result<FieldRef> {
    if *column.data_type() == DataType::Null {
        return Err(Error::invalid(format!("Binder Error: column \"{}\" needs a type", column.name())));
    }
    let schema = storable(&Schema::new(vec![column.clone()]))?;
    Ok(schema.fields()[0].clone())
}

fn no_column(name: &str) -> Error {
    Error::invalid(format!("Binder Error: the table has no column \"{name}\""))
}
