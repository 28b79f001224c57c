//! Claims against the record, and shares of statements, with exact intervals.

use sanad_core::Estimate;

use super::beta::quantile;
use crate::error::{Error, Result};

/// Ratio of the rates behind two Poisson counts: events claimed over events recorded in the same
/// period and places.
///
/// Given their sum, the first of two Poisson counts is binomial, so the exact (Clopper–Pearson)
/// interval of its share gives that of the ratio (Przyborowski & Wilenski 1940). A ratio above 1
/// says that more was claimed than recorded; whether claims exaggerate or the record misses
/// events the two counts cannot tell. Where nothing was recorded, the ratio and its upper end are
/// infinite.
///
/// # Errors
/// Both counts zero, or a level outside (0, 1).
///
/// ```
/// let ratio = sanad_evidence::statements::claims::rate_ratio(600, 300, 0.9)?;
/// assert_eq!(ratio.value, 2.0);
/// assert!(1.7 < ratio.low && ratio.high < 2.3);
/// # Ok::<(), sanad_evidence::Error>(())
/// ```
pub fn rate_ratio(claimed: u64, recorded: u64, level: f64) -> Result<Estimate> {
    let share = proportion(claimed, claimed + recorded, level)?;
    let odds = |share: f64| share / (1.0 - share);
    Ok(Estimate {
        value: claimed as f64 / recorded as f64,
        low: odds(share.low),
        high: odds(share.high),
    })
}

/// Share of `hits` among `trials` with its exact (Clopper–Pearson) interval.
///
/// # Errors
/// No trials, more hits than trials, or a level outside (0, 1).
pub fn proportion(hits: u64, trials: u64, level: f64) -> Result<Estimate> {
    if trials == 0 || hits > trials {
        return Err(Error::setting("counts", "there must be trials, and no more hits than trials"));
    }
    if !(level > 0.0 && level < 1.0) {
        return Err(Error::setting("level", "must lie in (0, 1)"));
    }
    let tail = (1.0 - level) / 2.0;
    let (hit, missed) = (hits as f64, (trials - hits) as f64);
    let low = if hits == 0 { 0.0 } else { quantile(tail, hit, missed + 1.0) };
    let high = if hits == trials { 1.0 } else { quantile(1.0 - tail, hit + 1.0, missed) };
    Ok(Estimate { value: hit / trials as f64, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Boice & Monson (1977), breast cancer after fluoroscopy, the example of R's `poisson.test`:
    /// 11 cases in 800 against 21 in 3,011 person-years. The ends are those of scipy's beta
    /// quantiles at 95 %.
    #[test]
    fn a_published_rate_ratio() {
        let found = rate_ratio(11, 21, 0.95).expect("counted");
        let per_time = 3011.0 / 800.0;
        assert!((found.value * per_time - 1.971_488).abs() < 1e-5);
        assert!((found.low * per_time - RATIO.0).abs() < 1e-6, "{}", found.low * per_time);
        assert!((found.high * per_time - RATIO.1).abs() < 1e-6, "{}", found.high * per_time);
    }

    const RATIO: (f64, f64) = (0.858426, 4.277266);

    #[test]
    fn nothing_recorded_leaves_the_upper_end_open() {
        let found = rate_ratio(4, 0, 0.9).expect("counted");
        assert!(found.value.is_infinite() && found.high.is_infinite());
        assert!((found.low - 0.05_f64.powf(0.25) / (1.0 - 0.05_f64.powf(0.25))).abs() < 1e-9);
        assert!(rate_ratio(0, 0, 0.9).is_err_and(|error| error.is_invalid_input()));
    }
}
