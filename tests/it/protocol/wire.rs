//! HTTP/1.1 by the byte: what a library would put right before sending is sent as it is.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take before a test is said to hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request, sent in these words.
#[derive(Clone, Debug)]
pub struct Message {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    pub fn new(method: &str, target: &str) -> Self {
        let (method, target) = (method.to_owned(), target.to_owned());
        Self { method, target, headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request with another method.
    pub fn method(&self, method: &str) -> Self {
        Self { method: method.to_owned(), ..self.clone() }
    }

    /// The same request to another place.
    pub fn target(&self, target: &str) -> Self {
        Self { target: target.to_owned(), ..self.clone() }
    }

    /// The request without its headers of this name.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(there, _)| !there.eq_ignore_ascii_case(name));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Everything before the body, with these lines added.
    pub fn head(&self, framing: &str) -> String {
        let lines: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{} {} HTTP/1.1\r\nHost: localhost\r\n{lines}{framing}\r\n", self.method, self.target)
    }

    /// The request with the length of its body, where it has one.
    pub fn bytes(&self) -> Vec<u8> {
        let length = format!("Content-Length: {}\r\n", self.body.len());
        let framing = if self.body.is_empty() { "" } else { &length };
        [self.head(framing).as_bytes(), &self.body].concat()
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The one header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(there, _)| there == name).map(|(_, value)| value.as_str());
        let first = found.next();
        assert_eq!(found.next(), None, "two headers {name}: {self:?}");
        first
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// A list in a header, in order of letters.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let mut items: Vec<&str> = self.header(name).unwrap_or_default().split(", ").collect();
        items.sort_unstable();
        items
    }
}

/// A connection that stays open from one request to the next.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    /// Connects to `http://host:port`.
    pub async fn open(base: &str) -> Self {
        let address = base.strip_prefix("http://").unwrap();
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    /// Sends bytes as they are. A server that has closed the connection meanwhile is found by reading.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    pub async fn exchange(&mut self, message: &Message) -> Reply {
        self.write(&message.bytes()).await;
        self.read(&message.method).await
    }

    /// Reads one answer to a request of `method`.
    pub async fn read(&mut self, method: &str) -> Reply {
        timeout(PATIENCE, self.read_patiently(method)).await.expect("the server does not answer")
    }

    /// What still comes before the server closes the connection.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset ends a connection as well.
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("the connection stays open");
        rest
    }

    async fn read_patiently(&mut self, method: &str) -> Reply {
        let start = self.line().await;
        let status = start.strip_prefix("HTTP/1.1 ").or(start.strip_prefix("HTTP/1.0 ")).and_then(|rest| rest.get(..3));
        let status = status.unwrap_or_else(|| panic!("{start:?} is no status line")).parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line().await;
            let Some((name, value)) = line.split_once(':') else {
                assert_eq!(line, "");
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut reply = Reply { status, headers, body: Vec::new() };
        let bodiless = method == "HEAD" || matches!(status, 100..200 | 204 | 304);
        if bodiless {
            return reply;
        }
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = self.chunks().await;
        } else if let Some(length) = reply.header("content-length") {
            reply.body = vec![0; length.parse().unwrap()];
            self.0.read_exact(&mut reply.body).await.unwrap();
        } else {
            self.0.read_to_end(&mut reply.body).await.unwrap();
        }
        reply
    }

    async fn line(&mut self) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(self.0.read_u8().await.unwrap_or_else(|fault| panic!("{fault} after {line:?}")));
        }
        line.truncate(line.len() - 2);
        String::from_utf8(line).unwrap()
    }

    async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await;
            let length = usize::from_str_radix(line.split(';').next().unwrap(), 16).unwrap();
            let mut chunk = vec![0; length + 2];
            self.0.read_exact(&mut chunk).await.unwrap();
            assert!(chunk.ends_with(b"\r\n"));
            if length == 0 {
                return body;
            }
            body.extend_from_slice(&chunk[..length]);
        }
    }
}
