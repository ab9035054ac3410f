//! Making, changing and dropping tables.

use poem::http::Method;
use serde_json::{Value, json};

use super::shop;
use crate::shop::{Shop, read};

async fn shown(shop: &Shop) -> Vec<String> {
    let database = read(&shop.call(Method::GET, "", None).await);
    let tables = database["tables"].as_array().unwrap().iter();
    let tables = tables.filter(|it| it["object_type"] == "Table" || it["object_type"] == "View");
    tables.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

async fn status(shop: &Shop, method: Method, below: &str, body: Value) -> (u16, String) {
    let answer = shop.call(method, below, Some(body)).await;
    (answer.status, answer.text().to_owned())
}

#[tokio::test]
async fn a_table_is_made_with_and_without_columns() {
    let shop = Shop::start().await;
    let made = shop.call(Method::PUT, "/tables/drafts", Some(json!({}))).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let made = read(&made);
    let names: Vec<_> = made["columns"].as_array().unwrap().iter().map(|it| (&it["name"], &it["items"])).collect();
    assert_eq!(names, [(&json!("rowid"), &json!(null)), (&json!("column-1"), &json!(null))]);
    let columns = json!([
        {"name": "id", "sqliteDataType": "INTEGER", "isNonNull": true, "isUnique": true},
        {"name": "it's \"x\"", "defaultValue": "'new'"},
    ]);
    let body = json!({"columns": columns, "description": "Second", "after": null});
    let (made, text) = status(&shop, Method::PUT, "/tables/more%20drafts", body).await;
    assert_eq!(made, 200, "{text}");
    assert_eq!(shown(&shop).await, ["more drafts", "drafts"]);
    shop.sql("INSERT INTO \"more drafts\" (id) VALUES (7)").await;
    assert_eq!(shop.sql("SELECT * FROM \"more drafts\"").await["rows"], json!([{"id": 7, "it's \"x\"": "new"}]));
    let twice = shop.sql("INSERT INTO \"more drafts\" (id) VALUES (7)").await;
    assert!(twice["errors"][0].as_str().unwrap().contains("UNIQUE constraint failed"), "{twice}");
    let read_back = read(&shop.call(Method::GET, "/tables/more%20drafts", None).await);
    assert_eq!(read_back["description"], "Second");
}

#[tokio::test]
async fn a_table_that_cannot_be_made_is_not() {
    let shop = shop().await;
    for (name, body, expected) in [
        ("planets", json!({}), 409),
        ("small", json!({}), 409),
        ("planets_by_pk", json!({}), 400),
        ("PLANETS_BY_PK", json!({}), 400),
        ("sqlite_x", json!({}), 400),
        ("x", json!({"columns": [{"name": ""}]}), 400),
        ("x", json!({"columns": [{"name": "a"}, {"name": "A"}]}), 400),
        ("x", json!({"columns": [{"name": "a", "sqliteDataType": "TEXT); DROP TABLE planets; --"}]}), 400),
        ("x", json!({"columns": [{"name": "a", "defaultValue": "(nowhere)"}]}), 400),
        ("x", json!({"after": "moons"}), 404),
        ("x", json!({"columns": "a"}), 400),
    ] {
        let (found, text) = status(&shop, Method::PUT, &format!("/tables/{name}"), body.clone()).await;
        assert_eq!(found, expected, "{name} {body}: {text}");
    }
    assert_eq!(shown(&shop).await, ["planets", "looks", "small"], "in the order in which they were made");
}

#[tokio::test]
async fn a_renamed_table_keeps_its_rows_and_what_refers_to_it() {
    let shop = shop().await;
    let body = json!({"name": "worlds", "description": {"tag": "TextValue", "contents": "All of them"}});
    assert_eq!(status(&shop, Method::PATCH, "/tables/planets", body).await, (200, "{}".to_owned()));
    let count = shop.sql("SELECT count(*) AS n FROM worlds").await;
    assert_eq!(count["rows"], json!([{"n": 3}]));
    assert_eq!(shop.sql("SELECT count(*) AS n FROM small").await["rows"], json!([{"n": 2}]));
    let orphan = shop.sql("INSERT INTO looks (planet) VALUES (99)").await;
    assert!(orphan["errors"][0].as_str().unwrap().contains("FOREIGN KEY constraint failed"), "{orphan}");
    let worlds = read(&shop.call(Method::GET, "/tables/worlds", None).await);
    assert_eq!(worlds["description"], "All of them");
    for (name, expected) in [("looks", 409), ("x_by_pk", 400), ("", 400)] {
        let (found, text) = status(&shop, Method::PATCH, "/tables/worlds", json!({"name": name})).await;
        assert_eq!(found, expected, "{name}: {text}");
    }
    assert_eq!(status(&shop, Method::PATCH, "/tables/planets", json!({"name": "x"})).await.0, 404);
    let removed = status(&shop, Method::PATCH, "/tables/worlds", json!({"description": null})).await;
    assert_eq!(removed.0, 200);
    assert_eq!(read(&shop.call(Method::GET, "/tables/worlds", None).await)["description"], json!(null));
}

#[tokio::test]
async fn tables_stand_where_they_were_put() {
    let shop = shop().await;
    assert_eq!(status(&shop, Method::PATCH, "/tables/small", json!({"after": null})).await.0, 200);
    assert_eq!(shown(&shop).await, ["small", "looks", "planets"]);
    assert_eq!(status(&shop, Method::PATCH, "/tables/looks", json!({"after": "planets"})).await.0, 200);
    assert_eq!(shown(&shop).await, ["small", "planets", "looks"]);
    assert_eq!(status(&shop, Method::PATCH, "/tables/looks", json!({"after": "looks"})).await.0, 404);
    assert_eq!(shown(&shop).await, ["small", "planets", "looks"]);
}

#[tokio::test]
async fn dropped_tables_are_gone() {
    let shop = shop().await;
    assert_eq!(status(&shop, Method::DELETE, "/tables/small", json!({})).await, (200, "{}".to_owned()));
    assert_eq!(shop.call(Method::DELETE, "/tables/looks", None).await.status, 200);
    assert_eq!(shop.call(Method::DELETE, "/tables/looks", None).await.status, 404);
    assert_eq!(shown(&shop).await, ["planets"]);
}

#[tokio::test]
async fn a_locked_schema_stays_as_it_is() {
    let shop = shop().await;
    let lock = shop.call(Method::PATCH, "/settings", Some(json!({"schemaLocked": true}))).await;
    assert_eq!(lock.status, 200);
    for (method, below, body) in [
        (Method::PUT, "/tables/x", json!({})),
        (Method::PATCH, "/tables/looks", json!({"name": "x"})),
        (Method::DELETE, "/tables/looks", json!({})),
        (Method::PUT, "/tables/looks/columns/x", json!({})),
        (Method::PATCH, "/tables/looks/columns/size", json!({"name": "x"})),
        (Method::DELETE, "/tables/looks/columns/size", json!({})),
    ] {
        let (found, text) = status(&shop, method.clone(), below, body).await;
        assert_eq!(found, 403, "{method} {below}: {text}");
        assert_eq!(text, r#"{"errors":[{"message":"schema is locked"}]}"#);
    }
    let describe = status(&shop, Method::PATCH, "/tables/looks", json!({"description": "x", "after": null})).await;
    assert_eq!(describe.0, 200, "how tables are shown is no schema");
}
