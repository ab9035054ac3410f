//! The documents, the start page and the Swagger UI.

use serde_json::Value;

use crate::process::Server;

#[tokio::test]
async fn documents_are_served() {
    let server = Server::start();
    for (path, content_type) in [
        ("/openapi.json", "application/json"),
        ("/openapi.yaml", "application/yaml"),
        ("/openapi/altertable.json", "application/json"),
        ("/openapi/altertable.yaml", "application/yaml"),
        ("/openapi/airsequel.json", "application/json"),
        ("/openapi/airsequel.yaml", "application/yaml"),
    ] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with(content_type), "{path}");
        let text = response.text().await.unwrap();
        for (product, there) in [("airsequel", "/dbs/{dbId}/sql"), ("altertable", "run_query")] {
            let wanted = path.starts_with("/openapi.") || path.contains(product);
            assert_eq!(text.contains(there), wanted, "{there} in {path}");
        }
    }
    let document: Value = server.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    for path in ["/query", "/validate", "/upload"] {
        assert!(document["paths"][path]["post"]["operationId"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn the_swagger_ui_comes_from_the_server_alone() {
    let server = Server::start();
    let response = server.get("/docs").send().await.unwrap();
    assert_eq!(response.url().path(), "/docs/");
    let page = response.text().await.unwrap();
    assert!(page.contains("swagger-ui"));
    for outside in ["https://", "http://", "//cdn"] {
        assert!(!page.contains(outside), "the page reaches for {outside}");
    }
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        let response = server.get(&format!("/docs/{file}")).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{file}");
    }
    assert!(page.contains("../openapi.json") && page.contains("../openapi/altertable.json"), "{page}");
    assert!(page.contains("../openapi/airsequel.json"), "{page}");
}

#[tokio::test]
async fn the_start_page_tells_where_the_server_is_and_what_it_has() {
    let server = Server::start();
    let page = server.get("/").header("accept", "text/html").send().await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let text = page.text().await.unwrap();
    assert!(text.contains(&format!("curl -u NAME {}/query", server.base)), "{text}");
    for path in ["docs/", "openapi.json", "healthz", "readyz", "metrics"] {
        assert!(text.contains(&format!("href=\"{path}\"")), "{path}");
        assert_eq!(server.get(&format!("/{path}")).send().await.unwrap().status().as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_request_id_is_kept_or_made() {
    let server = Server::start();
    let kept = server.get("/openapi.json").header("x-request-id", "mine-1").send().await.unwrap();
    assert_eq!(kept.headers()["x-request-id"], "mine-1");
    let made = server.get("/openapi.json").header("x-request-id", "no\tgood").send().await.unwrap();
    assert_eq!(made.headers()["x-request-id"].len(), 36);
    assert!(server.log().contains("mine-1"));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_apart() {
    let server = Server::start();
    assert_eq!(server.get("/nowhere").send().await.unwrap().status().as_u16(), 404);
    let wrong = server.get("/query").send().await.unwrap();
    assert_eq!(wrong.status().as_u16(), 405);
    assert!(wrong.headers()["allow"].to_str().unwrap().contains("POST"));
}
