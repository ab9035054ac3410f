//! Files of tables. What is expected of the script is what `sqlite3` makes of it.

use poem::Request;
use poem::http::{Method, header};
use serde_json::{Value, json};

use super::shop;
use crate::server::{Answer, signed};
use crate::shop::Shop;

async fn export(shop: &Shop, below: &str) -> Answer {
    let answer = shop.call(Method::GET, &format!("/tables/{below}"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

#[tokio::test]
async fn csv_is_what_a_spreadsheet_reads() {
    let shop = Shop::with(&[
        "CREATE TABLE \"Käse, alt\" (id INTEGER PRIMARY KEY, \"a,b\" TEXT, c, d BLOB)",
        "INSERT INTO \"Käse, alt\" VALUES (1, 'say \"hi\"', NULL, x'00ff'), (2, '', 2.5, NULL)",
    ])
    .await;
    let answer = export(&shop, "K%C3%A4se%2C%20alt/export").await;
    assert_eq!(answer.text(), "id,\"a,b\",c,d\n1,\"say \"\"hi\"\"\",,AP8=\n2,\"\",2.5,\n");
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    let named = "attachment; filename=\"K_se_ alt.csv\"; filename*=UTF-8''K%C3%A4se%2C%20alt.csv";
    assert_eq!(answer.header("content-disposition"), Some(named));
}

#[tokio::test]
async fn every_format_has_every_row() {
    let shop = shop().await;
    let tsv = export(&shop, "small/export?format=tsv").await;
    assert_eq!(tsv.text(), "name\tmoons\nMars\t2\nErde\t1\n");
    let parsed: Value = serde_json::from_str(export(&shop, "small/export?format=json").await.text()).unwrap();
    assert_eq!(parsed, json!([{"name": "Mars", "moons": 2}, {"name": "Erde", "moons": 1}]));
    let lines = export(&shop, "small/export?format=ndjson").await;
    assert_eq!(lines.text(), "{\"name\":\"Mars\",\"moons\":2}\n{\"name\":\"Erde\",\"moons\":1}\n");
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let unknown = shop.call(Method::GET, "/tables/small/export?format=xlsx", None).await;
    assert_eq!(unknown.status, 400);
    assert_eq!(shop.call(Method::GET, "/tables/moons/export", None).await.status, 404);
}

#[tokio::test]
async fn the_header_accept_chooses_the_format() {
    let shop = shop().await;
    let chosen = async |accept: &str| {
        let path = format!("/api/dbs/{}/tables/small/export", shop.id);
        let request = Request::builder().uri_str(path).header(header::ACCEPT, accept).finish();
        let answer = shop.server.send(signed(request, "Basic", "testuser:testpass")).await;
        answer.header("content-type").unwrap().split(';').next().unwrap().to_owned()
    };
    assert_eq!(chosen("application/json").await, "application/json");
    assert_eq!(
        chosen("text/html, application/x-ndjson;q=0.5, text/tab-separated-values;q=0.9").await,
        "text/tab-separated-values"
    );
    assert_eq!(chosen("text/html,*/*").await, "text/csv");
    assert_eq!(chosen("application/json;q=0, */*").await, "text/csv");
}

#[tokio::test]
async fn a_header_accept_that_takes_no_format_is_refused() {
    let shop = shop().await;
    let asked = async |below: &str| {
        let path = format!("/api/dbs/{}/tables/small/export{below}", shop.id);
        let request =
            Request::builder().uri_str(path).header(header::ACCEPT, "text/html, application/xml;q=0.9").finish();
        shop.server.send(signed(request, "Basic", "testuser:testpass")).await
    };
    let refused = asked("").await;
    assert_eq!(refused.status, 406, "{}", refused.text());
    assert!(refused.told().contains("text/csv, text/tab-separated-values, application/json"), "{}", refused.told());
    // A request that names its format says by that what it takes.
    assert_eq!(asked("?format=tsv").await.status, 200);
}

#[tokio::test]
async fn a_script_makes_the_table_anew() {
    let shop = shop().await;
    shop.sql("CREATE INDEX by_moons ON planets (moons)").await;
    shop.sql("CREATE TABLE made (a INTEGER, b INTEGER AS (a * 2), c TEXT)").await;
    shop.sql("INSERT INTO made VALUES (1, 'it''s')").await;
    let script = export(&shop, "planets/export?format=sql").await.text().to_owned();
    let again = rusqlite::Connection::open_in_memory().unwrap();
    again.execute_batch(&script).unwrap();
    let count: i64 =
        again.query_row("SELECT sum(moons) FROM planets INDEXED BY by_moons", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 98);
    let picture: Vec<u8> = again.query_row("SELECT picture FROM planets WHERE id = 1", [], |row| row.get(0)).unwrap();
    assert_eq!(picture, b"\x89PNG\r\n\x1a\n");
    again.execute_batch(export(&shop, "made/export?format=sql").await.text()).unwrap();
    let made: (i64, String) =
        again.query_row("SELECT b, c FROM made", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(made, (2, "it's".to_owned()));
    again.execute_batch(export(&shop, "small/export?format=sql").await.text()).unwrap();
    let rows: i64 = again.query_row("SELECT count(*) FROM small", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 2);
}
