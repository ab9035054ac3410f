//! Requests that are refused before their body was read.
//!
//! Closing at once would break the connection under a client that sends everything before it reads: it would see a reset
//! and not why it was refused. So what is still coming is read and thrown away, within limits, after the answer is out.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use futures::stream::{self, BoxStream, FusedStream, StreamExt};
use poem::http::header;
use poem::{Body, Endpoint, IntoResponse, Middleware, Request, Response, Result};

/// How much is thrown away, at most, and for how long.
const BYTES: usize = 256 * 1024 * 1024;
const TIME: Duration = Duration::from_secs(30);

/// Middleware that reads what its endpoint leaves of a body.
#[derive(Clone, Copy, Debug, Default)]
pub struct Linger;

impl<E: Endpoint> Middleware<E> for Linger {
    type Output = Lingering<E>;

    fn transform(&self, inner: E) -> Lingering<E> {
        Lingering { inner }
    }
}

/// An endpoint that may leave bodies unread.
#[derive(Debug)]
pub struct Lingering<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for Lingering<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let body = request.take_body();
        // A client that expects to be told to go on has sent nothing yet.
        if body.is_empty() || request.headers().contains_key(header::EXPECT) {
            request.set_body(body);
            return self.inner.call(request).await.map(IntoResponse::into_response);
        }
        let shared = Shared::new(body);
        request.set_body(Body::from_bytes_stream(shared.stream()));
        let answer = self.inner.call(request).await;
        if !shared.is_read() {
            tokio::spawn(tokio::time::timeout(TIME, throw_away(shared)));
        }
        answer.map(IntoResponse::into_response)
    }
}

/// A body that its reader and the one who throws the rest away both hold.
#[derive(Clone)]
struct Shared(Arc<Mutex<stream::Fuse<BoxStream<'static, io::Result<Bytes>>>>>);

impl Shared {
    fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(body.into_bytes_stream().boxed().fuse())))
    }

    fn stream(&self) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        let body = Arc::clone(&self.0);
        stream::poll_fn(move |context| body.lock().expect("reading a body does not panic").poll_next_unpin(context))
    }

    fn is_read(&self) -> bool {
        self.0.lock().expect("reading a body does not panic").is_terminated()
    }
}

async fn throw_away(shared: Shared) {
    let mut rest = shared.stream().boxed();
    let mut left = BYTES;
    while let Some(Ok(chunk)) = rest.next().await {
        match left.checked_sub(chunk.len()) {
            Some(less) => left = less,
            None => return,
        }
    }
}
