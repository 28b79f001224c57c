//! Before, during, after: dots with intervals per region, one panel per measure.

use crate::axis::{Plot, ends, grid_x};
use crate::colour;
use crate::csv::Csv;
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::scale::{Linear, ticks};
use crate::svg::{Anchor, Canvas, n};
use crate::text;
use sanad_core::Estimate;

/// One measure of [`IntervalDots`].
#[derive(Debug, Clone, PartialEq)]
pub struct DotPanel {
    /// Name with unit: "attacks per month".
    pub label: String,
    /// Per region, per period: the estimate, or `None` where it cannot be made. A region that has no place in
    /// this panel has no period and stays blank.
    pub estimates: Vec<Vec<Option<Estimate>>>,
}

/// Input of [`interval_dots`].
#[derive(Debug, Clone)]
pub struct IntervalDots<'a> {
    /// Names of the regions, top to bottom.
    pub regions: &'a [String],
    /// Names of the periods in time order, at most four: colour and shape tell them apart.
    pub periods: &'a [String],
    /// One panel per measure, each on its own scale.
    pub panels: &'a [DotPanel],
    /// What the intervals are: "95 % interval". Empty where no estimate has one: then no line is explained.
    pub interval: &'a str,
}

/// Draws each region's periods under each other, each a mark with its interval as a line.
///
/// A missing estimate is said in words ("no data"), not left out. CSV: `measure, region, period,
/// low, middle, high`.
///
/// # Errors
///
/// Without regions, periods or panels, with more than four periods, with estimates that do not fit
/// them, or an interval in the wrong order.
///
/// ```
/// use sanad_figure::{DotPanel, Estimate, Heading, IntervalDots, interval_dots};
///
/// let panels = [DotPanel {
///     label: "attacks per month".to_owned(),
///     estimates: vec![vec![Some(Estimate::new(8.0, 10.0, 13.0)), None]],
/// }];
/// let figure = interval_dots(
///     &Heading::new("before-after", "Attacks fell", "By period.", "One row for each region."),
///     &IntervalDots {
///         regions: &["North".to_owned()],
///         periods: &["before".to_owned(), "after".to_owned()],
///         panels: &panels,
///         interval: "95 % interval",
///     },
/// )?;
/// assert!(figure.svg.contains("no data"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn interval_dots(heading: &Heading, chart: &IntervalDots<'_>) -> Result<Figure, Error> {
    validate(chart)?;
    let mut sheet = DrawingSheet::new(heading)?;
    sheet.both(|canvas, size| draw(canvas, chart, size));
    Ok(sheet.finish(data(chart)))
}

/// Refuses panels whose estimates do not fit regions and periods, and intervals in the wrong
/// order.
fn validate(chart: &IntervalDots<'_>) -> Result<(), Error> {
    check::not_empty("regions", chart.regions)?;
    check::not_empty("panels", chart.panels)?;
    check::within("number of periods", chart.periods.len() as f64, 1.0, 4.0)?;
    for panel in chart.panels {
        check::len(&panel.label, chart.regions.len(), panel.estimates.len())?;
        for (row, region) in panel.estimates.iter().zip(chart.regions) {
            let name = format!("{}, {region}", panel.label);
            if row.is_empty() {
                continue;
            }
            check::len(&name, chart.periods.len(), row.len())?;
            check::ordered(&name, row.iter().flatten().map(|e| e.triple()))?;
        }
    }
    Ok(())
}

/// Colours of the periods: middle one strongest.
const PERIOD: [&str; 4] = colour::PERIOD;

/// A mark whose shape tells its kind without colour: circle, square, diamond, triangle.
pub(crate) fn shape(c: &mut Canvas, kind: usize, at: [f64; 2], r: f64, fill: &str, tip: &str) {
    let [x, y] = at;
    let paint = format!(r#"fill="{fill}" stroke="{}" stroke-width="1""#, colour::PAPER);
    match kind % 4 {
        0 => c.circle(at, r, &paint, tip),
        1 => {
            let s = r * 0.92;
            c.rect(
                [x - s, y - s, 2.0 * s, 2.0 * s],
                fill,
                &format!(r#"stroke="{}" stroke-width="1""#, colour::PAPER),
                tip,
            );
        }
        2 => {
            let s = r * 1.25;
            let d = format!(
                "M{} {}L{} {}L{} {}L{} {}Z",
                n(x),
                n(y - s),
                n(x + s),
                n(y),
                n(x),
                n(y + s),
                n(x - s),
                n(y)
            );
            c.path(&d, &paint, tip);
        }
        _ => {
            let s = r * 1.15;
            let d = format!(
                "M{} {}L{} {}L{} {}Z",
                n(x),
                n(y - s),
                n(x + s),
                n(y + s),
                n(x - s),
                n(y + s)
            );
            c.path(&d, &paint, tip);
        }
    }
}

/// All panels beside or below one another; returns the drawing's height.
fn draw(c: &mut Canvas, chart: &IntervalDots<'_>, size: Size) -> f64 {
    let mut y = legend(c, chart, size) + 6.0;
    let names = chart.regions.iter().map(|r| text::width(r, size.label(), false));
    let left = size.pick((names.fold(0.0, f64::max) + 12.0).min(220.0), 0.0);
    if size.is_wide() {
        let between = 28.0;
        let count = chart.panels.len() as f64;
        let wide = (size.width() - left - 10.0 - between * (count - 1.0)) / count;
        let bottoms = (0..chart.panels.len()).map(|k| {
            let from = left + k as f64 * (wide + between);
            draw_panel(c, chart, k, [from, y, from + wide], size)
        });
        bottoms.fold(0.0, f64::max)
    } else {
        for k in 0..chart.panels.len() {
            y = draw_panel(c, chart, k, [4.0, y, size.width() - 10.0], size) + 14.0;
        }
        y
    }
}

/// The periods with their marks; returns where the drawing may begin.
fn legend(c: &mut Canvas, chart: &IntervalDots<'_>, size: Size) -> f64 {
    let (mut x, mut y) = (6.0, 12.0);
    for (k, period) in chart.periods.iter().enumerate() {
        let wide = text::width(period, size.label(), false) + 30.0;
        if x > 6.0 && x + wide > size.width() {
            (x, y) = (6.0, y + size.label() + 6.0);
        }
        shape(c, k, [x, y - 4.0], 5.0, PERIOD[k], "");
        c.text(
            [x + 10.0, y],
            Anchor::Start,
            size.label(),
            "",
            &text::fit(period, size.label(), size.width() - x - 10.0, false),
        );
        x += wide;
    }
    if chart.interval.is_empty() {
        return y + 8.0;
    }
    let note = format!("Lines: {}", chart.interval);
    let wide = text::width(&note, size.small(), false);
    if x + wide > size.width() {
        (x, y) = (0.0, y + size.label() + 6.0);
    }
    c.text([x, y], Anchor::Start, size.small(), "sf-muted", &note);
    y + 8.0
}

/// Height of a region's row: a line for each period.
fn row_height(chart: &IntervalDots<'_>, size: Size) -> f64 {
    chart.periods.len() as f64 * size.pick(13.0, 14.0) + size.pick(12.0, 28.0)
}

/// One measure with its own scale; returns where it ends.
fn draw_panel(c: &mut Canvas, chart: &IntervalDots<'_>, k: usize, at: [f64; 3], size: Size) -> f64 {
    let panel = &chart.panels[k];
    let [left, top, right] = at;
    let heading = text::fit(&panel.label, size.label(), right - left, true);
    c.text([left, top + size.label()], Anchor::Start, size.label(), "sf-strong", &heading);
    let reached = panel.estimates.iter().flatten().flatten();
    let low = reached.clone().map(|e| e.low).fold(0.0, f64::min);
    let high = reached.map(|e| e.high).fold(0.0, f64::max);
    let values = ticks(low, if high > low { high } else { low + 1.0 }, 4);
    let tall = row_height(chart, size);
    let start = top + size.label() + 10.0;
    let p = Plot {
        left: left + 4.0,
        top: start,
        right,
        bottom: start + tall * chart.regions.len() as f64,
    };
    let [first, last] = ends(&values);
    let x = p.x(first, last);
    grid_x(c, &p, &x, &values, size, false);
    for (i, region) in chart.regions.iter().enumerate() {
        let y = start + i as f64 * tall;
        region_label(c, region, [left, y, tall], k == 0, size);
        draw_region(c, chart, &panel.estimates[i], &x, y + size.pick(6.0, 22.0), size);
    }
    p.bottom + size.small() + 12.0
}

/// A region's name before its row, or above it where there is no room beside.
fn region_label(c: &mut Canvas, region: &str, at: [f64; 3], first: bool, size: Size) {
    let [left, y, tall] = at;
    if size.is_wide() {
        if first {
            let label = text::fit(region, size.label(), left - 10.0, false);
            c.text([left - 8.0, y + tall / 2.0 + 4.0], Anchor::End, size.label(), "", &label);
        }
        c.line(
            [0.0_f64.max(if first { 0.0 } else { left }), y],
            [size.width() - 10.0, y],
            "sf-grid",
            "",
        );
    } else {
        c.text([left, y + 14.0], Anchor::Start, size.label(), "sf-halo", region);
    }
}

/// The estimates of a region, a mark with an interval for each period.
fn draw_region(
    c: &mut Canvas,
    chart: &IntervalDots<'_>,
    row: &[Option<Estimate>],
    x: &Linear,
    top: f64,
    size: Size,
) {
    for (k, e) in row.iter().enumerate() {
        let y = top + (k as f64 + 0.5) * size.pick(13.0, 14.0);
        let Some(e) = e else {
            let note = format!("{}: no data", chart.periods[k]);
            c.text([x.to[0] + 4.0, y + 4.0], Anchor::Start, size.small(), "sf-muted", &note);
            continue;
        };
        let stroke = format!(r#"stroke="{}" stroke-width="2""#, PERIOD[k]);
        c.line([x.at(e.low), y], [x.at(e.high), y], "sf-span", &stroke);
        let tip = format!(
            "{}: {} ({} to {})",
            chart.periods[k],
            text::short(e.value),
            text::short(e.low),
            text::short(e.high)
        );
        shape(c, k, [x.at(e.value), y], 4.6, PERIOD[k], &tip);
    }
}

/// The estimates as CSV.
fn data(chart: &IntervalDots<'_>) -> String {
    let mut csv = Csv::new(&["measure", "region", "period", "low", "middle", "high"]);
    for panel in chart.panels {
        for (row, region) in panel.estimates.iter().zip(chart.regions) {
            for (e, period) in row.iter().zip(chart.periods) {
                let number = |f: fn(&Estimate) -> f64| {
                    e.as_ref().map_or(String::new(), |e| f(e).to_string())
                };
                csv.row([
                    panel.label.clone(),
                    region.clone(),
                    period.clone(),
                    number(|e| e.low),
                    number(|e| e.value),
                    number(|e| e.high),
                ]);
            }
        }
    }
    csv.finish()
}
