//! What the documents say of the operations beside their types: worked examples, and links that no name gives away.

use crate::document::Overlay;

/// The overlays of this product. The test of the documents sends each request example to a fresh demo server and compares
/// what comes back.
pub const OVERLAYS: &[Overlay] = &[
    Overlay { operation: Some("get_status"), text: include_str!("overlays/get_status.yaml") },
    Overlay { operation: Some("list_databases"), text: include_str!("overlays/list_databases.yaml") },
    Overlay { operation: Some("get_database"), text: include_str!("overlays/get_database.yaml") },
    Overlay { operation: Some("create_database"), text: include_str!("overlays/create_database.yaml") },
    Overlay { operation: Some("change_database"), text: include_str!("overlays/change_database.yaml") },
    Overlay { operation: Some("remove_database"), text: include_str!("overlays/remove_database.yaml") },
    Overlay { operation: Some("vacuum_database"), text: include_str!("overlays/vacuum_database.yaml") },
    Overlay { operation: Some("upload_database"), text: include_str!("overlays/upload_database.yaml") },
    Overlay { operation: Some("replace_database"), text: include_str!("overlays/replace_database.yaml") },
    Overlay { operation: Some("download_database"), text: include_str!("overlays/download_database.yaml") },
    Overlay { operation: Some("duplicate_database"), text: include_str!("overlays/duplicate_database.yaml") },
    Overlay {
        operation: Some("duplicate_database_by_link"),
        text: include_str!("overlays/duplicate_database_by_link.yaml"),
    },
    Overlay {
        operation: Some("duplicate_linked_database"),
        text: include_str!("overlays/duplicate_linked_database.yaml"),
    },
    Overlay {
        operation: Some("duplicate_linked_database_by_link"),
        text: include_str!("overlays/duplicate_linked_database_by_link.yaml"),
    },
    Overlay { operation: Some("renew_database_id"), text: include_str!("overlays/renew_database_id.yaml") },
    Overlay {
        operation: Some("renew_database_id_by_link"),
        text: include_str!("overlays/renew_database_id_by_link.yaml"),
    },
    Overlay { operation: Some("renew_readonly_id"), text: include_str!("overlays/renew_readonly_id.yaml") },
    Overlay {
        operation: Some("renew_readonly_id_by_link"),
        text: include_str!("overlays/renew_readonly_id_by_link.yaml"),
    },
    Overlay { operation: Some("list_variables"), text: include_str!("overlays/list_variables.yaml") },
    Overlay { operation: Some("create_variable"), text: include_str!("overlays/create_variable.yaml") },
    Overlay { operation: Some("change_variable"), text: include_str!("overlays/change_variable.yaml") },
    Overlay { operation: Some("remove_variable"), text: include_str!("overlays/remove_variable.yaml") },
    Overlay { operation: Some("list_server_variables"), text: include_str!("overlays/list_server_variables.yaml") },
    Overlay { operation: Some("create_server_variable"), text: include_str!("overlays/create_server_variable.yaml") },
    Overlay { operation: Some("change_server_variable"), text: include_str!("overlays/change_server_variable.yaml") },
    Overlay { operation: Some("remove_server_variable"), text: include_str!("overlays/remove_server_variable.yaml") },
    Overlay { operation: Some("get_database_settings"), text: include_str!("overlays/get_database_settings.yaml") },
    Overlay {
        operation: Some("change_database_settings"),
        text: include_str!("overlays/change_database_settings.yaml"),
    },
    Overlay { operation: Some("get_settings"), text: include_str!("overlays/get_settings.yaml") },
    Overlay { operation: Some("change_settings"), text: include_str!("overlays/change_settings.yaml") },
    Overlay { operation: Some("list_audit_entries"), text: include_str!("overlays/list_audit_entries.yaml") },
];
