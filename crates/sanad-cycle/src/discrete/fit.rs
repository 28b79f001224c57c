//! Maximum likelihood, one target at a time.

use rayon::prelude::*;

use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::error::Error;
use sanad_numbers::{Bounds, Minimum, minimise};
use sanad_numbers::{Matrix, NORMAL_95, inverse_spd, spectral_radius};

/// The promise of a Newton step, in units of log-likelihood, below which a fit has converged.
pub(super) const TOLERANCE: f64 = 1e-7;

/// A fitted model: one [`TargetFit`] per kind.
#[derive(Debug, Clone)]
pub struct Fit {
    targets: Vec<TargetFit>,
}

impl Fit {
    /// The fit of each kind as a target.
    #[must_use]
    pub fn targets(&self) -> &[TargetFit] {
        &self.targets
    }

    /// The branching matrix, row target, column source: mean number of target events that one mean
    /// source event sets off directly.
    #[must_use]
    pub fn branching(&self) -> Matrix {
        let row = |fit: &TargetFit| (0..self.targets.len()).map(|j| fit.branching(j)).collect();
        Matrix::from_rows(&self.targets.iter().map(row).collect::<Vec<_>>())
    }

    /// Spectral radius of the branching matrix.
    #[must_use]
    pub fn spectral_radius(&self) -> f64 {
        spectral_radius(&self.branching())
    }

    /// Log-likelihood of all kinds together.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.targets.iter().map(TargetFit::log_likelihood).sum()
    }

    /// Number of parameters estimated.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.targets.iter().map(TargetFit::parameters).sum()
    }

    /// Akaike's information criterion.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * (self.parameters() as f64 - self.log_likelihood())
    }

    /// Schwarz's information criterion, with the number of cells (kind × place × day) as the number
    /// of observations.
    #[must_use]
    pub fn bic(&self) -> f64 {
        let cells: usize = self.targets.iter().map(|fit| fit.mean.len()).sum();
        (cells as f64).ln() * self.parameters() as f64 - 2.0 * self.log_likelihood()
    }
}

/// The fit of one kind's rate.
#[derive(Debug, Clone)]
pub struct TargetFit {
    pub(super) x: Vec<f64>,
    pub(super) layout: super::layout::Layout,
    log_likelihood: f64,
    mean: Vec<f64>,
    background: Vec<f64>,
    /// Covariance of the parameters inside their bounds; zero rows for the others.
    covariance: Option<Matrix>,
}

impl TargetFit {
    /// What was found of a kind, with the covariance of the estimates.
    fn new(problem: &TargetProblem, found: Minimum) -> Self {
        let cells = problem.cells(&found.x, false);
        let covariance = covariance(problem, &found.x);
        Self {
            layout: problem.layout.clone(),
            log_likelihood: -found.value,
            mean: cells.mean,
            background: cells.background,
            covariance,
            x: found.x,
        }
    }

    /// Covariance of two parameters; zero where the fit has none.
    pub(super) fn covariance_of(&self, k: usize, l: usize) -> f64 {
        self.covariance.as_ref().map_or(0.0, |covariance| covariance[(k, l)])
    }

    /// Log-likelihood, adjusted for the background if the settings say so, up to a constant that
    /// depends on the data alone. Fits with the same background can be compared by it.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Number of parameters estimated.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.x.len()
    }

    /// Mean number of target events that one mean event of `source` sets off directly.
    #[must_use]
    pub fn branching(&self, source: usize) -> f64 {
        self.layout.link(source).iter().map(|&k| self.x[k]).sum()
    }

    /// Standard error of [`TargetFit::branching`] from the observed information; `None` if the link
    /// is absent, estimated at zero or not identified.
    #[must_use]
    pub fn branching_error(&self, source: usize) -> Option<f64> {
        let link = self.layout.link(source);
        let covariance = self.covariance.as_ref()?;
        let variance: f64 =
            link.iter().flat_map(|&k| link.iter().map(move |&l| covariance[(k, l)])).sum();
        (variance > 0.0).then(|| variance.sqrt())
    }

    /// A 95 % interval for the branching coefficient by the delta method on the logarithm's scale;
    /// `None` where there is no standard error. A [`Profile`](super::Profile) needs no such normal
    /// approximation.
    #[must_use]
    pub fn branching_interval(&self, source: usize) -> Option<(f64, f64)> {
        let n = self.branching(source);
        let spread = (NORMAL_95 * self.branching_error(source)? / n).exp();
        spread.is_finite().then(|| (n / spread, n * spread))
    }

    /// Correlation between the estimates of two links' coefficients; `None` if either has no
    /// standard error. Near −1 the data cannot tell the two sources apart.
    #[must_use]
    pub fn branching_correlation(&self, first: usize, second: usize) -> Option<f64> {
        let covariance = self.covariance.as_ref()?;
        let (left, right) = (self.layout.link(first), self.layout.link(second));
        let shared: f64 =
            left.iter().flat_map(|&k| right.iter().map(move |&l| covariance[(k, l)])).sum();
        Some(shared / (self.branching_error(first)? * self.branching_error(second)?))
    }

    /// Mean number of target events that one mean source event sets off 1, 2, … days later.
    #[must_use]
    pub fn kernel(&self, source: usize) -> Vec<f64> {
        let mut out: Vec<f64> = Vec::new();
        for k in self.layout.link(source) {
            let part = k - self.layout.first_weight();
            let weights = self.layout.shape(&self.x, part).weights();
            out.resize(out.len().max(weights.len()), 0.0);
            out.iter_mut().zip(&weights).for_each(|(sum, w)| *sum += self.x[k] * w);
        }
        out
    }

    /// Half-life in days: the parameter of a geometric kernel, and otherwise the lag by which half
    /// of the offspring have come, counted from the end of the day of the cause. `None` if the
    /// link is absent or zero.
    #[must_use]
    pub fn half_life_days(&self, source: usize) -> Option<f64> {
        let total = self.branching(source);
        if total <= 0.0 {
            return None;
        }
        let first = self.layout.link(source)[0] - self.layout.first_weight();
        if let Some(days) = self.layout.half_life_days(&self.x, first) {
            return Some(days);
        }
        let mut sum = 0.0;
        let kernel = self.kernel(source);
        for (lag, mass) in kernel.iter().enumerate() {
            if sum + mass >= 0.5 * total {
                return Some(lag as f64 + (0.5 * total - sum) / mass);
            }
            sum += mass;
        }
        Some(kernel.len() as f64)
    }

    /// Standard error of the logarithm of a free half-life, from the observed information.
    #[must_use]
    pub fn log_half_life_error(&self, source: usize) -> Option<f64> {
        let first = *self.layout.link(source).first()? - self.layout.first_weight();
        let k = self.layout.first_half_life() + self.layout.parts[first].half_life?;
        let variance = self.covariance.as_ref()?[(k, k)];
        (variance > 0.0).then(|| variance.sqrt())
    }

    /// The size r of the negative binomial (variance λ + λ²/r); `None` for Poisson counts.
    #[must_use]
    pub fn count_size(&self) -> Option<f64> {
        (self.layout.counts == super::Counts::NegativeBinomial)
            .then(|| self.x[self.x.len() - 1].exp())
    }

    /// The exponent of the event size in the sources' weights.
    #[must_use]
    pub fn mark_exponent(&self) -> f64 {
        self.layout.exponent(&self.x)
    }

    /// Fitted mean in every cell.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Fitted background in every cell.
    #[must_use]
    pub fn background(&self) -> &[f64] {
        &self.background
    }

    /// Share of the expected events that the model ascribes to earlier events.
    #[must_use]
    pub fn endogenous_share(&self) -> f64 {
        let mean: f64 = self.mean.iter().sum();
        1.0 - self.background.iter().sum::<f64>() / mean
    }
}

/// Fits every kind's rate by maximum likelihood, adjusted for each kind's own background if the settings
/// say so. Links between kinds come out somewhat low; [`Profile`](super::Profile) costs more and adjusts
/// for all backgrounds.
///
/// ```
/// use sanad_core::random::Streams;
/// use sanad_cycle::discrete::{Background, Extent, Settings, World, fit};
///
/// // One kind: a new event every second day, and each sets off 0.5 more over the two days after.
/// let extent = Extent { kinds: 1, places: 1, days: 6000 };
/// let kernels = vec![vec![vec![0.25, 0.25]]];
/// let world = World::new(extent, vec![vec![0.5; 6000]], kernels, vec![None]).unwrap();
/// let series = world.simulate(100_000, &mut Streams::new(1, "doc").at(0, 0, 0)).unwrap();
///
/// let settings = Settings { background: Background::constant(), ..Settings::default() };
/// let found = fit(&series, &settings).unwrap();
/// assert!((found.branching()[(0, 0)] - 0.5).abs() < 0.05);
/// ```
///
/// # Errors
/// If a kind has fewer than two events, a setting is out of range or the search does not converge.
pub fn fit(series: &Series, settings: &Settings) -> Result<Fit, Error> {
    fit_reporting(series, settings, &|| ())
}

/// As [`fit`]; `after_each` is called when the rate of a kind is fitted, from any thread.
///
/// # Errors
/// As [`fit`].
pub fn fit_reporting(
    series: &Series,
    settings: &Settings,
    after_each: &(dyn Fn() + Sync),
) -> Result<Fit, Error> {
    let one = |target| {
        let found = fit_target(series, settings, target);
        after_each();
        found
    };
    let kinds = series.extent().kinds;
    let targets = (0..kinds).into_par_iter().map(one).collect::<Result<_, Error>>()?;
    Ok(Fit { targets })
}

/// Fits one kind's rate; the likelihood of the kinds separates, so this is a part of [`fit`].
///
/// # Errors
/// As [`fit`].
pub fn fit_target(series: &Series, settings: &Settings, target: usize) -> Result<TargetFit, Error> {
    let problem = TargetProblem::new(series, settings, target)?;
    let found = search(&problem, &problem.layout.bounds)?;
    Ok(TargetFit::new(&problem, found))
}

/// The best of the searches from short and from long half-lives.
pub(super) fn search(problem: &TargetProblem, bounds: &Bounds) -> Result<Minimum, Error> {
    let layout = &problem.layout;
    let first = layout.first_half_life();
    let places: &[f64] = if layout.half_lives == 0 { &[0.5] } else { &[0.25, 0.65] };
    let mut best: Option<Minimum> = None;
    for place in places {
        let mut start = layout.start.clone();
        #[allow(clippy::needless_range_loop, reason = "three arrays share the index")]
        for k in first..first + layout.half_lives {
            start[k] = bounds.lower[k] + place * (bounds.upper[k] - bounds.lower[k]);
        }
        let found = minimise("the excitation fit", problem, &start, bounds, TOLERANCE)?;
        if best.as_ref().is_none_or(|b| found.value < b.value) {
            best = Some(found);
        }
    }
    Ok(best.expect("at least one search"))
}

/// Parameters strictly inside their bounds; the half-life of links that are all zero is left out.
pub(super) fn interior(problem: &TargetProblem, x: &[f64]) -> Vec<usize> {
    let layout = &problem.layout;
    let inside = |k: usize| layout.bounds.lower[k] < x[k] && x[k] < layout.bounds.upper[k];
    let alive = |half_life: usize| {
        (0..layout.parts.len()).any(|part| {
            layout.parts[part].half_life == Some(half_life) && x[layout.first_weight() + part] > 0.0
        })
    };
    let first = layout.first_half_life();
    let identified =
        |k: usize| !(first..first + layout.half_lives).contains(&k) || alive(k - first);
    (0..x.len()).filter(|&k| inside(k) && identified(k)).collect()
}

/// The inverse of the observed information over the parameters that lie inside their bounds, zero
/// for those on a bound; nothing where it is not positive definite.
fn covariance(problem: &TargetProblem, x: &[f64]) -> Option<Matrix> {
    let keep = interior(problem, x);
    let inner = inverse_spd(&problem.observed_information(x).principal(&keep))?;
    let mut out = Matrix::zeros(x.len(), x.len());
    for (a, &k) in keep.iter().enumerate() {
        for (b, &l) in keep.iter().enumerate() {
            out[(k, l)] = inner[(a, b)];
        }
    }
    Some(out)
}
