//! The statements of table care, which the parser does not know. Each becomes the CALL that does the same.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgOperator, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, ObjectNamePart, Statement, Value,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

type Parsed<T> = Result<T, ParserError>;

/// Reads `VACUUM t`, `CHECKPOINT t`, `OPTIMIZE t`, `RESTORE TABLE t TO VERSION n` or `TO TIMESTAMP '…'`, and
/// `ALTER TABLE t SET SORTED BY (a, b)` or `RESET SORTED BY`. Answers nothing where the next statement is another.
pub fn statement(parser: &mut Parser) -> Option<Parsed<Statement>> {
    let Token::Word(word) = &parser.peek_token_ref().token else { return None };
    if word.quote_style.is_some() {
        return None;
    }
    match word.value.to_uppercase().as_str() {
        "VACUUM" => Some(of_table(parser, "vacuum_table")),
        "CHECKPOINT" => Some(of_table(parser, "checkpoint_table")),
        "OPTIMIZE" => Some(of_table(parser, "optimize_table")),
        "RESTORE" => Some(restore(parser)),
        "ALTER" => parser.maybe_parse(sorted).transpose(),
        _ => None,
    }
}

fn of_table(parser: &mut Parser, function: &str) -> Parsed<Statement> {
    parser.next_token();
    let _ = parser.parse_keyword(Keyword::TABLE);
    if matches!(parser.peek_token_ref().token, Token::SemiColon | Token::EOF) {
        return Ok(call(function, Vec::new()));
    }
    let name = parser.parse_object_name(false)?;
    Ok(call(function, vec![table(name)]))
}

fn restore(parser: &mut Parser) -> Parsed<Statement> {
    parser.next_token();
    let _ = parser.parse_keyword(Keyword::TABLE);
    let name = parser.parse_object_name(false)?;
    parser.expect_keyword(Keyword::TO)?;
    let _ = parser.parse_keywords(&[Keyword::AS, Keyword::OF]);
    let (which, value) = if parser.parse_keyword(Keyword::VERSION) {
        let _ = parser.parse_keywords(&[Keyword::AS, Keyword::OF]);
        ("version", parser.parse_expr()?)
    } else {
        parser.expect_keyword(Keyword::TIMESTAMP)?;
        let _ = parser.parse_keywords(&[Keyword::AS, Keyword::OF]);
        ("timestamp", parser.parse_expr()?)
    };
    let value = FunctionArg::Named {
        name: Ident::new(which),
        arg: FunctionArgExpr::Expr(value),
        operator: FunctionArgOperator::RightArrow,
    };
    Ok(call("restore_table", vec![table(name), value]))
}

fn sorted(parser: &mut Parser) -> Parsed<Statement> {
    parser.expect_keywords(&[Keyword::ALTER, Keyword::TABLE])?;
    let name = parser.parse_object_name(false)?;
    let reset = parser.parse_keyword(Keyword::RESET);
    if !reset {
        parser.expect_keyword(Keyword::SET)?;
    }
    let Token::Word(word) = parser.next_token().token else { return Err(ParserError::ParserError(String::new())) };
    if !word.value.eq_ignore_ascii_case("SORTED") {
        return Err(ParserError::ParserError(String::new()));
    }
    parser.expect_keyword(Keyword::BY)?;
    let columns = if reset {
        Vec::new()
    } else {
        parser.expect_token(&Token::LParen)?;
        let columns = parser.parse_comma_separated(|parser| {
            let column = parser.parse_identifier()?;
            // Ascending is the one order that there is.
            let _ = parser.parse_keyword(Keyword::ASC);
            Ok(column)
        })?;
        parser.expect_token(&Token::RParen)?;
        columns
    };
    let text = |column: Ident| unnamed(Expr::value(Value::SingleQuotedString(column.value)));
    let arguments = std::iter::once(table(name)).chain(columns.into_iter().map(text)).collect();
    Ok(call("set_sorted_by", arguments))
}

/// `CALL function(arguments)`.
fn call(function: &str, arguments: Vec<FunctionArg>) -> Statement {
    Statement::Call(Function {
        name: ObjectName::from(vec![Ident::new(function)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments,
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

fn table(name: ObjectName) -> FunctionArg {
    let part = |part: ObjectNamePart| match part {
        ObjectNamePart::Identifier(ident) => ident,
        ObjectNamePart::Function(function) => function.name,
    };
    let mut parts: Vec<Ident> = name.0.into_iter().map(part).collect();
    unnamed(if parts.len() == 1 { Expr::Identifier(parts.remove(0)) } else { Expr::CompoundIdentifier(parts) })
}

fn unnamed(expr: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
}

#[cfg(test)]
mod tests {
    use crate::engine::parse::statements;

    fn read(text: &str) -> String {
        statements(text).unwrap().pop().unwrap().to_string()
    }

    #[test]
    fn each_becomes_a_call() {
        assert_eq!(read("VACUUM t"), "CALL vacuum_table(t)");
        assert_eq!(read("optimize table main.t;"), "CALL optimize_table(main.t)");
        assert_eq!(read("CHECKPOINT"), "CALL checkpoint_table()");
        assert_eq!(read("RESTORE TABLE t TO VERSION 3"), "CALL restore_table(t, version => 3)");
        assert_eq!(read("RESTORE t TO VERSION AS OF 3"), "CALL restore_table(t, version => 3)");
        assert_eq!(
            read("RESTORE TABLE a.b TO TIMESTAMP '2026-11-25 10:00:00'"),
            "CALL restore_table(a.b, timestamp => '2026-11-25 10:00:00')"
        );
        assert_eq!(read("ALTER TABLE t SET SORTED BY (a, \"B c\" ASC)"), "CALL set_sorted_by(t, 'a', 'B c')");
        assert_eq!(read("ALTER TABLE t RESET SORTED BY"), "CALL set_sorted_by(t)");
        assert_eq!(read("SELECT 1; VACUUM t"), "CALL vacuum_table(t)");
    }

    #[test]
    fn other_statements_are_what_they_were() {
        assert_eq!(read("ALTER TABLE t ADD COLUMN sorted BIGINT"), "ALTER TABLE t ADD COLUMN sorted BIGINT");
        assert_eq!(read("ALTER TABLE t RENAME TO vacuum"), "ALTER TABLE t RENAME TO vacuum");
        let error = statements("RESTORE TABLE t TO NOWHERE").unwrap_err();
        assert!(error.message().contains("Expected: TIMESTAMP"), "{error}");
    }
}
