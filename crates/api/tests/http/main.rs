//! The surface over real services, with an engine and a storage that live in memory. No socket: requests go straight to
//! the endpoint.

mod accounts;
mod apps;
mod auth;
mod charts;
mod connections;
mod databases;
mod documentation;
mod engine;
mod query;
mod query_ids;
mod served;
mod server;
mod settings;
mod shop;
mod sql;
mod start_page;
mod storage;
mod swagger_ui;
mod tables;
mod upload;
mod validate;
