//! One module per form.

use crate::csv::Csv;
use crate::error::{Error, check};
use crate::scale::Months;
use crate::svg::n;

pub(crate) mod bars;
pub(crate) mod causal;
pub(crate) mod choropleth;
pub(crate) mod dots;
pub(crate) mod fan;
pub(crate) mod lines;
pub(crate) mod matrix;
pub(crate) mod monthly;
pub(crate) mod network;
pub(crate) mod reliability;
pub(crate) mod strips;
pub(crate) mod tile_map;
pub(crate) mod timeline;

/// A named run of monthly values; `None` is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name, as readers know it.
    pub label: String,
    /// One value per month of the figure.
    pub values: Vec<Option<f64>>,
}

impl Series {
    /// A series without missing values.
    pub fn complete(label: &str, values: &[f64]) -> Self {
        Series { label: label.to_owned(), values: values.iter().copied().map(Some).collect() }
    }
}

/// Lower and upper bounds per position, missing where there are none; `percent` names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// How much of the distribution lies inside, percent: 50, 80, 95.
    pub percent: u32,
    /// Lower and upper bound per position.
    pub bounds: Vec<Option<[f64; 2]>>,
}

/// Refuses a series of another length or with values that are not finite.
pub(crate) fn check_series(what: &str, series: &Series, len: usize) -> Result<(), Error> {
    let name = format!("{what} {}", series.label);
    check::len(&name, len, series.values.len())?;
    check::optional(&name, &series.values)
}

/// Refuses a band of another length, with bounds that are not finite or in the wrong order.
pub(crate) fn check_band(what: &str, band: &Band, len: usize) -> Result<(), Error> {
    let name = format!("{what}, {} % band", band.percent);
    check::len(&name, len, band.bounds.len())?;
    check::ordered(&name, band.bounds.iter().flatten().map(|b| [b[0], b[1], b[1]]))
}

/// Long CSV of monthly series: `month, series, value`.
pub(crate) fn monthly_csv(months: Months, kind: &str, series: &[Series]) -> String {
    let mut csv = Csv::new(&["month", kind, "value"]);
    for s in series {
        for (i, v) in s.values.iter().enumerate() {
            csv.row([months.iso(i), s.label.clone(), crate::csv::cell(*v)]);
        }
    }
    csv.finish()
}

/// Runs of positions where `keep` holds, as half-open ranges.
pub(crate) fn runs(len: usize, keep: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = None;
    for i in 0..=len {
        match (start, i < len && keep(i)) {
            (None, true) => start = Some(i),
            (Some(s), false) => {
                out.push((s, i));
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// A line through points, broken where a value is missing; a lone point becomes a short dash.
pub(crate) fn line_path(points: &[Option<[f64; 2]>]) -> String {
    let mut d = String::new();
    for (a, b) in runs(points.len(), |i| points[i].is_some()) {
        for (k, p) in points[a..b].iter().flatten().enumerate() {
            d.push_str(if k == 0 { "M" } else { "L" });
            d.push_str(&format!("{} {}", n(p[0]), n(p[1])));
        }
        if b - a == 1 {
            d.push_str("h1");
        }
    }
    d
}

/// The area between two lines given as (x, lower y, upper y), broken where missing.
pub(crate) fn band_path(points: &[Option<[f64; 3]>]) -> String {
    let mut d = String::new();
    for (a, b) in runs(points.len(), |i| points[i].is_some()) {
        let run: Vec<[f64; 3]> = points[a..b].iter().flatten().copied().collect();
        let upper = run.iter().map(|p| format!("{} {}", n(p[0]), n(p[2])));
        let lower = run.iter().rev().map(|p| format!("{} {}", n(p[0]), n(p[1])));
        let all: Vec<String> = upper.chain(lower).collect();
        d.push_str(&format!("M{}Z", all.join("L")));
    }
    d
}
