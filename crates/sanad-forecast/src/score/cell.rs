//! The scores of one distribution against one outcome.

use super::ecdf::{Ecdf, Tally};

/// Lower edges of the bins of the ignorance score, as the VIEWS 2023/24 challenge sets them; the
/// last bin has no upper edge. The edges lie between counts, so that no count meets one; a draw that
/// is no count and meets one belongs to the bin above, as in NumPy's histogram.
pub const IGN_EDGES: [f64; 11] =
    [0.0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5];

/// Levels of the quantile scores.
pub const QUANTILE_LEVELS: [f64; 7] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

/// The threshold from which the threshold-weighted CRPS counts, in deaths a month: the yearly 25
/// that make an armed conflict in UCDP's terms, reached in a single month.
pub const TAIL_THRESHOLD: f64 = 25.0;

/// Every score of one place and step, on the draws as they are, whole numbers or not. The ignorance
/// and the two Brier scores ask about counts: a draw of 0.7 lies in the ignorance's bin of one and two
/// deaths and is not one death or more. Lower is better for all but the coverages and the PIT.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellScores {
    /// Continuous ranked probability score, in deaths (Matheson and Winkler 1976).
    pub crps: f64,
    /// Ignorance in bits over [`IGN_EDGES`] (Good 1952; Roulston and Smith 2002).
    pub ign: f64,
    /// Interval score of the central 90 % interval (Gneiting and Raftery 2007); its mean is MIS.
    pub mis_90: f64,
    /// CRPS of ln(1 + x), for draws and outcome alike (Bosse et al. 2023).
    pub log1p_crps: f64,
    /// CRPS above [`TAIL_THRESHOLD`] only (Gneiting and Ranjan 2011).
    pub tail_crps: f64,
    /// (P(≥ 1) − 1{y ≥ 1})² (Brier 1950).
    pub brier_1: f64,
    /// (P(≥ 25) − 1{y ≥ 25})².
    pub brier_25: f64,
    /// P(≥ 1), as forecast.
    pub probability_1: f64,
    /// P(≥ 25), as forecast.
    pub probability_25: f64,
    /// 1 if the central interval holds the outcome, else 0; for 50, 80 and 90 %.
    pub covered: [f64; 3],
    /// The probability integral transform of a count is an interval: share of draws below the
    /// outcome, and at most the outcome (Czado, Gneiting and Held 2009).
    pub pit: [f64; 2],
    /// Twice the pinball loss at each of [`QUANTILE_LEVELS`].
    pub quantile: [f64; 7],
}

/// The central intervals whose coverage is reported.
pub const COVERAGE_LEVELS: [f64; 3] = [0.5, 0.8, 0.9];

/// The CRPS of `draws` for `observed`: E|X − y| − ½ E|X − X′| over the draws as they are (no
/// correction for their number), in O(n log n).
///
/// Returns `NaN` when there are no draws or a value is `NaN`.
///
/// ```
/// use sanad_forecast::score::crps_sample;
///
/// assert!((crps_sample(&[0.0, 2.0], 1.0) - 0.5).abs() < 1e-12);
/// ```
#[must_use]
pub fn crps_sample(draws: &[f64], observed: f64) -> f64 {
    let mut sorted = draws.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    crps_of_sorted(&sorted, observed)
}

/// As [`crps_sample`], for draws in ascending order.
pub(crate) fn crps_of_sorted(sorted: &[f64], observed: f64) -> f64 {
    let n = sorted.len() as f64;
    let sum: f64 = sorted
        .iter()
        .enumerate()
        .map(|(i, x)| (x - observed).abs() - (2.0 * i as f64 + 1.0 - n) / n * x)
        .sum();
    sum / n
}

/// The interval score at coverage `level`: width plus 2/α times what the outcome misses it by.
#[must_use]
pub fn interval_score(lower: f64, upper: f64, observed: f64, level: f64) -> f64 {
    let penalty = 2.0 / (1.0 - level);
    (upper - lower) + penalty * ((lower - observed).max(0.0) + (observed - upper).max(0.0))
}

/// Which bin of [`IGN_EDGES`] a value falls in.
#[must_use]
pub fn ign_bin(value: f64) -> usize {
    IGN_EDGES.partition_point(|&edge| edge <= value).saturating_sub(1)
}

/// Ignorance in bits: −log₂ of the share of draws in the outcome's bin, one draw added to each bin.
///
/// With 12 draws the added counts are as many as the draws, so a sure and right forecast still
/// costs log₂(23/13) = 0.82 bits, against 0.014 with 1,000: never compare across numbers of draws.
#[must_use]
pub fn ignorance(ecdf: &Ecdf, observed: f64) -> f64 {
    let bin = ign_bin(observed);
    let draws = ecdf.len() as f64;
    let below = |edge: f64| ecdf.below(edge) * draws;
    let lower = if bin == 0 { 0.0 } else { below(IGN_EDGES[bin]) };
    let upper = IGN_EDGES.get(bin + 1).map_or(draws, |&edge| below(edge));
    -((upper - lower + 1.0) / (draws + IGN_EDGES.len() as f64)).log2()
}

/// CRPS of counts against an outcome; the fast path of [`crps_sample`].
#[must_use]
pub fn crps(ecdf: &Ecdf, observed: f64) -> f64 {
    ecdf.integral(observed, 0.0, |x| x)
}

impl CellScores {
    /// All scores of `draws` for `observed`, or `None` if the outcome is missing or there are no
    /// draws. `tally` is scratch memory.
    pub fn from_draws(tally: &mut Tally, draws: &[u32], observed: f64) -> Option<Self> {
        let ecdf = tally.of(draws);
        (!observed.is_nan() && !ecdf.is_empty()).then(|| Self::of_ecdf(ecdf, observed))
    }

    /// As [`from_draws`](Self::from_draws), for draws that need not be whole numbers; none may be NaN.
    pub fn of_values(tally: &mut Tally, draws: &[f64], observed: f64) -> Option<Self> {
        let ecdf = tally.of_values(draws);
        (!observed.is_nan() && !ecdf.is_empty()).then(|| Self::of_ecdf(ecdf, observed))
    }

    /// All scores of one cell from the distribution of its draws.
    fn of_ecdf(ecdf: &Ecdf, observed: f64) -> Self {
        let central = |level: f64| {
            let tail = (1.0 - level) / 2.0;
            (ecdf.quantile(tail), ecdf.quantile(1.0 - tail))
        };
        let (lower, upper) = central(0.9);
        let probability_1 = 1.0 - ecdf.below(1.0);
        let probability_25 = 1.0 - ecdf.below(25.0);
        Self {
            crps: crps(ecdf, observed),
            ign: ignorance(ecdf, observed),
            mis_90: interval_score(lower, upper, observed, 0.9),
            log1p_crps: ecdf.integral(observed, 0.0, f64::ln_1p),
            tail_crps: ecdf.integral(observed, TAIL_THRESHOLD, |x| x),
            brier_1: (probability_1 - indicator(observed >= 1.0)).powi(2),
            brier_25: (probability_25 - indicator(observed >= 25.0)).powi(2),
            probability_1,
            probability_25,
            covered: COVERAGE_LEVELS.map(|level| {
                let (lower, upper) = central(level);
                indicator(lower <= observed && observed <= upper)
            }),
            pit: [ecdf.below(observed), ecdf.at_most(observed)],
            quantile: QUANTILE_LEVELS.map(|level| pinball(ecdf.quantile(level), observed, level)),
        }
    }
}

/// Twice the quantile loss, 2 (1{y ≤ q} − α)(q − y): the CRPS is its integral over α (Gneiting
/// and Raftery 2007).
fn pinball(quantile: f64, observed: f64, level: f64) -> f64 {
    2.0 * (indicator(observed <= quantile) - level) * (quantile - observed)
}

/// 1 where it holds, else 0.
fn indicator(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}
