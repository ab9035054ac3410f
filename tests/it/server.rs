//! What belongs to no product.

mod auth;
mod commands;
mod demo;
mod documents;
mod first_start;
mod health;
mod limits;
mod shutdown;
