//! Bars, side by side where there are several series. They rise from zero, or hang from it.

use model::Result;
use plotters::style::Color;

use super::canvas::Canvas;
use super::series::{self, Along};
use super::{Chart, Grid, frame, numbers, palette};

/// How much of the place of a row its bars take.
const SHARE: f64 = 0.76;
/// Below this many pixels a row there is no space between rows.
const DENSE: f64 = 4.0;

pub fn draw(canvas: &mut Canvas<'_>, chart: &Chart, grid: &Grid) -> Result<()> {
    let plot = series::plot(chart, grid, true)?;
    let place = frame::heading(canvas, chart, &plot.notes);
    let Some((least, most)) = plot.extent() else {
        frame::nothing(canvas, place, "no values to draw");
        return Ok(());
    };
    let place = frame::legend(canvas, place, plot.series.iter().map(|series| series.name.as_str()))?;
    let wanted = (place.height() / 48.0).clamp(2.0, 10.0) as usize;
    let up = numbers::enclosing(least.min(0.0), most.max(0.0), wanted, plot.are_whole());
    let plane = frame::axes(canvas, place, chart, &plot, &up)?;
    let rows = match &plot.along {
        Along::Categories(names) => names.len().max(1) as f64,
        _ => 1.0,
    };
    let share = if place.width() / rows < DENSE { 1.0 } else { SHARE };
    // A bar of less than a pixel would hardly be seen.
    let least = rows / plane.width();
    let wide = (share / plot.series.len() as f64).max(least);
    for (index, series) in plot.series.iter().enumerate() {
        let color = palette::series(index).to_rgba();
        for (at, number) in &series.points {
            let Some(number) = number else { continue };
            let left = at - share / 2.0 + index as f64 * wide;
            plane.fill((left, 0.0), (left + wide, *number), color)?;
        }
    }
    Ok(())
}
