//! Text as JSON strings and CSV fields, and digits.

/// Appends a number below 100 as two digits.
pub(super) fn push_two_digits(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&two_digits(value));
}

/// A number below 100 as two digits.
pub(super) fn two_digits(value: u32) -> [u8; 2] {
    [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]
}

/// Appends text as a JSON string. What UTF-8 text need not have escaped stays as it is.
pub(super) fn push_json_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut start = 0;
    while let Some(found) = first_escaped(&text[start..]) {
        let at = start + found;
        out.extend_from_slice(&text[start..at]);
        match text[at] {
            byte @ (b'"' | b'\\') => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte => {
                out.extend_from_slice(b"\\u00");
                push_hex(out, &[byte]);
            }
        }
        start = at + 1;
    }
    out.extend_from_slice(&text[start..]);
    out.push(b'"');
}

/// Where the first byte that a JSON string must escape is: a quote, a backslash or a control character.
pub(crate) fn first_escaped(text: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = ONES << 7;
    let (words, rest) = text.as_chunks::<8>();
    for (position, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quotes = word ^ (ONES * u64::from(b'"'));
        let slashes = word ^ (ONES * u64::from(b'\\'));
        // A lane borrows from below only where a lower lane matched, so the lowest match is always a true one.
        let found = (word.wrapping_sub(ONES * 0x20) & !word)
            | (quotes.wrapping_sub(ONES) & !quotes)
            | (slashes.wrapping_sub(ONES) & !slashes);
        if found & TOPS != 0 {
            return Some(position * 8 + ((found & TOPS).trailing_zeros() >> 3) as usize);
        }
    }
    let escaped = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    rest.iter().position(escaped).map(|found| words.len() * 8 + found)
}

/// Appends bytes in lowercase hexadecimal.
pub(super) fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

/// Appends text as a CSV field: in quotes where it must be, and where it is empty, so that it is not taken for NULL.
pub(super) fn push_csv_field(out: &mut Vec<u8>, text: &[u8], delimiter: u8) {
    let special = |byte: &u8| matches!(byte, b'"' | b'\n' | b'\r') || *byte == delimiter;
    if !text.is_empty() && !text.iter().any(special) {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    let mut start = 0;
    for quote in memchr::memchr_iter(b'"', text) {
        out.extend_from_slice(&text[start..=quote]);
        start = quote;
    }
    out.extend_from_slice(&text[start..]);
    out.push(b'"');
}

/// Appends text as a literal of SQL. A zero would end the text for most that read SQL, so such text goes as its bytes.
pub(super) fn push_sql_text(out: &mut Vec<u8>, text: &[u8]) {
    if memchr::memchr(0, text).is_some() {
        out.extend_from_slice(b"CAST(X'");
        push_hex(out, text);
        out.extend_from_slice(b"' AS TEXT)");
        return;
    }
    out.push(b'\'');
    let mut start = 0;
    for quote in memchr::memchr_iter(b'\'', text) {
        out.extend_from_slice(&text[start..=quote]);
        start = quote;
    }
    out.extend_from_slice(&text[start..]);
    out.push(b'\'');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn csv_fields_are_quoted_where_they_must_be() {
        for (text, expected) in [
            ("a b", "a b"),
            ("", "\"\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a\nb", "\"a\nb\""),
        ] {
            let mut out = Vec::new();
            push_csv_field(&mut out, text.as_bytes(), b',');
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    proptest! {
        #[test]
        fn json_strings_read_back(text in "(?s).{0,40}|[\\x00-\\x7f]{0,40}") {
            let mut out = Vec::new();
            push_json_string(&mut out, text.as_bytes());
            prop_assert!(!out.contains(&b'\n'));
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }
}
