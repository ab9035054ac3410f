//! An optimizer rule: the average of decimals is their exact sum, divided once.

use arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::functions_aggregate::count::count_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams, Cast};
use datafusion::logical_expr::{Aggregate, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, cast};
use datafusion::optimizer::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

/// Digits of a decimal whose sum the engine computes without overflow.
const DIGITS: u8 = 28;

/// Computes `avg(CAST(d AS DOUBLE))` as `CAST(sum(d) AS DOUBLE) / count(d)`: no row is converted, nothing is rounded on
/// the way, and a sum that the statement asks for as well is shared.
#[derive(Debug, Default)]
pub struct DecimalAverage;

impl OptimizerRule for DecimalAverage {
    fn name(&self) -> &str {
        "decimal_average"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(Transformed::no(plan)) };
        let sets = aggregate.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_)));
        if sets || !aggregate.aggr_expr.iter().any(|expr| averaged(expr, &aggregate).is_some()) {
            return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
        }
        split(&aggregate).map(Transformed::yes)
    }
}

fn split(aggregate: &Aggregate) -> Result<LogicalPlan> {
    let mut functions: Vec<Expr> = Vec::new();
    let mut add = |function: Expr| {
        let column = Expr::Column(Column::new_unqualified(function.schema_name().to_string()));
        if !functions.contains(&function) {
            functions.push(function);
        }
        column
    };
    let groups = aggregate.group_expr.len();
    let mut outputs: Vec<Expr> = aggregate.schema.columns().into_iter().take(groups).map(Expr::Column).collect();
    for (expr, output) in aggregate.aggr_expr.iter().zip(aggregate.schema.columns().into_iter().skip(groups)) {
        outputs.push(match averaged(expr, aggregate) {
            Some((sum, count)) => {
                let quotient = cast(add(sum), DataType::Float64) / cast(add(count), DataType::Float64);
                quotient.alias_qualified(output.relation, output.name)
            }
            None => add(expr.clone()),
        });
    }
    LogicalPlanBuilder::from(aggregate.input.as_ref().clone())
        .aggregate(aggregate.group_expr.clone(), functions)?
        .project(outputs)?
        .build()
}

/// Sum and count of the decimals that an expression is the average of.
fn averaged(expr: &Expr, aggregate: &Aggregate) -> Option<(Expr, Expr)> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = expr else { return None };
    let plain = !params.distinct && params.order_by.is_empty() && params.null_treatment.is_none();
    let [Expr::Cast(Cast { expr: decimal, field })] = params.args.as_slice() else { return None };
    if func.name() != "avg" || !plain || *field.data_type() != DataType::Float64 {
        return None;
    }
    match decimal.get_type(aggregate.input.schema()) {
        Ok(DataType::Decimal128(precision, _)) if precision <= DIGITS => {}
        _ => return None,
    }
    let params = AggregateFunctionParams { args: vec![decimal.as_ref().clone()], ..params.clone() };
    let function = |func| Expr::AggregateFunction(AggregateFunction { func, params: params.clone() });
    Some((function(functions::sum()), function(count_udaf())))
}
