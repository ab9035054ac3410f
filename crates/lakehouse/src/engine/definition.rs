//! Statements that change what there is: schemas, databases, tables, views.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::sql::planner::SqlToRel;
use model::{
    Access, Database, DatabaseName, Error, ErrorKind, Exists, Missing, Result, Rows, SchemaChange, StorageKind,
    WriteMode,
};
use sqlparser::ast::{ColumnDef, CreateTable, CreateView, Ident, ObjectName, ObjectType, Query, SchemaName, Statement};

use super::context::Context;
use super::parse;
use super::planner::Known;
use super::resolve::{Target, parts};
use super::statement::{counted, created, refuse, succeeded};
use super::{stored_change, versions};
use crate::fault::from_datafusion;
use crate::stored;

impl Context {
    /// `CREATE SCHEMA`.
    pub async fn create_schema(&self, name: &SchemaName, if_not_exists: bool) -> Result<Rows> {
        let SchemaName::Simple(name) = name else {
            return Err(Error::unsupported("Not implemented Error: CREATE SCHEMA … AUTHORIZATION is not supported"));
        };
        let (database, schema) = self.schema_name(name)?;
        let exists = if if_not_exists { Exists::Skip } else { Exists::Fail };
        let database = self.open(&database, Access::Write).await?;
        database.change(SchemaChange::CreateSchema { name: schema, exists }).await?;
        Ok(created())
    }

    /// `CREATE DATABASE`.
    pub async fn create_database(&self, name: &ObjectName, if_not_exists: bool, kind: StorageKind) -> Result<Rows> {
        let [name] = parts(name)?.try_into().map_err(|_| one_part())?;
        match self.catalogs.create(&DatabaseName::new(name)?, kind).await {
            Err(error) if if_not_exists && error.kind() == ErrorKind::Conflict => Ok(created()),
            outcome => outcome.map(|()| created()),
        }
    }

    /// `CREATE TABLE`, with columns or `AS` a query.
    pub async fn create_table(&self, create: CreateTable) -> Result<Rows> {
        if create.temporary {
            return Err(Error::unsupported(
                "Not implemented Error: TEMPORARY TABLE is not supported; requests share no session, use WITH, or a table that \
                 you drop",
            ));
        }
        refuse(&[
            (!create.constraints.is_empty(), "a constraint of the table"),
            (create.like.is_some() || create.clone.is_some(), "LIKE or CLONE"),
            (
                create.query.is_some() && !create.columns.is_empty(),
                "CREATE TABLE with types of columns and AS (cast in the query)",
            ),
            (create.external || create.location.is_some(), "EXTERNAL or LOCATION"),
            (
                create.partition_by.is_some() || create.cluster_by.is_some() || create.order_by.is_some(),
                "PARTITION, CLUSTER or ORDER BY",
            ),
        ])?;
        let exists = match (create.or_replace, create.if_not_exists) {
            (true, _) => Exists::Replace,
            (false, true) => Exists::Skip,
            (false, false) => Exists::Fail,
        };
        let target = self.target(&parts(&create.name)?).await?;
        let database = self.open(&target.database, Access::Write).await?;
        let Some(query) = create.query else {
            if stored::keeps(database.as_ref()) && create.columns.iter().any(|column| !is_plain(column)) {
                return self.create_stored_table(database.as_ref(), &target, create.columns, exists).await;
            }
            let columns = self.columns_of(create.columns)?;
            database.change(SchemaChange::CreateTable { name: target.table, columns, exists }).await?;
            return Ok(created());
        };
        let there = self.has(database.as_ref(), &target).await?;
        if there && exists == Exists::Skip {
            return Ok(counted(0));
        }
        self.need_schema(database.as_ref(), &target).await?;
        let rows = self.clone_without_limit().query(*query).await?;
        let mode = if exists == Exists::Replace { WriteMode::Overwrite } else { WriteMode::Create };
        let written = database.write(&target.table, mode, rows).await?;
        Ok(counted(written.rows))
    }

    /// `CREATE TABLE name (names) AS query`.
    pub async fn create_table_as(
        &self,
        or_replace: bool,
        if_not_exists: bool,
        name: &ObjectName,
        columns: &[Ident],
        query: Query,
    ) -> Result<Rows> {
        let names: Vec<String> = columns.iter().map(ToString::to_string).collect();
        let Some(Statement::CreateTable(mut create)) = parse::statements("CREATE TABLE t AS SELECT 1")?.pop() else {
            unreachable!("a constant text that creates a table")
        };
        (create.or_replace, create.if_not_exists) = (or_replace, if_not_exists);
        create.name = name.clone();
        create.query = Some(Box::new(renamed(query, &names)?));
        self.create_table(create).await
    }

    /// The schema of a list of column definitions. Constraints other than NOT NULL are refused: a Delta table would
    /// not keep them.
    pub fn columns_of(&self, columns: Vec<ColumnDef>) -> Result<SchemaRef> {
        if let Some(column) = columns.iter().find(|column| !is_plain(column)) {
            return Err(Error::unsupported(format!(
                "Not implemented Error: column \"{}\" has a default or a constraint; a lakehouse table keeps NOT NULL alone",
                column.name.value
            )));
        }
        let state = self.state();
        let known = Known { state: &state, expr_planners: self.session.expr_planners(), tables: &HashMap::new() };
        let schema = SqlToRel::new(&known).build_schema(columns).map_err(from_datafusion)?;
        Ok(Arc::new(schema))
    }

    /// `CREATE VIEW`: its query is planned once, so that a view that cannot be read is never made.
    pub async fn create_view(&self, create: CreateView) -> Result<Rows> {
        if create.materialized || create.temporary {
            return Err(Error::unsupported("Not implemented Error: only plain views are supported"));
        }
        let exists = match (create.or_replace, create.if_not_exists) {
            (true, _) => Exists::Replace,
            (false, true) => Exists::Skip,
            (false, false) => Exists::Fail,
        };
        let target = self.target(&parts(&create.name)?).await?;
        let database = self.open(&target.database, Access::Write).await?;
        if stored::keeps(database.as_ref()) {
            return Err(stored_change::in_its_own_dialect("CREATE VIEW", &target.database));
        }
        let mut query = *create.query;
        versions::spell_out(&mut query);
        let query = match create.columns.as_slice() {
            [] => query,
            columns => {
                let names: Vec<String> = columns.iter().map(|column| column.name.to_string()).collect();
                renamed(query, &names)?
            }
        };
        let definition = query.to_string();
        let inside = self.inside_view(&target.database, &target.table.schema, &target.table.table)?;
        inside.plan(query, &self.state()).await?;
        database.change(SchemaChange::CreateView { name: target.table, definition, exists }).await?;
        Ok(created())
    }

    /// `DROP` of one thing or several; all of them go, or none.
    pub async fn remove(&self, what: ObjectType, names: &[ObjectName], if_exists: bool, cascade: bool) -> Result<Rows> {
        let missing = if if_exists { Missing::Skip } else { Missing::Fail };
        refuse(&[(what == ObjectType::Database && names.len() > 1, "DROP DATABASE of several")])?;
        for name in names {
            match what {
                ObjectType::Schema => {
                    let (database, schema) = self.schema_name(name)?;
                    let database = self.open(&database, Access::Write).await?;
                    database.change(SchemaChange::DropSchema { name: schema, cascade, missing }).await?;
                }
                ObjectType::Table => {
                    let target = self.target(&parts(name)?).await?;
                    let database = self.open(&target.database, Access::Write).await?;
                    database.change(SchemaChange::DropTable { name: target.table, missing }).await?;
                }
                ObjectType::View => {
                    let target = self.target(&parts(name)?).await?;
                    let database = self.open(&target.database, Access::Write).await?;
                    database.change(SchemaChange::DropView { name: target.table, missing }).await?;
                }
                ObjectType::Database => {
                    let [name] = parts(name)?.try_into().map_err(|_| one_part())?;
                    let name = DatabaseName::new(name)?;
                    match self.catalogs.remove(&name).await {
                        Err(error) if if_exists && error.kind() == ErrorKind::NotFound => {}
                        outcome => outcome?,
                    }
                }
                other => {
                    return Err(Error::unsupported(format!(
                        "Not implemented Error: DROP {other} is not supported; there are schemas, tables, views and databases"
                    )));
                }
            }
        }
        Ok(succeeded())
    }

    pub(super) fn schema_name(&self, name: &ObjectName) -> Result<(String, String)> {
        match parts(name)?.as_slice() {
            [schema] => Ok((self.database.clone(), schema.clone())),
            [database, schema] => Ok((database.clone(), schema.clone())),
            _ => Err(Error::invalid(format!("Binder Error: {name} is not a schema; it is named database.schema"))),
        }
    }

    /// Whether a table or view of this name is there.
    pub(super) async fn has(&self, database: &dyn Database, target: &Target) -> Result<bool> {
        Ok(database.tables().await?.iter().any(|info| info.name.key() == target.table.key()))
    }

    /// SQL makes tables in schemas that are there; only uploads make the schema, too.
    async fn need_schema(&self, database: &dyn Database, target: &Target) -> Result<()> {
        let schemas = database.schemas().await?;
        let wanted = model::name_key(&target.table.schema);
        if schemas.iter().any(|schema| model::name_key(schema) == wanted) {
            return Ok(());
        }
        Err(super::context::no_schema(&target.database, &target.table.schema))
    }

    /// The same context for a query inside a statement: the request's limit is for the answer, not for it.
    pub(super) fn clone_without_limit(&self) -> Self {
        let mut inside = self.clone();
        inside.limit(None, None);
        inside
    }
}

/// Whether a column has no default and no constraint but NOT NULL.
fn is_plain(column: &ColumnDef) -> bool {
    use sqlparser::ast::ColumnOption::{Comment, NotNull, Null};
    column.options.iter().all(|option| matches!(option.option, NotNull | Null | Comment(_)))
}

/// A query whose columns have other names: `SELECT * FROM (query) AS renamed(names)`.
fn renamed(query: Query, names: &[String]) -> Result<Query> {
    let text = format!("SELECT * FROM ({query}) AS renamed ({})", names.join(", "));
    match parse::statements(&text)?.pop() {
        Some(Statement::Query(query)) => Ok(*query),
        _ => Err(Error::invalid(format!("Parser Error: {} are not names of columns", names.join(", ")))),
    }
}

fn one_part() -> Error {
    Error::invalid("Binder Error: the name of a database has one part")
}
