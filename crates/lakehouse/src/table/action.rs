//! The actions of the Delta log that the server writes.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Schema};
use chrono::Utc;
use deltalake_core::kernel::engine::arrow_conversion::TryFromArrow;
use deltalake_core::kernel::{Action, Add, Metadata, MetadataExt, Protocol, StructType, new_metadata};
use model::{Error, Result};
use serde_json::json;

use super::comments::commented;
use crate::fault::from_delta;

/// The protocol and metadata of a new table of this (storable) schema.
///
/// `name` goes into the metadata for other readers; the directory's name is not always it.
pub fn create_actions(name: &str, schema: &Schema) -> Result<(Protocol, Metadata)> {
    let kernel_schema = StructType::try_from_arrow(schema).map_err(Error::internal)?;
    let metadata = new_metadata(&kernel_schema, Vec::<String>::new(), Vec::<(String, String)>::new())
        .and_then(|metadata| metadata.with_name(name.to_owned()))
        .map_err(|error| from_delta(error.into()))?;
    Ok((protocol(schema)?, metadata))
}

/// The metadata of a table after its columns changed to `schema`; all else stays, also the comments of columns that it
/// has still.
pub fn metadata_action(current: &Metadata, schema: &Schema) -> Result<Action> {
    let kernel_schema = StructType::try_from_arrow(&commented(schema, current)?).map_err(Error::internal)?;
    let metadata = current.clone().with_schema(&kernel_schema).map_err(|error| from_delta(error.into()))?;
    Ok(Action::Metadata(metadata))
}

/// The least protocol that has what the schema needs: timestamps without a zone are a feature of their own.
fn protocol(schema: &Schema) -> Result<Protocol> {
    let needs_feature = schema.fields().iter().any(|field| has_plain_timestamp(field.data_type()));
    let value = if needs_feature {
        json!({ "minReaderVersion": 3, "minWriterVersion": 7,
                "readerFeatures": ["timestampNtz"], "writerFeatures": ["timestampNtz"] })
    } else {
        json!({ "minReaderVersion": 1, "minWriterVersion": 2 })
    };
    serde_json::from_value(value).map_err(Error::internal)
}

/// The action that raises the protocol of a table to what new columns need; none when it has it already.
pub fn protocol_upgrade(current: &Protocol, schema: &Schema) -> Result<Vec<Action>> {
    let needs_feature = schema.fields().iter().any(|field| has_plain_timestamp(field.data_type()));
    let has_feature = serde_json::to_value(current).map_err(Error::internal)?["readerFeatures"]
        .as_array()
        .is_some_and(|features| features.iter().any(|feature| feature == "timestampNtz"));
    if !needs_feature || has_feature {
        return Ok(Vec::new());
    }
    // The older writer version also stood for append-only tables and invariants. A list of features has to name those in
    // use; this server sets neither, and the library would not write to a table whose list has invariants.
    Ok(vec![Action::Protocol(protocol(schema)?)])
}

fn has_plain_timestamp(data_type: &DataType) -> bool {
    match data_type {
        DataType::Timestamp(_, None) => true,
        DataType::List(item) | DataType::Map(item, _) => has_plain_timestamp(item.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| has_plain_timestamp(field.data_type())),
        _ => false,
    }
}

/// The action that adds a file of `size` bytes, with its statistics as the log keeps them.
pub fn add(path: String, size: u64, stats: String) -> Add {
    Add {
        path,
        partition_values: HashMap::new(),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        modification_time: Utc::now().timestamp_millis(),
        data_change: true,
        stats: Some(stats),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    }
}
