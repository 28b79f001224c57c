//! Gaps: values brought to their scale of work, carried forward with an age, or imputed.

use rayon::prelude::*;

use crate::em::{self, Fit};
use crate::framework::{Framework, Transform};
use crate::method::Imputation;
use crate::panel::Panel;

/// Marks a cell without a value.
pub(crate) const MISSING: u32 = u32::MAX;
/// Marks a cell whose value comes from the other indicators.
pub(crate) const IMPUTED: u32 = u32::MAX - 1;

/// A panel after transformation, carrying forward and imputation.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) places: usize,
    pub(crate) months: usize,
    /// Transformed values by indicator, place, month; `NaN` where missing.
    pub(crate) values: Vec<f64>,
    /// The month each value was observed in, or [`MISSING`], or [`IMPUTED`].
    pub(crate) sources: Vec<u32>,
    /// Per indicator: variance gained per month of age, in transformed units.
    pub(crate) drift: Vec<f64>,
    /// Conditional errors of imputed cells.
    pub(crate) fit: Option<Fit>,
}

impl Filled {
    pub(crate) fn new(panel: &Panel, framework: &Framework, imputation: Imputation) -> Self {
        let (places, months) = (panel.places(), panel.months());
        let carry = imputation != Imputation::None;
        let parts: Vec<Series> = (0..panel.indicators())
            .into_par_iter()
            .map(|indicator| Series::new(panel, framework, indicator, carry))
            .collect();
        let mut filled = Self {
            places,
            months,
            values: parts.iter().flat_map(|part| part.values.iter().copied()).collect(),
            sources: parts.iter().flat_map(|part| part.sources.iter().copied()).collect(),
            drift: parts.iter().map(|part| part.drift).collect(),
            fit: None,
        };
        if imputation == Imputation::ExpectationMaximisation {
            filled.impute();
        }
        filled
    }

    pub(crate) fn at(&self, place: usize, month: usize, indicator: usize) -> usize {
        (indicator * self.places + place) * self.months + month
    }

    /// The values of one indicator, by place and month.
    pub(crate) fn indicator(&self, indicator: usize) -> &[f64] {
        let cells = self.places * self.months;
        &self.values[indicator * cells..(indicator + 1) * cells]
    }

    fn impute(&mut self) {
        let cells = self.places * self.months;
        let columns = self.values.len() / cells.max(1);
        let rows: Vec<f64> = (0..cells)
            .flat_map(|cell| (0..columns).map(move |column| (cell, column)))
            .map(|(cell, column)| self.values[column * cells + cell])
            .collect();
        let fit = em::fit(&rows, columns, &em::Settings::default());
        for (at, &value) in fit.completed.iter().enumerate() {
            let target = (at % columns) * cells + at / columns;
            if self.values[target].is_nan() && !value.is_nan() {
                self.values[target] = value;
                self.sources[target] = IMPUTED;
            }
        }
        self.fit = Some(fit);
    }
}

struct Series {
    values: Vec<f64>,
    sources: Vec<u32>,
    drift: f64,
}

impl Series {
    fn new(panel: &Panel, framework: &Framework, indicator: usize, carry: bool) -> Self {
        let spec = &framework.indicators()[indicator];
        let limit = if carry { spec.max_age_months } else { 0 };
        let cells = panel.places() * panel.months();
        let (mut values, mut sources) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
        for place in 0..panel.places() {
            let series = panel.series(place, indicator);
            carry_forward(series, spec.transform, limit, &mut values, &mut sources);
        }
        let drift = if limit == 0 { 0.0 } else { drift(panel, indicator, spec.transform, limit) };
        Self { values, sources, drift }
    }
}

fn carry_forward(
    series: &[f64],
    transform: Transform,
    limit: u32,
    values: &mut Vec<f64>,
    sources: &mut Vec<u32>,
) {
    let mut last: Option<(u32, f64)> = None;
    for (month, &value) in series.iter().enumerate() {
        let month = month as u32;
        if !value.is_nan() {
            last = Some((month, transform.apply(value)));
        }
        let fresh = last.filter(|&(source, _)| month - source <= limit);
        values.push(fresh.map_or(f64::NAN, |(_, value)| value));
        sources.push(fresh.map_or(MISSING, |(source, _)| source));
    }
}

/// Variance gained per month: mean squared change between neighbouring observations over the
/// months between them, less the sampling error in both ends. With fewer than two changes the
/// spread across the panel is reached at the age limit: a value that old says no more than its
/// absence would.
fn drift(panel: &Panel, indicator: usize, transform: Transform, limit: u32) -> f64 {
    let (mut squares, mut months, mut changes) = (0.0, 0.0, 0_u32);
    let mut all = Vec::new();
    for place in 0..panel.places() {
        let mut last: Option<(usize, f64)> = None;
        for (month, &raw) in panel.series(place, indicator).iter().enumerate() {
            if raw.is_nan() {
                continue;
            }
            let value = transform.apply(raw);
            if let Some((before, earlier)) = last {
                let noise = sampling_variance(panel, place, before, indicator, transform)
                    + sampling_variance(panel, place, month, indicator, transform);
                squares += (value - earlier).powi(2) - noise;
                months += (month - before) as f64;
                changes += 1;
            }
            last = Some((month, value));
            all.push(value);
        }
    }
    if changes >= 2 {
        (squares / months).max(0.0)
    } else {
        crate::linear::variance(&all) / f64::from(limit)
    }
}

/// Squared standard error in transformed units, to first order.
fn sampling_variance(
    panel: &Panel,
    place: usize,
    month: usize,
    indicator: usize,
    transform: Transform,
) -> f64 {
    let error = panel.standard_error(place, month, indicator);
    let slope = match transform {
        Transform::Identity => 1.0,
        Transform::Log1p => {
            1.0 / (1.0 + panel.value(place, month, indicator).unwrap_or(0.0).max(0.0))
        }
    };
    (error * slope).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Indicator;

    fn filled(values: &[f64], limit: u32, imputation: Imputation) -> Filled {
        let panel = Panel::from_values(1, values.len(), 1, values.to_vec()).expect("lengths agree");
        let framework = Framework::single(vec![Indicator::new("x", "").max_age_months(limit)])
            .expect("holds together");
        Filled::new(&panel, &framework, imputation)
    }

    const GAP: f64 = f64::NAN;

    #[test]
    fn values_are_carried_up_to_their_age_limit_and_no_further() {
        let carried = filled(&[GAP, 1.0, GAP, GAP, GAP, 4.0], 2, Imputation::LastValue);
        assert_eq!(carried.sources, [MISSING, 1, 1, 1, MISSING, 5]);
        assert_eq!(carried.values[3], 1.0);
        assert!(carried.values[4].is_nan());
    }

    #[test]
    fn nothing_is_carried_without_imputation() {
        let bare = filled(&[1.0, GAP], 9, Imputation::None);
        assert_eq!(bare.sources, [0, MISSING]);
    }

    #[test]
    fn drift_is_the_mean_squared_change_per_month() {
        let carried = filled(&[0.0, GAP, 2.0, GAP, 0.0], 12, Imputation::LastValue);
        assert_eq!(carried.drift, [(4.0 + 4.0) / 4.0]);
    }
}
