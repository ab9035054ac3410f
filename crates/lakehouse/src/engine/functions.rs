//! DuckDB's functions that are something else in the engine: one under another name, or an expression of others.
//!
//! The table says it in SQL. `$1` is the first argument, `$2` the second, `$*` all of them. A call named `agg_…` inside
//! takes over what belongs to an aggregate: DISTINCT, ORDER BY, FILTER, OVER.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, Statement, Value, VisitMut, VisitorMut,
};

use super::macros::MACROS;
use super::parse;

/// A template for each number of arguments that a function takes; `None` for any number.
type Templates = HashMap<&'static str, Vec<(Option<usize>, Expr)>>;

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| {
    let mut templates = Templates::new();
    for (name, arguments, sql) in MACROS {
        templates.entry(name).or_default().push((*arguments, template(sql)));
    }
    templates
});

fn template(sql: &str) -> Expr {
    let text = format!(
        "SELECT {}",
        sql.replace("$*", "\"$*\"").replace("$1", "\"$1\"").replace("$2", "\"$2\"").replace("$3", "\"$3\"")
    );
    let parsed = parse::statements(&text).expect("a macro is SQL").pop();
    match parsed {
        Some(Statement::Query(query)) => match *query.body {
            sqlparser::ast::SetExpr::Select(mut select) => match select.projection.pop() {
                Some(sqlparser::ast::SelectItem::UnnamedExpr(expr)) => expr,
                _ => unreachable!("a macro is one expression"),
            },
            _ => unreachable!("a macro is one expression"),
        },
        _ => unreachable!("a macro is one expression"),
    }
}

/// Whether a function is known by this table.
pub fn is_macro(name: &str) -> bool {
    TEMPLATES.contains_key(name)
}

/// The names of the table.
pub fn macro_names() -> impl Iterator<Item = &'static str> {
    TEMPLATES.keys().copied()
}

/// Puts what the table says in the place of a call; answers nothing where the engine knows it as it is.
pub fn translated(function: &Function) -> Option<Expr> {
    let name = function.name.to_string().to_lowercase();
    let arguments = match &function.args {
        FunctionArguments::List(list) => list.args.clone(),
        FunctionArguments::None => Vec::new(),
        FunctionArguments::Subquery(_) => return None,
    };
    // The engine takes one order for all its string_agg of a SELECT; lists have each their own.
    let ordered = matches!(&function.args, FunctionArguments::List(list) if !list.clauses.is_empty());
    let name = match name.as_str() {
        "string_agg" | "listagg" | "group_concat" if ordered => "string_agg in order",
        other => other,
    };
    let templates = TEMPLATES.get(name)?;
    let fits = |(count, _): &&(Option<usize>, Expr)| count.is_none_or(|count| count == arguments.len());
    let (_, template) = templates.iter().find(fits)?;
    let mut expr = template.clone();
    let mut filling = Filling { arguments: &arguments, call: function };
    let _ = VisitMut::visit(&mut expr, &mut filling);
    Some(expr)
}

struct Filling<'a> {
    arguments: &'a [FunctionArg],
    call: &'a Function,
}

impl Filling<'_> {
    fn argument(&self, ident: &Ident) -> Option<&Expr> {
        let number: usize = ident.value.strip_prefix('$')?.parse().ok()?;
        match self.arguments.get(number.checked_sub(1)?)? {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        }
    }

    fn spread(&self, args: &mut Vec<FunctionArg>) {
        let is_all = |arg: &FunctionArg| matches!(arg, FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(ident))) if ident.value == "$*");
        if let Some(position) = args.iter().position(is_all) {
            args.splice(position..=position, self.arguments.iter().cloned());
        }
    }
}

impl VisitorMut for Filling<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => {
                if let Some(argument) = self.argument(ident) {
                    *expr = parenthesised(argument);
                }
            }
            Expr::Function(function) => {
                if let FunctionArguments::List(list) = &mut function.args {
                    self.spread(&mut list.args);
                }
                let name = function.name.to_string();
                if let Some(own) = name.strip_prefix("agg_") {
                    function.name = ObjectName::from(vec![Ident::new(own)]);
                    function.filter = both(function.filter.take(), self.call.filter.clone());
                    function.over.clone_from(&self.call.over);
                    function.null_treatment = self.call.null_treatment;
                    function.within_group.clone_from(&self.call.within_group);
                    if let (FunctionArguments::List(own), FunctionArguments::List(called)) =
                        (&mut function.args, &self.call.args)
                    {
                        own.duplicate_treatment = called.duplicate_treatment;
                        own.clauses.extend(called.clauses.iter().cloned());
                    }
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn both(left: Option<Box<Expr>>, right: Option<Box<Expr>>) -> Option<Box<Expr>> {
    match (left, right) {
        (Some(left), Some(right)) => {
            let (left, right) = (Box::new(Expr::Nested(left)), Box::new(Expr::Nested(right)));
            Some(Box::new(Expr::BinaryOp { left, op: BinaryOperator::And, right }))
        }
        (left, right) => left.or(right),
    }
}

/// An argument keeps together whatever stands beside it.
fn parenthesised(expr: &Expr) -> Expr {
    match expr {
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Value(_)
        | Expr::Function(_)
        | Expr::Cast { .. }
        | Expr::Nested(_)
        | Expr::Lambda(_)
        | Expr::Array(_)
        | Expr::Dictionary(_)
        | Expr::Subquery(_) => expr.clone(),
        _ => Expr::Nested(Box::new(expr.clone())),
    }
}

/// The arguments of a call that are plain expressions.
pub fn plain_arguments(function: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let value = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Some(expr),
        _ => None,
    };
    list.args.iter().map(value).collect()
}

/// `function(arguments)`.
pub fn call<const N: usize>(function: &str, arguments: [Expr; N]) -> Expr {
    let argument = |expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(expr));
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(function)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments.into_iter().map(argument).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// A text.
pub fn text(value: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated_text(sql: &str) -> Option<String> {
        let Expr::Function(function) = template(sql) else { panic!("{sql}") };
        translated(&function).map(|expr| expr.to_string())
    }

    #[test]
    fn every_macro_is_an_expression() {
        assert_eq!(TEMPLATES.values().map(Vec::len).sum::<usize>(), MACROS.len());
    }

    #[test]
    fn arguments_and_what_belongs_to_an_aggregate_are_carried_over() {
        assert_eq!(translated_text("fdiv(a + 1, 2)").unwrap(), "FLOOR((a + 1) / 2)");
        assert_eq!(
            translated_text("count_if(a > 1) FILTER (WHERE b)").unwrap(),
            "count(CASE WHEN (a > 1) THEN 1 END) FILTER (WHERE b)::HUGEINT"
        );
        assert_eq!(translated_text("nothing_known(a)"), None);
    }
}
