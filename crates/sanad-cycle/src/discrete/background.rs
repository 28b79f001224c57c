//! The background rate: what happens without any excitation.
//!
//! An unmodelled trend looks like excitation, because events in a busy year are followed by events
//! whatever causes them. The background is therefore flexible: a level per place and, common to
//! all places, a spline trend, yearly harmonics, weekdays and covariates, on the logarithm's scale.

use crate::error::{Error, check_len, check_values};

/// What the background may do over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    /// Distance between the knots of the cubic spline trend, in days; `None` for no trend.
    pub knot_days: Option<f64>,
    /// Number of yearly harmonics (period 365.25 days); 0 for no season, 182 at most: faster waves
    /// than one in two days cannot be told from slower ones.
    pub harmonics: usize,
    /// Day of the week of day 0, 0..=6, to have six weekday effects; `None` for none.
    pub first_weekday: Option<usize>,
    /// Whether each place has a level of its own.
    pub place_levels: bool,
    /// Further covariates, one value per day each.
    pub covariates: Vec<Vec<f64>>,
}

impl Default for Background {
    /// A knot a year, two harmonics, no weekday, a level per place.
    fn default() -> Self {
        Self {
            knot_days: Some(365.25),
            harmonics: 2,
            first_weekday: None,
            place_levels: true,
            covariates: Vec::new(),
        }
    }
}

impl Background {
    /// A constant rate in each place.
    #[must_use]
    pub fn constant() -> Self {
        Self { knot_days: None, harmonics: 0, ..Self::default() }
    }

    /// The features of the log-background by day, centred so that levels are those of a mean day.
    pub(super) fn features(&self, days: usize) -> Result<Vec<Vec<f64>>, Error> {
        let mut columns = self.covariates.clone();
        for covariate in &columns {
            check_len("covariate", days, covariate.len())?;
            check_values("covariate", covariate, "finite", f64::is_finite)?;
        }
        if let Some(spacing) = self.knot_days {
            check_values("knot_days", &[spacing], "at least 2", |s| s >= 2.0 && s.is_finite())?;
            columns.extend(spline(days, spacing));
        }
        check_values("harmonics", &[self.harmonics as f64], "0 to 182", |h| h <= 182.0)?;
        columns.extend((1..=self.harmonics).flat_map(|k| harmonic(days, k)));
        if let Some(first) = self.first_weekday {
            check_values("first_weekday", &[first as f64], "0 to 6", |w| w < 7.0)?;
            let weekday = |w: usize| (0..days).map(|t| f64::from((first + t) % 7 == w)).collect();
            columns.extend((1..7).map(weekday));
        }
        for column in &mut columns {
            let mean = column.iter().sum::<f64>() / days.max(1) as f64;
            column.iter_mut().for_each(|value| *value -= mean);
        }
        Ok(columns)
    }
}

/// sin and cos of 2π k day / 365.25 for every day: the k-th harmonic of the year.
fn harmonic(days: usize, k: usize) -> [Vec<f64>; 2] {
    let phase = |day: usize| core::f64::consts::TAU * k as f64 * day as f64 / 365.25;
    [
        (0..days).map(|day| phase(day).sin()).collect(),
        (0..days).map(|day| phase(day).cos()).collect(),
    ]
}

/// Cubic B-splines on equally spaced knots, less the last, which the level replaces
/// (C. de Boor, A Practical Guide to Splines, 1978).
fn spline(days: usize, spacing: f64) -> Vec<Vec<f64>> {
    let span = (days.max(2) - 1) as f64;
    let pieces = (span / spacing).round().max(1.0);
    let width = span / pieces;
    let count = pieces as usize + 3;
    (0..count - 1)
        .map(|k| {
            (0..days).map(|day| cubic_b_spline(day as f64 / width - (k as f64 - 3.0))).collect()
        })
        .collect()
}

/// The cardinal cubic B-spline, supported on 0..4.
fn cubic_b_spline(x: f64) -> f64 {
    match x {
        x if !(0.0..4.0).contains(&x) => 0.0,
        x if x < 1.0 => x.powi(3) / 6.0,
        x if x < 2.0 => (-3.0 * x.powi(3) + 12.0 * x * x - 12.0 * x + 4.0) / 6.0,
        x if x < 3.0 => (3.0 * x.powi(3) - 24.0 * x * x + 60.0 * x - 44.0) / 6.0,
        x => (4.0 - x).powi(3) / 6.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_splines_with_the_dropped_one_sum_to_one_everywhere() {
        for step in 0..=300 {
            let x = 3.0 + f64::from(step) / 100.0;
            let sum: f64 = (0..10).map(|k| cubic_b_spline(x - f64::from(k) + 3.0)).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{x}: {sum}");
        }
    }

    #[test]
    fn features_are_centred_and_as_many_as_asked() {
        let background = Background { first_weekday: Some(3), ..Background::default() };
        let features = background.features(1461).unwrap();
        // Four years: four pieces, seven splines less one; four harmonics; six weekdays.
        assert_eq!(features.len(), 6 + 4 + 6);
        for feature in features {
            assert!(feature.iter().sum::<f64>().abs() < 1e-9);
        }
    }

    #[test]
    fn more_waves_than_days_can_show_are_refused() {
        let background = Background { harmonics: usize::MAX, ..Background::constant() };
        assert!(background.features(4).unwrap_err().is_invalid_input());
    }

    #[test]
    fn a_covariate_of_the_wrong_length_is_refused() {
        let background = Background { covariates: vec![vec![0.0; 3]], ..Background::constant() };
        assert!(background.features(4).unwrap_err().is_invalid_input());
    }
}
