//! Names in SQL text: which are words of the language, and which have to be quoted.

use sqlparser::keywords::{
    ALL_KEYWORDS, ALL_KEYWORDS_INDEX, RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_IDENTIFIER, RESERVED_FOR_TABLE_ALIAS,
};

/// Words that the grammar takes for themselves wherever a name could stand, beyond those that the parser lists.
const MORE: &[&str] =
    &["AND", "CASE", "CAST", "DISTINCT", "FALSE", "IN", "IS", "LIKE", "NOT", "NULL", "OR", "TABLE", "TRUE"];

/// Whether `name` can stand in a statement as it is.
pub fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    starts && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') && !is_reserved(name)
}

/// `name` as a statement can hold it.
pub fn quoted(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { in_quotes(name) }
}

/// `name` in quotes, needed or not.
pub fn in_quotes(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn is_reserved(name: &str) -> bool {
    let word = name.to_ascii_uppercase();
    if MORE.contains(&word.as_str()) {
        return true;
    }
    let Ok(position) = ALL_KEYWORDS.binary_search(&word.as_str()) else { return false };
    let keyword = ALL_KEYWORDS_INDEX[position];
    [RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_TABLE_ALIAS, RESERVED_FOR_IDENTIFIER]
        .iter()
        .any(|reserved| reserved.contains(&keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_must_be() {
        for plain in ["id", "tempMax", "_x", "date", "name", "n1"] {
            assert_eq!(quoted(plain), plain);
        }
        for (name, expected) in [
            ("a name", "\"a name\""),
            ("1st", "\"1st\""),
            ("select", "\"select\""),
            ("Order", "\"Order\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("née", "\"née\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(name), expected);
        }
    }
}
