//! `MERGE INTO`, with DuckDB's forms: `USING (columns)`, `UPDATE` and `INSERT` of whole rows by name or position.

use std::ops::ControlFlow;

use sqlparser::ast::{Assignment, Expr, Ident, TableFactor, Visit, Visitor};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{IsOptional, Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::refused;

/// `MERGE INTO table USING source ON condition WHEN …`.
#[derive(Clone, Debug)]
pub struct Merge {
    /// The table that changes.
    pub table: TableFactor,
    /// The rows that it is compared with.
    pub source: TableFactor,
    /// When a row of each belong together.
    pub on: MergeOn,
    /// What happens; the first that fits a row holds.
    pub clauses: Vec<MergeClause>,
}

/// How rows find one another.
#[derive(Clone, Debug)]
pub enum MergeOn {
    /// `ON condition`.
    Condition(Box<Expr>),
    /// `USING (columns)`: equal in all of them.
    Columns(Vec<Ident>),
}

/// Which rows a clause is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeWhen {
    /// Rows of the table that have a row of the source.
    Matched,
    /// Rows of the source that have none of the table.
    NotMatched,
    /// Rows of the table that have none of the source.
    NotMatchedBySource,
}

/// `WHEN … [AND condition] THEN action`.
#[derive(Clone, Debug)]
pub struct MergeClause {
    /// Which rows.
    pub when: MergeWhen,
    /// A further condition.
    pub condition: Option<Expr>,
    /// What to do with them.
    pub action: MergeAction,
}

/// How the columns of a whole row of the source find those of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByWhat {
    /// By their names.
    Name,
    /// The first for the first, and so on.
    Position,
}

/// What to do with a row.
#[derive(Clone, Debug)]
pub enum MergeAction {
    /// `UPDATE SET column = value, …`.
    Update(Vec<Assignment>),
    /// `UPDATE [BY NAME] [SET *]`.
    UpdateAll(ByWhat),
    /// `DELETE`.
    Delete,
    /// `INSERT (columns) VALUES (values)`; without columns, all of them.
    Insert(Vec<Ident>, Vec<Expr>),
    /// `INSERT [BY NAME] [*]`.
    InsertAll(ByWhat),
    /// `DO NOTHING`.
    Nothing,
}

impl Visit for Merge {
    fn visit<V: Visitor>(&self, visitor: &mut V) -> ControlFlow<V::Break> {
        self.table.visit(visitor)?;
        self.source.visit(visitor)?;
        if let MergeOn::Condition(condition) = &self.on {
            condition.visit(visitor)?;
        }
        for clause in &self.clauses {
            clause.condition.visit(visitor)?;
            match &clause.action {
                MergeAction::Update(assignments) => assignments.visit(visitor)?,
                MergeAction::Insert(_, values) => values.visit(visitor)?,
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }
}

/// Reads the statement from its first word on.
pub fn parse(parser: &mut Parser) -> Result<Merge, ParserError> {
    parser.expect_keyword(Keyword::MERGE)?;
    parser.expect_keyword(Keyword::INTO)?;
    let table = parser.parse_table_factor()?;
    parser.expect_keyword(Keyword::USING)?;
    let source = parser.parse_table_factor()?;
    let on = if parser.parse_keyword(Keyword::USING) {
        MergeOn::Columns(parser.parse_parenthesized_column_list(IsOptional::Mandatory, false)?)
    } else {
        parser.expect_keyword(Keyword::ON)?;
        MergeOn::Condition(Box::new(parser.parse_expr()?))
    };
    let mut clauses = Vec::new();
    while parser.parse_keyword(Keyword::WHEN) {
        clauses.push(clause(parser)?);
    }
    if clauses.is_empty() {
        return parser.expected_ref("WHEN MATCHED or WHEN NOT MATCHED", parser.peek_token_ref());
    }
    if parser.peek_keyword(Keyword::RETURNING) {
        return Err(refused("RETURNING", parser.peek_token_ref().span.start, "read the table afterwards"));
    }
    Ok(Merge { table, source, on, clauses })
}

fn clause(parser: &mut Parser) -> Result<MergeClause, ParserError> {
    let not = parser.parse_keyword(Keyword::NOT);
    parser.expect_keyword(Keyword::MATCHED)?;
    let by_source = not && parser.parse_keywords(&[Keyword::BY, Keyword::SOURCE]);
    if not && !by_source {
        let _ = parser.parse_keywords(&[Keyword::BY, Keyword::TARGET]);
    }
    let when = match (not, by_source) {
        (false, _) => MergeWhen::Matched,
        (true, false) => MergeWhen::NotMatched,
        (true, true) => MergeWhen::NotMatchedBySource,
    };
    let condition = if parser.parse_keyword(Keyword::AND) { Some(parser.parse_expr()?) } else { None };
    parser.expect_keyword(Keyword::THEN)?;
    let action = action(parser, when)?;
    Ok(MergeClause { when, condition, action })
}

fn action(parser: &mut Parser, when: MergeWhen) -> Result<MergeAction, ParserError> {
    if parser.parse_keywords(&[Keyword::DO, Keyword::NOTHING]) {
        return Ok(MergeAction::Nothing);
    }
    if when == MergeWhen::NotMatched {
        if parser.parse_keyword(Keyword::INSERT) {
            return insert(parser);
        }
        return action_expected(parser, "INSERT or DO NOTHING after WHEN NOT MATCHED");
    }
    if parser.parse_keyword(Keyword::UPDATE) {
        return update(parser);
    }
    if parser.parse_keyword(Keyword::DELETE) {
        return Ok(MergeAction::Delete);
    }
    action_expected(parser, "UPDATE, DELETE or DO NOTHING")
}

fn action_expected(parser: &Parser, what: &str) -> Result<MergeAction, ParserError> {
    let error = matches!(&parser.peek_token_ref().token, Token::Word(word) if word.value.eq_ignore_ascii_case("error"));
    if error {
        let instead = "check with SELECT CASE WHEN … THEN error('…') END before";
        return Err(refused("ERROR in MERGE", parser.peek_token_ref().span.start, instead));
    }
    parser.expected_ref(what, parser.peek_token_ref())
}

fn update(parser: &mut Parser) -> Result<MergeAction, ParserError> {
    let by = by_what(parser);
    if !parser.parse_keyword(Keyword::SET) || parser.consume_token(&Token::Mul) {
        return Ok(MergeAction::UpdateAll(by));
    }
    Ok(MergeAction::Update(parser.parse_comma_separated(Parser::parse_assignment)?))
}

fn insert(parser: &mut Parser) -> Result<MergeAction, ParserError> {
    let by = by_what(parser);
    if parser.consume_token(&Token::Mul) {
        return Ok(MergeAction::InsertAll(by));
    }
    let columns = parser.parse_parenthesized_column_list(IsOptional::Optional, false)?;
    if !parser.parse_keyword(Keyword::VALUES) {
        if columns.is_empty() {
            return Ok(MergeAction::InsertAll(by));
        }
        return action_expected(parser, "VALUES");
    }
    parser.expect_token(&Token::LParen)?;
    let values = parser.parse_comma_separated(Parser::parse_expr)?;
    parser.expect_token(&Token::RParen)?;
    Ok(MergeAction::Insert(columns, values))
}

fn by_what(parser: &mut Parser) -> ByWhat {
    if parser.parse_keywords(&[Keyword::BY, Keyword::NAME]) {
        return ByWhat::Name;
    }
    let _ = parser.parse_keywords(&[Keyword::BY, Keyword::POSITION]);
    ByWhat::Position
}
