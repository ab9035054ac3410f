//! A query as it is remembered.

use std::time::{Duration, SystemTime};

use model::{Error, ErrorKind, Figures};

/// The longest statement that is remembered whole, in bytes.
const STATEMENT: usize = 64 << 10;

/// The same for messages of errors.
const MESSAGE: usize = 8 << 10;

/// The same for what else callers say of themselves and their queries.
const WORD: usize = 512;

/// A query that runs or has run.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedQuery {
    /// Our own number for it: ids come from callers and may repeat.
    pub number: u64,
    /// The caller's id for it, or the one that was made.
    pub query_id: String,
    /// The session that the caller counts it to.
    pub session_id: String,
    /// The name of the user who ran it.
    pub principal: String,
    /// Through what it was asked, in the product's words.
    pub interface: String,
    /// Its SQL text; the beginning of one that is very long.
    pub statement: String,
    /// On whose behalf, in the caller's words.
    pub requested_by: Option<String>,
    /// What the caller's program calls itself.
    pub user_agent: Option<String>,
    /// Whether lists of queries show it.
    pub visible: bool,
    /// When it was taken up.
    pub started: SystemTime,
    /// How long it took and how it ended; nothing while it runs.
    pub end: Option<QueryEnd>,
    /// Rows of its answer that were read so far.
    pub rows: u64,
    /// What it did.
    pub figures: Figures,
}

/// How a query ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryEnd {
    /// The time from start to end.
    pub duration: Duration,
    /// How.
    pub outcome: Outcome,
    /// What the caller was told, where it did not end well.
    pub error: Option<String>,
}

/// The ways in which a query ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its whole answer was read.
    Finished,
    /// It could not be run to its end.
    Failed,
    /// It was cancelled, or whoever read its answer went away.
    Cancelled,
}

impl Outcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The outcome of this word.
    pub(super) fn of(word: &str) -> Self {
        [Self::Finished, Self::Cancelled].into_iter().find(|one| one.as_str() == word).unwrap_or(Self::Failed)
    }
}

impl LoggedQuery {
    /// `running`, or how it ended.
    pub fn status(&self) -> &'static str {
        self.end.as_ref().map_or("running", |end| end.outcome.as_str())
    }

    /// When it ended.
    pub fn ended(&self) -> Option<SystemTime> {
        Some(self.started + self.end.as_ref()?.duration)
    }

    /// Cuts every text to what is remembered of it.
    pub(super) fn cut(mut self) -> Self {
        cut(&mut self.statement, STATEMENT);
        for text in [&mut self.query_id, &mut self.session_id, &mut self.interface] {
            cut(text, WORD);
        }
        for text in [&mut self.requested_by, &mut self.user_agent].into_iter().flatten() {
            cut(text, WORD);
        }
        self
    }

    /// Bytes that it takes in memory, about.
    pub(super) fn bytes(&self) -> usize {
        let optional = [&self.requested_by, &self.user_agent];
        let error = self.end.as_ref().and_then(|end| end.error.as_ref());
        let texts = optional.into_iter().flatten().chain(error).map(String::len).sum::<usize>();
        size_of::<Self>() + self.statement.len() + self.query_id.len() + self.session_id.len() + texts
    }
}

impl QueryEnd {
    /// The end of a query after `duration`, with the error where there was one.
    pub(super) fn new(duration: Duration, error: Option<&Error>) -> Self {
        let outcome = match error.map(Error::kind) {
            None => Outcome::Finished,
            Some(ErrorKind::Cancelled) => Outcome::Cancelled,
            Some(_) => Outcome::Failed,
        };
        let mut message = error.map(|error| error.message().to_owned());
        message.iter_mut().for_each(|message| cut(message, MESSAGE));
        Self { duration, outcome, error: message }
    }
}

/// What a session's id is compared as, cut as the log cuts it.
pub(super) fn session_key(session_id: &str) -> &str {
    &session_id[..session_id.floor_char_boundary(WORD)]
}

fn cut(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
        text.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let mut text = "é".repeat(10);
        cut(&mut text, 5);
        assert_eq!(text, "éé");
        assert_eq!(session_key("s"), "s");
    }
}
