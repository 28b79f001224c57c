//! Profile-likelihood intervals.

use super::fit::{NORMAL_95, TOLERANCE, TargetFit, search};
use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::error::{Error, check_len};
use crate::optimise::minimise;

/// A 95 % profile-likelihood interval for the branching coefficient of a link whose kernel has one
/// weight: the values whose best log-likelihood is within 1.92 of the maximum. The lower end is 0
/// where 0 is among them.
///
/// # Errors
/// If the link has no or several weights, or a search does not converge.
pub fn profile_interval(
    series: &Series,
    settings: &Settings,
    fit: &TargetFit,
    (target, source): (usize, usize),
) -> Result<(f64, f64), Error> {
    let problem = TargetProblem::new(series, settings, target, &fit.feedback)?;
    let link = problem.layout.link(source);
    check_len("the weights of a link to be profiled", 1, link.len())?;
    let profile = Profile { problem: &problem, fit, weight: link[0] };
    let at = fit.branching(source);
    let step = fit.branching_error(source).unwrap_or(0.25 * at).max(1e-3);
    let lower = if at <= 0.0 || profile.drop(0.0)? <= 0.0 { 0.0 } else { profile.root(0.0, at)? };
    let mut far = at + 2.5 * step;
    while profile.drop(far)? < 0.0 {
        far = at + 2.0 * (far - at);
    }
    Ok((lower, profile.root(far, at)?))
}

struct Profile<'a> {
    problem: &'a TargetProblem,
    fit: &'a TargetFit,
    weight: usize,
}

impl Profile<'_> {
    /// Fall of the log-likelihood below its maximum with the weight held at `value`, less the fall
    /// that marks the interval's end.
    fn drop(&self, value: f64) -> Result<f64, Error> {
        let mut bounds = self.problem.layout.bounds.clone();
        bounds.fix(self.weight, value);
        let found = minimise("the profile", self.problem, &self.fit.x, &bounds, TOLERANCE)?;
        let found = if value == 0.0 { found } else { self.retried(found, &bounds)? };
        Ok(found.value + self.fit.log_likelihood() - 0.5 * NORMAL_95 * NORMAL_95)
    }

    /// A held weight far from its estimate may need another half-life: where the search from the
    /// estimate falls short by much, start anew.
    fn retried(
        &self,
        found: crate::optimise::Minimum,
        bounds: &crate::optimise::Bounds,
    ) -> Result<crate::optimise::Minimum, Error> {
        if self.problem.layout.half_lives == 0 || found.value + self.fit.log_likelihood() < 4.0 {
            return Ok(found);
        }
        let again = search(self.problem, bounds)?;
        Ok(if again.value < found.value { again } else { found })
    }

    /// The value between `out` (outside the interval) and `inside` where the fall is reached, to
    /// 1e-4 of their distance, by the Illinois variant of regula falsi.
    fn root(&self, out: f64, inside: f64) -> Result<f64, Error> {
        let limit = 0.5 * NORMAL_95 * NORMAL_95;
        let (mut a, mut fa) = (out, self.drop(out)?);
        let (mut b, mut fb) = (inside, -limit);
        let width = (out - inside).abs();
        for _ in 0..60 {
            let c = (a * fb - b * fa) / (fb - fa);
            let fc = self.drop(c)?;
            if fc.abs() < 1e-4 || (a - b).abs() < 1e-4 * width {
                return Ok(c);
            }
            if fc * fb < 0.0 {
                (a, fa) = (b, fb);
            } else {
                fa *= 0.5;
            }
            (b, fb) = (c, fc);
        }
        Ok(b)
    }
}
