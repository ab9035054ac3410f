//! Fitting the syntax tree to the planner: what DuckDB takes for granted is spelled out. Text is never touched.

use std::collections::HashMap;
use std::ops::ControlFlow;

use model::{Error, Result};
use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, LambdaSyntax, OrderBy,
    OrderByExpr, OrderByKind, Query, Select, SelectFlavor, SelectItem, SetExpr, Statement, TableFactor, Value,
    VisitMut, VisitorMut, WildcardAdditionalOptions,
};
use sqlparser::tokenizer::Span;

use super::context::Context;
use super::statement::refuse;
use super::{asof, casts, expressions, json_access, literals, parse, values};

/// The version that `version()` answers.
const VERSION: &str = concat!("boathouse ", env!("CARGO_PKG_VERSION"));

/// Puts values for functions of the session, and names for columns that have none.
pub fn fit(statement: &mut Statement, context: &Context) -> Result<()> {
    let mut fitting = Fitting { context, lambdas: 0 };
    match VisitMut::visit(statement, &mut fitting) {
        ControlFlow::Break(error) => return Err(error),
        ControlFlow::Continue(()) => {}
    }
    literals::narrow(statement);
    Ok(())
}

struct Fitting<'a> {
    context: &'a Context,
    /// How many lambdas are open.
    lambdas: usize,
}

impl VisitorMut for Fitting<'_> {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        if let SetExpr::Select(select) = query.body.as_mut() {
            select_everything(select);
        }
        values::spread(&mut query.body);
        order_by_every_column(query);
        refuse(&[(!query.locks.is_empty(), "FOR UPDATE")]).map_or_else(ControlFlow::Break, ControlFlow::Continue)
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Error> {
        if matches!(factor, TableFactor::Pivot { .. } | TableFactor::Unpivot { .. }) {
            let instead =
                "sum(x) FILTER (WHERE y = …) for each column, or a statement of its own, and a table of its answer";
            let message =
                format!("Not implemented Error: PIVOT and UNPIVOT inside a query are not supported; write {instead}");
            return ControlFlow::Break(Error::unsupported(message));
        }
        series_of_times(factor);
        let TableFactor::Table { sample, version, partitions, .. } = factor else {
            return ControlFlow::Continue(());
        };
        let refused = refuse(&[
            (sample.is_some(), "SAMPLE (TABLESAMPLE, USING SAMPLE); write WHERE random() < 0.1"),
            (version.is_some(), "reading an older version (AT, FOR … AS OF)"),
            (!partitions.is_empty(), "PARTITION"),
        ]);
        refused.map_or_else(ControlFlow::Break, ControlFlow::Continue)
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        select_everything(select);
        if let Err(error) = asof::write_out(select) {
            return ControlFlow::Break(error);
        }
        name_columns(select);
        casts::tell_apart(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        match expr {
            Expr::Function(function) if expressions::takes_lambdas(&function.name.to_string().to_lowercase()) => {
                if let FunctionArguments::List(list) = &mut function.args {
                    list.args.iter_mut().for_each(keep_lambda);
                }
            }
            Expr::Lambda(lambda) if lambda.syntax == LambdaSyntax::Arrow => *expr = json_access::access(expr.clone()),
            Expr::Lambda(_) => self.lambdas += 1,
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        match expr {
            Expr::Function(function) => {
                if let Some(value) = self.session_value(function) {
                    *expr = Expr::value(Value::SingleQuotedString(value));
                }
            }
            Expr::Lambda(_) => self.lambdas -= 1,
            // The planner knows no parameters of lambdas inside a list that is written out.
            Expr::Array(list) if self.lambdas > 0 => *expr = expressions::list(std::mem::take(&mut list.elem)),
            _ => {}
        }
        expressions::fit(expr).map_or_else(ControlFlow::Break, ControlFlow::Continue)
    }
}

/// A lambda where one belongs: written with an arrow, it would be taken for an access to JSON.
fn keep_lambda(argument: &mut FunctionArg) {
    if let FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Lambda(lambda))) = argument {
        lambda.syntax = LambdaSyntax::LambdaKeyword;
    }
}

/// `FROM range(DATE …, DATE …, INTERVAL …)`: the planner's tables are of numbers, its lists of times as well.
fn series_of_times(factor: &mut TableFactor) {
    let TableFactor::Table { name, alias, args: Some(args), .. } = factor else { return };
    let function = name.to_string().to_lowercase();
    let interval = |arg: &FunctionArg| matches!(arg, FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Interval(_))));
    if !matches!(function.as_str(), "range" | "generate_series") || !args.args.get(2).is_some_and(interval) {
        return;
    }
    let list: Vec<String> = args.args.iter().map(ToString::to_string).collect();
    let text = format!("SELECT unnest({function}({})) AS {function}", list.join(", "));
    if let Ok(Some(Statement::Query(subquery))) = parse::statements(&text).map(|mut statements| statements.pop()) {
        *factor = TableFactor::Derived { lateral: false, subquery, alias: alias.take(), sample: None };
    }
}

impl Fitting<'_> {
    fn session_value(&self, function: &Function) -> Option<String> {
        let no_arguments = match &function.args {
            FunctionArguments::None => true,
            FunctionArguments::List(list) => list.args.is_empty(),
            FunctionArguments::Subquery(_) => false,
        };
        if !no_arguments {
            return None;
        }
        match function.name.to_string().to_lowercase().as_str() {
            "version" => Some(VERSION.to_owned()),
            "current_database" | "current_catalog" => Some(self.context.database.clone()),
            "current_schema" => Some(self.context.schema.clone()),
            _ => None,
        }
    }
}

/// `FROM t` alone selects every column.
fn select_everything(select: &mut Select) {
    if select.flavor == SelectFlavor::FromFirstNoSelect {
        select.flavor = SelectFlavor::Standard;
        select.projection = vec![SelectItem::Wildcard(WildcardAdditionalOptions::default())];
    }
}

/// `ORDER BY ALL` is the order of every column from left to right; the planner takes it for plain columns alone.
fn order_by_every_column(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_ref() else { return };
    let Some(OrderBy { kind, .. }) = &mut query.order_by else { return };
    let OrderByKind::All(options) = kind else { return };
    let wildcard = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    if select.projection.iter().any(wildcard) {
        return;
    }
    let position = |number: usize| OrderByExpr {
        expr: Expr::value(Value::Number(number.to_string(), false)),
        options: options.clone(),
        with_fill: None,
    };
    *kind = OrderByKind::Expressions((1..=select.projection.len()).map(position).collect());
}

/// Gives each unnamed expression of a SELECT the name that DuckDB gives it: its own text, `count_star()` for
/// `count(*)`. The planner's own names are those of its insides. A column that is there already gets a number.
fn name_columns(select: &mut Select) {
    let grouped = matches!(&select.group_by, GroupByExpr::Expressions(by, _) if !by.is_empty());
    let mut taken: HashMap<String, usize> = HashMap::new();
    for item in &mut select.projection {
        match item {
            SelectItem::UnnamedExpr(expr) if needs_name(expr) => {
                let name = unique(&mut taken, column_name(expr));
                let alias = Ident::with_quote('"', name);
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
            SelectItem::UnnamedExpr(expr) if !grouped => {
                let text = expr.to_string().to_lowercase();
                let first = !taken.contains_key(&text);
                taken.entry(text).and_modify(|times| *times += 1).or_insert(0);
                if let (false, Some(name)) = (first, last_name(expr)) {
                    let times = taken[&expr.to_string().to_lowercase()];
                    let alias = Ident::with_quote('"', format!("{name}_{times}"));
                    *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
                }
            }
            SelectItem::ExprWithAlias { alias, .. } => {
                let times = taken.entry(alias.value.to_lowercase()).and_modify(|times| *times += 1).or_insert(0);
                if *times > 0 {
                    alias.value = format!("{}_{times}", alias.value);
                }
            }
            _ => {}
        }
    }
}

fn unique(taken: &mut HashMap<String, usize>, name: String) -> String {
    let times = taken.entry(name.to_lowercase()).and_modify(|times| *times += 1).or_insert(0);
    if *times == 0 { name } else { format!("{name}_{times}") }
}

fn last_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(ident.value.clone()),
        Expr::CompoundIdentifier(idents) => idents.last().map(|ident| ident.value.clone()),
        _ => None,
    }
}

fn needs_name(expr: &Expr) -> bool {
    !matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Wildcard(_) | Expr::QualifiedWildcard(..))
        && !unnested(expr)
}

/// `unnest` of a struct is several columns, which keep their names.
fn unnested(expr: &Expr) -> bool {
    let Expr::Function(function) = expr else { return false };
    let is_unnest = function.name.to_string().eq_ignore_ascii_case("unnest");
    is_unnest
        && matches!(&function.args, FunctionArguments::List(list) if matches!(list.args.first(), Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Dictionary(_))))))
}

fn column_name(expr: &Expr) -> String {
    match expr {
        Expr::Function(function) if function.over.is_none() && is_count_of_rows(function) => "count_star()".to_owned(),
        Expr::Function(function) => {
            let text = expr.to_string();
            let name = function.name.to_string();
            text.strip_prefix(&name).map_or_else(|| text.clone(), |rest| format!("{}{rest}", name.to_lowercase()))
        }
        Expr::BinaryOp { .. } => format!("({expr})"),
        _ => expr.to_string(),
    }
}

fn is_count_of_rows(function: &Function) -> bool {
    let FunctionArguments::List(list) = &function.args else { return false };
    let all = matches!(list.args.as_slice(), [] | [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]);
    all && function.filter.is_none() && function.name.to_string().eq_ignore_ascii_case("count")
}

/// An identifier that is taken letter by letter.
pub fn exact(name: &str) -> Ident {
    Ident { value: name.to_owned(), quote_style: Some('"'), span: Span::empty() }
}
