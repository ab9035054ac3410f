//! Where in the text something stands.

use sqlparser::tokenizer::Span;

/// ` (line 1, column 8)`, or nothing where the place is not known.
pub fn at(span: Span) -> String {
    if span.start.line == 0 {
        return String::new();
    }
    format!(" (line {}, column {})", span.start.line, span.start.column)
}
