//! The query engine: DuckDB's dialect in, datafusion's plans, rows out.
//!
//! A request's text becomes statements (`parse`), each statement's names become tables that the caller may open
//! (`context`, `resolve`), its syntax tree is fitted to the planner (`rewrite`), and what comes out either changes a
//! database (`definition`, `modification`) or streams rows (`pump`).

mod aliases;
mod alteration;
mod arithmetic;
mod asof;
mod autocomplete;
mod care;
mod care_syntax;
mod casts;
mod change;
mod cheap_first;
mod checked;
mod checked_frames;
mod columns;
mod constants;
mod context;
mod decimal_average;
mod definition;
mod describe;
mod dialect;
mod explain;
mod expressions;
mod functions;
mod information_schema;
mod interruptible;
mod intervals;
mod json_access;
mod known;
mod like_escape;
mod literals;
mod macros;
mod modification;
mod operators;
mod parse;
mod pivot;
mod place;
mod planner;
mod pump;
mod query_log;
mod raise;
mod refused;
mod resolve;
mod rewrite;
mod rounding;
mod script;
mod semi_join;
mod session;
mod show;
mod spelling;
mod statement;
mod stoppable;
mod stored_change;
mod subqueries;
mod system;
mod system_tables;
mod tokens;
mod transaction;
mod types;
mod unnest;
mod values;
mod versions;
mod words;
mod work;
mod yielding;

use std::sync::Arc;

use async_trait::async_trait;
use model::{Catalogs, Engine, Error, Explained, Query, Result, Rows, Suggestion};
pub use pump::on;
pub use session::Session;
pub use work::Work;

use self::context::Context;
use self::work::StopOnDrop;
use crate::LakehouseConfig;
use crate::root::Root;

/// SQL over everything that a caller may open.
pub struct SqlEngine {
    session: Arc<Session>,
}

impl SqlEngine {
    /// An engine that finds the lakehouse's files below `root`.
    pub fn open(root: &Root, config: &LakehouseConfig) -> Result<Self> {
        Ok(Self { session: Arc::new(Session::open(root, config)?) })
    }

    /// What scans and queries share.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }
}

#[async_trait]
impl Engine for SqlEngine {
    async fn run(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<Rows> {
        let work = Arc::new(Work::default());
        query.watch.follow(work.clone());
        let stop = StopOnDrop(work.clone());
        let (session, limit, offset) = (self.session.clone(), query.limit, query.offset);
        let run = async move {
            run(Context::new(session, work, catalogs, &query).await?, &query.statement, limit, offset).await
        };
        let rows = pump::on(self.session.runtime(), stop.0.clone(), run).await?;
        Ok(pump::until_dropped(rows, stop))
    }

    async fn validate(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<()> {
        let stop = StopOnDrop::default();
        let (session, work) = (self.session.clone(), stop.0.clone());
        let checked =
            async move { validate(Context::new(session, work, catalogs, &query).await?, &query.statement).await };
        pump::on(self.session.runtime(), stop.0.clone(), checked).await
    }

    async fn explain(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<Explained> {
        let stop = StopOnDrop::default();
        let (session, work) = (self.session.clone(), stop.0.clone());
        let explained =
            async move { explain::text(Context::new(session, work, catalogs, &query).await?, &query.statement).await };
        pump::on(self.session.runtime(), stop.0.clone(), explained).await
    }

    async fn autocomplete(
        &self,
        query: Query,
        cursor: usize,
        limit: usize,
        catalogs: Arc<dyn Catalogs>,
    ) -> Result<Vec<Suggestion>> {
        let stop = StopOnDrop::default();
        let (session, work) = (self.session.clone(), stop.0.clone());
        let suggested = async move {
            let context = Context::new(session, work, catalogs, &query).await?;
            Ok(autocomplete::suggestions(&context, &query.statement, cursor, limit).await)
        };
        pump::on(self.session.runtime(), stop.0.clone(), suggested).await
    }
}

async fn run(mut context: Context, text: &str, limit: Option<u64>, offset: Option<u64>) -> Result<Rows> {
    let steps = script::script(text)?;
    script::check_transactions(&steps)?;
    let (last, before) = steps.split_last().ok_or_else(no_statement)?;
    for step in before {
        let rows = context.run(step).await?;
        pump::drain(rows).await?;
    }
    context.limit(limit, offset);
    context.run(last).await
}

async fn validate(mut context: Context, text: &str) -> Result<()> {
    let steps = script::script(text)?;
    script::check_transactions(&steps)?;
    if steps.is_empty() {
        return Err(no_statement());
    }
    for step in &steps {
        context.validate(step).await?;
        if statement::changes_names(&step.command) {
            // What follows may use what this would have made: only its grammar can be checked, and was.
            break;
        }
    }
    Ok(())
}

fn no_statement() -> Error {
    Error::invalid("Parser Error: the statement is empty; send SQL text such as SELECT 1")
}
