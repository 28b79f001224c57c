//! Axes, markers, legends and ranked lists that several forms share.

use crate::colour;
use crate::error::{Error, check};
use crate::figure::Size;
use crate::scale::{Classes, Linear, Months, ticks};
use crate::svg::{Anchor, Canvas};
use crate::text;

/// A dated event drawn as a thin vertical line with its label above the plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Position of the month in the figure's [`Months`], from 0.
    pub month: usize,
    /// A few words.
    pub label: String,
}

impl Marker {
    /// A marker at a month.
    pub fn new(month: usize, label: &str) -> Self {
        Marker { month, label: label.to_owned() }
    }
}

/// Refuses markers outside the months drawn.
pub(crate) fn check_markers(markers: &[Marker], months: Months) -> Result<(), Error> {
    markers.iter().try_for_each(|m| check::index("marker month", m.month, months.len))
}

/// The rectangle of a plot: left, top, right, bottom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plot {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Plot {
    /// Width between the two vertical edges, in drawing units.
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    /// The scale that puts `low` on the bottom edge and `high` on the top one.
    pub(crate) fn y(&self, low: f64, high: f64) -> Linear {
        Linear { from: [low, high], to: [self.bottom, self.top] }
    }

    /// The scale that puts `low` on the left edge and `high` on the right one.
    pub(crate) fn x(&self, low: f64, high: f64) -> Linear {
        Linear { from: [low, high], to: [self.left, self.right] }
    }

    /// Left edge of the month at a position.
    pub(crate) fn months(&self, months: Months) -> Linear {
        self.x(0.0, months.len as f64)
    }
}

/// Width that the labels of these ticks need.
pub(crate) fn tick_width(values: &[f64], size: Size, percent: bool) -> f64 {
    let widths = values.iter().map(|v| text::width(&tick_text(*v, percent), size.small(), false));
    widths.fold(0.0, f64::max)
}

/// A tick's number: as a percentage, shortened above a million, else as it is.
pub(crate) fn tick_text(v: f64, percent: bool) -> String {
    match percent {
        true => format!("{}%", text::number(v * 100.0, 1)),
        false if v.abs() >= 1e6 => text::compact(v),
        false => text::number(v, 3),
    }
}

/// Horizontal grid with labels at the left.
pub(crate) fn grid_y(c: &mut Canvas, p: &Plot, y: &Linear, at: &[f64], size: Size, percent: bool) {
    for v in at {
        let class = if *v == 0.0 { "sf-axis" } else { "sf-grid" };
        c.line([p.left, y.at(*v)], [p.right, y.at(*v)], class, "");
        let at = [p.left - 6.0, y.at(*v) + size.small() * 0.35];
        c.text(at, Anchor::End, size.small(), "sf-muted", &tick_text(*v, percent));
    }
}

/// Vertical grid with labels below; a label with no room beside the ones drawn is left out, zero
/// first of all drawn.
pub(crate) fn grid_x(c: &mut Canvas, p: &Plot, x: &Linear, at: &[f64], size: Size, percent: bool) {
    let mut order: Vec<f64> = at.iter().copied().filter(|v| *v == 0.0).collect();
    order.extend(at.iter().copied().filter(|v| *v != 0.0));
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for v in order {
        let class = if v == 0.0 { "sf-axis" } else { "sf-grid" };
        c.line([x.at(v), p.top], [x.at(v), p.bottom], class, "");
        let label = tick_text(v, percent);
        let half = text::width(&label, size.small(), false) / 2.0;
        let right = (p.right + 12.0).min(size.width()) - half;
        let centre = x.at(v).min(right).max((p.left - 10.0).max(0.0) + half);
        if taken.iter().any(|t| centre - half < t.1 + 5.0 && t.0 - 5.0 < centre + half) {
            continue;
        }
        taken.push((centre - half, centre + half));
        let at = [centre, p.bottom + size.small() + 5.0];
        c.text(at, Anchor::Middle, size.small(), "sf-muted", &label);
    }
}

/// Years under a month axis; where fewer than two fit, the first and last month.
pub(crate) fn years(c: &mut Canvas, p: &Plot, months: Months, size: Size) {
    let x = p.months(months);
    let four = text::width("2020", size.small(), false);
    let at = months.year_ticks(p.width() / months.len as f64, four + 14.0);
    if at.len() < 2 {
        return end_months(c, p, months, size);
    }
    for (i, year) in at {
        let at = x.at(i as f64);
        c.line([at, p.bottom], [at, p.bottom + 4.0], "sf-axis", "");
        let right = (p.right + 6.0).min(size.width()) - four / 2.0;
        let centre = at.min(right).max(four / 2.0);
        let label = [centre, p.bottom + size.small() + 5.0];
        c.text(label, Anchor::Middle, size.small(), "sf-muted", &year.to_string());
    }
}

/// The first and last month below the axis, for runs too short for years.
fn end_months(c: &mut Canvas, p: &Plot, months: Months, size: Size) {
    let y = p.bottom + size.small() + 5.0;
    let (first, last) = (months.name(0), months.name(months.len - 1));
    let both: f64 = [&first, &last].map(|m| text::width(m, size.small(), false)).iter().sum();
    c.text([p.left, y], Anchor::Start, size.small(), "sf-muted", &first);
    if both + 8.0 <= p.width() {
        c.text([p.right, y], Anchor::End, size.small(), "sf-muted", &last);
    }
}

/// A marker's label, placed.
#[derive(Debug, Clone)]
pub(crate) struct PlacedMarker {
    pub(crate) x: f64,
    pub(crate) start: f64,
    pub(crate) row: usize,
    pub(crate) label: String,
}

/// Markers with a row each so that no two labels of a row touch, and the number of rows.
pub(crate) fn place_markers(
    markers: &[Marker],
    months: Months,
    p: &Plot,
    size: Size,
) -> (Vec<PlacedMarker>, usize) {
    let x = p.months(months);
    let labels: Vec<String> =
        markers.iter().map(|m| text::fit(&m.label, size.small(), p.width(), false)).collect();
    let spans: Vec<(f64, f64)> = markers
        .iter()
        .zip(&labels)
        .map(|(m, label)| {
            let wide = text::width(label, size.small(), false) + 4.0;
            let x = x.at(m.month as f64);
            let start = if x + wide <= p.right || x - wide < p.left { x } else { x - wide };
            let start = start.min(p.right - wide).max(p.left);
            (start, start + wide)
        })
        .collect();
    let at: Vec<f64> = markers.iter().map(|m| x.at(m.month as f64)).collect();
    let row_of = marker_rows(&at, &spans);
    let count = row_of.iter().max().map_or(0, |r| r + 1);
    let placed = markers
        .iter()
        .zip(labels)
        .zip(spans.iter().zip(&row_of))
        .map(|((m, label), (span, row))| PlacedMarker {
            x: x.at(m.month as f64),
            start: span.0,
            row: *row,
            label,
        })
        .collect();
    (placed, count)
}

/// A row for each label, 0 nearest to the plot: no two labels of a row touch, and a label that
/// passes over another marker's line stands above that marker's own label where both can.
///
/// Labels that run to the right of their line are placed from the right, then those that run left.
fn marker_rows(at: &[f64], spans: &[(f64, f64)]) -> Vec<usize> {
    let runs_left = |i: usize| spans[i].0 + 1.0 < at[i];
    let mut order: Vec<usize> = (0..at.len()).collect();
    order.sort_by(|a, b| {
        runs_left(*a).cmp(&runs_left(*b)).then(at[*b].total_cmp(&at[*a])).then(b.cmp(a))
    });
    let mut row = vec![0; at.len()];
    for (k, i) in order.iter().enumerate() {
        let (start, end) = spans[*i];
        let placed = &order[..k];
        let over =
            placed.iter().filter(|j| at[**j] != at[*i] && at[**j] > start && at[**j] < end + 3.0);
        let least = over.map(|j| row[*j] + 1).max().unwrap_or(0);
        let free = |r: usize| {
            placed
                .iter()
                .all(|j| row[*j] != r || end + 8.0 <= spans[*j].0 || spans[*j].1 + 8.0 <= start)
        };
        row[*i] = (least..).find(|r| free(*r)).unwrap_or(least);
    }
    row
}

/// Height of the marker labels' rows.
pub(crate) fn marker_height(row_count: usize, size: Size) -> f64 {
    row_count as f64 * (size.small() + 4.0)
}

/// Draws placed markers into the rows above the plot: lines first, so that no line crosses a label.
pub(crate) fn draw_markers(c: &mut Canvas, placed: &[PlacedMarker], p: &Plot, size: Size) {
    let step = size.small() + 4.0;
    let baseline = |row: usize| p.top - 6.0 - row as f64 * step;
    for m in placed {
        c.line([m.x, baseline(m.row) + 2.0], [m.x, p.bottom], "sf-mark", "");
    }
    for m in placed {
        let at = [m.start + 3.0, baseline(m.row)];
        c.text(at, Anchor::Start, size.small(), "sf-halo", &m.label);
    }
}

/// Swatches with names in a flowing row; returns the height used.
pub(crate) fn swatches(
    c: &mut Canvas,
    entries: &[(String, String)],
    at: [f64; 2],
    right: f64,
    size: Size,
) -> f64 {
    let (mut x, mut y) = (at[0], at[1]);
    let line = size.label() + 7.0;
    for (paint, label) in entries {
        let wide = 17.0 + text::width(label, size.label(), false) + 14.0;
        if x > at[0] && x + wide - 14.0 > right {
            (x, y) = (at[0], y + line);
        }
        let label = text::fit(label, size.label(), right - x - 17.0, false);
        c.rect(
            [x, y + 1.0, 12.0, 12.0],
            paint,
            &format!(r#"stroke="{}" stroke-width="0.7""#, colour::OUTLINE),
            "",
        );
        c.text([x + 17.0, y + 11.5], Anchor::Start, size.label(), "", &label);
        x += wide;
    }
    y + line - at[1]
}

/// The first letter in capitals.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |h| h.to_uppercase().chain(chars).collect())
}

/// Legend of classed values with zero and missing where they occur; returns the height used.
pub(crate) fn class_legend(
    c: &mut Canvas,
    classes: &Classes,
    shown: Occurrence,
    at: [f64; 2],
    right: f64,
    size: Size,
) -> f64 {
    let mut entries: Vec<(String, String)> = Vec::new();
    if shown.zero {
        entries.push((colour::WHITE.to_owned(), classes.format().text(0.0)));
    }
    for class in 0..classes.len() {
        entries.push((classes.shade(class).to_owned(), classes.label(class)));
    }
    if shown.missing {
        entries.push((c.hatch(), "no data".to_owned()));
    }
    swatches(c, &entries, at, right, size)
}

/// Whether zero and missing occur.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occurrence {
    pub(crate) zero: bool,
    pub(crate) missing: bool,
}

impl Occurrence {
    /// Looks for zeros and for missing values, which the key explains only where they occur.
    pub(crate) fn of<'a>(values: impl IntoIterator<Item = &'a Option<f64>>) -> Self {
        let mut shown = Occurrence { zero: false, missing: false };
        for v in values {
            shown.zero |= v.is_some_and(|v| v <= 0.0);
            shown.missing |= v.is_none();
        }
        shown
    }
}

/// The greatest values as a list with bars: the direct label a small map has no room for.
pub(crate) fn ranked_list(
    c: &mut Canvas,
    title: &str,
    entries: &[(String, String, f64)],
    classes: &Classes,
    [top, width]: [f64; 2],
) -> f64 {
    let size = 12.5;
    c.text(
        [0.0, top + 14.0],
        Anchor::Start,
        size,
        "sf-strong",
        &text::fit(title, size, width, true),
    );
    let max = entries.iter().map(|e| e.2).fold(0.0, f64::max);
    let step = 30.0;
    let values = entries.iter().map(|e| text::width(&classes.format().text(e.2), size, true));
    let room = width - 8.0 - values.fold(0.0, f64::max);
    for (i, (name, group, value)) in entries.iter().enumerate() {
        let y = top + 24.0 + i as f64 * step;
        let shown = text::fit(name, size, width * 0.62, false);
        let used = text::width(&shown, size, false) + 6.0;
        c.text([0.0, y + 12.0], Anchor::Start, size, "", &shown);
        let group = text::fit(group, 11.5, width - used, false);
        c.text([used, y + 12.0], Anchor::Start, 11.5, "sf-muted", &group);
        let long = if max > 0.0 { room * value / max } else { 0.0 };
        let edge = format!(r#"stroke="{}" stroke-width="0.7""#, colour::OUTLINE);
        c.rect([0.5, y + 16.5, long.max(1.0), 7.0], classes.fill(*value), &edge, "");
        let at = [long.max(1.0) + 6.0, y + 24.0];
        c.text(at, Anchor::Start, size, "sf-strong", &classes.format().text(*value));
    }
    top + 24.0 + entries.len() as f64 * step + 6.0
}

/// Ticks from zero (or below) that hold every value.
pub(crate) fn ticks_from_zero(max: f64, count: usize) -> Vec<f64> {
    ticks(0.0, if max > 0.0 { max } else { 1.0 }, count)
}

/// First and last of a list of ticks.
pub(crate) fn ends(values: &[f64]) -> [f64; 2] {
    [values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn marker_labels_never_touch(
            at in proptest::collection::vec((0usize..400, 1usize..40), 1..14)
        ) {
            let months = Months { first: 1, len: 400 };
            let markers: Vec<Marker> =
                at.iter().map(|(m, n)| Marker::new(*m, &"x".repeat(*n))).collect();
            let p = Plot { left: 40.0, top: 0.0, right: 320.0, bottom: 10.0 };
            let (placed, count) = place_markers(&markers, months, &p, Size::Narrow);
            for (i, a) in placed.iter().enumerate() {
                prop_assert!(a.row < count && a.start >= p.left);
                let end = a.start + text::width(&a.label, Size::Narrow.small(), false);
                prop_assert!(end <= p.right + 1.0);
                for b in &placed[..i] {
                    let wide = text::width(&b.label, Size::Narrow.small(), false);
                    prop_assert!(a.row != b.row || end < b.start || b.start + wide < a.start);
                }
            }
        }
    }
}
