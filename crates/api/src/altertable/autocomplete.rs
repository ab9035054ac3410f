//! `POST /autocomplete`

use std::collections::HashMap;

use model::{Query, SuggestionKind};
use poem_openapi::{Object, OpenApi, payload};
use serde::Deserialize;
use services::Queries;

use super::signed_in::SignedIn;
use super::{Json, Reply, Tag};
use crate::count::Count;
use crate::one_of::{OneOf, Words};

/// Suggestions where the request does not say how many.
const USUAL: u64 = 20;
/// Suggestions at most.
const MOST: u64 = 200;

/// Half a statement. Unknown properties are ignored, and null is the same as absent.
#[derive(Clone, Debug, Object, Deserialize)]
#[oai(skip_serializing_if_is_none)]
pub struct AutocompleteRequest {
    /// SQL in DuckDB's dialect, as far as it was typed.
    statement: String,
    /// The catalog in which unqualified names are looked up. Default: `lakehouse`.
    catalog: Option<String>,
    /// The schema in which unqualified names are looked up. Default: `main`.
    schema: Option<String>,
    /// Accepted without effect: sessions keep no state.
    session_id: Option<String>,
    /// At most this many suggestions. Default, also for 0: 20; more than 200 are 200.
    max_suggestions: Option<Count>,
    /// Where the caret stands, in bytes from the beginning of the statement. What comes after it is looked at, too, so that
    /// columns are known before the caret has come to FROM. Default: the end of the statement.
    cursor: Option<Count>,
}

/// The ways in which a statement could go on.
#[derive(Clone, Debug, Object)]
pub struct AutocompleteReply {
    /// Best first.
    suggestions: Vec<AutocompleteSuggestion>,
    /// What was to be completed.
    statement: String,
    /// Errors of attached connections by their name; always empty.
    connections_errors: HashMap<String, String>,
}

/// A way in which a statement could go on.
#[derive(Clone, Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct AutocompleteSuggestion {
    /// The text, quoted where it must be.
    suggestion: String,
    /// Where the text goes, in bytes from the beginning of the statement: it takes the place of what stands from there to
    /// the caret.
    suggestion_start: Count,
    /// What it is.
    suggestion_type: OneOf<Kind>,
    /// The lower, the better.
    suggestion_score: Count,
    /// A character that has to follow, such as the dot after a schema.
    extra_char: Option<String>,
}

/// What suggestions name, in DuckDB's words.
#[derive(Clone, Copy, Debug)]
pub enum Kind {}

impl Words for Kind {
    const WORDS: &'static [&'static str] = &[
        "keyword",
        "catalog_name",
        "schema_name",
        "table_name",
        "column_name",
        "type_name",
        "scalar_function",
        "table_function",
    ];
}

/// The operation on half statements.
pub struct AutocompleteApi {
    pub(super) queries: Queries,
}

#[OpenApi(tag = "Tag::Query")]
impl AutocompleteApi {
    /// Complete a SQL statement
    ///
    /// Suggests how half a statement could go on: keywords that can stand there, columns of the tables in the statement,
    /// tables, schemas, catalogs and functions. Keywords are written in the case of those that are there. A statement
    /// that makes no sense has no suggestions.
    #[oai(path = "/autocomplete", method = "post", operation_id = "complete_statement")]
    async fn complete(
        &self,
        SignedIn(me): SignedIn,
        request: Json<AutocompleteRequest>,
    ) -> Reply<payload::Json<AutocompleteReply>> {
        let AutocompleteRequest { statement, catalog, schema, session_id: _, max_suggestions, cursor } = request.value;
        let query = Query { catalog, schema, ..Query::new(statement.clone()) };
        let (cursor, limit) = (caret(cursor, &statement), limit(max_suggestions));
        let suggestions = self.queries.autocomplete(&me, query, cursor, limit).await?;
        let suggestions = suggestions.into_iter().map(AutocompleteSuggestion::from).collect();
        Ok(payload::Json(AutocompleteReply { suggestions, statement, connections_errors: HashMap::new() }))
    }
}

fn caret(cursor: Option<Count>, statement: &str) -> usize {
    let end = statement.len();
    cursor.map_or(end, |cursor| usize::try_from(cursor.0).unwrap_or(end).min(end))
}

fn limit(asked: Option<Count>) -> usize {
    let wanted = asked.map_or(USUAL, |count| if count.0 == 0 { USUAL } else { count.0.min(MOST) });
    usize::try_from(wanted).unwrap_or(usize::MAX)
}

impl From<model::Suggestion> for AutocompleteSuggestion {
    fn from(suggestion: model::Suggestion) -> Self {
        let word = match suggestion.kind {
            SuggestionKind::Keyword => "keyword",
            SuggestionKind::Catalog => "catalog_name",
            SuggestionKind::Schema => "schema_name",
            SuggestionKind::Table => "table_name",
            SuggestionKind::Column => "column_name",
            SuggestionKind::Type => "type_name",
            SuggestionKind::Function => "scalar_function",
            SuggestionKind::TableFunction => "table_function",
        };
        Self {
            suggestion: suggestion.text,
            suggestion_start: Count(suggestion.start as u64),
            suggestion_type: OneOf::new(word),
            suggestion_score: Count(u64::from(suggestion.score)),
            extra_char: suggestion.next.map(String::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_zero_are_twenty_and_two_hundred_is_the_most() {
        let limits =
            [None, Some(0), Some(1), Some(200), Some(201), Some(u64::MAX)].map(|count| limit(count.map(Count)));
        assert_eq!(limits, [20, 20, 1, 200, 200, 200]);
    }
}
