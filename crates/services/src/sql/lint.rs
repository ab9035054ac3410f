//! Definitions that are refused before they run: their tables would have rows that nothing here can name.

use super::tokens::{Token, tokens};
use crate::row_ids::{ROW_IDS, RowIdFault};

/// Refuses tables without a row id and references to one, in every statement of a script.
pub(super) fn lint_definitions(script: &str) -> Result<(), RowIdFault> {
    // Most statements define nothing, and are not looked at any closer.
    let defines = |word: &str| contains_ignoring_case(script, word);
    if !defines("without") && !ROW_IDS.iter().any(|word| defines(word)) {
        return Ok(());
    }
    let all: Vec<Token> = tokens(script).collect();
    all.split(|token| *token == Token::Mark(';')).try_for_each(lint)
}

fn contains_ignoring_case(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// The same for the tokens of one statement.
fn lint(statement: &[Token]) -> Result<(), RowIdFault> {
    let Some((table, definition)) = created(statement).or_else(|| altered(statement)) else { return Ok(()) };
    let mut depth = 0_usize;
    // The name of the column whose definition is being read: the first word after a comma or bracket.
    let mut column = definition.first().filter(|token| **token != Token::Mark('(')).and_then(Token::name);
    let mut begins = false;
    for (at, token) in definition.iter().enumerate() {
        match token {
            Token::Mark('(') => {
                depth += 1;
                begins = depth == 1;
            }
            Token::Mark(')') => depth = depth.saturating_sub(1),
            Token::Mark(',') if depth == 1 => begins = true,
            _ if begins => {
                column = token.name();
                begins = false;
            }
            _ => {}
        }
        let rest = &definition[at + 1..];
        if depth == 0 && token.is("without") && rest.first().is_some_and(|next| next.is("rowid")) {
            return Err(RowIdFault::Missing { table: table.to_owned() });
        }
        if token.is("references")
            && let Some(other) = referenced_row_id(rest)
        {
            let column = own_column(&definition[..at]).or(column).unwrap_or_default();
            return Err(RowIdFault::Referenced { column: column.to_owned(), table: other.to_owned() });
        }
    }
    Ok(())
}

/// `CREATE TABLE`: its name, and what stands behind it.
fn created(statement: &[Token]) -> Option<(&str, &[Token])> {
    let rest = after(statement, &["create"])?;
    let rest = after(rest, &["temp"]).or_else(|| after(rest, &["temporary"])).unwrap_or(rest);
    let rest = after(rest, &["table"])?;
    named(after(rest, &["if", "not", "exists"]).unwrap_or(rest))
}

/// `ALTER TABLE … ADD`: the table's name, and the definition of the column.
fn altered(statement: &[Token]) -> Option<(&str, &[Token])> {
    let (table, rest) = named(after(statement, &["alter", "table"])?)?;
    let rest = after(rest, &["add"])?;
    Some((table, after(rest, &["column"]).unwrap_or(rest)))
}

fn after<'a>(tokens: &'a [Token], keywords: &[&str]) -> Option<&'a [Token]> {
    let (head, rest) = tokens.split_at_checked(keywords.len())?;
    head.iter().zip(keywords).all(|(token, keyword)| token.is(keyword)).then_some(rest)
}

/// A name, its schema before it where there is one, and what stands behind.
fn named(tokens: &[Token]) -> Option<(&str, &[Token])> {
    match tokens {
        [_, Token::Mark('.'), name, rest @ ..] | [name, rest @ ..] => Some((name.name()?, rest)),
        [] => None,
    }
}

/// The table of whose row id a reference is, from behind REFERENCES on.
fn referenced_row_id(tokens: &[Token]) -> Option<&str> {
    let [table, Token::Mark('('), column, Token::Mark(')'), ..] = tokens else { return None };
    let column = column.name()?;
    ROW_IDS.iter().any(|name| column.eq_ignore_ascii_case(name)).then(|| table.name())?
}

/// The column of `FOREIGN KEY (column)`, before REFERENCES.
fn own_column(before: &[Token]) -> Option<&str> {
    let [.., foreign, key, Token::Mark('('), column, Token::Mark(')')] = before else { return None };
    (foreign.is("foreign") && key.is("key")).then(|| column.name())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sql: &str) -> Option<RowIdFault> {
        lint_definitions(sql).err()
    }

    #[test]
    fn tables_without_row_ids_are_refused() {
        let refusal = RowIdFault::Missing { table: "foo".to_owned() };
        for sql in [
            "CREATE TABLE foo (bar TEXT PRIMARY KEY) WITHOUT ROWID",
            "create table if not exists main.\"foo\" (bar TEXT PRIMARY KEY CHECK (bar <> ')')) strict, without rowid;",
            "SELECT 1; CREATE TEMP TABLE [foo] (bar INT PRIMARY KEY) -- so\n WITHOUT /* a */ ROWID",
        ] {
            assert_eq!(told(sql).as_ref(), Some(&refusal), "{sql}");
        }
    }

    #[test]
    fn references_to_row_ids_are_refused() {
        let refusal = RowIdFault::Referenced { column: "bar".to_owned(), table: "goo".to_owned() };
        for sql in [
            "CREATE TABLE foo (bar INTEGER REFERENCES goo(rowid))",
            "CREATE TABLE foo (a DECIMAL(1, 2), bar INTEGER NOT NULL REFERENCES \"goo\" ( _ROWID_ ), c)",
            "CREATE TABLE foo (a, bar, FOREIGN KEY (bar) REFERENCES goo (oid))",
            "ALTER TABLE foo ADD COLUMN bar INTEGER REFERENCES goo(rowid)",
            "ALTER TABLE foo ADD \"bar\" REFERENCES goo(rowid)",
        ] {
            assert_eq!(told(sql).as_ref(), Some(&refusal), "{sql}");
        }
    }

    #[test]
    fn everything_else_is_the_database_s_business() {
        for sql in [
            "SELECT rowid FROM foo",
            "SELECT 'CREATE TABLE foo (bar) WITHOUT ROWID'",
            "-- CREATE TABLE foo (bar) WITHOUT ROWID",
            "CREATE TABLE foo (bar INTEGER REFERENCES goo(id), rowid TEXT)",
            "CREATE TABLE foo (bar TEXT DEFAULT 'REFERENCES goo(rowid)')",
            "CREATE INDEX i ON foo (rowid)",
            "CREATE TABLE",
            "CREATE TABLE foo",
            "",
        ] {
            assert_eq!(told(sql), None, "{sql}");
        }
    }
}
