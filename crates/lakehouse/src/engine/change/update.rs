//! `UPDATE table SET column = value, … [FROM tables] [WHERE condition]`.

use model::{Error, Result, name_key};
use sqlparser::ast::{Assignment, AssignmentTarget, Expr, ObjectName, SelectItem, Update, UpdateTableFromKind};

use super::syntax::{alone, column, item, last, number, places, query, target};
use super::{Action, Changed, PlannedChange, Repeated};
use crate::engine::context::Context;
use crate::engine::statement::{refuse, refuse_for};

impl Context {
    /// Plans an UPDATE. Of several rows of FROM that match a row, the first that is found holds.
    pub async fn plan_update(&self, update: Update) -> Result<PlannedChange> {
        refuse_for(&[
            (update.returning.is_some(), "RETURNING", "read the table afterwards"),
            (!update.table.joins.is_empty(), "JOIN in UPDATE", "name the other table in FROM"),
        ])?;
        refuse(&[
            (update.limit.is_some(), "LIMIT in UPDATE"),
            (!update.order_by.is_empty(), "ORDER BY in UPDATE"),
            (update.or.is_some(), "UPDATE OR"),
            (update.output.is_some(), "OUTPUT"),
        ])?;
        let changed = self.changed(&update.table.relation).await?;
        let assigned = assigned(update.assignments)?;
        let mut items = places(&changed.alias, number(0));
        items.extend(changed.columns_after(assigned)?);
        let mut from = vec![alone(target(&changed.alias))];
        if let Some(UpdateTableFromKind::BeforeSet(tables) | UpdateTableFromKind::AfterSet(tables)) = update.from {
            from.extend(tables);
        }
        let (state, plan) = self.plan_change(&changed, query(items, from, update.selection)).await?;
        Ok(PlannedChange { changed, state, plan, actions: vec![Action::Update], repeated: Repeated::Ignore })
    }
}

impl Changed {
    /// Every column of the table, with the value that SET gives it or the one that it has.
    fn columns_after(&self, mut assigned: Vec<(String, Expr)>) -> Result<Vec<SelectItem>> {
        let mut items = Vec::new();
        for field in self.snapshot.read_schema.fields() {
            let position = assigned.iter().position(|(name, _)| name_key(name) == name_key(field.name()));
            let value = match position {
                Some(position) => assigned.swap_remove(position).1,
                None => column(&self.alias, field.name()),
            };
            items.push(item(value, field.name()));
        }
        match assigned.first() {
            Some((name, _)) => Err(self.no_column(name)),
            None => Ok(items),
        }
    }

    /// A column that a statement sets and the table has not, or that it sets twice.
    pub(super) fn no_column(&self, name: &str) -> Error {
        let known = self.snapshot.read_schema.fields().iter().any(|field| name_key(field.name()) == name_key(name));
        let table = &self.target.table;
        Error::invalid(if known {
            format!("Binder Error: the column \"{name}\" of the table \"{table}\" is set twice")
        } else {
            format!("Binder Error: the table \"{table}\" has no column \"{name}\"")
        })
    }
}

/// The columns that SET names, with their values; `(a, b) = (1, 2)` is two of them.
pub(in crate::engine) fn assigned(assignments: Vec<Assignment>) -> Result<Vec<(String, Expr)>> {
    let mut assigned = Vec::new();
    for Assignment { target, value } in assignments {
        match (target, value) {
            (AssignmentTarget::ColumnName(name), value) => assigned.push((set_name(&name)?, value)),
            (AssignmentTarget::Tuple(names), Expr::Tuple(values)) if names.len() == values.len() => {
                for (name, value) in names.iter().zip(values) {
                    assigned.push((set_name(name)?, value));
                }
            }
            (AssignmentTarget::Tuple(_), _) => {
                return Err(Error::unsupported(
                    "Not implemented Error: SET of several columns at once takes as many values in parentheses; set each column",
                ));
            }
        }
    }
    Ok(assigned)
}

fn set_name(name: &ObjectName) -> Result<String> {
    let ident =
        last(name).ok_or_else(|| Error::invalid(format!("Binder Error: {name} is not the name of a column")))?;
    Ok(ident.value.clone())
}
