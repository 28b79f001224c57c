//! Gaps: values brought to their scale of work, carried forward with an age, or imputed.

use sanad_numbers::PlaceMonthGrid;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::em::{self, Fit};
use crate::framework::{Direction, Framework, Indicator, Transform};
use crate::method::Imputation;
use crate::panel::Panel;
use crate::sample::SampledValue;

/// Marks a cell without a value.
pub(crate) const MISSING: u32 = u32::MAX;
/// Marks a cell whose value comes from the other indicators.
pub(crate) const IMPUTED: u32 = u32::MAX - 1;

/// A panel after transformation, carrying forward and imputation.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) places: usize,
    pub(crate) months: usize,
    /// Transformed values of each indicator.
    pub(crate) columns: Arc<Vec<ValueColumn>>,
    /// Indicators × places × months: the month each value was observed in, or [`MISSING`], or [`IMPUTED`].
    pub(crate) sources: Arc<Vec<u32>>,
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
    /// The panel with its gaps carried forward within each indicator's limit, and then, if asked,
    /// filled from the other indicators.
    pub(crate) fn new(panel: &Panel, framework: &Framework, imputation: Imputation) -> Self {
        let (places, months) = (panel.places(), panel.months());
        let (cells, indicators) = (places * months, panel.indicators());
        let is_carried = imputation != Imputation::None;
        let mut sources = vec![0; indicators * cells];
        let (columns, parts): (Vec<ValueColumn>, Vec<CarriedSeries>) =
            columns_mut(&mut sources, cells, indicators)
                .into_par_iter()
                .enumerate()
                .map(|(indicator, sources)| {
                    let spec = &framework.indicators()[indicator];
                    let rule = CarryRule::new(spec, is_carried);
                    let values = rule.carry(panel, indicator, spec, sources);
                    (values, CarriedSeries::new(panel, spec, indicator, rule))
                })
                .unzip();
        let mut filled = Self {
            places,
            months,
            columns: Arc::new(columns),
            sources: Arc::new(sources),
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

    /// The value, or `NaN` where it is missing.
    pub(crate) fn value(&self, place: usize, month: usize, indicator: usize) -> f64 {
        self.indicator(indicator)[self.grid().cell(place, month)]
    }

    /// Where a value lies in `sources`.
    pub(crate) fn index(&self, place: usize, month: usize, indicator: usize) -> usize {
        self.grid().cell_of(indicator, place, month)
    }

    /// The shape of arrays by place and month.
    pub(crate) fn grid(&self) -> PlaceMonthGrid {
        PlaceMonthGrid { places: self.places, months: self.months }
    }

    /// The values of one indicator, by place and month.
    pub(crate) fn indicator(&self, indicator: usize) -> &[f64] {
        self.columns[indicator].as_slice()
    }

    /// Fills what carrying left open from the other indicators of the same place and month.
    fn impute(&mut self) {
        let cells = self.grid().cells();
        let columns = self.columns.len();
        let rows: Vec<f64> = (0..cells)
            .flat_map(|cell| self.columns.iter().map(move |column| column.as_slice()[cell]))
            .collect();
        let fit = em::fit(&rows, columns, &em::Settings::default());
        let sources = Arc::make_mut(&mut self.sources);
        for (column, values) in Arc::make_mut(&mut self.columns).iter_mut().enumerate() {
            let mut completed = values.as_slice().to_vec();
            for (cell, value) in completed.iter_mut().enumerate() {
                let estimate = fit.completed[cell * columns + column];
                if value.is_nan() && !estimate.is_nan() {
                    *value = estimate;
                    sources[column * cells + cell] = IMPUTED;
                }
            }
            *values = ValueColumn::new(completed);
        }
        self.fit = Some(fit);
    }
}

/// Splits indicators × cells into one column per indicator; columns may be empty.
pub(crate) fn columns_mut<T>(mut all: &mut [T], cells: usize, count: usize) -> Vec<&mut [T]> {
    let mut columns = Vec::with_capacity(count);
    for _ in 0..count {
        let (column, rest) = all.split_at_mut(cells);
        columns.push(column);
        all = rest;
    }
    columns
}

/// One indicator's values by place and month, `NaN` where missing: values of its own, or a part of
/// the panel's where nothing changed them.
#[derive(Debug, Clone)]
pub(crate) struct ValueColumn {
    values: Arc<Vec<f64>>,
    cells: Range<usize>,
}

impl ValueColumn {
    fn new(values: Vec<f64>) -> Self {
        Self { cells: 0..values.len(), values: Arc::new(values) }
    }

    /// The values by place and month.
    pub(crate) fn as_slice(&self) -> &[f64] {
        &self.values[self.cells.clone()]
    }
}

/// What the observations of one indicator say of errors and of change.
struct CarriedSeries {
    drift: f64,
    error_variance: f64,
    /// Empty where nothing is carried: then nobody asks for them.
    changes: Vec<YearlyChange>,
}

/// A change between two neighbouring observations of one place.
struct YearlyChange {
    place: usize,
    from: usize,
    to: usize,
    size: f64,
    /// Variance of the errors in both ends.
    noise: f64,
}

impl YearlyChange {
    /// Months from the earlier observation to the later.
    fn months(&self) -> f64 {
        (self.to - self.from) as f64
    }
}

/// From and up to which age a value counts, in months.
#[derive(Clone, Copy)]
struct CarryRule {
    /// Months until a value can be known.
    lag: u32,
    /// Months after which a value counts no longer, ≥ `lag`.
    limit: u32,
}

impl CarryRule {
    fn new(spec: &Indicator, is_carried: bool) -> Self {
        let lag = spec.release_lag_months;
        // A value that is known late is used late even where nothing is carried.
        Self { lag, limit: if is_carried { spec.max_age_months.max(lag) } else { lag } }
    }

    /// The values of one indicator; writes the months they were observed in, places × months.
    fn carry(
        self,
        panel: &Panel,
        indicator: usize,
        spec: &Indicator,
        sources: &mut [u32],
    ) -> ValueColumn {
        let months = panel.months().max(1);
        let raw = panel.column(indicator);
        if self.limit == 0 {
            raw.chunks(months).zip(sources.chunks_mut(months)).for_each(|(series, sources)| {
                take_as_observed(series, sources);
            });
            return as_observed(panel, indicator, spec.transform);
        }
        let mut values = vec![0.0; raw.len()];
        let rows = values.chunks_mut(months).zip(sources.chunks_mut(months));
        for (series, (values, sources)) in raw.chunks(months).zip(rows) {
            self.carry_forward(series, spec.transform, values, sources);
        }
        ValueColumn::new(values)
    }

    /// The last value that was known, up to its age limit.
    fn carry_forward(
        self,
        series: &[f64],
        transform: Transform,
        values: &mut [f64],
        sources: &mut [u32],
    ) {
        let mut last: Option<(u32, f64)> = None;
        for (month, (value, source)) in (0_u32..).zip(values.iter_mut().zip(sources)) {
            // What this month makes known.
            if let Some(observed) = month.checked_sub(self.lag)
                && !series[observed as usize].is_nan()
            {
                last = Some((observed, transform.apply(series[observed as usize])));
            }
            let in_time = last.filter(|&(observed, _)| month - observed <= self.limit);
            (*source, *value) = in_time.unwrap_or((MISSING, f64::NAN));
        }
    }
}

/// Where nothing is late and nothing carried, every month has its own value or none.
fn take_as_observed(series: &[f64], sources: &mut [u32]) {
    for (month, (source, raw)) in (0_u32..).zip(sources.iter_mut().zip(series)) {
        *source = if raw.is_nan() { MISSING } else { month };
    }
}

/// The panel's own values of one indicator, transformed.
fn as_observed(panel: &Panel, indicator: usize, transform: Transform) -> ValueColumn {
    let raw = panel.column(indicator);
    if transform == Transform::Identity {
        let start = indicator * raw.len();
        return ValueColumn { values: panel.shared_values(), cells: start..start + raw.len() };
    }
    let apply = |&raw: &f64| if raw.is_nan() { f64::NAN } else { transform.apply(raw) };
    ValueColumn::new(raw.iter().map(apply).collect())
}

impl CarriedSeries {
    fn new(panel: &Panel, spec: &Indicator, indicator: usize, rule: CarryRule) -> Self {
        let error_variance = error_variance(panel, spec, indicator);
        if rule.limit == 0 {
            return Self { drift: 0.0, error_variance, changes: Vec::new() };
        }
        let changes = changes(panel, spec, indicator);
        let drift = if changes.len() < 2 {
            spread_of_observed(panel, spec, indicator) / f64::from(rule.limit)
        } else {
            drift(&changes)
        };
        Self { drift, error_variance, changes }
    }
}

/// Mean variance of the errors of one indicator's observations, in transformed units.
fn error_variance(panel: &Panel, spec: &Indicator, indicator: usize) -> f64 {
    if !spec.poisson && panel.is_exact(indicator) {
        return 0.0;
    }
    let (mut errors, mut count) = (0.0, 0.0_f64);
    for (cell, value) in panel.column(indicator).iter().enumerate() {
        if !value.is_nan() {
            errors += SampledValue::in_cell(panel, spec, cell, indicator).variance(spec.transform);
            count += 1.0;
        }
    }
    errors / count.max(1.0)
}

/// The steps from each observation to the next of the same place, place after place.
fn changes(panel: &Panel, spec: &Indicator, indicator: usize) -> Vec<YearlyChange> {
    let grid = PlaceMonthGrid { places: panel.places(), months: panel.months() };
    let mut changes = Vec::new();
    for (place, series) in panel.column(indicator).chunks(grid.months.max(1)).enumerate() {
        let mut last: Option<(usize, f64, f64)> = None;
        for (month, &raw) in series.iter().enumerate().filter(|(_, raw)| !raw.is_nan()) {
            let value = spec.transform.apply(raw);
            let observation =
                SampledValue::in_cell(panel, spec, grid.cell(place, month), indicator);
            let error = observation.variance(spec.transform);
            if let Some((from, earlier, before)) = last {
                let (size, noise) = (value - earlier, before + error);
                changes.push(YearlyChange { place, from, to: month, size, noise });
            }
            last = Some((month, value, error));
        }
    }
    changes
}

/// Variance of one indicator's observations across the panel, in transformed units.
fn spread_of_observed(panel: &Panel, spec: &Indicator, indicator: usize) -> f64 {
    let observed = panel.column(indicator).iter().filter(|raw| !raw.is_nan());
    let observed: Vec<f64> = observed.map(|&raw| spec.transform.apply(raw)).collect();
    sanad_numbers::variance(&observed)
}

/// Variance gained per month: Σ (size² − noise) / Σ months, the mean squared change between
/// neighbouring observations over the months between them, less the errors in both ends.
///
/// With fewer than two changes the spread across the panel is reached at the age limit instead: a
/// value that old says no more than its absence would.
fn drift(changes: &[YearlyChange]) -> f64 {
    let squares: f64 = changes.iter().map(|c| c.size * c.size - c.noise).sum();
    let months: f64 = changes.iter().map(YearlyChange::months).sum();
    (squares / months).max(0.0)
}

/// Mean of sᵢ·sⱼ over all pairs of changes of one place over the same months, with
/// s = ± size / √(drift · months): the correlation of the drifts of different indicators
/// of one place, each turned into the direction in which it moves the index.
fn common_drift(framework: &Framework, places: usize, parts: &[CarriedSeries]) -> f64 {
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
    // Σ over pairs of sᵢ·sⱼ = ((Σ s)² − Σ s²) / 2.
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
        assert_eq!(*carried.sources, [MISSING, 1, 1, 1, MISSING, 5]);
        assert_eq!(carried.value(0, 3, 0), 1.0);
        assert!(carried.value(0, 4, 0).is_nan());
    }

    #[test]
    fn a_value_enters_no_month_before_it_can_be_known() {
        let panel = Panel::from_values(1, 6, 1, vec![1.0, GAP, 2.0, GAP, GAP, GAP]).unwrap();
        let late = Indicator::new("x", "").release_lag_months(2).max_age_months(3);
        let framework = Framework::single(vec![late]).expect("holds together");
        let of = |way| Filled::new(&panel, &framework, way).sources;
        assert_eq!(*of(Imputation::LastValue), [MISSING, MISSING, 0, 0, 2, 2]);
        assert_eq!(*of(Imputation::None), [MISSING, MISSING, 0, MISSING, 2, MISSING]);
    }

    #[test]
    fn nothing_is_carried_without_imputation() {
        let bare = filled(&[1.0, GAP], 9, Imputation::None);
        assert_eq!(*bare.sources, [0, MISSING]);
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
