//! The pieces of syntax that the queries of changes are made of.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Ident, ObjectName, Query, Select, SelectItem, SetExpr, Statement, TableAlias,
    TableFactor, TableWithJoins, Value,
};

use super::TARGET;
use crate::engine::parse;
use crate::engine::rewrite::exact;
use crate::scan::{FILE, ROW};

/// `SELECT items FROM tables WHERE condition`.
pub fn query(items: Vec<SelectItem>, from: Vec<TableWithJoins>, condition: Option<Expr>) -> Query {
    let mut query = parsed("SELECT 1 FROM t");
    let select = select_of(&mut query);
    (select.projection, select.from, select.selection) = (items, from, condition);
    query
}

/// The query of a text that is one.
pub fn parsed(text: &str) -> Query {
    match parse::statements(text).map(|mut all| all.pop()) {
        Ok(Some(Statement::Query(query))) => *query,
        _ => unreachable!("a constant text that is a query"),
    }
}

/// The SELECT of a query that is nothing else.
pub fn select_of(query: &mut Query) -> &mut Select {
    match query.body.as_mut() {
        SetExpr::Select(select) => select,
        _ => unreachable!("the query was made from a SELECT"),
    }
}

/// The changed table under the name that the statement gave it.
pub fn target(alias: &str) -> TableFactor {
    let mut query = parsed("SELECT 1 FROM t AS a");
    let mut from = std::mem::take(&mut select_of(&mut query).from);
    let mut factor = from.remove(0).relation;
    if let TableFactor::Table { name, alias: given, .. } = &mut factor {
        *name = ObjectName::from(vec![exact(TARGET)]);
        *given = Some(named(alias));
    }
    factor
}

/// `AS name`.
pub fn named(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: exact(name), columns: Vec::new(), at: None }
}

/// A table by itself.
pub fn alone(relation: TableFactor) -> TableWithJoins {
    TableWithJoins { relation, joins: Vec::new() }
}

/// `table.column`.
pub fn column(table: &str, column: &str) -> Expr {
    Expr::CompoundIdentifier(vec![exact(table), exact(column)])
}

/// `expression AS name`.
pub fn item(expr: Expr, name: &str) -> SelectItem {
    SelectItem::ExprWithAlias { expr, alias: exact(name) }
}

/// The columns that every query of a change begins with.
pub fn places(alias: &str, action: Expr) -> Vec<SelectItem> {
    vec![item(column(alias, FILE), FILE), item(column(alias, ROW), ROW), item(action, "__boathouse_action")]
}

/// A whole number, as INTEGER.
pub fn number(value: usize) -> Expr {
    Expr::Cast {
        kind: sqlparser::ast::CastKind::Cast,
        expr: Box::new(Expr::value(Value::Number(value.to_string(), false))),
        data_type: sqlparser::ast::DataType::Integer(None),
        array: false,
        format: None,
    }
}

/// `NULL`.
pub fn null() -> Expr {
    Expr::value(Value::Null)
}

/// `left AND right`.
pub fn and(left: Expr, right: Expr) -> Expr {
    let nested = |expr| Box::new(Expr::Nested(Box::new(expr)));
    Expr::BinaryOp { left: nested(left), op: BinaryOperator::And, right: nested(right) }
}

/// `left = right`.
pub fn equal(left: Expr, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op: BinaryOperator::Eq, right: Box::new(right) }
}

/// `CASE WHEN condition THEN value … END`.
pub fn case(branches: Vec<(Expr, Expr)>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: branches.into_iter().map(|(condition, result)| CaseWhen { condition, result }).collect(),
        else_result: None,
    }
}

/// The last part of the name of a column, as SET and lists of columns have it.
pub fn last(name: &ObjectName) -> Option<&Ident> {
    name.0.last().and_then(|part| part.as_ident())
}
