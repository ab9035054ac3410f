//! What there is, as SQL tells it: `duckdb_…()`, `information_schema`, SHOW, PRAGMA, DESCRIBE, SUMMARIZE. Names and types of
//! columns are DuckDB 2.0's.

use serde_json::{Value, json};

use crate::process::Server;

async fn described(server: &Server, what: &str) -> Vec<(String, String)> {
    let rows = server.rows(&format!("DESCRIBE SELECT * FROM {what}")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
}

#[tokio::test]
async fn functions_have_the_columns_of_duckdb() {
    let server = Server::start();
    for (function, columns) in [
        (
            "duckdb_databases()",
            "database_name VARCHAR,database_oid BIGINT,path VARCHAR,comment VARCHAR,tags MAP(VARCHAR, VARCHAR),\
             internal BOOLEAN,type VARCHAR,readonly BOOLEAN,encrypted BOOLEAN,cipher VARCHAR,options MAP(VARCHAR, VARCHAR)",
        ),
        (
            "duckdb_schemas()",
            "oid BIGINT,database_name VARCHAR,database_oid BIGINT,schema_name VARCHAR,comment VARCHAR,\
             tags MAP(VARCHAR, VARCHAR),internal BOOLEAN,sql VARCHAR,parent_schema VARCHAR,parent_schema_oid BIGINT",
        ),
        (
            "duckdb_tables()",
            "database_name VARCHAR,database_oid BIGINT,schema_name VARCHAR,schema_oid BIGINT,table_name VARCHAR,\
             table_oid BIGINT,comment VARCHAR,tags MAP(VARCHAR, VARCHAR),internal BOOLEAN,temporary BOOLEAN,\
             has_primary_key BOOLEAN,estimated_size BIGINT,column_count BIGINT,index_count BIGINT,\
             check_constraint_count BIGINT,sql VARCHAR",
        ),
        (
            "duckdb_columns()",
            "database_name VARCHAR,database_oid BIGINT,schema_name VARCHAR,schema_oid BIGINT,table_name VARCHAR,\
             table_oid BIGINT,column_name VARCHAR,column_index INTEGER,comment VARCHAR,internal BOOLEAN,\
             column_default VARCHAR,is_nullable BOOLEAN,data_type VARCHAR,data_type_id BIGINT,\
             character_maximum_length INTEGER,numeric_precision INTEGER,numeric_precision_radix INTEGER,\
             numeric_scale INTEGER,tags MAP(VARCHAR, VARCHAR),is_generated BOOLEAN,generation_expression VARCHAR",
        ),
        (
            "duckdb_views()",
            "database_name VARCHAR,database_oid BIGINT,schema_name VARCHAR,schema_oid BIGINT,view_name VARCHAR,\
             view_oid BIGINT,comment VARCHAR,tags MAP(VARCHAR, VARCHAR),internal BOOLEAN,temporary BOOLEAN,\
             column_count BIGINT,sql VARCHAR,is_bound BOOLEAN",
        ),
        (
            "information_schema.tables",
            "table_catalog VARCHAR,table_schema VARCHAR,table_name VARCHAR,table_type VARCHAR,\
             self_referencing_column_name VARCHAR,reference_generation VARCHAR,user_defined_type_catalog VARCHAR,\
             user_defined_type_schema VARCHAR,user_defined_type_name VARCHAR,is_insertable_into VARCHAR,is_typed VARCHAR,\
             commit_action VARCHAR,TABLE_COMMENT VARCHAR",
        ),
        (
            "information_schema.schemata",
            "catalog_name VARCHAR,schema_name VARCHAR,schema_owner VARCHAR,default_character_set_catalog VARCHAR,\
             default_character_set_schema VARCHAR,default_character_set_name VARCHAR,sql_path VARCHAR",
        ),
    ] {
        let found: Vec<String> =
            described(&server, function).await.into_iter().map(|(name, kind)| format!("{name} {kind}")).collect();
        assert_eq!(found.join(","), columns, "{function}");
    }
    let names = |columns: Vec<(String, String)>| columns.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let functions = names(described(&server, "duckdb_functions()").await);
    assert_eq!(functions.len(), 21);
    assert!(functions.contains(&"function_name".to_owned()));
    assert_eq!(names(described(&server, "duckdb_types()").await).len(), 17);
    assert_eq!(names(described(&server, "duckdb_settings()").await).len(), 7);
    let columns = names(described(&server, "information_schema.columns").await);
    assert_eq!((columns.len(), columns[44].as_str()), (45, "COLUMN_COMMENT"));
}

#[tokio::test]
async fn tables_and_columns_are_listed() {
    let server = Server::start();
    server.rows("CREATE DATABASE shop; CREATE SCHEMA shop.sales").await;
    server.rows("CREATE TABLE shop.sales.orders (id BIGINT NOT NULL, price DECIMAL(5,2), \"two words\" VARCHAR)").await;
    server.rows("INSERT INTO shop.sales.orders VALUES (1, 2.5, 'a'), (2, NULL, 'b')").await;
    server.rows("CREATE VIEW shop.sales.dear AS SELECT id FROM shop.sales.orders WHERE price > 2").await;
    let tables =
        "SELECT database_name, schema_name, table_name, estimated_size, column_count, sql FROM duckdb_tables()";
    assert_eq!(
        server.rows(tables).await,
        json!([[
            "shop",
            "sales",
            "orders",
            2,
            3,
            "CREATE TABLE orders(id BIGINT NOT NULL, price DECIMAL(5,2), \"two words\" VARCHAR);"
        ]])
    );
    let columns = "SELECT table_name, column_name, column_index, is_nullable, data_type, numeric_precision, \
                   numeric_precision_radix, numeric_scale FROM duckdb_columns() ORDER BY table_name, column_index";
    assert_eq!(
        server.rows(columns).await,
        json!([
            ["dear", "id", 1, true, "BIGINT", 64, 2, 0],
            ["orders", "id", 1, false, "BIGINT", 64, 2, 0],
            ["orders", "price", 2, true, "DECIMAL(5,2)", 5, 10, 2],
            ["orders", "two words", 3, true, "VARCHAR", null, null, null],
        ])
    );
    let joined =
        "SELECT t.table_name, count(*) FROM duckdb_tables() t JOIN duckdb_columns() c USING (table_oid) GROUP BY 1";
    assert_eq!(server.rows(joined).await, json!([["orders", 3]]));
    let databases = "SELECT database_name, readonly FROM duckdb_databases() WHERE NOT internal ORDER BY 1";
    assert_eq!(server.rows(databases).await, json!([["lakehouse", false], ["shop", false]]));
    let schemas = "SELECT schema_name FROM duckdb_schemas() WHERE database_name = 'shop' ORDER BY 1";
    assert_eq!(server.rows(schemas).await, json!([["information_schema"], ["main"], ["sales"]]));
    let views = "SELECT view_name, column_count, is_bound FROM duckdb_views()";
    assert_eq!(server.rows(views).await, json!([["dear", 1, true]]));
    let one = "SELECT column_name FROM information_schema.columns WHERE table_catalog = 'shop' AND table_schema = 'sales' \
               AND table_name = 'orders' ORDER BY ordinal_position";
    assert_eq!(server.rows(one).await, json!([["id"], ["price"], ["two words"]]));
    let none = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'ORDERS'";
    assert_eq!(server.rows(none).await, json!([[0]]));
    assert_eq!(server.rows("SELECT count(*) > 100 FROM duckdb_functions()").await, json!([[true]]));
    assert_eq!(server.rows("SELECT count(*) FROM duckdb_types() WHERE type_name = 'bigint'").await, json!([[1]]));
    let zone =
        json!({ "statement": "SELECT value FROM duckdb_settings() WHERE name = 'TimeZone'", "timezone": "Asia/Tokyo" });
    assert!(server.query_with(zone).await.text().await.unwrap().contains("Asia/Tokyo"));
}

#[tokio::test]
async fn a_reader_sees_that_it_may_not_write() {
    let server = Server::start();
    let mut create = server.command(&["user", "create", "reader", "--access", "read", "--password-stdin"]);
    let mut child = create.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"secret").unwrap();
    assert!(child.wait().unwrap().success());
    let request = server.client.post(format!("{}/query", server.base)).basic_auth("reader", Some("secret"));
    let statement = json!({ "statement": "SELECT database_name, readonly FROM duckdb_databases()" });
    let text = request.json(&statement).send().await.unwrap().text().await.unwrap();
    assert_eq!(text.lines().last(), Some("[\"lakehouse\",true]"));
}

#[tokio::test]
async fn show_pragma_describe_and_summarize() {
    let server = Server::start();
    server
        .rows("CREATE TABLE t (id BIGINT NOT NULL, name VARCHAR); INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, 'c')")
        .await;
    server.rows("CREATE SCHEMA s; CREATE VIEW s.v AS SELECT 1::INTEGER AS one").await;
    assert_eq!(
        server.rows("SHOW ALL TABLES").await,
        json!([
            ["lakehouse", "main", "t", ["id", "name"], ["BIGINT", "VARCHAR"], false],
            ["lakehouse", "s", "v", ["one"], ["INTEGER"], false],
        ])
    );
    assert_eq!(server.rows("DESCRIBE").await, server.rows("SHOW ALL TABLES").await);
    assert_eq!(server.rows("SHOW SCHEMAS").await, json!([["lakehouse", "main", true], ["lakehouse", "s", false]]));
    assert_eq!(server.rows("SHOW DATABASES").await, json!([["lakehouse"]]));
    assert_eq!(server.rows("SHOW TABLES").await, json!([["t"]]));
    let columns = json!([["id", "BIGINT", "NO", null, null, null], ["name", "VARCHAR", "YES", null, null, null]]);
    for describe in ["DESCRIBE t", "DESC lakehouse.main.t", "SHOW t", "DESCRIBE SELECT * FROM t"] {
        assert_eq!(server.rows(describe).await, columns, "{describe}");
    }
    let computed =
        server.rows("DESCRIBE SELECT id AS same, id + 1 AS more, 1 AS one FROM t WHERE id > 1 LIMIT 1").await;
    assert_eq!((&computed[0][2], &computed[1][2], &computed[2][2]), (&json!("NO"), &json!("YES"), &json!("YES")));
    let info = json!([[0, "id", "BIGINT", true, null, false], [1, "name", "VARCHAR", false, null, false]]);
    assert_eq!(server.rows("PRAGMA table_info('t')").await, info);
    assert_eq!(server.rows("PRAGMA table_info('lakehouse.main.t')").await, info);
    assert_eq!(server.rows("PRAGMA show_tables").await, json!([["t"]]));
    assert_eq!(server.rows("PRAGMA database_list").await, json!([[1, "lakehouse", null]]));
    assert_eq!(server.rows("PRAGMA version").await[0][0], json!(format!("v{}", env!("CARGO_PKG_VERSION"))));
    let error = server.ask("PRAGMA threads=4").await.error.unwrap();
    assert!(error.contains("PRAGMA threads is not supported (line 1, column 1)"), "{error}");
    let summary = server.rows("SUMMARIZE t").await;
    assert_eq!(summary[0][0], json!("id"));
    // name, type, min, max; then how many and how many of them are NULL, in percent.
    assert_eq!((&summary[0][2], &summary[0][3], &summary[0][5]), (&json!("1"), &json!("3"), &json!("2.0")));
    assert_eq!((&summary[1][1], &summary[1][2], &summary[1][3]), (&json!("VARCHAR"), &json!("a"), &json!("c")));
    assert_eq!((&summary[1][10], &summary[1][11]), (&json!(3), &json!(33.33)));
}
