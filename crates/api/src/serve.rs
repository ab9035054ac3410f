//! HTTP connections over TCP.
//!
//! The framework's own server polls a connection again after it failed. Then an answer that broke off half-way gets a
//! proper end and looks whole, and a query whose caller went away runs on. Here a connection that failed is dropped, and
//! with it the socket and the answer's body.

mod gathering;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use poem::endpoint::BoxEndpoint;
use poem::http::uri::Scheme;
use poem::http::{StatusCode, Version, header};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, EndpointExt, IntoResponse, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use self::gathering::Gathering;

/// How long accepting pauses after it failed, as it does where file handles have run out.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a connection may wait for the head of a request, and so how long an idle one stays open.
const HEAD_TIMEOUT: Duration = Duration::from_secs(300);

type Shared = Arc<BoxEndpoint<'static>>;

/// Answers requests on `listener` with `endpoint` until `end`. Then no connection is accepted any more, requests that run
/// have `grace` to finish, and what is left is dropped.
///
/// # Errors
/// Where the listener does not know its own address; never for one connection's sake.
pub async fn serve(
    listener: TcpListener,
    endpoint: impl Endpoint<Output = Response> + 'static,
    end: impl Future<Output = ()>,
    grace: Duration,
) -> io::Result<()> {
    let endpoint: Shared = Arc::new(endpoint.boxed());
    let local = listener.local_addr()?;
    let ending = CancellationToken::new();
    let mut connections = JoinSet::new();
    let mut end = pin!(end);
    loop {
        tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => match accepted {
                Ok((socket, remote)) => {
                    connections.spawn(connection(socket, local, remote, Arc::clone(&endpoint), ending.clone()));
                }
                Err(error) => {
                    // Without a pause a failure that lasts would take a whole core.
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(ended) = connections.join_next() => note(ended),
        }
    }
    drop(listener);
    ending.cancel();
    let all_ended = async {
        while let Some(ended) = connections.join_next().await {
            note(ended);
        }
    };
    if tokio::time::timeout(grace, all_ended).await.is_err() {
        tracing::warn!(connections = connections.len(), "the grace period is over: dropping what still runs");
        connections.shutdown().await;
    }
    Ok(())
}

/// Handlers' panics are caught where they happen; only an answer's body can bring one here.
fn note(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection ended in a panic");
    }
}

/// RFC 9112, section 3.2: without a host, or with two, servers in a chain could take a request for different ones. Older
/// versions need none, and HTTP/2 has its own place for it.
fn names_its_host(request: &hyper::Request<Incoming>) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    request.version() != Version::HTTP_11 || hosts == 1
}

async fn connection(
    socket: TcpStream,
    local: SocketAddr,
    remote: SocketAddr,
    endpoint: Shared,
    ending: CancellationToken,
) {
    // The first lines of an answer are small and must leave at once. Where the option cannot be set the peer has gone.
    let _ = socket.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let endpoint = Arc::clone(&endpoint);
        async move {
            if !names_its_host(&request) {
                let told = "a request names its host once: send one Host header\n";
                return Ok(told.with_status(StatusCode::BAD_REQUEST).into_response().into());
            }
            let from = (request, LocalAddr(local.into()), RemoteAddr(remote.into()), Scheme::HTTP);
            Ok::<hyper::Response<_>, Infallible>(endpoint.get_response(from.into()).await.into())
        }
    });
    let mut protocols = auto::Builder::new(TokioExecutor::new());
    protocols.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let socket = Gathering::new(socket);
    let mut serving = pin!(protocols.serve_connection(TokioIo::new(socket.clone()), service));
    let ended = tokio::select! {
        ended = socket.turns(serving.as_mut()) => ended,
        () = ending.cancelled() => {
            serving.as_mut().graceful_shutdown();
            socket.turns(serving).await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%remote, %error, "a connection broke off");
    }
}
