//! Where CSV records end, for cutting a body into chunks.

use memchr::{memchr, memrchr};
use model::Result;

use super::dialect::Dialect;
use crate::input::{Boundaries, Place};

/// Follows quotes through a body. It takes them just as [`super::tokens::Tokens`] does.
pub(super) struct RecordEnds {
    dialect: Dialect,
    /// Whether what was read ends inside a quoted field.
    quoted: bool,
    /// Whether what was read ends with a quote inside a quoted field: the next byte tells whether it closes.
    closing: bool,
}

impl RecordEnds {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, quoted: false, closing: false }
    }

    /// Reads `buffer` from `from` on; answers where the last record that ends there ends.
    pub(super) fn last_end(&mut self, buffer: &[u8], from: usize) -> Option<usize> {
        let Dialect { separator, quote } = self.dialect;
        let mut last = None;
        let mut at = from;
        if self.closing && at < buffer.len() {
            self.closing = false;
            if buffer[at] == quote {
                at += 1;
            } else {
                self.quoted = false;
            }
        }
        loop {
            if self.quoted {
                let Some(close) = memchr(quote, &buffer[at..]).map(|found| at + found) else { return last };
                match buffer.get(close + 1) {
                    Some(next) if *next == quote => at = close + 2,
                    Some(_) => {
                        self.quoted = false;
                        at = close + 1;
                    }
                    None => {
                        self.closing = true;
                        return last;
                    }
                }
            } else {
                let open = memchr(quote, &buffer[at..]).map(|found| at + found);
                let plain = &buffer[at..open.unwrap_or(buffer.len())];
                if let Some(feed) = memrchr(b'\n', plain) {
                    last = Some(at + feed + 1);
                }
                let Some(open) = open else { return last };
                // A quote opens a field only where a field starts; elsewhere it is a character like any other.
                self.quoted = open == 0 || buffer[open - 1] == separator || buffer[open - 1] == b'\n';
                at = open + 1;
            }
        }
    }
}

impl Boundaries for RecordEnds {
    fn read(&mut self, buffer: &mut [u8], from: usize, ends: &mut Vec<usize>, _place: Place) -> Result<()> {
        if let Some(end) = self.last_end(buffer, from) {
            ends.clear();
            ends.push(end);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::csv::tokens::Tokens;

    const DIALECT: Dialect = Dialect { separator: b',', quote: b'"' };

    proptest! {
        /// However a text arrives, a chunk ends where a record ends.
        #[test]
        fn ends_are_where_tokens_finds_them(text in "([a,\"\n\r]|\"\"|,\"|\",){0,30}", sizes in prop::collection::vec(1_usize..5, 1..30)) {
            let mut data = text.clone().into_bytes();
            let mut tokens = Tokens::new(DIALECT, None);
            let mut ends = vec![0];
            while tokens.read(&mut data, 1, &mut Vec::new()) == 1 {
                ends.push(tokens.at);
            }
            // Past a fault the two may differ: decoding stops there.
            prop_assume!(tokens.fault.is_none());
            let mut splitter = RecordEnds::new(DIALECT);
            let (mut from, mut last) = (0, 0);
            for size in sizes.iter().cycle() {
                if from == text.len() {
                    break;
                }
                let to = (from + size).min(text.len());
                if let Some(end) = splitter.last_end(&text.as_bytes()[..to], from) {
                    prop_assert!(end > last && end <= to);
                    // Blank lines are no records, so an end may also stand after some of them.
                    let record = ends.iter().rfind(|known| **known <= end).expect("0 is an end");
                    prop_assert!(text[*record..end].bytes().all(|byte| byte == b'\n' || byte == b'\r'));
                    last = end;
                }
                from = to;
            }
            let expected = ends.iter().rfind(|end| text[..**end].ends_with('\n')).copied().unwrap_or(0);
            prop_assert!(last >= expected);
        }
    }
}
