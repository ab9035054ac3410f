//! What every storage must do, as one suite: each check is a sentence of the contracts in `storage.rs`.
//!
//! A storage's own tests call [`check`] with a fresh, empty storage. A failed check panics and says which it was.

mod appends;
mod care;
mod changes;
mod comments;
mod identity;
mod removal;
mod upserts;
mod writes;

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::{Database, DatabaseId, ErrorKind, Exists, Missing, Result, Rows, Scan, SchemaChange, Storage, TableName};

/// Runs the whole suite against a storage that has no databases yet.
///
/// # Panics
/// At the first check that fails.
pub async fn check(storage: &dyn Storage) {
    removal::create_open_and_remove(storage).await;
    let database = fresh(storage, "changes").await;
    changes::schemas(database.as_ref()).await;
    changes::tables(database.as_ref()).await;
    changes::views(database.as_ref()).await;
    changes::columns(database.as_ref()).await;
    changes::names_are_data(database.as_ref()).await;
    identity::tables_have_ids(database.as_ref()).await;
    let database = fresh(storage, "comments").await;
    comments::tables_and_columns(database.as_ref()).await;
    comments::schemas_and_views(database.as_ref()).await;
    comments::columns_that_must_have_a_value(database.as_ref()).await;
    let database = fresh(storage, "writes").await;
    writes::modes(database.as_ref()).await;
    writes::matching_by_name(database.as_ref()).await;
    writes::failures_change_nothing(database.as_ref()).await;
    writes::scans(database.as_ref()).await;
    writes::readers_keep_their_version(database.as_ref()).await;
    let database = fresh(storage, "appends").await;
    appends::create_and_mark(database.as_ref()).await;
    appends::repeated(database.as_ref()).await;
    appends::widen(database.as_ref()).await;
    appends::failures_change_nothing(database.as_ref()).await;
    appends::at_once(&database).await;
    let database = fresh(storage, "upserts").await;
    upserts::keys(database.as_ref()).await;
    upserts::cursors(database.as_ref()).await;
    upserts::subsets(database.as_ref()).await;
    upserts::failures_change_nothing(database.as_ref()).await;
    upserts::at_once(&database).await;
    let database = fresh(storage, "care").await;
    care::versions(database.as_ref()).await;
    care::changes_no_row(database.as_ref()).await;
}

async fn fresh(storage: &dyn Storage, id: &str) -> Arc<dyn Database> {
    let id = DatabaseId::new(id).expect("a plain id");
    storage.create(&id).await.expect("a new database can be created");
    storage.open(&id).await.expect("a database that was created can be opened")
}

/// Whether a database of this storage has schemas besides `main`.
async fn has_schemas(database: &dyn Database) -> bool {
    let probe = || "a schema that is tried".to_owned();
    match database.change(SchemaChange::CreateSchema { name: probe(), exists: Exists::Fail }).await {
        Ok(()) => {
            let drop = SchemaChange::DropSchema { name: probe(), cascade: false, missing: Missing::Fail };
            database.change(drop).await.expect("an empty schema can be dropped");
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "a storage with one schema says so: {error}");
            false
        }
    }
}

fn table(name: &str) -> TableName {
    TableName::new("main", name).expect("a plain name")
}

fn people_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("name", DataType::Utf8, true)]))
}

/// Rows of the columns `id` and `name`.
fn people(rows: &[(i64, Option<&str>)]) -> Rows {
    let ids: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.0)).collect::<Int64Array>());
    let names: ArrayRef = Arc::new(rows.iter().map(|row| row.1).collect::<StringArray>());
    let batch = RecordBatch::try_new(people_schema(), vec![ids, names]).expect("columns of equal length");
    Rows::from_batches(people_schema(), vec![batch])
}

/// Everything in a table of the columns `id` and `name`, ordered by id.
async fn read(database: &dyn Database, name: &TableName) -> Vec<(i64, Option<String>)> {
    let scan = Scan { projection: Some(vec!["id".into(), "name".into()]), ..Scan::all(name.clone()) };
    rows_of(database.scan(scan).await.expect("a table can be scanned")).await
}

async fn rows_of(rows: Rows) -> Vec<(i64, Option<String>)> {
    let batches = rows.collect().await.expect("a scan of a healthy table does not fail");
    let mut found: Vec<(i64, Option<String>)> = batches.iter().flat_map(of_batch).collect();
    found.sort();
    found
}

fn of_batch(batch: &RecordBatch) -> Vec<(i64, Option<String>)> {
    let ids = batch.column(0).as_any().downcast_ref::<Int64Array>().expect("id is a 64-bit integer");
    let names = batch.column(1);
    (0..batch.num_rows()).map(|row| (ids.value(row), text(names, row))).collect()
}

/// The text of a cell, whichever of Arrow's text types it has.
fn text(column: &ArrayRef, row: usize) -> Option<String> {
    use arrow_array::{Array, LargeStringArray, StringViewArray};
    if column.is_null(row) {
        return None;
    }
    let any = column.as_any();
    let plain = any.downcast_ref::<StringArray>().map(|values| values.value(row));
    let large = || any.downcast_ref::<LargeStringArray>().map(|values| values.value(row));
    let view = || any.downcast_ref::<StringViewArray>().map(|values| values.value(row));
    plain.or_else(large).or_else(view).map(str::to_owned)
}

fn assert_kind<T>(outcome: Result<T>, kind: ErrorKind, check: &str) {
    match outcome {
        Ok(_) => panic!("{check}: succeeded, but {kind:?} was expected"),
        Err(error) => assert_eq!(error.kind(), kind, "{check}: {error}"),
    }
}
