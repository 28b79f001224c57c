//! Randomised probability integral transform: where the model is true, the transformed counts are
//! independent and uniform (A. E. Brockwell, "Universal residuals", Statist. Probab. Lett. 77, 2007;
//! C. Czado, T. Gneiting & L. Held, "Predictive model assessment for count data", Biometrics 65,
//! 2009).

use sanad_core::random::Stream;
use statrs::function::{beta::beta_reg, gamma::gamma_ur};

use super::fit::TargetFit;
use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::error::Error;

/// One value in (0, 1) per cell of `target`; test them with [`crate::ks_uniform`]. An event known
/// only to an interval is put on one of its days at random, in proportion to the model's chances.
///
/// # Errors
/// If the series or the settings are not those of the fit.
pub fn pit(
    series: &Series,
    settings: &Settings,
    fit: &TargetFit,
    target: usize,
    stream: &mut Stream,
) -> Result<Vec<f64>, Error> {
    let problem =
        TargetProblem::new(series, &Settings { adjusted: false, ..settings.clone() }, target)?;
    crate::error::check_len("the fit's means", problem.counts.len(), fit.mean().len())?;
    let size = fit.count_size();
    let mut counts = problem.counts.clone();
    for interval in &problem.intervals {
        let chances = problem.chances(interval, fit.mean(), size);
        let mut left = stream.open01() * chances.iter().sum::<f64>();
        let day = chances.iter().position(|q| {
            left -= q;
            left <= 0.0
        });
        counts[interval.first + day.unwrap_or(chances.len() - 1)] += 1;
    }
    Ok(counts
        .iter()
        .zip(fit.mean())
        .map(|(&y, &mean)| {
            let below = if y == 0 { 0.0 } else { cdf(y - 1, mean, size) };
            below + stream.open01() * (cdf(y, mean, size) - below)
        })
        .collect())
}

/// P(Y ≤ y).
fn cdf(y: u32, mean: f64, size: Option<f64>) -> f64 {
    let above = f64::from(y) + 1.0;
    match size {
        None => gamma_ur(above, mean),
        Some(r) => beta_reg(r, above, r / (r + mean)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distribution_functions_equal_the_sums_of_their_probabilities() {
        let mean = 1.7_f64;
        let mut poisson = 0.0;
        let mut binomial = 0.0;
        let (r, mut p, mut q) = (2.5_f64, (-mean).exp(), (2.5 / (2.5 + mean)).powf(2.5));
        for y in 0..12_u32 {
            poisson += p;
            binomial += q;
            assert!((cdf(y, mean, None) - poisson).abs() < 1e-10);
            assert!((cdf(y, mean, Some(r)) - binomial).abs() < 1e-10);
            p *= mean / f64::from(y + 1);
            q *= (f64::from(y) + r) / f64::from(y + 1) * mean / (r + mean);
        }
    }
}
