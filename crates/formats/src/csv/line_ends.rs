//! Line ends that are no line feeds.

use memchr::memchr_iter;

use super::dialect::Dialect;

/// Where the first carriage return outside quotes stands that no line feed follows. To [`super::tokens::Tokens`] it ends
/// no record, so that a file with such line ends would be a header without rows.
///
/// One at the very end of `text` is passed over: its line feed may be yet to come.
pub(super) fn lone_return(text: &[u8], dialect: Dialect) -> Option<usize> {
    let is_lone = |at: usize| text.get(at + 1).is_some_and(|next| *next != b'\n');
    let first = memchr_iter(b'\r', text).find(|at| is_lone(*at))?;
    let mut quoted = false;
    // A quote opens a field where one starts, and opens it again right after it closed: two of them stand for one.
    let mut may_open = true;
    for (at, byte) in text.iter().copied().enumerate() {
        if byte == dialect.quote && (quoted || may_open) {
            quoted = !quoted;
            may_open = !quoted;
        } else if !quoted {
            if byte == b'\r' && at >= first && is_lone(at) {
                return Some(at);
            }
            may_open = byte == dialect.separator || byte == b'\n';
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<usize> {
        lone_return(text.as_bytes(), Dialect { separator: b',', quote: b'"' })
    }

    #[test]
    fn line_feeds_and_quotes_excuse_a_return() {
        assert_eq!(found("a,b\r\n1,2\r\n"), None);
        assert_eq!(found("a,b\n1,\"x\ry\"\n"), None);
        assert_eq!(found("a,b\n1,\"x\"\"\ry\"\"\"\n"), None);
        assert_eq!(found("a,b\r"), None);
    }

    #[test]
    fn others_are_found() {
        assert_eq!(found("a,b\r1,2\r"), Some(3));
        assert_eq!(found("\"a\"\r\"1\"\r"), Some(3));
        assert_eq!(found("a\n\"x\ry\"\n5\" pipe\rz\n"), Some(15));
        assert_eq!(found("a\r\r\n1\r\r\n"), Some(1));
    }
}
