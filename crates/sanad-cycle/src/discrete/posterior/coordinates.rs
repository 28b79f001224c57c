//! The coordinates that the sampler moves in, which hold the priors.
//!
//! Each parameter is normal within its bounds before the data are seen, and the sampler moves in the
//! coordinate in which that law is the standard normal. Where the data say nothing about a parameter
//! (the half-life of a link that is barely there) the posterior in its coordinate stays the standard
//! normal, so there is no funnel for the sampler to get stuck in.

use sanad_numbers::{normal_cdf, normal_quantile_of_tails};

use crate::discrete::fit::TargetFit;
use crate::discrete::layout::{HALF_LIFE_PRIOR, Layout};

/// Coordinates of one target's parameters after the background's, in the layout's order.
#[derive(Debug, Clone)]
pub(super) struct Coordinates<'a> {
    layout: &'a Layout,
    priors: Vec<CoordinatePrior>,
}

impl<'a> Coordinates<'a> {
    /// A coordinate for each parameter after the background's.
    pub(super) fn new(layout: &'a Layout) -> Self {
        Self { layout, priors: priors(layout) }
    }

    /// Number of coordinates: links' weights, half-lives, the exponent and ln r.
    pub(super) fn dimension(&self) -> usize {
        self.priors.len()
    }

    /// The parameters, and the derivative of each in its coordinate.
    pub(super) fn parameters(&self, z: &[f64]) -> (Vec<f64>, Vec<f64>) {
        self.priors.iter().zip(z).map(|(prior, &z)| prior.at(z)).unzip()
    }

    /// The coordinates of a fit, none further than `limit` from zero.
    pub(super) fn of(&self, fit: &TargetFit, limit: f64) -> Vec<f64> {
        let values = &fit.x[self.layout.first_weight()..];
        self.priors.iter().zip(values).map(|(prior, &x)| prior.coordinate(x, limit)).collect()
    }

    /// Branching coefficients by source.
    pub(super) fn branching(&self, z: &[f64], kinds: usize) -> Vec<f64> {
        let first = self.layout.first_weight();
        let weight = |k: usize| self.priors[k - first].at(z[k - first]).0;
        (0..kinds).map(|j| self.layout.link(j).into_iter().map(weight).sum()).collect()
    }
}

/// A normal law cut to a range.
#[derive(Debug, Clone, Copy, PartialEq)]
struct CoordinatePrior {
    mean: f64,
    deviation: f64,
    bounds: (f64, f64),
    /// Mass of the uncut law below and above the range.
    cut: (f64, f64),
}

impl CoordinatePrior {
    fn new(mean: f64, deviation: f64, bounds: (f64, f64)) -> Self {
        let standard = |x: f64| (x - mean) / deviation;
        let cut = (normal_cdf(standard(bounds.0)), normal_cdf(-standard(bounds.1)));
        Self { mean, deviation, bounds, cut }
    }

    /// The parameter at a coordinate z, and its derivative there. With u = Φ⁻¹ of the prior's
    /// probability at z between the cuts, value = mean + deviation · u and d value/dz = deviation
    /// · (1 − cuts) · φ(z)/φ(u), where φ(z)/φ(u) = exp((u² − z²)/2).
    fn at(&self, z: f64) -> (f64, f64) {
        let inside = 1.0 - self.cut.0 - self.cut.1;
        // Beyond some 38 deviations a tail is no number above zero, and u would be infinite.
        let tail = |cut: f64, z: f64| (cut + inside * normal_cdf(z)).max(f64::MIN_POSITIVE);
        let u = normal_quantile_of_tails(tail(self.cut.0, z), tail(self.cut.1, -z));
        let value = (self.mean + self.deviation * u).clamp(self.bounds.0, self.bounds.1);
        (value, self.deviation * inside * (0.5 * (u * u - z * z)).exp())
    }

    /// The coordinate of a parameter, at most `limit` from zero.
    fn coordinate(&self, value: f64, limit: f64) -> f64 {
        let inside = 1.0 - self.cut.0 - self.cut.1;
        let u = (value - self.mean) / self.deviation;
        let tails = ((normal_cdf(u) - self.cut.0) / inside, (normal_cdf(-u) - self.cut.1) / inside);
        normal_quantile_of_tails(tails.0, tails.1).clamp(-limit, limit)
    }
}

/// The prior of each parameter after the background's.
fn priors(layout: &Layout) -> Vec<CoordinatePrior> {
    let (weights, first) = (layout.parts.len(), layout.first_weight());
    (first..layout.start.len())
        .map(|k| {
            let bounds = (layout.bounds.lower[k], layout.bounds.upper[k]);
            match k - first {
                k if k < weights => CoordinatePrior::new(0.0, 1.0, (0.0, f64::INFINITY)),
                k if k < weights + layout.half_lives => {
                    CoordinatePrior::new(HALF_LIFE_PRIOR.0.ln(), HALF_LIFE_PRIOR.1, bounds)
                }
                k if layout.estimates_exponent && k == weights + layout.half_lives => {
                    CoordinatePrior::new(0.0, 1.0, bounds)
                }
                _ => CoordinatePrior::new(3.0_f64.ln(), 2.0, bounds),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [(f64, f64, (f64, f64)); 3] =
        [(0.0, 1.0, (0.0, f64::INFINITY)), (1.9, 1.5, (-0.7, 2.6)), (1.1, 2.0, (-6.9, 11.5))];

    #[test]
    fn a_parameter_and_its_coordinate_are_one_to_one() {
        for (mean, deviation, bounds) in LAWS {
            let prior = CoordinatePrior::new(mean, deviation, bounds);
            let mut last = bounds.0;
            for step in -40..=40 {
                let z = f64::from(step) / 10.0;
                let value = prior.at(z).0;
                assert!(value > last && value < bounds.1, "{z}: {value}");
                assert!((prior.coordinate(value, 9.0) - z).abs() < 1e-7, "{z}");
                last = value;
            }
        }
    }

    #[test]
    fn the_slope_equals_a_finite_difference() {
        for (mean, deviation, bounds) in LAWS {
            let prior = CoordinatePrior::new(mean, deviation, bounds);
            for step in -8..=8 {
                let z = f64::from(step) / 2.0;
                let difference = (prior.at(z + 1e-5).0 - prior.at(z - 1e-5).0) / 2e-5;
                let slope = prior.at(z).1;
                assert!((difference - slope).abs() < 1e-6 * (1.0 + slope), "{difference} {slope}");
            }
        }
    }

    #[test]
    fn the_median_of_a_weight_is_that_of_the_half_normal_law() {
        let prior = CoordinatePrior::new(LAWS[0].0, LAWS[0].1, LAWS[0].2);
        assert!((prior.at(0.0).0 - 0.674_489_750_196_082).abs() < 1e-9);
    }

    #[test]
    fn a_parameter_on_its_bound_has_a_finite_coordinate() {
        let prior = CoordinatePrior::new(LAWS[0].0, LAWS[0].1, LAWS[0].2);
        assert_eq!(prior.coordinate(0.0, 2.5), -2.5);
    }
}
