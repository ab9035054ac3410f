//! What tells a table from others that have its name before or after it.

use super::{assert_kind, people, people_schema, table};
use crate::{Database, ErrorKind, Exists, Missing, SchemaChange, WriteMode};

pub async fn tables_have_ids(database: &dyn Database) {
    let name = table("Known");
    let id = async |name| database.table_id(&table(name)).await.expect("an id can be asked for");
    assert_eq!(id("known").await, None, "a table that is not there");
    let create = |exists| SchemaChange::CreateTable { name: name.clone(), columns: people_schema(), exists };
    database.change(create(Exists::Fail)).await.expect("create a table");
    let first = id("KNOWN").await.expect("a table that is there, in any case");
    database.write(&name, WriteMode::Overwrite, people(&[(1, None)])).await.expect("overwrite");
    database.change(create(Exists::Skip)).await.expect("a table that exists is skipped");
    let rename = |from, to: &str| SchemaChange::RenameTable { name: table(from), to: to.into() };
    database.change(rename("known", "renamed")).await.expect("rename");
    assert_eq!(id("renamed").await.as_ref(), Some(&first), "an id stays through overwriting and renaming");
    let found = database.table_by_id(&first).await.expect("a table can be asked for").expect("it is there");
    assert_eq!(found.key(), table("renamed").key(), "the name that a table has now");
    database.change(rename("renamed", "Known")).await.expect("rename back");
    database.change(create(Exists::Replace)).await.expect("replace");
    let second = id("known").await.expect("a table that was replaced");
    assert_ne!(first, second, "a table in the place of another");
    assert!(database.table_by_id(&first).await.expect("asked for").is_none(), "a table that was replaced");
    database.change(SchemaChange::DropTable { name: name.clone(), missing: Missing::Fail }).await.expect("drop");
    assert!(database.table_by_id(&second).await.expect("asked for").is_none(), "a table that was dropped");
    let view = SchemaChange::CreateView { name: name.clone(), definition: "SELECT 1".into(), exists: Exists::Fail };
    database.change(view).await.expect("a view of the name");
    assert_kind(database.table_id(&name).await, ErrorKind::Invalid, "the id of a view");
    database.change(SchemaChange::DropView { name, missing: Missing::Fail }).await.expect("drop the view");
}
