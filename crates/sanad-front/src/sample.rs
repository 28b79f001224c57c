//! Draws of one observation within its errors.

use rand_distr::{Distribution, Gamma, StandardNormal};
use sanad_core::random::{Stream, Streams};

use crate::framework::{Indicator, Transform};
use crate::panel::Panel;

/// What is known of the error of one observation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SampledValue {
    value: f64,
    standard_error: f64,
    bounds: Option<(f64, f64)>,
    poisson: bool,
}

impl SampledValue {
    pub(crate) fn new(
        panel: &Panel,
        indicator: &Indicator,
        place: usize,
        month: usize,
        position: usize,
    ) -> Self {
        Self::in_cell(panel, indicator, place * panel.months() + month, position)
    }

    /// As [`Self::new`], for the cell place · months + month.
    #[inline]
    pub(crate) fn in_cell(
        panel: &Panel,
        indicator: &Indicator,
        cell: usize,
        position: usize,
    ) -> Self {
        Self {
            value: panel.column(position)[cell],
            standard_error: panel.standard_error(cell, position),
            bounds: panel.bounds(cell, position).filter(|(low, high)| low < high),
            poisson: indicator.poisson,
        }
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.standard_error == 0.0 && self.bounds.is_none() && !self.poisson
    }

    /// Variance of the error in transformed units, to first order: (triangular + counting +
    /// standard error²) · f′(value)², with f the transformation.
    #[inline]
    pub(crate) fn variance(&self, transform: Transform) -> f64 {
        // Triangular on [a, b] with mode c: (a² + b² + c² − ab − ac − bc) / 18.
        let between = self.bounds.map_or(0.0, |(low, high)| {
            let (a, b, c) = (low, high, self.value);
            (a * a + b * b + c * c - a * b - a * c - b * c) / 18.0
        });
        // Gamma(count + ½, 1) has the variance count + ½.
        let counting = if self.poisson { self.value.max(0.0) + 0.5 } else { 0.0 };
        let slope = match transform {
            Transform::Identity => 1.0,
            Transform::Log1p => 1.0 / (1.0 + self.value.max(0.0)),
        };
        (between + counting + self.standard_error.powi(2)) * slope * slope
    }

    /// The standard error in transformed units where the error is normal in them.
    pub(crate) fn normal_error(&self, transform: Transform) -> Option<f64> {
        let plain = self.bounds.is_none() && !self.poisson && transform == Transform::Identity;
        plain.then_some(self.standard_error)
    }

    /// One draw in raw units: the count between its bounds, its Poisson rate, then the standard
    /// error.
    pub(crate) fn draw(&self, stream: &mut Stream) -> f64 {
        let mut value = match self.bounds {
            Some((low, high)) => triangular(stream.open01(), low, self.value, high),
            None => self.value,
        };
        if self.poisson {
            value = rate(value, stream);
        }
        if self.standard_error > 0.0 {
            let z: f64 = StandardNormal.sample(stream);
            value += self.standard_error * z;
        }
        value
    }
}

/// Quantile of the triangular distribution on [low, high] with its mode: with u the probability
/// and F(mode) = (mode − low) / (high − low), low + √(u · (high − low) · (mode − low)) up to it, and
/// high − √((1 − u) · (high − low) · (high − mode)) beyond.
pub(crate) fn triangular(uniform: f64, low: f64, mode: f64, high: f64) -> f64 {
    let width = high - low;
    let turn = (mode - low) / width;
    if uniform < turn {
        low + (uniform * width * (mode - low)).sqrt()
    } else {
        high - ((1.0 - uniform) * width * (high - mode)).sqrt()
    }
}

/// A draw of the rate behind a count under the Jeffreys prior: Gamma(count + ½, 1).
fn rate(count: f64, stream: &mut Stream) -> f64 {
    Gamma::new(count.max(0.0) + 0.5, 1.0).map_or(count, |gamma| gamma.sample(stream))
}

/// The stream of one observation: the same for every use of it, so that a value carried into
/// several months errs the same way in all of them, and a shared value in all places.
pub(crate) fn stream(
    streams: Streams,
    indicator: &Indicator,
    place: usize,
    month: usize,
    position: usize,
) -> Stream {
    streams.at(place_key(indicator, place), month as u32, position as u32)
}

/// One key for all places where they share the value.
pub(crate) fn place_key(indicator: &Indicator, place: usize) -> u32 {
    if indicator.shared { u32::MAX } else { place as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triangular_quantiles_meet_the_ends_and_the_mode() {
        assert_eq!(triangular(0.0, 1.0, 2.0, 5.0), 1.0);
        assert_eq!(triangular(1.0, 1.0, 2.0, 5.0), 5.0);
        assert!((triangular(0.25, 1.0, 2.0, 5.0) - 2.0).abs() < 1e-12);
        assert_eq!(triangular(0.5, 1.0, 1.0, 1.0 + 2.0), 3.0 - 2.0_f64.sqrt());
    }

    #[test]
    fn draws_have_the_mean_of_their_distribution() {
        let base = SampledValue { value: 4.0, standard_error: 0.0, bounds: None, poisson: false };
        let cases = [
            (SampledValue { standard_error: 2.0, ..base }, 4.0),
            (SampledValue { bounds: Some((2.0, 12.0)), ..base }, 6.0),
            (SampledValue { poisson: true, ..base }, 4.5),
        ];
        for (observation, expected) in cases {
            let mut stream = Streams::new(1, "mean").at(0, 0, 0);
            let draws = 40_000;
            let mean: f64 =
                (0..draws).map(|_| observation.draw(&mut stream)).sum::<f64>() / f64::from(draws);
            assert!((mean - expected).abs() < 0.05, "{observation:?} {mean}");
            let spread: f64 =
                (0..draws).map(|_| (observation.draw(&mut stream) - expected).powi(2)).sum::<f64>()
                    / f64::from(draws);
            let variance = observation.variance(Transform::Identity);
            assert!((spread / variance - 1.0).abs() < 0.05, "{observation:?} {spread}");
        }
        assert!(base.is_exact());
    }
}
