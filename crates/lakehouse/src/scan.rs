//! Reading a snapshot: datafusion's own Parquet source over the file list that the log gives, with its statistics.

mod counted;
mod filter;
mod positions;

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PrunableStatistics;
use datafusion::common::{DFSchema, Statistics, project_schema};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{CachedParquetFileReaderFactory, ParquetRowSelection};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
pub use filter::to_expr;
use futures::{StreamExt, TryStreamExt, stream};
use model::Error;
use object_store::ObjectStore;
pub use positions::{FILE, Places, Positioned, ROW, place};

use crate::root::Root;
use crate::table::{DataFile, Snapshot, remaining};

/// Bytes from the end of a file that are read at once in the hope that they hold its whole footer.
pub const FOOTER_HINT: usize = 256 << 10;

/// Deletion vectors that are read at once.
const VECTORS: usize = 8;

/// A snapshot, or some of its files, as a table of the engine.
#[derive(Debug)]
pub struct SnapshotProvider {
    snapshot: Arc<Snapshot>,
    /// Positions of the files to read; all where there is none.
    only: Option<Vec<usize>>,
    /// The table's whole name, where it has one.
    name: Option<String>,
}

impl SnapshotProvider {
    /// All of a snapshot.
    pub fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot, only: None, name: None }
    }

    /// The same under a name that says which table it is.
    pub fn named(self, name: String) -> Self {
        Self { name: Some(name), ..self }
    }

    /// The table's whole name, where it was given one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The files of a snapshot at these positions.
    pub fn of_files(snapshot: Arc<Snapshot>, positions: Vec<usize>) -> Self {
        Self { snapshot, only: Some(positions), name: None }
    }

    /// The files, before any filter.
    pub fn files(&self) -> Vec<&DataFile> {
        let all = &self.snapshot.files;
        match &self.only {
            Some(positions) => positions.iter().filter_map(|position| all.get(*position)).collect(),
            None => all.iter().collect(),
        }
    }

    /// The files that may hold rows for which all `filters` are true.
    pub fn pruned(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<&DataFile>> {
        let files = self.files();
        let keep = kept(state, filters, &files, &self.snapshot.read_schema)?;
        Ok(files.into_iter().zip(keep).filter_map(|(file, keep)| keep.then_some(file)).collect())
    }
}

/// Which of these files may hold rows for which all `filters` are true.
fn kept(state: &dyn Session, filters: &[Expr], files: &[&DataFile], schema: &SchemaRef) -> Result<Vec<bool>> {
    let all = vec![true; files.len()];
    let Some(filter) = conjunction(filters.iter().cloned()) else { return Ok(all) };
    let df_schema = DFSchema::try_from(schema.clone())?;
    let Ok(predicate) = state.create_physical_expr(filter, &df_schema) else { return Ok(all) };
    let pruning = PruningPredicateBuilder::new().with_file_schema(schema.clone()).build(predicate);
    let Some(pruning) = pruning else { return Ok(all) };
    let bounds = files.iter().map(|file| file.statistics.bounds.clone()).collect();
    pruning.prune(&PrunableStatistics::new(bounds, schema.clone()))
}

#[async_trait]
impl TableProvider for SnapshotProvider {
    fn schema(&self) -> SchemaRef {
        self.snapshot.read_schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        merged(&self.files(), &self.snapshot.read_schema).ok()
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.snapshot.read_schema.clone();
        let files = self.pruned(state, filters)?;
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&schema, projection)?)));
        }
        let statistics = merged(&files, &schema)?;
        let store = state.runtime_env().object_store(Root::engine_url())?;
        let partitioned: Vec<PartitionedFile> = stream::iter(files.into_iter().cloned())
            .map(|file| partitioned(file, store.clone()))
            .buffered(VECTORS)
            .try_collect()
            .await?;
        read_files(state, partitioned, schema, statistics, projection, limit)
    }
}

/// The plan that reads these files: datafusion's own source, over the cached footers, with its reads counted.
fn read_files(
    state: &dyn Session,
    files: Vec<PartitionedFile>,
    schema: impl Into<TableSchema>,
    statistics: Statistics,
    projection: Option<&Vec<usize>>,
    limit: Option<usize>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let url = Root::engine_url();
    let runtime = state.runtime_env();
    let footers = runtime.cache_manager.get_file_metadata_cache();
    let reader = CachedParquetFileReaderFactory::new(runtime.object_store(&url)?, footers.clone());
    let source = ParquetSource::new(schema)
        .with_table_parquet_options(state.table_options().parquet.clone())
        .with_metadata_size_hint(FOOTER_HINT)
        .with_parquet_file_reader_factory(counted::reads(reader, footers, state.config()));
    let scan = FileScanConfigBuilder::new(url, Arc::new(source))
        .with_file_groups(FileGroup::new(files).split_files(state.config().target_partitions()))
        .with_statistics(statistics)
        .with_projection_indices(projection.cloned())?
        .with_limit(limit)
        .build();
    Ok(DataSourceExec::from_data_source(scan))
}

/// A file as the engine reads it: without the rows that are gone.
async fn partitioned(file: DataFile, store: Arc<dyn ObjectStore>) -> Result<PartitionedFile> {
    let partitioned =
        PartitionedFile::new_from_meta(file.meta.clone()).with_statistics(file.statistics.planning.clone());
    let Some(deletions) = file.deletions() else { return Ok(partitioned) };
    let selection = async {
        let rows = file.stored_rows().ok_or_else(|| {
            Error::internal(format!("{} has a deletion vector and no count of its rows", file.add().path))
        })?;
        remaining(deletions.rows(store.as_ref()).await?.as_ref(), rows)
    };
    let selection = selection.await.map_err(|error| DataFusionError::External(Box::new(error)))?;
    Ok(partitioned.with_extension(ParquetRowSelection::new(selection)))
}

fn merged(files: &[&DataFile], schema: &SchemaRef) -> Result<Statistics> {
    if files.is_empty() {
        return Ok(Statistics::new_unknown(schema));
    }
    Statistics::try_merge_iter(files.iter().map(|file| file.statistics.planning.as_ref()), schema)
}
