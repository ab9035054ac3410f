//! Planning that ends when nobody waits for the plan any more.
//!
//! A plan of hundreds of joins is worked on for seconds, and planning gives way to nothing. So every rule asks, before it
//! begins, whether the query that is planned is to go on.

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::analyzer::{Analyzer, AnalyzerRule};
use datafusion::optimizer::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::ExecutionPlan;

use super::work::check_current;

type LogicalRules = Vec<Arc<dyn OptimizerRule + Send + Sync>>;
type AnalyzerRules = Vec<Arc<dyn AnalyzerRule + Send + Sync>>;
type PhysicalRules = Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>>;

/// A rule that asks first.
struct Stoppable<T: ?Sized>(Arc<T>);

impl<T: ?Sized + fmt::Debug> fmt::Debug for Stoppable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// These rules, each of which asks before every node of the plan that it is shown.
pub fn logical(rules: LogicalRules) -> LogicalRules {
    rules.into_iter().map(|rule| Arc::new(Stoppable(rule)) as _).collect()
}

/// The engine's own rules of the analyzer.
pub fn analyzer() -> AnalyzerRules {
    let rules = Analyzer::new().rules.into_iter();
    rules.map(|rule| Arc::new(Stoppable(rule)) as _).collect()
}

/// The engine's own rules of physical plans.
pub fn physical() -> PhysicalRules {
    let rules = PhysicalOptimizer::new().rules.into_iter();
    rules.map(|rule| Arc::new(Stoppable(rule)) as _).collect()
}

impl OptimizerRule for Stoppable<dyn OptimizerRule + Send + Sync> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        self.0.apply_order()
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        check_current()?;
        self.0.rewrite(plan, config)
    }
}

impl AnalyzerRule for Stoppable<dyn AnalyzerRule + Send + Sync> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn analyze(&self, plan: LogicalPlan, config: &ConfigOptions) -> Result<LogicalPlan> {
        check_current()?;
        self.0.analyze(plan, config)
    }
}

impl PhysicalOptimizerRule for Stoppable<dyn PhysicalOptimizerRule + Send + Sync> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema_check(&self) -> bool {
        self.0.schema_check()
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        check_current()?;
        self.0.optimize(plan, config)
    }

    fn optimize_with_context(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        context: &dyn datafusion::physical_optimizer::PhysicalOptimizerContext,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        check_current()?;
        self.0.optimize_with_context(plan, context)
    }
}
