//! The API as it is served and documented: the macro's output, corrected where it differs from what the parser does.

use std::collections::HashMap;
use std::marker::PhantomData;

use poem::endpoint::BoxEndpoint;
use poem::http::{Method, StatusCode};
use poem_openapi::OpenApi;
use poem_openapi::registry::{
    MetaApi, MetaHeader, MetaOperation, MetaPath, MetaResponse, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;

use crate::{methods, parameters, request_id};

/// Corrects `T`: paths that several `impl`s share are merged, every answer is described and names the request id header,
/// an optional property may be null, an unsigned number has a minimum, and every path answers every method.
pub struct Surface<T>(pub T);

impl<T: OpenApi> OpenApi for Surface<T> {
    fn meta() -> Vec<MetaApi> {
        let mut paths: Vec<MetaPath> = Vec::new();
        for path in T::meta().into_iter().flat_map(|api| api.paths) {
            match paths.iter_mut().find(|known| known.path == path.path) {
                Some(known) => known.operations.extend(path.operations),
                None => paths.push(path),
            }
        }
        paths.iter_mut().flat_map(|path| &mut path.operations).for_each(correct_operation);
        vec![MetaApi { paths }]
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        registry.schemas.values_mut().for_each(correct_schema);
    }

    fn add_routes(self, table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(table);
        parameters::watch(table, Self::meta().into_iter().flat_map(|api| api.paths).collect());
        table.values_mut().for_each(methods::complete);
    }
}

/// `T` as a document knows it: without a value, so without services.
pub struct SpecOnly<T>(PhantomData<fn() -> T>);

impl<T> SpecOnly<T> {
    /// The document's side of `T`.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: OpenApi> OpenApi for SpecOnly<T> {
    fn meta() -> Vec<MetaApi> {
        T::meta()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    /// Nothing: there is no value to call.
    fn add_routes(self, _table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

fn correct_operation(operation: &mut MetaOperation) {
    operation.params.iter_mut().for_each(|parameter| correct_reference(&mut parameter.schema));
    if let Some(request) = &mut operation.request {
        request.content.iter_mut().for_each(|media| correct_reference(&mut media.schema));
    }
    let responses = std::mem::take(&mut operation.responses.responses);
    operation.responses.responses = one_a_status(responses);
    operation.responses.responses.iter_mut().for_each(correct_response);
}

/// The document is a map by status, in which a second entry would hide the first.
fn one_a_status(responses: Vec<MetaResponse>) -> Vec<MetaResponse> {
    let mut merged: Vec<MetaResponse> = Vec::new();
    for response in responses {
        let same =
            |known: &&mut MetaResponse| known.status == response.status && known.status_range == response.status_range;
        match merged.iter_mut().find(same) {
            Some(known) => {
                let new = |media: &poem_openapi::registry::MetaMediaType| {
                    known.content.iter().all(|other| other.content_type != media.content_type)
                };
                let content: Vec<_> = response.content.into_iter().filter(new).collect();
                known.content.extend(content);
                known.headers.extend(response.headers);
            }
            None => merged.push(response),
        }
    }
    merged
}

fn correct_response(response: &mut MetaResponse) {
    if response.description.is_empty() {
        let status = response.status.and_then(|status| StatusCode::from_u16(status).ok());
        response.description = status.and_then(|status| status.canonical_reason()).unwrap_or("An answer");
    }
    response.content.iter_mut().for_each(|media| correct_reference(&mut media.schema));
    response.headers.push(MetaHeader {
        name: request_id::HEADER.to_owned(),
        description: Some("What this request is called in the server's log.".to_owned()),
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    });
}

fn correct_reference(schema: &mut MetaSchemaRef) {
    if let MetaSchemaRef::Inline(schema) = schema {
        correct_schema(schema);
    }
}

fn correct_schema(schema: &mut MetaSchema) {
    if schema.format.is_some_and(|format| format.starts_with("uint")) && schema.minimum.is_none() {
        schema.minimum = Some(0.0);
    }
    for (name, property) in &mut schema.properties {
        correct_reference(property);
        if !schema.required.contains(name) {
            make_nullable(property);
        }
    }
    let below = schema.items.iter_mut().chain(&mut schema.additional_properties).map(AsMut::as_mut);
    let sides = schema.any_of.iter_mut().chain(&mut schema.one_of).chain(&mut schema.all_of);
    below.chain(sides).for_each(correct_reference);
}

/// The parser takes null for absent, so the document must allow it.
fn make_nullable(schema: &mut MetaSchemaRef) {
    match schema {
        MetaSchemaRef::Inline(schema) => {
            schema.nullable = true;
            // A list of words rules out what it does not name, null included.
            if !schema.enum_items.is_empty() {
                schema.enum_items.push(serde_json::Value::Null);
            }
        }
        MetaSchemaRef::Reference(_) => {
            let nullable = MetaSchema { all_of: vec![schema.clone()], nullable: true, ..MetaSchema::ANY };
            *schema = MetaSchemaRef::Inline(Box::new(nullable));
        }
    }
}
