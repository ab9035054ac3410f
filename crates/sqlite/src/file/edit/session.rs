//! The settings and the transaction of an edit.

use model::{Error, Result};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::super::failure::failure;

/// A transaction in which definitions change. Foreign keys are off, so that taking a table's place removes no row that
/// refers to it: what they ask for is checked by hand. Dropped, it takes everything back.
pub(crate) struct Session<'c> {
    connection: &'c Connection,
    foreign_keys: bool,
    quoted_texts: [(DbConfig, bool); 2],
    open: bool,
}

impl<'c> Session<'c> {
    pub(crate) fn begin(connection: &'c Connection) -> Result<Self> {
        if !connection.is_autocommit() {
            return Err(Error::internal("an edit of a definition began inside a transaction"));
        }
        let setting = |setting: DbConfig| connection.db_config(setting).map_err(failure);
        let foreign_keys = setting(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY)?;
        let quoted_texts = [
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, setting(DbConfig::SQLITE_DBCONFIG_DQS_DDL)?),
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, setting(DbConfig::SQLITE_DBCONFIG_DQS_DML)?),
        ];
        let mut session = Self { connection, foreign_keys, quoted_texts, open: false };
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false).map_err(failure)?;
        connection.execute_batch("BEGIN IMMEDIATE").map_err(failure)?;
        session.open = true;
        Ok(session)
    }

    pub(crate) fn commit(mut self) -> rusqlite::Result<()> {
        self.connection.execute_batch("COMMIT")?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if self.open && !self.connection.is_autocommit() {
            if let Err(error) = self.connection.execute_batch("ROLLBACK") {
                tracing::error!(%error, "an edit of a definition could not be taken back");
            }
        }
        let settings = [
            (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, self.foreign_keys),
            (DbConfig::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, false),
        ];
        for (setting, value) in settings.into_iter().chain(self.quoted_texts) {
            if let Err(error) = self.connection.set_db_config(setting, value) {
                tracing::error!(%error, "a setting of a connection could not be put back");
            }
        }
    }
}
