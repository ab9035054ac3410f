//! DuckDB's functions for datafusion: what its own lack, or mean otherwise. No storage, no server.
//!
//! A scalar function is a name and its forms (`scalar`), computed column by column; aggregates and functions of lambdas
//! implement the engine's traits. What is a mere spelling of something the engine has is not here but in the engine's
//! rewriting of the syntax tree.

mod aggregate;
mod json;
mod lambda;
mod list;
mod nested;
mod number;
mod rows;
mod scalar;
mod session;
mod text;
mod time;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF};

pub use aggregate::sum;
pub use scalar::HUGEINT;

/// The scalar functions; one that the engine has under the same name is replaced.
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let constant = number::FUNCTIONS.iter().chain(nested::FUNCTIONS).chain(session::FUNCTIONS);
    let all =
        text::functions().chain(time::functions()).chain(list::functions()).chain(json::functions()).chain(constant);
    all.flat_map(|function| function.named()).map(Arc::new).collect()
}

/// A scalar function by its name.
pub fn scalar_function(name: &str) -> Option<Arc<ScalarUDF>> {
    static KNOWN: LazyLock<HashMap<String, Arc<ScalarUDF>>> = LazyLock::new(|| {
        scalar_functions().into_iter().map(|function| (function.name().to_owned(), function)).collect()
    });
    KNOWN.get(name).cloned()
}

/// The aggregates, likewise.
pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    aggregate::functions()
}

/// The functions that take lambdas, likewise.
pub fn higher_order_functions() -> Vec<Arc<HigherOrderUDF>> {
    lambda::functions()
}
