//! Intervals of counts and shares, and how many days would see several places hit by chance.

use sanad_core::random::Streams;
use sanad_numbers::{NORMAL_95, smallest_covering};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Exact 95 % interval of the mean of a Poisson count (F. Garwood, "Fiducial limits for the Poisson
/// distribution", Biometrika 28, 1936): half the 2.5 % quantile of χ² with 2n degrees of freedom to half
/// the 97.5 % quantile of χ² with 2n + 2.
///
/// ```
/// let (low, high) = sanad_evidence::poisson_interval(10);
/// assert!((low - 4.80).abs() < 0.01 && (high - 18.39).abs() < 0.01);
/// assert_eq!(sanad_evidence::poisson_interval(0).0, 0.0);
/// ```
#[must_use]
pub fn poisson_interval(count: u64) -> (f64, f64) {
    let half_quantile = |freedom: f64, level: f64| {
        ChiSquared::new(freedom).map_or(f64::NAN, |law| law.inverse_cdf(level) / 2.0)
    };
    let count = count as f64;
    let low = if count > 0.0 { half_quantile(2.0 * count, 0.025) } else { 0.0 };
    (low, half_quantile(2.0 * count + 2.0, 0.975))
}

/// 95 % interval of a share, [`sanad_numbers::wilson_interval`]; nothing of nothing.
///
/// ```
/// let (low, high) = sanad_evidence::wilson_interval(5, 10).unwrap();
/// assert!((low - 0.237).abs() < 0.001 && (high - 0.763).abs() < 0.001);
/// assert!(sanad_evidence::wilson_interval(0, 0).is_none());
/// ```
#[must_use]
pub fn wilson_interval(part: u64, whole: u64) -> Option<(f64, f64)> {
    if whole == 0 {
        return None;
    }
    let (part, whole) = (part as f64, whole as f64);
    let [low, high] = sanad_numbers::wilson_interval(part / whole, whole, NORMAL_95);
    Some((low, high))
}

/// Days with several places hit, had each hit fallen on any day of a span with the same chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DaysByChance {
    /// Mean number of such days.
    pub mean: f64,
    /// Largest number that chance gives with probability 97.5 %.
    pub high: f64,
}

/// How many of `days` would see `several` or more of `hits`, each on a day of its own choosing. Hits are taken
/// for different places, so that chance is given somewhat too much. The mean is exact up to the draws' error.
///
/// ```
/// use sanad_core::random::Streams;
///
/// let chance = sanad_evidence::days_by_chance(2, 30, 2, 4000, Streams::new(1, "chance"));
/// assert!((chance.mean - 1.0 / 30.0).abs() < 0.01);
/// assert_eq!(sanad_evidence::days_by_chance(1, 30, 2, 10, Streams::new(1, "chance")).mean, 0.0);
/// ```
#[must_use]
pub fn days_by_chance(
    hits: u32,
    days: u32,
    several: u32,
    draws: u32,
    streams: Streams,
) -> DaysByChance {
    if hits < several || days == 0 || draws == 0 {
        return DaysByChance { mean: 0.0, high: 0.0 };
    }
    let one = |draw: u32| -> f64 {
        let mut stream = streams.at(0, 0, draw);
        let mut counts = vec![0_u32; days as usize];
        for _ in 0..hits {
            let day = (stream.open01() * f64::from(days)) as usize;
            counts[day.min(days as usize - 1)] += 1;
        }
        counts.iter().filter(|count| **count >= several).count() as f64
    };
    let mut found: Vec<f64> = (0..draws).map(one).collect();
    found.sort_by(f64::total_cmp);
    DaysByChance {
        mean: found.iter().sum::<f64>() / f64::from(draws),
        high: smallest_covering(&found, 0.975).unwrap_or(0.0),
    }
}
