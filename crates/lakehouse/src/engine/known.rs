//! Functions that are not there are refused by name and place, with what to write instead where that is known.

use std::ops::ControlFlow;

use datafusion::common::utils::datafusion_strsim::levenshtein;
use datafusion::execution::session_state::SessionState;
use model::{Error, Result};
use sqlparser::ast::{Expr, Function, FunctionArguments, Spanned, Statement, Visit, Visitor};

use super::functions::{is_macro, macro_names};
use super::macros::MISSING;
use super::place::at;

/// Functions that are put into the statement before any is looked up.
const WRITTEN_OUT: &[&str] = &[
    "version",
    "current_database",
    "current_catalog",
    "current_schema",
    "struct_pack",
    "struct_insert",
    "struct_update",
    "row",
    "array",
    "unnest",
    "unnest_outer",
    "list_aggregate",
    "list_aggr",
    "array_aggregate",
    "array_aggr",
    "aggregate",
    "columns",
    "coalesce",
    "struct",
    "map",
    "make_map",
    "grouping",
    "datepart",
    "date_part",
    "cast",
    "try_cast",
    "agg_count",
    "nullif",
    "percentile_disc",
];

/// Looks every function of a statement up.
///
/// # Errors
/// `Invalid`, naming the first that is not known, where it stands, and what is like it.
pub fn check(statement: &Statement, state: &SessionState) -> Result<()> {
    let mut lookup = Lookup { state };
    match Visit::visit(statement, &mut lookup) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Lookup<'a> {
    state: &'a SessionState,
}

impl Visitor for Lookup<'_> {
    type Break = Error;

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Error> {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        let Some(name) = function.name.0.last().and_then(|part| part.as_ident()) else {
            return ControlFlow::Continue(());
        };
        let name = name.value.to_lowercase();
        // What is written without parentheses may be a column.
        if self.knows(&name) || matches!(function.args, FunctionArguments::None) {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(self.missing(&name, function))
    }
}

impl Lookup<'_> {
    fn knows(&self, name: &str) -> bool {
        is_macro(name)
            || WRITTEN_OUT.contains(&name)
            || self.state.scalar_functions().contains_key(name)
            || self.state.aggregate_functions().contains_key(name)
            || self.state.window_functions().contains_key(name)
            || self.state.higher_order_functions().contains_key(name)
    }

    fn missing(&self, name: &str, function: &Function) -> Error {
        let place = at(function.name.span());
        if let Some((_, instead)) = MISSING.iter().find(|(missing, _)| *missing == name) {
            return Error::invalid(format!(
                "Catalog Error: Function with name {name} does not exist!{place} Write instead: {instead}"
            ));
        }
        let scalar = self.state.scalar_functions().keys().map(String::as_str);
        let aggregate = self.state.aggregate_functions().keys().map(String::as_str);
        let distance = |known: &str| (levenshtein(name, known), known.to_owned());
        let near = scalar.chain(aggregate).map(distance).chain(macro_names().map(distance)).min();
        let hint = match near {
            Some((distance, known)) if distance <= 1 + name.len() / 4 => format!(" Did you mean \"{known}\"?"),
            _ => String::new(),
        };
        Error::invalid(format!("Catalog Error: Function with name {name} does not exist!{place}{hint}"))
    }
}
