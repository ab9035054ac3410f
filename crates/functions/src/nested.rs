//! Functions of structs and maps.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, MapArray, StructArray, UInt64Array, new_null_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{DataType, Field, Fields, Int64Type};
use arrow::row::{RowConverter, SortField};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;

use crate::scalar::{Call, Function, Gives, Kind, form, function, item_of, list_of};

const MAP: &[Kind] = &[Kind::Map];
const MAP_AND_KEY: &[Kind] = &[Kind::Map, Kind::Any];

pub const FUNCTIONS: &[Function] = &[
    function(&["struct_keys"], &[form(&[Kind::Struct], Gives::Texts, struct_keys)]),
    function(&["struct_concat"], &[form(&[Kind::Struct], Gives::With(joined), struct_concat).repeats()]),
    function(&["map_keys"], &[form(MAP, Gives::With(|types| Ok(list_of(entry(&types[0], 0)))), |call| parts(call, 0))]),
    function(
        &["map_values"],
        &[form(MAP, Gives::With(|types| Ok(list_of(entry(&types[0], 1)))), |call| parts(call, 1))],
    ),
    function(&["map_entries"], &[form(MAP, Gives::With(entries), map_entries)]),
    function(
        &["cardinality"],
        &[
            form(MAP, Gives::With(|_| Ok(DataType::UInt64)), |call| {
                call.primitives::<Int64Type>(|row| Ok(Some(i64::from(map(call, 0).value_length(row)))))
            }),
            form(&[Kind::List], Gives::With(|_| Ok(DataType::UInt64)), |call| {
                call.primitives::<Int64Type>(|row| Ok(Some(i64::from(call.list(0).value_length(row)))))
            }),
        ],
    ),
    function(&["map_extract_value"], &[form(MAP_AND_KEY, Gives::With(|types| Ok(entry(&types[0], 1))), extract)]),
    function(
        &["map_extract", "element_at"],
        &[form(MAP_AND_KEY, Gives::With(|types| Ok(list_of(entry(&types[0], 1)))), extract_list)],
    ),
    function(
        &["map_contains"],
        &[form(MAP_AND_KEY, Gives::Bool, |call| {
            let places = places(call, 0)?;
            let only = Call { args: &call.args[..1], rows: call.rows, gives: call.gives, settings: call.settings };
            only.bools(|row| Ok(Some(places[row].is_some())))
        })],
    ),
    function(
        &["map_contains_value"],
        &[form(MAP_AND_KEY, Gives::Bool, |call| {
            let places = places(call, 1)?;
            let only = Call { args: &call.args[..1], rows: call.rows, gives: call.gives, settings: call.settings };
            only.bools(|row| Ok(Some(places[row].is_some())))
        })],
    ),
    function(&["map_from_entries"], &[form(&[Kind::List], Gives::With(from_entries), map_from_entries)]),
    function(&["map_concat"], &[form(MAP, Gives::First, map_concat).repeats()]),
];

fn map<'a>(call: &'a Call, position: usize) -> &'a MapArray {
    call.args[position].as_map()
}

/// The type of a map's keys (0) or values (1).
fn entry(map: &DataType, position: usize) -> DataType {
    match map {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => fields[position].data_type().clone(),
            _ => DataType::Null,
        },
        _ => DataType::Null,
    }
}

fn entries(types: &[DataType]) -> Result<DataType> {
    let fields = [Field::new("key", entry(&types[0], 0), true), Field::new("value", entry(&types[0], 1), true)];
    Ok(list_of(DataType::Struct(Fields::from_iter(fields))))
}

fn struct_keys(call: &Call) -> Result<ArrayRef> {
    let DataType::Struct(fields) = call.args[0].data_type().clone() else { return Ok(crate::scalar::nothing(call)) };
    call.text_lists(|_| Ok(Some(fields.iter().map(|field| field.name().clone()).collect())))
}

fn joined(types: &[DataType]) -> Result<DataType> {
    let mut fields: Vec<Arc<Field>> = Vec::new();
    for part in types {
        let DataType::Struct(more) = part else { return plan_err!("struct_concat takes structs") };
        if let Some(twice) = more.iter().find(|field| fields.iter().any(|known| known.name() == field.name())) {
            return plan_err!("struct_concat: two structs have a field {:?}", twice.name());
        }
        fields.extend(more.iter().cloned());
    }
    Ok(DataType::Struct(fields.into()))
}

fn struct_concat(call: &Call) -> Result<ArrayRef> {
    let DataType::Struct(fields) = call.gives else { return Ok(crate::scalar::nothing(call)) };
    let columns = call.args.iter().flat_map(|part| part.as_struct().columns().iter().cloned()).collect();
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, None)?))
}

fn column(map: &MapArray, position: usize) -> &ArrayRef {
    if position == 0 { map.keys() } else { map.values() }
}

fn list(map: &MapArray, values: ArrayRef, gives: &DataType) -> Result<ArrayRef> {
    let DataType::List(item) = gives else { return Ok(new_null_array(gives, map.len())) };
    let list = arrow::array::ListArray::try_new(item.clone(), map.offsets().clone(), values, map.nulls().cloned())?;
    Ok(Arc::new(list))
}

fn parts(call: &Call, position: usize) -> Result<ArrayRef> {
    list(map(call, 0), column(map(call, 0), position).clone(), call.gives)
}

fn map_entries(call: &Call) -> Result<ArrayRef> {
    let map = map(call, 0);
    let DataType::Struct(fields) = item_of(call.gives) else { return Ok(crate::scalar::nothing(call)) };
    let entries = StructArray::try_new(fields, vec![map.keys().clone(), map.values().clone()], None)?;
    list(map, Arc::new(entries), call.gives)
}

/// Where each row's map has this key (0) or value (1), among all entries.
fn places(call: &Call, position: usize) -> Result<Vec<Option<u64>>> {
    let map = map(call, 0);
    let there = column(map, position);
    let wanted = cast(&call.args[1], there.data_type())?;
    let converter = RowConverter::new(vec![SortField::new(there.data_type().clone())])?;
    let rows = converter.convert_columns(std::slice::from_ref(there))?;
    let wanted_rows = converter.convert_columns(std::slice::from_ref(&wanted))?;
    let find = |row: usize| {
        if map.is_null(row) || wanted.is_null(row) {
            return None;
        }
        let range = map.value_offsets()[row] as usize..map.value_offsets()[row + 1] as usize;
        range.into_iter().find(|entry| rows.row(*entry) == wanted_rows.row(row)).map(|entry| entry as u64)
    };
    Ok((0..call.rows).map(find).collect())
}

fn extract(call: &Call) -> Result<ArrayRef> {
    Ok(take(map(call, 0).values(), &UInt64Array::from(places(call, 0)?), None)?)
}

fn extract_list(call: &Call) -> Result<ArrayRef> {
    let places = places(call, 0)?;
    let only = Call { args: &call.args[..1], rows: call.rows, gives: call.gives, settings: call.settings };
    let lists = only.lists(|row| Ok(Some(usize::from(places[row].is_some()))))?;
    let found: Vec<u64> = places.iter().flatten().copied().collect();
    lists.of(take(map(call, 0).values(), &UInt64Array::from(found), None)?, call.gives)
}

/// The type of a map with these keys and values.
pub fn map_of(key: DataType, value: DataType) -> DataType {
    let fields = [Field::new("key", key, false), Field::new("value", value, true)];
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(Fields::from_iter(fields)), false)), false)
}

/// A map out of its entries.
pub fn map_array(
    gives: &DataType,
    lengths: Vec<usize>,
    keys: ArrayRef,
    values: ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let DataType::Map(field, _) = gives else { return exec_err!("{gives} is not a map") };
    let DataType::Struct(fields) = field.data_type() else { return exec_err!("{gives} is not a map") };
    let keys = cast(&keys, fields[0].data_type())?;
    let values = cast(&values, fields[1].data_type())?;
    let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(field.clone(), OffsetBuffer::from_lengths(lengths), entries, nulls, false)?))
}

fn from_entries(types: &[DataType]) -> Result<DataType> {
    match item_of(&types[0]) {
        DataType::Struct(fields) if fields.len() == 2 => {
            Ok(map_of(fields[0].data_type().clone(), fields[1].data_type().clone()))
        }
        _ => plan_err!("map_from_entries takes a list of structs of two fields: keys and values"),
    }
}

fn map_from_entries(call: &Call) -> Result<ArrayRef> {
    let list = call.list(0);
    let first = list.value_offsets()[0] as usize;
    let last = list.value_offsets()[list.len()] as usize;
    let entries = list.values().slice(first, last - first);
    let entries = entries.as_struct();
    let lengths = (0..list.len()).map(|row| list.value_length(row) as usize).collect();
    map_array(call.gives, lengths, entries.column(0).clone(), entries.column(1).clone(), list.nulls().cloned())
}

/// Of a key that several maps have, the last one's value counts.
fn map_concat(call: &Call) -> Result<ArrayRef> {
    let maps = call.args.iter().map(|map| Ok(cast(map, call.gives)?)).collect::<Result<Vec<ArrayRef>>>()?;
    let maps: Vec<&MapArray> = maps.iter().map(|map| map.as_map()).collect();
    let keys = concat(&maps.iter().map(|map| map.keys().as_ref()).collect::<Vec<&dyn Array>>())?;
    let values = concat(&maps.iter().map(|map| map.values().as_ref()).collect::<Vec<&dyn Array>>())?;
    let converter = RowConverter::new(vec![SortField::new(keys.data_type().clone())])?;
    let rows = converter.convert_columns(std::slice::from_ref(&keys))?;
    let mut lengths = Vec::with_capacity(call.rows);
    let (mut picked_keys, mut picked_values): (Vec<u64>, Vec<u64>) = (Vec::new(), Vec::new());
    for row in 0..call.rows {
        let start = picked_keys.len();
        let mut known = HashMap::new();
        let mut before = 0;
        for map in &maps {
            if map.is_valid(row) {
                for entry in map.value_offsets()[row] as usize..map.value_offsets()[row + 1] as usize {
                    let entry = before + entry;
                    match known.get(&rows.row(entry)) {
                        Some(place) => picked_values[*place] = entry as u64,
                        None => {
                            known.insert(rows.row(entry), picked_keys.len());
                            picked_keys.push(entry as u64);
                            picked_values.push(entry as u64);
                        }
                    }
                }
            }
            before += map.keys().len();
        }
        lengths.push(picked_keys.len() - start);
    }
    let keys = take(&keys, &UInt64Array::from(picked_keys), None)?;
    let values = take(&values, &UInt64Array::from(picked_values), None)?;
    map_array(call.gives, lengths, keys, values, None)
}
