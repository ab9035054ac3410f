//! Apps: pages that are kept beside a database.

use poem::http::{Method, header};
use poem::{Body, Request};
use serde_json::{Value, json};

use crate::server::{Answer, signed};
use crate::shop::{Shop, Who, read, request};

const PAGE: &str = "<!doctype html><title>Hi</title><script>fetch('/')</script>";

fn part(name: &str, file: Option<&str>, content: &[u8]) -> Vec<u8> {
    let file = file.map_or(String::new(), |name| format!("; filename=\"{name}\"\r\nContent-Type: text/html"));
    let head = format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

async fn put(shop: &Shop, app: &str, parts: &[Vec<u8>]) -> Answer {
    let body = [parts.concat(), b"--xx--\r\n".to_vec()].concat();
    let request = Request::builder()
        .method(Method::PUT)
        .uri_str(format!("/dbs/{}/apps/{app}", shop.id))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
        .body(Body::from(body));
    shop.server.send(signed(request, "Basic", "testuser:testpass")).await
}

async fn open(shop: &Shop, who: Who<'_>, app: &str) -> Answer {
    request(&shop.server, who, Method::GET, &format!("/dbs/{}/apps/{app}", shop.id), None).await
}

async fn list(shop: &Shop) -> Value {
    read(&shop.call(Method::GET, "/apps", None).await)["apps"].clone()
}

#[tokio::test]
async fn an_app_is_stored_served_replaced_and_removed() {
    let shop = Shop::start().await;
    assert_eq!(list(&shop).await, json!([]));
    let answer = put(
        &shop,
        "hello",
        &[part("file", Some("hello.html"), PAGE.as_bytes()), part("description", None, b"Says hi")],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let app = read(&answer);
    let url = format!("/dbs/{}/apps/hello", shop.id);
    assert_eq!(app["url"], json!(url));
    assert_eq!(
        (&app["id"], &app["name"], &app["description"], &app["size"]),
        (&json!("hello"), &json!("hello.html"), &json!("Says hi"), &json!(PAGE.len()))
    );
    assert_eq!(list(&shop).await, json!([app]));
    let page = open(&shop, Who::Owner, "hello").await;
    assert_eq!((page.status, page.text(), page.header("content-type")), (200, PAGE, Some("text/html; charset=utf-8")));
    let replaced = put(&shop, "hello", &[part("name", None, "Grüße".as_bytes()), part("file", None, b"<p>2")]).await;
    let replaced = read(&replaced);
    assert_eq!((&replaced["name"], &replaced["description"]), (&json!("Grüße"), &json!("Says hi")));
    assert_eq!(replaced["createdUtc"], app["createdUtc"]);
    assert_eq!(open(&shop, Who::Owner, "hello").await.text(), "<p>2");
    let path = format!("/dbs/{}/apps/hello", shop.id);
    let removed = request(&shop.server, Who::Owner, Method::DELETE, &path, None).await;
    assert_eq!((removed.status, read(&removed)), (200, json!({})));
    assert_eq!(open(&shop, Who::Owner, "hello").await.status, 404);
    assert_eq!(request(&shop.server, Who::Owner, Method::DELETE, &path, None).await.status, 404);
}

#[tokio::test]
async fn an_app_runs_in_an_origin_of_its_own() {
    let shop = Shop::start().await;
    put(&shop, "a", &[part("file", Some("a.html"), PAGE.as_bytes())]).await;
    let page = open(&shop, Who::Owner, "a").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("sandbox allow-scripts") && !policy.contains("allow-same-origin"), "{policy}");
    assert!(!policy.contains("allow-top-navigation"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn what_is_no_page_is_refused() {
    let shop = Shop::start().await;
    for (content, status, told) in
        [(&b""[..], 400, "empty"), (b" \n", 400, "empty"), (b"\xff\xfe<p>", 400, "UTF-8"), (b"%PDF\0", 400, "UTF-8")]
    {
        let answer = put(&shop, "a", &[part("file", Some("a.html"), content)]).await;
        assert_eq!(answer.status, status, "{content:?}");
        assert!(answer.text().contains(told), "{}", answer.text());
    }
    let large = put(&shop, "a", &[part("file", Some("a.html"), &vec![b'x'; (4 << 20) + 1])]).await;
    assert_eq!(large.status, 413, "{}", large.text());
    let whole = put(&shop, "b", &[part("file", Some("a.html"), &vec![b'x'; 4 << 20])]).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    for id in ["a%20b", "a.b", "%2e%2e", &"x".repeat(65)] {
        let answer = put(&shop, id, &[part("file", Some("a.html"), b"<p>")]).await;
        assert_eq!(answer.status, 400, "{id}: {}", answer.text());
    }
    assert_eq!(put(&shop, "a", &[part("name", None, b"x")]).await.status, 400);
    let described = |length| [part("file", Some("a.html"), b"<p>"), part("description", None, &vec![b'x'; length])];
    let long = put(&shop, "c", &described(1025)).await;
    assert_eq!(long.status, 400, "the document says 1024 characters: {}", long.text());
    assert!(long.text().contains("`description` has more than 1024 characters"), "{}", long.text());
    assert_eq!(put(&shop, "b", &described(1024)).await.status, 200);
    assert_eq!(list(&shop).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn readers_open_apps_and_change_none() {
    let shop = Shop::start().await;
    put(&shop, "a", &[part("file", Some("a.html"), b"<p>")]).await;
    let token = shop.token(&["read"]).await;
    let path = format!("/dbs/{}/apps/a", shop.id);
    for (who, seen, changed) in [(Who::Bearer(&token), 200, 403), (Who::Stranger, 404, 404), (Who::Nobody, 401, 401)] {
        assert_eq!(open(&shop, who, "a").await.status, seen);
        assert_eq!(request(&shop.server, who, Method::DELETE, &path, None).await.status, changed);
    }
}
