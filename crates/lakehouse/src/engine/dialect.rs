//! DuckDB's dialect for the parser, with what DuckDB takes and the parser's own DuckDB dialect does not.

use std::any::TypeId;

use sqlparser::ast::Statement;
use sqlparser::dialect::{Dialect, DuckDbDialect, Precedence};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::care_syntax;

/// [`DuckDbDialect`], widened. The second says whether versions of tables are read: where they are, `at` is no alias.
#[derive(Debug, Default)]
pub struct Duck(DuckDbDialect, bool);

impl Duck {
    /// The dialect for a text of these tokens.
    pub fn reading(tokens: &[TokenWithSpan]) -> Self {
        Self(DuckDbDialect::default(), names_a_version(tokens))
    }
}

/// Whether somewhere stands `AT (`, `VERSION AS OF`, `TIMESTAMP AS OF` or `SYSTEM_TIME AS OF`.
fn names_a_version(tokens: &[TokenWithSpan]) -> bool {
    let tokens: Vec<&Token> =
        tokens.iter().map(|token| &token.token).filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let is = |token: &Token, words: &[&str]| {
        let Token::Word(word) = token else { return false };
        word.quote_style.is_none() && words.iter().any(|known| word.value.eq_ignore_ascii_case(known))
    };
    let at = |pair: &[&Token]| is(pair[0], &["at"]) && *pair[1] == Token::LParen;
    let as_of = |three: &[&Token]| {
        is(three[0], &["version", "timestamp", "system_time"]) && is(three[1], &["as"]) && is(three[2], &["of"])
    };
    tokens.windows(2).any(at) || tokens.windows(3).any(as_of)
}

impl Dialect for Duck {
    fn dialect(&self) -> TypeId {
        self.0.dialect()
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        self.0.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        self.0.is_identifier_part(ch)
    }

    fn parse_statement(&self, parser: &mut Parser) -> Option<Result<Statement, ParserError>> {
        care_syntax::statement(parser)
    }

    fn supports_table_versioning(&self) -> bool {
        self.1
    }

    fn supports_string_escape_constant(&self) -> bool {
        true
    }

    fn supports_numeric_literal_underscores(&self) -> bool {
        true
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        // `^` is exponentiation and binds more tightly than multiplication.
        (parser.peek_token().token == Token::Caret).then(|| Ok(self.prec_value(Precedence::MulDivModOp) + 1))
    }

    fn supports_comment_on(&self) -> bool {
        true
    }

    fn supports_trailing_commas(&self) -> bool {
        self.0.supports_trailing_commas()
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        self.0.supports_filter_during_aggregation()
    }

    fn supports_group_by_expr(&self) -> bool {
        self.0.supports_group_by_expr()
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        self.0.supports_bitwise_shift_operators()
    }

    fn supports_named_fn_args_with_eq_operator(&self) -> bool {
        self.0.supports_named_fn_args_with_eq_operator()
    }

    fn supports_named_fn_args_with_assignment_operator(&self) -> bool {
        self.0.supports_named_fn_args_with_assignment_operator()
    }

    fn supports_dictionary_syntax(&self) -> bool {
        self.0.supports_dictionary_syntax()
    }

    fn support_map_literal_syntax(&self) -> bool {
        self.0.support_map_literal_syntax()
    }

    fn supports_lambda_functions(&self) -> bool {
        self.0.supports_lambda_functions()
    }

    fn allow_extract_single_quotes(&self) -> bool {
        self.0.allow_extract_single_quotes()
    }

    fn supports_explain_with_utility_options(&self) -> bool {
        self.0.supports_explain_with_utility_options()
    }

    fn supports_array_typedef_with_brackets(&self) -> bool {
        self.0.supports_array_typedef_with_brackets()
    }

    fn supports_from_first_select(&self) -> bool {
        self.0.supports_from_first_select()
    }

    fn supports_order_by_all(&self) -> bool {
        self.0.supports_order_by_all()
    }

    fn supports_select_wildcard_exclude(&self) -> bool {
        self.0.supports_select_wildcard_exclude()
    }

    fn supports_select_wildcard_replace(&self) -> bool {
        self.0.supports_select_wildcard_replace()
    }

    fn supports_notnull_operator(&self) -> bool {
        self.0.supports_notnull_operator()
    }

    fn supports_comma_separated_trim(&self) -> bool {
        self.0.supports_comma_separated_trim()
    }
}
