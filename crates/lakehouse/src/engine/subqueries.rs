//! Subqueries and joins as the planner takes them: EXISTS in the columns of a SELECT, `(a, b) IN (SELECT …)`, and
//! `SEMI JOIN` and `ANTI JOIN` without a side.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, Ident, Join, JoinOperator, Query, Select, SelectItem, SetExpr, Statement,
    TableAliasColumnDef, TableFactor, UnaryOperator, Value, VisitMut, VisitorMut,
};

use super::change::syntax::{and, equal, parsed, select_of};
use super::rewrite::exact;

/// The name of the rows that a row of several values is looked for in.
const AMONG: &str = "__boathouse_among";

/// Rewrites them wherever they stand in a statement.
pub fn fit(statement: &mut Statement) {
    let _ = VisitMut::visit(statement, &mut Fitting);
}

struct Fitting;

impl VisitorMut for Fitting {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::NestedJoin { table_with_joins, .. } = factor {
            table_with_joins.joins.iter_mut().for_each(take_side);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        select.from.iter_mut().flat_map(|table| &mut table.joins).for_each(take_side);
        for item in &mut select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    // The column is called after what the statement says, not after what becomes of it.
                    let name = expr.to_string();
                    if count_rows(expr) {
                        *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias: exact(&name) };
                    }
                }
                SelectItem::ExprWithAlias { expr, .. } => {
                    count_rows(expr);
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::InSubquery { expr: values, subquery, negated } = expr
            && let Expr::Tuple(values) = values.as_mut()
        {
            spread_row(subquery, values.len());
            *expr = among(std::mem::take(values), std::mem::replace(subquery, Box::new(parsed("SELECT 1"))), *negated);
        }
        ControlFlow::Continue(())
    }
}

/// DuckDB's semi join keeps rows of the left side.
fn take_side(join: &mut Join) {
    join.join_operator = match std::mem::replace(&mut join.join_operator, JoinOperator::CrossApply) {
        JoinOperator::Semi(constraint) => JoinOperator::LeftSemi(constraint),
        JoinOperator::Anti(constraint) => JoinOperator::LeftAnti(constraint),
        other => other,
    };
}

/// A query of one column that is a row of so many values is one of as many columns.
fn spread_row(query: &mut Query, width: usize) {
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    if let [SelectItem::UnnamedExpr(Expr::Tuple(values))] = select.projection.as_mut_slice()
        && values.len() == width
    {
        let values = std::mem::take(values);
        select.projection = values.into_iter().map(SelectItem::UnnamedExpr).collect();
    }
}

/// `(a, b) IN (query)`: whether a row of the query has these values. With NOT, a comparison that is neither true nor
/// false counts as found, because the answer is then NULL and not true.
fn among(values: Vec<Expr>, subquery: Box<Query>, negated: bool) -> Expr {
    let mut query = parsed(&format!("SELECT 1 FROM (SELECT 1) AS {AMONG}"));
    let select = select_of(&mut query);
    let name = |position: usize| format!("__boathouse_value_{position}");
    if let Some(table) = select.from.first_mut()
        && let TableFactor::Derived { subquery: inner, alias: Some(alias), .. } = &mut table.relation
    {
        *inner = subquery;
        let column = |position| TableAliasColumnDef { name: exact(&name(position)), data_type: None };
        alias.columns = (0..values.len()).map(column).collect();
    }
    let pairs = values.into_iter().enumerate().map(|(position, value)| {
        equal(Expr::CompoundIdentifier(vec![Ident::new(AMONG), exact(&name(position))]), Expr::Nested(Box::new(value)))
    });
    let same = pairs.reduce(and);
    select.selection = match negated {
        true => same.map(|same| Expr::IsNotFalse(Box::new(Expr::Nested(Box::new(same))))),
        false => same,
    };
    Expr::Exists { subquery: Box::new(query), negated }
}

/// Puts counts in the place of EXISTS in an expression, and answers whether there was one.
fn count_rows(expr: &mut Expr) -> bool {
    let mut counting = Counting { depth: 0, found: false };
    let _ = VisitMut::visit(expr, &mut counting);
    counting.found
}

/// EXISTS in a column becomes a count: the planner asks whether rows exist in conditions alone.
struct Counting {
    /// Queries that are open here; what stands inside of one is not a column of this SELECT.
    depth: usize,
    found: bool,
}

/// A query of how many rows another has. It asks in the other's own SELECT where it can: only there are columns of the
/// query around it known.
fn count(mut query: Query) -> Query {
    let plain = query.with.is_none() && query.limit_clause.is_none() && query.fetch.is_none();
    let mut counted = parsed("SELECT count(*) FROM (SELECT 1) AS found");
    if let SetExpr::Select(select) = query.body.as_mut()
        && plain
        && select.distinct.is_none()
        && select.having.is_none()
        && select.qualify.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(columns, _) if columns.is_empty())
        && select.projection.iter().all(is_of_each_row)
    {
        select.projection = std::mem::take(&mut select_of(&mut counted).projection);
        query.order_by = None;
        return query;
    }
    if let Some(table) = select_of(&mut counted).from.first_mut()
        && let TableFactor::Derived { subquery: inner, .. } = &mut table.relation
    {
        **inner = query;
    }
    counted
}

/// Whether a column is plainly one value a row. An aggregate makes one row of all, or of none.
fn is_of_each_row(item: &SelectItem) -> bool {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            matches!(expr, Expr::Value(_) | Expr::Identifier(_) | Expr::CompoundIdentifier(_))
        }
        SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => true,
        _ => false,
    }
}

impl VisitorMut for Counting {
    type Break = ();

    fn pre_visit_query(&mut self, _query: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.depth == 0
            && let Expr::Exists { subquery, negated } = expr
        {
            self.found = true;
            let query = count(*std::mem::replace(subquery, Box::new(parsed("SELECT 1"))));
            let some = Expr::BinaryOp {
                left: Box::new(Expr::Subquery(Box::new(query))),
                op: BinaryOperator::Gt,
                right: Box::new(Expr::value(Value::Number("0".to_owned(), false))),
            };
            let some = Expr::Nested(Box::new(some));
            *expr = match negated {
                true => Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(some) },
                false => some,
            };
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::parse;

    fn fitted(text: &str) -> String {
        let mut statement = parse::statements(text).unwrap().remove(0);
        fit(&mut statement);
        statement.to_string()
    }

    #[test]
    fn exists_in_a_column_counts_and_elsewhere_stays() {
        assert_eq!(
            fitted("SELECT CASE WHEN EXISTS (SELECT a FROM t WHERE b = 1) THEN 1 END AS c"),
            "SELECT CASE WHEN ((SELECT count(*) FROM t WHERE b = 1) > 0) THEN 1 END AS c"
        );
        assert_eq!(
            fitted("SELECT NOT EXISTS (SELECT DISTINCT a FROM t)"),
            "SELECT NOT ((SELECT count(*) FROM (SELECT DISTINCT a FROM t) AS found) > 0) AS \"NOT EXISTS (SELECT DISTINCT a FROM t)\""
        );
        assert_eq!(
            fitted("SELECT EXISTS (SELECT max(a) + 1 AS m FROM t) AS c"),
            "SELECT ((SELECT count(*) FROM (SELECT max(a) + 1 AS m FROM t) AS found) > 0) AS c"
        );
        let stays = "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u)";
        assert_eq!(fitted(stays), stays);
        let inside = "SELECT (SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u))";
        assert_eq!(fitted(inside), inside);
    }

    #[test]
    fn rows_are_looked_for_by_every_value() {
        assert_eq!(
            fitted("SELECT 1 FROM t WHERE (a, b) IN (SELECT c, d FROM u)"),
            "SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM (SELECT c, d FROM u) AS __boathouse_among \
             (\"__boathouse_value_0\", \"__boathouse_value_1\") WHERE (__boathouse_among.\"__boathouse_value_0\" = (a)) \
             AND (__boathouse_among.\"__boathouse_value_1\" = (b)))"
        );
    }

    #[test]
    fn semi_joins_keep_the_left_side() {
        assert_eq!(fitted("SELECT * FROM t SEMI JOIN u ON t.a = u.a"), "SELECT * FROM t LEFT SEMI JOIN u ON t.a = u.a");
        assert_eq!(fitted("SELECT * FROM t ANTI JOIN u USING (a)"), "SELECT * FROM t LEFT ANTI JOIN u USING(a)");
    }
}
