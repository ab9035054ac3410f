//! Cells that hold other cells: lists, structs, maps and unions.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, UnionArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field};
use model::Result;

use super::Cells;
use crate::encode::Blobs;
use crate::encode::text::push_json_string;

/// Where the items of each row's list are among all items.
pub(super) enum Ranges {
    Offsets(OffsetBuffer<i32>),
    LargeOffsets(OffsetBuffer<i64>),
    Views { starts: ScalarBuffer<i32>, lengths: ScalarBuffer<i32> },
    LargeViews { starts: ScalarBuffer<i64>, lengths: ScalarBuffer<i64> },
    Fixed { first: usize, length: usize },
}

impl Ranges {
    fn of(&self, row: usize) -> std::ops::Range<usize> {
        // Arrow keeps positions as signed integers that are never negative.
        let range = |start: i64, end: i64| start as usize..end as usize;
        match self {
            Self::Offsets(offsets) => range(offsets[row].into(), offsets[row + 1].into()),
            Self::LargeOffsets(offsets) => range(offsets[row], offsets[row + 1]),
            Self::Views { starts, lengths } => {
                range(starts[row].into(), i64::from(starts[row]) + i64::from(lengths[row]))
            }
            Self::LargeViews { starts, lengths } => range(starts[row], starts[row] + lengths[row]),
            Self::Fixed { first, length } => first + row * length..first + (row + 1) * length,
        }
    }
}

pub(super) enum Nested {
    List {
        ranges: Ranges,
        items: Cells,
    },
    /// Each field with its name as JSON and a colon.
    Struct(Vec<(Vec<u8>, Cells)>),
    Map {
        offsets: OffsetBuffer<i32>,
        keys: Cells,
        values: Cells,
    },
    Union {
        array: UnionArray,
        members: Vec<(i8, Cells)>,
    },
}

impl Nested {
    /// None for a type that is not nested.
    pub(super) fn new(array: &ArrayRef, blobs: Blobs) -> Result<Option<Self>> {
        let list = |ranges, values: &ArrayRef, item: &Field| {
            Ok::<_, model::Error>(Self::List { ranges, items: Cells::new(values, item, blobs)? })
        };
        Ok(Some(match array.data_type() {
            DataType::List(item) => {
                let array = array.as_list::<i32>();
                list(Ranges::Offsets(array.offsets().clone()), array.values(), item)?
            }
            DataType::LargeList(item) => {
                let array = array.as_list::<i64>();
                list(Ranges::LargeOffsets(array.offsets().clone()), array.values(), item)?
            }
            DataType::ListView(item) => {
                let array = array.as_list_view::<i32>();
                let (starts, lengths) = (array.offsets().clone(), array.sizes().clone());
                list(Ranges::Views { starts, lengths }, array.values(), item)?
            }
            DataType::LargeListView(item) => {
                let array = array.as_list_view::<i64>();
                let (starts, lengths) = (array.offsets().clone(), array.sizes().clone());
                list(Ranges::LargeViews { starts, lengths }, array.values(), item)?
            }
            DataType::FixedSizeList(item, length) => {
                let array = array.as_fixed_size_list();
                let first = array.value_offset(0) as usize;
                list(Ranges::Fixed { first, length: *length as usize }, array.values(), item)?
            }
            DataType::Struct(fields) => {
                let mut cells = Vec::with_capacity(fields.len());
                for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                    let mut name = Vec::new();
                    push_json_string(&mut name, field.name().as_bytes());
                    name.push(b':');
                    cells.push((name, Cells::new(column, field, blobs)?));
                }
                Self::Struct(cells)
            }
            DataType::Map(..) => {
                let array = array.as_map();
                let (keys, values) = array.entries_fields();
                Self::Map {
                    offsets: array.offsets().clone(),
                    keys: Cells::new(array.keys(), keys, blobs)?,
                    values: Cells::new(array.values(), values, blobs)?,
                }
            }
            DataType::Union(fields, _) => {
                let array = array.as_union().clone();
                let mut members = Vec::with_capacity(fields.len());
                for (type_id, field) in fields.iter() {
                    members.push((type_id, Cells::new(array.child(type_id), field, blobs)?));
                }
                Self::Union { array, members }
            }
            _ => return Ok(None),
        }))
    }

    /// The cell that a union's cell stands for.
    pub(super) fn member(&self, row: usize) -> Option<(&Cells, usize)> {
        let Self::Union { array, members } = self else { return None };
        let type_id = array.type_id(row);
        let (_, cells) = members.iter().find(|(id, _)| *id == type_id)?;
        Some((cells, array.value_offset(row)))
    }

    pub(super) fn push_json(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::List { ranges, items } => {
                out.push(b'[');
                for (position, item) in ranges.of(row).enumerate() {
                    if position > 0 {
                        out.push(b',');
                    }
                    items.push_json(item, out);
                }
                out.push(b']');
            }
            Self::Struct(fields) => {
                out.push(b'{');
                for (position, (name, cells)) in fields.iter().enumerate() {
                    if position > 0 {
                        out.push(b',');
                    }
                    out.extend_from_slice(name);
                    cells.push_json(row, out);
                }
                out.push(b'}');
            }
            Self::Map { offsets, keys, values } => {
                out.push(b'{');
                let (start, end) = (offsets[row] as usize, offsets[row + 1] as usize);
                for entry in start..end {
                    if entry > start {
                        out.push(b',');
                    }
                    keys.push_key(entry, out);
                    out.push(b':');
                    values.push_json(entry, out);
                }
                out.push(b'}');
            }
            Self::Union { .. } => match self.member(row) {
                Some((cells, position)) => cells.push_json(position, out),
                None => out.extend_from_slice(b"null"),
            },
        }
    }
}
