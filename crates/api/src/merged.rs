//! The union of every product's API, for one document: component and tag names carry the product's name.

use std::collections::HashMap;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem_openapi::OpenApi;
use poem_openapi::registry::{MetaApi, MetaOperation, MetaPath, MetaSchema, MetaSchemaRef, MetaTag, Registry};

use crate::altertable::Altertable;
use crate::product::Product;
use crate::surface::Surface;

/// Every product's operations. Documents only: it serves nothing, each product is mounted by itself.
pub struct Merged;

impl OpenApi for Merged {
    fn meta() -> Vec<MetaApi> {
        let apis = Product::ALL.iter().flat_map(|&product| {
            let mut apis = meta(product);
            let operations =
                apis.iter_mut().flat_map(|api| &mut api.paths).flat_map(|path: &mut MetaPath| &mut path.operations);
            operations.for_each(|operation| rename_operation(product, operation));
            apis
        });
        apis.collect()
    }

    fn register(merged: &mut Registry) {
        for &product in Product::ALL {
            let mut own = Registry::new();
            register(product, &mut own);
            for (name, mut schema) in own.schemas {
                rename_schema(product, &mut schema);
                merged.schemas.insert(component(product, &name), schema);
            }
            for (name, scheme) in own.security_schemes {
                merged.security_schemes.insert(leaked(component(product, name)), scheme);
            }
            for found in own.tags {
                merged.tags.insert(MetaTag { name: tag(product, found.name), ..found });
            }
        }
    }

    fn add_routes(self, _table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

fn meta(product: Product) -> Vec<MetaApi> {
    match product {
        Product::Altertable => Surface::<Altertable>::meta(),
    }
}

fn register(product: Product, registry: &mut Registry) {
    match product {
        Product::Altertable => Surface::<Altertable>::register(registry),
    }
}

fn component(product: Product, name: &str) -> String {
    format!("{}{name}", product.title())
}

fn tag(product: Product, name: &str) -> &'static str {
    leaked(format!("{}: {name}", product.title()))
}

/// The registry wants names that live for ever. There are a few dozen, and the merged document is made once a process.
fn leaked(name: String) -> &'static str {
    Box::leak(name.into_boxed_str())
}

fn rename_operation(product: Product, operation: &mut MetaOperation) {
    operation.tags.iter_mut().for_each(|name| *name = tag(product, name));
    for requirement in &mut operation.security {
        let renamed = requirement.drain().map(|(name, scopes)| (leaked(component(product, name)), scopes)).collect();
        *requirement = renamed;
    }
    operation.params.iter_mut().for_each(|parameter| rename_reference(product, &mut parameter.schema));
    let requests = operation.request.iter_mut().flat_map(|request| &mut request.content);
    let responses = operation.responses.responses.iter_mut();
    for response in responses {
        response.content.iter_mut().for_each(|media| rename_reference(product, &mut media.schema));
        response.headers.iter_mut().for_each(|header| rename_reference(product, &mut header.schema));
    }
    requests.for_each(|media| rename_reference(product, &mut media.schema));
}

fn rename_reference(product: Product, schema: &mut MetaSchemaRef) {
    match schema {
        MetaSchemaRef::Inline(schema) => rename_schema(product, schema),
        MetaSchemaRef::Reference(name) => *name = component(product, name),
    }
}

fn rename_schema(product: Product, schema: &mut MetaSchema) {
    let properties = schema.properties.iter_mut().map(|(_, property)| property);
    let below = schema.items.iter_mut().chain(&mut schema.additional_properties).map(AsMut::as_mut);
    let sides = schema.any_of.iter_mut().chain(&mut schema.one_of).chain(&mut schema.all_of);
    properties.chain(below).chain(sides).for_each(|schema| rename_reference(product, schema));
    const SCHEMAS: &str = "#/components/schemas/";
    for (_, target) in schema.discriminator.iter_mut().flat_map(|discriminator| &mut discriminator.mapping) {
        if let Some(name) = target.strip_prefix(SCHEMAS) {
            *target = format!("{SCHEMAS}{}", component(product, name));
        }
    }
}
