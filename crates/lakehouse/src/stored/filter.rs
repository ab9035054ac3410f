//! Conditions of the engine as those of the storage contract, where they mean the same.

use arrow::datatypes::{DataType, Schema};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::{Between, InList};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator as Sign};
use model::{Filter, Operator, Value};

/// A longer list stays with the engine: a storage may have a limit of its own.
const LIST: usize = 500;

/// The conditions that hold together where `expr` is true; nothing for what the contract has no words for, and for values
/// that are not compared by a storage as they are here.
pub fn filters(expr: &Expr, schema: &Schema) -> Option<Vec<Filter>> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Sign::And, right }) => {
            let mut both = filters(left, schema)?;
            both.extend(filters(right, schema)?);
            Some(both)
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (left.as_ref(), right.as_ref()) {
            (column, Expr::Literal(value, _)) => one(column, schema, |of| compared(*op, literal(value, of)?)),
            (Expr::Literal(value, _), column) => {
                let op = op.swap()?;
                one(column, schema, |of| compared(op, literal(value, of)?))
            }
            _ => None,
        },
        Expr::Between(Between { expr, negated: false, low, high }) => {
            let bound = |sign: Sign, bound: &Expr| match bound {
                Expr::Literal(value, _) => one(expr, schema, |of| compared(sign, literal(value, of)?)),
                _ => None,
            };
            let mut both = bound(Sign::GtEq, low)?;
            both.extend(bound(Sign::LtEq, high)?);
            Some(both)
        }
        Expr::InList(InList { expr, list, negated }) if list.len() <= LIST => {
            let values = |of: &DataType| {
                let value = |item: &Expr| match item {
                    Expr::Literal(value, _) => literal(value, of),
                    _ => None,
                };
                list.iter().map(value).collect::<Option<Vec<Value>>>()
            };
            match negated {
                false => one(expr, schema, |of| values(of).map(Operator::In)),
                true => {
                    let (name, data_type) = column(expr, schema)?;
                    let each = values(data_type)?.into_iter().map(Operator::NotEqual);
                    Some(each.map(|operator| Filter { column: name.clone(), operator }).collect())
                }
            }
        }
        Expr::IsNull(inner) => one(inner, schema, |_| Some(Operator::Null)),
        Expr::IsNotNull(inner) => one(inner, schema, |_| Some(Operator::NotNull)),
        Expr::Column(_) => one(expr, schema, truth(true)),
        Expr::Not(inner) if matches!(inner.as_ref(), Expr::Column(_)) => one(inner, schema, truth(false)),
        _ => None,
    }
}

fn truth(value: bool) -> impl Fn(&DataType) -> Option<Operator> {
    move |of| (*of == DataType::Boolean).then_some(Operator::Equal(Value::Boolean(value)))
}

fn one(expr: &Expr, schema: &Schema, operator: impl Fn(&DataType) -> Option<Operator>) -> Option<Vec<Filter>> {
    let (column, data_type) = column(expr, schema)?;
    Some(vec![Filter { column, operator: operator(data_type)? }])
}

fn column<'a>(expr: &Expr, schema: &'a Schema) -> Option<(String, &'a DataType)> {
    let Expr::Column(column) = expr else { return None };
    let field = schema.field_with_name(&column.name).ok()?;
    Some((field.name().clone(), field.data_type()))
}

fn compared(sign: Sign, value: Value) -> Option<Operator> {
    Some(match sign {
        Sign::Eq => Operator::Equal(value),
        Sign::NotEq => Operator::NotEqual(value),
        Sign::Lt => Operator::Less(value),
        Sign::LtEq => Operator::LessOrEqual(value),
        Sign::Gt => Operator::Greater(value),
        Sign::GtEq => Operator::GreaterOrEqual(value),
        _ => return None,
    })
}

/// A literal that a column of this type is compared with. Days and instants are left to the engine: a file may hold them
/// in a form of its own, and text in another form is in another order.
fn literal(value: &ScalarValue, column: &DataType) -> Option<Value> {
    use DataType::{Boolean, Float64, Int8, Int16, Int32, Int64, LargeUtf8, UInt8, UInt16, UInt32, Utf8, Utf8View};
    match (column, value) {
        (Boolean, ScalarValue::Boolean(Some(value))) => Some(Value::Boolean(*value)),
        (Float64, ScalarValue::Float64(Some(value))) if !value.is_nan() => Some(Value::Float(*value)),
        (Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32, value) => match value {
            ScalarValue::Int8(Some(value)) => Some(Value::Integer(i64::from(*value))),
            ScalarValue::Int16(Some(value)) => Some(Value::Integer(i64::from(*value))),
            ScalarValue::Int32(Some(value)) => Some(Value::Integer(i64::from(*value))),
            ScalarValue::Int64(Some(value)) => Some(Value::Integer(*value)),
            ScalarValue::UInt8(Some(value)) => Some(Value::Integer(i64::from(*value))),
            ScalarValue::UInt16(Some(value)) => Some(Value::Integer(i64::from(*value))),
            ScalarValue::UInt32(Some(value)) => Some(Value::Integer(i64::from(*value))),
            _ => None,
        },
        (
            Utf8 | LargeUtf8 | Utf8View,
            ScalarValue::Utf8(Some(text)) | ScalarValue::LargeUtf8(Some(text)) | ScalarValue::Utf8View(Some(text)),
        ) => Some(Value::Text(text.clone())),
        _ => None,
    }
}

/// Of so many rows, as many are guessed to satisfy a condition.
pub fn kept(rows: u64, filter: &Filter) -> u64 {
    let part = match &filter.operator {
        Operator::Equal(_) => 20,
        Operator::In(values) => return rows.min((rows / 20).saturating_mul(values.len() as u64)).max(rows.min(1)),
        Operator::Null => 10,
        Operator::NotEqual(_) | Operator::NotNull => return rows,
        _ => 3,
    };
    (rows / part).max(rows.min(1))
}

/// A condition as EXPLAIN shows it.
pub fn text(filter: &Filter) -> String {
    let column = super::quoted(&filter.column);
    let compare = |sign: &str, operand: &Value| format!("{column} {sign} {}", value(operand));
    match &filter.operator {
        Operator::Equal(operand) => compare("=", operand),
        Operator::NotEqual(operand) => compare("<>", operand),
        Operator::Less(operand) => compare("<", operand),
        Operator::LessOrEqual(operand) => compare("<=", operand),
        Operator::Greater(operand) => compare(">", operand),
        Operator::GreaterOrEqual(operand) => compare(">=", operand),
        Operator::In(values) => {
            format!("{column} IN ({})", values.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Operator::Null => format!("{column} IS NULL"),
        Operator::NotNull => format!("{column} IS NOT NULL"),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        #[allow(unreachable_patterns, reason = "a value that no filter is made of here")]
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::Field;
    use datafusion::logical_expr::{ident, lit};

    use super::*;

    fn pushed(expr: &Expr) -> Option<String> {
        let schema = Schema::new(vec![
            Field::new("n", DataType::Int64, true),
            Field::new("x", DataType::Float64, true),
            Field::new("t", DataType::Utf8, true),
            Field::new("b", DataType::Boolean, true),
            Field::new("d", DataType::Date32, true),
        ]);
        let filters = filters(expr, &schema)?;
        Some(filters.iter().map(text).collect::<Vec<_>>().join(" AND "))
    }

    #[test]
    fn a_column_beside_a_value_is_left_to_the_storage() {
        for (expr, expected) in [
            (ident("n").eq(lit(5_i64)), "\"n\" = 5"),
            (lit(5_i64).lt(ident("n")), "\"n\" > 5"),
            (ident("x").lt_eq(lit(2.5)), "\"x\" <= 2.5"),
            (ident("t").not_eq(lit("it's")), "\"t\" <> 'it''s'"),
            (ident("b"), "\"b\" = true"),
            (!ident("b"), "\"b\" = false"),
            (ident("n").between(lit(1_i64), lit(3_i64)), "\"n\" >= 1 AND \"n\" <= 3"),
            (ident("t").in_list(vec![lit("a"), lit("b")], false), "\"t\" IN ('a', 'b')"),
            (ident("n").in_list(vec![lit(1_i64), lit(2_i64)], true), "\"n\" <> 1 AND \"n\" <> 2"),
            (ident("d").is_null().and(ident("n").is_not_null()), "\"d\" IS NULL AND \"n\" IS NOT NULL"),
        ] {
            assert_eq!(pushed(&expr).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_would_mean_something_else_stays() {
        let null = Expr::Literal(ScalarValue::Int64(None), None);
        for expr in [
            ident("n").eq(lit("5")),
            ident("x").gt(lit(f64::NAN)),
            ident("n").eq(null.clone()),
            ident("n").in_list(vec![lit(1_i64), null], false),
            ident("n").eq(ident("x")),
            ident("t").like(lit("a%")),
            ident("n").eq(lit(1_i64)).or(ident("t").eq(lit("a"))),
            (ident("n") + lit(1_i64)).eq(lit(5_i64)),
            ident("d").eq(Expr::Literal(ScalarValue::Date32(Some(1)), None)),
        ] {
            assert_eq!(pushed(&expr), None, "{expr}");
        }
    }
}
