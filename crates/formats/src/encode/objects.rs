//! Rows as objects inside a larger JSON text.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use bytes::Bytes;
use futures::stream::{BoxStream, Stream};
use model::Result;

use super::cell::Cells;
use super::text::push_json_string;
use super::{Blobs, pieces};
use crate::Workers;
use crate::pipeline::ordered;

/// Writes rows as JSON objects, a comma before each. Keys keep the order of the columns; of columns with one name the
/// second has `:1` after it, the third `:2`, so that none is lost.
#[derive(Clone, Debug)]
pub struct ObjectWriter {
    /// What goes before each cell: a comma or bracket, its key and a colon.
    separators: Arc<[Vec<u8>]>,
    blobs: Blobs,
}

impl ObjectWriter {
    /// For rows of this schema.
    pub fn new(schema: &Schema, blobs: Blobs) -> Self {
        let mut taken = HashSet::new();
        let separators = schema.fields().iter().enumerate().map(|(position, field)| {
            let mut separator = if position > 0 { b",".to_vec() } else { b",{".to_vec() };
            push_json_string(&mut separator, free_key(&mut taken, field.name()).as_bytes());
            separator.push(b':');
            separator
        });
        Self { separators: separators.collect(), blobs }
    }

    /// Appends every row of a batch.
    ///
    /// # Errors
    /// `Unsupported` for a type that JSON cannot hold.
    pub fn push(&self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<()> {
        let columns = batch.columns().iter().zip(batch.schema_ref().fields());
        let columns = columns.map(|(array, field)| Cells::new(array, field, self.blobs)).collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            for (cells, separator) in columns.iter().zip(self.separators.iter()) {
                out.extend_from_slice(separator);
                cells.push_json(row, out);
            }
            out.extend_from_slice(if columns.is_empty() { b",{}" } else { b"}" });
        }
        Ok(())
    }

    /// The same for many batches, on the workers and in order.
    pub fn stream(
        self,
        batches: impl Stream<Item = Result<RecordBatch>> + Send + 'static,
        workers: &Workers,
    ) -> BoxStream<'static, Result<Bytes>> {
        ordered(workers, pieces(batches), move |batch| {
            let mut out = Vec::new();
            self.push(&batch, &mut out)?;
            Ok(out.into())
        })
    }
}

fn free_key(taken: &mut HashSet<String>, name: &str) -> String {
    let mut key = name.to_owned();
    let mut number = 0;
    while !taken.insert(key.clone()) {
        number += 1;
        key = format!("{name}:{number}");
    }
    key
}
