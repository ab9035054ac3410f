//! The text of definitions: SQLite keeps each as it was written, and CHECKs and names of constraints nowhere else.
//!
//! What stands in a file was parsed by SQLite, so that it is enough to know where words, names and brackets are. Nothing
//! is printed anew from a tree: what is not changed stays letter by letter.

mod check;
mod clause;
mod renamed;
mod scan;
mod statements;
mod table;

pub(crate) use check::{columns_of, one_of};
pub(crate) use clause::{Clause, ClauseKind};
pub(crate) use renamed::{renamed_trigger, renamed_view};
pub(crate) use scan::{Kind, Scanned};
pub(crate) use statements::statements;
pub(crate) use table::{WrittenColumn, WrittenTable};
