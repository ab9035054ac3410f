//! Times as texts.

use arrow::array::ArrayRef;
use chrono::format::{DelayedFormat, Item};
use chrono::{FixedOffset, Offset};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;

use super::calendar::Moment;
use super::letters::items;
use crate::scalar::{Call, Function, Gives, Kind, form, function};

pub const FUNCTIONS: &[Function] = &[
    function(
        &["strftime"],
        &[
            form(&[Kind::Date, Kind::Text], Gives::Text, |call| format(call, 0, 1)),
            form(&[Kind::Timestamp, Kind::Text], Gives::Text, |call| format(call, 0, 1)),
            form(&[Kind::Instant, Kind::Text], Gives::Text, |call| format(call, 0, 1)),
            form(&[Kind::Text, Kind::Date], Gives::Text, |call| format(call, 1, 0)),
            form(&[Kind::Text, Kind::Timestamp], Gives::Text, |call| format(call, 1, 0)),
            form(&[Kind::Text, Kind::Instant], Gives::Text, |call| format(call, 1, 0)),
        ],
    ),
    function(
        &["dayname"],
        &[
            form(&[Kind::Timestamp], Gives::Text, |call| formatted(call, "%A")),
            form(&[Kind::Instant], Gives::Text, |call| formatted(call, "%A")),
        ],
    ),
    function(
        &["monthname"],
        &[
            form(&[Kind::Timestamp], Gives::Text, |call| formatted(call, "%B")),
            form(&[Kind::Instant], Gives::Text, |call| formatted(call, "%B")),
        ],
    ),
];

fn known(format: &str) -> Result<Vec<Item<'static>>> {
    items(format).map_err(|wrong| {
        exec_datafusion_err!("{wrong:?} is not a format of dates: it takes %Y, %m, %d, %H, %M, %S and others")
    })
}

fn format(call: &Call, times: usize, formats: usize) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[times])?;
    let mut last: Option<(String, Vec<Item<'static>>)> = None;
    call.texts(|row| {
        let format = call.text(formats).value(row);
        if last.as_ref().is_none_or(|(before, _)| before != format) {
            last = Some((format.to_owned(), known(format)?));
        }
        let items = last.as_ref().map(|(_, items)| items.as_slice()).unwrap_or_default();
        text(&moments, row, items).map(Some)
    })
}

fn formatted(call: &Call, format: &str) -> Result<ArrayRef> {
    let moments = Moment::of(&call.args[0])?;
    let items = known(format)?;
    call.texts(|row| text(&moments, row, &items).map(Some))
}

fn text(moments: &Moment, row: usize, items: &[Item<'static>]) -> Result<String> {
    let time = moments.local(row)?;
    let offset = i32::try_from(moments.offset(row)).ok().and_then(FixedOffset::east_opt);
    let offset = offset.unwrap_or_else(|| chrono::Utc.fix());
    let zone = match moments.zone() {
        Some(zone) => format!("{zone:?}"),
        None => "UTC".to_owned(),
    };
    let named = (zone, offset);
    let parts = DelayedFormat::new_with_offset(Some(time.date()), Some(time.time()), &ZoneName(&named), items.iter());
    let mut text = String::new();
    std::fmt::Write::write_fmt(&mut text, format_args!("{parts}"))
        .map_err(|_| exec_datafusion_err!("a time cannot be written so"))?;
    Ok(text)
}

/// An offset under the name of its zone.
#[derive(Clone)]
struct ZoneName<'a>(&'a (String, FixedOffset));

impl std::fmt::Display for ZoneName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.0)
    }
}

impl std::fmt::Debug for ZoneName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.0)
    }
}

impl Offset for ZoneName<'_> {
    fn fix(&self) -> FixedOffset {
        self.0.1
    }
}
