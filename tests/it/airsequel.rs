//! The Airsequel API.

mod access;
mod accounts;
