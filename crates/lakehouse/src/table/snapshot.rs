//! One version of a table: its columns and its files, ready for the engine.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use chrono::{DateTime, Utc};
use deltalake_core::kernel::engine::arrow_conversion::TryIntoArrow;
use deltalake_core::kernel::{Action, Add, DeletionVectorDescriptor, LogicalFileView, Metadata, Protocol, Remove};
use deltalake_core::table::state::DeltaTableState;
use model::{Error, Result};
use object_store::ObjectMeta;
use object_store::path::Path;

use super::deletions::{Deletions, vector_id};
use super::stats::{self, FileStatistics};
use super::types::{readable, storable};

/// One version of a table.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What delta-rs keeps of it, which commits build on.
    pub state: DeltaTableState,
    /// The columns as Delta keeps them.
    pub schema: SchemaRef,
    /// The columns as the engine reads them.
    pub read_schema: SchemaRef,
    /// The files, in the order of the log.
    pub files: Vec<DataFile>,
    /// The table's directory below the root.
    directory: Path,
    /// What a transaction would make of the table; nothing for a version that was committed.
    drafted: Option<Drafted>,
}

/// What a version has that no commit has made yet.
#[derive(Clone, Debug)]
struct Drafted {
    metadata: Metadata,
    protocol: Protocol,
}

/// One Parquet file of a version: what the log says of it, or will say once a change under way is committed.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Where it is below the root, its size, its age.
    pub meta: ObjectMeta,
    /// What the log says of its values.
    pub statistics: FileStatistics,
    add: Arc<Add>,
    deletions: Option<Arc<Deletions>>,
}

impl Snapshot {
    /// Reads the state of a table whose directory is `directory` below the root. Files that `known`, a version of the
    /// same table, has already are taken from there.
    ///
    /// # Errors
    /// `Unsupported` for tables with features that a plain Parquet scan would read wrongly.
    pub fn new(state: DeltaTableState, directory: &Path, known: Option<&Self>) -> Result<Self> {
        if !state.metadata().partition_columns().is_empty() {
            return Err(Error::unsupported("the Delta table is partitioned, which this server does not read yet"));
        }
        let mapping = state.metadata().configuration().get("delta.columnMapping.mode");
        if mapping.is_some_and(|mode| mode != "none") {
            return Err(Error::unsupported("the Delta table maps its columns, which this server does not read yet"));
        }
        let schema = storable(&state.snapshot().arrow_schema())?;
        let read_schema = readable(&schema);
        let known: HashMap<&str, &DataFile> = known
            .filter(|known| known.read_schema == read_schema)
            .map(|known| known.files.iter().map(|file| (file.add.path.as_str(), file)).collect())
            .unwrap_or_default();
        let file = |view: LogicalFileView| {
            let vector = vector_id(view.deletion_vector_descriptor().as_ref());
            match known.get(view.path().as_ref()).filter(|known| known.vector_id() == vector) {
                Some(known) => Ok((*known).clone()),
                None => DataFile::new(as_logged(&view), directory, &read_schema),
            }
        };
        let files = state.log_data().iter().map(file).collect::<Result<_>>()?;
        Ok(Self { state, schema, read_schema, files, directory: directory.clone(), drafted: None })
    }

    /// The version.
    pub fn version(&self) -> u64 {
        self.state.version()
    }

    /// Whether this is that version, with nothing changed on top of it by a transaction.
    pub fn same_as(&self, other: &Self) -> bool {
        let files = |one: &Self| one.files.iter().map(DataFile::identity).collect::<Vec<_>>();
        self.version() == other.version() && self.metadata() == other.metadata() && files(self) == files(other)
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
    pub fn after(&self, actions: &[Action]) -> Result<Self> {
        let mut drafted = Drafted { metadata: self.metadata().clone(), protocol: self.protocol().clone() };
        let mut gone = HashSet::new();
        let mut added = Vec::new();
        for action in actions {
            match action {
                Action::Add(add) => added.push(add.clone()),
                Action::Remove(remove) => {
                    gone.insert((remove.path.clone(), vector_id(remove.deletion_vector.as_ref())));
                }
                Action::Metadata(metadata) => drafted.metadata = metadata.clone(),
                Action::Protocol(protocol) => drafted.protocol = protocol.clone(),
                _ => {}
            }
        }
        let kernel = drafted.metadata.parse_schema().map_err(Error::internal)?;
        let schema: Schema = (&kernel).try_into_arrow().map_err(Error::internal)?;
        let schema = storable(&schema)?;
        let read_schema = readable(&schema);
        let stay = self.files.iter().filter(|file| !gone.contains(&file.identity())).map(|file| file.add().clone());
        let files = stay.chain(added).map(|add| DataFile::new(add, &self.directory, &read_schema));
        let files = files.collect::<Result<_>>()?;
        Ok(Self { schema, read_schema, files, drafted: Some(drafted), ..self.clone() })
    }

    /// The deletion vector that a descriptor of this table names.
    pub fn deletions(&self, descriptor: DeletionVectorDescriptor) -> Result<Deletions> {
        Deletions::new(descriptor, &self.directory)
    }

    /// The table with these files in place of its own: how it will be once a change under way is committed.
    pub fn with_files(&self, files: Vec<DataFile>) -> Self {
        Self { files, ..self.clone() }
    }
}

impl DataFile {
    fn new(add: Add, directory: &Path, schema: &SchemaRef) -> Result<Self> {
        let deletions = add.deletion_vector.clone().map(|descriptor| Deletions::new(descriptor, directory));
        let deletions = deletions.transpose()?.map(Arc::new);
        let size = u64::try_from(add.size).unwrap_or_default();
        // Where percent signs do not make a valid path they are part of the name.
        let relative = Path::parse(&add.path).unwrap_or_else(|_| Path::from(add.path.as_str()));
        let meta = ObjectMeta {
            location: Path::from_iter(directory.parts().chain(relative.parts())),
            last_modified: DateTime::from_timestamp_millis(add.modification_time).unwrap_or_default(),
            size,
            e_tag: None,
            version: None,
        };
        let gone = deletions.as_ref().map_or(0, |deletions| deletions.count());
        let statistics = stats::from_log(schema, add.stats.as_deref(), size, gone);
        Ok(Self { meta, statistics, add: Arc::new(add), deletions })
    }

    /// The file as the log has it.
    pub fn add(&self) -> &Add {
        &self.add
    }

    /// The rows that the log takes out of it.
    pub fn deletions(&self) -> Option<&Arc<Deletions>> {
        self.deletions.as_ref()
    }

    /// Rows in the file, with those that are gone; none where the log does not say.
    pub fn stored_rows(&self) -> Option<u64> {
        self.statistics.bounds.num_rows.get_value().and_then(|rows| u64::try_from(*rows).ok())
    }

    /// The same file, which has so many rows, with these gone and no others.
    pub fn with_deletions(&self, deletions: Deletions, stored: u64, schema: &SchemaRef) -> Self {
        let add = Add {
            deletion_vector: Some(deletions.descriptor().clone()),
            stats: Some(stats::loose(self.add.stats.as_deref(), stored)),
            data_change: true,
            ..self.add.as_ref().clone()
        };
        let statistics = stats::from_log(schema, add.stats.as_deref(), self.meta.size, deletions.count());
        Self { meta: self.meta.clone(), statistics, add: Arc::new(add), deletions: Some(Arc::new(deletions)) }
    }

    /// Where it is below a table in `directory`.
    pub fn relative_path(&self, directory: &Path) -> Path {
        below(directory, &self.meta.location)
    }

    /// What it takes on the object store, below a table in `directory`.
    pub fn paths(&self, directory: &Path) -> impl Iterator<Item = String> + use<> {
        let vector = self.deletions.as_ref().and_then(|deletions| deletions.file());
        let vector = vector.map(|file| below(directory, file).to_string());
        std::iter::once(self.relative_path(directory).to_string()).chain(vector)
    }

    /// Rows that are gone.
    pub fn gone_rows(&self) -> u64 {
        self.deletions.as_ref().map_or(0, |deletions| deletions.count())
    }

    /// Rows that are not; none where the log does not say.
    pub fn live_rows(&self) -> Option<u64> {
        self.stored_rows()?.checked_sub(self.gone_rows())
    }

    /// The action that removes the file from the table.
    pub fn remove(&self) -> Remove {
        Remove {
            path: self.add.path.clone(),
            data_change: true,
            deletion_timestamp: Some(Utc::now().timestamp_millis()),
            extended_file_metadata: Some(true),
            size: Some(self.add.size),
            partition_values: Some(self.add.partition_values.clone()),
            deletion_vector: self.add.deletion_vector.clone(),
            tags: None,
            base_row_id: None,
            default_row_commit_version: None,
        }
    }

    /// What tells it from every other file, and from itself with other rows gone.
    pub fn identity(&self) -> (String, Option<String>) {
        (self.add.path.clone(), self.vector_id())
    }

    /// What tells it from the same file with other rows gone.
    pub fn vector_id(&self) -> Option<String> {
        vector_id(self.add.deletion_vector.as_ref())
    }
}

/// The action that made a file part of the table.
fn as_logged(view: &LogicalFileView) -> Add {
    #[expect(deprecated, reason = "the library has no other way to all that the log says of a file")]
    view.add_action()
}

/// What a file that was taken out takes on the object store, below a table in `directory`.
pub fn paths_of_remove(remove: &Remove, directory: &Path) -> impl Iterator<Item = String> + use<> {
    let file = Path::parse(&remove.path).unwrap_or_else(|_| Path::from(remove.path.as_str()));
    let vector = remove.deletion_vector.clone().and_then(|vector| Deletions::new(vector, directory).ok());
    let vector = vector.and_then(|vector| vector.file().map(|file| below(directory, file).to_string()));
    std::iter::once(file.to_string()).chain(vector)
}

/// A path below the root as one below the directory.
fn below(directory: &Path, path: &Path) -> Path {
    Path::from_iter(path.parts().skip(directory.parts().count()))
}
