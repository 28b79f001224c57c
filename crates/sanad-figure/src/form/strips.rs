//! Heat strips: an index by row and month, with the evidence behind it.

use std::collections::BTreeMap;

use crate::axis::{
    Marker, Plot, check_markers, draw_markers, marker_height, place_markers, swatches, years,
};
use crate::colour;
use crate::csv::{Csv, cell};
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::form::runs;
use crate::scale::Months;
use crate::svg::{Anchor, Canvas, n};
use crate::text;

/// One row of a [`StripBlock`].
#[derive(Debug, Clone, PartialEq)]
pub struct StripRow {
    /// Name of the row.
    pub label: String,
    /// Index per month; `None` is missing and hatched.
    pub values: Vec<Option<f64>>,
    /// Share of the index's weight that has data, 0 to 1, per month; empty when not known.
    pub evidence: Vec<Option<f64>>,
}

/// Rows under one heading: a front.
#[derive(Debug, Clone, PartialEq)]
pub struct StripBlock {
    /// Name of the block.
    pub label: String,
    /// Its rows.
    pub rows: Vec<StripRow>,
}

/// Input of [`strips`].
#[derive(Debug, Clone)]
pub struct Strips<'a> {
    /// The months.
    pub months: Months,
    /// The blocks, top to bottom.
    pub blocks: &'a [StripBlock],
    /// Least and greatest possible value of the index.
    pub range: [f64; 2],
    /// What the ends of the range mean: "accepted", "strained".
    pub ends: [&'a str; 2],
    /// Months whose evidence share is below this are cross-lined.
    pub low_evidence: f64,
    /// Dated events.
    pub markers: &'a [Marker],
}

/// Draws one strip per row, shaded in eight equal classes of the range.
///
/// Missing months are hatched grey; months with less evidence than `low_evidence` keep their shade
/// under fine white lines. CSV: `block, row, month, value, evidence_share`.
///
/// # Errors
///
/// Without blocks, with rows that do not fit the months, or values outside the range.
///
/// ```
/// use sanad_figure::{Heading, Months, StripBlock, StripRow, Strips, strips};
///
/// let row = StripRow {
///     label: "North".to_owned(),
///     values: vec![Some(20.0), None],
///     evidence: vec![Some(0.4), None],
/// };
/// let figure = strips(
///     &Heading::new("fronts", "Strain by province", "0 to 100.", "One strip for each province."),
///     &Strips {
///         months: Months::starting(2025, 1, 2),
///         blocks: &[StripBlock { label: "Governance".to_owned(), rows: vec![row] }],
///         range: [0.0, 100.0],
///         ends: ["least", "most strained"],
///         low_evidence: 0.5,
///         markers: &[],
///     },
/// )?;
/// assert!(figure.csv.contains("Governance,North,2025-01,20,0.4"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn strips(heading: &Heading, chart: &Strips<'_>) -> Result<Figure, Error> {
    validate(chart)?;
    let mut sheet = DrawingSheet::new(heading)?;
    sheet.both(|canvas, size| draw(canvas, chart, size));
    Ok(sheet.finish(data(chart)))
}

/// Refuses blocks and rows whose values do not fit the months.
fn validate(chart: &Strips<'_>) -> Result<(), Error> {
    check::not_empty("blocks", chart.blocks)?;
    check::within("number of months", chart.months.len as f64, 1.0, 12_000.0)?;
    check_markers(chart.markers, chart.months)?;
    check::ordered("range", [[chart.range[0], chart.range[0], chart.range[1]]])?;
    for row in chart.blocks.iter().flat_map(|b| &b.rows) {
        let name = format!("index of {}", row.label);
        check::len(&name, chart.months.len, row.values.len())?;
        check::optional(&name, &row.values)?;
        for v in row.values.iter().flatten() {
            check::within(&name, *v, chart.range[0], chart.range[1])?;
        }
        if !row.evidence.is_empty() {
            let name = format!("evidence share of {}", row.label);
            check::len(&name, chart.months.len, row.evidence.len())?;
            check::optional(&name, &row.evidence)?;
            for v in row.evidence.iter().flatten() {
                check::within(&name, *v, 0.0, 1.0)?;
            }
        }
    }
    Ok(())
}

/// The class of a value between the ends of the range, 0 to 7.
fn class(chart: &Strips<'_>, value: f64) -> usize {
    let [low, high] = chart.range;
    let t = if high > low { (value - low) / (high - low) } else { 0.0 };
    ((t * 8.0).floor() as usize).min(7)
}

/// Whether a value rests on less evidence than the chart asks for, which is hatched.
fn is_low(chart: &Strips<'_>, row: &StripRow, i: usize) -> bool {
    row.values[i].is_some()
        && row.evidence.get(i).copied().flatten().is_some_and(|e| e < chart.low_evidence)
}

/// One strip per row, month by month; returns the drawing's height.
fn draw(c: &mut Canvas, chart: &Strips<'_>, size: Size) -> f64 {
    let legend = legend(c, chart, size);
    let labels = chart.blocks.iter().flat_map(|b| &b.rows);
    let needed =
        labels.map(|r| text::width(&r.label, size.small(), false)).fold(0.0, f64::max) + 8.0;
    let left = size.pick(needed.min(190.0), 0.0);
    let mut p = Plot { left, top: 0.0, right: size.width() - 4.0, bottom: 0.0 };
    let (placed, marker_rows) = place_markers(chart.markers, chart.months, &p, size);
    let mut y = legend + 8.0 + marker_height(marker_rows, size);
    p.top = y;
    for block in chart.blocks {
        y = draw_block(c, chart, block, [left, y], size);
    }
    p.bottom = y;
    draw_markers(c, &placed, &p, size);
    years(c, &p, chart.months, size);
    y + size.small() + 12.0
}

/// A block's title and its rows; returns where it ends.
fn draw_block(
    c: &mut Canvas,
    chart: &Strips<'_>,
    block: &StripBlock,
    at: [f64; 2],
    size: Size,
) -> f64 {
    let font = size.label();
    let mut y = at[1] + font + 8.0;
    c.text([0.0, y], Anchor::Start, font, "sf-strong sf-halo", &block.label);
    y += 6.0;
    let tall = size.pick(17.0, 15.0);
    let right = size.width() - 4.0;
    for row in &block.rows {
        if at[0] > 0.0 {
            let label = text::fit(&row.label, size.small(), at[0] - 6.0, false);
            c.text([at[0] - 6.0, y + tall * 0.5 + 4.0], Anchor::End, size.small(), "", &label);
        } else {
            y += size.small() + 4.0;
            c.text([0.0, y - 3.0], Anchor::Start, size.small(), "sf-halo", &row.label);
        }
        let p = Plot { left: at[0], top: y, right, bottom: y + tall };
        draw_row(c, chart, row, &p);
        y += tall + 3.0;
    }
    y + 4.0
}

/// One row: runs of months of one class, hatched where evidence is thin.
fn draw_row(c: &mut Canvas, chart: &Strips<'_>, row: &StripRow, p: &Plot) {
    let x = p.months(chart.months);
    let column = |(a, b): (usize, usize)| {
        let (from, to) = (x.at(a as f64), x.at(b as f64));
        format!("M{} {}H{}V{}H{}Z", n(from), n(p.top), n(to), n(p.bottom), n(from))
    };
    let mut paths: BTreeMap<usize, String> = BTreeMap::new();
    for k in 0..8 {
        let same = runs(row.values.len(), |i| row.values[i].is_some_and(|v| class(chart, v) == k));
        let d: String = same.into_iter().map(column).collect();
        paths.insert(k, d);
    }
    for (k, d) in paths {
        c.path(
            &d,
            &format!(r#"fill="{}" shape-rendering="crispEdges""#, colour::SEQUENTIAL[k]),
            "",
        );
    }
    let missing: String =
        runs(row.values.len(), |i| row.values[i].is_none()).into_iter().map(column).collect();
    if !missing.is_empty() {
        let paint = c.hatch();
        c.path(&missing, &format!(r#"fill="{paint}""#), "no data");
    }
    let low: String =
        runs(row.values.len(), |i| is_low(chart, row, i)).into_iter().map(column).collect();
    if !low.is_empty() {
        let paint = thin(c);
        c.path(&low, &format!(r#"fill="{paint}""#), "little evidence");
    }
    let frame = format!(r#"stroke="{}" stroke-width="0.6""#, colour::OUTLINE);
    c.rect([p.left + 0.3, p.top, p.width() - 0.3, p.bottom - p.top], "none", &frame, &row.label);
}

/// White lines over a shade: little evidence.
fn thin(c: &mut Canvas) -> String {
    let id = format!("{}-thin", c.id);
    if !c.defs.contains(&id) {
        c.defs.push_str(&format!(
            r##"<pattern id="{id}" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="2.2" height="4" fill="{}" fill-opacity=".8"/></pattern>"##,
            colour::PAPER
        ));
    }
    format!("url(#{id})")
}

/// What the colours and the hatching mean; returns where the drawing may begin.
fn legend(c: &mut Canvas, chart: &Strips<'_>, size: Size) -> f64 {
    let font = size.small();
    let first = format!("{} {}", text::number(chart.range[0], 2), chart.ends[0]);
    let last = format!("{} {}", text::number(chart.range[1], 2), chart.ends[1]);
    let start = text::width(&first, font, false) + 8.0;
    c.text([0.0, 13.0], Anchor::Start, font, "sf-muted", &first);
    let side = size.pick(20.0, 16.0);
    for (k, fill) in colour::SEQUENTIAL.iter().enumerate() {
        let edge = format!(r#"stroke="{}" stroke-width="0.6""#, colour::OUTLINE);
        c.rect([start + k as f64 * side, 3.0, side, 12.0], fill, &edge, "");
    }
    let end = start + 8.0 * side + 8.0;
    c.text([end, 13.0], Anchor::Start, font, "sf-muted", &last);
    let mut used = 20.0_f64;
    let rows: Vec<&StripRow> = chart.blocks.iter().flat_map(|b| &b.rows).collect();
    let mut extra: Vec<(String, String)> = Vec::new();
    if rows.iter().any(|r| (0..r.values.len()).any(|i| is_low(chart, r, i))) {
        let share = text::number(chart.low_evidence * 100.0, 0);
        extra.push((thin_swatch(c), format!("less than {share}% of the evidence")));
    }
    if rows.iter().any(|r| r.values.iter().any(Option::is_none)) {
        extra.push((c.hatch(), "no data".to_owned()));
    }
    if !extra.is_empty() {
        let begin = end + text::width(&last, font, false) + 20.0;
        let (at, room) = if size.is_wide() { ([begin, 2.0], begin) } else { ([0.0, 22.0], 0.0) };
        let tall = swatches(c, &extra, at, size.width(), size);
        used = if room > 0.0 { used.max(2.0 + tall) } else { 22.0 + tall };
    }
    used
}

/// The thin pattern over a middle shade needs a pattern of its own to fill one swatch.
fn thin_swatch(c: &mut Canvas) -> String {
    let id = format!("{}-lows", c.id);
    c.defs.push_str(&format!(
        r##"<pattern id="{id}" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="4" height="4" fill="{0}"/><rect width="2.2" height="4" fill="{1}" fill-opacity=".8"/></pattern>"##,
        colour::SEQUENTIAL[5],
        colour::PAPER,
    ));
    format!("url(#{id})")
}

/// The values as CSV.
fn data(chart: &Strips<'_>) -> String {
    let mut csv = Csv::new(&["block", "row", "month", "value", "evidence_share"]);
    for block in chart.blocks {
        for row in &block.rows {
            for (i, v) in row.values.iter().enumerate() {
                let evidence = row.evidence.get(i).copied().flatten();
                csv.row([
                    block.label.clone(),
                    row.label.clone(),
                    chart.months.iso(i),
                    cell(*v),
                    cell(evidence),
                ]);
            }
        }
    }
    csv.finish()
}
