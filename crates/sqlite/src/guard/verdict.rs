//! What is allowed to whom: one answer for each thing that SQLite asks about.

use rusqlite::hooks::AuthAction;

use super::{INSERT, READ, WRITE};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allow,
    /// Changes a definition.
    Defines,
    /// The caller has no right for it.
    Rights,
    /// Nobody may.
    Never,
}

/// PRAGMAs that only read, with their argument a name.
const READING_PRAGMAS: &[&str] = &[
    "application_id",
    "collation_list",
    "compile_options",
    "data_version",
    "encoding",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "module_list",
    "page_count",
    "page_size",
    "pragma_list",
    "quick_check",
    "schema_version",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
];
/// PRAGMAs whose argument is not a value that they set.
const NAMING_PRAGMAS: &[&str] = &[
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];
/// Numbers in the file that are the application's to set.
const SETTABLE_PRAGMAS: &[&str] = &["application_id", "user_version"];
/// Functions that reach out of the database, or into SQLite.
const REFUSED_FUNCTIONS: &[&str] = &["load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"];
/// Modules that virtual tables may be made of: they keep all that they have in tables of the file.
const MODULES: &[&str] = &["fts3", "fts4", "fts5", "rtree", "geopoly", "fts3aux", "fts4aux", "fts5vocab"];

/// `inner`: the action comes from a trigger or view, whose author had the right for it. Whoever reads a view is asked for the
/// view's own columns first, not as an inner action, so that only triggers read for those who may not.
pub fn verdict(action: &AuthAction<'_>, bits: u8, inner: bool) -> Verdict {
    let needs = |bit| if bits & bit != 0 { Verdict::Allow } else { Verdict::Rights };
    let schema = |table: &str| table.starts_with("sqlite_");
    match action {
        AuthAction::Select | AuthAction::Recursive => Verdict::Allow,
        // Whoever may define looks into the list of definitions on the way.
        AuthAction::Read { table_name, .. } if schema(table_name) && bits & WRITE != 0 => Verdict::Allow,
        AuthAction::Read { .. } if inner => needs(READ | INSERT | WRITE),
        AuthAction::Read { .. } => needs(READ),
        AuthAction::Function { function_name }
            if REFUSED_FUNCTIONS.contains(&function_name.to_lowercase().as_str()) =>
        {
            Verdict::Never
        }
        AuthAction::Function { .. } => Verdict::Allow,
        AuthAction::Pragma { pragma_name, pragma_value } => pragma(&pragma_name.to_lowercase(), *pragma_value, bits),
        AuthAction::Insert { table_name } if schema(table_name) => needs(WRITE),
        AuthAction::Insert { .. } => needs(INSERT),
        AuthAction::Update { .. } | AuthAction::Delete { .. } if inner => needs(INSERT),
        AuthAction::Update { .. } | AuthAction::Delete { .. } => needs(WRITE),
        // What they read shows when they fail.
        AuthAction::CreateTrigger { .. } | AuthAction::CreateView { .. } if bits & READ == 0 => Verdict::Rights,
        AuthAction::CreateTable { .. }
        | AuthAction::CreateIndex { .. }
        | AuthAction::CreateTrigger { .. }
        | AuthAction::CreateView { .. }
        | AuthAction::DropTable { .. }
        | AuthAction::DropIndex { .. }
        | AuthAction::DropTrigger { .. }
        | AuthAction::DropView { .. }
        | AuthAction::AlterTable { .. }
        | AuthAction::DropVtable { .. } => Verdict::Defines,
        AuthAction::CreateVtable { module_name, .. } if MODULES.contains(&module_name.to_lowercase().as_str()) => {
            Verdict::Defines
        }
        AuthAction::Reindex { .. } | AuthAction::Analyze { .. } => needs(WRITE),
        _ => Verdict::Never,
    }
}

fn pragma(name: &str, value: Option<&str>, bits: u8) -> Verdict {
    let reads = READING_PRAGMAS.contains(&name) && (value.is_none() || NAMING_PRAGMAS.contains(&name));
    match (reads, SETTABLE_PRAGMAS.contains(&name)) {
        (true, _) if bits & READ == 0 => Verdict::Rights,
        (true, _) => Verdict::Allow,
        (false, true) if bits & WRITE == 0 => Verdict::Rights,
        (false, true) => Verdict::Allow,
        (false, false) => Verdict::Never,
    }
}
