//! A snapshot whose rows say where they are: in which file, at which place in it.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{ScalarValue, Statistics, project_schema};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::table_schema::TableSchemaBuilder;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TableProviderFilterPushDown,
    TableType, Volatility, ident,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStore;
use parquet::arrow::RowNumber;
use roaring::RoaringTreemap;

use super::{VECTORS, kept, merged, partitioned, read_files};
use crate::root::Root;
use crate::table::{DataFile, Snapshot};

/// The column that says the position of a row's file in the snapshot.
pub const FILE: &str = "__boathouse_file";

/// The column that says the place of a row in its file.
pub const ROW: &str = "__boathouse_row";

/// Places of rows in the files of a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Places(BTreeMap<i32, RoaringTreemap>);

impl Places {
    /// Adds a row; `false` where it was there.
    pub fn add(&mut self, file: i32, row: i64) -> bool {
        self.0.entry(file).or_default().insert(row.unsigned_abs())
    }

    /// How many rows.
    pub fn len(&self) -> u64 {
        self.0.values().map(RoaringTreemap::len).sum()
    }

    /// The positions of the files that have one of the rows.
    pub fn files(&self) -> Vec<usize> {
        self.0.keys().filter_map(|file| usize::try_from(*file).ok()).collect()
    }

    fn has(&self, file: i32, row: i64) -> bool {
        self.0.get(&file).is_some_and(|rows| rows.contains(row.unsigned_abs()))
    }

    /// The condition that a row of a [`Positioned`] table is none of these.
    pub fn others(self: Arc<Self>) -> Expr {
        let function = ScalarUDF::from(Others { places: self, signature: Signature::any(2, Volatility::Immutable) });
        function.call(vec![ident(FILE), ident(ROW)])
    }
}

/// A snapshot, or some of its files, with the columns [`FILE`] and [`ROW`] after its own.
#[derive(Debug)]
pub struct Positioned {
    snapshot: Arc<Snapshot>,
    only: Option<Vec<usize>>,
    schema: SchemaRef,
}

impl Positioned {
    /// All of a snapshot.
    pub fn new(snapshot: Arc<Snapshot>) -> Self {
        let mut fields: Vec<Arc<Field>> = snapshot.read_schema.fields().to_vec();
        fields.extend([file_field(), row_field()]);
        Self { snapshot, only: None, schema: Arc::new(Schema::new(fields)) }
    }

    /// The files of a snapshot at these positions.
    pub fn of_files(snapshot: Arc<Snapshot>, positions: Vec<usize>) -> Self {
        Self { only: Some(positions), ..Self::new(snapshot) }
    }

    fn files(&self) -> Vec<(usize, &DataFile)> {
        let all = self.snapshot.files.iter().enumerate();
        match &self.only {
            Some(positions) => all.filter(|(position, _)| positions.contains(position)).collect(),
            None => all.collect(),
        }
    }

    fn known(&self, files: &[(usize, &DataFile)]) -> Result<Statistics> {
        let files: Vec<&DataFile> = files.iter().map(|(_, file)| *file).collect();
        let own = merged(&files, &self.snapshot.read_schema)?;
        let mut all = Statistics::new_unknown(&self.schema);
        (all.num_rows, all.total_byte_size) = (own.num_rows, own.total_byte_size);
        for (column, known) in all.column_statistics.iter_mut().zip(own.column_statistics) {
            *column = known;
        }
        Ok(all)
    }
}

fn file_field() -> Arc<Field> {
    Arc::new(Field::new(FILE, DataType::Int32, false))
}

fn row_field() -> Arc<Field> {
    Arc::new(Field::new(ROW, DataType::Int64, false).with_extension_type(RowNumber))
}

#[async_trait]
impl TableProvider for Positioned {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        self.known(&self.files()).ok()
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut files = self.files();
        let plain: Vec<&DataFile> = files.iter().map(|(_, file)| *file).collect();
        let mut keep = kept(state, filters, &plain, &self.snapshot.read_schema)?.into_iter();
        files.retain(|_| keep.next().unwrap_or(true));
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.schema, projection)?)));
        }
        let store = state.runtime_env().object_store(Root::engine_url())?;
        let known = self.known(&files)?;
        let numbered: Vec<(usize, DataFile)> =
            files.iter().map(|(position, file)| (*position, (*file).clone())).collect();
        let partitioned: Vec<PartitionedFile> = stream::iter(numbered)
            .map(|(position, file)| positioned(position, file, store.clone()))
            .buffered(VECTORS)
            .try_collect()
            .await?;
        let schema = TableSchemaBuilder::new(self.snapshot.read_schema.clone())
            .with_table_partition_cols(vec![file_field()])
            .with_virtual_columns(vec![row_field()])
            .build();
        read_files(state, partitioned, schema, known, projection, limit)
    }
}

/// A file as the engine reads it, with its position in the snapshot. Statistics of its own would lack the columns that are
/// added here.
async fn positioned(position: usize, file: DataFile, store: Arc<dyn ObjectStore>) -> Result<PartitionedFile> {
    let mut read = partitioned(file, store).await?;
    read.statistics = None;
    let position = i32::try_from(position).unwrap_or(i32::MAX);
    Ok(read.with_partition_values(vec![ScalarValue::Int32(Some(position))]))
}

/// The columns [`FILE`] and [`ROW`] of a row, where it has them: the first two of a batch.
pub fn place(batch: &RecordBatch, row: usize) -> Option<(i32, i64)> {
    let (files, rows) = (batch.column(0).as_primitive::<Int32Type>(), batch.column(1).as_primitive::<Int64Type>());
    (files.is_valid(row) && rows.is_valid(row)).then(|| (files.value(row), rows.value(row)))
}

/// The function behind [`Places::others`].
#[derive(Debug)]
struct Others {
    places: Arc<Places>,
    signature: Signature,
}

impl PartialEq for Others {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.places, &other.places)
    }
}

impl Eq for Others {}

impl Hash for Others {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.places).hash(state);
    }
}

impl ScalarUDFImpl for Others {
    fn name(&self) -> &'static str {
        "row_stays"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let (files, rows) = (arrays[0].as_primitive::<Int32Type>(), arrays[1].as_primitive::<Int64Type>());
        let stays = files.values().iter().zip(rows.values()).map(|(file, row)| !self.places.has(*file, *row));
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::from(stays.collect::<Vec<bool>>()))))
    }
}
