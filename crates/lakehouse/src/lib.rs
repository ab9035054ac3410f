//! Delta tables on an object store, and the query engine over them and every other storage.
//!
//! This is the only crate that sees datafusion and deltalake. [`Lakehouse::open`] gives both halves: a
//! [`model::Storage`] whose databases are directories of Delta tables, and a [`model::Engine`] that runs SQL.

mod care;
mod catalog;
mod config;
mod database;
mod engine;
mod fault;
mod local;
mod root;
mod scan;
mod storage;
mod stored;
mod table;
mod upsert;
mod write;

pub use config::{CareConfig, Lakehouse, LakehouseConfig, Leftovers};
