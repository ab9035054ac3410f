//! Whether what refers to a table still works: views, triggers and foreign keys, before and after an edit.

use std::collections::{BTreeMap, BTreeSet};

use model::{Error, Result};
use rusqlite::Connection;

use super::super::failure::failure;
use super::super::found::{self, Found};
use super::super::names::{quote, same};

/// What works, and what does not.
pub(crate) struct Soundness {
    /// Views and tables with triggers; the message of each that fails.
    uses: BTreeMap<String, Option<String>>,
    /// Foreign keys of tables that the edit can break; the number of rows without a parent, or the message.
    keys: BTreeMap<String, std::result::Result<u64, String>>,
}

impl Soundness {
    /// How things are now. Foreign keys are checked of `table` and of those that refer to it.
    pub(crate) fn of(connection: &Connection, table: &str) -> Result<Self> {
        let mut uses = BTreeMap::new();
        for (name, is_view) in relations(connection)? {
            let quoted = quote(&name);
            let mut statements = vec![("trigger on", format!("DELETE FROM main.{quoted}"))];
            statements.push(("trigger on", format!("INSERT INTO main.{quoted} DEFAULT VALUES")));
            if is_view {
                statements.push(("view", format!("SELECT * FROM main.{quoted}")));
            }
            if let Some(update) = update_of_all(connection, &name) {
                statements.push(("trigger on", update));
            }
            for (what, sql) in statements {
                let failed = connection.prepare(&sql).err().map(|error| failure(error).message().to_owned());
                uses.insert(format!("{what} \"{name}\" ({})", sql.split(' ').next().unwrap_or_default()), failed);
            }
        }
        let mut keys = BTreeMap::new();
        let mut children = children(connection, table)?;
        children.insert(table.to_owned());
        for child in children {
            keys.insert(child.clone(), orphans(connection, &child));
        }
        Ok(Self { uses, keys })
    }

    /// `Invalid` where something worked before that does not now.
    pub(crate) fn kept(&self, after: &Self) -> Result<()> {
        for (what, failed) in &after.uses {
            if let (Some(None), Some(message)) = (self.uses.get(what), failed) {
                return Err(Error::invalid(format!("the {what} would fail: {message}; change or drop it first")));
            }
        }
        for (child, now) in &after.keys {
            match (self.keys.get(child), now) {
                (Some(Ok(before)), Ok(now)) if now > before => {
                    return Err(Error::invalid(format!(
                        "{} rows of table \"{child}\" would break a foreign key",
                        now - before
                    )));
                }
                (Some(Ok(_)), Err(message)) => {
                    return Err(Error::invalid(format!(
                        "a foreign key of table \"{child}\" would not work: {message}"
                    )));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The first view or trigger that uses the table or view, found by what fails without it.
pub(crate) fn newly_broken(before: &Soundness, after: &Soundness) -> Option<String> {
    let mut broken = after
        .uses
        .iter()
        .filter(|(what, failed)| failed.is_some() && before.uses.get(*what).is_some_and(Option::is_none));
    broken.next().map(|(what, _)| what.clone())
}

/// Views, and tables with triggers.
fn relations(connection: &Connection) -> Result<Vec<(String, bool)>> {
    let read = || {
        let mut statement = connection.prepare_cached(
            "SELECT name, type = 'view' FROM main.sqlite_schema AS s WHERE type = 'view' OR (type = 'table' AND EXISTS \
             (SELECT 1 FROM main.sqlite_schema AS t WHERE t.type = 'trigger' AND t.tbl_name = s.name COLLATE NOCASE))",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    read().map_err(failure)
}

/// An UPDATE that fires every trigger on the relation.
fn update_of_all(connection: &Connection, name: &str) -> Option<String> {
    let found = found::find(connection, name).ok()??;
    let columns = found::columns(connection, &found).ok()?;
    let plain = columns.iter().filter(|column| !column.generated);
    let sets: Vec<String> = plain.map(|column| format!("{0} = {0}", quote(&column.name))).collect();
    (!sets.is_empty()).then(|| format!("UPDATE main.{} SET {}", quote(name), sets.join(", ")))
}

/// Other tables with a foreign key to this one.
pub(crate) fn children(connection: &Connection, table: &str) -> Result<BTreeSet<String>> {
    let read = || {
        let mut statement = connection.prepare_cached(
            "SELECT DISTINCT s.name FROM main.sqlite_schema AS s, pragma_foreign_key_list(s.name) AS f \
             WHERE s.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE",
        )?;
        let rows = statement.query_map([table], |row| row.get::<_, String>(0))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let names = read().map_err(failure)?;
    Ok(names.into_iter().filter(|name| !same(name, table)).collect())
}

fn orphans(connection: &Connection, table: &str) -> std::result::Result<u64, String> {
    let read = || -> rusqlite::Result<u64> {
        let mut statement = connection.prepare(&format!("PRAGMA main.foreign_key_check({})", quote(table)))?;
        let mut rows = statement.query([])?;
        let mut count = 0;
        while rows.next()?.is_some() {
            count += 1;
        }
        Ok(count)
    };
    read().map_err(|error| failure(error).message().to_owned())
}

/// What the edit of a table would leave broken; nothing where `edit` keeps all that works.
pub(crate) fn keeping(connection: &Connection, table: &Found, edit: impl FnOnce() -> Result<()>) -> Result<()> {
    let before = Soundness::of(connection, &table.name)?;
    edit()?;
    before.kept(&Soundness::of(connection, &table.name)?)
}
