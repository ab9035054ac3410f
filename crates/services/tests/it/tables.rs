//! Files that become tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::RecordBatch;
use arrow_schema::DataType;
use bytes::Bytes;
use formats::Body;
use futures::{StreamExt, stream};
use model::{Access, Error, ErrorKind, Result, Rows, Scan, TableName, WriteMode, Written};
use services::Upload;

use crate::memory::{World, caller, world};

fn body(text: &str) -> Body {
    stream::iter([Ok(Bytes::from(text.to_owned()))]).boxed()
}

fn upload(mode: WriteMode, body: Body) -> Upload {
    Upload {
        database: "lakehouse".to_owned(),
        schema: "main".to_owned(),
        table: "orders".to_owned(),
        mode: mode.into(),
        format: None,
        content_type: Some("text/csv".to_owned()),
        content_encoding: None,
        body,
    }
}

async fn send(world: &World, mode: WriteMode, text: &str) -> Result<Written> {
    world.services.tables.upload(&caller(Access::Write), upload(mode, body(text))).await
}

async fn stored(world: &World) -> Rows {
    let database = world.services.databases.open(&caller(Access::Read), "lakehouse", Access::Read).await.unwrap();
    database.scan(Scan::all(TableName::new("main", "orders").unwrap())).await.unwrap()
}

async fn count(world: &World) -> usize {
    stored(world).await.collect().await.unwrap().iter().map(RecordBatch::num_rows).sum()
}

#[tokio::test]
async fn a_file_becomes_a_table() {
    let world = world().await;
    let written = send(&world, WriteMode::Create, "id,name\n1,Ann\n2,Bob\n").await.unwrap();
    assert_eq!(written.rows, 2);
    assert_eq!(stored(&world).await.schema().field(0).data_type(), &DataType::Int64);
    assert_eq!((world.services.usage.uploaded_rows(), world.services.usage.uploaded_bytes()), (2, 20));
}

#[tokio::test]
async fn appended_rows_are_read_with_the_tables_types() {
    let world = world().await;
    send(&world, WriteMode::Create, "id,name\n1,Ann\n").await.unwrap();
    send(&world, WriteMode::Append, "id,name\n2,77\n").await.unwrap();
    send(&world, WriteMode::CreateAppend, "id,name\n3,78\n").await.unwrap();
    let batches = stored(&world).await.collect().await.unwrap();
    assert!(batches.iter().all(|batch| !batch.schema().field(1).data_type().is_integer()), "78 is a name here");
    assert_eq!(count(&world).await, 3);
    send(&world, WriteMode::Overwrite, "id,name\n4,79\n").await.unwrap();
    assert_eq!(stored(&world).await.schema().field(1).data_type(), &DataType::Int64, "a new table has new types");
}

#[tokio::test]
async fn what_must_fail_fails_before_the_body_is_read() {
    let world = world().await;
    send(&world, WriteMode::Create, "id\n1\n").await.unwrap();
    let polled = Arc::new(AtomicUsize::new(0));
    let counting = || {
        let polled = Arc::clone(&polled);
        stream::iter([Ok::<_, Error>(Bytes::from_static(b"id\n1\n"))])
            .inspect(move |_| {
                polled.fetch_add(1, Ordering::SeqCst);
            })
            .boxed()
    };
    let tables = &world.services.tables;
    let exists = tables.upload(&caller(Access::Write), upload(WriteMode::Create, counting())).await.unwrap_err();
    assert_eq!(exists.kind(), ErrorKind::Conflict);
    let mut to_missing = upload(WriteMode::Append, counting());
    to_missing.table = "nope".to_owned();
    let missing = tables.upload(&caller(Access::Write), to_missing).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let mut unknown = upload(WriteMode::Create, counting());
    unknown.database = "demo".to_owned();
    let unknown = tables.upload(&caller(Access::Write), unknown).await.unwrap_err();
    assert_eq!(unknown.message(), "Catalog \"demo\" does not exist");
    let forbidden = tables.upload(&caller(Access::Read), upload(WriteMode::Append, counting())).await.unwrap_err();
    assert_eq!(forbidden.kind(), ErrorKind::Forbidden);
    let mut nameless = upload(WriteMode::Create, counting());
    nameless.table = String::new();
    let nameless = tables.upload(&caller(Access::Write), nameless).await.unwrap_err();
    assert_eq!(nameless.kind(), ErrorKind::Invalid);
    assert_eq!(polled.load(Ordering::SeqCst), 0);
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_changes_nothing() {
    let world = world().await;
    send(&world, WriteMode::Create, "id\n1\n").await.unwrap();
    let broken = stream::iter([Ok(Bytes::from_static(b"id\n2\n3\n")), Err(Error::invalid("the body broke off"))]);
    let failed = world.services.tables.upload(&caller(Access::Write), upload(WriteMode::Append, broken.boxed())).await;
    assert!(failed.unwrap_err().message().contains("broke off"));
    assert_eq!(count(&world).await, 1);
}
