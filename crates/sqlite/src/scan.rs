//! Reading a table: projection, filters and limit go into the statement.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use model::{Error, Filter, Operator, Result, Rows, Scan, Value, name_key, sql_type};

use crate::bind::parameter;
use crate::cells::{TypedColumn, misfit};
use crate::columns::{Column, arrow_type, of, table};
use crate::connection::Guarded;
use crate::fault::fault;
use crate::guard::{Stop, Stopped};
use crate::open::OpenDatabase;
use crate::outlet::{self, Outlet};
use crate::quote;

const BATCH_ROWS: usize = 8_192;
const BATCH_BYTES: usize = 4 << 20;

/// A scan as a statement.
struct Planned {
    sql: String,
    parameters: Vec<Value>,
    table: String,
    schema: SchemaRef,
}

/// Reads a table on a thread that may block, batch by batch, as of one committed state.
pub async fn scan(database: &Arc<OpenDatabase>, scan: Scan) -> Result<Rows> {
    database.alive()?;
    if scan.version.is_some() {
        return Err(Error::unsupported(format!("the storage of table \"{}\" keeps no older versions", scan.table)));
    }
    let stop = Arc::new(Stop::default());
    // However long the query takes that it is a part of.
    let (mut outlet, inlet) = outlet::pair(Arc::clone(&stop), None);
    let readers = database.readers.clone();
    let reading = async move {
        readers
            .scan(move |connection| {
                connection.guard.limit(None, 0, Some(stop));
                let outcome = feed(connection, &scan, &mut outlet);
                connection.guard.leave();
                outlet.finish(outcome);
                Ok(())
            })
            .await
    };
    inlet.rows(reading).await
}

fn feed(connection: &Guarded, scan: &Scan, outlet: &mut Outlet) -> Result<()> {
    let Guarded { sqlite, guard, .. } = connection;
    // One transaction, so that the columns are those of the rows and the state is that of this moment.
    let transaction = sqlite.unchecked_transaction().map_err(fault)?;
    let planned = plan(connection, scan)?;
    let mut statement = transaction.prepare_cached(&planned.sql).map_err(fault)?;
    for (place, value) in planned.parameters.iter().enumerate() {
        statement.raw_bind_parameter(place + 1, parameter(value)).map_err(fault)?;
    }
    let fields = planned.schema.fields();
    let mut columns: Vec<TypedColumn> = fields.iter().map(|field| TypedColumn::new(field.data_type())).collect();
    let mut rows = statement.raw_query();
    let mut next = stepped(guard, rows.next())?;
    // The snapshot is taken with the first step.
    outlet.start(&planned.schema);
    while next.is_some() {
        let (mut count, mut bytes) = (0, 0);
        while let Some(row) = next {
            for (place, column) in columns.iter_mut().enumerate() {
                let cell = row.get_ref(place).map_err(fault)?;
                let field = &fields[place];
                let added = column.push(cell);
                bytes += added.ok_or_else(|| misfit(&planned.table, field.name(), field.data_type(), cell))?;
            }
            count += 1;
            next = stepped(guard, rows.next())?;
            if count >= BATCH_ROWS || bytes >= BATCH_BYTES {
                break;
            }
        }
        let arrays = columns.iter_mut().map(TypedColumn::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&planned.schema), arrays, &options);
        if !outlet.send(batch.map_err(Error::internal)?)? {
            return Ok(());
        }
    }
    Ok(())
}

fn stepped<T>(guard: &crate::guard::Guard, outcome: rusqlite::Result<T>) -> Result<T> {
    outcome.map_err(|cause| if guard.stopped() == Stopped::Cancelled { Error::cancelled() } else { fault(cause) })
}

fn plan(connection: &Guarded, scan: &Scan) -> Result<Planned> {
    let found = table(&connection.sqlite, &scan.table)?;
    let all = of(&connection.sqlite, &found.name)?;
    let column = |name: &str| {
        all.iter().find(|column| name_key(&column.name) == name_key(name)).ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|column| column.name.as_str()).collect();
            Error::invalid(format!(
                "table \"{}\" has no column \"{name}\"; its columns are {}",
                found.name,
                quote::names(known)
            ))
        })
    };
    let picked = match &scan.projection {
        Some(names) => names.iter().map(|name| column(name)).collect::<Result<Vec<_>>>()?,
        None => all.iter().collect(),
    };
    let mut parameters = Vec::new();
    let conditions = scan
        .filters
        .iter()
        .map(|filter| {
            let column = column(&filter.column)?;
            condition(column, filter, &mut parameters)
        })
        .collect::<Result<Vec<_>>>()?;
    // A projection of no columns still has rows.
    let list = match picked.as_slice() {
        [] => "1".to_owned(),
        picked => picked.iter().map(|column| read(column)).collect::<Vec<_>>().join(", "),
    };
    let mut sql = format!("SELECT {list} FROM {}", quote::name(&found.name));
    if !conditions.is_empty() {
        write!(sql, " WHERE {}", conditions.join(" AND ")).expect("a text takes what is written to it");
    }
    if let Some(limit) = scan.limit {
        write!(sql, " LIMIT {limit}").expect("a text takes what is written to it");
    }
    let fields: Vec<Field> =
        picked.iter().map(|column| Field::new(&column.name, arrow_type(&column.declared), !column.not_null)).collect();
    Ok(Planned { sql, parameters, table: found.name, schema: Arc::new(Schema::new(fields)) })
}

/// Whether every number that is put into a column of this declaration becomes text.
fn is_text(declared: &str) -> bool {
    let upper = declared.to_ascii_uppercase();
    !upper.contains("INT") && ["CHAR", "CLOB", "TEXT"].iter().any(|word| upper.contains(word))
}

/// What is selected for a column. Where cells of a column that is read as text may be numbers, they are written as SQLite
/// writes them, as in conditions.
fn read(column: &Column) -> String {
    let name = quote::name(&column.name);
    match arrow_type(&column.declared) {
        DataType::Utf8 if !is_text(&column.declared) => {
            format!("CASE WHEN typeof({name}) IN ('integer', 'real') THEN CAST({name} AS TEXT) ELSE {name} END")
        }
        _ => name,
    }
}

/// What is compared of a column: what is read of it. Texts are compared byte by byte, whatever collation the column has, as
/// everywhere else in the server.
fn compared_of(column: &Column) -> String {
    let name = quote::name(&column.name);
    match arrow_type(&column.declared) {
        DataType::Utf8 if is_text(&column.declared) => format!("{name} COLLATE BINARY"),
        DataType::Utf8 => format!("CAST({name} AS TEXT) COLLATE BINARY"),
        // The names of truth values are read, too, and every number but 0 is true.
        DataType::Boolean => {
            format!("(CASE typeof({name}) WHEN 'text' THEN lower({name}) = 'true' ELSE {name} <> 0 END)")
        }
        _ => name,
    }
}

/// One condition.
fn condition(column: &Column, filter: &Filter, parameters: &mut Vec<Value>) -> Result<String> {
    let (name, left, kind) = (quote::name(&column.name), compared_of(column), arrow_type(&column.declared));
    let mut compared = |value: &Value| {
        check(&column.name, &kind, value)?;
        parameters.push(value.clone());
        Ok::<_, Error>(format!("?{}", parameters.len()))
    };
    Ok(match &filter.operator {
        Operator::Null => format!("{name} IS NULL"),
        Operator::NotNull => format!("{name} IS NOT NULL"),
        Operator::Equal(value) => format!("{left} = {}", compared(value)?),
        Operator::NotEqual(value) => format!("{left} <> {}", compared(value)?),
        Operator::Less(value) => format!("{left} < {}", compared(value)?),
        Operator::LessOrEqual(value) => format!("{left} <= {}", compared(value)?),
        Operator::Greater(value) => format!("{left} > {}", compared(value)?),
        Operator::GreaterOrEqual(value) => format!("{left} >= {}", compared(value)?),
        Operator::In(values) => {
            let list = values.iter().map(compared).collect::<Result<Vec<_>>>()?;
            format!("{left} IN ({})", list.join(", "))
        }
    })
}

fn check(column: &str, kind: &DataType, value: &Value) -> Result<()> {
    let fits = match (kind, value) {
        (DataType::Int64 | DataType::Float64, Value::Integer(_) | Value::Float(_)) => true,
        (DataType::Boolean, Value::Boolean(_) | Value::Integer(_)) => true,
        (DataType::Utf8 | DataType::Binary, Value::Text(_)) => true,
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(Error::invalid(format!("column \"{column}\" is {} and cannot be compared with {value:?}", sql_type(kind))))
}
