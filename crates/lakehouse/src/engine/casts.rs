//! Aggregates of one column cast to several types: `sum(i), sum(i::DOUBLE)`.
//!
//! The engine names a cast as what is cast, so that two such aggregates had one name. Their arguments get one each.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Select, SelectItem, Visit, VisitMut, Visitor,
    VisitorMut,
};

use super::functions::{call, text};

/// Gives the casts inside calls names of their own where calls differ in nothing else.
pub fn tell_apart(select: &mut Select) {
    let mut calls = Calls::default();
    for item in &select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = Visit::visit(expr, &mut calls);
        }
    }
    calls.0.retain(|_, texts| texts.len() > 1);
    if calls.0.is_empty() {
        return;
    }
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = VisitMut::visit(expr, &mut calls);
        }
    }
}

/// Calls without the casts of their arguments, and with them.
#[derive(Default)]
struct Calls(HashMap<String, HashSet<String>>);

fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast { expr, .. } | Expr::Nested(expr) => bare(expr),
        other => other,
    }
}

/// The call without the casts of its arguments; nothing for one without arguments.
fn key(function: &Function) -> Option<String> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let argument = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => bare(expr).to_string(),
        other => other.to_string(),
    };
    let arguments: Vec<String> = list.args.iter().map(argument).collect();
    (!arguments.is_empty()).then(|| format!("{}({})", function.name.to_string().to_lowercase(), arguments.join(", ")))
}

impl Visitor for Calls {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr
            && let Some(key) = key(function)
        {
            self.0.entry(key).or_default().insert(function.args.to_string());
        }
        ControlFlow::Continue(())
    }
}

impl VisitorMut for Calls {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        if !key(function).is_some_and(|key| self.0.contains_key(&key)) {
            return ControlFlow::Continue(());
        }
        if let FunctionArguments::List(list) = &mut function.args {
            for argument in &mut list.args {
                if let FunctionArg::Unnamed(FunctionArgExpr::Expr(cast @ Expr::Cast { .. })) = argument
                    && let Expr::Cast { data_type, .. } = &*cast
                {
                    *cast = call("as_is", [cast.clone(), text(&data_type.to_string())]);
                }
            }
        }
        ControlFlow::Continue(())
    }
}
