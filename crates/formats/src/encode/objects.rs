//! Rows as objects inside a larger JSON text.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use bytes::Bytes;
use futures::stream::{BoxStream, Stream};
use model::{Datum, Few, Result};

use super::cell::Cells;
use super::number::{push_double, push_integer};
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
        Self { separators: separators(schema.fields().iter().map(|field| field.name().as_str())).into(), blobs }
    }

    /// Appends few rows, in the same words.
    pub fn push_few(few: &Few, blobs: Blobs, out: &mut Vec<u8>) {
        let separators = separators(few.columns().iter().map(String::as_str));
        for row in few.rows() {
            for (cell, separator) in row.iter().zip(&separators) {
                out.extend_from_slice(separator);
                push_datum(cell, blobs, out);
            }
            out.push(b'}');
        }
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

/// What goes before the cells of columns with these names.
fn separators<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Vec<u8>> {
    let mut keys = Keys::default();
    let separators = names.enumerate().map(|(position, name)| {
        let key = keys.free(name);
        let mut separator = Vec::with_capacity(key.len() + 5);
        separator.extend_from_slice(if position > 0 { b"," } else { b",{" });
        push_json_string(&mut separator, key.as_bytes());
        separator.push(b':');
        separator
    });
    separators.collect()
}

/// The keys that are taken, and how often a name was.
#[derive(Default)]
struct Keys<'a> {
    taken: HashSet<Cow<'a, str>>,
    repeated: HashMap<&'a str, usize>,
}

impl<'a> Keys<'a> {
    fn free(&mut self, name: &'a str) -> Cow<'a, str> {
        let mut key = Cow::Borrowed(name);
        while !self.taken.insert(key.clone()) {
            let number = self.repeated.entry(name).or_default();
            *number += 1;
            key = format!("{name}:{number}").into();
        }
        key
    }
}

fn push_datum(cell: &Datum, blobs: Blobs, out: &mut Vec<u8>) {
    match cell {
        Datum::Integer(value) => push_integer(out, *value),
        Datum::Real(value) if value.is_finite() => push_double(out, *value),
        Datum::Text(text) => push_json_string(out, text.as_bytes()),
        Datum::Blob(bytes) => blobs.push_json(out, bytes),
        // JSON has no word for what is not finite.
        Datum::Null | Datum::Real(_) => out.extend_from_slice(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn a_cell() -> impl Strategy<Value = Datum> {
        prop_oneof![
            Just(Datum::Null),
            any::<i64>().prop_map(Datum::Integer),
            any::<f64>().prop_map(Datum::Real),
            ".*".prop_map(Datum::Text),
            any::<Vec<u8>>().prop_map(Datum::Blob),
        ]
    }

    proptest! {
        #[test]
        fn few_rows_are_written_as_many_are(
            (names, cells) in prop::collection::vec("[ab]|a:1|b:2", 1..6).prop_flat_map(|names| {
                let cells = prop::collection::vec(prop::collection::vec(a_cell(), names.len()), 0..5);
                (Just(names), cells)
            }),
            blobs in prop::sample::select(vec![Blobs::Hex, Blobs::Base64, Blobs::Named]),
        ) {
            let mut few = Few::new(names);
            cells.into_iter().flatten().for_each(|cell| few.push(cell));
            let (mut by_row, mut by_column) = (Vec::new(), Vec::new());
            ObjectWriter::push_few(&few, blobs, &mut by_row);
            let batch = few.to_batch();
            ObjectWriter::new(batch.schema_ref(), blobs).push(&batch, &mut by_column).unwrap();
            prop_assert_eq!(String::from_utf8(by_row), String::from_utf8(by_column));
        }
    }
}
