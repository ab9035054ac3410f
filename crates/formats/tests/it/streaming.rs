//! Bodies and rows are read as they are needed, and not when nobody reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use bytes::Bytes;
use formats::{Blobs, Decode, InputFormat, OutputFormat, Workers, decode, encode};
use futures::{StreamExt, stream};
use model::{Error, ErrorKind, Rows};

use crate::bodies::{options, runtime};

/// A CSV body without an end that counts its bytes, and how it notices that it was dropped.
fn endless() -> (formats::Body, Arc<AtomicUsize>, Arc<()>) {
    let (sent, alive) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
    let (counter, held) = (sent.clone(), alive.clone());
    let lines = Bytes::from("1,some text\n".repeat(5_000));
    let rest = stream::repeat_with(move || {
        let _held = &held;
        counter.fetch_add(lines.len(), Ordering::Relaxed);
        Ok(lines.clone())
    });
    (stream::iter([Ok(Bytes::from("a,b\n"))]).chain(rest).boxed(), sent, alive)
}

#[test]
fn an_endless_body_is_read_as_far_as_it_is_needed() {
    let runtime = runtime();
    let workers = Workers::new(runtime.handle().clone(), 2);
    runtime.block_on(async {
        let (body, sent, alive) = endless();
        let mut rows = decode(body, options(InputFormat::Csv), &workers).await.unwrap();
        rows.next().await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let first = sent.load(Ordering::Relaxed);
        assert!(first < 40 << 20, "{first}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(sent.load(Ordering::Relaxed), first);
        drop(rows);
        while Arc::strong_count(&alive) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
}

#[test]
fn dropping_the_rows_drops_a_body_that_never_answers() {
    let runtime = runtime();
    let workers = Workers::new(runtime.handle().clone(), 2);
    runtime.block_on(async {
        let alive = Arc::new(());
        let held = alive.clone();
        let start = format!("a\n{}", "1\n".repeat(3 << 20));
        let rest = stream::pending().inspect(move |_| drop(held.clone()));
        let body = stream::iter([Ok(Bytes::from(start))]).chain(rest).boxed();
        let mut rows = decode(body, options(InputFormat::Csv), &workers).await.unwrap();
        rows.next().await.unwrap().unwrap();
        drop(rows);
        while Arc::strong_count(&alive) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
}

#[test]
fn an_error_of_the_body_is_the_error_of_the_rows() {
    for (format, start) in
        [(InputFormat::Csv, "a\n1\n"), (InputFormat::Json, "{\"a\":1}\n"), (InputFormat::Parquet, "PAR1")]
    {
        let runtime = runtime();
        let workers = Workers::new(runtime.handle().clone(), 2);
        let body = stream::iter([Ok(Bytes::from(start)), Err(Error::cancelled())]).boxed();
        let error = runtime.block_on(async {
            match decode(body, options(format), &workers).await {
                Ok(rows) => rows.collect().await.unwrap_err(),
                Err(error) => error,
            }
        });
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}

#[test]
fn the_first_batch_leaves_before_the_second_is_there() {
    let runtime = runtime();
    let workers = Workers::new(runtime.handle().clone(), 2);
    for (format, expected) in [(OutputFormat::JsonArrays, "[7]\n"), (OutputFormat::JsonObjects, "{\"n\":7}\n")] {
        let array: ArrayRef = Arc::new(Int64Array::from(vec![7]));
        let batch = RecordBatch::try_from_iter([("n", array)]).unwrap();
        let schema = batch.schema();
        let rows = Rows::new(schema, stream::iter([Ok(batch)]).chain(stream::pending()));
        let mut bytes = encode(rows, format, Blobs::Hex, &workers);
        assert_eq!(runtime.block_on(bytes.next()).unwrap().unwrap(), expected);
    }
}

#[test]
fn encoding_stays_a_few_batches_ahead() {
    let runtime = runtime();
    let workers = Workers::new(runtime.handle().clone(), 2);
    let made = Arc::new(AtomicUsize::new(0));
    let counter = made.clone();
    let array: ArrayRef = Arc::new(Int64Array::from(vec![7]));
    let batch = RecordBatch::try_from_iter([("n", array)]).unwrap();
    let schema = batch.schema();
    let rows = Rows::new(
        schema,
        stream::repeat_with(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(batch.clone())
        }),
    );
    let mut bytes = encode(rows, OutputFormat::JsonArrays, Blobs::Hex, &workers);
    runtime.block_on(async {
        bytes.next().await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    });
    assert!(made.load(Ordering::Relaxed) <= 5);
}

#[test]
fn the_format_is_found_by_name_then_type_then_bytes() {
    let runtime = runtime();
    let workers = Workers::new(runtime.handle().clone(), 2);
    let columns = |text: &str, options: Decode| {
        let body = stream::iter([Ok(Bytes::from(text.to_owned()))]).boxed();
        let rows = runtime.block_on(decode(body, options, &workers)).unwrap();
        rows.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>()
    };
    let typed = |content_type: &str| Decode { content_type: Some(content_type.to_owned()), ..Decode::default() };
    let json = "{\"a\":1}\n";
    assert_eq!(columns(json, Decode::default()), ["a"]);
    assert_eq!(columns(json, typed("text/csv")), ["{\"a\":1}"]);
    assert_eq!(columns(json, typed("application/octet-stream")), ["a"]);
    assert_eq!(columns(json, Decode { format: Some(InputFormat::Json), ..typed("text/csv") }), ["a"]);
    assert_eq!(columns("x\n1\n", typed("application/x-www-form-urlencoded")), ["x"]);
}

#[test]
fn a_panic_is_an_internal_error() {
    let runtime = runtime();
    let workers = Workers::new(runtime.handle().clone(), 2);
    let error = runtime.block_on(workers.run(|| panic!("on purpose"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(runtime.block_on(workers.run(|| 7)).unwrap(), 7);
}
