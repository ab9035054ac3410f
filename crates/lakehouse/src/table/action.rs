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

/// The setting that keeps the columns of a table's key, as a JSON list of names: those of the last upsert.
pub const KEY_SETTING: &str = "boathouse.key";

/// A line of a table's configuration.
pub type Setting = (String, String);

/// The protocol and metadata of a new table of this (storable) schema.
///
/// `name` goes into the metadata for other readers; the directory's name is not always it.
pub fn create_actions(name: &str, schema: &Schema, settings: Vec<Setting>) -> Result<(Protocol, Metadata)> {
    let kernel_schema = StructType::try_from_arrow(schema).map_err(Error::internal)?;
    let metadata = new_metadata(&kernel_schema, Vec::<String>::new(), settings)
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

/// The metadata with one line of the configuration set.
pub fn with_setting(current: &Metadata, setting: Setting) -> Result<Metadata> {
    let mut metadata = serde_json::to_value(current).map_err(Error::internal)?;
    metadata["configuration"][setting.0] = json!(setting.1);
    serde_json::from_value(metadata).map_err(Error::internal)
}

/// The feature of timestamps without a zone, by its name in the protocol.
const PLAIN_TIMESTAMPS: &str = "timestampNtz";

/// The feature of deletion vectors.
const DELETION_VECTORS: &str = "deletionVectors";

/// The setting that lets writers make deletion vectors.
const MAKES_VECTORS: &str = "delta.enableDeletionVectors";

/// The least protocol that has what the schema needs: timestamps without a zone are a feature of their own.
fn protocol(schema: &Schema) -> Result<Protocol> {
    let needs_feature = schema.fields().iter().any(|field| has_plain_timestamp(field.data_type()));
    let value = if needs_feature {
        json!({ "minReaderVersion": 3, "minWriterVersion": 7,
                "readerFeatures": [PLAIN_TIMESTAMPS], "writerFeatures": [PLAIN_TIMESTAMPS] })
    } else {
        json!({ "minReaderVersion": 1, "minWriterVersion": 2 })
    };
    serde_json::from_value(value).map_err(Error::internal)
}

/// The action that raises the protocol of a table to what new columns need; none when it has it already.
pub fn protocol_upgrade(current: &Protocol, schema: &Schema) -> Result<Vec<Action>> {
    if schema.fields().iter().any(|field| has_plain_timestamp(field.data_type())) {
        with_feature(current, PLAIN_TIMESTAMPS)
    } else {
        Ok(Vec::new())
    }
}

/// The actions that let a table have deletion vectors; none when it may already. `metadata` is what the table has, or
/// what it gets in the same commit.
pub fn with_deletion_vectors(current: &Protocol, metadata: &Metadata) -> Result<(Vec<Action>, Option<Metadata>)> {
    let actions = with_feature(current, DELETION_VECTORS)?;
    let enabled = metadata.configuration().get(MAKES_VECTORS).is_some_and(|value| value == "true");
    if enabled {
        return Ok((actions, None));
    }
    Ok((actions, Some(with_setting(metadata, (MAKES_VECTORS.to_owned(), "true".to_owned()))?)))
}

/// The action that adds a feature of readers and writers to a protocol.
fn with_feature(current: &Protocol, feature: &str) -> Result<Vec<Action>> {
    let current = serde_json::to_value(current).map_err(Error::internal)?;
    let listed = |list: &str| -> Vec<String> {
        let features = current[list].as_array().into_iter().flatten();
        features.filter_map(|feature| feature.as_str().map(str::to_owned)).collect()
    };
    let (mut readers, mut writers) = (listed("readerFeatures"), listed("writerFeatures"));
    if readers.iter().any(|known| known == feature) {
        return Ok(Vec::new());
    }
    // The older writer version also stood for append-only tables and invariants. A list of features has to name those in
    // use; this server sets neither, and the library would not write to a table whose list has invariants.
    readers.push(feature.to_owned());
    writers.push(feature.to_owned());
    let raised = json!({ "minReaderVersion": 3, "minWriterVersion": 7,
                         "readerFeatures": readers, "writerFeatures": writers });
    Ok(vec![Action::Protocol(serde_json::from_value(raised).map_err(Error::internal)?)])
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
