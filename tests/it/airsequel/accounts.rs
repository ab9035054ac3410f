//! Users, sessions, teams and tokens on the real program.

use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::process::{PASSWORD, Server, USER, program, until};

/// Status and body of a request with a token after `Bearer`, unless it is empty.
async fn call(server: &Server, token: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
    let mut request = server.client.request(method, format!("{}{path}", server.base));
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if !body.is_null() {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn login(server: &Server, name: &str, password: &str) -> (u16, Value) {
    call(server, "", Method::POST, "/api/login", json!({"username": name, "password": password})).await
}

async fn session(server: &Server, name: &str, password: &str) -> String {
    let (status, body) = login(server, name, password).await;
    assert_eq!(status, 200, "{body}");
    body["sessionToken"].as_str().unwrap().to_owned()
}

fn user(name: &str) -> Value {
    json!({"username": name, "email_address": format!("{name}@example.org"), "password": "test123"})
}

#[tokio::test]
async fn from_sign_up_to_a_token_that_is_over() {
    let server = Server::start();
    for name in ["john", "jane"] {
        assert_eq!(call(&server, "", Method::POST, "/api/users", user(name)).await, (200, json!({})));
    }
    assert_eq!(call(&server, "", Method::POST, "/api/users", user("john")).await.0, 409);
    let (john, jane) =
        (session(&server, "john", "test123").await, session(&server, "jane@example.org", "test123").await);
    let (status, me) = call(&server, &john, Method::GET, "/api/users/john", Value::Null).await;
    assert_eq!((status, &me["serverRoles"], &me["teams"][0]["name"]), (200, &json!([]), &json!("john")));

    let made = call(&server, &john, Method::POST, "/api/teams", json!({"name": "cool-team"})).await;
    assert_eq!((made.0, &made.1["databases"]), (200, &json!([])));
    let of_jane = "/api/teams/cool-team/members/jane";
    assert_eq!(call(&server, &jane, Method::GET, "/api/teams/cool-team", Value::Null).await.0, 403);
    assert_eq!(call(&server, &john, Method::PATCH, of_jane, json!({"roles": ["Editor"]})).await, (200, json!({})));
    assert_eq!(call(&server, &jane, Method::GET, "/api/teams/cool-team", Value::Null).await.0, 200);
    let token = json!({"name": "t", "permissions": [], "team_name": "cool-team"});
    assert_eq!(call(&server, &jane, Method::POST, "/api/tokens", token.clone()).await.0, 403);
    let (status, token) = call(&server, &john, Method::POST, "/api/tokens", token).await;
    assert_eq!(status, 200, "{token}");
    let secret = token["body"].as_str().unwrap();
    let path = format!("/api/tokens/{}", token["id"]);
    assert_eq!(call(&server, secret, Method::GET, "/api/teams/cool-team", Value::Null).await.0, 403);
    assert_eq!(call(&server, &john, Method::DELETE, &path, Value::Null).await, (200, json!({})));
    assert_eq!(call(&server, secret, Method::GET, "/api/teams/cool-team", Value::Null).await.0, 401);

    assert_eq!(call(&server, &john, Method::POST, "/api/logout", json!({})).await, (200, json!({})));
    assert_eq!(call(&server, &john, Method::GET, "/api/users/john", Value::Null).await.0, 401);
    let log = server.log();
    for secret in [secret, "test123", &john, &jane] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

/// A session, a team and a token are there after the server was killed.
#[tokio::test]
async fn what_was_acknowledged_outlives_the_process() {
    let server = Server::start();
    assert_eq!(call(&server, "", Method::POST, "/api/users", user("john")).await.0, 200);
    let john = session(&server, "john", "test123").await;
    assert_eq!(call(&server, &john, Method::POST, "/api/teams", json!({"name": "cool-team"})).await.0, 200);
    let server = Server::start_in(server.kill(), &[]);
    assert_eq!(call(&server, &john, Method::GET, "/api/teams/cool-team", Value::Null).await.0, 200);
}

/// The accounts are those of every product.
#[tokio::test]
async fn a_user_of_one_product_is_one_of_the_other() {
    let server = Server::start();
    assert_eq!(call(&server, "", Method::POST, "/api/users", user("john")).await.0, 200);
    let ask = async |name: &str, password: &str, statement: &str| {
        let request = server.client.post(format!("{}/query", server.base)).basic_auth(name, Some(password));
        let response = request.json(&json!({"statement": statement})).send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    };
    let (status, text) = ask("john", "test123", "SELECT 40 + 2").await;
    assert!(status == StatusCode::OK && text.ends_with("[42]\n"), "{text}");
    assert_eq!(ask("john", "wrong!", "SELECT 1").await.0, StatusCode::UNAUTHORIZED);
    server.load("t", "create", "n\n1\n").await;
    let (_, text) = ask("john", "test123", "SELECT * FROM lakehouse.main.t").await;
    assert!(text.contains("error"), "the server's own databases are not for whoever signs up: {text}");
    let (status, me) = login(&server, USER, PASSWORD).await;
    assert_eq!((status, &me["teams"][0]["name"]), (200, &json!(USER)));
    let admin = me["sessionToken"].as_str().unwrap();
    let (_, me) = call(&server, admin, Method::GET, &format!("/api/users/{USER}"), Value::Null).await;
    assert_eq!(me["serverRoles"], json!(["admin"]));
}

#[tokio::test]
async fn tokens_are_made_and_revoked_beside_the_server() {
    let server = Server::start();
    let run = |arguments: &[&str]| {
        let output = server.command(arguments).stdin(Stdio::null()).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (made, secret, _) = run(&["token", "create", "--user", USER, "--name", "ci"]);
    let secret = secret.trim_end();
    assert!(made && secret.starts_with("ast_"), "{secret}");
    let path = format!("/api/users/{USER}");
    assert_eq!(call(&server, secret, Method::GET, &path, Value::Null).await.0, 200);
    let (listed, tokens, _) = run(&["token", "list"]);
    assert!(listed && tokens.contains("ci") && tokens.contains(&secret[..12]) && !tokens.contains(secret), "{tokens}");

    let given = format!("ast_{}", "a1B2".repeat(8));
    let mut command = server.command(&["token", "create", "--user", USER, "--name", "given", "--value-stdin"]);
    let mut process = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(process.stdin.as_mut().unwrap(), format!("{given}\n").as_bytes()).unwrap();
    assert!(process.wait().unwrap().success());
    assert_eq!(call(&server, &given, Method::GET, &path, Value::Null).await.0, 200);

    let (unknown, _, told) = run(&["token", "create", "--user", "nobody", "--name", "x"]);
    assert!(!unknown && told.contains("nobody"), "{told}");
    assert!(run(&["token", "revoke", "1"]).0);
    let revoked = Instant::now();
    until("the token is over", async || call(&server, secret, Method::GET, &path, Value::Null).await.0 == 401).await;
    assert!(revoked.elapsed() < Duration::from_secs(5), "{:?}", revoked.elapsed());
    assert_eq!(call(&server, &given, Method::GET, &path, Value::Null).await.0, 200);
    assert!(!run(&["token", "revoke", "1"]).0);
}

#[tokio::test]
async fn links_are_logged_where_no_mail_is_sent() {
    let server = Server::start_in(
        tempfile::tempdir().unwrap(),
        &["--sign-up", "invited", "--public-url", "https://d.example/x/"],
    );
    assert_eq!(call(&server, "", Method::POST, "/api/users", user("john")).await.0, 403);
    let admin = session(&server, USER, PASSWORD).await;
    let invited = call(&server, &admin, Method::POST, "/api/users/invite", json!({"email": "joe@example.com"})).await;
    assert_eq!(invited, (200, json!({})));
    let (_, links) = call(&server, &admin, Method::GET, "/api/mail-links", Value::Null).await;
    let url = links["links"][0]["url"].as_str().unwrap();
    assert!(url.starts_with("https://d.example/x/api/users/invite/"), "{url}");
    until("the link is logged", async || server.log().contains(url)).await;
    let path = url.strip_prefix("https://d.example/x").unwrap();
    let page = server.get(path).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.unwrap().contains("joe@example.com"));
}

#[tokio::test]
async fn an_smtp_server_that_cannot_be_is_refused_at_the_start_and_its_password_not_told() {
    let dir = tempfile::tempdir().unwrap();
    for (url, more) in [
        ("smtp://user:findme@mail.example", &[][..]),
        ("http://user:findme@mail.example", &["--mail-from", "a@b.example", "--public-url", "https://d.example"]),
    ] {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path()).args(more);
        let output = command.env("BOATHOUSE_SMTP_URL", url).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains("--smtp-url") && !told.contains("findme"), "{told}");
    }
}
