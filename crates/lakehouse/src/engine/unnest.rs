//! `unnest` in FROM: of a list that is written there, or of a column of a table before it.

use std::ops::ControlFlow;

use model::name_key;
use sqlparser::ast::{
    Expr, FunctionArg, Ident, Select, Statement, TableAlias, TableFactor, VisitMut, VisitorMut, visit_expressions,
};

use super::parse;

/// Puts queries in the place of the calls, before names are looked up: `unnest` is no table.
pub fn in_from(statement: &mut Statement) {
    let _ = VisitMut::visit(statement, &mut Unnesting);
}

struct Unnesting;

impl VisitorMut for Unnesting {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        while let Some((place, table)) = of_column(select) {
            beside(select, place, table);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let Some((args, alias)) = unnested(factor) else { return ControlFlow::Continue(()) };
        let text = format!("SELECT unnest({}) AS unnest", joined(args));
        let alias = alias.clone().or_else(|| parse::alias("unnest"));
        if let Ok(Some(Statement::Query(subquery))) = parse::statements(&text).map(|mut statements| statements.pop()) {
            *factor = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
        }
        ControlFlow::Continue(())
    }
}

fn joined(args: &[FunctionArg]) -> String {
    args.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ")
}

fn unnested(factor: &TableFactor) -> Option<(&Vec<FunctionArg>, &Option<TableAlias>)> {
    match factor {
        TableFactor::Table { name, alias, args: Some(args), .. } if name.to_string().eq_ignore_ascii_case("unnest") => {
            Some((&args.args, alias))
        }
        _ => None,
    }
}

/// The first `unnest` in FROM that is of a column, and the table before it that the column is of.
fn of_column(select: &Select) -> Option<(usize, usize)> {
    for (place, from) in select.from.iter().enumerate().skip(1) {
        let Some((args, _)) = unnested(&from.relation) else { continue };
        let mut tables = Vec::new();
        let _ = visit_expressions(args, |expr| {
            match expr {
                Expr::CompoundIdentifier(idents) => tables.push(Some(name_key(&idents[0].value))),
                Expr::Identifier(_) => tables.push(None),
                _ => {}
            }
            ControlFlow::<()>::Continue(())
        });
        let table = match tables.first()? {
            Some(name) => (0..place).find(|before| name_of(&select.from[*before].relation).as_ref() == Some(name)),
            None => Some(place - 1),
        };
        if let Some(table) = table.filter(|table| name_of(&select.from[*table].relation).is_some()) {
            return Some((place, table));
        }
    }
    None
}

fn name_of(factor: &TableFactor) -> Option<String> {
    match factor {
        TableFactor::Table { alias: Some(alias), .. } | TableFactor::Derived { alias: Some(alias), .. } => {
            Some(name_key(&alias.name.value))
        }
        TableFactor::Table { name, args: None, .. } => Some(name_key(&name.0.last()?.as_ident()?.value)),
        _ => None,
    }
}

/// `FROM p, unnest(p.tags) u(tag)` is `FROM (SELECT *, unnest(p.tags) AS tag FROM p) p`, and `u.tag` is `p.tag`.
fn beside(select: &mut Select, place: usize, table: usize) {
    let factor = select.from.remove(place);
    let Some((args, alias)) = unnested(&factor.relation) else { return };
    let (own, column) = match alias {
        Some(alias) => {
            let column = alias.columns.first().map_or("unnest", |column| column.name.value.as_str());
            (alias.name.value.clone(), column.to_owned())
        }
        None => ("unnest".to_owned(), "unnest".to_owned()),
    };
    let relation = &mut select.from[table].relation;
    let Some(name) = name_of(relation) else { return };
    let column = Ident::with_quote('"', column);
    let text = format!("SELECT *, unnest({}) AS {column} FROM {relation}", joined(args));
    if let Ok(Some(Statement::Query(subquery))) = parse::statements(&text).map(|mut statements| statements.pop()) {
        let alias = parse::alias(&Ident::with_quote('"', name.clone()).to_string());
        *relation = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
    }
    let mut renaming = Renaming { from: name_key(&own), to: name };
    let _ = VisitMut::visit(select, &mut renaming);
}

struct Renaming {
    from: String,
    to: String,
}

impl VisitorMut for Renaming {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(idents) = expr
            && name_key(&idents[0].value) == self.from
        {
            idents[0] = Ident::with_quote('"', self.to.clone());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_unnested_beside_its_table() {
        let written = |sql: &str| {
            let mut statement = parse::statements(sql).unwrap().pop().unwrap();
            in_from(&mut statement);
            statement.to_string()
        };
        assert_eq!(
            written("SELECT u.tag FROM posts p, unnest(p.tags) u(tag)"),
            "SELECT \"p\".tag FROM (SELECT *, unnest(p.tags) AS \"tag\" FROM posts p) AS \"p\""
        );
        assert_eq!(written("SELECT * FROM unnest([1])"), "SELECT * FROM (SELECT unnest([1]) AS unnest) AS unnest");
    }
}
