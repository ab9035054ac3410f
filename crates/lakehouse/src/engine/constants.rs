//! Values that a statement must have before it is planned: which version, which table.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::sql::planner::{PlannerContext, SqlToRel};
use model::{AsOf, Error, Result};
use sqlparser::ast;

use super::context::Context;
use super::parse;
use super::planner::Known;
use super::types::UTC;
use crate::fault::from_datafusion;

impl Context {
    /// The value of an expression without columns, such as `now() - INTERVAL 1 HOUR`.
    pub fn constant(&self, expr: &ast::Expr, state: &SessionState) -> Result<ScalarValue> {
        let tables = Default::default();
        let known = Known { state, expr_planners: self.session.expr_planners(), tables: &tables };
        let no_columns = DFSchema::empty();
        let planned = SqlToRel::new(&known)
            .sql_to_expr(expr.clone(), &no_columns, &mut PlannerContext::new())
            .map_err(from_datafusion)?;
        let context = SimplifyContext::builder()
            .with_config_options(Arc::clone(state.config_options()))
            .with_current_time()
            .build();
        let simplifier = ExprSimplifier::new(context);
        let simple = simplifier
            .coerce(planned, &no_columns)
            .and_then(|planned| simplifier.simplify(planned))
            .map_err(from_datafusion)?;
        match simple {
            Expr::Literal(value, _) => Ok(value),
            _ => Err(Error::invalid(format!("Binder Error: {expr} is not a constant"))),
        }
    }

    /// The version that a number means.
    pub fn as_of_version(&self, expr: &ast::Expr, state: &SessionState) -> Result<AsOf> {
        let value = self.constant(expr, state)?;
        let number = match value.cast_to(&DataType::Int64) {
            Ok(ScalarValue::Int64(Some(number))) => u64::try_from(number).ok(),
            _ => None,
        };
        let wrong = || Error::invalid(format!("Binder Error: {expr} is not a version; it takes a number from 0 on"));
        number.map(AsOf::Version).ok_or_else(wrong)
    }

    /// The moment that a text or timestamp means; one without a zone is in the request's.
    pub fn as_of_time(&self, expr: &ast::Expr, state: &SessionState) -> Result<AsOf> {
        let value = self.constant(expr, state)?;
        let zone = self.timezone.as_deref().unwrap_or(UTC);
        let micros = match value.cast_to(&DataType::Timestamp(TimeUnit::Microsecond, Some(zone.into()))) {
            Ok(ScalarValue::TimestampMicrosecond(Some(micros), _)) => u64::try_from(micros).ok(),
            _ => None,
        };
        let time = micros.and_then(|micros| SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(micros)));
        time.map(AsOf::Time).ok_or_else(|| {
            Error::invalid(format!("Binder Error: {expr} is not a timestamp; write for example '2026-11-25 10:00:00'"))
        })
    }

    /// The parts of the name of a table that is given as a name or as text.
    pub fn named_table(&self, expr: &ast::Expr) -> Result<Vec<String>> {
        match expr {
            ast::Expr::Identifier(ident) => Ok(vec![ident.value.clone()]),
            ast::Expr::CompoundIdentifier(idents) => Ok(idents.iter().map(|ident| ident.value.clone()).collect()),
            ast::Expr::Value(value) => match &value.value {
                ast::Value::SingleQuotedString(text) => parse::name(text),
                other => Err(no_name(other)),
            },
            other => Err(no_name(other)),
        }
    }
}

fn no_name(what: &impl std::fmt::Display) -> Error {
    Error::invalid(format!("Binder Error: {what} is not the name of a table"))
}
