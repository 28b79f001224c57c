//! The likelihood of the excitation with the background maximised out, and its adjustment.
//!
//! A flexible background follows part of what excitation did, so plain maximum likelihood finds
//! self-excitation too small, by about (number of background parameters) × (length of a cluster) /
//! (length of the record). The adjusted profile likelihood of D. R. Cox & N. Reid, "Parameter
//! orthogonality and approximate conditional inference", J. R. Stat. Soc. B 49 (1987), subtracts
//! ½ ln det of the background's information; it is what restricted maximum likelihood is to a
//! regression with autoregressive errors (W.-K. Cheang & G. C. Reinsel, "Bias reduction of
//! autoregressive estimates in time series regression model through restricted maximum likelihood",
//! JASA 95, 2000).

use core::cell::RefCell;

use super::likelihood::{Cells, TargetProblem};
use crate::error::Error;
use crate::linalg::{Cholesky, Matrix, dot};
use crate::optimise::{Bounds, Derivatives, Minimum, Objective, minimise};

const TOLERANCE: f64 = 1e-7;
const INNER_TOLERANCE: f64 = 1e-10;

/// Maximises the (adjusted) likelihood from `start` within `bounds`, both over all parameters.
/// The value of the result is minus the adjusted log-likelihood.
pub(super) fn solve(
    problem: &TargetProblem,
    start: &[f64],
    bounds: &Bounds,
) -> Result<Minimum, Error> {
    let first = problem.layout.first_weight();
    let outer = Bounds { lower: bounds.lower[first..].to_vec(), upper: bounds.upper[first..].to_vec() };
    let profiled = Profiled { problem, warm: RefCell::new(start[..first].to_vec()) };
    let found = minimise("the excitation fit", &profiled, &start[first..], &outer, TOLERANCE)?;
    let x = profiled.complete(&found.x)?;
    let value = -(problem.log_likelihood(&x) + adjustment(problem, &x));
    Ok(Minimum { x, value, iterations: found.iterations })
}

/// −½ ln det of the background's expected information; zero where no adjustment is asked for.
pub(super) fn adjustment(problem: &TargetProblem, x: &[f64]) -> f64 {
    if !problem.adjusted {
        return 0.0;
    }
    let mut cells = problem.cells(x, false);
    cells.slopes.clear();
    let weighed = problem.weighed_background();
    match Cholesky::new(&background_information(problem, x, &cells).principal(&weighed)) {
        Some(factor) => -factor.log_determinant() * 0.5,
        None => f64::NAN,
    }
}

/// Expected information of the background parameters.
fn background_information(problem: &TargetProblem, x: &[f64], cells: &Cells) -> Matrix {
    let size = problem.size(x);
    let mut out =
        problem.cell_information(cells, |c| expected_weight(cells.mean[c], size).0, |_| 0.0);
    out.mirror_lower();
    out
}

/// The expected information of a count about its mean, and its derivative in the mean.
fn expected_weight(mean: f64, size: Option<f64>) -> (f64, f64) {
    match size {
        None => (1.0 / mean, -1.0 / (mean * mean)),
        Some(r) => {
            let both = mean * (mean + r);
            (r / both, -r * (2.0 * mean + r) / (both * both))
        }
    }
}

/// The likelihood as a function of the parameters after the background's.
struct Profiled<'a> {
    problem: &'a TargetProblem,
    /// The last background found: the next one is near.
    warm: RefCell<Vec<f64>>,
}

impl Profiled<'_> {
    /// All parameters, the background at its best for the others.
    fn complete(&self, psi: &[f64]) -> Result<Vec<f64>, Error> {
        let first = self.problem.layout.first_weight();
        let mut x = self.warm.borrow().clone();
        x.extend_from_slice(psi);
        let cells = self.problem.cells(&x, false);
        let excitation =
            cells.mean.iter().zip(&cells.background).map(|(m, b)| (m - b).max(0.0)).collect();
        let inner = Background { problem: self.problem, excitation, psi };
        let all = &self.problem.layout.bounds;
        let bounds =
            Bounds { lower: all.lower[..first].to_vec(), upper: all.upper[..first].to_vec() };
        let found = minimise("the background", &inner, &x[..first], &bounds, INNER_TOLERANCE)?;
        x[..first].copy_from_slice(&found.x);
        self.warm.borrow_mut().copy_from_slice(&found.x);
        Ok(x)
    }

    /// Derivative of the adjustment along the path of the best background, given minus the second
    /// derivatives of the log-likelihood.
    fn adjustment_slope(&self, x: &[f64], cells: &Cells, observed: &Matrix) -> Option<Vec<f64>> {
        let problem = self.problem;
        let first = problem.layout.first_weight();
        let size = problem.size(x);
        let plain = Cells {
            background: cells.background.clone(),
            mean: cells.mean.clone(),
            slopes: Vec::new(),
        };
        let weighed = problem.weighed_background();
        let inverse =
            Cholesky::new(&background_information(problem, x, &plain).principal(&weighed))?.inverse();
        let leverage = problem.leverages(&weighed, &inverse);
        let mut by_mean = vec![0.0; cells.mean.len()];
        let mut by_log_background = vec![0.0; cells.mean.len()];
        let mut by_log_size = 0.0;
        for c in 0..by_mean.len() {
            let (b, m) = (cells.background[c], cells.mean[c]);
            let (w, slope) = expected_weight(m, size);
            by_mean[c] = -0.5 * leverage[c] * b * b * slope;
            by_log_background[c] = -leverage[c] * w * b * b + by_mean[c] * b;
            if let Some(r) = size {
                by_log_size -= 0.5 * leverage[c] * b * b * r / ((m + r) * (m + r));
            }
        }
        let mut out: Vec<f64> = cells.slopes.iter().map(|slope| dot(slope, &by_mean)).collect();
        if size.is_some() {
            out.push(by_log_size);
        }
        let free = problem.interior_background(x);
        let push = problem.background_gradient(&by_log_background);
        let moved = Cholesky::new(&observed.principal(&free))?
            .solve(&free.iter().map(|&k| push[k]).collect::<Vec<_>>());
        for (k, slope) in out.iter_mut().enumerate() {
            let link: f64 =
                free.iter().zip(&moved).map(|(&b, step)| observed[(first + k, b)] * step).sum();
            *slope -= link;
        }
        Some(out)
    }

    fn efficient(&self, x: &[f64], full: &Matrix) -> Matrix {
        let first = self.problem.layout.first_weight();
        let free = self.problem.interior_background(x);
        let outer: Vec<usize> = (first..x.len()).collect();
        let mut out = full.principal(&outer);
        if let Some(factor) = Cholesky::new(&full.principal(&free)) {
            let halves: Vec<Vec<f64>> = outer
                .iter()
                .map(|&k| {
                    factor.solve_lower(&free.iter().map(|&b| full[(k, b)]).collect::<Vec<_>>())
                })
                .collect();
            for a in 0..outer.len() {
                for b in 0..outer.len() {
                    out[(a, b)] -= dot(&halves[a], &halves[b]);
                }
            }
        }
        out
    }
}

impl Objective for Profiled<'_> {
    fn value(&self, psi: &[f64]) -> f64 {
        let kept = self.warm.borrow().clone();
        match self.complete(psi) {
            Ok(x) => -(self.problem.log_likelihood(&x) + adjustment(self.problem, &x)),
            Err(_) => {
                *self.warm.borrow_mut() = kept;
                f64::INFINITY
            }
        }
    }

    fn derivatives(&self, psi: &[f64]) -> Derivatives {
        let first = self.problem.layout.first_weight();
        let Ok(x) = self.complete(psi) else {
            let gradient = vec![0.0; psi.len()];
            let hessian = Matrix::zeros(psi.len(), psi.len());
            return Derivatives { value: f64::INFINITY, gradient, hessian };
        };
        let local = self.problem.local(&x);
        let mut gradient: Vec<f64> = local.gradient[first..].iter().map(|g| -g).collect();
        if self.problem.adjusted {
            if let Some(slopes) = self.adjustment_slope(&x, &local.cells, &local.observed) {
                gradient.iter_mut().zip(slopes).for_each(|(g, s)| *g -= s);
            }
        }
        let value = -(self.problem.log_likelihood(&x) + adjustment(self.problem, &x));
        Derivatives { value, gradient, hessian: self.efficient(&x, &local.expected) }
    }
}

/// The log-likelihood as a function of the background alone.
struct Background<'a> {
    problem: &'a TargetProblem,
    excitation: Vec<f64>,
    psi: &'a [f64],
}

impl Background<'_> {
    fn full(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        x.extend_from_slice(self.psi);
        x
    }

    fn cells(&self, x: &[f64]) -> Cells {
        let background = self.problem.background(x);
        let mean = background.iter().zip(&self.excitation).map(|(b, e)| b + e).collect();
        Cells { background, mean, slopes: Vec::new() }
    }
}

impl Objective for Background<'_> {
    fn value(&self, b: &[f64]) -> f64 {
        let x = self.full(b);
        -self.problem.log_likelihood_at(&self.cells(&x).mean, self.problem.size(&x))
    }

    fn derivatives(&self, b: &[f64]) -> Derivatives {
        let x = self.full(b);
        let cells = self.cells(&x);
        let scores = self.problem.mean_scores(&cells.mean, self.problem.size(&x));
        let push: Vec<f64> = scores.iter().zip(&cells.background).map(|(s, b)| s * b).collect();
        let gradient = self.problem.background_gradient(&push).iter().map(|g| -g).collect();
        let hessian = background_information(self.problem, &x, &cells);
        let value = -self.problem.log_likelihood_at(&cells.mean, self.problem.size(&x));
        Derivatives { value, gradient, hessian }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discrete::{Counts, Extent, Record, Series, Settings};

    fn problem(counts: Counts) -> TargetProblem {
        let extent = Extent { kinds: 2, places: 2, days: 400 };
        let mut records = Vec::new();
        for day in 0..400 {
            for kind in 0..2 {
                let place = (day / 7 + kind) % 2;
                for _ in 0..(day * (3 + kind) * 7919 / 13) % 4 {
                    records.push(Record::on_day(kind, place, day));
                }
            }
        }
        records.push(Record { last_day: 60, ..Record::on_day(0, 1, 40) });
        let series = Series::new(extent, &records).unwrap();
        let settings = Settings { counts, ..Settings::default() };
        TargetProblem::new(&series, &settings, 0).unwrap()
    }

    #[test]
    fn the_adjusted_profile_gradient_equals_finite_differences() {
        for counts in [Counts::Poisson, Counts::NegativeBinomial] {
            let problem = problem(counts);
            let first = problem.layout.first_weight();
            let start = problem.layout.start.clone();
            let profiled = Profiled { problem: &problem, warm: RefCell::new(start[..first].to_vec()) };
            let psi = start[first..].to_vec();
            let gradient = profiled.derivatives(&psi).gradient;
            for k in 0..psi.len() {
                let at = |by: f64| {
                    let mut moved = psi.clone();
                    moved[k] += by;
                    profiled.value(&moved)
                };
                let slope = (at(1e-4) - at(-1e-4)) / 2e-4;
                assert!(
                    (slope - gradient[k]).abs() < 2e-3 * (1.0 + slope.abs()),
                    "{counts:?} {k}: {slope} {}",
                    gradient[k]
                );
            }
        }
    }
}
