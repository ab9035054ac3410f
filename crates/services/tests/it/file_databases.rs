//! SQLite databases as a whole: made, described, changed, copied, replaced, removed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use formats::Workers;
use futures::StreamExt;
use futures::stream;
use model::{Access, ErrorKind, Grant, Principal, Resource, Result, Rights, Storage};
use rusqlite::Connection;
use secrecy::{ExposeSecret, SecretString};
use services::{
    AppendConfig, DatabaseChange, DatabaseRules, NewDatabase, NewVariable, Parts, QueryLog, Scope, ScratchFile,
    SecretKey, Services, SettingsChange, Visibility,
};
use tempfile::TempDir;

use crate::files::FileStorage;
use crate::memory::{LIMITS, MemoryEngine, MemoryStorage, metadata};

struct World {
    services: Services,
    storage: Arc<FileStorage>,
    dir: TempDir,
}

/// Services with the users ann and bob, each with a personal team.
async fn world(rules: DatabaseRules) -> World {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["databases", "scratch"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    let world = restarted(dir, rules).await;
    for name in ["ann", "bob"] {
        world.services.accounts.create(name, &SecretString::from("password"), Access::Read).await.unwrap();
    }
    world
}

async fn restarted(dir: TempDir, rules: DatabaseRules) -> World {
    let storage = Arc::new(FileStorage(dir.path().join("databases")));
    let services = Services::new(Parts {
        metadata: metadata(&dir),
        query_log: QueryLog::open(&dir.path().join("queries.sqlite"), LIMITS).unwrap(),
        storages: vec![storage.clone(), Arc::new(MemoryStorage::default()) as Arc<dyn Storage>],
        engine: Arc::new(MemoryEngine::default()),
        workers: Workers::new(tokio::runtime::Handle::current(), 2),
        scratch: dir.path().join("scratch"),
        default_database: model::DatabaseName::new("lakehouse").unwrap(),
        appends: AppendConfig::new(dir.path().join("journal")),
        secret_key: SecretKey::new([7; SecretKey::BYTES]),
        rules,
        accounts: services::AccountsConfig::default(),
    });
    services.prepare().await.unwrap();
    World { services, storage, dir }
}

impl World {
    async fn sign_in(&self, name: &str) -> Principal {
        self.services.accounts.authenticate(name, &SecretString::from("password")).await.unwrap()
    }

    fn metadata(&self) -> Connection {
        Connection::open(self.dir.path().join("metadata.sqlite")).unwrap()
    }

    async fn staged(&self, bytes: impl Into<Bytes>) -> ScratchFile {
        let body = stream::iter([Ok(bytes.into())]).boxed();
        self.services.uploads.staging().receive(body, 1 << 20).await.unwrap()
    }

    /// What is left in the directory for files that live no longer than a request.
    fn scratch(&self) -> usize {
        std::fs::read_dir(self.dir.path().join("scratch")).unwrap().count()
    }
}

fn named(name: &str) -> NewDatabase {
    NewDatabase { name: name.to_owned(), ..NewDatabase::default() }
}

fn script(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn sqlite_file(path: &Path, sql: &str) -> Bytes {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
    std::fs::read(path).unwrap().into()
}

fn kind<T>(result: Result<T>) -> ErrorKind {
    result.err().expect("it is refused").kind()
}

#[tokio::test]
async fn a_database_belongs_to_whoever_made_it() {
    let world = world(DatabaseRules::default()).await;
    let databases = &world.services.databases;
    let (ann, bob) = (world.sign_in("ann").await, world.sign_in("bob").await);
    let made = databases.create_sqlite(&ann, named("Shop"), script("CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
    let made = made.await.unwrap();
    let id = made.info.id.as_str();
    assert_eq!((id.len(), made.info.name.as_str(), made.title()), (26, "Shop", "Shop"));
    assert_eq!(made.readonly_id.as_deref().map(str::len), Some(16));
    assert_eq!(
        (made.owner.unwrap().name.as_str(), made.visibility, made.expires_at),
        ("ann", Visibility::Private, None)
    );
    let described = databases.describe(&ann, id).await.unwrap();
    let names: Vec<&str> = described.objects.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names, ["t"]);
    assert_eq!(kind(databases.describe(&bob, id).await), ErrorKind::NotFound);
    assert_eq!(kind(databases.describe(&Principal::anonymous(), id).await), ErrorKind::Unauthenticated);
    assert_eq!(databases.describe_all(&bob).await.unwrap().len(), 1, "the server's own is everybody's who may read");
    let second = databases.create_sqlite(&bob, named("shop"), None).await.unwrap();
    assert_eq!(second.info.name.as_str(), second.info.id.as_str(), "the name in SQL is taken");
    assert_eq!(second.title(), "shop");
}

#[tokio::test]
async fn a_script_that_fails_leaves_nothing() {
    let world = world(DatabaseRules::default()).await;
    let databases = &world.services.databases;
    let ann = world.sign_in("ann").await;
    for (text, told) in [
        ("CREATE TABLE t (a); INSERT INTO missing VALUES (1)", "no such table: missing"),
        ("CREATE TABLE foo (a TEXT PRIMARY KEY) WITHOUT ROWID", "rows of table \"foo\" would have no row id"),
        (
            "CREATE TABLE goo (a); CREATE TABLE foo (bar INTEGER REFERENCES goo(rowid))",
            "column \"bar\" refers to the row id of table \"goo\"",
        ),
    ] {
        let refused = databases.create_sqlite(&ann, named("Shop"), script(text)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid);
        assert!(refused.message().contains(told), "{refused}");
    }
    assert!(world.storage.ids().is_empty());
    let notes: i64 = world.metadata().query_row("SELECT count(*) FROM removals", [], |row| row.get(0)).unwrap();
    assert_eq!(notes, 0);
}

#[tokio::test]
async fn what_a_crash_leaves_is_gone_after_the_next_start() {
    let world = world(DatabaseRules::default()).await;
    let ann = world.sign_in("ann").await;
    let endless = stream::iter([Ok(Bytes::from("a,b\n1,2\n"))]).chain(stream::pending()).boxed();
    let staging = world.services.uploads.staging().clone();
    let waiting = tokio::time::timeout(Duration::from_millis(50), staging.receive(endless, 1 << 20)).await;
    assert!(waiting.is_err());
    assert_eq!(world.scratch(), 0);
    // What a crash leaves: a database with a note that it is to go.
    let id = model::DatabaseId::new("halfmade").unwrap();
    world.storage.create(&id).await.unwrap();
    world.metadata().execute("INSERT INTO removals (id, kind) VALUES ('halfmade', 'sqlite')", []).unwrap();
    drop(ann);
    let World { services, storage, dir } = world;
    drop((services, storage));
    let next = restarted(dir, DatabaseRules::default()).await;
    assert!(next.storage.ids().is_empty());
}

#[tokio::test]
async fn teams_take_databases_of_their_editors_alone() {
    let world = world(DatabaseRules::default()).await;
    let databases = &world.services.databases;
    world.metadata().execute("INSERT INTO teams (name, key) VALUES ('Crew', 'crew')", []).unwrap();
    let crew: i64 =
        world.metadata().query_row("SELECT id FROM teams WHERE key = 'crew'", [], |row| row.get(0)).unwrap();
    let member = |access| {
        let grant = Grant { resource: Resource::Team(crew), rights: Rights::up_to(access) };
        Principal::user("ann", Rights::NONE, vec![grant])
    };
    let for_crew = || NewDatabase { team: Some("crew".to_owned()), ..named("Crew's") };
    assert_eq!(kind(databases.create_sqlite(&world.sign_in("bob").await, for_crew(), None).await), ErrorKind::NotFound);
    assert_eq!(kind(databases.create_sqlite(&member(Access::Read), for_crew(), None).await), ErrorKind::Forbidden);
    let made = databases.create_sqlite(&member(Access::Write), for_crew(), None).await.unwrap();
    assert_eq!(made.owner.as_ref().unwrap().name, "Crew");
    let id = made.info.id.as_str();
    let move_to = |owner: Option<&str>| DatabaseChange { owner: Some(owner.map(str::to_owned)), ..Default::default() };
    assert_eq!(kind(databases.change(&member(Access::Write), id, move_to(Some("ann"))).await), ErrorKind::Forbidden);
    assert_eq!(kind(databases.change(&member(Access::Admin), id, move_to(Some("bob"))).await), ErrorKind::NotFound);
    assert_eq!(kind(databases.change(&member(Access::Admin), id, move_to(None)).await), ErrorKind::Forbidden);
    databases.change(&services::operator(), id, move_to(None)).await.unwrap();
    let (record, _) = databases.record(&services::operator(), id, Access::Read).await.unwrap();
    assert_eq!((record.owner.clone(), record.visibility), (None, Visibility::Private));
}

#[tokio::test]
async fn nobody_s_databases_are_public_and_go_after_ten_days() {
    let closed = world(DatabaseRules::default()).await;
    let nobody = Principal::anonymous();
    let refused = closed.services.databases.create_sqlite(&nobody, named("Notes"), None).await;
    assert_eq!(kind(refused), ErrorKind::Unauthenticated);
    let world = world(DatabaseRules { anonymous: true }).await;
    let databases = &world.services.databases;
    let made = databases.create_sqlite(&nobody, named("Notes"), None).await.unwrap();
    assert_eq!((made.owner, made.visibility), (None, Visibility::Public));
    let days = "SELECT round(julianday(expires_at) - julianday('now'), 2) FROM databases WHERE expires_at IS NOT NULL";
    assert_eq!(world.metadata().query_row(days, [], |row| row.get::<_, f64>(0)).unwrap(), 10.0);
    let kept = databases.create_sqlite(&nobody, named("Kept"), None).await.unwrap();
    let ann = world.sign_in("ann").await;
    let mine = DatabaseChange { owner: Some(Some("ann".to_owned())), ..Default::default() };
    databases.change(&ann, kept.info.id.as_str(), mine).await.unwrap();
    assert_eq!(databases.remove_expired().await.unwrap(), 0);
    let past = "UPDATE databases SET expires_at = '2026-01-01T00:00:00.000Z' WHERE expires_at IS NOT NULL";
    assert_eq!(world.metadata().execute(past, []).unwrap(), 1, "a team's database does not expire");
    assert_eq!(databases.remove_expired().await.unwrap(), 1);
    assert_eq!(world.storage.ids(), [kept.info.id.as_str()]);
}

#[tokio::test]
async fn what_is_said_of_a_database_changes_together() {
    let world = world(DatabaseRules::default()).await;
    let databases = &world.services.databases;
    let ann = world.sign_in("ann").await;
    databases.create_sqlite(&ann, named("First"), None).await.unwrap();
    let made = databases.create_sqlite(&ann, named("Second"), None).await.unwrap();
    let id = made.info.id.as_str();
    let change = DatabaseChange {
        name: Some("First".to_owned()),
        description: Some(Some("a copy".to_owned())),
        ..Default::default()
    };
    databases.change(&ann, id, change).await.unwrap();
    let (record, _) = databases.record(&ann, id, Access::Read).await.unwrap();
    assert_eq!((record.title(), record.info.name.as_str()), ("First", "Second"), "the name in SQL is taken");
    assert_eq!(record.description.as_deref(), Some("a copy"));
    let wrong = DatabaseChange {
        name: Some("Third".to_owned()),
        owner: Some(Some("nobodys".to_owned())),
        ..Default::default()
    };
    assert_eq!(kind(databases.change(&ann, id, wrong).await), ErrorKind::NotFound);
    let renamed = DatabaseChange { name: Some("Third".to_owned()), description: Some(None), ..Default::default() };
    databases.change(&ann, id, renamed).await.unwrap();
    let (record, _) = databases.record(&ann, id, Access::Read).await.unwrap();
    assert_eq!((record.title(), record.info.name.as_str(), &record.description), ("Third", "Third", &None));
    databases.open(&ann, "third", Access::Write).await.unwrap();
}

#[tokio::test]
async fn ids_are_renewed_at_once() {
    let world = world(DatabaseRules::default()).await;
    let databases = &world.services.databases;
    let ann = world.sign_in("ann").await;
    let made = databases.create_sqlite(&ann, named("Shop"), script("CREATE TABLE t (a)")).await.unwrap();
    let (old, link) = (made.info.id.as_str(), made.readonly_id.unwrap());
    let open = databases.open_id(&ann, old, Access::Write).await.unwrap();
    let renewed = databases.renew_id(&ann, old).await.unwrap();
    assert_eq!(kind(databases.describe(&ann, old).await), ErrorKind::NotFound);
    let new = renewed.info.id.as_str();
    assert_eq!(databases.describe(&ann, new).await.unwrap().objects.len(), 1);
    assert_eq!(open.database.tables().await.unwrap().len(), 1, "who has it open goes on");
    assert_eq!(databases.linked(&link).await.unwrap().1.as_str(), new);
    let other = databases.renew_readonly_id(&ann, new).await.unwrap().readonly_id.unwrap();
    assert_eq!(kind(databases.linked(&link).await), ErrorKind::NotFound);
    assert_eq!(databases.linked(&other).await.unwrap().1.as_str(), new);
    assert_eq!(kind(databases.renew_id(&world.sign_in("bob").await, new).await), ErrorKind::NotFound);
    databases.remove_id(&ann, new).await.unwrap();
    assert!(world.storage.ids().is_empty());
}

#[tokio::test]
async fn files_become_databases() {
    let world = world(DatabaseRules::default()).await;
    let Services { databases, uploads, .. } = &world.services;
    let ann = world.sign_in("ann").await;
    let bytes = sqlite_file(&world.dir.path().join("a.sqlite"), "CREATE TABLE t (a); PRAGMA user_version = 7");
    let made = uploads.create(&ann, named(""), Some("C:\\my\\old shop.db"), world.staged(bytes.clone()).await).await;
    let made = made.unwrap();
    assert_eq!((made.title(), made.file_name.as_deref()), ("old shop", Some("old shop.db")));
    assert_eq!(std::fs::read(world.storage.file(made.info.id.as_str())).unwrap(), bytes, "byte for byte");
    let described = databases.describe(&ann, made.info.id.as_str()).await.unwrap();
    assert_eq!(described.file.unwrap().user_version, 7);
    let csv = "city;height;capital\nSeattle;56;false\nDenver;1609.3;true\n";
    let made = uploads.create(&ann, named("Cities"), Some("cities.of.the.usa.csv"), world.staged(csv).await).await;
    let made = made.unwrap();
    assert_eq!((made.title(), made.file_format.as_deref()), ("Cities", Some("csv")));
    let file = Connection::open(world.storage.file(made.info.id.as_str())).unwrap();
    let sql = "SELECT group_concat(city || height || capital) FROM \"cities.of.the.usa\"";
    assert_eq!(file.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap(), "Seattle56.00,Denver1609.31");
    assert_eq!(world.scratch(), 0);
}

#[tokio::test]
async fn what_is_no_database_leaves_nothing() {
    let world = world(DatabaseRules::default()).await;
    let ann = world.sign_in("ann").await;
    let sound =
        sqlite_file(&world.dir.path().join("a.sqlite"), "CREATE TABLE t (a); INSERT INTO t VALUES (randomblob(9000))");
    let wide = (0..10_000).map(|number| format!("c{number}")).collect::<Vec<_>>().join(",");
    for (name, bytes) in [
        ("a PDF", Bytes::from_static(b"%PDF-1.7\n1 0 obj\n")),
        ("a cut file", sound.slice(..sound.len() / 2)),
        ("ten thousand columns", Bytes::from(wide)),
        ("rows of another width", Bytes::from_static(b"a,b\n1,2\n1,2,3\n")),
        ("nothing", Bytes::new()),
    ] {
        let refused = world.services.uploads.create(&ann, named("x"), Some("x.csv"), world.staged(bytes).await).await;
        assert_eq!(kind(refused), ErrorKind::Invalid, "{name}");
    }
    assert!(world.storage.ids().is_empty());
    let large = stream::iter((0..3).map(|_| Ok(Bytes::from(vec![b'a'; 1000])))).boxed();
    assert_eq!(kind(world.services.uploads.staging().receive(large, 2_999).await), ErrorKind::TooLarge);
    assert_eq!(world.scratch(), 0);
}

#[tokio::test]
async fn a_file_takes_a_database_s_place_unless_the_schema_is_locked() {
    let world = world(DatabaseRules::default()).await;
    let Services { databases, uploads, variables, .. } = &world.services;
    let ann = world.sign_in("ann").await;
    let made = databases.create_sqlite(&ann, named("Shop"), script("CREATE TABLE t (a)")).await.unwrap();
    let id = made.info.id.as_str();
    let lock = SettingsChange { schema_locked: Some(true), ..Default::default() };
    databases.change_settings(&ann, id, lock, variables).await.unwrap();
    let other = sqlite_file(&world.dir.path().join("b.sqlite"), "CREATE TABLE t (a, b)");
    assert_eq!(kind(uploads.replace(&ann, id, world.staged(other.clone()).await).await), ErrorKind::Conflict);
    let same = sqlite_file(&world.dir.path().join("a.sqlite"), "CREATE TABLE t (a); INSERT INTO t VALUES (5)");
    uploads.replace(&ann, id, world.staged(same.clone()).await).await.unwrap();
    assert_eq!(std::fs::read(world.storage.file(id)).unwrap(), same);
    let unlock = SettingsChange { schema_locked: Some(false), ..Default::default() };
    databases.change_settings(&ann, id, unlock, variables).await.unwrap();
    uploads.replace(&ann, id, world.staged(other.clone()).await).await.unwrap();
    assert_eq!(std::fs::read(world.storage.file(id)).unwrap(), other);
    assert_eq!(kind(uploads.replace(&ann, id, world.staged("a,b\n").await).await), ErrorKind::Invalid);
    assert_eq!(
        kind(uploads.replace(&world.sign_in("bob").await, id, world.staged(other).await).await),
        ErrorKind::NotFound
    );
    assert_eq!((world.storage.ids(), world.scratch()), (vec![id.to_owned()], 0));
}

#[tokio::test]
async fn a_copy_has_what_is_known_of_the_original() {
    let world = world(DatabaseRules::default()).await;
    let Services { databases, uploads, variables, table_notes, .. } = &world.services;
    let (ann, bob) = (world.sign_in("ann").await, world.sign_in("bob").await);
    let sql = "CREATE TABLE t (a); INSERT INTO t VALUES (5)";
    let made = databases.create_sqlite(&ann, named("Shop"), script(sql)).await.unwrap();
    table_notes.describe_table(&made.info.id, "t", Some("numbers".to_owned())).await.unwrap();
    let variable = NewVariable { name: "KEY".to_owned(), value: SecretString::from("s3cret") };
    variables.create(&ann, Scope::Database(made.info.id.as_str()), variable).await.unwrap();
    world
        .metadata()
        .execute_batch(&format!(
            "INSERT INTO charts VALUES ('c1', '{id}', 'Bars', 'BarChart', 't', '[\"a\"]', 0, 0); \
             INSERT INTO dashboards VALUES ('d1', '{id}', 'All', '[\"c1\"]')",
            id = made.info.id
        ))
        .unwrap();
    let staging = uploads.staging();
    assert_eq!(kind(databases.duplicate(&bob, made.info.id.as_str(), staging).await), ErrorKind::NotFound);
    let copy = databases.duplicate_linked(&bob, made.readonly_id.as_deref().unwrap(), staging).await.unwrap();
    assert_eq!((copy.owner.unwrap().name.as_str(), copy.label.as_deref()), ("bob", Some("Shop")));
    let id = copy.info.id.as_str();
    let file = Connection::open(world.storage.file(id)).unwrap();
    assert_eq!(file.query_row("SELECT a FROM t", [], |row| row.get::<_, i64>(0)).unwrap(), 5);
    let noted = table_notes.tables(&copy.info.id).await.unwrap();
    assert_eq!(noted.description("t"), Some("numbers"));
    assert!(variables.list(&bob, Scope::Database(id)).await.unwrap().is_empty());
    let sql = "SELECT d.charts = json_array(c.id) AND c.id <> 'c1' FROM dashboards d JOIN charts c USING (database_id) \
               WHERE database_id = ?1";
    assert!(world.metadata().query_row(sql, [id], |row| row.get::<_, bool>(0)).unwrap());
    assert_eq!(world.scratch(), 0);
}

#[tokio::test]
async fn variables_are_for_admins_and_kept_encrypted() {
    let world = world(DatabaseRules::default()).await;
    let Services { databases, variables, settings, .. } = &world.services;
    let ann = world.sign_in("ann").await;
    let made = databases.create_sqlite(&ann, named("Shop"), None).await.unwrap();
    let id = made.info.id.as_str();
    let new = |name: &str, value: &str| NewVariable { name: name.to_owned(), value: SecretString::from(value) };
    for scope in [Scope::Database(id), Scope::Server] {
        let admin = services::operator();
        variables.create(&admin, scope, new("B", "s3cret")).await.unwrap();
        variables.create(&admin, scope, new("A", "")).await.unwrap();
        assert_eq!(kind(variables.create(&admin, scope, new("A", "x")).await), ErrorKind::Conflict);
        assert_eq!(kind(variables.create(&admin, scope, new("1", "x")).await), ErrorKind::Invalid);
        assert_eq!(kind(variables.change(&admin, scope, "B", new("A", "x")).await), ErrorKind::Conflict);
        assert_eq!(kind(variables.change(&admin, scope, "C", new("C", "x")).await), ErrorKind::NotFound);
        variables.change(&admin, scope, "B", new("C", "other")).await.unwrap();
        let listed = variables.list(&admin, scope).await.unwrap();
        let pairs: Vec<_> = listed.iter().map(|it| (it.name.as_str(), it.value.expose_secret())).collect();
        assert_eq!(pairs, [("A", ""), ("C", "other")]);
        variables.remove(&admin, scope, "A").await.unwrap();
        assert_eq!(kind(variables.remove(&admin, scope, "A").await), ErrorKind::NotFound);
    }
    assert_eq!(kind(variables.list(&ann, Scope::Server).await), ErrorKind::Forbidden);
    assert_eq!(kind(settings.allowed_hosts(&ann).await), ErrorKind::Forbidden);
    let many = SettingsChange { variables: vec![new("C", "third"), new("D", "d")], ..Default::default() };
    databases.change_settings(&ann, id, many, variables).await.unwrap();
    let wrong =
        SettingsChange { views_tab: Some(true), variables: vec![new("E", "e"), new("-", "f")], ..Default::default() };
    assert_eq!(kind(databases.change_settings(&ann, id, wrong, variables).await), ErrorKind::Invalid);
    let (record, _) = databases.record(&ann, id, Access::Read).await.unwrap();
    assert!(!record.views_tab, "all or nothing");
    assert_eq!(variables.list(&ann, Scope::Database(id)).await.unwrap().len(), 2);
    let sealed: i64 = world
        .metadata()
        .query_row("SELECT count(*) FROM variables WHERE instr(sealed, 'other') OR instr(sealed, 'third')", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(sealed, 0);
}

#[tokio::test]
async fn the_audit_has_what_was_written_while_it_was_on() {
    let world = world(DatabaseRules::default()).await;
    let Services { databases, variables, audit, .. } = &world.services;
    let ann = world.sign_in("ann").await;
    let made = databases.create_sqlite(&ann, named("Shop"), None).await.unwrap();
    let id = made.info.id.as_str();
    audit.note(&made, &ann, "run_sql", None, Some("DELETE FROM t"), Some(3)).await;
    assert!(audit.list(&ann, id, 10, None).await.unwrap().is_empty(), "it is off at first");
    let on = SettingsChange { auditing: Some(true), ..Default::default() };
    databases.change_settings(&ann, id, on, variables).await.unwrap();
    let (record, _) = databases.record(&ann, id, Access::Write).await.unwrap();
    audit.note(&record, &ann, "run_sql", None, Some("DELETE FROM t"), Some(3)).await;
    audit.note(&record, &Principal::token(7, Vec::new()), "write_cell", Some("t"), None, Some(1)).await;
    let entries = audit.list(&ann, id, 10, None).await.unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|it| (it.actor.as_str(), it.operation.as_str(), it.table.as_deref(), it.statement.as_deref(), it.changes))
        .collect();
    assert_eq!(told[0], ("token 7", "write_cell", Some("t"), None, Some(1)));
    assert_eq!(told[1], ("ann", "run_sql", None, Some("DELETE FROM t"), Some(3)));
    assert_eq!(audit.list(&ann, id, 1, Some(entries[0].id)).await.unwrap()[0].id, entries[1].id);
    assert_eq!(kind(audit.list(&Principal::link(record.info.id.clone()), id, 1, None).await), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_public_database_can_be_read_by_all_and_is_in_no_list() {
    let world = world(DatabaseRules::default()).await;
    let Services { databases, variables, uploads, .. } = &world.services;
    let (ann, nobody) = (world.sign_in("ann").await, Principal::anonymous());
    let made = databases.create_sqlite(&ann, named("Shop"), None).await.unwrap();
    let id = made.info.id.as_str();
    let public = SettingsChange { visibility: Some(Visibility::Public), ..Default::default() };
    databases.change_settings(&ann, id, public.clone(), variables).await.unwrap();
    databases.describe(&nobody, id).await.unwrap();
    assert!(databases.describe_all(&nobody).await.unwrap().is_empty());
    assert_eq!(kind(databases.remove_id(&nobody, id).await), ErrorKind::Unauthenticated);
    let download = databases.download(&nobody, id, uploads.staging()).await.unwrap();
    assert_eq!(download.file_name, "Shop.sqlite");
    drop(download);
    assert_eq!(world.scratch(), 0);
    let own = databases.change_settings(&services::operator(), "lakehouse", public, variables).await;
    assert_eq!(kind(own), ErrorKind::Invalid, "what is the server's own would be everybody's to change");
    assert_eq!(
        kind(databases.download(&services::operator(), "lakehouse", uploads.staging()).await),
        ErrorKind::Unsupported
    );
}
