//! Functions, types and settings of the engine.

use std::iter::repeat_n;

use super::cells::Column;
use super::entries::oid;
use crate::engine::context::Context;

/// The types of the dialect: name, bytes of a value (0 where they differ), category.
const TYPES: &[(&str, i64, Option<&str>)] = &[
    ("BIGINT", 8, Some("NUMERIC")),
    ("BLOB", 16, Some("STRING")),
    ("BOOLEAN", 1, Some("BOOLEAN")),
    ("DATE", 4, Some("DATETIME")),
    ("DECIMAL", 0, Some("NUMERIC")),
    ("DOUBLE", 8, Some("NUMERIC")),
    ("FLOAT", 4, Some("NUMERIC")),
    ("HUGEINT", 16, Some("NUMERIC")),
    ("INTEGER", 4, Some("NUMERIC")),
    ("INTERVAL", 16, Some("DATETIME")),
    ("JSON", 16, Some("STRING")),
    ("LIST", 0, Some("COMPOSITE")),
    ("MAP", 0, Some("COMPOSITE")),
    ("SMALLINT", 2, Some("NUMERIC")),
    ("STRUCT", 0, Some("COMPOSITE")),
    ("TIME", 8, Some("DATETIME")),
    ("TIMESTAMP", 8, Some("DATETIME")),
    ("TIMESTAMP WITH TIME ZONE", 8, Some("DATETIME")),
    ("TINYINT", 1, Some("NUMERIC")),
    ("UBIGINT", 8, Some("NUMERIC")),
    ("UINTEGER", 4, Some("NUMERIC")),
    ("USMALLINT", 2, Some("NUMERIC")),
    ("UTINYINT", 1, Some("NUMERIC")),
    ("UUID", 16, None),
    ("VARCHAR", 16, Some("STRING")),
];

/// `duckdb_functions()`
pub fn functions(context: &Context) -> Vec<Column> {
    let state = context.state();
    let mut all: Vec<(String, &str)> = Vec::new();
    all.extend(state.scalar_functions().keys().map(|name| (name.clone(), "scalar")));
    all.extend(state.higher_order_functions().keys().map(|name| (name.clone(), "scalar")));
    all.extend(state.aggregate_functions().keys().map(|name| (name.clone(), "aggregate")));
    all.extend(state.window_functions().keys().map(|name| (name.clone(), "window")));
    all.extend(state.table_functions().keys().map(|name| (name.clone(), "table")));
    all.sort();
    all.dedup();
    let rows = all.len();
    let nothing = || repeat_n(Vec::new(), rows);
    vec![
        Column::same("database_name", "system", rows),
        Column::same("database_oid", "0", rows),
        Column::same("schema_name", "main", rows),
        Column::text("function_name", all.iter().map(|(name, _)| Some(name.clone()))),
        Column::no_text("alias_of", rows),
        Column::text("function_type", all.iter().map(|(_, kind)| Some((*kind).to_owned()))),
        Column::no_text("description", rows),
        Column::no_text("comment", rows),
        Column::no_tags("tags", rows),
        Column::no_text("return_type", rows),
        Column::texts("parameters", nothing()),
        Column::texts("parameter_types", nothing()),
        Column::no_text("varargs", rows),
        Column::no_text("macro_definition", rows),
        Column::boolean("has_side_effects", repeat_n(None, rows)),
        Column::always("internal", true, rows),
        Column::no_text("extension_name", rows),
        Column::bigint("function_oid", all.iter().map(|(name, kind)| oid(&[kind, name]))),
        Column::texts("examples", nothing()),
        Column::no_text("stability", rows),
        Column::texts("categories", nothing()),
    ]
}

/// `duckdb_types()`
pub fn types() -> Vec<Column> {
    let rows = TYPES.len();
    let nothing = || repeat_n(Vec::new(), rows);
    vec![
        Column::same("database_name", "system", rows),
        Column::bigint("database_oid", repeat_n(Some(0), rows)),
        Column::same("schema_name", "main", rows),
        Column::bigint("schema_oid", repeat_n(Some(0), rows)),
        Column::bigint("type_oid", TYPES.iter().map(|(name, ..)| oid(&[name]))),
        Column::text("type_name", TYPES.iter().map(|(name, ..)| Some(name.to_lowercase()))),
        Column::bigint("type_size", TYPES.iter().map(|(_, size, _)| Some(*size))),
        Column::text("logical_type", TYPES.iter().map(|(name, ..)| Some((*name).to_owned()))),
        Column::text("type_category", TYPES.iter().map(|(.., category)| category.map(str::to_owned))),
        Column::no_text("comment", rows),
        Column::no_tags("tags", rows),
        Column::always("internal", true, rows),
        Column::no_text("extension_name", rows),
        Column::texts("labels", nothing()),
        Column::texts("parameters", nothing()),
        Column::texts("parameter_types", nothing()),
        Column::no_text("varargs", rows),
    ]
}

/// `duckdb_settings()`: what a request can set, and what the server was started with.
pub fn settings(context: &Context) -> Vec<Column> {
    let state = context.state();
    let zone = context.timezone.clone().unwrap_or_else(|| crate::engine::types::UTC.to_owned());
    let threads = state.config().target_partitions().to_string();
    let all = [
        ("TimeZone", zone, "The time zone of the request", "VARCHAR", "LOCAL"),
        ("schema", context.schema.clone(), "The schema that unqualified names are looked up in", "VARCHAR", "LOCAL"),
        ("threads", threads, "The number of threads of a query", "BIGINT", "GLOBAL"),
    ];
    vec![
        Column::text("name", all.iter().map(|(name, ..)| Some((*name).to_owned()))),
        Column::text("value", all.iter().map(|(_, value, ..)| Some(value.clone()))),
        Column::text("description", all.iter().map(|(_, _, about, ..)| Some((*about).to_owned()))),
        Column::text("input_type", all.iter().map(|(.., kind, _)| Some((*kind).to_owned()))),
        Column::text("scope", all.iter().map(|(.., scope)| Some((*scope).to_owned()))),
        Column::texts("aliases", repeat_n(Vec::new(), all.len())),
        Column::text("typed_value", all.iter().map(|(_, value, ..)| Some(value.clone()))),
    ]
}
