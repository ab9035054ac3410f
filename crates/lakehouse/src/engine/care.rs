//! CALL: table care by hand, and the way back to an older version.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use model::{Access, AsOf, Care, Cared, Database, Error, Result, Rows};
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

use super::context::Context;
use super::resolve::Target;
use super::statement::succeeded;
use super::system_tables::numbers;

/// What a CALL does, and to which table.
enum Call {
    Care(Care),
    Restore(AsOf),
    SortBy(Vec<String>),
    /// `CHECKPOINT` alone: what is acknowledged is on the disk already.
    Nothing,
}

impl Context {
    /// `CALL function(table, …)`.
    pub async fn call(&self, function: &Function) -> Result<Rows> {
        let call = self.planned_call(function)?;
        if matches!(call, Call::Nothing) {
            return Ok(succeeded());
        }
        if self.transaction.is_some() && matches!(call, Call::Care(_)) {
            return Err(Error::unsupported(
                "Not implemented Error: OPTIMIZE, VACUUM and CHECKPOINT cannot run inside a transaction; COMMIT first",
            ));
        }
        let (database, target) = self.called_table(function).await?;
        match call {
            Call::Care(care) => Ok(cared(care, database.care(&target.table, care).await?)),
            Call::Restore(as_of) => Ok(restored(database.restore(&target.table, as_of).await?)),
            Call::SortBy(columns) => {
                database.sort_by(&target.table, columns).await?;
                Ok(succeeded())
            }
            Call::Nothing => Ok(succeeded()),
        }
    }

    /// Whether a CALL could run.
    pub async fn validate_call(&self, function: &Function) -> Result<()> {
        match self.planned_call(function)? {
            Call::Nothing => Ok(()),
            _ => self.called_table(function).await.map(drop),
        }
    }

    fn planned_call(&self, function: &Function) -> Result<Call> {
        let name = function.name.to_string().to_lowercase();
        let arguments = arguments(function)?;
        match (name.as_str(), arguments) {
            ("checkpoint_table", []) => Ok(Call::Nothing),
            ("optimize_table", [_]) => Ok(Call::Care(Care::Compact)),
            ("vacuum_table", [_]) => Ok(Call::Care(Care::Vacuum)),
            ("checkpoint_table", [_]) => Ok(Call::Care(Care::Checkpoint)),
            ("restore_table", [_, FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. }]) => {
                let state = self.state();
                match name.value.to_lowercase().as_str() {
                    "version" => Ok(Call::Restore(self.as_of_version(value, &state)?)),
                    "timestamp" => Ok(Call::Restore(self.as_of_time(value, &state)?)),
                    other => Err(Error::invalid(format!(
                        "Binder Error: restore_table takes version => … or timestamp => …, not {other}"
                    ))),
                }
            }
            ("set_sorted_by", [_, columns @ ..]) => Ok(Call::SortBy(columns.iter().map(text).collect::<Result<_>>()?)),
            ("optimize_table" | "vacuum_table" | "checkpoint_table", _) => Err(Error::invalid(format!(
                "Binder Error: {} takes the name of one table",
                name.trim_end_matches("_table").to_uppercase()
            ))),
            ("restore_table", _) => Err(Error::invalid(
                "Binder Error: restore_table takes a table and a version: CALL restore_table('t', version => 3)",
            )),
            _ => Err(Error::invalid(format!(
                "Catalog Error: there is no procedure {name}; optimize_table, vacuum_table, checkpoint_table, \
                 restore_table and set_sorted_by are the ones to CALL"
            ))),
        }
    }

    async fn called_table(&self, function: &Function) -> Result<(Arc<dyn Database>, Target)> {
        let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(table))) = arguments(function)?.first() else {
            return Err(Error::invalid(format!("Binder Error: {} takes the name of a table first", function.name)));
        };
        let target = self.target(&self.named_table(table)?).await?;
        let database = self.open(&target.database, Access::Write).await?;
        database.columns(&target.table).await?;
        Ok((database, target))
    }
}

fn arguments(function: &Function) -> Result<&[FunctionArg]> {
    match &function.args {
        FunctionArguments::List(list) => Ok(&list.args),
        FunctionArguments::None => Ok(&[]),
        FunctionArguments::Subquery(_) => {
            Err(Error::invalid(format!("Binder Error: {} takes no query", function.name)))
        }
    }
}

fn text(argument: &FunctionArg) -> Result<String> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value))) => match &value.value {
            Value::SingleQuotedString(text) => Ok(text.clone()),
            other => {
                Err(Error::invalid(format!("Binder Error: {other} is not the name of a column; write it as text")))
            }
        },
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(ident))) => Ok(ident.value.clone()),
        other => Err(Error::invalid(format!("Binder Error: {other} is not the name of a column"))),
    }
}

/// What care did, in one row.
fn cared(care: Care, cared: Cared) -> Rows {
    let number = |value: u64| numbers(std::iter::once(Some(value)));
    answer(vec![
        ("what", Arc::new(StringArray::from(vec![care.as_str()])) as ArrayRef),
        ("files_before", number(cared.files_before)),
        ("files_after", number(cared.files_after)),
        ("bytes_before", number(cared.bytes_before)),
        ("bytes_after", number(cared.bytes_after)),
        ("took_ms", number(u64::try_from(cared.took.as_millis()).unwrap_or(u64::MAX))),
    ])
}

/// The version that has the older state.
fn restored(version: u64) -> Rows {
    answer(vec![("version", numbers(std::iter::once(Some(version))))])
}

fn answer(columns: Vec<(&str, ArrayRef)>) -> Rows {
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one row");
    Rows::from_batches(batch.schema(), vec![batch])
}
