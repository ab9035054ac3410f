//! What DuckDB's grammar has and this parser does not: refused by name and place, before the parser stumbles over it.

use model::{Error, Result};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::place::at;

/// Words that follow on one another, how the construct is called, and what to write instead.
const CONSTRUCTS: &[(&[&str], &str, &str)] = &[
    (
        &["POSITIONAL", "JOIN"],
        "POSITIONAL JOIN",
        "number the rows with row_number() OVER (ORDER BY …) on both sides and join on the numbers",
    ),
    (&["USING", "SAMPLE"], "USING SAMPLE", "WHERE random() < 0.1, or ORDER BY random() LIMIT 100"),
    (&["TABLESAMPLE"], "TABLESAMPLE", "WHERE random() < 0.1, or ORDER BY random() LIMIT 100"),
    (&["EXCLUDE", "CURRENT", "ROW"], "EXCLUDE in a window frame", "subtract the row's own value from the aggregate"),
    (&["EXCLUDE", "GROUP"], "EXCLUDE in a window frame", "subtract the group's own value from the aggregate"),
    (&["EXCLUDE", "TIES"], "EXCLUDE in a window frame", "a ROWS frame that ends before the row"),
    (&["INTERSECT", "ALL"], "INTERSECT ALL", "a join on row_number() OVER (PARTITION BY every column)"),
    (&["EXCEPT", "ALL"], "EXCEPT ALL", "an anti join on row_number() OVER (PARTITION BY every column)"),
];

/// Looks for them.
///
/// # Errors
/// `Unsupported`, with line and column.
pub fn check(tokens: &[TokenWithSpan]) -> Result<()> {
    let words: Vec<&TokenWithSpan> =
        tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
    for (position, token) in words.iter().enumerate() {
        let Some(first) = word(token) else { continue };
        for (construct, name, instead) in CONSTRUCTS {
            let follow = construct.iter().enumerate().all(|(offset, wanted)| {
                words.get(position + offset).and_then(|token| word(token)).is_some_and(|word| word == *wanted)
            });
            if follow {
                return Err(refusal(name, token, instead));
            }
        }
        if first == "SELECT"
            && let (Some(name), Some(colon)) = (words.get(position + 1), words.get(position + 2))
            && matches!(name.token, Token::Word(_))
            && colon.token == Token::Colon
        {
            return Err(refusal("a name before its expression (SELECT a: 1)", name, "SELECT 1 AS a"));
        }
        if first == "LIMIT"
            && let (Some(number), Some(percent)) = (words.get(position + 1), words.get(position + 2))
            && matches!(number.token, Token::Number(..))
            && (percent.token == Token::Mod
                && !words.get(position + 3).is_some_and(|next| matches!(next.token, Token::Number(..)))
                || word(percent).is_some_and(|word| word == "PERCENT"))
        {
            return Err(refusal("LIMIT with a percentage", token, "LIMIT (SELECT count(*) // 10 FROM t)"));
        }
    }
    Ok(())
}

fn refusal(name: &str, token: &TokenWithSpan, instead: &str) -> Error {
    Error::unsupported(format!("Not implemented Error: {name} is not supported{}; write {instead}", at(token.span)))
}

fn word(token: &TokenWithSpan) -> Option<String> {
    match &token.token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_uppercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::statements;

    #[test]
    fn named_and_placed() {
        for (sql, wanted) in [
            ("SELECT * FROM a POSITIONAL JOIN b", "POSITIONAL JOIN is not supported (line 1, column 17)"),
            ("SELECT *\nFROM a USING SAMPLE 5", "USING SAMPLE is not supported (line 2, column 8)"),
            ("SELECT * FROM a LIMIT 10%", "LIMIT with a percentage is not supported (line 1, column 17)"),
        ] {
            let error = statements(sql).unwrap_err();
            assert!(error.message().contains(wanted), "{error}");
        }
        statements("SELECT a FROM t LIMIT 10 % 3").unwrap();
    }
}
