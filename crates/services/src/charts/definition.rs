//! What a chart is, and what must hold of it.

use model::{Database, Error, ErrorKind, Result, TableKind, TableName, name_key};

/// The longest title, in characters.
pub(crate) const TITLE_CHARS: usize = 500;
/// The longest type of a chart, in characters.
const TYPE_CHARS: usize = 100;
/// How many columns a chart may name.
const MOST_HEADERS: usize = 100;
/// Labels can be turned once around, either way.
const ROTATION: std::ops::RangeInclusive<i64> = -360..=360;

/// What is drawn of a table, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// A ULID in small letters.
    pub id: String,
    /// What stands above it.
    pub title: String,
    /// How it is drawn; a word that this server does not know is kept.
    pub chart_type: String,
    /// The table or view.
    pub table: String,
    /// Columns: the first is what the others are drawn over.
    pub headers: Vec<String>,
    /// Whether rows without values are left out.
    pub hide_null_values: bool,
    /// By how many degrees labels are turned, clockwise.
    pub label_rotation: i64,
}

/// A chart that is to be kept.
#[derive(Clone, Debug)]
pub struct NewChart {
    /// What stands above it.
    pub title: String,
    /// How it is drawn.
    pub chart_type: String,
    /// The table or view.
    pub table: String,
    /// Columns: the first is what the others are drawn over.
    pub headers: Vec<String>,
    /// Whether rows without values are left out.
    pub hide_null_values: bool,
    /// By how many degrees labels are turned, clockwise.
    pub label_rotation: i64,
}

/// What of a chart is to be other than before.
#[derive(Clone, Debug, Default)]
pub struct ChartChange {
    /// The title.
    pub title: Option<String>,
    /// The type.
    pub chart_type: Option<String>,
    /// The table.
    pub table: Option<String>,
    /// The columns.
    pub headers: Option<Vec<String>>,
    /// Whether rows without values are left out.
    pub hide_null_values: Option<bool>,
    /// The rotation of labels.
    pub label_rotation: Option<i64>,
}

impl NewChart {
    pub(super) fn with_id(self, id: String) -> Chart {
        let Self { title, chart_type, table, headers, hide_null_values, label_rotation } = self;
        Chart { id, title, chart_type, table, headers, hide_null_values, label_rotation }
    }
}

impl Chart {
    pub(super) fn changed(self, change: &ChartChange) -> Self {
        let change = change.clone();
        Self {
            id: self.id,
            title: change.title.unwrap_or(self.title),
            chart_type: change.chart_type.unwrap_or(self.chart_type),
            table: change.table.unwrap_or(self.table),
            headers: change.headers.unwrap_or(self.headers),
            hide_null_values: change.hide_null_values.unwrap_or(self.hide_null_values),
            label_rotation: change.label_rotation.unwrap_or(self.label_rotation),
        }
    }
}

/// What can be said of a chart without its table.
pub(super) fn check(chart: &Chart) -> Result<()> {
    check_title(&chart.title)?;
    let length = chart.chart_type.chars().count();
    if length == 0 || length > TYPE_CHARS {
        return Err(Error::invalid(format!("`chartType` is a word of 1 to {TYPE_CHARS} characters")));
    }
    if chart.headers.len() > MOST_HEADERS {
        let count = chart.headers.len();
        return Err(Error::invalid(format!("`headers` names {count} columns; a chart has at most {MOST_HEADERS}")));
    }
    if !ROTATION.contains(&chart.label_rotation) {
        let (least, most) = ROTATION.into_inner();
        return Err(Error::invalid(format!(
            "`labelRotation` is {}; give degrees from {least} to {most}",
            chart.label_rotation
        )));
    }
    Ok(())
}

/// The same for a title, of a dashboard as well.
pub(crate) fn check_title(title: &str) -> Result<()> {
    let length = title.chars().count();
    if length > TITLE_CHARS {
        return Err(Error::invalid(format!("`title` has {length} characters; give at most {TITLE_CHARS}")));
    }
    Ok(())
}

/// Whether the table of a chart is there, and has the columns that it names.
pub(super) async fn check_columns(database: &dyn Database, chart: &Chart) -> Result<()> {
    let Some(columns) = columns(database, &chart.table).await? else { return Ok(()) };
    let known: Vec<String> = columns.iter().map(|column| name_key(column)).collect();
    match chart.headers.iter().find(|header| !known.contains(&name_key(header))) {
        None => Ok(()),
        Some(header) => Err(Error::invalid(format!(
            "`headers` names \"{header}\", which is no column of \"{}\"; there are {}",
            chart.table,
            list(&columns)
        ))),
    }
}

/// The names of what can be read of each row; `None` for a view whose storage does not know them.
async fn columns(database: &dyn Database, table: &str) -> Result<Option<Vec<String>>> {
    let unknown = || Error::invalid(format!("`table` names \"{table}\", which does not exist in this database"));
    let known = |error: Error| if error.kind() == ErrorKind::NotFound { unknown() } else { error };
    match database.definition(table).await {
        Ok(definition) => {
            let columns = definition.columns.into_iter().map(|column| column.name);
            return Ok(Some(columns.chain(definition.row_id).collect()));
        }
        Err(error) if error.kind() != ErrorKind::Unsupported => return Err(known(error)),
        Err(_) => {}
    }
    let name = TableName::new("main", table).map_err(|_| unknown())?;
    let key = name.key();
    let all = database.tables().await?;
    match all.iter().find(|other| other.name.key() == key).map(|found| found.kind) {
        Some(TableKind::View) => Ok(None),
        Some(TableKind::Table) => {
            let columns = database.columns(&name).await.map_err(known)?;
            Ok(Some(columns.fields().iter().map(|field| field.name().clone()).collect()))
        }
        None => Err(unknown()),
    }
}

/// The first few names, as a message shows them.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("\"{name}\"")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}
