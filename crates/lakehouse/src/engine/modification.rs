//! Statements that add rows, and those that take them all: INSERT, TRUNCATE.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use datafusion::datasource::provider_as_source;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use model::{Access, Database, Error, Result, Rows, TableName, WriteMode};
use sqlparser::ast::{self, Insert, ObjectName, Query, TableObject, Truncate};

use super::context::Context;
use super::resolve::{Target, parts};
use super::statement::{counted, refuse, refuse_for};
use super::stored_change;
use crate::database::LakehouseDatabase;
use crate::fault::from_datafusion;
use crate::scan::SnapshotProvider;
use crate::stored;
use crate::table::Snapshot;

/// A planned INSERT.
pub struct PlannedInsert {
    database: Arc<dyn Database>,
    table: TableName,
    plan: LogicalPlan,
    state: SessionState,
}

/// Which columns the rows of an INSERT are for.
enum Names {
    /// Those that the statement lists; all, in order, where it lists none.
    Listed(Vec<String>),
    /// Those that have the names of the query's own.
    Own,
}

impl Context {
    /// Adds the rows of a planned INSERT.
    pub async fn insert(&self, planned: PlannedInsert) -> Result<Rows> {
        let rows = self.session.run(planned.state, planned.plan).await?;
        let written = planned.database.write(&planned.table, WriteMode::Append, rows).await?;
        Ok(counted(written.rows))
    }

    /// Plans `INSERT INTO … VALUES` or a query; columns by position, or by the names that it lists.
    pub async fn plan_insert(&self, insert: Insert) -> Result<PlannedInsert> {
        let merge = "use MERGE INTO, or POST /upsert";
        refuse_for(&[
            (insert.on.is_some(), "ON CONFLICT", merge),
            (insert.or.is_some() || insert.replace_into, "INSERT OR REPLACE", merge),
            (insert.returning.is_some(), "RETURNING", "read the table afterwards"),
            (insert.overwrite, "INSERT OVERWRITE", "use CREATE OR REPLACE TABLE … AS"),
            (insert.partitioned.is_some(), "PARTITION", "tables are not partitioned here"),
            (!insert.assignments.is_empty(), "SET in INSERT", "use VALUES"),
        ])?;
        refuse(&[(insert.ignore, "INSERT IGNORE"), (insert.output.is_some(), "OUTPUT")])?;
        let TableObject::TableName(name) = &insert.table else {
            return Err(Error::unsupported("Not implemented Error: INSERT INTO takes the name of a table"));
        };
        let names = insert.columns.iter().map(column_name).collect::<Result<Vec<String>>>()?;
        let source = insert.source.ok_or_else(|| {
            Error::unsupported("Not implemented Error: DEFAULT VALUES is not supported; INSERT takes VALUES or a query")
        })?;
        self.plan_rows(name, *source, Names::Listed(names)).await
    }

    /// Plans `INSERT INTO … BY NAME`: columns by the names that those of the query have.
    pub async fn plan_insert_by_name(&self, table: &ObjectName, source: Query) -> Result<PlannedInsert> {
        self.plan_rows(table, source, Names::Own).await
    }

    /// Plans the rows of an INSERT: they get the names of the columns that they are for.
    async fn plan_rows(&self, table: &ObjectName, source: Query, names: Names) -> Result<PlannedInsert> {
        let target = self.target(&parts(table)?).await?;
        let database = self.open(&target.database, Access::Write).await?;
        let columns = self.columns(database.as_ref(), &target).await?;
        let state = self.state();
        let plan = self.clone_without_limit().plan(source, &state).await?;
        let names = match names {
            Names::Listed(names) if names.is_empty() => {
                columns.fields().iter().map(|field| field.name().clone()).collect()
            }
            Names::Listed(names) => names,
            Names::Own => plan.schema().fields().iter().map(|field| field.name().clone()).collect(),
        };
        let given = plan.schema().fields().len();
        if given != names.len() {
            return Err(Error::invalid(format!(
                "Binder Error: table \"{}\" takes {} values a row here, but {given} are given",
                target.table,
                names.len()
            )));
        }
        let values = plan.schema().columns().into_iter().zip(&names);
        let named: Vec<Expr> = values.map(|(column, name)| Expr::Column(column).alias(name)).collect();
        let plan = LogicalPlanBuilder::from(plan)
            .project(named)
            .and_then(LogicalPlanBuilder::build)
            .map_err(from_datafusion)?;
        Ok(PlannedInsert { database, table: target.table, plan, state })
    }

    /// `TRUNCATE`: every row goes.
    pub async fn truncate(&self, truncate: Truncate) -> Result<Rows> {
        refuse(&[
            (truncate.partitions.is_some(), "TRUNCATE … PARTITION"),
            (truncate.if_exists, "IF EXISTS in TRUNCATE"),
        ])?;
        let mut removed = 0;
        for table in &truncate.table_names {
            let target = self.target(&parts(&table.name)?).await?;
            removed += self.clear(&target).await?;
        }
        Ok(counted(removed))
    }

    /// Removes every row of a table, without reading them, and answers how many there were.
    pub(super) async fn clear(&self, target: &Target) -> Result<u64> {
        let database = self.open(&target.database, Access::Write).await?;
        self.columns(database.as_ref(), target).await?;
        if stored::keeps(database.as_ref()) {
            return stored_change::clear(database.as_ref(), &target.table).await;
        }
        let lakehouse = lakehouse(database.as_ref(), target, "this statement")?;
        let _changing = lakehouse.changing(&target.table).await?;
        let snapshot = lakehouse.snapshot(&target.table).await?;
        let count = self.count(&snapshot).await?;
        let everything = || (0..snapshot.files.len()).collect();
        lakehouse.replace_files(&target.table, &snapshot, &everything, Rows::empty(snapshot.schema.clone())).await?;
        Ok(count)
    }

    /// How many rows a snapshot has, from the log where it says so.
    async fn count(&self, snapshot: &Arc<Snapshot>) -> Result<u64> {
        let source = provider_as_source(Arc::new(SnapshotProvider::new(snapshot.clone())));
        let counted = vec![datafusion::functions_aggregate::expr_fn::count(lit(1))];
        let plan = LogicalPlanBuilder::scan("t", source, None)
            .and_then(|plan| plan.aggregate(Vec::<Expr>::new(), counted))
            .and_then(LogicalPlanBuilder::build)
            .map_err(from_datafusion)?;
        let batches = self.session.run(self.state(), plan).await?.collect().await?;
        let counts = batches.iter().filter(|batch| batch.num_rows() > 0);
        Ok(counts.map(|batch| batch.column(0).as_primitive::<Int64Type>().value(0).unsigned_abs()).sum())
    }

    /// The columns of a table that a statement changes.
    pub(super) async fn columns(
        &self,
        database: &dyn Database,
        target: &Target,
    ) -> Result<arrow::datatypes::SchemaRef> {
        database.columns(&target.table).await.map_err(|error| {
            if error.kind() == model::ErrorKind::NotFound {
                let message = format!("Catalog Error: Table with name {} does not exist!", target.table.table);
                Error::new(error.kind(), error.code(), message)
            } else {
                error
            }
        })
    }
}

/// The name of a column in a list of columns to insert into.
fn column_name(name: &ast::ObjectName) -> Result<String> {
    let [column] = parts(name)?
        .try_into()
        .map_err(|_| Error::invalid(format!("Binder Error: {name} is not the name of a column")))?;
    Ok(column)
}

/// The storage behind a database whose rows a statement changes.
pub fn lakehouse<'a>(database: &'a dyn Database, target: &Target, statement: &str) -> Result<&'a LakehouseDatabase> {
    let lakehouse = database.as_any().downcast_ref::<LakehouseDatabase>();
    lakehouse.ok_or_else(|| stored_change::in_its_own_dialect(statement, &target.database))
}
