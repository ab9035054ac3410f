//! What the conditions of a query say of the names it asks for: catalogs, schemas and tables that no row can be of are
//! not looked at.

use std::collections::HashMap;

use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

/// The columns that name a database.
const DATABASE: [&str; 3] = ["database_name", "table_catalog", "catalog_name"];

/// The columns that name a schema.
const SCHEMA: [&str; 2] = ["schema_name", "table_schema"];

/// The columns that name a table or view.
const TABLE: [&str; 2] = ["table_name", "view_name"];

/// The values that some columns must have.
pub struct Restriction {
    values: HashMap<String, Vec<String>>,
    /// No row is wanted.
    nothing: bool,
}

impl Restriction {
    /// What must hold where all of these conditions do.
    pub fn of(filters: &[Expr]) -> Self {
        let values = filters.iter().filter_map(equal).collect();
        Self { values, nothing: false }
    }

    /// No row at all.
    pub fn nothing() -> Self {
        Self { values: HashMap::new(), nothing: true }
    }

    /// Whether no row is wanted, whatever it is of.
    pub fn is_nothing(&self) -> bool {
        self.nothing
    }

    /// Whether rows of this database may be wanted.
    pub fn database(&self, name: &str) -> bool {
        self.allows(&DATABASE, name)
    }

    /// Whether rows of a schema of this name may be wanted.
    pub fn schema(&self, name: &str) -> bool {
        self.allows(&SCHEMA, name)
    }

    /// Whether rows of a table or view of this name may be wanted.
    pub fn table(&self, name: &str) -> bool {
        self.allows(&TABLE, name)
    }

    fn allows(&self, columns: &[&str], name: &str) -> bool {
        let lists = columns.iter().filter_map(|column| self.values.get(*column));
        !self.nothing && lists.into_iter().all(|values| values.iter().any(|value| value == name))
    }
}

/// The column and the values that it must have, for `column = 'value'` and `column IN ('value', …)`.
fn equal(filter: &Expr) -> Option<(String, Vec<String>)> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => match (left.as_ref(), right.as_ref()) {
            (Expr::Column(column), value) | (value, Expr::Column(column)) => named(column, &[value.clone()]),
            _ => None,
        },
        Expr::InList(list) if !list.negated => match list.expr.as_ref() {
            Expr::Column(column) => named(column, &list.list),
            _ => None,
        },
        _ => None,
    }
}

fn named(column: &Column, values: &[Expr]) -> Option<(String, Vec<String>)> {
    let text = |value: &Expr| match value {
        Expr::Literal(
            ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text)),
            _,
        ) => Some(text.clone()),
        _ => None,
    };
    Some((column.name.clone(), values.iter().map(text).collect::<Option<Vec<String>>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::logical_expr::{col, lit};

    #[test]
    fn names_that_cannot_match_are_passed_over() {
        let restriction = Restriction::of(&[
            col("table_catalog").eq(lit("lake")),
            lit("main").eq(col("table_schema")),
            col("table_name").in_list(vec![lit("a"), lit("b")], false),
        ]);
        assert!(restriction.database("lake") && !restriction.database("shop"));
        assert!(restriction.schema("main") && !restriction.schema("other"));
        assert!(restriction.table("b") && !restriction.table("c"));
        let open = Restriction::of(&[col("table_name").not_eq(lit("a"))]);
        assert!(open.table("a") && open.database("lake"));
        assert!(!Restriction::nothing().database("lake"));
    }
}
