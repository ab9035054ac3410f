//! The empty object: what changes answer, and what some requests bring along.

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, Object};
use serde::Deserialize;

use super::Failure;
use crate::content_type;
use crate::json_body::{parse, sent};

/// An object that says nothing.
#[derive(Clone, Copy, Debug, Default, Object, Deserialize)]
pub struct Nothing {}

/// A body that says nothing: an object, or none at all.
pub struct NothingSent;

impl<'a> ApiExtractor<'a> for NothingSent {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        Nothing::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType { content_type: "application/json", schema: Nothing::schema_ref() };
        Some(MetaRequest { description: Some(DESCRIPTION), content: vec![content], required: false })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        content_type::json(request.headers())?;
        let bytes = sent(request, body).await?.map_err(Failure)?;
        if !bytes.is_empty() {
            parse::<Nothing>(&bytes).map_err(Failure)?;
        }
        Ok(Self)
    }
}

const DESCRIPTION: &str = "An empty JSON object; a request without a body is the same.";
