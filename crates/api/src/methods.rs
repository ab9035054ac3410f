//! What a path answers to the methods that it does not serve, and to `HEAD`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use hyper::body::Body as _;
use poem::endpoint::{BoxEndpoint, make_sync};
use poem::error::ResponseError;
use poem::http::{HeaderValue, Method, StatusCode, Uri, header};
use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response, RouteMethod};

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

/// Every method that a path may serve, and one that stands for all others.
fn known() -> [Method; 10] {
    let served = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let [get, head, post, put, patch, delete, options] = served;
    [get, head, post, put, patch, delete, options, Method::TRACE, Method::CONNECT, other()]
}

/// What stands for the methods that no path serves: routes are made for methods that are known beforehand.
fn other() -> Method {
    Method::from_bytes(b"-").expect("a dash is a token")
}

/// Gives a request of an unknown method the one that stands for all of them, which every path refuses with its `Allow`,
/// and takes a question about the whole server for one about its first page.
pub async fn settle(mut request: Request) -> poem::Result<Request> {
    if request.method() == Method::OPTIONS && request.uri().path() == "*" {
        *request.uri_mut() = Uri::from_static("/");
    }
    if !known().contains(request.method()) {
        request.set_method(other());
    }
    Ok(request)
}

/// Adds what HTTP wants beside the methods that a path serves: `OPTIONS` lists them, `HEAD` goes where `GET` does, and
/// everything else is 405 with `Allow`.
pub fn complete(methods: &mut Methods) {
    if let Some(get) = methods.remove(&Method::GET) {
        let get = Arc::new(get);
        methods.entry(Method::HEAD).or_insert_with(|| Head(Arc::clone(&get)).boxed());
        methods.insert(Method::GET, get.boxed());
    }
    let served = |method: &Method| methods.contains_key(method);
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

/// `HEAD` of a path: what `GET` would answer, without the body and with its length where that is known.
struct Head(Arc<BoxEndpoint<'static>>);

impl Endpoint for Head {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        request.set_method(Method::GET);
        let mut response = self.0.call(request).await?;
        let body: hyper::Response<_> = Response::builder().body(response.take_body()).into();
        if let Some(length) = body.body().size_hint().exact() {
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
        Ok(response)
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
