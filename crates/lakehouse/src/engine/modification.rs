//! Statements that change rows: INSERT, UPDATE, DELETE, TRUNCATE.
//!
//! UPDATE and DELETE become queries: one that counts what matches in each file, and one that computes the rows of the
//! files that have a match as they will be. The new files take the place of the old ones in one commit.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::DFSchema;
use datafusion::datasource::provider_as_source;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit, when};
use futures::TryStreamExt;
use model::{Access, Database, Error, Result, Rows, TableName, WriteMode, name_key};
use sqlparser::ast::{
    self, AssignmentTarget, Delete, FromTable, Insert, Query, TableFactor, TableObject, TableWithJoins, Truncate,
    Update,
};

use super::context::Context;
use super::resolve::{Target, parts};
use super::rewrite::exact;
use super::statement::{counted, refuse};
use crate::database::LakehouseDatabase;
use crate::fault::from_datafusion;
use crate::scan::SnapshotProvider;
use crate::table::Snapshot;

/// A planned INSERT.
pub struct PlannedInsert {
    database: Arc<dyn Database>,
    table: TableName,
    plan: LogicalPlan,
    state: SessionState,
}

/// A planned UPDATE or DELETE of a lakehouse table.
pub struct PlannedChange {
    database: Arc<dyn Database>,
    table: TableName,
    snapshot: Arc<Snapshot>,
    /// The rows to change; all where there is none.
    matching: Option<Expr>,
    /// The columns afterwards; none for DELETE.
    columns: Option<Vec<Expr>>,
}

impl Context {
    /// `INSERT INTO … VALUES` or a query; columns by position, or by the names that it lists.
    pub async fn insert(&self, insert: Insert) -> Result<Rows> {
        let planned = self.plan_insert(insert).await?;
        let rows = self.session.run(planned.state, planned.plan).await?;
        let written = planned.database.write(&planned.table, WriteMode::Append, rows).await?;
        Ok(counted(written.rows))
    }

    /// Plans an INSERT: its rows get the names of the columns that they are for.
    pub async fn plan_insert(&self, insert: Insert) -> Result<PlannedInsert> {
        if insert.on.is_some() || insert.or.is_some() || insert.returning.is_some() {
            return Err(Error::unsupported(
                "Not implemented Error: INSERT with ON CONFLICT, OR … or RETURNING is not supported on a lakehouse table",
            ));
        }
        refuse(&[
            (insert.overwrite || insert.replace_into, "INSERT OVERWRITE or REPLACE INTO"),
            (insert.ignore || insert.output.is_some(), "INSERT IGNORE or OUTPUT"),
            (insert.partitioned.is_some(), "INSERT … PARTITION"),
            (!insert.assignments.is_empty(), "INSERT … SET"),
        ])?;
        let TableObject::TableName(name) = &insert.table else {
            return Err(Error::unsupported("Not implemented Error: INSERT INTO takes the name of a table"));
        };
        let target = self.target(&parts(name)?).await?;
        let database = self.open(&target.database, Access::Write).await?;
        let columns = self.columns(database.as_ref(), &target).await?;
        let names: Vec<String> = if insert.columns.is_empty() {
            columns.fields().iter().map(|field| field.name().clone()).collect()
        } else {
            insert.columns.iter().map(column_name).collect::<Result<_>>()?
        };
        let source = insert.source.ok_or_else(|| Error::invalid("Parser Error: INSERT needs VALUES or a query"))?;
        let state = self.state();
        let plan = self.clone_without_limit().plan(*source, &state).await?;
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

    /// `UPDATE … SET … WHERE`.
    pub async fn update(&self, update: Update) -> Result<Rows> {
        let planned = self.plan_update(update).await?;
        self.apply(planned).await
    }

    /// Plans an UPDATE.
    pub async fn plan_update(&self, update: Update) -> Result<PlannedChange> {
        if update.from.is_some() || update.returning.is_some() {
            return Err(Error::unsupported("Not implemented Error: UPDATE with FROM or RETURNING is not supported"));
        }
        refuse(&[
            (update.limit.is_some() || !update.order_by.is_empty(), "UPDATE … ORDER BY or LIMIT"),
            (update.or.is_some() || update.output.is_some(), "UPDATE OR … or OUTPUT"),
        ])?;
        let (database, target, snapshot, alias) = self.changed_table(&update.table).await?;
        let matching = self.predicate(&update.table, update.selection, &alias).await?;
        let mut columns: Vec<Expr> = Vec::new();
        let mut assigned = Vec::new();
        for assignment in update.assignments {
            let AssignmentTarget::ColumnName(name) = &assignment.target else {
                return Err(Error::unsupported(
                    "Not implemented Error: SET (a, b) = … is not supported; set each column",
                ));
            };
            let name = parts(name)?.pop().unwrap_or_default();
            let value = self.expression(&update.table, assignment.value, &alias).await?;
            assigned.push((name, value));
        }
        for field in snapshot.read_schema.fields() {
            let current = datafusion::logical_expr::ident(field.name());
            let position = assigned.iter().position(|(name, _)| name_key(name) == name_key(field.name()));
            let Some(position) = position else {
                columns.push(current);
                continue;
            };
            let (_, value) = assigned.swap_remove(position);
            let value = datafusion::logical_expr::cast(value, field.data_type().clone());
            let value = match &matching {
                Some(matching) => when(matching.clone(), value).otherwise(current).map_err(from_datafusion)?,
                None => value,
            };
            columns.push(value.alias(field.name()));
        }
        if let Some((name, _)) = assigned.first() {
            return Err(Error::invalid(format!(
                "Binder Error: the table \"{}\" has no column \"{name}\"",
                target.table
            )));
        }
        Ok(PlannedChange { database, table: target.table, snapshot, matching, columns: Some(columns) })
    }

    /// `DELETE FROM … WHERE`.
    pub async fn delete(&self, delete: Delete) -> Result<Rows> {
        let planned = self.plan_delete(delete).await?;
        self.apply(planned).await
    }

    /// Plans a DELETE.
    pub async fn plan_delete(&self, delete: Delete) -> Result<PlannedChange> {
        if delete.using.is_some() || delete.returning.is_some() {
            return Err(Error::unsupported("Not implemented Error: DELETE with USING or RETURNING is not supported"));
        }
        refuse(&[
            (delete.limit.is_some() || !delete.order_by.is_empty(), "DELETE … ORDER BY or LIMIT"),
            (delete.output.is_some() || !delete.tables.is_empty(), "DELETE of several tables or with OUTPUT"),
        ])?;
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let [from] = from.as_slice() else {
            return Err(Error::invalid("Parser Error: DELETE FROM takes one table"));
        };
        let (database, target, snapshot, alias) = self.changed_table(from).await?;
        let matching = self.predicate(from, delete.selection, &alias).await?;
        Ok(PlannedChange { database, table: target.table, snapshot, matching, columns: None })
    }

    /// `TRUNCATE`: every row goes.
    pub async fn truncate(&self, truncate: Truncate) -> Result<Rows> {
        refuse(&[
            (truncate.partitions.is_some(), "TRUNCATE … PARTITION"),
            (truncate.table_names.len() > 1, "TRUNCATE of more than one table"),
            (truncate.if_exists, "TRUNCATE IF EXISTS"),
        ])?;
        let mut removed = 0;
        for table in &truncate.table_names {
            let target = self.target(&parts(&table.name)?).await?;
            let database = self.open(&target.database, Access::Write).await?;
            let snapshot = lakehouse(database.as_ref())?.snapshot(&target.table).await?;
            let planned = PlannedChange { database, table: target.table, snapshot, matching: None, columns: None };
            removed += self.change_rows(planned).await?;
        }
        Ok(counted(removed))
    }

    async fn apply(&self, planned: PlannedChange) -> Result<Rows> {
        Ok(counted(self.change_rows(planned).await?))
    }

    /// Rewrites the files that have a match, and answers how many rows matched.
    async fn change_rows(&self, planned: PlannedChange) -> Result<u64> {
        let PlannedChange { database, table, snapshot, matching, columns } = planned;
        let state = self.state();
        let mut touched = Vec::new();
        let mut matched = 0;
        for position in 0..snapshot.files.len() {
            let count = self.count(&state, &snapshot, position, matching.as_ref()).await?;
            if count > 0 {
                touched.push(position);
                matched += count;
            }
        }
        if touched.is_empty() {
            return Ok(0);
        }
        let source = provider_as_source(Arc::new(SnapshotProvider::of_files(snapshot.clone(), touched.clone())));
        let plan = LogicalPlanBuilder::scan("t", source, None).and_then(|plan| match (columns, matching) {
            (Some(columns), _) => plan.project(columns)?.build(),
            (None, Some(matching)) => plan.filter(matching.is_not_true())?.build(),
            (None, None) => plan.filter(lit(false))?.build(),
        });
        let rows = self.session.run(state, plan.map_err(from_datafusion)?).await?;
        lakehouse(database.as_ref())?.replace_files(&table, &snapshot, &touched, rows).await?;
        Ok(matched)
    }

    /// How many rows of one file match. Files whose statistics rule a match out are not read.
    async fn count(
        &self,
        state: &SessionState,
        snapshot: &Arc<Snapshot>,
        position: usize,
        matching: Option<&Expr>,
    ) -> Result<u64> {
        let source = provider_as_source(Arc::new(SnapshotProvider::of_files(snapshot.clone(), vec![position])));
        let plan = LogicalPlanBuilder::scan("t", source, None)
            .and_then(|plan| match matching {
                Some(matching) => plan.filter(matching.clone()),
                None => Ok(plan),
            })
            .and_then(|plan| {
                plan.aggregate(Vec::<Expr>::new(), vec![datafusion::functions_aggregate::expr_fn::count(lit(1))])
            })
            .and_then(LogicalPlanBuilder::build)
            .map_err(from_datafusion)?;
        let batches: Vec<_> = self.session.run(state.clone(), plan).await?.try_collect().await?;
        let counts = batches.iter().filter(|batch| batch.num_rows() > 0);
        Ok(counts.map(|batch| batch.column(0).as_primitive::<Int64Type>().value(0).unsigned_abs()).sum())
    }

    /// The table of an UPDATE or DELETE, and the name under which its columns are written.
    async fn changed_table(&self, from: &TableWithJoins) -> Result<(Arc<dyn Database>, Target, Arc<Snapshot>, String)> {
        let TableFactor::Table { name, alias, .. } = &from.relation else {
            return Err(Error::invalid("Parser Error: the statement takes the name of a table"));
        };
        if !from.joins.is_empty() {
            return Err(Error::unsupported("Not implemented Error: joins in UPDATE and DELETE are not supported"));
        }
        let target = self.target(&parts(name)?).await?;
        let database = self.open(&target.database, Access::Write).await?;
        self.columns(database.as_ref(), &target).await?;
        let snapshot = lakehouse(database.as_ref())?.snapshot(&target.table).await?;
        let alias = alias.as_ref().map_or_else(|| target.table.table.clone(), |alias| alias.name.value.clone());
        Ok((database, target, snapshot, alias))
    }

    async fn columns(&self, database: &dyn Database, target: &Target) -> Result<arrow::datatypes::SchemaRef> {
        database.columns(&target.table).await.map_err(|error| {
            if error.kind() == model::ErrorKind::NotFound {
                let message = format!("Catalog Error: Table with name {} does not exist!", target.table.table);
                Error::new(error.kind(), error.code(), message)
            } else {
                error
            }
        })
    }

    async fn predicate(
        &self,
        from: &TableWithJoins,
        selection: Option<ast::Expr>,
        alias: &str,
    ) -> Result<Option<Expr>> {
        let Some(selection) = selection else { return Ok(None) };
        let matching = self.expression(from, selection, alias).await?;
        // It is computed more than once, and must come out the same.
        refuse(&[(matching.is_volatile(), "a condition that changes from row to row, such as random(),")])?;
        Ok(Some(matching))
    }

    /// Plans an expression over the columns of one table by planning `SELECT expression FROM table`, and takes it out
    /// of that plan again.
    async fn expression(&self, from: &TableWithJoins, expression: ast::Expr, alias: &str) -> Result<Expr> {
        let mut query = one_column(expression);
        let ast::SetExpr::Select(select) = query.body.as_mut() else {
            unreachable!("the query was made from a SELECT")
        };
        select.from = vec![from.clone()];
        let text = query.to_string();
        let inside = self.clone_without_limit();
        let plan = inside.plan(query, &inside.state()).await?;
        let LogicalPlan::Projection(projection) = plan else {
            return Err(Error::unsupported(format!("Not implemented Error: {text} cannot be used to change rows")));
        };
        let subquery = !matches!(projection.input.as_ref(), LogicalPlan::TableScan(_) | LogicalPlan::SubqueryAlias(_));
        let [expr] = projection.expr.as_slice() else {
            return Err(Error::invalid(format!("Binder Error: {alias}: one expression is expected")));
        };
        if subquery || has_subquery(expr)? {
            return Err(Error::unsupported(
                "Not implemented Error: subqueries in UPDATE and DELETE are not supported; \
                 use CREATE OR REPLACE TABLE … AS SELECT with the rows as they should be",
            ));
        }
        unqualified(expr.clone().unalias(), projection.input.schema(), self.timezone.is_some())
    }
}

fn one_column(expression: ast::Expr) -> Query {
    let text = "SELECT 1 FROM t";
    let mut statements = super::parse::statements(text).expect("a constant text that is SQL");
    let Some(ast::Statement::Query(mut query)) = statements.pop() else {
        unreachable!("a constant text that is a query")
    };
    let ast::SetExpr::Select(select) = query.body.as_mut() else { unreachable!("a constant text that is a SELECT") };
    select.projection = vec![ast::SelectItem::ExprWithAlias { expr: expression, alias: exact("value") }];
    *query
}

/// The name of a column in a list of columns to insert into.
fn column_name(name: &ast::ObjectName) -> Result<String> {
    let [column] = parts(name)?
        .try_into()
        .map_err(|_| Error::invalid(format!("Binder Error: {name} is not the name of a column")))?;
    Ok(column)
}

fn has_subquery(expr: &Expr) -> Result<bool> {
    use datafusion::common::tree_node::TreeNode;
    expr.exists(|part| {
        Ok(matches!(part, Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_)))
    })
    .map_err(from_datafusion)
}

/// Columns without the table's name: the plans that rewrite files have one table, under a name of their own. There
/// instants are in UTC; where the request has a zone of its own, they are seen in the zone that the plan saw them in.
fn unqualified(expr: Expr, seen: &DFSchema, zoned: bool) -> Result<Expr> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    let strip = |part: Expr| match part {
        Expr::Column(column) => {
            let seen = seen.field_with_unqualified_name(&column.name)?.data_type().clone();
            let plain = datafusion::logical_expr::ident(column.name);
            let instant = zoned && matches!(seen, DataType::Timestamp(_, Some(_)));
            Ok(Transformed::yes(if instant { datafusion::logical_expr::cast(plain, seen) } else { plain }))
        }
        other => Ok(Transformed::no(other)),
    };
    expr.transform_up(strip).map(|transformed| transformed.data).map_err(from_datafusion)
}

fn lakehouse(database: &dyn Database) -> Result<&LakehouseDatabase> {
    database.as_any().downcast_ref::<LakehouseDatabase>().ok_or_else(|| {
        Error::unsupported(
            "Not implemented Error: SQL cannot change rows of this database; its storage is not the lakehouse",
        )
    })
}
