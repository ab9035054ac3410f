//! The operator that reads a table of another storage.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Statistics;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown,
};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
    StatisticsArgs,
};
use futures::StreamExt;
use model::TableKind;

use super::{Source, Wanted, batches, late, settled};

/// Asks the storage for rows when it runs, and reads them as they come.
pub struct StoredExec {
    source: Arc<Source>,
    wanted: Wanted,
    schema: SchemaRef,
    statistics: Arc<Statistics>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
    /// The columns of the whole table, as the database has them.
    declared: SchemaRef,
    /// Conditions that hold of every row that is wanted, and are known when the plan runs.
    late: Vec<Arc<dyn PhysicalExpr>>,
}

impl StoredExec {
    pub fn new(
        source: Arc<Source>,
        wanted: Wanted,
        schema: SchemaRef,
        statistics: Statistics,
        declared: SchemaRef,
    ) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema.clone()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self {
            source,
            wanted,
            schema,
            statistics: Arc::new(statistics),
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
            declared,
            late: Vec::new(),
        }
    }
}

impl StoredExec {
    /// The same table, asked for something else.
    fn asking(&self, wanted: Wanted) -> Self {
        let statistics = Statistics::clone(&self.statistics);
        Self::new(self.source.clone(), wanted, self.schema.clone(), statistics, self.declared.clone())
    }
}

impl fmt::Debug for StoredExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredExec").field("table", &self.source.name).field("wanted", &self.wanted).finish()
    }
}

impl DisplayAs for StoredExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredExec: table={}", self.source.name)?;
        if let Some(columns) = &self.wanted.columns {
            write!(f, ", columns=[{}]", columns.join(", "))?;
        }
        if !self.wanted.filters.is_empty() {
            let filters: Vec<String> = self.wanted.filters.iter().map(super::filter::text).collect();
            write!(f, ", filters=[{}]", filters.join(", "))?;
        }
        if !self.late.is_empty() {
            write!(f, ", late filters={}", self.late.len())?;
        }
        match self.wanted.limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for StoredExec {
    fn name(&self) -> &'static str {
        "StoredExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for condition in &self.late {
            if visit(condition)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, _context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut wanted = self.wanted.clone();
        // No dialect has a SELECT without a column.
        if wanted.columns.as_ref().is_some_and(Vec::is_empty) {
            wanted.columns = settled::narrowest(&self.declared).map(|column| vec![column]);
        }
        let late = if wanted.limit.is_none() { self.late.clone() } else { Vec::new() };
        let declared = self.declared.clone();
        // Called when the rows are first asked for: a join has read its other side by then.
        let wanted = move || {
            wanted.filters.extend(late::known(&late, &declared));
            wanted
        };
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let rows = batches(self.source.clone(), wanted, self.schema.clone()).inspect(move |batch| {
            if let Ok(batch) = batch {
                metrics.record_output(batch.num_rows());
            }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), rows)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn statistics_from_inputs(&self, _inputs: &[Arc<Statistics>], _args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        Ok(self.statistics.clone())
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        let wanted = Wanted { limit: limit.map(|limit| limit as u64), ..self.wanted.clone() };
        Some(Arc::new(Self { late: self.late.clone(), ..self.asking(wanted) }))
    }

    fn fetch(&self) -> Option<usize> {
        self.wanted.limit.and_then(|limit| usize::try_from(limit).ok())
    }

    fn handle_child_pushdown_result(
        &self,
        _phase: FilterPushdownPhase,
        conditions: ChildPushdownResult,
        _config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let answers = vec![PushedDown::No; conditions.parent_filters.len()];
        let answer = FilterPushdownPropagation::with_parent_pushdown_result(answers);
        let more = late::changing(conditions.parent_filters.into_iter().map(|condition| condition.filter));
        if more.is_empty() || self.source.kind == TableKind::View {
            return Ok(answer);
        }
        let late = self.late.iter().cloned().chain(more).collect();
        Ok(answer.with_updated_node(Arc::new(Self { late, ..self.asking(self.wanted.clone()) })))
    }
}
