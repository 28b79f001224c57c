//! Horizontal bars with intervals: rankings, sensitivities, scores.

use crate::axis::{Plot, ends, grid_x};
use crate::colour;
use crate::csv::Csv;
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::scale::{Linear, ticks};
use crate::svg::{Anchor, Canvas};
use crate::text;
use sanad_core::Estimate;

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Name.
    pub label: String,
    /// The estimate; `None` is said in words.
    pub estimate: Option<Estimate>,
    /// Drawn in the accent colour, the others in grey.
    pub highlighted: bool,
}

/// Input of [`bars_with_intervals`].
#[derive(Debug, Clone)]
pub struct BarsWithIntervals<'a> {
    /// Bars, top to bottom, in the order given.
    pub bars: &'a [Bar],
    /// What a value is, and what the interval is.
    pub unit: &'a str,
    /// Write values as percentages of 1.
    pub percent: bool,
}

/// Draws bars from zero to each estimate with its interval as a line, the number beside it.
///
/// Negative values run left of zero. CSV: `label, low, middle, high`.
///
/// # Errors
///
/// Without bars, with a value that is not finite, or an interval in the wrong order.
///
/// ```
/// use sanad_figure::{Bar, BarsWithIntervals, Estimate, Heading, bars_with_intervals};
///
/// let bar = |label: &str, estimate| Bar { label: label.to_owned(), estimate, highlighted: false };
/// let bars = [bar("own past", Some(Estimate::new(0.9, 1.2, 1.6))), bar("hurdle", None)];
/// let heading = Heading::new("crps", "Errors of two models", "Mean CRPS.", "One bar per model.");
/// let chart = BarsWithIntervals { bars: &bars, unit: "mean CRPS", percent: false };
/// let figure = bars_with_intervals(&heading, &chart)?;
/// assert!(figure.csv.starts_with("label,low,middle,high\r\nown past,0.9,1.2,1.6\r\n"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn bars_with_intervals(
    heading: &Heading,
    chart: &BarsWithIntervals<'_>,
) -> Result<Figure, Error> {
    check::not_empty("bars", chart.bars)?;
    for bar in chart.bars {
        check::ordered(&bar.label, bar.estimate.iter().map(|e| e.triple()))?;
    }
    let mut sheet = DrawingSheet::new(heading)?;
    sheet.both(|canvas, size| draw(canvas, chart, size));
    Ok(sheet.finish(data(chart)))
}

/// A bar's number, as a percentage where the chart says so.
fn value_text(chart: &BarsWithIntervals<'_>, v: f64) -> String {
    if chart.percent { format!("{}%", text::number(v * 100.0, 0)) } else { text::short(v) }
}

/// Draws all bars below one another; returns the drawing's height.
fn draw(c: &mut Canvas, chart: &BarsWithIntervals<'_>, size: Size) -> f64 {
    let mut top = 0.0;
    for line in text::wrap(chart.unit, size.small(), size.width()) {
        top += size.small() + 4.0;
        c.text([0.0, top], Anchor::Start, size.small(), "sf-muted", &line);
    }
    top += 8.0;
    let all = || chart.bars.iter().filter_map(|b| b.estimate);
    let low = all().map(|e| e.low).fold(0.0, f64::min);
    let high = all().map(|e| e.high).fold(0.0, f64::max);
    let values = ticks(low, if high > low { high } else { low + 1.0 }, size.pick(6, 4));
    let names = chart.bars.iter().map(|b| text::width(&b.label, size.label(), false));
    let left = size.pick((names.fold(0.0, f64::max) + 12.0).min(280.0), 2.0);
    let room = chart
        .bars
        .iter()
        .filter_map(|b| b.estimate)
        .map(|e| text::width(&value_text(chart, e.value), size.label(), true));
    let right = size.width() - room.fold(0.0, f64::max) - 14.0;
    let step = size.pick(26.0, 40.0);
    let p = Plot { left, top, right, bottom: top + step * chart.bars.len() as f64 };
    let [first, last] = ends(&values);
    let x = p.x(first, last);
    grid_x(c, &p, &x, &values, size, chart.percent);
    for (i, bar) in chart.bars.iter().enumerate() {
        draw_bar(c, chart, bar, &x, [top + i as f64 * step, step], size);
    }
    p.bottom + size.small() + 12.0
}

/// One bar from zero with its interval as a line, its label and its number.
fn draw_bar(
    c: &mut Canvas,
    chart: &BarsWithIntervals<'_>,
    bar: &Bar,
    x: &Linear,
    at: [f64; 2],
    size: Size,
) {
    let [y, step] = at;
    let left = x.to[0];
    let mid = if size.is_wide() {
        let label = text::fit(&bar.label, size.label(), left - 8.0, false);
        c.text([left - 8.0, y + step / 2.0 + 4.5], Anchor::End, size.label(), "", &label);
        y + step / 2.0
    } else {
        let label = text::fit(&bar.label, size.label(), size.width() - 4.0, false);
        c.text([left, y + 14.0], Anchor::Start, size.label(), "sf-halo", &label);
        y + step - 12.0
    };
    let Some(e) = bar.estimate else {
        c.text([x.at(0.0) + 4.0, mid + 4.5], Anchor::Start, size.small(), "sf-muted", "no data");
        return;
    };
    let (from, to) = (x.at(0.0).min(x.at(e.value)), x.at(0.0).max(x.at(e.value)));
    let fill = if bar.highlighted { colour::ACCENT } else { colour::NEUTRAL };
    let tip = format!(
        "{}: {} ({} to {})",
        bar.label,
        value_text(chart, e.value),
        value_text(chart, e.low),
        value_text(chart, e.high)
    );
    c.rect([from, mid - 6.0, to - from, 12.0], fill, "", &tip);
    let ink = format!(r#"stroke="{}" stroke-width="1.6""#, colour::INK);
    c.line([x.at(e.low), mid], [x.at(e.high), mid], "sf-span", &ink);
    for end in [e.low, e.high] {
        c.line([x.at(end), mid - 3.5], [x.at(end), mid + 3.5], "sf-span", &ink);
    }
    let label_point = [x.at(e.high).max(to) + 6.0, mid + 4.5];
    c.text(
        label_point,
        Anchor::Start,
        size.label(),
        "sf-strong sf-halo",
        &value_text(chart, e.value),
    );
}

/// The estimates as CSV.
fn data(chart: &BarsWithIntervals<'_>) -> String {
    let mut csv = Csv::new(&["label", "low", "middle", "high"]);
    for bar in chart.bars {
        let cells = match bar.estimate {
            Some(e) => e.triple().map(|v| v.to_string()),
            None => [String::new(), String::new(), String::new()],
        };
        csv.row(std::iter::once(bar.label.clone()).chain(cells));
    }
    csv.finish()
}
