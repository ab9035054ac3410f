//! `POST /query` with `format`: csv, jsonl and parquet, without an envelope.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use reqwest::StatusCode;
use serde_json::json;

use crate::process::Server;

async fn answered(server: &Server, statement: &str, format: &str) -> (StatusCode, String, Vec<u8>) {
    let response = server.query_with(json!({ "statement": statement, "format": format })).await;
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    (response.status(), content_type, response.bytes().await.unwrap().to_vec())
}

const TWO: &str = "SELECT * FROM (VALUES (1::BIGINT, 'Alice'), (2::BIGINT, 'Bob')) t(id, name) ORDER BY id";

#[tokio::test]
async fn csv_is_a_header_and_rows() {
    let server = Server::start();
    let (status, content_type, body) = answered(&server, TWO, "csv").await;
    assert_eq!((status.as_u16(), content_type.as_str()), (200, "text/csv"));
    assert_eq!(String::from_utf8(body).unwrap(), "id,name\n1,Alice\n2,Bob\n");
    let (_, _, empty) = answered(&server, &format!("SELECT * FROM ({TWO}) WHERE id > 2"), "csv").await;
    assert_eq!(String::from_utf8(empty).unwrap(), "id,name\n");
}

#[tokio::test]
async fn jsonl_is_one_object_a_row() {
    let server = Server::start();
    let (status, content_type, body) = answered(&server, TWO, "jsonl").await;
    assert_eq!((status.as_u16(), content_type.as_str()), (200, "application/x-ndjson"));
    assert_eq!(String::from_utf8(body).unwrap(), "{\"id\":1,\"name\":\"Alice\"}\n{\"id\":2,\"name\":\"Bob\"}\n");
    let (_, _, empty) = answered(&server, &format!("SELECT * FROM ({TWO}) WHERE id > 2"), "jsonl").await;
    assert_eq!(empty, b"");
}

#[tokio::test]
async fn parquet_is_a_file_with_types_even_without_rows() {
    let server = Server::start();
    let statement = "SELECT NULL::BIGINT AS n, NULL::DECIMAL(12,3) AS d, \
                     CAST(TIMESTAMP '2026-01-02 03:04:05' AS TIMESTAMP WITH TIME ZONE) AS t";
    for (statement, rows) in [(statement.to_owned(), 1), (format!("SELECT * FROM ({statement}) WHERE false"), 0)] {
        let (status, content_type, body) = answered(&server, &statement, "parquet").await;
        assert_eq!((status.as_u16(), content_type.as_str()), (200, "application/parquet"));
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(body)).unwrap();
        let types: Vec<_> = builder.schema().fields().iter().map(|field| field.data_type().to_string()).collect();
        assert_eq!(types, ["Int64", "Decimal128(12, 3)", "Timestamp(µs, \"UTC\")"]);
        let batches: Vec<_> = builder.build().unwrap().map(Result::unwrap).collect();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), rows);
    }
    let (_, _, body) = answered(&server, TWO, "parquet").await;
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(body)).unwrap().build().unwrap();
    let batch = reader.next().unwrap().unwrap();
    assert_eq!(batch.column(0).as_primitive::<Int64Type>().values(), &[1, 2]);
    assert_eq!(batch.column(1).as_string::<i32>().value(1), "Bob");
    assert_eq!(batch.column(1).null_count(), 0);
}

#[tokio::test]
async fn a_failing_statement_is_500_with_the_bare_text() {
    let server = Server::start();
    for format in ["csv", "jsonl", "parquet"] {
        let (status, _, body) = answered(&server, "SELECT * FROM missing_table", format).await;
        let text = String::from_utf8(body).unwrap();
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{format}: {text}");
        assert!(text.starts_with("Catalog Error: ") && text.contains("missing_table"), "{format}: {text}");
    }
}

#[tokio::test]
async fn a_failure_after_the_first_rows_breaks_the_transfer_off() {
    let server = Server::start();
    let statement =
        "SELECT CASE WHEN i < 900000 THEN i ELSE CAST('n' || i AS BIGINT) END AS n FROM range(1000000) t(i)";
    for format in ["csv", "jsonl"] {
        let response = server.query_with(json!({ "statement": statement, "format": format })).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.bytes().await.is_err(), "{format}: half an answer must not look whole");
    }
}
