//! The raw body of an upload: streamed, never read whole, of any content type or none.

use futures::stream::StreamExt;
use model::Error;
use poem::http::header;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

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
        let text = |content_type, schema: MetaSchema| MetaMediaType { content_type, schema: inline(schema) };
        let csv = MetaSchema { example: Some(CSV_EXAMPLE.into()), ..MetaSchema::new("string") };
        let records = MetaSchema {
            items: Some(Box::new(inline(MetaSchema::new("object")))),
            example: Some(
                serde_json::json!([{"city": "Seattle", "height": 56.0}, {"city": "Denver", "height": 1609.3}]),
            ),
            ..MetaSchema::new("array")
        };
        let binary = || MetaSchema::new_with_format("string", "binary");
        let content = vec![
            text("text/csv", csv),
            text("application/json", records),
            text("application/parquet", binary()),
            text("application/vnd.apache.parquet", binary()),
            text("application/octet-stream", binary()),
        ];
        Some(MetaRequest { description: Some(DESCRIPTION), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let ended_early = |cause| Error::invalid("the request body ended before it was complete").with_source(cause);
        let chunks = body.take()?.into_bytes_stream();
        let bytes = chunks.map(move |chunk: std::io::Result<_>| chunk.map_err(ended_early)).boxed();
        Ok(Self { content_type: content_type.map(str::to_owned), bytes })
    }
}

fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}

const DESCRIPTION: &str = "\
The file as it is, of any size and under any content type or none. What it holds is told by `format`, else by the content \
type, else by its first bytes. CSV has a header line; JSON is an array of objects or one object a line.";

const CSV_EXAMPLE: &str = "city,height\nSeattle,56\nDenver,1609.3\n";
