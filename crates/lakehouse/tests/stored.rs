//! Tables of a storage that is no lakehouse, in the engine: what is pushed into the storage, and what is done with its rows.

mod open;

use std::any::Any;
use std::sync::{Arc, Mutex};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, UnionArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UnionFields, UnionMode};
use arrow::util::pretty::pretty_format_batches;
use async_trait::async_trait;
use futures::stream;
use lakehouse::Lakehouse;
use model::{
    Access, Appended, Catalogs, Database, DatabaseId, DatabaseInfo, DatabaseName, Engine, Error, Filter, Mark,
    Operator, Query, Result, Rows, Scan, SchemaChange, StorageKind, TableInfo, TableKind, TableName, Upsert, Upserted,
    Value, WriteMode, Written,
};
use open::Everything;

/// Rows of the table `numbers`: more than anybody has the time for.
const ENDLESS: i64 = i64::MAX;
const BATCH: i64 = 1_000;

/// A database with `numbers(n BIGINT, word VARCHAR)`, where `n` counts from 0 and `word` is its last digit, and `mixed(any)`,
/// whose cells are of several types. It notes what it is asked for, and how many rows were taken.
#[derive(Default)]
struct Shop {
    scans: Mutex<Vec<Scan>>,
    taken: Arc<Mutex<i64>>,
}

fn numbers() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false), Field::new("word", DataType::Utf8, true)]))
}

fn mixed_type() -> UnionFields {
    let fields = [DataType::Null, DataType::Int64, DataType::Float64, DataType::Utf8, DataType::Binary];
    fields.into_iter().zip(0_i8..).map(|(of, id)| (id, Arc::new(Field::new(format!("c{id}"), of, true)))).collect()
}

fn mixed() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("any", DataType::Union(mixed_type(), UnionMode::Dense), true)]))
}

/// The cells 1, NULL and `three`.
fn mixed_batch() -> RecordBatch {
    let children: Vec<ArrayRef> = vec![
        Arc::new(arrow::array::NullArray::new(1)),
        Arc::new(Int64Array::from(vec![1])),
        Arc::new(arrow::array::Float64Array::from(Vec::<f64>::new())),
        Arc::new(StringArray::from(vec!["three"])),
        Arc::new(arrow::array::BinaryArray::from_iter_values(Vec::<&[u8]>::new())),
    ];
    let (ids, offsets) = (ScalarBuffer::from(vec![1_i8, 0, 3]), ScalarBuffer::from(vec![0_i32, 0, 0]));
    let union = UnionArray::try_new(mixed_type(), ids, Some(offsets), children).unwrap();
    RecordBatch::try_new(mixed(), vec![Arc::new(union)]).unwrap()
}

impl Shop {
    fn last_scan(&self) -> Scan {
        self.scans.lock().unwrap().last().unwrap().clone()
    }

    /// The first row that conditions on `n` leave, and the one after the last.
    fn bounds(filters: &[Filter]) -> (i64, i64) {
        let mut bounds = (0, ENDLESS);
        for filter in filters {
            match (filter.column.as_str(), &filter.operator) {
                ("n", Operator::GreaterOrEqual(Value::Integer(least))) => bounds.0 = *least,
                ("n", Operator::Less(Value::Integer(end))) => bounds.1 = *end,
                ("n", Operator::LessOrEqual(Value::Integer(last))) => bounds.1 = last + 1,
                ("n", Operator::Equal(Value::Integer(only))) => bounds = (*only, only + 1),
                // Some rows more than it says.
                ("n", Operator::In(values)) => {
                    let number = |value: &Value| match value {
                        Value::Integer(number) => *number,
                        other => panic!("{other:?}"),
                    };
                    bounds.0 = bounds.0.max(values.iter().map(number).min().unwrap());
                    bounds.1 = bounds.1.min(values.iter().map(number).max().unwrap() + 1);
                }
                other => panic!("the test's database does not know {other:?}"),
            }
        }
        bounds
    }
}

#[async_trait]
impl Database for Shop {
    async fn schemas(&self) -> Result<Vec<String>> {
        Ok(vec!["main".to_owned()])
    }

    async fn tables(&self) -> Result<Vec<TableInfo>> {
        let info = |table| TableInfo {
            name: TableName::new("main", table).unwrap(),
            kind: TableKind::Table,
            definition: None,
        };
        Ok(vec![info("mixed"), info("numbers")])
    }

    async fn columns(&self, table: &TableName) -> Result<SchemaRef> {
        Ok(if table.table == "mixed" { mixed() } else { numbers() })
    }

    async fn estimated_rows(&self, _table: &TableName) -> Result<Option<u64>> {
        Ok(Some(3_000))
    }

    async fn table_id(&self, _table: &TableName) -> Result<Option<String>> {
        Ok(None)
    }

    async fn table_by_id(&self, _id: &str) -> Result<Option<TableName>> {
        Ok(None)
    }

    async fn change(&self, _change: SchemaChange) -> Result<()> {
        Err(Error::unsupported("nothing changes here"))
    }

    async fn scan(&self, scan: Scan) -> Result<Rows> {
        self.scans.lock().unwrap().push(scan.clone());
        if scan.table.table == "mixed" {
            return Ok(Rows::from_batches(mixed(), vec![mixed_batch()]));
        }
        let (from, to) = Self::bounds(&scan.filters);
        let to = scan.limit.map_or(to, |limit| to.min(from.saturating_add(i64::try_from(limit).unwrap())));
        let names = scan.projection.unwrap_or_else(|| vec!["n".into(), "word".into()]);
        let positions: Vec<usize> = names.iter().map(|name| numbers().index_of(name).unwrap()).collect();
        let schema = Arc::new(numbers().project(&positions).unwrap());
        let taken = self.taken.clone();
        let batches = stream::unfold(from, move |first| {
            let (positions, taken) = (positions.clone(), taken.clone());
            async move {
                if first >= to {
                    return None;
                }
                let end = to.min(first.saturating_add(BATCH));
                *taken.lock().unwrap() += end - first;
                let n = Int64Array::from_iter_values(first..end);
                let word = StringArray::from_iter_values((first..end).map(|n| (n % 10).to_string()));
                let all = RecordBatch::try_new(numbers(), vec![Arc::new(n), Arc::new(word)]).unwrap();
                Some((Ok(all.project(&positions).unwrap()), end))
            }
        });
        Ok(Rows::new(schema, batches))
    }

    async fn write(&self, _table: &TableName, _mode: WriteMode, _rows: Rows) -> Result<Written> {
        Err(Error::unsupported("nothing is written here"))
    }

    async fn append(&self, _table: &TableName, _rows: Rows, _mark: Mark) -> Result<Appended> {
        Err(Error::unsupported("nothing is written here"))
    }

    async fn mark(&self, _table: &TableName, _writer: &str) -> Result<Option<u64>> {
        Ok(None)
    }

    async fn upsert(&self, _table: &TableName, _upsert: Upsert, _rows: Rows) -> Result<Upserted> {
        Err(Error::unsupported("nothing is written here"))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A lakehouse, and the shop beside it.
struct Both {
    lake: Everything,
    shop: Arc<Shop>,
}

#[async_trait]
impl Catalogs for Both {
    fn default_database(&self) -> &str {
        self.lake.default_database()
    }

    async fn list(&self) -> Result<Vec<DatabaseInfo>> {
        let mut all = self.lake.list().await?;
        let (id, name) = (DatabaseId::new("shop")?, DatabaseName::new("shop")?);
        all.push(DatabaseInfo { id, name, kind: StorageKind::Sqlite });
        Ok(all)
    }

    async fn open(&self, name: &str, access: Access) -> Result<Arc<dyn Database>> {
        match name {
            "shop" => Ok(self.shop.clone()),
            _ => self.lake.open(name, access).await,
        }
    }

    async fn create(&self, name: &DatabaseName, kind: StorageKind) -> Result<()> {
        self.lake.create(name, kind).await
    }

    async fn remove(&self, name: &DatabaseName) -> Result<()> {
        self.lake.remove(name).await
    }

    async fn query_log(&self) -> Result<Rows> {
        self.lake.query_log().await
    }
}

struct Caller {
    engine: Arc<dyn Engine>,
    catalogs: Arc<Both>,
    _lakehouse: Lakehouse,
}

async fn caller() -> Caller {
    let lakehouse = open::lakehouse("memory:///".parse().unwrap()).await;
    let storage = lakehouse.storage();
    storage.create(&DatabaseId::new("lake").unwrap()).await.unwrap();
    let lake = Everything { storage, names: vec!["lake"], access: Access::Write };
    Caller {
        engine: lakehouse.engine(),
        catalogs: Arc::new(Both { lake, shop: Arc::default() }),
        _lakehouse: lakehouse,
    }
}

impl Caller {
    async fn try_run(&self, sql: &str) -> Result<String> {
        let rows = self.engine.run(Query::new(sql), self.catalogs.clone()).await?;
        let table = pretty_format_batches(&rows.collect().await?).unwrap().to_string();
        let cells = table.lines().filter(|line| line.starts_with('|')).skip(1);
        Ok(cells.map(|line| line.trim_matches('|').replace(' ', "")).collect::<Vec<_>>().join(";"))
    }

    async fn run(&self, sql: &str) -> String {
        self.try_run(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn filters(&self) -> Vec<Filter> {
        self.catalogs.shop.last_scan().filters
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditions_columns_and_limits_go_to_the_storage() {
    let caller = caller().await;
    assert_eq!(caller.run("SELECT word FROM shop.main.numbers WHERE n = 123456789012").await, "2");
    let scan = caller.catalogs.shop.last_scan();
    // The condition holds of what comes, so its column need not come along.
    assert_eq!(scan.projection.as_deref(), Some(&["word".to_owned()][..]));
    assert_eq!(*caller.catalogs.shop.taken.lock().unwrap(), 1);

    assert_eq!(caller.run("SELECT n FROM shop.numbers LIMIT 3").await, "0;1;2");
    assert_eq!(caller.catalogs.shop.last_scan().limit, Some(3));
    assert_eq!(*caller.catalogs.shop.taken.lock().unwrap(), 4);

    assert_eq!(caller.run("SELECT n, word FROM shop.numbers WHERE n >= 70 AND n < 72").await, "70|0;71|1");
    assert_eq!(caller.run("SELECT count(*) FROM shop.numbers WHERE n >= 5 AND n < 2005").await, "2000");
    assert_eq!(caller.filters().len(), 2);
    let ending = "SELECT n FROM shop.numbers WHERE n >= 1000000 AND n < 1000020 AND word LIKE '%7' ORDER BY n LIMIT 2";
    assert_eq!(caller.run(ending).await, "1000007;1000017");
    assert_eq!(caller.filters().len(), 2);
    assert_eq!(caller.catalogs.shop.last_scan().limit, None, "what is left out later cannot be counted before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_statement_joins_two_storages() {
    let caller = caller().await;
    caller.run("CREATE TABLE names (id BIGINT, name VARCHAR)").await;
    caller.run("INSERT INTO names VALUES (3, 'three'), (5, 'five')").await;
    let joined = "SELECT l.name, s.word FROM names l JOIN shop.main.numbers s ON s.n = l.id WHERE s.n < 10 ORDER BY 1";
    assert_eq!(caller.run(joined).await, "five|5;three|3");
    // Both sides of an endless table are left out, though the statement says nothing of them: the join knows them.
    let looked_up = "SELECT l.name, s.word FROM names l JOIN shop.main.numbers s ON s.n = l.id ORDER BY 1";
    assert_eq!(caller.run(looked_up).await, "five|5;three|3");
    assert!(!caller.filters().is_empty());
    let copied = "CREATE TABLE copied AS SELECT * FROM shop.numbers WHERE n < 100; SELECT sum(n)::BIGINT FROM copied";
    assert_eq!(caller.run(copied).await, "4950");
    assert_eq!(caller.run("USE shop; SELECT max(n) FROM numbers WHERE n < 50").await, "49");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_of_several_types_is_read_as_text() {
    let caller = caller().await;
    assert_eq!(caller.run("SELECT \"any\" FROM shop.mixed").await, "1;;three");
    assert_eq!(caller.run("SELECT count(*) FROM shop.mixed WHERE \"any\" = '1'").await, "1");
    assert_eq!(caller.run("DESCRIBE shop.mixed").await, "any|VARCHAR|YES|||");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_storage_s_tables_are_listed_and_explained() {
    let caller = caller().await;
    let columns =
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = 'numbers'";
    assert_eq!(caller.run(columns).await, "n|BIGINT|NO;word|VARCHAR|YES");
    assert_eq!(caller.run("SELECT estimated_size FROM duckdb_tables() WHERE table_name = 'numbers'").await, "3000");
    let query = Query::new("SELECT * FROM shop.numbers WHERE n > 5 AND word LIKE 'a%'");
    let explained = caller.engine.explain(query, caller.catalogs.clone()).await.unwrap();
    assert_eq!(explained.tables.len(), 1);
    assert_eq!(explained.tables[0].table, "shop.main.numbers");
    assert_eq!(explained.tables[0].estimated_rows, 1_000);
    let suggested =
        caller.engine.autocomplete(Query::new("SELECT wo FROM shop.numbers"), 9, 5, caller.catalogs.clone()).await;
    assert!(suggested.unwrap().iter().any(|suggestion| suggestion.text == "word"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_answer_ends_the_scan() {
    let caller = caller().await;
    let rows = caller.engine.run(Query::new("SELECT n FROM shop.numbers"), caller.catalogs.clone()).await.unwrap();
    let (_, mut batches) = rows.into_parts();
    futures::StreamExt::next(&mut batches).await.unwrap().unwrap();
    drop(batches);
    let at = |caller: &Caller| *caller.catalogs.shop.taken.lock().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let before = at(&caller);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(at(&caller), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_several_databases_at_once_are_refused() {
    let caller = caller().await;
    let error =
        caller.try_run("BEGIN; INSERT INTO shop.numbers VALUES (1, 'a'); COMMIT").await.expect_err("no lakehouse");
    assert!(error.message().contains("each change there is a transaction of its own"), "{error}");
}
