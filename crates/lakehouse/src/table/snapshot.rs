//! One committed version of a table: its columns and its files, ready for the engine.

use arrow::datatypes::SchemaRef;
use deltalake_core::kernel::{Add, LogicalFileView, Remove};
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
}

/// One Parquet file of a version.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Where it is below the root, its size, its age.
    pub meta: ObjectMeta,
    /// What the log says of its values.
    pub statistics: FileStatistics,
    /// The file as the log has it.
    view: View,
}

/// The log's own view of a file, which has no `Debug`.
#[derive(Clone)]
struct View(LogicalFileView);

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.path())
    }
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
        let files =
            state.log_data().iter().map(|view| data_file(view, directory, &read_schema)).collect::<Result<_>>()?;
        Ok(Self { state, schema, read_schema, files })
    }

    /// The version.
    pub fn version(&self) -> u64 {
        self.state.version()
    }
}

impl DataFile {
    /// The path in the log, relative to the table.
    pub fn log_path(&self) -> String {
        self.view.0.path().into_owned()
    }

    /// The action that adds the file to the table.
    #[allow(deprecated, reason = "one file's action is what is wanted, not the columns of all")]
    pub fn add(&self) -> Add {
        self.view.0.add_action()
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
        std::iter::once(self.view.0.object_store_path().to_string())
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
        self.view.0.remove_action(true)
    }
}

fn data_file(view: LogicalFileView, directory: &Path, schema: &SchemaRef) -> Result<DataFile> {
    if view.deletion_vector_descriptor().is_some() {
        return Err(Error::unsupported("the Delta table has deletion vectors, which this server does not read yet"));
    }
    let size = u64::try_from(view.size()).unwrap_or_default();
    let relative = view.object_store_path();
    let location = Path::from_iter(directory.parts().chain(relative.parts()));
    let meta = ObjectMeta {
        location,
        last_modified: view.modification_datetime().unwrap_or_default(),
        size,
        e_tag: None,
        version: None,
    };
    let statistics = stats::from_log(schema, view.stats().as_deref(), size);
    Ok(DataFile { meta, statistics, view: View(view) })
}

/// What a file that was taken out takes on the object store, below the table.
pub fn paths_of_remove(remove: &Remove) -> impl Iterator<Item = String> + use<> {
    let path = Path::from_url_path(&remove.path).unwrap_or_else(|_| Path::from(remove.path.as_str()));
    std::iter::once(path.to_string())
}
