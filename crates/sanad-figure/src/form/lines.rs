//! Lines with bands on one plot, labelled at their ends.

use crate::axis::{Plot, ends, grid_x, grid_y, tick_width, years};
use crate::colour;
use crate::csv::{Csv, cell};
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::form::{Band, band_path, check_band, line_path};
use crate::scale::{Linear, Months, spread, ticks};
use crate::svg::{Anchor, Canvas};
use crate::text;

/// Positions along the horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Horizontal {
    /// Months.
    Months(Months),
    /// Ascending numbers, with what they are ("days since the act").
    Numbers {
        /// What they are.
        label: String,
        /// The positions, ascending.
        values: Vec<f64>,
    },
}

impl Horizontal {
    /// Number of positions on the axis.
    fn len(&self) -> usize {
        match self {
            Horizontal::Months(m) => m.len,
            Horizontal::Numbers { values, .. } => values.len(),
        }
    }

    /// A position in the data: `2025-08`, or its number.
    fn name(&self, i: usize) -> String {
        match self {
            Horizontal::Months(m) => m.iso(i),
            Horizontal::Numbers { values, .. } => values[i].to_string(),
        }
    }
}

/// One line with an optional band.
#[derive(Debug, Clone, PartialEq)]
pub struct BandedLine {
    /// Name, written at the line's end.
    pub label: String,
    /// Values per position; `None` breaks the line.
    pub values: Vec<Option<f64>>,
    /// Band around it.
    pub band: Option<Band>,
}

/// Input of [`lines_with_bands`].
#[derive(Debug, Clone)]
pub struct LinesWithBands<'a> {
    /// The horizontal axis.
    pub horizontal: Horizontal,
    /// At most eight lines.
    pub lines: &'a [BandedLine],
    /// What a value is.
    pub unit: &'a str,
    /// A level to draw across the plot with its meaning: (0.5, "target").
    pub reference: Option<(f64, &'a str)>,
    /// Write the vertical axis as percentages of 1.
    pub percent: bool,
}

/// Draws lines with their bands; names stand at the ends of the lines (above the plot, with a
/// swatch, on a phone). A missing value breaks its line. CSV: `x, line, value, low, high`.
///
/// # Errors
///
/// Without lines, with more lines than there are colours, or with values or bands that do not fit
/// the axis.
///
/// ```
/// use sanad_figure::{BandedLine, Heading, Horizontal, LinesWithBands, Months, lines_with_bands};
///
/// let lines = [BandedLine {
///     label: "index".to_owned(),
///     values: vec![Some(40.0), None, Some(55.0)],
///     band: None,
/// }];
/// let figure = lines_with_bands(
///     &Heading::new("index", "Strain grew", "0 to 100.", "One line, broken in February."),
///     &LinesWithBands {
///         horizontal: Horizontal::Months(Months::starting(2025, 1, 3)),
///         lines: &lines,
///         unit: "index",
///         reference: Some((50.0, "half of the scale")),
///         percent: false,
///     },
/// )?;
/// assert!(figure.csv.contains("2025-01,index,40,,"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn lines_with_bands(heading: &Heading, chart: &LinesWithBands<'_>) -> Result<Figure, Error> {
    validate(chart)?;
    let mut sheet = DrawingSheet::new(heading)?;
    sheet.both(|canvas, size| draw(canvas, chart, size));
    Ok(sheet.finish(data(chart)))
}

/// Refuses lines and bands that do not fit the axis, and more lines than there are colours.
fn validate(chart: &LinesWithBands<'_>) -> Result<(), Error> {
    let len = chart.horizontal.len();
    check::not_empty("lines", chart.lines)?;
    check::within("number of lines", chart.lines.len() as f64, 1.0, 8.0)?;
    check::within("number of positions", len as f64, 1.0, 100_000.0)?;
    if let Horizontal::Numbers { label, values } = &chart.horizontal {
        check::finite(label, values.iter().copied())?;
        if let Some(index) = values.windows(2).position(|p| p[0] >= p[1]) {
            return Err(Error::Disordered { what: label.clone(), index: index + 1 });
        }
    }
    check::finite("reference", chart.reference.map(|r| r.0))?;
    for line in chart.lines {
        check::len(&line.label, len, line.values.len())?;
        check::optional(&line.label, &line.values)?;
        if let Some(band) = &line.band {
            check_band(&line.label, band, len)?;
        }
    }
    Ok(())
}

/// The least and the greatest value that is drawn.
fn range(chart: &LinesWithBands<'_>) -> [f64; 2] {
    let values = chart.lines.iter().flat_map(|l| l.values.iter().flatten().copied());
    let bounds = chart
        .lines
        .iter()
        .filter_map(|l| l.band.as_ref())
        .flat_map(|b| b.bounds.iter().flatten().flatten().copied());
    let all = values.chain(bounds).chain(chart.reference.map(|r| r.0));
    let (low, high) =
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return [0.0, 1.0];
    }
    let low = if low > 0.0 && low < 0.5 * high { 0.0 } else { low };
    [low, if high > low { high } else { low + 1.0 }]
}

/// Axis, bands, lines and labels; returns the drawing's height.
fn draw(c: &mut Canvas, chart: &LinesWithBands<'_>, size: Size) -> f64 {
    let [low, high] = range(chart);
    let values = ticks(low, high, 5);
    c.text(
        [0.0, 13.0],
        Anchor::Start,
        size.small(),
        "sf-muted",
        &text::fit(chart.unit, size.small(), size.width(), false),
    );
    let mut top = 26.0;
    let mut right = size.width() - 6.0;
    if size.is_wide() {
        let names = chart.lines.iter().map(|l| text::width(&l.label, size.label(), true));
        right -= (names.fold(0.0, f64::max) + 12.0).min(220.0);
    } else {
        let entries: Vec<(String, String)> = chart
            .lines
            .iter()
            .enumerate()
            .map(|(i, l)| (colour::category(i).to_owned(), l.label.clone()))
            .collect();
        top += crate::axis::swatches(c, &entries, [0.0, 20.0], size.width(), size);
    }
    let left = tick_width(&values, size, chart.percent) + 8.0;
    let p = Plot { left, top, right, bottom: top + size.pick(280.0, 220.0) };
    let [first, last] = ends(&values);
    let y = p.y(first, last);
    draw_bands(c, chart, &p, &y);
    grid_y(c, &p, &y, &values, size, chart.percent);
    draw_lines(c, chart, &p, &y);
    draw_reference(c, chart, &p, &y, size);
    if size.is_wide() {
        end_labels(c, chart, &p, &y, size);
    }
    axis(c, chart, &p, size)
}

/// Where a position lies between left and right.
fn place(chart: &LinesWithBands<'_>, p: &Plot, i: usize) -> f64 {
    match &chart.horizontal {
        Horizontal::Months(m) => p.months(*m).at(i as f64 + 0.5),
        Horizontal::Numbers { values, .. } => {
            let (first, last) = (values[0], values[values.len() - 1]);
            p.x(first, last).at(values[i])
        }
    }
}

/// The horizontal axis: years of months, or numbers; returns where the drawing goes on.
fn axis(c: &mut Canvas, chart: &LinesWithBands<'_>, p: &Plot, size: Size) -> f64 {
    match &chart.horizontal {
        Horizontal::Months(m) => {
            years(c, p, *m, size);
            p.bottom + size.small() + 12.0
        }
        Horizontal::Numbers { label, values } => {
            let (first, last) = (values[0], values[values.len() - 1]);
            let x = p.x(first, last);
            let inside: Vec<f64> = ticks(first, last, size.pick(8, 4))
                .into_iter()
                .filter(|v| *v >= first && *v <= last)
                .collect();
            grid_x(c, p, &x, &inside, size, false);
            let at = [p.left, p.bottom + 2.0 * size.small() + 12.0];
            c.text(at, Anchor::Start, size.small(), "sf-muted", label);
            at[1] + 8.0
        }
    }
}

/// The bands behind the lines.
fn draw_bands(c: &mut Canvas, chart: &LinesWithBands<'_>, p: &Plot, y: &Linear) {
    for (k, line) in chart.lines.iter().enumerate() {
        let Some(band) = &line.band else { continue };
        let points: Vec<Option<[f64; 3]>> = band
            .bounds
            .iter()
            .enumerate()
            .map(|(i, b)| b.map(|b| [place(chart, p, i), y.at(b[0]), y.at(b[1])]))
            .collect();
        let tip = format!("{}: {} % band", line.label, band.percent);
        let paint = format!(r#"fill="{}" fill-opacity="0.18""#, colour::category(k));
        c.path(&band_path(&points), &paint, &tip);
    }
}

/// Dash patterns, so that lines can be told apart in grey.
const DASH: [&str; 4] = [
    "",
    r#" stroke-dasharray="7 3""#,
    r#" stroke-dasharray="2 2.5""#,
    r#" stroke-dasharray="9 3 2 3""#,
];

/// The lines, broken where values are missing.
fn draw_lines(c: &mut Canvas, chart: &LinesWithBands<'_>, p: &Plot, y: &Linear) {
    for (k, line) in chart.lines.iter().enumerate() {
        let points: Vec<Option<[f64; 2]>> = line
            .values
            .iter()
            .enumerate()
            .map(|(i, v)| v.map(|v| [place(chart, p, i), y.at(v)]))
            .collect();
        let paint = format!(
            r#"fill="none" stroke="{}" stroke-width="2" stroke-linejoin="round"{}"#,
            colour::category(k),
            DASH[k % 4]
        );
        c.path(&line_path(&points), &paint, &line.label);
    }
}

/// A level to compare with, and what it means.
fn draw_reference(c: &mut Canvas, chart: &LinesWithBands<'_>, p: &Plot, y: &Linear, size: Size) {
    if let Some((level, meaning)) = chart.reference {
        c.line([p.left, y.at(level)], [p.right, y.at(level)], "sf-mark", "");
        let at = [p.right - 4.0, (y.at(level) - 4.0).max(p.top + size.small())];
        c.text(at, Anchor::End, size.small(), "sf-halo", meaning);
    }
}

/// The name of each line at its end, moved apart so that none covers another.
fn end_labels(c: &mut Canvas, chart: &LinesWithBands<'_>, p: &Plot, y: &Linear, size: Size) {
    let lasts: Vec<(usize, f64)> = chart
        .lines
        .iter()
        .enumerate()
        .filter_map(|(k, l)| l.values.iter().rev().flatten().next().map(|v| (k, y.at(*v))))
        .collect();
    let wanted: Vec<f64> = lasts.iter().map(|l| l.1).collect();
    let placed = spread(&wanted, size.label() + 3.0, p.top + 4.0, p.bottom);
    for ((k, at), to) in lasts.iter().zip(placed) {
        let line = &chart.lines[*k];
        c.line([p.right + 1.0, *at], [p.right + 8.0, to], "sf-lead", "");
        let label = text::fit(&line.label, size.label(), size.width() - p.right - 12.0, true);
        c.text([p.right + 11.0, to + 4.5], Anchor::Start, size.label(), "sf-strong", &label);
    }
}

/// The values as CSV.
fn data(chart: &LinesWithBands<'_>) -> String {
    let mut csv = Csv::new(&["x", "line", "value", "low", "high"]);
    for line in chart.lines {
        for (i, v) in line.values.iter().enumerate() {
            let bounds = line.band.as_ref().and_then(|b| b.bounds[i]);
            csv.row([
                chart.horizontal.name(i),
                line.label.clone(),
                cell(*v),
                cell(bounds.map(|b| b[0])),
                cell(bounds.map(|b| b[1])),
            ]);
        }
    }
    csv.finish()
}
