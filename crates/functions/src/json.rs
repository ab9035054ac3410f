//! Functions of JSON, which is text here.

mod make;
mod node;
mod parse;
mod path;
mod read;
mod write;

pub use make::node;
pub use node::Node;
pub use write::written;

use crate::scalar::Function;

/// All of them.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    [make::FUNCTIONS, read::FUNCTIONS].into_iter().flatten()
}
