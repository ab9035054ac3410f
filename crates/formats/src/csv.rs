//! CSV in: dialect and types from a sample, then chunks of whole records decoded in parallel.

mod boundaries;
mod decode;
mod dialect;
mod fault;
mod header;
mod line_ends;
mod plan;
mod tokens;

use std::sync::Arc;

use arrow_schema::SchemaRef;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use model::{Result, Rows};

use crate::Workers;
use crate::input::{SAMPLE_BYTES, Source, chunks};
use crate::pipeline::ordered;
use boundaries::RecordEnds;
use plan::Plan;

/// Rows of a CSV body; `types` are the columns of the table that they are for.
///
/// # Errors
/// Those of the body; `Invalid` for a sample that has no header or is not UTF-8.
pub(crate) async fn decode(mut source: Source, types: Option<SchemaRef>, workers: &Workers) -> Result<Rows> {
    let sample = source.peek(SAMPLE_BYTES).await?;
    let plan = workers.run(move || Plan::of(&sample, types.as_ref())).await??;
    skip(&mut source, plan.start).await?;
    let schema = plan.schema.clone();
    let plan = Arc::new(plan);
    let chunks = chunks(source, RecordEnds::new(plan.dialect), plan.line);
    let batches = ordered(workers, chunks, move |chunk| decode::decode(chunk, &plan))
        .map_ok(|batches| stream::iter(batches).map(Ok))
        .try_flatten();
    Ok(Rows::new(schema, batches))
}

/// Drops the first `count` bytes, which were peeked at.
async fn skip(source: &mut Source, count: usize) -> Result<()> {
    if let Some(mut start) = source.next().await? {
        let rest: Bytes = start.split_off(count);
        source.put_back(rest);
    }
    Ok(())
}
