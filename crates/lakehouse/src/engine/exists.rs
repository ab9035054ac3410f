//! `EXISTS (…)` as a value: the planner knows it as a condition alone.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, GroupByExpr, Query, Select, SelectItem, SetExpr, VisitMut, VisitorMut};

use super::parse;

/// Counts in the columns of a SELECT what the planner would ask EXISTS about.
pub fn as_values(select: &mut Select) {
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = VisitMut::visit(expr, &mut Counting { queries: 0 });
        }
    }
}

struct Counting {
    queries: usize,
}

impl VisitorMut for Counting {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Exists { subquery, negated } = expr
            && self.queries == 0
            && let Some(counted) = counted(subquery, if *negated { "=" } else { ">" })
        {
            *expr = counted;
        }
        ControlFlow::Continue(())
    }
}

fn counted(query: &Query, comparison: &str) -> Option<Expr> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    let plain = query.limit_clause.is_none()
        && select.distinct.is_none()
        && select.having.is_none()
        && select.qualify.is_none();
    if grouped || !plain {
        return None;
    }
    let count = parse::expression(&format!("count(*) {comparison} 0")).ok()?;
    let mut query = query.clone();
    query.order_by = None;
    if let SetExpr::Select(select) = query.body.as_mut() {
        select.projection = vec![SelectItem::UnnamedExpr(count)];
    }
    Some(Expr::Subquery(Box::new(query)))
}
