//! The types that columns are read as.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef};

/// The type that a column of type `data_type` is read as: the same values in their plainest layout, with NULL allowed
/// everywhere. The writer of the table casts the rest of the way.
pub(crate) fn readable(data_type: &DataType) -> DataType {
    match data_type {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal256(precision @ ..=38, scale) => DataType::Decimal128(*precision, *scale),
        DataType::Date64 => DataType::Date32,
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => DataType::List(readable_field(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(readable_field).collect()),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                let key = Arc::new(Field::new(fields[0].name(), readable(fields[0].data_type()), false));
                let pair = DataType::Struct(vec![key, readable_field(&fields[1])].into());
                DataType::Map(Arc::new(Field::new(entries.name(), pair, false)), false)
            }
            _ => data_type.clone(),
        },
        DataType::Dictionary(_, values) => readable(values),
        DataType::RunEndEncoded(_, values) => readable(values.data_type()),
        other => other.clone(),
    }
}

fn readable_field(field: &FieldRef) -> FieldRef {
    Arc::new(Field::new(field.name(), readable(field.data_type()), true))
}
