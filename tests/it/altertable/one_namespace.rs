//! SQLite databases beside lakehouse ones in one namespace: made, written and read by SQL, and by uploads, upserts and appends.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::process::{PASSWORD, Server, USER, told};

/// A server with the SQLite database `shop`, in which an application left a table.
async fn shop() -> Server {
    let server = Server::start();
    server.rows("CREATE DATABASE shop (TYPE sqlite)").await;
    server
        .rows(
            "CREATE TABLE shop.main.orders (id INTEGER PRIMARY KEY, customer VARCHAR NOT NULL, total DOUBLE DEFAULT 0)",
        )
        .await;
    server.rows("INSERT INTO shop.main.orders VALUES (1, 'ann', 10.5), (2, 'bob', 20), (3, 'Ann', 0.25)").await;
    server
}

async fn error(server: &Server, statement: &str) -> String {
    server.ask(statement).await.error.unwrap_or_else(|| panic!("{statement} is not refused"))
}

/// An upload, upsert or append into `shop.main`.
async fn send(server: &Server, path: &str, table: &str, more: &[(&str, &str)], body: &str) -> (StatusCode, String) {
    let query = [("catalog", "shop"), ("schema", "main"), ("table", table)];
    let kind = if body.starts_with(['{', '[']) { "application/json" } else { "text/csv" };
    let request = server.post(path).query(&query).query(more).header("Content-Type", kind);
    told(request.body(body.to_owned())).await
}

#[tokio::test]
async fn one_statement_joins_a_sqlite_table_with_a_delta_table() {
    let server = shop().await;
    server.load("regions", "create", "customer,region\nann,north\nbob,south\n").await;
    let joined = "SELECT r.region, sum(o.total) FROM shop.main.orders o JOIN lakehouse.main.regions r \
                  ON r.customer = o.customer GROUP BY 1 ORDER BY 1";
    assert_eq!(server.rows(joined).await, json!([["north", 10.5], ["south", 20.0]]));
    // `shop` is no schema of the current database, so it is the database.
    assert_eq!(server.rows("SELECT count(*) FROM shop.orders").await, json!([[3]]));
    assert_eq!(server.rows("USE shop; SELECT customer FROM orders WHERE id = 2").await, json!([["bob"]]));
    let copied = "CREATE TABLE copied AS SELECT * FROM shop.orders; SELECT max(total) FROM lakehouse.main.copied";
    assert_eq!(server.rows(copied).await, json!([[20.5 - 0.5]]));
    server.rows("CREATE TABLE shop.main.regions AS SELECT * FROM lakehouse.main.regions").await;
    assert_eq!(server.rows("SELECT region FROM shop.regions ORDER BY 1").await, json!([["north"], ["south"]]));
}

#[tokio::test]
async fn text_is_compared_as_everywhere_else_here() {
    let server = shop().await;
    for (condition, expected) in [
        ("customer = 'ann'", json!([[1]])),
        ("customer < 'a'", json!([[3]])),
        ("customer IN ('Ann', 'bob') AND total >= 1", json!([[2]])),
        ("NOT customer = 'ann' AND total IS NOT NULL", json!([[2], [3]])),
        ("lower(customer) = 'ann'", json!([[1], [3]])),
        ("id BETWEEN 2 AND 3 AND customer LIKE 'A%'", json!([[3]])),
    ] {
        let statement = format!("SELECT id FROM shop.orders WHERE {condition} ORDER BY id");
        assert_eq!(server.rows(&statement).await, expected, "{condition}");
    }
}

/// Of many rows a look at one reads one, and a limit as many as it says.
#[tokio::test]
async fn conditions_and_limits_are_looked_up_where_the_rows_are() {
    let server = shop().await;
    server.rows("CREATE TABLE shop.main.numbers (id INTEGER PRIMARY KEY, word VARCHAR)").await;
    server.rows("INSERT INTO shop.main.numbers SELECT i, 'word ' || i FROM range(1, 300001) t(i)").await;
    for (statement, expected, most) in [
        ("SELECT word FROM shop.numbers WHERE id = 123456", json!([["word 123456"]]), 1),
        ("SELECT count(*) FROM (SELECT * FROM shop.numbers LIMIT 7)", json!([[7]]), 7),
        ("SELECT count(*) FROM shop.numbers WHERE id > 299990 AND word <> 'x'", json!([[10]]), 10),
    ] {
        let response = server.query_with(json!({ "statement": statement })).await;
        let answer = Answer::read(&response.text().await.unwrap());
        assert_eq!((answer.error, json!(answer.rows)), (None, expected), "{statement}");
        let path = format!("/query/{}", answer.metadata["query_id"].as_str().unwrap());
        let (_, text) = told(server.get(&path).basic_auth(USER, Some(PASSWORD))).await;
        let log: Value = serde_json::from_str(&text).unwrap();
        let read = log["progress"]["rows_processed"].as_u64().unwrap();
        assert!((1..=most).contains(&read), "{statement}: {log}");
    }
    let request = server.post("/explain").json(&json!({"statement": "SELECT word FROM shop.numbers WHERE id > 5"}));
    let explained: Value = serde_json::from_str(&told(request).await.1).unwrap();
    assert!(explained.to_string().contains("shop.main.numbers"), "{explained}");
    let plan = server.rows("EXPLAIN SELECT word FROM shop.numbers WHERE id > 5 LIMIT 2").await;
    assert!(plan.to_string().contains("limit=2"), "{plan}");
}

#[tokio::test]
async fn rows_are_changed_in_the_words_of_sqlite_or_not_at_all() {
    let server = shop().await;
    let counted = |n: u64| json!([[n]]);
    assert_eq!(server.rows("INSERT INTO shop.orders (customer) VALUES ('eve')").await, counted(1));
    assert_eq!(server.rows("SELECT id, total FROM shop.orders WHERE customer = 'eve'").await, json!([[4, 0.0]]));
    let update = "UPDATE shop.orders o SET total = o.total * 2 + 1, customer = 'it''s ' || customer WHERE id IN (1, 2)";
    assert_eq!(server.rows(update).await, counted(2));
    let rows = "SELECT customer, total FROM shop.orders WHERE id < 3 ORDER BY id";
    assert_eq!(server.rows(rows).await, json!([["it's ann", 22.0], ["it's bob", 41.0]]));
    assert_eq!(server.rows("DELETE FROM shop.orders WHERE customer = 'ann' OR total < 0.5").await, counted(2));
    assert_eq!(server.rows("TRUNCATE shop.orders").await, counted(2));
    for refused in [
        "UPDATE shop.orders SET total = total / 3",
        "DELETE FROM shop.orders WHERE customer LIKE 'a%'",
        "DELETE FROM shop.orders WHERE id IN (SELECT 1)",
        "MERGE INTO shop.orders o USING (SELECT 1 AS id) s ON o.id = s.id WHEN MATCHED THEN DELETE",
        "CREATE VIEW shop.main.v AS SELECT 1 AS one",
    ] {
        let told = error(&server, refused).await;
        assert!(told.contains("POST /dbs/{dbId}/sql"), "{refused}: {told}");
    }
    let told = error(&server, "BEGIN; INSERT INTO shop.orders VALUES (9, 'x', 1); COMMIT").await;
    assert!(told.contains("is a transaction of its own"), "{told}");
    assert!(error(&server, "INSERT INTO shop.orders VALUES (5, NULL, 1)").await.contains("customer"));
    assert_eq!(server.rows("SELECT count(*) FROM shop.orders").await, counted(0));
}

#[tokio::test]
async fn definitions_change_and_are_shown() {
    let server = shop().await;
    server.rows("ALTER TABLE shop.orders ADD COLUMN note VARCHAR").await;
    server.rows("ALTER TABLE shop.orders RENAME COLUMN note TO remark").await;
    let columns = "SELECT column_name, data_type, is_nullable FROM information_schema.columns \
                   WHERE table_catalog = 'shop' AND table_name = 'orders' ORDER BY ordinal_position";
    let shown = server.rows(columns).await;
    let names: Vec<&str> = shown.as_array().unwrap().iter().map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(names, ["id", "customer", "total", "remark"]);
    assert_eq!(shown[0][1], "BIGINT");
    assert_eq!(shown[1], json!(["customer", "VARCHAR", "NO"]));
    assert_eq!(shown[2][1], "DOUBLE");
    assert_eq!(
        server.rows("SELECT database_name FROM duckdb_tables() WHERE table_name = 'orders'").await,
        json!([["shop"]])
    );
    assert_eq!(server.rows("DESCRIBE shop.orders").await[1][0], "customer");
    assert_eq!(server.rows("SUMMARIZE shop.orders").await[2][0], "total");
    server.rows("ALTER TABLE shop.orders DROP COLUMN remark").await;
    server.rows("ALTER TABLE shop.orders RENAME TO sold").await;
    assert_eq!(server.rows("SELECT count(*) FROM shop.sold").await, json!([[3]]));
    let request = server.post("/autocomplete").json(&json!({"statement": "SELECT cus FROM shop.sold", "cursor": 10}));
    let suggested = told(request).await.1;
    assert!(suggested.contains("customer"), "{suggested}");
    server.rows("DROP TABLE shop.sold").await;
    assert!(error(&server, "SELECT * FROM shop.sold").await.contains("does not exist"));
    server.rows("DROP DATABASE shop").await;
    assert!(error(&server, "SELECT * FROM shop.sold").await.contains("does not exist"));
}

#[tokio::test]
async fn uploads_upserts_and_appends_write_sqlite_files() {
    let server = shop().await;
    assert_eq!(
        send(&server, "/upload", "loaded", &[("mode", "create")], "id,name\n1,a\n2,b\n").await.0,
        StatusCode::OK
    );
    let key = [("primary_key", "id")];
    assert_eq!(send(&server, "/upsert", "loaded", &key, "id,name\n2,B\n3,c\n").await, (StatusCode::OK, String::new()));
    assert_eq!(
        server.rows("SELECT id, name FROM shop.loaded ORDER BY id").await,
        json!([[1, "a"], [2, "B"], [3, "c"]])
    );
    let (status, text) = send(&server, "/append", "loaded", &[("sync", "true")], r#"{"id": 4, "name": "d"}"#).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    assert_eq!(server.rows("SELECT count(*) FROM shop.loaded").await, json!([[4]]));
    for n in 5..25 {
        send(&server, "/append", "loaded", &[], &format!(r#"{{"id": {n}, "name": "later"}}"#)).await;
    }
    // Acknowledged and perhaps not in the file yet: the next start puts them there.
    let server = Server::start_in(server.kill(), &[]);
    assert_eq!(server.rows("SELECT count(*), count(DISTINCT id) FROM shop.loaded").await, json!([[24, 24]]));
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

/// SQLite's own dialect reads its views, whatever they are made of.
#[tokio::test]
async fn views_of_a_sqlite_database_are_read_by_it() {
    let server = shop().await;
    for statement in [
        "CREATE VIEW spent AS SELECT lower(customer) AS who, sum(total) AS spent, count(*) / 2 AS half FROM orders GROUP BY 1",
        "CREATE TABLE untyped (a, b)",
        "INSERT INTO untyped VALUES (1, 'x'), (2.5, NULL), (NULL, 'y')",
    ] {
        let (status, text) = told(server.post("/dbs/shop/sql").json(&json!({ "query": statement }))).await;
        assert!(status == StatusCode::OK && text.contains(r#""errors":[]"#), "{statement}: {text}");
    }
    // 2 / 2 and 1 / 2 are whole numbers in SQLite.
    let spent = "SELECT who, spent, half FROM shop.main.spent WHERE who <> 'x' ORDER BY who";
    assert_eq!(server.rows(spent).await, json!([["ann", 10.75, 1], ["bob", 20.0, 0]]));
    assert_eq!(server.rows("SELECT who FROM shop.spent WHERE spent > 15").await, json!([["bob"]]));
    let types = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name IN ('spent', 'untyped') \
                 ORDER BY table_name, ordinal_position";
    assert_eq!(
        server.rows(types).await,
        json!([["who", "VARCHAR"], ["spent", "DOUBLE"], ["half", "BIGINT"], ["a", "VARCHAR"], ["b", "VARCHAR"]])
    );
    assert_eq!(server.rows("SELECT a, b FROM shop.untyped WHERE a = '1'").await, json!([["1", "x"]]));
    assert_eq!(server.rows("SELECT b FROM shop.untyped WHERE a < '2.50' ORDER BY a").await, json!([["x"], [null]]));
}
