//! Readers of Parquet files that count for their query what they read, and what memory had.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{CachedParquetFileReaderFactory, ParquetFileReaderFactory};
use datafusion::error::Result;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::prelude::SessionConfig;
use futures::future::BoxFuture;
use object_store::ObjectMeta;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::file::metadata::ParquetMetaData;

use crate::engine::Work;

/// The readers of `inner`, counted for the query that `config` is of. Those of no query are left as they are.
pub fn reads(
    inner: CachedParquetFileReaderFactory,
    footers: Arc<FileMetadataCache>,
    config: &SessionConfig,
) -> Arc<dyn ParquetFileReaderFactory> {
    match config.get_extension::<Work>() {
        Some(work) => Arc::new(Factory { inner, footers, work }),
        None => Arc::new(inner),
    }
}

struct Factory {
    inner: CachedParquetFileReaderFactory,
    footers: Arc<FileMetadataCache>,
    work: Arc<Work>,
}

impl fmt::Debug for Factory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl ParquetFileReaderFactory for Factory {
    fn create_reader(
        &self,
        partition_index: usize,
        file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let meta = file.object_meta.clone();
        let inner = self.inner.create_reader(partition_index, file, metadata_size_hint, metrics)?;
        self.work.reads().count_file();
        Ok(Box::new(Reader { inner, meta, footers: Arc::clone(&self.footers), work: Arc::clone(&self.work) }))
    }
}

struct Reader {
    inner: Box<dyn AsyncFileReader + Send>,
    meta: ObjectMeta,
    footers: Arc<FileMetadataCache>,
    work: Arc<Work>,
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        self.work.reads().count_data(1, range.end - range.start);
        self.inner.get_bytes(range)
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        self.work.reads().count_data(ranges.len(), ranges.iter().map(|range| range.end - range.start).sum());
        self.inner.get_byte_ranges(ranges)
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        let in_memory = self.footers.get(&self.meta.location).is_some_and(|cached| cached.is_valid_for(&self.meta));
        self.work.reads().count_footer(in_memory);
        self.inner.get_metadata(options)
    }
}
