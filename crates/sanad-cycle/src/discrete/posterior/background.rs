//! The best background given the other parameters.
//!
//! Where the other parameters leave no room for a background, its best is zero, which no logarithm
//! reaches. A prior that is weak where there is a background keeps the search within reach: normal
//! with standard deviation 10 for the coefficient of each feature, and about the logarithm of the
//! mean rate for levels.

use crate::discrete::likelihood::{Cells, TargetProblem};
use sanad_numbers::{Cholesky, dot};

/// Twice the log-density that a further step may still promise at the end.
const TOLERANCE: f64 = 1e-8;
/// Most Newton steps to the mode of the background.
const MAX_STEPS: usize = 200;
/// How far a parameter may go in one step.
const LONGEST_STEP: f64 = 3.0;
/// What a step must have left of the promise of the one before for its curvature to serve again.
const FAST: f64 = 0.1;
/// 1 / variance of the prior of a background's parameter.
const PRECISION: f64 = 0.01;

/// A search that starts from the background found last, with the curvature met there.
pub(super) struct Search<'a> {
    problem: &'a TargetProblem,
    background: Vec<f64>,
    curvature: Option<Cholesky>,
}

/// The best background.
pub(super) struct Best {
    /// All parameters.
    pub(super) x: Vec<f64>,
    pub(super) cells: Cells,
    /// Log-density of the background's prior, up to a constant.
    pub(super) log_prior: f64,
}

impl<'a> Search<'a> {
    /// The background's mode near a start, to be found anew for each set of links.
    pub(super) fn new(problem: &'a TargetProblem, background: &[f64]) -> Self {
        Self { problem, background: background.to_vec(), curvature: None }
    }

    /// The best background for the other parameters; `None` if it cannot be found.
    pub(super) fn best(&mut self, others: &[f64]) -> Option<Best> {
        let x = [self.background.as_slice(), others].concat();
        let cells = self.problem.cells(&x, true);
        let excitation: Vec<f64> =
            cells.mean.iter().zip(&cells.background).map(|(m, b)| (m - b).max(0.0)).collect();
        let (mut point, mut density) = self.point(x, cells, &excitation);
        let mut promised = f64::INFINITY;
        for _ in 0..MAX_STEPS {
            let (step, gain) = self.step(&mut point, promised)?;
            if gain <= TOLERANCE {
                let first = self.background.len();
                self.background.copy_from_slice(&point.x[..first]);
                return Some(point);
            }
            let shortened;
            (point, density, shortened) = self.stepped((point, density), &step, &excitation)?;
            promised = if shortened { 0.0 } else { gain };
        }
        None
    }

    /// A step and twice what it promises, with the curvature at hand if it leads on fast.
    fn step(&mut self, point: &mut Best, promised: f64) -> Option<(Vec<f64>, f64)> {
        let scores = self.problem.mean_scores(&point.cells.mean, self.problem.size(&point.x));
        let background = &point.cells.background;
        let push: Vec<f64> = scores.iter().zip(background).map(|(s, b)| s * b).collect();
        let mut gradient = self.problem.background_gradient(&push);
        for (k, slope) in gradient.iter_mut().enumerate() {
            *slope -= PRECISION * (point.x[k] - self.middle(k));
        }
        if let Some(curvature) = &self.curvature {
            let step = curvature.solve(&gradient);
            let gain = dot(&step, &gradient);
            if gain <= TOLERANCE || gain < FAST * promised {
                return Some((step, gain));
            }
        }
        let curvature = self.problem.background_curvature(&point.x, &mut point.cells, PRECISION)?;
        let step = curvature.solve(&gradient);
        let gain = dot(&step, &gradient);
        self.curvature = Some(curvature);
        Some((step, gain))
    }

    /// Middle of the prior of a background's parameter.
    fn middle(&self, k: usize) -> f64 {
        if k < self.problem.layout.places { self.problem.layout.start[k] } else { 0.0 }
    }

    /// A point with the background in `x`, and the log-density there.
    fn point(&self, x: Vec<f64>, mut cells: Cells, excitation: &[f64]) -> (Best, f64) {
        cells.background = self.problem.background(&x);
        for ((mean, b), e) in cells.mean.iter_mut().zip(&cells.background).zip(excitation) {
            *mean = b + e;
        }
        let square = |k: usize| (x[k] - self.middle(k)).powi(2);
        let log_prior = -0.5 * PRECISION * (0..self.background.len()).map(square).sum::<f64>();
        let likelihood = self.problem.log_likelihood_at(&cells.mean, self.problem.size(&x));
        (Best { x, cells, log_prior }, likelihood + log_prior)
    }

    /// The point a step away, or as far on the way there as the density does not fall, with whether
    /// that is nearer; `None` if it falls at once.
    fn stepped(
        &self,
        (mut from, density): (Best, f64),
        step: &[f64],
        excitation: &[f64],
    ) -> Option<(Best, f64, bool)> {
        let longest = step.iter().fold(0.0_f64, |longest, s| longest.max(s.abs()));
        let mut share = (LONGEST_STEP / longest).min(1.0);
        for tries in 0..12 {
            let mut x = from.x.clone();
            x.iter_mut().zip(step).for_each(|(x, s)| *x += share * s);
            let (next, found) = self.point(x, from.cells, excitation);
            if found >= density - TOLERANCE {
                return Some((next, found, tries > 0));
            }
            from.cells = next.cells;
            share *= 0.25;
        }
        None
    }
}
