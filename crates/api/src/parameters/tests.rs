//! What is said of parameters of every kind, through the framework's own parsers.

use poem::http::Method;
use poem::{Endpoint, EndpointExt, Request};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::PlainText;
use poem_openapi::{OpenApi, OpenApiService};

use crate::surface::Surface;

struct Api;

#[OpenApi]
impl Api {
    /// Reads parameters
    #[oai(path = "/things/:id", method = "get", operation_id = "read_thing")]
    async fn read(
        &self,
        Path(id): Path<u32>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] Query(limit): Query<Option<i32>>,
        Query(deep): Query<Option<bool>>,
        #[oai(validator(min_length = 1, max_length = 5))] Query(name): Query<Option<String>>,
        #[oai(validator(pattern = "^[a-z]+$"))] Query(word): Query<Option<String>>,
        Query(tag): Query<Vec<i32>>,
        #[oai(name = "X-Count")] Header(count): Header<u8>,
    ) -> PlainText<String> {
        PlainText(format!("{id} {limit:?} {deep:?} {name:?} {word:?} {tag:?} {count}"))
    }
}

async fn told(uri: &str, count: Option<&str>) -> (u16, String) {
    let service = OpenApiService::new(Surface(Api), "t", "1");
    let endpoint = poem::IntoEndpoint::into_endpoint(service).map_to_response();
    let mut request = Request::builder().method(Method::GET).uri_str(uri).finish();
    if let Some(count) = count {
        request.headers_mut().insert("X-Count", count.parse().unwrap());
    }
    match endpoint.call(request).await {
        Ok(answer) => (answer.status().as_u16(), answer.into_body().into_string().await.unwrap()),
        Err(error) => (error.status().as_u16(), error.to_string()),
    }
}

#[tokio::test]
async fn every_fault_names_the_parameter_and_what_it_takes() {
    let read = "1 Some(5) Some(true) Some(\"ab\") Some(\"a\") [1, 2] 3".to_owned();
    let uri = "/things/1?limit=5&deep=true&name=ab&word=a&tag=1&tag=2&x=1&x=2";
    assert_eq!(told(uri, Some("3")).await, (200, read));
    for (uri, count, text) in [
        ("/things/one", Some("1"), "the path parameter `id` cannot be read; it takes a whole number from 0 on"),
        (
            "/things/1?limit=x",
            Some("1"),
            "the query parameter `limit` cannot be read; it takes a whole number from 1 to 100",
        ),
        (
            "/things/1?limit=0",
            Some("1"),
            "the query parameter `limit` cannot be read; it takes a whole number from 1 to 100",
        ),
        ("/things/1?limit=1&limit=2", Some("1"), "the query parameter `limit` is given twice; give it once"),
        ("/things/1?deep=", Some("1"), "the query parameter `deep` cannot be read; it takes true or false"),
        ("/things/1?name=", Some("1"), "the query parameter `name` is empty; give it a value: name=…"),
        (
            "/things/1?name=abcdef",
            Some("1"),
            "the query parameter `name` cannot be read; it takes text of 1 to 5 characters",
        ),
        (
            "/things/1?word=A",
            Some("1"),
            "the query parameter `word` cannot be read; it takes text that matches ^[a-z]+$",
        ),
        (
            "/things/1?tag=1&tag=b",
            Some("1"),
            "the query parameter `tag` cannot be read; it takes a whole number, once for each value",
        ),
        ("/things/1", None, "the header `X-Count` is missing; send it"),
        ("/things/1", Some("256"), "the header `X-Count` cannot be read; it takes a whole number from 0 on"),
    ] {
        assert_eq!(told(uri, count).await, (400, text.to_owned()), "{uri}");
    }
}
