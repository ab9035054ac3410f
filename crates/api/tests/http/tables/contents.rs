//! Reading and searching.

use poem::http::Method;
use serde_json::{Value, json};

use super::shop;
use crate::shop::{Shop, Who, read, request};

async fn table(shop: &Shop, below: &str) -> Value {
    let answer = shop.call(Method::GET, &format!("/tables/{below}"), None).await;
    assert_eq!(answer.status, 200, "{below}: {}", answer.text());
    read(&answer)
}

/// The cells of a column.
fn items<'a>(table: &'a Value, column: &str) -> &'a Value {
    &table["columns"].as_array().unwrap().iter().find(|it| it["name"] == column).unwrap()["items"]
}

fn names(table: &Value) -> Vec<&str> {
    table["columns"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_table_is_its_columns_with_their_cells() {
    let shop = shop().await;
    let planets = table(&shop, "planets").await;
    assert_eq!(names(&planets), ["rowid", "id", "name", "moons", "picture"]);
    assert_eq!(
        (&planets["numberOfRows"], &planets["maxCellLimitReached"], &planets["rowidColumnName"], &planets["tableType"]),
        (&json!(3), &json!(false), &json!("rowid"), &json!("Table"))
    );
    assert_eq!(items(&planets, "rowid"), &json!([1, 2, 3]));
    assert_eq!(items(&planets, "name"), &json!(["Mars", "Jupiter", "Erde"]));
    let picture = items(&planets, "picture")[0]["url"].as_str().unwrap().to_owned();
    let readonly = read(&shop.call(Method::GET, "", None).await)["readonlyId"].as_str().unwrap().to_owned();
    assert_eq!(picture, format!("/readonly/{readonly}/tables/planets/columns/picture/files/rowid/1"));
    let answer = request(&shop.server, Who::Nobody, Method::GET, &picture, None).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/png")));
    let expected = json!({
        "name": "name", "sqliteDataType": "TEXT", "gqlDataType": "String", "inputElement": "InputText",
        "isGenerated": false, "isNonNull": true, "isOmittable": false, "isPrimaryKey": false, "isUnique": true,
        "items": ["Mars", "Jupiter", "Erde"], "validations": null, "description": null, "defaultValue": null,
    });
    assert_eq!(planets["columns"][2], expected);
}

#[tokio::test]
async fn columns_tell_what_their_values_must_satisfy() {
    let looks = table(&shop().await, "looks").await;
    let column = |name: &str| {
        let columns = looks["columns"].as_array().unwrap();
        columns.iter().find(|it| it["name"] == name).unwrap().clone()
    };
    let planet = column("planet");
    assert_eq!(planet["inputElement"], "InputReference");
    assert_eq!(planet["validations"], json!([{"kind": "references", "table": "planets", "column": "id"}]));
    let color = column("color");
    assert_eq!(color["inputElement"], "InputSelect");
    assert_eq!(color["validations"], json!([{"kind": "oneOf", "values": ["red", "blue"]}]));
    let size = column("size");
    assert_eq!((&size["defaultValue"], &size["gqlDataType"]), (&json!("1.5"), &json!("Float")));
    assert_eq!(size["validations"], json!([{"kind": "check", "name": "large", "predicate": "size > 0"}]));
}

#[tokio::test]
async fn rows_can_be_sorted_and_paged() {
    let shop = shop().await;
    let names = async |query: &str| items(&table(&shop, &format!("planets?{query}")).await, "name").clone();
    assert_eq!(names("orderBy=name").await, json!(["Erde", "Jupiter", "Mars"]));
    assert_eq!(names("orderBy=MOONS&desc=true").await, json!(["Jupiter", "Mars", "Erde"]));
    assert_eq!(names("limit=1&offset=1").await, json!(["Jupiter"]));
    assert_eq!(names("limit=0").await, json!([]));
    assert_eq!(names("desc=1").await, json!(["Erde", "Jupiter", "Mars"]));
    let answer = shop.call(Method::GET, "/tables/planets?orderBy=size", None).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("has no column \\\"size\\\""), "{}", answer.text());
    assert_eq!(shop.call(Method::GET, "/tables/planets?limit=-1", None).await.status, 400);
}

#[tokio::test]
async fn views_have_no_row_numbers() {
    let small = table(&shop().await, "small").await;
    assert_eq!(names(&small), ["name", "moons"]);
    assert_eq!((&small["tableType"], &small["rowidColumnName"]), (&json!("View"), &json!(null)));
    assert_eq!(items(&small, "name"), &json!(["Mars", "Erde"]));
}

#[tokio::test]
async fn a_page_ends_where_it_would_have_too_many_cells() {
    let shop = Shop::with(&[
        "CREATE TABLE n (a, b, c)",
        "INSERT INTO n WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000) SELECT i, i, i FROM n",
    ])
    .await;
    let first = table(&shop, "n").await;
    // Three columns and the row number: 25,000 rows are 100,000 cells.
    assert_eq!(items(&first, "a").as_array().unwrap().len(), 25_000);
    assert_eq!((&first["maxCellLimitReached"], &first["numberOfRows"]), (&json!(true), &json!(30_000)));
    let rest = table(&shop, "n?offset=25000").await;
    assert_eq!(items(&rest, "a").as_array().unwrap().len(), 5_000);
    assert_eq!(rest["maxCellLimitReached"], json!(false));
    let few = table(&shop, "n?limit=10").await;
    assert_eq!(few["maxCellLimitReached"], json!(false));
}

#[tokio::test]
async fn a_search_finds_rows_that_have_every_word() {
    let shop = Shop::with(&[
        "CREATE TABLE t (a TEXT, b INTEGER, c BLOB)",
        "INSERT INTO t VALUES ('The Red Planet', 12, x'414243'), ('50%', 1, NULL), ('Übung', 2, NULL), (NULL, 3, NULL), \
         ('a_b', 4, NULL), ('die Größe', 5, NULL)",
    ])
    .await;
    let found = async |term: &str| {
        let found = table(&shop, &format!("t/search/{term}")).await;
        let rows = items(&found, "rowid").clone();
        assert_eq!(found["numberOfRows"], json!(rows.as_array().unwrap().len()), "{term}");
        rows
    };
    assert_eq!(found("red").await, json!([1]));
    assert_eq!(found("planet%20THE").await, json!([1]));
    assert_eq!(found("planet%20moon").await, json!([]));
    assert_eq!(found("12").await, json!([1]));
    assert_eq!(found("t1").await, json!([]), "no word reaches from one cell into the next");
    assert_eq!(found("%25").await, json!([2]));
    assert_eq!(found("_").await, json!([5]));
    assert_eq!(found("%C3%BCBUNG").await, json!([3]));
    assert_eq!(found("%C3%BCb").await, json!([3]), "ü finds Ü");
    assert_eq!(found("GR%C3%96%C3%9FE%20DIE").await, json!([6]));
    assert_eq!(found("ABC").await, json!([]), "bytes are not searched");
    assert_eq!(found("%20").await, json!([1, 2, 3, 4, 5, 6]));
    assert_eq!(found("it's%22").await, json!([]));
}

#[tokio::test]
async fn who_may_not_read_reads_nothing() {
    let shop = shop().await;
    let path = format!("/api/dbs/{}/tables/planets", shop.id);
    let writer = shop.token(&["write"]).await;
    assert_eq!(request(&shop.server, Who::Bearer(&writer), Method::GET, &path, None).await.status, 403);
    assert_eq!(request(&shop.server, Who::Stranger, Method::GET, &path, None).await.status, 404);
    assert_eq!(request(&shop.server, Who::Nobody, Method::GET, &path, None).await.status, 401);
    let missing = shop.call(Method::GET, "/tables/moons", None).await;
    assert_eq!(
        (missing.status, read(&missing)),
        (404, json!({"errors": [{"message": "Table \"moons\" does not exist"}]}))
    );
}
