//! What care did: the last jobs, for SQL, and totals, for metrics.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use model::{Care, CareTotal, Cared, Result};
use tracing::{info, warn};

use super::{Patient, Why};

/// Jobs that are remembered.
const REMEMBERED: usize = 1000;

/// One job.
#[derive(Clone, Debug)]
pub struct Record {
    /// Which table.
    pub patient: Patient,
    /// What was done.
    pub what: Care,
    /// Whether somebody asked for it.
    pub asked: bool,
    /// When it began.
    pub started: SystemTime,
    /// What came of it; the fault in words where it failed.
    pub outcome: std::result::Result<Cared, String>,
    /// How long it took.
    pub took: Duration,
}

/// The last jobs, and totals of all.
#[derive(Default)]
pub struct Records(Mutex<Known>);

#[derive(Default)]
struct Known {
    last: VecDeque<Record>,
    totals: BTreeMap<Care, Total>,
}

#[derive(Clone, Copy, Default)]
struct Total {
    finished: u64,
    failed: u64,
    took: Duration,
    files_fewer: u64,
}

impl Records {
    /// Notes a job that is over, here and in the log. One that found nothing to do is no news.
    pub fn note(&self, patient: &Patient, what: Care, why: Why, started: SystemTime, outcome: &Result<Cared>) {
        let took = started.elapsed().unwrap_or_default();
        let table = patient.name.as_ref().map_or_else(|| "(dropped)".to_owned(), ToString::to_string);
        let database = patient.database.as_str();
        let asked = why == Why::Asked;
        match outcome {
            Ok(cared)
                if cared.files_before == cared.files_after && cared.bytes_before == cared.bytes_after && !asked =>
            {
                return;
            }
            Ok(cared) => info!(
                database,
                table,
                what = what.as_str(),
                asked,
                files_before = cared.files_before,
                files_after = cared.files_after,
                bytes_before = cared.bytes_before,
                bytes_after = cared.bytes_after,
                took_ms = took.as_millis() as u64,
                "table care"
            ),
            Err(error) => warn!(database, table, what = what.as_str(), asked, %error, "table care failed"),
        }
        let outcome = outcome.as_ref().copied().map_err(|error| error.message().to_owned());
        let mut known = self.0.lock().expect("no holder of this lock panics");
        let total = known.totals.entry(what).or_default();
        total.took += took;
        match &outcome {
            Ok(cared) => {
                total.finished += 1;
                total.files_fewer += cared.files_before.saturating_sub(cared.files_after);
            }
            Err(_) => total.failed += 1,
        }
        if known.last.len() == REMEMBERED {
            known.last.pop_front();
        }
        known.last.push_back(Record { patient: patient.clone(), what, asked, started, outcome, took });
    }

    /// The last jobs, newest first.
    pub fn last(&self) -> Vec<Record> {
        self.0.lock().expect("no holder of this lock panics").last.iter().rev().cloned().collect()
    }

    /// The totals of every kind of care.
    pub fn totals(&self) -> Vec<CareTotal> {
        let known = self.0.lock().expect("no holder of this lock panics");
        let total = |what| {
            let Total { finished, failed, took, files_fewer } = known.totals.get(&what).copied().unwrap_or_default();
            CareTotal { what, finished, failed, seconds: took.as_secs_f64(), files_fewer }
        };
        Care::ALL.map(total).to_vec()
    }
}
