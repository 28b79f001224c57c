//! How far the branching matrix as a whole may lie from its estimate.
//!
//! Coefficients are drawn from the normal approximation of the fit, N(x̂, I⁻¹) with I the observed
//! information, those below zero set to zero; kinds are independent of one another given the past, so
//! each row of the matrix is drawn by itself. The spectral radius of each draw then spreads as the data
//! leave it open.

use rand_distr::{Distribution, StandardNormal};
use sanad_core::random::{Stream, Streams};

use super::fit::{Fit, TargetFit};
use sanad_numbers::{Cholesky, Matrix, spectral_radius};

impl Fit {
    /// Spectral radii of `draws` branching matrices, drawn from the estimates' joint normal law and
    /// cut at zero.
    ///
    /// Links estimated at zero, and links without a standard error, stay where they are: the radii
    /// spread too little where such links matter. [`super::sample_posterior`] does not need the
    /// normal approximation and costs much more.
    #[must_use]
    pub fn spectral_radii(&self, draws: u32, streams: Streams) -> Vec<f64> {
        let kinds = self.targets().len();
        let laws: Vec<Law<'_>> = self.targets().iter().map(Law::of).collect();
        let matrix = |draw: u32| {
            let row = |target: usize| {
                let mut stream = streams.at(draw, target as u32, 0);
                laws[target].draw(kinds, &mut stream)
            };
            Matrix::from_rows(&(0..kinds).map(row).collect::<Vec<_>>())
        };
        (0..draws).map(|draw| spectral_radius(&matrix(draw))).collect()
    }
}

/// The normal law of one target's weights.
struct Law<'a> {
    fit: &'a TargetFit,
    /// Parameters that vary, and the factor of their covariance.
    varying: Vec<usize>,
    factor: Option<Cholesky>,
}

impl<'a> Law<'a> {
    /// The normal approximation of a fit: the factor of its covariance over the weights that
    /// vary.
    fn of(fit: &'a TargetFit) -> Self {
        let first = fit.layout.first_weight();
        let varying: Vec<usize> = (first..first + fit.layout.parts.len())
            .filter(|&k| fit.covariance_of(k, k) > 0.0)
            .collect();
        let row = |&k: &usize| varying.iter().map(|&l| fit.covariance_of(k, l)).collect();
        let covariance: Vec<Vec<f64>> = varying.iter().map(row).collect();
        let factor =
            (!varying.is_empty()).then(|| Cholesky::new(&Matrix::from_rows(&covariance))).flatten();
        Self { fit, varying, factor }
    }

    /// A draw of the branching coefficients into a kind, weights below zero set to zero.
    fn draw(&self, kinds: usize, stream: &mut Stream) -> Vec<f64> {
        let mut x = self.fit.x.clone();
        if let Some(factor) = &self.factor {
            let normal: Vec<f64> =
                self.varying.iter().map(|_| StandardNormal.sample(stream)).collect();
            for (&k, moved) in self.varying.iter().zip(factor.times_lower(&normal)) {
                x[k] = (x[k] + moved).max(0.0);
            }
        }
        (0..kinds).map(|j| self.fit.layout.link(j).iter().map(|&k| x[k]).sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discrete::{Background, Extent, Settings, World, fit};

    #[test]
    fn radii_of_one_kind_spread_as_its_own_error_says() {
        let extent = Extent { kinds: 1, places: 1, days: 3000 };
        let kernels = vec![vec![vec![0.25, 0.25]]];
        let world = World::new(extent, vec![vec![0.5; 3000]], kernels, vec![None]).unwrap();
        let series = world.simulate(100_000, &mut Streams::new(1, "spread").at(0, 0, 0)).unwrap();
        let settings = Settings { background: Background::constant(), ..Settings::default() };
        let found = fit(&series, &settings).unwrap();
        let radii = found.spectral_radii(4000, Streams::new(2, "spread"));
        let mean = radii.iter().sum::<f64>() / radii.len() as f64;
        let variance =
            radii.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (radii.len() - 1) as f64;
        let error = found.targets()[0].branching_error(0).unwrap();
        assert!((mean - found.spectral_radius()).abs() < 0.1 * error, "{mean}");
        assert!((variance.sqrt() / error - 1.0).abs() < 0.1, "{} {error}", variance.sqrt());
    }
}
