//! `POST /upsert`: keys, cursors, subsets of columns, creation, refusals.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;

use crate::process::{Server, refused, told};

const PEOPLE: &str = "id,name,age\n1,Ann,30\n2,Bob,40\n";

fn upsert(server: &Server, table: &str, key: &str) -> RequestBuilder {
    let query = [("catalog", "lakehouse"), ("schema", "main"), ("table", table), ("primary_key", key)];
    server.post("/upsert").query(&query)
}

async fn merge(request: RequestBuilder, body: &str) {
    let (status, text) = told(request.body(body.to_owned())).await;
    assert_eq!((status, text.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn rows_with_a_known_key_are_updated_and_others_added() {
    let server = Server::start();
    server.load("people", "create", PEOPLE).await;
    merge(upsert(&server, "people", "id"), "id,name,age\n2,Rob,41\n3,Cid,50\n").await;
    let rows = server.rows("SELECT * FROM people ORDER BY id").await;
    assert_eq!(rows, json!([[1, "Ann", 30], [2, "Rob", 41], [3, "Cid", 50]]));
    let counted = server.rows("SELECT count(*), min(age), max(age), count(name) FROM people WHERE id >= 2").await;
    assert_eq!(counted, json!([[2, 41, 50, 2]]));
}

#[tokio::test]
async fn the_table_is_made_from_the_file_with_one_row_a_key() {
    let server = Server::start();
    let query = [("catalog", "lakehouse"), ("schema", "fresh"), ("table", "made"), ("primary_key", "id")];
    merge(server.post("/upsert").query(&query), "id,name\n2,first\n1,Ann\n2,last\n").await;
    assert_eq!(server.rows("SELECT * FROM fresh.made ORDER BY id").await, json!([[1, "Ann"], [2, "last"]]));
    // Sent again it changes nothing.
    merge(server.post("/upsert").query(&query), "id,name\n2,first\n1,Ann\n2,last\n").await;
    assert_eq!(server.rows("SELECT * FROM fresh.made ORDER BY id").await, json!([[1, "Ann"], [2, "last"]]));
}

#[tokio::test]
async fn columns_are_matched_by_name_and_those_the_file_lacks_are_kept() {
    let server = Server::start();
    server.load("people", "create", PEOPLE).await;
    merge(upsert(&server, "people", "ID"), "AGE,id\n31,1\n60,4\n").await;
    let rows = server.rows("SELECT id, name, age FROM people ORDER BY id").await;
    assert_eq!(rows, json!([[1, "Ann", 31], [2, "Bob", 40], [4, null, 60]]));
    // Keys alone are added where they are new; the rows of the others stay as they are.
    merge(upsert(&server, "people", "id"), "id\n2\n5\n").await;
    let rows = server.rows("SELECT id, name, age FROM people ORDER BY id").await;
    assert_eq!(rows, json!([[1, "Ann", 31], [2, "Bob", 40], [4, null, 60], [5, null, null]]));
}

#[tokio::test]
async fn keys_and_cursors_are_lists_whose_blanks_do_not_count() {
    let server = Server::start();
    server.load("lines", "create", "o,line,rev,sub,v\n1,1,5,5,old\n1,2,5,5,old\n2,1,5,,old\n2,2,,,old\n").await;
    let newer =
        "o,line,rev,sub,v\n1,1,5,6,new\n1,2,4,9,new\n2,1,5,0,new\n2,2,0,,new\n3,1,,,low\n3,1,1,,high\n3,1,1,,last\n";
    merge(upsert(&server, "lines", " o , ,line,").query(&[("cursor_field", "rev , sub,"), ("mode", "create")]), newer)
        .await;
    let rows = server.rows("SELECT o, line, v FROM lines ORDER BY o, line").await;
    // 5,6 > 5,5; 4,9 < 5,5; 0 beats NULL in second place and in the first; of the file 1 beats NULL, then the last counts.
    let expected = json!([[1, 1, "new"], [1, 2, "old"], [2, 1, "new"], [2, 2, "new"], [3, 1, "last"]]);
    assert_eq!(rows, expected);
    let older = "o,line,rev,sub,v\n1,1,5,6,tie\n2,1,,7,null\n";
    merge(upsert(&server, "lines", "o,line").query(&[("cursor_field", "rev,sub")]), older).await;
    let rows = server.rows("SELECT o, line, v FROM lines ORDER BY o, line").await;
    assert_eq!(rows, expected, "an equal cursor is not greater, and NULL never beats a value");
    // Without a cursor the file always wins.
    merge(upsert(&server, "lines", "o,line"), older).await;
    assert_eq!(
        server.rows("SELECT v FROM lines WHERE o + line < 4 ORDER BY o, line").await,
        json!([["tie"], ["old"], ["null"]])
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let server = Server::start();
    server.load("people", "create", PEOPLE).await;
    let all = [("catalog", "lakehouse"), ("schema", "main"), ("table", "people"), ("primary_key", "id")];
    for missing in ["catalog", "schema", "table", "primary_key"] {
        let query: Vec<_> = all.into_iter().filter(|(name, _)| *name != missing).collect();
        let message = refused(server.post("/upsert").query(&query).body("id\n3\n")).await;
        assert!(message.contains(missing), "{message}");
    }
    for (key, cursor, body, told) in [
        (" , ", None, "id\n3\n", "`primary_key` names no column"),
        ("id", Some(","), "id\n3\n", "`cursor_field` names no column"),
        ("id,size", None, "id,name\n3,Cid\n", "\"size\", which the file lacks; its columns are \"id\", \"name\""),
        ("id", Some("age"), "id,name\n3,Cid\n", "cursor_field names the column \"age\""),
        ("id", None, "id,size\n3,4\n", "no column \"size\""),
        ("id", None, "id,name\n3,Cid\n,Dan\n", "row 2 of the file has no value in \"id\""),
        ("id", None, "id,age\n3,50\n4,old\n", "line 3, column \"age\""),
    ] {
        let request = upsert(&server, "people", key).query(&cursor.map(|cursor| [("cursor_field", cursor)]));
        let message = refused(request.body(body)).await;
        assert!(message.contains(told), "{key}: {message}");
    }
    let rows = server.rows("SELECT * FROM people ORDER BY id").await;
    assert_eq!(rows, json!([[1, "Ann", 30], [2, "Bob", 40]]));
    // Not even the table is left of one that would have made it.
    refused(upsert(&server, "never", "id").body("id,name\n1,Ann\n,Bob\n")).await;
    assert!(server.ask("SELECT * FROM never").await.error.is_some());
}

#[tokio::test]
async fn the_mode_of_earlier_versions_still_works() {
    let server = Server::start();
    server.load("people", "create", PEOPLE).await;
    let request = server.upload("people", "upsert").query(&[("primary_key", "id")]);
    merge(request, "id,name,age\n1,Anna,32\n3,Cid,50\n").await;
    let rows = server.rows("SELECT * FROM people ORDER BY id").await;
    assert_eq!(rows, json!([[1, "Anna", 32], [2, "Bob", 40], [3, "Cid", 50]]));
    let message = refused(server.upload("people", "upsert").body("id\n1\n")).await;
    assert!(message.contains("primary_key"), "{message}");
}

#[tokio::test]
async fn many_rows_scattered_over_the_table_are_merged() {
    let server = Server::start();
    server.rows("CREATE TABLE n AS SELECT i AS id, i % 7 AS v, 'kept' AS note FROM range(300000) r(i)").await;
    // Every third key up to 600,000: 100,000 are there, 100,000 are new.
    let body: String = (0..200_000).map(|number| format!("{},{}\n", number * 3, -1)).collect();
    merge(upsert(&server, "n", "id"), &format!("id,v\n{body}")).await;
    let counted = server
        .rows("SELECT count(*), count(DISTINCT id), sum(CASE WHEN v = -1 THEN 1 ELSE 0 END), count(note) FROM n")
        .await;
    assert_eq!(counted, json!([[400_000, 400_000, 200_000, 300_000]]));
    let wrong = server.rows("SELECT count(*) FROM n WHERE id < 300000 AND id % 3 <> 0 AND v <> id % 7").await;
    assert_eq!(wrong, json!([[0]]));
}
