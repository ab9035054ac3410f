//! One version of a table: its columns and its files, ready for the engine.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use chrono::{DateTime, Utc};
use deltalake_core::kernel::engine::arrow_conversion::TryIntoArrow;
use deltalake_core::kernel::{Action, Add, Metadata, Protocol, Remove};
use deltalake_core::table::state::DeltaTableState;
use model::{Error, Result};
use object_store::ObjectMeta;
use object_store::path::Path;

use super::stats::{self, FileStatistics};
use super::types::{readable, storable};

/// One version of a table.
#[derive(Debug)]
pub struct Snapshot {
    /// What delta-rs keeps of it, which commits build on.
    pub state: DeltaTableState,
    /// The columns as Delta keeps them.
    pub schema: SchemaRef,
    /// The columns as the engine reads them.
    pub read_schema: SchemaRef,
    /// The files, in the order of the log.
    pub files: Vec<DataFile>,
    /// What a transaction would make of the table; nothing for a version that was committed.
    drafted: Option<Drafted>,
}

/// One Parquet file of a version.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Where it is below the root, its size, its age.
    pub meta: ObjectMeta,
    /// What the log says of its values.
    pub statistics: FileStatistics,
    /// The file as the log has it.
    entry: Arc<Add>,
}

impl Snapshot {
    /// Reads the state of a table whose directory is `directory` below the root.
    ///
    /// # Errors
    /// `Unsupported` for tables with features that a plain Parquet scan would read wrongly.
    pub fn new(state: DeltaTableState, directory: &Path) -> Result<Self> {
        if !state.metadata().partition_columns().is_empty() {
            return Err(Error::unsupported("the Delta table is partitioned, which this server does not read yet"));
        }
        let mapping = state.metadata().configuration().get("delta.columnMapping.mode");
        if mapping.is_some_and(|mode| mode != "none") {
            return Err(Error::unsupported("the Delta table maps its columns, which this server does not read yet"));
        }
        let schema = storable(&state.snapshot().arrow_schema())?;
        let read_schema = readable(&schema);
        #[allow(deprecated, reason = "there is no other way from the log's view of a file to its action")]
        let entries: Vec<Arc<Add>> = state.log_data().iter().map(|view| Arc::new(view.add_action())).collect();
        let files = entries.into_iter().map(|entry| DataFile::new(entry, directory, &read_schema));
        let files = files.collect::<Result<_>>()?;
        Ok(Self { state, schema, read_schema, files, drafted: None })
    }

    /// The version.
    pub fn version(&self) -> u64 {
        self.state.version()
    }

    /// Whether this is that version, with nothing changed on top of it by a transaction.
    pub fn same_as(&self, other: &Self) -> bool {
        let names = |one: &Self| one.files.iter().map(DataFile::log_path).collect::<Vec<String>>();
        self.version() == other.version() && self.metadata() == other.metadata() && names(self) == names(other)
    }

    /// The table's metadata.
    pub fn metadata(&self) -> &Metadata {
        self.drafted.as_ref().map_or_else(|| self.state.metadata(), |drafted| &drafted.metadata)
    }

    /// The table's protocol.
    pub fn protocol(&self) -> &Protocol {
        self.drafted.as_ref().map_or_else(|| self.state.protocol(), |drafted| &drafted.protocol)
    }

    /// The version that a commit of these actions on top of this one would make.
    ///
    /// # Errors
    /// Those of a schema that the metadata has and this server does not read.
    pub fn after(&self, actions: &[Action], directory: &Path) -> Result<Self> {
        let mut drafted = Drafted { metadata: self.metadata().clone(), protocol: self.protocol().clone() };
        let mut gone = HashSet::new();
        let mut entries = Vec::new();
        for action in actions {
            match action {
                Action::Add(add) => entries.push(Arc::new(add.clone())),
                Action::Remove(remove) => drop(gone.insert(remove.path.as_str())),
                Action::Metadata(metadata) => drafted.metadata = metadata.clone(),
                Action::Protocol(protocol) => drafted.protocol = protocol.clone(),
                _ => {}
            }
        }
        let kernel = drafted.metadata.parse_schema().map_err(Error::internal)?;
        let schema: Schema = (&kernel).try_into_arrow().map_err(Error::internal)?;
        let schema = storable(&schema)?;
        let read_schema = readable(&schema);
        let stay = self.files.iter().filter(|file| !gone.contains(file.entry.path.as_str()));
        let files = stay
            .map(|file| file.entry.clone())
            .chain(entries)
            .map(|entry| DataFile::new(entry, directory, &read_schema))
            .collect::<Result<_>>()?;
        Ok(Self { state: self.state.clone(), schema, read_schema, files, drafted: Some(drafted) })
    }
}

/// What a version has that no commit has made yet.
#[derive(Clone, Debug)]
struct Drafted {
    metadata: Metadata,
    protocol: Protocol,
}

impl DataFile {
    /// The file of an entry of the log of the table in `directory`.
    fn new(entry: Arc<Add>, directory: &Path, schema: &SchemaRef) -> Result<Self> {
        if entry.deletion_vector.is_some() {
            return Err(Error::unsupported(
                "the Delta table has deletion vectors, which this server does not read yet",
            ));
        }
        let size = u64::try_from(entry.size).unwrap_or_default();
        let relative = Path::parse(&entry.path).map_err(Error::internal)?;
        let meta = ObjectMeta {
            location: Path::from_iter(directory.parts().chain(relative.parts())),
            last_modified: DateTime::from_timestamp_millis(entry.modification_time).unwrap_or_default(),
            size,
            e_tag: None,
            version: None,
        };
        let statistics = stats::from_log(schema, entry.stats.as_deref(), size);
        Ok(Self { meta, statistics, entry })
    }

    /// The path in the log, relative to the table.
    pub fn log_path(&self) -> String {
        self.entry.path.clone()
    }

    /// The action that adds the file to the table.
    pub fn add(&self) -> Add {
        self.entry.as_ref().clone()
    }

    /// What tells the file, and which of its rows are deleted, from every other.
    pub fn key(&self) -> String {
        self.log_path()
    }

    /// Where it is below the table.
    pub fn relative_path(&self, directory: &Path) -> Path {
        Path::from_iter(self.meta.location.parts().skip(directory.parts().count()))
    }

    /// What it takes on the object store, below the table.
    pub fn paths(&self) -> impl Iterator<Item = String> + use<> {
        std::iter::once(below_table(&self.entry.path))
    }

    /// Its rows, those that are deleted among them, where the log says.
    pub fn all_rows(&self) -> Option<u64> {
        self.statistics.bounds.num_rows.get_value().map(|rows| *rows as u64)
    }

    /// Rows of it that are deleted.
    pub fn deleted_rows(&self) -> u64 {
        0
    }

    /// Rows of it that are not.
    pub fn live_rows(&self) -> Option<u64> {
        self.all_rows()?.checked_sub(self.deleted_rows())
    }

    /// The action that removes the file from the table.
    pub fn remove(&self) -> Remove {
        let values: HashMap<String, Option<String>> = self.entry.partition_values.clone();
        Remove {
            path: self.entry.path.clone(),
            data_change: true,
            deletion_timestamp: Some(Utc::now().timestamp_millis()),
            extended_file_metadata: Some(true),
            size: Some(self.entry.size),
            partition_values: Some(values),
            deletion_vector: self.entry.deletion_vector.clone(),
            tags: None,
            base_row_id: None,
            default_row_commit_version: None,
        }
    }
}

/// What a file that was taken out takes on the object store, below the table.
pub fn paths_of_remove(remove: &Remove) -> impl Iterator<Item = String> + use<> {
    std::iter::once(below_table(&remove.path))
}

/// A path of the log, in the object store's own spelling.
fn below_table(path: &str) -> String {
    Path::parse(path).unwrap_or_else(|_| Path::from(path)).to_string()
}
