//! The Airsequel API.

mod access;
mod accounts;
mod databases;
mod inside;
mod sql;
mod tables;
