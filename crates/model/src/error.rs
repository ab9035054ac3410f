//! The one error of the server: what kind of fault, a message for the caller, a source for the log.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// Shorthand for results with the server's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type BoxError = Box<dyn StdError + Send + Sync>;

/// What went wrong, as far as a product needs to know to choose a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request cannot be served as it was sent.
    Invalid,
    /// No credential, or one that is not right.
    Unauthenticated,
    /// The caller is known and may not do this.
    Forbidden,
    /// The thing does not exist, or the caller may not know that it does.
    NotFound,
    /// The thing exists already, or changed meanwhile.
    Conflict,
    /// A stated limit was passed.
    TooLarge,
    /// Understood, and not something this server does.
    Unsupported,
    /// Stopped because the caller asked for it or went away.
    Cancelled,
    /// Too many requests for now.
    RateLimited,
    /// Cannot be served now; trying again may help.
    Unavailable,
    /// A fault of the server or of what it stands on. Its source is for the log alone.
    Internal,
}

/// A fault with two messages: `message` is for the caller, `source` for the log.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    code: &'static str,
    message: String,
    source: Option<BoxError>,
    retry_after: Option<Duration>,
}

impl Error {
    /// An error of `kind`; `code` is a stable snake_case word that programs can match on.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), source: None, retry_after: None }
    }

    /// The request is wrong: `message` names the parameter, line, column or value, and what to do.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, "invalid_request", message)
    }

    /// Missing or wrong credentials.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unauthenticated, "unauthenticated", message)
    }

    /// A known caller without the access it takes.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Forbidden, "forbidden", message)
    }

    /// `what` (`table`, `schema`, …) of this name does not exist.
    pub fn not_found(what: &str, name: impl fmt::Display) -> Self {
        Self::new(ErrorKind::NotFound, "not_found", format!("{} \"{name}\" does not exist", capitalised(what)))
    }

    /// `what` of this name exists already.
    pub fn exists(what: &str, name: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Conflict, "already_exists", format!("{} \"{name}\" already exists", capitalised(what)))
    }

    /// Something changed between reading and writing it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, "conflict", message)
    }

    /// A stated limit was passed; `message` says which and how to raise it.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::TooLarge, "too_large", message)
    }

    /// Understood, and not something this server does; `message` says what to do instead.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, "unsupported", message)
    }

    /// The caller cancelled or went away.
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "cancelled", "the query was cancelled")
    }

    /// Too many requests for now; one after `wait` may be served.
    pub fn rate_limited(message: impl Into<String>, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..Self::new(ErrorKind::RateLimited, "rate_limited", message) }
    }

    /// Cannot be served now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, "unavailable", message)
    }

    /// A fault of the server; the caller learns no more than that.
    pub fn internal(source: impl Into<BoxError>) -> Self {
        Self {
            kind: ErrorKind::Internal,
            code: "internal",
            message: "an internal error occurred".to_owned(),
            source: Some(source.into()),
            retry_after: None,
        }
    }

    /// Keeps `source` for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says where it happened: `context` goes before the message.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// The kind, which products map to their status.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// How long to wait before another try, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What the caller is told.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
