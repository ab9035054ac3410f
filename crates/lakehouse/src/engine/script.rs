//! A request's text as statements, each with the place where it begins; and what DuckDB says that the parser does not know.

mod merge;
mod transactions;

use std::ops::ControlFlow;

use model::{Error, ErrorKind, Result};
use sqlparser::ast::{AlterColumnOperation, AlterTableOperation, Ident, ObjectName, Query, Statement, Visit, Visitor};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan};

pub use self::merge::{ByWhat, Merge, MergeAction, MergeOn, MergeWhen};
pub use self::transactions::check_transactions;
use super::dialect::Duck;
use super::parse;

/// One statement, and the tokens that it is made of.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does.
    pub command: Command,
    /// Its tokens, to say where in the text something stands.
    tokens: Vec<TokenWithSpan>,
}

/// A statement of the parser, or one of those that only DuckDB has.
#[derive(Clone, Debug)]
pub enum Command {
    /// What the parser knows.
    Sql(Box<Statement>),
    /// `MERGE INTO`.
    Merge(Box<Merge>),
    /// `INSERT INTO table BY NAME query`.
    InsertByName {
        /// The table.
        table: ObjectName,
        /// Its rows; the names of their columns say where they go.
        source: Box<Query>,
    },
    /// `CREATE TABLE table (names) AS query`.
    CreateTableAs {
        /// `OR REPLACE`.
        or_replace: bool,
        /// `IF NOT EXISTS`.
        if_not_exists: bool,
        /// The table.
        name: ObjectName,
        /// The names of its columns.
        columns: Vec<Ident>,
        /// Its rows.
        query: Box<Query>,
    },
    /// `CREATE DATABASE name (TYPE kind)`.
    CreateDatabase {
        /// Its name.
        name: ObjectName,
        /// `IF NOT EXISTS`.
        if_not_exists: bool,
        /// How it keeps its rows, as the statement says it.
        kind: Ident,
    },
    /// `SHOW ALL TABLES`, and `DESCRIBE` of nothing.
    ShowAllTables,
    /// `SUMMARIZE table` and `SUMMARIZE query`.
    Summarize(Box<Query>),
}

impl Command {
    /// The statement of the parser, where it is one.
    pub fn sql(&self) -> Option<&Statement> {
        match self {
            Self::Sql(statement) => Some(statement),
            _ => None,
        }
    }
}

impl Visit for Step {
    fn visit<V: Visitor>(&self, visitor: &mut V) -> ControlFlow<V::Break> {
        self.command.visit(visitor)
    }
}

impl Visit for Command {
    fn visit<V: Visitor>(&self, visitor: &mut V) -> ControlFlow<V::Break> {
        match self {
            Self::Sql(statement) => statement.visit(visitor),
            Self::Merge(merge) => merge.visit(visitor),
            Self::InsertByName { source, .. } => source.visit(visitor),
            Self::CreateTableAs { query, .. } | Self::Summarize(query) => query.visit(visitor),
            Self::ShowAllTables | Self::CreateDatabase { .. } => ControlFlow::Continue(()),
        }
    }
}

impl Step {
    /// Where the statement begins.
    pub fn start(&self) -> Location {
        self.tokens.first().map_or_else(Location::empty, |token| token.span.start)
    }

    /// Says in an error of kind `Unsupported` where the construct that it names stands: at the first token that is the
    /// first word of the construct, or at the beginning of the statement.
    pub fn locate(&self, error: Error) -> Error {
        let message = error.message();
        if error.kind() != ErrorKind::Unsupported || message.contains("(line ") {
            return error;
        }
        let start = self.construct(message).unwrap_or_else(|| self.start());
        let place = format!("(line {}, column {})", start.line, start.column);
        let placed = match message.split_once(" is not supported") {
            Some((construct, rest)) => {
                let (here, rest) = rest.strip_prefix(" here").map_or(("", rest), |rest| (" here", rest));
                format!("{construct} is not supported{here} {place}{rest}")
            }
            None => format!("{message} {place}"),
        };
        Error::new(error.kind(), error.code(), placed).with_source(error)
    }

    /// The place of the words in capitals that a message names first.
    fn construct(&self, message: &str) -> Option<Location> {
        let named = message.strip_prefix("Not implemented Error: ").unwrap_or(message);
        let capital = |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        let words: Vec<&str> = named
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .skip_while(|word| !capital(word))
            .take_while(capital)
            .collect();
        // The longest run of the words that stands in the text, from the first of them on.
        (1..=words.len()).rev().find_map(|length| self.run_of(&words[..length]))
    }

    fn run_of(&self, words: &[&str]) -> Option<Location> {
        let is = |token: &TokenWithSpan, word: &str| matches!(&token.token, Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word));
        let fits = |run: &&[TokenWithSpan]| run.iter().zip(words).all(|(token, word)| is(token, word));
        self.tokens.windows(words.len()).find(fits).map(|run| run[0].span.start)
    }
}

/// Every statement of a text, in order.
///
/// # Errors
/// As [`parse::statements`].
pub fn script(text: &str) -> Result<Vec<Step>> {
    parse::read(text, steps)
}

fn steps(parser: &mut Parser, tokens: &[TokenWithSpan]) -> Result<Vec<Step>, ParserError> {
    let mut steps = Vec::new();
    loop {
        while parser.consume_token(&Token::SemiColon) {}
        if parser.peek_token_ref().token == Token::EOF {
            return Ok(steps);
        }
        let from = parser.index();
        let command = command(parser)?;
        let end = parser.peek_token_ref();
        if !matches!(end.token, Token::SemiColon | Token::EOF) {
            return parser.expected_ref("end of statement", parser.peek_token_ref());
        }
        let solid = |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_));
        let tokens = tokens.get(from..parser.index()).unwrap_or_default();
        steps.push(Step { command, tokens: tokens.iter().filter(solid).cloned().collect() });
    }
}

fn command(parser: &mut Parser) -> Result<Command, ParserError> {
    let Token::Word(word) = &parser.peek_token_ref().token else { return statement(parser) };
    match (word.keyword, word.value.to_ascii_uppercase().as_str()) {
        (Keyword::MERGE, _) => merge::parse(parser).map(|merge| Command::Merge(Box::new(merge))),
        (Keyword::INSERT, _) => or_statement(parser, insert_by_name),
        (Keyword::CREATE, _) => or_statement(parser, create),
        (Keyword::SHOW, _) => or_statement(parser, show_all_tables),
        (Keyword::DESCRIBE | Keyword::DESC, _) => or_statement(parser, describe_everything),
        (Keyword::ALTER, _) => {
            refuse_layout(parser)?;
            or_statement(parser, alter_using)
        }
        (_, "SUMMARIZE") => summarize(parser),
        _ => statement(parser),
    }
}

fn statement(parser: &mut Parser) -> Result<Command, ParserError> {
    parser.parse_statement().map(|statement| Command::Sql(Box::new(statement)))
}

/// What `special` reads; where the text is not that, what the parser reads.
fn or_statement(
    parser: &mut Parser,
    special: fn(&mut Parser) -> Result<Option<Command>, ParserError>,
) -> Result<Command, ParserError> {
    let mut found = None;
    let marked = parser.maybe_parse(|parser| {
        found = special(parser)?;
        if found.is_some() { Ok(()) } else { Err(ParserError::ParserError(String::new())) }
    })?;
    match (marked, found) {
        (Some(()), Some(command)) => Ok(command),
        _ => statement(parser),
    }
}

/// `INSERT INTO table BY NAME query`. After `BY NAME` there is no other reading.
fn insert_by_name(parser: &mut Parser) -> Result<Option<Command>, ParserError> {
    if !parser.parse_keywords(&[Keyword::INSERT, Keyword::INTO]) {
        return Ok(None);
    }
    let table = parser.parse_object_name(false)?;
    if !parser.parse_keywords(&[Keyword::BY, Keyword::NAME]) {
        return Ok(None);
    }
    Ok(Some(Command::InsertByName { table, source: parser.parse_query()? }))
}

fn create(parser: &mut Parser) -> Result<Option<Command>, ParserError> {
    match parser.peek_nth_token_ref(1).token {
        Token::Word(ref word) if word.keyword == Keyword::DATABASE => create_database(parser),
        _ => create_table_as(parser),
    }
}

/// `CREATE DATABASE [IF NOT EXISTS] name (TYPE kind)`, as DuckDB's ATTACH has the type.
fn create_database(parser: &mut Parser) -> Result<Option<Command>, ParserError> {
    parser.expect_keywords(&[Keyword::CREATE, Keyword::DATABASE])?;
    let if_not_exists = parser.parse_keywords(&[Keyword::IF, Keyword::NOT, Keyword::EXISTS]);
    let name = parser.parse_object_name(false)?;
    if !parser.consume_token(&Token::LParen) {
        return Ok(None);
    }
    parser.expect_keyword(Keyword::TYPE)?;
    let kind = parser.parse_identifier()?;
    parser.expect_token(&Token::RParen)?;
    Ok(Some(Command::CreateDatabase { name, if_not_exists, kind }))
}

/// `CREATE [OR REPLACE] TABLE [IF NOT EXISTS] table (names) AS query`, of names without types.
fn create_table_as(parser: &mut Parser) -> Result<Option<Command>, ParserError> {
    parser.expect_keyword(Keyword::CREATE)?;
    let or_replace = parser.parse_keywords(&[Keyword::OR, Keyword::REPLACE]);
    if !parser.parse_keyword(Keyword::TABLE) {
        return Ok(None);
    }
    let if_not_exists = parser.parse_keywords(&[Keyword::IF, Keyword::NOT, Keyword::EXISTS]);
    let name = parser.parse_object_name(false)?;
    let columns = parser.parse_parenthesized_column_list(sqlparser::parser::IsOptional::Mandatory, false)?;
    if !parser.parse_keyword(Keyword::AS) {
        return Ok(None);
    }
    let query = parser.parse_query()?;
    Ok(Some(Command::CreateTableAs { or_replace, if_not_exists, name, columns, query }))
}

/// `ALTER TABLE … ALTER COLUMN … TYPE … USING expression`, whose end the parser takes from PostgreSQL alone.
fn alter_using(parser: &mut Parser) -> Result<Option<Command>, ParserError> {
    parser.expect_keyword(Keyword::ALTER)?;
    parser.expect_keyword(Keyword::TABLE)?;
    let if_exists = parser.parse_keywords(&[Keyword::IF, Keyword::EXISTS]);
    let name = parser.parse_object_name(false)?;
    parser.expect_keyword(Keyword::ALTER)?;
    let _ = parser.parse_keyword(Keyword::COLUMN);
    let column_name = parser.parse_identifier()?;
    let had_set = parser.parse_keywords(&[Keyword::SET, Keyword::DATA]);
    parser.expect_keyword(Keyword::TYPE)?;
    let data_type = parser.parse_data_type()?;
    if !parser.parse_keyword(Keyword::USING) {
        return Ok(None);
    }
    let using = Some(parser.parse_expr()?);
    let mut template = Parser::new(&Duck::default()).try_with_sql("ALTER TABLE t DROP COLUMN c")?.parse_statement()?;
    if let Statement::AlterTable(alter) = &mut template {
        let op = AlterColumnOperation::SetDataType { data_type, using, had_set };
        (alter.name, alter.if_exists) = (name, if_exists);
        alter.operations = vec![AlterTableOperation::AlterColumn { column_name, op }];
    }
    Ok(Some(Command::Sql(Box::new(template))))
}

fn show_all_tables(parser: &mut Parser) -> Result<Option<Command>, ParserError> {
    let all = parser.parse_keywords(&[Keyword::SHOW, Keyword::ALL, Keyword::TABLES]);
    Ok(all.then_some(Command::ShowAllTables))
}

fn describe_everything(parser: &mut Parser) -> Result<Option<Command>, ParserError> {
    parser.next_token();
    let alone = matches!(parser.peek_token_ref().token, Token::SemiColon | Token::EOF);
    Ok(alone.then_some(Command::ShowAllTables))
}

fn summarize(parser: &mut Parser) -> Result<Command, ParserError> {
    parser.next_token();
    let query = match &parser.peek_token_ref().token {
        Token::LParen => parser.parse_query()?,
        Token::Word(word)
            if matches!(word.keyword, Keyword::SELECT | Keyword::WITH | Keyword::FROM | Keyword::VALUES) =>
        {
            parser.parse_query()?
        }
        _ => everything_of(&parser.parse_object_name(false)?)?,
    };
    Ok(Command::Summarize(query))
}

/// `SELECT * FROM table`.
fn everything_of(table: &ObjectName) -> Result<Box<Query>, ParserError> {
    Parser::new(&Duck::default()).try_with_sql(&format!("SELECT * FROM {table}"))?.parse_query()
}

/// `ALTER TABLE … SET PARTITIONED BY` is DuckLake's; said here, because the parser would only say what it expected.
fn refuse_layout(parser: &mut Parser) -> Result<(), ParserError> {
    let mut place = None;
    let layout = parser.maybe_parse(|parser| {
        parser.expect_keyword(Keyword::ALTER)?;
        parser.expect_keyword(Keyword::TABLE)?;
        parser.parse_object_name(false)?;
        place = Some(parser.peek_token_ref().span.start);
        parser.expect_one_of_keywords(&[Keyword::SET, Keyword::RESET])?;
        parser.expect_keyword(Keyword::PARTITIONED)?;
        // Found; what was read is given back.
        Ok(())
    })?;
    match (layout, place) {
        (Some(()), Some(place)) => {
            Err(refused("SET PARTITIONED BY", place, "tables are not partitioned here, leave partition hints out"))
        }
        _ => Ok(()),
    }
}

/// An error for a construct that is understood and not done.
fn refused(construct: &str, place: Location, instead: &str) -> ParserError {
    let Location { line, column } = place;
    let start = parse::UNSUPPORTED;
    ParserError::ParserError(format!("{start}{construct} is not supported (line {line}, column {column}); {instead}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Command {
        let mut steps = script(text).unwrap();
        assert_eq!(steps.len(), 1, "{text}");
        steps.remove(0).command
    }

    #[test]
    fn what_only_duckdb_says_is_read() {
        assert!(matches!(one("INSERT INTO a.b BY NAME SELECT 1 AS x"), Command::InsertByName { .. }));
        assert!(matches!(one("INSERT INTO b (by, name) VALUES (1, 2)"), Command::Sql(_)));
        assert!(matches!(
            one("CREATE OR REPLACE TABLE t (a, b) AS SELECT 1, 2"),
            Command::CreateTableAs { or_replace: true, .. }
        ));
        assert!(matches!(one("CREATE TABLE t (a INTEGER)"), Command::Sql(_)));
        assert!(matches!(one("CREATE DATABASE d (TYPE sqlite)"), Command::CreateDatabase { if_not_exists: false, .. }));
        assert!(matches!(one("CREATE DATABASE IF NOT EXISTS d"), Command::Sql(_)));
        assert!(matches!(one("SHOW ALL TABLES"), Command::ShowAllTables));
        assert!(matches!(one("DESCRIBE"), Command::ShowAllTables));
        assert!(matches!(one("DESCRIBE t"), Command::Sql(_)));
        assert!(matches!(one("ALTER TABLE t ALTER a TYPE INTEGER USING b + 1"), Command::Sql(_)));
        assert!(matches!(one("SUMMARIZE t"), Command::Summarize(_)));
        assert!(matches!(one("SUMMARIZE SELECT 1"), Command::Summarize(_)));
        assert_eq!(script("BEGIN; ; INSERT INTO t VALUES (1);\nCOMMIT;").unwrap().len(), 3);
        assert!(script("SELECT 1 SELECT 2").is_err());
    }

    #[test]
    fn a_construct_is_found_where_it_stands() {
        let steps = script("SELECT 1;\n  SELECT *\n FROM t PIVOT_LIKE").unwrap();
        assert_eq!(steps[1].start(), Location::new(2, 3));
        let error = steps[1].locate(Error::unsupported("Not implemented Error: FROM is not supported; do this"));
        assert_eq!(error.message(), "Not implemented Error: FROM is not supported (line 3, column 2); do this");
        let error = script("SELECT 1;\n  SELECT * FROM t POSITIONAL JOIN u").unwrap_err();
        assert!(
            error
                .message()
                .starts_with("Not implemented Error: POSITIONAL JOIN is not supported (line 2, column 19); "),
            "{error}"
        );
    }

    #[test]
    fn partitions_are_refused_with_their_place() {
        let error = script("ALTER TABLE a.t\n SET PARTITIONED BY (b)").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains("SET PARTITIONED BY is not supported (line 2, column 2)"), "{error}");
    }
}
