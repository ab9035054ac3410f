//! The Altertable API.

mod autocomplete;
mod cancel;
mod explain;
mod faults;
mod formats;
mod interruption;
mod kill;
mod names;
mod query;
mod query_log;
mod statements;
mod upload;
mod validate;
