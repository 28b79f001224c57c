//! Labelled matrices: branching ratios, confusion tables, correlations.

use crate::colour;
use crate::csv::{Csv, cell};
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::svg::{Anchor, Canvas};
use crate::text;

/// Which ramp a matrix is shaded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ramp {
    /// Magnitudes from 0.
    Magnitude,
    /// Change around 0, symmetric.
    Change,
}

/// Input of [`matrix`].
#[derive(Debug, Clone)]
pub struct MatrixChart<'a> {
    /// Names of the rows.
    pub rows: &'a [String],
    /// Names of the columns.
    pub columns: &'a [String],
    /// Values by row, then column; `None` is hatched.
    pub values: &'a [Vec<Option<f64>>],
    /// Second line in a cell, by row, then column ("0.1–0.4"); empty for none.
    pub notes: &'a [Vec<String>],
    /// What the rows are and what the columns are: "cause", "effect".
    pub sides: [&'a str; 2],
    /// Ramp.
    pub ramp: Ramp,
    /// Decimals written.
    pub decimals: usize,
}

/// Draws a table of numbers, each cell shaded and its number written in it.
///
/// On a phone, columns carry numbers and a key names them. CSV: `row, column, value, note`.
///
/// # Errors
///
/// Without rows or columns, with values or notes whose numbers do not fit them, or with magnitudes
/// below zero.
///
/// ```
/// use sanad_figure::{Heading, MatrixChart, Ramp, matrix};
///
/// let names = ["attack".to_owned(), "operation".to_owned()];
/// let figure = matrix(
///     &Heading::new("branching", "What brings what", "Events per event.", "Rows bring columns."),
///     &MatrixChart {
///         rows: &names,
///         columns: &names,
///         values: &[vec![Some(0.4), Some(0.1)], vec![Some(0.2), None]],
///         notes: &[],
///         sides: ["brings", "brought"],
///         ramp: Ramp::Magnitude,
///         decimals: 1,
///     },
/// )?;
/// assert!(figure.csv.contains("operation,attack,0.2,"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn matrix(heading: &Heading, chart: &MatrixChart<'_>) -> Result<Figure, Error> {
    validate(chart)?;
    let mut sheet = DrawingSheet::new(heading)?;
    sheet.both(|canvas, size| draw(canvas, chart, size));
    Ok(sheet.finish(data(chart)))
}

/// Refuses rows, columns, values and notes whose numbers do not fit one another.
fn validate(chart: &MatrixChart<'_>) -> Result<(), Error> {
    check::not_empty("rows", chart.rows)?;
    check::not_empty("columns", chart.columns)?;
    check::len("rows of values", chart.rows.len(), chart.values.len())?;
    for (row, name) in chart.values.iter().zip(chart.rows) {
        check::len(name, chart.columns.len(), row.len())?;
        check::optional(name, row)?;
        if chart.ramp == Ramp::Magnitude {
            for v in row.iter().flatten() {
                check::within(name, *v, 0.0, f64::MAX)?;
            }
        }
    }
    if !chart.notes.is_empty() {
        check::len("rows of notes", chart.rows.len(), chart.notes.len())?;
        for (row, name) in chart.notes.iter().zip(chart.rows) {
            check::len(&format!("notes of {name}"), chart.columns.len(), row.len())?;
        }
    }
    Ok(())
}

/// The colour of a value, darker the farther it is from zero among all values.
fn fill(chart: &MatrixChart<'_>, v: f64) -> &'static str {
    let all = chart.values.iter().flatten().flatten();
    let most = all.fold(0.0_f64, |m, x| m.max(x.abs()));
    let t = if most > 0.0 { v / most } else { 0.0 };
    match chart.ramp {
        Ramp::Magnitude if v == 0.0 => colour::WHITE,
        Ramp::Magnitude => colour::SEQUENTIAL[((t * 8.0).floor() as usize).min(7)],
        Ramp::Change => colour::DIVERGING[(((t + 1.0) * 4.5).floor().max(0.0) as usize).min(8)],
    }
}

/// The cells under their column names; returns the drawing's height.
fn draw(c: &mut Canvas, chart: &MatrixChart<'_>, size: Size) -> f64 {
    let font = size.label();
    let names = chart.rows.iter().map(|r| text::width(r, font, false));
    let left = (names.fold(0.0, f64::max) + 22.0).clamp(60.0, size.pick(200.0, 128.0));
    let wide =
        ((size.width() - left - 2.0) / chart.columns.len() as f64).min(size.pick(110.0, 64.0));
    let tall = if chart.notes.is_empty() { 30.0 } else { 42.0 };
    let said = format!("rows: {}; columns: {}", chart.sides[0], chart.sides[1]);
    c.text(
        [0.0, 12.0],
        Anchor::Start,
        size.small(),
        "sf-muted",
        &text::fit(&said, size.small(), size.width(), false),
    );
    let keyed = chart.columns.iter().any(|n| {
        text::wrap(n, font, wide - 4.0).iter().any(|l| l.ends_with('…'))
            || text::wrap(n, font, wide - 4.0).len() > 3
    });
    let top = column_names(c, chart, [left, wide], keyed, size);
    for (i, row) in chart.values.iter().enumerate() {
        let y = top + i as f64 * tall;
        let name =
            if keyed { format!("{} {}", i + 1, chart.rows[i]) } else { chart.rows[i].clone() };
        row_name(c, &name, [left, y + tall / 2.0], size);
        for (j, v) in row.iter().enumerate() {
            draw_cell(c, chart, (i, j), *v, [left + j as f64 * wide, y, wide, tall], size);
        }
    }
    let bottom = top + chart.rows.len() as f64 * tall + 6.0;
    if keyed && chart.rows != chart.columns { key(c, chart, bottom, size) } else { bottom }
}

/// A row's name in at most two lines.
fn row_name(c: &mut Canvas, name: &str, at: [f64; 2], size: Size) {
    let font = size.label();
    let mut lines = text::wrap(name, font, at[0] - 8.0);
    lines.truncate(2);
    let shift = (lines.len() as f64 - 1.0) * font * 0.6;
    for (k, line) in lines.iter().enumerate() {
        let y = at[1] + 4.5 - shift + k as f64 * font * 1.2;
        c.text([at[0] - 6.0, y], Anchor::End, font, "", line);
    }
}

/// Columns by name, or by number where the names are explained in a key; returns where they end.
fn column_names(
    c: &mut Canvas,
    chart: &MatrixChart<'_>,
    at: [f64; 2],
    keyed: bool,
    size: Size,
) -> f64 {
    let font = size.label();
    let lines: Vec<Vec<String>> = chart
        .columns
        .iter()
        .enumerate()
        .map(
            |(j, n)| {
                if keyed { vec![(j + 1).to_string()] } else { text::wrap(n, font, at[1] - 4.0) }
            },
        )
        .collect();
    let most = lines.iter().map(Vec::len).max().unwrap_or(1);
    for (j, own) in lines.iter().enumerate() {
        for (k, line) in own.iter().enumerate() {
            let row = most - own.len() + k;
            let y = 20.0 + (row + 1) as f64 * font * 1.2;
            let x = at[0] + (j as f64 + 0.5) * at[1];
            c.text([x, y], Anchor::Middle, font, "", line);
        }
    }
    20.0 + most as f64 * font * 1.2 + 7.0
}

/// One cell with its number and note.
fn draw_cell(
    c: &mut Canvas,
    chart: &MatrixChart<'_>,
    at: (usize, usize),
    v: Option<f64>,
    r: [f64; 4],
    size: Size,
) {
    let [x, y, w, h] = r;
    let note = chart.notes.get(at.0).map_or("", |row| row[at.1].as_str());
    let said = v.map_or("no data".to_owned(), |v| fixed(v, chart.decimals));
    let tip = format!("{} → {}: {said} {note}", chart.rows[at.0], chart.columns[at.1]);
    let paint = v.map_or_else(|| c.hatch(), |v| fill(chart, v).to_owned());
    let edge = format!(r#"stroke="{}" stroke-width="0.7""#, colour::OUTLINE);
    c.rect([x + 1.0, y + 1.0, w - 2.0, h - 2.0], &paint, &edge, tip.trim_end());
    let Some(v) = v else { return };
    let fits = text::width(&said, size.label(), true) <= w - 2.0;
    let said = if fits { said } else { text::compact(v) };
    let class = if colour::text_on(fill(chart, v)) == colour::WHITE { "sf-white" } else { "" };
    let mid = x + w / 2.0;
    let note = if text::width(note, size.small(), false) <= w - 2.0 { note } else { "" };
    let base = if note.is_empty() { y + h / 2.0 + 4.5 } else { y + h / 2.0 - 2.0 };
    c.text([mid, base], Anchor::Middle, size.label(), &format!("sf-strong {class}"), &said);
    if !note.is_empty() {
        c.text([mid, base + 15.0], Anchor::Middle, size.small(), class, note);
    }
}

/// A number with all its decimals, so that cells align.
fn fixed(v: f64, decimals: usize) -> String {
    format!("{v:.decimals$}").replace('-', "−")
}

/// The columns' numbers and names; returns where the drawing ends.
fn key(c: &mut Canvas, chart: &MatrixChart<'_>, bottom: f64, size: Size) -> f64 {
    let named: Vec<String> =
        chart.columns.iter().enumerate().map(|(j, n)| format!("{} {n}", j + 1)).collect();
    let mut y = bottom + 2.0;
    for line in text::wrap(&format!("Columns: {}", named.join("; ")), size.small(), size.width()) {
        y += size.small() + 4.0;
        c.text([0.0, y], Anchor::Start, size.small(), "sf-muted", &line);
    }
    y + 6.0
}

/// The values as CSV.
fn data(chart: &MatrixChart<'_>) -> String {
    let mut csv = Csv::new(&["row", "column", "value", "note"]);
    for (i, row) in chart.values.iter().enumerate() {
        for (j, v) in row.iter().enumerate() {
            let note = chart.notes.get(i).map_or(String::new(), |r| r[j].clone());
            csv.row([chart.rows[i].clone(), chart.columns[j].clone(), cell(*v), note]);
        }
    }
    csv.finish()
}
