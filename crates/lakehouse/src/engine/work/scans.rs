//! How far the scans of a query are, read from the metrics that the engine keeps of every operator.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::physical_plan::{ExecutionPlan, StatisticsArgs, StatisticsContext};
use model::Figures;

/// The scans of the plans that run, and the sums over those that have ended.
#[derive(Default)]
pub struct Scans(Mutex<State>);

#[derive(Default)]
struct State {
    next: u64,
    running: BTreeMap<u64, Leaves>,
    rows: u64,
    expected: u64,
    answered: u64,
}

/// Where rows come into a plan. The plan itself is not kept: joins hold their tables in it.
type Leaves = Vec<Arc<dyn ExecutionPlan>>;

/// A plan that runs.
pub struct Ongoing {
    scans: Arc<Scans>,
    number: u64,
}

impl Scans {
    /// Follows a plan.
    pub fn begin(self: &Arc<Self>, plan: &Arc<dyn ExecutionPlan>) -> Ongoing {
        let mut leaves = Leaves::new();
        collect(plan, &mut leaves);
        let expected = leaves.iter().map(|leaf| estimated_rows(leaf.as_ref())).fold(0, u64::saturating_add);
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.expected = state.expected.saturating_add(expected);
        state.answered = estimated_rows(plan.as_ref());
        state.running.insert(number, leaves);
        Ongoing { scans: Arc::clone(self), number }
    }

    /// What is known at this moment.
    pub fn figures(&self) -> Figures {
        let state = self.lock();
        let running: u64 = state.running.values().map(|leaves| rows_of(leaves)).sum();
        Figures {
            rows_processed: state.rows + running,
            total_rows: state.expected,
            estimated_result_rows: state.answered,
            estimated_scanned_rows: state.expected,
            ..Figures::default()
        }
    }

    /// No code that holds the lock can panic half-way, so what a poisoned one guards is sound.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        let mut state = self.scans.lock();
        if let Some(leaves) = state.running.remove(&self.number) {
            state.rows += rows_of(&leaves);
        }
    }
}

fn collect(plan: &Arc<dyn ExecutionPlan>, leaves: &mut Leaves) {
    let children = plan.children();
    if children.is_empty() {
        leaves.push(Arc::clone(plan));
    }
    children.into_iter().for_each(|child| collect(child, leaves));
}

fn rows_of(leaves: &Leaves) -> u64 {
    leaves.iter().filter_map(|leaf| leaf.metrics()?.output_rows()).map(|rows| rows as u64).sum()
}

/// Rows that a plan is estimated to answer with; 0 where the planner cannot say.
pub fn estimated_rows(plan: &dyn ExecutionPlan) -> u64 {
    let statistics = StatisticsContext::new().compute(plan, &StatisticsArgs::new());
    statistics.ok().and_then(|known| known.num_rows.get_value().copied()).map_or(0, |rows| rows as u64)
}
