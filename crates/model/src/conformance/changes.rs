//! Schemas, tables, views and columns.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};

use super::{assert_kind, has_schemas, people, people_schema, read, table};
use crate::{ColumnChange, Database, ErrorKind, Exists, Missing, SchemaChange, TableKind, TableName, WriteMode};

pub async fn schemas(database: &dyn Database) {
    let create = |exists| SchemaChange::CreateSchema { name: "Sales".into(), exists };
    if !has_schemas(database).await {
        let main = SchemaChange::CreateSchema { name: "MAIN".into(), exists: Exists::Fail };
        assert_kind(database.change(main).await, ErrorKind::Conflict, "create the one schema that there is");
        return assert_eq!(database.schemas().await.expect("schemas"), ["main"]);
    }
    database.change(create(Exists::Fail)).await.expect("create a schema");
    assert_kind(database.change(create(Exists::Fail)).await, ErrorKind::Conflict, "create a schema that exists");
    database.change(create(Exists::Skip)).await.expect("a schema that exists is skipped");
    assert_eq!(database.schemas().await.expect("schemas"), ["main", "Sales"], "schemas by name, spelled as created");
    let inside = TableName::new("sales", "orders").expect("a plain name");
    database.write(&inside, WriteMode::Create, people(&[(1, None)])).await.expect("a schema is found in any case");
    let drop = |cascade, missing| SchemaChange::DropSchema { name: "SALES".into(), cascade, missing };
    assert_kind(database.change(drop(false, Missing::Fail)).await, ErrorKind::Conflict, "drop a schema with tables");
    database.change(drop(true, Missing::Fail)).await.expect("drop a schema and its tables");
    assert_kind(database.change(drop(true, Missing::Fail)).await, ErrorKind::NotFound, "drop a schema twice");
    database.change(drop(true, Missing::Skip)).await.expect("a missing schema is skipped");
    assert_kind(database.columns(&inside).await, ErrorKind::NotFound, "a table of a dropped schema");
}

pub async fn tables(database: &dyn Database) {
    let name = table("Trips");
    let create = |exists| SchemaChange::CreateTable { name: name.clone(), columns: people_schema(), exists };
    database.change(create(Exists::Fail)).await.expect("create a table");
    assert!(read(database, &name).await.is_empty(), "a new table has no rows");
    database.write(&name, WriteMode::Append, people(&[(1, Some("Ann"))])).await.expect("append");
    assert_kind(database.change(create(Exists::Fail)).await, ErrorKind::Conflict, "create a table that exists");
    database.change(create(Exists::Skip)).await.expect("a table that exists is skipped");
    assert_eq!(
        read(database, &table("TRIPS")).await.len(),
        1,
        "a skipped table keeps its rows; names match in any case"
    );
    let listed = database.tables().await.expect("tables");
    assert_eq!(listed[0].name.table, "Trips", "names are kept as they were created");
    assert_eq!(listed[0].kind, TableKind::Table);
    database.change(create(Exists::Replace)).await.expect("replace a table");
    assert!(read(database, &name).await.is_empty(), "a replaced table has no rows");
    let rename = SchemaChange::RenameTable { name: name.clone(), to: "journeys".into() };
    database.change(rename).await.expect("rename");
    assert_kind(database.columns(&name).await, ErrorKind::NotFound, "the old name");
    database.columns(&table("journeys")).await.expect("the new name");
    let drop = |missing| SchemaChange::DropTable { name: table("journeys"), missing };
    database.change(drop(Missing::Fail)).await.expect("drop");
    assert_kind(database.change(drop(Missing::Fail)).await, ErrorKind::NotFound, "drop a table twice");
    database.change(drop(Missing::Skip)).await.expect("a missing table is skipped");
    let nowhere = TableName::new("nowhere", "t").expect("a plain name");
    let create = SchemaChange::CreateTable { name: nowhere, columns: people_schema(), exists: Exists::Fail };
    assert_kind(database.change(create).await, ErrorKind::NotFound, "create a table in a schema that does not exist");
}

pub async fn views(database: &dyn Database) {
    let create = |name: &str, definition: &str, exists| SchemaChange::CreateView {
        name: table(name),
        definition: definition.into(),
        exists,
    };
    database.change(create("v", "SELECT 1", Exists::Fail)).await.expect("create a view");
    assert_kind(
        database.change(create("v", "SELECT 2", Exists::Fail)).await,
        ErrorKind::Conflict,
        "a view that exists",
    );
    database.change(create("V", "SELECT 3", Exists::Replace)).await.expect("replace a view");
    let listed = database.tables().await.expect("tables");
    assert_eq!((listed[0].kind, listed[0].definition.as_deref()), (TableKind::View, Some("SELECT 3")));
    let over = SchemaChange::CreateTable { name: table("v"), columns: people_schema(), exists: Exists::Replace };
    assert_kind(database.change(over).await, ErrorKind::Conflict, "a table in the place of a view");
    assert_kind(database.columns(&table("v")).await, ErrorKind::NotFound, "the columns of a view");
    let write = database.write(&table("v"), WriteMode::Overwrite, people(&[(1, None)])).await;
    assert_kind(write, ErrorKind::Invalid, "rows written to a view");
    let as_table = SchemaChange::DropTable { name: table("v"), missing: Missing::Fail };
    assert_kind(database.change(as_table).await, ErrorKind::Invalid, "drop a view as a table");
    let drop = SchemaChange::DropView { name: table("v"), missing: Missing::Fail };
    database.change(drop).await.expect("drop a view");
}

pub async fn columns(database: &dyn Database) {
    let name = table("columns");
    let people = people(&[(1, Some("7")), (2, None)]);
    database.write(&name, WriteMode::Create, people).await.expect("write");
    let alter = |change| SchemaChange::AlterColumn { name: name.clone(), change };
    let age = Arc::new(Field::new("age", DataType::Int64, true));
    let add = |exists| alter(ColumnChange::Add { column: age.clone(), exists });
    database.change(add(Exists::Fail)).await.expect("add a column");
    assert_kind(database.change(add(Exists::Fail)).await, ErrorKind::Conflict, "add a column that exists");
    database.change(add(Exists::Skip)).await.expect("a column that exists is skipped");
    assert_eq!(spelled(database, &name).await, ["id", "name", "age"]);
    let rename = ColumnChange::Rename { name: "Name".into(), to: "number".into() };
    database.change(alter(rename)).await.expect("rename a column");
    let retyped = Arc::new(Field::new("number", DataType::Int64, true));
    database.change(alter(ColumnChange::Retype { column: retyped })).await.expect("retype a column");
    let columns = database.columns(&name).await.expect("columns");
    assert_eq!(columns.field(1).data_type(), &DataType::Int64, "the new type");
    let gone = ColumnChange::Drop { name: "nothing".into(), missing: Missing::Fail };
    assert_kind(database.change(alter(gone)).await, ErrorKind::Invalid, "drop a column that does not exist");
    database
        .change(alter(ColumnChange::Drop { name: "age".into(), missing: Missing::Fail }))
        .await
        .expect("drop a column");
    assert_eq!(spelled(database, &name).await, ["id", "number"]);
    database.change(alter(ColumnChange::Drop { name: "number".into(), missing: Missing::Fail })).await.expect("drop");
    let last = ColumnChange::Drop { name: "id".into(), missing: Missing::Fail };
    assert_kind(database.change(alter(last)).await, ErrorKind::Invalid, "drop the last column");
}

async fn spelled(database: &dyn Database, name: &TableName) -> Vec<String> {
    let columns: Arc<Schema> = database.columns(name).await.expect("columns");
    columns.fields().iter().map(|field| field.name().clone()).collect()
}

pub async fn names_are_data(database: &dyn Database) {
    let long = "n".repeat(300);
    for odd in ["with space", "\"quoted\"", "it's", "..", "../../up", "a/b\\c", "täble 表 🚣", long.as_str()] {
        let schema = if has_schemas(database).await { odd } else { "main" };
        let name = TableName::new(schema, odd).expect("any text is a name");
        let rows = people(&[(1, Some(odd))]);
        database
            .write(&name, WriteMode::Create, rows)
            .await
            .unwrap_or_else(|error| panic!("write to {odd:?}: {error}"));
        assert_eq!(read(database, &name).await, [(1, Some(odd.to_owned()))], "read {odd:?}");
        let drop = match schema {
            "main" => SchemaChange::DropTable { name, missing: Missing::Fail },
            schema => SchemaChange::DropSchema { name: schema.into(), cascade: true, missing: Missing::Fail },
        };
        database.change(drop).await.unwrap_or_else(|error| panic!("drop {odd:?}: {error}"));
    }
}
