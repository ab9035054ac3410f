//! Text to tokens, with what the parser does not take as DuckDB writes it put in its own words.

use sqlparser::keywords::Keyword;
use sqlparser::parser::ParserError;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::dialect::Duck;

/// The tokens of a text. The tokenizer resolves the escapes of `E'…'`; the parser takes such strings from other
/// dialects alone, so they go on as plain ones, and so do those between `$$`. `**` is `^`.
pub fn tokens(dialect: &Duck, text: &str) -> Result<Vec<TokenWithSpan>, ParserError> {
    let mut tokens = Tokenizer::new(dialect, text).tokenize_with_location()?;
    for token in &mut tokens {
        match &mut token.token {
            Token::EscapedStringLiteral(value) => token.token = Token::SingleQuotedString(std::mem::take(value)),
            Token::DollarQuotedString(quoted) => {
                token.token = Token::SingleQuotedString(std::mem::take(&mut quoted.value));
            }
            _ => {}
        }
    }
    let mut joined: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match joined.last_mut() {
            Some(last) if last.token == Token::Mul && token.token == Token::Mul => last.token = Token::Caret,
            _ => joined.push(token),
        }
    }
    mark_asof(&mut joined);
    without_materialized(&mut joined);
    select_first(&mut joined);
    Ok(joined)
}

/// `ASOF JOIN` becomes `GLOBAL JOIN`, which DuckDB does not have and the parser keeps: the ASOF that it knows is another.
fn mark_asof(tokens: &mut [TokenWithSpan]) {
    let words: Vec<usize> =
        (0..tokens.len()).filter(|place| !matches!(tokens[*place].token, Token::Whitespace(_))).collect();
    for pair in words.windows(2) {
        if is(&tokens[pair[0]].token, &[Keyword::ASOF])
            && is(&tokens[pair[1]].token, &[Keyword::JOIN, Keyword::LEFT, Keyword::INNER])
        {
            tokens[pair[0]].token = Token::make_keyword("GLOBAL");
        }
    }
}

fn is(token: &Token, keywords: &[Keyword]) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && keywords.contains(&word.keyword))
}

/// `WITH a AS [NOT] MATERIALIZED (…)`: how a table expression is computed is the planner's to choose.
fn without_materialized(tokens: &mut Vec<TokenWithSpan>) {
    let mut place = 0;
    while place < tokens.len() {
        if is(&tokens[place].token, &[Keyword::MATERIALIZED]) {
            let before: Vec<usize> =
                (0..place).rev().filter(|at| !matches!(tokens[*at].token, Token::Whitespace(_))).take(2).collect();
            let not = before.first().is_some_and(|at| is(&tokens[*at].token, &[Keyword::NOT]));
            let as_at = before.get(usize::from(not));
            if as_at.is_some_and(|at| is(&tokens[*at].token, &[Keyword::AS])) {
                tokens.remove(place);
                if not {
                    tokens.remove(before[0]);
                }
                continue;
            }
        }
        place += 1;
    }
}

/// `FROM t WHERE …` is `SELECT * FROM t WHERE …`; the parser knows `FROM t` alone, and `FROM t SELECT …`.
fn select_first(tokens: &mut Vec<TokenWithSpan>) {
    let mut place = 0;
    let mut last: Option<Token> = None;
    while place < tokens.len() {
        let token = tokens[place].token.clone();
        if matches!(token, Token::Whitespace(_)) {
            place += 1;
            continue;
        }
        let begins = match &last {
            None | Some(Token::SemiColon | Token::LParen) => true,
            Some(before) => is(before, &[Keyword::UNION, Keyword::EXPLAIN, Keyword::DESCRIBE]),
        };
        if begins && is(&token, &[Keyword::FROM]) && has_where_and_no_select(&tokens[place + 1..]) {
            let span = tokens[place].span;
            let put = [Token::make_keyword("SELECT"), Token::Mul].map(|token| TokenWithSpan { token, span });
            tokens.splice(place..place, put);
            place += 2;
        }
        last = Some(token);
        place += 1;
    }
}

fn has_where_and_no_select(tokens: &[TokenWithSpan]) -> bool {
    let mut depth = 0_usize;
    let mut found = false;
    for token in tokens {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen if depth == 0 => break,
            Token::RParen => depth -= 1,
            Token::SemiColon if depth == 0 => break,
            token if depth == 0 && is(token, &[Keyword::SELECT]) => return false,
            token if depth == 0 => found |= is(token, &[Keyword::WHERE]),
            _ => {}
        }
    }
    found
}
