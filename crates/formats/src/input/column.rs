//! One column of plain values while it is read: texts and numbers go in, an Arrow array comes out.

mod append;
mod readable;
mod values;

use std::sync::Arc;

use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, PrimitiveArray,
    StringArray, new_null_array,
};
use arrow_buffer::{Buffer, NullBuffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};

pub(crate) use readable::readable;
use values::Values;

/// The values of one column since the last batch.
pub(crate) struct Column {
    data_type: DataType,
    values: Values,
    nulls: NullBufferBuilder,
}

impl Column {
    /// A column of a plain type that [`readable`] gave. Of any other type it takes NULL alone.
    pub(crate) fn new(data_type: &DataType) -> Self {
        Self { data_type: data_type.clone(), values: Values::new(data_type), nulls: NullBufferBuilder::new(0) }
    }

    /// The type of the arrays that come out.
    pub(crate) fn data_type(&self) -> &DataType {
        &self.data_type
    }

    /// Whether any text but an empty one can be a value of the column.
    pub(crate) fn reads_text(&self) -> bool {
        !matches!(self.values, Values::Refused)
    }

    /// How many values went in since the last batch.
    pub(crate) fn len(&self) -> usize {
        self.nulls.len()
    }

    /// The values since the last batch, as an array.
    ///
    /// # Errors
    /// That of Arrow where text is not UTF-8: it is checked here, for all values at once.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let length = self.nulls.len();
        let nulls = self.nulls.finish();
        Ok(match &mut self.values {
            Values::Boolean(bits) => Arc::new(BooleanArray::new(bits.finish(), nulls)),
            Values::Integer { values, .. } => {
                let array = Int64Array::new(take(values), nulls);
                return narrowed(Arc::new(array), &self.data_type);
            }
            Values::Double { values, .. } => {
                let array = Float64Array::new(take(values), nulls);
                return narrowed(Arc::new(array), &self.data_type);
            }
            Values::Decimal { values, .. } => {
                Arc::new(Decimal128Array::new(take(values), nulls).with_data_type(self.data_type.clone()))
            }
            Values::Date(values) => Arc::new(Date32Array::new(take(values), nulls)),
            Values::Timestamp { values, unit } => {
                let (unit, values) = (*unit, take(values));
                match unit {
                    TimeUnit::Second => self.timestamps::<TimestampSecondType>(values, nulls),
                    TimeUnit::Millisecond => self.timestamps::<TimestampMillisecondType>(values, nulls),
                    TimeUnit::Microsecond => self.timestamps::<TimestampMicrosecondType>(values, nulls),
                    TimeUnit::Nanosecond => self.timestamps::<TimestampNanosecondType>(values, nulls),
                }
            }
            Values::Text { ends, bytes } => {
                let mut next = Vec::with_capacity(ends.len());
                next.push(0);
                let ends = std::mem::replace(ends, next);
                let next = Vec::with_capacity(bytes.len());
                let bytes = std::mem::replace(bytes, next);
                let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
                Arc::new(StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls)?)
            }
            Values::Refused => new_null_array(&self.data_type, length),
        })
    }

    fn timestamps<T: ArrowPrimitiveType<Native = i64>>(
        &self,
        values: ScalarBuffer<i64>,
        nulls: Option<NullBuffer>,
    ) -> ArrayRef {
        Arc::new(PrimitiveArray::<T>::new(values, nulls).with_data_type(self.data_type.clone()))
    }
}

/// The values, leaving room for as many again.
fn take<T: arrow_buffer::ArrowNativeType>(values: &mut Vec<T>) -> ScalarBuffer<T> {
    let next = Vec::with_capacity(values.len());
    std::mem::replace(values, next).into()
}

/// `array` as a narrower type that its values are known to fit.
fn narrowed(array: ArrayRef, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == data_type { Ok(array) } else { cast(&array, data_type) }
}
