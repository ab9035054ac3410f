//! Statements of callers who may add rows and nothing else.

use model::{Error, Result};
use rusqlite::Connection;

/// Refuses what SQLite does not ask the guard about: that a row which is added takes the place of another.
pub fn only_adds(sql: &str) -> Result<()> {
    let words = words(sql);
    let replaces = |pair: &[String]| pair[0] == "replace" && pair[1] == "into";
    if words.windows(2).any(replaces) {
        return Err(Error::forbidden("REPLACE removes rows, and the caller may only add some: use INSERT"));
    }
    Ok(())
}

/// Refuses WITH to those who may not read: SQLite asks about what is read there as it does for a trigger, by a name that the
/// statement itself chooses.
pub fn names_no_reader(sql: &str) -> Result<()> {
    if words(sql).iter().any(|word| word == "with") {
        return Err(Error::forbidden("WITH reads, and the caller may not: leave it out"));
    }
    Ok(())
}

/// Columns that SQLite reads for the foreign keys of an INSERT, where the statement can be seen to read nothing for itself.
pub fn referenced(sqlite: &Connection, sql: &str) -> rusqlite::Result<Vec<(String, String)>> {
    const READING: [&str; 4] = ["select", "in", "returning", "with"];
    let words = words(sql);
    if words.first().is_none_or(|word| word != "insert") || words.iter().any(|word| READING.contains(&word.as_str())) {
        return Ok(Vec::new());
    }
    // The parent's primary key where the foreign key names no column.
    const SQL: &str = "SELECT k.\"table\", coalesce(k.\"to\", p.name) FROM sqlite_schema AS t \
                       JOIN pragma_foreign_key_list(t.name) AS k \
                       LEFT JOIN pragma_table_info(k.\"table\") AS p ON k.\"to\" IS NULL AND p.pk > 0 \
                       WHERE t.type = 'table' AND coalesce(k.\"to\", p.name) IS NOT NULL";
    let mut statement = sqlite.prepare_cached(SQL)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// The words of a statement in lower case, without what is quoted and what is a comment.
fn words(sql: &str) -> Vec<String> {
    let bytes = sql.as_bytes();
    let (mut words, mut at) = (Vec::new(), 0);
    let after = |from: usize, end: &[u8]| {
        bytes[from..]
            .windows(end.len())
            .position(|text| text == end)
            .map_or(bytes.len(), |found| from + found + end.len())
    };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 128;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'' | b'`') => at = after(at + 1, &[quote]),
            b'[' => at = after(at + 1, b"]"),
            b'-' if bytes[at..].starts_with(b"--") => at = after(at, b"\n"),
            b'/' if bytes[at..].starts_with(b"/*") => at = after(at + 2, b"*/"),
            byte if is_word(byte) => {
                let end = bytes[at..].iter().position(|byte| !is_word(*byte)).map_or(bytes.len(), |end| at + end);
                words.push(String::from_utf8_lossy(&bytes[at..end]).to_lowercase());
                at = end;
            }
            _ => at += 1,
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_outside_of_quotes_and_comments() {
        assert_eq!(
            words("INSERT /* select */ INTO \"in\" -- x\n VALUES ('it''s', [a b], `c`)"),
            ["insert", "into", "values"]
        );
        assert!(only_adds("INSERT INTO t VALUES (replace('a', 'b', 'c'))").is_ok());
        assert!(only_adds("INSERT INTO t VALUES ('REPLACE INTO')").is_ok());
        for sql in ["REPLACE INTO t VALUES (1)", "insert or replace/**/into t VALUES (1)"] {
            assert!(only_adds(sql).is_err(), "{sql}");
        }
    }
}
