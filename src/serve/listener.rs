//! The TCP listener, with what the framework's own does not do.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use model::{Error, Result};
use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::net::TcpListener;
use tokio::time::sleep;
use tracing::warn;

use super::connection::Connection;

/// How long no connection is accepted after accepting failed, as it does where file handles have run out.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens on one address.
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// # Errors
    /// `Unavailable` where the address cannot be had.
    pub async fn bind(address: SocketAddr) -> Result<Self> {
        let cannot = |source: io::Error| {
            Error::unavailable(format!("cannot listen on {address}: {source}; --listen takes another address"))
        };
        let listener = TcpListener::bind(address).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Acceptor for Listener {
    type Io = Connection;

    fn local_addr(&self) -> Vec<LocalAddr> {
        vec![LocalAddr(self.address.into())]
    }

    async fn accept(&mut self) -> io::Result<(Connection, LocalAddr, RemoteAddr, Scheme)> {
        match self.listener.accept().await {
            Ok((stream, remote)) => {
                // The first lines of an answer are small and must leave at once.
                stream.set_nodelay(true)?;
                Ok((Connection::new(stream), LocalAddr(self.address.into()), RemoteAddr(remote.into()), Scheme::HTTP))
            }
            Err(error) => {
                // The caller tries again at once: without a pause that would take a whole core.
                warn!(%error, "could not accept a connection");
                sleep(PAUSE).await;
                Err(error)
            }
        }
    }
}
