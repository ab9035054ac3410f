//! Databases that are one SQLite file each, which `sqlite3` opens at any time.
//!
//! A database has one connection that writes and a few that read. Writers queue up and what waits together is committed
//! together ([`writer`]); readers each see one committed state ([`readers`]). Statements of callers run under a [`guard`],
//! which says what they may touch and for how long.

mod bind;
mod bounded;
mod cells;
mod change;
mod columns;
mod config;
mod connection;
mod database;
mod execute;
mod fault;
mod file;
mod guard;
mod linear;
mod notes;
mod nul;
mod open;
mod outlet;
mod quote;
mod readers;
mod scan;
mod spool;
mod storage;
mod words;
mod write;
mod writer;

pub use config::SqliteConfig;
pub use storage::SqliteStorage;
