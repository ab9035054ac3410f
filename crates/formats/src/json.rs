//! JSON in: an array of objects, or objects one after the other, decoded in parallel.

mod boundaries;
mod decode;
mod fault;
mod fill;
mod node;
mod reader;
mod record;
mod records;
mod shape;

use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use futures::{StreamExt, TryStreamExt, stream};
use model::{Error, Result, Rows};

use crate::Workers;
use crate::input::{SAMPLE_BYTES, SAMPLE_RECORDS, Source, chunks, readable};
use crate::pipeline::ordered;
use boundaries::RecordEnds;
use fault::Origin;
use shape::Shape;

pub use records::{Checked, JsonRecords, Read, Unfit};

/// Rows of a JSON body; `types` are the columns of the table that they are for. With them every key must be one of
/// the table's columns; without, columns and types come from the first records.
///
/// # Errors
/// Those of the body; `Invalid` for a sample that is malformed or shows no columns.
pub(crate) async fn decode(source: Source, types: Option<SchemaRef>, workers: &Workers) -> Result<Rows> {
    let mut chunks = Box::pin(chunks(source, RecordEnds::default(), 1));
    let mut sample = Vec::new();
    let (schema, origin) = match types {
        Some(types) => {
            let fields = types.fields().iter();
            let fields = fields.map(|field| Field::new(field.name(), readable(field.data_type()), true));
            (Arc::new(Schema::new(fields.collect::<Vec<_>>())), Origin::Table)
        }
        None => {
            let (mut bytes, mut records) = (0, 0);
            while bytes < SAMPLE_BYTES && records < SAMPLE_RECORDS {
                let Some(chunk) = chunks.next().await else { break };
                let chunk = chunk?;
                bytes += chunk.bytes.len();
                records += chunk.ends.len();
                sample.push(chunk);
            }
            let (inferred, looked_at) = workers
                .run(move || {
                    let mut shape = Shape::default();
                    let sampled = shape::sample(&sample, &mut shape)?;
                    Ok::<_, Error>((sample, (shape.schema()?, Origin::Sample { records: sampled })))
                })
                .await??;
            sample = inferred;
            looked_at
        }
    };
    let rest = stream::iter(sample).map(Ok).chain(chunks);
    let wanted = schema.clone();
    let batches = ordered(workers, rest, move |chunk| decode::decode(&chunk, &wanted, origin))
        .map_ok(|batches| stream::iter(batches).map(Ok))
        .try_flatten();
    Ok(Rows::new(schema, batches))
}
