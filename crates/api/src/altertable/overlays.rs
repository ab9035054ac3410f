//! What the documents say of the operations beside their types: worked examples, and links that no name gives away.

use crate::document::Overlay;

/// The overlays of this product, those of every operation first. The test of the documents sends each request example to a
/// fresh demo server and compares what comes back.
pub const OVERLAYS: &[Overlay] = &[
    Overlay { operation: None, text: include_str!("overlays/every_operation.yaml") },
    Overlay { operation: Some("run_query"), text: include_str!("overlays/run_query.yaml") },
    Overlay { operation: Some("get_query"), text: include_str!("overlays/get_query.yaml") },
    Overlay { operation: Some("cancel_query"), text: include_str!("overlays/cancel_query.yaml") },
    Overlay { operation: Some("explain_statement"), text: include_str!("overlays/explain_statement.yaml") },
    Overlay { operation: Some("complete_statement"), text: include_str!("overlays/complete_statement.yaml") },
    Overlay { operation: Some("validate_statement"), text: include_str!("overlays/validate_statement.yaml") },
    Overlay { operation: Some("upload_table"), text: include_str!("overlays/upload_table.yaml") },
    Overlay { operation: Some("upsert_table"), text: include_str!("overlays/upsert_table.yaml") },
];
