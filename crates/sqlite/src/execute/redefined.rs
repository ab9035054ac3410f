//! What a statement did to the definitions of tables and views.

use std::collections::BTreeMap;

use model::{Result, Statement};

use super::profile;
use crate::connection::Guarded;
use crate::fault::fault;
use crate::guard::Profile;
use crate::notes::Notes;

/// What became of tables and views: the old name, and the new one where there is one.
pub type Moved = Vec<(String, Option<String>)>;

/// Notes it.
pub fn follow(notes: &Notes, moved: &Moved) -> Result<()> {
    for (from, to) in moved {
        match to {
            Some(to) => notes.renamed(from, to)?,
            None => notes.dropped(from)?,
        }
    }
    Ok(())
}

/// Tables and views with their statements and the page where their rows begin.
pub type Definitions = BTreeMap<String, (String, i64)>;

/// Those of this moment.
pub fn definitions(connection: &Guarded, statement: &Statement) -> Result<Definitions> {
    let Guarded { sqlite, guard, .. } = connection;
    let defines = guard.defines();
    guard.enter(Profile::Own);
    let read = || {
        const SQL: &str = "SELECT name, sql, rootpage FROM sqlite_schema WHERE type IN ('table', 'view') \
                           AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let mut listed = sqlite.prepare_cached(SQL)?;
        let rows = listed.query_map([], |row| {
            Ok((row.get(0)?, (row.get::<_, Option<String>>(1)?.unwrap_or_default(), row.get(2)?)))
        })?;
        rows.collect::<rusqlite::Result<Definitions>>()
    };
    let definitions = read().map_err(fault);
    guard.enter(profile(statement));
    if defines {
        guard.note_defines();
    }
    definitions
}

/// The names that another definition has now, and what became of tables.
pub fn differences(before: &Definitions, after: &Definitions) -> (Vec<String>, Moved) {
    let mut redefined: Vec<String> = Vec::new();
    let gone: Vec<&String> = before.keys().filter(|name| !after.contains_key(*name)).collect();
    let come: Vec<&String> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    let is_same = |from: &String, to: &String| before[from].1 != 0 && before[from].1 == after[to].1;
    let moved = gone.iter().map(|from| {
        let to = come.iter().find(|to| is_same(from, to));
        ((*from).clone(), to.map(|to| (*to).clone()))
    });
    let moved = moved.collect();
    redefined.extend(gone.iter().map(|name| (*name).clone()));
    redefined.extend(
        after
            .iter()
            .filter(|(name, now)| before.get(*name).is_none_or(|old| old.0 != now.0))
            .map(|(name, _)| name.clone()),
    );
    redefined.sort();
    (redefined, moved)
}
