//! What further series save of a forecast's error, from scores by origin.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::error::{Error, check_len, check_values};

/// Origins below which a saving says nothing.
const FEWEST_ORIGINS: usize = 5;

/// A share of a forecast's error with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Saving {
    /// Share of the error that is saved; below zero where the error grows.
    pub share: f64,
    /// Its standard error over origins.
    pub error: f64,
    /// Its 95 % interval, by Student's law.
    pub interval: (f64, f64),
    /// Two-sided p-value of no difference.
    pub p_value: f64,
    /// Origins compared.
    pub origins: usize,
}

impl Saving {
    /// Probability that the test at 5 %, two-sided, finds a saving of `size`, a share above zero.
    #[must_use]
    pub fn power_at(&self, size: f64) -> f64 {
        let Some(law) = student(self.origins) else { return f64::NAN };
        if self.error > 0.0 {
            law.cdf(size / self.error - law.inverse_cdf(0.975))
        } else {
            f64::NAN
        }
    }
}

/// Student's distribution with one degree of freedom less than there are origins.
fn student(origins: usize) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, origins.checked_sub(1)? as f64).ok()
}

/// The share of a forecast's mean error that is saved when further series are put in: the mean over
/// origins of `alone` − `with`, over the mean of `alone`. Both hold one mean score per origin, of
/// the same places and months; lower scores are better.
///
/// The origins' differences are taken as independent draws, which holds when windows do not overlap
/// and only roughly then: a level of violence that lasts makes neighbouring windows alike.
///
/// ```
/// use sanad_evidence::saving;
///
/// let alone = [2.0, 4.0, 3.0, 5.0, 6.0];
/// let with: Vec<f64> = alone.iter().map(|score| 0.9 * score).collect();
/// let found = saving(&alone, &with).unwrap();
/// assert!((found.share - 0.1).abs() < 1e-12 && found.p_value < 0.01);
/// assert!(found.interval.0 > 0.0 && found.power_at(0.1) > 0.5);
/// ```
///
/// # Errors
/// If the two differ in length, hold fewer than five origins, a score that is negative or not
/// finite, or no score above zero in `alone`.
pub fn saving(alone: &[f64], with: &[f64]) -> Result<Saving, Error> {
    check_len("with", alone.len(), with.len())?;
    for (what, scores) in [("alone", alone), ("with", with)] {
        check_values(what, scores, "finite and not negative", |it| it.is_finite() && it >= 0.0)?;
    }
    let origins = alone.len();
    let law = student(origins).filter(|_| origins >= FEWEST_ORIGINS);
    let too_few = || Error::too_little("a saving", "origins", FEWEST_ORIGINS, origins);
    let law = law.ok_or_else(too_few)?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / origins as f64;
    let whole = mean(alone);
    if whole <= 0.0 {
        return Err(Error::too_little("a saving", "origins with an error", 1, 0));
    }
    let shares: Vec<f64> = alone.iter().zip(with).map(|(a, w)| (a - w) / whole).collect();
    let share = mean(&shares);
    let squares: Vec<f64> = shares.iter().map(|it| (it - share).powi(2)).collect();
    let error = (mean(&squares) / (origins - 1) as f64).sqrt();
    let p_value = match (error > 0.0, share == 0.0) {
        (true, _) => 2.0 * law.cdf(-(share / error).abs()),
        (false, true) => 1.0,
        (false, false) => 0.0,
    };
    let half = law.inverse_cdf(0.975) * error;
    Ok(Saving { share, error, interval: (share - half, share + half), p_value, origins })
}

#[cfg(test)]
mod tests {
    use sanad_core::random::Streams;

    use super::*;

    #[test]
    fn interval_and_p_value_are_those_of_a_paired_t_test() {
        // scipy.stats.ttest_1samp([1.2, -0.4, 0.8, 0.1, 0.6, 0.3], 0): t = 1.8922, p = 0.1170,
        // 95 % interval −0.1553 to 1.0220; shares are of a mean error of 10.
        let alone = [10.0; 6];
        let with = [8.8, 10.4, 9.2, 9.9, 9.4, 9.7];
        let found = saving(&alone, &with).unwrap();
        assert!((found.share - 0.043_333).abs() < 1e-6);
        assert!((found.p_value - 0.117_03).abs() < 1e-4, "{}", found.p_value);
        assert!((found.interval.0 + 0.015_535).abs() < 1e-5, "{:?}", found.interval);
    }

    #[test]
    fn series_that_tell_nothing_pass_as_often_as_the_level_says() {
        let trials = 4000;
        let passed = (0..trials)
            .filter(|&trial| {
                let mut stream = Streams::new(7, "saving").at(trial, 0, 0);
                let mut normal = || {
                    let (radius, angle) = (stream.open01(), stream.open01());
                    (-2.0 * radius.ln()).sqrt() * (core::f64::consts::TAU * angle).cos()
                };
                let with: Vec<f64> = (0..10).map(|_| 10.0 + 0.5 * normal()).collect();
                saving(&[10.0; 10], &with).unwrap().p_value <= 0.05
            })
            .count();
        let rate = passed as f64 / f64::from(trials);
        assert!((0.04..0.06).contains(&rate), "{rate}");
    }

    #[test]
    fn too_few_origins_and_scores_that_are_none_are_refused() {
        assert!(saving(&[1.0; 4], &[1.0; 4]).unwrap_err().is_too_little_data());
        assert!(saving(&[0.0; 6], &[0.0; 6]).unwrap_err().is_too_little_data());
        assert!(saving(&[1.0; 6], &[1.0; 5]).unwrap_err().is_invalid_input());
        assert!(saving(&[1.0; 5], &[1.0, 1.0, f64::NAN, 1.0, 1.0]).unwrap_err().is_invalid_input());
        let same = saving(&[1.0; 5], &[1.0; 5]).unwrap();
        assert_eq!((same.share, same.p_value), (0.0, 1.0));
        assert!(same.power_at(0.1).is_nan());
    }
}
