//! Statements against a database without a dialect of its own: the server's engine runs them.

use std::collections::BTreeMap;
use std::time::Instant;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::{DataType, Schema, SchemaRef};
use model::{Database, Error, Query, Result, Rows, TableInfo, TableKind, TableName};

use super::{Answered, Token, tokens};
use crate::{Queries, RunQuery, Visit};

/// The one schema that callers who know no schemas see of such a database.
const SCHEMA: &str = "main";

/// What a statement can do, as far as its first word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It reads.
    Reads,
    /// It changes rows.
    ChangesRows,
    /// It changes definitions, or both.
    Defines,
}

/// Runs `sql` with the names of the opened database, and tells what it changed as SQLite would.
pub(super) async fn run(queries: &Queries, visit: &Visit, sql: String) -> Result<Answered> {
    let opened = &visit.opened;
    let started = Instant::now();
    let kind = kind(&sql)?;
    let database = opened.database.as_ref();
    let before = if kind == Kind::Defines { definitions(database).await? } else { BTreeMap::new() };
    let query = Query { catalog: Some(opened.record.info.name.to_string()), ..Query::new(sql) };
    let run = RunQuery {
        interface: visit.asked.interface,
        user_agent: visit.asked.user_agent.clone(),
        ..RunQuery::new(query)
    };
    let running = queries.run(&visit.principal, run).await?;
    let (rows, changes) = match kind {
        Kind::Reads => (running.rows, 0),
        Kind::ChangesRows | Kind::Defines => counted(running.rows).await?,
    };
    let affected = match (kind, changes) {
        (Kind::Reads, _) | (Kind::ChangesRows, 0) => Vec::new(),
        (_, 0) => different(&before, &definitions(database).await?),
        _ => tables(database).await?.into_iter().map(|table| table.name.table).collect(),
    };
    let (query_id, session_id) = (running.query_id, running.session_id);
    Ok(Answered { query_id, session_id, started, rows, changes, affected })
}

/// What the one statement in `sql` can do.
fn kind(sql: &str) -> Result<Kind> {
    let all: Vec<Token> = tokens(sql).collect();
    let mut statements = all.split(|token| *token == Token::Mark(';')).filter(|statement| !statement.is_empty());
    let first = statements.next().and_then(|statement| statement.first()).and_then(Token::name).unwrap_or_default();
    if statements.next().is_some() {
        return Err(Error::invalid("there are several statements; send them one by one"));
    }
    Ok(match first.to_ascii_lowercase().as_str() {
        "insert" | "update" | "delete" | "merge" | "truncate" => Kind::ChangesRows,
        "create" | "drop" | "alter" | "comment" | "copy" => Kind::Defines,
        _ => Kind::Reads,
    })
}

/// The number of changed rows is the engine's answer to what changes some, and is told beside the rows here.
async fn counted(rows: Rows) -> Result<(Rows, u64)> {
    let schema = rows.schema().clone();
    let batches = rows.collect().await?;
    let [field] = schema.fields().as_ref() else { return Ok((Rows::from_batches(schema, batches), 0)) };
    if field.data_type() != &DataType::Int64 || field.name() != "Count" {
        return Ok((Rows::from_batches(schema, batches), 0));
    }
    let count: i64 =
        batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().iter().flatten()).sum();
    Ok((Rows::empty(SchemaRef::new(Schema::empty())), u64::try_from(count).unwrap_or(0)))
}

async fn tables(database: &dyn Database) -> Result<Vec<TableInfo>> {
    let mut tables = database.tables().await?;
    tables.retain(|table| table.name.schema.eq_ignore_ascii_case(SCHEMA));
    Ok(tables)
}

/// What each table and view is: the columns of one, the statement of the other.
type Definitions = BTreeMap<String, (Option<String>, Option<SchemaRef>)>;

async fn definitions(database: &dyn Database) -> Result<Definitions> {
    let mut definitions = Definitions::new();
    for table in tables(database).await? {
        let columns = match table.kind {
            TableKind::Table => Some(database.columns(&TableName::new(SCHEMA, &*table.name.table)?).await?),
            TableKind::View => None,
        };
        definitions.insert(table.name.table, (table.definition, columns));
    }
    Ok(definitions)
}

/// The names of what stands in one alone, or differs.
fn different(before: &Definitions, after: &Definitions) -> Vec<String> {
    let changed = after.iter().filter(|(name, definition)| before.get(*name) != Some(definition));
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    changed.map(|(name, _)| name).chain(gone).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_says_what_a_statement_can_do() {
        for (sql, expected) in [
            ("SELECT 1", Kind::Reads),
            ("  -- so\n WITH a AS (SELECT 1) SELECT * FROM a;", Kind::Reads),
            ("insert INTO t VALUES (';')", Kind::ChangesRows),
            ("/* x */ DROP TABLE t;", Kind::Defines),
            ("", Kind::Reads),
        ] {
            assert_eq!(kind(sql).unwrap(), expected, "{sql}");
        }
        assert!(kind("SELECT 1; SELECT 2").unwrap_err().message().contains("one by one"));
    }
}
