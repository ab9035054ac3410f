//! What each kind of statement does.

use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use model::{Error, Result, Rows};
use sqlparser::ast::{Expr, Set, Statement, Use, Value};

use super::context::Context;
use super::resolve::parts;

/// Whether statements after this one may see other names than those before it.
pub fn changes_names(statement: &Statement) -> bool {
    !matches!(
        statement,
        Statement::Query(_) | Statement::Explain { .. } | Statement::ExplainTable { .. } | Statement::ShowTables { .. }
    )
}

impl Context {
    /// Runs one statement. Rows are computed while they are read; everything else is done when this returns.
    pub async fn run(&mut self, statement: Statement) -> Result<Rows> {
        match statement {
            Statement::Query(query) => self.query(*query).await,
            Statement::Explain { describe_alias, statement, analyze, verbose, .. } => {
                self.explain(describe_alias, *statement, analyze, verbose).await.map(|rows| self.cut(rows))
            }
            Statement::ExplainTable { table_name, .. } => {
                self.describe_table(&table_name).await.map(|rows| self.cut(rows))
            }
            Statement::ShowTables { .. } => self.show_tables().await.map(|rows| self.cut(rows)),
            Statement::ShowDatabases { .. } => self.show_databases().await.map(|rows| self.cut(rows)),
            Statement::CreateSchema { schema_name, if_not_exists, .. } => {
                self.create_schema(&schema_name, if_not_exists).await
            }
            Statement::CreateDatabase { db_name, if_not_exists, .. } => {
                self.create_database(&db_name, if_not_exists).await
            }
            Statement::CreateTable(create) => self.create_table(create).await,
            Statement::CreateView(create) => self.create_view(create).await,
            Statement::AlterTable(alter) => self.alter_table(alter).await,
            Statement::Drop { object_type, if_exists, names, cascade, .. } => {
                self.remove(object_type, &names, if_exists, cascade).await
            }
            Statement::Insert(insert) => self.insert(insert).await,
            Statement::Update(update) => self.update(update).await,
            Statement::Delete(delete) => self.delete(delete).await,
            Statement::Truncate(truncate) => self.truncate(truncate).await,
            Statement::Call(function) => self.call(&function).await.map(|rows| self.cut(rows)),
            Statement::Use(target) => self.use_schema(&target).await,
            Statement::Set(set) => self.set(&set),
            other => Err(not_supported(&other)),
        }
    }

    /// Plans one statement and runs nothing.
    pub async fn validate(&mut self, statement: Statement) -> Result<()> {
        match statement {
            Statement::Query(query) => {
                let state = self.state();
                let plan = self.plan(*query, &state).await?;
                state.optimize(&plan).map(drop).map_err(crate::fault::from_datafusion)
            }
            Statement::Explain { statement, .. } => Box::pin(self.validate(*statement)).await,
            Statement::ExplainTable { table_name, .. } => self.describe_table(&table_name).await.map(drop),
            Statement::CreateView(create) => self.plan(*create.query, &self.state()).await.map(drop),
            Statement::CreateTable(create) => match create.query {
                Some(query) => self.plan(*query, &self.state()).await.map(drop),
                None => self.columns_of(create.columns).map(drop),
            },
            Statement::Insert(insert) => self.plan_insert(insert).await.map(drop),
            Statement::Update(update) => self.plan_update(update).await.map(drop),
            Statement::Delete(delete) => self.plan_delete(delete).await.map(drop),
            Statement::Call(function) => self.validate_call(&function).await,
            Statement::Use(target) => self.use_schema(&target).await.map(drop),
            Statement::Set(set) => self.set(&set).map(drop),
            Statement::ShowTables { .. }
            | Statement::ShowDatabases { .. }
            | Statement::CreateSchema { .. }
            | Statement::CreateDatabase { .. }
            | Statement::AlterTable(_)
            | Statement::Drop { .. }
            | Statement::Truncate(_) => Ok(()),
            other => Err(not_supported(&other)),
        }
    }

    async fn use_schema(&mut self, target: &Use) -> Result<Rows> {
        let (Use::Object(name) | Use::Database(name) | Use::Schema(name) | Use::Catalog(name)) = target else {
            return Err(Error::unsupported(format!(
                "Not implemented Error: {target} is not supported; use USE database"
            )));
        };
        match parts(name)?.as_slice() {
            [database, schema] => self.enter(database.clone(), schema.clone()).await?,
            [first] => {
                let own = self.open(&self.database.clone(), model::Access::Read).await?.schemas().await?;
                let is_schema = own.iter().any(|schema| model::name_key(schema) == model::name_key(first));
                if is_schema {
                    self.enter(self.database.clone(), first.clone()).await?;
                } else {
                    self.enter(first.clone(), "main".to_owned()).await?;
                }
            }
            _ => return Err(Error::invalid(format!("Binder Error: {name} is not a database or a schema"))),
        }
        Ok(succeeded())
    }

    fn set(&mut self, set: &Set) -> Result<Rows> {
        let zone = match set {
            Set::SetTimeZone { value, .. } => Some(value),
            Set::SingleAssignment { variable, values, .. } if variable.to_string().eq_ignore_ascii_case("timezone") => {
                values.first()
            }
            _ => None,
        };
        match zone {
            Some(Expr::Value(value)) => match &value.value {
                Value::SingleQuotedString(name) => {
                    self.set_timezone(name)?;
                    Ok(succeeded())
                }
                other => Err(Error::invalid(format!("Binder Error: the time zone {other} is not text"))),
            },
            _ => Err(Error::unsupported(format!(
                "Not implemented Error: {set} is not supported; SET TimeZone = '…' is, for the request it stands in"
            ))),
        }
    }
}

/// Refuses what a statement says and this engine would leave out: a part that is left out in silence changes what the
/// statement means.
pub fn refuse(parts: &[(bool, &str)]) -> Result<()> {
    match parts.iter().find(|(said, _)| *said) {
        Some((_, part)) => Err(Error::unsupported(format!("Not implemented Error: {part} is not supported here"))),
        None => Ok(()),
    }
}

fn not_supported(statement: &sqlparser::ast::Statement) -> Error {
    let text = statement.to_string();
    let head: String = text.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    Error::unsupported(format!("Not implemented Error: the statement {head} … is not supported"))
}

/// The answer of a statement that changed rows: how many.
pub fn counted(rows: u64) -> Rows {
    let schema = Arc::new(Schema::new(vec![Field::new("Count", DataType::Int64, true)]));
    let count = Int64Array::from(vec![i64::try_from(rows).unwrap_or(i64::MAX)]);
    let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(count)]).expect("one column of its own type");
    Rows::from_batches(schema, vec![batch])
}

/// The answer of a statement that changed what there is: the column Count, and no rows.
pub fn created() -> Rows {
    Rows::empty(Arc::new(Schema::new(vec![Field::new("Count", DataType::Int64, true)])))
}

/// The answer of a statement that dropped or set something: the column Success, and no rows.
pub fn succeeded() -> Rows {
    Rows::empty(Arc::new(Schema::new(vec![Field::new("Success", DataType::Boolean, true)])))
}
