//! The rows of appends, by the reader that they were checked with.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use bytes::Bytes;
use formats::{JsonRecords, Read};
use journal::{Journal, Place};
use model::{Database, Error, ErrorKind, Result, TableName};

use super::lane::Entry;
use super::record;

/// How many rows a batch has at most, unless one body has more.
const BATCH_ROWS: usize = 65_536;

/// What a commit has to know of an append.
pub(super) struct Item {
    pub(super) place: Place,
    added: Arc<[Field]>,
    body: Option<Bytes>,
}

impl Item {
    pub(super) fn of(entry: &Entry) -> Self {
        Self { place: entry.place, added: Arc::clone(&entry.added), body: entry.body.clone() }
    }
}

/// The columns that a table has; none where it is yet to be made.
pub(super) async fn columns(database: &dyn Database, table: &TableName) -> Result<SchemaRef> {
    match database.columns(table).await {
        Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(Arc::new(Schema::empty())),
        other => other,
    }
}

/// Reads appends with the types of a table's columns. Columns that the table has not, or not any more, are added.
///
/// # Errors
/// `Invalid` for rows that do not fit the table as it is now, or cannot be read from the journal.
pub(super) fn read(journal: &Journal, columns: SchemaRef, items: &[Item]) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let bodies = items.iter().map(|item| body(journal, item)).collect::<Result<Vec<_>>>()?;
    let mut reader = JsonRecords::new(columns);
    let added: Vec<Field> = items.iter().flat_map(|item| item.added.iter().cloned()).collect();
    if !added.is_empty() {
        reader.add(&added);
    }
    loop {
        match batches(&mut reader, &bodies)? {
            Ok(batches) => {
                let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
                return Ok((schema, batches));
            }
            Err(lacking) => {
                let mut wider = JsonRecords::new(reader.columns().clone());
                wider.add(&lacking);
                reader = wider;
            }
        }
    }
}

/// All rows, or the columns that a reader of them has to have.
fn batches(reader: &mut JsonRecords, bodies: &[Bytes]) -> Result<Result<Vec<RecordBatch>, Vec<Field>>> {
    let mut batches = Vec::new();
    for body in bodies {
        match reader.read(body) {
            Ok(Read::Rows) if reader.rows() >= BATCH_ROWS => batches.push(reader.batch()?),
            Ok(Read::Rows) => {}
            Ok(Read::Lacks(columns)) => return Ok(Err(columns)),
            Err(unfit) => return Err(Error::invalid(unfit.message())),
        }
    }
    if reader.rows() > 0 {
        batches.push(reader.batch()?);
    }
    Ok(Ok(batches))
}

fn body(journal: &Journal, item: &Item) -> Result<Bytes> {
    if let Some(body) = &item.body {
        return Ok(body.clone());
    }
    let record = journal.read(&item.place).map_err(|cause| {
        Error::invalid(format!("a record of the journal cannot be read any more: {cause}")).with_source(cause)
    })?;
    let start = record.len() - record::parse(&record)?.1.len();
    Ok(Bytes::from(record).slice(start..))
}
