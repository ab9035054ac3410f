//! Division as DuckDB means it: `/` is always of floating-point numbers, `//` is of whole ones.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::functions::expr_fn::floor;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, binary_expr, cast};
use sqlparser::ast::BinaryOperator;

/// Plans `/` and `//`.
#[derive(Debug)]
pub struct Division;

impl ExprPlanner for Division {
    fn plan_binary_op(&self, raw: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let whole = match raw.op {
            BinaryOperator::Divide => false,
            BinaryOperator::DuckIntegerDivide => true,
            _ => return Ok(PlannerResult::Original(raw)),
        };
        let (left, right) = (raw.left.get_type(schema)?, raw.right.get_type(schema)?);
        let both = |test: fn(&DataType) -> bool| test(&left) && test(&right);
        if whole && both(|data_type| data_type.is_integer()) {
            return Ok(PlannerResult::Planned(binary_expr(raw.left, Operator::Divide, raw.right)));
        }
        if !both(|data_type| data_type.is_numeric()) {
            // Text and NULL find their type by coercion, intervals are divided by numbers.
            return Ok(PlannerResult::Original(RawBinaryExpr { op: BinaryOperator::Divide, ..raw }));
        }
        let quotient = binary_expr(double(raw.left, &left), Operator::Divide, double(raw.right, &right));
        Ok(PlannerResult::Planned(if whole { floor(quotient) } else { quotient }))
    }
}

fn double(value: Expr, data_type: &DataType) -> Expr {
    if data_type.is_floating() { value } else { cast(value, DataType::Float64) }
}
