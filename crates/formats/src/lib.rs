//! Bytes to [`model::Rows`] and rows to bytes: CSV, JSON and Parquet, streamed both ways in bounded memory.
//!
//! What arrives is decompressed and cut where records end, the pieces are decoded in parallel on [`Workers`], and the
//! batches leave in the order of the body. The way out is the same, mirrored: batch by batch, in parallel, in order.

mod cell;
mod csv;
mod encode;
mod input;
mod json;
mod parquet;
mod pipeline;
mod workers;

pub use encode::{Blobs, JsonCells, ObjectWriter, OutputFormat, encode, encode_inserts};
pub use input::{Body, Compression, Decode, InputFormat, decode};
pub use json::{Checked, JsonRecords, Read, Unfit};
pub use workers::Workers;
