//! Taking the address to listen on.

use std::io;
use std::net::SocketAddr;

use model::{Error, Result};
use tokio::net::TcpListener;

/// Listens on `address`; answers the listener and the address that was taken, which differs where the port was 0.
///
/// # Errors
/// `Unavailable` where the address cannot be had.
pub async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let cannot = |source: io::Error| {
        Error::unavailable(format!("cannot listen on {address}: {source}; --listen takes another address"))
    };
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let taken = listener.local_addr().map_err(cannot)?;
    Ok((listener, taken))
}
