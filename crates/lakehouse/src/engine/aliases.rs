//! Names that a SELECT gives to its columns are known in the same SELECT: in what follows, and in WHERE.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, LambdaFunctionParameter, OneOrManyWithParens, Query, Select, SelectItem, Statement, TableAlias, TableFactor,
    Visit, VisitMut, Visitor, VisitorMut,
};

/// Puts the expression of an alias where the alias is used before the planner knows it. `columns` are the names of the
/// columns of all tables: those go first.
pub fn resolve(statement: &mut Statement, columns: &HashSet<String>) {
    let mut given = Given { names: HashMap::new(), columns: columns.clone() };
    let _ = Visit::visit(statement, &mut given);
    let mut resolving = Resolving { given };
    let _ = VisitMut::visit(statement, &mut resolving);
}

/// The names that the SELECTs of a statement give, and how many give each.
struct Given {
    names: HashMap<String, usize>,
    columns: HashSet<String>,
}

impl Given {
    fn select(&mut self, select: &Select) {
        let names: HashSet<String> = select.projection.iter().filter_map(name).collect();
        for name in names {
            *self.names.entry(name).or_default() += 1;
        }
    }

    fn alias(&mut self, alias: &TableAlias) {
        self.columns.extend(alias.columns.iter().map(|column| column.name.value.to_lowercase()));
    }
}

/// The name of a column of a SELECT.
fn name(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.to_lowercase()),
        SelectItem::UnnamedExpr(Expr::Identifier(ident)) => Some(ident.value.to_lowercase()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(idents)) => {
            idents.last().map(|ident| ident.value.to_lowercase())
        }
        _ => None,
    }
}

impl Visitor for Given {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.alias(&cte.alias);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.select(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let alias = match factor {
            TableFactor::Table { alias, .. }
            | TableFactor::Derived { alias, .. }
            | TableFactor::TableFunction { alias, .. }
            | TableFactor::UNNEST { alias, .. }
            | TableFactor::Function { alias, .. } => alias.as_ref(),
            _ => None,
        };
        if let Some(alias) = alias {
            self.alias(alias);
        }
        ControlFlow::Continue(())
    }
}

struct Resolving {
    given: Given,
}

impl VisitorMut for Resolving {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let mut known: HashMap<String, Expr> = HashMap::new();
        for item in &mut select.projection {
            if let SelectItem::ExprWithAlias { expr, .. } | SelectItem::UnnamedExpr(expr) = item
                && !known.is_empty()
            {
                substitute(expr, &known);
            }
            if let SelectItem::ExprWithAlias { expr, alias } = item {
                let name = alias.value.to_lowercase();
                let only_here = self.given.names.get(&name) == Some(&1) && !self.given.columns.contains(&name);
                if only_here && !matches!(expr, Expr::Identifier(ident) if ident.value.eq_ignore_ascii_case(&name)) {
                    known.insert(name, expr.clone());
                }
            }
        }
        if let Some(condition) = &mut select.selection
            && !known.is_empty()
        {
            substitute(condition, &known);
        }
        ControlFlow::Continue(())
    }
}

fn substitute(expr: &mut Expr, known: &HashMap<String, Expr>) {
    let _ = VisitMut::visit(expr, &mut Substituting { known, queries: 0, parameters: Vec::new() });
}

struct Substituting<'a> {
    known: &'a HashMap<String, Expr>,
    queries: usize,
    /// The parameters of the lambdas that are open.
    parameters: Vec<Vec<String>>,
}

impl VisitorMut for Substituting<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Lambda(lambda) = expr {
            let name = |parameter: &LambdaFunctionParameter| parameter.name.value.to_lowercase();
            self.parameters.push(match &lambda.params {
                OneOrManyWithParens::One(parameter) => vec![name(parameter)],
                OneOrManyWithParens::Many(parameters) => parameters.iter().map(name).collect(),
            });
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if matches!(expr, Expr::Lambda(_)) {
            self.parameters.pop();
        }
        if let Expr::Identifier(ident) = expr
            && self.queries == 0
            && !self.parameters.iter().flatten().any(|parameter| *parameter == ident.value.to_lowercase())
            && let Some(value) = self.known.get(&ident.value.to_lowercase())
        {
            *expr = Expr::Nested(Box::new(value.clone()));
        }
        ControlFlow::Continue(())
    }
}
