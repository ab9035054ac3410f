//! Half a statement as tokens, with the place of each.

use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use crate::engine::dialect::Duck;

/// A token that is no space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its first byte.
    pub start: usize,
    /// The byte after it.
    pub end: usize,
}

/// What tokens are to whoever completes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// A word without quotes, as it was written.
    Word(String),
    /// A name in quotes, without them.
    Quoted(String),
    /// A number or a text.
    Value,
    /// Anything else, as it was written.
    Symbol(String),
}

/// What the caret stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caret {
    /// In a text or a comment, or at the end of a number: nothing can be completed.
    Closed,
    /// At the end of this much of a word, which begins at this byte.
    Word { text: String, start: usize, quoted: bool },
}

impl Piece {
    /// The word in capitals, where it is one without quotes.
    pub fn word(&self) -> Option<String> {
        match &self.kind {
            PieceKind::Word(word) => Some(word.to_ascii_uppercase()),
            _ => None,
        }
    }

    /// The name that the token may be.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            PieceKind::Word(name) | PieceKind::Quoted(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it is this symbol.
    pub fn is(&self, symbol: &str) -> bool {
        matches!(&self.kind, PieceKind::Symbol(own) if own == symbol)
    }
}

/// The tokens before the caret, which stands at the end of `text`, without the word that it stands in.
pub fn before(text: &str) -> (Vec<Piece>, Caret) {
    // A quote or a comment that is open at the caret is closed for the tokenizer; which one it was tells where we are.
    let closed = ["", "\"", "'", "*/", "$$"].iter().find_map(|end| Some((*end, pieces(&format!("{text}{end}"))?)));
    let Some((end, (mut pieces, comment))) = closed else { return (Vec::new(), Caret::Closed) };
    if comment || matches!(end, "'" | "*/" | "$$") {
        return (pieces, Caret::Closed);
    }
    let last = pieces.last().filter(|last| last.end == text.len() + end.len()).cloned();
    let nothing = Caret::Word { text: String::new(), start: text.len(), quoted: false };
    let caret = match last.map(|last| (last.kind, last.start)) {
        Some((PieceKind::Word(word), start)) => Caret::Word { text: word, start, quoted: false },
        // A name whose quotes are closed is complete.
        Some((PieceKind::Quoted(name), start)) if !end.is_empty() => Caret::Word { text: name, start, quoted: true },
        Some((PieceKind::Quoted(_) | PieceKind::Value, _)) => return (pieces, Caret::Closed),
        Some((PieceKind::Symbol(_), _)) | None => nothing,
    };
    if matches!(&caret, Caret::Word { text, quoted, .. } if *quoted || !text.is_empty()) {
        pieces.pop();
    }
    (pieces, caret)
}

/// The tokens after the caret up to the end of the statement, without the rest of a word that the caret stands in. What
/// cannot be read is left out. Places count from the beginning of `text`.
pub fn after(text: &str, caret: usize) -> Vec<Piece> {
    let rest = &text[caret..];
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let skipped = rest.len() - rest.trim_start_matches(in_word).len();
    let from = caret + skipped;
    let Some((mut found, _)) = pieces(&text[from..]) else { return Vec::new() };
    let end = found.iter().position(|piece| piece.is(";")).unwrap_or(found.len());
    found.truncate(end);
    found.iter_mut().for_each(|piece| {
        piece.start += from;
        piece.end += from;
    });
    found
}

/// The tokens, and whether a comment of one line is the last thing that stands there.
fn pieces(text: &str) -> Option<(Vec<Piece>, bool)> {
    let dialect = Duck::default();
    let tokens = Tokenizer::new(&dialect, text).tokenize_with_location().ok()?;
    let lines = Lines::new(text);
    let comment = matches!(
        tokens.last().map(|last| &last.token),
        Some(Token::Whitespace(Whitespace::SingleLineComment { comment, .. })) if !comment.ends_with('\n')
    );
    let piece = |token: TokenWithSpan| {
        let kind = match &token.token {
            Token::Whitespace(_) | Token::EOF => return None,
            Token::Word(word) if word.quote_style.is_some() => PieceKind::Quoted(word.value.clone()),
            Token::Word(word) => PieceKind::Word(word.value.clone()),
            Token::Number(..) => PieceKind::Value,
            other => {
                let text = other.to_string();
                if text.contains('\'') { PieceKind::Value } else { PieceKind::Symbol(text) }
            }
        };
        Some(Piece { kind, start: lines.offset(token.span.start), end: lines.offset(token.span.end) })
    };
    Some((tokens.into_iter().filter_map(piece).collect(), comment))
}

/// Where the lines of a text begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// The byte at a place that is counted in lines and characters, both from 1.
    fn offset(&self, location: Location) -> usize {
        let line = usize::try_from(location.line).unwrap_or(1).max(1) - 1;
        let column = usize::try_from(location.column).unwrap_or(1).max(1) - 1;
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        let rest = &self.text[start..];
        start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, start: usize, quoted: bool) -> Caret {
        Caret::Word { text: text.to_owned(), start, quoted }
    }

    #[test]
    fn the_word_at_the_caret_is_found() {
        assert_eq!(before("SEL").1, word("SEL", 0, false));
        assert_eq!(before("SELECT ").1, word("", 7, false));
        assert_eq!(before("SELECT é, na").1, word("na", 11, false));
        assert_eq!(before("SELECT a\nFROM t WHERE t.x").1, word("x", 24, false));
        assert_eq!(before("SELECT \"a na").1, word("a na", 7, true));
        assert_eq!(before("SELECT t.").1, word("", 9, false));
        assert_eq!(before("").1, word("", 0, false));
    }

    #[test]
    fn texts_comments_and_numbers_are_not_completed() {
        for text in ["SELECT 'a", "SELECT 1 -- a", "SELECT /* a", "SELECT 12", "SELECT \"a\"", "SELECT E'a\\'"] {
            assert_eq!(before(text).1, Caret::Closed, "{text}");
        }
    }

    #[test]
    fn what_follows_is_read_up_to_the_end_of_the_statement() {
        let text = "SELECT nam, x FROM t; SELECT 2";
        let names: Vec<_> = after(text, 9).iter().filter_map(|piece| piece.name().map(str::to_owned)).collect();
        assert_eq!(names, ["x", "FROM", "t"]);
        assert!(after("SELECT a 'open", 8).is_empty());
    }
}
