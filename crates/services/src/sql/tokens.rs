//! The words of SQL as SQLite reads them. Nothing is understood here: what a statement means its database decides.

/// A piece of SQL that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or keyword without quotes.
    Word(String),
    /// A name in `"…"`, `[…]` or `` `…` ``, or text in `'…'`, which SQLite takes for a name where one must be.
    Quoted(String),
    /// Any other character.
    Mark(char),
}

impl Token {
    /// Whether it is this keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// The name that it can be.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Word(text) | Self::Quoted(text) => Some(text),
            Self::Mark(_) => None,
        }
    }
}

/// The tokens of `sql`, comments and white space left out. What is not closed goes to the end.
pub(super) fn tokens(sql: &str) -> impl Iterator<Item = Token> + '_ {
    let mut rest = sql;
    std::iter::from_fn(move || {
        rest = skipped(rest);
        let first = rest.chars().next()?;
        let (token, after) = match first {
            '"' | '\'' | '`' => quoted(rest, first),
            '[' => {
                let inside = &rest[1..];
                let end = inside.find(']').unwrap_or(inside.len());
                (Token::Quoted(inside[..end].to_owned()), inside.get(end + 1..).unwrap_or_default())
            }
            _ if is_of_word(first) => {
                let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), &rest[end..])
            }
            _ => (Token::Mark(first), &rest[first.len_utf8()..]),
        };
        rest = after;
        Some(token)
    })
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// Text after white space and comments.
fn skipped(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\u{feff}');
        let after = if let Some(comment) = rest.strip_prefix("--") {
            comment.find('\n').map(|end| &comment[end..])
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map(|end| &comment[end + 2..])
        } else {
            return rest;
        };
        rest = after.unwrap_or_default();
    }
}

/// What stands in quotes, a doubled one being one of it.
fn quoted(text: &str, quote: char) -> (Token, &str) {
    let mut inside = String::new();
    let mut rest = &text[1..];
    loop {
        let Some(end) = rest.find(quote) else {
            inside.push_str(rest);
            return (Token::Quoted(inside), "");
        };
        inside.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix(quote) {
            Some(more) => {
                inside.push(quote);
                rest = more;
            }
            None => return (Token::Quoted(inside), rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_texts_and_comments_are_told_apart() {
        let word = |text: &str| Token::Word(text.to_owned());
        let quoted = |text: &str| Token::Quoted(text.to_owned());
        let sql = "SELECT \"a\"\"b\",[c d] -- 'x'\n/* ; */ FROM `e` WHERE x='it''s'; é";
        let expected = vec![
            word("SELECT"),
            quoted("a\"b"),
            Token::Mark(','),
            quoted("c d"),
            word("FROM"),
            quoted("e"),
            word("WHERE"),
            word("x"),
            Token::Mark('='),
            quoted("it's"),
            Token::Mark(';'),
            word("é"),
        ];
        assert_eq!(tokens(sql).collect::<Vec<_>>(), expected);
        assert_eq!(tokens("'open").collect::<Vec<_>>(), [quoted("open")]);
        assert_eq!(tokens("/* open").count(), 0);
    }

    proptest! {
        #[test]
        fn any_text_has_an_end(sql in "(?s)[a\"'`\\[\\]\\-/*;\\n é]{0,30}") {
            prop_assert!(tokens(&sql).count() <= sql.chars().count());
        }
    }
}
