//! What is in a database, asked by its owner.

use reqwest::Response;
use serde_json::{Value, json};

use crate::process::{PASSWORD, Server, USER};

/// A database of a server that runs.
pub struct Inside<'a> {
    pub server: &'a Server,
    pub id: String,
}

impl<'a> Inside<'a> {
    /// A new SQLite database, filled by a script.
    pub async fn new(server: &'a Server, script: &str) -> Self {
        let mut inside = Self { server, id: String::new() };
        let made = inside.told("POST", "/api/dbs", json!({"name": "shop", "query": script})).await;
        assert_eq!(made.0, 200, "{}", made.1);
        inside.id = made.1["id"].as_str().unwrap().to_owned();
        inside
    }

    /// The default database, of Delta tables.
    pub fn lakehouse(server: &'a Server) -> Self {
        Self { server, id: "lakehouse".to_owned() }
    }

    pub async fn send(&self, method: &str, path: &str, body: Value) -> Response {
        let request = self.server.client.request(method.parse().unwrap(), format!("{}{path}", self.server.base));
        request.basic_auth(USER, Some(PASSWORD)).json(&body).send().await.unwrap()
    }

    /// Status and answer of an operation.
    pub async fn told(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let answer = self.send(method, path, body).await;
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// The same below the database's path.
    pub async fn call(&self, method: &str, below: &str, body: Value) -> (u16, Value) {
        self.told(method, &format!("/api/dbs/{}{below}", self.id), body).await
    }

    /// The result of a statement.
    pub async fn sql(&self, query: &str) -> Value {
        let (status, result) = self.told("POST", &format!("/dbs/{}/sql", self.id), json!({"query": query})).await;
        assert_eq!(status, 200, "{query}: {result}");
        result
    }

    /// The rows of a statement that works.
    pub async fn rows(&self, query: &str) -> Value {
        let result = self.sql(query).await;
        assert_eq!(result["errors"], json!([]), "{query}");
        result["rows"].clone()
    }
}
