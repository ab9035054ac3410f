//! The drawing of charts as SVG. plotters places and writes the shapes; text is written here, for labels are turned by any
//! angle, and what the table holds is text and nothing else.

mod bars;
mod canvas;
mod frame;
mod lines;
mod numbers;
mod palette;
mod pie;
mod series;
mod table;
mod text;
mod times;

use model::{Error, Result};

use super::Chart;
use super::rows::{Cell, Grid};

/// How large a picture is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureSize {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl PictureSize {
    /// The smallest: below it there is no room for labels.
    pub const LEAST: Self = Self { width: 200, height: 150 };
    /// The largest.
    pub const MOST: Self = Self { width: 4_000, height: 4_000 };

    pub(super) fn check(self) -> Result<()> {
        for (name, given, least, most) in [
            ("width", self.width, Self::LEAST.width, Self::MOST.width),
            ("height", self.height, Self::LEAST.height, Self::MOST.height),
        ] {
            if !(least..=most).contains(&given) {
                return Err(Error::invalid(format!("`{name}` is {given}; give pixels from {least} to {most}")));
            }
        }
        Ok(())
    }
}

impl Default for PictureSize {
    fn default() -> Self {
        Self { width: 800, height: 480 }
    }
}

/// The ways to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bar,
    Line,
    Area,
    Scatter,
    Pie,
    Table,
}

const KINDS: [(&str, Kind); 6] = [
    ("BarChart", Kind::Bar),
    ("LineChart", Kind::Line),
    ("AreaChart", Kind::Area),
    ("ScatterChart", Kind::Scatter),
    ("PieChart", Kind::Pie),
    ("TableChart", Kind::Table),
];

impl Kind {
    /// For whoever has the picture read out.
    fn words(self) -> &'static str {
        match self {
            Self::Bar => "Bar chart",
            Self::Line => "Line chart",
            Self::Area => "Area chart",
            Self::Scatter => "Scatter chart",
            Self::Pie => "Pie chart",
            Self::Table => "Table",
        }
    }
}

/// How a chart is drawn, by its type.
///
/// # Errors
/// `Invalid` for a type that is kept and not known here.
pub(super) fn kind(chart: &Chart) -> Result<Kind> {
    KINDS.into_iter().find(|(word, _)| *word == chart.chart_type).map(|(_, kind)| kind).ok_or_else(|| {
        let words = KINDS.map(|(word, _)| word).join(", ");
        Error::invalid(format!("a chart of type {:?} is kept and cannot be drawn; {words} can", chart.chart_type))
    })
}

/// Draws a chart.
///
/// # Errors
/// `Invalid` for columns that cannot be drawn so.
pub(super) fn draw(kind: Kind, chart: &Chart, grid: &Grid, size: PictureSize) -> Result<String> {
    let described = describe(kind, chart, grid);
    canvas::picture(size, &chart.title, &described, |canvas| match kind {
        Kind::Table => table::draw(canvas, chart, grid),
        Kind::Pie => pie::draw(canvas, chart, grid),
        Kind::Bar => bars::draw(canvas, chart, grid),
        Kind::Line | Kind::Area | Kind::Scatter => lines::draw(canvas, kind, chart, grid),
    })
}

fn describe(kind: Kind, chart: &Chart, grid: &Grid) -> String {
    let rows = match (grid.rows(), grid.cut) {
        (1, false) => "1 row".to_owned(),
        (rows, false) => format!("{rows} rows"),
        (rows, true) => format!("the first {rows} rows"),
    };
    let (over, shown) = chart.headers.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    match (kind, shown) {
        (Kind::Table, _) | (_, []) => format!("{} of {rows} of {}", kind.words(), chart.table),
        _ => format!("{} of {} by {over}, {rows} of {}", kind.words(), shown.join(", "), chart.table),
    }
}

/// What is said below the picture of rows that it does not show.
fn note_of_cut(grid: &Grid) -> Option<String> {
    grid.cut.then(|| format!("only the first {} rows are shown", text::grouped(grid.rows() as u64)))
}

#[cfg(test)]
mod tests;
