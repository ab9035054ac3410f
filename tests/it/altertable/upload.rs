//! `POST /upload`: formats, modes, and types.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::stream;
use parquet::arrow::ArrowWriter;
use reqwest::Body;
use serde_json::json;

use crate::process::{Server, refused, told};

const PEOPLE: &str = "id,name\n1,Ann\n2,Bob\n";

#[tokio::test]
async fn csv_gets_types_from_its_rows() {
    let server = Server::start();
    let csv = "n,x,day,moment,yes,text,nothing\n\
               1,1.5,2026-01-02,2026-01-02 03:04:05,true,\"a,\"\"b\"\"\n c\",\n\
               -2,2,2026-12-31,2026-12-31 23:59:59.5,false,plain,\n";
    server.load("t", "create", csv).await;
    let answer = server.ask("SELECT * FROM t ORDER BY n DESC").await;
    assert_eq!(
        answer.columns,
        "[{\"name\":\"n\",\"type\":\"BIGINT\"},{\"name\":\"x\",\"type\":\"DOUBLE\"},{\"name\":\"day\",\"type\":\"DATE\"},\
         {\"name\":\"moment\",\"type\":\"TIMESTAMP\"},{\"name\":\"yes\",\"type\":\"BOOLEAN\"},\
         {\"name\":\"text\",\"type\":\"VARCHAR\"},{\"name\":\"nothing\",\"type\":\"VARCHAR\"}]"
    );
    assert_eq!(answer.rows[0], json!([1, 1.5, "2026-01-02", "2026-01-02T03:04:05", true, "a,\"b\"\n c", null]));
    assert_eq!(answer.rows[1][0], json!(-2));
    assert_eq!(answer.rows[1][3], json!("2026-12-31T23:59:59.500"));
}

#[tokio::test]
async fn separators_byte_order_marks_and_line_ends_are_recognised() {
    let server = Server::start();
    for (name, body) in [
        ("semicolon", "id;name\n1;Ann\n2;Bob\n"),
        ("tab", "id\tname\n1\tAnn\n2\tBob\n"),
        ("pipe", "id|name\n1|Ann\n2|Bob\n"),
        ("crlf", "id,name\r\n1,Ann\r\n2,Bob\r\n"),
        ("bom", "\u{feff}id,name\n1,Ann\n2,Bob"),
    ] {
        server.load(name, "create", body).await;
        let rows = server.rows(&format!("SELECT id, name FROM {name} ORDER BY id")).await;
        assert_eq!(rows, json!([[1, "Ann"], [2, "Bob"]]), "{name}");
    }
}

#[tokio::test]
async fn the_format_is_the_parameter_then_the_content_type_then_the_first_bytes() {
    let server = Server::start();
    let json_array = "[{\"id\":1,\"name\":\"Ann\"},{\"id\":2,\"name\":\"Bob\"}]";
    let ndjson = "{\"id\":1,\"name\":\"Ann\"}\n{\"id\":2,\"name\":\"Bob\"}\n";
    for (number, (format, content_type, body)) in [
        (None, None, PEOPLE),
        (None, None, json_array),
        (None, None, ndjson),
        (None, Some("text/csv"), PEOPLE),
        (None, Some("text/csv; charset=utf-8"), PEOPLE),
        (None, Some("application/json"), json_array),
        (None, Some("application/vnd.api+json"), ndjson),
        (None, Some("application/octet-stream"), PEOPLE),
        (None, Some("application/x-www-form-urlencoded"), json_array),
        (None, Some("text/plain;charset=UTF-8"), PEOPLE),
        (Some("csv"), Some("application/json"), PEOPLE),
        (Some("json"), Some("application/octet-stream"), ndjson),
        (Some("JSON"), Some("text/csv"), json_array),
    ]
    .into_iter()
    .enumerate()
    {
        let table = format!("t{number}");
        let mut request = server.upload(&table, "create").body(body);
        if let Some(format) = format {
            request = request.query(&[("format", format)]);
        }
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let (status, text) = told(request).await;
        assert_eq!((status.as_u16(), text.as_str()), (200, ""), "{format:?} {content_type:?}");
        let rows = server.rows(&format!("SELECT id, name FROM {table} ORDER BY id")).await;
        assert_eq!(rows, json!([[1, "Ann"], [2, "Bob"]]), "{format:?} {content_type:?}");
    }
}

#[tokio::test]
async fn json_keeps_lists_and_structs() {
    let server = Server::start();
    let body = "{\"id\":1,\"tags\":[\"a\",\"b\"],\"at\":{\"x\":1.5,\"y\":null},\"day\":\"2026-01-02\"}\n\
                {\"id\":2,\"tags\":[],\"at\":null,\"more\":true}\n";
    server.load("t", "create", body).await;
    let rows = server.rows("SELECT id, tags, at, day, more FROM t ORDER BY id").await;
    assert_eq!(rows[0][0], json!(1));
    assert_eq!(rows[0][1], json!(["a", "b"]));
    assert_eq!(rows[0][2]["x"], json!(1.5));
    assert_eq!((&rows[0][3], &rows[0][4]), (&json!("2026-01-02"), &json!(null)));
    assert_eq!((&rows[1][1], &rows[1][2], &rows[1][4]), (&json!([]), &json!(null), &json!(true)));
}

fn parquet_file() -> Vec<u8> {
    let prices = Decimal128Array::from(vec![Some(1050), None]).with_precision_and_scale(9, 2).unwrap();
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(Int64Array::from(vec![1, 2]))),
        ("name", Arc::new(StringArray::from(vec![Some("Ann"), None]))),
        ("price", Arc::new(prices)),
        ("day", Arc::new(Date32Array::from(vec![Some(0), Some(20_000)]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[tokio::test]
async fn parquet_keeps_its_types() {
    let server = Server::start();
    for (table, content_type) in
        [("sniffed", None), ("vendor", Some("application/vnd.apache.parquet")), ("plain", Some("application/parquet"))]
    {
        let mut request = server.upload(table, "create").body(parquet_file());
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        assert_eq!(told(request).await.0.as_u16(), 200);
        let answer = server.ask(&format!("SELECT * FROM {table} ORDER BY id")).await;
        assert!(answer.columns.contains("{\"name\":\"price\",\"type\":\"DECIMAL(9,2)\"}"), "{}", answer.columns);
        // Day 20000 after 1970-01-01 is 2024-10-04.
        assert_eq!(answer.rows, [json!([1, "Ann", 10.5, "1970-01-01"]), json!([2, null, null, "2024-10-04"])]);
    }
}

#[tokio::test]
async fn compressed_bodies_are_recognised_and_named_ones_believed() {
    let server = Server::start();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(PEOPLE.as_bytes()).unwrap();
    let gzip = encoder.finish().unwrap();
    let zstd = zstd::encode_all(PEOPLE.as_bytes(), 3).unwrap();
    for (table, encoding, body) in [
        ("a", None, gzip.clone()),
        ("b", Some("gzip"), gzip.clone()),
        ("c", None, zstd.clone()),
        ("d", Some("zstd"), zstd),
        ("e", None, [gzip, gzip_of("3,Cid\n")].concat()),
    ] {
        let mut request = server.upload(table, "create").body(body);
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        let (status, text) = told(request).await;
        assert_eq!((status.as_u16(), text.as_str()), (200, ""), "{table}");
        let expected = if table == "e" { 3 } else { 2 };
        assert_eq!(server.rows(&format!("SELECT count(*) FROM {table}")).await, json!([[expected]]));
    }
    let wrong = refused(server.upload("f", "create").header("content-encoding", "gzip").body(PEOPLE)).await;
    assert!(wrong.contains("gzip"), "{wrong}");
    assert!(server.ask("SELECT * FROM f").await.error.is_some());
}

fn gzip_of(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_chunked_body_cut_anywhere_is_the_same_file() {
    let server = Server::start();
    let csv = "id,name\n1,\"A\nnn\"\n2,Bób\n";
    for size in [1, 2, 3, 7] {
        let chunks: Vec<_> = csv.as_bytes().chunks(size).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect();
        let table = format!("t{size}");
        server.load(&table, "create", Body::wrap_stream(stream::iter(chunks))).await;
        let rows = server.rows(&format!("SELECT id, name FROM {table} ORDER BY id")).await;
        assert_eq!(rows, json!([[1, "A\nnn"], [2, "Bób"]]));
    }
}

#[tokio::test]
async fn each_mode_does_what_it_says() {
    let server = Server::start();
    let rows = "SELECT id, name FROM people ORDER BY id";
    let missing = refused(server.upload("people", "append").body(PEOPLE)).await;
    assert!(missing.contains("people") && missing.contains("does not exist"), "{missing}");
    server.load("people", "create_append", PEOPLE).await;
    let exists = refused(server.upload("people", "create").body("id,name\n9,Zoe\n")).await;
    assert!(exists.contains("people") && exists.contains("already exists"), "{exists}");
    assert_eq!(server.rows(rows).await, json!([[1, "Ann"], [2, "Bob"]]));
    server.load("PEOPLE", "append", "name,id\nCid,3\n").await;
    server.load("people", "Create_Append", "id\n4\n").await;
    assert_eq!(server.rows(rows).await, json!([[1, "Ann"], [2, "Bob"], [3, "Cid"], [4, null]]));
    server.load("people", "overwrite", "[{\"id\":9,\"name\":\"Zoe\",\"age\":70}]").await;
    assert_eq!(server.rows("SELECT * FROM people").await, json!([[9, "Zoe", 70]]));
    server.load("fresh", "overwrite", PEOPLE).await;
    assert_eq!(server.rows("SELECT count(*) FROM fresh").await, json!([[2]]));
}

#[tokio::test]
async fn mode_is_append_unless_given() {
    let server = Server::start();
    server.load("t", "create", PEOPLE).await;
    let query = [("catalog", "lakehouse"), ("schema", "main"), ("table", "t")];
    assert_eq!(told(server.post("/upload").query(&query).body("id,name\n3,Cid\n")).await.0.as_u16(), 200);
    assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[3]]));
}

#[tokio::test]
async fn appended_rows_take_the_tables_types() {
    let server = Server::start();
    server.rows("CREATE TABLE t (id BIGINT, code VARCHAR, amount DECIMAL(9,2), day DATE)").await;
    server.load("t", "append", "id,code,amount,day\n1,007,1.5,2026-01-02\n").await;
    server.load("t", "append", "[{\"id\":2,\"code\":\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\",\"amount\":2.25}]").await;
    let rows = server.rows("SELECT id, code, amount, day FROM t ORDER BY id").await;
    assert_eq!(rows[0], json!([1, "007", 1.5, "2026-01-02"]));
    assert_eq!(rows[1], json!([2, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", 2.25, null]));
}

#[tokio::test]
async fn a_missing_schema_is_made() {
    let server = Server::start();
    let query = [("catalog", "LakeHouse"), ("schema", "staging"), ("table", "t"), ("mode", "create")];
    assert_eq!(told(server.post("/upload").query(&query).body(PEOPLE)).await.0.as_u16(), 200);
    assert_eq!(server.rows("SELECT count(*) FROM lakehouse.staging.t").await, json!([[2]]));
}

#[tokio::test]
async fn uploads_at_once_each_leave_their_rows() {
    let server = Server::start();
    server.load("t", "create", "n\n0\n").await;
    let uploads = (1..=8).map(|n| {
        let body = (0..1000).fold("n\n".to_owned(), |body, i| body + &format!("{}\n", n * 10_000 + i));
        told(server.upload("t", "append").body(body))
    });
    for (status, text) in futures::future::join_all(uploads).await {
        assert_eq!((status.as_u16(), text.as_str()), (200, ""));
    }
    // 8 times the numbers 0 to 999 upon 10000, 20000 … 80000.
    let sum = 8 * 499_500 + 1000 * 10_000 * 36;
    assert_eq!(server.rows("SELECT count(*), sum(n)::BIGINT FROM t").await, json!([[8001, sum]]));
}

/// A timestamp without a zone asks for more of the table format than other columns do; a table that has one at last stays
/// a table like any other.
#[tokio::test]
async fn a_table_may_get_timestamps_and_be_written_again() {
    let server = Server::start();
    for (rows, body) in [(2, PEOPLE), (1, "at,x\n2026-01-02T03:04:05,1\n"), (2, PEOPLE)] {
        server.load("t", "overwrite", body).await;
        server.load("t", "append", body).await;
        assert_eq!(server.rows("SELECT count(*) FROM t").await, json!([[2 * rows]]));
    }
    server.rows("ALTER TABLE t ADD COLUMN at TIMESTAMP").await;
    server.rows("INSERT INTO t VALUES (3, 'Eve', TIMESTAMP '2026-01-02 03:04:05')").await;
    assert_eq!(server.rows("SELECT count(at) FROM t").await, json!([[1]]));
}
