//! A JSON object as the request body.

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use model::{Error, Result};
use poem::http::{HeaderMap, header};
use poem::{Body, Request, RequestBody};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::content_type;
use crate::guard::Refusal;
use crate::root::ApiSettings;

/// A JSON object read into `T`; a fault is answered as `F`, a type that is not JSON with 415.
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
        Some(MetaRequest { description: Some(DESCRIPTION), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        content_type::json(request.headers())?;
        let value = sent(request, body).await?.and_then(|bytes| parse(&bytes)).map_err(F::new)?;
        Ok(Self { value, refusal: std::marker::PhantomData })
    }
}

/// The body of a request, whole and within the limit.
pub async fn sent(request: &Request, body: &mut RequestBody) -> poem::Result<Result<Bytes>> {
    let limit = request.data::<ApiSettings>().map_or(ApiSettings::DEFAULT_BODY_LIMIT, |settings| settings.body_limit);
    Ok(match refused_by_head(request.headers(), limit) {
        Some(fault) => Err(fault),
        None => read(body.take()?, limit).await,
    })
}

/// What the headers alone say against a body: a client that waits to be told to go on need not send it.
pub fn refused_by_head(headers: &HeaderMap, limit: usize) -> Option<Error> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit as u64) {
        return Some(too_large(limit));
    }
    let coding = headers.get(header::CONTENT_ENCODING)?;
    let plain = coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    (!plain)
        .then(|| Error::invalid(format!("Content-Encoding {coding:?} is not taken here; send the JSON uncompressed")))
}

fn too_large(limit: usize) -> Error {
    Error::too_large(format!("the request body is larger than {limit} bytes; send a shorter one"))
}

/// Reads at most `limit` bytes; counts what arrives, since a chunked body does not say its length.
pub async fn read(body: Body, limit: usize) -> Result<Bytes> {
    let mut stream = Box::pin(body.into_bytes_stream());
    let mut bytes = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|cause| Error::invalid("the request body ended early").with_source(cause))?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Reads an object. A byte order mark before it is skipped: some editors and shells write one.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // serde would also take an array, as the fields in their order.
    match text.trim_ascii_start().first() {
        Some(b'{') => {
            let value = serde_json::from_slice(text).map_err(|cause| unfit::<T>(text, &cause))?;
            // serde does not look into texts that nobody asks for.
            std::str::from_utf8(text).map(|_| value).map_err(|cause| {
                Error::invalid(format!(
                    "the request body is no UTF-8 after byte {}; send JSON in UTF-8",
                    cause.valid_up_to()
                ))
            })
        }
        Some(_) => Err(no_object(text)),
        None => Err(Error::invalid("the request body is empty; send a JSON object")),
    }
}

/// What is said of a text that is no object.
fn no_object(text: &[u8]) -> Error {
    let kind = match serde_json::from_slice(text) {
        Ok(Value::Array(_)) => "array",
        Ok(Value::String(_)) => "string",
        Ok(Value::Number(_)) => "number",
        Ok(Value::Bool(_)) => "boolean",
        Ok(Value::Null) => "null",
        Ok(Value::Object(_)) => "object",
        Err(cause) => {
            return Error::invalid(format!("the request body cannot be read as JSON: {cause}; send a JSON object"));
        }
    };
    Error::invalid(format!("the request body is a JSON {kind}; send a JSON object"))
}

/// What is said of an object that is no `T`. serde tells the place of a wrong value and not its name.
fn unfit<T: DeserializeOwned>(text: &[u8], cause: &serde_json::Error) -> Error {
    let told = cause.to_string();
    let field = wrong_field::<T>(text, &told);
    let told = told.replace("expected u64", "expected a whole number from 0 on");
    match field {
        Some(name) => Error::invalid(format!("`{name}` in the request body cannot be read: {told}")),
        None => Error::invalid(format!("the request body cannot be read as JSON: {told}")),
    }
}

/// The field whose value is what `told` is about: alone in its object it is refused in the same words, without a place.
fn wrong_field<T: DeserializeOwned>(text: &[u8], told: &str) -> Option<String> {
    let fields: Map<String, Value> = serde_json::from_slice(text).ok()?;
    fields.into_iter().find_map(|(name, value)| {
        let alone = Value::Object(Map::from_iter([(name.clone(), value)]));
        let fault = T::deserialize(alone).err()?.to_string();
        // A field that fits is refused as well, where another one must be there.
        (told.starts_with(&fault) && !fault.starts_with("missing field")).then_some(name)
    })
}

const DESCRIPTION: &str = "\
A JSON object. It is read as JSON under `application/json`, every `+json` type, `application/x-www-form-urlencoded`, \
`text/plain`, `application/octet-stream` and without a type; any other type is 415.";

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
        assert_eq!(told(b""), "the request body is empty; send a JSON object");
        assert!(told(b"SELECT 1").contains("expected value at line 1 column 1; send a JSON object"));
    }

    #[test]
    fn names_the_field() {
        let told = |bytes: &[u8]| parse::<Given>(bytes).unwrap_err().message().to_owned();
        let statement = "`statement` in the request body cannot be read: invalid type: integer `1`, expected a string";
        assert!(told(br#"{"statement":1}"#).starts_with(statement), "{}", told(br#"{"statement":1}"#));
        assert!(told(br#"{"limit":5,"statement":null}"#).starts_with("`statement` in the request body"));
        let limit = "`limit` in the request body cannot be read: invalid value: integer `-1`, expected a whole number \
                     from 0 on at line 1 column 26";
        assert_eq!(told(br#"{"statement":"","limit":-1}"#), limit);
        assert!(told(br#"{"limit":"5","statement":""}"#).starts_with("`limit` in the request body"));
        let both = told(br#"{"statement":1,"limit":-1}"#);
        assert!(
            both.starts_with(statement),
            "the fault that is told and the field that is named belong together: {both}"
        );
        let twice = told(br#"{"statement":"","statement":""}"#);
        assert!(twice.contains("duplicate field `statement`"), "{twice}");
    }

    #[test]
    fn anything_but_an_object_is_named() {
        let told = |bytes: &[u8]| parse::<Given>(bytes).unwrap_err().message().to_owned();
        for (text, kind) in [(r#"["SELECT 1", 5]"#, "array"), (r#" "x""#, "string"), ("5", "number"), ("null", "null")]
        {
            assert_eq!(told(text.as_bytes()), format!("the request body is a JSON {kind}; send a JSON object"));
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let given: Given = parse(b"\xEF\xBB\xBF{\"statement\":\"SELECT 1\"}").unwrap();
        assert_eq!(given.statement, "SELECT 1");
    }
}
