//! Reliability diagrams: forecast probability against observed frequency.

use crate::axis::{Plot, grid_x, grid_y};
use crate::colour;
use crate::csv::Csv;
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::form::line_path;
use crate::scale::Linear;
use crate::svg::{Anchor, Canvas};
use crate::text;
use sanad_core::Estimate;

/// Forecasts of one bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// Mean forecast probability in the bin, 0 to 1.
    pub forecast: f64,
    /// Observed relative frequency with its interval, 0 to 1; `None` when the bin is empty.
    pub observed: Option<Estimate>,
    /// Number of forecasts in the bin.
    pub count: u64,
}

/// Draws observed frequency against forecast probability with the diagonal of perfect reliability
/// and, below, how many forecasts each bin holds (on a square-root scale, stated).
///
/// Bins in ascending order of forecast. Empty bins show no mark and a zero count. Source of the
/// form: Murphy & Winkler (1977); intervals are the caller's. CSV: `forecast, low, observed, high,
/// count`.
///
/// # Errors
///
/// Without bins, with shares outside 0 to 1, or bins that do not rise.
///
/// ```
/// use sanad_figure::{Estimate, Heading, ReliabilityBin, reliability};
///
/// let bin = |forecast, observed, count| ReliabilityBin { forecast, observed, count };
/// let bins = [
///     bin(0.1, Some(Estimate::new(0.05, 0.08, 0.13)), 120),
///     bin(0.5, None, 0),
/// ];
/// let heading = Heading::new("calibration", "Forecasts came true", "Shares.", "A diagonal.");
/// let figure = reliability(&heading, &bins)?;
/// assert!(figure.csv.contains("0.1,0.05,0.08,0.13,120"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn reliability(heading: &Heading, bins: &[ReliabilityBin]) -> Result<Figure, Error> {
    check::not_empty("bins", bins)?;
    for (i, bin) in bins.iter().enumerate() {
        check::within(&format!("forecast of bin {i}"), bin.forecast, 0.0, 1.0)?;
        check::ordered(&format!("observed of bin {i}"), bin.observed.iter().map(|e| e.triple()))?;
        for v in bin.observed.iter().flat_map(|e| e.triple()) {
            check::within(&format!("observed of bin {i}"), v, 0.0, 1.0)?;
        }
    }
    if let Some(index) = bins.windows(2).position(|b| b[0].forecast > b[1].forecast) {
        return Err(Error::Disordered { what: "forecasts of bins".to_owned(), index: index + 1 });
    }
    let mut sheet = DrawingSheet::new(heading)?;
    let size = Size::Narrow;
    let mut canvas = sheet.shared_canvas();
    let height = draw(&mut canvas, bins, size);
    sheet.add_shared(canvas, [size.width(), height]);
    Ok(sheet.finish(data(bins)))
}

/// Forecast against observed share with the diagonal, and the counts below; returns the drawing's
/// height.
fn draw(c: &mut Canvas, bins: &[ReliabilityBin], size: Size) -> f64 {
    let font = size.small();
    c.text([0.0, 12.0], Anchor::Start, font, "sf-muted", "observed frequency, with interval");
    let p = Plot { left: 40.0, top: 24.0, right: 318.0, bottom: 264.0 };
    let (x, y) = (p.x(0.0, 1.0), p.y(0.0, 1.0));
    let at = [0.0, 0.25, 0.5, 0.75, 1.0];
    grid_y(c, &p, &y, &at, size, true);
    grid_x(c, &p, &x, &at, size, true);
    c.line([x.at(0.0), y.at(0.0)], [x.at(1.0), y.at(1.0)], "sf-mark", "");
    let note = "perfectly reliable";
    let wide = text::width(note, font, false);
    c.text([x.at(1.0) - 18.0 - wide, y.at(0.97)], Anchor::Start, font, "sf-muted sf-halo", note);
    draw_bins(c, bins, &x, &y);
    c.text([p.left, p.bottom + 34.0], Anchor::Start, font, "sf-muted", "forecast probability");
    counts(c, bins, &x, [p.bottom + 58.0, p.bottom + 108.0], size);
    p.bottom + 116.0
}

/// The bins' points with their intervals, joined by a line.
fn draw_bins(c: &mut Canvas, bins: &[ReliabilityBin], x: &Linear, y: &Linear) {
    let stroke = format!(r#"stroke="{}" stroke-width="1.6""#, colour::ACCENT);
    let seen: Vec<Option<[f64; 2]>> = bins
        .iter()
        .filter_map(|b| b.observed.map(|e| Some([x.at(b.forecast), y.at(e.value)])))
        .collect();
    c.path(&line_path(&seen), &format!(r#"fill="none" {stroke}"#), "");
    for (b, e) in bins.iter().filter_map(|b| b.observed.map(|e| (b, e))) {
        c.line(
            [x.at(b.forecast), y.at(e.low)],
            [x.at(b.forecast), y.at(e.high)],
            "sf-span",
            &stroke,
        );
        let tip = format!(
            "forecast {}%, observed {}%, n = {}",
            text::number(b.forecast * 100.0, 1),
            text::number(e.value * 100.0, 1),
            b.count
        );
        let paint =
            format!(r#"fill="{}" stroke="{}" stroke-width="1""#, colour::ACCENT, colour::PAPER);
        c.circle([x.at(b.forecast), y.at(e.value)], 4.2, &paint, &tip);
    }
}

/// How many forecasts each bin has, as bars.
fn counts(c: &mut Canvas, bins: &[ReliabilityBin], x: &Linear, at: [f64; 2], size: Size) {
    let [top, bottom] = at;
    let most = bins.iter().map(|b| b.count).max().unwrap_or(0).max(1) as f64;
    let label = "number of forecasts (square-root scale)";
    c.text([x.to[0], top - 6.0], Anchor::Start, size.small(), "sf-muted", label);
    let wide = (0.6 * (x.to[1] - x.to[0]) / bins.len() as f64).min(14.0);
    let tall = bottom - top - size.small() - 4.0;
    for b in bins {
        let h = tall * (b.count as f64 / most).sqrt();
        let left = (x.at(b.forecast) - wide / 2.0).clamp(x.to[0], x.to[1] - wide);
        let tip = format!("{} forecasts", b.count);
        c.rect([left, bottom - h, wide, h], colour::NEUTRAL, "", &tip);
    }
    let greatest = bins.iter().fold(bins[0], |a, b| if b.count > a.count { *b } else { a });
    let said = text::number(most, 0);
    let half = text::width(&said, size.small(), false) / 2.0;
    let at = [x.at(greatest.forecast).clamp(x.to[0] + half, x.to[1] - half), top + size.small()];
    c.text(at, Anchor::Middle, size.small(), "sf-halo", &said);
    c.line([x.to[0], bottom], [x.to[1], bottom], "sf-axis", "");
}

/// The bins as CSV.
fn data(bins: &[ReliabilityBin]) -> String {
    let mut csv = Csv::new(&["forecast", "low", "observed", "high", "count"]);
    for b in bins {
        let seen = match b.observed {
            Some(e) => e.triple().map(|v| v.to_string()),
            None => [String::new(), String::new(), String::new()],
        };
        let cells = [b.forecast.to_string()].into_iter().chain(seen).chain([b.count.to_string()]);
        csv.row(cells);
    }
    csv.finish()
}
