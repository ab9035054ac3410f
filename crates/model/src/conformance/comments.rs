//! Comments, and columns that must have a value.

use super::{assert_kind, people, table};
use crate::{COMMENT, ColumnChange, Commented, Database, ErrorKind, Exists, SchemaChange, TableName, WriteMode};

fn comment(on: Commented, text: Option<&str>) -> SchemaChange {
    SchemaChange::Comment { on, text: text.map(str::to_owned) }
}

/// The comments of a table, and of its columns in order.
async fn comments(database: &dyn Database, name: &TableName) -> (Option<String>, Vec<Option<String>>) {
    let columns = database.columns(name).await.expect("columns");
    let of_columns = columns.fields().iter().map(|field| field.metadata().get(COMMENT).cloned()).collect();
    (columns.metadata().get(COMMENT).cloned(), of_columns)
}

pub async fn tables_and_columns(database: &dyn Database) {
    let name = table("People");
    database.write(&name, WriteMode::Create, people(&[(1, None)])).await.expect("write");
    assert_eq!(comments(database, &name).await, (None, vec![None, None]), "a new table has no comments");
    let on = Commented::Table(table("people"));
    database.change(comment(on.clone(), Some("who they are"))).await.expect("comment on a table");
    let column = Commented::Column(name.clone(), "NAME".into());
    database.change(comment(column.clone(), Some("what they are called"))).await.expect("comment on a column");
    let both = || (Some("who they are".to_owned()), vec![None, Some("what they are called".to_owned())]);
    assert_eq!(comments(database, &name).await, both());
    database.write(&name, WriteMode::Append, people(&[(2, None)])).await.expect("append");
    database.write(&name, WriteMode::Overwrite, people(&[(3, None)])).await.expect("overwrite");
    assert_eq!(comments(database, &name).await, both(), "comments stay when rows are overwritten");
    let rename = ColumnChange::Rename { name: "name".into(), to: "called".into() };
    database.change(SchemaChange::AlterColumn { name: name.clone(), change: rename }).await.expect("rename");
    assert_eq!(comments(database, &name).await, both(), "comments go with a column that gets another name");
    database.change(comment(on, None)).await.expect("take a comment away");
    let renamed = Commented::Column(name.clone(), "called".into());
    database.change(comment(renamed, None)).await.expect("take a column's comment away");
    assert_eq!(comments(database, &name).await, (None, vec![None, None]));
    assert_kind(database.change(comment(column, Some("x"))).await, ErrorKind::Invalid, "a column that is not there");
    let nowhere = Commented::Table(table("nowhere"));
    assert_kind(database.change(comment(nowhere, Some("x"))).await, ErrorKind::NotFound, "a table that is not there");
}

pub async fn schemas_and_views(database: &dyn Database) {
    let view = SchemaChange::CreateView { name: table("v"), definition: "SELECT 1".into(), exists: Exists::Fail };
    database.change(view).await.expect("create a view");
    database.change(comment(Commented::View(table("V")), Some("a view"))).await.expect("comment on a view");
    database.change(comment(Commented::Schema("MAIN".into()), Some("a schema"))).await.expect("comment on a schema");
    let mut texts: Vec<String> =
        database.comments().await.expect("comments").into_iter().map(|comment| comment.text).collect();
    texts.sort();
    assert_eq!(texts, ["a schema", "a view"]);
    let as_table = database.change(comment(Commented::Table(table("v")), Some("x"))).await;
    assert_kind(as_table, ErrorKind::NotFound, "comment on a view as a table");
    let nowhere = database.change(comment(Commented::Schema("nowhere".into()), Some("x"))).await;
    assert_kind(nowhere, ErrorKind::NotFound, "comment on a schema that is not there");
}

pub async fn columns_that_must_have_a_value(database: &dyn Database) {
    let name = table("must");
    database.write(&name, WriteMode::Create, people(&[(1, None)])).await.expect("write");
    let nullable = |column: &str, nullable| SchemaChange::AlterColumn {
        name: name.clone(),
        change: ColumnChange::Nullable { name: column.into(), nullable },
    };
    assert_kind(database.change(nullable("name", false)).await, ErrorKind::Invalid, "a row has NULL");
    database.change(nullable("ID", false)).await.expect("no row has NULL");
    assert!(!database.columns(&name).await.expect("columns").field(0).is_nullable());
    database.change(nullable("id", true)).await.expect("may be NULL again");
    assert!(database.columns(&name).await.expect("columns").field(0).is_nullable());
    assert_kind(database.change(nullable("nothing", true)).await, ErrorKind::Invalid, "a column that is not there");
}
