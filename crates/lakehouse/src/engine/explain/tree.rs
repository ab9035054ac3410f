//! The physical plan as a tree for callers.

use std::fmt;
use std::sync::Arc;

use datafusion::physical_plan::{DisplayFormatType, ExecutionPlan};
use model::PlanNode;

use crate::engine::work::estimated_rows;

/// Operators that change no row and say nothing to a reader of the plan.
const SILENT: &[&str] = &["InterruptibleExec", "CooperativeExec"];

/// What DuckDB calls the estimate in its own plans.
const CARDINALITY: &str = "Estimated Cardinality";

/// The operator and everything below it.
pub fn node(plan: &Arc<dyn ExecutionPlan>) -> PlanNode {
    let children = plan.children();
    if let (true, [only]) = (SILENT.contains(&plan.name()), children.as_slice()) {
        return node(only);
    }
    let text = Details(plan.as_ref()).to_string();
    let mut details: std::collections::BTreeMap<String, String> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split_once('=').unwrap_or((line, "")))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let rows = estimated_rows(plan.as_ref());
    if rows > 0 {
        details.insert(CARDINALITY.to_owned(), rows.to_string());
    }
    PlanNode { name: plan.name().to_owned(), children: children.into_iter().map(node).collect(), details }
}

struct Details<'a>(&'a dyn ExecutionPlan);

impl fmt::Display for Details<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_as(DisplayFormatType::TreeRender, f)
    }
}
