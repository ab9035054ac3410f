//! Some rows of an upsert, in the order of the key, with a hash table over their keys.

use std::hash::BuildHasher;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::row::Rows;
use datafusion::common::ScalarValue;
use hashbrown::{DefaultHashBuilder, HashTable};
use model::{Error, Result};

use super::columns::Columns;

/// Rows that are matched together. Each key stands in it once.
pub struct Slice {
    /// The rows, sorted by key.
    pub rows: RecordBatch,
    keys: Rows,
    cursors: Option<Rows>,
    /// The first column of the key, by which files are skipped.
    leading: ArrayRef,
    hasher: DefaultHashBuilder,
    table: HashTable<u32>,
}

impl Slice {
    /// Hashes the keys of rows.
    pub fn new(rows: RecordBatch, columns: &Columns) -> Result<Self> {
        let keys = columns.keys(&rows)?;
        let cursors = columns.has_cursor().then(|| columns.cursors(&rows)).transpose()?;
        let leading = rows.column(columns.key[0]).clone();
        let hasher = DefaultHashBuilder::default();
        let mut table = HashTable::with_capacity(keys.num_rows());
        for (number, key) in keys.iter().enumerate() {
            let number = u32::try_from(number).map_err(Error::internal)?;
            let hash_of = |other: &u32| hasher.hash_one(keys.row(*other as usize).data());
            table.insert_unique(hasher.hash_one(key.data()), number, hash_of);
        }
        Ok(Self { rows, keys, cursors, leading, hasher, table })
    }

    /// The row with this key.
    pub fn find(&self, key: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        self.table.find(hash, |number| self.keys.row(*number as usize).data() == key).copied()
    }

    /// Whether a row takes the place of one that has this cursor.
    pub fn beats(&self, number: u32, stored: &[u8]) -> bool {
        self.cursors.as_ref().is_none_or(|cursors| cursors.row(number as usize).data() > stored)
    }

    /// Whether a key may lie between these bounds of the first column of the key. What cannot be compared may.
    pub fn touches(&self, least: Option<&ScalarValue>, greatest: Option<&ScalarValue>) -> bool {
        let least = least.and_then(|bound| bound.cast_to(self.leading.data_type()).ok());
        let greatest = greatest.and_then(|bound| bound.cast_to(self.leading.data_type()).ok());
        let count = self.rows.num_rows();
        let first = match &least {
            Some(least) if !least.is_null() => {
                let (mut from, mut to) = (0, count);
                while from < to {
                    let middle = usize::midpoint(from, to);
                    if self.is_less(middle, least) { from = middle + 1 } else { to = middle }
                }
                from
            }
            _ => 0,
        };
        if first == count {
            return false;
        }
        match &greatest {
            Some(greatest) if !greatest.is_null() => !self.is_greater(first, greatest),
            _ => true,
        }
    }

    fn is_less(&self, number: usize, bound: &ScalarValue) -> bool {
        self.value(number).and_then(|value| value.partial_cmp(bound)).is_some_and(std::cmp::Ordering::is_lt)
    }

    fn is_greater(&self, number: usize, bound: &ScalarValue) -> bool {
        self.value(number).and_then(|value| value.partial_cmp(bound)).is_some_and(std::cmp::Ordering::is_gt)
    }

    fn value(&self, number: usize) -> Option<ScalarValue> {
        ScalarValue::try_from_array(&self.leading, number).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use model::Upsert;

    use super::*;

    fn slice() -> Slice {
        let schema = Arc::new(Schema::new(vec![
            Field::new("id", DataType::Int64, true),
            Field::new("at", DataType::Utf8, true),
        ]));
        let upsert = Upsert { key: vec!["id".into()], cursor: vec!["at".into()] };
        let columns = Columns::new(&schema, &schema, &upsert).unwrap();
        let ids = Arc::new(Int64Array::from(vec![10, 20, 40])) as ArrayRef;
        let at = Arc::new(StringArray::from(vec![Some("b"), None, Some("")])) as ArrayRef;
        Slice::new(RecordBatch::try_new(schema, vec![ids, at]).unwrap(), &columns).unwrap()
    }

    #[test]
    fn bounds_without_a_key_between_them_are_not_touched() {
        let slice = slice();
        let touches = |least: i64, greatest: i64| slice.touches(Some(&least.into()), Some(&greatest.into()));
        assert!(touches(0, 10) && touches(10, 10) && touches(15, 25) && touches(0, 100));
        assert!(!touches(0, 9) && !touches(21, 39) && !touches(41, 50));
        assert!(slice.touches(None, None) && slice.touches(Some(&40i64.into()), None));
        assert!(!slice.touches(Some(&41i64.into()), None));
    }

    #[test]
    fn null_beats_nothing_and_every_value_beats_null() {
        let slice = slice();
        let columns = |text: Option<&str>| {
            let schema = Arc::new(Schema::new(vec![Field::new("at", DataType::Utf8, true)]));
            let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(StringArray::from(vec![text])) as ArrayRef]);
            let upsert = Upsert { key: vec!["at".into()], cursor: vec!["at".into()] };
            let columns = Columns::new(&schema, &schema, &upsert).unwrap();
            columns.cursors(&batch.unwrap()).unwrap().row(0).data().to_vec()
        };
        let beats = |number: u32, stored: Option<&str>| slice.beats(number, &columns(stored));
        assert!(beats(0, Some("a")) && beats(0, Some("")) && beats(0, None));
        assert!(!beats(0, Some("b")) && !beats(0, Some("c")));
        assert!(!beats(1, None) && !beats(1, Some("")));
        assert!(beats(2, None) && !beats(2, Some("")));
    }
}
