//! A JSON object as the request body, whatever `Content-Type` says.

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use model::{Error, Result};
use poem::{Body, Request, RequestBody};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;

use crate::guard::Refusal;
use crate::root::ApiSettings;

/// A JSON object read into `T`; a fault is answered as `F`. Callers are known to send JSON with the `Content-Type` of a
/// form, or with none, so the header is not looked at.
///
/// serde reads it, for its errors name line and column, which the framework's own parser cannot.
pub struct JsonBody<T, F> {
    /// What was read.
    pub value: T,
    refusal: std::marker::PhantomData<fn() -> F>,
}

impl<'a, T: Type + DeserializeOwned, F: Refusal> ApiExtractor<'a> for JsonBody<T, F> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: Json::<T>::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let limit =
            request.data::<ApiSettings>().map_or(ApiSettings::DEFAULT_BODY_LIMIT, |settings| settings.body_limit);
        let read = read(body.take()?, limit).await.and_then(|bytes| parse(&bytes));
        let value = read.map_err(F::new)?;
        Ok(Self { value, refusal: std::marker::PhantomData })
    }
}

/// Reads at most `limit` bytes; counts what arrives, since a chunked body does not say its length.
async fn read(body: Body, limit: usize) -> Result<Bytes> {
    let mut stream = Box::pin(body.into_bytes_stream());
    let mut bytes = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|cause| Error::invalid("the request body ended early").with_source(cause))?;
        if bytes.len() + chunk.len() > limit {
            let message = format!("the request body is larger than {limit} bytes; send a shorter statement");
            return Err(Error::too_large(message));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // serde would also take an array, as the fields in their order.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Error::invalid("the request body is a JSON array; send a JSON object"));
    }
    serde_json::from_slice(bytes)
        .map_err(|cause| Error::invalid(format!("the request body cannot be read as JSON: {cause}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Given {
        statement: String,
        limit: Option<u64>,
    }

    #[test]
    fn reads_null_as_absent_and_ignores_what_it_does_not_know() {
        let given: Given = parse(br#" {"statement":"SELECT 1","limit":null,"dialect":"duckdb"}"#).unwrap();
        assert_eq!((given.statement.as_str(), given.limit), ("SELECT 1", None));
    }

    #[test]
    fn names_the_place() {
        let told = |bytes: &[u8]| parse::<Given>(bytes).unwrap_err().message().to_owned();
        assert!(
            told(b"{\n \"statement\": oops}").ends_with("expected value at line 2 column 15"),
            "{}",
            told(b"{\n \"statement\": oops}")
        );
        assert!(told(b"{}").contains("missing field `statement`"));
        assert!(
            told(br#"{"statement":1}"#).contains("invalid type: integer `1`, expected a string at line 1 column 14")
        );
        assert!(told(br#"{"statement":"","limit":-1}"#).contains("invalid value: integer `-1`, expected u64"));
        assert_eq!(told(br#"["SELECT 1", 5]"#), "the request body is a JSON array; send a JSON object");
        assert!(told(b"").contains("EOF"));
    }
}
