//! Where the fields of CSV records begin and end.
//!
//! Eight bytes are looked at in one step: every byte that means something (separator, quote, line feed) sets the top
//! bit of its lane, and only those are visited.

use memchr::memchr;

use super::dialect::Dialect;

/// Set in [`Field::end`] for a field that was quoted.
const QUOTED: u32 = 1 << 31;

/// The bytes of one field, without its quotes. Chunks stay far below two gigabytes, so positions fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    start: u32,
    end: u32,
}

impl Field {
    fn new(start: usize, end: usize, quoted: bool) -> Self {
        Self { start: start as u32, end: end as u32 | if quoted { QUOTED } else { 0 } }
    }

    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn is_quoted(self) -> bool {
        self.end & QUOTED != 0
    }

    pub(super) fn text(self, data: &[u8]) -> &[u8] {
        &data[self.start as usize..(self.end & !QUOTED) as usize]
    }
}

/// What is wrong with a record, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenFault {
    /// The record that starts at `at` has `found` fields.
    FieldCount { at: usize, found: usize },
    /// The quote at `at` is never closed.
    Unterminated { at: usize },
    /// The quoted field that opens at `at`, field `field` of its record, goes on after its closing quote.
    AfterQuote { at: usize, field: usize },
}

/// Reads records off the start of some bytes.
pub(super) struct Tokens {
    dialect: Dialect,
    /// How many fields each record must have; any number where there is none.
    width: Option<usize>,
    /// Where the next record starts.
    pub(super) at: usize,
    /// Why reading ended before the bytes did.
    pub(super) fault: Option<TokenFault>,
}

impl Tokens {
    pub(super) fn new(dialect: Dialect, width: Option<usize>) -> Self {
        Self { dialect, width, at: 0, fault: None }
    }

    /// Appends the fields of up to `limit` records to `fields` and answers how many records they are. Blank lines
    /// are none. Doubled quotes are halved in place, and the field's last bytes made spaces.
    ///
    /// Fewer than `limit` records mean that `data` is over or that there is a fault.
    pub(super) fn read(&mut self, data: &mut [u8], limit: usize, fields: &mut Vec<Field>) -> usize {
        let Dialect { separator, quote } = self.dialect;
        let (separators, quotes, feeds) = (lanes(separator), lanes(quote), lanes(b'\n'));
        let mut records = 0;
        let mut record = Record { at: self.at, first_field: fields.len() };
        let mut start = self.at;
        let mut scan = self.at;
        'words: while scan < data.len() && records < limit {
            let word = word_at(data, scan);
            let mut hits = matches(word, separators) | matches(word, quotes) | matches(word, feeds);
            while hits != 0 {
                let at = scan + (hits.trailing_zeros() >> 3) as usize;
                hits &= hits - 1;
                let byte = data[at];
                if byte == separator {
                    fields.push(Field::new(start, at, false));
                    start = at + 1;
                } else if byte == b'\n' {
                    let end = if at > start && data[at - 1] == b'\r' { at - 1 } else { at };
                    fields.push(Field::new(start, end, false));
                    start = at + 1;
                    match self.close(&mut record, start, fields) {
                        Ok(counted) => records += usize::from(counted),
                        Err(fault) => return self.stop(fault, records),
                    }
                    if records == limit {
                        break 'words;
                    }
                } else if at == start {
                    let Some((field, next)) = quoted_field(data, at, quote) else {
                        fields.truncate(record.first_field);
                        return self.stop(TokenFault::Unterminated { at }, records);
                    };
                    fields.push(field);
                    let rest = &data[next..];
                    if rest.first() == Some(&separator) {
                        start = next + 1;
                    } else if rest.is_empty() || rest[0] == b'\n' || rest.starts_with(b"\r\n") || rest == b"\r" {
                        start = memchr(b'\n', rest).map_or(data.len(), |feed| next + feed + 1);
                        match self.close(&mut record, start, fields) {
                            Ok(counted) => records += usize::from(counted),
                            Err(fault) => return self.stop(fault, records),
                        }
                    } else {
                        let field = fields.len() - record.first_field - 1;
                        fields.truncate(record.first_field);
                        return self.stop(TokenFault::AfterQuote { at, field }, records);
                    }
                    scan = start;
                    continue 'words;
                }
                // Any other quote stands in the middle of an unquoted field and is part of it.
            }
            scan += 8;
        }
        let unfinished = start < data.len() || fields.len() > record.first_field;
        if records < limit && unfinished {
            let end = if start < data.len() && data.ends_with(b"\r") { data.len() - 1 } else { data.len() };
            fields.push(Field::new(start, end, false));
            match self.close(&mut record, data.len(), fields) {
                Ok(counted) => records += usize::from(counted),
                Err(fault) => return self.stop(fault, records),
            }
        }
        records
    }

    /// Ends a record whose last field is in; answers whether it counts.
    fn close(&mut self, record: &mut Record, next: usize, fields: &mut Vec<Field>) -> Result<bool, TokenFault> {
        let found = fields.len() - record.first_field;
        let blank = found == 1 && fields.last().is_some_and(|field| field.start == field.end);
        if blank {
            fields.truncate(record.first_field);
        } else if self.width.is_some_and(|width| width != found) {
            fields.truncate(record.first_field);
            return Err(TokenFault::FieldCount { at: record.at, found });
        }
        self.at = next;
        *record = Record { at: next, first_field: fields.len() };
        Ok(!blank)
    }

    fn stop(&mut self, fault: TokenFault, records: usize) -> usize {
        self.fault = Some(fault);
        records
    }
}

/// The record that is being read.
struct Record {
    at: usize,
    /// Where in the list of fields its first one is.
    first_field: usize,
}

/// The field whose opening quote is at `open`, and where what follows its closing quote begins.
fn quoted_field(data: &mut [u8], open: usize, quote: u8) -> Option<(Field, usize)> {
    let start = open + 1;
    let mut scan = start;
    let mut doubled = false;
    loop {
        let close = scan + memchr(quote, &data[scan..])?;
        if data.get(close + 1) != Some(&quote) {
            let end = if doubled { halve_quotes(&mut data[start..close], quote) + start } else { close };
            return Some((Field::new(start, end, true), close + 1));
        }
        doubled = true;
        scan = close + 2;
    }
}

/// Makes one quote of two and answers how long the rest is. What is freed becomes spaces, so that line feeds can
/// still be counted.
fn halve_quotes(text: &mut [u8], quote: u8) -> usize {
    let mut written = 0;
    let mut read = 0;
    while read < text.len() {
        let byte = text[read];
        text[written] = byte;
        written += 1;
        read += if byte == quote { 2 } else { 1 };
    }
    text[written..].fill(b' ');
    written
}

/// `byte` in every lane.
fn lanes(byte: u8) -> u64 {
    u64::from(byte) * 0x0101_0101_0101_0101
}

/// Eight bytes from `at` on; past the end of `data` there are zeros.
fn word_at(data: &[u8], at: usize) -> u64 {
    match data.get(at..at + 8) {
        Some(eight) => u64::from_le_bytes(eight.try_into().expect("the slice has eight bytes")),
        None => {
            let mut padded = [0; 8];
            let rest = &data[at..];
            padded[..rest.len()].copy_from_slice(rest);
            u64::from_le_bytes(padded)
        }
    }
}

/// The top bit of every lane in which `word` equals `pattern`, and of no other.
fn matches(word: u64, pattern: u64) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let different = word ^ pattern;
    !(((different & LOW) + LOW) | different | LOW)
}
