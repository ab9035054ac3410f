//! COMMENT ON, and where comments are read.

use serde_json::json;

use crate::process::Server;

const COLUMNS: &str = "SELECT column_name, column_comment FROM information_schema.columns WHERE table_name = 't' AND column_name <> 'more' ORDER BY ordinal_position";

#[tokio::test]
async fn comments_of_tables_and_columns_come_and_go() {
    let server = Server::start();
    server.rows("CREATE TABLE t (id BIGINT, name VARCHAR)").await;
    let answer = server
        .ask("BEGIN TRANSACTION; COMMENT ON TABLE lakehouse.main.t IS 'it''s a table'; COMMENT ON COLUMN t.name IS E'who\\nis it'; COMMIT;")
        .await;
    assert_eq!((answer.error, answer.columns.as_str()), (None, "[{\"name\":\"Success\",\"type\":\"BOOLEAN\"}]"));
    assert_eq!(server.rows(COLUMNS).await, json!([["id", null], ["name", "who\nis it"]]));
    let tables = "SELECT table_name, TABLE_COMMENT FROM information_schema.tables";
    assert_eq!(server.rows(tables).await, json!([["t", "it's a table"]]));
    assert_eq!(server.rows("SELECT comment FROM duckdb_tables()").await, json!([["it's a table"]]));
    let columns = "SELECT column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL";
    assert_eq!(server.rows(columns).await, json!([["name", "who\nis it"]]));
    server.rows("COMMENT ON TABLE t IS NULL; COMMENT ON COLUMN t.name IS NULL").await;
    assert_eq!(server.rows(COLUMNS).await, json!([["id", null], ["name", null]]));
    assert_eq!(server.rows(tables).await, json!([["t", null]]));
}

#[tokio::test]
async fn comments_outlive_changes_of_rows_and_columns() {
    let server = Server::start();
    server.rows("CREATE TABLE t (id BIGINT, name VARCHAR)").await;
    server.rows("COMMENT ON TABLE t IS 'T'; COMMENT ON COLUMN t.id IS 'I'; COMMENT ON COLUMN t.name IS 'N'").await;
    for change in [
        "INSERT INTO t VALUES (1, 'a')",
        "UPDATE t SET name = 'b'",
        "ALTER TABLE t ADD COLUMN more INTEGER",
        "ALTER TABLE t DROP COLUMN more",
        "ALTER TABLE t ALTER COLUMN id TYPE INTEGER",
        "ALTER TABLE t ALTER COLUMN id SET NOT NULL",
        "ALTER TABLE t ALTER COLUMN id DROP NOT NULL",
        "CREATE OR REPLACE TABLE t AS SELECT 2 AS id, 'c' AS name",
        "TRUNCATE t",
    ] {
        server.rows(change).await;
        assert_eq!(server.rows(COLUMNS).await, json!([["id", "I"], ["name", "N"]]), "{change}");
    }
    server.load("t", "overwrite", "id,name\n3,d\n").await;
    assert_eq!(server.rows(COLUMNS).await, json!([["id", "I"], ["name", "N"]]));
    server.rows("ALTER TABLE t RENAME COLUMN name TO title").await;
    assert_eq!(server.rows(COLUMNS).await, json!([["id", "I"], ["title", "N"]]));
    assert_eq!(server.rows("SELECT comment FROM duckdb_tables()").await, json!([["T"]]));
    assert_eq!(server.rows("SELECT * FROM t").await, json!([[3, "d"]]));
}

#[tokio::test]
async fn views_and_schemas_have_comments() {
    let server = Server::start();
    server.rows("CREATE SCHEMA s; CREATE VIEW s.v AS SELECT 1 AS one").await;
    server.rows("COMMENT ON VIEW s.v IS 'a view'; COMMENT ON SCHEMA s IS 'a schema'").await;
    assert_eq!(server.rows("SELECT view_name, comment FROM duckdb_views()").await, json!([["v", "a view"]]));
    let schema = "SELECT comment FROM duckdb_schemas() WHERE schema_name = 's'";
    assert_eq!(server.rows(schema).await, json!([["a schema"]]));
    let directory = server.stop().await;
    let server = Server::start_in(directory, &[]);
    assert_eq!(server.rows("SELECT comment FROM duckdb_views()").await, json!([["a view"]]));
    assert_eq!(server.rows(schema).await, json!([["a schema"]]));
}

#[tokio::test]
async fn what_is_not_there_has_no_comment() {
    let server = Server::start();
    server.rows("CREATE TABLE t (id BIGINT); CREATE VIEW v AS SELECT 1 AS one").await;
    for (statement, told) in [
        ("COMMENT ON TABLE nowhere IS 'x'", "nowhere"),
        ("COMMENT ON COLUMN t.nothing IS 'x'", "no column \"nothing\""),
        ("COMMENT ON VIEW t IS 'x'", "View"),
        ("COMMENT ON TABLE v IS 'x'", "Table"),
        ("COMMENT ON SCHEMA nowhere IS 'x'", "Schema"),
        ("COMMENT ON DATABASE lakehouse IS 'x'", "COMMENT ON DATABASE is not supported (line 1, column 1)"),
    ] {
        let error = server.ask(statement).await.error.unwrap_or_else(|| panic!("{statement}"));
        assert!(error.contains(told), "{statement}: {error}");
    }
}
