//! What each kind of statement does.

use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use model::{Error, Result, Rows, StorageKind};
use sqlparser::ast::{Expr, ObjectType, Set, Statement, Use, Value};

use super::change::everything_of;
use super::context::Context;
use super::resolve::parts;
use super::script::{Command, Step};
use super::transaction::Transaction;

/// Whether statements after this one may see other names than those before it.
pub fn changes_names(command: &Command) -> bool {
    match command {
        Command::Sql(statement) => !matches!(
            **statement,
            Statement::Query(_)
                | Statement::Explain { .. }
                | Statement::ExplainTable { .. }
                | Statement::ShowTables { .. }
                | Statement::ShowSchemas { .. }
                | Statement::ShowDatabases { .. }
                | Statement::StartTransaction { .. }
        ),
        Command::ShowAllTables | Command::Summarize(_) => false,
        _ => true,
    }
}

impl Context {
    /// Runs one statement. Rows are computed while they are read; everything else is done when this returns.
    ///
    /// # Errors
    /// Those of the statement; one that this engine does not do says where in the text it stands.
    pub async fn run(&mut self, step: &Step) -> Result<Rows> {
        let outcome = match step.command.clone() {
            Command::Sql(statement) => self.run_sql(*statement).await,
            Command::Merge(merge) => match self.plan_merge(*merge).await {
                Ok(planned) => self.change(planned).await,
                Err(error) => Err(error),
            },
            Command::InsertByName { table, source } => match self.plan_insert_by_name(&table, *source).await {
                Ok(planned) => self.insert(planned).await,
                Err(error) => Err(error),
            },
            Command::CreateTableAs { or_replace, if_not_exists, name, columns, query } => {
                self.create_table_as(or_replace, if_not_exists, &name, &columns, *query).await
            }
            Command::CreateDatabase { name, if_not_exists, kind } => match kind.value.to_lowercase().parse() {
                Ok(kind) => self.create_database(&name, if_not_exists, kind).await,
                Err(error) => Err(error),
            },
            Command::ShowAllTables => self.show_all_tables().await.map(|rows| self.cut(rows)),
            Command::Summarize(query) => self.summarize(*query).await.map(|rows| self.cut(rows)),
        };
        outcome.map_err(|error| step.locate(error))
    }

    /// Runs a statement of several changes as a transaction of its own, unless it is part of one.
    async fn run_sql(&mut self, statement: Statement) -> Result<Rows> {
        let several = match &statement {
            Statement::AlterTable(alter) => alter.operations.len() > 1,
            Statement::Drop { names, object_type, .. } => names.len() > 1 && *object_type != ObjectType::Database,
            Statement::Truncate(truncate) => truncate.table_names.len() > 1,
            _ => false,
        };
        if !several || self.transaction.is_some() {
            return self.run_one(statement).await;
        }
        let mut inside = self.clone();
        let transaction = Arc::new(Transaction::default());
        inside.transaction = Some(transaction.clone());
        let answer = inside.run_one(statement).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    async fn run_one(&mut self, statement: Statement) -> Result<Rows> {
        match statement {
            Statement::Query(query) => self.query(*query).await,
            Statement::Explain { describe_alias, statement, analyze, verbose, .. } => {
                self.explain(describe_alias, *statement, analyze, verbose).await.map(|rows| self.cut(rows))
            }
            Statement::ExplainTable { table_name, .. } => {
                self.describe_table(&table_name).await.map(|rows| self.cut(rows))
            }
            Statement::ShowTables { .. } => self.show_tables().await.map(|rows| self.cut(rows)),
            Statement::ShowSchemas { .. } => self.show_schemas().await.map(|rows| self.cut(rows)),
            Statement::ShowDatabases { .. } => self.show_databases().await.map(|rows| self.cut(rows)),
            Statement::ShowVariable { variable } => {
                self.describe_table(&variable.into()).await.map(|rows| self.cut(rows))
            }
            Statement::Pragma { name, value, .. } => {
                self.pragma(&name, value.map(|value| value.value)).await.map(|rows| self.cut(rows))
            }
            Statement::CreateSchema { schema_name, if_not_exists, .. } => {
                self.create_schema(&schema_name, if_not_exists).await
            }
            Statement::CreateDatabase { db_name, if_not_exists, .. } => {
                self.create_database(&db_name, if_not_exists, StorageKind::Lakehouse).await
            }
            Statement::CreateTable(create) => self.create_table(create).await,
            Statement::CreateView(create) => self.create_view(create).await,
            Statement::AlterTable(alter) => self.alter_table(alter).await,
            Statement::Comment { object_type, object_name, comment, if_exists } => {
                self.comment(object_type, &object_name, comment, if_exists).await
            }
            Statement::Drop { object_type, if_exists, names, cascade, .. } => {
                self.remove(object_type, &names, if_exists, cascade).await
            }
            Statement::Insert(insert) => {
                let planned = self.plan_insert(insert).await?;
                self.insert(planned).await
            }
            Statement::Update(update) => match self.plan_stored_update(&update).await? {
                Some(planned) => planned.run().await,
                None => {
                    let planned = self.plan_update(update).await?;
                    self.change(planned).await
                }
            },
            Statement::Delete(delete) => self.delete(delete).await,
            Statement::Truncate(truncate) => self.truncate(truncate).await,
            Statement::Call(function) => self.call(&function).await.map(|rows| self.cut(rows)),
            Statement::Use(target) => self.use_schema(&target).await,
            Statement::Set(set) => self.set(&set),
            Statement::StartTransaction { .. } => {
                self.transaction = Some(Arc::default());
                Ok(succeeded())
            }
            Statement::Commit { .. } => {
                if let Some(transaction) = self.transaction.take() {
                    Transaction::commit(&transaction).await?;
                }
                Ok(succeeded())
            }
            Statement::Rollback { .. } => {
                self.transaction = None;
                Ok(succeeded())
            }
            other => Err(not_supported(&other)),
        }
    }

    async fn delete(&self, delete: sqlparser::ast::Delete) -> Result<Rows> {
        if let Some(name) = everything_of(&delete) {
            let target = self.target(&parts(name)?).await?;
            return Ok(counted(self.clear(&target).await?));
        }
        if let Some(planned) = self.plan_stored_delete(&delete).await? {
            return planned.run().await;
        }
        let planned = self.plan_delete(delete).await?;
        self.change(planned).await
    }

    /// Plans one statement and runs nothing.
    pub async fn validate(&mut self, step: &Step) -> Result<()> {
        let outcome = match step.command.clone() {
            Command::Sql(statement) => self.validate_sql(*statement).await,
            Command::Merge(merge) => self.plan_merge(*merge).await.map(drop),
            Command::InsertByName { table, source } => self.plan_insert_by_name(&table, *source).await.map(drop),
            Command::CreateTableAs { query, .. } | Command::Summarize(query) => {
                self.plan(*query, &self.state()).await.map(drop)
            }
            Command::CreateDatabase { kind, .. } => kind.value.to_lowercase().parse::<StorageKind>().map(drop),
            Command::ShowAllTables => Ok(()),
        };
        outcome.map_err(|error| step.locate(error))
    }

    async fn validate_sql(&mut self, statement: Statement) -> Result<()> {
        match statement {
            Statement::Query(query) => {
                let state = self.state();
                let plan = self.plan(*query, &state).await?;
                state.optimize(&plan).map(drop).map_err(crate::fault::from_datafusion)
            }
            Statement::Explain { statement, .. } => Box::pin(self.validate_sql(*statement)).await,
            Statement::ExplainTable { table_name, .. } => self.describe_table(&table_name).await.map(drop),
            Statement::CreateView(create) => self.plan(*create.query, &self.state()).await.map(drop),
            Statement::CreateTable(create) => match create.query {
                Some(query) => self.plan(*query, &self.state()).await.map(drop),
                None => self.columns_of(create.columns).map(drop),
            },
            Statement::Insert(insert) => self.plan_insert(insert).await.map(drop),
            Statement::Update(update) => match self.plan_stored_update(&update).await? {
                Some(_) => Ok(()),
                None => self.plan_update(update).await.map(drop),
            },
            Statement::Delete(delete) => match self.plan_stored_delete(&delete).await? {
                Some(_) => Ok(()),
                None => self.plan_delete(delete).await.map(drop),
            },
            Statement::Call(function) => self.validate_call(&function).await,
            Statement::Use(target) => self.use_schema(&target).await.map(drop),
            Statement::Set(set) => self.set(&set).map(drop),
            Statement::ShowVariable { variable } => self.describe_table(&variable.into()).await.map(drop),
            Statement::Pragma { name, value, .. } => self.pragma(&name, value.map(|value| value.value)).await.map(drop),
            Statement::ShowTables { .. }
            | Statement::ShowSchemas { .. }
            | Statement::ShowDatabases { .. }
            | Statement::CreateSchema { .. }
            | Statement::CreateDatabase { .. }
            | Statement::AlterTable(_)
            | Statement::Comment { .. }
            | Statement::Drop { .. }
            | Statement::Truncate(_)
            | Statement::StartTransaction { .. }
            | Statement::Commit { .. }
            | Statement::Rollback { .. } => Ok(()),
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

/// Refuses as [`refuse`] does, and says what to do instead.
pub fn refuse_for(parts: &[(bool, &str, &str)]) -> Result<()> {
    match parts.iter().find(|(said, ..)| *said) {
        Some((_, part, instead)) => {
            Err(Error::unsupported(format!("Not implemented Error: {part} is not supported; {instead}")))
        }
        None => Ok(()),
    }
}

fn not_supported(statement: &Statement) -> Error {
    let text = statement.to_string();
    let keyword = |word: &&str| word.chars().all(|c| c.is_ascii_uppercase());
    let head: Vec<&str> = text.split_whitespace().take_while(keyword).take(3).collect();
    Error::unsupported(format!(
        "Not implemented Error: {} is not supported; docs/duckdb.md lists what is",
        if head.is_empty() { "the statement".to_owned() } else { head.join(" ") }
    ))
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
