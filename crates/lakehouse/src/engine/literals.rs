//! Whole numbers of a statement are INTEGER where they fit, as in DuckDB; the planner makes each a BIGINT.
//!
//! The syntax tree gets a cast, so that everything is planned with the right types; the plan gets the number back.

use std::ops::ControlFlow;

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr as Planned, LogicalPlan};
use sqlparser::ast::{
    CastKind, DataType as SqlType, Expr, Function, FunctionArg, FunctionArgExpr, GroupByExpr, LimitClause, OrderBy,
    OrderByKind, Query, Select, SetExpr, Statement, TableFactor, Value, VisitMut, VisitorMut, WindowFrameBound,
    WindowType,
};

use super::arithmetic::has_grouping_sets;

/// Makes the whole numbers of a statement INTEGER, but for those that only count: places of columns, limits, frames.
pub fn narrow(statement: &mut Statement) {
    let _ = VisitMut::visit(statement, &mut Narrowing);
}

struct Narrowing;

/// Keeps a number as it is. The mark is one that no number of DuckDB's has.
fn keep(expr: &mut Expr) {
    let _ = VisitMut::visit(expr, &mut Marking);
}

struct Marking;

impl VisitorMut for Marking {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Value(value) = expr
            && let Value::Number(_, mark) = &mut value.value
        {
            *mark = true;
        }
        ControlFlow::Continue(())
    }
}

fn keep_place(expr: &mut Expr) {
    if matches!(expr, Expr::Value(_)) {
        keep(expr);
    }
}

impl VisitorMut for Narrowing {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        match &mut query.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, .. }) => {
                limit.iter_mut().for_each(keep);
                offset.iter_mut().for_each(|offset| keep(&mut offset.value));
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                keep(offset);
                keep(limit);
            }
            None => {}
        }
        if let Some(OrderBy { kind: OrderByKind::Expressions(by), .. }) = &mut query.order_by {
            by.iter_mut().for_each(|by| keep_place(&mut by.expr));
        }
        if let SetExpr::Select(select) = query.body.as_mut() {
            keep_places(select);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        keep_places(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { args: Some(args), .. } = factor {
            for arg in &mut args.args {
                if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = arg {
                    keep(expr);
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Interval(interval) => keep(&mut interval.value),
            Expr::Function(function) => keep_frame(function),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let Expr::Value(value) = expr else { return ControlFlow::Continue(()) };
        let Value::Number(number, mark) = &mut value.value else { return ControlFlow::Continue(()) };
        if std::mem::take(mark) {
            return ControlFlow::Continue(());
        }
        if number.parse::<i32>().is_ok() {
            let number = Expr::value(Value::Number(std::mem::take(number), false));
            let data_type = SqlType::Integer(None);
            *expr = Expr::Cast { kind: CastKind::Cast, expr: Box::new(number), data_type, array: false, format: None };
        } else if number.bytes().all(|byte| byte.is_ascii_digit()) && number.parse::<i64>().is_err() {
            let number = Expr::value(Value::SingleQuotedString(std::mem::take(number)));
            let data_type = SqlType::HugeInt;
            *expr = Expr::Cast { kind: CastKind::Cast, expr: Box::new(number), data_type, array: false, format: None };
        }
        ControlFlow::Continue(())
    }
}

fn keep_places(select: &mut Select) {
    if let GroupByExpr::Expressions(by, _) = &mut select.group_by {
        by.iter_mut().for_each(keep_place);
    }
}

fn keep_frame(function: &mut Function) {
    let Some(WindowType::WindowSpec(window)) = &mut function.over else { return };
    let Some(frame) = &mut window.window_frame else { return };
    let mut bound = |bound: &mut WindowFrameBound| {
        if let WindowFrameBound::Preceding(Some(count)) | WindowFrameBound::Following(Some(count)) = bound {
            keep(count);
        }
    };
    bound(&mut frame.start_bound);
    frame.end_bound.iter_mut().for_each(&mut bound);
}

/// Turns the casts of numbers in a plan into numbers.
pub fn folded(plan: LogicalPlan) -> Result<LogicalPlan> {
    let folded = plan.transform_up_with_subqueries(|node| {
        if has_grouping_sets(&node) {
            return Ok(Transformed::no(node));
        }
        let names = NamePreserver::new(&node);
        let changed = node.map_expressions(|expr| {
            let name = names.save(&expr);
            let folded = expr.transform_up(|part| Ok(fold(part)))?;
            Ok(folded.update_data(|expr| name.restore(expr)))
        })?;
        if changed.transformed { changed.map_data(LogicalPlan::recompute_schema) } else { Ok(changed) }
    })?;
    Ok(folded.data)
}

fn fold(expr: Planned) -> Transformed<Planned> {
    match expr {
        Planned::Cast(Cast { expr: inner, field }) => match (inner.as_ref(), field.data_type()) {
            (Planned::Literal(ScalarValue::Int64(Some(number)), _), DataType::Int32) => match i32::try_from(*number) {
                Ok(number) => Transformed::yes(Planned::Literal(ScalarValue::Int32(Some(number)), None)),
                Err(_) => Transformed::no(Planned::Cast(Cast { expr: inner, field })),
            },
            _ => Transformed::no(Planned::Cast(Cast { expr: inner, field })),
        },
        Planned::Negative(inner) => match inner.as_ref() {
            Planned::Literal(ScalarValue::Int32(Some(number)), _) => {
                Transformed::yes(Planned::Literal(ScalarValue::Int32(Some(-number)), None))
            }
            Planned::Literal(ScalarValue::Int64(Some(number)), _) => {
                Transformed::yes(Planned::Literal(ScalarValue::Int64(Some(number.wrapping_neg())), None))
            }
            _ => Transformed::no(Planned::Negative(inner)),
        },
        other => Transformed::no(other),
    }
}
