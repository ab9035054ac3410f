//! `a ASOF JOIN b ON a.key = b.key AND a.at >= b.at`: to each row the one before it in time.
//!
//! Each row of the right side holds until the next of the same key. With that end beside it, it is a plain join.

use model::{Error, Result, name_key};
use sqlparser::ast::{
    BinaryOperator, ExcludeSelectItem, Expr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, Select, SelectItem,
    Statement, TableFactor,
};

use super::parse;

/// The column with the end. No one is to see it.
const END: &str = "asof end";

/// Writes the ASOF joins of a SELECT out. The parser marks them with `GLOBAL`, which `parse` puts in the place of `ASOF`.
pub fn write_out(select: &mut Select) -> Result<()> {
    let mut found = false;
    for table in &mut select.from {
        let left = name_of(&table.relation);
        for join in &mut table.joins {
            if std::mem::take(&mut join.global) {
                found = true;
                using_as_on(join, left.as_deref());
                write_join(join)?;
            }
        }
    }
    if found {
        select.projection.iter_mut().for_each(without_end);
    }
    Ok(())
}

fn refused(why: &str) -> Error {
    Error::unsupported(format!(
        "Not implemented Error: ASOF JOIN {why}; write a ASOF JOIN b ON a.key = b.key AND a.at >= b.at"
    ))
}

/// `USING (key, at)`: all but the last are equal, the last is `>=`.
fn using_as_on(join: &mut Join, left: Option<&str>) {
    let (Some(left), Some(right)) = (left, name_of(&join.relation)) else { return };
    let (JoinOperator::Join(constraint)
    | JoinOperator::Inner(constraint)
    | JoinOperator::Left(constraint)
    | JoinOperator::LeftOuter(constraint)) = &mut join.join_operator
    else {
        return;
    };
    let JoinConstraint::Using(columns) = constraint else { return };
    let (left, right) = (Ident::with_quote('"', left), Ident::with_quote('"', right));
    let last = columns.len().saturating_sub(1);
    let part = |(place, column): (usize, &ObjectName)| {
        format!("{left}.{column} {} {right}.{column}", if place == last { ">=" } else { "=" })
    };
    let text = columns.iter().enumerate().map(part).collect::<Vec<String>>().join(" AND ");
    if let Ok(condition) = parse::expression(&text) {
        *constraint = JoinConstraint::On(condition);
    }
}

fn write_join(join: &mut Join) -> Result<()> {
    let right =
        name_of(&join.relation).ok_or_else(|| refused("takes a table, or a query with a name, on its right side"))?;
    let constraint = match &mut join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint) => constraint,
        _ => return Err(refused("is an inner or a LEFT join")),
    };
    let JoinConstraint::On(condition) = constraint else {
        return Err(refused("takes its condition after ON"));
    };
    let mut keys = Vec::new();
    let mut times = Vec::new();
    for part in conjunction(condition) {
        let Expr::BinaryOp { left, op, right: other } = part else {
            return Err(refused("takes comparisons joined by AND"));
        };
        let (own, op, others) = match (is_of(left, &right), is_of(other, &right)) {
            (false, true) => (other, op.clone(), left),
            (true, false) => (left, turned(op), other),
            _ => return Err(refused("compares columns with their tables before them, left with right")),
        };
        match op {
            BinaryOperator::Eq => keys.push(own.to_string()),
            BinaryOperator::Gt | BinaryOperator::GtEq | BinaryOperator::Lt | BinaryOperator::LtEq => {
                times.push((own.to_string(), op, others.to_string()));
            }
            _ => return Err(refused("compares with =, and once with >=, >, <= or <")),
        }
    }
    let [(own, op, other)] = times.as_slice() else { return Err(refused("has one condition with >=, >, <= or <")) };
    let by = if keys.is_empty() { String::new() } else { format!("PARTITION BY {} ", keys.join(", ")) };
    let (function, within) = match op {
        BinaryOperator::GtEq => ("lead", "<"),
        BinaryOperator::Gt => ("lead", "<="),
        BinaryOperator::LtEq => ("lag", ">"),
        _ => ("lag", ">="),
    };
    let alias = Ident::with_quote('"', right);
    let text = format!(
        "SELECT 1 FROM a JOIN (SELECT *, {function}({own}) OVER ({by}ORDER BY {own}) AS \"{END}\" FROM {}) AS {alias} \
         ON {condition} AND ({other} {within} {alias}.\"{END}\" OR {alias}.\"{END}\" IS NULL)",
        join.relation
    );
    let Some(Statement::Query(query)) = parse::statements(&text)?.pop() else { return Ok(()) };
    if let sqlparser::ast::SetExpr::Select(mut select) = *query.body
        && let Some(written) = select.from.pop().and_then(|mut from| from.joins.pop())
    {
        join.relation = written.relation;
        if let JoinOperator::Join(JoinConstraint::On(all)) = written.join_operator {
            *condition = all;
        }
    }
    Ok(())
}

fn name_of(factor: &TableFactor) -> Option<String> {
    match factor {
        TableFactor::Table { alias: Some(alias), .. } | TableFactor::Derived { alias: Some(alias), .. } => {
            Some(alias.name.value.clone())
        }
        TableFactor::Table { name, .. } => Some(name.0.last()?.as_ident()?.value.clone()),
        _ => None,
    }
}

fn conjunction(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            let mut parts = conjunction(left);
            parts.extend(conjunction(right));
            parts
        }
        Expr::Nested(inner) => conjunction(inner),
        other => vec![other],
    }
}

fn is_of(expr: &Expr, table: &str) -> bool {
    match expr {
        Expr::CompoundIdentifier(idents) => {
            idents.first().is_some_and(|first| name_key(&first.value) == name_key(table))
        }
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => is_of(inner, table),
        Expr::BinaryOp { left, right, .. } => is_of(left, table) || is_of(right, table),
        _ => false,
    }
}

fn turned(op: &BinaryOperator) -> BinaryOperator {
    match op {
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::GtEq => BinaryOperator::LtEq,
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::LtEq => BinaryOperator::GtEq,
        other => other.clone(),
    }
}

fn without_end(item: &mut SelectItem) {
    let options = match item {
        SelectItem::Wildcard(options) | SelectItem::QualifiedWildcard(_, options) => options,
        _ => return,
    };
    let end = ObjectName::from(vec![Ident::with_quote('"', END)]);
    let mut names = match options.opt_exclude.take() {
        Some(ExcludeSelectItem::Single(name)) => vec![name],
        Some(ExcludeSelectItem::Multiple(names)) => names,
        None => Vec::new(),
    };
    names.push(end);
    options.opt_exclude = Some(ExcludeSelectItem::Multiple(names));
}
