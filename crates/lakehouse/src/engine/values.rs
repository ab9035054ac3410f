//! VALUES with subqueries: the planner computes its rows before any query has run, so those that ask one become a SELECT.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Ident, Select, SelectItem, SetExpr, SetOperator, SetQuantifier, Statement, Values, visit_expressions,
};

use super::parse;

/// Turns each row that has a subquery, anywhere in the set operations of a query, into a query of its own.
pub fn spread(body: &mut SetExpr) {
    match body {
        SetExpr::Values(values) if values.rows.iter().any(|row| row.content.iter().any(asks)) => {
            *body = union(queries(values.clone()));
        }
        SetExpr::SetOperation { left, right, .. } => {
            spread(left);
            spread(right);
        }
        _ => {}
    }
}

/// Whether a query stands in an expression.
fn asks(expr: &Expr) -> bool {
    let found = |part: &Expr| if parse::has_query(part) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    visit_expressions(expr, found).is_break()
}

/// The rows in order: a SELECT for each that asks, VALUES for those between.
fn queries(values: Values) -> Vec<SetExpr> {
    let Values { explicit_row, value_keyword, rows } = values;
    let mut queries = Vec::new();
    let mut plain = Vec::new();
    let together = |rows| SetExpr::Values(Values { explicit_row, value_keyword, rows });
    for row in rows {
        if row.content.iter().any(asks) {
            if !plain.is_empty() {
                queries.push(together(std::mem::take(&mut plain)));
            }
            queries.push(select(row.content));
        } else {
            plain.push(row);
        }
    }
    if !plain.is_empty() {
        queries.push(together(plain));
    }
    queries
}

/// One row, under the names that VALUES gives its columns.
fn select(row: Vec<Expr>) -> SetExpr {
    let mut select = empty_select();
    let named = |(place, expr)| SelectItem::ExprWithAlias { expr, alias: Ident::new(format!("column{}", place + 1)) };
    select.projection = row.into_iter().enumerate().map(named).collect();
    SetExpr::Select(select)
}

/// A SELECT with nothing but its columns. The type has no default; the parser makes one.
fn empty_select() -> Box<Select> {
    let parsed = parse::statements("SELECT 1").expect("SELECT 1 is SQL").pop();
    if let Some(Statement::Query(query)) = parsed
        && let SetExpr::Select(select) = *query.body
    {
        return select;
    }
    unreachable!("SELECT 1 is a query of one SELECT")
}

/// All of them, joined in halves: what walks the tree recurses, and there may be thousands.
fn union(mut queries: Vec<SetExpr>) -> SetExpr {
    if queries.len() == 1 {
        return queries.remove(0);
    }
    let right = queries.split_off(queries.len() / 2);
    SetExpr::SetOperation {
        left: Box::new(union(queries)),
        op: SetOperator::Union,
        set_quantifier: SetQuantifier::All,
        right: Box::new(union(right)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_ask_are_queries_and_the_others_stay() {
        for (given, spread_out) in [
            ("VALUES (1, 2), (3, 4)", "VALUES (1, 2), (3, 4)"),
            ("VALUES ((SELECT 1), 2)", "SELECT (SELECT 1) AS column1, 2 AS column2"),
            (
                "VALUES (1), (2), (-(SELECT 3)), (4)",
                "VALUES (1), (2) UNION ALL SELECT -(SELECT 3) AS column1 UNION ALL VALUES (4)",
            ),
            ("SELECT 1 UNION VALUES (EXISTS (SELECT 1))", "SELECT 1 UNION SELECT EXISTS (SELECT 1) AS column1"),
        ] {
            let Some(Statement::Query(mut query)) = parse::statements(given).unwrap().pop() else { panic!("{given}") };
            spread(&mut query.body);
            assert_eq!(query.to_string(), spread_out);
        }
    }
}
