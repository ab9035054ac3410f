//! The tables of the metadata database, version by version.

use model::{Error, Result};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite_migration::{M, Migrations};

/// In order; a migration that was released is never edited.
const STEPS: &[M<'static>] = &[
    M::up(include_str!("migrations/001_users_and_databases.sql")),
    M::up(include_str!("migrations/002_teams_and_ownership.sql")),
    M::up(include_str!("migrations/003_waiting_mail.sql")),
];

/// Brings the tables to the version that this program knows.
///
/// # Errors
/// `Invalid` where a newer program has changed the file; `Internal` otherwise.
pub(super) fn apply(connection: &mut Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let key = |context: &rusqlite::functions::Context<'_>| Ok(model::name_key(&context.get::<String>(0)?));
    connection.create_scalar_function("name_key", 1, flags, key).map_err(Error::internal)?;
    let migrations = Migrations::from_slice(STEPS);
    let first = migrations.to_latest(connection);
    // Two programs that open a fresh file together can collide; whoever came second finds the work done.
    let outcome = if first.is_err() { migrations.to_latest(connection) } else { first };
    outcome.map_err(|source| match source {
        rusqlite_migration::Error::MigrationDefinition(
            rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
        ) => Error::invalid(
            "the metadata database was written by a newer version of Boathouse; start that version or a later one",
        ),
        other => Error::internal(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_apply_and_apply_again() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply(&mut connection).unwrap();
        apply(&mut connection).unwrap();
        let users: i64 = connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
        assert_eq!(users, 0);
    }

    #[test]
    fn a_newer_file_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let error = apply(&mut connection).unwrap_err();
        assert!(error.message().contains("newer version"), "{error}");
    }
}
