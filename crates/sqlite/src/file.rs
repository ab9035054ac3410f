//! What a database that is one file can do beside keeping rows: definitions, edits, cells, scripts, copies.
//!
//! Everything here is a function over one connection; who may use which connection, and when, is the storage's matter.

pub(crate) mod cell;
pub(crate) mod copy;
pub(crate) mod definition;
pub(crate) mod edit;
mod failure;
pub(crate) mod found;
mod limits;
mod names;
pub(crate) mod script;
pub(crate) mod state;
pub(crate) mod swap;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod upload;

pub(crate) use limits::Limits;
