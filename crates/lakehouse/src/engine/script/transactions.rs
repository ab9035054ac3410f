//! What a text must be where it has transactions: looked at before anything runs.

use model::{Error, Result};
use sqlparser::ast::{ObjectType, Statement};

use super::{Command, Step};

/// Checks that every transaction ends in the text that it begins in, and holds nothing that it cannot undo.
///
/// # Errors
/// `Invalid` for BEGIN, COMMIT and ROLLBACK that do not pair, `Unsupported` for a statement that has no place in a
/// transaction; both say where.
pub fn check_transactions(steps: &[Step]) -> Result<()> {
    let mut open: Option<&Step> = None;
    for step in steps {
        match (step.command.sql(), open) {
            (Some(Statement::StartTransaction { .. }), Some(_)) => {
                return Err(wrong(step, "cannot start a transaction within a transaction"));
            }
            (Some(Statement::StartTransaction { .. }), None) => open = Some(step),
            (Some(Statement::Commit { chain, .. } | Statement::Rollback { chain, .. }), _) if *chain => {
                return Err(step.locate(Error::unsupported("Not implemented Error: AND CHAIN is not supported")));
            }
            (Some(Statement::Rollback { savepoint: Some(_), .. } | Statement::Savepoint { .. }), _) => {
                return Err(step.locate(Error::unsupported(
                    "Not implemented Error: SAVEPOINT is not supported; undo the whole transaction with ROLLBACK",
                )));
            }
            (Some(Statement::Commit { .. }), None) => {
                return Err(wrong(step, "cannot commit - no transaction is active"));
            }
            (Some(Statement::Rollback { .. }), None) => {
                return Err(wrong(step, "cannot rollback - no transaction is active"));
            }
            (Some(Statement::Commit { .. } | Statement::Rollback { .. }), Some(_)) => open = None,
            (_, Some(_)) => check_inside(step)?,
            _ => {}
        }
    }
    match open {
        Some(step) => Err(wrong(
            step,
            "the transaction has no COMMIT; send everything from BEGIN to COMMIT in one request, because requests share no session",
        )),
        None => Ok(()),
    }
}

fn check_inside(step: &Step) -> Result<()> {
    let what = match &step.command {
        Command::Sql(statement) => match statement.as_ref() {
            Statement::CreateDatabase { .. } => "CREATE DATABASE",
            Statement::Drop { object_type: ObjectType::Database, .. } => "DROP DATABASE",
            _ => return Ok(()),
        },
        Command::CreateDatabase { .. } => "CREATE DATABASE",
        _ => return Ok(()),
    };
    Err(step.locate(Error::unsupported(format!(
        "Not implemented Error: {what} in a transaction is not supported; send it in a request of its own"
    ))))
}

fn wrong(step: &Step, what: &str) -> Error {
    let start = step.start();
    Error::invalid(format!("TransactionContext Error: {what} (line {}, column {})", start.line, start.column))
}

#[cfg(test)]
mod tests {
    use super::super::script;
    use super::*;

    #[test]
    fn transactions_are_whole_or_refused() {
        for whole in ["SELECT 1", "BEGIN; SELECT 1; COMMIT", "BEGIN TRANSACTION; ROLLBACK; START TRANSACTION; COMMIT;"]
        {
            check_transactions(&script(whole).unwrap()).unwrap();
        }
        for (broken, place) in [
            ("BEGIN; SELECT 1", "(line 1, column 1)"),
            ("SELECT 1;\nCOMMIT", "(line 2, column 1)"),
            ("ROLLBACK", "(line 1, column 1)"),
            ("BEGIN;\n BEGIN; COMMIT", "(line 2, column 2)"),
            ("BEGIN; CREATE DATABASE d; COMMIT", "(line 1, column 8)"),
            ("BEGIN; SAVEPOINT a; COMMIT", "(line 1, column 8)"),
        ] {
            let error = check_transactions(&script(broken).unwrap()).expect_err(broken);
            assert!(error.message().contains(place), "{broken}: {error}");
        }
    }
}
