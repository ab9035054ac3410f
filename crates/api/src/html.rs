//! HTML by hand: templates with places to fill, and one way for text to come in.

use std::fmt::Write;

/// A piece of HTML. Text gets in through [`Html::text`], which escapes it; everything else is a template of ours.
#[derive(Clone, Debug, Default)]
pub struct Html(String);

impl Html {
    /// Text, which means what it says: nothing in it is markup, not even within the quotes of an attribute.
    pub fn text(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                other => html.push(other),
            }
        }
        Self(html)
    }

    /// Text of a document, where backticks enclose code.
    pub fn prose(text: &str) -> Self {
        let parts = text.split('`').enumerate().map(|(index, part)| match index % 2 {
            0 => Self::text(part),
            _ => Self(format!("<code>{}</code>", Self::text(part).0)),
        });
        parts.collect()
    }

    /// The HTML, written out.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(pieces: I) -> Self {
        Self(pieces.into_iter().map(|piece| piece.0).collect())
    }
}

/// Puts a value at each place `{{name}}` of a template, in one pass: a value with braces in it stays as it is.
///
/// # Panics
/// Where a place has no value: the templates and their values are constants, and every page is tested.
pub fn fill(template: &str, values: &[(&str, Html)]) -> Html {
    let mut pieces = template.split("{{");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").expect("every place of a template is closed");
        let value = values.iter().find(|value| value.0 == name).expect("every place of a template has a value");
        filled.push_str(&value.1.0);
        filled.push_str(rest);
    }
    Html(filled)
}

/// Text as one part of a URL: what has a meaning there is written as `%` and two digits.
pub fn url_part(text: &str) -> String {
    let mut part = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            part.push(byte.into());
        } else {
            write!(part, "%{byte:02X}").expect("a String takes everything");
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let text = Html::text(r#"<script x="1" y='2'>&amp;"#).into_string();
        assert_eq!(text, "&lt;script x=&quot;1&quot; y=&#39;2&#39;&gt;&amp;amp;");
    }

    #[test]
    fn backticks_enclose_code() {
        let prose = Html::prose("send it to `POST /<upload>` & wait").into_string();
        assert_eq!(prose, "send it to <code>POST /&lt;upload&gt;</code> &amp; wait");
    }

    #[test]
    fn a_value_is_not_filled_in_its_turn() {
        let values = [("one", Html::text("{{two}}")), ("two", Html::text("2"))];
        assert_eq!(fill("<p>{{one}}, {{two}}</p>", &values).into_string(), "<p>{{two}}, 2</p>");
    }

    #[test]
    fn parts_of_urls_are_encoded() {
        assert_eq!(url_part("Query: a/b_ü"), "Query%3A%20a%2Fb_%C3%BC");
    }
}
