//! Comments: the description in a table's metadata, and `comment` in the metadata of its columns, where Spark and other
//! Delta tools keep them.

use arrow::datatypes::{Field, FieldRef, Schema};
use deltalake_core::kernel::engine::arrow_conversion::{TryFromArrow, TryIntoArrow};
use deltalake_core::kernel::{Action, Metadata, MetadataExt, StructType};
use model::{COMMENT, Error, Result, name_key};

use crate::fault::from_delta;

/// A schema with the comments that the metadata has for its columns; those that a column brings along go before.
pub fn commented(schema: &Schema, metadata: &Metadata) -> Result<Schema> {
    let known = arrow_schema(metadata)?;
    let with_comment = |field: &FieldRef| -> FieldRef {
        let same = known.fields().iter().find(|other| name_key(other.name()) == name_key(field.name()));
        match same.and_then(|other| other.metadata().get(COMMENT)) {
            Some(text) if !field.metadata().contains_key(COMMENT) => with(field, Some(text)),
            _ => field.clone(),
        }
    };
    Ok(Schema::new(schema.fields().iter().map(with_comment).collect::<Vec<FieldRef>>()))
}

/// The columns of a table with its comments: what the storage contract answers.
pub fn columns(schema: &Schema, metadata: &Metadata) -> Result<Schema> {
    let about =
        metadata.description().filter(|text| !text.is_empty()).map(|text| (COMMENT.to_owned(), text.to_owned()));
    Ok(commented(schema, metadata)?.with_metadata(about.into_iter().collect()))
}

/// The comment of one column.
pub fn of_column(metadata: &Metadata, column: &str) -> Result<Option<String>> {
    let schema = arrow_schema(metadata)?;
    let field = schema.fields().iter().find(|field| name_key(field.name()) == name_key(column));
    Ok(field.and_then(|field| field.metadata().get(COMMENT)).cloned())
}

/// A column with this comment and no other metadata.
pub fn with(field: &FieldRef, text: Option<&String>) -> FieldRef {
    let metadata = text.map(|text| (COMMENT.to_owned(), text.clone())).into_iter().collect();
    FieldRef::new(Field::clone(field).with_metadata(metadata))
}

/// The action that puts a comment on a table, or on one of its columns.
///
/// # Errors
/// `Invalid` for a column that the table has not.
pub fn action(metadata: &Metadata, column: Option<&str>, text: Option<&String>) -> Result<Action> {
    let Some(column) = column else {
        let mut value = serde_json::to_value(metadata).map_err(Error::internal)?;
        value["description"] = serde_json::json!(text);
        return serde_json::from_value(value).map(Action::Metadata).map_err(Error::internal);
    };
    let schema = arrow_schema(metadata)?;
    let is = |field: &FieldRef| name_key(field.name()) == name_key(column);
    if !schema.fields().iter().any(is) {
        return Err(Error::invalid(format!("Binder Error: the table has no column \"{column}\"")));
    }
    let fields = schema.fields().iter().map(|field| if is(field) { with(field, text) } else { field.clone() });
    let kernel = StructType::try_from_arrow(&Schema::new(fields.collect::<Vec<_>>())).map_err(Error::internal)?;
    let metadata = metadata.clone().with_schema(&kernel).map_err(|error| from_delta(error.into()))?;
    Ok(Action::Metadata(metadata))
}

fn arrow_schema(metadata: &Metadata) -> Result<Schema> {
    let kernel = metadata.parse_schema().map_err(Error::internal)?;
    (&kernel).try_into_arrow().map_err(Error::internal)
}
