//! Dashboards: charts of a database that are looked at together.

use model::{Access, DatabaseId, Error, Principal, Result};
use rusqlite::{Connection, params};

use crate::charts::{self, check_title, store};
use crate::metadata::fault;
use crate::{Databases, Metadata};

/// How many charts a dashboard may show.
const MOST_CHARTS: usize = 200;

/// The dashboards of databases. Clones share everything.
#[derive(Clone)]
pub struct Dashboards {
    metadata: Metadata,
    databases: Databases,
}

/// Some charts in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// A ULID in small letters.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The ids of its charts, in the order that they are shown in.
    pub charts: Vec<String>,
}

/// What of a dashboard is to be other than before.
#[derive(Clone, Debug, Default)]
pub struct DashboardChange {
    /// The title.
    pub title: Option<String>,
    /// The charts.
    pub charts: Option<Vec<String>>,
}

impl Dashboards {
    pub(crate) fn new(metadata: Metadata, databases: Databases) -> Self {
        Self { metadata, databases }
    }

    /// The dashboards of a database, in the order of their creation.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for reading.
    pub async fn list(&self, principal: &Principal, database: &str) -> Result<Vec<Dashboard>> {
        let id = self.database(principal, database, Access::Read).await?;
        self.metadata.call(move |connection| list(connection, id.as_str())).await
    }

    /// Keeps a new dashboard.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for writing; `Invalid` for a chart that is none of this database; `TooLarge` where the
    /// database has as many dashboards as it may.
    pub async fn create(
        &self,
        principal: &Principal,
        database: &str,
        title: String,
        charts: Vec<String>,
    ) -> Result<Dashboard> {
        let dashboard = Dashboard { id: charts::new_id(), title, charts };
        self.keep(principal, database, dashboard.clone()).await?;
        Ok(dashboard)
    }

    /// The same under an id that is known already and nowhere in use.
    ///
    /// # Errors
    /// As [`Dashboards::create`].
    pub async fn keep(&self, principal: &Principal, database: &str, dashboard: Dashboard) -> Result<()> {
        let id = self.database(principal, database, Access::Write).await?;
        check(Some(&dashboard.title), Some(&dashboard.charts))?;
        self.metadata.call(move |connection| add(connection, id.as_str(), &dashboard)).await
    }

    /// Changes what `change` names.
    ///
    /// # Errors
    /// As [`Dashboards::create`]; `NotFound` for an unknown dashboard.
    pub async fn change(
        &self,
        principal: &Principal,
        database: &str,
        dashboard: &str,
        change: DashboardChange,
    ) -> Result<()> {
        let id = self.database(principal, database, Access::Write).await?;
        check(change.title.as_deref(), change.charts.as_deref())?;
        let wanted = dashboard.to_owned();
        let changed = self.metadata.call(move |connection| alter(connection, id.as_str(), &wanted, &change)).await?;
        found(changed, dashboard)
    }

    /// Removes a dashboard; its charts stay.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for writing; `NotFound` for an unknown dashboard.
    pub async fn remove(&self, principal: &Principal, database: &str, dashboard: &str) -> Result<()> {
        let id = self.database(principal, database, Access::Write).await?;
        let wanted = dashboard.to_owned();
        let removed = self.metadata.call(move |connection| {
            const DELETE: &str = "DELETE FROM dashboards WHERE database_id = ?1 AND id = ?2";
            connection.execute(DELETE, [id.as_str(), &wanted]).map_err(fault)
        });
        found(removed.await? == 1, dashboard)
    }

    async fn database(&self, principal: &Principal, database: &str, access: Access) -> Result<DatabaseId> {
        let (record, _) = self.databases.record(principal, database, access).await?;
        Ok(record.info.id.clone())
    }
}

fn found(found: bool, dashboard: &str) -> Result<()> {
    if found { Ok(()) } else { Err(Error::not_found("dashboard", dashboard)) }
}

fn check(title: Option<&str>, charts: Option<&[String]>) -> Result<()> {
    title.map_or(Ok(()), check_title)?;
    match charts.map(<[String]>::len) {
        Some(count) if count > MOST_CHARTS => {
            Err(Error::invalid(format!("`charts` names {count} charts; a dashboard has at most {MOST_CHARTS}")))
        }
        _ => Ok(()),
    }
}

fn list(connection: &Connection, database: &str) -> Result<Vec<Dashboard>> {
    const SELECT: &str = "SELECT id, title, charts FROM dashboards WHERE database_id = ?1 ORDER BY rowid";
    let mut statement = connection.prepare_cached(SELECT).map_err(fault)?;
    let dashboards = statement.query_map([database], |row| {
        Ok(Dashboard { id: row.get(0)?, title: row.get(1)?, charts: store::strings(&row.get::<_, String>(2)?) })
    });
    dashboards.map_err(fault)?.collect::<rusqlite::Result<_>>().map_err(fault)
}

fn add(connection: &mut Connection, database: &str, dashboard: &Dashboard) -> Result<()> {
    const INSERT: &str = "INSERT INTO dashboards (id, database_id, title, charts) VALUES (?1, ?2, ?3, ?4)";
    let transaction = connection.transaction().map_err(fault)?;
    store::check_room(&transaction, database, "dashboards")?;
    check_charts(&transaction, database, &dashboard.charts)?;
    let row = params![dashboard.id, database, dashboard.title, store::written(&dashboard.charts)];
    transaction.execute(INSERT, row).map_err(fault)?;
    transaction.commit().map_err(fault)
}

/// `false` where there is none.
fn alter(connection: &mut Connection, database: &str, id: &str, change: &DashboardChange) -> Result<bool> {
    const UPDATE: &str = "UPDATE dashboards SET title = coalesce(?3, title), charts = coalesce(?4, charts) \
                          WHERE database_id = ?1 AND id = ?2";
    let transaction = connection.transaction().map_err(fault)?;
    let charts = change.charts.as_deref().map(store::written);
    let changed = transaction.execute(UPDATE, params![database, id, change.title, charts]).map_err(fault)? == 1;
    if changed {
        check_charts(&transaction, database, change.charts.as_deref().unwrap_or_default())?;
    }
    transaction.commit().map_err(fault)?;
    Ok(changed)
}

/// Whether each is a chart of this database.
fn check_charts(connection: &Connection, database: &str, charts: &[String]) -> Result<()> {
    const KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM charts WHERE database_id = ?1 AND id = ?2)";
    let mut statement = connection.prepare_cached(KNOWN).map_err(fault)?;
    for chart in charts {
        let known: bool = statement.query_row([database, chart], |row| row.get(0)).map_err(fault)?;
        if !known {
            return Err(Error::invalid(format!("`charts` names \"{chart}\", which is no chart of this database")));
        }
    }
    Ok(())
}
