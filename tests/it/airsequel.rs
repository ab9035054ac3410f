//! The Airsequel API.

mod access;
mod accounts;
mod inside;
mod sql;
mod tables;
