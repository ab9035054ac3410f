//! An optimizer rule: aggregates over window frames end with their query.
//!
//! A window operator computes a whole partition in one go. Frames that begin anew with each row make that quadratic, and
//! nothing is asked on the way but the aggregate: once or twice a row.

use std::any::Any;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Expr, LogicalPlan, ReversedUDAF, SetMonotonicity, Signature,
    WindowFunctionDefinition,
};
use datafusion::optimizer::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::work::check_current;

/// Puts a [`Checked`] aggregate in the place of every one that stands over a window.
#[derive(Debug)]
pub struct CheckedFrames;

impl OptimizerRule for CheckedFrames {
    fn name(&self) -> &str {
        "checked_frames"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        match plan {
            LogicalPlan::Window(_) => plan.map_expressions(|expr| expr.transform_up(checked)),
            other => Ok(Transformed::no(other)),
        }
    }
}

fn checked(expr: Expr) -> Result<Transformed<Expr>> {
    let Expr::WindowFunction(window) = expr else { return Ok(Transformed::no(expr)) };
    let WindowFunction { fun: WindowFunctionDefinition::AggregateUDF(function), params } = *window else {
        return Ok(Transformed::no(Expr::WindowFunction(window)));
    };
    let own: &dyn Any = function.inner().as_ref();
    let is_checked = own.is::<Checked>();
    let function = if is_checked { function } else { Arc::new(AggregateUDF::from(Checked(function))) };
    let fun = WindowFunctionDefinition::AggregateUDF(function);
    let window = Expr::WindowFunction(Box::new(WindowFunction { fun, params }));
    Ok(if is_checked { Transformed::no(window) } else { Transformed::yes(window) })
}

/// The same function, whose accumulators ask whether the query of their task is to go on.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked(Arc<AggregateUDF>);

impl AggregateUDFImpl for Checked {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn window_function_schema_name(&self, params: &WindowFunctionParams) -> Result<String> {
        self.0.window_function_schema_name(params)
    }

    fn window_function_display_name(&self, params: &WindowFunctionParams) -> Result<String> {
        self.0.window_function_display_name(params)
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        self.0.return_type(arguments)
    }

    fn return_field(&self, arguments: &[FieldRef]) -> Result<FieldRef> {
        self.0.return_field(arguments)
    }

    fn is_nullable(&self) -> bool {
        self.0.is_nullable()
    }

    fn accumulator(&self, arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(CheckedAccumulator(self.0.accumulator(arguments)?)))
    }

    fn create_sliding_accumulator(&self, arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(CheckedAccumulator(self.0.create_sliding_accumulator(arguments)?)))
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.0.state_fields(arguments)
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.0.order_sensitivity()
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        self.0.reverse_udf()
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        self.0.coerce_types(arguments)
    }

    fn is_descending(&self) -> Option<bool> {
        self.0.is_descending()
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        self.0.default_value(data_type)
    }

    fn supports_null_handling_clause(&self) -> bool {
        self.0.supports_null_handling_clause()
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.0.inner().set_monotonicity(data_type)
    }
}

#[derive(Debug)]
struct CheckedAccumulator(Box<dyn Accumulator>);

impl Accumulator for CheckedAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        check_current()?;
        self.0.update_batch(values)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        check_current()?;
        self.0.retract_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.evaluate()
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states)
    }

    fn supports_retract_batch(&self) -> bool {
        self.0.supports_retract_batch()
    }
}
