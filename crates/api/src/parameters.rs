//! What callers are told of parameters: which one, where it belongs and what it takes, as the document has it.
//!
//! The framework names a parameter in terms of its own types, reads the first of two, and puts a replacement character in
//! place of bytes that are no UTF-8. Here all three are refused.

mod query_string;
mod wanted;

use std::collections::HashMap;
use std::fmt;

use poem::endpoint::BoxEndpoint;
use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::{Endpoint, EndpointExt, Request, Response, Result};
use poem_openapi::OperationId;
use poem_openapi::error::{ParseParamError, ParsePathError};
use poem_openapi::registry::{MetaOperation, MetaOperationParam, MetaParamIn, MetaPath};

use crate::methods::Methods;
use wanted::Wanted;

/// A parameter that cannot be read, in words for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterRefused(String);

impl fmt::Display for ParameterRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParameterRefused {}

impl ResponseError for ParameterRefused {
    fn status(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }
}

/// Puts a [`Watched`] around every documented operation.
pub fn watch(table: &mut HashMap<String, Methods>, paths: Vec<MetaPath>) {
    for path in paths {
        let (route, in_path) = routed(&path.path);
        let methods = table.get_mut(&route).expect("what is documented has a route");
        for operation in path.operations {
            let inner = methods.remove(&operation.method).expect("what is documented has a method");
            let method = operation.method.clone();
            methods.insert(method, Watched::new(inner, operation, in_path.clone()).boxed());
        }
    }
}

/// The route of a path of the document, and the names of the parameters in it. The framework gives those in the route
/// names of its own, `param0` and so on, and those are in its messages, too.
fn routed(path: &str) -> (String, Vec<String>) {
    let mut names = Vec::new();
    let segments =
        path.split('/').map(|segment| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            None => segment.to_owned(),
            Some(name) => {
                names.push(name.to_owned());
                format!(":param{}", names.len() - 1)
            }
        });
    let route = segments.collect::<Vec<_>>().join("/");
    (route, names)
}

/// Where the caller was found to be who it says: only now may it learn what is wrong with the rest of the request.
///
/// # Errors
/// A fault of the query string that was found before.
pub fn sound(request: &Request) -> Result<()> {
    request.data::<ParameterRefused>().map_or(Ok(()), |fault| Err(fault.clone().into()))
}

/// An operation whose parameters are looked at before and explained after.
struct Watched {
    inner: BoxEndpoint<'static>,
    parameters: Vec<Parameter>,
    in_path: Vec<String>,
    secured: bool,
}

struct Parameter {
    name: String,
    place: Place,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Query,
    Header,
    Path,
    Cookie,
}

impl Watched {
    fn new(inner: BoxEndpoint<'static>, operation: MetaOperation, in_path: Vec<String>) -> Self {
        let secured = !operation.security.is_empty();
        Self { inner, parameters: operation.params.into_iter().map(Parameter::new).collect(), in_path, secured }
    }

    fn explained(&self, error: poem::Error) -> poem::Error {
        let (name, reason) = if let Some(fault) = error.downcast_ref::<ParseParamError>() {
            (fault.name, &fault.reason)
        } else if let Some(fault) = error.downcast_ref::<ParsePathError>() {
            (fault.name, &fault.reason)
        } else {
            return error;
        };
        let position = name.strip_prefix("param").and_then(|number| number.parse::<usize>().ok());
        let in_path = position.and_then(|position| self.in_path.get(position));
        let name = in_path.map_or(name, String::as_str);
        let Some(parameter) = self.parameters.iter().find(|parameter| parameter.name == name) else {
            return error;
        };
        let mut explained = poem::Error::from(ParameterRefused(parameter.told(reason)));
        if let Some(operation) = error.data::<OperationId>() {
            explained.set_data(*operation);
        }
        explained
    }
}

impl Endpoint for Watched {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let single = self.parameters.iter().filter(|found| found.place == Place::Query && !found.wanted.repeats());
        match query_string::fault(request.uri().query().unwrap_or_default(), single.map(|found| found.name.as_str())) {
            None => {}
            // Who calls is looked at first: the extractor that does so asks for this.
            Some(fault) if self.secured => _ = request.set_data(ParameterRefused(fault)),
            Some(fault) => return Err(ParameterRefused(fault).into()),
        }
        self.inner.call(request).await.map_err(|error| self.explained(error))
    }
}

impl Parameter {
    fn new(parameter: MetaOperationParam) -> Self {
        let place = match parameter.in_type {
            MetaParamIn::Query => Place::Query,
            MetaParamIn::Header => Place::Header,
            MetaParamIn::Path => Place::Path,
            MetaParamIn::Cookie | MetaParamIn::CookiePrivate | MetaParamIn::CookieSigned => Place::Cookie,
        };
        Self { name: parameter.name, place, wanted: Wanted::new(&parameter.schema) }
    }

    /// What is said where the framework gave `reason`.
    fn told(&self, reason: &str) -> String {
        let Self { name, place, wanted } = self;
        if reason.ends_with("expects an input value.") {
            let advice = match place {
                Place::Query => format!("add {name}=… to the URL"),
                Place::Header | Place::Cookie => "send it".to_owned(),
                Place::Path => "put it into the URL".to_owned(),
            };
            return format!("the {place} `{name}` is missing; {advice}");
        }
        if reason.ends_with("minLength(1)") {
            let advice = match place {
                Place::Query => format!("give it a value: {name}=…"),
                Place::Header | Place::Path | Place::Cookie => "give it a value".to_owned(),
            };
            return format!("the {place} `{name}` is empty; {advice}");
        }
        match wanted.advice() {
            Some(advice) => format!("the {place} `{name}` cannot be read; it takes {advice}"),
            None => format!("the {place} `{name}` cannot be read: {}", plain(reason)),
        }
    }
}

/// The reason without the name of a type of ours, which callers do not know.
fn plain(reason: &str) -> &str {
    let after_type = reason.strip_prefix("failed to parse \"").and_then(|rest| rest.split_once("\": "));
    after_type.map_or(reason, |(_, rest)| rest)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Query => "query parameter",
            Self::Header => "header",
            Self::Path => "path parameter",
            Self::Cookie => "cookie",
        })
    }
}

#[cfg(test)]
mod tests;
