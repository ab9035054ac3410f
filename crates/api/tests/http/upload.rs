//! `POST /upload`

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_schema::DataType;
use bytes::Bytes;
use futures::stream;
use poem::Body;

use crate::server::{Server, post};

const TABLE: &str = "/upload?catalog=lakehouse&schema=main&table=t";

fn rows(server: &Server) -> u64 {
    server.storage.tables.lock().unwrap()[&("main".to_owned(), "t".to_owned())].1
}

#[tokio::test]
async fn modes_do_what_they_say() {
    let server = Server::start().await;
    let csv = "id,name\n1,Ann\n2,Bob\n";
    let missing = server.post(TABLE, csv).await;
    assert_eq!((missing.status, missing.text()), (400, "Table \"main.t\" does not exist"), "append is the default");
    let created = server.post(&format!("{TABLE}&mode=create"), csv).await;
    assert_eq!((created.status, created.text()), (200, ""));
    let again = server.post(&format!("{TABLE}&mode=create"), csv).await;
    assert_eq!((again.status, again.text()), (400, "Table \"main.t\" already exists"));
    for (mode, total) in [("append", 4), ("CREATE_APPEND", 6), ("Overwrite", 2)] {
        assert_eq!(server.post(&format!("{TABLE}&mode={mode}"), csv).await.status, 200, "{mode}");
        assert_eq!(rows(&server), total, "{mode}");
    }
}

#[tokio::test]
async fn json_needs_no_content_type_and_any_will_do() {
    let server = Server::start().await;
    for content_type in [None, Some("application/x-www-form-urlencoded"), Some("application/json")] {
        let mut request = post(&format!("{TABLE}&mode=overwrite"), r#"[{"a":1},{"a":2},{"a":3}]"#);
        if let Some(content_type) = content_type {
            request.headers_mut().insert("content-type", content_type.parse().unwrap());
        }
        let answer = server.send(request).await;
        assert_eq!((answer.status, answer.text()), (200, ""), "{content_type:?}");
        assert_eq!(rows(&server), 3);
    }
    let tables = server.storage.tables.lock().unwrap();
    let (columns, _) = &tables[&("main".to_owned(), "t".to_owned())];
    assert_eq!((columns.field(0).name().as_str(), columns.field(0).data_type()), ("a", &DataType::Int64));
}

#[tokio::test]
async fn faults_name_the_parameter() {
    let server = Server::start().await;
    for (query, told) in [
        ("schema=main&table=t", "the query parameter `catalog` is missing; add catalog=… to the URL"),
        ("catalog=lakehouse&table=t", "the query parameter `schema` is missing; add schema=… to the URL"),
        ("catalog=lakehouse&schema=main", "the query parameter `table` is missing; add table=… to the URL"),
        ("catalog=&schema=main&table=t", "the query parameter `catalog` is empty; give it a value: catalog=…"),
        ("catalog=lakehouse&schema=main&table=", "the query parameter `table` is empty"),
        ("catalog=lakehouse&schema=main&table=a%09b", "the table name has the control character '\\t'"),
        ("catalog=demo&schema=main&table=t", "Catalog \"demo\" does not exist"),
        ("catalog=lakehouse&schema=main&table=t&mode=merge", "create, append, create_append, overwrite"),
        ("catalog=lakehouse&schema=main&table=t&mode=upsert", "mode=upsert needs the columns of the key"),
        ("catalog=lakehouse&schema=main&table=t&mode=upsert&primary_key=,%20", "`primary_key` names no column"),
        ("catalog=lakehouse&schema=main&table=t&mode=create&format=xlsx", "xlsx"),
    ] {
        let answer = server.post(&format!("/upload?{query}"), "a\n1\n").await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(answer.text().contains(told), "{query}: {}", answer.text());
    }
    assert!(server.storage.tables.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_body_streams_and_a_broken_one_changes_nothing() {
    let server = Server::start().await;
    let create = format!("{TABLE}&mode=create");
    let cut = stream::iter([Ok(Bytes::from("a\n1\n")), Err(std::io::Error::other("connection reset"))]);
    let broken = server.post(&create, Body::from_bytes_stream(cut)).await;
    assert_eq!(
        (broken.status, broken.text().contains("ended before it was complete")),
        (400, true),
        "{}",
        broken.text()
    );
    assert!(server.storage.tables.lock().unwrap().is_empty());

    let chunk = Bytes::from("1\n".repeat(32 * 1024));
    let chunks = std::iter::once(Bytes::from("a\n")).chain(std::iter::repeat_n(chunk, 64));
    let whole = stream::iter(chunks.map(Ok::<_, std::io::Error>));
    assert_eq!(server.post(&create, Body::from_bytes_stream(whole)).await.status, 200);
    assert_eq!(rows(&server), 64 * 32 * 1024);
}

/// A client that sends everything before it reads must not find the connection closed.
#[tokio::test]
async fn the_rest_of_a_refused_body_is_read() {
    let server = Server::start().await;
    let finished = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&finished);
    let chunks = (0..100).map(|_| Ok::<_, std::io::Error>(Bytes::from("1\n")));
    let chunks = chunks.chain(std::iter::once_with(move || {
        mark.store(true, Ordering::SeqCst);
        Ok(Bytes::new())
    }));
    let answer = server.post(TABLE, Body::from_bytes_stream(stream::iter(chunks))).await;
    assert_eq!(answer.status, 400);
    while !finished.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
}
