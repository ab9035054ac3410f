//! Text to statements.

use std::ops::ControlFlow;

use model::{Error, Result};
use sqlparser::ast::{Expr, Select, Statement, Visit, Visitor, visit_relations};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::dialect::Duck;
use super::refused;
use super::tokens::tokens;

/// Nesting that the parser follows; deeper text is refused rather than a danger to the stack.
const DEPTH: usize = 128;

/// Operators that may follow on one another without a comma or parenthesis between them. Each nests the syntax tree by
/// one more, and everything that walks it recurses.
const CHAIN: usize = 2000;

/// Subqueries in the expressions of one another. Each doubles the time that the plan takes: 12 are a fraction of a second,
/// 30 would be hours in which nothing can stop it.
const SUBQUERIES: usize = 12;

/// Tables that one FROM may join. The time that their plan takes grows with the cube of their number, and there are steps
/// of it that nothing can stop: a tenth of a second for this many.
const JOINED: usize = 128;

/// Tables and views that one statement may name.
const RELATIONS: usize = 500;

/// Every statement of a text, in order. None for text of nothing but space and comments.
///
/// # Errors
/// `Invalid`, `Parser Error: …` with line and column.
pub fn statements(text: &str) -> Result<Vec<Statement>> {
    read(text, |parser, _| parser.parse_statements())
}

/// How the message of a parser's error begins that is about SQL which this engine understands and does not do.
pub const UNSUPPORTED: &str = "Not implemented Error: ";

/// Reads a text with the parser and its tokens, and refuses what would nest too deep.
///
/// # Errors
/// As [`statements`]; `Unsupported` for errors whose message begins with [`UNSUPPORTED`].
pub fn read<T>(
    text: &str,
    read: impl FnOnce(&mut Parser, &[TokenWithSpan]) -> Result<Vec<T>, ParserError>,
) -> Result<Vec<T>>
where
    T: Visit,
{
    let tokens = tokens(&Duck::default(), text).map_err(|error| syntax(&error))?;
    refused::check(&tokens)?;
    check_chains(&tokens)?;
    let dialect = Duck::reading(&tokens);
    let mut parser = Parser::new(&dialect).with_recursion_limit(DEPTH).with_tokens_with_locations(tokens.clone());
    let statements = read(&mut parser, &tokens).map_err(|error| syntax(&error))?;
    check_subqueries(&statements)?;
    check_joins(&statements)?;
    statements.iter().try_for_each(check_relations)?;
    Ok(statements)
}

/// The expression that a text is.
///
/// # Errors
/// `Invalid`, `Parser Error: …`
pub fn expression(text: &str) -> Result<Expr> {
    let dialect = Duck::default();
    let tokens = tokens(&dialect, text).map_err(|error| syntax(&error))?;
    let mut parser = Parser::new(&dialect).with_recursion_limit(DEPTH).with_tokens_with_locations(tokens);
    parser.parse_expr().map_err(|error| syntax(&error))
}

/// The alias of a table.
pub fn alias(name: &str) -> Option<sqlparser::ast::TableAlias> {
    match statements(&format!("SELECT 1 FROM t AS {name}")).ok()?.pop()? {
        Statement::Query(query) => match *query.body {
            sqlparser::ast::SetExpr::Select(mut select) => match select.from.pop()?.relation {
                sqlparser::ast::TableFactor::Table { alias, .. } => alias,
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The parts of a name, as a statement would have it.
///
/// # Errors
/// `Invalid`, for a text that is no name.
pub fn name(text: &str) -> Result<Vec<String>> {
    let dialect = Duck::default();
    let mut parser = Parser::new(&dialect).try_with_sql(text).map_err(|error| syntax(&error))?;
    let name = parser.parse_object_name(false).map_err(|error| syntax(&error))?;
    parser.expect_token(&Token::EOF).map_err(|error| syntax(&error))?;
    super::resolve::parts(&name)
}

fn syntax(error: &ParserError) -> Error {
    let message = error.to_string();
    let message = message.strip_prefix("sql parser error: ").unwrap_or(&message);
    if message.starts_with(UNSUPPORTED) {
        return Error::unsupported(message);
    }
    Error::invalid(format!("Parser Error: {message}"))
}

/// Refuses chains of operators that are too long, by the tokens alone: no recursion meets them before.
fn check_chains(tokens: &[TokenWithSpan]) -> Result<()> {
    let mut open = Vec::new();
    let mut length = 0;
    for token in tokens {
        match &token.token {
            Token::LParen | Token::LBracket | Token::LBrace => open.push(std::mem::take(&mut length)),
            Token::RParen | Token::RBracket | Token::RBrace => length = open.pop().unwrap_or_default() + 1,
            Token::Comma | Token::SemiColon => length = 0,
            Token::Word(word) if word.keyword == Keyword::NoKeyword => {}
            Token::Whitespace(_) | Token::Number(..) | Token::SingleQuotedString(_) | Token::Period => {}
            _ => length += 1,
        }
        if length > CHAIN {
            return Err(Error::invalid(format!(
                "Parser Error: more than {CHAIN} operators follow on one another{}; use IN (…), or parentheses",
                token.span.start
            )));
        }
    }
    Ok(())
}

fn check_subqueries(statements: &impl Visit) -> Result<()> {
    match statements.visit(&mut Subqueries { open: 0 }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::invalid(format!(
            "Parser Error: more than {SUBQUERIES} subqueries stand inside one another; give some of them a name with WITH, or join"
        ))),
    }
}

/// How many subqueries are open at a place of the syntax tree. Breaks where they are too many.
struct Subqueries {
    open: usize,
}

impl Visitor for Subqueries {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.open += usize::from(has_query(expr));
        if self.open > SUBQUERIES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.open -= usize::from(has_query(expr));
        ControlFlow::Continue(())
    }
}

/// Whether an expression is a query, or a comparison with one.
pub fn has_query(expr: &Expr) -> bool {
    matches!(expr, Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. })
}

fn check_joins(statement: &impl Visit) -> Result<()> {
    match statement.visit(&mut Joins) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(count) => Err(Error::invalid(format!(
            "Parser Error: {count} tables are joined in one FROM; at most {JOINED} are allowed, more through WITH"
        ))),
    }
}

/// Looks for a FROM that joins too many tables. Breaks with their number.
struct Joins;

impl Visitor for Joins {
    type Break = usize;

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<usize> {
        let count: usize = select.from.iter().map(|table| 1 + table.joins.len()).sum();
        if count > JOINED { ControlFlow::Break(count) } else { ControlFlow::Continue(()) }
    }
}

fn check_relations(statement: &impl Visit) -> Result<()> {
    let mut count = 0;
    let _ = visit_relations(statement, |_| {
        count += 1;
        ControlFlow::<()>::Continue(())
    });
    if count <= RELATIONS {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Parser Error: a statement names {count} tables; at most {RELATIONS} are allowed at once"
    )))
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
    fn what_would_nest_too_deep_is_refused() {
        for text in [
            format!("SELECT 1{}", " + 1".repeat(10_000)),
            format!("SELECT 1{}", "::int".repeat(10_000)),
            format!("SELECT a{}", "[1]".repeat(10_000)),
            format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(10_000)),
            format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000)),
            format!("SELECT {}1", "- ".repeat(10_000)),
            format!("SELECT * FROM t{}", ", t a".repeat(10_000)),
            format!("SELECT {}1{}", "(SELECT ".repeat(13), ")".repeat(13)),
            format!("{}SELECT 1{}", "SELECT a FROM t WHERE EXISTS (".repeat(13), ")".repeat(13)),
            format!("{}SELECT 1{}", "SELECT a FROM t WHERE a IN (".repeat(13), ")".repeat(13)),
        ] {
            let error = statements(&text).expect_err(&text[..40]);
            assert!(error.message().starts_with("Parser Error: "), "{error}");
        }
        statements(&format!("SELECT {}1{}", "(SELECT ".repeat(12), ")".repeat(12))).unwrap();
        statements(&format!("SELECT {}", vec!["(SELECT 1)"; 100].join(", "))).unwrap();
        statements(&format!("SELECT * FROM {}t{}", "(SELECT * FROM ".repeat(40), ")".repeat(40))).unwrap();
        statements(&format!("SELECT * FROM t WHERE {}", "a = 1 OR ".repeat(900) + "b")).unwrap();
        statements(&format!("INSERT INTO t VALUES {}", vec!["(-1, 'a' || 'b')"; 20_000].join(", "))).unwrap();
    }

    #[test]
    fn errors_name_the_place() {
        let error = statements("SELECT\n FROM WHERE").unwrap_err();
        assert!(error.message().starts_with("Parser Error: ") && error.message().contains("Line: 2"), "{error}");
    }
}
