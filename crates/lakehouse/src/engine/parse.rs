//! Text to statements.

use model::{Error, Result};
use sqlparser::ast::Statement;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::dialect::Duck;

/// Nesting that the parser follows; deeper text is refused rather than a danger to the stack.
const DEPTH: usize = 128;

/// Every statement of a text, in order. None for text of nothing but space and comments.
///
/// # Errors
/// `Invalid`, `Parser Error: …` with line and column.
pub fn statements(text: &str) -> Result<Vec<Statement>> {
    let dialect = Duck::default();
    tokens(&dialect, text)
        .and_then(|tokens| {
            Parser::new(&dialect).with_recursion_limit(DEPTH).with_tokens_with_locations(tokens).parse_statements()
        })
        .map_err(|error| {
            let message = error.to_string();
            let message = message.strip_prefix("sql parser error: ").unwrap_or(&message);
            Error::invalid(format!("Parser Error: {message}"))
        })
}

/// The tokens of a text. The tokenizer resolves the escapes of `E'…'`; the parser takes such strings from other
/// dialects alone, so they go on as plain ones.
fn tokens(dialect: &Duck, text: &str) -> Result<Vec<TokenWithSpan>, ParserError> {
    let mut tokens = Tokenizer::new(dialect, text).tokenize_with_location()?;
    for token in &mut tokens {
        if let Token::EscapedStringLiteral(value) = &mut token.token {
            token.token = Token::SingleQuotedString(std::mem::take(value));
        }
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_statements_and_trailing_separators() {
        assert_eq!(statements("SELECT 1; SELECT E'a\\nb';;").unwrap().len(), 2);
        assert!(statements(" -- nothing\n").unwrap().is_empty());
    }

    #[test]
    fn errors_name_the_place() {
        let error = statements("SELECT\n FROM WHERE").unwrap_err();
        assert!(error.message().starts_with("Parser Error: ") && error.message().contains("Line: 2"), "{error}");
    }
}
