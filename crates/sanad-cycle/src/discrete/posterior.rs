//! Bayesian sampling of the excitation parameters, for the probability that the cycle is explosive.
//!
//! The background is integrated out by Laplace's approximation in the parameters of the mean, which
//! gives the adjusted profile likelihood; sampling the background's own parameters under a flat
//! prior on the logarithm's scale would instead favour a background near zero. What is left is a
//! handful of smooth parameters per target, whose gradient is the likelihood's at the best background
//! (the envelope theorem). They are sampled by Hamiltonian Monte Carlo (R. M. Neal, "MCMC using
//! Hamiltonian dynamics", Handbook of MCMC, 2011) with the fit's covariance as metric and the step
//! length found by dual averaging (M. D. Hoffman & A. Gelman, "The No-U-Turn Sampler", JMLR 15,
//! 2014). With so good a metric short trajectories of random length suffice, and the kept sampler
//! crates would add some seventy dependencies.
//!
//! Priors: weights (mean offspring per event) half-normal of scale one; ln half-life normal about
//! 7 days with standard deviation 1.5, within the kernel's bounds; mark exponent standard normal;
//! ln r normal about ln 3 with standard deviation 2.

use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};

use super::fit::{Fit, TargetFit};
use super::likelihood::{Cells, TargetProblem};
use super::series::Series;
use super::settings::Settings;
use crate::error::{Error, check_values};
use crate::linalg::{Cholesky, Matrix, dot, spectral_radius};
use crate::optimise::{Bounds, Derivatives, Objective, minimise};

/// Length of a sampling run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling {
    /// Independent chains, at least 2.
    pub chains: u32,
    /// Draws of each chain that are thrown away while the step length is found.
    pub warmup: u32,
    /// Draws of each chain that are kept.
    pub draws: u32,
}

impl Default for Sampling {
    /// Four chains of 300 + 500 draws.
    fn default() -> Self {
        Self { chains: 4, warmup: 300, draws: 500 }
    }
}

/// Draws from the posterior of the branching matrix.
#[derive(Debug, Clone)]
pub struct Posterior {
    /// Branching matrices, chain after chain.
    pub branching: Vec<Matrix>,
    /// Their spectral radii.
    pub spectral_radius: Vec<f64>,
    /// Largest split R̂ over the coefficients; above 1.05 the chains have not mixed.
    pub largest_split_r_hat: f64,
    /// Share of proposals accepted after warm-up.
    pub accepted: f64,
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
/// If there are fewer than 2 chains or 4 draws, or the fit is not one of the series.
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
    let jobs: Vec<(usize, u32)> =
        (0..kinds).flat_map(|target| (0..sampling.chains).map(move |c| (target, c))).collect();
    let runs = jobs
        .into_par_iter()
        .map(|(target, chain)| {
            let stream = streams.at(target as u32, chain, 0);
            run_chain(series, settings, &fitted.targets()[target], target, sampling, stream)
        })
        .collect::<Result<Vec<Chain>, Error>>()?;
    Ok(joined(kinds, sampling, &runs))
}

/// One chain's rows of the branching matrix.
struct Chain {
    rows: Vec<Vec<f64>>,
    accepted: f64,
}

fn joined(kinds: usize, sampling: Sampling, runs: &[Chain]) -> Posterior {
    let (chains, draws) = (sampling.chains as usize, sampling.draws as usize);
    let branching: Vec<Matrix> = (0..chains * draws)
        .map(|at| {
            let row = |i: usize| runs[i * chains + at / draws].rows[at % draws].clone();
            Matrix::from_rows(&(0..kinds).map(row).collect::<Vec<_>>())
        })
        .collect();
    let largest = (0..kinds * kinds)
        .map(|k| {
            let values: Vec<f64> = branching.iter().map(|n| n[(k / kinds, k % kinds)]).collect();
            split_r_hat(&values, chains)
        })
        .fold(1.0, f64::max);
    Posterior {
        spectral_radius: branching.iter().map(spectral_radius).collect(),
        branching,
        largest_split_r_hat: largest,
        accepted: runs.iter().map(|run| run.accepted).sum::<f64>() / runs.len() as f64,
    }
}

/// Split R̂ (A. Gelman et al., Bayesian Data Analysis, 3rd ed., 2013, section 11.4).
fn split_r_hat(values: &[f64], chains: usize) -> f64 {
    let half = values.len() / (2 * chains);
    let parts: Vec<&[f64]> = values
        .chunks(values.len() / chains)
        .flat_map(|c| [&c[..half], &c[c.len() - half..]])
        .collect();
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let variance = |v: &[f64]| {
        let m = mean(v);
        v.iter().map(|x| (x - m).powi(2)).sum::<f64>() / (v.len() - 1) as f64
    };
    let within = mean(&parts.iter().map(|p| variance(p)).collect::<Vec<_>>());
    let between = variance(&parts.iter().map(|p| mean(p)).collect::<Vec<_>>());
    if within > 0.0 { ((half as f64 - 1.0) / half as f64 + between / within).sqrt() } else { 1.0 }
}

fn run_chain(
    series: &Series,
    settings: &Settings,
    fit: &TargetFit,
    target: usize,
    sampling: Sampling,
    mut stream: Stream,
) -> Result<Chain, Error> {
    let problem = TargetProblem::new(series, settings, target, &fit.feedback)?;
    let mut walker = Walker::new(&problem, fit)?;
    let mut step = DualAveraging::new(0.5);
    for _ in 0..sampling.warmup {
        let chance = walker.transition(step.now, &mut stream);
        step.update(chance);
    }
    let mut rows = Vec::with_capacity(sampling.draws as usize);
    let mut accepted = 0.0;
    for _ in 0..sampling.draws {
        accepted += walker.transition(step.settled, &mut stream);
        rows.push(walker.row(series.extent().kinds));
    }
    Ok(Chain { rows, accepted: accepted / f64::from(sampling.draws) })
}

/// Nesterov's dual averaging of ln(step length) towards an acceptance of 0.8.
struct DualAveraging {
    start: f64,
    now: f64,
    settled: f64,
    error: f64,
    count: f64,
}

impl DualAveraging {
    fn new(start: f64) -> Self {
        Self { start, now: start, settled: start, error: 0.0, count: 0.0 }
    }

    fn update(&mut self, chance: f64) {
        self.count += 1.0;
        let weight = 1.0 / (self.count + 10.0);
        self.error = (1.0 - weight) * self.error + weight * (0.8 - chance);
        let log = (10.0 * self.start).ln() - self.count.sqrt() / 0.05 * self.error;
        self.now = log.exp().clamp(1e-4, 2.0);
        let share = self.count.powf(-0.75);
        self.settled = (share * self.now.ln() + (1.0 - share) * self.settled.ln()).exp();
    }
}

/// A position in the space of standardised, unbounded parameters: θ = centre + L z, θ holding the
/// logarithms of weights, logits of half-lives and the rest as they are.
struct Walker<'a> {
    problem: &'a TargetProblem,
    centre: Vec<f64>,
    metric: Cholesky,
    z: Vec<f64>,
    here: (f64, Vec<f64>),
    background: Vec<f64>,
}

impl<'a> Walker<'a> {
    fn new(problem: &'a TargetProblem, fit: &TargetFit) -> Result<Self, Error> {
        let first = problem.layout.first_weight();
        let coordinates = Coordinates { problem };
        let centre = coordinates.unbounded(&fit.x[first..]);
        let metric = Cholesky::new(&coordinates.spread(fit, &centre))
            .ok_or_else(|| Error::singular("the sampler's metric"))?;
        let mut out = Self {
            problem,
            z: vec![0.0; centre.len()],
            centre,
            metric,
            here: (0.0, Vec::new()),
            background: fit.x[..first].to_vec(),
        };
        out.here = out.density(&out.z.clone());
        Ok(out)
    }

    fn theta(&self, z: &[f64]) -> Vec<f64> {
        let moved = self.metric.times_lower(z);
        self.centre.iter().zip(&moved).map(|(c, m)| c + m).collect()
    }

    /// Log-posterior and its gradient in z; minus infinity where it cannot be computed.
    fn density(&mut self, z: &[f64]) -> (f64, Vec<f64>) {
        let coordinates = Coordinates { problem: self.problem };
        let theta = self.theta(z);
        let psi = coordinates.bounded(&theta);
        let failed = (f64::NEG_INFINITY, vec![0.0; z.len()]);
        let Ok(x) = best_background(self.problem, &self.background, &psi) else { return failed };
        let first = self.problem.layout.first_weight();
        let value = -self.problem.value(&x);
        if !value.is_finite() {
            return failed;
        }
        self.background.copy_from_slice(&x[..first]);
        let mut slope: Vec<f64> =
            self.problem.derivatives(&x).gradient[first..].iter().map(|g| -g).collect();
        let prior = coordinates.add_prior(&theta, &psi, &mut slope);
        (value + prior, self.metric.times_lower_transposed(&slope))
    }

    /// One trajectory; returns its chance of acceptance.
    fn transition(&mut self, step: f64, stream: &mut Stream) -> f64 {
        let momentum: Vec<f64> = (0..self.z.len()).map(|_| StandardNormal.sample(stream)).collect();
        let leaps = 2 + (stream.open01() * 5.0) as usize;
        let kept = self.background.clone();
        let (mut z, mut p, mut at) = (self.z.clone(), momentum.clone(), self.here.clone());
        for _ in 0..leaps {
            half_kick(&mut p, &at.1, step);
            z.iter_mut().zip(&p).for_each(|(z, p)| *z += step * p);
            at = self.density(&z);
            half_kick(&mut p, &at.1, step);
        }
        let energy = |value: f64, p: &[f64]| value - 0.5 * dot(p, p);
        let chance = (energy(at.0, &p) - energy(self.here.0, &momentum)).exp().min(1.0);
        let chance = if chance.is_nan() { 0.0 } else { chance };
        if stream.open01() < chance {
            (self.z, self.here) = (z, at);
        } else {
            self.background = kept;
        }
        chance
    }

    /// The row of the branching matrix at the position.
    fn row(&self, kinds: usize) -> Vec<f64> {
        let psi = Coordinates { problem: self.problem }.bounded(&self.theta(&self.z));
        let first = self.problem.layout.first_weight();
        (0..kinds)
            .map(|j| self.problem.layout.link(j).iter().map(|&k| psi[k - first]).sum())
            .collect()
    }
}

fn half_kick(momentum: &mut [f64], slope: &[f64], step: f64) {
    momentum.iter_mut().zip(slope).for_each(|(p, g)| *p += 0.5 * step * g);
}

/// From parameters within bounds to unbounded ones and back.
struct Coordinates<'a> {
    problem: &'a TargetProblem,
}

enum Role {
    Weight,
    HalfLife,
    Exponent,
    LogSize,
}

impl Coordinates<'_> {
    fn role(&self, k: usize) -> Role {
        let layout = &self.problem.layout;
        let weights = layout.parts.len();
        match k {
            k if k < weights => Role::Weight,
            k if k < weights + layout.half_lives => Role::HalfLife,
            k if layout.estimates_exponent && k == weights + layout.half_lives => Role::Exponent,
            _ => Role::LogSize,
        }
    }

    fn range(&self, k: usize) -> (f64, f64) {
        let (layout, first) = (&self.problem.layout, self.problem.layout.first_weight());
        (layout.bounds.lower[first + k], layout.bounds.upper[first + k])
    }

    fn unbounded(&self, psi: &[f64]) -> Vec<f64> {
        psi.iter()
            .enumerate()
            .map(|(k, &value)| match self.role(k) {
                Role::Weight => value.max(1e-3).ln(),
                Role::HalfLife => {
                    let (low, high) = self.range(k);
                    let share = ((value - low) / (high - low)).clamp(0.02, 0.98);
                    (share / (1.0 - share)).ln()
                }
                Role::Exponent => value,
                // Poisson counts send the size to its bound, where the likelihood is flat.
                Role::LogSize => value.min(4.0),
            })
            .collect()
    }

    fn bounded(&self, theta: &[f64]) -> Vec<f64> {
        theta
            .iter()
            .enumerate()
            .map(|(k, &value)| {
                let (low, high) = self.range(k);
                match self.role(k) {
                    Role::Weight => value.exp(),
                    Role::HalfLife => low + (high - low) / (1.0 + (-value).exp()),
                    Role::Exponent | Role::LogSize => value,
                }
            })
            .collect()
    }

    /// dψ/dθ.
    fn jacobian(&self, k: usize, psi: f64) -> f64 {
        let (low, high) = self.range(k);
        match self.role(k) {
            Role::Weight => psi,
            Role::HalfLife => (psi - low) * (high - psi) / (high - low),
            Role::Exponent | Role::LogSize => 1.0,
        }
    }

    /// The fit's covariance in θ; unit variance where the fit has none.
    fn spread(&self, fit: &TargetFit, centre: &[f64]) -> Matrix {
        let first = self.problem.layout.first_weight();
        let psi = self.bounded(centre);
        let scale: Vec<f64> = (0..psi.len()).map(|k| 1.0 / self.jacobian(k, psi[k])).collect();
        let mut out = Matrix::zeros(psi.len(), psi.len());
        for a in 0..psi.len() {
            for b in 0..psi.len() {
                out[(a, b)] = fit.covariance_of(first + a, first + b) * scale[a] * scale[b];
            }
            // A link that is barely there has an estimate without a usable error.
            if !(1e-12..=4.0).contains(&out[(a, a)]) {
                (0..psi.len()).for_each(|b| (out[(a, b)], out[(b, a)]) = (0.0, 0.0));
                out[(a, a)] = 1.0;
            }
        }
        (0..psi.len()).for_each(|a| out[(a, a)] *= 1.0 + 1e-6);
        out
    }

    /// Log-prior in θ (Jacobian included); turns the likelihood's slope in ψ into the posterior's
    /// in θ.
    fn add_prior(&self, theta: &[f64], psi: &[f64], slope: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for k in 0..psi.len() {
            let jacobian = self.jacobian(k, psi[k]);
            let (value, by_psi, by_theta) = match self.role(k) {
                Role::Weight => (-0.5 * psi[k] * psi[k], -psi[k], 1.0),
                Role::HalfLife => {
                    let gap = (psi[k] - 7.0_f64.ln()) / 1.5;
                    (-0.5 * gap * gap, -gap / 1.5, -(0.5 * theta[k]).tanh())
                }
                Role::Exponent => (-0.5 * psi[k] * psi[k], -psi[k], 0.0),
                Role::LogSize => {
                    let gap = (psi[k] - 3.0_f64.ln()) / 2.0;
                    (-0.5 * gap * gap, -gap / 2.0, 0.0)
                }
            };
            let log_jacobian = if by_theta == 0.0 { 0.0 } else { jacobian.ln() };
            sum += value + log_jacobian;
            slope[k] = (slope[k] + by_psi) * jacobian + by_theta;
        }
        sum
    }
}

/// All parameters, the background at its best given the others.
fn best_background(problem: &TargetProblem, warm: &[f64], psi: &[f64]) -> Result<Vec<f64>, Error> {
    let first = problem.layout.first_weight();
    let mut x = warm.to_vec();
    x.extend_from_slice(psi);
    let cells = problem.cells(&x, false);
    let excitation =
        cells.mean.iter().zip(&cells.background).map(|(m, b)| (m - b).max(0.0)).collect();
    let inner = BackgroundProblem { problem, excitation, psi };
    let all = &problem.layout.bounds;
    let bounds = Bounds { lower: all.lower[..first].to_vec(), upper: all.upper[..first].to_vec() };
    let found = minimise("the background", &inner, warm, &bounds, 1e-6)?;
    x[..first].copy_from_slice(&found.x);
    Ok(x)
}

/// The likelihood as a function of the background alone.
struct BackgroundProblem<'a> {
    problem: &'a TargetProblem,
    excitation: Vec<f64>,
    psi: &'a [f64],
}

impl BackgroundProblem<'_> {
    fn cells(&self, b: &[f64]) -> (Cells, Option<f64>) {
        let mut x = b.to_vec();
        x.extend_from_slice(self.psi);
        let background = self.problem.background(&x);
        let mean = background.iter().zip(&self.excitation).map(|(b, e)| b + e).collect();
        (Cells { background, mean, slopes: Vec::new() }, self.problem.size(&x))
    }
}

impl Objective for BackgroundProblem<'_> {
    fn value(&self, b: &[f64]) -> f64 {
        let (cells, size) = self.cells(b);
        -self.problem.log_likelihood_at(&cells.mean, size)
    }

    fn derivatives(&self, b: &[f64]) -> Derivatives {
        let (cells, size) = self.cells(b);
        let scores = self.problem.mean_scores(&cells.mean, size);
        let push: Vec<f64> = scores.iter().zip(&cells.background).map(|(s, b)| s * b).collect();
        let weight = |c: usize| {
            let m = cells.mean[c];
            size.map_or(1.0 / m, |r| r / (m * (m + r)))
        };
        let mut hessian = self.problem.cell_information(&cells, weight, |_| 0.0);
        hessian.mirror_lower();
        Derivatives {
            value: -self.problem.log_likelihood_at(&cells.mean, size),
            gradient: self.problem.background_gradient(&push).iter().map(|g| -g).collect(),
            hessian,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discrete::{Background, Extent, World, fit};

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

    #[test]
    fn the_density_gradient_equals_finite_differences() {
        let (series, settings, found) = drawn(0.5, 300);
        let problem = TargetProblem::new(&series, &settings, 0, &[]).unwrap();
        let mut walker = Walker::new(&problem, &found.targets()[0]).unwrap();
        let z = vec![0.3, -0.4, 0.2];
        let slope = walker.density(&z).1;
        for k in 0..z.len() {
            let mut at = |by: f64| {
                let mut moved = z.clone();
                moved[k] += by;
                walker.density(&moved).0
            };
            let expected = (at(1e-3) - at(-1e-3)) / 2e-3;
            assert!(
                (expected - slope[k]).abs() < 1e-2 * (1.0 + expected.abs()),
                "{k}: {expected} {}",
                slope[k]
            );
        }
    }

    #[test]
    fn the_posterior_agrees_with_the_fit_where_the_record_is_long() {
        let (series, settings, found) = drawn(0.5, 500);
        let sampling = Sampling { chains: 2, warmup: 40, draws: 80 };
        let posterior =
            sample_posterior(&series, &settings, &found, sampling, Streams::new(2, "hmc")).unwrap();
        let draws = posterior.coefficient(0, 0);
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let one = &found.targets()[0];
        let error = one.branching_error(0).unwrap();
        assert!((mean - one.branching(0)).abs() < 1.5 * error, "{mean} {}", one.branching(0));
        let spread = (draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 160.0).sqrt();
        assert!((0.5..2.0).contains(&(spread / error)), "{spread} {error}");
        assert!(posterior.largest_split_r_hat < 1.3, "{}", posterior.largest_split_r_hat);
        assert_eq!(posterior.probability_explosive(), 0.0);
    }

    #[test]
    fn r_hat_is_large_where_chains_disagree() {
        let apart: Vec<f64> =
            (0..200).map(|k| f64::from(k / 100) * 5.0 + f64::from(k % 7)).collect();
        assert!(split_r_hat(&apart, 2) > 1.3);
        let mixed: Vec<f64> = (0..200).map(|k| f64::from(k % 7)).collect();
        assert!(split_r_hat(&mixed, 2) < 1.05);
    }
}
