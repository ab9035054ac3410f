//! What belongs to the server and not to a product: documents, pages, probes and metrics.

use super::methods::compared;
use super::site::Site;
use super::wire::Message;

const PATHS: [&str; 9] = [
    "/",
    "/docs",
    "/docs/",
    "/docs/swagger-ui.css",
    "/openapi.json",
    "/openapi.yaml",
    "/healthz",
    "/readyz",
    "/metrics",
];

#[tokio::test]
async fn they_answer_get_head_and_options_alone() {
    let site = Site::open().await;
    let products = site.operations.iter().map(|operation| operation.label.split(':').next().unwrap());
    let documents = products.flat_map(|product| ["json", "yaml"].map(|end| format!("/openapi/{product}.{end}")));
    let mut paths: Vec<String> = PATHS.iter().map(|path| (*path).to_owned()).chain(documents).collect();
    paths.dedup();
    for path in &paths {
        let get = site.send(&Message::new("GET", path)).await;
        assert!((200..400).contains(&get.status), "{path}: {}", get.status);
        let head = site.send(&Message::new("HEAD", path)).await;
        let (mut of_get, of_head) = (compared(&get), compared(&head));
        if path == "/metrics" {
            // Its length changes from one moment to the next.
            of_get.1.retain(|(name, _)| name != "content-length");
            assert!(of_get.1.iter().all(|header| of_head.1.contains(header)), "{of_get:?} {of_head:?}");
        } else {
            assert_eq!(of_get, of_head, "{path}");
        }
        let options = site.send(&Message::new("OPTIONS", path)).await;
        let allowed = ["GET", "HEAD", "OPTIONS"];
        assert_eq!((options.status, options.list("allow")), (204, allowed.to_vec()), "{path}");
        assert!(options.body.is_empty(), "{path}");
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "BREW", "get"] {
            let reply = site.send(&Message::new(method, path).body("{}")).await;
            assert_eq!((reply.status, reply.list("allow")), (405, allowed.to_vec()), "{method} {path}");
            assert!(reply.text().contains("GET"), "{method} {path}: {}", reply.text());
        }
    }
    site.is_as_before().await;
}

#[tokio::test]
async fn what_is_beside_them_is_404() {
    let site = Site::open().await;
    for path in
        ["/docs/nope", "/docs/nope/", "/docs//", "/docs/../healthz", "/openapi", "/openapi/", "/openapi/nope.json"]
            .into_iter()
            .chain([
                "/openapi.json/",
                "/openapi.xml",
                "/healthz/",
                "/readyz/x",
                "/metrics/",
                "/Healthz",
                "/docs/%2e%2e/",
                "/%00",
            ])
    {
        let reply = site.send(&Message::new("GET", path)).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.body.is_empty() && reply.header("x-request-id").is_some(), "{path}");
    }
    site.is_as_before().await;
}
