//! How often values come: mode, histogram, entropy; and JSON of groups.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int32Array, UInt64Array};
use arrow::compute::{sort_to_indices, take};
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, SortField};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;

use super::collected::{Collected, one_any};
use crate::nested::{map_array, map_of};

pub const FUNCTIONS: &[Collected] = &[
    Collected {
        names: &["mode"],
        takes: one_any,
        gives: |types| Ok(types[0].clone()),
        of: |columns, _| {
            let counts = counts(&columns[0])?;
            let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
            let first = counts.iter().find(|(_, count)| *count == most).map_or(0, |(row, _)| *row);
            ScalarValue::try_from_array(&columns[0], first)
        },
        with_nulls: false,
    },
    Collected {
        names: &["entropy"],
        takes: one_any,
        gives: |_| Ok(DataType::Float64),
        of: |columns, _| {
            let all = columns[0].len() as f64;
            let part = |(_, count): (usize, u64)| {
                let share = count as f64 / all;
                -share * share.log2()
            };
            Ok(ScalarValue::Float64(Some(counts(&columns[0])?.into_iter().map(part).sum())))
        },
        with_nulls: false,
    },
    Collected {
        names: &["histogram"],
        takes: one_any,
        gives: |types| Ok(map_of(types[0].clone(), DataType::UInt64)),
        of: histogram,
        with_nulls: false,
    },
    Collected {
        names: &["json_group_array"],
        takes: one_any,
        gives: |_| Ok(DataType::Utf8View),
        of: |columns, _| {
            let items = (0..columns[0].len()).map(|row| crate::json::node(&columns[0], row)).collect::<Result<_>>()?;
            Ok(ScalarValue::Utf8View(Some(crate::json::written(&crate::json::Node::Array(items)))))
        },
        with_nulls: true,
    },
    Collected {
        names: &["json_group_object"],
        takes: |types| match types {
            [_, value] => Ok(vec![DataType::Utf8View, value.clone()]),
            _ => plan_err!("Binder Error: json_group_object takes a key and a value"),
        },
        gives: |_| Ok(DataType::Utf8View),
        of: |columns, _| {
            let keys = arrow::array::AsArray::as_string_view(&columns[0]);
            let member = |row: usize| Ok((keys.value(row).to_owned().into(), crate::json::node(&columns[1], row)?));
            let members = (0..keys.len()).map(member).collect::<Result<_>>()?;
            Ok(ScalarValue::Utf8View(Some(crate::json::written(&crate::json::Node::Object(members)))))
        },
        with_nulls: false,
    },
];

/// Each value, by the row where it comes first, and how often it comes.
fn counts(values: &ArrayRef) -> Result<Vec<(usize, u64)>> {
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
    let rows = converter.convert_columns(std::slice::from_ref(values))?;
    let mut places = HashMap::new();
    let mut counts: Vec<(usize, u64)> = Vec::new();
    for row in 0..values.len() {
        let place = *places.entry(rows.row(row)).or_insert_with(|| {
            counts.push((row, 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
    }
    Ok(counts)
}

fn histogram(columns: &[ArrayRef], gives: &DataType) -> Result<ScalarValue> {
    let counts = counts(&columns[0])?;
    let first: UInt64Array = counts.iter().map(|(row, _)| *row as u64).collect();
    let keys = take(&columns[0], &first, None)?;
    let order: Int32Array =
        sort_to_indices(&keys, None, None)?.iter().map(|place| place.map(|place| place as i32)).collect();
    let keys = take(&keys, &order, None)?;
    let times: UInt64Array = counts.iter().map(|(_, count)| *count).collect();
    let times = take(&times, &order, None)?;
    let map = map_array(gives, vec![keys.len()], keys, times, None)?;
    Ok(ScalarValue::Map(Arc::new(arrow::array::AsArray::as_map(&map).clone())))
}
