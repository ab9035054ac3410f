//! What the documents say of the operations beside their types: worked examples, and links that no name gives away.

use crate::document::Overlay;

/// The overlays of this product. The test of the documents sends each request example to a fresh demo server and compares
/// what comes back.
pub const OVERLAYS: &[Overlay] =
    &[Overlay { operation: Some("get_status"), text: include_str!("overlays/get_status.yaml") }];
