//! A running server with tables that no refused request may change.

use serde_json::Value;

use super::document::{Operation, operations};
use super::wire::{Message, Reply, Wire};
use crate::process::{PASSWORD, Server, USER};

/// `USER:PASSWORD`, encoded.
pub const BASIC: &str = "Basic dGVzdHVzZXI6dGVzdHBhc3M=";

/// The server, what it serves, and what its tables held at the start.
pub struct Site {
    pub server: Server,
    pub operations: Vec<Operation>,
    before: Value,
}

impl Site {
    pub async fn open() -> Self {
        Self::with(&[]).await
    }

    /// With more flags.
    pub async fn with(flags: &[&str]) -> Self {
        assert_eq!((USER, PASSWORD), ("testuser", "testpass"), "{BASIC} is made of them");
        // Wrong credentials are tried on every operation.
        let flags = [&["--wrong-passwords", "1000000"], flags].concat();
        let server = Server::start_in(tempfile::tempdir().unwrap(), &flags);
        server.load("kept", "create", "id,name\n1,Ann\n2,Bob\n").await;
        let before = tables(&server).await;
        Self { server, operations: operations(), before }
    }

    /// Sends one request on a connection of its own.
    pub async fn send(&self, message: &Message) -> Reply {
        Wire::open(&self.server.base).await.exchange(message).await
    }

    /// Checks that the server is well and that nothing has changed.
    pub async fn is_as_before(&self) {
        for path in ["/healthz", "/readyz"] {
            assert_eq!(self.send(&Message::new("GET", path)).await.status, 200, "{path}");
        }
        assert_eq!(tables(&self.server).await, self.before);
        assert!(!self.server.log().contains("panicked"), "{}", self.server.log());
    }
}

/// Every table with its columns, and the rows of the one that was there from the start.
async fn tables(server: &Server) -> Value {
    let columns = "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns \
                   WHERE table_schema <> 'information_schema' ORDER BY ALL";
    let rows = server.rows("SELECT id, name FROM kept ORDER BY id").await;
    Value::Array(vec![server.rows(columns).await, rows])
}
