//! What the services count, read when the page is asked for.

use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntCounter, IntGauge};
use services::{Outcome, Queries, Services, Usage};

const UPLOADED_BYTES: (&str, &str) = ("boathouse_uploaded_bytes_total", "Bytes of uploads as they arrived.");
const UPLOADED_ROWS: (&str, &str) = ("boathouse_uploaded_rows_total", "Rows that uploads have committed.");
const ANSWERED_ROWS: (&str, &str) = ("boathouse_answered_rows_total", "Rows that queries have answered with.");
const SCANNED_BYTES: (&str, &str) =
    ("boathouse_scanned_bytes_total", "Bytes of table data that queries have read from the object store.");
const FINISHED: (&str, &str) = ("boathouse_queries_finished_total", "Queries whose whole answer was read.");
const FAILED: (&str, &str) = ("boathouse_queries_failed_total", "Queries that could not be run to their end.");
const CANCELLED: (&str, &str) =
    ("boathouse_queries_cancelled_total", "Queries that were cancelled, or whose reader went away.");
const LEFT_OUT: (&str, &str) =
    ("boathouse_query_log_left_out_total", "Queries that the log lacks because the disk was too slow.");
const RUNNING: (&str, &str) = ("boathouse_queries_running", "Queries that run at this moment.");

/// The services' own totals as metrics.
pub struct Totals {
    usage: Arc<Usage>,
    queries: Queries,
    declared: Vec<Desc>,
}

impl Totals {
    /// # Errors
    /// Where a metric's name is none.
    pub fn new(services: &Services) -> prometheus::Result<Self> {
        let declare = |(name, help): (&str, &str)| Desc::new(name.into(), help.into(), Vec::new(), Default::default());
        let declared = [
            UPLOADED_BYTES,
            UPLOADED_ROWS,
            ANSWERED_ROWS,
            SCANNED_BYTES,
            FINISHED,
            FAILED,
            CANCELLED,
            LEFT_OUT,
            RUNNING,
        ]
        .map(declare);
        Ok(Self {
            usage: Arc::clone(&services.usage),
            queries: services.queries.clone(),
            declared: declared.into_iter().collect::<prometheus::Result<_>>()?,
        })
    }

    fn gather(&self) -> prometheus::Result<Vec<MetricFamily>> {
        let mut families = Vec::new();
        for ((name, help), total) in [
            (UPLOADED_BYTES, self.usage.uploaded_bytes()),
            (UPLOADED_ROWS, self.usage.uploaded_rows()),
            (ANSWERED_ROWS, self.usage.answered_rows()),
            (SCANNED_BYTES, self.usage.scanned_bytes()),
            (FINISHED, self.usage.queries(Outcome::Finished)),
            (FAILED, self.usage.queries(Outcome::Failed)),
            (CANCELLED, self.usage.queries(Outcome::Cancelled)),
            (LEFT_OUT, self.queries.left_out_of_log()),
        ] {
            let counter = IntCounter::new(name, help)?;
            counter.inc_by(total);
            families.extend(counter.collect());
        }
        let running = IntGauge::new(RUNNING.0, RUNNING.1)?;
        running.set(i64::try_from(self.queries.running_count()).unwrap_or(i64::MAX));
        families.extend(running.collect());
        Ok(families)
    }
}

impl Collector for Totals {
    fn desc(&self) -> Vec<&Desc> {
        self.declared.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // The names were declared at the start, so gathering does not fail.
        self.gather().unwrap_or_default()
    }
}
