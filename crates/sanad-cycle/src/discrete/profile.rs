//! Profile likelihood of a link's coefficient: an interval that asks no normal law of the estimate,
//! which a bound at zero, a poorly known half-life and several weights in a sum all deny it.

use super::adjusted::feedback;
use super::fit::{Fit, TOLERANCE, TargetFit};
use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::ends::{LARGEST_FALL, ends};
use crate::error::{Error, check_values};
use crate::optimise::{Bounds, Derivatives, Minimum, Objective, minimise};

/// Weight of the square by which several weights are held to their sum: the sum is off by the
/// profile's slope over this, less than 1e-5.
const HOLD: f64 = 1e7;

/// A 95 % profile-likelihood interval for the branching coefficient of the link (target, source): mean
/// target events that one mean source event sets off.
/// The lower end is 0 where 0 is inside. It costs dozens of fits: seconds for a link of two kinds over
/// eight years, minutes for several kinds over eighteen.
///
/// For a link between kinds it is the union of two: what the target sets off in the source and gets
/// back from it counts in one's adjustment for the background and not in the other's. In simulated
/// worlds the first puts such a link too high and the second too low (`docs/cycle-calibration.md`).
///
/// # Errors
/// If the fit has no such link, or a search does not converge.
pub fn profile_interval(
    series: &Series,
    settings: &Settings,
    fitted: &Fit,
    link: (usize, usize),
) -> Result<(f64, f64), Error> {
    let mut out = (f64::INFINITY, 0.0_f64);
    for profile in Profile::of(series, settings, fitted, link) {
        let (low, high) = profile?.interval()?;
        out = (out.0.min(low), out.1.max(high));
    }
    Ok(out)
}

/// Twice the fall of the log-likelihood from its maximum to the best with the branching coefficient
/// of the link (target, source) held at `value`. [`profile_interval`] holds the values where it is at
/// most [`LARGEST_FALL`]; the second adjustment of a link between kinds is asked only where the first
/// does not hold the value, and the smaller fall returned.
///
/// # Errors
/// If the fit has no such link, `value` is negative, or a search does not converge.
pub fn profile_fall(
    series: &Series,
    settings: &Settings,
    fitted: &Fit,
    link: (usize, usize),
    value: f64,
) -> Result<f64, Error> {
    check_values("a branching coefficient", &[value], "at least 0", |v| v >= 0.0)?;
    let mut least = f64::INFINITY;
    for profile in Profile::of(series, settings, fitted, link) {
        least = least.min(profile?.fall(value)?);
        if least <= LARGEST_FALL {
            break;
        }
    }
    Ok(least)
}

struct Profile {
    problem: TargetProblem,
    weights: Vec<usize>,
    best: Minimum,
    step: f64,
    /// Where the last search ended: where the next begins.
    last: Vec<f64>,
}

impl Profile {
    /// Without the way back through the other kinds and, for a link between kinds, with it; made as
    /// they are asked for.
    fn of<'a>(
        series: &'a Series,
        settings: &'a Settings,
        fitted: &'a Fit,
        (target, source): (usize, usize),
    ) -> impl Iterator<Item = Result<Self, Error>> + 'a {
        let fit = &fitted.targets()[target];
        let way_back = feedback(&fitted.branching(), target);
        let both = settings.adjusted && source != target && way_back[source] > 0.0;
        core::iter::once(fit.feedback.clone())
            .chain(both.then_some(way_back))
            .map(move |way_back| Self::new(series, settings, fit, (target, source), &way_back))
    }

    fn new(
        series: &Series,
        settings: &Settings,
        fit: &TargetFit,
        (target, source): (usize, usize),
        way_back: &[f64],
    ) -> Result<Self, Error> {
        let problem = TargetProblem::new(series, settings, target, way_back)?;
        let weights = problem.layout.link(source);
        if weights.is_empty() {
            return Err(Error::too_little("a link to be profiled", "weight", 1, 0));
        }
        let best = if way_back == fit.feedback {
            Minimum { x: fit.x.clone(), value: -fit.log_likelihood() }
        } else {
            minimise("the profile", &problem, &fit.x, &problem.layout.bounds, TOLERANCE)?
        };
        let step = fit.branching_error(source).unwrap_or(0.25 * fit.branching(source)).max(1e-3);
        Ok(Self { problem, weights, step, last: best.x.clone(), best })
    }

    fn interval(&mut self) -> Result<(f64, f64), Error> {
        let sum = |of: &[f64]| self.weights.iter().map(|&k| of[k]).sum::<f64>();
        let (at, most) = (sum(&self.best.x), sum(&self.problem.layout.bounds.upper));
        ends(at, 2.0 * self.step, (0.0, most), |value| self.fall(value))
    }

    fn fall(&mut self, value: f64) -> Result<f64, Error> {
        let found = self.held(value)?;
        let fall = 2.0 * (found.value - self.best.value);
        self.last = found.x;
        Ok(fall)
    }

    /// The best with the coefficient held at `value`.
    fn held(&self, value: f64) -> Result<Minimum, Error> {
        let (mut bounds, mut start) = (self.problem.layout.bounds.clone(), self.last.clone());
        let several = self.weights.len() > 1 && value > 0.0;
        let sum: f64 = self.weights.iter().map(|&k| start[k]).sum();
        for &k in &self.weights {
            let even = value / self.weights.len() as f64;
            start[k] = if sum > 0.0 { start[k] * value / sum } else { even };
            if !several {
                bounds.fix(k, start[k]);
            }
        }
        let held = several.then_some(value);
        let objective = Held { problem: &self.problem, weights: &self.weights, sum: held };
        let mut found = minimise("the profile", &objective, &start, &bounds, TOLERANCE)?;
        found.value = self.problem.value(&found.x);
        Ok(if several || value == 0.0 { found } else { self.retried(found, &bounds) })
    }

    /// A held weight far from its estimate may need another half-life: where the search falls short,
    /// start anew from a short and from a long one. A start that leads nowhere is passed over.
    fn retried(&self, found: Minimum, bounds: &Bounds) -> Minimum {
        let layout = &self.problem.layout;
        let part = self.weights[0] - layout.first_weight();
        let Some(half_life) = layout.parts[part].half_life else { return found };
        let at = layout.first_half_life() + half_life;
        let mut best = found;
        for place in [0.25, 0.75] {
            if best.value - self.best.value <= 0.5 * LARGEST_FALL {
                break;
            }
            let mut start = self.best.x.clone();
            start[at] = bounds.lower[at] + place * (bounds.upper[at] - bounds.lower[at]);
            let again = minimise("the profile", &self.problem, &start, bounds, TOLERANCE);
            if let Ok(again) = again
                && again.value < best.value
            {
                best = again;
            }
        }
        best
    }
}

/// The likelihood with the weights of one link held to a sum, if there is one to hold to.
struct Held<'a> {
    problem: &'a TargetProblem,
    weights: &'a [usize],
    sum: Option<f64>,
}

impl Held<'_> {
    /// How far the weights are from their sum.
    fn gap(&self, x: &[f64]) -> f64 {
        self.sum.map_or(0.0, |sum| self.weights.iter().map(|&k| x[k]).sum::<f64>() - sum)
    }
}

impl Objective for Held<'_> {
    fn value(&self, x: &[f64]) -> f64 {
        self.problem.value(x) + 0.5 * HOLD * self.gap(x).powi(2)
    }

    fn derivatives(&self, x: &[f64]) -> Derivatives {
        let mut out = self.problem.derivatives(x);
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
