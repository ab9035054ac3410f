//! The Airsequel API.

mod accounts;
