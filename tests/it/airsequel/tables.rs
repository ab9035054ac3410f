//! Tables, columns, searches and exports of SQLite and Delta databases.

use serde_json::{Value, json};

use super::inside::Inside;
use crate::process::Server;

/// The cells of a column.
fn items<'a>(table: &'a Value, column: &str) -> &'a Value {
    let columns = table["columns"].as_array().unwrap_or_else(|| panic!("{table}"));
    &columns.iter().find(|it| it["name"] == column).unwrap_or_else(|| panic!("{table}"))["items"]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_s_life_in_a_sqlite_database() {
    let server = Server::start();
    let shop = Inside::new(&server, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)").await;
    shop.rows("INSERT INTO t (name) VALUES ('Mars'), ('Venus')").await;
    let (status, table) = shop.call("GET", "/tables/t", json!({})).await;
    assert_eq!((status, items(&table, "name")), (200, &json!(["Mars", "Venus"])));
    assert_eq!(shop.call("PATCH", "/tables/t", json!({"name": "planets"})).await, (200, json!({})));
    assert_eq!(shop.call("PUT", "/tables/planets/columns/moons", json!({"sqliteDataType": "INTEGER"})).await.0, 200);
    let changed = json!({"isNonNull": true, "defaultValue": "0"});
    assert_eq!(
        shop.call("PATCH", "/tables/planets/columns/moons", changed.clone()).await.0,
        400,
        "there is NULL in it"
    );
    shop.rows("UPDATE planets SET moons = 2").await;
    assert_eq!(shop.call("PATCH", "/tables/planets/columns/moons", changed).await, (200, json!({})));
    let (_, found) = shop.call("GET", "/tables/planets/search/venus", json!({})).await;
    assert_eq!((items(&found, "id"), &found["numberOfRows"]), (&json!([2]), &json!(1)));
    let (_, csv) = shop.call("GET", "/tables/planets/export", json!({})).await;
    assert_eq!(csv, json!("id,name,moons\n1,Mars,2\n2,Venus,2\n"));
    assert_eq!(shop.call("DELETE", "/tables/planets/columns/moons", json!({})).await.0, 200);
    assert_eq!(shop.call("DELETE", "/tables/planets", json!({})).await.0, 200);
    assert_eq!(shop.call("GET", "/schema", json!({})).await, (200, json!("")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_s_life_in_a_delta_database() {
    let server = Server::start();
    let lake = Inside::lakehouse(&server);
    let columns = json!([
        {"name": "id", "sqliteDataType": "INTEGER", "isNonNull": true},
        {"name": "name"},
        {"name": "price", "sqliteDataType": "DECIMAL(8,2)"},
    ]);
    let (status, made) = lake.call("PUT", "/tables/goods", json!({"columns": columns, "description": "On sale"})).await;
    assert_eq!(
        (status, &made["description"], &made["rowidColumnName"]),
        (200, &json!("On sale"), &json!(null)),
        "{made}"
    );
    let types: Vec<_> = made["columns"].as_array().unwrap().iter().map(|it| &it["sqliteDataType"]).collect();
    assert_eq!(types, [&json!("BIGINT"), &json!("VARCHAR"), &json!("DECIMAL(8,2)")]);
    assert_eq!(lake.call("PUT", "/tables/goods", json!({})).await.0, 409);
    lake.rows("INSERT INTO goods VALUES (1, 'Tea, green', 3.5), (2, 'Über 50%', NULL)").await;
    let (_, table) = lake.call("GET", "/tables/goods?orderBy=id&desc=1", json!({})).await;
    assert_eq!((items(&table, "id"), items(&table, "price")), (&json!([2, 1]), &json!([null, 3.5])));
    assert_eq!((&table["numberOfRows"], &table["tableType"]), (&json!(2), &json!("Table")));
    for (term, expected) in
        [("GREEN%20tea", json!([1])), ("%25", json!([2])), ("%C3%BCber", json!([2])), ("x", json!([]))]
    {
        let (_, found) = lake.call("GET", &format!("/tables/goods/search/{term}"), json!({})).await;
        assert_eq!(items(&found, "id"), &expected, "{term}");
    }
    let (_, csv) = lake.call("GET", "/tables/goods/export", json!({})).await;
    assert_eq!(csv, json!("id,name,price\n1,\"Tea, green\",3.50\n2,Über 50%,\n"));
    for (method, below, body, expected) in [
        ("PUT", "/tables/goods/columns/note", json!({"description": "Why"}), 200),
        ("PUT", "/tables/goods/columns/code", json!({"isUnique": true}), 501),
        ("PUT", "/tables/goods/columns/code", json!({"defaultValue": "1"}), 501),
        ("PUT", "/tables/goods/columns/code", json!({"sqliteDataType": "TEXT); DROP TABLE goods"}), 400),
        ("PATCH", "/tables/goods/columns/note", json!({"name": "remark"}), 200),
        ("PATCH", "/tables/goods/columns/remark", json!({"name": "x", "sqliteDataType": "INTEGER"}), 400),
        ("PATCH", "/tables/goods/columns/remark", json!({"after": "id", "description": "Still why"}), 200),
        ("DELETE", "/tables/goods/columns/price", json!({}), 200),
        ("PATCH", "/tables/goods", json!({"name": "wares"}), 200),
        ("GET", "/tables/wares/columns/name/files/id/1", json!({}), 501),
    ] {
        let (status, told) = lake.call(method, below, body).await;
        assert_eq!(status, expected, "{method} {below}: {told}");
    }
    let (_, table) = lake.call("GET", "/tables/wares", json!({})).await;
    let names: Vec<_> = table["columns"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["id", "remark", "name"]);
    assert_eq!(table["columns"][1]["description"], "Still why");
    lake.rows("CREATE VIEW cheap AS SELECT name FROM wares WHERE id = 1").await;
    let (_, view) = lake.call("GET", "/tables/cheap", json!({})).await;
    assert_eq!((items(&view, "name"), &view["tableType"]), (&json!(["Tea, green"]), &json!("View")));
    let (_, schema) = lake.call("GET", "/schema", json!({})).await;
    assert!(schema.as_str().unwrap().contains("CREATE TABLE \"wares\" (\"id\" BIGINT NOT NULL"), "{schema}");
    assert_eq!(lake.call("DELETE", "/tables/cheap", json!({})).await.0, 200);
    assert_eq!(lake.call("DELETE", "/tables/wares", json!({})).await.0, 200);
    assert_eq!(lake.call("GET", "/tables/wares", json!({})).await.0, 404);
}
