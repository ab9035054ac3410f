//! What the server knows of its tables, as tables: their history, and the care that was taken of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use datafusion::catalog::MemTable;
use datafusion::datasource::TableProvider;
use model::{Error, Result, Version};

use super::context::Context;
use super::types::UTC;
use crate::care::Record;
use crate::fault::from_datafusion;

/// One row a version, newest first.
pub fn history(versions: Vec<Version>) -> Result<Arc<dyn TableProvider>> {
    let number = |each: fn(&Version) -> Option<u64>| numbers(versions.iter().map(each));
    table(vec![
        ("version", number(|version| Some(version.version))),
        ("time", times(versions.iter().map(|version| version.time))),
        ("operation", texts(versions.iter().map(|version| version.operation.clone()))),
        ("files_added", number(|version| Some(version.files_added))),
        ("files_removed", number(|version| Some(version.files_removed))),
        ("rows_added", number(|version| version.rows_added)),
        ("rows_removed", number(|version| version.rows_removed)),
    ])
}

/// One row a job, newest first: those of databases that the caller may know of.
pub async fn care(context: &Context) -> Result<Arc<dyn TableProvider>> {
    let databases = context.catalogs.list().await?.into_iter();
    let names: HashMap<String, String> = databases.map(|info| (info.id.to_string(), info.name.to_string())).collect();
    let mut jobs = context.session.carer().records().last();
    jobs.retain(|job| names.contains_key(&job.patient.database));
    let text = |each: &dyn Fn(&Record) -> Option<String>| texts(jobs.iter().map(each));
    let number = |each: &dyn Fn(&Record) -> Option<u64>| numbers(jobs.iter().map(each));
    let cared = |job: &Record| job.outcome.as_ref().ok().copied();
    table(vec![
        ("database_name", text(&|job| names.get(&job.patient.database).cloned())),
        ("schema_name", text(&|job| job.patient.name.as_ref().map(|name| name.schema.clone()))),
        ("table_name", text(&|job| job.patient.name.as_ref().map(|name| name.table.clone()))),
        ("what", text(&|job| Some(job.what.to_string()))),
        ("asked_for", Arc::new(jobs.iter().map(|job| Some(job.asked)).collect::<BooleanArray>()) as ArrayRef),
        ("started", times(jobs.iter().map(|job| job.started))),
        ("took_ms", number(&|job| u64::try_from(job.took.as_millis()).ok())),
        ("files_before", number(&|job| Some(cared(job)?.files_before))),
        ("files_after", number(&|job| Some(cared(job)?.files_after))),
        ("bytes_before", number(&|job| Some(cared(job)?.bytes_before))),
        ("bytes_after", number(&|job| Some(cared(job)?.bytes_after))),
        ("error", text(&|job| job.outcome.as_ref().err().cloned())),
    ])
}

fn table(columns: Vec<(&str, ArrayRef)>) -> Result<Arc<dyn TableProvider>> {
    let columns = columns.into_iter().map(|(name, values)| (name, values, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).map_err(Error::internal)?;
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).map_err(from_datafusion)?;
    Ok(Arc::new(table))
}

/// A column of counts.
pub fn numbers(values: impl Iterator<Item = Option<u64>>) -> ArrayRef {
    Arc::new(values.map(|value| value.and_then(|value| i64::try_from(value).ok())).collect::<Int64Array>())
}

fn texts(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn times(values: impl Iterator<Item = SystemTime>) -> ArrayRef {
    let micros = values.map(|time| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_micros()).ok()
    });
    Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone(UTC))
}
