//! The HTTP surface: every product's operations, their documents and the Swagger UI.
//!
//! Handlers open, call a service and convert; what the server does is in `services`. A product keeps its own wire format
//! in its own module. Documents come from the types alone: [`document`] needs no services.

mod airsequel;
mod altertable;
mod broken_off;
mod client;
mod content_type;
mod cors;
mod count;
mod document;
mod flag;
mod guard;
mod html;
mod json_body;
mod json_text;
mod linger;
mod methods;
mod multipart;
mod name;
mod one_of;
mod parameters;
mod product;
mod query_ids;
mod range;
mod request_id;
mod root;
mod serve;
mod start_page;
mod surface;
mod swagger;
mod text;
mod user_agent;
mod web_file;

pub use cors::CorsOrigins;
pub use document::{Document, document};
pub use product::Product;
pub use request_id::{RequestId, RequestIds};
pub use root::{ApiSettings, endpoint};
pub use serve::serve;
pub use start_page::ServerPath;
