//! What a scalar function of DuckDB is here: a name, and for each form of its arguments what it gives and how.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::common::config::ConfigOptions;
use datafusion::common::plan_datafusion_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

/// What an argument may be, and what it is converted to before the function sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text, as `Utf8View`.
    Text,
    /// Bytes, as `Binary`.
    Bytes,
    /// A truth value.
    Bool,
    /// A whole number, as `Int64`.
    Int,
    /// A number, as `Float64`.
    Double,
    /// A number, as it is.
    Number,
    /// A day.
    Date,
    /// A time without a zone, in microseconds.
    Timestamp,
    /// An instant, in microseconds, in its zone.
    Instant,
    /// Months, days and nanoseconds.
    Interval,
    /// A list, as `List`.
    List,
    /// A list of texts.
    Texts,
    /// A list of numbers, as `List(Float64)`.
    Doubles,
    /// A list of whole numbers, as `List(Int64)`.
    Ints,
    /// A map.
    Map,
    /// A struct.
    Struct,
    /// Anything, as it is.
    Any,
}

/// What a function gives.
#[derive(Clone, Copy, Debug)]
pub enum Gives {
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// A truth value.
    Bool,
    /// BIGINT.
    Int,
    /// INTEGER.
    Int32,
    /// TINYINT.
    Int8,
    /// HUGEINT.
    Huge,
    /// DOUBLE.
    Double,
    /// DATE.
    Date,
    /// TIMESTAMP.
    Timestamp,
    /// TIMESTAMP WITH TIME ZONE, in UTC.
    Instant,
    /// TIME.
    Time,
    /// INTERVAL.
    Interval,
    /// `VARCHAR[]`.
    Texts,
    /// `BIGINT[]`.
    Ints,
    /// What the first argument is.
    First,
    /// What this says of the arguments' types.
    With(fn(&[DataType]) -> Result<DataType>),
}

/// One call of a function: columns of equal length.
pub struct Call<'a> {
    /// The arguments, converted.
    pub args: &'a [ArrayRef],
    /// How many rows.
    pub rows: usize,
    /// The type of the answer.
    pub gives: &'a DataType,
    /// The session's settings.
    pub settings: &'a ConfigOptions,
}

/// A form of the arguments and what the function does with it.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The arguments.
    pub takes: &'static [Kind],
    /// How many of them, from the end, may be left out.
    pub optional: usize,
    /// Whether the last argument may be repeated, or be missing.
    pub repeats: bool,
    /// The answer's type.
    pub gives: Gives,
    /// The answer.
    pub run: fn(&Call) -> Result<ArrayRef>,
}

/// A function with these arguments.
pub const fn form(takes: &'static [Kind], gives: Gives, run: fn(&Call) -> Result<ArrayRef>) -> Form {
    Form { takes, optional: 0, repeats: false, gives, run }
}

impl Form {
    /// The last arguments may be left out.
    pub const fn optional(self, optional: usize) -> Self {
        Self { optional, ..self }
    }

    /// The last argument may be repeated.
    pub const fn repeats(self) -> Self {
        Self { repeats: true, ..self }
    }

    fn kind(&self, position: usize) -> Option<Kind> {
        match self.takes.get(position) {
            Some(kind) => Some(*kind),
            None if self.repeats => self.takes.last().copied(),
            None => None,
        }
    }

    fn fits(&self, types: &[DataType], leniently: bool) -> bool {
        let least = self.takes.len() - self.optional - usize::from(self.repeats);
        let most = if self.repeats { usize::MAX } else { self.takes.len() };
        (least..=most).contains(&types.len())
            && types
                .iter()
                .enumerate()
                .all(|(position, data_type)| self.kind(position).is_some_and(|kind| kind.takes(data_type, leniently)))
    }

    fn coerced(&self, types: &[DataType]) -> Vec<DataType> {
        let each =
            |(position, data_type): (usize, &DataType)| self.kind(position).unwrap_or(Kind::Any).converted(data_type);
        types.iter().enumerate().map(each).collect()
    }

    fn answer(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match self.gives {
            Gives::Text => DataType::Utf8View,
            Gives::Bytes => DataType::Binary,
            Gives::Bool => DataType::Boolean,
            Gives::Int => DataType::Int64,
            Gives::Int32 => DataType::Int32,
            Gives::Int8 => DataType::Int8,
            Gives::Huge => HUGEINT,
            Gives::Double => DataType::Float64,
            Gives::Date => DataType::Date32,
            Gives::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Gives::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Gives::Time => DataType::Time64(TimeUnit::Microsecond),
            Gives::Interval => INTERVAL,
            Gives::Texts => list_of(DataType::Utf8View),
            Gives::Ints => list_of(DataType::Int64),
            Gives::First => types.first().cloned().unwrap_or(DataType::Null),
            Gives::With(of) => return of(types),
        })
    }
}

/// DuckDB's HUGEINT, as near as Arrow has it.
pub const HUGEINT: DataType = DataType::Decimal128(38, 0);

/// DuckDB's INTERVAL.
pub const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

/// A list of items of a type.
pub fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}

/// The type of a list's items.
pub fn item_of(list: &DataType) -> DataType {
    match list {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => item.data_type().clone(),
        _ => DataType::Null,
    }
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        other => other.is_string(),
    }
}

impl Kind {
    fn takes(self, data_type: &DataType, leniently: bool) -> bool {
        use DataType::{
            Binary, BinaryView, Boolean, Date32, FixedSizeBinary, FixedSizeList, LargeBinary, LargeList, List, Null,
        };
        if *data_type == Null || self == Self::Any {
            return true;
        }
        let is_list = matches!(data_type, List(_) | LargeList(_) | FixedSizeList(..));
        let exactly = match self {
            Self::Text => is_text(data_type),
            Self::Bytes => matches!(data_type, Binary | LargeBinary | BinaryView | FixedSizeBinary(_)),
            Self::Bool => *data_type == Boolean,
            Self::Int => data_type.is_integer(),
            Self::Double | Self::Number => data_type.is_numeric(),
            Self::Date => *data_type == Date32,
            Self::Timestamp => matches!(data_type, DataType::Timestamp(_, None) | Date32),
            Self::Instant => matches!(data_type, DataType::Timestamp(_, Some(_))),
            Self::Interval => matches!(data_type, DataType::Interval(_) | DataType::Duration(_)),
            Self::List => is_list,
            Self::Texts => is_list && (is_text(&item_of(data_type)) || item_of(data_type) == Null),
            Self::Doubles => is_list && (item_of(data_type).is_numeric() || item_of(data_type) == Null),
            Self::Ints => is_list && (item_of(data_type).is_integer() || item_of(data_type) == Null),
            Self::Map => matches!(data_type, DataType::Map(..)),
            Self::Struct => matches!(data_type, DataType::Struct(_)),
            Self::Any => true,
        };
        exactly || leniently && self.takes_leniently(data_type)
    }

    /// What is converted where no form of the function takes it as it is.
    fn takes_leniently(self, data_type: &DataType) -> bool {
        match self {
            Self::Text => !data_type.is_nested() && !data_type.is_binary(),
            Self::Texts => matches!(data_type, DataType::List(_)),
            Self::Int => data_type.is_numeric() || *data_type == DataType::Boolean || is_text(data_type),
            Self::Bytes | Self::Bool | Self::Double | Self::Number | Self::Date | Self::Timestamp | Self::Interval => {
                is_text(data_type)
            }
            Self::Instant => is_text(data_type) || matches!(data_type, DataType::Date32 | DataType::Timestamp(..)),
            _ => false,
        }
    }

    fn converted(self, data_type: &DataType) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Bytes => DataType::Binary,
            Self::Bool => DataType::Boolean,
            Self::Int => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Number if is_text(data_type) || *data_type == DataType::Null => DataType::Float64,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Instant => match data_type {
                DataType::Timestamp(_, Some(zone)) => DataType::Timestamp(TimeUnit::Microsecond, Some(zone.clone())),
                _ => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            },
            Self::Interval => INTERVAL,
            Self::Texts => list_of(DataType::Utf8View),
            Self::Doubles => list_of(DataType::Float64),
            Self::Ints => list_of(DataType::Int64),
            Self::List => match data_type {
                DataType::LargeList(item) | DataType::FixedSizeList(item, _) => DataType::List(item.clone()),
                DataType::Null => list_of(DataType::Null),
                other => other.clone(),
            },
            Self::Any | Self::Map | Self::Struct | Self::Number => data_type.clone(),
        }
    }
}

/// A function under its names.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its names, all lower case.
    pub names: &'static [&'static str],
    /// Its forms; the first that takes the arguments is the one.
    pub forms: &'static [Form],
    /// Whether it answers the same for the same arguments.
    pub volatility: Volatility,
}

/// A function whose answer depends on its arguments alone.
pub const fn function(names: &'static [&'static str], forms: &'static [Form]) -> Function {
    Function { names, forms, volatility: Volatility::Immutable }
}

impl Function {
    /// The function for the engine, once for each of its names.
    pub fn named(self) -> impl Iterator<Item = ScalarUDF> {
        self.names.iter().map(move |name| {
            let signature = Signature::user_defined(self.volatility);
            ScalarUDF::new_from_impl(Named { name, forms: self.forms, signature })
        })
    }
}

#[derive(Debug)]
struct Named {
    name: &'static str,
    forms: &'static [Form],
    signature: Signature,
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Named {}

impl std::hash::Hash for Named {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Named {
    fn form(&self, types: &[DataType]) -> Result<&Form> {
        let strictly = self.forms.iter().find(|form| form.fits(types, false));
        strictly.or_else(|| self.forms.iter().find(|form| form.fits(types, true))).ok_or_else(|| {
            let given: Vec<String> = types.iter().map(model::sql_type).collect();
            let known: Vec<String> = self.forms.iter().map(|form| described(self.name, form)).collect();
            plan_datafusion_err!(
                "Binder Error: {}({}) is not known; there is {}",
                self.name,
                given.join(", "),
                known.join(", ")
            )
        })
    }
}

fn described(name: &str, form: &Form) -> String {
    let kinds: Vec<String> = form.takes.iter().map(|kind| format!("{kind:?}").to_lowercase()).collect();
    format!("{name}({}{})", kinds.join(", "), if form.repeats { ", …" } else { "" })
}

impl ScalarUDFImpl for Named {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(self.form(types)?.coerced(types))
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let form = self.form(types)?;
        form.answer(&form.coerced(types))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let types: Vec<DataType> = args.args.iter().map(ColumnarValue::data_type).collect();
        let form = self.form(&types)?;
        let scalar = !args.args.is_empty()
            && self.signature.volatility != Volatility::Volatile
            && args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { args.number_rows };
        let converted = form.coerced(&types);
        let arrays = args
            .args
            .iter()
            .zip(&converted)
            .map(|(arg, wanted)| {
                let array = arg.to_array(rows)?;
                Ok(if array.data_type() == wanted { array } else { cast(&array, wanted)? })
            })
            .collect::<Result<Vec<ArrayRef>>>()?;
        let gives = args.return_field.data_type();
        let call = Call { args: &arrays, rows, gives, settings: &args.config_options };
        let answer = (form.run)(&call)?;
        let answer = if answer.data_type() == gives { answer } else { cast(&answer, gives)? };
        if scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&answer, 0)?));
        }
        Ok(ColumnarValue::Array(answer))
    }
}

/// An answer of nothing but NULL.
pub fn nothing(call: &Call) -> ArrayRef {
    new_null_array(call.gives, call.rows)
}
