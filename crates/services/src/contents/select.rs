//! The statements that read a table, in SQLite's dialect and the server's own.

use model::{Error, Result, StorageKind, Value};

use super::{Table, Wanted};

/// SQLite takes so many arguments of a function everywhere.
const MOST_ARGUMENTS: usize = 100;

/// A name as every dialect reads it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Text as every dialect reads it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What is read of a table.
pub(super) struct Select {
    kind: StorageKind,
    columns: String,
    from: String,
    condition: String,
    parameters: Vec<Value>,
    order: String,
}

impl Select {
    /// The wanted rows of a table, its columns in the order of `table`.
    ///
    /// # Errors
    /// `Invalid` for a column to sort by that there is not.
    pub(super) fn new(kind: StorageKind, table: &Table, wanted: &Wanted) -> Result<Self> {
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
        let mut select = Self {
            kind,
            columns: columns.join(", "),
            from: quoted(&table.name),
            condition: String::new(),
            parameters: Vec::new(),
            order: String::new(),
        };
        let order = match &wanted.order_by {
            Some(name) => Some(known(table, name)?),
            None => table.row_id.as_deref(),
        };
        if let Some(column) = order {
            let direction = if wanted.descending { " DESC" } else { "" };
            select.order = format!(" ORDER BY {}{direction}", quoted(column));
            // Rows of one value keep an order, so that pages do not share rows.
            if let Some(row_id) = table.row_id.as_deref().filter(|row_id| *row_id != column) {
                select.order.push_str(&format!(", {}{direction}", quoted(row_id)));
            }
        }
        let words = wanted.search.as_deref().map_or("", str::trim);
        if !words.is_empty() {
            let haystack = select.haystack(table);
            select.condition = format!(" WHERE {}", select.contains(&haystack, words));
        }
        Ok(select)
    }

    /// How many rows there are.
    pub(super) fn count(&self) -> (String, Vec<Value>) {
        (format!("SELECT count(*) FROM {}{}", self.from, self.condition), self.parameters.clone())
    }

    /// Some of the rows.
    pub(super) fn rows(&self, limit: u64, offset: u64) -> (String, Vec<Value>) {
        let Self { columns, from, condition, order, .. } = self;
        let offset = offset.min(i64::MAX as u64);
        (
            format!("SELECT {columns} FROM {from}{condition}{order} LIMIT {limit} OFFSET {offset}"),
            self.parameters.clone(),
        )
    }

    /// All texts of a row, a line each: no word of a search reaches from one into the next.
    fn haystack(&self, table: &Table) -> String {
        let own = table.columns.iter().skip(usize::from(table.row_id.is_some()));
        let cells = own.map(|column| {
            let name = quoted(&column.name);
            match self.kind {
                StorageKind::Sqlite => format!("CASE WHEN typeof({name}) <> 'blob' THEN {name} END"),
                StorageKind::Lakehouse => format!("CAST({name} AS VARCHAR)"),
            }
        });
        let mut parts: Vec<String> = cells.collect();
        while parts.len() > 1 {
            parts = parts
                .chunks(MOST_ARGUMENTS)
                .map(|some| format!("concat_ws({NEW_LINE}, {})", some.join(", ")))
                .collect();
        }
        let all = parts.pop().unwrap_or_else(|| "''".to_owned());
        format!("CAST({all} AS {})", if self.kind == StorageKind::Sqlite { "TEXT" } else { "VARCHAR" })
    }

    /// The condition that every word is in a haystack, whatever its letter case.
    fn contains(&mut self, haystack: &str, words: &str) -> String {
        match self.kind {
            StorageKind::Lakehouse => {
                let found = words.split_whitespace();
                let found = found.map(|word| format!("contains(lower({haystack}), lower({}))", literal(word)));
                found.collect::<Vec<_>>().join(" AND ")
            }
            // SQLite's own functions know the letter case of English alone; this one is the storage's.
            StorageKind::Sqlite => {
                self.parameters.push(Value::Text(words.to_owned()));
                format!("contains_words({haystack}, ?{})", self.parameters.len())
            }
        }
    }
}

/// A line feed as both dialects write it.
const NEW_LINE: &str = "'\n'";

/// The column of this name, as it is spelled.
fn known<'a>(table: &'a Table, name: &str) -> Result<&'a str> {
    let found = table.columns.iter().find(|column| model::name_key(&column.name) == model::name_key(name));
    found.map(|column| column.name.as_str()).ok_or_else(|| {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        Error::invalid(format!(
            "orderBy: table \"{}\" has no column \"{name}\"; it has {}",
            table.name,
            names.join(", ")
        ))
    })
}
