//! Text in a picture: how wide it is, what fits, and how it is written.

use std::fmt::Write;

/// The longest text that is written, in characters.
const MOST_CHARS: usize = 200;

/// Text without what a picture cannot show: control characters, what XML forbids, and what turns the direction of
/// writing around.
pub fn printable(text: &str) -> String {
    let shown = text.chars().filter_map(|c| match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => None,
        '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => None,
        c => Some(c),
    });
    shown.take(MOST_CHARS).collect::<String>().trim().to_owned()
}

/// Text as XML writes it.
pub fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&#39;"),
            other => xml.push(other),
        }
    }
    xml
}

/// About how wide text is, in pixels, in a font without serifs of this size. The browser chooses the font, so this errs on
/// the wide side.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

fn em(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.3,
        ' ' | 'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' => 0.38,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.92,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0.0,
        // What East Asia writes, and pictures.
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' => 1.02,
        '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f000}'..='\u{3ffff}' => 1.1,
        c if c.is_uppercase() => 0.7,
        _ => 0.57,
    }
}

/// As much of the text as fits, with an ellipsis for the rest.
pub fn shortened(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut left = room - width("…", size);
    let mut kept = String::new();
    for character in text.chars() {
        left -= em(character) * size;
        if left < 0.0 {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// A whole number with its digits in groups: `1,234,567`; four digits stand together, for they may be a year.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A coordinate: as many digits as the eye can see.
pub fn coordinate(value: f64) -> String {
    let mut text = String::new();
    write!(text, "{value:.1}").expect("a String takes everything");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        assert_eq!(escaped("<a b=\"'&\">"), "&lt;a b=&quot;&#39;&amp;&quot;&gt;");
    }

    #[test]
    fn what_cannot_be_shown_is_left_out() {
        assert_eq!(printable("a\u{0}b\nc\u{202e}d\u{ffff} "), "ab cd");
        assert_eq!(printable(&"x".repeat(1_000)).len(), MOST_CHARS);
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        assert_eq!(shortened("Liechtenstein", 12.0, 200.0), "Liechtenstein");
        let short = shortened("Liechtenstein", 12.0, 50.0);
        assert!(short.ends_with('…') && short.starts_with("Lie") && width(&short, 12.0) <= 50.0, "{short}");
        assert_eq!(shortened("x", 12.0, 1.0), "…");
        assert!(width("日本", 10.0) > width("ab", 10.0));
    }

    #[test]
    fn digits_are_grouped_from_five_on() {
        assert_eq!(grouped(2024), "2024");
        assert_eq!(grouped(10_000), "10,000");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }
}
