//! Probes and metrics.

use serde_json::json;

use crate::process::Server;

#[tokio::test]
async fn probes_need_no_credentials() {
    let server = Server::start();
    for path in ["/healthz", "/readyz", "/metrics"] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let head = server.client.head(format!("{}{path}", server.base)).send().await.unwrap();
        assert_eq!(head.status().as_u16(), 200, "HEAD {path}");
        let post = server.client.post(format!("{}{path}", server.base)).send().await.unwrap();
        assert_eq!(
            (post.status().as_u16(), post.headers()["allow"].to_str().unwrap()),
            (405, "GET, HEAD, OPTIONS"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn readiness_fails_without_the_lakehouse_and_life_goes_on() {
    let server = Server::start();
    let lakehouse = server.dir().join("data/lakehouse");
    let away = server.dir().join("data/away");
    std::fs::rename(&lakehouse, &away).unwrap();
    let status = server.get("/readyz").send().await.unwrap().status();
    let alive = server.get("/healthz").send().await.unwrap().status();
    std::fs::rename(&away, &lakehouse).unwrap();
    assert_eq!((status.as_u16(), alive.as_u16()), (503, 200));
    assert_eq!(server.get("/readyz").send().await.unwrap().status().as_u16(), 200);
}

#[tokio::test]
async fn requests_rows_and_bytes_are_counted() {
    let server = Server::start();
    server.load("t", "create", "n\n1\n2\n3\n").await;
    assert_eq!(server.rows("SELECT n FROM t ORDER BY n").await, json!([[1], [2], [3]]));
    server.get("/nowhere").send().await.unwrap();
    let response = server.get("/metrics").send().await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    let page = response.text().await.unwrap();
    for line in [
        "boathouse_http_requests_total{operation=\"run_query\",status=\"200\"} 1",
        "boathouse_http_requests_total{operation=\"upload_table\",status=\"200\"} 1",
        "boathouse_http_requests_total{operation=\"none\",status=\"404\"} 1",
        "boathouse_http_request_seconds_count{operation=\"upload_table\"} 1",
        "boathouse_http_requests_in_flight 0",
        "boathouse_queries_running 0",
        "boathouse_uploaded_rows_total 3",
        "boathouse_uploaded_bytes_total 8",
        "boathouse_answered_rows_total 3",
    ] {
        assert!(page.lines().any(|there| there == line), "{line} is not in\n{page}");
    }
    assert!(page.contains("process_resident_memory_bytes"));
}
