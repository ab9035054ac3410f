//! What a caller writes of a column, checked before it becomes part of a statement.

use model::{ColumnDraft, Error, Result, check_name};

use super::super::names::{literal, quote};
use super::super::text::{Kind, Scanned};

/// The name that a draft gives.
pub(crate) fn name(draft: &ColumnDraft) -> Result<&str> {
    let name = draft.name.as_deref().ok_or_else(|| Error::invalid("a new column needs a name"))?;
    check_name("column", name)?;
    Ok(name)
}

/// The column of a draft as CREATE TABLE has it.
pub(crate) fn column_text(draft: &ColumnDraft) -> Result<String> {
    let name = name(draft)?;
    let mut words = vec![quote(name), type_text(name, draft.declared_type.as_deref().unwrap_or("TEXT"))?];
    if draft.not_null == Some(true) {
        words.push("NOT NULL".to_owned());
    }
    if draft.unique == Some(true) {
        words.push("UNIQUE".to_owned());
    }
    if let Some(Some(default)) = &draft.default {
        words.push(default_text(name, default)?);
    }
    if let Some(Some(values)) = &draft.one_of {
        words.push(one_of_text(name, values)?);
    }
    words.retain(|word| !word.is_empty());
    Ok(words.join(" "))
}

/// The type: words, and up to two numbers in brackets.
pub(crate) fn type_text(column: &str, written: &str) -> Result<String> {
    let wrong = || {
        Error::invalid(format!(
            "{written:?} is no type for column \"{column}\"; write words such as INTEGER, TEXT or DECIMAL(10, 2)"
        ))
    };
    let written = written.trim();
    let tokens = Scanned::new(written).map_err(|_| wrong())?;
    let words = (0..tokens.len()).take_while(|at| tokens.kind(*at) == Some(Kind::Word)).count();
    let clause = (0..words).any(|at| ENDS_A_TYPE.iter().any(|word| tokens.is(at, word)));
    if tokens.comments || clause || (words == 0 && tokens.len() > 0) || written.contains(char::is_control) {
        return Err(wrong());
    }
    if tokens.len() > words {
        let numbers = tokens.sign(words, b'(') && tokens.close(words) == Some(tokens.len() - 1);
        if !numbers {
            return Err(wrong());
        }
        let parts = tokens.parts(words + 1..tokens.len() - 1);
        let plain = |part: &std::ops::Range<usize>| {
            let signed = tokens.sign(part.start, b'-') || tokens.sign(part.start, b'+');
            part.len() == 1 + usize::from(signed) && tokens.kind(part.end - 1) == Some(Kind::Number)
        };
        if parts.len() > 2 || !parts.iter().all(plain) {
            return Err(wrong());
        }
    }
    Ok(written.to_owned())
}

/// Words that would end the type and begin something else.
const ENDS_A_TYPE: [&str; 13] = [
    "CONSTRAINT",
    "PRIMARY",
    "UNIQUE",
    "NOT",
    "NULL",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "AS",
    "DEFERRABLE",
    "GENERATED",
    "FOREIGN",
];

/// DEFAULT with a literal, or with an expression in brackets.
pub(crate) fn default_text(column: &str, written: &str) -> Result<String> {
    let wrong = || {
        Error::invalid(format!(
            "{written:?} is no default for column \"{column}\"; write a literal such as 0 or 'text', or an expression \
             in brackets"
        ))
    };
    let written = written.trim();
    let tokens = Scanned::new(written).map_err(|_| wrong())?;
    let expression = tokens.len() > 2 && tokens.close(0) == Some(tokens.len() - 1);
    let signed = tokens.sign(0, b'-') || tokens.sign(0, b'+');
    let value = tokens.len() == 1 + usize::from(signed)
        && match tokens.kind(tokens.len() - 1) {
            Some(Kind::Number) => true,
            Some(Kind::Text | Kind::Quoted | Kind::Blob | Kind::Word) => !signed,
            _ => false,
        };
    if !(expression || value) || tokens.comments || written.contains('\0') {
        return Err(wrong());
    }
    Ok(format!("DEFAULT {written}"))
}

/// Whether a default is the same for every row, whenever it is asked.
pub(crate) fn is_literal(written: &str) -> bool {
    let Ok(tokens) = Scanned::new(written.trim()) else { return false };
    let now = ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"].iter().any(|word| tokens.is(0, word));
    !now && !tokens.sign(0, b'(')
}

/// The CHECK that keeps a list of texts.
pub(crate) fn one_of_text(column: &str, values: &[String]) -> Result<String> {
    if values.is_empty() {
        return Err(Error::invalid(format!(
            "the list of values of column \"{column}\" is empty; name at least one, or take the list away"
        )));
    }
    if values.iter().any(|value| value.contains('\0')) {
        return Err(Error::invalid(format!("a value of column \"{column}\" has a NUL character")));
    }
    let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
    Ok(format!("CHECK ({} IN ({}))", quote(column), values.join(", ")))
}
