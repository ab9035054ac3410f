//! The storage contract's filters as expressions of the engine.

use arrow::datatypes::{DataType, SchemaRef};
use datafusion::logical_expr::{Expr, cast, ident, lit};
use model::{Error, Filter, Operator, Result, Value, name_key, sql_type};

/// The expression of a filter on a table of this schema.
///
/// # Errors
/// `Invalid` for a column that the table has not, and for a value that its type cannot be compared with.
pub fn to_expr(filter: &Filter, schema: &SchemaRef) -> Result<Expr> {
    let field = schema
        .fields()
        .iter()
        .find(|field| name_key(field.name()) == name_key(&filter.column))
        .ok_or_else(|| Error::not_found("column", &filter.column))
        .map_err(|error| Error::invalid(error.message()))?;
    let column = ident(field.name());
    let value = |value: &Value| literal(value, field.name(), field.data_type());
    Ok(match &filter.operator {
        Operator::Equal(operand) => column.eq(value(operand)?),
        Operator::NotEqual(operand) => column.not_eq(value(operand)?),
        Operator::Less(operand) => column.lt(value(operand)?),
        Operator::LessOrEqual(operand) => column.lt_eq(value(operand)?),
        Operator::Greater(operand) => column.gt(value(operand)?),
        Operator::GreaterOrEqual(operand) => column.gt_eq(value(operand)?),
        Operator::In(operands) => column.in_list(operands.iter().map(value).collect::<Result<_>>()?, false),
        Operator::Null => column.is_null(),
        Operator::NotNull => column.is_not_null(),
    })
}

fn literal(value: &Value, column: &str, data_type: &DataType) -> Result<Expr> {
    let text = matches!(data_type, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8);
    let fits = match value {
        Value::Boolean(_) => *data_type == DataType::Boolean,
        Value::Integer(_) | Value::Float(_) => data_type.is_numeric(),
        Value::Text(_) => text || data_type.is_temporal(),
    };
    if !fits {
        return Err(Error::invalid(format!(
            "column \"{column}\" is {} and cannot be compared with {value:?}",
            sql_type(data_type)
        )));
    }
    Ok(match value {
        Value::Boolean(value) => lit(*value),
        Value::Integer(value) => lit(*value),
        Value::Float(value) => lit(*value),
        Value::Text(value) if text => lit(value.clone()),
        Value::Text(value) => cast(lit(value.clone()), data_type.clone()),
    })
}
