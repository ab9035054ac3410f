//! The Altertable API.

mod catalog_functions;
mod comments;
mod faults;
mod formats;
mod interruption;
mod kill;
mod merge;
mod names;
mod query;
mod statements;
mod transactions;
mod upload;
mod validate;
