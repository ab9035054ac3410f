//! What the records of a sample have in common.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use indexmap::IndexMap;
use model::{Error, Result, name_key};

use super::fault::{Origin, Stop};
use super::reader::{Reader, Token};
use super::record;
use crate::cell::{Kind, Kinds};
use crate::input::Chunk;

/// The most keys that become columns of a table. More of them are data, not names.
pub(super) const MAX_COLUMNS: usize = 4_096;

/// The most keys that become fields of a nested column; an object with more stays JSON text.
const MAX_FIELDS: usize = 512;

/// The values that were seen in one place.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Booleans, numbers and strings.
    kinds: Kinds,
    /// The elements of arrays.
    items: Option<Box<Shape>>,
    /// The values of objects by key, in the order of first appearance.
    fields: Option<IndexMap<String, Shape>>,
}

/// Adds the records of `chunks` to `shape`; answers how many they are.
///
/// # Errors
/// As [`record::read`].
pub(super) fn sample(chunks: &[Chunk], shape: &mut Shape) -> Result<usize> {
    let mut records = 0;
    for chunk in chunks {
        records += record::read(chunk, Origin::Sample { records }, |reader| add_object(shape, reader))?;
    }
    Ok(records)
}

impl Shape {
    /// The columns of records of this shape.
    ///
    /// # Errors
    /// `Invalid` where there are none, too many, or two whose names differ in letter case alone.
    pub(super) fn schema(&self) -> Result<SchemaRef> {
        let fields = self.fields.iter().flatten();
        let columns: Vec<Field> = fields.map(|(name, shape)| Field::new(name, shape.data_type(), true)).collect();
        if columns.is_empty() {
            return Err(Error::invalid(
                "the body has no record with a key, so that no columns can be known; send at least one record or \
                 create the table first (CREATE TABLE …) and upload with mode=append",
            ));
        }
        if columns.len() > MAX_COLUMNS {
            return Err(Error::invalid(format!(
                "the records have more than {MAX_COLUMNS} different keys, which cannot all become columns"
            )));
        }
        let mut taken = HashMap::new();
        for column in &columns {
            if let Some(other) = taken.insert(name_key(column.name()), column.name()) {
                return Err(Error::invalid(format!(
                    "the keys {other:?} and {:?} differ in letter case alone, which does not tell columns apart; \
                     rename one of them",
                    column.name()
                )));
            }
        }
        Ok(Arc::new(Schema::new(columns)))
    }

    /// Every key with the type of its values; none where they were all null.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, Option<DataType>)> {
        let data_type = |shape: &Shape| {
            let is_null = shape.kinds.is_empty() && shape.items.is_none() && shape.fields.is_none();
            (!is_null).then(|| shape.data_type())
        };
        self.fields.iter().flatten().map(move |(name, shape)| (name.as_str(), data_type(shape)))
    }

    /// The type that keeps every value: text, as JSON where values of different sorts meet.
    fn data_type(&self) -> DataType {
        match (self.kinds.is_empty(), &self.items, &self.fields) {
            (true, Some(items), None) => DataType::List(Arc::new(Field::new("item", items.data_type(), true))),
            (true, None, Some(fields)) if (1..=MAX_FIELDS).contains(&fields.len()) => {
                DataType::Struct(fields.iter().map(|(name, shape)| Field::new(name, shape.data_type(), true)).collect())
            }
            (_, None, None) => self.kinds.data_type(),
            _ => DataType::Utf8,
        }
    }
}

/// Adds the next value to `shape`.
fn add(shape: &mut Shape, reader: &mut Reader<'_>) -> Result<(), Stop> {
    match reader.begin()? {
        Token::Null => {}
        Token::Boolean(_) => shape.kinds.add(Kind::Boolean),
        Token::Number(range) => shape.kinds.add(Kind::of(reader.number(range))),
        Token::String(text) => {
            if !shape.kinds.is_text() {
                shape.kinds.add(Kind::of_time(reader.string(&text)));
            }
        }
        Token::Array => {
            let items = shape.items.get_or_insert_default();
            let mut count = 0;
            while reader.next_element(&mut count)? {
                add(items, reader)?;
            }
        }
        Token::Object => add_object(shape, reader)?,
    }
    Ok(())
}

/// Adds an object whose bracket was read.
pub(super) fn add_object(shape: &mut Shape, reader: &mut Reader<'_>) -> Result<(), Stop> {
    let fields = shape.fields.get_or_insert_default();
    let mut count = 0;
    while let Some(key) = reader.next_key(&mut count)? {
        let key = String::from_utf8_lossy(reader.string(&key));
        if let Some(known) = fields.get_mut(key.as_ref()) {
            add(known, reader)?;
        } else if fields.len() <= MAX_COLUMNS {
            let key = key.into_owned();
            add(fields.entry(key).or_default(), reader)?;
        } else {
            // So many are too many already: the rest need not be kept to say so.
            let value = reader.begin()?;
            reader.skip(&value)?;
        }
    }
    Ok(())
}
