//! Adding, changing and dropping columns.

use poem::http::Method;
use serde_json::{Value, json};

use super::shop;
use crate::shop::{Shop, read};

async fn status(shop: &Shop, method: Method, below: &str, body: Value) -> (u16, String) {
    let answer = shop.call(method, &format!("/tables/{below}"), Some(body)).await;
    (answer.status, answer.text().to_owned())
}

async fn columns(shop: &Shop, table: &str) -> Vec<String> {
    let table = read(&shop.call(Method::GET, &format!("/tables/{table}"), None).await);
    let columns = table["columns"].as_array().unwrap_or_else(|| panic!("{table}")).iter().skip(1);
    columns.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_new_column_is_for_text_unless_told_otherwise() {
    let shop = shop().await;
    let made = shop.call(Method::PUT, "/tables/looks/columns/note", Some(json!({}))).await;
    let expected = json!({
        "name": "note", "sqliteDataType": "TEXT", "gqlDataType": "String", "inputElement": "InputText",
        "isGenerated": false, "isNonNull": false, "isOmittable": true, "isPrimaryKey": false, "isUnique": false,
        "items": null, "validations": null, "description": null, "defaultValue": null,
    });
    assert_eq!((made.status, read(&made)), (200, expected));
    let body = json!({"sqliteDataType": "INTEGER", "isNonNull": true, "defaultValue": "0", "description": "How many",
        "after": "planet"});
    let made = shop.call(Method::PUT, "/tables/looks/columns/count", Some(body)).await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(read(&made)["description"], "How many");
    assert_eq!(columns(&shop, "looks").await, ["planet", "count", "color", "size", "note"]);
    assert_eq!(shop.sql("SELECT count, note FROM looks").await["rows"], json!([{"count": 0, "note": null}]));
    for (name, body, expected) in [
        ("note", json!({}), 409),
        ("NOTE", json!({}), 409),
        ("x", json!({"isNonNull": true}), 400),
        ("x", json!({"after": "nowhere"}), 404),
        ("x", json!({"validations": [{"kind": "check", "predicate": "1"}]}), 400),
    ] {
        let (found, text) = status(&shop, Method::PUT, &format!("looks/columns/{name}"), body.clone()).await;
        assert_eq!(found, expected, "{name} {body}: {text}");
    }
    assert_eq!(status(&shop, Method::PUT, "moons/columns/x", json!({})).await.0, 404);
    assert_eq!(status(&shop, Method::PUT, "small/columns/x", json!({})).await.0, 400, "a view");
}

#[tokio::test]
async fn a_column_is_declared_anew_and_its_values_stay() {
    let shop = shop().await;
    let body = json!({"name": "diameter", "sqliteDataType": "TEXT", "defaultValue": null});
    assert_eq!(status(&shop, Method::PATCH, "looks/columns/size", body).await, (200, "{}".to_owned()));
    assert_eq!(
        shop.sql("SELECT diameter, typeof(diameter) AS t FROM looks").await["rows"],
        json!([{"diameter": "2.0", "t": "text"}])
    );
    let body = json!({"validations": [{"kind": "oneOf", "values": ["red", "blue", "green"]}], "isNonNull": true});
    let (changed, text) = status(&shop, Method::PATCH, "looks/columns/color", body).await;
    assert_eq!(changed, 200, "{text}");
    assert_eq!(shop.sql("INSERT INTO looks VALUES (2, 'green', '1')").await["errors"], json!([]));
    let refused = shop.sql("INSERT INTO looks VALUES (2, 'pink', '1')").await;
    assert!(refused["errors"][0].as_str().unwrap().contains("CHECK constraint failed"), "{refused}");
    let orphan = shop.sql("INSERT INTO looks VALUES (99, 'red', '1')").await;
    assert!(orphan["errors"][0].as_str().unwrap().contains("FOREIGN KEY"), "{orphan}");
    let unfit = status(&shop, Method::PATCH, "planets/columns/picture", json!({"isNonNull": true})).await;
    assert_eq!(unfit.0, 400, "{}", unfit.1);
    assert_eq!(status(&shop, Method::PATCH, "looks/columns/nowhere", json!({"name": "x"})).await.0, 404);
    assert_eq!(status(&shop, Method::PATCH, "looks/columns/color", json!({"name": "planet"})).await.0, 409);
}

#[tokio::test]
async fn columns_stand_where_they_were_put_also_under_another_name() {
    let shop = shop().await;
    assert_eq!(status(&shop, Method::PATCH, "looks/columns/size", json!({"after": null})).await.0, 200);
    assert_eq!(columns(&shop, "looks").await, ["size", "planet", "color"]);
    let body = json!({"name": "extent", "after": "planet", "description": "In miles"});
    assert_eq!(status(&shop, Method::PATCH, "looks/columns/size", body).await.0, 200);
    assert_eq!(columns(&shop, "looks").await, ["planet", "extent", "color"]);
    let looks = read(&shop.call(Method::GET, "/tables/looks", None).await);
    assert_eq!(looks["columns"][2]["description"], "In miles");
    assert_eq!(looks["columns"][2]["items"], json!([2.0]));
}

#[tokio::test]
async fn a_dropped_column_is_gone_and_the_last_one_stays() {
    let shop = shop().await;
    assert_eq!(shop.call(Method::DELETE, "/tables/planets/columns/picture", None).await.status, 200);
    assert_eq!(columns(&shop, "planets").await, ["id", "name", "moons"]);
    assert_eq!(shop.call(Method::DELETE, "/tables/planets/columns/picture", None).await.status, 404);
    shop.sql("CREATE TABLE one (a)").await;
    let last = shop.call(Method::DELETE, "/tables/one/columns/a", None).await;
    assert_eq!(last.status, 400, "{}", last.text());
}
