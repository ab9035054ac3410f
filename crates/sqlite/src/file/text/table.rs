//! CREATE TABLE in its parts, and put together again with other ones.

use std::ops::Range;

use super::super::names::{quote, same};
use super::clause::{Clause, begins, clauses};
use super::scan::{Kind, Scanned};

/// A column as it is written.
#[derive(Clone, Debug)]
pub(crate) struct WrittenColumn {
    /// Its name.
    pub(crate) name: String,
    /// The token that is the name.
    name_at: usize,
    /// The tokens of its type.
    type_at: Range<usize>,
    /// What is said of it beside that.
    pub(crate) clauses: Vec<Clause>,
}

/// A CREATE TABLE statement in its parts.
#[derive(Clone, Debug)]
pub(crate) struct WrittenTable<'a> {
    /// The text and its tokens.
    pub(crate) tokens: Scanned<'a>,
    /// The columns, in order.
    pub(crate) columns: Vec<WrittenColumn>,
    /// What is said of the table.
    pub(crate) constraints: Vec<Clause>,
    /// What stands after the closing bracket: WITHOUT ROWID, STRICT.
    pub(crate) options: &'a str,
}

impl<'a> WrittenTable<'a> {
    /// Takes a statement apart; none where it is another one, or something in it is not understood.
    pub(crate) fn new(sql: &'a str) -> Option<Self> {
        let tokens = Scanned::new(sql).ok()?;
        let mut at = 0;
        if !tokens.is(at, "CREATE") {
            return None;
        }
        at += 1;
        at += usize::from(tokens.is(at, "TEMP") || tokens.is(at, "TEMPORARY"));
        if !tokens.is(at, "TABLE") {
            return None;
        }
        at += 1;
        if tokens.is(at, "IF") && tokens.is(at + 1, "NOT") && tokens.is(at + 2, "EXISTS") {
            at += 3;
        }
        at += if tokens.sign(at + 1, b'.') { 3 } else { 1 };
        if !tokens.sign(at, b'(') {
            return None;
        }
        let close = tokens.close(at)?;
        let mut columns = Vec::new();
        let mut constraints = Vec::new();
        for part in tokens.parts(at + 1..close) {
            if begins_constraint(&tokens, part.start) {
                constraints.extend(clauses(&tokens, part)?);
            } else if constraints.is_empty() {
                let (column, rest) = column(&tokens, part)?;
                columns.push(column);
                constraints.extend(rest);
            } else {
                return None;
            }
        }
        let options = tokens.written(close + 1..tokens.len());
        Some(Self { columns, constraints, options, tokens })
    }

    /// The column of this name.
    pub(crate) fn column(&self, name: &str) -> Option<&WrittenColumn> {
        self.columns.iter().find(|column| same(&column.name, name))
    }

    /// A column as it is written, or with another type, without the clauses that `keep` refuses, and with some more.
    pub(crate) fn column_text(
        &self,
        column: &WrittenColumn,
        declared_type: Option<&str>,
        keep: impl Fn(&Clause) -> bool,
        more: &[String],
    ) -> String {
        let name = self.tokens.written(column.name_at..column.name_at + 1);
        let mut words = vec![name, declared_type.unwrap_or(self.tokens.written(column.type_at.clone()))];
        words.extend(column.clauses.iter().filter(|clause| keep(clause)).map(|clause| self.clause_text(clause)));
        words.extend(more.iter().map(String::as_str));
        words.retain(|word| !word.is_empty());
        words.join(" ")
    }

    /// A clause as it is written.
    pub(crate) fn clause_text(&self, clause: &Clause) -> &'a str {
        self.tokens.written(clause.tokens.clone())
    }

    /// The statement for a table of this name with other parts.
    pub(crate) fn with(&self, name: &str, columns: &[String], constraints: &[String]) -> String {
        let parts: Vec<&str> = columns.iter().chain(constraints).map(String::as_str).collect();
        let options = if self.options.is_empty() { String::new() } else { format!(" {}", self.options) };
        format!("CREATE TABLE {} (\n  {}\n){options}", quote(name), parts.join(",\n  "))
    }
}

fn begins_constraint(tokens: &Scanned<'_>, at: usize) -> bool {
    ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| tokens.is(at, word))
}

/// A column, and the constraints of the table that follow the last one: no comma need stand between.
fn column(tokens: &Scanned<'_>, part: Range<usize>) -> Option<(WrittenColumn, Vec<Clause>)> {
    let name = tokens.name(part.start)?;
    let type_start = part.start + 1;
    let mut type_end = type_start;
    while type_end < part.end && !begins(tokens, type_end) {
        type_end = match tokens.kind(type_end)? {
            Kind::Sign(b'(') => tokens.close(type_end)? + 1,
            Kind::Word | Kind::Quoted | Kind::Text => type_end + 1,
            _ => return None,
        };
    }
    let mut of_table = clauses(tokens, type_end..part.end)?;
    let foreign = of_table.iter().position(|clause| of_the_table(tokens, clause));
    let rest = foreign.map_or_else(Vec::new, |at| of_table.split_off(at));
    Some((WrittenColumn { name, name_at: part.start, type_at: type_start..type_end, clauses: of_table }, rest))
}

/// Whether a clause can only be the table's: it names its columns.
fn of_the_table(tokens: &Scanned<'_>, clause: &Clause) -> bool {
    use super::clause::ClauseKind::{ForeignKey, PrimaryKey, Unique};
    match &clause.kind {
        PrimaryKey(columns) | Unique(columns) => !columns.is_empty(),
        ForeignKey(_) => clause.tokens.clone().any(|at| tokens.is(at, "FOREIGN") && tokens.is(at + 1, "KEY")),
        _ => false,
    }
}
