//! What table care did, read when the page is asked for.

use model::CareTotal;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{CounterVec, IntCounterVec, Opts};
use services::{Databases, Services};

const JOBS: (&str, &str) = ("boathouse_table_care_total", "Jobs of table care that are over.");
const SECONDS: (&str, &str) = ("boathouse_table_care_seconds_total", "Seconds that jobs of table care took.");
const FILES: (&str, &str) = ("boathouse_table_care_files_total", "Files that table care made fewer.");

/// The totals of the storages as metrics.
pub struct CareTotals {
    databases: Databases,
    declared: Vec<Desc>,
}

impl CareTotals {
    /// # Errors
    /// Where a metric's name is none.
    pub fn new(services: &Services) -> prometheus::Result<Self> {
        let labels = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let declare = |(name, help): (&str, &str), names: &[&str]| {
            Desc::new(name.into(), help.into(), labels(names), Default::default())
        };
        let declared =
            vec![declare(JOBS, &["what", "outcome"])?, declare(SECONDS, &["what"])?, declare(FILES, &["what"])?];
        Ok(Self { databases: services.databases.clone(), declared })
    }

    fn gather(&self) -> prometheus::Result<Vec<MetricFamily>> {
        let jobs = IntCounterVec::new(Opts::new(JOBS.0, JOBS.1), &["what", "outcome"])?;
        let seconds = CounterVec::new(Opts::new(SECONDS.0, SECONDS.1), &["what"])?;
        let files = IntCounterVec::new(Opts::new(FILES.0, FILES.1), &["what"])?;
        for CareTotal { what, finished, failed, seconds: took, files_fewer } in self.databases.care_totals() {
            jobs.with_label_values(&[what.as_str(), "finished"]).inc_by(finished);
            jobs.with_label_values(&[what.as_str(), "failed"]).inc_by(failed);
            seconds.with_label_values(&[what.as_str()]).inc_by(took);
            files.with_label_values(&[what.as_str()]).inc_by(files_fewer);
        }
        Ok(jobs.collect().into_iter().chain(seconds.collect()).chain(files.collect()).collect())
    }
}

impl Collector for CareTotals {
    fn desc(&self) -> Vec<&Desc> {
        self.declared.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // The names were declared at the start, so gathering does not fail.
        self.gather().unwrap_or_default()
    }
}
