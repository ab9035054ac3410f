//! `DELETE FROM table [USING tables] [WHERE condition]`.

use model::{Error, Result};
use sqlparser::ast::{Delete, FromTable, ObjectName, TableFactor, TableWithJoins};

use super::syntax::{alone, number, places, query, target};
use super::{Action, PlannedChange, Repeated};
use crate::engine::context::Context;
use crate::engine::statement::{refuse, refuse_for};

/// The table of a DELETE that takes every row: nothing needs to be read for it.
pub fn everything_of(delete: &Delete) -> Option<&ObjectName> {
    let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
    let plain = delete.selection.is_none() && delete.using.is_none() && delete.returning.is_none();
    match from.as_slice() {
        [TableWithJoins { relation: TableFactor::Table { name, version: None, .. }, joins }]
            if plain && joins.is_empty() =>
        {
            Some(name)
        }
        _ => None,
    }
}

impl Context {
    /// Plans a DELETE. A row that several rows of USING match goes once.
    pub async fn plan_delete(&self, delete: Delete) -> Result<PlannedChange> {
        refuse_for(&[(delete.returning.is_some(), "RETURNING", "read the rows before")])?;
        refuse(&[
            (delete.limit.is_some(), "LIMIT in DELETE"),
            (!delete.order_by.is_empty(), "ORDER BY in DELETE"),
            (delete.output.is_some(), "OUTPUT"),
            (!delete.tables.is_empty(), "DELETE of several tables"),
        ])?;
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = delete.from;
        let [table] = <[_; 1]>::try_from(from)
            .map_err(|_| Error::invalid("Parser Error: DELETE FROM takes one table; name others in USING"))?;
        refuse_for(&[(!table.joins.is_empty(), "JOIN in DELETE", "name the other table in USING")])?;
        let changed = self.changed(&table.relation).await?;
        let mut from = vec![alone(target(&changed.alias))];
        from.extend(delete.using.unwrap_or_default());
        let removal = query(places(&changed.alias, number(0)), from, delete.selection);
        let (state, plan) = self.plan_change(&changed, removal).await?;
        Ok(PlannedChange { changed, state, plan, actions: vec![Action::Delete], repeated: Repeated::Ignore })
    }
}
