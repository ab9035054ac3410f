//! A form with one file in it, `multipart/form-data`: the file streams into a scratch file of a bounded size.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use model::{Error, Result};
use poem::http::header;
use poem::web::{Field, Multipart};
use poem::{Body, FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use services::{ScratchFile, Staging};
use tokio_util::io::ReaderStream;

use crate::content_type;
use crate::guard::Refusal;
use crate::root::ApiSettings;

/// The longest text part, in characters, unless it says otherwise.
const TEXT_CHARS: usize = 1 << 10;
/// What text in one line matches.
pub const ONE_LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";
/// What a form may take up beside its file: text parts, and the lines between the parts.
const FRAME_BYTES: u64 = 1 << 20;
/// How much of the file is handed on at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// A text part of a form.
#[derive(Clone, Copy, Debug)]
pub struct TextPart {
    /// Its name.
    pub name: &'static str,
    /// What the document says of it.
    pub about: &'static str,
    /// The most characters; more are refused here.
    pub most: usize,
    /// What it matches, as far as the document can say. A service refuses what does not.
    pub pattern: Option<&'static str>,
}

impl TextPart {
    /// A part without a pattern.
    pub const fn new(name: &'static str, about: &'static str) -> Self {
        Self { name, about, most: TEXT_CHARS, pattern: None }
    }
}

/// What a form is made of.
pub trait Form: Send + Sync + 'static {
    /// Its text parts.
    const TEXTS: &'static [TextPart];
    /// What the document says of the file.
    const FILE: &'static str;
    /// Whether the file must stand in the part `file`; else any part with a file name is it.
    const NAMED: bool;

    /// The largest file, in bytes.
    fn limit(settings: &ApiSettings) -> u64;
}

/// A form that was received whole; a fault is answered as `F`, a body that is no form with 415.
pub struct FileForm<P, F> {
    /// The file.
    pub file: ScratchFile,
    /// What the sender calls it.
    pub file_name: Option<String>,
    texts: Vec<(&'static str, String)>,
    form: PhantomData<fn() -> (P, F)>,
}

impl<P: Form, F> FileForm<P, F> {
    /// Takes a text part out; none where it was not sent or is empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let at = self.texts.iter().position(|(known, _)| *known == name)?;
        Some(self.texts.swap_remove(at).1).filter(|text| !text.is_empty())
    }
}

impl<'a, P: Form, F: Refusal> ApiExtractor<'a> for FileForm<P, F> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
        let file = MetaSchema { description: Some(P::FILE), ..MetaSchema::new_with_format("string", "binary") };
        let texts = P::TEXTS.iter().map(|part| {
            let text = MetaSchema {
                description: Some(part.about),
                max_length: Some(part.most),
                pattern: part.pattern.map(str::to_owned),
                // An empty part is none: so a page that fills forms with examples leaves out what nobody filled in.
                example: Some("".into()),
                ..MetaSchema::new("string")
            };
            (part.name, inline(text))
        });
        let properties = std::iter::once(("file", inline(file))).chain(texts).collect();
        let schema = inline(MetaSchema { properties, required: vec!["file"], ..MetaSchema::new("object") });
        let content = vec![MetaMediaType { content_type: "multipart/form-data", schema }];
        Some(MetaRequest { description: Some(DESCRIPTION), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        content_type::form(request.headers())?;
        let settings = request.data::<ApiSettings>().expect("the product's endpoint carries the settings");
        let staging = request.data::<Staging>().expect("the product's endpoint carries the staging");
        let received = receive::<P, F>(request, body.take()?, P::limit(settings), staging);
        Ok(received.await.map_err(F::new)?)
    }
}

async fn receive<P: Form, F>(request: &Request, body: Body, limit: u64, staging: &Staging) -> Result<FileForm<P, F>> {
    let length = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit + FRAME_BYTES) {
        return Err(too_large(limit));
    }
    let bounded = Bounded::new(body, limit + FRAME_BYTES);
    let passed = Arc::clone(&bounded.passed);
    let read = read(request, RequestBody::new(Body::from_bytes_stream(bounded)), limit, staging).await;
    // The reader of the form has no words for it.
    if read.is_err() && passed.load(Ordering::Relaxed) {
        return Err(too_large(limit));
    }
    read
}

fn too_large(limit: u64) -> Error {
    Error::too_large(format!("the form with its file is larger than {limit} bytes; send a smaller one"))
}

async fn read<P: Form, F>(
    request: &Request,
    mut bounded: RequestBody,
    limit: u64,
    staging: &Staging,
) -> Result<FileForm<P, F>> {
    let unreadable = |cause: poem::Error| Error::invalid(format!("the form cannot be read: {cause}"));
    let mut parts = <Multipart as FromRequest>::from_request(request, &mut bounded).await.map_err(unreadable)?;
    let mut file = None;
    let mut texts: Vec<(&'static str, String)> = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|cause| unreadable(cause.into()))? {
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = name == "file" || (!P::NAMED && part.file_name().is_some());
        match P::TEXTS.iter().find(|known| known.name == name) {
            _ if is_file && file.is_some() => return Err(Error::invalid("the form has two files; send one")),
            _ if is_file => {
                let file_name = part.file_name().map(str::to_owned);
                file = Some((staging.receive(chunks(part), limit).await?, file_name));
            }
            Some(known) if texts.iter().any(|(other, _)| *other == known.name) => {
                return Err(Error::invalid(format!("the form has two parts `{name}`; send one")));
            }
            Some(known) => texts.push((known.name, text(part, *known).await?)),
            None => skip(part).await?,
        }
    }
    let missing = || Error::invalid("the form has no file; send one in the part `file`");
    let (file, file_name) = file.ok_or_else(missing)?;
    Ok(FileForm { file, file_name, texts, form: PhantomData })
}

/// The bytes of a part, as they arrive.
fn chunks(part: Field) -> formats::Body {
    let chunks = ReaderStream::with_capacity(part.into_async_read(), CHUNK_BYTES);
    chunks.map_err(|cause| broken(&cause)).boxed()
}

fn broken(cause: &std::io::Error) -> Error {
    Error::invalid(format!("the form ends before it is complete: {cause}"))
}

async fn text(part: Field, known: TextPart) -> Result<String> {
    const CHAR_BYTES: usize = 4;
    let TextPart { name, most, .. } = known;
    let too_long = || Error::invalid(format!("the part `{name}` has more than {most} characters; send fewer"));
    let mut chunks = chunks(part);
    let mut text = Vec::new();
    while let Some(chunk) = chunks.next().await {
        text.extend_from_slice(&chunk?);
        if text.len() > most * CHAR_BYTES {
            return Err(too_long());
        }
    }
    let text = String::from_utf8(text).map_err(|_| Error::invalid(format!("the part `{name}` is not UTF-8 text")))?;
    if text.chars().count() > most { Err(too_long()) } else { Ok(text) }
}

/// A part that no one asked for is read and forgotten.
async fn skip(part: Field) -> Result<()> {
    chunks(part).try_for_each(|_| async { Ok(()) }).await
}

/// A body of at most so many bytes, of which the reader of the form gets one piece at a time: it would take all that is
/// there, whether or not its own reader keeps up.
struct Bounded {
    body: Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>,
    left: u64,
    rests: bool,
    /// Set where there was more.
    passed: Arc<AtomicBool>,
}

impl Bounded {
    fn new(body: Body, limit: u64) -> Self {
        Self { body: Box::pin(body.into_bytes_stream()), left: limit, rests: false, passed: Arc::default() }
    }
}

impl Stream for Bounded {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rests) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = self.body.as_mut().poll_next(cx);
        if let Poll::Ready(Some(Ok(chunk))) = &next {
            self.rests = true;
            match self.left.checked_sub(chunk.len() as u64) {
                Some(left) => self.left = left,
                None => {
                    self.passed.store(true, Ordering::Relaxed);
                    return Poll::Ready(Some(Err(std::io::Error::other("the form is too large"))));
                }
            }
        }
        next
    }
}

const DESCRIPTION: &str = "\
A form as browsers and `curl -F` send it. The file may stand anywhere in it; parts with other names are ignored.";
