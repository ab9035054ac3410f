//! The way in and the way out, through the public interface alone.

mod bodies;
mod compressed;
mod csv;
mod csv_faults;
mod encoded;
mod json;
mod json_faults;
mod parquet;
mod round_trips;
mod streaming;
mod styles;
