//! Airsequel's accounts over HTTP.

mod access;
mod caller;
mod cookies;
mod mail;
mod members;
mod sign_up;
mod teams;
mod tokens;
