//! What a statement would read.

use std::collections::BTreeMap;

/// The plan of a text, as far as it reads tables. Nothing of it has run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explained {
    /// Every scan of a table, in the order of the plan; a table that is read twice is there twice.
    pub tables: Vec<TableScan>,
    /// The physical plan: one tree a statement that reads rows.
    pub plan: Vec<PlanNode>,
}

/// One scan of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableScan {
    /// `database.schema.table`; for rows that are in no table, what the plan calls them.
    pub table: String,
    /// Rows that the scan is estimated to read, after files were left out.
    pub estimated_rows: u64,
    /// What the scan knows of the condition, in SQL: `id>50 AND name='x'`.
    pub filters: Option<String>,
    /// Its files; none for what is in no files.
    pub files: Option<FileScan>,
}

/// The files of a scan, before and after those were left out whose statistics say that no row can match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileScan {
    /// All files of the table.
    pub total_files: u64,
    /// Their bytes.
    pub total_bytes: u64,
    /// Files that will be read.
    pub scanned_files: u64,
    /// Their bytes.
    pub scanned_bytes: u64,
}

/// An operator of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanNode {
    /// What it is called.
    pub name: String,
    /// What it reads from.
    pub children: Vec<PlanNode>,
    /// What else there is to say of it.
    pub details: BTreeMap<String, String>,
}
