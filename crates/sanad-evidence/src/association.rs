//! Monthly counts on earlier months of another, and two periods against each other.
//!
//! Both give a log ratio with a standard error that allows for autocorrelation: W. K. Newey &
//! K. D. West, "A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
//! covariance matrix", Econometrica 55 (1987), with ⌊n^⅓⌋ lags. An association is not a cause: what
//! moves both series and is not in the model is in the estimate.

use crate::error::{Error, check_len, check_values};
use sanad_numbers::NORMAL_95;
use sanad_numbers::{Bounds, Derivatives, Objective, minimise};
use sanad_numbers::{Matrix, dot, inverse_spd};

/// A log ratio with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogRatio {
    /// Estimate on the log scale.
    pub log: f64,
    /// Its standard error.
    pub error: f64,
    /// Two-sided p-value of no difference (Wald).
    pub p_value: f64,
    /// Periods used.
    pub periods: usize,
}

impl LogRatio {
    /// A log ratio with the two-sided p-value of no effect, 2 (1 − Φ(|log / error|)).
    fn new(log: f64, error: f64, periods: usize) -> Self {
        let z = (log / error).abs() / core::f64::consts::SQRT_2;
        Self { log, error, p_value: statrs::function::erf::erfc(z), periods }
    }

    /// The 95 % interval on the log scale.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        (self.log - NORMAL_95 * self.error, self.log + NORMAL_95 * self.error)
    }
}

/// Settings of [`association`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssociationSettings {
    /// Index of the first period whose outcome is used; the earlier ones are only looked back at.
    pub first: usize,
    /// First and last lag of cause and controls, in periods, 1 ≤ first ≤ last.
    pub lags: (usize, usize),
    /// Lags of the outcome itself that are held constant.
    pub own_lags: usize,
    /// Periods in a year, for one yearly harmonic.
    pub periods_per_year: usize,
    /// Periods between the knots of the piecewise linear trend.
    pub knot_every: usize,
}

/// The log of the factor by which the expected outcome changes when one plus the mean of the cause
/// over the lags doubles.
///
/// ln E yₜ = trend(t) + season(t) + Σ φₖ ln(yₜ₋ₖ + ½) + β log₂(1 + x̄ₜ) + Σ γⱼ log₂(1 + c̄ⱼₜ), by Poisson
/// quasi-likelihood, which asks nothing of the counts' variance (J. M. Wooldridge, "Quasi-likelihood
/// methods for count data", Handbook of Applied Econometrics II, 1997).
///
/// # Errors
/// If the series differ in length or hold a negative value, the look back reaches before the first
/// period, fewer than five periods stand against each parameter, or the data do not identify β.
pub fn association(
    outcome: &[f64],
    cause: &[f64],
    controls: &[Vec<f64>],
    settings: AssociationSettings,
) -> Result<LogRatio, Error> {
    check_series("outcome", outcome, outcome.len())?;
    check_series("cause", cause, outcome.len())?;
    for control in controls {
        check_series("control", control, outcome.len())?;
    }
    let back = settings.lags.1.max(settings.own_lags);
    if settings.first < back {
        return Err(Error::too_little(
            "an association",
            "periods to look back at",
            back,
            settings.first,
        ));
    }
    let rows: Vec<Vec<f64>> = (settings.first..outcome.len())
        .map(|t| row(t, outcome, cause, controls, settings))
        .collect();
    let counts = &outcome[settings.first.min(outcome.len())..];
    let parameters = rows.first().map_or(1, Vec::len);
    if rows.len() < 5 * parameters {
        return Err(Error::too_little("an association", "periods", 5 * parameters, rows.len()));
    }
    let model = QuasiPoisson { counts, design: Matrix::from_rows(&rows) };
    let (x, covariance) = model.fit()?;
    let error = covariance[(0, 0)].sqrt();
    Ok(LogRatio::new(x[0], error, rows.len()))
}

/// Log of the ratio of the mean of `after` to that of `before`.
///
/// ```
/// use sanad_evidence::association::compare_means;
///
/// let before: Vec<f64> = (0..24).map(|t| 20.0 + f64::from(t * 7 % 5)).collect();
/// let after: Vec<f64> = before.iter().map(|count| count / 2.0).collect();
/// let found = compare_means(&before, &after).unwrap();
/// assert!((found.log + 2_f64.ln()).abs() < 1e-12 && found.p_value < 0.001);
/// ```
///
/// # Errors
/// If a period has fewer than eight values, a negative one, or none above zero.
pub fn compare_means(before: &[f64], after: &[f64]) -> Result<LogRatio, Error> {
    let mut variance = 0.0;
    let mut means = [0.0; 2];
    for (mean, values) in means.iter_mut().zip([before, after]) {
        check_series("period", values, values.len())?;
        if values.len() < 8 {
            return Err(Error::too_little("a comparison", "periods on each side", 8, values.len()));
        }
        *mean = values.iter().sum::<f64>() / values.len() as f64;
        if *mean <= 0.0 {
            return Err(Error::too_little("a comparison", "counts above zero", 1, 0));
        }
        let scores: Vec<Vec<f64>> = values.iter().map(|value| vec![value / *mean - 1.0]).collect();
        variance += newey_west(&scores)[(0, 0)] / (values.len() as f64).powi(2);
    }
    Ok(LogRatio::new((means[1] / means[0]).ln(), variance.sqrt(), before.len() + after.len()))
}

/// Refuses a series of another length, or with values that are negative or not finite.
fn check_series(what: &'static str, values: &[f64], length: usize) -> Result<(), Error> {
    check_len(what, length, values.len())?;
    check_values(what, values, "finite and not negative", |v| v.is_finite() && v >= 0.0)
}

/// β first, then controls, own lags, season, and the trend with its knots.
fn row(
    t: usize,
    outcome: &[f64],
    cause: &[f64],
    controls: &[Vec<f64>],
    settings: AssociationSettings,
) -> Vec<f64> {
    let (first, last) = settings.lags;
    let lagged = |series: &[f64]| {
        let mean = series[t - last..=t - first].iter().sum::<f64>() / (last - first + 1) as f64;
        mean.ln_1p() / core::f64::consts::LN_2
    };
    let mut row = vec![lagged(cause)];
    row.extend(controls.iter().map(|control| lagged(control)));
    row.extend((1..=settings.own_lags).map(|lag| (outcome[t - lag] + 0.5).ln()));
    let phase = core::f64::consts::TAU * t as f64 / settings.periods_per_year as f64;
    row.extend([phase.sin(), phase.cos(), 1.0]);
    // Time in spans between knots keeps the columns of like size.
    let every = settings.knot_every.max(1);
    let since = (t - settings.first) as f64 / every as f64;
    let spans = (outcome.len() - settings.first).div_ceil(every);
    row.extend((0..spans).map(|knot| (since - knot as f64).max(0.0)));
    row
}

/// Counts with a log-linear mean; nothing is asked of their variance.
struct QuasiPoisson<'a> {
    counts: &'a [f64],
    design: Matrix,
}

impl QuasiPoisson<'_> {
    /// Coefficients and their covariance: quasi-Poisson regression with a covariance that allows
    /// for autocorrelation (W. K. Newey and K. D. West, Econometrica 55, 1987).
    fn fit(&self) -> Result<(Vec<f64>, Matrix), Error> {
        let p = self.design.columns();
        let mean = self.counts.iter().sum::<f64>() / self.counts.len() as f64;
        let mut start = vec![0.0; p];
        if let Some(constant) =
            (0..p).find(|&k| (0..self.counts.len()).all(|t| self.design.row(t)[k] == 1.0))
        {
            start[constant] = mean.max(0.1).ln();
        }
        let bounds = Bounds { lower: vec![-60.0; p], upper: vec![60.0; p] };
        let found = minimise("the association", self, &start, &bounds, 1e-10)?;
        let bread = inverse_spd(&self.derivatives(&found.x).hessian)
            .ok_or_else(|| Error::singular("the association"))?;
        let scores: Vec<Vec<f64>> = (0..self.counts.len())
            .map(|t| {
                let row = self.design.row(t);
                let left = self.counts[t] - dot(row, &found.x).exp();
                row.iter().map(|value| value * left).collect()
            })
            .collect();
        Ok((found.x, sandwich(&bread, &newey_west(&scores))))
    }
}

impl Objective for QuasiPoisson<'_> {
    /// Minus the Poisson log-likelihood, Σ exp(xβ) − y xβ, without the factorials.
    fn value(&self, x: &[f64]) -> f64 {
        let one = |t: usize| {
            let log = dot(self.design.row(t), x);
            log.exp() - self.counts[t] * log
        };
        (0..self.counts.len()).map(one).sum()
    }

    /// Gradient Σ (exp(xβ) − y) x and second derivatives Σ exp(xβ) x xᵀ.
    fn derivatives(&self, x: &[f64]) -> Derivatives {
        let p = x.len();
        let (mut gradient, mut hessian) = (vec![0.0; p], Matrix::zeros(p, p));
        for t in 0..self.counts.len() {
            let row = self.design.row(t);
            let mean = dot(row, x).exp();
            gradient.iter_mut().zip(row).for_each(|(g, v)| *g += (mean - self.counts[t]) * v);
            hessian.add_outer_lower(mean, row);
        }
        hessian.mirror_lower();
        Derivatives { value: self.value(x), gradient, hessian }
    }
}

/// Long-run covariance of the sum of scores, Bartlett weights over ⌊n^⅓⌋ lags.
fn newey_west(scores: &[Vec<f64>]) -> Matrix {
    let (n, p) = (scores.len(), scores.first().map_or(0, Vec::len));
    let bandwidth = (n as f64).cbrt().floor() as usize;
    let mut sum = Matrix::zeros(p, p);
    for lag in 0..=bandwidth.min(n.saturating_sub(1)) {
        let weight = 1.0 - lag as f64 / (bandwidth + 1) as f64;
        for (late, early) in scores[lag..].iter().zip(scores) {
            for a in 0..p {
                for b in 0..p {
                    let both = if lag == 0 {
                        late[a] * early[b]
                    } else {
                        late[a] * early[b] + early[a] * late[b]
                    };
                    sum[(a, b)] += weight * both;
                }
            }
        }
    }
    sum
}

/// B M B, the covariance of estimates whose scores have the covariance M and whose information
/// has the inverse B (H. White, Econometrica 50, 1982).
fn sandwich(bread: &Matrix, meat: &Matrix) -> Matrix {
    let p = bread.rows();
    let mut half = Matrix::zeros(p, p);
    let mut out = Matrix::zeros(p, p);
    for a in 0..p {
        for b in 0..p {
            half[(a, b)] = (0..p).map(|k| bread[(a, k)] * meat[(k, b)]).sum();
        }
    }
    for a in 0..p {
        for b in 0..p {
            out[(a, b)] = (0..p).map(|k| half[(a, k)] * bread[(k, b)]).sum();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Gamma};
    use sanad_core::random::{Stream, Streams};
    use sanad_numbers::poisson;

    const SETTINGS: AssociationSettings = AssociationSettings {
        first: 6,
        lags: (1, 3),
        own_lags: 2,
        periods_per_year: 12,
        knot_every: 36,
    };

    fn overdispersed(mean: f64, stream: &mut Stream) -> f64 {
        poisson(Gamma::new(6.0, mean / 6.0).unwrap().sample(stream), stream) as f64
    }

    /// Cause and outcome over 200 months with a common trend; `beta` per doubling.
    fn world(beta: f64, set: u32) -> (Vec<f64>, Vec<f64>) {
        let mut stream = Streams::new(11, "association").at(set, 0, 0);
        let trend = |t: usize| 2.5 + 0.8 * (t as f64 / 60.0).sin();
        let cause: Vec<f64> =
            (0..200).map(|t| overdispersed((trend(t) - 1.0).exp(), &mut stream)).collect();
        let mut outcome = Vec::new();
        for t in 0..200_usize {
            let past: &[f64] = if t >= 3 { &cause[t - 3..t] } else { &[] };
            let mean = past.iter().sum::<f64>() / 3.0;
            let log = trend(t) + beta * (mean.ln_1p() / core::f64::consts::LN_2);
            outcome.push(overdispersed(log.exp(), &mut stream));
        }
        (outcome, cause)
    }

    #[test]
    fn an_effect_is_found_with_intervals_that_cover_it() {
        let found: Vec<LogRatio> = (0..150)
            .map(|set| {
                let (outcome, cause) = world(0.3, set);
                association(&outcome, &cause, &[], SETTINGS).unwrap()
            })
            .collect();
        let mean = found.iter().map(|f| f.log).sum::<f64>() / 150.0;
        assert!((mean - 0.3).abs() < 0.03, "{mean}");
        let covered =
            found.iter().filter(|f| f.interval().0 <= 0.3 && 0.3 <= f.interval().1).count();
        // Binomial(150, 0.95): mean 142.5, standard deviation 2.7.
        assert!(covered >= 130, "{covered} of 150");
    }

    #[test]
    fn a_common_trend_alone_is_no_association() {
        let rejected = (0..200)
            .filter(|&set| {
                let (outcome, cause) = world(0.0, 1000 + set);
                association(&outcome, &cause, &[], SETTINGS).unwrap().p_value < 0.05
            })
            .count();
        // Binomial(200, 0.05): mean 10, standard deviation 3.1.
        assert!((2..=24).contains(&rejected), "{rejected} of 200");
    }

    #[test]
    fn a_ratio_of_means_covers_the_truth_under_autocorrelation() {
        let covered = (0..200)
            .filter(|&set| {
                let mut stream = Streams::new(5, "means").at(set, 0, 0);
                let mut level = 0.0;
                let mut draw = |mean: f64| {
                    level = 0.4 * level + 0.3 * (stream.open01() - 0.5);
                    overdispersed(mean * f64::exp(level), &mut stream)
                };
                let before: Vec<f64> = (0..36).map(|_| draw(30.0)).collect();
                let after: Vec<f64> = (0..36).map(|_| draw(15.0)).collect();
                let (low, high) = compare_means(&before, &after).unwrap().interval();
                low <= -core::f64::consts::LN_2 && -core::f64::consts::LN_2 <= high
            })
            .count();
        assert!(covered >= 170, "{covered} of 200");
    }

    #[test]
    fn series_that_cannot_tell_are_refused() {
        let (outcome, cause) = world(0.3, 0);
        let short = association(&outcome[..40], &cause[..40], &[], SETTINGS);
        assert!(short.unwrap_err().is_too_little_data());
        let constant = association(&outcome, &[0.0; 200], &[], SETTINGS);
        assert!(constant.unwrap_err().is_singular());
        assert!(association(&outcome, &cause[1..], &[], SETTINGS).unwrap_err().is_invalid_input());
        assert!(compare_means(&[0.0; 12], &[1.0; 12]).unwrap_err().is_too_little_data());
    }
}
