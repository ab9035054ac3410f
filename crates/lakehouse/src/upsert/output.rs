//! What the rows of an upsert become: new rows of the table, in the order of the key.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::{concat_batches, take};
use futures::TryStreamExt;
use model::{Error, Result};
use roaring::RoaringTreemap;

use super::probe::{Found, Places};
use super::slice::Slice;
use super::spool::Spool;
use crate::table::DataFile;
use crate::write::FilesWriter;

/// Rows that are put together at once.
const BATCH_ROWS: usize = 64 << 10;

/// Bytes of columns that the rows lack and the table has, at most: then the rows they belong to are written.
const OTHERS_BYTES: usize = 64 << 20;

/// Rows that wait to be written, at most, and those of a row group more: there are more than a slice has where the table
/// holds a key several times.
const PAIRS: usize = 4 << 20;

/// What an upsert does to the files of a table.
#[derive(Default)]
pub struct Outcome {
    /// The files that lose rows, by their place.
    pub replaced: BTreeMap<usize, Lost>,
    /// Rows that were added.
    pub inserted: u64,
    /// Rows that took the place of others.
    pub updated: u64,
}

/// What one file loses.
pub struct Lost {
    /// The rows that are replaced.
    pub rows: RoaringTreemap,
    /// Those that were gone before.
    pub before: Option<Arc<RoaringTreemap>>,
    /// How many rows the file has, those that are gone included.
    pub stored: u64,
}

/// Finds what the rows replace in `files`, and writes what they become.
///
/// # Errors
/// `Invalid` names a column without a value that must have one.
pub async fn replace(places: &Places, files: &[DataFile], spool: &Spool, writer: &mut FilesWriter) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut slices = spool.slices()?;
    while let Some(rows) = slices.following()? {
        let slice = Arc::new(Slice::new(rows, &places.columns)?);
        let mut merge = Merge { places, slice: &slice, pairs: Vec::new(), others: Vec::new(), bytes: 0 };
        let mut there = vec![false; slice.rows.num_rows()];
        let mut search = pin!(places.search(files, &slice));
        while let Some(found) = search.try_next().await? {
            for number in found.kept.iter().chain(found.replaced.iter().map(|(number, _)| number)) {
                there[*number as usize] = true;
            }
            if !found.replaced.is_empty() {
                let (before, stored) = (found.gone.clone(), found.stored);
                let lost = outcome.replaced.entry(found.file);
                let lost = lost.or_insert_with(|| Lost { rows: RoaringTreemap::new(), before, stored });
                lost.rows.extend(found.replaced.iter().map(|(_, row)| *row));
                outcome.updated += found.replaced.len() as u64;
                merge.add(found);
            }
            if merge.bytes >= OTHERS_BYTES || merge.pairs.len() >= PAIRS {
                merge.write(Vec::new(), writer).await?;
            }
        }
        let new = (0u32..).zip(&there).filter(|(_, there)| !**there).map(|(number, _)| number);
        let new: Vec<u32> = new.collect();
        outcome.inserted += new.len() as u64;
        merge.write(new, writer).await?;
    }
    Ok(outcome)
}

/// The rows of one slice that wait to be written.
struct Merge<'a> {
    places: &'a Places,
    slice: &'a Slice,
    /// Numbers of rows of the slice, one for each row of `others`.
    pairs: Vec<u32>,
    others: Vec<RecordBatch>,
    bytes: usize,
}

impl Merge<'_> {
    fn add(&mut self, found: Found) {
        self.pairs.extend(found.replaced.iter().map(|(number, _)| *number));
        if let Some(others) = found.others {
            self.bytes += others.get_array_memory_size();
            self.others.push(others);
        }
    }

    /// Writes what waits, and `new` rows, which have nothing where the file lacks a column.
    async fn write(&mut self, new: Vec<u32>, writer: &mut FilesWriter) -> Result<()> {
        let columns = &self.places.columns;
        if !new.is_empty()
            && let Some(field) = columns.others.fields().iter().find(|field| !field.is_nullable())
        {
            return Err(Error::invalid(format!(
                "Constraint Error: NOT NULL constraint failed: the file has no column \"{}\", and rows that are new \
                 need a value there",
                field.name()
            )));
        }
        let others = match self.others.first() {
            Some(first) => Some(concat_batches(&first.schema(), &self.others).map_err(Error::internal)?),
            None => None,
        };
        self.others.clear();
        self.bytes = 0;
        let mut all: Vec<(u32, Option<u32>)> =
            std::mem::take(&mut self.pairs).into_iter().zip((0..).map(Some)).collect();
        all.extend(new.into_iter().map(|number| (number, None)));
        all.sort_unstable();
        for part in all.chunks(BATCH_ROWS) {
            writer.push(self.batch(part, others.as_ref())?).await?;
        }
        Ok(())
    }

    fn batch(&self, part: &[(u32, Option<u32>)], others: Option<&RecordBatch>) -> Result<RecordBatch> {
        let columns = &self.places.columns;
        let given: UInt32Array = part.iter().map(|(number, _)| Some(*number)).collect();
        let beside: UInt32Array = part.iter().map(|(_, other)| *other).collect();
        let one = |name: &str, data_type| -> Result<ArrayRef> {
            if let Some(values) = self.slice.rows.column_by_name(name) {
                return take(values, &given, None).map_err(Error::internal);
            }
            match others.and_then(|others| others.column_by_name(name)) {
                Some(values) => take(values, &beside, None).map_err(Error::internal),
                None => Ok(new_null_array(data_type, part.len())),
            }
        };
        let fields = columns.table.fields().iter();
        let values = fields.map(|field| one(field.name(), field.data_type())).collect::<Result<Vec<ArrayRef>>>()?;
        RecordBatch::try_new(columns.table.clone(), values).map_err(Error::internal)
    }
}
