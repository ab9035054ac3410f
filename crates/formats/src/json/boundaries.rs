//! Where JSON records end, for cutting a body into chunks.

use memchr::memchr2;
use model::{Error, Result};

use crate::input::{Boundaries, Place};

/// How the records stand in the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Layout {
    /// Nothing but spaces was read.
    #[default]
    Unknown,
    /// One after the other, parted by line feeds, spaces or nothing.
    Sequence,
    /// As elements of one array.
    Array(Element),
}

/// What was read last in an array of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Opening,
    Value,
    Comma,
    Closing,
}

/// Follows strings and nesting through a body. In an array of records, what holds the array together becomes spaces,
/// so that the chunks of both layouts look alike.
#[derive(Debug, Default)]
pub(super) struct RecordEnds {
    layout: Layout,
    /// How many objects and arrays are open inside a record.
    depth: u64,
    in_string: bool,
    /// Whether the next byte of a string follows a backslash.
    escaped: bool,
}

impl Boundaries for RecordEnds {
    fn read(&mut self, buffer: &mut [u8], from: usize, ends: &mut Vec<usize>, place: Place) -> Result<()> {
        let mut at = from;
        if from == 0 && self.layout == Layout::Unknown && buffer.starts_with(b"\xEF\xBB\xBF") {
            buffer[..3].fill(b' ');
        }
        while at < buffer.len() {
            if self.in_string {
                at = self.string(buffer, at);
                continue;
            }
            let byte = buffer[at];
            if self.depth == 0 && !byte.is_ascii_whitespace() && !self.is_record(byte) {
                self.between(byte).map_err(|expected| {
                    let place = place.after(&buffer[..at]);
                    let (line, column, found) = (place.line, place.column + 1, char::from(byte));
                    Error::invalid(format!("line {line}, column {column}: malformed JSON: {expected}, found {found:?}"))
                })?;
                buffer[at] = b' ';
                at += 1;
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        ends.push(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Ok(())
    }

    fn finish(&self, place: Place) -> Result<()> {
        match self.layout {
            Layout::Array(Element::Opening | Element::Value | Element::Comma) if self.depth == 0 && !self.in_string => {
                Err(Error::invalid(format!(
                    "line {}: malformed JSON: the body ends before the array is closed with ]; it may be truncated",
                    place.line
                )))
            }
            _ => Ok(()),
        }
    }
}

impl RecordEnds {
    /// Reads on in a string; answers where to go on.
    fn string(&mut self, buffer: &[u8], at: usize) -> usize {
        if self.escaped {
            self.escaped = false;
            return at + 1;
        }
        match memchr2(b'"', b'\\', &buffer[at..]) {
            None => buffer.len(),
            Some(found) => {
                if buffer[at + found] == b'\\' {
                    self.escaped = true;
                } else {
                    self.in_string = false;
                }
                at + found + 1
            }
        }
    }

    /// Whether a byte outside of any record begins or continues one, well-formed or not; that is for the decoder to
    /// tell.
    fn is_record(&mut self, byte: u8) -> bool {
        if self.layout == Layout::Unknown {
            if byte == b'[' {
                return false;
            }
            self.layout = Layout::Sequence;
        }
        let Layout::Array(element) = self.layout else { return true };
        let starts = matches!(byte, b'{' | b'[' | b'"');
        if element == Element::Closing || matches!(byte, b',' | b']') || (starts && element == Element::Value) {
            return false;
        }
        self.layout = Layout::Array(Element::Value);
        true
    }

    /// Reads a byte that holds an array of records together.
    ///
    /// # Errors
    /// What was expected in its place.
    fn between(&mut self, byte: u8) -> Result<(), &'static str> {
        let next = match (self.layout, byte) {
            (Layout::Array(Element::Value), b',') => Element::Comma,
            (Layout::Array(Element::Opening | Element::Value), b']') => Element::Closing,
            (Layout::Array(Element::Value), _) => return Err("expected , or ] after a record"),
            (Layout::Array(Element::Opening | Element::Comma), _) => return Err("expected a record"),
            (Layout::Array(Element::Closing), _) => return Err("expected the end after the closing ]"),
            (Layout::Unknown | Layout::Sequence, _) => Element::Opening,
        };
        self.layout = Layout::Array(next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(pieces: &[&[u8]]) -> (Vec<usize>, Vec<u8>) {
        let mut splitter = RecordEnds::default();
        let (mut buffer, mut ends) = (Vec::new(), Vec::new());
        for piece in pieces {
            let from = buffer.len();
            buffer.extend_from_slice(piece);
            splitter.read(&mut buffer, from, &mut ends, Place { line: 1, column: 0 }).unwrap();
        }
        splitter.finish(Place { line: 1, column: 0 }).unwrap();
        (ends, buffer)
    }

    #[test]
    fn ends_do_not_depend_on_how_the_text_arrives() {
        for text in [r#" [ {"a":"]}\\"}, {"b":[1,{"c":"\"{"}]} ,{}] "#, "{\"a\":\"[\"}{\"b\":{\"c\":[]}}\n\n{}"] {
            let whole = ends(&[text.as_bytes()]);
            assert_eq!(whole.0.len(), 3, "{text}");
            for first in 0..text.len() {
                for second in first..text.len() {
                    let pieces =
                        [&text.as_bytes()[..first], &text.as_bytes()[first..second], &text.as_bytes()[second..]];
                    assert_eq!(ends(&pieces), whole);
                }
            }
        }
    }
}
