//! A picture: shapes that plotters writes, and text over them.

use std::fmt::Write;
use std::ops::Range;

use model::{Error, Result};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle};
use plotters::prelude::SVGBackend;
use plotters::style::{Color, RGBAColor, RGBColor, ShapeStyle};

use super::PictureSize;
use super::palette;
use super::text::{coordinate, escaped, printable};

/// plotters counts in whole units; a pixel has this many.
const UNITS: f64 = 8.0;
/// The fonts of the pages around it.
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Inter, Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

type Backend<'a> = SVGBackend<'a>;

/// A rectangle of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Place {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// Where text stands with regard to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// How text is written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub size: f64,
    pub color: RGBColor,
    pub bold: bool,
    pub anchor: Anchor,
    /// Clockwise, in degrees, around its point.
    pub rotation: f64,
}

impl Style {
    pub fn new(size: f64, color: RGBColor) -> Self {
        Self { size, color, bold: false, anchor: Anchor::Start, rotation: 0.0 }
    }

    pub fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

/// What is drawn on.
pub struct Canvas<'a> {
    area: DrawingArea<Backend<'a>, Shift>,
    texts: String,
    size: PictureSize,
}

/// A part of a picture with coordinates of its own.
pub struct Plane<'a> {
    area: DrawingArea<Backend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
}

/// Draws a picture; `title` and `described` are what it is read out as.
pub fn picture(
    size: PictureSize,
    title: &str,
    described: &str,
    paint: impl FnOnce(&mut Canvas<'_>) -> Result<()>,
) -> Result<String> {
    let scaled = |pixels: u32| pixels * UNITS as u32;
    let (width, height) = (size.width, size.height);
    let mut shapes = String::new();
    let area = SVGBackend::with_string(&mut shapes, (scaled(width), scaled(height))).into_drawing_area();
    let mut canvas = Canvas { area, texts: String::new(), size };
    paint(&mut canvas)?;
    canvas.area.present().map_err(fault)?;
    let texts = std::mem::take(&mut canvas.texts);
    drop(canvas);
    // The shapes come as a document of their own, of which the inside is wanted.
    let inside =
        shapes.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</svg>")).map_or("", |(inside, _)| inside);
    let [title, described] = [title, described].map(|text| escaped(&printable(text)));
    let RGBColor(red, green, blue) = palette::PAPER;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\">\n"
    );
    let written = write!(
        svg,
        "<title>{title}</title>\n<desc>{described}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#{red:02x}{green:02x}{blue:02x}\"/>\n\
         <g transform=\"scale({})\" stroke-linejoin=\"round\" stroke-linecap=\"round\">{inside}</g>\n{texts}</svg>\n",
        1.0 / UNITS
    );
    written.expect("a String takes everything");
    Ok(svg)
}

impl<'a> Canvas<'a> {
    pub fn width(&self) -> f64 {
        self.size.width.into()
    }

    pub fn height(&self) -> f64 {
        self.size.height.into()
    }

    /// A part of the picture in which `x` grows to the right and `y` upwards.
    pub fn plane(&self, place: Place, x: Range<f64>, y: Range<f64>) -> Plane<'a> {
        let units = |pixels: f64| (pixels * UNITS).round() as i32;
        let across = units(place.left)..units(place.right);
        let down = units(place.bottom)..units(place.top);
        Plane { area: self.area.apply_coord_spec(Cartesian2d::new(x, y, (across, down))) }
    }

    /// The whole picture in pixels, `y` growing downwards.
    pub fn pixels(&self) -> Plane<'a> {
        let (width, height) = (self.width(), self.height());
        // Upside down: what is the bottom of other planes is the top here.
        let place = Place { left: 0.0, top: height, right: width, bottom: 0.0 };
        self.plane(place, 0.0..width, 0.0..height)
    }

    /// Writes text with its middle line at `y`.
    pub fn write(&mut self, text: &str, (x, y): (f64, f64), style: Style) {
        let text = printable(text);
        if text.is_empty() {
            return;
        }
        let anchor = match style.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y) = (coordinate(x), coordinate(y));
        let RGBColor(red, green, blue) = style.color;
        let weight = if style.bold { " font-weight=\"600\"" } else { "" };
        let turned = match style.rotation {
            0.0 => String::new(),
            degrees => format!(" transform=\"rotate({} {x} {y})\"", coordinate(degrees)),
        };
        let written = writeln!(
            self.texts,
            "<text x=\"{x}\" y=\"{y}\" dy=\"0.35em\" text-anchor=\"{anchor}\" font-size=\"{}\"{weight} \
             fill=\"#{red:02x}{green:02x}{blue:02x}\"{turned}>{}</text>",
            coordinate(style.size),
            escaped(&text)
        );
        written.expect("a String takes everything");
    }
}

impl<'a> Plane<'a> {
    /// Where a point is, in pixels of the picture.
    pub fn pixel(&self, point: (f64, f64)) -> (f64, f64) {
        let (x, y) = self.area.map_coordinate(&point);
        (f64::from(x) / UNITS, f64::from(y) / UNITS)
    }

    /// How many pixels it is wide.
    pub fn width(&self) -> f64 {
        let across = self.area.get_pixel_range().0;
        f64::from(across.end - across.start) / UNITS
    }

    pub fn fill(&self, from: (f64, f64), to: (f64, f64), color: RGBAColor) -> Result<()> {
        self.draw(&Rectangle::new([from, to], color.filled()))
    }

    pub fn line(&self, points: Vec<(f64, f64)>, color: RGBColor, pixels: f64) -> Result<()> {
        self.draw(&PathElement::new(points, stroke(color, pixels)))
    }

    pub fn shape(&self, points: Vec<(f64, f64)>, color: RGBAColor) -> Result<()> {
        self.draw(&Polygon::new(points, color.filled()))
    }

    pub fn dot(&self, at: (f64, f64), pixels: f64, color: RGBAColor) -> Result<()> {
        self.draw(&Circle::new(at, (pixels * UNITS).round() as i32, color.filled()))
    }

    fn draw<E>(&self, element: &E) -> Result<()>
    where
        for<'b> &'b E: PointCollection<'b, (f64, f64)>,
        E: Drawable<Backend<'a>>,
    {
        self.area.draw(element).map_err(fault)
    }
}

fn stroke(color: RGBColor, pixels: f64) -> ShapeStyle {
    color.stroke_width((pixels * UNITS).round() as u32)
}

/// Nothing is written to but memory: a fault is one of the library.
fn fault(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("the picture could not be drawn: {error}"))
}
