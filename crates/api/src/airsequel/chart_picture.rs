//! `GET /api/dbs/{dbId}/charts/{chartId}.svg`

use std::borrow::Cow;

use poem::http::{HeaderValue, header};
use poem::{IntoResponse, Response};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::{ParseError, ParseFromParameter, ParseResult, Type};
use poem_openapi::{ApiResponse, OpenApi};
use services::{Charts, PictureSize};

use super::caller::Anyone;
use super::{Reply, Tag};
use crate::name::Name;

const CONTENT_TYPE: &str = "image/svg+xml";
/// The picture has nothing that runs and loads nothing. Opened by itself it can do neither, whatever a table holds.
const POLICY: &str = "default-src 'none'; sandbox";
const ENDING: &str = ".svg";

/// The last part of a picture's address: the id of a chart, and `.svg`. The router knows whole segments alone.
pub struct PictureName(String);

impl Type for PictureName {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let pattern = Some(r"^[0-9A-Za-z_-]{1,64}\.svg$".to_owned());
        MetaSchemaRef::Inline(Box::new(MetaSchema { pattern, ..MetaSchema::new("string") }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for PictureName {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        let id = value.strip_suffix(ENDING).filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| ParseError::custom("a chart is drawn as SVG; ask for its id and then .svg"))?;
        Ok(Self(id.to_owned()))
    }
}

/// A picture of a chart.
pub struct Picture(String);

impl Payload for Picture {
    const CONTENT_TYPE: &'static str = CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
    }
}

impl IntoResponse for Picture {
    fn into_response(self) -> Response {
        let mut response = Response::builder().content_type(CONTENT_TYPE).body(self.0);
        for (name, value) in [
            // What it shows changes with the table.
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl ApiResponse for Picture {
    fn meta() -> MetaResponses {
        let policy = MetaHeader {
            name: "Content-Security-Policy".to_owned(),
            description: Some("That nothing in the picture runs or loads anything.".to_owned()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        };
        let response = MetaResponse {
            description: "The picture.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType { content_type: CONTENT_TYPE, schema: <Self as Payload>::schema_ref() }],
            headers: vec![policy],
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_registry: &mut Registry) {}
}

fn default_width() -> u32 {
    PictureSize::default().width
}

fn default_height() -> u32 {
    PictureSize::default().height
}

/// The operation that draws.
pub struct ChartPictureApi {
    pub(super) charts: Charts,
}

#[OpenApi(tag = "Tag::Charts")]
impl ChartPictureApi {
    /// Draw a chart
    ///
    /// An SVG of what the table holds now, to be looked at or put into a page with `<img>`. The first column stands along
    /// the axis, numbers and ISO dates in their measure and everything else row by row; the others are series. At most
    /// 10,000 rows are drawn, fewer where there are many columns, and the picture says when there are more. A chart of a
    /// type that is kept and not known here, and one whose table or columns are gone, is 400. Takes read access to the
    /// database.
    #[oai(path = "/api/dbs/:dbId/charts/:chartId", method = "get", operation_id = "draw_chart")]
    async fn draw(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
        /// The `ulid` of the chart, and then `.svg`.
        #[oai(name = "chartId")]
        Path(chart_id): Path<PictureName>,
        /// Pixels from left to right.
        #[oai(default = "default_width", validator(minimum(value = "200"), maximum(value = "4000")))]
        width: Query<u32>,
        /// Pixels from top to bottom.
        #[oai(default = "default_height", validator(minimum(value = "150"), maximum(value = "4000")))]
        height: Query<u32>,
    ) -> Reply<Picture> {
        let size = PictureSize { width: width.0, height: height.0 };
        Ok(Picture(self.charts.draw(&me, &db_id.0, &chart_id.0, size).await?))
    }
}
