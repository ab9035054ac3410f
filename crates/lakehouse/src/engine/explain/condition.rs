//! Conditions of scans as DuckDB writes them: `id>50 AND name='x'`.

use arrow::datatypes::DataType;
use arrow::util::display::array_value_to_string;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::{Between, InList, Like};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use model::sql_type;

use crate::engine::words::quoted;

/// All of `filters`; nothing where there are none.
pub fn text(filters: &[Expr]) -> Option<String> {
    let parts: Vec<String> = filters.iter().map(part).collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

/// A condition among others, all of which must hold.
fn part(expr: &Expr) -> String {
    match expr {
        Expr::BinaryExpr(BinaryExpr { op: Operator::Or, .. }) => format!("({})", sql(expr)),
        _ => sql(expr),
    }
}

fn sql(expr: &Expr) -> String {
    match expr {
        Expr::Column(column) => quoted(&column.name),
        Expr::Literal(value, _) => literal(value),
        Expr::Alias(alias) => sql(&alias.expr),
        Expr::BinaryExpr(binary) => binary_text(binary),
        Expr::IsNull(inner) => format!("{} IS NULL", operand(inner)),
        Expr::IsNotNull(inner) => format!("{} IS NOT NULL", operand(inner)),
        Expr::Not(inner) => format!("NOT {}", operand(inner)),
        Expr::Negative(inner) => format!("-{}", operand(inner)),
        Expr::Between(Between { expr, negated, low, high }) => {
            let inside = format!("{0}>={1} AND {0}<={2}", operand(expr), operand(low), operand(high));
            if *negated { format!("NOT ({inside})") } else { inside }
        }
        Expr::InList(InList { expr, list, negated }) => {
            let list: Vec<String> = list.iter().map(sql).collect();
            format!("{} {}IN ({})", operand(expr), not(*negated), list.join(", "))
        }
        Expr::Like(Like { negated, expr, pattern, case_insensitive, .. }) => {
            let word = if *case_insensitive { "ILIKE" } else { "LIKE" };
            format!("{} {}{word} {}", operand(expr), not(*negated), operand(pattern))
        }
        Expr::Cast(cast) => format!("CAST({} AS {})", sql(&cast.expr), sql_type(cast.field.data_type())),
        Expr::ScalarFunction(call) => {
            let arguments: Vec<String> = call.args.iter().map(sql).collect();
            format!("{}({})", call.name(), arguments.join(", "))
        }
        other => other.human_display().to_string(),
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn binary_text(binary: &BinaryExpr) -> String {
    let BinaryExpr { left, op, right } = binary;
    let word = match op {
        Operator::And => return format!("{} AND {}", part(left), part(right)),
        Operator::Or => return format!("{} OR {}", operand_of_or(left), operand_of_or(right)),
        Operator::NotEq => "!=".to_owned(),
        Operator::Eq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq => op.to_string(),
        _ => format!(" {op} "),
    };
    format!("{}{word}{}", operand(left), operand(right))
}

fn operand_of_or(expr: &Expr) -> String {
    match expr {
        Expr::BinaryExpr(BinaryExpr { op: Operator::And, .. }) => format!("({})", sql(expr)),
        _ => sql(expr),
    }
}

/// An expression where only a simple one can stand.
fn operand(expr: &Expr) -> String {
    match expr {
        Expr::BinaryExpr(_) => format!("({})", sql(expr)),
        _ => sql(expr),
    }
}

fn literal(value: &ScalarValue) -> String {
    let text = || {
        let array = value.to_array().ok()?;
        array_value_to_string(&array, 0).ok()
    };
    if value.is_null() {
        return "NULL".to_owned();
    }
    let text = text().unwrap_or_else(|| value.to_string());
    let data_type = value.data_type();
    match &data_type {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => string(&text),
        DataType::Timestamp(..) => format!("{}::{}", string(&text.replace('T', " ")), sql_type(&data_type)),
        temporal if temporal.is_temporal() => format!("{}::{}", string(&text), sql_type(temporal)),
        _ => text,
    }
}

fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::logical_expr::{ident, lit};

    /// What DuckDB 2.0 shows of the same conditions, without the parentheses and spaces that it puts around each.
    #[test]
    fn conditions_are_written_as_duckdb_writes_them() {
        let id = || ident("id");
        let date = ScalarValue::Date32(Some(18_293));
        let cases = [
            (vec![id().gt(lit(50_i64))], "id>50"),
            (vec![ident("d").gt_eq(lit(date)), ident("m").gt(lit(1.5))], "d>='2020-02-01'::DATE AND m>1.5"),
            (vec![id().in_list(vec![lit(1_i64), lit(2_i64), lit(3_i64)], false)], "id IN (1, 2, 3)"),
            (vec![id().not_eq(lit(4_i64)), ident("name").is_not_null()], "id!=4 AND name IS NOT NULL"),
            (vec![id().gt(lit(50_i64)).or(id().lt(lit(3_i64)))], "(id>50 OR id<3)"),
            (vec![ident("a name").eq(lit("it's"))], "\"a name\"='it''s'"),
            (vec![ident("name").like(lit("a%"))], "name LIKE 'a%'"),
        ];
        for (filters, expected) in cases {
            assert_eq!(text(&filters).as_deref(), Some(expected));
        }
        assert_eq!(text(&[]), None);
    }
}
