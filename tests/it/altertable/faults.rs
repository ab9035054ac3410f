//! Uploads that are refused: the message names the place, and the table is as it was.

use serde_json::{Value, json};

use crate::process::{Server, refused, told};

/// A server with a table of two rows, which a refused upload must leave alone.
async fn with_table() -> Server {
    let server = Server::start();
    server.load("t", "create", "id,amount\n1,10\n2,20\n").await;
    server
}

async fn as_it_was(server: &Server) {
    let rows = server.rows("SELECT id, amount FROM t ORDER BY id").await;
    assert_eq!(rows, json!([[1, 10], [2, 20]]));
}

fn says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

#[tokio::test]
async fn a_missing_or_wrong_parameter_is_named() {
    let server = with_table().await;
    let all = [("catalog", "lakehouse"), ("schema", "main"), ("table", "t"), ("mode", "append")];
    for missing in ["catalog", "schema", "table"] {
        let query: Vec<_> = all.into_iter().filter(|(name, _)| *name != missing).collect();
        says(&refused(server.post("/upload").query(&query).body("id\n3\n")).await, &[missing]);
        let empty: Vec<_> =
            all.into_iter().map(|(name, value)| (name, if name == missing { "" } else { value })).collect();
        says(&refused(server.post("/upload").query(&empty).body("id\n3\n")).await, &[missing]);
    }
    says(&refused(server.upload("t", "replace").body("id\n3\n")).await, &["mode", "replace"]);
    says(&refused(server.upload("t", "upsert").body("id\n3\n")).await, &["upsert", "primary_key"]);
    let format = server.upload("t", "append").query(&[("format", "xml")]);
    says(&refused(format.body("id\n3\n")).await, &["format", "xml"]);
    let encoding = server.upload("t", "append").header("content-encoding", "br");
    says(&refused(encoding.body("id\n3\n")).await, &["br"]);
    as_it_was(&server).await;
}

#[tokio::test]
async fn an_unknown_catalog_is_named_and_not_made() {
    let server = with_table().await;
    let query = [("catalog", "demo"), ("schema", "main"), ("table", "t"), ("mode", "create")];
    let message = refused(server.post("/upload").query(&query).body("id\n3\n")).await;
    assert_eq!(message, "Catalog \"demo\" does not exist");
}

#[tokio::test]
async fn a_malformed_csv_names_line_and_what_stands_there() {
    let server = with_table().await;
    let too_few = refused(server.upload("t", "append").body("id,amount\n3,30\n4\n")).await;
    says(&too_few, &["line 3"]);
    let too_many = refused(server.upload("t", "append").body("id,amount\n3,30\n4,40\n5,50,500\n")).await;
    says(&too_many, &["line 4"]);
    let unterminated = refused(server.upload("t", "append").body("id,amount\n3,30\n4,\"40\n5,50\n")).await;
    says(&unterminated, &["line 3", "quote"]);
    let not_text = refused(server.upload("u", "create").body(b"id,name\n3,Ann\n4,\xff\xfe\n".to_vec())).await;
    says(&not_text, &["line 3", "UTF-8"]);
    let empty = refused(server.upload("t", "append").body("")).await;
    says(&empty, &["empty"]);
    as_it_was(&server).await;
}

#[tokio::test]
async fn a_value_that_does_not_fit_names_line_column_value_and_what_to_do() {
    let server = with_table().await;
    let message = refused(server.upload("t", "append").body("id,amount\n3,30\n4,n/a\n")).await;
    says(&message, &["line 3", "amount", "n/a", "BIGINT"]);
    // The sample that types are taken from is bounded: the odd value stands far behind it.
    let mut csv = "id,amount\n".to_owned();
    for n in 0..700_000 {
        csv.push_str(&format!("{n},{n}\n"));
    }
    csv.push_str("700000,n/a\n");
    let message = refused(server.upload("u", "create").body(csv)).await;
    says(&message, &["line 700002", "amount", "n/a", "BIGINT", "CREATE TABLE"]);
    assert!(server.ask("SELECT * FROM u").await.error.is_some(), "nothing of it became a table");
    as_it_was(&server).await;
}

#[tokio::test]
async fn a_column_that_the_table_lacks_is_named() {
    let server = with_table().await;
    says(&refused(server.upload("t", "append").body("id,colour\n3,red\n")).await, &["colour"]);
    says(&refused(server.upload("t", "append").body("[{\"id\":3,\"colour\":\"red\"}]")).await, &["colour"]);
    as_it_was(&server).await;
}

#[tokio::test]
async fn a_malformed_json_names_line_and_value() {
    let server = with_table().await;
    let send = |body: &'static str| refused(server.upload("t", "append").query(&[("format", "json")]).body(body));
    says(&send("{\"id\":3,\"amount\":30}\n{\"id\":4,\"amount\":}\n").await, &["line 2"]);
    says(&send("[{\"id\":3,\"amount\":30},\n{\"id\":4,").await, &["line 2"]);
    says(&send("{\"id\":3,\"amount\":30}\n{\"id\":4,\"amount\":\"n/a\"}\n").await, &["line 2", "amount", "n/a"]);
    says(&send("[1,2]").await, &["object"]);
    says(&send("plain").await, &["line 1"]);
    as_it_was(&server).await;
}

#[tokio::test]
async fn a_truncated_parquet_file_says_so() {
    let server = with_table().await;
    let response = server.query_with(json!({ "statement": "SELECT id, amount FROM t", "format": "parquet" })).await;
    let whole = response.bytes().await.unwrap();
    for length in [4, 11, whole.len() / 2, whole.len() - 1] {
        let message = refused(server.upload("t", "append").body(whole.slice(..length))).await;
        says(&message, &["truncated"]);
    }
    let nonsense = server.upload("t", "append").query(&[("format", "parquet")]).body("id,amount\n3,30\n");
    says(&refused(nonsense).await, &["Parquet"]);
    as_it_was(&server).await;
    assert_eq!(told(server.upload("t", "append").body(whole)).await.0.as_u16(), 200);
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[4]]));
}

#[tokio::test]
async fn refused_overwrites_and_creations_leave_no_trace() {
    let server = with_table().await;
    for mode in ["overwrite", "create_append"] {
        refused(server.upload("t", mode).body("id,amount\n3,30\n4\n")).await;
    }
    for mode in ["create", "overwrite", "create_append"] {
        refused(server.upload("fresh", mode).body("id,amount\n3,30\n4\n")).await;
        assert!(server.ask("SELECT * FROM fresh").await.error.is_some(), "{mode}");
    }
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'";
    assert_eq!(server.rows(tables).await, Value::Array(vec![json!(["t"])]));
    as_it_was(&server).await;
}
