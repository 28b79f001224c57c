//! What turns a model into a state space: noise on its stocks, and how its variables are observed.

use core::f64::consts::TAU;
use std::collections::BTreeMap;

use rand_distr::{Distribution as _, Gamma};
use sanad_core::random::Stream;
use sanad_numbers::{normal_of_two, poisson};
use serde::Deserialize;

use crate::engine::logarithm::ln_in_place;

/// Process noise of stocks and densities of observations, declared beside a model.
///
/// A model's equations say where a state goes when nothing unknown acts on it. Process noise says
/// how far it may stray from there in a unit of time, and a density how far a record may stray from
/// the variable that it observes. Together they make the model a state space, which
/// [`Model::assimilation`](crate::Model::assimilation) filters.
///
/// Deserializes from tables by name of the stock and of the variable (TOML here, by a caller that
/// reads it). The name of an array holds for each of its elements that has none of its own:
///
/// ```toml
/// [stock.grievance]
/// distribution = "log_normal"
/// sigma = 0.1
///
/// [observation.attacks]
/// distribution = "negative_binomial"
/// dispersion = "attack_dispersion"
/// ```
///
/// ```
/// use sanad_scenario::{Magnitude, ObservationDensity, ProcessNoise, StateSpace};
///
/// let mut space = StateSpace::default();
/// let noise = ProcessNoise::LogNormal { sigma: Magnitude::Number(0.1) };
/// space.stocks.insert("grievance".into(), noise);
/// space.observations.insert("attacks".into(), ObservationDensity::Poisson);
/// assert_eq!(space.observations["attacks"].expected(2.5), Some("a whole number from 0 on"));
/// ```
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateSpace {
    /// Noise by stock. A stock without an entry moves by its equations alone.
    #[serde(default, rename = "stock")]
    pub stocks: BTreeMap<String, ProcessNoise>,
    /// Densities by variable. A record names its series by them.
    #[serde(default, rename = "observation")]
    pub observations: BTreeMap<String, ObservationDensity>,
}

/// How large a noise is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Magnitude {
    /// The same for every member and moment.
    Number(f64),
    /// The value of a variable of the model, so that members may draw it and equations move it.
    Variable(String),
}

/// What is laid on a stock after each step, besides its flows. With z standard normal, drawn anew
/// for each step, member and stock, and Δ the step: noise of many small steps adds up to that of one
/// large one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case", deny_unknown_fields)]
pub enum ProcessNoise {
    /// Adds s·√Δ·z. A non-negative stock is cut off at zero.
    Normal {
        /// s, in the stock's unit per root of a unit of time.
        standard_deviation: Magnitude,
    },
    /// Multiplies by exp(σ·√Δ·z − σ²·Δ/2), whose mean is one. For stocks that are never negative; a
    /// stock at zero stays there.
    LogNormal {
        /// σ, per root of a unit of time.
        sigma: Magnitude,
    },
}

/// The density of an observation y, given the value m of the variable that is observed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case", deny_unknown_fields)]
pub enum ObservationDensity {
    /// Normal around m.
    Normal {
        /// Standard deviation, in the variable's unit.
        standard_deviation: Magnitude,
    },
    /// The logarithm of y is normal around that of m.
    LogNormal {
        /// Standard deviation of the logarithm.
        sigma: Magnitude,
    },
    /// A count with mean and variance m.
    Poisson,
    /// A count with mean m and variance m + α·m² (NB2 of A. C. Cameron and P. K. Trivedi,
    /// "Regression analysis of count data", 1998).
    NegativeBinomial {
        /// α, above zero.
        dispersion: Magnitude,
    },
}

impl ProcessNoise {
    /// How large it is.
    pub(crate) const fn magnitude(&self) -> &Magnitude {
        match self {
            Self::Normal { standard_deviation: magnitude }
            | Self::LogNormal { sigma: magnitude } => magnitude,
        }
    }

    /// The stock after a step of `dt`, noise of size `magnitude` laid on it; `standard` is z.
    pub(crate) fn apply(&self, stock: f64, magnitude: f64, dt: f64, standard: f64) -> f64 {
        let moved = magnitude * dt.sqrt() * standard;
        match self {
            Self::Normal { .. } => stock + moved,
            Self::LogNormal { .. } => stock * (moved - magnitude * magnitude * dt / 2.0).exp(),
        }
    }
}

impl ObservationDensity {
    /// How wide it is; nothing for the Poisson, whose mean says it.
    pub(crate) const fn magnitude(&self) -> Option<&Magnitude> {
        match self {
            Self::Poisson => None,
            Self::Normal { standard_deviation: magnitude }
            | Self::LogNormal { sigma: magnitude }
            | Self::NegativeBinomial { dispersion: magnitude } => Some(magnitude),
        }
    }

    /// What an observation has to be, if `value` is not that; `None` if it is.
    #[must_use]
    pub fn expected(&self, value: f64) -> Option<&'static str> {
        let (is_sound, expected) = match self {
            Self::Normal { .. } => (value.is_finite(), "a number"),
            Self::LogNormal { .. } => (value.is_finite() && value > 0.0, "a number above 0"),
            Self::Poisson | Self::NegativeBinomial { .. } => {
                let is_count = value >= 0.0 && value.is_finite() && value.fract() == 0.0;
                (is_count, "a whole number from 0 on")
            }
        };
        (!is_sound).then_some(expected)
    }

    /// The logarithm of the density of `value` given the variable's value `mean`. Minus infinity
    /// where the variable cannot give it: a count from a mean that is negative or no number.
    pub(crate) fn log_density(&self, value: f64, mean: f64, magnitude: f64) -> f64 {
        let found = match self {
            Self::Normal { .. } => log_normal_density(value - mean, magnitude),
            // The density of y is that of ln y, divided by y.
            Self::LogNormal { .. } => {
                log_normal_density(value.ln() - mean.ln(), magnitude) - value.ln()
            }
            Self::Poisson => log_poisson(value, mean),
            Self::NegativeBinomial { .. } => log_negative_binomial(value, mean, magnitude),
        };
        if found.is_nan() { f64::NEG_INFINITY } else { found }
    }

    /// Adds the log-density of `value` to `sums`, member by member, given each member's mean and
    /// magnitude. What does not depend on the mean is computed once for members of one magnitude.
    pub(crate) fn add_log_densities(
        &self,
        value: f64,
        means: &[f64],
        magnitude: impl Fn(usize) -> f64,
        sums: &mut [f64],
    ) {
        if !matches!(self, Self::NegativeBinomial { .. }) {
            for (lane, (sum, mean)) in sums.iter_mut().zip(means).enumerate() {
                *sum += self.log_density(value, *mean, magnitude(lane));
            }
            return;
        }
        let parts = sums.chunks_mut(AT_ONCE).zip(means.chunks(AT_ONCE));
        for (place, (sums, means)) in parts.enumerate() {
            let mut dispersions = [f64::NAN; AT_ONCE];
            for (lane, dispersion) in dispersions.iter_mut().take(means.len()).enumerate() {
                *dispersion = magnitude(place * AT_ONCE + lane);
            }
            add_counts(value, means, &dispersions, sums);
        }
    }

    /// A draw of what would be recorded. Not a number where the variable gives no density.
    pub(crate) fn draw(&self, mean: f64, magnitude: f64, stream: &mut Stream) -> f64 {
        match self {
            Self::Normal { .. } => mean + magnitude * normal_of_two(stream),
            Self::LogNormal { .. } => mean * (magnitude * normal_of_two(stream)).exp(),
            Self::Poisson => count(mean, stream),
            // A Poisson count whose mean is gamma with shape 1/α and mean m.
            Self::NegativeBinomial { .. } => match Gamma::new(1.0 / magnitude, mean * magnitude) {
                Ok(gamma) => count(gamma.sample(stream), stream),
                Err(_) if mean == 0.0 => 0.0,
                Err(_) => f64::NAN,
            },
        }
    }
}

/// −ln(s·√(2π)) − (x/s)²/2, the logarithm of a normal density at a distance x from its mean.
fn log_normal_density(distance: f64, deviation: f64) -> f64 {
    let standard = distance / deviation;
    -0.5 * (standard * standard + TAU.ln()) - deviation.ln()
}

/// y·ln m − m − ln y!; of a mean of zero the only count is zero.
fn log_poisson(count: f64, mean: f64) -> f64 {
    if mean == 0.0 {
        return if count == 0.0 { 0.0 } else { f64::NEG_INFINITY };
    }
    count * mean.ln() - mean - libm::lgamma(count + 1.0)
}

/// With r = 1/α: ln Γ(y + r) − ln Γ(r) − ln y! + r·ln(r/(r + m)) + y·ln(m/(r + m)).
fn log_negative_binomial(count: f64, mean: f64, dispersion: f64) -> f64 {
    if mean == 0.0 {
        return if count == 0.0 { 0.0 } else { f64::NEG_INFINITY };
    }
    let size = 1.0 / dispersion;
    libm::lgamma(count + size)
        - libm::lgamma(size)
        - libm::lgamma(count + 1.0)
        - size * (mean * dispersion).ln_1p()
        + count * (mean / (size + mean)).ln()
}

/// Counts up to here are small: a product of as many factors neither overflows nor costs more than
/// gamma functions.
const FEW: f64 = 24.0;

/// Members whose logarithms are taken at once.
const AT_ONCE: usize = 64;

/// Adds the logarithms of negative binomial densities of one count y. With r = 1/α and x = α·m they are
/// ln Γ(y + r)/(Γ(r)·y!) − (r + y)·ln(1 + x) + y·ln x, as in [`log_negative_binomial`] with its logarithms taken
/// together.
fn add_counts(count: f64, means: &[f64], dispersions: &[f64; AT_ONCE], sums: &mut [f64]) {
    let members = means.len();
    let (mut more, mut scaled) = ([1.0; AT_ONCE], [1.0; AT_ONCE]);
    for lane in 0..members {
        scaled[lane] = means[lane] * dispersions[lane];
        more[lane] = 1.0 + scaled[lane];
    }
    ln_in_place(&mut more[..members]);
    let mut constants = [0.0; AT_ONCE];
    if count > 0.0 {
        ln_in_place(&mut scaled[..members]);
        log_ratios(count, &dispersions[..members], &mut constants[..members]);
    }
    for lane in 0..members {
        // Neither a negative mean nor one that is no number gives a count. ln 0 of a count of zero
        // would be infinite, and its factor is zero.
        let own = if count > 0.0 { count * scaled[lane] } else { 0.0 };
        let found = constants[lane] - (1.0 / dispersions[lane] + count) * more[lane] + own;
        let is_possible = means[lane] >= 0.0 && !found.is_nan();
        sums[lane] += if is_possible { found } else { f64::NEG_INFINITY };
    }
}

/// ln Γ(y + r)/(Γ(r)·y!) by member. For small counts it is the logarithm of the product of (r + k)/(k + 1)
/// over k below y, which costs one logarithm in the place of three of gamma functions.
fn log_ratios(count: f64, dispersions: &[f64], found: &mut [f64]) {
    if count <= FEW {
        for (found, dispersion) in found.iter_mut().zip(dispersions) {
            let size = 1.0 / dispersion;
            let factor = |k: u32| (size + f64::from(k)) / (f64::from(k) + 1.0);
            *found = (0..count as u32).map(factor).product();
        }
        ln_in_place(found);
        return;
    }
    let factorial = libm::lgamma(count + 1.0);
    let mut before: Option<(f64, f64)> = None;
    for (found, &dispersion) in found.iter_mut().zip(dispersions) {
        *found = match before {
            // Members of one set of parameters have one dispersion.
            Some((known, value)) if known.to_bits() == dispersion.to_bits() => value,
            _ => {
                let size = 1.0 / dispersion;
                libm::lgamma(count + size) - libm::lgamma(size) - factorial
            }
        };
        before = Some((dispersion, *found));
    }
}

/// A Poisson draw as a number; none of a mean that is negative or no number.
fn count(mean: f64, stream: &mut Stream) -> f64 {
    if mean >= 0.0 { poisson(mean, stream) as f64 } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use sanad_core::random::Streams;

    use super::*;

    fn negative_binomial(dispersion: f64) -> ObservationDensity {
        ObservationDensity::NegativeBinomial { dispersion: Magnitude::Number(dispersion) }
    }

    #[test]
    fn densities_of_counts_add_up_to_one_and_have_their_mean_and_variance() {
        for (density, magnitude, variance) in [
            (ObservationDensity::Poisson, f64::NAN, 6.0),
            (negative_binomial(0.4), 0.4, 6.0 + 0.4 * 36.0),
        ] {
            let chance = |count: i32| density.log_density(f64::from(count), 6.0, magnitude).exp();
            let moment = |power: i32| -> f64 {
                (0..400).map(|count| chance(count) * f64::from(count).powi(power)).sum()
            };
            assert!((moment(0) - 1.0).abs() < 1e-10, "{density:?}");
            assert!((moment(1) - 6.0).abs() < 1e-9, "{density:?}");
            assert!((moment(2) - 36.0 - variance).abs() < 1e-7, "{density:?}");
        }
    }

    #[test]
    fn densities_of_many_members_are_those_of_each() {
        let means = [0.0, 1e-6, 0.3, 4.0, 900.0, -1.0, f64::NAN];
        let dispersions = [0.4, 0.4, 1.7, 0.01, 0.4, 0.4, 0.4];
        for (density, count) in [
            (negative_binomial(0.4), 0.0),
            (negative_binomial(0.4), 7.0),
            (ObservationDensity::Poisson, 3.0),
        ] {
            let mut sums = [2.0; 7];
            density.add_log_densities(count, &means, |lane| dispersions[lane], &mut sums);
            for (lane, sum) in sums.iter().enumerate() {
                let single = 2.0 + density.log_density(count, means[lane], dispersions[lane]);
                let is_near = (sum - single).abs() < 1e-9 * single.abs().max(1.0);
                assert!(is_near || *sum == single, "{density:?} {count} {lane}: {sum} {single}");
            }
        }
    }

    #[test]
    fn draws_have_the_mean_and_variance_of_their_density() {
        let normal = ObservationDensity::Normal { standard_deviation: Magnitude::Number(2.0) };
        let cases = [
            (ObservationDensity::Poisson, f64::NAN, 6.0),
            (negative_binomial(0.4), 0.4, 20.4),
            (normal, 2.0, 4.0),
        ];
        for (density, magnitude, variance) in cases {
            let streams = Streams::new(5, "test");
            let draws: Vec<f64> = (0..20_000)
                .map(|draw| density.draw(6.0, magnitude, &mut streams.at(0, 0, draw)))
                .collect();
            let mean = sanad_numbers::mean(&draws);
            // Five standard errors of a mean of 20,000 draws.
            assert!((mean - 6.0).abs() < 5.0 * (variance / 2e4_f64).sqrt(), "{density:?} {mean}");
            let found = sanad_numbers::variance(&draws);
            assert!((found / variance - 1.0).abs() < 0.1, "{density:?} {found}");
        }
    }

    #[test]
    fn noise_of_many_small_steps_is_that_of_one_large_one() {
        let sigma = Magnitude::Number(0.3);
        let noise = ProcessNoise::LogNormal { sigma };
        let streams = Streams::new(3, "test");
        let moments = |steps: u32| {
            let dt = 1.0 / f64::from(steps);
            let path = |draw: u32| {
                (0..steps).fold(10.0, |stock, step| {
                    let standard = normal_of_two(&mut streams.at(steps, step, draw));
                    noise.apply(stock, 0.3, dt, standard)
                })
            };
            let ends: Vec<f64> = (0..20_000).map(path).collect();
            let logs: Vec<f64> = ends.iter().map(|end| end.ln()).collect();
            (sanad_numbers::mean(&ends), sanad_numbers::variance(&logs))
        };
        for steps in [1, 8] {
            let (mean, variance) = moments(steps);
            assert!((mean - 10.0).abs() < 0.12, "{steps} {mean}");
            assert!((variance - 0.09).abs() < 0.005, "{steps} {variance}");
        }
    }

    #[test]
    fn what_a_variable_cannot_give_has_no_density() {
        let impossible = f64::NEG_INFINITY;
        assert_eq!(ObservationDensity::Poisson.log_density(3.0, 0.0, f64::NAN), impossible);
        assert_eq!(ObservationDensity::Poisson.log_density(0.0, 0.0, f64::NAN), 0.0);
        assert_eq!(ObservationDensity::Poisson.log_density(3.0, -1.0, f64::NAN), impossible);
        assert_eq!(negative_binomial(0.4).log_density(1.0, f64::NAN, 0.4), impossible);
    }
}
