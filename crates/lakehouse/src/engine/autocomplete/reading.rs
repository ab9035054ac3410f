//! Reads a statement from left to right, as far as it goes: which clause the caret stands in, and which tables the
//! statement names.

use super::keywords;
use super::tokens::{Piece, PieceKind};

/// What can stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The beginning of a statement.
    Start,
    /// The beginning of a query, or of an expression: just after a parenthesis.
    Opened,
    /// The name of a table.
    Table,
    /// What goes on from a table.
    AfterTable,
    /// An expression.
    Operand,
    /// What goes on from an expression.
    Operator,
    /// A column of the table that is written to.
    Target,
    /// A type.
    Type,
    /// One of these words alone.
    Words(&'static [&'static str]),
    /// A name that does not exist yet.
    Nothing,
}

/// Something that rows come from: its text in the statement, and how its columns are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// The parts of its name; none for a subquery.
    pub parts: Vec<String>,
    /// First byte of its text.
    pub start: usize,
    /// The byte after its text.
    pub end: usize,
    /// The name that the statement gives it.
    pub alias: Option<String>,
}

/// A table that the statement itself defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defined {
    /// Its name.
    pub name: String,
    /// First byte of the name.
    pub start: usize,
    /// The byte after its definition.
    pub end: usize,
}

/// What one pair of parentheses holds, or the statement itself.
#[derive(Clone, Debug)]
struct Frame {
    /// The word that began the clause.
    clause: String,
    place: Place,
    relations: Vec<Relation>,
    /// Where the parenthesis opened.
    start: usize,
    /// What becomes of the text between the parentheses.
    holds: Holds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Other,
    Definition,
    Subquery,
    Arguments,
}

/// A statement that is being read.
#[derive(Debug)]
pub struct Reading {
    frames: Vec<Frame>,
    last: Option<Piece>,
    before_last: Option<Piece>,
    /// The name after WITH, or after the comma of its list, and where it begins.
    defining: Option<(String, usize)>,
    /// Tables that the statement defines, in order.
    pub defined: Vec<Defined>,
    /// The table that is written to.
    pub target: Option<Relation>,
    /// Relations of the frames that were open at the caret and have been closed.
    closed: Vec<Relation>,
    /// Frames that were open at the caret.
    open_at_caret: Option<usize>,
}

impl Frame {
    fn new(place: Place, start: usize, holds: Holds) -> Self {
        Self { clause: String::new(), place, relations: Vec::new(), start, holds }
    }
}

impl Reading {
    /// Nothing has been read yet.
    pub fn new() -> Self {
        Self {
            frames: vec![Frame::new(Place::Start, 0, Holds::Other)],
            last: None,
            before_last: None,
            defining: None,
            defined: Vec::new(),
            target: None,
            closed: Vec::new(),
            open_at_caret: None,
        }
    }

    /// What can stand here, and the word that began the clause.
    pub fn place(&self) -> (Place, String) {
        (self.top().place.clone(), self.top().clause.clone())
    }

    /// From now on what is read stands after the caret.
    pub fn pass_caret(&mut self) {
        self.open_at_caret = Some(self.frames.len());
        // What will stand at the caret is not there yet: what follows is read as if it were.
        self.last = None;
        let top = self.top_mut();
        if matches!(top.place, Place::Operand | Place::Target) {
            top.place = Place::Operator;
        }
    }

    /// The relations whose columns can be used at the caret, the nearest first.
    pub fn relations(&self) -> Vec<Relation> {
        let open =
            self.frames.iter().take(self.open_at_caret.unwrap_or(usize::MAX)).rev().flat_map(|frame| &frame.relations);
        self.closed.iter().chain(open).cloned().collect()
    }

    /// Reads one token.
    pub fn read(&mut self, piece: &Piece) {
        match &piece.kind {
            PieceKind::Symbol(symbol) => self.symbol(symbol, piece),
            PieceKind::Value => self.top_mut().place = Place::Operator,
            PieceKind::Quoted(_) => self.name(piece),
            PieceKind::Word(word) => {
                let word = word.to_ascii_uppercase();
                if self.after_dot() || !self.keyword(&word, piece) {
                    self.name(piece);
                }
            }
        }
        self.before_last = self.last.replace(piece.clone());
    }

    fn top(&self) -> &Frame {
        self.frames.last().expect("the frame of the statement is never closed")
    }

    fn top_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the frame of the statement is never closed")
    }

    fn after_dot(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.is("."))
    }

    fn last_word(&self) -> String {
        self.last.as_ref().and_then(Piece::word).unwrap_or_default()
    }

    fn enter(&mut self, clause: &str, place: Place) {
        let top = self.top_mut();
        top.clause = clause.to_owned();
        top.place = place;
    }

    /// Reads a word of the language; answers whether it was one here.
    fn keyword(&mut self, word: &str, piece: &Piece) -> bool {
        let last = self.last_word();
        match word {
            "SELECT" => self.enter(word, Place::Operand),
            "FROM" if matches!(last.as_str(), "DISTINCT") && self.is_after_is() => {
                self.top_mut().place = Place::Operand
            }
            "FROM" if self.top().holds == Holds::Arguments && self.top().clause != "SELECT" => {
                self.top_mut().place = Place::Operand;
            }
            "FROM" | "JOIN" | "UPDATE" | "DESCRIBE" | "SUMMARIZE" | "DESC" if word != "DESC" || self.at_start() => {
                self.enter(word, Place::Table);
            }
            "INTO" => self.enter("INTO", Place::Table),
            "TABLE" | "VIEW" => {
                let creates = last == "CREATE" || last == "REPLACE";
                self.enter(word, if creates { Place::Nothing } else { Place::Table });
            }
            "SCHEMA" | "DATABASE" | "USE" => self.enter(word, Place::Table),
            "WHERE" | "HAVING" | "QUALIFY" | "ON" | "LIMIT" | "OFFSET" | "RETURNING" | "VALUES" => {
                self.enter(word, Place::Operand);
            }
            "BY" => {
                let clause = if last.is_empty() { word.to_owned() } else { last };
                self.enter(&clause, Place::Operand);
            }
            "SET" => {
                let updates = self.top().clause == "UPDATE";
                self.enter(word, if updates { Place::Target } else { Place::Nothing });
            }
            "USING" => self.enter(word, Place::Operand),
            "NOT" if last == "IS" => self.top_mut().place = Place::Words(&["NULL", "DISTINCT FROM", "TRUE", "FALSE"]),
            "OR" if last == "CREATE" => self.top_mut().place = Place::Words(&["REPLACE"]),
            "CASE" | "WHEN" | "THEN" | "ELSE" | "AND" | "OR" | "NOT" | "BETWEEN" | "LIKE" | "ILIKE" | "IN"
            | "DISTINCT" | "SIMILAR" => self.top_mut().place = Place::Operand,
            "NULL" | "TRUE" | "FALSE" | "END" | "ASC" | "DESC" | "FIRST" | "LAST" => {
                self.top_mut().place = Place::Operator
            }
            "WITH" | "RECURSIVE" => {
                self.enter("WITH", Place::Nothing);
            }
            "EXISTS" if last == "IF" => self.top_mut().place = Place::Table,
            "EXISTS" if last == "NOT" && matches!(self.top().clause.as_str(), "TABLE" | "VIEW" | "SCHEMA") => {
                self.top_mut().place = Place::Nothing;
            }
            "EXISTS" => self.top_mut().place = Place::Operand,
            "AS" => self.alias_word(),
            "EXPLAIN" | "ANALYZE" if self.at_start() => self.top_mut().place = Place::Start,
            _ => match keywords::after(word) {
                Some(next) if self.follows(word) => self.top_mut().place = Place::Words(next),
                _ => return self.other_keyword(word, piece),
            },
        }
        true
    }

    /// Words that are of the language only in some places.
    fn other_keyword(&mut self, word: &str, _piece: &Piece) -> bool {
        let place = &self.top().place;
        match word {
            "OVER" | "FILTER" if *place == Place::Operator => true,
            "LATERAL" | "ONLY" if *place == Place::Table => true,
            "TO" | "COLUMN" => {
                self.top_mut().place = Place::Target;
                true
            }
            _ => false,
        }
    }

    /// Whether a word that only others can follow stands where it can: `left(x)` and a column `all` are names.
    fn follows(&self, word: &str) -> bool {
        let place = &self.top().place;
        match word {
            "IF" => matches!(place, Place::Table | Place::Nothing | Place::Target),
            "ALL" => matches!(place, Place::Words(_)),
            "REPLACE" => matches!(place, Place::Words(_)) || self.last_word() == "OR",
            _ => *place != Place::Operand && *place != Place::Table || matches!(word, "PARTITION" | "ORDER"),
        }
    }

    fn at_start(&self) -> bool {
        self.top().place == Place::Start
    }

    /// `IS [NOT] DISTINCT`: the FROM that follows names no table.
    fn is_after_is(&self) -> bool {
        let before = self.before_last.as_ref().and_then(Piece::word);
        matches!(before.as_deref(), Some("IS" | "NOT"))
    }

    fn alias_word(&mut self) {
        let place = match self.top().clause.as_str() {
            "WITH" => Place::Opened,
            "TABLE" | "VIEW" => Place::Words(keywords::QUERY),
            _ if self.top().holds == Holds::Arguments && self.top().clause.is_empty() => Place::Type,
            _ => Place::Nothing,
        };
        self.top_mut().place = place;
    }

    fn name(&mut self, piece: &Piece) {
        let Some(name) = piece.name() else { return };
        let after_dot = self.after_dot();
        let as_word = self.last_word() == "AS";
        let top = self.top_mut();
        let relation = || Relation { parts: vec![name.to_owned()], start: piece.start, end: piece.end, alias: None };
        match (&top.place, top.clause.as_str()) {
            (_, "FROM" | "JOIN" | "UPDATE" | "INTO" | "USING" | "TABLE" | "DESCRIBE" | "SUMMARIZE" | "VIEW")
                if after_dot && !top.relations.is_empty() =>
            {
                if let Some(last) = top.relations.last_mut() {
                    last.parts.push(name.to_owned());
                    last.end = piece.end;
                }
            }
            (Place::Table, _) => {
                top.relations.push(relation());
                top.place = Place::AfterTable;
            }
            (Place::AfterTable, _) | (Place::Nothing, "FROM" | "JOIN" | "UPDATE" | "INTO") => {
                if let Some(last) = top.relations.last_mut() {
                    last.alias = Some(name.to_owned());
                }
                top.place = Place::AfterTable;
            }
            (Place::Nothing, "WITH") => self.defining = Some((name.to_owned(), piece.start)),
            (Place::Nothing, "TABLE" | "VIEW") => top.place = Place::Words(&["AS"]),
            (Place::Nothing, _) if as_word => top.place = Place::Operator,
            (Place::Target | Place::Operand | Place::Opened, _) => top.place = Place::Operator,
            _ => {}
        }
        let written = matches!(self.top().clause.as_str(), "INTO" | "UPDATE" | "TABLE");
        if written {
            self.target = self.top().relations.last().cloned();
        }
    }

    fn symbol(&mut self, symbol: &str, piece: &Piece) {
        match symbol {
            "(" | "[" | "{" => self.open(piece),
            ")" | "]" | "}" => self.close(piece),
            "," => {
                let top = self.top_mut();
                top.place = match (top.clause.as_str(), &top.place) {
                    ("FROM" | "JOIN" | "USING", Place::AfterTable) => Place::Table,
                    ("WITH", _) => Place::Nothing,
                    ("SET", _) | ("TARGET", _) => Place::Target,
                    _ => Place::Operand,
                };
            }
            "." => {}
            "::" => self.top_mut().place = Place::Type,
            ";" => *self = Self::new(),
            "*" if matches!(self.top().place, Place::Operand | Place::Opened) => self.top_mut().place = Place::Operator,
            _ => self.top_mut().place = Place::Operand,
        }
    }

    fn open(&mut self, piece: &Piece) {
        let last = self.last.clone();
        let touches_name = last.as_ref().is_some_and(|last| last.name().is_some());
        let last_word = self.last_word();
        let top = self.top();
        let (place, holds, clause) = match (&top.place, top.clause.as_str()) {
            (_, "WITH") if last_word == "AS" => (Place::Start, Holds::Definition, ""),
            (_, "WITH") => (Place::Nothing, Holds::Other, ""),
            (Place::AfterTable, "INTO") => (Place::Target, Holds::Other, "TARGET"),
            (Place::Table, _) => (Place::Opened, Holds::Subquery, ""),
            (Place::Words(_), "TABLE") => (Place::Nothing, Holds::Other, ""),
            (Place::Operator | Place::AfterTable, _) if touches_name => (Place::Operand, Holds::Arguments, ""),
            _ => (Place::Opened, Holds::Other, ""),
        };
        let mut frame = Frame::new(place, piece.end, holds);
        frame.clause = clause.to_owned();
        self.frames.push(frame);
    }

    fn close(&mut self, piece: &Piece) {
        if self.frames.len() == 1 {
            return;
        }
        let Some(frame) = self.frames.pop() else { return };
        if self.open_at_caret.is_some_and(|open| self.frames.len() < open) {
            self.closed.extend(frame.relations);
            self.open_at_caret = Some(self.frames.len());
        }
        let subquery =
            Relation { parts: Vec::new(), start: frame.start.saturating_sub(1), end: piece.end, alias: None };
        let defining = (frame.holds == Holds::Definition).then(|| self.defining.take()).flatten();
        let top = self.top_mut();
        match frame.holds {
            Holds::Subquery => {
                top.relations.push(subquery);
                top.place = Place::AfterTable;
            }
            Holds::Definition => top.place = Place::Words(keywords::QUERY),
            // The call of a function where a table stands.
            Holds::Arguments if top.place == Place::AfterTable => {
                if let Some(last) = top.relations.last_mut() {
                    last.end = piece.end;
                }
            }
            _ if top.clause == "INTO" => top.place = Place::Words(&["VALUES", "SELECT", "FROM", "WITH"]),
            _ if top.clause == "WITH" => {}
            _ => top.place = Place::Operator,
        }
        if let Some((name, start)) = defining {
            self.defined.push(Defined { name, start, end: piece.end });
        }
    }
}
