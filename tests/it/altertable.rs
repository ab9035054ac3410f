//! The Altertable API.

mod append;
mod append_changes;
mod append_kill;
mod append_restart;
mod faults;
mod formats;
mod interruption;
mod kill;
mod names;
mod query;
mod statements;
mod upload;
mod validate;
