//! The function `contains_words(text, words)`: whether each of the words is somewhere in the text, whatever its letter case.
//! SQLite's own functions know the letter case of English letters alone.
//!
//! It is for statements that search. Definitions cannot name it, because the file is to work in other programs.

use std::borrow::Cow;
use std::ffi::c_int;
use std::sync::Arc;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result, ffi};

use crate::guard::Guard;

/// Makes the function known to a connection, whose guard says how long it may work.
pub fn install(connection: &Connection, guard: &Arc<Guard>) -> Result<()> {
    let guard = Arc::clone(guard);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("contains_words", 2, flags, move |context| contains_words(context, &guard))
}

fn contains_words(context: &Context<'_>, guard: &Guard) -> Result<bool> {
    let Some(text) = text(context.get_raw(0)) else { return Ok(false) };
    // To fold the letters of a large cell is one step to SQLite, and asks nobody.
    if guard.must_stop_after(text.len()) {
        return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None));
    }
    let words = words(context, 1)?;
    if words.is_empty() {
        return Ok(true);
    }
    let folded = folded(&text);
    Ok(words.iter().all(|word| folded.contains(word.as_str())))
}

/// The words of an argument, which are found out once for a statement.
fn words(context: &Context<'_>, argument: c_int) -> Result<Arc<Vec<String>>> {
    context.get_or_create_aux(argument, |value| {
        let words = text(value).unwrap_or_default();
        Ok::<_, Error>(words.split_whitespace().map(folded).collect())
    })
}

fn text(value: ValueRef<'_>) -> Option<Cow<'_, str>> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes)),
        ValueRef::Integer(number) => Some(number.to_string().into()),
        ValueRef::Real(number) => Some(number.to_string().into()),
        ValueRef::Null => None,
    }
}

/// Texts that differ in letter case alone are the same afterwards: by way of upper case, since `ς` and `σ` have one `Σ`.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::guard::Guard;
    use super::install;

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        let guard = Guard::install(&connection).unwrap();
        install(&connection, &guard).unwrap();
        connection
    }

    #[test]
    fn letter_case_does_not_matter_in_any_alphabet() {
        let connection = connection();
        for (text, words, found) in [
            ("The Red Planet", "RED the", true),
            ("The Red Planet", "red moon", false),
            ("Ärger", "ä", true),
            ("käse", "KÄSE", true),
            ("Straße", "STRASSE", true),
            ("ΟΔΟΣ", "οδος", true),
            ("οδοσα", "ΟΔΟΣ", true),
            ("Живот", "жИВОТ", true),
            ("Ä", "a", false),
            ("日本", "本", true),
            ("anything", " \u{a0}\n", true),
            ("", "x", false),
        ] {
            let sql = "SELECT contains_words(?1, ?2)";
            let answer: bool = connection.query_row(sql, [text, words], |row| row.get(0)).unwrap();
            assert_eq!(answer, found, "{text:?} {words:?}");
        }
        let others: String = connection
            .query_row(
                "SELECT contains_words(NULL, 'x') || contains_words(1234, 23) || contains_words(0.5, '.5') || \
                 contains_words(x'ff41', 'a')",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(others, "0111");
    }

    #[test]
    fn no_definition_names_it() {
        let connection = connection();
        connection.execute_batch("CREATE TABLE t (a); CREATE VIEW v AS SELECT contains_words(a, 'x') FROM t").unwrap();
        for sql in ["SELECT * FROM v", "CREATE INDEX i ON t (contains_words(a, 'x'))"] {
            let refused = connection.prepare(sql).map(drop).unwrap_err().to_string();
            assert!(refused.contains("unsafe use") || refused.contains("prohibited"), "{sql}: {refused}");
        }
    }
}
