//! `ALTER TABLE` and `COMMENT ON`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use model::{Access, ColumnChange, Commented, Error, ErrorKind, Exists, Missing, Result, Rows, SchemaChange, name_key};
use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation, ColumnDef, CommentObject, Expr, Ident, ObjectName,
    RenameTableNameKind,
};

use super::change::columns_with;
use super::context::Context;
use super::modification::lakehouse;
use super::resolve::{Target, parts};
use super::statement::succeeded;

impl Context {
    /// `ALTER TABLE`, one operation or several; all of them are done, or none.
    pub async fn alter_table(&self, alter: AlterTable) -> Result<Rows> {
        let target = self.target(&parts(&alter.name)?).await?;
        let database = self.open(&target.database, Access::Write).await?;
        if alter.if_exists && !self.has(database.as_ref(), &target).await? {
            return Ok(succeeded());
        }
        for operation in alter.operations {
            match operation {
                AlterTableOperation::AlterColumn {
                    column_name,
                    op: AlterColumnOperation::SetDataType { data_type, using: Some(using), .. },
                } => {
                    let typed = self.type_of(&column_name, data_type)?;
                    self.retype_using(&target, &column_name, typed, using).await?;
                }
                other => {
                    for change in self.alteration(&target, other)? {
                        database.change(change).await?;
                    }
                }
            }
        }
        Ok(succeeded())
    }

    fn type_of(&self, column: &Ident, data_type: sqlparser::ast::DataType) -> Result<DataType> {
        let definition = ColumnDef { name: column.clone(), data_type, options: Vec::new() };
        Ok(self.columns_of(vec![definition])?.field(0).data_type().clone())
    }

    /// `ALTER COLUMN … TYPE … USING expression`: every row is written anew.
    async fn retype_using(&self, target: &Target, column: &Ident, data_type: DataType, using: Expr) -> Result<()> {
        let database = self.open(&target.database, Access::Write).await?;
        if database.schema_locked() {
            return Err(Error::forbidden("schema is locked"));
        }
        let lakehouse = lakehouse(database.as_ref(), target, "ALTER COLUMN … USING")?;
        let _changing = lakehouse.changing(&target.table).await?;
        let snapshot = lakehouse.snapshot(&target.table).await?;
        let fields = snapshot.read_schema.fields();
        let position = fields.iter().position(|field| name_key(field.name()) == name_key(&column.value));
        let Some(position) = position else {
            return Err(Error::invalid(format!("Binder Error: the table has no column \"{}\"", column.value)));
        };
        let rows = columns_with(self, target, &snapshot, position, data_type, using).await?;
        lakehouse.replace_rows(&target.table, &snapshot, rows).await
    }

    fn alteration(&self, target: &Target, operation: AlterTableOperation) -> Result<Vec<SchemaChange>> {
        let name = target.table.clone();
        let column = |change| SchemaChange::AlterColumn { name: name.clone(), change };
        Ok(match operation {
            AlterTableOperation::AddColumn { if_not_exists, column_def, .. } => {
                let exists = if if_not_exists { Exists::Skip } else { Exists::Fail };
                let added = self.columns_of(vec![column_def])?.fields()[0].clone();
                vec![column(ColumnChange::Add { column: added, exists })]
            }
            AlterTableOperation::DropColumn { column_names, if_exists, .. } => {
                let missing = if if_exists { Missing::Skip } else { Missing::Fail };
                let names = column_names.into_iter();
                names.map(|dropped| column(ColumnChange::Drop { name: dropped.value, missing })).collect()
            }
            AlterTableOperation::RenameColumn { old_column_name, new_column_name } => {
                vec![column(ColumnChange::Rename { name: old_column_name.value, to: new_column_name.value })]
            }
            AlterTableOperation::AlterColumn { column_name, op } => match op {
                AlterColumnOperation::SetDataType { data_type, .. } => {
                    let typed = self.type_of(&column_name, data_type)?;
                    let retyped = Arc::new(Field::new(column_name.value, typed, true));
                    vec![column(ColumnChange::Retype { column: retyped })]
                }
                AlterColumnOperation::SetNotNull => {
                    vec![column(ColumnChange::Nullable { name: column_name.value, nullable: false })]
                }
                AlterColumnOperation::DropNotNull => {
                    vec![column(ColumnChange::Nullable { name: column_name.value, nullable: true })]
                }
                other => {
                    return Err(Error::unsupported(format!(
                        "Not implemented Error: ALTER COLUMN … {other} is not supported; TYPE, SET NOT NULL and DROP NOT NULL are"
                    )));
                }
            },
            AlterTableOperation::RenameTable {
                table_name: RenameTableNameKind::To(to) | RenameTableNameKind::As(to),
            } => {
                let to = parts(&to)?.pop().ok_or_else(|| Error::invalid("Parser Error: the new name is empty"))?;
                vec![SchemaChange::RenameTable { name: name.clone(), to }]
            }
            other => {
                return Err(Error::unsupported(format!(
                    "Not implemented Error: ALTER TABLE … {other} is not supported; ADD COLUMN, DROP COLUMN, RENAME and \
                     ALTER COLUMN are"
                )));
            }
        })
    }

    /// `COMMENT ON … IS …`.
    pub async fn comment(
        &self,
        kind: CommentObject,
        name: &ObjectName,
        text: Option<String>,
        if_exists: bool,
    ) -> Result<Rows> {
        let mut named = parts(name)?;
        let (database, on) = match kind {
            CommentObject::Table => {
                let target = self.target(&named).await?;
                (target.database, Commented::Table(target.table))
            }
            CommentObject::View => {
                let target = self.target(&named).await?;
                (target.database, Commented::View(target.table))
            }
            CommentObject::Column => {
                let column = named.pop().unwrap_or_default();
                let target = self.target(&named).await?;
                (target.database, Commented::Column(target.table, column))
            }
            CommentObject::Schema => {
                let (database, schema) = self.schema_name(name)?;
                (database, Commented::Schema(schema))
            }
            other => {
                return Err(Error::unsupported(format!(
                    "Not implemented Error: COMMENT ON {other} is not supported; TABLE, COLUMN, VIEW and SCHEMA are"
                )));
            }
        };
        match self.open(&database, Access::Write).await?.change(SchemaChange::Comment { on, text }).await {
            Err(error) if if_exists && error.kind() == ErrorKind::NotFound => Ok(succeeded()),
            outcome => outcome.map(|()| succeeded()),
        }
    }
}
