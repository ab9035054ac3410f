//! Slices of a circle, clockwise from the top, with a legend that has their values.

use std::f64::consts::TAU;

use model::Result;
use plotters::style::Color;

use super::canvas::{Anchor, Canvas, Place, Style};
use super::frame::{self, LABEL};
use super::series::{self, Along};
use super::text::{grouped, shortened, width};
use super::{Chart, Grid, numbers, palette};

/// More slices than these are put together as one.
const MOST_SLICES: usize = 12;
/// The height of a line of the legend.
const LINE: f64 = 22.0;

struct Slice {
    name: String,
    value: f64,
}

pub fn draw(canvas: &mut Canvas<'_>, chart: &Chart, grid: &Grid) -> Result<()> {
    let plot = series::plot(chart, grid, true)?;
    let mut notes = plot.notes.clone();
    let first = &plot.series[0];
    if plot.series.len() > 1 {
        notes.push(format!("of the columns only {} is shown", first.name));
    }
    let Along::Categories(names) = plot.along else { return Ok(()) };
    let values = names.into_iter().zip(&first.points).filter_map(|(name, point)| Some((name, point.1?)));
    let (shown, negative): (Vec<_>, Vec<_>) = values.partition(|(_, value)| *value >= 0.0);
    match negative.len() {
        0 => {}
        1 => notes.push("1 negative value is not shown".to_owned()),
        count => notes.push(format!("{} negative values are not shown", grouped(count as u64))),
    }
    let place = frame::heading(canvas, chart, &notes);
    let slices = slices(shown);
    // The sum of large numbers need not be finite, that of their parts of the largest is.
    let largest = slices.iter().map(|slice| slice.value).fold(0.0, f64::max);
    if largest <= 0.0 {
        frame::nothing(canvas, place, "no values to draw");
        return Ok(());
    }
    let total: f64 = slices.iter().map(|slice| slice.value / largest).sum();
    let shares: Vec<f64> = slices.iter().map(|slice| slice.value / largest / total).collect();
    let across = place.height().min(place.width() * 0.48);
    let circle = Place { right: place.left + across, ..place };
    draw_circle(canvas, circle, across / 2.0, &shares)?;
    let legend = Place { left: circle.right + 28.0, ..place };
    draw_legend(canvas, legend, &slices, &shares)
}

/// One a row, in their order; of very many the largest, and what the others are together.
fn slices(rows: Vec<(String, f64)>) -> Vec<Slice> {
    let mut slices: Vec<Slice> = rows.into_iter().map(|(name, value)| Slice { name, value }).collect();
    if slices.len() <= MOST_SLICES {
        return slices;
    }
    slices.sort_by(|one, other| other.value.total_cmp(&one.value));
    let rest = slices.split_off(MOST_SLICES - 1);
    let value = rest.iter().map(|slice| slice.value).sum::<f64>().min(f64::MAX);
    slices.push(Slice { name: format!("{} others", grouped(rest.len() as u64)), value });
    slices
}

fn draw_circle(canvas: &Canvas<'_>, place: Place, radius: f64, shares: &[f64]) -> Result<()> {
    let middle = ((place.left + place.right) / 2.0, (place.top + place.bottom) / 2.0);
    let pixels = canvas.pixels();
    let point = |turn: f64| {
        let angle = turn * TAU;
        (middle.0 + radius * angle.sin(), middle.1 - radius * angle.cos())
    };
    let mut from = 0.0;
    let mut edges = Vec::new();
    for (index, share) in shares.iter().enumerate() {
        let to = from + share;
        // A corner at every degree, and at both ends.
        let steps = (share * 360.0).ceil().max(1.0) as usize;
        let arc = (0..=steps).map(|step| point(from + share * step as f64 / steps as f64));
        pixels.shape(std::iter::once(middle).chain(arc).collect(), palette::series(index).to_rgba())?;
        edges.push(from);
        from = to;
    }
    // Lines of the paper's colour keep slices apart whose colours are alike.
    if shares.iter().filter(|share| **share > 0.0).count() > 1 {
        edges.into_iter().try_for_each(|edge| pixels.line(vec![middle, point(edge)], palette::PAPER, 1.5))?;
    }
    Ok(())
}

fn draw_legend(canvas: &mut Canvas<'_>, place: Place, slices: &[Slice], shares: &[f64]) -> Result<()> {
    let lines = (place.height() / LINE).floor().max(1.0) as usize;
    let shown = if slices.len() > lines { lines.saturating_sub(1).max(1) } else { slices.len() };
    let top = (place.top + place.bottom - shown as f64 * LINE) / 2.0;
    let figures: Vec<(String, String)> = slices
        .iter()
        .zip(shares)
        .map(|(slice, share)| (numbers::plain(slice.value), format!("{:.1} %", share * 100.0)))
        .collect();
    let widest = |text: fn(&(String, String)) -> &String| {
        figures.iter().map(|figure| width(text(figure), LABEL)).fold(0.0, f64::max)
    };
    let (values, percents) = (widest(|figure| &figure.0), widest(|figure| &figure.1));
    let with_values = place.width() > values + percents + 110.0;
    let right = place.right.min(place.left + 340.0);
    for (index, (slice, (value, percent))) in slices.iter().zip(&figures).take(shown).enumerate() {
        let y = top + (index as f64 + 0.5) * LINE;
        frame::swatch(canvas, (place.left, y), palette::series(index))?;
        let end = right - percents - 14.0 - if with_values { values + 14.0 } else { 0.0 };
        let name = shortened(&slice.name, LABEL, end - place.left - 16.0);
        canvas.write(&name, (place.left + 16.0, y), Style::new(LABEL, palette::INK));
        let style = Style::new(LABEL, palette::SOFT).anchored(Anchor::End);
        canvas.write(percent, (right, y), style);
        if with_values {
            canvas.write(value, (right - percents - 14.0, y), Style { color: palette::INK, ..style });
        }
    }
    if shown < slices.len() {
        let y = top + (shown as f64 + 0.5) * LINE;
        let more = format!("{} more", slices.len() - shown);
        canvas.write(&more, (place.left + 16.0, y), Style::new(LABEL, palette::SOFT));
    }
    Ok(())
}
