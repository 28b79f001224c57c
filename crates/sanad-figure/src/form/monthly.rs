//! Monthly totals by group: stacked, and as small multiples.

use crate::axis::{
    Marker, Plot, check_markers, draw_markers, ends, grid_y, marker_height, place_markers,
    swatches, tick_width, ticks_from_zero, years,
};
use crate::colour;
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::form::{Series, check_series, monthly_csv, runs};
use crate::scale::{Linear, Months};
use crate::svg::{Anchor, Canvas, n};
use crate::text;

/// Input of [`stacked_months`].
#[derive(Debug, Clone)]
pub struct StackedMonths<'a> {
    /// The months.
    pub months: Months,
    /// One series per group, the first at the bottom; values at least 0; at most 8 series.
    pub series: &'a [Series],
    /// What a value is: "deaths per month, best estimate".
    pub unit: &'a str,
    /// Dated events.
    pub markers: &'a [Marker],
}

/// Draws monthly values stacked by group.
///
/// A month in which any group is missing is hatched over its whole height and not stacked: a
/// partial stack would read as a small total. CSV: `month, group, value`.
///
/// # Errors
///
/// With no month, without series or with more than eight, with series or markers that do not fit
/// the months, or values below zero. The crate's front page has an example.
///
/// ```
/// use sanad_figure::{Error, Heading, Months, Series, StackedMonths, stacked_months};
///
/// let chart = StackedMonths {
///     months: Months::starting(2025, 1, 3),
///     series: &[Series::complete("North", &[1.0, 2.0])],
///     unit: "deaths",
///     markers: &[],
/// };
/// let found = stacked_months(&Heading::new("deaths", "Deaths", "By month.", "Columns."), &chart);
/// assert!(matches!(found, Err(Error::LengthMismatch { .. })));
/// ```
pub fn stacked_months(heading: &Heading, chart: &StackedMonths<'_>) -> Result<Figure, Error> {
    check::not_empty("series", chart.series)?;
    check::within("number of series", chart.series.len() as f64, 1.0, 8.0)?;
    check_monthly(chart.months, chart.series, chart.markers)?;
    let mut sheet = DrawingSheet::new(heading)?;
    sheet.both(|canvas, size| draw_stack(canvas, chart, size));
    Ok(sheet.finish(monthly_csv(chart.months, "group", chart.series)))
}

/// Refuses runs of no or too many months, and series and markers that do not fit them.
fn check_monthly(months: Months, series: &[Series], markers: &[Marker]) -> Result<(), Error> {
    check::within("number of months", months.len as f64, 1.0, 12_000.0)?;
    check_markers(markers, months)?;
    for s in series {
        check_series("series", s, months.len)?;
        for v in s.values.iter().flatten() {
            check::within(&format!("value of {}", s.label), *v, 0.0, f64::MAX)?;
        }
    }
    Ok(())
}

/// Groups on top of one another by month; returns the drawing's height.
fn draw_stack(c: &mut Canvas, chart: &StackedMonths<'_>, size: Size) -> f64 {
    let months = chart.months;
    let totals = totals(chart);
    let top_value = totals.iter().flatten().fold(0.0_f64, |m, v| m.max(*v));
    let values = ticks_from_zero(top_value, size.pick(5, 4));
    let mut entries: Vec<(String, String)> = chart
        .series
        .iter()
        .enumerate()
        .map(|(i, s)| (colour::category(i).to_owned(), s.label.clone()))
        .collect();
    if totals.iter().any(Option::is_none) {
        entries.push((c.hatch(), "no data".to_owned()));
    }
    let legend = swatches(c, &entries, [0.0, 2.0], size.width(), size);
    c.text([0.0, legend + 16.0], Anchor::Start, size.small(), "sf-muted", chart.unit);
    let left = tick_width(&values, size, false) + 8.0;
    let mut p = Plot { left, top: 0.0, right: size.width() - 6.0, bottom: 0.0 };
    let (placed, marker_rows) = place_markers(chart.markers, months, &p, size);
    p.top = legend + 28.0 + marker_height(marker_rows, size);
    p.bottom = p.top + size.pick(260.0, 200.0);
    let [low, high] = ends(&values);
    let y = p.y(low, high);
    grid_y(c, &p, &y, &values, size, false);
    draw_missing(c, &p, months, &totals);
    draw_groups(c, chart, &totals, &p, &y);
    draw_markers(c, &placed, &p, size);
    years(c, &p, months, size);
    p.bottom + size.small() + 12.0
}

/// The sum of all groups by month; missing where one of them is.
fn totals(chart: &StackedMonths<'_>) -> Vec<Option<f64>> {
    (0..chart.months.len).map(|i| chart.series.iter().map(|s| s.values[i]).sum()).collect()
}

/// Each group as an area with steps at the months' borders.
fn draw_groups(
    c: &mut Canvas,
    chart: &StackedMonths<'_>,
    totals: &[Option<f64>],
    p: &Plot,
    y: &Linear,
) {
    let x = p.months(chart.months);
    let mut base = vec![0.0; chart.months.len];
    for (k, s) in chart.series.iter().enumerate() {
        let level: Vec<[f64; 2]> = s
            .values
            .iter()
            .zip(&base)
            .map(|(v, b)| [y.at(*b), y.at(b + v.unwrap_or(0.0))])
            .collect();
        let keep = |i: usize| totals[i].is_some() && s.values[i].is_some_and(|v| v > 0.0);
        let d = steps(&x, &level, keep);
        c.path(&d, &format!(r#"fill="{}""#, colour::category(k)), &s.label);
        for (b, v) in base.iter_mut().zip(&s.values) {
            *b += v.unwrap_or(0.0);
        }
    }
}

/// Months without data, hatched over the height of the plot.
pub(crate) fn draw_missing(c: &mut Canvas, p: &Plot, months: Months, values: &[Option<f64>]) {
    let x = p.months(months);
    for (a, b) in runs(values.len(), |i| values[i].is_none()) {
        let (from, to) = (x.at(a as f64), x.at(b as f64));
        let paint = c.hatch();
        let tip = format!("no data, {} to {}", months.name(a), months.name(b - 1));
        c.rect([from, p.top, to - from, p.bottom - p.top], &paint, "", &tip);
    }
}

/// Columns of adjoining months as one outline: per month its base and top in drawing units.
pub(crate) fn steps(x: &Linear, level: &[[f64; 2]], keep: impl Fn(usize) -> bool) -> String {
    let mut d = String::new();
    for (a, b) in runs(level.len(), keep) {
        d.push_str(&format!("M{} {}", n(x.at(a as f64)), n(level[a][0])));
        let mut up = String::new();
        let mut last = f64::NAN;
        for (i, column) in level.iter().enumerate().take(b).skip(a) {
            step_to(&mut up, column[1], x.at((i + 1) as f64), &mut last);
        }
        let mut last = f64::NAN;
        for (i, column) in level.iter().enumerate().take(b).skip(a).rev() {
            step_to(&mut up, column[0], x.at(i as f64), &mut last);
        }
        d.push_str(&up);
        d.push('Z');
    }
    d
}

/// Adds a step to a path, without points that change nothing.
fn step_to(d: &mut String, y: f64, x: f64, last: &mut f64) {
    if n(y) != n(*last) || last.is_nan() {
        d.push_str(&format!("V{}", n(y)));
    }
    d.push_str(&format!("H{}", n(x)));
    *last = y;
}

/// Whether panels share one vertical scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelScale {
    /// One scale: heights compare between panels.
    Shared,
    /// Each its own, stated in the figure: shapes compare, heights do not.
    Own,
}

/// Input of [`small_multiples`].
#[derive(Debug, Clone)]
pub struct SmallMultiples<'a> {
    /// The months.
    pub months: Months,
    /// One panel per series; values at least 0.
    pub series: &'a [Series],
    /// What a value is.
    pub unit: &'a str,
    /// Shared or own scales.
    pub scale: PanelScale,
    /// Dated events, drawn in every panel and named below.
    pub markers: &'a [Marker],
}

/// Draws one panel of monthly columns per series, three in a row (one on a phone), each with its
/// peak named. Missing months are hatched. CSV: `month, panel, value`.
///
/// # Errors
///
/// As [`stacked_months`], but for the number of series.
///
/// ```
/// use sanad_figure::{Heading, Months, PanelScale, Series, SmallMultiples, small_multiples};
///
/// let figure = small_multiples(
///     &Heading::new("provinces", "Deaths by province", "By month.", "One panel each."),
///     &SmallMultiples {
///         months: Months::starting(2025, 1, 2),
///         series: &[Series::complete("North", &[1.0, 2.0]), Series::complete("South", &[0.0, 9.0])],
///         unit: "deaths",
///         scale: PanelScale::Shared,
///         markers: &[],
///     },
/// )?;
/// assert!(figure.csv.contains("2025-02,South,9"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn small_multiples(heading: &Heading, chart: &SmallMultiples<'_>) -> Result<Figure, Error> {
    check::not_empty("series", chart.series)?;
    check_monthly(chart.months, chart.series, chart.markers)?;
    let mut sheet = DrawingSheet::new(heading)?;
    sheet.both(|canvas, size| draw_panels(canvas, chart, size));
    Ok(sheet.finish(monthly_csv(chart.months, "panel", chart.series)))
}

/// The greatest value, at least 0.
fn top_of(values: &[Option<f64>]) -> f64 {
    values.iter().flatten().fold(0.0_f64, |m, v| m.max(*v))
}

/// One panel for each series, on one scale or each on its own; returns the drawing's height.
fn draw_panels(c: &mut Canvas, chart: &SmallMultiples<'_>, size: Size) -> f64 {
    let columns = size.pick(if chart.series.len() == 4 { 2 } else { 3 }, 1).min(chart.series.len());
    let shared = chart.series.iter().map(|s| top_of(&s.values)).fold(0.0, f64::max);
    let said = match chart.scale {
        PanelScale::Shared => "all panels on one scale",
        PanelScale::Own => "each panel on its own scale",
    };
    let mut top = 0.0;
    for line in text::wrap(&format!("{}; {said}", chart.unit), size.small(), size.width()) {
        top += size.small() + 4.0;
        c.text([0.0, top], Anchor::Start, size.small(), "sf-muted", &line);
    }
    top += 10.0;
    let between = 22.0;
    let wide = (size.width() - between * (columns - 1) as f64) / columns as f64;
    let tall = size.pick(150.0, 142.0);
    for (i, s) in chart.series.iter().enumerate() {
        let at = [(i % columns) as f64 * (wide + between), top + (i / columns) as f64 * tall];
        let max = if chart.scale == PanelScale::Shared { shared } else { top_of(&s.values) };
        draw_panel(c, chart, s, max, [at[0], at[1], wide, tall], size);
    }
    let bottom = top + chart.series.len().div_ceil(columns) as f64 * tall;
    marker_note(c, chart, bottom, size)
}

/// One panel with its greatest month named.
fn draw_panel(
    c: &mut Canvas,
    chart: &SmallMultiples<'_>,
    s: &Series,
    max: f64,
    at: [f64; 4],
    size: Size,
) {
    let [left, top, wide, tall] = at;
    let font = size.label();
    c.text(
        [left, top + font],
        Anchor::Start,
        font,
        "sf-strong",
        &text::fit(&s.label, font, wide, true),
    );
    let peak = text::fit(&peak(chart.months, &s.values), size.small(), wide, false);
    c.text([left, top + font + size.small() + 4.0], Anchor::Start, size.small(), "sf-muted", &peak);
    let values = ticks_from_zero(max, 2);
    let gutter = tick_width(&values, size, false) + 8.0;
    let p = Plot {
        left: left + gutter,
        top: top + font + size.small() + 14.0,
        right: left + wide - 2.0,
        bottom: top + tall - size.small() - 16.0,
    };
    let [low, high] = ends(&values);
    let y = p.y(low, high);
    grid_y(c, &p, &y, &values, size, false);
    draw_missing(c, &p, chart.months, &s.values);
    let x = p.months(chart.months);
    let level: Vec<[f64; 2]> =
        s.values.iter().map(|v| [p.bottom, y.at(v.unwrap_or(0.0))]).collect();
    let d = steps(&x, &level, |i| s.values[i].is_some_and(|v| v > 0.0));
    c.path(&d, &format!(r#"fill="{}""#, colour::ACCENT), &s.label);
    for m in chart.markers {
        c.line([x.at(m.month as f64), p.top], [x.at(m.month as f64), p.bottom], "sf-mark", "");
    }
    years(c, &p, chart.months, size);
}

/// The greatest month and its value in words.
fn peak(months: Months, values: &[Option<f64>]) -> String {
    let best = values.iter().enumerate().filter_map(|(i, v)| v.map(|v| (i, v))).fold(
        None,
        |b: Option<(usize, f64)>, e| if b.is_some_and(|b| b.1 >= e.1) { b } else { Some(e) },
    );
    match best {
        Some((i, v)) if v > 0.0 => format!("peak {} in {}", text::short(v), months.name(i)),
        Some(_) => "none recorded".to_owned(),
        None => "no data".to_owned(),
    }
}

/// What the marked months are, below the panels.
fn marker_note(c: &mut Canvas, chart: &SmallMultiples<'_>, bottom: f64, size: Size) -> f64 {
    if chart.markers.is_empty() {
        return bottom;
    }
    let named: Vec<String> = chart
        .markers
        .iter()
        .map(|m| format!("{}, {}", chart.months.name(m.month), m.label))
        .collect();
    let mut y = bottom + 4.0;
    for line in
        text::wrap(&format!("Dashed lines: {}", named.join("; ")), size.small(), size.width())
    {
        y += size.small() + 4.0;
        c.text([0.0, y], Anchor::Start, size.small(), "sf-muted", &line);
    }
    y + 6.0
}
