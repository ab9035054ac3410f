//! A database of SQLite's that belongs to the team of `testuser`, asked over HTTP.

use poem::http::{Method, header};
use poem::{Body, Request};
use serde_json::{Value, json};

use crate::server::{Answer, Server, signed};

pub struct Shop {
    pub server: Server,
    pub id: String,
}

/// Who asks.
#[derive(Clone, Copy)]
pub enum Who<'a> {
    /// Who owns the database.
    Owner,
    /// A user without any right in it.
    Stranger,
    /// Nobody.
    Nobody,
    /// A token.
    Bearer(&'a str),
}

impl Shop {
    /// Empty.
    pub async fn start() -> Self {
        let server = Server::start().await;
        let answer = request(&server, Who::Owner, Method::POST, "/api/dbs", Some(json!({"name": "Shop"}))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let id = read(&answer)["id"].as_str().unwrap().to_owned();
        Self { server, id }
    }

    /// With what these statements make.
    pub async fn with(statements: &[&str]) -> Self {
        let shop = Self::start().await;
        for statement in statements {
            let result = shop.sql(statement).await;
            assert_eq!(result["errors"], json!([]), "{statement}");
        }
        shop
    }

    /// The result of a statement of the owner.
    pub async fn sql(&self, statement: &str) -> Value {
        let answer = self.run(Who::Owner, statement).await;
        assert_eq!(answer.status, 200, "{statement}: {}", answer.text());
        read(&answer)
    }

    pub async fn run(&self, who: Who<'_>, statement: &str) -> Answer {
        let path = format!("/dbs/{}/sql", self.id);
        request(&self.server, who, Method::POST, &path, Some(json!({"query": statement}))).await
    }

    /// An operation of the owner below the database's path.
    pub async fn call(&self, method: Method, below: &str, body: Option<Value>) -> Answer {
        request(&self.server, Who::Owner, method, &format!("/api/dbs/{}{below}", self.id), body).await
    }

    /// A token of the owner's team with these permissions.
    pub async fn token(&self, permissions: &[&str]) -> String {
        let permissions: Vec<Value> = permissions.iter().map(|name| json!({"db_id": self.id, "name": name})).collect();
        let body = json!({"name": "t", "team_name": "testuser", "permissions": permissions});
        let answer = request(&self.server, Who::Owner, Method::POST, "/api/tokens", Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        read(&answer)["body"].as_str().unwrap().to_owned()
    }
}

pub async fn request(server: &Server, who: Who<'_>, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = Request::builder().method(method).uri_str(path).header(header::CONTENT_TYPE, "application/json");
    let mut request = match body {
        Some(body) => request.body(Body::from(body.to_string())),
        None => request.finish(),
    };
    match who {
        Who::Owner => request = signed(request, "Basic", "testuser:testpass"),
        Who::Stranger => request = signed(request, "Basic", "reader:testpass"),
        Who::Nobody => {}
        Who::Bearer(token) => {
            request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
    }
    server.send(request).await
}

pub fn read(answer: &Answer) -> Value {
    serde_json::from_str(answer.text()).unwrap_or_else(|fault| panic!("{fault}: {}", answer.text()))
}
