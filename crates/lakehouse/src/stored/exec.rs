//! The operator that reads a table of another storage.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Statistics;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{
    Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions,
};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
    StatisticsArgs,
};
use futures::StreamExt;

use super::{Source, Wanted, batches};

/// Asks the storage for rows when it runs, and reads them as they come.
pub struct StoredExec {
    source: Arc<Source>,
    wanted: Wanted,
    schema: SchemaRef,
    statistics: Arc<Statistics>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
    /// What is read where only the number of rows counts.
    narrowest: Option<String>,
}

impl StoredExec {
    pub fn new(
        source: Arc<Source>,
        wanted: Wanted,
        schema: SchemaRef,
        statistics: Statistics,
        narrowest: Option<String>,
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
            narrowest,
        }
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
        _visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
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
            wanted.columns = self.narrowest.clone().map(|column| vec![column]);
        }
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
        let mut wanted = self.wanted.clone();
        wanted.limit = limit.map(|limit| limit as u64);
        let statistics = Statistics::clone(&self.statistics);
        let narrowest = self.narrowest.clone();
        Some(Arc::new(Self::new(self.source.clone(), wanted, self.schema.clone(), statistics, narrowest)))
    }

    fn fetch(&self) -> Option<usize> {
        self.wanted.limit.and_then(|limit| usize::try_from(limit).ok())
    }
}
