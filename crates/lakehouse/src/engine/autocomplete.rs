//! How half a statement could go on.
//!
//! The tokens before the caret say what can stand there (`tokens`, `reading`), the catalogs and the statement say what
//! there is of it (`names`), and `ranking` puts the better ones first.

mod keywords;
mod names;
mod ranking;
mod reading;
mod tokens;

use std::time::Duration;

use model::{Suggestion, SuggestionKind};
use tokio::time::timeout;

use self::names::Names;
use self::ranking::Ranking;
use self::reading::{Place, Reading};
use self::tokens::{Caret, Piece};
use super::context::Context;

/// Looking names up ends after this long; what was found by then is suggested.
const PATIENCE: Duration = Duration::from_secs(2);

/// The ways in which `text` could go on at the byte `caret`, best first.
pub async fn suggestions(context: &Context, text: &str, caret: usize, limit: usize) -> Vec<Suggestion> {
    let caret = text.floor_char_boundary(caret);
    let (before, at) = tokens::before(&text[..caret]);
    let Caret::Word { text: typed, start, quoted } = at else { return Vec::new() };
    let mut reading = Reading::new();
    before.iter().for_each(|piece| reading.read(piece));
    let (place, clause) = reading.place();
    let qualifier = qualifier(&before);
    reading.pass_caret();
    tokens::after(text, caret).iter().for_each(|piece| reading.read(piece));

    let lower = ranking::writes_lower(&typed, &before);
    let mut ranking = Ranking::new(typed, start, quoted, lower);
    let mut names = Names::new(context, text, &reading);
    let looked_up = async {
        if qualifier.is_empty() {
            unqualified(&mut names, &mut ranking, &place, &clause).await;
        } else {
            names.qualified(&qualifier, &place, &mut ranking).await;
        }
    };
    // Slow storage is no reason to let the caller wait.
    let _ = timeout(PATIENCE, looked_up).await;
    ranking.best(limit)
}

/// The names before the dots that the word at the caret follows.
fn qualifier(before: &[Piece]) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = before;
    while let [head @ .., name, dot] = rest
        && dot.is(".")
        && let Some(part) = name.name()
    {
        parts.insert(0, part.to_owned());
        rest = head;
    }
    parts
}

async fn unqualified(names: &mut Names<'_>, ranking: &mut Ranking, place: &Place, clause: &str) {
    match place {
        Place::Nothing => {}
        Place::Words(words) => ranking.keywords(words, 0),
        Place::Start => ranking.keywords(keywords::START, 0),
        Place::Type => ranking.all(SuggestionKind::Type, keywords::TYPES, 0),
        Place::AfterTable => ranking.keywords(keywords::AFTER_TABLE, 0),
        Place::Operator => {
            ranking.keywords(keywords::next_clauses(clause), 0);
            ranking.keywords(keywords::OPERATOR, 1);
        }
        Place::Table => names.tables(ranking).await,
        Place::Target => names.target_columns(ranking).await,
        Place::Operand | Place::Opened => {
            if *place == Place::Opened {
                ranking.keywords(keywords::QUERY, 3);
            }
            names.columns(ranking).await;
            names.functions(ranking);
            ranking.keywords(keywords::OPERAND, 3);
            if clause == "SELECT" {
                ranking.keywords(&["DISTINCT"], 3);
            }
            // Only where a word was begun: nobody who has typed nothing yet wants to leave the clause.
            if ranking.has_begun() {
                ranking.keywords(keywords::next_clauses(clause), 4);
            }
        }
    }
}
