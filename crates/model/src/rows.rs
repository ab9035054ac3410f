//! The one currency for bulk data: a schema and a stream of Arrow record batches.

use std::fmt;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

use crate::{Few, Result};

/// A schema plus a stream of record batches of that schema.
///
/// The stream ends after its first error. Dropping it stops the work behind it.
pub struct Rows(Source);

enum Source {
    Batches(SchemaRef, BoxStream<'static, Result<RecordBatch>>),
    /// Made a batch for whoever asks for one.
    Few(Few, OnceLock<RecordBatch>),
}

impl Rows {
    /// Rows of `schema`; every batch of the stream must have just that schema.
    pub fn new(schema: SchemaRef, batches: impl Stream<Item = Result<RecordBatch>> + Send + 'static) -> Self {
        Self(Source::Batches(schema, batches.boxed()))
    }

    /// Rows that are in memory already.
    pub fn from_batches(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self::new(schema, stream::iter(batches.into_iter().map(Ok)))
    }

    /// No rows of this schema.
    pub fn empty(schema: SchemaRef) -> Self {
        Self::from_batches(schema, Vec::new())
    }

    /// The columns.
    pub fn schema(&self) -> &SchemaRef {
        match &self.0 {
            Source::Batches(schema, _) => schema,
            Source::Few(few, batch) => batch.get_or_init(|| few.to_batch()).schema_ref(),
        }
    }

    /// How many rows there are, where they are few and all here.
    pub fn len_if_few(&self) -> Option<usize> {
        match &self.0 {
            Source::Batches(..) => None,
            Source::Few(few, _) => Some(few.rows().len()),
        }
    }

    /// The rows one after the other, where they are few and all here; else as they were.
    ///
    /// # Errors
    /// The rows themselves: they are a stream of batches.
    pub fn into_few(self) -> std::result::Result<Few, Self> {
        match self.0 {
            Source::Few(few, _) => Ok(few),
            batches @ Source::Batches(..) => Err(Self(batches)),
        }
    }

    /// Takes the schema and the stream apart.
    pub fn into_parts(self) -> (SchemaRef, BoxStream<'static, Result<RecordBatch>>) {
        match self.0 {
            Source::Batches(schema, batches) => (schema, batches),
            Source::Few(few, batch) => {
                let batch = batch.into_inner().unwrap_or_else(|| few.to_batch());
                let schema = batch.schema();
                let batches = (batch.num_rows() > 0).then_some(Ok(batch));
                (schema, stream::iter(batches).boxed())
            }
        }
    }

    /// Reads everything into memory: for results that the caller knows to be small, and for tests.
    ///
    /// # Errors
    /// The first error of the stream.
    pub async fn collect(self) -> Result<Vec<RecordBatch>> {
        self.into_parts().1.try_collect().await
    }
}

impl From<Few> for Rows {
    fn from(few: Few) -> Self {
        Self(Source::Few(few, OnceLock::new()))
    }
}

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Source::Few(few, batch) = &mut self.0 {
            let few = Self(Source::Few(std::mem::take(few), std::mem::take(batch)));
            let (schema, batches) = few.into_parts();
            self.0 = Source::Batches(schema, batches);
        }
        match &mut self.0 {
            Source::Batches(_, batches) => batches.poll_next_unpin(cx),
            Source::Few(..) => Poll::Ready(None),
        }
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("schema", self.schema()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use arrow_schema::DataType;
    use futures::FutureExt;

    use super::*;
    use crate::Datum;

    fn few() -> Rows {
        let mut few = Few::new(vec!["id".to_owned(), "name".to_owned()]);
        let cells = [Datum::Integer(7), Datum::Text("ann".to_owned()), Datum::Integer(8), Datum::Null];
        cells.into_iter().for_each(|cell| few.push(cell));
        few.into()
    }

    #[test]
    fn few_rows_are_rows_like_others() {
        assert_eq!(few().len_if_few(), Some(2));
        assert_eq!(few().schema().field(1).data_type(), &DataType::Utf8);
        let whole = few().collect().now_or_never().unwrap().unwrap();
        let mut one_by_one = few();
        assert_eq!(one_by_one.next().now_or_never().unwrap().unwrap().unwrap(), whole[0]);
        assert!(one_by_one.next().now_or_never().unwrap().is_none());
        assert_eq!(one_by_one.schema(), &whole[0].schema(), "also after they were read");
        assert_eq!(whole[0].column(0).as_primitive::<Int64Type>().values(), &[7, 8]);
        let batches = Rows::from_batches(whole[0].schema(), whole);
        assert!(batches.len_if_few().is_none() && batches.into_few().is_err());
    }

    #[test]
    fn few_rows_can_be_none() {
        let none: Rows = Few::new(vec!["id".to_owned()]).into();
        assert_eq!(none.schema().field(0).data_type(), &DataType::Null);
        assert!(none.collect().now_or_never().unwrap().unwrap().is_empty());
        assert_eq!(Rows::from(Few::default()).schema().fields().len(), 0);
    }
}
