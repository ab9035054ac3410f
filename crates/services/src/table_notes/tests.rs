use rusqlite::Connection;
use tempfile::TempDir;

use super::*;

struct Setting {
    folder: TempDir,
    notes: TableNotes,
    shop: DatabaseId,
}

impl Setting {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let metadata = Metadata::open(&folder.path().join("metadata.sqlite")).unwrap();
        let setting = Self { folder, notes: TableNotes::new(metadata), shop: DatabaseId::new("shop").unwrap() };
        setting.run("INSERT INTO databases (id, name, key, kind) VALUES ('shop', 'shop', 'shop', 'sqlite')");
        setting
    }

    fn run(&self, sql: &str) {
        self.file().execute_batch(sql).unwrap();
    }

    fn file(&self) -> Connection {
        Connection::open(self.folder.path().join("metadata.sqlite")).unwrap()
    }

    async fn order(&self, tables: &str) -> String {
        let mut tables: Vec<String> = tables.chars().map(String::from).collect();
        self.notes.tables(&self.shop).await.unwrap().sort(&mut tables, |name| name);
        tables.concat()
    }

    async fn place(&self, table: &str, place: Place, shown: &str) {
        let shown: Vec<String> = shown.chars().map(String::from).collect();
        self.notes.place_table(&self.shop, table, &place, &shown).await.unwrap();
    }
}

#[tokio::test]
async fn tables_stand_where_they_are_put_and_new_ones_at_the_end() {
    let setting = Setting::new();
    assert_eq!(setting.order("cab").await, "cab");
    setting.place("c", Place::After("a".to_owned()), "abc").await;
    assert_eq!(setting.order("abcd").await, "acbd");
    setting.place("b", Place::First, "acbd").await;
    assert_eq!(setting.order("zabcdy").await, "bacdzy");
    let (nowhere, tables) = (Place::After("x".to_owned()), ["a".to_owned()]);
    let fault = setting.notes.place_table(&setting.shop, "a", &nowhere, &tables).await.unwrap_err();
    assert_eq!(fault.message(), "after: Table \"x\" does not exist");
}

#[tokio::test]
async fn notes_follow_a_table_to_its_new_name_and_go_with_it() {
    let setting = Setting::new();
    let (notes, shop) = (&setting.notes, &setting.shop);
    setting.place("c", Place::First, "abc").await;
    notes.describe_table(shop, "A", Some("The first".to_owned())).await.unwrap();
    notes.describe_column(shop, "a", "Name", Some("How it is called".to_owned())).await.unwrap();
    notes.table_renamed(shop, "a", "X").await.unwrap();
    assert_eq!(setting.order("bcX").await, "cXb");
    assert_eq!(notes.tables(shop).await.unwrap().description("x"), Some("The first"));
    assert_eq!(notes.columns(shop, "X").await.unwrap().description("name"), Some("How it is called"));
    notes.table_dropped(shop, "x").await.unwrap();
    assert_eq!(setting.order("abc").await, "cba");
    assert_eq!(notes.tables(shop).await.unwrap().description("x"), None);
    assert_eq!(notes.columns(shop, "x").await.unwrap(), Notes::default());
}

#[tokio::test]
async fn columns_have_places_and_descriptions_of_their_own() {
    let setting = Setting::new();
    let (notes, shop) = (&setting.notes, &setting.shop);
    let shown = ["id", "name", "total"].map(str::to_owned);
    notes.place_column(shop, "orders", "total", &Place::After("id".to_owned()), &shown).await.unwrap();
    notes.describe_column(shop, "orders", "total", Some("With tax".to_owned())).await.unwrap();
    notes.column_renamed(shop, "orders", "total", "sum").await.unwrap();
    let of_orders = notes.columns(shop, "ORDERS").await.unwrap();
    let mut columns = vec!["id", "name", "sum"];
    of_orders.sort(&mut columns, |name| name);
    assert_eq!(columns, ["id", "sum", "name"]);
    assert_eq!(of_orders.description("sum"), Some("With tax"));
    notes.column_dropped(shop, "orders", "sum").await.unwrap();
    assert_eq!(notes.columns(shop, "orders").await.unwrap().description("sum"), None);
}

#[tokio::test]
async fn charts_follow_renames() {
    let setting = Setting::new();
    setting.run(
        "INSERT INTO charts (id, database_id, title, chart_type, table_name, headers, hide_null_values, label_rotation) \
         VALUES ('c', 'shop', 't', 'BarChart', 'Sales', '[\"country\",\"total\"]', 0, 0), \
                ('d', 'shop', 't', 'BarChart', 'other', '[\"total\"]', 0, 0)",
    );
    setting.notes.table_renamed(&setting.shop, "sales", "revenue").await.unwrap();
    setting.notes.column_renamed(&setting.shop, "REVENUE", "Total", "sum").await.unwrap();
    let chart = |id: &str| -> (String, String) {
        let sql = "SELECT table_name, headers FROM charts WHERE id = ?1";
        setting.file().query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    assert_eq!(chart("c"), ("revenue".to_owned(), "[\"country\",\"sum\"]".to_owned()));
    assert_eq!(chart("d"), ("other".to_owned(), "[\"total\"]".to_owned()));
}
