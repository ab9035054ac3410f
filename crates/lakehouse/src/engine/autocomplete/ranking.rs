//! Which suggestions fit what was typed, and in which order.

use std::collections::HashSet;

use model::{Suggestion, SuggestionKind};

use super::tokens::Piece;
use crate::engine::words::{in_quotes, quoted};

/// Suggestions that are kept while they are collected; beyond, only better ones would be, and nobody reads that far.
const MOST: usize = 50_000;

/// What fits so far.
pub struct Ranking {
    typed: String,
    start: usize,
    in_quotes: bool,
    lower: bool,
    found: Vec<(Order, Suggestion)>,
}

/// How a name fits what was typed, what it is at this place, and its own order among its kind.
type Order = (u32, u32, usize);

impl Ranking {
    /// Nothing yet, for a word of which `typed` is there and which begins at `start`.
    pub fn new(typed: String, start: usize, in_quotes: bool, lower: bool) -> Self {
        Self { typed, start, in_quotes, lower, found: Vec::new() }
    }

    /// Whether anything of the word is there.
    pub fn has_begun(&self) -> bool {
        !self.typed.is_empty()
    }

    /// Words of SQL, in the case in which the statement has them. `rank` is 0 for what fits the place best.
    pub fn keywords(&mut self, words: &[&str], rank: u32) {
        if self.in_quotes {
            return;
        }
        for (position, word) in words.iter().enumerate() {
            let text = if self.lower { word.to_lowercase() } else { (*word).to_owned() };
            self.add(word, text, SuggestionKind::Keyword, rank, position, None);
        }
    }

    /// Words that are no keywords and need no quotes.
    pub fn all(&mut self, kind: SuggestionKind, words: &[&str], rank: u32) {
        for (position, word) in words.iter().enumerate() {
            self.add(word, (*word).to_owned(), kind, rank, position, None);
        }
    }

    /// A function, with the parenthesis that must follow.
    pub fn function(&mut self, name: &str, kind: SuggestionKind, rank: u32, position: usize) {
        if !self.in_quotes {
            self.add(name, name.to_owned(), kind, rank, position, Some('('));
        }
    }

    /// A name of the catalog, quoted where it must be.
    pub fn name(&mut self, name: &str, kind: SuggestionKind, rank: u32, position: usize) {
        let text = if self.in_quotes { in_quotes(name) } else { quoted(name) };
        let next = matches!(kind, SuggestionKind::Catalog | SuggestionKind::Schema).then_some('.');
        self.add(name, text, kind, rank, position, next);
    }

    fn add(&mut self, name: &str, text: String, kind: SuggestionKind, rank: u32, position: usize, next: Option<char>) {
        let Some(fit) = fit(name, &self.typed) else { return };
        if self.found.len() < MOST {
            let score = fit * 100 + rank * 10;
            self.found.push(((fit, rank, position), Suggestion { text, start: self.start, kind, score, next }));
        }
    }

    /// The best, each text once.
    pub fn best(mut self, limit: usize) -> Vec<Suggestion> {
        self.found.sort_by(|(a, left), (b, right)| a.cmp(b).then_with(|| left.text.cmp(&right.text)));
        let mut seen = HashSet::new();
        let each_once = self.found.into_iter().map(|(_, suggestion)| suggestion);
        each_once.filter(|suggestion| seen.insert(suggestion.text.clone())).take(limit).collect()
    }
}

/// How well a name fits what was typed: 0 where it begins so, then where a part of it does, where it stands anywhere in
/// it, where only its letters do, in their order. Nothing where not even they do.
fn fit(name: &str, typed: &str) -> Option<u32> {
    let (name, typed) = (name.to_lowercase(), typed.to_lowercase());
    if name.starts_with(&typed) {
        return Some(0);
    }
    if name.split(['_', ' ', '.', '-']).any(|part| part.starts_with(&typed)) {
        return Some(1);
    }
    if name.contains(&typed) {
        return Some(2);
    }
    // One letter is in nearly every name, and two are in too many.
    let mut letters = name.chars();
    let scattered = typed.chars().count() > 2
        && name.chars().next() == typed.chars().next()
        && typed.chars().all(|wanted| letters.any(|letter| letter == wanted));
    scattered.then_some(3)
}

/// Whether keywords are to be in small letters: as the word that was begun, else as the last one before it.
pub fn writes_lower(typed: &str, before: &[Piece]) -> bool {
    let small = |word: &str| {
        let mut letters = word.chars().filter(|letter| letter.is_alphabetic()).peekable();
        letters.peek().is_some() && letters.all(char::is_lowercase)
    };
    if typed.chars().any(char::is_alphabetic) {
        return small(typed);
    }
    let keyword = before.iter().rev().find_map(|piece| match &piece.kind {
        super::tokens::PieceKind::Word(word) if is_common(word) => Some(word.as_str()),
        _ => None,
    });
    keyword.is_some_and(small)
}

/// The words that nearly every statement has and that are no names.
fn is_common(word: &str) -> bool {
    const COMMON: &[&str] = &[
        "SELECT", "FROM", "WHERE", "JOIN", "ON", "AND", "OR", "BY", "GROUP", "ORDER", "INSERT", "INTO", "UPDATE",
        "SET", "DELETE", "CREATE", "TABLE", "WITH", "AS", "LEFT", "IS", "NOT", "IN", "CASE", "WHEN", "DROP", "ALTER",
    ];
    COMMON.contains(&word.to_ascii_uppercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_so_goes_before_what_contains_it() {
        let fits = ["temp_max", "max_temp", "attempt", "to_me_put", "wind"].map(|name| fit(name, "temp"));
        assert_eq!(fits, [Some(0), Some(1), Some(2), Some(3), None]);
        assert_eq!(fit("anything", ""), Some(0));
    }

    #[test]
    fn the_place_decides_between_what_fits_alike() {
        let mut ranking = Ranking::new("da".to_owned(), 7, false, false);
        ranking.keywords(&["DATE"], 3);
        ranking.function("date_trunc", SuggestionKind::Function, 2, 0);
        ranking.name("a date", SuggestionKind::Column, 0, 0);
        ranking.name("date", SuggestionKind::Column, 0, 1);
        let texts: Vec<String> = ranking.best(9).into_iter().map(|suggestion| suggestion.text).collect();
        assert_eq!(texts, ["date", "date_trunc", "DATE", "\"a date\""]);
    }
}
