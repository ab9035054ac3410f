//! JSON that was written by hand, documented as a type.

use std::marker::PhantomData;

use poem::{Body, IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};

/// A text that reads as a `T`: for answers that would be large as trees of values.
pub struct JsonText<T> {
    text: Vec<u8>,
    reads_as: PhantomData<fn() -> T>,
}

impl<T> JsonText<T> {
    /// This text.
    pub fn new(text: Vec<u8>) -> Self {
        Self { text, reads_as: PhantomData }
    }
}

impl<T: ToJSON> IntoResponse for JsonText<T> {
    fn into_response(self) -> Response {
        Response::builder().content_type(<Json<T> as Payload>::CONTENT_TYPE).body(Body::from(self.text))
    }
}

impl<T: Type + ToJSON> ApiResponse for JsonText<T> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: <Json<T> as Payload>::CONTENT_TYPE, schema: T::schema_ref() }];
        let answer =
            MetaResponse { description: "", status: Some(200), status_range: None, content, headers: Vec::new() };
        MetaResponses { responses: vec![answer] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
