//! What a database that is one file can do beside keeping rows: definitions, edits, cells, scripts, copies.
//!
//! Everything here is a function over one connection, but for [`served`]: which connection, and when, is said there.

mod cell;
mod copy;
mod count;
mod definition;
mod edit;
mod failure;
mod found;
mod limits;
mod names;
mod script;
mod served;
mod state;
pub(crate) mod swap;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod upload;

pub(crate) use definition::definition;
pub(crate) use edit::{edit, redeclare};
pub(crate) use limits::Limits;
