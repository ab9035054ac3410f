//! Schemas as SQL and for Azimutt.

use poem::http::Method;
use serde_json::json;

use super::shop;
use crate::shop::{Shop, read};

#[tokio::test]
async fn the_schema_is_what_the_sqlite3_shell_prints() {
    let shop = Shop::with(&[
        "CREATE TABLE \"a b\" (x INTEGER PRIMARY KEY)",
        "CREATE TABLE plain (y TEXT UNIQUE)",
        "CREATE INDEX i ON plain (y)",
        "CREATE VIEW v AS SELECT x, 1 AS \"x y\" FROM \"a b\"",
        "CREATE TRIGGER t AFTER INSERT ON plain BEGIN SELECT 1; END",
    ])
    .await;
    let schema = shop.call(Method::GET, "/schema", None).await;
    assert_eq!((schema.status, schema.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    // Printed by `.schema` of sqlite3 3.40 for the same statements.
    let expected = "CREATE TABLE IF NOT EXISTS \"a b\" (x INTEGER PRIMARY KEY);\n\
                    CREATE TABLE plain (y TEXT UNIQUE);\n\
                    CREATE INDEX i ON plain (y);\n\
                    CREATE VIEW v AS SELECT x, 1 AS \"x y\" FROM \"a b\"\n\
                    /* v(x,\"x y\") */;\n\
                    CREATE TRIGGER t AFTER INSERT ON plain BEGIN SELECT 1; END;\n";
    assert_eq!(schema.text(), expected);
    assert_eq!(Shop::start().await.call(Method::GET, "/schema", None).await.text(), "");
}

#[tokio::test]
async fn azimutt_gets_tables_and_relations() {
    let shop = shop().await;
    let described = json!({"description": "What goes around the sun"});
    assert_eq!(shop.call(Method::PATCH, "/tables/planets", Some(described)).await.status, 200);
    let found = read(&shop.call(Method::GET, "/azimutt-schema", None).await);
    let looks = &found["tables"][0];
    assert_eq!((&looks["schema"], &looks["table"], &looks["view"]), (&json!("public"), &json!("looks"), &json!(false)));
    let size =
        json!({"name": "size", "type": "REAL", "nullable": true, "default": "1.5", "comment": null, "columns": []});
    assert_eq!(looks["columns"][2], size);
    assert_eq!(looks["primaryKey"], json!(null));
    let checks = json!([
        {"name": null, "columns": ["color"], "predicate": "color IN ('red', 'blue')"},
        {"name": "large", "columns": ["size"], "predicate": "size > 0"},
    ]);
    assert_eq!(looks["checks"], checks);
    let planets = &found["tables"][1];
    assert_eq!(planets["primaryKey"]["columns"], json!(["id"]));
    assert_eq!(planets["uniques"][0]["columns"], json!(["name"]));
    assert_eq!(planets["comment"], "What goes around the sun");
    assert_eq!(found["tables"][2]["view"], json!(true));
    let end = |table: &str, column: &str| json!({"schema": "public", "table": table, "column": column});
    assert_eq!(found["relations"].as_array().unwrap().len(), 1);
    assert_eq!(found["relations"][0]["src"], end("looks", "planet"));
    assert_eq!(found["relations"][0]["ref"], end("planets", "id"));
}

#[tokio::test]
async fn strict_leaves_out_what_is_empty() {
    let shop = Shop::with(&["CREATE TABLE t (a TEXT)"]).await;
    let found = read(&shop.call(Method::GET, "/azimutt-schema?strict=1", None).await);
    let column = json!({"name": "a", "type": "TEXT", "nullable": true});
    let table = json!({"schema": "public", "table": "t", "view": false, "columns": [column]});
    assert_eq!(found, json!({"tables": [table], "relations": []}));
}
