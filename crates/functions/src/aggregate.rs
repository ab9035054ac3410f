//! Aggregates of DuckDB that the engine lacks or means otherwise.

mod best;
mod collected;
mod frequency;
mod moments;
mod product;
mod quantile;
mod sum;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion::functions_aggregate::all_default_aggregate_functions;
use datafusion::logical_expr::AggregateUDF;

pub use sum::sum;

/// All of them.
pub fn functions() -> Vec<Arc<AggregateUDF>> {
    let mut functions = vec![sum()];
    functions.extend(best::functions());
    functions.extend(product::functions());
    for collected in [frequency::FUNCTIONS, moments::FUNCTIONS, quantile::FUNCTIONS].into_iter().flatten() {
        functions.extend(collected.named());
    }
    functions
}

/// Names that the engine has for aggregates of DuckDB.
const OTHER_NAMES: &[(&str, &str)] =
    &[("first", "first_value"), ("last", "last_value"), ("approx_count_distinct", "approx_distinct")];

/// The aggregate of a name, in DuckDB's meaning.
pub fn named(name: &str) -> Option<Arc<AggregateUDF>> {
    static KNOWN: LazyLock<HashMap<String, Arc<AggregateUDF>>> = LazyLock::new(|| {
        let all = all_default_aggregate_functions().into_iter().chain(functions());
        let names = |function: Arc<AggregateUDF>| {
            let mut names = function.aliases().to_vec();
            names.push(function.name().to_owned());
            names.into_iter().map(move |name| (name, function.clone())).collect::<Vec<_>>()
        };
        all.flat_map(names).collect()
    });
    let own = OTHER_NAMES.iter().find(|(duck, _)| *duck == name).map_or(name, |(_, own)| *own);
    KNOWN.get(own).cloned()
}
