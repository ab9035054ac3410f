//! `POST /autocomplete`.

use serde_json::{Value, json};

use crate::process::{Server, refused};

async fn completed(server: &Server, body: Value) -> Vec<Value> {
    let response = server.post("/autocomplete").json(&body).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200, "{body}");
    let answer: Value = response.json().await.unwrap();
    assert_eq!((&answer["statement"], &answer["connections_errors"]), (&body["statement"], &json!({})));
    answer["suggestions"].as_array().unwrap().clone()
}

/// The texts that are suggested where `|` stands.
async fn texts(server: &Server, statement: &str) -> Vec<String> {
    let cursor = statement.find('|').unwrap();
    let body = json!({ "statement": statement.replacen('|', "", 1), "cursor": cursor });
    let suggestions = completed(server, body).await;
    suggestions.iter().map(|suggestion| suggestion["suggestion"].as_str().unwrap().to_owned()).collect()
}

async fn harbour() -> Server {
    let server = Server::start();
    server
        .rows(
            "CREATE TABLE boats (id BIGINT, name VARCHAR, \"built in\" BIGINT, \"order\" BIGINT);
             CREATE TABLE berths (id BIGINT, boat_id BIGINT, length_m DOUBLE);
             CREATE VIEW big AS SELECT id AS big_id, name AS big_name FROM boats;
             CREATE SCHEMA \"a schema\";
             CREATE TABLE \"a schema\".\"a table\" (n BIGINT)",
        )
        .await;
    server
}

#[tokio::test]
async fn the_wire_has_all_that_clients_decode() {
    let server = Server::start();
    let keyword =
        json!({ "suggestion": "SELECT", "suggestion_start": 0, "suggestion_type": "keyword", "suggestion_score": 0 });
    assert_eq!(completed(&server, json!({ "statement": "SEL", "session_id": null })).await[0], keyword);
    assert_eq!(completed(&server, json!({ "statement": "" })).await.len(), 20);
    assert_eq!(completed(&server, json!({ "statement": "SELECT ", "max_suggestions": 0 })).await.len(), 20);
    assert_eq!(completed(&server, json!({ "statement": "SELECT ", "max_suggestions": 3 })).await.len(), 3);
    assert_eq!(completed(&server, json!({ "statement": "SELECT ", "max_suggestions": 100_000 })).await.len(), 200);
    let told = refused(server.post("/autocomplete").json(&json!({ "statement": "SEL", "catalog": "demo" }))).await;
    assert_eq!(told, "Catalog \"demo\" does not exist");
}

#[tokio::test]
async fn tables_views_schemas_and_catalogs_follow_on_from() {
    let server = harbour().await;
    let all = texts(&server, "SELECT * FROM |").await;
    assert_eq!(all[..3], ["berths", "big", "boats"]);
    for name in ["\"a schema\"", "main", "information_schema", "lakehouse", "range"] {
        assert!(all.iter().any(|text| text == name), "{name} in {all:?}");
    }
    assert_eq!(texts(&server, "SELECT * FROM bo|").await[0], "boats");
    assert_eq!(texts(&server, "SELECT * FROM boats b JOIN ber|").await[0], "berths");
    assert_eq!(texts(&server, "SELECT * FROM main.bi|").await, ["big"]);
    assert_eq!(texts(&server, "SELECT * FROM lakehouse.main.boa|").await, ["boats"]);
    assert_eq!(texts(&server, "SELECT * FROM lakehouse.\"a schema\".|").await, ["\"a table\""]);
    assert_eq!(texts(&server, "SELECT * FROM information_schema.t|").await, ["tables"]);
    assert_eq!(texts(&server, "INSERT INTO bo|").await[0], "boats");
    assert_eq!(texts(&server, "DROP TABLE IF EXISTS ber|").await[0], "berths");
}

#[tokio::test]
async fn columns_are_those_of_the_tables_in_the_statement() {
    let server = harbour().await;
    assert_eq!(texts(&server, "SELECT | FROM boats").await[..4], ["id", "name", "\"built in\"", "\"order\""]);
    assert_eq!(texts(&server, "SELECT id FROM boats WHERE na|").await[0], "name");
    assert_eq!(texts(&server, "SELECT b.| FROM boats b").await, ["id", "name", "\"built in\"", "\"order\""]);
    assert_eq!(texts(&server, "SELECT berths.le| FROM boats JOIN berths ON true").await, ["length_m"]);
    assert_eq!(texts(&server, "SELECT big_| FROM big").await[..2], ["big_id", "big_name"]);
    assert_eq!(texts(&server, "WITH w AS (SELECT id AS wid FROM boats) SELECT wi| FROM w").await[0], "wid");
    assert_eq!(texts(&server, "WITH w AS (SELECT 1 AS a) SELECT * FROM |").await[0], "w");
    assert_eq!(texts(&server, "SELECT d.| FROM (SELECT id AS did FROM boats) d").await, ["did"]);
    assert_eq!(texts(&server, "FROM boats SELECT na|").await[0], "name");
    assert_eq!(texts(&server, "INSERT INTO berths (bo|").await, ["boat_id"]);
    assert_eq!(texts(&server, "UPDATE boats SET na|").await, ["name"]);
    assert_eq!(
        texts(&server, "SELECT * FROM boats b WHERE EXISTS (SELECT 1 FROM berths WHERE boat|").await[0],
        "boat_id"
    );
    assert_eq!(texts(&server, "SELECT \"bu| FROM boats").await[0], "\"built in\"");
}

#[tokio::test]
async fn columns_go_before_functions_and_these_before_keywords() {
    let server = Server::start();
    server.rows("CREATE TABLE t (my_case BIGINT, case_number BIGINT)").await;
    let body = json!({ "statement": "SELECT ca FROM t", "cursor": 9 });
    let suggestions = completed(&server, body).await;
    assert_eq!(suggestions[0]["suggestion"], "case_number");
    let kinds: Vec<&str> = suggestions.iter().map(|one| one["suggestion_type"].as_str().unwrap()).collect();
    let keyword = kinds.iter().position(|kind| *kind == "keyword").unwrap();
    assert!(keyword > 0 && suggestions[keyword]["suggestion"] == "CASE", "{suggestions:?}");
    let scores: Vec<u64> = suggestions.iter().map(|one| one["suggestion_score"].as_u64().unwrap()).collect();
    assert!(scores.is_sorted(), "{scores:?}");
    let my_case = suggestions.iter().position(|one| one["suggestion"] == "my_case").unwrap();
    assert!(my_case > keyword, "what begins so goes before what contains it");
}

#[tokio::test]
async fn keywords_are_those_of_the_place_in_the_case_of_the_statement() {
    let server = harbour().await;
    for (statement, expected) in [
        ("sel|", "select"),
        ("SELECT * FROM boats WH|", "WHERE"),
        ("select * from boats wh|", "where"),
        ("SELECT * FROM boats GROUP |", "BY"),
        ("SELECT id FROM boats ORDER BY id DE|", "DESC"),
        ("SELECT id FR|", "FROM"),
        ("SELECT * FROM boats LEFT |", "JOIN"),
        ("SELECT * FROM boats WHERE name IS NOT N|", "NULL"),
        ("CREATE OR |", "REPLACE"),
        ("create t|", "table"),
        ("SELECT 1; DEL|", "DELETE FROM"),
        ("SELECT id::BIG|", "BIGINT"),
        ("SELECT CAST(id AS VAR|", "VARCHAR"),
        ("SELECT * FROM boats LIMIT 5 OFF|", "OFFSET"),
    ] {
        assert_eq!(texts(&server, statement).await.first().map(String::as_str), Some(expected), "{statement}");
    }
    for place in ["SELECT * FROM boats WH|", "GROUP BY|"] {
        assert!(!texts(&server, place).await.contains(&"SELECT".to_owned()), "{place}");
    }
}

#[tokio::test]
async fn the_start_is_the_byte_of_the_word() {
    let server = harbour().await;
    for (statement, start) in
        [("SELECT 'é', na", 12), ("SELECT b.na", 9), ("select\n  na", 9), ("SELECT ", 7), ("SELECT \"na", 7)]
    {
        let body = json!({ "statement": format!("{statement} FROM boats b"), "cursor": statement.len() });
        assert_eq!(completed(&server, body).await[0]["suggestion_start"], start, "{statement}");
    }
}

#[tokio::test]
async fn half_a_statement_is_never_an_error() {
    let server = harbour().await;
    for statement in [
        "SELECT 'a",
        "SELECT /* ",
        "-- x",
        "SELECT \"",
        "((((",
        "))))",
        "SELECT * FROM",
        "WITH",
        "WITH a AS (",
        "é",
        "$$",
        "E'\\",
        "SELECT a.b.c.d.e.f.",
        ". . .",
        ";;;",
        "INSERT INTO t VALUES (",
        "SELECT * FROM nope WHERE x = ",
        "\u{0}",
        "🚣 SEL",
        "SELECT * FROM boats WHERE (id IN (SELECT ",
        "CASE WHEN",
        "SELECT [1, 2, {'a': ",
        "FROM FROM FROM",
        "SELECT * FROM range(",
    ] {
        completed(&server, json!({ "statement": statement })).await;
        for cursor in 0..statement.len() + 2 {
            completed(&server, json!({ "statement": statement, "cursor": cursor, "max_suggestions": 1 })).await;
        }
    }
    for closed in ["SELECT 'a|", "SELECT 1 -- a|", "SELECT 1|"] {
        assert!(texts(&server, closed).await.is_empty(), "{closed}");
    }
    let long = format!("SELECT {} FROM boats WHERE na", vec!["id + 1"; 50_000].join(", "));
    assert_eq!(completed(&server, json!({ "statement": long })).await[0]["suggestion"], "name");
}
