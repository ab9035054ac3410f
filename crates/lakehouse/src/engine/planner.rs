//! What the planner may know: the tables that were resolved for one statement, and the functions.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::TableFunctionArgs;
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::catalog::view::ViewTable;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DFSchema, TableReference, plan_datafusion_err};
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, TypePlanner};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    AggregateUDF, Expr, HigherOrderUDF, LogicalPlanBuilder, ScalarUDF, TableSource, WindowUDF, ident,
};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;

use super::query_log;
use super::system::System;
use super::types::DuckTypes;

/// Tables by the reference with which the statement names them, and everything else from the session.
pub struct Known<'a> {
    /// The session's functions and settings.
    pub state: &'a SessionState,
    /// How expressions are planned.
    pub expr_planners: &'a [Arc<dyn ExprPlanner>],
    /// The tables and views of the statement.
    pub tables: &'a HashMap<TableReference, Arc<dyn TableSource>>,
}

impl ContextProvider for Known<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        let missing = || plan_datafusion_err!("Catalog Error: Table with name {name} does not exist!");
        self.tables.get(&name).cloned().ok_or_else(missing)
    }

    fn get_table_function_source(&self, name: &str, args: Vec<Expr>) -> Result<Arc<dyn TableSource>> {
        let missing = || plan_datafusion_err!("Catalog Error: Table Function with name {name} does not exist!");
        // A table that the server fills was made when the statement's names were resolved.
        if let (Some(_), Some(table)) = (System::function(name), self.tables.get(&TableReference::bare(name))) {
            return Ok(table.clone());
        }
        if let Some((_, log)) = self.tables.iter().find(|(table, _)| query_log::is_named(table))
            && name.eq_ignore_ascii_case(query_log::NAME)
        {
            return query_log::called(log, &args);
        }
        let function = self.state.table_functions().get(&name.to_lowercase()).cloned().ok_or_else(missing)?;
        let context = SimplifyContext::builder().with_config_options(Arc::clone(self.state.config_options())).build();
        let simplifier = ExprSimplifier::new(context);
        let no_columns = DFSchema::empty();
        let simple = |arg| simplifier.coerce(arg, &no_columns).and_then(|arg| simplifier.simplify(arg));
        let args = args.into_iter().map(simple).collect::<Result<Vec<Expr>>>()?;
        let provider = function.create_table_provider_with_args(TableFunctionArgs::new(&args, self.state))?;
        let source = provider_as_source(provider);
        let schema = source.schema();
        match schema.fields().as_ref() {
            // The one column of a series is called as the function is.
            [value] if value.name() == "value" => {
                let plan =
                    LogicalPlanBuilder::scan("t", source, None)?.project([ident("value").alias(name)])?.build()?;
                Ok(provider_as_source(Arc::new(ViewTable::new(plan, None))))
            }
            _ => Ok(source),
        }
    }

    fn create_cte_work_table(&self, name: &str, schema: SchemaRef) -> Result<Arc<dyn TableSource>> {
        Ok(provider_as_source(Arc::new(CteWorkTable::new(name, schema))))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.expr_planners
    }

    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        Some(Arc::new(DuckTypes { zone: self.state.config_options().execution.time_zone.clone() }))
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.state.scalar_functions().get(name).cloned()
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.state.higher_order_functions().get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.state.aggregate_functions().get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.state.window_functions().get(name).cloned()
    }

    fn get_variable_type(&self, _names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        self.state.scalar_functions().keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        self.state.higher_order_functions().keys().cloned().collect()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.state.aggregate_functions().keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.state.window_functions().keys().cloned().collect()
    }
}
