//! The text of single values and what it means, shared by CSV and JSON, by sampling and decoding.

pub(crate) mod calendar;
mod decimal;
mod kind;
mod number;
mod time;

pub(crate) use decimal::decimal;
pub(crate) use kind::{Kind, Kinds};
pub(crate) use number::{boolean, double, integer};
pub(crate) use time::{date, timestamp};
