//! The raw body of an upload: streamed, never read whole, of every content type that may be a table's.

use futures::stream::StreamExt;
use model::Error;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::content_type;

/// The body and what the request says of it.
pub struct UploadBody {
    /// `Content-Type`, where there is one.
    pub content_type: Option<String>,
    /// The bytes, as they arrive.
    pub bytes: formats::Body,
}

impl<'a> ApiExtractor<'a> for UploadBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let records =
            MetaSchema { items: Some(Box::new(inline(MetaSchema::new("object")))), ..MetaSchema::new("array") };
        let binary = || MetaSchema::new_with_format("string", "binary");
        let types = [
            ("text/csv", MetaSchema::new("string")),
            ("application/json", records),
            ("application/parquet", binary()),
            ("application/vnd.apache.parquet", binary()),
            ("application/octet-stream", binary()),
        ];
        let content = types.map(|(content_type, schema)| MetaMediaType { content_type, schema: inline(schema) }).into();
        Some(MetaRequest { description: Some(DESCRIPTION), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let content_type = content_type::file(request.headers())?;
        let ended_early = |cause| Error::invalid("the request body ended before it was complete").with_source(cause);
        let chunks = body.take()?.into_bytes_stream();
        let bytes = chunks.map(move |chunk: std::io::Result<_>| chunk.map_err(ended_early)).boxed();
        Ok(Self { content_type, bytes })
    }
}

fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}

const DESCRIPTION: &str = "\
The file as it is, of any size. What it holds is told by `format`, else by the content type, else by its first bytes, so \
that a type that says nothing, or none, will do. Types that plainly are no table (forms, images, sound, films, fonts, web \
pages, PDF, XML, archives, office documents) are 415. CSV has a header line; JSON is an array of objects or one object a \
line.";
