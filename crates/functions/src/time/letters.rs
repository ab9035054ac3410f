//! The letters of `strftime` and `strptime`.

use chrono::format::{Item, StrftimeItems};

/// The items of a format, with DuckDB's own letters in chrono's.
///
/// # Errors
/// The directive that is none.
pub fn items(format: &str) -> Result<Vec<Item<'static>>, String> {
    let mut translated = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        translated.push(c);
        if c != '%' {
            continue;
        }
        match chars.next() {
            // Microseconds, milliseconds and nanoseconds, six, three and nine digits.
            Some('f') => translated.push_str("6f"),
            Some('g') => translated.push_str("3f"),
            Some('n') => translated.push_str("9f"),
            Some('Z') => translated.push('Z'),
            Some(letter) => translated.push(letter),
            None => return Err("%".to_owned()),
        }
    }
    let items: Vec<Item> = StrftimeItems::new(&translated).map(Item::to_owned).collect();
    match items.iter().any(|item| matches!(item, Item::Error)) {
        true => Err(format.to_owned()),
        false => Ok(items),
    }
}
