//! Text as SQLite's tokens.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or a plain name.
    Word,
    /// A name in quotes: `"a"`, `` `a` `` or `[a]`.
    Quoted,
    /// A text in single quotes.
    Text,
    /// A number.
    Number,
    /// `x'00'`.
    Blob,
    /// Anything else, byte by byte.
    Sign(u8),
}

/// One token and where it stands.
#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    start: usize,
    end: usize,
}

/// A text with its tokens; blanks and comments are none.
#[derive(Clone, Debug)]
pub(crate) struct Scanned<'a> {
    pub(crate) text: &'a str,
    tokens: Vec<Token>,
    /// Whether there are comments.
    pub(crate) comments: bool,
}

impl<'a> Scanned<'a> {
    /// The tokens of `text`; the byte where a quote begins that does not end.
    pub(crate) fn new(text: &'a str) -> Result<Self, usize> {
        let bytes = text.as_bytes();
        let mut scanned = Self { text, tokens: Vec::new(), comments: false };
        let mut at = 0;
        while at < bytes.len() {
            let start = at;
            let next = bytes.get(at + 1).copied();
            let kind = match bytes[at] {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c => {
                    at += 1;
                    continue;
                }
                b'-' if next == Some(b'-') => {
                    at = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end);
                    scanned.comments = true;
                    continue;
                }
                b'/' if next == Some(b'*') => {
                    at = text[at + 2..].find("*/").map_or(bytes.len(), |end| at + 2 + end + 2);
                    scanned.comments = true;
                    continue;
                }
                b'x' | b'X' if next == Some(b'\'') => {
                    at = end_of_quote(bytes, at + 1, b'\'').ok_or(start)?;
                    Kind::Blob
                }
                b'\'' => {
                    at = end_of_quote(bytes, at, b'\'').ok_or(start)?;
                    Kind::Text
                }
                quote @ (b'"' | b'`') => {
                    at = end_of_quote(bytes, at, quote).ok_or(start)?;
                    Kind::Quoted
                }
                b'[' => {
                    at = bytes[at..].iter().position(|byte| *byte == b']').map(|end| at + end + 1).ok_or(start)?;
                    Kind::Quoted
                }
                b'0'..=b'9' => {
                    at = end_of_number(bytes, at);
                    Kind::Number
                }
                b'.' if next.is_some_and(|byte| byte.is_ascii_digit()) => {
                    at = end_of_number(bytes, at);
                    Kind::Number
                }
                byte if in_word(byte) => {
                    at = bytes[at..].iter().position(|byte| !in_word(*byte)).map_or(bytes.len(), |end| at + end);
                    Kind::Word
                }
                byte => {
                    at += 1;
                    Kind::Sign(byte)
                }
            };
            scanned.tokens.push(Token { kind, start, end: at });
        }
        Ok(scanned)
    }

    /// How many tokens there are.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// What the token is.
    pub(crate) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// Whether the token is this keyword.
    pub(crate) fn is(&self, at: usize, word: &str) -> bool {
        self.kind(at) == Some(Kind::Word) && self.written(at..at + 1).eq_ignore_ascii_case(word)
    }

    /// Whether the token is this sign.
    pub(crate) fn sign(&self, at: usize, sign: u8) -> bool {
        self.kind(at) == Some(Kind::Sign(sign))
    }

    /// The name that the token is, without its quotes; SQLite takes texts for names where only a name can stand.
    pub(crate) fn name(&self, at: usize) -> Option<String> {
        let written = match self.kind(at)? {
            Kind::Word => return Some(self.written(at..at + 1).to_owned()),
            Kind::Quoted | Kind::Text => self.written(at..at + 1),
            _ => return None,
        };
        let inner = &written[1..written.len() - 1];
        Some(match &written[..1] {
            "[" => inner.to_owned(),
            quote => inner.replace(&quote.repeat(2), quote),
        })
    }

    /// The text from the first of these tokens to the last.
    pub(crate) fn written(&self, tokens: Range<usize>) -> &'a str {
        &self.text[self.bytes(tokens)]
    }

    /// Where that text stands.
    pub(crate) fn bytes(&self, tokens: Range<usize>) -> Range<usize> {
        match (self.tokens.get(tokens.start), tokens.end.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if tokens.start < tokens.end => first.start..last.end,
            _ => 0..0,
        }
    }

    /// The bracket that closes the one at `open`.
    pub(crate) fn close(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in open..self.len() {
            if self.sign(at, b'(') {
                depth += 1;
            } else if self.sign(at, b')') {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        None
    }

    /// The parts between commas that stand in no bracket of their own.
    pub(crate) fn parts(&self, tokens: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let (mut start, mut depth) = (tokens.start, 0_usize);
        for at in tokens.clone() {
            match self.kind(at) {
                Some(Kind::Sign(b'(')) => depth += 1,
                Some(Kind::Sign(b')')) => depth = depth.saturating_sub(1),
                Some(Kind::Sign(b',')) if depth == 0 => {
                    parts.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
        }
        parts.push(start..tokens.end);
        parts
    }
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The byte after the quote that ends what begins at `start`; doubled, it stands for itself.
fn end_of_quote(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == quote)?;
        if bytes.get(at + 1) != Some(&quote) {
            return Some(at + 1);
        }
        at += 2;
    }
}

fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let hexadecimal = matches!(bytes.get(start + 1), Some(b'x' | b'X'));
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        let exponent = !hexadecimal && at > start && matches!(bytes[at - 1], b'e' | b'E');
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') || (exponent && matches!(byte, b'+' | b'-'))) {
            break;
        }
        at += 1;
    }
    at
}
