//! What a column is for whoever shows a table or types values in.

use model::{ColumnDefinition, TableDefinition, Value};

use super::input::Input;
use super::scalar::Scalar;

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The type as it was declared.
    pub declared_type: String,
    /// What its values are in GraphQL; none where nothing is known.
    pub scalar: Option<Scalar>,
    /// With what a value is typed in.
    pub input: Input,
    /// Whether it is computed from others.
    pub generated: bool,
    /// Whether it never is NULL.
    pub non_null: bool,
    /// Whether a new row can do without a value.
    pub omittable: bool,
    /// Whether it is of the primary key.
    pub primary_key: bool,
    /// Whether no two rows can have the same value.
    pub unique: bool,
    /// What its values must satisfy besides.
    pub rules: Vec<Rule>,
    /// The expression of its default.
    pub default: Option<String>,
    /// What is said of it.
    pub description: Option<String>,
}

/// What the values of a column must satisfy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// They are among these, written as text.
    OneOf(Vec<String>),
    /// An expression holds.
    Check {
        /// The name of the constraint.
        name: Option<String>,
        /// The expression.
        predicate: String,
    },
    /// They are in a column of a table.
    References {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}

impl Column {
    /// The number of a row.
    pub(super) fn row_id(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            declared_type: "INTEGER".to_owned(),
            scalar: Some(Scalar::Int),
            input: Input::Number,
            generated: false,
            non_null: true,
            omittable: true,
            primary_key: true,
            unique: true,
            rules: Vec::new(),
            default: None,
            description: None,
        }
    }

    fn of(column: &ColumnDefinition, scalar: Option<Scalar>, table: &TableDefinition) -> Self {
        let rules = rules(column, table);
        let references = rules.iter().any(|rule| matches!(rule, Rule::References { .. }));
        let input = match &column.one_of {
            Some(_) => Input::Select,
            None if references => Input::Reference,
            None => Input::of_declared(&column.declared_type),
        };
        let primary_key = column.primary_key.is_some();
        let non_null = column.not_null || primary_key;
        let integer = column.declared_type.to_ascii_uppercase().contains("INT");
        Self {
            name: column.name.clone(),
            declared_type: column.declared_type.clone(),
            scalar,
            input,
            generated: column.generated,
            non_null,
            omittable: !non_null || column.default.is_some() || column.generated || (primary_key && integer),
            primary_key,
            unique: column.unique,
            rules,
            default: column.default.clone(),
            description: None,
        }
    }
}

/// The columns of a table, as they were declared, with what their values are.
pub(super) fn all(table: &TableDefinition, scalars: &[Option<Scalar>]) -> Vec<Column> {
    let columns = table.columns.iter().zip(scalars);
    columns.map(|(column, scalar)| Column::of(column, *scalar, table)).collect()
}

fn rules(column: &ColumnDefinition, table: &TableDefinition) -> Vec<Rule> {
    let is_this = |name: &String| name.eq_ignore_ascii_case(&column.name);
    let mut rules: Vec<Rule> = Vec::new();
    rules.extend(column.one_of.as_ref().map(|values| Rule::OneOf(values.iter().map(text).collect())));
    for check in table.checks.iter().filter(|check| check.columns.iter().any(is_this)) {
        // The list of values is told already.
        let lists = column.one_of.is_some() && check.columns.iter().all(is_this) && is_list(&check.predicate);
        if !lists {
            rules.push(Rule::Check { name: check.name.clone(), predicate: check.predicate.clone() });
        }
    }
    for key in &table.foreign_keys {
        for (own, other) in key.columns.iter().zip(&key.references) {
            if is_this(own) {
                rules.push(Rule::References { table: key.table.clone(), column: other.clone() });
            }
        }
    }
    rules
}

fn is_list(predicate: &str) -> bool {
    predicate.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("in"))
}

fn text(value: &Value) -> String {
    match value {
        Value::Boolean(value) => u8::from(*value).to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(value) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use model::{CheckConstraint, ForeignKey, TableKind};

    use super::*;

    fn column(name: &str, declared_type: &str) -> ColumnDefinition {
        ColumnDefinition { name: name.into(), declared_type: declared_type.into(), ..ColumnDefinition::default() }
    }

    fn table() -> TableDefinition {
        let one_of = ["red", "green"].map(|color| Value::Text(color.to_owned())).to_vec();
        let check = |name: Option<&str>, predicate: &str| CheckConstraint {
            name: name.map(str::to_owned),
            columns: vec!["Color".to_owned()],
            predicate: predicate.to_owned(),
        };
        TableDefinition {
            name: "cars".to_owned(),
            kind: TableKind::Table,
            sql: None,
            row_id: Some("rowid".to_owned()),
            columns: vec![
                ColumnDefinition { primary_key: Some(0), unique: true, ..column("id", "INTEGER") },
                ColumnDefinition { one_of: Some(one_of), not_null: true, ..column("color", "TEXT") },
                ColumnDefinition { not_null: true, default: Some("1".to_owned()), ..column("owner", "INT") },
                ColumnDefinition { generated: true, not_null: true, ..column("label", "TEXT") },
            ],
            primary_key_name: None,
            uniques: Vec::new(),
            checks: vec![check(None, "color IN ('red', 'green')"), check(Some("short"), "length(color) < 9")],
            foreign_keys: vec![ForeignKey {
                name: None,
                columns: vec!["owner".to_owned()],
                table: "people".to_owned(),
                references: vec!["id".to_owned()],
            }],
        }
    }

    #[test]
    fn flags_and_rules_come_from_constraints() {
        let table = table();
        let scalars: Vec<_> = table.columns.iter().map(|column| Scalar::of_declared(&column.declared_type)).collect();
        let columns = all(&table, &scalars);
        let flags: Vec<_> = columns.iter().map(|it| (it.non_null, it.omittable, it.primary_key, it.unique)).collect();
        let expected = [
            (true, true, true, true),
            (true, false, false, false),
            (true, true, false, false),
            (true, true, false, false),
        ];
        assert_eq!(flags, expected);
        let inputs: Vec<_> = columns.iter().map(|it| it.input.as_str()).collect();
        assert_eq!(inputs, ["InputNumber", "InputSelect", "InputReference", "InputText"]);
        let short = Rule::Check { name: Some("short".to_owned()), predicate: "length(color) < 9".to_owned() };
        assert_eq!(columns[1].rules, [Rule::OneOf(vec!["red".to_owned(), "green".to_owned()]), short]);
        let people = Rule::References { table: "people".to_owned(), column: "id".to_owned() };
        assert_eq!(columns[2].rules, [people]);
    }
}
