//! The services over a storage and an engine in memory.

mod accounts;
mod databases;
mod file_databases;
mod files;
mod memory;
mod queries;
mod query_log;
mod tables;
