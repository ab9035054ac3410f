//! The Arrow types that a Delta table keeps, and how others become one of them.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use model::{Error, Result, name_key, sql_type};

/// The schema as a Delta table keeps it: every type one that Delta has, every name only once.
///
/// Smaller and unsigned types widen to the next that Delta has; a column of nothing but NULL becomes INTEGER.
///
/// # Errors
/// `Unsupported` names the column and its type; `Invalid` names a column that stands twice.
pub fn storable(schema: &Schema) -> Result<SchemaRef> {
    if schema.fields().is_empty() {
        return Err(Error::invalid("a table needs at least one column"));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = schema.fields().iter().find(|field| !seen.insert(name_key(field.name()))) {
        return Err(Error::invalid(format!("Binder Error: column \"{}\" stands twice in the table", twice.name())));
    }
    let fields = schema.fields().iter().map(|field| storable_field(field)).collect::<Result<Vec<FieldRef>>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

fn storable_field(field: &FieldRef) -> Result<FieldRef> {
    if field.name().is_empty() {
        return Err(Error::invalid("a column has an empty name; give it one with AS"));
    }
    let data_type = storable_type(field.data_type()).ok_or_else(|| unsupported(field.name(), field.data_type()))?;
    Ok(Arc::new(Field::new(field.name(), data_type, field.is_nullable())))
}

fn unsupported(column: &str, data_type: &DataType) -> Error {
    Error::unsupported(format!(
        "Not implemented Error: column \"{column}\" has the type {}, which a Delta table cannot keep; \
         cast it to VARCHAR or to another type",
        sql_type(data_type)
    ))
}

fn storable_type(data_type: &DataType) -> Option<DataType> {
    Some(match data_type {
        DataType::Null => DataType::Int32,
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Date32 => data_type.clone(),
        DataType::UInt8 => DataType::Int16,
        DataType::UInt16 => DataType::Int32,
        DataType::UInt32 => DataType::Int64,
        DataType::UInt64 => DataType::Decimal128(20, 0),
        DataType::Float16 => DataType::Float32,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale)
            if *precision <= 38 && *scale >= 0 =>
        {
            DataType::Decimal128(*precision, *scale)
        }
        DataType::Date64 => DataType::Date32,
        DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Timestamp(_, Some(_)) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        // Delta has no time of day. As text it is `12:30:00`, which sorts and compares as the time does.
        DataType::Time32(_) | DataType::Time64(_) => DataType::Utf8,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            DataType::Binary
        }
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => {
            DataType::List(Arc::new(Field::new("element", storable_type(item.data_type())?, true)))
        }
        DataType::Struct(fields) if !fields.is_empty() => DataType::Struct(storable_fields(fields)?),
        DataType::Map(entries, _) => {
            let DataType::Struct(fields) = entries.data_type() else { return None };
            let key = Field::new("key", storable_type(fields.first()?.data_type())?, false);
            let value = Field::new("value", storable_type(fields.get(1)?.data_type())?, true);
            let entries = Field::new("key_value", DataType::Struct(Fields::from(vec![key, value])), false);
            DataType::Map(Arc::new(entries), false)
        }
        DataType::Dictionary(_, values) => storable_type(values)?,
        DataType::RunEndEncoded(_, values) => storable_type(values.data_type())?,
        _ => return None,
    })
}

fn storable_fields(fields: &Fields) -> Option<Fields> {
    fields
        .iter()
        .map(|field| Some(Field::new(field.name(), storable_type(field.data_type())?, field.is_nullable())))
        .collect::<Option<Vec<Field>>>()
        .map(Fields::from)
}

/// The schema under which the engine reads a table: text and bytes as views, which scans produce without copying.
pub fn readable(schema: &Schema) -> SchemaRef {
    let view = |field: &FieldRef| -> FieldRef {
        let data_type = match field.data_type() {
            DataType::Utf8 => DataType::Utf8View,
            DataType::Binary => DataType::BinaryView,
            _ => return field.clone(),
        };
        Arc::new(field.as_ref().clone().with_data_type(data_type))
    };
    Arc::new(Schema::new(schema.fields().iter().map(view).collect::<Vec<FieldRef>>()))
}
