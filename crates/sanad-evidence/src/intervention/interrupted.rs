//! Interrupted time series of counts: a change of level and of slope at a known time.
//!
//! Counts are negative binomial with mean
//! ln λₜ = xₜ β + φ (ln max(yₜ₋₁, ½) − xₜ₋₁ β), the autoregression for counts of S. L. Zeger &
//! B. Qaqish, "Markov regression models for time series", Biometrics 44 (1988), in which β keeps its
//! meaning of marginal rate ratios. xₜ holds level, slope, the changes of both, and yearly
//! harmonics (A. K. Wagner et al., "Segmented regression analysis of interrupted time series
//! studies", J. Clin. Pharm. Ther. 27, 2002).

use sanad_core::Estimate;
use sanad_numbers::NORMAL_95;
use statrs::function::gamma::{digamma, ln_gamma};

use crate::error::{Error, check_values};
use sanad_numbers::{Bounds, Derivatives, Objective, minimise};
use sanad_numbers::{Matrix, dot, inverse_spd};

/// Settings of [`interrupted_series`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InterruptedSettings {
    /// Index of the first period after the intervention.
    pub start: usize,
    /// Periods in a year, for the harmonics (12 for months).
    pub periods_per_year: f64,
    /// Number of yearly harmonics. At most half the periods of a year, and half those of the series:
    /// faster waves cannot be told from slower ones.
    pub harmonics: usize,
}

/// A rate ratio with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateRatio {
    /// The ratio with its 95 % interval.
    pub ratio: Estimate,
    /// Standard error of its logarithm.
    pub log_error: f64,
    /// Two-sided p-value of no change (Wald).
    pub p_value: f64,
}

/// Result of [`interrupted_series`].
#[derive(Debug, Clone, PartialEq)]
pub struct InterruptedFit {
    /// Rate just after over rate just before.
    pub level: RateRatio,
    /// Factor by which the growth per period changed.
    pub slope: RateRatio,
    /// Autoregression φ.
    pub autoregression: f64,
    /// Size r of the negative binomial.
    pub count_size: f64,
    /// Expected counts had the intervention's two changes not come, at every period.
    pub without: Vec<f64>,
    /// Expected counts with them.
    pub with: Vec<f64>,
    /// Log-likelihood given the first count.
    pub log_likelihood: f64,
    /// Log change of level and of slope, and their covariance: (0, 0), (0, 1), (1, 1).
    changes: ([f64; 2], [f64; 3]),
}

impl InterruptedFit {
    /// The rate `periods` after the start over what it would be had both changes not come.
    ///
    /// `change_at(0)` is the change of level.
    #[must_use]
    pub fn change_at(&self, periods: u32) -> RateRatio {
        let ([level, slope], [v00, v01, v11]) = self.changes;
        let h = f64::from(periods);
        RateRatio::new(level + h * slope, (v00 + 2.0 * h * v01 + h * h * v11).sqrt())
    }
}

/// Fits a change of level and slope at `settings.start`.
///
/// # Errors
/// If fewer than 8 periods lie on either side, there are more harmonics than can be told, or the data do not identify the changes.
pub fn interrupted_series(
    counts: &[u32],
    settings: InterruptedSettings,
) -> Result<InterruptedFit, Error> {
    let after = counts.len().saturating_sub(settings.start);
    let shorter = settings.start.min(after);
    if shorter < 8 {
        return Err(Error::too_little("each side of the intervention", "periods", 8, shorter));
    }
    check_values("periods_per_year", &[settings.periods_per_year], "above 1", |p| p > 1.0)?;
    let most = (settings.periods_per_year / 2.0).min(counts.len() as f64 / 2.0);
    let are_told = |harmonics: f64| harmonics <= most;
    let requirement = "at most half the periods of a year and of the series";
    check_values("harmonics", &[settings.harmonics as f64], requirement, are_told)?;
    let model = SegmentedModel::new(counts, settings);
    let found = minimise("the interrupted series", &model, &model.start(), &model.bounds(), 1e-9)?;
    let covariance = inverse_spd(&model.observed_information(&found.x))
        .ok_or_else(|| Error::singular("the interrupted series"))?;
    let ratio = |k: usize| RateRatio::new(found.x[k], covariance[(k, k)].sqrt());
    let p = model.design.columns();
    let mean = |drop: bool| {
        (0..counts.len())
            .map(|t| {
                let row = model.design.row(t);
                let changes = found.x[2] * row[2] + found.x[3] * row[3];
                (dot(row, &found.x[..p]) - if drop { changes } else { 0.0 }).exp()
            })
            .collect()
    };
    Ok(InterruptedFit {
        level: ratio(2),
        slope: ratio(3),
        autoregression: found.x[p],
        count_size: found.x[p + 1].exp(),
        without: mean(true),
        with: mean(false),
        log_likelihood: -found.value,
        changes: (
            [found.x[2], found.x[3]],
            [covariance[(2, 2)], covariance[(2, 3)], covariance[(3, 3)]],
        ),
    })
}

impl RateRatio {
    /// exp(log) with exp(log ± 1.96 error) and the two-sided p-value 2 (1 − Φ(|log / error|)).
    fn new(log: f64, error: f64) -> Self {
        let at = |by: f64| (log + by * error).exp();
        Self {
            ratio: Estimate::new(at(-NORMAL_95), log.exp(), at(NORMAL_95)),
            log_error: error,
            p_value: statrs::function::erf::erfc((log / error).abs() / core::f64::consts::SQRT_2),
        }
    }
}

/// Parameters: β (level, slope, their changes, harmonics), φ, ln r.
struct SegmentedModel<'a> {
    counts: &'a [u32],
    logs: Vec<f64>,
    design: Matrix,
}

impl<'a> SegmentedModel<'a> {
    /// The design: 1, t − start, 1{t ≥ start}, (t − start) 1{t ≥ start}, and sin and cos of the harmonics
    /// of the year (A. K. Wagner and others, "Segmented regression analysis of interrupted time
    /// series studies", Journal of Clinical Pharmacy and Therapeutics 27, 2002).
    fn new(counts: &'a [u32], settings: InterruptedSettings) -> Self {
        let columns = 4 + 2 * settings.harmonics;
        let mut design = Matrix::zeros(counts.len(), columns);
        for t in 0..counts.len() {
            let since = t as f64 - settings.start as f64;
            let after = f64::from(u8::from(t >= settings.start));
            let row = design.row_mut(t);
            row[..4].copy_from_slice(&[1.0, since, after, after * since]);
            for k in 1..=settings.harmonics {
                let phase = core::f64::consts::TAU * (k * t) as f64 / settings.periods_per_year;
                (row[2 + 2 * k], row[3 + 2 * k]) = (phase.sin(), phase.cos());
            }
        }
        let logs = counts.iter().map(|&y| f64::from(y).max(0.5).ln()).collect();
        Self { counts, logs, design }
    }

    /// Where the search begins: the mean rate, no change, no autoregression.
    fn start(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.design.columns() + 2];
        let mean =
            self.counts.iter().map(|&y| f64::from(y)).sum::<f64>() / self.counts.len() as f64;
        out[0] = mean.max(0.1).ln();
        out[self.design.columns() + 1] = 5.0_f64.ln();
        out
    }

    /// Bounds that no series comes near, the autoregression φ within ±0.98.
    fn bounds(&self) -> Bounds {
        let p = self.design.columns();
        let mut bounds = Bounds { lower: vec![-30.0; p + 2], upper: vec![30.0; p + 2] };
        (bounds.lower[p], bounds.upper[p]) = (-0.98, 0.98);
        (bounds.lower[p + 1], bounds.upper[p + 1]) = (1e-3_f64.ln(), 1e5_f64.ln());
        bounds
    }

    /// Log-likelihood, gradient and expected information (for ln r: squared scores).
    fn evaluate(&self, x: &[f64]) -> (f64, Vec<f64>, Matrix) {
        let p = self.design.columns();
        let (phi, r) = (x[p], x[p + 1].exp());
        let (mut value, mut gradient) = (0.0, vec![0.0; p + 2]);
        let mut information = Matrix::zeros(p + 2, p + 2);
        let mut slopes = vec![0.0; p + 2];
        for t in 1..self.counts.len() {
            let (now, before) = (self.design.row(t), self.design.row(t - 1));
            let lag = self.logs[t - 1] - dot(before, &x[..p]);
            let mean = (dot(now, &x[..p]) + phi * lag).exp();
            let y = f64::from(self.counts[t]);
            value += ln_gamma(y + r) - ln_gamma(r) - ln_gamma(y + 1.0) - r * (mean / r).ln_1p();
            value += if y > 0.0 { y * (mean / (r + mean)).ln() } else { 0.0 };
            for k in 0..p {
                slopes[k] = now[k] - phi * before[k];
            }
            (slopes[p], slopes[p + 1]) = (lag, 0.0);
            let score = (y - mean) * r / (r + mean);
            gradient.iter_mut().zip(&slopes).for_each(|(g, s)| *g += score * s);
            information.add_outer_lower(mean * r / (r + mean), &slopes);
            let by_size =
                r * (digamma(y + r) - digamma(r) - (mean / r).ln_1p() + (mean - y) / (r + mean));
            gradient[p + 1] += by_size;
            information[(p + 1, p + 1)] += by_size * by_size;
        }
        information.mirror_lower();
        (value, gradient, information)
    }

    /// Central differences of the analytic gradient.
    fn observed_information(&self, x: &[f64]) -> Matrix {
        let mut out = Matrix::zeros(x.len(), x.len());
        let fallback = self.evaluate(x).2;
        for k in 0..x.len() {
            let at = |by: f64| {
                let mut moved = x.to_vec();
                moved[k] += by;
                self.evaluate(&moved).1
            };
            let (up, down) = (at(1e-5), at(-1e-5));
            for l in 0..x.len() {
                out[(k, l)] = -(up[l] - down[l]) / 2e-5;
            }
        }
        // Counts without overdispersion send r to its bound, where its curvature is lost.
        let last = x.len() - 1;
        if out[(last, last)] <= 1e-6 {
            (0..=last).for_each(|k| (out[(k, last)], out[(last, k)]) = (0.0, 0.0));
            out[(last, last)] = fallback[(last, last)].max(1.0);
        }
        out
    }
}

impl Objective for SegmentedModel<'_> {
    /// Minus the log-likelihood.
    fn value(&self, x: &[f64]) -> f64 {
        -self.evaluate(x).0
    }

    /// The same with gradient and expected information.
    fn derivatives(&self, x: &[f64]) -> Derivatives {
        let (value, gradient, hessian) = self.evaluate(x);
        Derivatives { value: -value, gradient: gradient.iter().map(|g| -g).collect(), hessian }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Gamma};
    use sanad_core::random::Streams;
    use sanad_numbers::poisson;

    const SETTINGS: InterruptedSettings =
        InterruptedSettings { start: 60, periods_per_year: 12.0, harmonics: 1 };

    fn drawn(level: f64, set: u32) -> Vec<u32> {
        let mut stream = Streams::new(4, "interrupted").at(set, 0, 0);
        let marginal = |t: f64| 3.0 + 0.004 * (t - 60.0) + if t >= 60.0 { level } else { 0.0 };
        let mut counts: Vec<u32> = Vec::new();
        for t in 0..120_u32 {
            let lag = counts
                .last()
                .map_or(0.0, |&y| f64::from(y).max(0.5).ln() - marginal(f64::from(t) - 1.0));
            let mean = (marginal(f64::from(t)) + 0.3 * lag).exp();
            let rate = Gamma::new(8.0, mean / 8.0).unwrap().sample(&mut stream);
            counts.push(poisson(rate, &mut stream) as u32);
        }
        counts
    }

    #[test]
    fn the_gradient_equals_finite_differences() {
        let counts = drawn(-0.5, 0);
        let model = SegmentedModel::new(&counts, SETTINGS);
        let x = [3.0, 0.01, -0.3, 0.002, 0.1, -0.1, 0.25, 1.5];
        let gradient = model.evaluate(&x).1;
        for k in 0..x.len() {
            let at = |by: f64| {
                let mut moved = x;
                moved[k] += by;
                model.evaluate(&moved).0
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((slope - gradient[k]).abs() < 1e-4 * (1.0 + slope.abs()), "{k}");
        }
    }

    #[test]
    fn intervals_of_the_level_change_cover_at_about_their_nominal_rate() {
        let covered = (0..120)
            .filter(|&set| {
                let found = interrupted_series(&drawn(-0.7, set), SETTINGS).unwrap();
                let truth = (-0.7_f64).exp();
                found.level.ratio.low <= truth && truth <= found.level.ratio.high
            })
            .count();
        // Binomial(120, 0.95): mean 114, standard deviation 2.4.
        assert!(covered >= 104, "{covered} of 120");
    }

    #[test]
    fn the_change_at_the_start_is_the_change_of_level_and_later_ones_follow_the_slope() {
        let found = interrupted_series(&drawn(-0.5, 3), SETTINGS).unwrap();
        assert_eq!(found.change_at(0), found.level);
        let year = found.change_at(12).ratio.value;
        let expected = found.level.ratio.value * found.slope.ratio.value.powi(12);
        assert!((year / expected - 1.0).abs() < 1e-12);
        let at = 60 + 12;
        assert!((year / (found.with[at] / found.without[at]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn too_short_a_side_is_refused() {
        let settings = InterruptedSettings { start: 5, ..SETTINGS };
        assert!(interrupted_series(&[1; 50], settings).unwrap_err().is_too_little_data());
    }

    #[test]
    fn more_waves_than_can_be_told_are_refused() {
        for harmonics in [7, usize::MAX] {
            let settings = InterruptedSettings { harmonics, ..SETTINGS };
            let refused = interrupted_series(&drawn(0.0, 1), settings).unwrap_err();
            assert!(refused.to_string().contains("half the periods"), "{refused}");
        }
    }
}
