//! Names are found in any letter case: each is spelled as its table does.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::common::TableReference;
use datafusion::logical_expr::TableSource;
use model::name_key;
use sqlparser::ast::{
    Expr, Ident, OrderBy, OrderByKind, Query, Select, SelectItem, SetExpr, Statement, TableAlias, TableFactor,
    VisitMut, VisitorMut,
};

/// Spells every name as its table does, so that letter case does not matter: `select NAME from People` finds the
/// column `name` of `people`. Names that the statement makes itself keep their first spelling.
pub fn spell(statement: &mut Statement, tables: &HashMap<TableReference, Arc<dyn TableSource>>) {
    let mut spellings: HashMap<String, Option<String>> = HashMap::new();
    for source in tables.values() {
        for field in source.schema().fields() {
            let spelling = spellings.entry(name_key(field.name())).or_insert_with(|| Some(field.name().clone()));
            if spelling.as_ref().is_some_and(|known| known != field.name()) {
                // Two tables spell it differently: the statement must say which it means.
                *spelling = None;
            }
        }
    }
    let tables = tables.keys().map(|table| (name_key(table.table()), table.table().to_owned())).collect();
    let mut aliases = Aliases { tables };
    let _ = VisitMut::visit(statement, &mut aliases);
    let mut spelling = Spelling { spellings, tables: aliases.tables };
    let _ = VisitMut::visit(statement, &mut spelling);
}

/// Collects the names that FROM gives to tables: SELECT, which stands before, may spell them otherwise.
struct Aliases {
    tables: HashMap<String, String>,
}

impl VisitorMut for Aliases {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let Some(alias) = alias_of(factor) {
            self.tables.insert(name_key(&alias.name.value), alias.name.value.clone());
        }
        ControlFlow::Continue(())
    }
}

fn alias_of(factor: &mut TableFactor) -> Option<&mut TableAlias> {
    match factor {
        TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::TableFunction { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::NestedJoin { alias, .. } => alias.as_mut(),
        _ => None,
    }
}

struct Spelling {
    /// The spelling of each known name; `None` for names that are spelled in several ways.
    spellings: HashMap<String, Option<String>>,
    /// The spelling in FROM of each table, view and alias.
    tables: HashMap<String, String>,
}

impl Spelling {
    fn ident(&mut self, ident: &mut Ident) {
        let key = name_key(&ident.value);
        match self.spellings.get(&key) {
            Some(Some(known)) => ident.value.clone_from(known),
            Some(None) => {}
            None => {
                self.spellings.insert(key, Some(ident.value.clone()));
            }
        }
    }

    fn alias(&mut self, alias: &mut TableAlias) {
        alias.columns.iter_mut().for_each(|column| self.ident(&mut column.name));
    }
}

impl VisitorMut for Spelling {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        for cte in query.with.iter_mut().flat_map(|with| with.cte_tables.iter_mut()) {
            // The planner finds a table expression by the name that FROM uses, so its own spelling stays.
            cte.alias.columns.iter_mut().for_each(|column| self.ident(&mut column.name));
        }
        if let SetExpr::Select(select) = query.body.as_mut() {
            self.aliases(select);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        order_by_output_names(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        self.aliases(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let Some(alias) = alias_of(factor) {
            self.alias(alias);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => self.ident(ident),
            Expr::CompoundIdentifier(idents) => {
                if let Some(column) = idents.last_mut() {
                    self.ident(column);
                }
                if let [table, _] = idents.as_mut_slice()
                    && let Some(known) = self.tables.get(&name_key(&table.value))
                {
                    table.value.clone_from(known);
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Spelling {
    fn aliases(&mut self, select: &mut Select) {
        for item in &mut select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                // An output name is the caller's to choose; only references to it must find it.
                self.spellings.entry(name_key(&alias.value)).or_insert_with(|| Some(alias.value.clone()));
            }
        }
    }
}

/// In ORDER BY the name of an output column goes before that of a table's column, in any letter case.
fn order_by_output_names(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_ref() else { return };
    let Some(OrderBy { kind: OrderByKind::Expressions(expressions), .. }) = &mut query.order_by else { return };
    for by in expressions {
        let Expr::Identifier(name) = &mut by.expr else { continue };
        let named = select.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { alias, .. } if name_key(&alias.value) == name_key(&name.value) => Some(alias),
            _ => None,
        });
        if let Some(alias) = named {
            name.value.clone_from(&alias.value);
        }
    }
}
