//! Operators as DuckDB means them: `/` is always of floating-point numbers, `//` is of whole ones; dates are counted in
//! days; `[…]` looks into lists, texts, maps and JSON.

use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};
use datafusion::common::{DFSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::functions::expr_fn::floor;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr, RawFieldAccessExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, GetFieldAccess, Operator, binary_expr, cast};
use sqlparser::ast::BinaryOperator;

const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// Plans operators.
#[derive(Debug)]
pub struct Operators;

impl Operators {
    fn call(&self, name: &str, args: Vec<Expr>) -> Result<Expr> {
        match functions::scalar_function(name) {
            Some(function) => Ok(Expr::ScalarFunction(ScalarFunction::new_udf(function, args))),
            None => plan_err!("Catalog Error: Scalar Function with name {name} does not exist!"),
        }
    }

    /// `date + 5`, `date - date`, `date + INTERVAL …`, `timestamp - timestamp`.
    fn of_times(&self, raw: &RawBinaryExpr, left: &DataType, right: &DataType) -> Result<Option<Expr>> {
        use DataType::{Date32, Interval};
        let minus = match raw.op {
            BinaryOperator::Plus => false,
            BinaryOperator::Minus => true,
            _ => return Ok(None),
        };
        let (l, r) = (raw.left.clone(), raw.right.clone());
        let is_time = |data_type: &DataType| matches!(data_type, DataType::Timestamp(..));
        Ok(Some(match (left, right) {
            (Date32, Date32) if minus => self.call("days_between", vec![l, r])?,
            (Date32, days) if days.is_integer() => {
                let days = if minus { Expr::Negative(Box::new(cast(r, DataType::Int64))) } else { r };
                self.call("days_after", vec![l, days])?
            }
            (days, Date32) if days.is_integer() && !minus => self.call("days_after", vec![r, l])?,
            (Date32, Interval(_)) => after_date(l, if minus { Operator::Minus } else { Operator::Plus }, r),
            (Interval(_), Date32) if !minus => after_date(r, Operator::Plus, l),
            (left, right) if minus && is_time(left) && is_time(right) => self.call("time_between", vec![l, r])?,
            (left, Date32) if minus && is_time(left) => self.call("time_between", vec![l, cast(r, left.clone())])?,
            (Date32, right) if minus && is_time(right) => self.call("time_between", vec![cast(l, right.clone()), r])?,
            _ => return Ok(None),
        }))
    }
}

/// A date and an interval: a TIMESTAMP. Where the interval has no hours the date is moved first, which a comparison with
/// other dates makes use of.
fn after_date(date: Expr, operator: Operator, interval: Expr) -> Expr {
    let whole_days = matches!(&interval, Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(interval)), _) if interval.nanoseconds == 0);
    if whole_days {
        return cast(binary_expr(date, operator, interval), TIMESTAMP);
    }
    binary_expr(cast(date, TIMESTAMP), operator, interval)
}

impl ExprPlanner for Operators {
    fn plan_binary_op(&self, raw: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let (Ok(left), Ok(right)) = (raw.left.get_type(schema), raw.right.get_type(schema)) else {
            return Ok(PlannerResult::Original(raw));
        };
        if let Some(planned) = self.of_times(&raw, &left, &right)? {
            return Ok(PlannerResult::Planned(planned));
        }
        let whole = match raw.op {
            BinaryOperator::Divide => false,
            BinaryOperator::DuckIntegerDivide => true,
            BinaryOperator::Multiply if is_interval(&left) && right.is_integer() => {
                return self.call("interval_times", vec![raw.left, raw.right]).map(PlannerResult::Planned);
            }
            BinaryOperator::Multiply if is_interval(&right) && left.is_integer() => {
                return self.call("interval_times", vec![raw.right, raw.left]).map(PlannerResult::Planned);
            }
            BinaryOperator::StringConcat if is_list(&left) || is_list(&right) => {
                return self.call("list_concat", vec![raw.left, raw.right]).map(PlannerResult::Planned);
            }
            _ => return Ok(PlannerResult::Original(raw)),
        };
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

    fn plan_field_access(
        &self,
        raw: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        let RawFieldAccessExpr { field_access, expr } = raw;
        let data_type = expr.get_type(schema)?;
        let planned = match (&data_type, field_access) {
            (DataType::Map(..), GetFieldAccess::NamedStructField { name }) => {
                self.call("map_extract_value", vec![expr, Expr::Literal(name, None)])?
            }
            (DataType::Map(..), GetFieldAccess::ListIndex { key }) => {
                self.call("map_extract_value", vec![expr, *key])?
            }
            (text, GetFieldAccess::NamedStructField { name }) if text.is_string() => {
                self.call("json_extract", vec![expr, Expr::Literal(name, None)])?
            }
            (DataType::Struct(fields), GetFieldAccess::ListIndex { key }) => {
                let place = match key.as_ref() {
                    Expr::Literal(place, _) => place.clone(),
                    Expr::Cast(cast) => match cast.expr.as_ref() {
                        Expr::Literal(place, _) => place.clone(),
                        _ => ScalarValue::Null,
                    },
                    _ => ScalarValue::Null,
                };
                let ScalarValue::Int64(Some(place)) = place.cast_to(&DataType::Int64)? else {
                    return plan_err!("Binder Error: a field of a struct is named by a constant");
                };
                let field = usize::try_from(place - 1).ok().and_then(|place| fields.get(place));
                let Some(field) = field else {
                    return plan_err!("Binder Error: the struct has {} fields, not {place}", fields.len());
                };
                let name = ScalarValue::from(field.name().as_str());
                let field_access = GetFieldAccess::NamedStructField { name };
                return Ok(PlannerResult::Original(RawFieldAccessExpr { field_access, expr }));
            }
            (_, GetFieldAccess::ListIndex { key }) => self.call("list_extract", vec![expr, *key])?,
            (text, GetFieldAccess::ListRange { start, stop, .. }) if text.is_string() => {
                self.call("text_slice", vec![expr, *start, *stop])?
            }
            (_, GetFieldAccess::ListRange { start, stop, stride }) => {
                self.call("list_slice", vec![expr, *start, *stop, *stride])?
            }
            (_, field_access) => return Ok(PlannerResult::Original(RawFieldAccessExpr { field_access, expr })),
        };
        Ok(PlannerResult::Planned(planned))
    }

    fn plan_dictionary_literal(
        &self,
        raw: datafusion::logical_expr::planner::RawDictionaryExpr,
        _schema: &DFSchema,
    ) -> Result<PlannerResult<datafusion::logical_expr::planner::RawDictionaryExpr>> {
        let fields = raw.keys.into_iter().zip(raw.values).flat_map(|(key, value)| [key, value]).collect();
        let named = datafusion::functions::core::named_struct();
        Ok(PlannerResult::Planned(Expr::ScalarFunction(ScalarFunction::new_udf(named, fields))))
    }
}

fn is_interval(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Interval(IntervalUnit::MonthDayNano | IntervalUnit::DayTime | IntervalUnit::YearMonth)
    )
}

fn is_list(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..))
}

fn double(value: Expr, data_type: &DataType) -> Expr {
    if data_type.is_floating() { value } else { cast(value, DataType::Float64) }
}
