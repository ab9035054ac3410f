//! DuckDB's dialect for the parser, with what DuckDB takes and the parser's own DuckDB dialect does not.

use std::any::TypeId;

use sqlparser::ast::{
    Expr, LambdaFunction, LambdaFunctionParameter, LambdaSyntax, OneOrManyWithParens, Statement, UnaryOperator,
};
use sqlparser::dialect::{Dialect, DuckDbDialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::functions::call;
use super::{care_syntax, pivot};

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
        care_syntax::statement(parser).or_else(|| pivot::statement(parser))
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
        match &parser.peek_token_ref().token {
            // `^` is exponentiation and binds more tightly than multiplication.
            Token::Caret => Some(Ok(self.prec_value(Precedence::MulDivModOp) + 1)),
            Token::Word(word) if is_word(word, "GLOB") => Some(Ok(self.prec_value(Precedence::Like))),
            Token::Word(word) if is_word(word, "ISNULL") => Some(Ok(self.prec_value(Precedence::Is))),
            // What is looked for in JSON is compared, joined and cast afterwards.
            Token::Arrow | Token::LongArrow => Some(Ok(self.prec_value(Precedence::MulDivModOp) + 1)),
            _ => None,
        }
    }

    fn parse_infix(&self, parser: &mut Parser, expr: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
        match &parser.peek_token_ref().token {
            Token::Word(word) if is_word(word, "GLOB") => {
                parser.next_token();
                let pattern = parser.parse_subexpr(self.prec_value(Precedence::Like));
                Some(pattern.map(|pattern| call("glob_matches", [expr.clone(), pattern])))
            }
            Token::Word(word) if is_word(word, "ISNULL") => {
                parser.next_token();
                Some(Ok(Expr::IsNull(Box::new(expr.clone()))))
            }
            // Operators that the parser keeps for other dialects.
            Token::CaretAt | Token::Overlap | Token::AtArrow | Token::ArrowAt => {
                let operator = parser.next_token().token;
                let right = parser.parse_subexpr(precedence);
                Some(right.map(|right| match operator {
                    Token::CaretAt => call("starts_with", [expr.clone(), right]),
                    Token::Overlap => call("list_has_any", [expr.clone(), right]),
                    Token::AtArrow => call("list_has_all", [expr.clone(), right]),
                    _ => call("list_has_all", [right, expr.clone()]),
                }))
            }
            // `x IN list`; the parser knows lists in parentheses alone.
            Token::Word(word) if word.keyword == Keyword::IN => {
                if parser.peek_nth_token_ref(1).token != Token::LBracket {
                    return None;
                }
                parser.next_token();
                let list = parser.parse_subexpr(self.prec_value(Precedence::Between));
                Some(list.map(|list| call("list_contains", [list, expr.clone()])))
            }
            _ => None,
        }
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        match parser.peek_token_ref().token {
            Token::LBracket if is_comprehension(parser) => Some(comprehension(parser)),
            // `-2 ^ 2` is 4: the sign is the number's.
            Token::Minus
                if matches!(parser.peek_nth_token_ref(1).token, Token::Number(..))
                    && parser.peek_nth_token_ref(2).token == Token::Caret =>
            {
                parser.next_token();
                let number = parser.parse_subexpr(self.prec_value(Precedence::DoubleColon));
                Some(number.map(|number| {
                    let negative = Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(number) };
                    Expr::Nested(Box::new(negative))
                }))
            }
            _ => None,
        }
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }

    fn supports_select_wildcard_rename(&self) -> bool {
        true
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

    // `f(a = 1)` compares. Names of arguments have `:=`, as in DuckDB's scalar functions.
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

fn is_word(word: &Word, wanted: &str) -> bool {
    word.quote_style.is_none() && word.value.eq_ignore_ascii_case(wanted)
}

/// Whether the list that begins here has a FOR in it, outside of anything inner.
fn is_comprehension(parser: &Parser) -> bool {
    let mut depth = 0;
    for ahead in 0.. {
        match &parser.peek_nth_token_ref(ahead).token {
            Token::LBracket | Token::LParen | Token::LBrace => depth += 1,
            Token::RBracket | Token::RParen | Token::RBrace if depth == 1 => return false,
            Token::RBracket | Token::RParen | Token::RBrace => depth -= 1,
            Token::Word(word) if depth == 1 && word.keyword == Keyword::FOR => return true,
            Token::EOF | Token::SemiColon => return false,
            Token::Comma if depth == 1 => return false,
            _ => {}
        }
    }
    false
}

/// `[x * 2 FOR x IN list IF x > 1]`: the list, filtered, each item changed.
fn comprehension(parser: &mut Parser) -> Result<Expr, ParserError> {
    parser.expect_token(&Token::LBracket)?;
    let changed = parser.parse_expr()?;
    parser.expect_keyword(Keyword::FOR)?;
    let name = parser.parse_identifier()?;
    parser.expect_keyword(Keyword::IN)?;
    let list = parser.parse_expr()?;
    let lambda = |body: Expr| {
        Expr::Lambda(LambdaFunction {
            params: OneOrManyWithParens::One(LambdaFunctionParameter { name: name.clone(), data_type: None }),
            body: Box::new(body),
            syntax: LambdaSyntax::LambdaKeyword,
        })
    };
    let list = if parser.parse_keyword(Keyword::IF) {
        let condition = parser.parse_expr()?;
        call("list_filter", [list, lambda(condition)])
    } else {
        list
    };
    parser.expect_token(&Token::RBracket)?;
    Ok(call("list_transform", [list, lambda(changed)]))
}
