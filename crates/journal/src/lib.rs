//! A durable log of records, in a directory of segments.
//!
//! [`Journal::append`] resolves when the record is on disk; what waits at the same time is written and flushed together.
//! A record is kept until [`Journal::release`] says that it is not needed any more, and a segment until all its records
//! are released. [`Journal::open`] gives every record that was acknowledged and not released, in order.
//!
//! A record that a crash cut short was never acknowledged and is taken off the end without a word. Whatever else cannot
//! be read (a flipped bit, a segment that is gone or too short) is reported as a [`Fault`] and stops nothing: what stands
//! around it is read all the same.

mod frame;
mod journal;
mod manifest;
mod segment;
mod segments;
mod start;
mod writer;

pub use frame::MAX_RECORD_BYTES;
pub use journal::{Journal, Options};
pub use segments::Place;
pub use start::Fault;
