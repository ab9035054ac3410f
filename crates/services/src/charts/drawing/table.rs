//! The rows themselves, as many as there is room for.

use model::Result;
use plotters::style::Color;

use super::canvas::{Anchor, Canvas, Place, Style};
use super::frame::{self, LABEL};
use super::series::label;
use super::text::{grouped, printable, shortened, width};
use super::{Cell, Chart, Grid, note_of_cut, palette};

/// The height of a row.
const ROW: f64 = 25.0;
/// Space between columns.
const GAP: f64 = 20.0;
/// The widest and the narrowest column.
const WIDEST: f64 = 320.0;
const NARROWEST: f64 = 44.0;
/// How many rows are measured.
const MEASURED: usize = 200;

/// A column as it is shown.
struct Column {
    name: String,
    cells: Vec<(String, bool)>,
    numbers: bool,
    wide: f64,
}

pub fn draw(canvas: &mut Canvas<'_>, chart: &Chart, grid: &Grid) -> Result<()> {
    let kept = rows(chart, grid);
    // Whether there is a note depends on the room, which depends on whether there is a note.
    let room = |height: f64| ((height - ROW) / ROW).floor().max(0.0) as usize;
    let without =
        canvas.height() - 2.0 * frame::margin(canvas) - if chart.title.trim().is_empty() { 0.0 } else { 27.0 };
    let fits = !grid.cut && kept.len() <= room(without);
    let mut columns = columns(chart, grid, &kept);
    let left_out = fit(&mut columns, canvas.width() - 2.0 * frame::margin(canvas));
    let mut notes = Vec::new();
    if !fits {
        let shown = kept.len().min(room(without - 18.0));
        let of = grouped(kept.len() as u64);
        let more = if grid.cut { format!("more than {of}") } else { of };
        notes.push(format!("the first {} of {more} rows", grouped(shown as u64)));
    }
    match left_out {
        0 => {}
        1 => notes.push("1 column is left out".to_owned()),
        count => notes.push(format!("{count} columns are left out")),
    }
    if grid.cut && fits {
        notes.extend(note_of_cut(grid));
    }
    let place = frame::heading(canvas, chart, &notes);
    write(canvas, place, &columns, room(place.height()))
}

/// The rows that are shown: all, or those with a value.
fn rows(chart: &Chart, grid: &Grid) -> Vec<usize> {
    let empty = |row: usize| grid.columns.iter().all(|cells| cells[row] == Cell::Null);
    (0..grid.rows()).filter(|row| !(chart.hide_null_values && empty(*row))).collect()
}

fn columns(chart: &Chart, grid: &Grid, rows: &[usize]) -> Vec<Column> {
    let columns = chart.headers.iter().zip(&grid.columns).map(|(name, cells)| {
        let name = printable(name);
        let shown: Vec<(String, bool)> = rows.iter().take(MEASURED).map(|row| text(&cells[*row])).collect();
        let numbers = rows.iter().any(|row| matches!(cells[*row], Cell::Number(..)))
            && rows.iter().all(|row| matches!(cells[*row], Cell::Number(..) | Cell::Null));
        let measured = shown.iter().map(|(text, _)| width(text, LABEL)).fold(width(&name, LABEL * 1.06), f64::max);
        Column { name, cells: shown, numbers, wide: measured.clamp(NARROWEST, WIDEST) }
    });
    columns.collect()
}

/// A cell as text, and whether that stands for what is no text.
fn text(cell: &Cell) -> (String, bool) {
    match cell {
        Cell::Null => ("null".to_owned(), true),
        Cell::Blob => ("bytes".to_owned(), true),
        other => (printable(&label(other)), false),
    }
}

/// Makes columns narrower until they fit, the widest first, and leaves out those that still do not. Answers how many.
fn fit(columns: &mut Vec<Column>, room: f64) -> usize {
    let most = ((room + GAP) / (NARROWEST + GAP)).floor().max(1.0) as usize;
    let left_out = columns.len().saturating_sub(most);
    columns.truncate(most);
    let gaps = GAP * columns.len().saturating_sub(1) as f64;
    let mut limit = WIDEST;
    while limit > NARROWEST && columns.iter().map(|column| column.wide.min(limit)).sum::<f64>() + gaps > room {
        limit -= 4.0;
    }
    columns.iter_mut().for_each(|column| column.wide = column.wide.min(limit.max(NARROWEST)));
    left_out
}

fn write(canvas: &mut Canvas<'_>, place: Place, columns: &[Column], room: usize) -> Result<()> {
    let pixels = canvas.pixels();
    let rows = columns.first().map_or(0, |column| column.cells.len().min(room));
    for row in (1..rows).step_by(2) {
        let top = place.top + ROW * (row + 1) as f64;
        pixels.fill((place.left - 6.0, top), (place.right + 6.0, top + ROW), palette::STRIPE.to_rgba())?;
    }
    let line = place.top + ROW;
    pixels.line(vec![(place.left - 6.0, line), (place.right + 6.0, line)], palette::BASE, 1.0)?;
    // What is left of the width goes between the columns, as far as the eye still follows a row.
    let taken: f64 = columns.iter().map(|column| column.wide).sum();
    let gap = ((place.width() - taken) / columns.len().saturating_sub(1).max(1) as f64).clamp(GAP, GAP * 4.0);
    let mut left = place.left;
    for column in columns {
        let (x, anchor) = if column.numbers { (left + column.wide, Anchor::End) } else { (left, Anchor::Start) };
        let head = Style { bold: true, ..Style::new(LABEL, palette::INK).anchored(anchor) };
        canvas.write(&shortened(&column.name, LABEL * 1.06, column.wide), (x, place.top + ROW / 2.0), head);
        for (row, (text, faint)) in column.cells.iter().take(rows).enumerate() {
            let color = if *faint { palette::BASE } else { palette::INK };
            let y = place.top + ROW * (row as f64 + 1.5);
            canvas.write(&shortened(text, LABEL, column.wide), (x, y), Style::new(LABEL, color).anchored(anchor));
        }
        left += column.wide + gap;
    }
    if rows == 0 {
        frame::nothing(canvas, Place { top: line, ..place }, "no rows");
    }
    Ok(())
}
