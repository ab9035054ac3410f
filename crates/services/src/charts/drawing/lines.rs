//! Lines, areas below lines, and points.

use model::Result;
use plotters::style::Color;

use super::canvas::{Canvas, Plane};
use super::series::{self, Series};
use super::{Chart, Grid, Kind, frame, numbers, palette};

/// Up to this many points of a line are marked.
const MARKED: usize = 40;
/// Where the least value is less than this part of the greatest, the axis begins at zero.
const NEAR_ZERO: f64 = 0.5;

pub fn draw(canvas: &mut Canvas<'_>, kind: Kind, chart: &Chart, grid: &Grid) -> Result<()> {
    let plot = series::plot(chart, grid, false)?;
    let place = frame::heading(canvas, chart, &plot.notes);
    let Some((least, most)) = plot.extent() else {
        frame::nothing(canvas, place, "no values to draw");
        return Ok(());
    };
    let place = frame::legend(canvas, place, plot.series.iter().map(|series| series.name.as_str()))?;
    let wanted = (place.height() / 48.0).clamp(2.0, 10.0) as usize;
    let (from, to) = with_zero(least, most, kind == Kind::Area);
    let up = numbers::enclosing(from, to, wanted, plot.are_whole());
    let plane = frame::axes(canvas, place, chart, &plot, &up)?;
    if kind == Kind::Area {
        for (index, series) in plot.series.iter().enumerate() {
            for run in runs(series) {
                area(&plane, run, index)?;
            }
        }
    }
    for (index, series) in plot.series.iter().enumerate() {
        let color = palette::series(index);
        if kind == Kind::Scatter {
            for (at, number) in &series.points {
                number.map_or(Ok(()), |number| plane.dot((*at, number), 3.5, color.mix(0.75)))?;
            }
            continue;
        }
        for run in runs(series) {
            let marked = run.len() == 1 || (kind == Kind::Line && series.points.len() <= MARKED);
            if marked {
                run.iter().try_for_each(|point| plane.dot(*point, 3.0, color.to_rgba()))?;
            }
            if run.len() > 1 {
                plane.line(run, color, 2.0)?;
            }
        }
    }
    Ok(())
}

/// The range to show: with zero where that must be, or costs little.
fn with_zero(least: f64, most: f64, needed: bool) -> (f64, f64) {
    let near = |small: f64, large: f64| needed || small.abs() < large.abs() * NEAR_ZERO;
    match (least > 0.0, most < 0.0) {
        (true, _) if near(least, most) => (0.0, most),
        (_, true) if near(most, least) => (least, 0.0),
        _ => (least, most),
    }
}

/// The points of a series without a gap between them, run by run.
fn runs(series: &Series) -> Vec<Vec<(f64, f64)>> {
    let runs = series.points.split(|point| point.1.is_none());
    let filled = runs.map(|run| run.iter().filter_map(|(at, number)| number.map(|number| (*at, number))).collect());
    filled.filter(|run: &Vec<_>| !run.is_empty()).collect()
}

fn area(plane: &Plane<'_>, run: Vec<(f64, f64)>, index: usize) -> Result<()> {
    let (Some(first), Some(last)) = (run.first().copied(), run.last().copied()) else { return Ok(()) };
    if run.len() < 2 {
        return Ok(());
    }
    let mut corners = vec![(first.0, 0.0)];
    corners.extend(run);
    corners.push((last.0, 0.0));
    plane.shape(corners, palette::series(index).mix(0.22))
}
