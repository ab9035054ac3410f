//! What a text would read: its plan is made and looked at, and nothing of it runs.

mod condition;
mod tree;

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::source_as_provider;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::logical_expr::expr_rewriter::unnormalize_cols;
use datafusion::logical_expr::logical_plan::TableScan as LogicalScan;
use datafusion::physical_plan::ExecutionPlan;
use model::{Explained, FileScan, Result, TableScan};
use object_store::path::Path;
use sqlparser::ast::{FromTable, Query, Statement, UpdateTableFromKind};

use super::context::Context;
use super::script::{Command, MergeOn, script};
use super::{no_statement, parse};
use crate::fault::from_datafusion;
use crate::scan::SnapshotProvider;
use crate::stored::StoredTable;

/// Plans every statement of a text, up to the first that changes which names there are.
pub async fn text(mut context: Context, text: &str) -> Result<Explained> {
    let steps = script(text)?;
    if steps.is_empty() {
        return Err(no_statement());
    }
    let mut explained = Explained::default();
    for step in steps {
        context.validate(&step).await?;
        let more = step.command.sql().is_some_and(leaves_names);
        for query in queries_of(step.command)? {
            read(&context, query, &mut explained).await?;
        }
        if !more {
            break;
        }
    }
    Ok(explained)
}

/// Whether the statements that follow see the same tables as this one.
fn leaves_names(statement: &Statement) -> bool {
    use Statement::{Delete, Explain, ExplainTable, Insert, Query, Set, ShowTables, Update, Use};
    matches!(
        statement,
        Query(_)
            | Explain { .. }
            | ExplainTable { .. }
            | ShowTables { .. }
            | Insert(_)
            | Update(_)
            | Delete(_)
            | Set(_)
            | Use(_)
    )
}

/// The queries with which a step reads.
fn queries_of(command: Command) -> Result<Vec<Query>> {
    Ok(match command {
        Command::Sql(statement) => queries(*statement)?,
        Command::Merge(merge) => {
            let on = match &merge.on {
                MergeOn::Condition(condition) => format!("ON {condition}"),
                MergeOn::Columns(columns) => {
                    let names: Vec<String> = columns.iter().map(ToString::to_string).collect();
                    format!("USING ({})", names.join(", "))
                }
            };
            parsed(&format!("SELECT 1 FROM {} JOIN {} {on}", merge.table, merge.source))?
        }
        Command::InsertByName { source: query, .. }
        | Command::CreateTableAs { query, .. }
        | Command::Summarize(query) => vec![*query],
        Command::ShowAllTables | Command::CreateDatabase { .. } => Vec::new(),
    })
}

/// The queries with which a statement reads. One that changes rows reads them as a query with its condition does.
fn queries(statement: Statement) -> Result<Vec<Query>> {
    let condition = |condition: Option<sqlparser::ast::Expr>| {
        condition.map_or_else(String::new, |condition| format!(" WHERE {condition}"))
    };
    Ok(match statement {
        Statement::Query(query) => vec![*query],
        Statement::Explain { statement, .. } => queries(*statement)?,
        Statement::CreateTable(create) => create.query.map(|query| *query).into_iter().collect(),
        Statement::CreateView(create) => vec![*create.query],
        Statement::Insert(insert) => insert.source.map(|query| *query).into_iter().collect(),
        Statement::Update(update) => {
            let mut from = vec![update.table];
            if let Some(UpdateTableFromKind::BeforeSet(more) | UpdateTableFromKind::AfterSet(more)) = update.from {
                from.extend(more);
            }
            counted(&from, &condition(update.selection))?
        }
        Statement::Delete(delete) => {
            let (FromTable::WithFromKeyword(mut from) | FromTable::WithoutKeyword(mut from)) = delete.from;
            from.extend(delete.using.unwrap_or_default());
            counted(&from, &condition(delete.selection))?
        }
        _ => Vec::new(),
    })
}

fn counted(from: &[sqlparser::ast::TableWithJoins], condition: &str) -> Result<Vec<Query>> {
    let from: Vec<String> = from.iter().map(ToString::to_string).collect();
    parsed(&format!("SELECT 1 FROM {}{condition}", from.join(", ")))
}

fn parsed(text: &str) -> Result<Vec<Query>> {
    let queries = parse::statements(text)?.into_iter().filter_map(|statement| match statement {
        Statement::Query(query) => Some(*query),
        _ => None,
    });
    Ok(queries.collect())
}

async fn read(context: &Context, query: Query, explained: &mut Explained) -> Result<()> {
    let state = context.state();
    let plan = context.clone_without_limit().plan(query, &state).await?;
    let plan = state.optimize(&plan).map_err(from_datafusion)?;
    let physical = state.query_planner().create_physical_plan(&plan, &state).await.map_err(from_datafusion)?;
    let mut files = HashSet::new();
    collect_files(&physical, &mut files);
    explained.tables.extend(scans(&plan, &state, &files)?);
    explained.plan.push(tree::node(&physical));
    Ok(())
}

/// The files that a plan reads in the end.
fn collect_files(plan: &Arc<dyn ExecutionPlan>, files: &mut HashSet<Path>) {
    let source = plan.downcast_ref::<DataSourceExec>();
    let scan = source.and_then(|source| source.data_source().downcast_ref::<FileScanConfig>());
    let groups = scan.into_iter().flat_map(|scan| &scan.file_groups);
    files.extend(groups.flat_map(|group| group.iter().map(|file| file.object_meta.location.clone())));
    plan.children().into_iter().for_each(|child| collect_files(child, files));
}

fn scans(plan: &LogicalPlan, state: &SessionState, files: &HashSet<Path>) -> Result<Vec<TableScan>> {
    let mut found = Vec::new();
    let visit = |node: &LogicalPlan| {
        if let LogicalPlan::TableScan(scan) = node {
            found.extend(table_scan(scan, state, files)?);
        }
        Ok(TreeNodeRecursion::Continue)
    };
    plan.apply_with_subqueries(visit).map_err(from_datafusion)?;
    Ok(found)
}

/// The scan of a table; nothing for rows that are in no table, such as those of functions.
fn table_scan(
    scan: &LogicalScan,
    state: &SessionState,
    files: &HashSet<Path>,
) -> datafusion::error::Result<Option<TableScan>> {
    let provider = source_as_provider(&scan.source)?;
    if let Some(table) = provider.downcast_ref::<StoredTable>() {
        return Ok(Some(TableScan {
            table: table.name().to_owned(),
            estimated_rows: table.estimated(&unnormalize_cols(scan.filters.iter().cloned())),
            filters: condition::text(&scan.filters),
            files: None,
        }));
    }
    let Some(table) = provider.downcast_ref::<SnapshotProvider>() else { return Ok(None) };
    let mut estimate = FileScan::default();
    let mut estimated_rows = 0;
    for file in table.files() {
        estimate.total_files += 1;
        estimate.total_bytes += file.meta.size;
    }
    // As the scan itself will see them: without the name that the statement has for the table.
    for file in table.pruned(state, &unnormalize_cols(scan.filters.iter().cloned()))? {
        estimated_rows += file.statistics.planning.num_rows.get_value().map_or(0, |rows| *rows as u64);
        if files.contains(&file.meta.location) {
            estimate.scanned_files += 1;
            estimate.scanned_bytes += file.meta.size;
        }
    }
    Ok(Some(TableScan {
        table: table.name().map_or_else(|| scan.table_name.to_string(), str::to_owned),
        estimated_rows,
        filters: condition::text(&scan.filters),
        files: Some(estimate),
    }))
}
