//! The Altertable API.

mod autocomplete;
mod cancel;
mod care_kill;
mod catalog_functions;
mod comments;
mod explain;
mod faults;
mod formats;
mod interruption;
mod kill;
mod merge;
mod names;
mod query;
mod query_log;
mod statements;
mod table_care;
mod time_travel;
mod transactions;
mod upload;
mod upsert;
mod vacuum;
mod validate;
