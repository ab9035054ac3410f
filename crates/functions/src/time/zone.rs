//! Clocks of zones.

use arrow::array::ArrayRef;
use arrow::array::timezone::Tz;
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;

use super::calendar::{Moment, instant, local};
use crate::scalar::{Call, Function, Gives, Kind, form, function};

pub const FUNCTIONS: &[Function] = &[function(
    &["timezone"],
    &[
        form(&[Kind::Text, Kind::Timestamp], Gives::Instant, |call| {
            let moments = Moment::of(&call.args[1])?;
            each(call, |zone, row| instant(moments.micros(row), zone))
        }),
        form(&[Kind::Text, Kind::Instant], Gives::Timestamp, |call| {
            let moments = Moment::of(&call.args[1])?;
            each(call, |zone, row| Ok(local(moments.instant(row), zone)))
        }),
    ],
)];

fn each(call: &Call, of: impl Fn(&Tz, usize) -> Result<i64>) -> Result<ArrayRef> {
    let mut last: Option<(String, Tz)> = None;
    call.primitives::<TimestampMicrosecondType>(|row| {
        let name = call.text(0).value(row);
        let zone = match &last {
            Some((known, zone)) if known == name => *zone,
            _ => {
                let zone = name.parse().map_err(|_| {
                    exec_datafusion_err!("the time zone {name:?} is not known; use an IANA name such as Europe/Paris")
                })?;
                last = Some((name.to_owned(), zone));
                zone
            }
        };
        of(&zone, row).map(Some)
    })
}
