//! The HTTP surface: every product's operations, their documents and the Swagger UI.
//!
//! Handlers open, call a service and convert; what the server does is in `services`. A product keeps its own wire format
//! in its own module. Documents come from the types alone: [`document`] needs no services.

mod altertable;
mod document;
mod guard;
mod json_body;
mod linger;
mod merged;
mod methods;
mod one_of;
mod product;
mod request_id;
mod root;
mod serve;
mod surface;
mod swagger;

pub use document::{Document, document};
pub use product::Product;
pub use request_id::{RequestId, RequestIds};
pub use root::{ApiSettings, endpoint};
pub use serve::serve;
