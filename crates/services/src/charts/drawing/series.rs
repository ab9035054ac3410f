//! What is drawn over what: the first column as an axis, the others as numbers.

use model::{Error, Result};

use super::text::grouped;
use super::{Cell, Chart, Grid, note_of_cut, times};

/// The most series that can be told apart.
const MOST_SERIES: usize = 24;
/// Numbers beyond this are drawn as it: their differences would not be finite.
const LARGEST: f64 = 1e300;
/// Numbers closer to zero than this are drawn as zero: there is nothing between them to count by.
const SMALLEST: f64 = 1e-290;
/// What stands for a label that is NULL.
const NO_LABEL: &str = "(null)";

/// What the first column is.
#[derive(Clone, Debug, PartialEq)]
pub enum Along {
    /// One place a row.
    Categories(Vec<String>),
    /// Numbers; whether all are whole.
    Numbers(bool),
    /// Dates or times.
    Times,
}

/// A column of numbers, each with its place along the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    pub points: Vec<(f64, Option<f64>)>,
}

/// Everything that is to be drawn.
#[derive(Clone, Debug)]
pub struct Plot {
    pub over: String,
    pub along: Along,
    pub series: Vec<Series>,
    /// What the picture says of what it does not show.
    pub notes: Vec<String>,
}

impl Plot {
    /// The least and the greatest number; `None` where there is none.
    pub fn extent(&self) -> Option<(f64, f64)> {
        let numbers = self.series.iter().flat_map(|series| series.points.iter().filter_map(|point| point.1));
        extent(numbers)
    }

    /// The same along the axis.
    pub fn breadth(&self) -> Option<(f64, f64)> {
        extent(self.series.iter().flat_map(|series| series.points.iter().map(|point| point.0)))
    }

    pub fn are_whole(&self) -> bool {
        self.series
            .iter()
            .flat_map(|series| &series.points)
            .filter_map(|point| point.1)
            .all(|number| number.fract() == 0.0)
    }
}

fn extent(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    numbers.fold(None, |extent, number| match extent {
        None => Some((number, number)),
        Some((least, most)) => Some((number.min(least), number.max(most))),
    })
}

/// Reads a grid as a plot. With `categories` the first column is labels whatever it holds.
///
/// # Errors
/// `Invalid` where there are no columns to draw, more than can be told apart, or one without any number.
pub fn plot(chart: &Chart, grid: &Grid, categories: bool) -> Result<Plot> {
    let (over, names) = chart.headers.split_first().ok_or_else(|| too_few(chart))?;
    let (labels, columns) = grid.columns.split_first().ok_or_else(|| too_few(chart))?;
    if names.is_empty() {
        return Err(too_few(chart));
    }
    if names.len() > MOST_SERIES {
        let count = names.len();
        return Err(Error::invalid(format!("{count} series cannot be told apart; a chart has at most {MOST_SERIES}")));
    }
    let mut left_out = 0;
    let mut numbers = Vec::new();
    for (name, cells) in names.iter().zip(columns) {
        let read: Vec<Option<f64>> = cells.iter().map(number).collect();
        let unread = |(cell, number): &(&Cell, &Option<f64>)| **cell != Cell::Null && number.is_none();
        let odd: Vec<_> = cells.iter().zip(&read).filter(unread).collect();
        if let (Some((cell, _)), true) = (odd.first(), read.iter().all(Option::is_none)) {
            return Err(no_numbers(name, cell));
        }
        left_out += odd.len();
        numbers.push(read);
    }
    let along = if categories { None } else { continuous(labels) };
    let shown: Vec<usize> = (0..labels.len())
        .filter(|row| {
            let empty = labels[*row] == Cell::Null || numbers.iter().all(|column| column[*row].is_none());
            // On an axis of numbers there is no place for what has none.
            !(chart.hide_null_values && empty) && (along.is_none() || labels[*row] != Cell::Null)
        })
        .collect();
    let place = |(index, row): (usize, &usize)| match &along {
        None => index as f64 + 0.5,
        Some(Along::Times) => time(&labels[*row]).unwrap_or_default(),
        Some(_) => number(&labels[*row]).unwrap_or_default(),
    };
    let places: Vec<f64> = shown.iter().enumerate().map(place).collect();
    let series = names.iter().zip(numbers).map(|(name, column)| {
        let mut points: Vec<_> = places.iter().copied().zip(shown.iter().map(|row| column[*row])).collect();
        if along.is_some() {
            points.sort_by(|one, other| one.0.total_cmp(&other.0));
        }
        if chart.hide_null_values {
            points.retain(|point| point.1.is_some() || along.is_none() && categories);
        }
        Series { name: name.clone(), points }
    });
    let series = series.collect();
    let odd = (left_out > 0).then(|| match left_out {
        1 => "1 value that is no number is left out".to_owned(),
        count => format!("{} values that are no numbers are left out", grouped(count as u64)),
    });
    let along = along.unwrap_or_else(|| Along::Categories(shown.iter().map(|row| label(&labels[*row])).collect()));
    Ok(Plot { over: over.clone(), along, series, notes: note_of_cut(grid).into_iter().chain(odd).collect() })
}

fn too_few(chart: &Chart) -> Error {
    let count = chart.headers.len();
    Error::invalid(format!(
        "a {} takes at least two columns, labels and then numbers; `headers` names {count}",
        chart.chart_type
    ))
}

fn no_numbers(name: &str, cell: &Cell) -> Error {
    let told = match cell {
        Cell::Text(text) => format!("\"{}\"", text.chars().take(40).collect::<String>()),
        _ => "bytes".to_owned(),
    };
    Error::invalid(format!("column \"{name}\" holds no numbers to draw but {told}; name another one in `headers`"))
}

/// What a column is where every cell of it is a number, or every one a time.
fn continuous(labels: &[Cell]) -> Option<Along> {
    let mut cells = labels.iter().filter(|cell| **cell != Cell::Null).peekable();
    cells.peek()?;
    let all = |is: fn(&Cell) -> bool| labels.iter().all(|cell| *cell == Cell::Null || is(cell));
    if all(|cell| matches!(cell, Cell::Number(..))) {
        let whole = labels.iter().filter_map(number).all(|number| number.fract() == 0.0);
        return Some(Along::Numbers(whole));
    }
    all(|cell| time(cell).is_some()).then_some(Along::Times)
}

fn time(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Text(text) => times::parse(text),
        _ => None,
    }
}

/// The number in a cell; text that is one counts, since SQLite keeps numbers so in columns of text.
pub fn number(cell: &Cell) -> Option<f64> {
    let number = match cell {
        Cell::Number(number, _) => Some(*number),
        Cell::Text(text) => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()),
        Cell::Null | Cell::Blob => None,
    };
    number.map(|number| if number.abs() < SMALLEST { 0.0 } else { number.clamp(-LARGEST, LARGEST) })
}

/// What a cell is called.
pub fn label(cell: &Cell) -> String {
    match cell {
        Cell::Null => NO_LABEL.to_owned(),
        Cell::Number(_, text) | Cell::Text(text) => text.clone(),
        Cell::Blob => "(bytes)".to_owned(),
    }
}
