//! `error('…')`: an expression that fails the query that comes to compute it.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use model::Error;

/// The function. It is volatile, so that it is computed when the query runs, and only for rows that come to it.
pub fn error() -> ScalarUDF {
    ScalarUDF::from(Raise { signature: Signature::any(1, Volatility::Volatile) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Raise {
    signature: Signature,
}

impl ScalarUDFImpl for Raise {
    fn name(&self) -> &'static str {
        "error"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Null)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if args.number_rows > 0 {
            let message = args.args[0].to_array(args.number_rows)?;
            let message = cast(&message, &DataType::Utf8)?;
            let message = message.as_string::<i32>();
            // As in DuckDB, no message is no error.
            if let Some(row) = (0..message.len()).find(|row| message.is_valid(*row)) {
                let error = Error::invalid(format!("Invalid Input Error: {}", message.value(row)));
                return Err(DataFusionError::External(Box::new(error)));
            }
        }
        Ok(ColumnarValue::Array(arrow::array::new_null_array(&DataType::Null, args.number_rows)))
    }
}
