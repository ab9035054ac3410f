//! What stands around a drawing: title, legend, notes, and axes with their labels.

use model::Result;
use plotters::style::{Color, RGBColor};

use super::Chart;
use super::canvas::{Anchor, Canvas, Place, Plane, Style};
use super::numbers::{self, Ticks};
use super::palette;
use super::series::{Along, Plot};
use super::text::{shortened, width};
use super::times;

/// Text of labels, in pixels.
pub const LABEL: f64 = 12.0;
const SMALL: f64 = 11.0;
/// A line of the legend.
const LINE: f64 = 20.0;
/// The widest name in the legend.
const NAME: f64 = 180.0;
/// How many lines the legend takes at most.
const LEGEND_LINES: usize = 3;
/// Below this turn labels stand as if they were level.
const LEVEL: f64 = 0.1;

/// Empty space at the edges.
pub fn margin(canvas: &Canvas<'_>) -> f64 {
    (canvas.width().min(canvas.height()) * 0.045).clamp(8.0, 22.0)
}

/// Writes the title above and the notes below; what is left is for the drawing.
pub fn heading(canvas: &mut Canvas<'_>, chart: &Chart, notes: &[String]) -> Place {
    let margin = margin(canvas);
    let mut place =
        Place { left: margin, top: margin, right: canvas.width() - margin, bottom: canvas.height() - margin };
    if !chart.title.trim().is_empty() {
        let size = if canvas.width() < 420.0 { 14.0 } else { 17.0 };
        let title = shortened(chart.title.trim(), size * 1.06, place.width());
        let style = Style { bold: true, ..Style::new(size, palette::INK) };
        canvas.write(&title, (place.left, place.top + size / 2.0), style);
        place.top += size + 10.0;
    }
    if !notes.is_empty() {
        let note = shortened(&notes.join("; "), SMALL, place.width());
        canvas.write(&note, (place.left, place.bottom - SMALL / 2.0), Style::new(SMALL, palette::SOFT));
        place.bottom -= SMALL + 7.0;
    }
    place
}

/// Says in the middle why nothing is drawn.
pub fn nothing(canvas: &mut Canvas<'_>, place: Place, why: &str) {
    let middle = ((place.left + place.right) / 2.0, (place.top + place.bottom) / 2.0);
    canvas.write(why, middle, Style::new(14.0, palette::SOFT).anchored(Anchor::Middle));
}

/// Writes which colour is what, in lines from the top of `place`, and answers what is left of it.
pub fn legend<'n>(
    canvas: &mut Canvas<'_>,
    mut place: Place,
    names: impl ExactSizeIterator<Item = &'n str>,
) -> Result<Place> {
    let count = names.len();
    let (mut x, mut line) = (place.left, 0);
    for (index, name) in names.enumerate() {
        let name = shortened(name, LABEL, NAME.min(place.width() - 18.0));
        let wide = 16.0 + width(&name, LABEL);
        if x > place.left && x + wide > place.right {
            (x, line) = (place.left, line + 1);
        }
        let y = place.top + line as f64 * LINE + LINE / 2.0 - 2.0;
        if line == LEGEND_LINES - 1 && x + wide + 60.0 > place.right && index + 1 < count {
            let more = format!("{} more", count - index);
            canvas.write(&more, (x, y), Style::new(LABEL, palette::SOFT));
            break;
        }
        swatch(canvas, (x, y), palette::series(index))?;
        canvas.write(&name, (x + 16.0, y), Style::new(LABEL, palette::INK));
        x += wide + 18.0;
    }
    place.top += (line + 1) as f64 * LINE + 6.0;
    Ok(place)
}

/// A square of a colour, its middle at the height of `y`.
pub fn swatch(canvas: &Canvas<'_>, (x, y): (f64, f64), color: RGBColor) -> Result<()> {
    canvas.pixels().fill((x, y - 5.0), (x + 10.0, y + 5.0), color.to_rgba())
}

/// Draws both axes within `place`, and answers the plane between them.
pub fn axes<'a>(canvas: &mut Canvas<'a>, place: Place, chart: &Chart, plot: &Plot, up: &Ticks) -> Result<Plane<'a>> {
    let numbers: Vec<String> = up.at.iter().map(|at| up.label(*at)).collect();
    let widest = numbers.iter().map(|text| width(text, LABEL)).fold(0.0, f64::max);
    let mut inner = place;
    inner.left += widest.min(place.width() * 0.3) + 10.0;
    // Half of the last label stands beyond the end of an axis of numbers.
    inner.right -= if matches!(plot.along, Along::Categories(_)) { 0.0 } else { 14.0 };
    inner.top += LABEL / 2.0;
    inner.bottom -= LABEL + 8.0;
    let turn = Turn::of(chart.label_rotation);
    let labels = labels(plot, inner, turn, canvas.width());
    inner.bottom -= labels.height + 10.0;
    let plane = canvas.plane(inner, labels.range.clone(), up.range.clone());
    let (left, right) = (labels.range.start, labels.range.end);
    for (at, number) in up.at.iter().zip(&numbers) {
        let y = plane.pixel((left, *at)).1;
        plane.line(vec![(left, *at), (right, *at)], palette::GRID, 1.0)?;
        canvas.write(number, (inner.left - 8.0, y), Style::new(LABEL, palette::SOFT).anchored(Anchor::End));
    }
    let base = if up.range.contains(&0.0) { 0.0 } else { up.range.start };
    plane.line(vec![(left, base), (right, base)], palette::BASE, 1.0)?;
    let pixels = canvas.pixels();
    let marked = !matches!(plot.along, Along::Categories(_));
    for (at, label) in &labels.at {
        let x = plane.pixel((*at, up.range.start)).0;
        if marked {
            pixels.line(vec![(x, inner.bottom), (x, inner.bottom + 4.0)], palette::BASE, 1.0)?;
        }
        canvas.write(label, (x, inner.bottom + turn.drop()), turn.style());
    }
    let over = shortened(&plot.over, LABEL, inner.width());
    let middle = ((inner.left + inner.right) / 2.0, place.bottom - LABEL / 2.0);
    canvas.write(&over, middle, Style::new(LABEL, palette::SOFT).anchored(Anchor::Middle));
    Ok(plane)
}

/// How labels are turned, so that none stands on its head.
#[derive(Clone, Copy, Debug)]
struct Turn {
    degrees: f64,
    sine: f64,
    cosine: f64,
}

impl Turn {
    fn of(degrees: i64) -> Self {
        let around = (degrees + 180).rem_euclid(360) - 180;
        let upright = match around {
            91.. => around - 180,
            ..=-91 => around + 180,
            other => other,
        };
        let radians = (upright as f64).to_radians();
        Self { degrees: upright as f64, sine: radians.sin(), cosine: radians.cos().max(0.0) }
    }

    fn is_level(self) -> bool {
        self.sine.abs() < LEVEL
    }

    /// How far below the axis the point is around which a label is turned.
    fn drop(self) -> f64 {
        if self.is_level() { 15.0 } else { 9.0 + 5.0 * self.cosine }
    }

    fn style(self) -> Style {
        let anchor = match self.sine {
            _ if self.is_level() => Anchor::Middle,
            sine if sine > 0.0 => Anchor::Start,
            _ => Anchor::End,
        };
        Style { rotation: self.degrees, ..Style::new(LABEL, palette::SOFT).anchored(anchor) }
    }
}

/// The labels along an axis, with their places, and how much height they take.
struct Labels {
    range: std::ops::Range<f64>,
    at: Vec<(f64, String)>,
    height: f64,
}

fn labels(plot: &Plot, place: Place, turn: Turn, picture: f64) -> Labels {
    let (least, most) = plot.breadth().unwrap_or((0.0, 1.0));
    let wanted = (place.width() / 90.0).clamp(2.0, 12.0) as usize;
    let (range, at) = match &plot.along {
        Along::Categories(names) => return categories(names, place, turn, picture),
        Along::Numbers(whole) => {
            let ticks = numbers::within(least, most, wanted, *whole);
            let at = ticks.at.iter().map(|at| (*at, ticks.label(*at))).collect();
            (ticks.range, at)
        }
        Along::Times => {
            let days = plot.series.iter().flat_map(|series| &series.points).all(|point| times::is_day(point.0));
            let (range, ticks) = times::within(least, most, wanted, days);
            (range, ticks.into_iter().map(|tick| (tick.at, tick.label)).collect::<Vec<_>>())
        }
    };
    let longest = at.iter().map(|(_, text)| width(text, LABEL)).fold(0.0, f64::max);
    Labels { range, at, height: longest * turn.sine.abs() + LABEL }
}

/// As many of the names as there is room for, shortened where that makes room for more.
fn categories(names: &[String], place: Place, turn: Turn, picture: f64) -> Labels {
    let count = names.len().max(1) as f64;
    let band = place.width() / count;
    let longest = names.iter().map(|name| width(name, LABEL)).fold(0.0, f64::max);
    // Level labels may be cut to what is between them; turned ones to a third of the height.
    let (every, room) = if turn.is_level() {
        let every = if band >= 56.0 { 1.0 } else { ((longest.min(100.0) + 8.0) / band).ceil().max(1.0) };
        (every, (band * every - 8.0).max(LABEL))
    } else {
        let apart = (LABEL + 2.0) / turn.sine.abs();
        let room = place.height() * 0.36 / turn.sine.abs();
        ((apart.min(longest + 8.0) / band).ceil().max(1.0), room.max(30.0))
    };
    let mut height: f64 = LABEL;
    let shown = names.iter().enumerate().step_by(every as usize).map(|(index, name)| {
        let at = index as f64 + 0.5;
        let x = place.left + at * band;
        // No label leaves the picture: a level one on either side, a turned one on that which it leans to.
        let edge = match turn.sine {
            _ if turn.is_level() => 2.0 * (picture - 2.0 - x).min(x - 2.0),
            sine if sine > 0.0 => picture - 4.0 - x,
            _ => x - 4.0,
        };
        let name = shortened(name, LABEL, room.min(edge / turn.cosine.max(0.01)));
        height = height.max(width(&name, LABEL) * turn.sine.abs() + LABEL * turn.cosine);
        (at, name)
    });
    let at = shown.collect();
    Labels { range: 0.0..count, at, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_stands_on_its_head() {
        for (given, turned) in
            [(0, 0.0), (45, 45.0), (-45, -45.0), (90, 90.0), (135, -45.0), (180, 0.0), (270, -90.0), (-360, 0.0)]
        {
            assert_eq!(Turn::of(given).degrees, turned, "{given}");
        }
    }

    fn shown(names: &[&str], wide: f64, degrees: i64) -> Labels {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let place = Place { left: 50.0, top: 0.0, right: 50.0 + wide, bottom: 300.0 };
        categories(&names, place, Turn::of(degrees), wide + 70.0)
    }

    #[test]
    fn labels_that_do_not_fit_are_cut_or_left_out() {
        assert_eq!(shown(&["Chile", "Peru"], 300.0, 0).at.len(), 2);
        let long = shown(&["United Kingdom", "Liechtenstein"], 130.0, 0);
        assert!(long.at.len() == 2 && long.at.iter().all(|(_, name)| name.ends_with('…')));
        let many: Vec<&str> = (0..1_000).map(|_| "2024-01-01").collect();
        let thinned = shown(&many, 800.0, 0);
        assert!((5..=12).contains(&thinned.at.len()), "{}", thinned.at.len());
        let turned = shown(&many, 800.0, -90);
        assert!((40..=60).contains(&turned.at.len()), "{}", turned.at.len());
    }

    #[test]
    fn turned_labels_take_height_and_have_a_limit() {
        let long = "x".repeat(200);
        let turned = shown(&[&long, &long], 400.0, -60);
        assert!(turned.height < 300.0 * 0.5, "{}", turned.height);
    }
}
