//! Files in cells.

use poem::http::{Method, header};
use poem::{Body, Request};
use serde_json::json;

use super::shop;
use crate::server::{Answer, signed};
use crate::shop::{Shop, Who, read, request};

const PICTURE: &str = "/tables/planets/columns/picture/files/id/1";

async fn get(shop: &Shop, below: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().uri_str(format!("/api/dbs/{}{below}", shop.id));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    shop.server.send(signed(request.finish(), "Basic", "testuser:testpass")).await
}

async fn put(shop: &Shop, below: &str, part: &str, bytes: &[u8]) -> Answer {
    let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"f\"\r\n\r\n");
    let body = [head.as_bytes(), bytes, b"\r\n--xyz--\r\n"].concat();
    let request = Request::builder()
        .method(Method::PUT)
        .uri_str(format!("/api/dbs/{}{below}", shop.id))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xyz")
        .body(Body::from(body));
    shop.server.send(signed(request, "Basic", "testuser:testpass")).await
}

#[tokio::test]
async fn a_cell_is_a_file() {
    let shop = shop().await;
    let whole = get(&shop, PICTURE, &[]).await;
    assert_eq!((whole.status, whole.header("content-type")), (200, Some("image/png")));
    assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(whole.header("content-disposition"), Some("inline"));
    let tag = whole.header("etag").unwrap().to_owned();
    let known = get(&shop, PICTURE, &[("if-none-match", &tag)]).await;
    assert_eq!((known.status, known.text()), (304, ""));
    let name = get(&shop, "/tables/planets/columns/name/files/id/2", &[]).await;
    assert_eq!((name.text(), name.header("content-type")), ("Jupiter", Some("text/plain; charset=utf-8")));
    let part = get(&shop, "/tables/planets/columns/name/files/rowid/2", &[("range", "bytes=1-3")]).await;
    assert_eq!((part.status, part.text(), part.header("content-range")), (206, "upi", Some("bytes 1-3/7")));
    let beyond = get(&shop, "/tables/planets/columns/name/files/rowid/2", &[("range", "bytes=9-")]).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */7")));
    assert!(read(&beyond)["errors"][0]["message"].as_str().unwrap().contains("range"));
    let path = format!("/api/dbs/{}{PICTURE}", shop.id);
    let head = request(&shop.server, Who::Owner, Method::HEAD, &path, None).await;
    assert_eq!((head.status, head.header("content-length"), head.text()), (200, Some("8"), ""));
}

#[tokio::test]
async fn a_row_must_be_there_and_be_the_only_one() {
    let shop = shop().await;
    for (below, expected) in [
        ("/tables/planets/columns/picture/files/id/99", 404),
        ("/tables/planets/columns/picture/files/id/2", 404),
        ("/tables/moons/columns/picture/files/id/1", 404),
        ("/tables/planets/columns/weight/files/id/1", 404),
        ("/tables/planets/columns/picture/files/weight/1", 404),
    ] {
        let answer = get(&shop, below, &[]).await;
        assert_eq!(answer.status, expected, "{below}: {}", answer.text());
    }
    shop.sql("INSERT INTO looks (planet, color) VALUES (1, 'blue')").await;
    let several = get(&shop, "/tables/looks/columns/color/files/planet/1", &[]).await;
    assert_eq!(several.status, 400, "{}", several.text());
}

#[tokio::test]
async fn a_file_goes_into_a_cell_and_comes_back() {
    let shop = shop().await;
    let page = b"<!DOCTYPE html><script>alert(1)</script>";
    let stored = put(&shop, "/tables/planets/columns/picture/files/rowid/2", "file", page).await;
    assert_eq!((stored.status, stored.text()), (200, "{}"));
    let back = get(&shop, "/tables/planets/columns/picture/files/name/Jupiter", &[]).await;
    assert_eq!((back.text().as_bytes(), back.header("content-type")), (&page[..], Some("text/html")));
    assert!(back.header("content-security-policy").unwrap().starts_with("sandbox"));
    assert_eq!(shop.sql("SELECT typeof(picture) AS t FROM planets WHERE id = 2").await["rows"], json!([{"t": "blob"}]));
    assert_eq!(put(&shop, "/tables/planets/columns/picture/files/rowid/99", "file", page).await.status, 404);
    assert_eq!(put(&shop, PICTURE, "other", page).await.status, 400);
    let large = put(&shop, PICTURE, "file", &vec![0; 10_000_001]).await;
    assert_eq!(large.status, 413, "{}", large.text());
    assert_eq!(get(&shop, PICTURE, &[]).await.header("content-type"), Some("image/png"), "nothing was changed");
}

#[tokio::test]
async fn the_read_only_link_reads_and_no_more() {
    let shop = shop().await;
    let readonly = read(&shop.call(Method::GET, "", None).await)["readonlyId"].as_str().unwrap().to_owned();
    let path = format!("/readonly/{readonly}/tables/planets/columns/name/files/rowid/1");
    let read = request(&shop.server, Who::Nobody, Method::GET, &path, None).await;
    assert_eq!((read.status, read.text()), (200, "Mars"));
    assert_eq!(request(&shop.server, Who::Nobody, Method::PUT, &path, None).await.status, 405);
    let unknown = path.replace(&readonly, "aaaaaaaaaaaaaaaa");
    assert_eq!(request(&shop.server, Who::Nobody, Method::GET, &unknown, None).await.status, 404);
}
