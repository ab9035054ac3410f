//! Reads the text of one record, value by value.
//!
//! Numbers keep their text: a decimal or an integer past 64 bits loses its digits once it is a double. What is wrong
//! with malformed text is not told here; [`super::fault`] finds it out.

use std::ops::Range;

use crate::encode::first_escaped;

/// How deep arrays and objects may stand inside each other.
const MAX_DEPTH: usize = 128;

/// The text is not JSON.
#[derive(Debug)]
pub(super) struct Malformed;

/// A plain value, or the start of another one.
#[derive(Clone, Debug)]
pub(super) enum Token {
    Null,
    Boolean(bool),
    Number(Range<usize>),
    String(Text),
    Array,
    Object,
}

/// The text of a string.
#[derive(Clone, Debug)]
pub(super) enum Text {
    /// As it stands in the record.
    Plain(Range<usize>),
    /// With its escapes resolved; gone with the next string.
    Resolved,
}

/// A place in the text of a record, which must be UTF-8.
pub(super) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    resolved: Vec<u8>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0, resolved: Vec::new() }
    }

    /// Where the next value starts.
    pub(super) fn next_start(&mut self) -> usize {
        while matches!(self.text.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.at
    }

    /// The text from `start` to here.
    pub(super) fn since(&self, start: usize) -> &'a [u8] {
        &self.text[start..self.at]
    }

    /// The text of a number.
    pub(super) fn number(&self, range: Range<usize>) -> &'a [u8] {
        &self.text[range]
    }

    /// The text of the string that was read last.
    pub(super) fn string(&self, text: &Text) -> &[u8] {
        match text {
            Text::Plain(range) => &self.text[range.clone()],
            Text::Resolved => &self.resolved,
        }
    }

    /// Whether nothing but spaces is left.
    pub(super) fn is_over(&mut self) -> bool {
        self.next_start() == self.text.len()
    }

    /// Reads a plain value, or the bracket that another one starts with.
    pub(super) fn begin(&mut self) -> Result<Token, Malformed> {
        let start = self.next_start();
        match self.text.get(start) {
            Some(b'"') => self.quoted().map(Token::String),
            Some(b'{') => self.enter().map(|()| Token::Object),
            Some(b'[') => self.enter().map(|()| Token::Array),
            Some(b'n') => self.word(b"null").map(|()| Token::Null),
            Some(b't') => self.word(b"true").map(|()| Token::Boolean(true)),
            Some(b'f') => self.word(b"false").map(|()| Token::Boolean(false)),
            _ => self.digits_and_signs().map(|()| Token::Number(start..self.at)),
        }
    }

    /// Goes to the next element of an array, of which `count` were read. False at its end.
    pub(super) fn next_element(&mut self, count: &mut usize) -> Result<bool, Malformed> {
        self.next_of(b']', count)
    }

    /// Goes to the value of the next key of an object, of which `count` were read. None at its end.
    pub(super) fn next_key(&mut self, count: &mut usize) -> Result<Option<Text>, Malformed> {
        if !self.next_of(b'}', count)? {
            return Ok(None);
        }
        self.next_start();
        let key = self.quoted()?;
        self.next_start();
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// Reads what follows `token`, which began a value, up to the end of the value.
    pub(super) fn skip(&mut self, token: &Token) -> Result<(), Malformed> {
        let mut count = 0;
        match token {
            Token::Array => {
                while self.next_element(&mut count)? {
                    let element = self.begin()?;
                    self.skip(&element)?;
                }
            }
            Token::Object => {
                while self.next_key(&mut count)?.is_some() {
                    let value = self.begin()?;
                    self.skip(&value)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn next_of(&mut self, close: u8, count: &mut usize) -> Result<bool, Malformed> {
        self.next_start();
        if self.text.get(self.at) == Some(&close) {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if *count > 0 {
            self.expect(b',')?;
        }
        *count += 1;
        Ok(true)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.text.get(self.at) != Some(&byte) {
            return Err(Malformed);
        }
        self.at += 1;
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Malformed> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Malformed) } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Malformed> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Malformed);
        }
        self.at += word.len();
        Ok(())
    }

    fn digits_and_signs(&mut self) -> Result<(), Malformed> {
        if self.text.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.text.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.text.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Malformed> {
        let count = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(Malformed) } else { Ok(()) }
    }

    /// A string in quotes.
    fn quoted(&mut self) -> Result<Text, Malformed> {
        self.expect(b'"')?;
        let start = self.at;
        let end = start + first_escaped(&self.text[start..]).ok_or(Malformed)?;
        if self.text[end] == b'"' {
            self.at = end + 1;
            return Ok(Text::Plain(start..end));
        }
        self.resolved.clear();
        loop {
            let rest = &self.text[self.at..];
            let plain = first_escaped(rest).ok_or(Malformed)?;
            self.resolved.extend_from_slice(&rest[..plain]);
            self.at += plain + 1;
            match rest[plain] {
                b'"' => return Ok(Text::Resolved),
                b'\\' => self.escape()?,
                // A control character must be escaped.
                _ => return Err(Malformed),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<(), Malformed> {
        let byte = *self.text.get(self.at).ok_or(Malformed)?;
        self.at += 1;
        let resolved = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 0x08,
            b'f' => 0x0C,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.code_point(),
            _ => return Err(Malformed),
        };
        self.resolved.push(resolved);
        Ok(())
    }

    /// What follows `\u`: one code unit, or two that make a code point past the first 65,536.
    fn code_point(&mut self) -> Result<(), Malformed> {
        let unit = self.code_unit()?;
        let code = if (0xD800..0xDC00).contains(&unit) {
            self.word(b"\\u")?;
            let low = self.code_unit()?;
            if !(0xDC00..0xE000).contains(&low) {
                return Err(Malformed);
            }
            0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        } else {
            unit
        };
        let character = char::from_u32(code).ok_or(Malformed)?;
        self.resolved.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    /// Four hexadecimal digits.
    fn code_unit(&mut self) -> Result<u32, Malformed> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Malformed)?;
        self.at += 4;
        digits.iter().try_fold(0, |unit, digit| {
            let digit = char::from(*digit).to_digit(16).ok_or(Malformed)?;
            Ok(unit * 16 + digit)
        })
    }
}

/// Well-formed JSON without the spaces between its words.
pub(super) fn compact(text: &[u8]) -> Vec<u8> {
    let mut compacted = Vec::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for byte in text {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            in_string = *byte == b'"';
        }
        compacted.push(*byte);
    }
    compacted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_read(text: &str) -> bool {
        let mut reader = Reader::new(text.as_bytes());
        let read = reader.begin().and_then(|token| reader.skip(&token));
        read.is_ok() && reader.is_over()
    }

    #[test]
    fn strings_are_resolved() {
        let text = r#""a\"\\\/\b\f\n\r\t\u00fc\ud83d\ude00ü""#;
        let mut reader = Reader::new(text.as_bytes());
        let Ok(Token::String(string)) = reader.begin() else { panic!("it is a string") };
        assert_eq!(reader.string(&string), serde_json::from_str::<String>(text).unwrap().as_bytes());
        for bad in ["\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\""]
        {
            assert!(!is_read(bad), "{bad}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(is_read(&nested(128)));
        assert!(!is_read(&nested(129)));
        assert!(!is_read(&"[".repeat(1_000_000)));
    }

    proptest! {
        #[test]
        fn what_serde_reads_is_read_and_nothing_else(
            text in "([\\[\\]{},:\" ]|\"a\"|\"\\\\n\"|:|,|null|true|fals|-?[0-9]{1,2}|0?1\\.5|1e\\+?[0-9]|\\{\"b\":|\\[1,){0,12}",
        ) {
            prop_assert_eq!(is_read(&text), serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }

        #[test]
        fn compact_text_means_the_same(string in "[ \"\\\\a\n]{0,9}", key in "[ \"\\\\]{0,3}") {
            let value = serde_json::json!([string, { key: [1.5, null], "b": {} }]);
            let pretty = serde_json::to_vec_pretty(&value).unwrap();
            prop_assert_eq!(compact(&pretty), serde_json::to_vec(&value).unwrap());
        }
    }
}
