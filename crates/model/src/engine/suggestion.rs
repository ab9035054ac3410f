//! How a statement could go on.

/// A way in which half a statement could go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The text, quoted where it must be.
    pub text: String,
    /// The byte of the statement from which on the text takes the place of what is there.
    pub start: usize,
    /// What it is.
    pub kind: SuggestionKind,
    /// The lower, the better.
    pub score: u32,
    /// A character that must follow before anything else can, such as the dot after a schema.
    pub next: Option<char>,
}

/// What a suggestion names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SuggestionKind {
    /// A word of SQL.
    Keyword,
    /// A database.
    Catalog,
    /// A schema.
    Schema,
    /// A table, a view, or a table that the statement itself defines.
    Table,
    /// A column.
    Column,
    /// A type.
    Type,
    /// A function of values.
    Function,
    /// A function that stands where a table can.
    TableFunction,
}
