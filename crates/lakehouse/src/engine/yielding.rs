//! A physical optimizer rule: operators that can run for long give way to others, and to their own cancelling.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::recursive_query::RecursiveQueryExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::unnest::UnnestExec;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};

use super::checked;
use super::interruptible::InterruptibleExec;

/// Puts an [`InterruptibleExec`] above every operator that makes many rows of few, or that answers only when all of its
/// input is in, and above every source of rows.
///
/// The engine's own rule has points at which a query gives way where rows come in, and there one in a hundred batches. A
/// join that makes a million rows of one never gets there: it would hold its thread, against other queries and against
/// its own cancelling, until it is done.
#[derive(Debug)]
pub struct Yielding;

impl PhysicalOptimizerRule for Yielding {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let node = checked::join(&node)?.unwrap_or(node);
            if takes_long(node.as_ref()) {
                Ok(Transformed::yes(Arc::new(InterruptibleExec::new(node)) as Arc<dyn ExecutionPlan>))
            } else {
                Ok(Transformed::no(node))
            }
        })
        .data()
    }

    fn name(&self) -> &str {
        "yielding"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn takes_long(plan: &dyn ExecutionPlan) -> bool {
    let joins = plan.is::<HashJoinExec>()
        || plan.is::<CrossJoinExec>()
        || plan.is::<NestedLoopJoinExec>()
        || plan.is::<SortMergeJoinExec>();
    let gathers = plan.is::<SortExec>()
        || plan.is::<SortPreservingMergeExec>()
        || plan.is::<AggregateExec>()
        || plan.is::<WindowAggExec>()
        || plan.is::<BoundedWindowAggExec>();
    let grows = plan.is::<UnnestExec>() || plan.is::<RecursiveQueryExec>();
    joins || gathers || grows || plan.children().is_empty()
}
