//! Profile likelihood of the links' coefficients: estimates adjusted for the backgrounds of all kinds,
//! and intervals that ask no normal law of them, which a bound at zero, a poorly known half-life and
//! several weights in a sum all deny.

use super::fit::Fit;
use super::joint::Joint;
use super::series::Series;
use super::settings::Settings;
use crate::ends::{LARGEST_FALL, ends};
use crate::error::{Error, check_len, check_values};
use sanad_numbers::{Bounds, Derivatives, Minimum, Objective, minimise};
use sanad_numbers::{Matrix, spectral_radius};

/// Weight of the square by which several weights are held to their sum: the sum is off by the
/// profile's slope over this, less than 1e-5.
const HOLD: f64 = 1e7;

/// Log-likelihood that a step may still promise at the end of a search.
const TOLERANCE: f64 = 1e-5;

/// Share of [`LARGEST_FALL`] that the fall at an end must keep when it is searched for anew.
const FIRM: f64 = 0.9;

/// Places of half-lives, as shares of their range, from which a search starts anew.
const PLACES: [f64; 2] = [0.25, 0.7];

/// Profiles of the branching coefficients: mean events of the target that one mean event of the source
/// sets off, ≥ 0 and without unit.
///
/// The likelihood is that of all kinds, adjusted for the backgrounds of all (D. R. Cox & N. Reid,
/// "Parameter orthogonality and approximate conditional inference", J. R. Stat. Soc. B 49, 1987), where [`fit`](super::fit())
/// adjusts each kind for its own. That takes away most of what a fit finds links between kinds too low
/// by, and the intervals cover what they say (`docs/cycle-calibration.md`); a step of the search costs
/// about (number of kinds)² times as much.
///
/// ```
/// use sanad_core::random::Streams;
/// use sanad_cycle::discrete::{Background, Extent, Profile, Settings, World, fit};
///
/// let extent = Extent { kinds: 1, places: 1, days: 2000 };
/// let kernels = vec![vec![vec![0.25, 0.25]]];
/// let world = World::new(extent, vec![vec![0.5; 2000]], kernels, vec![None]).unwrap();
/// let series = world.simulate(100_000, &mut Streams::new(1, "doc").at(0, 0, 0)).unwrap();
/// let settings = Settings { background: Background::constant(), ..Settings::default() };
/// let found = fit(&series, &settings).unwrap();
/// let profile = Profile::new(&series, &settings, &found).unwrap();
/// let (low, high) = profile.interval((0, 0)).unwrap();
/// assert!(0.3 < low && low < 0.5 && 0.5 < high && high < 0.7);
/// ```
pub struct Profile {
    joint: Joint,
    best: Minimum,
    kinds: usize,
    /// First guesses of the way from an estimate to an end.
    steps: Matrix,
}

impl Profile {
    /// Searches for the best from `fitted`, the fit of the same series, and from anew.
    ///
    /// # Errors
    /// If a kind has fewer than two events, `fitted` is not a fit of such a series under the settings, or
    /// a search does not converge.
    pub fn new(series: &Series, settings: &Settings, fitted: &Fit) -> Result<Self, Error> {
        let (joint, kinds) = (Joint::new(series, settings)?, series.extent().kinds);
        let from: Vec<f64> = fitted.targets().iter().flat_map(|fit| fit.x.clone()).collect();
        check_len("parameters of the fit", joint.bounds.lower.len(), from.len())?;
        let mut best = minimise("the profile", &joint, &from, &joint.bounds, TOLERANCE)?;
        let half_lives = &joint.half_lives;
        for place in PLACES.into_iter().filter(|_| !half_lives.is_empty()) {
            let start = placed(&joint.start(), half_lives, place, &joint.bounds);
            if let Ok(other) = minimise("the profile", &joint, &start, &joint.bounds, TOLERANCE)
                && other.value < best.value
            {
                best = other;
            }
        }
        let mut steps = Matrix::zeros(kinds, kinds);
        for (target, fit) in fitted.targets().iter().enumerate() {
            for source in 0..kinds {
                let error = fit.branching_error(source).unwrap_or(0.25 * fit.branching(source));
                steps[(target, source)] = 2.0 * error.max(1e-3);
            }
        }
        Ok(Self { joint, best, kinds, steps })
    }

    /// The branching matrix where the likelihood is largest, row target, column source.
    #[must_use]
    pub fn branching(&self) -> Matrix {
        let mut out = Matrix::zeros(self.kinds, self.kinds);
        for target in 0..self.kinds {
            for source in 0..self.kinds {
                let link = self.joint.link((target, source));
                out[(target, source)] = link.into_iter().map(|k| self.best.x[k]).sum();
            }
        }
        out
    }

    /// Its spectral radius.
    #[must_use]
    pub fn spectral_radius(&self) -> f64 {
        spectral_radius(&self.branching())
    }

    /// The 95 % profile-likelihood interval of the link (target, source): the values where twice the
    /// fall of the log-likelihood is at most [`LARGEST_FALL`]. The lower end is 0 where 0 is inside. It
    /// costs a dozen searches.
    ///
    /// # Errors
    /// If there is no such link, or a search does not converge.
    pub fn interval(&self, link: (usize, usize)) -> Result<(f64, f64), Error> {
        let quick = self.ends(link, false)?;
        let most = self.most(&self.weights(link)?);
        for end in [quick.0, quick.1].into_iter().filter(|&end| 0.0 < end && end < most) {
            if self.fall(link, end)? < FIRM * LARGEST_FALL {
                return self.ends(link, true);
            }
        }
        Ok(quick)
    }

    /// The interval by searches that start anew where they fall short, if so asked.
    fn ends(&self, link: (usize, usize), anew: bool) -> Result<(f64, f64), Error> {
        let weights = self.weights(link)?;
        let most = self.most(&weights);
        let at = weights.iter().map(|&k| self.best.x[k]).sum();
        let mut last = self.best.x.clone();
        ends(at, self.steps[link], (0.0, most), |value| {
            let found = self.fixed(link, value, &last, anew)?;
            last = found.x;
            Ok(2.0 * (found.value - self.best.value))
        })
    }

    /// Twice the fall of the log-likelihood from its maximum to the best with the coefficient of the
    /// link (target, source) held at `value`.
    ///
    /// # Errors
    /// If there is no such link, `value` is negative, or a search does not converge.
    pub fn fall(&self, link: (usize, usize), value: f64) -> Result<f64, Error> {
        check_values("a branching coefficient", &[value], "at least 0", |v| v >= 0.0)?;
        let found = self.fixed(link, value, &self.best.x, true)?;
        Ok(2.0 * (found.value - self.best.value))
    }

    /// Positions of a link's weights in the joint vector.
    ///
    /// # Errors
    /// If the link is not part of the model.
    fn weights(&self, link: (usize, usize)) -> Result<Vec<usize>, Error> {
        let weights = self.joint.link(link);
        match weights.is_empty() {
            true => Err(Error::too_little("a link to be profiled", "weight", 1, 0)),
            false => Ok(weights),
        }
    }

    /// The largest coefficient that a link's weights allow.
    fn most(&self, weights: &[usize]) -> f64 {
        weights.iter().map(|&k| self.joint.bounds.upper[k]).sum()
    }

    /// The best with a link's coefficient held at `value`, looked for from `from` and, if so asked,
    /// anew.
    fn fixed(
        &self,
        link: (usize, usize),
        value: f64,
        from: &[f64],
        anew: bool,
    ) -> Result<Minimum, Error> {
        let weights = self.weights(link)?;
        let (mut bounds, mut start) = (self.joint.bounds.clone(), from.to_vec());
        let several = weights.len() > 1 && value > 0.0;
        let sum: f64 = weights.iter().map(|&k| start[k]).sum();
        for &k in &weights {
            let even = value / weights.len() as f64;
            start[k] = if sum > 0.0 { start[k] * value / sum } else { even };
            if !several {
                bounds.fix(k, start[k]);
            }
        }
        let fixed = several.then_some(value);
        let objective = FixedSum { joint: &self.joint, weights: &weights, sum: fixed };
        let mut found = minimise("the profile", &objective, &start, &bounds, TOLERANCE)?;
        found.value = self.joint.value(&found.x);
        let anew = anew && !several && value > 0.0;
        Ok(if anew { self.retried(link, found, &bounds) } else { found })
    }

    /// A held weight far from its estimate may need other half-lives: where the search falls short,
    /// start anew from short and from long ones, of the link itself and then of all. A start that
    /// leads nowhere is passed over.
    fn retried(&self, link: (usize, usize), found: Minimum, bounds: &Bounds) -> Minimum {
        let Some(own) = self.joint.half_life(link) else { return found };
        let mut best = found;
        let tries = [&[own][..], &self.joint.half_lives];
        for (half_lives, place) in tries.into_iter().flat_map(|of| PLACES.map(|place| (of, place)))
        {
            if best.value - self.best.value <= 0.5 * LARGEST_FALL {
                break;
            }
            let start = placed(&self.best.x, half_lives, place, bounds);
            if let Ok(again) = minimise("the profile", &self.joint, &start, bounds, TOLERANCE)
                && again.value < best.value
            {
                best = again;
            }
        }
        best
    }
}

/// `x` with some half-lives at a place between their bounds.
fn placed(x: &[f64], half_lives: &[usize], place: f64, bounds: &Bounds) -> Vec<f64> {
    let mut out = x.to_vec();
    for &k in half_lives {
        out[k] = bounds.lower[k] + place * (bounds.upper[k] - bounds.lower[k]);
    }
    out
}

/// The likelihood with the weights of one link held to a sum, if there is one to hold to.
struct FixedSum<'a> {
    joint: &'a Joint,
    weights: &'a [usize],
    sum: Option<f64>,
}

impl FixedSum<'_> {
    /// How far the weights are from their sum.
    fn gap(&self, x: &[f64]) -> f64 {
        self.sum.map_or(0.0, |sum| self.weights.iter().map(|&k| x[k]).sum::<f64>() - sum)
    }
}

impl Objective for FixedSum<'_> {
    /// The joint objective with a stiff spring on the constraint, ½ K gap(x)².
    fn value(&self, x: &[f64]) -> f64 {
        self.joint.value(x) + 0.5 * HOLD * self.gap(x).powi(2)
    }

    /// The same for gradient and information: K gap ∇gap and K ∇gap ∇gapᵀ are added.
    fn derivatives(&self, x: &[f64]) -> Derivatives {
        let mut out = self.joint.derivatives(x);
        let gap = self.gap(x);
        out.value += 0.5 * HOLD * gap * gap;
        if self.sum.is_some() {
            for &k in self.weights {
                out.gradient[k] += HOLD * gap;
                self.weights.iter().for_each(|&l| out.hessian[(k, l)] += HOLD);
            }
        }
        out
    }
}
