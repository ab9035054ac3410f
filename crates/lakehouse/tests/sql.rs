//! SQL in DuckDB's dialect: what each statement answers and does. Expected values are DuckDB's, or arithmetic.

mod open;

use std::sync::Arc;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use lakehouse::Lakehouse;
use model::{Access, DatabaseId, Engine, ErrorKind, Query};
use open::Everything;

struct Caller {
    engine: Arc<dyn Engine>,
    catalogs: Arc<Everything>,
    _lakehouse: Lakehouse,
}

async fn caller(access: Access) -> Caller {
    let lakehouse = open::lakehouse("memory:///".parse().unwrap()).await;
    let storage = lakehouse.storage();
    for name in ["lake", "other"] {
        storage.create(&DatabaseId::new(name).unwrap()).await.unwrap();
    }
    let catalogs = Arc::new(Everything { storage, names: vec!["lake", "other"], access });
    Caller { engine: lakehouse.engine(), catalogs, _lakehouse: lakehouse }
}

impl Caller {
    async fn try_run(&self, query: Query) -> model::Result<(Vec<String>, Vec<Vec<String>>)> {
        let rows = self.engine.run(query, self.catalogs.clone()).await?;
        let names = rows.schema().fields().iter().map(|field| field.name().clone()).collect();
        let options = FormatOptions::default().with_null("NULL");
        let mut found = Vec::new();
        for batch in rows.collect().await? {
            let columns: Vec<_> =
                batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
            found.extend((0..batch.num_rows()).map(|row| columns.iter().map(|c| c.value(row).to_string()).collect()));
        }
        Ok((names, found))
    }

    async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        self.try_run(Query::new(sql)).await.unwrap_or_else(|error| panic!("{sql}: {error}")).1
    }

    async fn names(&self, sql: &str) -> Vec<String> {
        self.try_run(Query::new(sql)).await.unwrap_or_else(|error| panic!("{sql}: {error}")).0
    }

    async fn error(&self, sql: &str) -> model::Error {
        self.try_run(Query::new(sql)).await.expect_err(sql)
    }
}

macro_rules! cells {
    ($([$($cell:expr),*]),* $(,)?) => { vec![$(vec![$($cell.to_string()),*]),*] as Vec<Vec<String>> };
}

const PEOPLE: &str = "CREATE TABLE people (id BIGINT, Name VARCHAR, born DATE);
    INSERT INTO people VALUES (1, 'Ann', DATE '1990-01-02'), (2, 'Bob', NULL), (3, NULL, DATE '2000-02-29')";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_statements_answer_with_the_last() {
    let caller = caller(Access::Write).await;
    assert_eq!(caller.rows(&format!("{PEOPLE}; SELECT count(*) FROM people")).await, cells![["3"]]);
    assert_eq!(
        caller.rows("SELECT id, name FROM people ORDER BY id DESC LIMIT 2").await,
        cells![["3", "NULL"], ["2", "Bob"]]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_are_answered_as_duckdb_does() {
    let caller = caller(Access::Write).await;
    assert_eq!(caller.names("CREATE TABLE t (a INTEGER)").await, ["Count"]);
    assert_eq!(caller.rows("INSERT INTO t VALUES (1), (2)").await, cells![["2"]]);
    assert_eq!(caller.rows("UPDATE t SET a = a + 10 WHERE a = 2").await, cells![["1"]]);
    assert_eq!(caller.rows("SELECT a FROM t ORDER BY a").await, cells![["1"], ["12"]]);
    assert_eq!(caller.rows("DELETE FROM t WHERE a > 5").await, cells![["1"]]);
    assert_eq!(caller.rows("DELETE FROM t WHERE a > 5").await, cells![["0"]]);
    assert_eq!(caller.rows("SELECT a FROM t").await, cells![["1"]]);
    assert_eq!(caller.rows("TRUNCATE t").await, cells![["1"]]);
    assert!(caller.rows("SELECT a FROM t").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_whose_condition_is_null_are_neither_updated_nor_deleted() {
    let caller = caller(Access::Write).await;
    caller.rows(PEOPLE).await;
    assert_eq!(caller.rows("DELETE FROM people WHERE name = 'Ann'").await, cells![["1"]]);
    assert_eq!(caller.rows("UPDATE people SET id = 0 WHERE name <> 'x'").await, cells![["1"]]);
    assert_eq!(caller.rows("SELECT id, name FROM people ORDER BY id").await, cells![["0", "Bob"], ["3", "NULL"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_columns_are_duckdbs() {
    let caller = caller(Access::Write).await;
    caller.rows(PEOPLE).await;
    assert_eq!(
        caller.names("SELECT count(*), NAME, sum(id), 1 FROM people GROUP BY name").await,
        ["count_star()", "Name", "sum(id)", "1"]
    );
    assert_eq!(caller.names("SELECT id AS Total FROM PEOPLE ORDER BY total").await, ["Total"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn division_is_duckdbs() {
    let caller = caller(Access::Read).await;
    assert_eq!(caller.rows("SELECT 1 / 2, 7 // 2, 1.0 / 4, 7 % 4").await, cells![["0.5", "3", "0.25", "3"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_one_two_and_three_parts() {
    let caller = caller(Access::Write).await;
    caller
        .rows("CREATE SCHEMA sales; CREATE TABLE sales.t AS SELECT 1 AS x; CREATE TABLE other.main.t AS SELECT 2 AS x")
        .await;
    assert_eq!(
        caller.rows("SELECT x FROM sales.t").await,
        cells![["1"]],
        "a schema of the current database comes first"
    );
    assert_eq!(caller.rows("SELECT x FROM other.t").await, cells![["2"]], "then a database, schema main");
    assert_eq!(
        caller.rows("SELECT a.x, b.x FROM lake.sales.t a JOIN other.main.t b ON a.x < b.x").await,
        cells![["1", "2"]]
    );
    let scoped = Query { catalog: Some("other".into()), ..Query::new("SELECT x FROM t") };
    assert_eq!(caller.try_run(scoped).await.unwrap().1, cells![["2"]]);
    let scoped = Query { schema: Some("nowhere".into()), ..Query::new("SELECT 1") };
    assert_eq!(caller.try_run(scoped).await.unwrap_err().kind(), ErrorKind::NotFound);
    let scoped = Query { catalog: Some("nowhere".into()), ..Query::new("SELECT 1") };
    assert_eq!(caller.try_run(scoped).await.unwrap_err().message(), "Catalog \"nowhere\" does not exist");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_are_planned_where_they_stand() {
    let caller = caller(Access::Write).await;
    caller
        .rows("CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 7 AS x; CREATE VIEW s.v AS SELECT x + 1 AS y FROM s.t")
        .await;
    assert_eq!(caller.rows("SELECT y FROM s.v").await, cells![["8"]]);
    assert_eq!(caller.rows("SELECT y FROM lake.s.v WHERE y > 7").await, cells![["8"]]);
    caller.rows("CREATE VIEW named (a, b) AS SELECT x, x * 2 FROM s.t").await;
    assert_eq!(caller.rows("SELECT b FROM named WHERE a = 7").await, cells![["14"]]);
    let error = caller.error("CREATE VIEW broken AS SELECT nothing FROM s.t").await;
    assert!(error.message().contains("nothing"), "{error}");
    caller.rows("CREATE VIEW a AS SELECT 1 AS x; CREATE OR REPLACE VIEW b AS SELECT x FROM a").await;
    caller.rows("CREATE OR REPLACE VIEW a AS SELECT 2 AS x").await;
    assert_eq!(caller.rows("SELECT x FROM b").await, cells![["2"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn create_table_as_and_alter() {
    let caller = caller(Access::Write).await;
    assert_eq!(caller.rows("CREATE TABLE t AS SELECT * FROM range(5) r(i)").await, cells![["5"]]);
    assert_eq!(caller.error("CREATE TABLE t AS SELECT 1 AS i").await.kind(), ErrorKind::Conflict);
    assert_eq!(caller.rows("CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS i").await, cells![["0"]]);
    caller.rows("ALTER TABLE t ADD COLUMN note VARCHAR; INSERT INTO t (note, i) VALUES ('x', 9)").await;
    assert_eq!(caller.rows("SELECT i, note FROM t WHERE i > 3 ORDER BY i").await, cells![["4", "NULL"], ["9", "x"]]);
    caller.rows("ALTER TABLE t RENAME COLUMN note TO remark; ALTER TABLE t ALTER COLUMN i TYPE VARCHAR; ALTER TABLE t RENAME TO u").await;
    assert_eq!(caller.rows("DESCRIBE u").await[0][..2], ["i".to_owned(), "VARCHAR".to_owned()]);
    caller
        .rows("CREATE OR REPLACE TABLE u AS SELECT 1 AS one; ALTER TABLE u ADD COLUMN IF NOT EXISTS one INTEGER")
        .await;
    assert_eq!(caller.rows("SELECT * FROM u").await, cells![["1"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn selects_of_many_kinds() {
    let caller = caller(Access::Write).await;
    caller.rows("CREATE TABLE t AS SELECT i, i % 3 AS g FROM range(9) r(i)").await;
    for (sql, expected) in [
        ("SELECT g, sum(i) AS s FROM t GROUP BY g HAVING sum(i) > 9 ORDER BY g", cells![["1", "12"], ["2", "15"]]),
        ("WITH x AS (SELECT max(i) AS m FROM t) SELECT m FROM x", cells![["8"]]),
        (
            "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 3) SELECT sum(k) FROM n",
            cells![["6"]],
        ),
        ("SELECT i FROM t WHERE i IN (SELECT max(i) FROM t)", cells![["8"]]),
        (
            "SELECT a.i, b.g FROM t a, t b WHERE a.i = b.i AND a.g IN (SELECT g FROM t GROUP BY g HAVING sum(i) > 12) ORDER BY 1",
            cells![["2", "2"], ["5", "2"], ["8", "2"]],
        ),
        ("SELECT i FROM t x WHERE NOT EXISTS (SELECT 1 FROM t y WHERE y.i > x.i)", cells![["8"]]),
        ("SELECT DISTINCT g FROM t ORDER BY g LIMIT 1 OFFSET 1", cells![["1"]]),
        (
            "SELECT i, row_number() OVER (PARTITION BY g ORDER BY i DESC) AS r FROM t ORDER BY i LIMIT 1",
            cells![["0", "3"]],
        ),
        ("SELECT 1 UNION ALL SELECT 2 ORDER BY 1", cells![["1"], ["2"]]),
        ("VALUES (1, 'a')", cells![["1", "a"]]),
        (
            "SELECT CASE WHEN i > 4 THEN 'big' ELSE 'small' END AS size, count(*) FROM t GROUP BY size ORDER BY size",
            cells![["big", "4"], ["small", "5"]],
        ),
        (
            "SELECT a.i FROM t a LEFT JOIN t b ON a.i = b.i + 8 WHERE b.i IS NULL ORDER BY a.i DESC LIMIT 1",
            cells![["7"]],
        ),
        ("SELECT [1, 2, 3][2]", cells![["2"]]),
        ("SELECT i FROM t ORDER BY i DESC NULLS LAST LIMIT 1", cells![["8"]]),
        ("SELECT * EXCLUDE (g) FROM t LIMIT 1", cells![["0"]]),
        ("FROM t SELECT max(i)", cells![["8"]]),
        ("SELECT g, count(*) FROM t GROUP BY ALL ORDER BY ALL LIMIT 1", cells![["0", "3"]]),
        ("SELECT CAST('2026-11-22 10:11:12.5' AS TIMESTAMP)", cells![["2026-11-22T10:11:12.500"]]),
        ("SELECT E'it\\'s'", cells![["it's"]]),
    ] {
        assert_eq!(caller.rows(sql).await, expected, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limit_and_offset_of_the_request_cut_the_last_statement() {
    let caller = caller(Access::Write).await;
    let query = Query {
        limit: Some(3),
        offset: Some(2),
        ..Query::new("CREATE TABLE t AS SELECT i FROM range(10) r(i); SELECT i FROM t ORDER BY i")
    };
    assert_eq!(caller.try_run(query).await.unwrap().1, cells![["2"], ["3"], ["4"]]);
    assert_eq!(caller.rows("SELECT count(*) FROM t").await, cells![["10"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_duckdbs_types() {
    let caller = caller(Access::Write).await;
    caller.rows("CREATE TABLE t AS SELECT CAST(0.1 AS DECIMAL(4,2)) AS d UNION ALL SELECT 0.25").await;
    assert_eq!(caller.rows("SELECT avg(d) FROM t").await, cells![["0.175"]]);
    let grouped = "SELECT d > 0.2 AS high, avg(d), sum(d), avg(d) FILTER (WHERE d < 0), count(DISTINCT d) FROM t GROUP BY high ORDER BY 1";
    assert_eq!(
        caller.rows(grouped).await,
        cells![["false", "0.1", "0.10", "NULL", "1"], ["true", "0.25", "0.25", "NULL", "1"]]
    );
    assert_eq!(caller.rows("SELECT avg(d) FROM t HAVING avg(d) > 0.1").await, cells![["0.175"]]);
    assert_eq!(caller.rows("SELECT avg(d) FROM t WHERE d > 9").await, cells![["NULL"]]);
    assert_eq!(caller.rows("SELECT 1e3 / 8, 2.5e-1").await, cells![["125.0", "0.25"]]);
    let rounded = "SELECT CAST(1.7 AS INTEGER), CAST(-1.5 AS INTEGER), CAST(d * 10 AS BIGINT), TRY_CAST(CAST(2.6 AS DOUBLE) AS INTEGER) FROM t ORDER BY 3";
    assert_eq!(caller.rows(rounded).await, cells![["2", "-2", "1", "3"], ["2", "-2", "3", "3"]]);
    caller.rows("CREATE TABLE whole (i INTEGER); INSERT INTO whole VALUES (1.7), (2.2)").await;
    assert_eq!(caller.rows("SELECT sum(i) FROM whole").await, cells![["4"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_zone_of_the_request_reads_and_shows_instants() {
    let caller = caller(Access::Write).await;
    caller.rows("CREATE TABLE t AS SELECT CAST('2026-01-02 03:04:05Z' AS TIMESTAMPTZ) AS at").await;
    let berlin = |sql: &str| Query { timezone: Some("Europe/Berlin".into()), ..Query::new(sql) };
    let hour =
        caller.try_run(berlin("SELECT extract(hour FROM at) FROM t WHERE at > '2026-01-01 00:00:00Z'")).await.unwrap();
    assert_eq!(hour.1, cells![["4"]]);
    let same = caller
        .try_run(berlin("SELECT count(*) FROM t WHERE at = CAST('2026-01-02 04:04:05' AS TIMESTAMPTZ)"))
        .await
        .unwrap();
    assert_eq!(same.1, cells![["1"]]);
    assert_eq!(caller.rows("SELECT extract(hour FROM at) FROM t").await, cells![["3"]]);
    assert_eq!(caller.rows("SET TimeZone = 'Asia/Tokyo'; SELECT extract(hour FROM at) FROM t").await, cells![["12"]]);
    let unknown = Query { timezone: Some("Mars/Olympus".into()), ..Query::new("SELECT 1") };
    assert!(caller.try_run(unknown).await.unwrap_err().message().contains("Mars/Olympus"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_be_left_out_is_refused() {
    let caller = caller(Access::Write).await;
    caller.rows("CREATE TABLE t AS SELECT i FROM range(3) r(i); CREATE TABLE u AS SELECT 1 AS x").await;
    for sql in [
        "DELETE FROM t LIMIT 1",
        "UPDATE t SET i = 0 LIMIT 1",
        "INSERT OVERWRITE t SELECT 1",
        "CREATE TABLE k (a INTEGER, PRIMARY KEY (a))",
        "CREATE TABLE k (a INTEGER DEFAULT 1)",
        "SELECT * FROM t TABLESAMPLE (1 PERCENT)",
        "SELECT * FROM t POSITIONAL JOIN u",
        "SELECT * FROM t FOR UPDATE",
        "CREATE SCHEMA information_schema",
        "MERGE INTO t USING u ON t.i = u.x WHEN MATCHED AND random() < 2 THEN DELETE",
        "DELETE FROM t RETURNING i",
        "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
    ] {
        let error = caller.error(sql).await;
        assert_ne!(error.kind(), ErrorKind::Internal, "{sql}: {error}");
        assert_eq!(caller.rows("SELECT sum(i), count(*) FROM t").await, cells![["3", "3"]], "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_a_number_is_greater_than_all_numbers() {
    let caller = caller(Access::Write).await;
    caller.rows("CREATE TABLE t AS SELECT CAST(x AS DOUBLE) AS f FROM (VALUES ('1'), ('NaN'), ('2')) v(x)").await;
    assert_eq!(caller.rows("SELECT count(*) FROM t WHERE f > 5").await, cells![["1"]]);
    assert_eq!(caller.rows("DELETE FROM t WHERE f > 5").await, cells![["1"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letter_case_changes_no_meaning() {
    let caller = caller(Access::Write).await;
    caller.rows("CREATE TABLE t AS SELECT i AS id FROM range(3) r(i)").await;
    assert_eq!(caller.rows("SELECT -id AS Id FROM t ORDER BY Id LIMIT 1").await, cells![["-2"]]);
    assert_eq!(caller.rows("SELECT T.ID FROM t WHERE t.Id = 1").await, cells![["1"]]);
    assert_eq!(caller.rows("SELECT X.id FROM t x WHERE x.ID = 2").await, cells![["2"]]);
    assert_eq!(caller.rows("FROM t LIMIT 1").await, cells![["0"]]);
    assert_eq!(caller.rows("SELECT 1_000, 2 * 3 ^ 2").await, cells![["1000", "18.0"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_made_of_queries_take_nulls() {
    let caller = caller(Access::Write).await;
    caller
        .rows("CREATE TABLE t AS SELECT 1 AS id, count(*) AS n FROM range(3); INSERT INTO t VALUES (NULL, NULL)")
        .await;
    assert_eq!(caller.rows("SELECT count(*) FROM t WHERE id IS NULL").await, cells![["1"]]);
    caller.rows("CREATE TABLE k (id INTEGER NOT NULL)").await;
    assert!(caller.error("INSERT INTO k VALUES (NULL)").await.message().contains("NOT NULL constraint"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_see_instants_as_queries_do() {
    let caller = caller(Access::Write).await;
    let paris = |sql: &str| Query { timezone: Some("Europe/Paris".into()), ..Query::new(sql) };
    caller.rows("CREATE TABLE t (id BIGINT, at TIMESTAMPTZ)").await;
    let insert = "INSERT INTO t VALUES (1, TIMESTAMPTZ '2024-01-01 00:00:00'), (2, TIMESTAMPTZ '2024-06-01 00:00:00')";
    caller.try_run(paris(insert)).await.unwrap();
    let condition = "at = TIMESTAMPTZ '2024-01-01 00:00:00' AND extract(hour FROM at) = 0";
    let found = caller.try_run(paris(&format!("SELECT id FROM t WHERE {condition}"))).await.unwrap();
    assert_eq!(found.1, cells![["1"]]);
    let deleted = caller.try_run(paris(&format!("DELETE FROM t WHERE {condition}"))).await.unwrap();
    assert_eq!(deleted.1, cells![["1"]]);
    assert_eq!(caller.rows("SELECT id FROM t").await, cells![["2"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_have_duckdbs_names() {
    let caller = caller(Access::Read).await;
    for (sql, expected) in [
        ("year(DATE '2026-11-22'), month(DATE '2026-11-22'), day(DATE '2026-11-22')", cells![["2026", "11", "22"]]),
        ("dayname(DATE '2026-11-22'), strftime(DATE '2026-11-22', '%d/%m/%Y')", cells![["Sunday", "22/11/2026"]]),
        ("mod(7, 3), if(1 > 2, 'a', 'b'), sign(-2.5), ceiling(1.2)", cells![["1", "b", "-1", "2"]]),
        ("regexp_matches('abc', 'b'), prefix('abc', 'ab'), string_split('a-b', '-')[2]", cells![["true", "true", "b"]]),
    ] {
        let found = caller.rows(&format!("SELECT {sql}")).await;
        let trimmed: Vec<Vec<String>> =
            found.iter().map(|row| row.iter().map(|cell| cell.trim_end_matches(".0").to_owned()).collect()).collect();
        assert_eq!(trimmed, expected, "{sql}");
    }
    assert_eq!(caller.names("SELECT year(DATE '2026-11-22')").await, ["year(DATE '2026-11-22')"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn information_schema_lists_what_there_is() {
    let caller = caller(Access::Write).await;
    caller.rows(PEOPLE).await;
    caller.rows("CREATE VIEW v AS SELECT id FROM people").await;
    let tables =
        "SELECT table_catalog, table_schema, table_name, table_type FROM information_schema.tables ORDER BY table_name";
    assert_eq!(
        caller.rows(tables).await,
        cells![["lake", "main", "people", "BASE TABLE"], ["lake", "main", "v", "VIEW"]]
    );
    let columns = "SELECT column_name, data_type, ordinal_position FROM information_schema.columns WHERE table_name = 'people' ORDER BY 3";
    assert_eq!(
        caller.rows(columns).await,
        cells![["id", "BIGINT", "1"], ["Name", "VARCHAR", "2"], ["born", "DATE", "3"]]
    );
    let schemata = "SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'main'";
    assert_eq!(caller.rows(schemata).await, cells![["2"]]);
    assert_eq!(caller.rows("SELECT current_database(), current_schema()").await, cells![["lake", "main"]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_say_what_is_wrong() {
    let caller = caller(Access::Write).await;
    caller.rows(PEOPLE).await;
    let cases = [
        ("SELECT * FROM nope", "Catalog Error: Table with name nope does not exist!"),
        ("SELECT * FROM peopl", "Did you mean \"main.people\"?"),
        ("SELECT nothing FROM people", "Binder Error: Referenced column \"nothing\" not found"),
        ("SELEC 1", "Parser Error: "),
        ("COPY people TO 'x.csv'", "Not implemented Error: "),
        ("INSERT INTO people VALUES (1)", "takes 3 values"),
        ("INSERT INTO people (id, nope) VALUES (1, 2)", "no column \"nope\""),
        ("INSERT INTO people VALUES ('x', 'y', NULL)", "x"),
        ("UPDATE people SET nope = 1", "no column \"nope\""),
        ("CREATE TABLE t (a INTERVAL)", "column \"a\" has the type INTERVAL"),
        ("CREATE TABLE t (a INTEGER, A INTEGER)", "stands twice"),
        ("CREATE TABLE nowhere.t (a INTEGER)", "nowhere"),
        ("SELECT 1; SELECT * FROM nope; SELECT 2", "nope"),
        ("", "the statement is empty"),
    ];
    for (sql, expected) in cases {
        let error = caller.error(sql).await;
        assert!(error.message().contains(expected), "{sql}: {error}");
        assert_ne!(error.kind(), ErrorKind::Internal, "{sql}: {error}");
    }
    assert_eq!(caller.rows("SELECT count(*) FROM people").await, cells![["3"]], "none of them changed anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_only_read_changes_nothing() {
    let caller = caller(Access::Read).await;
    for sql in [
        "CREATE TABLE t (a INTEGER)",
        "CREATE SCHEMA s",
        "CREATE VIEW v AS SELECT 1",
        "DROP SCHEMA main CASCADE",
        "CREATE DATABASE d",
    ] {
        assert_eq!(caller.error(sql).await.kind(), ErrorKind::Forbidden, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn validate_plans_and_runs_nothing() {
    let caller = caller(Access::Write).await;
    let check = async |sql: &str| caller.engine.validate(Query::new(sql), caller.catalogs.clone()).await;
    check("SELECT 1").await.unwrap();
    check("CREATE TABLE t AS SELECT 1 AS x; SELECT x FROM t").await.unwrap();
    assert!(check("SELECT FROM WHERE").await.unwrap_err().message().starts_with("Parser Error: "));
    assert!(check("SELECT x FROM t").await.unwrap_err().message().starts_with("Catalog Error: "));
}
