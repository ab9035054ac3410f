//! What HTTP asks of every operation, held by reading the committed documents: a new operation or product is tried without
//! an edit here.

mod bodies;
mod connections;
mod content_types;
mod credentials;
mod cross_origin;
mod document;
mod methods;
mod own_paths;
mod paths;
mod queries;
mod schema;
mod site;
mod verdict;
mod wire;
