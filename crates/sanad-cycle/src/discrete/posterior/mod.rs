//! Bayesian sampling of the excitation parameters, for the probability that the cycle is explosive.
//!
//! The background is integrated out by Laplace's approximation in the parameters of the mean, which
//! gives the adjusted profile likelihood; sampling the background's own parameters under a flat
//! prior on the logarithm's scale would instead favour a background near zero. What is left is a
//! handful of smooth parameters per target, whose gradient is the likelihood's at the best background
//! (the envelope theorem). They are sampled by the No-U-Turn Sampler (M. D. Hoffman & A. Gelman,
//! JMLR 15, 2014) of `nuts-rs`, in coordinates in which the priors are standard normal.
//!
//! Priors: weights (mean offspring per event) half-normal of scale one; ln half-life normal about
//! 7 days with standard deviation 1.5, within the kernel's bounds; mark exponent standard normal;
//! ln r normal about ln 3 with standard deviation 2; parameters of the log-background normal with
//! standard deviation 10.
//!
//! Chains run one by one from their own random streams, so the draws have the same bits on any number
//! of threads. The sampler's vector arithmetic follows the processor's: another kind of processor may
//! give other last digits, and with them other draws of the same law.

mod background;
mod chain;
mod coordinates;
mod density;
mod table;

use rayon::prelude::*;
use sanad_core::random::Streams;

use super::fit::Fit;
use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::error::{Error, check_values};
use chain::Chain;
use density::{Density, SampledTarget};
pub use sanad_numbers::mixing::Mixing;
use sanad_numbers::{Matrix, mixing, spectral_radius};

/// Length of a sampling run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling {
    /// Independent chains, at least 2.
    pub chains: u32,
    /// Draws of each chain that are thrown away while step length and metric are found.
    pub warmup: u32,
    /// Draws of each chain that are kept.
    pub draws: u32,
}

impl Default for Sampling {
    /// Four chains of 400 + 500 draws.
    fn default() -> Self {
        Self { chains: 4, warmup: 400, draws: 500 }
    }
}

/// Draws from the posterior of the branching matrix.
#[derive(Debug, Clone)]
pub struct Posterior {
    /// Branching matrices, chain after chain.
    pub branching: Vec<Matrix>,
    /// Their spectral radii.
    pub spectral_radius: Vec<f64>,
    /// How well the chains have mixed.
    pub mixing: Mixing,
}

impl Posterior {
    /// P(spectral radius > 1): the probability that the cycle feeds itself without end.
    #[must_use]
    pub fn probability_explosive(&self) -> f64 {
        let above = self.spectral_radius.iter().filter(|radius| **radius > 1.0).count();
        above as f64 / self.spectral_radius.len() as f64
    }

    /// Draws of one coefficient.
    #[must_use]
    pub fn coefficient(&self, target: usize, source: usize) -> Vec<f64> {
        self.branching.iter().map(|n| n[(target, source)]).collect()
    }
}

/// Samples the posterior of the branching matrix. Targets are independent given the records, so
/// each is sampled by itself and their draws are joined by number.
///
/// # Errors
/// If there are fewer than 2 chains or 4 draws, the fit is not one of the series, or a chain cannot
/// start.
pub fn sample_posterior(
    series: &Series,
    settings: &Settings,
    fitted: &Fit,
    sampling: Sampling,
    streams: Streams,
) -> Result<Posterior, Error> {
    check_values("chains", &[f64::from(sampling.chains)], "at least 2", |c| c >= 2.0)?;
    check_values("draws", &[f64::from(sampling.draws)], "at least 4", |d| d >= 4.0)?;
    let kinds = series.extent().kinds;
    let targets = (0..kinds)
        .into_par_iter()
        .map(|k| TargetProblem::new(series, settings, k))
        .map(|problem| problem.map(SampledTarget::new))
        .collect::<Result<Vec<_>, Error>>()?;
    let jobs: Vec<(usize, u32)> =
        (0..kinds).flat_map(|target| (0..sampling.chains).map(move |c| (target, c))).collect();
    let runs = jobs
        .into_par_iter()
        .map(|(target, number)| {
            let fit = &fitted.targets()[target];
            let density = Density::new(&targets[target], fit);
            chain::run(density, fit, kinds, sampling, streams.at(target as u32, number, 0))
        })
        .collect::<Result<Vec<Chain>, Error>>()?;
    Ok(joined(kinds, sampling, &runs))
}

/// Joins the targets' draws by number.
fn joined(kinds: usize, sampling: Sampling, runs: &[Chain]) -> Posterior {
    let (chains, draws) = (sampling.chains as usize, sampling.draws as usize);
    let branching: Vec<Matrix> = (0..chains * draws)
        .map(|at| {
            let row = |i: usize| runs[i * chains + at / draws].rows[at % draws].clone();
            Matrix::from_rows(&(0..kinds).map(row).collect::<Vec<_>>())
        })
        .collect();
    let spectral_radius: Vec<f64> = branching.iter().map(spectral_radius).collect();
    Posterior {
        mixing: mixing_of(&branching, &spectral_radius, draws, runs),
        branching,
        spectral_radius,
    }
}

/// How well the chains agree on every branching coefficient and on the spectral radius.
fn mixing_of(branching: &[Matrix], radii: &[f64], draws: usize, runs: &[Chain]) -> Mixing {
    let kinds = branching[0].rows();
    let entry = |k: usize| branching.iter().map(|n| n[(k / kinds, k % kinds)]).collect();
    let mut watched: Vec<Vec<f64>> = (0..kinds * kinds).map(entry).collect();
    watched.retain(|values| values.iter().any(|n| *n > 0.0));
    watched.push(radii.to_vec());
    let of = |measure: fn(&[&[f64]]) -> f64| -> Vec<f64> {
        watched.iter().map(|values| measure(&values.chunks(draws).collect::<Vec<_>>())).collect()
    };
    let fewest = |values: Vec<f64>| values.into_iter().fold(f64::INFINITY, f64::min);
    Mixing {
        largest_r_hat: of(mixing::split_r_hat).into_iter().fold(1.0, f64::max),
        fewest_effective_draws: fewest(of(mixing::bulk_effective_draws)),
        fewest_tail_draws: fewest(of(mixing::tail_effective_draws)),
        divergences: runs.iter().map(|run| run.divergences).sum(),
        gradients: runs.iter().map(|run| run.gradients).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discrete::{Background, Counts, Extent, Kernel, World, fit};
    use rand_distr::{Distribution, StandardNormal};

    fn drawn(n: f64, days: usize) -> (Series, Settings, Fit) {
        let extent = Extent { kinds: 1, places: 1, days };
        let kernel: Vec<f64> = (0..30).map(|l| n * 0.5_f64.powi(l + 1)).collect();
        let world =
            World::new(extent, vec![vec![0.3; days]], vec![vec![kernel]], vec![None]).unwrap();
        let series =
            world.simulate(1_000_000, &mut Streams::new(9, "posterior").at(0, 0, 0)).unwrap();
        let settings = Settings { background: Background::constant(), ..Settings::default() };
        let found = fit(&series, &settings).unwrap();
        (series, settings, found)
    }

    fn sampled(of: &(Series, Settings, Fit), sampling: Sampling) -> Posterior {
        sample_posterior(&of.0, &of.1, &of.2, sampling, Streams::new(2, "sampling")).unwrap()
    }

    #[test]
    fn the_posterior_agrees_with_the_fit_where_the_record_is_long() {
        let drawn = drawn(0.5, 3000);
        let posterior = sampled(&drawn, Sampling { chains: 4, warmup: 150, draws: 300 });
        let draws = posterior.coefficient(0, 0);
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let one = &drawn.2.targets()[0];
        let error = one.branching_error(0).unwrap();
        assert!((mean - one.branching(0)).abs() < 0.5 * error, "{mean} {}", one.branching(0));
        let square = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>();
        let spread = (square / draws.len() as f64).sqrt();
        assert!((0.8..1.25).contains(&(spread / error)), "{spread} {error}");
        assert!(posterior.mixing.largest_r_hat < 1.05, "{:?}", posterior.mixing);
        assert!(posterior.mixing.fewest_effective_draws > 150.0, "{:?}", posterior.mixing);
        assert_eq!(posterior.probability_explosive(), 0.0);
    }

    /// The rank of the truth among the posterior's draws, for a world of the priors; a data set with
    /// too few or too many events is passed over, which the ranks do not feel.
    fn rank(set: u32) -> Option<f64> {
        let mut stream = Streams::new(3, "ranks").at(set, 0, 0);
        let mut normal = || -> f64 { StandardNormal.sample(&mut stream) };
        let n = normal().abs();
        let half_life = (0..)
            .map(|_| (7.0_f64.ln() + 1.5 * normal()).exp())
            .find(|days| (1.0..14.0).contains(days))?;
        let kernel = Kernel::Geometric {
            shortest_days: 1.0,
            longest_days: 14.0,
            horizon_days: 28,
            shared: false,
        };
        let settings = Settings {
            background: Background::constant(),
            counts: Counts::Poisson,
            kernel: kernel.clone(),
            ..Settings::default()
        };
        let lags = kernel.shapes(half_life)[0].weights().iter().map(|w| n * w).collect();
        let extent = Extent { kinds: 1, places: 1, days: 200 };
        let world = World::new(extent, vec![vec![0.5; 200]], vec![vec![lags]], vec![None]).ok()?;
        let series = world.simulate(3000, &mut stream).ok().filter(|s| s.total(0) >= 20)?;
        let found = fit(&series, &settings).ok()?;
        let sampling = Sampling { chains: 2, warmup: 100, draws: 100 };
        let draws = sampled(&(series, settings, found), sampling).coefficient(0, 0);
        let below = draws.iter().step_by(4).filter(|draw| **draw < n).count();
        Some((below as f64 + stream.open01()) / 51.0)
    }

    #[test]
    fn the_truth_has_any_rank_among_the_draws() {
        let ranks: Vec<f64> = (0..40).into_par_iter().filter_map(rank).collect();
        assert!(ranks.len() > 20, "{}", ranks.len());
        assert!(crate::ks_uniform(&ranks).p_value > 0.001, "{ranks:?}");
    }

    #[test]
    fn one_thread_and_two_draw_the_same_bits() {
        let drawn = drawn(0.5, 300);
        let short = Sampling { chains: 3, warmup: 20, draws: 20 };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| sampled(&drawn, short).coefficient(0, 0))
        };
        let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(on(1)), bits(on(2)));
    }

    #[test]
    fn fewer_than_two_chains_are_refused() {
        let (series, settings, found) = drawn(0.5, 300);
        let one = Sampling { chains: 1, ..Sampling::default() };
        let refused = sample_posterior(&series, &settings, &found, one, Streams::new(2, "one"));
        assert!(refused.unwrap_err().is_invalid_input());
    }
}
