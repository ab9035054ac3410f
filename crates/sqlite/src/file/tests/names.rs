//! Names are data: whatever they are, they come back as they were given.

use model::{ColumnDraft, TableEdit};
use proptest::prelude::*;

use super::super::definition::definition;
use super::{assert_sound, change, column, database, rows};

fn a_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z_ \"'`\\[\\];(),.%\\\\/🦀éÉß-]{1,20}",
        prop::sample::select(vec![
            "select", "Table", "CHECK", "rowid", "_rowid_", "a--b", "/* x */", "x'00'", "1", "-", "main.t", ".."
        ])
        .prop_map(str::to_owned),
    ]
    .prop_filter("SQLite's own", |name| !name.to_lowercase().starts_with("sqlite_"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn names_of_tables_and_columns_come_back(
        table in a_name(), other in a_name(), first in a_name(), second in a_name(), value in "[^\0]{0,12}"
    ) {
        prop_assume!(!table.eq_ignore_ascii_case(&other) && !first.eq_ignore_ascii_case(&second));
        let connection = database("");
        let listed = ColumnDraft { one_of: Some(Some(vec![value.clone()])), ..column(&first) };
        change(&connection, &table, &TableEdit::Create { columns: vec![listed] }).unwrap();
        change(&connection, &table, &TableEdit::AddColumn(ColumnDraft { unique: Some(true), ..column(&second) })).unwrap();
        let quoted = super::super::names::quote(&table);
        connection.execute(&format!("INSERT INTO {quoted} VALUES (?1, 'x')"), [&value]).unwrap();
        change(&connection, &table, &TableEdit::Rename { to: other.clone() }).unwrap();
        let draft = ColumnDraft { not_null: Some(true), ..ColumnDraft::default() };
        change(&connection, &other, &TableEdit::ChangeColumn { name: second.clone(), draft }).unwrap();
        let made = definition(&connection, &other).unwrap();
        prop_assert_eq!(&made.name, &other);
        let names: Vec<&str> = made.columns.iter().map(|column| column.name.as_str()).collect();
        prop_assert_eq!(names, [first.as_str(), second.as_str()]);
        prop_assert_eq!(made.columns[0].one_of.clone(), Some(vec![model::Value::Text(value)]));
        prop_assert!(made.columns[1].unique && made.columns[1].not_null);
        change(&connection, &other, &TableEdit::DropColumn { name: first }).unwrap();
        prop_assert_eq!(rows(&connection, &format!("SELECT * FROM {}", super::super::names::quote(&other))), ["'x'"]);
        assert_sound(&connection);
    }
}
