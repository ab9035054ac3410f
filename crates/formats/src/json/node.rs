//! A column of JSON values while it is read: plain, list, object or map.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, MapArray, StructArray};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, FieldRef, Fields};
use model::name_key;

use crate::input::Column;

/// The values of one column since the last batch.
pub(super) enum Node {
    Plain(Column),
    List(List),
    Object(Object),
    Map(Map),
}

/// A column of arrays.
pub(super) struct List {
    field: FieldRef,
    pub(super) item: Box<Node>,
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

/// A column of objects with known keys. The records themselves are one.
pub(super) struct Object {
    fields: Fields,
    /// Positions by name, and by the name without letter case.
    positions: HashMap<String, usize>,
    pub(super) children: Vec<Node>,
    nulls: NullBufferBuilder,
}

/// A column of objects with any keys.
pub(super) struct Map {
    field: FieldRef,
    entries: Fields,
    pub(super) keys: Column,
    pub(super) values: Box<Node>,
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Node {
    pub(super) fn new(data_type: &DataType) -> Self {
        match data_type {
            DataType::List(field) => Self::List(List {
                field: field.clone(),
                item: Box::new(Self::new(field.data_type())),
                ends: vec![0],
                nulls: NullBufferBuilder::new(0),
            }),
            DataType::Struct(fields) => Self::Object(Object::new(fields)),
            DataType::Map(field, _) => match field.data_type() {
                DataType::Struct(entries) if entries.len() == 2 && entries[0].data_type() == &DataType::Utf8 => {
                    Self::Map(Map {
                        field: field.clone(),
                        entries: entries.clone(),
                        keys: Column::new(entries[0].data_type()),
                        values: Box::new(Self::new(entries[1].data_type())),
                        ends: vec![0],
                        nulls: NullBufferBuilder::new(0),
                    })
                }
                _ => Self::Plain(Column::new(data_type)),
            },
            plain => Self::Plain(Column::new(plain)),
        }
    }

    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Plain(column) => column.data_type().clone(),
            Self::List(list) => DataType::List(list.field.clone()),
            Self::Object(object) => DataType::Struct(object.fields.clone()),
            Self::Map(map) => DataType::Map(map.field.clone(), false),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Plain(column) => column.len(),
            Self::List(list) => list.nulls.len(),
            Self::Object(object) => object.nulls.len(),
            Self::Map(map) => map.nulls.len(),
        }
    }

    pub(super) fn append_null(&mut self) {
        match self {
            Self::Plain(column) => column.append_null(),
            Self::List(list) => list.end(false),
            Self::Object(object) => {
                object.children.iter_mut().for_each(Node::append_null);
                object.nulls.append_null();
            }
            Self::Map(map) => map.end(false),
        }
    }

    /// The values since the last batch, as an array.
    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Plain(column) => return column.finish(),
            Self::List(list) => {
                let items = list.item.finish()?;
                let nulls = list.nulls.finish();
                Arc::new(ListArray::try_new(list.field.clone(), offsets(&mut list.ends), items, nulls)?)
            }
            Self::Object(object) => Arc::new(object.finish()?),
            Self::Map(map) => {
                let entries = vec![map.keys.finish()?, map.values.finish()?];
                let entries = StructArray::try_new(map.entries.clone(), entries, None)?;
                let nulls = map.nulls.finish();
                Arc::new(MapArray::try_new(map.field.clone(), offsets(&mut map.ends), entries, nulls, false)?)
            }
        })
    }
}

impl List {
    /// Ends one array: what was appended to `item` since the last one belongs to it.
    pub(super) fn end(&mut self, valid: bool) {
        self.ends.push(position(self.item.len()));
        self.nulls.append(valid);
    }
}

impl Map {
    /// Ends one object: what was appended to `keys` and `values` since the last one belongs to it.
    pub(super) fn end(&mut self, valid: bool) {
        self.ends.push(position(self.keys.len()));
        self.nulls.append(valid);
    }
}

impl Object {
    pub(super) fn new(fields: &Fields) -> Self {
        let mut positions = HashMap::new();
        for (position, field) in fields.iter().enumerate() {
            positions.entry(name_key(field.name())).or_insert(position);
        }
        for (position, field) in fields.iter().enumerate() {
            positions.insert(field.name().clone(), position);
        }
        let children = fields.iter().map(|field| Node::new(field.data_type())).collect();
        Self { fields: fields.clone(), positions, children, nulls: NullBufferBuilder::new(0) }
    }

    pub(super) fn len(&self) -> usize {
        self.nulls.len()
    }

    /// The position of a key. Records mostly have their keys in the order of the columns, so `likely` is tried first.
    pub(super) fn position(&self, key: &[u8], likely: usize) -> Option<usize> {
        if self.fields.get(likely).is_some_and(|field| field.name().as_bytes() == key) {
            return Some(likely);
        }
        let key = std::str::from_utf8(key).ok()?;
        self.positions.get(key).or_else(|| self.positions.get(&name_key(key))).copied()
    }

    pub(super) fn name(&self, position: usize) -> &str {
        self.fields[position].name()
    }

    /// Ends one object: children that got no value get NULL.
    pub(super) fn end(&mut self) {
        let length = self.nulls.len() + 1;
        for child in &mut self.children {
            if child.len() < length {
                child.append_null();
            }
        }
        self.nulls.append_non_null();
    }

    /// The objects since the last batch.
    pub(super) fn finish(&mut self) -> Result<StructArray, ArrowError> {
        let length = self.nulls.len();
        let arrays = self.children.iter_mut().map(Node::finish).collect::<Result<Vec<_>, _>>()?;
        StructArray::try_new_with_length(self.fields.clone(), arrays, self.nulls.finish(), length)
    }
}

fn position(length: usize) -> i32 {
    i32::try_from(length).expect("a chunk is smaller than two gigabytes")
}

fn offsets(ends: &mut Vec<i32>) -> OffsetBuffer<i32> {
    OffsetBuffer::new(ScalarBuffer::from(std::mem::replace(ends, vec![0])))
}
