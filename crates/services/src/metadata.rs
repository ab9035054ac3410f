//! The server's own database: users, and which databases there are. One SQLite file in the data directory.

mod connection;
mod migrations;

pub use connection::Metadata;
pub(crate) use connection::{fault, is_taken, read_generation};
