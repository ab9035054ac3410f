//! Expressions of the server's dialect in SQLite's, as far as both mean the same by them.
//!
//! What is let through is a list, and everything else is refused: a division of whole numbers, a LIKE, a cast or most
//! functions would run, and answer something else.

use arrow::datatypes::{DataType, Schema};
use model::{Error, Result, name_key};
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator, Value,
};

use super::in_its_own_dialect;
use crate::engine::resolve::Target;

/// What a statement says of one table, to be said to its database.
pub struct Dialect<'a> {
    pub columns: &'a Schema,
    pub target: &'a Target,
    /// The name that the statement has for the table.
    pub alias: &'a str,
}

/// The kinds of values that are told apart: values of two kinds are not compared by both dialects alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Integer,
    Real,
    Text,
    Boolean,
    Null,
    /// Days, instants, blobs, decimals, and columns without a type.
    Other,
}

/// An expression in SQLite's words.
struct Said {
    sql: String,
    kind: Kind,
}

/// A name in quotes.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn kind_of(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Boolean => Kind::Boolean,
        DataType::Float32 | DataType::Float64 => Kind::Real,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
        data_type if data_type.is_integer() => Kind::Integer,
        _ => Kind::Other,
    }
}

impl Kind {
    fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Real | Self::Null)
    }

    /// The kind of two together, where they can stand beside each other.
    fn with(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Null, kind) | (kind, Self::Null) => Some(kind),
            (Self::Other, _) | (_, Self::Other) => None,
            (one, two) if one == two => Some(one),
            (one, two) if one.is_number() && two.is_number() => Some(Self::Real),
            _ => None,
        }
    }
}

impl Dialect<'_> {
    /// `column = value` of a SET.
    pub fn assignment(&self, column: &str, value: &Expr) -> Result<String> {
        let said = self.say(value)?;
        let field = self.field(column)?;
        let of = kind_of(field.data_type());
        let fits = match (of, said.kind) {
            (_, Kind::Null) | (Kind::Real, Kind::Integer) => true,
            // A day is kept as the text that it is written as.
            (Kind::Other, Kind::Text) => field.data_type().is_temporal(),
            (Kind::Other, _) => false,
            (of, kind) => of == kind,
        };
        if !fits {
            return Err(
                self.refused(&format!("SET {} = {value}, whose type is another than the column's,", quoted(column)))
            );
        }
        Ok(format!("{} = {}", quoted(field.name()), said.sql))
    }

    /// ` WHERE condition`, or nothing.
    pub fn condition(&self, condition: Option<&Expr>) -> Result<String> {
        match condition {
            Some(condition) => Ok(format!(" WHERE {}", self.truth(condition)?)),
            None => Ok(String::new()),
        }
    }

    fn say(&self, expr: &Expr) -> Result<Said> {
        let said = |sql: String, kind| Ok(Said { sql, kind });
        match expr {
            Expr::Identifier(name) => self.column(&name.value),
            Expr::CompoundIdentifier(names) => match names.as_slice() {
                [table, column] if name_key(&table.value) == name_key(self.alias) => self.column(&column.value),
                _ => Err(self.refused(&expr.to_string())),
            },
            Expr::Value(value) => self.value(&value.value),
            Expr::Nested(inner) => {
                let inner = self.say(inner)?;
                said(format!("({})", inner.sql), inner.kind)
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                said(format!("NOT ({})", self.truth(expr)?), Kind::Boolean)
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => {
                let inner = self.say(inner)?;
                if !inner.kind.is_number() {
                    return Err(self.refused(&expr.to_string()));
                }
                said(format!("-({})", inner.sql), inner.kind)
            }
            Expr::BinaryOp { left, op, right } => self.binary(expr, left, op, right),
            Expr::IsNull(inner) => said(format!("({}) IS NULL", self.say(inner)?.sql), Kind::Boolean),
            Expr::IsNotNull(inner) => said(format!("({}) IS NOT NULL", self.say(inner)?.sql), Kind::Boolean),
            Expr::Between { expr: inner, negated, low, high } => {
                let (low, high) = (self.compared(inner, ">=", low)?, self.compared(inner, "<=", high)?);
                let not = if *negated { "NOT " } else { "" };
                said(format!("{not}({low} AND {high})"), Kind::Boolean)
            }
            Expr::InList { expr: inner, list, negated } if !list.is_empty() => {
                let each = list.iter().map(|item| self.compared(inner, "=", item)).collect::<Result<Vec<_>>>()?;
                let not = if *negated { "NOT " } else { "" };
                said(format!("{not}({})", each.join(" OR ")), Kind::Boolean)
            }
            Expr::Function(function) => self.function(expr, function),
            Expr::Case { operand: None, conditions, else_result, .. } => {
                let mut sql = "CASE".to_owned();
                let mut kind = Kind::Null;
                for when in conditions {
                    let result = self.say(&when.result)?;
                    kind = kind.with(result.kind).ok_or_else(|| self.refused(&expr.to_string()))?;
                    sql.push_str(&format!(" WHEN {} THEN {}", self.truth(&when.condition)?, result.sql));
                }
                if let Some(result) = else_result {
                    let result = self.say(result)?;
                    kind = kind.with(result.kind).ok_or_else(|| self.refused(&expr.to_string()))?;
                    sql.push_str(&format!(" ELSE {}", result.sql));
                }
                said(format!("{sql} END"), kind)
            }
            other => Err(self.refused(&other.to_string())),
        }
    }

    /// An expression that is true, false or NULL.
    fn truth(&self, expr: &Expr) -> Result<String> {
        let said = self.say(expr)?;
        match said.kind {
            Kind::Boolean | Kind::Null => Ok(said.sql),
            _ => Err(self.refused(&format!("the condition {expr}, which is not true or false,"))),
        }
    }

    fn binary(&self, whole: &Expr, left: &Expr, op: &BinaryOperator, right: &Expr) -> Result<Said> {
        let said = |sql: String, kind| Ok(Said { sql, kind });
        match op {
            BinaryOperator::And | BinaryOperator::Or => {
                said(format!("({}) {op} ({})", self.truth(left)?, self.truth(right)?), Kind::Boolean)
            }
            BinaryOperator::Eq => said(self.compared(left, "=", right)?, Kind::Boolean),
            BinaryOperator::NotEq => said(self.compared(left, "<>", right)?, Kind::Boolean),
            BinaryOperator::Lt => said(self.compared(left, "<", right)?, Kind::Boolean),
            BinaryOperator::LtEq => said(self.compared(left, "<=", right)?, Kind::Boolean),
            BinaryOperator::Gt => said(self.compared(left, ">", right)?, Kind::Boolean),
            BinaryOperator::GtEq => said(self.compared(left, ">=", right)?, Kind::Boolean),
            BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply => {
                let (left, right) = (self.say(left)?, self.say(right)?);
                match left.kind.with(right.kind) {
                    Some(kind) if left.kind.is_number() && right.kind.is_number() => {
                        said(format!("({}) {op} ({})", left.sql, right.sql), kind)
                    }
                    _ => Err(self.refused(&whole.to_string())),
                }
            }
            BinaryOperator::StringConcat => {
                let (left, right) = (self.say(left)?, self.say(right)?);
                match left.kind.with(right.kind) {
                    Some(Kind::Text) => said(format!("({}) || ({})", left.sql, right.sql), Kind::Text),
                    _ => Err(self.refused(&whole.to_string())),
                }
            }
            _ => Err(self.refused(&whole.to_string())),
        }
    }

    /// Text is compared by its bytes, whatever the column was declared with.
    fn compared(&self, left: &Expr, sign: &str, right: &Expr) -> Result<String> {
        let (one, two) = (self.say(left)?, self.say(right)?);
        match one.kind.with(two.kind) {
            Some(Kind::Text) => Ok(format!("({}) COLLATE BINARY {sign} ({})", one.sql, two.sql)),
            Some(_) => Ok(format!("({}) {sign} ({})", one.sql, two.sql)),
            None => Err(self.refused(&format!("the comparison {left} {sign} {right}, of values of two types,"))),
        }
    }

    fn function(&self, whole: &Expr, function: &Function) -> Result<Said> {
        let plain = function.filter.is_none() && function.over.is_none() && function.within_group.is_empty();
        let name = function.name.to_string().to_lowercase();
        let FunctionArguments::List(list) = &function.args else { return Err(self.refused(&whole.to_string())) };
        if !plain || list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
            return Err(self.refused(&whole.to_string()));
        }
        let mut arguments = Vec::new();
        for argument in &list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => arguments.push(self.say(expr)?),
                _ => return Err(self.refused(&whole.to_string())),
            }
        }
        let together = arguments.iter().try_fold(Kind::Null, |kind, argument| kind.with(argument.kind));
        let kind = match (name.as_str(), arguments.len(), together) {
            ("coalesce", 2.., Some(kind)) | ("abs", 1, Some(kind @ (Kind::Integer | Kind::Real))) => kind,
            _ => return Err(self.refused(&whole.to_string())),
        };
        let arguments: Vec<String> = arguments.into_iter().map(|argument| argument.sql).collect();
        Ok(Said { sql: format!("{name}({})", arguments.join(", ")), kind })
    }

    fn value(&self, value: &Value) -> Result<Said> {
        let said = |sql: String, kind| Ok(Said { sql, kind });
        match value {
            Value::Number(number, _) if number.parse::<i64>().is_ok() => said(number.clone(), Kind::Integer),
            Value::Number(number, _) if number.contains(['.', 'e', 'E']) && number.parse::<f64>().is_ok() => {
                said(number.clone(), Kind::Real)
            }
            Value::SingleQuotedString(string) if !string.contains('\0') => said(text(string), Kind::Text),
            Value::Boolean(value) => said(if *value { "1" } else { "0" }.to_owned(), Kind::Boolean),
            Value::Null => said("NULL".to_owned(), Kind::Null),
            other => Err(self.refused(&other.to_string())),
        }
    }

    fn column(&self, name: &str) -> Result<Said> {
        let field = self.field(name)?;
        Ok(Said { sql: quoted(field.name()), kind: kind_of(field.data_type()) })
    }

    fn field(&self, name: &str) -> Result<&arrow::datatypes::Field> {
        let found = self.columns.fields().iter().find(|field| name_key(field.name()) == name_key(name));
        found.map(AsRef::as_ref).ok_or_else(|| {
            Error::invalid(format!("Binder Error: the table \"{}\" has no column \"{name}\"", self.target.table))
        })
    }

    fn refused(&self, what: &str) -> Error {
        in_its_own_dialect(what, &self.target.database)
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::Field;
    use model::TableName;
    use sqlparser::ast::Statement;

    use super::*;
    use crate::engine::parse;

    fn condition(text: &str) -> Result<String> {
        let columns = Schema::new(vec![
            Field::new("n", DataType::Int64, true),
            Field::new("x", DataType::Float64, true),
            Field::new("Name", DataType::Utf8, true),
            Field::new("ok", DataType::Boolean, true),
            Field::new("day", DataType::Date32, true),
        ]);
        let target = Target { database: "shop".into(), table: TableName::new("main", "t").unwrap() };
        let dialect = Dialect { columns: &columns, target: &target, alias: "o" };
        let parsed = parse::statements(&format!("DELETE FROM t o WHERE {text}")).unwrap().pop();
        let Some(Statement::Delete(delete)) = parsed else { panic!("{text}") };
        dialect.condition(delete.selection.as_ref())
    }

    #[test]
    fn what_means_the_same_is_said() {
        for (text, expected) in [
            ("n = 5", " WHERE (\"n\") = (5)"),
            ("o.NAME < 'it''s'", " WHERE (\"Name\") COLLATE BINARY < ('it''s')"),
            ("n + 1 > x AND NOT ok", " WHERE (((\"n\") + (1)) > (\"x\")) AND (NOT (\"ok\"))"),
            ("day IS NULL", " WHERE (\"day\") IS NULL"),
            ("coalesce(n, 0) IN (1, 2)", " WHERE ((coalesce(\"n\", 0)) = (1) OR (coalesce(\"n\", 0)) = (2))"),
        ] {
            assert_eq!(condition(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_means_something_else_is_refused() {
        for text in [
            "n / 2 = 1",
            "name LIKE 'a%'",
            "n = '5'",
            "name = 5",
            "day > '2026-01-01'",
            "CAST(n AS VARCHAR) = '1'",
            "lower(name) = 'a'",
            "n",
            "n IN (SELECT 1)",
            "n = 99999999999999999999",
            "other.n = 1",
        ] {
            let error = condition(text).expect_err(text);
            assert!(error.message().contains("POST /dbs/{dbId}/sql"), "{text}: {error}");
        }
        assert!(condition("missing = 1").expect_err("no such column").message().contains("has no column \"missing\""));
    }
}
