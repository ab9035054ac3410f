//! A query as `GET /query/{query_id}` shows it.

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use model::{Figures, Hits};
use poem_openapi::Object;
use services::{LoggedQuery, Outcome};

use crate::count::Count;
use crate::one_of::{OneOf, Words};

/// A query that runs or has run. Every property is there; those that have no value are null.
#[derive(Clone, Debug, Object)]
pub struct QueryLogEntry {
    /// The id of the query.
    uuid: String,
    /// When it was taken up.
    start_time: String,
    /// When it ended; null while it runs.
    end_time: Option<String>,
    /// Milliseconds from its start to its end; null while it runs.
    duration_ms: Option<Count>,
    /// The statement; the first 64 KiB of one that is longer.
    query: String,
    /// The session that the caller counted it to.
    session_id: String,
    /// Through what it was asked.
    client_interface: OneOf<Interface>,
    /// Why it did not come to its end; null where it did, or still runs.
    error: Option<String>,
    /// What it cost.
    stats: QueryStats,
    /// How far it is.
    progress: QueryProgress,
    /// Whether lists of queries show it.
    visible: bool,
    /// Who asked, in the caller's words.
    requested_by: Option<String>,
    /// What the caller's program called itself.
    user_agent: Option<String>,
}

/// What a query cost.
#[derive(Clone, Debug, Object)]
pub struct QueryStats {
    /// What was in memory, and what had to be read.
    caching: CachingStats,
    /// Memory.
    memory: MemoryStats,
    /// What the planner expected.
    scan: ScanStats,
}

/// What was in memory, and what had to be read.
#[derive(Clone, Debug, Object)]
pub struct CachingStats {
    /// Reads of table data that memory answered. Always 0: the server leaves keeping data in memory to the system.
    data_hits: Count,
    /// Reads of table data.
    data_misses: Count,
    /// Bytes of table data that memory had; always 0.
    data_bytes_hits: Count,
    /// Bytes of table data that were read.
    data_bytes_misses: Count,
    /// Files that were open already; always 0, each scan opens its own.
    filehandle_hits: Count,
    /// Files that were opened; one that several threads read counts for each.
    filehandle_misses: Count,
    /// Footers of Parquet files that were in memory.
    metadata_hits: Count,
    /// Footers of Parquet files that were read.
    metadata_misses: Count,
}

/// Memory.
#[derive(Clone, Debug, Object)]
pub struct MemoryStats {
    /// The most that the query held at once, in bytes, out of what all queries share.
    total_usage_bytes: Count,
}

/// What the planner expected.
#[derive(Clone, Debug, Object)]
pub struct ScanStats {
    /// Rows of the answer; 0 where the planner could not say.
    estimated_result_rows: Count,
    /// Rows that would be read.
    estimated_scanned_rows: Count,
}

/// How far a query is.
#[derive(Clone, Debug, Object)]
pub struct QueryProgress {
    /// Rows read of those that will be, in percent; 100 at the end.
    percentage: f64,
    /// Rows that were read.
    rows_processed: Count,
    /// Rows that will have been read at the end, as far as it is known; 0 where it is not.
    total_rows: Count,
}

/// Through what queries are asked.
#[derive(Clone, Copy, Debug)]
pub enum Interface {}

impl Words for Interface {
    const WORDS: &'static [&'static str] =
        &["ArrowFlightSQL", "HttpQuery", "HttpCancel", "HttpValidate", "HttpExplain", "HttpAutocomplete", "Postgres"];
}

/// A word that this product knows: what is asked through another one is a query over HTTP to its clients.
fn known(interface: String) -> String {
    if Interface::WORDS.contains(&interface.as_str()) { interface } else { "HttpQuery".to_owned() }
}

impl From<LoggedQuery> for QueryLogEntry {
    fn from(query: LoggedQuery) -> Self {
        let duration = query.end.as_ref().map(|end| end.duration);
        Self {
            start_time: time(query.started),
            end_time: query.ended().map(time),
            duration_ms: duration.map(|time| Count(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))),
            stats: QueryStats::from(&query.figures),
            progress: QueryProgress::of(&query),
            uuid: query.query_id,
            query: query.statement,
            session_id: query.session_id,
            client_interface: OneOf::new(known(query.interface)),
            error: query.end.and_then(|end| end.error),
            visible: query.visible,
            requested_by: query.requested_by,
            user_agent: query.user_agent,
        }
    }
}

impl From<&Figures> for QueryStats {
    fn from(figures: &Figures) -> Self {
        let Hits { hits: data_hits, misses: data_misses } = figures.data;
        let Hits { hits: data_bytes_hits, misses: data_bytes_misses } = figures.data_bytes;
        let Hits { hits: filehandle_hits, misses: filehandle_misses } = figures.files;
        let Hits { hits: metadata_hits, misses: metadata_misses } = figures.metadata;
        Self {
            caching: CachingStats {
                data_hits: Count(data_hits),
                data_misses: Count(data_misses),
                data_bytes_hits: Count(data_bytes_hits),
                data_bytes_misses: Count(data_bytes_misses),
                filehandle_hits: Count(filehandle_hits),
                filehandle_misses: Count(filehandle_misses),
                metadata_hits: Count(metadata_hits),
                metadata_misses: Count(metadata_misses),
            },
            memory: MemoryStats { total_usage_bytes: Count(figures.memory_bytes) },
            scan: ScanStats {
                estimated_result_rows: Count(figures.estimated_result_rows),
                estimated_scanned_rows: Count(figures.estimated_scanned_rows),
            },
        }
    }
}

impl QueryProgress {
    /// A query that came to its end has read all that it was to read, whatever was expected.
    fn of(query: &LoggedQuery) -> Self {
        let Figures { rows_processed, total_rows, .. } = query.figures;
        let whole = query.end.as_ref().is_some_and(|end| end.outcome == Outcome::Finished);
        let total_rows = if whole { rows_processed } else { total_rows.max(rows_processed) };
        let percentage = match total_rows {
            _ if whole => 100.0,
            0 => 0.0,
            total => (rows_processed as f64 / total as f64 * 100.0).min(99.9),
        };
        Self { percentage, rows_processed: Count(rows_processed), total_rows: Count(total_rows) }
    }
}

/// A time as clients read it: microseconds, and the zone as an offset.
fn time(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Micros, false)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_have_microseconds_and_an_offset() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_micros(1_795_329_351_006_425);
        assert_eq!(time(at), "2026-11-22T06:35:51.006425+00:00");
        assert_eq!(time(SystemTime::UNIX_EPOCH), "1970-01-01T00:00:00.000000+00:00");
    }
}
