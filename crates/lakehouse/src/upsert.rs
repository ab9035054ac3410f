//! Upserts: rows that take the place of those with the same key, and join the table where there is none.
//!
//! The rows are converted, sorted by key and rid of duplicates first, spilling where they do not fit into memory
//! (`incoming`), and kept in a scratch file (`spool`). Then they are walked in slices of bounded size: for each, the
//! files and row groups that may hold one of its keys are read, keys only, and matched by a hash table (`slice`,
//! `probe`). What the rows become goes into new files, in the order of the key (`output`); where the old rows are, goes
//! to the caller, who makes one commit of both.

mod columns;
mod incoming;
mod output;
mod probe;
mod slice;
mod spool;

pub use columns::Columns;
pub use incoming::sorted;
pub use output::{Outcome, replace};
pub use probe::{Places, any_match};
pub use spool::Spool;
