//! One chunk of JSON records to batches.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use model::{Error, Result};

use super::fault::{Origin, Stop};
use super::fill::fill_object;
use super::node::Object;
use super::record;
use crate::input::Chunk;

/// How many rows a batch has at most.
const BATCH_ROWS: usize = 65_536;

/// The rows of a chunk.
///
/// # Errors
/// `Invalid` for the first record that is malformed, has an unknown key or a value that does not fit its column.
pub(super) fn decode(chunk: &Chunk, schema: &SchemaRef, origin: Origin) -> Result<Vec<RecordBatch>> {
    let mut batches = Vec::new();
    let mut root = Object::new(schema.fields());
    record::read(chunk, origin, |reader| {
        fill_object(&mut root, reader)?;
        if root.len() >= BATCH_ROWS {
            batches.push(batch(&mut root, schema).map_err(Stop::Error)?);
        }
        Ok(())
    })?;
    if root.len() > 0 {
        batches.push(batch(&mut root, schema)?);
    }
    Ok(batches)
}

fn batch(root: &mut Object, schema: &SchemaRef) -> Result<RecordBatch> {
    let (_, columns, _) = root.finish().map_err(Error::internal)?.into_parts();
    RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)
}
