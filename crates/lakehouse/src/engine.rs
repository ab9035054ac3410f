//! The query engine: DuckDB's dialect in, datafusion's plans, rows out.
//!
//! A request's text becomes statements (`parse`), each statement's names become tables that the caller may open
//! (`context`, `resolve`), its syntax tree is fitted to the planner (`rewrite`), and what comes out either changes a
//! database (`definition`, `modification`) or streams rows (`pump`).

mod aliases;
mod arithmetic;
mod asof;
mod casts;
mod cheap_first;
mod columns;
mod context;
mod decimal_average;
mod definition;
mod describe;
mod dialect;
mod exists;
mod expressions;
mod functions;
mod information_schema;
mod known;
mod literals;
mod macros;
mod modification;
mod operators;
mod parse;
mod pivot;
mod place;
mod planner;
mod pump;
mod refused;
mod resolve;
mod rewrite;
mod rounding;
mod semi_join;
mod session;
mod spelling;
mod statement;
mod tokens;
mod types;
mod unnest;
mod values;
mod yielding;

use std::sync::Arc;

use async_trait::async_trait;
use model::{Catalogs, Engine, Error, Query, Result, Rows};
pub use session::Session;

use self::context::Context;
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
        let session = self.session.clone();
        pump::on(self.session.runtime(), run(session, query, catalogs)).await
    }

    async fn validate(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<()> {
        let session = self.session.clone();
        pump::on(self.session.runtime(), validate(session, query, catalogs)).await
    }
}

async fn run(session: Arc<Session>, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<Rows> {
    let statements = parse::statements(&query.statement)?;
    let mut context = Context::new(session, catalogs, &query).await?;
    let (last, before) = statements.split_last().ok_or_else(no_statement)?;
    for statement in before {
        let rows = context.run(statement.clone()).await?;
        pump::drain(rows).await?;
    }
    context.limit(query.limit, query.offset);
    context.run(last.clone()).await
}

async fn validate(session: Arc<Session>, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<()> {
    let statements = parse::statements(&query.statement)?;
    let mut context = Context::new(session, catalogs, &query).await?;
    if statements.is_empty() {
        return Err(no_statement());
    }
    for statement in statements {
        let changes_names = statement::changes_names(&statement);
        context.validate(statement).await?;
        if changes_names {
            // What follows may use what this would have made: only its grammar can be checked, and was.
            break;
        }
    }
    Ok(())
}

fn no_statement() -> Error {
    Error::invalid("Parser Error: the statement is empty; send SQL text such as SELECT 1")
}
