//! Gaps: values brought to their scale of work, carried forward with an age, or imputed.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::em::{self, Fit};
use crate::framework::{Direction, Framework, Indicator, Transform};
use crate::method::Imputation;
use crate::panel::Panel;
use crate::sample::Observation;

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
    /// How far the drifts of one place's indicators go together, in [0, 1].
    pub(crate) common_drift: f64,
    /// Per indicator: mean variance of the observations' errors, in transformed units.
    pub(crate) error_variance: Vec<f64>,
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
            common_drift: common_drift(framework, places, &parts),
            error_variance: parts.iter().map(|part| part.error_variance).collect(),
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
    error_variance: f64,
    changes: Vec<Change>,
}

/// A change between two neighbouring observations of one place.
struct Change {
    place: usize,
    from: usize,
    to: usize,
    size: f64,
    /// Variance of the errors in both ends.
    noise: f64,
}

impl Change {
    fn months(&self) -> f64 {
        (self.to - self.from) as f64
    }
}

impl Series {
    fn new(panel: &Panel, framework: &Framework, indicator: usize, carry: bool) -> Self {
        let spec = &framework.indicators()[indicator];
        let lag = spec.release_lag_months;
        // A value that is known late is used late even where nothing is carried.
        let limit = if carry { spec.max_age_months.max(lag) } else { lag };
        let cells = panel.places() * panel.months();
        let (mut values, mut sources) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
        for place in 0..panel.places() {
            let series = panel.series(place, indicator);
            carry_forward(series, spec.transform, [lag, limit], &mut values, &mut sources);
        }
        let seen = Seen::new(panel, spec, indicator);
        Self {
            values,
            sources,
            drift: if limit == 0 { 0.0 } else { drift(&seen, limit) },
            error_variance: seen.error_variance,
            changes: if limit == 0 { Vec::new() } else { seen.changes },
        }
    }
}

/// What the observations of one indicator say about errors and change.
struct Seen {
    changes: Vec<Change>,
    spread: f64,
    error_variance: f64,
}

impl Seen {
    fn new(panel: &Panel, spec: &Indicator, indicator: usize) -> Self {
        let (mut changes, mut all, mut errors) = (Vec::new(), Vec::new(), 0.0);
        for place in 0..panel.places() {
            let mut last: Option<(usize, f64, f64)> = None;
            for (month, &raw) in panel.series(place, indicator).iter().enumerate() {
                if raw.is_nan() {
                    continue;
                }
                let value = spec.transform.apply(raw);
                let error =
                    Observation::new(panel, spec, place, month, indicator).variance(spec.transform);
                if let Some((from, earlier, before)) = last {
                    let (size, noise) = (value - earlier, before + error);
                    changes.push(Change { place, from, to: month, size, noise });
                }
                last = Some((month, value, error));
                all.push(value);
                errors += error;
            }
        }
        let error_variance = errors / (all.len() as f64).max(1.0);
        Self { changes, spread: sanad_numbers::variance(&all), error_variance }
    }
}

fn carry_forward(
    series: &[f64],
    transform: Transform,
    [lag, limit]: [u32; 2],
    values: &mut Vec<f64>,
    sources: &mut Vec<u32>,
) {
    let mut last: Option<(u32, f64)> = None;
    for month in 0..series.len() as u32 {
        // What this month makes known.
        if let Some(source) = month.checked_sub(lag)
            && !series[source as usize].is_nan()
        {
            last = Some((source, transform.apply(series[source as usize])));
        }
        let fresh = last.filter(|&(source, _)| month - source <= limit);
        values.push(fresh.map_or(f64::NAN, |(_, value)| value));
        sources.push(fresh.map_or(MISSING, |(source, _)| source));
    }
}

/// Variance gained per month: mean squared change between neighbouring observations over the
/// months between them, less the errors in both ends. With fewer than two changes the spread
/// across the panel is reached at the age limit: a value that old says no more than its absence
/// would.
fn drift(seen: &Seen, limit: u32) -> f64 {
    if seen.changes.len() < 2 {
        return seen.spread / f64::from(limit);
    }
    let squares: f64 = seen.changes.iter().map(|c| c.size * c.size - c.noise).sum();
    let months: f64 = seen.changes.iter().map(Change::months).sum();
    (squares / months).max(0.0)
}

/// Mean correlation of the drifts of different indicators of one place, from changes over the
/// same months, each turned into the direction in which it moves the index.
fn common_drift(framework: &Framework, places: usize, parts: &[Series]) -> f64 {
    let mut by_span: BTreeMap<(usize, usize, usize), Vec<f64>> = BTreeMap::new();
    for (part, spec) in parts.iter().zip(framework.indicators()) {
        if part.drift <= 0.0 {
            continue;
        }
        let sign = if spec.direction == Direction::Positive { 1.0 } else { -1.0 };
        for change in &part.changes {
            let standard = sign * change.size / (part.drift * change.months()).sqrt();
            by_span.entry((change.place, change.from, change.to)).or_default().push(standard);
        }
    }
    let (mut products, mut pairs) = (0.0, 0.0);
    for changes in by_span.values() {
        let sum: f64 = changes.iter().sum();
        let squares: f64 = changes.iter().map(|change| change * change).sum();
        products += (sum * sum - squares) / 2.0;
        pairs += (changes.len() * (changes.len() - 1)) as f64 / 2.0;
    }
    // Fewer pairs than places say too little.
    if pairs < places.max(8) as f64 { 0.0 } else { (products / pairs).clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_value_enters_no_month_before_it_can_be_known() {
        let panel = Panel::from_values(1, 6, 1, vec![1.0, GAP, 2.0, GAP, GAP, GAP]).unwrap();
        let late = Indicator::new("x", "").release_lag_months(2).max_age_months(3);
        let framework = Framework::single(vec![late]).expect("holds together");
        let of = |way| Filled::new(&panel, &framework, way).sources;
        assert_eq!(of(Imputation::LastValue), [MISSING, MISSING, 0, 0, 2, 2]);
        assert_eq!(of(Imputation::None), [MISSING, MISSING, 0, MISSING, 2, MISSING]);
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

    #[test]
    fn drifts_that_go_together_are_seen_to() {
        let walk = [0.0, 1.0, 3.0, 2.0, 2.5, 4.0, 3.0, 5.0, 4.5, 6.0];
        let values: Vec<f64> = walk.iter().chain(&walk.map(|v| -2.0 * v)).copied().collect();
        let panel = Panel::from_values(1, 10, 2, values).expect("lengths agree");
        let common = |direction: Direction| {
            let first = Indicator::new("a", "").max_age_months(3);
            let second = Indicator::new("b", "").max_age_months(3).direction(direction);
            let framework = Framework::single(vec![first, second]).expect("holds together");
            Filled::new(&panel, &framework, Imputation::LastValue).common_drift
        };
        assert!((common(Direction::Negative) - 1.0).abs() < 1e-12);
        assert_eq!(common(Direction::Positive), 0.0);
    }
}
