//! MERGE, and UPDATE and DELETE that look at other tables. Expected values are DuckDB's.

use serde_json::{Value, json};

use crate::process::Server;

async fn table(server: &Server) {
    server.rows("CREATE OR REPLACE TABLE w (a INTEGER, b INTEGER, c VARCHAR)").await;
    server.rows("INSERT INTO w VALUES (1, 10, 'x'), (2, 20, 'y'), (3, NULL, 'z')").await;
}

async fn rows(server: &Server) -> Value {
    server.rows("SELECT * FROM w ORDER BY a, b").await
}

/// Runs a MERGE on the table of [`table`] and answers its count and what the table is then.
async fn merged(server: &Server, merge: &str) -> (Value, Value) {
    table(server).await;
    let count = server.rows(merge).await;
    (count[0][0].clone(), rows(server).await)
}

#[tokio::test]
async fn each_kind_of_clause_finds_its_rows() {
    let server = Server::start();
    for (merge, count, after) in [
        (
            "MERGE INTO w USING (VALUES (1, 5), (4, 6)) s(a, b) USING (a) WHEN MATCHED THEN UPDATE SET b = s.b \
             WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.a, s.b)",
            2,
            json!([[1, 5, "x"], [2, 20, "y"], [3, null, "z"], [4, 6, null]]),
        ),
        (
            "MERGE INTO w AS d USING (SELECT 2 AS k, true AS gone UNION ALL SELECT 3, false) AS s ON d.a = s.k \
             WHEN MATCHED AND s.gone THEN DELETE WHEN MATCHED THEN UPDATE SET c = d.c || '!', b = d.a",
            2,
            json!([[1, 10, "x"], [3, 3, "z!"]]),
        ),
        (
            "MERGE INTO w USING (SELECT 1 AS a) s ON w.a = s.a WHEN NOT MATCHED BY SOURCE AND b IS NULL THEN DELETE \
             WHEN NOT MATCHED BY SOURCE THEN UPDATE SET b = 0",
            2,
            json!([[1, 10, "x"], [2, 0, "y"]]),
        ),
        (
            "MERGE INTO w USING (SELECT 9 AS b, 7 AS a) s ON w.a = s.a WHEN NOT MATCHED THEN INSERT BY NAME",
            1,
            json!([[1, 10, "x"], [2, 20, "y"], [3, null, "z"], [7, 9, null]]),
        ),
        (
            "MERGE INTO w USING (SELECT 1, 2, 'n') s(x, y, z) ON w.a = s.x WHEN MATCHED THEN UPDATE SET * \
             WHEN NOT MATCHED THEN INSERT *",
            1,
            json!([[1, 2, "n"], [2, 20, "y"], [3, null, "z"]]),
        ),
        (
            "MERGE INTO w USING (SELECT 'n' AS c, 2 AS a) s ON w.a = s.a WHEN MATCHED THEN UPDATE BY NAME",
            1,
            json!([[1, 10, "x"], [2, 20, "n"], [3, null, "z"]]),
        ),
        (
            "MERGE INTO w USING (VALUES (1), (2), (9)) s(a) ON w.a = s.a WHEN MATCHED AND s.a = 1 THEN DO NOTHING \
             WHEN MATCHED THEN DELETE WHEN NOT MATCHED AND s.a > 100 THEN INSERT (a) VALUES (s.a)",
            1,
            json!([[1, 10, "x"], [3, null, "z"]]),
        ),
        (
            "MERGE INTO w USING w AS s ON w.a = s.a + 1 WHEN MATCHED THEN UPDATE SET b = s.a \
             WHEN NOT MATCHED THEN INSERT VALUES (s.a + 1, 0, 'new')",
            3,
            json!([[1, 10, "x"], [2, 1, "y"], [3, 2, "z"], [4, 0, "new"]]),
        ),
        (
            "MERGE INTO w USING (SELECT 5 AS a WHERE false) s ON w.a = s.a WHEN MATCHED THEN DELETE",
            0,
            json!([[1, 10, "x"], [2, 20, "y"], [3, null, "z"]]),
        ),
    ] {
        assert_eq!(merged(&server, merge).await, (json!(count), after), "{merge}");
    }
}

#[tokio::test]
async fn a_row_that_matches_twice_fails_and_changes_nothing() {
    let server = Server::start();
    table(&server).await;
    let twice = "MERGE INTO w USING (VALUES (1, 7), (1, 8)) s(a, b) ON w.a = s.a WHEN MATCHED THEN UPDATE SET b = s.b";
    let error = server.ask(twice).await.error.unwrap();
    assert!(error.contains("cannot affect the same target row more than once"), "{error}");
    assert_eq!(rows(&server).await, json!([[1, 10, "x"], [2, 20, "y"], [3, null, "z"]]));
    // A clause that holds for only one of the pairs is no second change.
    let once = "MERGE INTO w USING (VALUES (1, 7), (1, 8)) s(a, b) ON w.a = s.a WHEN MATCHED AND s.b = 8 THEN UPDATE SET b = s.b";
    assert_eq!(server.rows(once).await, json!([[1]]));
    assert_eq!(server.rows("SELECT b FROM w WHERE a = 1").await, json!([[8]]));
}

#[tokio::test]
async fn what_cannot_be_is_said() {
    let server = Server::start();
    table(&server).await;
    for (merge, told) in [
        ("MERGE INTO nowhere USING w ON true WHEN MATCHED THEN DELETE", "nowhere does not exist"),
        ("MERGE INTO w USING nowhere s ON true WHEN MATCHED THEN DELETE", "nowhere does not exist"),
        ("MERGE INTO w USING w ON true WHEN MATCHED THEN DELETE", "same name"),
        ("MERGE INTO w USING (SELECT 1 AS k) s ON w.a = s.k WHEN MATCHED THEN UPDATE SET q = 1", "no column \"q\""),
        ("MERGE INTO w USING (SELECT 1 AS k) s ON w.a = s.k WHEN MATCHED THEN UPDATE SET b = 1, B = 2", "set twice"),
        ("MERGE INTO w USING (SELECT 1 AS k) s ON w.a = s.k WHEN NOT MATCHED THEN INSERT *", "has 3 columns"),
        (
            "MERGE INTO w USING (SELECT 1 AS k) s ON w.a = s.k WHEN NOT MATCHED THEN INSERT (a, b) VALUES (1)",
            "2 columns",
        ),
        (
            "MERGE INTO w USING (SELECT 1 AS k) s ON w.a = s.k WHEN NOT MATCHED THEN ERROR",
            "ERROR in MERGE is not supported (line 1, ",
        ),
        ("MERGE INTO w USING (SELECT 1 AS k) s ON w.a = s.k", "WHEN MATCHED"),
        (
            "MERGE INTO w USING (SELECT 4 AS k) s ON w.a = s.k WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.k, 'many')",
            "many",
        ),
    ] {
        let error = server.ask(merge).await.error.unwrap_or_else(|| panic!("{merge}"));
        assert!(error.contains(told), "{merge}: {error}");
    }
    assert_eq!(rows(&server).await, json!([[1, 10, "x"], [2, 20, "y"], [3, null, "z"]]));
}

#[tokio::test]
async fn updates_and_deletes_look_at_other_tables() {
    let server = Server::start();
    server.rows("CREATE TABLE prices AS SELECT * FROM (VALUES (1, 100), (3, 300), (NULL, 5)) p(id, price)").await;
    for (change, count, after) in [
        (
            "UPDATE w SET b = p.price, c = c || '+' FROM prices p WHERE p.id = w.a",
            2,
            json!([[1, 100, "x+"], [2, 20, "y"], [3, 300, "z+"]]),
        ),
        (
            "UPDATE w AS t SET b = (SELECT sum(price) FROM prices WHERE id <= t.a) WHERE t.a IN (SELECT id FROM prices)",
            2,
            json!([[1, 100, "x"], [2, 20, "y"], [3, 400, "z"]]),
        ),
        ("UPDATE w SET (a, b) = (a + 10, a) WHERE c = 'y'", 1, json!([[1, 10, "x"], [3, null, "z"], [12, 2, "y"]])),
        ("UPDATE w SET c = NULL", 3, json!([[1, 10, null], [2, 20, null], [3, null, null]])),
        ("DELETE FROM w USING prices p WHERE p.id = w.a AND p.price > 100", 1, json!([[1, 10, "x"], [2, 20, "y"]])),
        (
            "DELETE FROM w AS s WHERE EXISTS (SELECT 1 FROM w AS d WHERE d.a = s.a AND NOT ((s.b > 10) IS TRUE))",
            2,
            json!([[2, 20, "y"]]),
        ),
        ("DELETE FROM w WHERE (a, c) IN (SELECT id, 'z' FROM prices)", 1, json!([[1, 10, "x"], [2, 20, "y"]])),
        (
            "DELETE FROM w WHERE a NOT IN (SELECT id FROM prices WHERE id IS NOT NULL)",
            1,
            json!([[1, 10, "x"], [3, null, "z"]]),
        ),
        (
            "DELETE FROM w WHERE a NOT IN (SELECT id FROM prices)",
            0,
            json!([[1, 10, "x"], [2, 20, "y"], [3, null, "z"]]),
        ),
        ("DELETE FROM w WHERE b > (SELECT avg(b) FROM w)", 1, json!([[1, 10, "x"], [3, null, "z"]])),
        ("DELETE FROM w", 3, json!([])),
    ] {
        assert_eq!(merged(&server, change).await, (json!(count), after), "{change}");
    }
}

#[tokio::test]
async fn only_files_with_a_match_are_written_anew() {
    let server = Server::start();
    server.rows("CREATE TABLE t (id BIGINT, n BIGINT)").await;
    for start in [0, 1000, 2000] {
        server.rows(&format!("INSERT INTO t SELECT {start} + i, i FROM range(1000) r(i)")).await;
    }
    let data = server.dir().join("data").join("lakehouse");
    let parquet = || {
        let mut found: Vec<_> = walk(&data).into_iter().filter(|path| path.ends_with(".parquet")).collect();
        found.sort();
        found
    };
    let before = parquet();
    assert_eq!(before.len(), 3);
    server.rows("UPDATE t SET n = -1 WHERE id = 1500").await;
    let kept = parquet().into_iter().filter(|path| before.contains(path)).count();
    // The old file of the middle stays on disk for readers; what was written is for that file alone.
    assert_eq!(kept, 3);
    assert_eq!(
        server.rows("SELECT count(*), sum(CASE WHEN n = -1 THEN 1 ELSE 0 END) FROM t").await,
        json!([[3000, 1]])
    );
    let log =
        walk(&data).into_iter().filter(|path| path.contains("_delta_log") && path.ends_with(".json")).max().unwrap();
    let commit = std::fs::read_to_string(log).unwrap();
    assert_eq!(commit.matches("\"remove\"").count(), 1, "{commit}");
    assert_eq!(commit.matches("\"add\"").count(), 1, "{commit}");
}

fn walk(directory: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path.to_str().unwrap().to_owned()) }
    }
    found
}

/// The same change on many rows, checked by arithmetic.
#[tokio::test]
async fn many_rows_are_merged() {
    let server = Server::start();
    server.rows("CREATE TABLE big AS SELECT i AS id, 0::BIGINT AS n FROM range(200000) r(i)").await;
    let merge = "MERGE INTO big USING (SELECT i * 2 AS id, i AS n FROM range(150000) r(i)) s ON big.id = s.id \
                 WHEN MATCHED AND s.n % 10 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET n = s.n \
                 WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.n)";
    assert_eq!(server.rows(merge).await, json!([[150_000]]));
    // 200000 rows, less 10000 deleted, plus 50000 new; the sum of what was set and added.
    let updated: i64 = (0..100_000).filter(|n| n % 10 != 0).sum();
    let added: i64 = (100_000..150_000).sum();
    let rows = server.rows("SELECT count(*), count(DISTINCT id), sum(n) FROM big").await;
    assert_eq!(rows, json!([[240_000, 240_000, updated + added]]));
}

/// A file has many groups of rows; the place of a row counts from the beginning of the file, whatever was skipped.
#[tokio::test]
async fn rows_are_found_in_every_group_of_a_file() {
    let server = Server::start();
    server.rows("CREATE TABLE wide AS SELECT i AS id, i % 7 AS n FROM range(1200000) r(i)").await;
    assert_eq!(
        server.rows("UPDATE wide SET n = -1 WHERE id BETWEEN 700000 AND 700009 OR id = 1199999").await,
        json!([[11]])
    );
    assert_eq!(server.rows("DELETE FROM wide WHERE id IN (0, 524288, 1048576)").await, json!([[3]]));
    let rows = server.rows("SELECT count(*), count(DISTINCT id), sum(CASE WHEN n = -1 THEN id END) FROM wide").await;
    let changed: i64 = (700_000..=700_009).sum::<i64>() + 1_199_999;
    assert_eq!(rows, json!([[1_199_997, 1_199_997, changed]]));
    let wrong = "SELECT count(*) FROM wide WHERE n <> id % 7 AND n <> -1";
    assert_eq!(server.rows(wrong).await, json!([[0]]));
}
