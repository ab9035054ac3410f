//! Changes of a database that has a dialect of its own: said in that dialect where it means the same, refused where not.

mod dialect;

use crate::stored;
use std::sync::Arc;

use model::{
    Access, Database, Error, ErrorKind, Exists, Missing, Result, Rights, Rows, SchemaChange, Statement, TableName,
};
use sqlparser::ast::{ColumnDef, ColumnOption, Delete, FromTable, TableFactor, TableWithJoins, Update};

use self::dialect::{Dialect, quoted};
use super::change::{assigned, everything_of};
use super::context::Context;
use super::resolve::{Target, parts};
use super::statement::{counted, created};

/// A statement in the words of the database that it changes.
pub struct PlannedStored {
    database: Arc<dyn Database>,
    sql: String,
}

impl PlannedStored {
    /// Runs it and answers how many rows it changed.
    pub async fn run(self) -> Result<Rows> {
        execute(self.database.as_ref(), self.sql).await.map(counted)
    }
}

/// A statement that a database does in its own dialect alone.
pub fn in_its_own_dialect(statement: &str, database: &str) -> Error {
    Error::unsupported(format!(
        "Not implemented Error: {statement} is not supported in \"{database}\", which has a dialect of its own; send it in that \
         dialect to POST /dbs/{{dbId}}/sql"
    ))
}

/// Removes every row of a table, and answers how many there were.
pub async fn clear(database: &dyn Database, table: &TableName) -> Result<u64> {
    execute(database, format!("DELETE FROM {}", quoted(&table.table))).await
}

async fn execute(database: &dyn Database, sql: String) -> Result<u64> {
    let statement = Statement { rights: Rights::up_to(Access::Write), ..Statement::new(sql) };
    Ok(database.execute(statement).await?.changes)
}

impl Context {
    /// An UPDATE of one table in a database with a dialect of its own; nothing where the table is in another one.
    pub async fn plan_stored_update(&self, update: &Update) -> Result<Option<PlannedStored>> {
        let Some((database, target, alias)) = self.stored_target(&update.table).await? else { return Ok(None) };
        let more = update.from.is_some() || update.returning.is_some() || update.output.is_some();
        if more || update.or.is_some() || update.limit.is_some() || !update.order_by.is_empty() {
            return Err(in_its_own_dialect("UPDATE with more than SET and WHERE", &target.database));
        }
        let columns = self.columns(database.as_ref(), &target).await?;
        let dialect = Dialect { columns: &columns, target: &target, alias: &alias };
        let mut set = Vec::new();
        for (column, value) in assigned(update.assignments.clone())? {
            set.push(dialect.assignment(&column, &value)?);
        }
        let condition = dialect.condition(update.selection.as_ref())?;
        let sql = format!("UPDATE {} SET {}{condition}", quoted(&target.table.table), set.join(", "));
        Ok(Some(PlannedStored { database, sql }))
    }

    /// A DELETE of one table in a database with a dialect of its own; nothing where the table is in another one.
    pub async fn plan_stored_delete(&self, delete: &Delete) -> Result<Option<PlannedStored>> {
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let [table] = from.as_slice() else { return Ok(None) };
        let Some((database, target, alias)) = self.stored_target(table).await? else { return Ok(None) };
        let more = delete.using.is_some() || delete.returning.is_some() || delete.output.is_some();
        if more || delete.limit.is_some() || !delete.order_by.is_empty() || !delete.tables.is_empty() {
            return Err(in_its_own_dialect("DELETE with more than WHERE", &target.database));
        }
        let columns = self.columns(database.as_ref(), &target).await?;
        let dialect = Dialect { columns: &columns, target: &target, alias: &alias };
        let condition = match everything_of(delete) {
            Some(_) => String::new(),
            None => dialect.condition(delete.selection.as_ref())?,
        };
        let sql = format!("DELETE FROM {}{condition}", quoted(&target.table.table));
        Ok(Some(PlannedStored { database, sql }))
    }

    /// The table that a statement changes, with the name that the statement has for it, where its database has a dialect
    /// of its own.
    async fn stored_target(&self, table: &TableWithJoins) -> Result<Option<(Arc<dyn Database>, Target, String)>> {
        let TableFactor::Table { name, alias, .. } = &table.relation else { return Ok(None) };
        let target = self.target(&parts(name)?).await?;
        // Conditions see rows: who may write and not read cannot learn of them by what was changed.
        let database = match self.open(&target.database, Access::Read).await {
            // Said again, and better, where the statement is planned.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        if !stored::keeps(database.as_ref()) {
            return Ok(None);
        }
        let database = self.open(&target.database, Access::Write).await?;
        if !table.joins.is_empty() {
            return Err(in_its_own_dialect("a change of joined tables", &target.database));
        }
        let alias = alias.as_ref().map_or_else(|| target.table.table.clone(), |alias| alias.name.value.clone());
        Ok(Some((database, target, alias)))
    }

    /// `CREATE TABLE` with defaults, keys and checks, which a database with a dialect of its own keeps.
    pub(super) async fn create_stored_table(
        &self,
        database: &dyn Database,
        target: &Target,
        columns: Vec<ColumnDef>,
        exists: Exists,
    ) -> Result<Rows> {
        let plain = columns.iter().map(|column| ColumnDef { options: Vec::new(), ..column.clone() });
        // Types that the dialect of the statement does not have are refused in its own words.
        self.columns_of(plain.collect())?;
        let mut definitions = Vec::new();
        for column in &columns {
            let mut definition = format!("{} {}", quoted(&column.name.value), column.data_type);
            for option in &column.options {
                match &option.option {
                    ColumnOption::Null | ColumnOption::Comment(_) => {}
                    ColumnOption::NotNull
                    | ColumnOption::Default(_)
                    | ColumnOption::Unique(_)
                    | ColumnOption::PrimaryKey(_)
                    | ColumnOption::ForeignKey(_)
                    | ColumnOption::Check(_) => {
                        definition.push(' ');
                        definition.push_str(&option.to_string());
                    }
                    other => return Err(in_its_own_dialect(&format!("a column with {other}"), &target.database)),
                }
            }
            definitions.push(definition);
        }
        let there = self.has(database, target).await?;
        match exists {
            Exists::Skip if there => return Ok(created()),
            Exists::Fail if there => return Err(Error::exists("table", &target.table)),
            Exists::Replace => {
                let drop = SchemaChange::DropTable { name: target.table.clone(), missing: Missing::Skip };
                database.change(drop).await?;
            }
            _ => {}
        }
        let sql = format!("CREATE TABLE {} ({})", quoted(&target.table.table), definitions.join(", "));
        execute(database, sql).await?;
        Ok(created())
    }
}
