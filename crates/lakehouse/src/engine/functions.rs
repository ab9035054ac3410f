//! DuckDB's functions under the names that the engine has for them.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
    Ident, ObjectName, Value,
};

/// Functions that the engine has under another name, with the same arguments.
const NAMES: &[(&str, &str)] = &[
    ("any_value", "first_value"),
    ("approx_count_distinct", "approx_distinct"),
    ("ceiling", "ceil"),
    ("first", "first_value"),
    ("group_concat", "string_agg"),
    ("last", "last_value"),
    ("lcase", "lower"),
    ("list", "array_agg"),
    ("list_contains", "array_has"),
    ("list_value", "make_array"),
    ("listagg", "string_agg"),
    ("mean", "avg"),
    ("prefix", "starts_with"),
    ("quantile_cont", "percentile_cont"),
    ("regexp_matches", "regexp_like"),
    ("sign", "signum"),
    ("split", "string_to_array"),
    ("str_split", "string_to_array"),
    ("string_split", "string_to_array"),
    ("strftime", "to_char"),
    ("strlen", "octet_length"),
    ("suffix", "ends_with"),
    ("ucase", "upper"),
    ("variance", "var_samp"),
];

/// Functions of one date or timestamp that are `date_part` of this part.
const PARTS: &[(&str, &str)] = &[
    ("year", "year"),
    ("quarter", "quarter"),
    ("month", "month"),
    ("week", "week"),
    ("weekofyear", "week"),
    ("day", "day"),
    ("dayofmonth", "day"),
    ("dayofweek", "dow"),
    ("weekday", "dow"),
    ("isodow", "isodow"),
    ("dayofyear", "doy"),
    ("hour", "hour"),
    ("minute", "minute"),
    ("epoch", "epoch"),
];

/// Functions of one date or timestamp that are its text in this format.
const FORMATS: &[(&str, &str)] = &[("dayname", "%A"), ("monthname", "%B")];

/// Puts the engine's function in the place of DuckDB's; answers nothing where the engine knows it as it is.
pub fn translated(function: &Function) -> Option<Expr> {
    let name = function.name.to_string().to_lowercase();
    let named = |table: &[(&str, &'static str)]| table.iter().find(|(duck, _)| *duck == name).map(|(_, own)| *own);
    if let Some(part) = named(PARTS) {
        let [value] = arguments(function)?[..] else { return None };
        return Some(call("date_part", [text(part), value.clone()]));
    }
    if let Some(format) = named(FORMATS) {
        let [value] = arguments(function)?[..] else { return None };
        return Some(call("to_char", [value.clone(), text(format)]));
    }
    match (name.as_str(), arguments(function).as_deref()) {
        ("mod" | "fmod", Some(&[left, right])) => {
            let op = BinaryOperator::Modulo;
            Some(Expr::BinaryOp { left: nested(left), op, right: nested(right) })
        }
        ("if", Some(&[condition, then, otherwise])) => Some(Expr::Case {
            case_token: AttachedToken::empty(),
            end_token: AttachedToken::empty(),
            operand: None,
            conditions: vec![CaseWhen { condition: condition.clone(), result: then.clone() }],
            else_result: Some(Box::new(otherwise.clone())),
        }),
        _ => {
            let own = named(NAMES)?;
            Some(Expr::Function(Function { name: ObjectName::from(vec![Ident::new(own)]), ..function.clone() }))
        }
    }
}

/// The arguments of a plain call: without names, wildcards, FILTER, OVER or DISTINCT.
fn arguments(function: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let plain = function.filter.is_none() && function.over.is_none() && list.clauses.is_empty();
    if !plain || list.duplicate_treatment.is_some() {
        return None;
    }
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

fn text(value: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(value.to_owned()))
}

fn nested(expr: &Expr) -> Box<Expr> {
    Box::new(Expr::Nested(Box::new(expr.clone())))
}
