//! Where a request comes from, and whether on an encrypted way.

use std::net::IpAddr;

use poem::http::HeaderMap;
use poem::http::uri::Scheme;
use poem::web::RemoteAddr;
use poem::{Addr, FromRequest, Request, RequestBody};

/// The address of the caller, for limits.
///
/// A proxy on this machine or in a private network is believed when it says whom it asks for; whoever sends the header
/// from there without being one escapes the limit by address, and not the one by account.
pub struct Client(pub Option<IpAddr>);

impl Client {
    /// Whoever sent a request.
    pub fn of(request: &Request) -> Self {
        let RemoteAddr(Addr::SocketAddr(peer)) = request.remote_addr() else { return Self(None) };
        Self(Some(caller(peer.ip().to_canonical(), request.headers())))
    }
}

impl<'a> FromRequest<'a> for Client {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request))
    }
}

fn caller(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let forwarded = || {
        let last = headers.get_all("x-forwarded-for").iter().next_back()?;
        last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    is_near(peer).then(forwarded).flatten().unwrap_or(peer)
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// Whether the caller's way to the server, or to the proxy before it, is encrypted.
pub struct Encrypted(pub bool);

impl<'a> FromRequest<'a> for Encrypted {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let told = request.header("x-forwarded-proto").and_then(|list| list.split(',').next()).map(str::trim);
        let scheme = told.unwrap_or(request.scheme().as_str());
        Ok(Self(scheme.eq_ignore_ascii_case(Scheme::HTTPS.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for list in forwarded {
            headers.append("x-forwarded-for", list.parse().unwrap());
        }
        caller(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_a_proxy_that_is_near_is_believed() {
        assert_eq!(client("203.0.113.5", &[]), "203.0.113.5");
        assert_eq!(client("203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
        assert_eq!(client("127.0.0.1", &["192.0.2.9, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["192.0.2.9", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["unknown"]), "10.0.0.1");
        assert_eq!(client("::1", &["2001:db8::1"]), "2001:db8::1");
    }
}
