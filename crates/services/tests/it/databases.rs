//! Which databases there are, who may open them, and what a crash leaves.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use model::{
    Access, DatabaseId, DatabaseName, ErrorKind, Mark, Missing, Rows, SchemaChange, Storage, StorageKind, TableName,
    WriteMode,
};

use services::{DatabaseChange, Services, SettingsChange};

use crate::memory::{World, caller, restart, world};

fn name(name: &str) -> DatabaseName {
    DatabaseName::new(name).unwrap()
}

async fn names(world: &World) -> Vec<String> {
    let listed = world.services.databases.list(&caller(Access::Read)).await.unwrap();
    listed.iter().map(|info| info.name.to_string()).collect()
}

#[tokio::test]
async fn a_fresh_server_has_one_database_and_keeps_it() {
    let first = world().await;
    assert_eq!(names(&first).await, ["lakehouse"]);
    assert_eq!(first.storage.ids(), ["lakehouse"]);
    first.services.ready().await.unwrap();
    let second = restart(first.dir, first.storage);
    second.services.prepare().await.unwrap();
    assert_eq!(names(&second).await, ["lakehouse"]);
}

#[tokio::test]
async fn opening_is_authorising() {
    let world = world().await;
    let databases = &world.services.databases;
    for (has, wants, refused) in [
        (Access::Read, Access::Read, None),
        (Access::Read, Access::Write, Some(ErrorKind::Forbidden)),
        (Access::Write, Access::Write, None),
        (Access::Write, Access::Admin, Some(ErrorKind::Forbidden)),
        (Access::Admin, Access::Admin, None),
    ] {
        let opened = databases.open(&caller(has), "LakeHouse", wants).await;
        assert_eq!(opened.err().map(|error| error.kind()), refused, "{has} {wants}");
    }
    let missing = databases.open(&caller(Access::Admin), "demo", Access::Read).await.err().unwrap();
    assert_eq!((missing.kind(), missing.message()), (ErrorKind::NotFound, "Catalog \"demo\" does not exist"));
}

#[tokio::test]
async fn only_an_admin_creates_and_removes() {
    let world = world().await;
    let databases = &world.services.databases;
    for access in [Access::Read, Access::Write] {
        let created = databases.create(&caller(access), &name("shop"), StorageKind::Lakehouse).await;
        assert_eq!(created.unwrap_err().kind(), ErrorKind::Forbidden);
    }
    let admin = caller(Access::Admin);
    databases.create(&admin, &name("Shop"), StorageKind::Lakehouse).await.unwrap();
    assert_eq!(names(&world).await, ["lakehouse", "Shop"]);
    let taken = databases.create(&admin, &name("SHOP"), StorageKind::Lakehouse).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Conflict);
    let sqlite = databases.create(&admin, &name("app"), StorageKind::Sqlite).await.unwrap_err();
    assert_eq!(sqlite.kind(), ErrorKind::Unsupported);
    assert_eq!(databases.remove(&caller(Access::Write), &name("shop")).await.unwrap_err().kind(), ErrorKind::Forbidden);
    databases.remove(&admin, &name("shop")).await.unwrap();
    assert_eq!(databases.remove(&admin, &name("shop")).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(names(&world).await, ["lakehouse"]);
    assert_eq!(world.storage.ids(), ["lakehouse"]);
    assert!(databases.remove(&admin, &name("lakehouse")).await.is_err(), "the default database stays");
}

#[tokio::test]
async fn any_name_is_data_and_never_a_path() {
    let world = world().await;
    let admin = caller(Access::Admin);
    let long = "x".repeat(300);
    for odd in ["../../etc/passwd", "a b", "\"q\"", "Ünïcödé", "日本", ".", &long] {
        world.services.databases.create(&admin, &name(odd), StorageKind::Lakehouse).await.unwrap();
        world.services.databases.open(&admin, odd, Access::Write).await.unwrap();
    }
    assert_eq!(world.storage.ids().len(), 8, "each has an id of its own");
}

#[tokio::test]
async fn an_interrupted_creation_is_taken_over() {
    let world = world().await;
    world.storage.create(&DatabaseId::new("shop").unwrap()).await.unwrap();
    assert_eq!(names(&world).await, ["lakehouse"]);
    let admin = caller(Access::Admin);
    world.services.databases.create(&admin, &name("shop"), StorageKind::Lakehouse).await.unwrap();
    assert_eq!(world.storage.ids(), ["lakehouse", "shop"]);
}

#[tokio::test]
async fn an_interrupted_removal_is_finished_by_the_next_start() {
    let first = world().await;
    let admin = caller(Access::Admin);
    first.services.databases.create(&admin, &name("shop"), StorageKind::Lakehouse).await.unwrap();
    first.storage.refuses_removal.store(true, Ordering::SeqCst);
    assert!(first.services.databases.remove(&admin, &name("shop")).await.is_err());
    assert_eq!(names(&first).await, ["lakehouse"], "nobody sees it any more");
    first.services.databases.create(&admin, &name("shop"), StorageKind::Lakehouse).await.unwrap();
    assert_eq!(first.storage.ids().len(), 3, "the new one does not take over files that are to go");
    first.storage.refuses_removal.store(false, Ordering::SeqCst);
    let second = restart(first.dir, Arc::clone(&first.storage));
    second.services.prepare().await.unwrap();
    let ids = second.storage.ids();
    assert_eq!(ids.len(), 2);
    assert!(ids[1].starts_with("shop-"), "{ids:?}");
    second.services.databases.open(&admin, "shop", Access::Read).await.unwrap();
}

/// What changes rows goes on; what changes a definition is refused whichever way it comes.
#[tokio::test]
async fn a_locked_schema_stays_as_it_is() {
    let world = world().await;
    let databases = &world.services.databases;
    let writer = caller(Access::Write);
    let table = TableName::new("main", "t").unwrap();
    let rows = |columns: &[&str]| {
        let fields: Vec<Field> = columns.iter().map(|name| Field::new(*name, DataType::Int64, true)).collect();
        let cells = columns.iter().map(|_| Arc::new(Int64Array::from(vec![7])) as ArrayRef).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), cells).unwrap();
        Rows::from_batches(batch.schema(), vec![batch])
    };
    let open = || databases.open(&writer, "lakehouse", Access::Write);
    open().await.unwrap().write(&table, WriteMode::Create, rows(&["a"])).await.unwrap();
    let lock = SettingsChange { schema_locked: Some(true), ..SettingsChange::default() };
    let admin = caller(Access::Admin);
    databases.change_settings(&admin, "lakehouse", lock, &world.services.variables).await.unwrap();

    let locked = open().await.unwrap();
    let new = TableName::new("main", "new").unwrap();
    let drop = SchemaChange::DropTable { name: table.clone(), missing: Missing::Fail };
    let mark = || Mark { writer: "w".into(), position: 1 };
    let refused = [
        locked.change(drop).await.map(|()| 0),
        locked.write(&new, WriteMode::Create, rows(&["a"])).await.map(|written| written.rows),
        locked.write(&new, WriteMode::CreateAppend, rows(&["a"])).await.map(|written| written.rows),
        locked.write(&table, WriteMode::Overwrite, rows(&["a", "b"])).await.map(|written| written.rows),
        locked.append(&new, rows(&["a"]), mark()).await.map(|appended| appended.rows),
        locked.append(&table, rows(&["b"]), mark()).await.map(|appended| appended.rows),
    ];
    for outcome in refused {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Forbidden, "schema is locked"));
    }
    assert_eq!(locked.write(&table, WriteMode::Append, rows(&["a"])).await.unwrap().rows, 1);
    assert_eq!(locked.write(&table, WriteMode::CreateAppend, rows(&["A"])).await.unwrap().rows, 1);
    assert_eq!(locked.append(&table, rows(&["a"]), mark()).await.unwrap().rows, 1);
}

#[tokio::test]
async fn what_is_written_by_name_is_noted() {
    let world = world().await;
    let admin = caller(Access::Admin);
    let Services { databases, variables, audit, appends, .. } = &world.services;
    databases.create(&admin, &name("shop"), StorageKind::Lakehouse).await.unwrap();
    let auditing = SettingsChange { auditing: Some(true), ..Default::default() };
    databases.change_settings(&admin, "shop", auditing, variables).await.unwrap();
    let database = databases.open(&admin, "shop", Access::Write).await.unwrap();
    let table = TableName::new("main", "t").unwrap();
    let rows = || Rows::empty(std::sync::Arc::new(arrow_schema::Schema::empty()));
    database.write(&table, WriteMode::Create, rows()).await.unwrap();
    databases.open(&admin, "shop", Access::Read).await.unwrap().tables().await.unwrap();
    let target = appends.open(&admin, "shop", "main".to_owned(), "u".to_owned()).await.unwrap();
    target.append(true, r#"{"n": 1}"#.into()).await.unwrap();
    let entries = audit.list(&admin, "shop", 10, None).await.unwrap();
    let told: Vec<_> = entries.iter().map(|it| (it.operation.as_str(), it.table.as_deref(), it.changes)).collect();
    assert_eq!(told, [("append_rows", Some("main.u"), None), ("write_rows", Some("main.t"), Some(0))]);
}

#[tokio::test]
async fn appended_rows_stay_with_their_database_whatever_it_is_called() {
    let world = world().await;
    let admin = caller(Access::Admin);
    let databases = &world.services.databases;
    databases.create(&admin, &name("shop"), StorageKind::Lakehouse).await.unwrap();
    let target = world.services.appends.open(&admin, "shop", "main".to_owned(), "t".to_owned()).await.unwrap();
    target.append(false, r#"{"n": 1}"#.into()).await.unwrap();
    let renamed = DatabaseChange { name: Some("old shop".to_owned()), ..Default::default() };
    databases.change(&admin, "shop", renamed).await.unwrap();
    databases.renew_id(&admin, "shop").await.unwrap();
    databases.create(&admin, &name("shop"), StorageKind::Lakehouse).await.unwrap();
    let target = world.services.appends.open(&admin, "shop", "main".to_owned(), "u".to_owned()).await.unwrap();
    target.append(false, r#"{"n": 2}"#.into()).await.unwrap();
    assert_eq!(world.services.appends.finish(Duration::from_secs(10)).await, 0);
    for (database, table) in [("old shop", "main.t"), ("shop", "main.u")] {
        let tables = databases.open(&admin, database, Access::Read).await.unwrap().tables().await.unwrap();
        assert_eq!(tables.iter().map(|info| info.name.to_string()).collect::<Vec<_>>(), [table], "{database}");
    }
}
