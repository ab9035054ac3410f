//! Charts: which columns of which table are drawn how, and the drawing of them.

mod definition;
mod drawing;
mod rows;
pub(crate) mod store;

use model::{Access, Error, Principal, Result};

use crate::{Asked, Databases, Metadata, Statements, Visit};
pub(crate) use definition::check_title;
pub use definition::{Chart, ChartChange, NewChart};
pub use drawing::PictureSize;

/// How many charts, and how many dashboards, a database may have.
pub(crate) const MOST: usize = 1_000;

/// The charts of databases. Clones share everything.
#[derive(Clone)]
pub struct Charts {
    metadata: Metadata,
    databases: Databases,
    statements: Statements,
}

impl Charts {
    pub(crate) fn new(metadata: Metadata, databases: Databases, statements: Statements) -> Self {
        Self { metadata, databases, statements }
    }

    /// The charts of a database, in the order of their creation.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for reading.
    pub async fn list(&self, principal: &Principal, database: &str) -> Result<Vec<Chart>> {
        let (record, _) = self.databases.record(principal, database, Access::Read).await?;
        let id = record.info.id.to_string();
        self.metadata.call(move |connection| store::list(connection, &id)).await
    }

    /// Keeps a new chart.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for writing; `Invalid` for a table that does not exist and for headers that are no columns of
    /// it; `TooLarge` where the database has as many charts as it may.
    pub async fn create(&self, principal: &Principal, database: &str, new: NewChart) -> Result<Chart> {
        let chart = new.with_id(new_id());
        self.keep(principal, database, chart.clone()).await?;
        Ok(chart)
    }

    /// The same under an id that is known already and nowhere in use.
    ///
    /// # Errors
    /// As [`Charts::create`].
    pub async fn keep(&self, principal: &Principal, database: &str, chart: Chart) -> Result<()> {
        let opened = self.databases.open_id(principal, database, Access::Write).await?;
        definition::check(&chart)?;
        definition::check_columns(opened.database.as_ref(), &chart).await?;
        let id = opened.record.info.id.to_string();
        self.metadata.call(move |connection| store::add(connection, &id, &chart)).await
    }

    /// Changes what `change` names.
    ///
    /// # Errors
    /// As [`Charts::create`]; `NotFound` for an unknown chart.
    pub async fn change(&self, principal: &Principal, database: &str, chart: &str, change: ChartChange) -> Result<()> {
        let opened = self.databases.open_id(principal, database, Access::Write).await?;
        let id = opened.record.info.id.to_string();
        let after = self.find(&id, chart).await?.changed(&change);
        definition::check(&after)?;
        // Of a chart whose table is gone the rest can still be changed.
        if change.table.is_some() || change.headers.is_some() {
            definition::check_columns(opened.database.as_ref(), &after).await?;
        }
        let (chart, wanted) = (chart.to_owned(), chart.to_owned());
        let changed = self.metadata.call(move |connection| store::change(connection, &id, &chart, &change)).await?;
        if changed { Ok(()) } else { Err(Error::not_found("chart", wanted)) }
    }

    /// Removes a chart, and takes it out of dashboards.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for writing; `NotFound` for an unknown chart.
    pub async fn remove(&self, principal: &Principal, database: &str, chart: &str) -> Result<()> {
        let (record, _) = self.databases.record(principal, database, Access::Write).await?;
        let (id, wanted) = (record.info.id.to_string(), chart.to_owned());
        let removed = self.metadata.call(move |connection| store::remove(connection, &id, &wanted)).await?;
        if removed { Ok(()) } else { Err(Error::not_found("chart", chart)) }
    }

    /// Draws a chart of what its table holds now, as SVG. A table is read up to a stated number of rows; where it has more,
    /// the picture says so.
    ///
    /// # Errors
    /// As [`Databases::open_id`] for reading; `NotFound` for an unknown chart; `Invalid` where what it shows cannot be drawn:
    /// the type of the chart is not known, its table or a column is gone, or holds no numbers.
    pub async fn draw(&self, principal: &Principal, database: &str, chart: &str, size: PictureSize) -> Result<String> {
        size.check()?;
        let asked = Asked { interface: "draw_chart", user_agent: None };
        let visit = Visit::open(&self.databases, principal.clone(), database, Access::Read, asked).await?;
        let chart = self.find(visit.id().as_str(), chart).await?;
        let kind = drawing::kind(&chart)?;
        definition::check_columns(visit.opened.database.as_ref(), &chart).await?;
        let grid = rows::read(&self.statements, &visit, &chart).await?;
        // A drawing of many thousand shapes takes some milliseconds, which other requests need not wait for.
        let drawn = tokio::task::spawn_blocking(move || drawing::draw(kind, &chart, &grid, size));
        drawn.await.map_err(Error::internal)?
    }

    async fn find(&self, database: &str, chart: &str) -> Result<Chart> {
        let (id, wanted) = (database.to_owned(), chart.to_owned());
        let found = self.metadata.call(move |connection| store::find(connection, &id, &wanted)).await?;
        found.ok_or_else(|| Error::not_found("chart", chart))
    }
}

/// The id of a new chart or dashboard.
pub(crate) fn new_id() -> String {
    ulid::Ulid::new().to_string().to_lowercase()
}
