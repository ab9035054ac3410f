//! What all queries share: the engine's settings, its memory, its runtime.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::datasource::physical_plan::parquet::{CachedParquetFileReaderFactory, ParquetFileReaderFactory};
use datafusion::datasource::provider_as_source;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionState;
use datafusion::execution::{FunctionRegistry, SessionStateBuilder};
use datafusion::logical_expr::planner::ExprPlanner;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, ident};
use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion::prelude::SessionConfig;
use model::{Error, Result, Rows, Scan, name_key};
use tokio::runtime::Handle;

use super::arithmetic::DuckArithmetic;
use super::cheap_first::CheapFirst;
use super::checked_frames::CheckedFrames;
use super::decimal_average::DecimalAverage;
use super::operators::Operators;
use super::pump;
use super::rounding::RoundingCasts;
use super::semi_join::EarlySemiJoin;
use super::stoppable;
use super::types::{DuckTypes, UTC};
use super::work::{Work, carry_into_tasks};
use super::yielding::Yielding;
use crate::LakehouseConfig;
use crate::care::Carer;
use crate::fault::from_datafusion;
use crate::root::Root;
use crate::scan::{SnapshotProvider, to_expr};
use crate::table::Snapshot;
use crate::write::Encoding;

/// Bytes of Parquet footers that stay in memory.
const FOOTER_CACHE: usize = 64 << 20;

/// The side of a join that all threads share one table of, at most: bytes and rows, divided by the threads. One thread
/// builds it while the others wait, so the more there are the smaller it must be.
const SHARED_BUILD_BYTES: usize = 512 << 20;
const SHARED_BUILD_ROWS: usize = 16_000_000;

/// The engine's settings and resources.
pub struct Session {
    state: SessionState,
    expr_planners: Vec<Arc<dyn ExprPlanner>>,
    encoding: Encoding,
    carer: Arc<Carer>,
    scratch: PathBuf,
    rewrite_bytes: u64,
}

impl Session {
    /// Settings as the configuration says, and the object store of `root`.
    pub fn open(root: &Root, config: &LakehouseConfig) -> Result<Self> {
        let spill =
            DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![config.spill_dir.clone()]));
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(config.memory_limit)))
            .with_disk_manager_builder(spill)
            .with_metadata_cache_limit(FOOTER_CACHE)
            .build_arc()
            .map_err(from_datafusion)?;
        carry_into_tasks();
        runtime.register_object_store(Root::engine_url().as_ref(), root.store().clone());
        let mut builder = SessionStateBuilder::new()
            .with_config(settings(config.threads))
            .with_runtime_env(runtime)
            .with_default_features()
            .with_optimizer_rules(stoppable::logical(optimizer_rules()))
            .with_analyzer_rules(stoppable::analyzer())
            .with_physical_optimizer_rules(stoppable::physical())
            .with_analyzer_rule(Arc::new(RoundingCasts))
            .with_analyzer_rule(Arc::new(DuckArithmetic))
            .with_physical_optimizer_rule(Arc::new(Yielding))
            .with_type_planner(Arc::new(DuckTypes::default()));
        // What DuckDB has, too, replaces what the engine has under the same name.
        builder.scalar_functions().get_or_insert_default().extend(functions::scalar_functions());
        builder.aggregate_functions().get_or_insert_default().extend(functions::aggregate_functions());
        builder.higher_order_functions().get_or_insert_default().extend(functions::higher_order_functions());
        let mut state = builder.build();
        FunctionRegistry::register_udf(&mut state, Arc::new(super::raise::error())).map_err(from_datafusion)?;
        let mut expr_planners: Vec<Arc<dyn ExprPlanner>> = vec![Arc::new(Operators)];
        expr_planners.extend(state.expr_planners().iter().cloned());
        let writes = Arc::default();
        let carer = Arc::new(Carer::open(root, config, Arc::clone(&writes))?);
        let encoding = Encoding { runtime: config.runtime.clone(), threads: config.threads, writes };
        Ok(Self {
            state,
            expr_planners,
            encoding,
            carer,
            scratch: config.spill_dir.clone(),
            rewrite_bytes: config.rewrite_bytes,
        })
    }

    /// The state for one statement that starts now.
    pub fn state(&self, timezone: Option<&str>) -> SessionState {
        let mut state = self.state.clone();
        if let Some(timezone) = timezone {
            state.config_mut().options_mut().execution.time_zone = Some(timezone.to_owned());
        }
        state.mark_start_execution();
        state
    }

    /// The state for one statement of a query, whose work it counts as.
    pub fn state_for(&self, work: &Arc<Work>, timezone: Option<&str>) -> SessionState {
        let mut state = self.state(timezone);
        state.config_mut().set_extension(Arc::clone(work));
        state
    }

    /// How expressions are planned, DuckDB's meanings first.
    pub fn expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.expr_planners
    }

    /// Where encoders run.
    pub fn encoding(&self) -> &Encoding {
        &self.encoding
    }

    /// Who takes care of tables.
    pub fn carer(&self) -> &Arc<Carer> {
        &self.carer
    }

    /// The directory for what lives no longer than a statement.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// Bytes of files that lose rows up to which they are written anew.
    pub fn rewrite_bytes(&self) -> u64 {
        self.rewrite_bytes
    }

    /// Opens files that the engine reads by other ways than a plan, with the footers that it keeps.
    pub fn readers(&self, root: &Root) -> Arc<dyn ParquetFileReaderFactory> {
        let footers = self.state.runtime_env().cache_manager.get_file_metadata_cache();
        Arc::new(CachedParquetFileReaderFactory::new(root.store().clone(), footers))
    }

    /// The runtime of queries.
    pub fn runtime(&self) -> &Handle {
        &self.encoding.runtime
    }

    /// Reads a snapshot as the storage contract's scan says.
    pub async fn scan(&self, snapshot: Arc<Snapshot>, scan: &Scan) -> Result<Rows> {
        let schema = snapshot.schema.clone();
        let filters = scan.filters.iter().map(|filter| to_expr(filter, &schema)).collect::<Result<Vec<Expr>>>()?;
        let named = |name: &String| {
            let field = schema.fields().iter().find(|field| name_key(field.name()) == name_key(name));
            field
                .map(|field| ident(field.name()))
                .ok_or_else(|| Error::invalid(format!("the table has no column \"{name}\"")))
        };
        let columns = scan.projection.as_ref().map(|names| names.iter().map(named).collect::<Result<Vec<Expr>>>());
        let plan = |columns: Option<Vec<Expr>>| {
            let mut plan =
                LogicalPlanBuilder::scan("t", provider_as_source(Arc::new(SnapshotProvider::new(snapshot))), None)?;
            for filter in filters {
                plan = plan.filter(filter)?;
            }
            if let Some(columns) = columns {
                plan = plan.project(columns)?;
            }
            let limit = scan.limit.and_then(|limit| usize::try_from(limit).ok());
            plan.limit(0, limit)?.build()
        };
        let plan = plan(columns.transpose()?).map_err(from_datafusion)?;
        self.run(self.state(None), plan).await
    }

    /// Computes these columns of every row of a snapshot.
    pub async fn select(&self, snapshot: Arc<Snapshot>, columns: Vec<Expr>) -> Result<Rows> {
        let source = provider_as_source(Arc::new(SnapshotProvider::new(snapshot)));
        let plan = LogicalPlanBuilder::scan("t", source, None)
            .and_then(|plan| plan.project(columns))
            .and_then(LogicalPlanBuilder::build)
            .map_err(from_datafusion)?;
        self.run(self.state(None), plan).await
    }

    /// Optimises and starts a plan on the runtime of queries.
    pub async fn run(&self, state: SessionState, plan: LogicalPlan) -> Result<Rows> {
        pump::start(self.runtime(), state, plan).await
    }
}

/// The engine's own rules, and ours where the joins have just been found.
fn optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let mut rules = Optimizer::new().rules;
    let found = rules.iter().position(|rule| rule.name() == "eliminate_cross_join");
    rules.insert(found.map_or(rules.len(), |position| position + 1), Arc::new(EarlySemiJoin));
    rules.insert(0, Arc::new(DecimalAverage));
    rules.push(Arc::new(CheapFirst));
    rules.push(Arc::new(CheckedFrames));
    rules
}

fn settings(threads: usize) -> SessionConfig {
    let mut config = SessionConfig::new().with_target_partitions(threads).with_information_schema(false);
    let options = config.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.parse_float_as_decimal = true;
    options.sql_parser.default_null_ordering = "nulls_last".to_owned();
    options.execution.collect_statistics = false;
    // Row groups are small enough to be decoded whole; looking their pages up costs every scan.
    options.execution.parquet.enable_page_index = false;
    options.execution.time_zone = Some(UTC.to_owned());
    // Few cores: to build one table for all of them is cheaper than to send both sides of a join across.
    options.optimizer.hash_join_single_partition_threshold = SHARED_BUILD_BYTES / threads.max(1);
    options.optimizer.hash_join_single_partition_threshold_rows = SHARED_BUILD_ROWS / threads.max(1);
    config
}
