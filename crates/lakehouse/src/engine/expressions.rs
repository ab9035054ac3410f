//! Expressions of DuckDB in those that the planner knows.

use model::{Error, Result};
use sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, DataType, DictionaryField, ExactNumberInfo, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArguments, Spanned, Subscript, UnaryOperator, Value,
};

use super::functions::{call, plain_arguments, text, translated};
use super::place::at;
use super::{intervals, like_escape};

/// Functions whose arguments are lambdas.
const OF_LAMBDAS: &[&str] = &[
    "list_transform",
    "array_transform",
    "list_apply",
    "array_apply",
    "apply",
    "list_filter",
    "array_filter",
    "filter",
    "list_reduce",
    "array_reduce",
    "reduce",
];

/// Whether lambdas are arguments of this function.
pub fn takes_lambdas(name: &str) -> bool {
    OF_LAMBDAS.contains(&name)
}

/// Fits one expression, whose parts are fitted already.
pub fn fit(expr: &mut Expr) -> Result<()> {
    match expr {
        Expr::Function(function) => {
            if let Some(fitted) = fit_call(function)? {
                *expr = fitted;
            }
        }
        Expr::Value(value) => {
            if let Value::Number(number, _) = &mut value.value {
                number.retain(|c| c != '_');
                if number.contains(['e', 'E']) {
                    *expr = double(Expr::value(Value::SingleQuotedString(number.clone())));
                }
            }
        }
        Expr::BinaryOp { left, op, right } => {
            if let Some(fitted) = fit_operator(left, op, right) {
                *expr = fitted;
            }
        }
        Expr::UnaryOp { op: UnaryOperator::BitwiseNot, expr: inner } => {
            let one = Expr::value(Value::Number("1".to_owned(), false));
            let negative = Expr::UnaryOp { op: UnaryOperator::Minus, expr: nested(inner) };
            *expr = Expr::Nested(Box::new(binary(negative, BinaryOperator::Minus, one)));
        }
        Expr::UnaryOp { op: UnaryOperator::PGAbs, expr: inner } => *expr = call("abs", [inner.as_ref().clone()]),
        Expr::Extract { field, expr: inner, .. } => {
            let field = field.to_string().trim_matches('\'').to_lowercase();
            *expr = part(&field, inner.as_ref().clone());
        }
        Expr::AtTimeZone { timestamp, time_zone } => {
            *expr = call("timezone", [time_zone.as_ref().clone(), timestamp.as_ref().clone()]);
        }
        Expr::Position { expr: wanted, r#in } => {
            *expr = call("strpos", [r#in.as_ref().clone(), wanted.as_ref().clone()]);
        }
        Expr::Substring { expr: inner, substring_from: Some(from), substring_for, .. } if !is_positive(from) => {
            *expr = match substring_for {
                Some(length) => {
                    call("substring", [inner.as_ref().clone(), from.as_ref().clone(), length.as_ref().clone()])
                }
                None => call("substring", [inner.as_ref().clone(), from.as_ref().clone()]),
            };
        }
        Expr::SimilarTo { negated, expr: inner, pattern, .. } => {
            let matches = call("regexp_full_match", [inner.as_ref().clone(), pattern.as_ref().clone()]);
            *expr = if *negated { not(matches) } else { matches };
        }
        Expr::Interval(interval) => {
            if let Some(fitted) = intervals::fit(interval) {
                *expr = fitted;
            }
        }
        Expr::Tuple(values) => *expr = row(std::mem::take(values)),
        Expr::InList { expr: left, list, negated } => {
            if let Some(fitted) = in_rows(left, list, *negated) {
                *expr = fitted;
            }
        }
        Expr::Cast { expr: inner, data_type: DataType::Blob(_) | DataType::Bytea, .. } => {
            *expr = call("blob", [inner.as_ref().clone()]);
        }
        Expr::Cast { kind, expr: inner, data_type: DataType::JSON, .. } if *kind != CastKind::TryCast => {
            *expr = call("json_checked", [inner.as_ref().clone()]);
        }
        Expr::CompoundFieldAccess { root, access_chain } => {
            open_slices(access_chain);
            if access_chain.iter().any(|access| matches!(access, AccessExpr::Dot(_))) {
                *expr = dotted(root.as_ref().clone(), std::mem::take(access_chain));
            }
        }
        Expr::Like { escape_char: Some(escape), pattern, .. }
        | Expr::ILike { escape_char: Some(escape), pattern, .. } => {
            like_escape::with_backslash(escape, pattern);
        }
        Expr::AllOp { .. } => {
            return Err(Error::unsupported(
                "Not implemented Error: a comparison with ALL of a query is not supported; write x >= (SELECT max(y) …)",
            ));
        }
        Expr::AnyOp { compare_op, right, .. }
            if *compare_op != BinaryOperator::Eq && matches!(right.as_ref(), Expr::Subquery(_)) =>
        {
            return Err(Error::unsupported(format!(
                "Not implemented Error: {compare_op} ANY of a query is not supported; write x > (SELECT min(y) …)"
            )));
        }
        Expr::Identifier(ident)
            if ident.quote_style.is_none()
                && ["current_user", "session_user"].contains(&ident.value.to_lowercase().as_str()) =>
        {
            *expr = text("duckdb");
        }
        _ => {}
    }
    Ok(())
}

fn nested(expr: &Expr) -> Box<Expr> {
    Box::new(Expr::Nested(Box::new(expr.clone())))
}

fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(Expr::Nested(Box::new(expr))) }
}

/// `left op right`
pub fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// `CAST(expr AS DOUBLE)`. A number in scientific notation is a DOUBLE, too; the planner would make it a decimal.
pub fn double(expr: Expr) -> Expr {
    cast(expr, DataType::Double(ExactNumberInfo::None))
}

fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

fn is_positive(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => {
            matches!(&value.value, Value::Number(number, _) if number.parse::<u32>().is_ok_and(|n| n > 0))
        }
        _ => false,
    }
}

/// Parts that the engine computes fastest, and as DuckDB does.
const FAST_PARTS: &[&str] = &["year", "month", "day", "quarter", "hour", "minute", "week", "dow", "doy"];

fn part(field: &str, value: Expr) -> Expr {
    let field = match field {
        "dayofmonth" | "days" => "day",
        "dayofweek" | "weekday" => "dow",
        "dayofyear" => "doy",
        "years" => "year",
        "months" => "month",
        other => other,
    };
    if FAST_PARTS.contains(&field) {
        return cast(call("date_part", [text(field), value]), DataType::BigInt(None));
    }
    let function = if matches!(field, "epoch" | "julian") { "number_of_time" } else { "part_of_time" };
    call(function, [text(field), value])
}

fn fit_operator(left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<Expr> {
    let two = |name: &str| call(name, [left.clone(), right.clone()]);
    Some(match op {
        BinaryOperator::BitwiseXor | BinaryOperator::PGExp => {
            call("power", [double(left.clone()), double(right.clone())])
        }
        BinaryOperator::PGRegexMatch => two("regexp_matches"),
        BinaryOperator::PGRegexNotMatch => not(two("regexp_matches")),
        BinaryOperator::PGStartsWith => two("starts_with"),
        BinaryOperator::PGOverlap => two("list_has_any"),
        BinaryOperator::AtArrow => two("list_has_all"),
        BinaryOperator::ArrowAt => call("list_has_all", [right.clone(), left.clone()]),
        BinaryOperator::Arrow => json(left, right, "json_extract"),
        BinaryOperator::LongArrow => json(left, right, "json_extract_string"),
        BinaryOperator::Eq | BinaryOperator::NotEq => {
            let (left, right) = (row_values(left)?, row_values(right)?);
            let same = equal_rows(&left, &right)?;
            if *op == BinaryOperator::Eq { same } else { not(same) }
        }
        _ => return None,
    })
}

fn json(left: &Expr, right: &Expr, function: &str) -> Expr {
    let many = matches!(right, Expr::Value(value) if matches!(&value.value, Value::SingleQuotedString(path) if path.starts_with('$') && path.contains('*')));
    let function = if many { format!("{function}_many") } else { function.to_owned() };
    call(&function, [left.clone(), right.clone()])
}

/// The parts of `(a, b)`, which is `struct(a, b)` by now.
fn row_values(expr: &Expr) -> Option<Vec<Expr>> {
    match expr {
        Expr::Nested(inner) => row_values(inner),
        Expr::Function(function) if function.name.to_string() == "struct" => {
            Some(plain_arguments(function)?.into_iter().cloned().collect())
        }
        _ => None,
    }
}

fn equal_rows(left: &[Expr], right: &[Expr]) -> Option<Expr> {
    if left.len() != right.len() {
        return None;
    }
    let same = left.iter().zip(right).map(|(left, right)| {
        binary(Expr::Nested(Box::new(left.clone())), BinaryOperator::Eq, Expr::Nested(Box::new(right.clone())))
    });
    same.reduce(|all, next| binary(all, BinaryOperator::And, next)).map(|all| Expr::Nested(Box::new(all)))
}

/// `(a, b) IN ((1, 2), (3, 4))`
fn in_rows(left: &Expr, list: &[Expr], negated: bool) -> Option<Expr> {
    let left = row_values(left)?;
    let each = list.iter().map(|row| equal_rows(&left, &row_values(row)?)).collect::<Option<Vec<Expr>>>()?;
    let any = each.into_iter().reduce(|any, next| binary(any, BinaryOperator::Or, next))?;
    Some(if negated { not(any) } else { Expr::Nested(Box::new(any)) })
}

/// A list of these items.
pub fn list(items: Vec<Expr>) -> Expr {
    let mut list = call("make_array", []);
    if let Expr::Function(Function { args: FunctionArguments::List(arguments), .. }) = &mut list {
        arguments.args = items.into_iter().map(|item| FunctionArg::Unnamed(FunctionArgExpr::Expr(item))).collect();
    }
    list
}

/// A struct without names.
fn row(values: Vec<Expr>) -> Expr {
    let mut row = call("struct", []);
    if let Expr::Function(Function { args: FunctionArguments::List(list), .. }) = &mut row {
        list.args = values.into_iter().map(|value| FunctionArg::Unnamed(FunctionArgExpr::Expr(value))).collect();
    }
    row
}

/// `x.a` of a struct, and `x.f(y)` which is `f(x, y)`.
fn dotted(root: Expr, chain: Vec<AccessExpr>) -> Expr {
    let mut reached = root;
    for access in chain {
        let access = match access {
            AccessExpr::Dot(Expr::Function(mut function)) => {
                if let FunctionArguments::List(list) = &mut function.args {
                    list.args.insert(0, FunctionArg::Unnamed(FunctionArgExpr::Expr(reached)));
                }
                reached = fit_call(&mut function).ok().flatten().unwrap_or(Expr::Function(function));
                continue;
            }
            AccessExpr::Dot(Expr::Identifier(name)) => {
                AccessExpr::Subscript(Subscript::Index { index: text(&name.value) })
            }
            other => other,
        };
        reached = match reached {
            Expr::CompoundFieldAccess { root, mut access_chain } => {
                access_chain.push(access);
                Expr::CompoundFieldAccess { root, access_chain }
            }
            other => Expr::CompoundFieldAccess { root: Box::new(other), access_chain: vec![access] },
        };
    }
    reached
}

/// A slice has both ends; NULL is one that was left out.
fn open_slices(chain: &mut [AccessExpr]) {
    for access in chain {
        if let AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, .. }) = access {
            for bound in [lower_bound, upper_bound] {
                bound.get_or_insert_with(|| Expr::value(Value::Null));
            }
        }
    }
}

fn fit_call(function: &mut Function) -> Result<Option<Expr>> {
    let name = function.name.to_string().to_lowercase();
    if let Some(method) = method(function) {
        return Ok(Some(method));
    }
    if takes_lambdas(&name) {
        return Ok(None);
    }
    average_doubles(function, &name);
    match (name.as_str(), &function.args) {
        ("struct_pack" | "struct_insert" | "struct_update", FunctionArguments::List(list)) => {
            return packed(&name, &list.args, function).map(Some);
        }
        ("array", FunctionArguments::Subquery(query)) => {
            return Ok(Some(listed(query)));
        }
        ("row" | "tuple", FunctionArguments::List(list)) => {
            let values = list.args.iter().filter_map(value).cloned().collect();
            return Ok(Some(row(values)));
        }
        _ => {}
    }
    if let ("percentile_disc", [by]) = (name.as_str(), function.within_group.as_slice()) {
        let value = by.expr.clone();
        if let Some([at]) = plain_arguments(function).as_deref() {
            return Ok(Some(call("quantile_disc", [value, (*at).clone()])));
        }
    }
    let arguments: Vec<Expr> = plain_arguments(function).unwrap_or_default().into_iter().cloned().collect();
    match (name.as_str(), arguments.as_slice()) {
        ("date_part" | "datepart", [Expr::Value(field), value]) => {
            if let Value::SingleQuotedString(field) = &field.value {
                return Ok(Some(part(&field.to_lowercase(), value.clone())));
            }
        }
        ("date_part" | "datepart", [Expr::Array(fields), value]) => {
            return Ok(Some(call("parts_of_time", [names(&fields.elem, "0"), value.clone()])));
        }
        (
            "year" | "month" | "day" | "quarter" | "hour" | "minute" | "week" | "weekofyear" | "dayofmonth"
            | "dayofweek" | "weekday" | "dayofyear",
            [value],
        ) => {
            let field = if name == "weekofyear" { "week" } else { &name };
            return Ok(Some(part(field, value.clone())));
        }
        ("regexp_extract", [value, pattern, Expr::Array(fields), rest @ ..]) => {
            let names = names(&fields.elem, "''");
            return Ok(Some(match rest {
                [options] => call("regexp_extract", [value.clone(), pattern.clone(), names, options.clone()]),
                _ => call("regexp_extract", [value.clone(), pattern.clone(), names]),
            }));
        }
        ("json_extract" | "json_extract_string" | "json_extract_path" | "json_extract_path_text", [value, path]) => {
            let function =
                if name.contains("string") || name.contains("text") { "json_extract_string" } else { "json_extract" };
            return Ok(Some(json(value, path, function)));
        }
        (
            "list_aggregate" | "list_aggr" | "array_aggregate" | "array_aggr" | "aggregate",
            [list, Expr::Value(aggregate), rest @ ..],
        ) => {
            if let Value::SingleQuotedString(aggregate) = &aggregate.value {
                let own = format!("list_{}", aggregate.to_lowercase());
                return Ok(Some(match rest {
                    [argument] => call(&own, [list.clone(), argument.clone()]),
                    _ => call(&own, [list.clone()]),
                }));
            }
        }
        ("list_string_agg", [list]) => {
            return Ok(Some(call("list_string_agg", [list.clone(), text(",")])));
        }
        ("concat", [Expr::Array(_), ..]) => {
            let mut joined = call("list_concat", []);
            if let Expr::Function(function) = &mut joined
                && let FunctionArguments::List(list) = &mut function.args
            {
                list.args =
                    arguments.into_iter().map(|value| FunctionArg::Unnamed(FunctionArgExpr::Expr(value))).collect();
            }
            return Ok(Some(joined));
        }
        _ => {}
    }
    Ok(translated(function))
}

fn value(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    }
}

/// A struct whose fields have the names that a list of texts says.
fn names(fields: &[Expr], filling: &str) -> Expr {
    let filling = if filling == "0" {
        cast(Expr::value(Value::Number("0".to_owned(), false)), DataType::BigInt(None))
    } else {
        text("")
    };
    let field = |name: &Expr| match name {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    };
    let fields = fields.iter().filter_map(field);
    let named = |name: String| DictionaryField { key: super::rewrite::exact(&name), value: Box::new(filling.clone()) };
    Expr::Dictionary(fields.map(named).collect())
}

/// `struct_pack(a := 1)` is `{'a': 1}`, `struct_insert(s, a := 1)` joins it to `s`.
fn packed(name: &str, args: &[FunctionArg], function: &Function) -> Result<Expr> {
    let mut fields = Vec::new();
    let mut first = None;
    for (position, arg) in args.iter().enumerate() {
        let named = match arg {
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } => Some((name.clone(), value)),
            FunctionArg::ExprNamed { name: Expr::Identifier(name), arg: FunctionArgExpr::Expr(value), .. } => {
                Some((name.clone(), value))
            }
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) if name != "struct_pack" && position == 0 => {
                first = Some(value.clone());
                continue;
            }
            FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(column))) => {
                Some((column.clone(), value(arg).expect("it was matched as one")))
            }
            _ => None,
        };
        let Some((key, value)) = named else {
            return Err(Error::invalid(format!(
                "Binder Error: {name} takes fields with names{}; write {name}(a := 1)",
                at(function.span())
            )));
        };
        fields.push(DictionaryField { key: super::rewrite::exact(&key.value), value: Box::new(value.clone()) });
    }
    let packed = Expr::Dictionary(fields);
    Ok(match first {
        Some(first) => call("struct_concat", [first, packed]),
        None => packed,
    })
}

/// `ARRAY(SELECT …)`: the one column of the rows, in their order.
fn listed(query: &sqlparser::ast::Query) -> Expr {
    let text = format!("(SELECT array_agg(\"array\") FROM ({query}) AS \"array\" (\"array\"))");
    super::parse::expression(&text).unwrap_or_else(|_| Expr::Subquery(Box::new(query.clone())))
}

/// `x.f(y)` is `f(x, y)`.
fn method(function: &Function) -> Option<Expr> {
    let [first, last] = function.name.0.as_slice() else { return None };
    let (first, last) = (first.as_ident()?, last.as_ident()?);
    if ["main", "pg_catalog", "system", "information_schema"].contains(&first.value.to_lowercase().as_str()) {
        let mut plain = function.clone();
        plain.name = sqlparser::ast::ObjectName::from(vec![last.clone()]);
        return Some(translated(&plain).unwrap_or(Expr::Function(plain)));
    }
    let mut call = function.clone();
    call.name = sqlparser::ast::ObjectName::from(vec![last.clone()]);
    if let FunctionArguments::List(list) = &mut call.args {
        list.args.insert(0, FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(first.clone()))));
    }
    Some(fit_call(&mut call).ok().flatten().unwrap_or(Expr::Function(call)))
}

/// DuckDB's average is a DOUBLE, whatever it is of; the planner's average of decimals is a decimal, and is rounded.
fn average_doubles(function: &mut Function, name: &str) {
    if name != "avg" {
        return;
    }
    if let FunctionArguments::List(list) = &mut function.args
        && let [FunctionArg::Unnamed(FunctionArgExpr::Expr(value))] = list.args.as_mut_slice()
    {
        *value = double(value.clone());
    }
}
