//! Looking for the rows of a table that have a key of a slice: files and row groups that cannot are skipped, of the
//! others the columns of key and cursor are read, several row groups at once.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetFileReaderFactory;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use model::{Error, Result, name_key};
use object_store::ObjectStore;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowSelection, RowSelector};
use parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStream};
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use roaring::RoaringTreemap;

use super::columns::Columns;
use super::slice::Slice;
use crate::fault::{from_datafusion, from_parquet};
use crate::scan::FOOTER_HINT;
use crate::table::DataFile;
use crate::write::{Converter, Encoding};

/// Rows that are decoded at once.
const BATCH_ROWS: usize = 32 << 10;

/// Footers that are read ahead.
const FOOTERS: usize = 4;

/// What reads a file.
type Reader = Box<dyn AsyncFileReader>;

/// Where to look, and for what.
#[derive(Clone)]
pub struct Places {
    /// The store, rooted at the lakehouse.
    pub root: Arc<dyn ObjectStore>,
    /// Opens its files.
    pub readers: Arc<dyn ParquetFileReaderFactory>,
    /// The columns of the upsert.
    pub columns: Arc<Columns>,
    /// Where decoding runs.
    pub encoding: Encoding,
}

/// What was found in one row group.
pub struct Found {
    /// The place of the file among those that were looked through.
    pub file: usize,
    /// Numbers of rows of the slice that the row group has the key of, and does not give up for them.
    pub kept: Vec<u32>,
    /// Numbers of rows of the slice, and beside each the row of the file that it takes the place of, ascending.
    pub replaced: Vec<(u32, u64)>,
    /// Rows of the file that were gone before.
    pub gone: Option<Arc<RoaringTreemap>>,
    /// How many rows the file has, those that are gone included.
    pub stored: u64,
    /// The columns that the rows lack, of the rows that are replaced.
    pub others: Option<RecordBatch>,
}

/// A file whose footer was read.
struct Opened {
    number: usize,
    file: DataFile,
    footer: ArrowReaderMetadata,
    gone: Option<Arc<RoaringTreemap>>,
}

/// One row group of it.
struct Group {
    opened: Arc<Opened>,
    index: usize,
    /// The number of its first row in the file.
    start: u64,
}

impl Places {
    /// Looks through files for the keys of a slice.
    pub fn search<'a>(
        &'a self,
        files: &'a [DataFile],
        slice: &'a Arc<Slice>,
    ) -> impl Stream<Item = Result<Found>> + Send + 'a {
        let leading = &self.columns.sought.field(0).name().clone();
        let column = self.columns.table.fields().iter().position(|field| field.name() == leading);
        let touched = files.iter().enumerate().filter(move |(_, file)| {
            let bounds = column.and_then(|column| file.statistics.bounds.column_statistics.get(column));
            bounds.is_none_or(|bounds| slice.touches(bounds.min_value.get_value(), bounds.max_value.get_value()))
        });
        let opened = stream::iter(touched.map(|(number, file)| (number, file.clone())).collect::<Vec<_>>())
            .map(move |(number, file)| self.open(number, file))
            .buffered(FOOTERS);
        opened
            .map_ok(move |opened| stream::iter(self.groups(opened, slice).into_iter().map(Ok)))
            .try_flatten()
            .map_ok(move |group| {
                let (places, slice) = (self.clone(), slice.clone());
                crate::engine::on(
                    &self.encoding.runtime,
                    Arc::default(),
                    async move { places.probe(group, &slice).await },
                )
            })
            .try_buffer_unordered(self.encoding.threads.max(1))
    }

    async fn open(&self, number: usize, file: DataFile) -> Result<Opened> {
        let gone = match file.deletions() {
            Some(deletions) => Some(deletions.rows(self.root.as_ref()).await?),
            None => None,
        };
        let mut reader = self.reader(&file)?;
        let options = ArrowReaderOptions::new();
        let footer = ArrowReaderMetadata::load_async(&mut reader, options).await.map_err(from_parquet)?;
        Ok(Opened { number, file, footer, gone })
    }

    fn reader(&self, file: &DataFile) -> Result<Reader> {
        let file = PartitionedFile::new_from_meta(file.meta.clone());
        let reader = self.readers.create_reader(0, file, Some(FOOTER_HINT), &ExecutionPlanMetricsSet::new());
        Ok(reader.map_err(from_datafusion)?)
    }

    /// The row groups of a file that may have a key of the slice.
    fn groups(&self, opened: Opened, slice: &Slice) -> Vec<Group> {
        let metadata = opened.footer.metadata().clone();
        let groups = metadata.row_groups();
        let leading = self.columns.sought.field(0).name();
        let schema = opened.footer.schema().clone();
        let name = schema.fields().iter().map(|field| field.name()).find(|name| name_key(name) == name_key(leading));
        // A file that is older than the column has nothing but NULL there, which no key is.
        let Some(name) = name else { return Vec::new() };
        let converter = StatisticsConverter::try_new(name, &schema, metadata.file_metadata().schema_descr()).ok();
        let least = converter.as_ref().and_then(|bounds| bounds.row_group_mins(groups).ok());
        let greatest = converter.as_ref().and_then(|bounds| bounds.row_group_maxes(groups).ok());
        let bound = |bounds: &Option<arrow::array::ArrayRef>, index: usize| {
            bounds.as_ref().and_then(|bounds| ScalarValue::try_from_array(bounds, index).ok())
        };
        let opened = Arc::new(opened);
        let mut start = 0;
        let mut touched = Vec::new();
        for (index, group) in groups.iter().enumerate() {
            if slice.touches(bound(&least, index).as_ref(), bound(&greatest, index).as_ref()) {
                touched.push(Group { opened: opened.clone(), index, start });
            }
            start += u64::try_from(group.num_rows()).unwrap_or_default();
        }
        touched
    }

    async fn probe(&self, group: Group, slice: &Slice) -> Result<Found> {
        let columns = &self.columns;
        let mut batches = self.read(&group, &columns.sought, None)?;
        let converter = Converter::new(&columns.sought, batches.schema())?;
        let stored = group.opened.footer.metadata().file_metadata().num_rows();
        let mut found = Found {
            file: group.opened.number,
            kept: Vec::new(),
            replaced: Vec::new(),
            gone: group.opened.gone.clone(),
            stored: u64::try_from(stored).unwrap_or_default(),
            others: None,
        };
        let mut start = group.start;
        while let Some(batch) = batches.try_next().await.map_err(from_parquet)? {
            let batch = converter.convert(&batch)?;
            let keys = columns.keys_there(&batch)?;
            let hits =
                keys.iter().enumerate().filter_map(|(row, key)| slice.find(key.data()).map(|number| (row, number)));
            let hits: Vec<(usize, u32)> = hits
                .filter(|(row, _)| !group.opened.gone.as_ref().is_some_and(|gone| gone.contains(start + *row as u64)))
                .collect();
            if !hits.is_empty() {
                let cursors = columns.has_cursor().then(|| columns.cursors_there(&batch)).transpose()?;
                for (row, number) in hits {
                    let newer = cursors.as_ref().is_none_or(|cursors| slice.beats(number, cursors.row(row).data()));
                    if newer && columns.brings_values() {
                        found.replaced.push((number, start + row as u64));
                    } else {
                        found.kept.push(number);
                    }
                }
            }
            start += batch.num_rows() as u64;
        }
        if !columns.others.fields().is_empty() && !found.replaced.is_empty() {
            found.others = Some(self.others(&group, &found.replaced).await?);
        }
        Ok(found)
    }

    /// The columns that the rows lack, of the rows of one row group that they replace.
    async fn others(&self, group: &Group, replaced: &[(u32, u64)]) -> Result<RecordBatch> {
        let rows = replaced.iter().map(|(_, row)| row - group.start);
        let mut batches = self.read(group, &self.columns.others, Some(only(rows)))?;
        let target = &self.columns.others;
        let nullable = target.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        let target: SchemaRef = Arc::new(Schema::new(nullable.collect::<Vec<_>>()));
        let converter = Converter::new(&target, batches.schema())?;
        let mut read = Vec::new();
        while let Some(batch) = batches.try_next().await.map_err(from_parquet)? {
            read.push(converter.convert(&batch)?);
        }
        let others = arrow::compute::concat_batches(&target, &read).map_err(Error::internal)?;
        if others.num_rows() != replaced.len() {
            return Err(Error::internal("a row group gave other rows than were asked for"));
        }
        Ok(others)
    }

    fn read(
        &self,
        group: &Group,
        wanted: &Schema,
        selection: Option<RowSelection>,
    ) -> Result<ParquetRecordBatchStream<Reader>> {
        let footer = &group.opened.footer;
        let wanted = |name: &str| wanted.fields().iter().any(|field| name_key(field.name()) == name_key(name));
        let roots = footer.schema().fields().iter().enumerate().filter(|(_, field)| wanted(field.name()));
        let mask = ProjectionMask::roots(footer.parquet_schema(), roots.map(|(index, _)| index));
        let mut builder =
            ParquetRecordBatchStreamBuilder::new_with_metadata(self.reader(&group.opened.file)?, footer.clone())
                .with_projection(mask)
                .with_row_groups(vec![group.index])
                .with_batch_size(BATCH_ROWS);
        if let Some(selection) = selection {
            builder = builder.with_row_selection(selection);
        }
        builder.build().map_err(from_parquet)
    }
}

/// Whether any of these files has a row with one of the keys.
pub async fn any_match(places: &Places, files: &[DataFile], spool: &super::Spool) -> Result<bool> {
    let mut slices = spool.slices()?;
    while let Some(rows) = slices.following()? {
        let slice = Arc::new(Slice::new(rows, &places.columns)?);
        let mut found = std::pin::pin!(places.search(files, &slice));
        while let Some(found) = found.try_next().await? {
            if !found.kept.is_empty() || !found.replaced.is_empty() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The selection of these rows, which ascend.
fn only(rows: impl Iterator<Item = u64>) -> RowSelection {
    let mut selectors: Vec<RowSelector> = Vec::new();
    let mut next = 0;
    for row in rows {
        if row > next {
            selectors.push(RowSelector::skip(usize::try_from(row - next).unwrap_or(usize::MAX)));
        }
        selectors.push(RowSelector::select(1));
        next = row + 1;
    }
    RowSelection::from(selectors)
}
