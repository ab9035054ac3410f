//! What a path answers to the methods that it does not serve.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use poem::endpoint::{BoxEndpoint, make_sync};
use poem::error::ResponseError;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{EndpointExt, IntoEndpoint, Response, RouteMethod};

/// Endpoints of one path by their method.
pub type Methods = HashMap<Method, BoxEndpoint<'static>>;

/// The path is there, the method is not.
#[derive(Clone, Debug)]
pub struct MethodRefused(Arc<str>);

impl MethodRefused {
    /// The methods that the path serves, as the `Allow` header lists them.
    pub fn allow(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("method names and commas are visible ASCII")
    }
}

impl fmt::Display for MethodRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "method not allowed; this path serves {}", self.0)
    }
}

impl std::error::Error for MethodRefused {}

impl ResponseError for MethodRefused {
    fn status(&self) -> StatusCode {
        StatusCode::METHOD_NOT_ALLOWED
    }
}

/// Every method that clients and scanners are known to send; poem refuses the rest without saying what is allowed.
fn known() -> Vec<Method> {
    let query = Method::from_bytes(b"QUERY").expect("QUERY is a token");
    let fixed = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    fixed.into_iter().chain([Method::TRACE, Method::CONNECT, query]).collect()
}

/// Adds what HTTP wants beside the methods that a path serves: `OPTIONS` lists them, `HEAD` goes where `GET` does (poem
/// sees to that), and everything else is 405 with `Allow`.
pub fn complete(methods: &mut Methods) {
    let reads = methods.contains_key(&Method::GET);
    let served = |method: &Method| methods.contains_key(method) || (reads && method == Method::HEAD);
    let (mut allowed, refused): (Vec<Method>, Vec<Method>) =
        known().into_iter().partition(|method| served(method) || method == Method::OPTIONS);
    allowed.sort_by(|left, right| left.as_str().cmp(right.as_str()));
    let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    let refusal = MethodRefused(names.join(", ").into());
    let allow = refusal.allow();
    methods.entry(Method::OPTIONS).or_insert_with(|| {
        let answer =
            move |_| Response::builder().status(StatusCode::NO_CONTENT).header(header::ALLOW, allow.clone()).finish();
        make_sync(answer).boxed()
    });
    for method in refused {
        let refusal = refusal.clone();
        let refuse = move |_| -> poem::Result<Response> { Err(refusal.clone().into()) };
        methods.insert(method, make_sync(refuse).boxed());
    }
}

/// A path outside the documents that serves `GET` (and so `HEAD`) alone.
pub fn only_get<E>(endpoint: E) -> RouteMethod
where
    E: IntoEndpoint,
    E::Endpoint: 'static,
{
    let mut methods = Methods::from([(Method::GET, endpoint.into_endpoint().map_to_response().boxed())]);
    complete(&mut methods);
    methods.into_iter().fold(RouteMethod::new(), |route, (method, endpoint)| route.method(method, endpoint))
}
