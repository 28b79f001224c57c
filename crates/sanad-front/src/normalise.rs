//! Scales: single-column functions of the handbook, and the fitted scale the index uses.
//!
//! The functions on slices follow OECD/JRC (2008), *Handbook on Constructing Composite
//! Indicators*, § 5; gaps (`NaN`) stay gaps and do not enter the column's statistics.

use crate::framework::{Direction, Indicator};
use crate::method::Normalisation;
use crate::treat::TreatmentLimits;
use sanad_numbers::{mean, variance, variance_around};

/// (x − mean) / sd with the sample standard deviation (n − 1), then · `spread` + `centre`.
///
/// ```
/// let z = sanad_front::normalise::z_score(&[1.0, 2.0, 3.0], 0.0, 1.0);
/// assert_eq!(z, [-1.0, 0.0, 1.0]);
/// ```
#[must_use]
pub fn z_score(values: &[f64], centre: f64, spread: f64) -> Vec<f64> {
    let known = known(values);
    let (middle, deviation) = (mean(&known), variance(&known).sqrt());
    values.iter().map(|value| (value - middle) / deviation * spread + centre).collect()
}

/// `low` at the column's lowest value, `high` at its highest.
///
/// ```
/// let scaled = sanad_front::normalise::min_max(&[2.0, 3.0, 6.0], 0.0, 100.0);
/// assert_eq!(scaled, [0.0, 25.0, 100.0]);
/// ```
#[must_use]
pub fn min_max(values: &[f64], low: f64, high: f64) -> Vec<f64> {
    let (lowest, highest) = range(&known(values));
    values.iter().map(|value| (value - lowest) / (highest - lowest) * (high - low) + low).collect()
}

/// Rank from the lowest (1); ties share the lowest of their ranks.
///
/// ```
/// assert_eq!(sanad_front::normalise::rank(&[5.0, 1.0, 5.0, 9.0]), [2.0, 1.0, 2.0, 4.0]);
/// ```
#[must_use]
pub fn rank(values: &[f64]) -> Vec<f64> {
    let sorted = sorted(known(values));
    let below = |value: f64| sorted.partition_point(|other| *other < value) as f64;
    values.iter().map(|&v| if v.is_nan() { v } else { below(v) + 1.0 }).collect()
}

/// Percentile rank: share of the other values that lie below, in [0, 1].
///
/// ```
/// let ranks = sanad_front::normalise::percentile_rank(&[5.0, 1.0, 9.0]);
/// assert_eq!(ranks, [0.5, 0.0, 1.0]);
/// ```
#[must_use]
pub fn percentile_rank(values: &[f64]) -> Vec<f64> {
    let others = (known(values).len() as f64 - 1.0).max(1.0);
    rank(values).iter().map(|rank| (rank - 1.0) / others).collect()
}

/// Distance to a reference: x / reference.
///
/// ```
/// let shares = sanad_front::normalise::distance_to_reference(&[3.0, 12.0], 12.0);
/// assert_eq!(shares, [0.25, 1.0]);
/// ```
#[must_use]
pub fn distance_to_reference(values: &[f64], reference: f64) -> Vec<f64> {
    values.iter().map(|value| value / reference).collect()
}

/// 0 at the value farthest from `target` against `direction`, 1 at the target; past the target
/// 1 where `cap` is set.
///
/// ```
/// use sanad_front::Direction;
/// use sanad_front::normalise::distance_to_target;
///
/// let reached = distance_to_target(&[1.0, 4.0, 6.0], 5.0, Direction::Positive, true);
/// assert_eq!(reached, [0.0, 0.75, 1.0]);
/// ```
#[must_use]
pub fn distance_to_target(
    values: &[f64],
    target: f64,
    direction: Direction,
    cap: bool,
) -> Vec<f64> {
    let (lowest, highest) = range(&known(values));
    let start = if direction == Direction::Positive { lowest } else { highest };
    let reached = |value: &f64| (value - start) / (target - start);
    values.iter().map(|v| if cap && reached(v) > 1.0 { 1.0 } else { reached(v) }).collect()
}

fn known(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| !value.is_nan()).collect()
}

fn range(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// A fitted scale from transformed values to 0–100, fixed once the reference values are known,
/// so that sampled values and later months are read with the same yardstick.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    treated: TreatmentLimits,
    kind: Rescaling,
}

#[derive(Debug, Clone)]
enum Rescaling {
    /// `intercept + slope · x`, cut at 0 and 100.
    Affine { intercept: f64, slope: f64 },
    /// Sorted reference values.
    Rank { reference: Vec<f64>, negative: bool },
}

impl Scale {
    /// Fits the scale to reference `values` (transformed, gaps allowed), which are treated in place.
    /// A column without spread puts every value at 50.
    pub(crate) fn fit(
        indicator: &Indicator,
        normalisation: Normalisation,
        treated: TreatmentLimits,
        values: &mut Vec<f64>,
    ) -> Self {
        values.retain(|value| !value.is_nan());
        if !treated.is_identity() {
            values.iter_mut().for_each(|value| *value = treated.apply(*value));
        }
        let rising = indicator.direction == Direction::Positive;
        let post = |raw: f64| treated.apply(indicator.transform.apply(raw));
        let kind = match normalisation {
            Normalisation::MinMax => {
                let posts = indicator.goalposts.map(|(a, b)| (post(a), post(b)));
                let ends = posts.unwrap_or_else(|| range(values));
                if rising { between(ends.0, ends.1) } else { between(ends.1, ends.0) }
            }
            Normalisation::DistanceToTarget => {
                let (low, high) = range(values);
                let (start, end) = if rising { (low, high) } else { (high, low) };
                let target = indicator.target.map_or(end, post);
                // A target on the wrong side of every value would turn the scale around.
                let ahead = if rising { target > start } else { target < start };
                if ahead { between(start, target) } else { between(start, start) }
            }
            Normalisation::ZScore { points_per_sd } => {
                let centre = mean(values);
                let spread = variance_around(centre, values).sqrt();
                let slope = if rising { points_per_sd } else { -points_per_sd } / spread;
                flat_unless(spread > 0.0, centre, slope)
            }
            Normalisation::Rank => {
                Rescaling::Rank { reference: sorted(values.clone()), negative: !rising }
            }
        };
        Self { treated, kind }
    }

    /// The scores of a column of transformed values; `NaN` where there is none.
    pub(crate) fn score_column(&self, values: &[f64], scores: &mut [f64]) {
        let cells = scores.iter_mut().zip(values);
        match &self.kind {
            // `clamp` keeps `NaN`, so that a gap needs no branch here.
            Rescaling::Affine { intercept, slope } if self.treated.is_identity() => cells
                .for_each(|(score, value)| *score = (intercept + slope * value).clamp(0.0, 100.0)),
            _ => cells.for_each(|(score, &value)| {
                *score = if value.is_nan() { value } else { self.score(value) };
            }),
        }
    }

    /// The score of one transformed value, in 0–100.
    pub(crate) fn score(&self, value: f64) -> f64 {
        let value = self.treated.apply(value);
        match &self.kind {
            Rescaling::Affine { intercept, slope } => (intercept + slope * value).clamp(0.0, 100.0),
            Rescaling::Rank { reference, negative } => {
                let score = percentile(reference, value);
                if *negative { 100.0 - score } else { score }
            }
        }
    }

    /// Score of a value and its slope, where the score is a straight line cut at 0 and 100.
    pub(crate) fn linear_at(&self, centre: f64) -> Option<(f64, f64)> {
        match &self.kind {
            Rescaling::Affine { intercept, slope } if self.treated.is_identity() => {
                Some((intercept + slope * centre, *slope))
            }
            _ => None,
        }
    }

    /// Turns draws, given as deviations from `centre`, into scores in place. Deviations keep
    /// single precision from losing a value that is large against its spread.
    pub(crate) fn scores_around(&self, centre: f64, draws: &mut [f32]) {
        match (&self.kind, self.treated.is_identity()) {
            (Rescaling::Affine { intercept, slope }, true) => {
                let (middle, slope) = ((intercept + slope * centre) as f32, *slope as f32);
                draws.iter_mut().for_each(|draw| {
                    *draw = (middle + slope * *draw).clamp(0.0, 100.0);
                });
            }
            _ => draws
                .iter_mut()
                .for_each(|draw| *draw = self.score(centre + f64::from(*draw)) as f32),
        }
    }
}

/// The line from 0 at `start` to 100 at `end`.
fn between(start: f64, end: f64) -> Rescaling {
    flat_unless((end - start).abs() > 0.0, (start + end) / 2.0, 100.0 / (end - start))
}

/// The line of `slope` that is 50 at `centre`; 50 everywhere where there is no spread to scale by.
fn flat_unless(spread: bool, centre: f64, slope: f64) -> Rescaling {
    if spread && slope.is_finite() {
        Rescaling::Affine { intercept: 50.0 - slope * centre, slope }
    } else {
        Rescaling::Affine { intercept: 50.0, slope: 0.0 }
    }
}

/// Mid-rank percentile 100 · ((below + up to) − 1) / 2 / (n − 1) of `value` among sorted reference values, in 0–100; halfway between the
/// neighbours' percentiles where the value is not among them.
fn percentile(reference: &[f64], value: f64) -> f64 {
    if reference.len() < 2 {
        return 50.0;
    }
    let below = reference.partition_point(|other| *other < value) as f64;
    let up_to = reference.partition_point(|other| *other <= value) as f64;
    let position = (below + up_to - 1.0) / 2.0;
    (100.0 * position / (reference.len() as f64 - 1.0)).clamp(0.0, 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: f64 = f64::NAN;

    fn scale(indicator: Indicator, normalisation: Normalisation, values: &[f64]) -> Scale {
        Scale::fit(&indicator, normalisation, TreatmentLimits::default(), &mut values.to_vec())
    }

    #[test]
    fn gaps_stay_gaps_and_do_not_move_the_column() {
        let scaled = min_max(&[1.0, GAP, 3.0], 0.0, 1.0);
        assert_eq!((scaled[0], scaled[2]), (0.0, 1.0));
        assert!(scaled[1].is_nan() && rank(&[GAP, 1.0])[0].is_nan());
    }

    #[test]
    fn distance_to_target_runs_from_the_far_end() {
        let values = [1.0, 4.0, 6.0];
        assert_eq!(distance_to_target(&values, 5.0, Direction::Positive, true), [0.0, 0.75, 1.0]);
        let falling = distance_to_target(&values, 2.0, Direction::Negative, false);
        assert_eq!(falling, [1.25, 0.5, 0.0]);
    }

    #[test]
    fn negative_direction_mirrors_every_scale() {
        let values = [1.0, 2.0, 4.0, 8.0];
        for normalisation in [
            Normalisation::MinMax,
            Normalisation::ZScore { points_per_sd: 15.0 },
            Normalisation::Rank,
        ] {
            let up = scale(Indicator::new("x", ""), normalisation, &values);
            let negative = Indicator::new("x", "").direction(Direction::Negative);
            let down = scale(negative, normalisation, &values);
            for value in [0.0, 1.0, 3.0, 9.0] {
                assert!((up.score(value) + down.score(value) - 100.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn ranks_between_reference_values_lie_between_their_ranks() {
        let reference = [1.0, 2.0, 2.0, 5.0];
        assert_eq!(percentile(&reference, 1.0), 0.0);
        assert_eq!(percentile(&reference, 2.0), 50.0);
        assert_eq!(percentile(&reference, 5.0), 100.0);
        let between = percentile(&reference, 3.0);
        assert!(50.0 < between && between < 100.0);
        assert_eq!((percentile(&reference, -9.0), percentile(&reference, 9.0)), (0.0, 100.0));
    }

    #[test]
    fn a_column_without_spread_scores_fifty() {
        let flat = scale(Indicator::new("x", ""), Normalisation::MinMax, &[3.0, 3.0]);
        assert_eq!(flat.score(3.0), 50.0);
    }
}
