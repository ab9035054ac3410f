//! What is sent as JSON by programs, and as a form by a page of ours; each gets an answer of its own kind.

use model::{Error, Result};
use poem::{Request, RequestBody};
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::Value;

use super::nothing::Nothing;
use super::page::{Page, is_for_a_page};
use super::{Failure, Reply};
use crate::content_type;
use crate::json_body::{parse, sent};

const FORM: &str = "application/x-www-form-urlencoded";

/// An object, out of JSON or a form. Many programs send JSON under the type of a form: what begins with a brace is JSON.
pub struct Submitted<T> {
    /// What was read.
    pub value: T,
    /// How to answer.
    pub answer: Answering,
}

/// What kind of answer the sender can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// JSON.
    Program,
    /// A page.
    Browser,
}

/// The answer to what was submitted.
#[derive(ApiResponse)]
pub enum SubmitReply {
    /// Done.
    #[oai(status = 200)]
    Done(Json<Nothing>),
    /// Done, for a browser.
    #[oai(status = 200)]
    DonePage(Page),
    /// Not done, for a browser: the page says why.
    #[oai(status = 400)]
    Refused(Page),
}

impl Answering {
    /// Answers as the sender can read it; the pages are `depth` segments deep.
    ///
    /// # Errors
    /// What `outcome` has, where no page is the place for it.
    pub fn reply(self, outcome: Result<()>, depth: usize, title: &str, done: &str) -> Reply<SubmitReply> {
        match (self, outcome) {
            (Self::Program, outcome) => outcome.map(|()| SubmitReply::Done(Json(Nothing {}))).map_err(Failure),
            (Self::Browser, Ok(())) => Ok(SubmitReply::DonePage(Page::told(title, depth, done))),
            (Self::Browser, Err(error)) if is_for_a_page(&error) => {
                Ok(SubmitReply::Refused(Page::refused("That did not work", depth, &error)))
            }
            (Self::Browser, Err(error)) => Err(Failure(error)),
        }
    }
}

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for Submitted<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let media = |content_type| MetaMediaType { content_type, schema: Json::<T>::schema_ref() };
        let content = vec![media("application/json"), media(FORM)];
        Some(MetaRequest { description: Some(DESCRIPTION), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        content_type::json(request.headers())?;
        let bytes = sent(request, body).await?.map_err(Failure)?;
        let is_form = content_type::is_form(request.headers());
        let answer = match bytes.trim_ascii_start().first() {
            Some(first) if is_form && *first != b'{' => Answering::Browser,
            _ => Answering::Program,
        };
        let value = match answer {
            Answering::Program => parse(&bytes),
            Answering::Browser => read_form(&bytes),
        };
        Ok(Self { value: value.map_err(Failure)?, answer })
    }
}

fn read_form<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let fields = url::form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), Value::from(&*value)));
    // Not by way of an object: that a field stands in the form twice would be lost.
    T::deserialize(MapDeserializer::<_, serde_json::Error>::new(fields))
        .map_err(|cause| Error::invalid(format!("the request body cannot be read as a form or as JSON: {cause}")))
}

const DESCRIPTION: &str = "\
A JSON object, or its properties as the fields of a form; a form is answered with a page. JSON is read under any type that \
does not say otherwise, `application/x-www-form-urlencoded` included.";

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, PartialEq, Eq)]
    #[serde(rename_all = "camelCase")]
    struct Given {
        password: String,
        reset_key: Option<String>,
    }

    #[test]
    fn a_form_is_read_as_an_object() {
        let given: Given = read_form(b"password=a+b%26%C3%BC&resetKey=k&more=1").unwrap();
        assert_eq!(given, Given { password: "a b&ü".to_owned(), reset_key: Some("k".to_owned()) });
        let told = |bytes: &[u8]| read_form::<Given>(bytes).unwrap_err().message().to_owned();
        assert!(told(b"resetKey=k").contains("missing field `password`"));
        assert!(told(b"password=a&password=b").contains("duplicate field `password`"));
        let given: Given = read_form(b"more=1&password=a&more=2").unwrap();
        assert_eq!(given.password, "a", "what nobody asks for may stand there as often as it likes");
    }
}
