//! Text to values.

use std::borrow::Cow;

use super::node::Node;

/// Values that may stand inside one another.
const DEPTH: usize = 500;

/// The value that a text is.
///
/// # Errors
/// Where the text stops being JSON, counted in bytes.
pub fn parse(text: &str) -> Result<Node<'_>, usize> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.value(0)?;
    reader.space();
    if reader.at == text.len() { Ok(node) } else { Err(reader.at) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Result<(), usize> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(self.at)
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, usize> {
        if depth > DEPTH {
            return Err(self.at);
        }
        self.space();
        match self.peek().ok_or(self.at)? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map(Node::Text),
            b't' => self.word("true", Node::Bool(true)),
            b'f' => self.word("false", Node::Bool(false)),
            b'n' => self.word("null", Node::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(self.at),
        }
    }

    fn word(&mut self, word: &str, node: Node<'a>) -> Result<Node<'a>, usize> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(node);
        }
        Err(self.at)
    }

    fn digits(&mut self) -> Result<(), usize> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(start) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Node<'a>, usize> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Node::Number(Cow::Borrowed(&self.text[start..self.at])))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, usize> {
        self.take(b'"')?;
        let start = self.at;
        let mut built: Option<String> = None;
        let mut plain = start;
        loop {
            match self.peek().ok_or(self.at)? {
                b'"' => {
                    let rest = &self.text[plain..self.at];
                    self.at += 1;
                    return Ok(match built {
                        Some(built) => Cow::Owned(built + rest),
                        None => Cow::Borrowed(rest),
                    });
                }
                b'\\' => {
                    let text = built.get_or_insert_default();
                    text.push_str(&self.text[plain..self.at]);
                    self.at += 1;
                    let escaped = self.escape()?;
                    built.get_or_insert_default().push(escaped);
                    plain = self.at;
                }
                0..=0x1f => return Err(self.at),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, usize> {
        let letter = self.peek().ok_or(self.at)?;
        self.at += 1;
        Ok(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first).ok_or(self.at);
                }
                self.take(b'\\')?;
                self.take(b'u')?;
                let second = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or(self.at)?;
                char::from_u32(0x10000 + ((first - 0xd800) << 10) + second).ok_or(self.at)?
            }
            _ => return Err(self.at - 1),
        })
    }

    fn hex(&mut self) -> Result<u32, usize> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(self.at)?;
        let code = u32::from_str_radix(digits, 16).map_err(|_| self.at)?;
        self.at += 4;
        Ok(code)
    }

    fn array(&mut self, depth: usize) -> Result<Node<'a>, usize> {
        self.take(b'[')?;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Node::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.peek() == Some(b',') {
                self.at += 1;
                continue;
            }
            self.take(b']')?;
            return Ok(Node::Array(items));
        }
    }

    fn object(&mut self, depth: usize) -> Result<Node<'a>, usize> {
        self.take(b'{')?;
        let mut members = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Node::Object(members));
        }
        loop {
            self.space();
            let key = self.string()?;
            self.space();
            self.take(b':')?;
            members.push((key, self.value(depth + 1)?));
            self.space();
            if self.peek() == Some(b',') {
                self.at += 1;
                continue;
            }
            self.take(b'}')?;
            return Ok(Node::Object(members));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_json_and_what_is_not() {
        for text in ["1", " [1, {\"a\": null}] ", "\"\\u00e9\\ud83d\\ude00\"", "-0.5e+3", "{}", "true"] {
            assert!(parse(text).is_ok(), "{text}");
        }
        for text in ["", "01", "[1,]", "{a: 1}", "{\"a\"", "\"\n\"", "1 2", "\"\\x\"", "nul", "[1"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("\"\\u00e9\""), Ok(Node::Text("é".into())));
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
