//! The rows of an append: JSON under whatever type it is sent as, read only when the caller may write.

use bytes::Bytes;
use poem::{Body, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::Reply;
use crate::content_type;
use crate::json_body::{read, refused_by_head};
use crate::root::ApiSettings;

/// A body that was not read yet.
pub struct AppendBody {
    body: Body,
    limit: usize,
    /// What the headers alone say against it.
    fault: Option<model::Error>,
}

impl AppendBody {
    /// The bytes.
    ///
    /// # Errors
    /// `TooLarge` past the limit; `Invalid` for a compressed body and one that ends early.
    pub async fn read(self) -> Reply<Bytes> {
        if let Some(fault) = self.fault {
            return Err(fault.into());
        }
        Ok(read(self.body, self.limit).await?)
    }
}

impl<'a> ApiExtractor<'a> for AppendBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let row = || {
            inline(MetaSchema {
                additional_properties: Some(Box::new(inline(MetaSchema::ANY))),
                ..MetaSchema::new("object")
            })
        };
        let rows = inline(MetaSchema { items: Some(Box::new(row())), ..MetaSchema::new("array") });
        let schema = inline(MetaSchema { any_of: vec![row(), rows], ..MetaSchema::ANY });
        let content = vec![MetaMediaType { content_type: "application/json", schema }];
        Some(MetaRequest { description: Some(DESCRIPTION), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        content_type::rows(request.headers())?;
        let limit =
            request.data::<ApiSettings>().map_or(ApiSettings::DEFAULT_APPEND_LIMIT, |settings| settings.append_limit);
        let fault = refused_by_head(request.headers(), limit);
        Ok(Self { body: body.take()?, limit, fault })
    }
}

fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}

const DESCRIPTION: &str = "\
One row as a JSON object with a key for each column, or an array of them, of 16 MiB at the most; larger loads go to \
`POST /upload`. The content type does not matter as long as it does not plainly say something else.";
