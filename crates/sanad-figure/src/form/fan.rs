//! Fan charts: what was observed, and the bands of what may come.

use crate::axis::{Plot, ends, grid_y, swatches, tick_width, ticks_from_zero, years};
use crate::colour;
use crate::csv::{Csv, cell};
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::form::monthly::{PanelScale, draw_missing};
use crate::form::{Band, band_path, check_band, line_path, runs};
use crate::scale::{Linear, Months};
use crate::svg::{Anchor, Canvas};
use crate::text;

/// One panel of a [`Fan`].
#[derive(Debug, Clone, PartialEq)]
pub struct FanPanel {
    /// What it is about: a province, a scenario.
    pub label: String,
    /// Observed values; `None` where not observed (the future, or missing).
    pub observed: Vec<Option<f64>>,
    /// Median of the predictive distribution; `None` outside the forecast.
    pub median: Vec<Option<f64>>,
    /// Bands, widest first or last: drawn from the widest in.
    pub bands: Vec<Band>,
}

/// Input of [`fan`].
#[derive(Debug, Clone)]
pub struct Fan<'a> {
    /// The months of the whole axis, past and future.
    pub months: Months,
    /// One panel each; all with the same bands.
    pub panels: &'a [FanPanel],
    /// What a value is.
    pub unit: &'a str,
    /// Shared or own scales.
    pub scale: PanelScale,
}

/// Draws observed values as a dark line, then the forecast's median and its bands (three shades at
/// most). Values at least 0.
///
/// Months with neither observation nor forecast are hatched. CSV: `panel, month, observed, median,
/// band_percent, low, high`, one row per band, or one without band where there is none.
///
/// # Errors
///
/// Without panels, with lines or bands that do not fit the months, more than three bands, values
/// below zero, or bounds in the wrong order.
///
/// ```
/// use sanad_figure::{Band, Fan, FanPanel, Heading, Months, PanelScale, fan};
///
/// let panels = [FanPanel {
///     label: "North".to_owned(),
///     observed: vec![Some(4.0), Some(6.0), None],
///     median: vec![None, None, Some(5.0)],
///     bands: vec![Band { percent: 90, bounds: vec![None, None, Some([1.0, 12.0])] }],
/// }];
/// let figure = fan(
///     &Heading::new("outlook", "Deaths to come", "By month.", "A line, then a fan."),
///     &Fan {
///         months: Months::starting(2025, 6, 3),
///         panels: &panels,
///         unit: "deaths",
///         scale: PanelScale::Shared,
///     },
/// )?;
/// assert!(figure.csv.contains("North,2025-08,,5,90,1,12"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn fan(heading: &Heading, chart: &Fan<'_>) -> Result<Figure, Error> {
    check::not_empty("panels", chart.panels)?;
    check::within("number of months", chart.months.len as f64, 1.0, 12_000.0)?;
    chart.panels.iter().try_for_each(|p| validate(p, chart.months.len))?;
    let mut sheet = DrawingSheet::new(heading)?;
    sheet.both(|canvas, size| draw(canvas, chart, size));
    Ok(sheet.finish(data(chart)))
}

/// Refuses a panel whose lines and bands do not fit the months, more than three bands, and values
/// below zero.
fn validate(p: &FanPanel, len: usize) -> Result<(), Error> {
    check::len(&format!("observed, {}", p.label), len, p.observed.len())?;
    check::len(&format!("median, {}", p.label), len, p.median.len())?;
    check::optional(&format!("observed, {}", p.label), &p.observed)?;
    check::optional(&format!("median, {}", p.label), &p.median)?;
    check::within(&format!("number of bands, {}", p.label), p.bands.len() as f64, 0.0, 3.0)?;
    for v in p.observed.iter().chain(&p.median).flatten() {
        check::within(&format!("value of {}", p.label), *v, 0.0, f64::MAX)?;
    }
    for b in &p.bands {
        check_band(&p.label, b, len)?;
        for low in b.bounds.iter().flatten() {
            check::within(&format!("lower bound of {}", p.label), low[0], 0.0, f64::MAX)?;
        }
    }
    Ok(())
}

/// Shades of bands from the widest in: light to dark, all with a visible edge to white.
const SHADES: [&str; 3] = colour::BANDS;

/// Bands of a panel from the widest in, each with its shade.
fn shaded(p: &FanPanel) -> Vec<(&Band, &'static str)> {
    let mut bands: Vec<&Band> = p.bands.iter().collect();
    bands.sort_by_key(|b| std::cmp::Reverse(b.percent));
    let skip = 3 - bands.len();
    bands.into_iter().zip(SHADES.into_iter().skip(skip)).collect()
}

/// The greatest value that a panel shows.
fn top_of(p: &FanPanel) -> f64 {
    let points = p.observed.iter().chain(&p.median).flatten().copied();
    let bounds = p.bands.iter().flat_map(|b| b.bounds.iter().flatten().map(|x| x[1]));
    points.chain(bounds).fold(0.0, f64::max)
}

/// The key, then all panels; returns the drawing's height.
fn draw(c: &mut Canvas, chart: &Fan<'_>, size: Size) -> f64 {
    let mut entries: Vec<(String, String)> = vec![(colour::INK.to_owned(), "observed".to_owned())];
    if chart.panels.iter().any(|p| p.median.iter().any(Option::is_some)) {
        entries.push((colour::ACCENT.to_owned(), "median".to_owned()));
    }
    let mut bands = shaded(&chart.panels[0]);
    bands.reverse();
    entries.extend(bands.iter().map(|(b, s)| ((*s).to_owned(), format!("{}% band", b.percent))));
    if chart.panels.iter().any(|p| gaps(p).iter().any(Option::is_none)) {
        entries.push((c.hatch(), "no data".to_owned()));
    }
    let legend = swatches(c, &entries, [0.0, 2.0], size.width(), size);
    let said = match (chart.panels.len(), chart.scale) {
        (1, _) => String::new(),
        (_, PanelScale::Shared) => "; all panels on one scale".to_owned(),
        (_, PanelScale::Own) => "; each panel on its own scale".to_owned(),
    };
    let mut top = legend + 4.0;
    for line in text::wrap(&format!("{}{said}", chart.unit), size.small(), size.width()) {
        top += size.small() + 4.0;
        c.text([0.0, top], Anchor::Start, size.small(), "sf-muted", &line);
    }
    draw_panels(c, chart, top + 8.0, size)
}

/// Panels beside one another as far as there is room; returns where they end.
fn draw_panels(c: &mut Canvas, chart: &Fan<'_>, top: f64, size: Size) -> f64 {
    let one = chart.panels.len() == 1;
    let most = if chart.panels.len() == 2 || chart.panels.len() == 4 { 2 } else { 3 };
    let columns = if one { 1 } else { size.pick(most, 1) };
    let between = 22.0;
    let wide = (size.width() - between * (columns - 1) as f64) / columns as f64;
    let tall = if one { size.pick(300.0, 240.0) } else { size.pick(178.0, 160.0) };
    let shared = chart.panels.iter().map(top_of).fold(0.0, f64::max);
    for (i, panel) in chart.panels.iter().enumerate() {
        let at = [
            (i % columns) as f64 * (wide + between),
            top + (i / columns) as f64 * tall,
            wide,
            tall,
        ];
        let max = if chart.scale == PanelScale::Shared { shared } else { top_of(panel) };
        draw_panel(c, chart, panel, max, at, size);
    }
    top + chart.panels.len().div_ceil(columns) as f64 * tall
}

/// What is known by month, observed or forecast, to find months that are neither.
fn gaps(p: &FanPanel) -> Vec<Option<f64>> {
    p.observed.iter().zip(&p.median).map(|(o, m)| o.or(*m)).collect()
}

/// One panel with its axis, bands and lines.
fn draw_panel(
    c: &mut Canvas,
    chart: &Fan<'_>,
    panel: &FanPanel,
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
        &text::fit(&panel.label, font, wide, true),
    );
    let values = ticks_from_zero(max, if wide > 400.0 { 5 } else { 3 });
    let gutter = tick_width(&values, size, false) + 8.0;
    let p = Plot {
        left: left + gutter,
        top: top + font + 12.0,
        right: left + wide - 2.0,
        bottom: top + tall - size.small() - 14.0,
    };
    let [low, high] = ends(&values);
    let y = p.y(low, high);
    draw_missing(c, &p, chart.months, &gaps(panel));
    let x = p.months(chart.months);
    draw_bands(c, panel, &x, &y);
    grid_y(c, &p, &y, &values, size, false);
    draw_lines(c, panel, &p, &x, &y);
    years(c, &p, chart.months, size);
}

/// The bands, the wider ones paler.
fn draw_bands(c: &mut Canvas, panel: &FanPanel, x: &Linear, y: &Linear) {
    for (band, shade) in shaded(panel) {
        let points: Vec<Option<[f64; 3]>> = band
            .bounds
            .iter()
            .enumerate()
            .map(|(i, b)| b.map(|b| [x.at(i as f64 + 0.5), y.at(b[0]), y.at(b[1])]))
            .collect();
        let tip = format!("{}: {} % band", panel.label, band.percent);
        c.path(&band_path(&points), &format!(r#"fill="{shade}""#), &tip);
    }
}

/// What was observed as a line, the median of the forecast dashed.
fn draw_lines(c: &mut Canvas, panel: &FanPanel, p: &Plot, x: &Linear, y: &Linear) {
    let points = |v: &[Option<f64>]| -> Vec<Option<[f64; 2]>> {
        v.iter().enumerate().map(|(i, v)| v.map(|v| [x.at(i as f64 + 0.5), y.at(v)])).collect()
    };
    let first = runs(panel.median.len(), |i| panel.median[i].is_some()).first().map(|r| r.0);
    if let Some(first) = first {
        c.line([x.at(first as f64), p.top], [x.at(first as f64), p.bottom], "sf-mark", "");
    }
    let median = line_path(&points(&panel.median));
    c.path(
        &median,
        &format!(r#"fill="none" stroke="{}" stroke-width="2""#, colour::ACCENT),
        "median",
    );
    let observed = line_path(&points(&panel.observed));
    c.path(
        &observed,
        &format!(
            r#"fill="none" stroke="{}" stroke-width="1.6" stroke-linejoin="round""#,
            colour::INK
        ),
        "observed",
    );
}

/// The panels as CSV, one row for each month and band.
fn data(chart: &Fan<'_>) -> String {
    let mut csv =
        Csv::new(&["panel", "month", "observed", "median", "band_percent", "low", "high"]);
    for p in chart.panels {
        for i in 0..chart.months.len {
            let head =
                [p.label.clone(), chart.months.iso(i), cell(p.observed[i]), cell(p.median[i])];
            let bands: Vec<(&Band, [f64; 2])> =
                p.bands.iter().filter_map(|b| b.bounds[i].map(|x| (b, x))).collect();
            if bands.is_empty() {
                csv.row(head.iter().cloned().chain(["".to_owned(), "".to_owned(), "".to_owned()]));
            }
            for (b, [low, high]) in bands {
                let tail = [b.percent.to_string(), low.to_string(), high.to_string()];
                csv.row(head.iter().cloned().chain(tail));
            }
        }
    }
    csv.finish()
}
