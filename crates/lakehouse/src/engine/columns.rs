//! What stands for several columns is written out before anything is planned: `COLUMNS('regex')`, `* RENAME (…)`,
//! `s.*` of a struct.

use std::collections::HashMap;
use std::ops::ControlFlow;

use arrow::datatypes::DataType;
use datafusion::execution::session_state::SessionState;
use model::{Error, Result, name_key};
use sqlparser::ast::{
    ExcludeSelectItem, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, OrderBy, OrderByKind,
    Query, RenameSelectItem, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Spanned, Value, Visit,
    VisitMut, Visitor, VisitorMut, WildcardAdditionalOptions,
};

use super::context::Context;
use super::place::at;

/// A column of FROM.
struct Column {
    table: Option<String>,
    name: String,
    data_type: DataType,
}

impl Column {
    fn expr(&self) -> Expr {
        match &self.table {
            Some(table) => Expr::CompoundIdentifier(vec![exact(table), exact(&self.name)]),
            None => Expr::Identifier(exact(&self.name)),
        }
    }
}

fn exact(name: &str) -> Ident {
    Ident::with_quote('"', name)
}

impl Context {
    /// The query with its columns written out.
    pub async fn expanded(&self, query: Query, state: &SessionState) -> Result<Query> {
        let mut query = self.unpivoted(query, state).await?;
        let SetExpr::Select(select) = query.body.as_mut() else { return Ok(query) };
        let in_order = matches!(&query.order_by, Some(OrderBy { kind: OrderByKind::All(_), .. }));
        let several = |item: &SelectItem| {
            let wildcard = matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
            stands_for_several(item) || in_order && wildcard
        };
        if !select.projection.iter().any(several) || select.from.is_empty() {
            return Ok(query);
        }
        let columns = self.columns_from(&query, state).await?;
        let SetExpr::Select(select) = query.body.as_mut() else { return Ok(query) };
        let mut items = Vec::new();
        for item in std::mem::take(&mut select.projection) {
            expand(item, &columns, in_order, &mut items)?;
        }
        select.projection = items;
        Ok(query)
    }

    /// The columns of a query's FROM.
    async fn columns_from(&self, query: &Query, state: &SessionState) -> Result<Vec<Column>> {
        let mut probe = query.clone();
        probe.order_by = None;
        probe.limit_clause = None;
        if let SetExpr::Select(select) = probe.body.as_mut() {
            everything(select);
        }
        let plan = Box::pin(self.plan(probe, state)).await?;
        let column = |(table, field): (
            Option<&datafusion::common::TableReference>,
            &std::sync::Arc<arrow::datatypes::Field>,
        )| Column {
            table: table.map(|table| table.table().to_owned()),
            name: field.name().clone(),
            data_type: field.data_type().clone(),
        };
        Ok(plan.schema().iter().map(column).collect())
    }
}

fn everything(select: &mut Select) {
    select.projection = vec![SelectItem::Wildcard(WildcardAdditionalOptions::default())];
    select.distinct = None;
    select.selection = None;
    select.having = None;
    select.qualify = None;
    select.named_window = Vec::new();
    select.group_by = sqlparser::ast::GroupByExpr::Expressions(Vec::new(), Vec::new());
}

fn stands_for_several(item: &SelectItem) -> bool {
    match item {
        SelectItem::Wildcard(options) => options.opt_rename.is_some(),
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
            options.opt_rename.is_some() || name.0.len() == 1
        }
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => has_columns(expr),
        _ => false,
    }
}

fn has_columns(expr: &Expr) -> bool {
    struct Finding;
    impl Visitor for Finding {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            match expr {
                Expr::Function(function) if is_columns(function) => ControlFlow::Break(()),
                Expr::Subquery(_) => ControlFlow::Continue(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    Visit::visit(expr, &mut Finding).is_break()
}

fn is_columns(function: &Function) -> bool {
    function.name.to_string().eq_ignore_ascii_case("columns")
}

fn expand(item: SelectItem, columns: &[Column], always: bool, items: &mut Vec<SelectItem>) -> Result<()> {
    match item {
        SelectItem::Wildcard(options) if always || options.opt_rename.is_some() => {
            let all: Vec<&Column> = columns.iter().collect();
            renamed(&all, &options, items);
        }
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options)
            if name.0.len() == 1 =>
        {
            let table = name_key(&name.0[0].as_ident().map_or_else(String::new, |ident| ident.value.clone()));
            let of_table: Vec<&Column> =
                columns.iter().filter(|column| column.table.as_deref().map(name_key) == Some(table.clone())).collect();
            let structs = columns.iter().find(|column| name_key(&column.name) == table);
            match (of_table.is_empty(), structs.map(|column| (column, &column.data_type))) {
                (true, Some((column, DataType::Struct(fields)))) => {
                    for field in fields {
                        let name = Expr::value(Value::SingleQuotedString(field.name().clone()));
                        let expr = super::functions::call("get_field", [column.expr(), name]);
                        items.push(SelectItem::ExprWithAlias { expr, alias: exact(field.name()) });
                    }
                }
                _ if always || options.opt_rename.is_some() => renamed(&of_table, &options, items),
                _ => items
                    .push(SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options)),
            }
        }
        SelectItem::UnnamedExpr(expr) if has_columns(&expr) => {
            for column in chosen(&expr, columns)? {
                let alone = matches!(&expr, Expr::Function(function) if is_columns(function));
                let filled = filled(&expr, column);
                items.push(match alone {
                    true => SelectItem::ExprWithAlias { expr: filled, alias: exact(&column.name) },
                    false => SelectItem::UnnamedExpr(filled),
                });
            }
        }
        SelectItem::ExprWithAlias { expr, alias } if has_columns(&expr) => {
            for column in chosen(&expr, columns)? {
                items.push(SelectItem::ExprWithAlias { expr: filled(&expr, column), alias: alias.clone() });
            }
        }
        other => items.push(other),
    }
    Ok(())
}

/// `* EXCLUDE (…) REPLACE (…) RENAME (…)`, column by column.
fn renamed(columns: &[&Column], options: &WildcardAdditionalOptions, items: &mut Vec<SelectItem>) {
    let excluded = excluded(options);
    let replaced: HashMap<String, &Expr> = options
        .opt_replace
        .iter()
        .flat_map(|replace| &replace.items)
        .map(|item| (name_key(&item.column_name.value), &item.expr))
        .collect();
    let names: HashMap<String, &Ident> = match &options.opt_rename {
        Some(RenameSelectItem::Single(one)) => [(name_key(&one.ident.value), &one.alias)].into(),
        Some(RenameSelectItem::Multiple(many)) => {
            many.iter().map(|one| (name_key(&one.ident.value), &one.alias)).collect()
        }
        None => HashMap::new(),
    };
    for column in columns {
        let key = name_key(&column.name);
        if excluded.contains(&key) {
            continue;
        }
        let expr = replaced.get(&key).map_or_else(|| column.expr(), |expr| (*expr).clone());
        let alias = names.get(&key).map_or_else(|| exact(&column.name), |name| (*name).clone());
        items.push(SelectItem::ExprWithAlias { expr, alias });
    }
}

/// The names that `EXCLUDE (…)` says.
pub fn excluded(options: &WildcardAdditionalOptions) -> Vec<String> {
    let last = |name: &sqlparser::ast::ObjectName| {
        name.0.last().and_then(|part| part.as_ident()).map_or_else(String::new, |ident| name_key(&ident.value))
    };
    match &options.opt_exclude {
        Some(ExcludeSelectItem::Single(name)) => vec![last(name)],
        Some(ExcludeSelectItem::Multiple(names)) => names.iter().map(last).collect(),
        None => Vec::new(),
    }
}

/// The columns that the `COLUMNS(…)` of an expression means.
fn chosen<'a>(expr: &Expr, columns: &'a [Column]) -> Result<Vec<&'a Column>> {
    struct First(Option<Function>);
    impl Visitor for First {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            match expr {
                Expr::Function(function) if is_columns(function) => {
                    self.0 = Some(function.clone());
                    ControlFlow::Break(())
                }
                _ => ControlFlow::Continue(()),
            }
        }
    }
    let mut first = First(None);
    let _ = Visit::visit(expr, &mut first);
    let Some(function) = first.0 else { return Ok(Vec::new()) };
    let wrong = || {
        Error::unsupported(format!(
            "Not implemented Error: COLUMNS takes *, a regular expression or a list of names{}; write the columns out",
            at(function.span())
        ))
    };
    let FunctionArguments::List(list) = &function.args else { return Err(wrong()) };
    let [FunctionArg::Unnamed(argument)] = list.args.as_slice() else { return Err(wrong()) };
    let found: Vec<&Column> = match argument {
        FunctionArgExpr::Wildcard => columns.iter().collect(),
        FunctionArgExpr::WildcardWithOptions(options) => {
            let excluded = excluded(options);
            columns.iter().filter(|column| !excluded.contains(&name_key(&column.name))).collect()
        }
        FunctionArgExpr::Expr(Expr::Value(value)) => {
            let Value::SingleQuotedString(pattern) = &value.value else { return Err(wrong()) };
            let regex = regex::Regex::new(pattern).map_err(|error| {
                Error::invalid(format!("Binder Error: COLUMNS('{pattern}') is not a regular expression: {error}"))
            })?;
            columns.iter().filter(|column| regex.is_match(&column.name)).collect()
        }
        FunctionArgExpr::Expr(Expr::Array(names)) => {
            let name = |expr: &Expr| match expr {
                Expr::Value(value) => match &value.value {
                    Value::SingleQuotedString(name) => Some(name_key(name)),
                    _ => None,
                },
                _ => None,
            };
            let names: Vec<String> = names.elem.iter().filter_map(name).collect();
            columns.iter().filter(|column| names.contains(&name_key(&column.name))).collect()
        }
        FunctionArgExpr::Expr(Expr::Lambda(lambda)) => return by_lambda(lambda, columns).ok_or_else(wrong),
        _ => return Err(wrong()),
    };
    if found.is_empty() {
        return Err(Error::invalid(format!("Binder Error: no column is one of {function}{}", at(function.span()))));
    }
    Ok(found)
}

/// `COLUMNS(lambda c: c LIKE 'a%')`.
fn by_lambda<'a>(lambda: &sqlparser::ast::LambdaFunction, columns: &'a [Column]) -> Option<Vec<&'a Column>> {
    let Expr::Like { negated, expr, pattern, .. } = lambda.body.as_ref() else { return None };
    let (Expr::Identifier(_), Expr::Value(pattern)) = (expr.as_ref(), pattern.as_ref()) else { return None };
    let Value::SingleQuotedString(pattern) = &pattern.value else { return None };
    let escaped = regex::escape(pattern).replace('%', ".*").replace('_', ".");
    let regex = regex::Regex::new(&format!("^{escaped}$")).ok()?;
    Some(columns.iter().filter(|column| regex.is_match(&column.name) != *negated).collect())
}

fn filled(expr: &Expr, column: &Column) -> Expr {
    struct Filling<'a>(&'a Column);
    impl VisitorMut for Filling<'_> {
        type Break = ();
        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            if matches!(expr, Expr::Function(function) if is_columns(function)) {
                *expr = self.0.expr();
            }
            ControlFlow::Continue(())
        }
    }
    let mut filled = expr.clone();
    let _ = VisitMut::visit(&mut filled, &mut Filling(column));
    filled
}
