//! An engine that knows a handful of statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::{Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use futures::stream::{self, StreamExt};
use model::{Catalogs, Engine, Error, Explained, Query, Result, Rows, Suggestion, SuggestionKind};

/// The engine, and how many of its endless statements run.
#[derive(Default)]
pub struct FakeEngine {
    pub endless: Arc<AtomicUsize>,
}

pub const INTERNAL: &str = "the disk at /secret/path is gone";

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new("name", DataType::Utf8, true),
        Field::new("height", DataType::Float64, true),
    ]))
}

fn batch(from: i64) -> RecordBatch {
    let ids = Int64Array::from(vec![Some(from), Some(from + 1)]);
    let names = StringArray::from(vec![Some("Ann \"A\""), None]);
    let heights = Float64Array::from(vec![Some(1.5), Some(2.25)]);
    RecordBatch::try_new(schema(), vec![Arc::new(ids), Arc::new(names), Arc::new(heights)]).unwrap()
}

/// Counts a statement as running for as long as it lives.
struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Engine for FakeEngine {
    async fn run(&self, query: Query, _catalogs: Arc<dyn Catalogs>) -> Result<Rows> {
        match query.statement.as_str() {
            "ROWS" => Ok(Rows::from_batches(schema(), vec![batch(1), batch(3)])),
            "NONE" => Ok(Rows::empty(schema())),
            "LATE" => {
                let failure = Error::invalid("Conversion Error: late");
                Ok(Rows::new(schema(), stream::iter([Ok(batch(1)), Err(failure)])))
            }
            "FIRST" => Ok(Rows::new(schema(), stream::iter([Err(Error::invalid("Conversion Error: first"))]))),
            "INTERNAL" => Err(Error::internal(INTERNAL)),
            "FORBIDDEN" => Err(Error::forbidden("reading only")),
            "PANIC" => panic!("{INTERNAL}"),
            "PLANNING" => futures::future::pending().await,
            "ENDLESS" => {
                self.endless.fetch_add(1, Ordering::SeqCst);
                let alive = Alive(Arc::clone(&self.endless));
                let batches = stream::iter([Ok(batch(1))]).chain(stream::pending());
                Ok(Rows::new(schema(), batches.inspect(move |_| _ = &alive)))
            }
            other => Err(Error::invalid(format!("Parser Error: {other}"))),
        }
    }

    async fn validate(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<()> {
        self.run(query, catalogs).await.map(drop)
    }

    async fn explain(&self, query: Query, catalogs: Arc<dyn Catalogs>) -> Result<Explained> {
        self.run(query, catalogs).await.map(|_| Explained::default())
    }

    async fn autocomplete(
        &self,
        query: Query,
        cursor: usize,
        limit: usize,
        _catalogs: Arc<dyn Catalogs>,
    ) -> Result<Vec<Suggestion>> {
        let all = ["ROWS", "NONE", "LATE"].into_iter().filter(|word| word.starts_with(&query.statement[..cursor]));
        let suggestion = |text: &str| Suggestion {
            text: text.to_owned(),
            start: 0,
            kind: SuggestionKind::Keyword,
            score: 0,
            next: None,
        };
        Ok(all.take(limit).map(suggestion).collect())
    }
}
