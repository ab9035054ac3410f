//! The Altertable API.

mod faults;
mod formats;
mod interruption;
mod kill;
mod names;
mod query;
mod statements;
mod upload;
mod upsert;
mod validate;
