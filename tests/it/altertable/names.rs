//! Names are data: whatever stands in them, they find their table and reach no path.

use std::path::Path;

use serde_json::json;

use crate::process::{Server, told};

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What stands next to the data directory: a name that were a path would show here.
fn neighbours(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn odd_names_are_tables_and_schemas() {
    let server = Server::start();
    let long = "x".repeat(300);
    let before = neighbours(server.dir());
    let odd = [
        "two words",
        "quo\"te",
        "apo'stroph",
        "semi;colon",
        "..",
        "../../escape",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "a.b",
        "Ünïcödé",
        "日本",
        "🚣",
        "%2e%2e",
        "select",
        "?x=1&y=2",
        "#",
        "CON",
        "_delta_log",
        &long,
    ];
    for (number, name) in odd.into_iter().enumerate() {
        server.load(name, "create", format!("n\n{number}\n")).await;
        let as_schema = [("catalog", "lakehouse"), ("schema", name), ("table", "t"), ("mode", "create")];
        let (status, text) = told(server.post("/upload").query(&as_schema).body(format!("n\n{number}\n"))).await;
        assert_eq!((status.as_u16(), text.as_str()), (200, ""), "{name}");
    }
    for (number, name) in odd.into_iter().enumerate() {
        let table = format!("SELECT n FROM {}", quoted(name));
        assert_eq!(server.rows(&table).await, json!([[number]]), "{name}");
        let schema = format!("SELECT n FROM lakehouse.{}.t", quoted(name));
        assert_eq!(server.rows(&schema).await, json!([[number]]), "{name}");
    }
    assert_eq!(neighbours(server.dir()), before);
    let dir = server.stop().await;
    let again = Server::start_in(dir, &[]);
    assert_eq!(again.rows(&format!("SELECT n FROM {}", quoted("../../escape"))).await, json!([[5]]));
}

#[tokio::test]
async fn names_that_cannot_be_are_refused() {
    let server = Server::start();
    for name in ["x".repeat(513), "a\nb".to_owned(), "nul\0".to_owned()] {
        let (status, text) = told(server.upload(&name, "create").body("n\n1\n")).await;
        assert_eq!(status.as_u16(), 400, "{text}");
    }
}

#[tokio::test]
async fn letter_case_tells_no_tables_apart() {
    let server = Server::start();
    server.load("Orders", "create", "n\n1\n").await;
    assert_eq!(told(server.upload("ORDERS", "create").body("n\n2\n")).await.0.as_u16(), 400);
    assert_eq!(server.rows("SELECT n FROM orders").await, json!([[1]]));
    assert_eq!(server.rows("SELECT n FROM \"oRdErS\"").await, json!([[1]]));
}
