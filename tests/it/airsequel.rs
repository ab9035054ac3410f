//! The Airsequel API.

mod accounts;
mod databases;
