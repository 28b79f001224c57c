//! What the data could say about a link: the information left for it once the background and the
//! other links are fitted. Used by the tests against zero, by the warning of confounding and by the
//! power calculation.

use super::fit::{TargetFit, interior};
use super::kernel::{Kernel, Shape};
use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::Links;
use crate::error::{Error, check_values};
use sanad_numbers::{Cholesky, Matrix, normal_quantile};

/// Directions in which the mean could move, after the fitted parameters are allowed to follow.
pub(super) struct Efficient {
    /// Information about the directions, net of the fitted parameters.
    pub(super) net: Matrix,
    /// Information about each direction if everything else were known.
    pub(super) raw: Vec<f64>,
    /// Scores of the directions.
    pub(super) scores: Vec<f64>,
}

/// The efficient information of `directions` at `x`.
pub(super) fn efficient(
    problem: &TargetProblem,
    x: &[f64],
    fixed: &[usize],
    directions: Vec<Vec<f64>>,
) -> Result<Efficient, Error> {
    let count = directions.len();
    let (all, scores) = problem.extended_information(x, directions);
    let base = all.rows() - count;
    let fitted: Vec<usize> =
        interior(problem, x).into_iter().filter(|k| *k < base && !fixed.contains(k)).collect();
    let inner = Cholesky::new(&ridged(all.principal(&fitted)))
        .ok_or_else(|| Error::singular("the information matrix"))?;
    let halves: Vec<Vec<f64>> = (base..base + count)
        .map(|d| inner.solve_lower(&fitted.iter().map(|&k| all[(d, k)]).collect::<Vec<_>>()))
        .collect();
    let mut net = Matrix::zeros(count, count);
    for a in 0..count {
        for b in 0..count {
            net[(a, b)] = all[(base + a, base + b)] - sanad_numbers::dot(&halves[a], &halves[b]);
        }
    }
    let raw = (0..count).map(|d| all[(base + d, base + d)]).collect();
    Ok(Efficient { net, raw, scores })
}

/// A trace of a ridge, so that a feature without data (a place without events) does not stop the
/// factorisation.
fn ridged(mut matrix: Matrix) -> Matrix {
    for k in 0..matrix.rows() {
        matrix[(k, k)] += 1e-9 * matrix[(k, k)] + 1e-12;
    }
    matrix
}

/// Half-lives at which a link of free half-life is looked for.
pub(super) fn grid(kernel: &Kernel, x: &[f64], problem: &TargetProblem, part: usize) -> Vec<Shape> {
    let Kernel::Geometric { shortest_days, longest_days, horizon_days, shared } = kernel else {
        return vec![problem.layout.shape(x, part)];
    };
    let others_fix_it = *shared
        && x[problem.layout.first_weight()..problem.layout.first_half_life()]
            .iter()
            .any(|w| *w > 0.0);
    if others_fix_it {
        return vec![problem.layout.shape(x, part)];
    }
    let ratio = longest_days / shortest_days;
    let points = if ratio > 1.0 { 14 } else { 1 };
    (0..points)
        .map(|k| Shape::Geometric {
            half_life_days: shortest_days * ratio.powf(f64::from(k) / f64::from(points.max(2) - 1)),
            horizon: *horizon_days,
        })
        .collect()
}

/// The source of `part` convolved with `shape`.
pub(super) fn direction(problem: &TargetProblem, x: &[f64], part: usize, shape: Shape) -> Vec<f64> {
    let source =
        problem.sources[problem.layout.parts[part].source].weights(problem.layout.exponent(x));
    let mut out = vec![0.0; source.len()];
    for (from, to) in source.chunks(problem.days).zip(out.chunks_mut(problem.days)) {
        shape.filter(from, to);
    }
    out
}

/// How well the data separate the links into one target.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkDiagnosis {
    /// Kinds with a link into the target, in the order of the matrix.
    pub sources: Vec<usize>,
    /// Per source, the share of its information that is left once the background and the other
    /// links are fitted, in 0..=1: 1 over its variance inflation factor.
    pub information_kept: Vec<f64>,
    /// Correlation of what the sources would add to the rate, net of the background. Two kinds near
    /// 1 are confounded: the record cannot say which of the two is at work.
    pub correlation: Matrix,
}

impl LinkDiagnosis {
    /// Pairs of sources whose net correlation is at least `threshold` (0.7 is a common bar:
    /// C. F. Dormann et al., "Collinearity", Ecography 36, 2013).
    #[must_use]
    pub fn confounded(&self, threshold: f64) -> Vec<(usize, usize)> {
        let n = self.sources.len();
        (0..n)
            .flat_map(|a| (a + 1..n).map(move |b| (a, b)))
            .filter(|&(a, b)| self.correlation[(a, b)].abs() >= threshold)
            .map(|(a, b)| (self.sources[a], self.sources[b]))
            .collect()
    }
}

/// Diagnoses confounding among the links into `target`, each taken with a geometric kernel of
/// `half_life_days`, at the model without any link.
///
/// # Errors
/// As a fit; also if the background is not identified.
pub fn diagnose(
    series: &Series,
    settings: &Settings,
    target: usize,
    half_life_days: f64,
) -> Result<LinkDiagnosis, Error> {
    let problem = TargetProblem::new(series, &settings.with_links(Links::None), target)?;
    let null = super::fit_target(series, &settings.with_links(Links::None), target)?;
    let sources: Vec<usize> = (0..series.extent().kinds)
        .filter(|&j| settings.links.allows(target, j) && series.total(j) > 0)
        .collect();
    let directions = link_directions(&problem, &sources, half_life_days)?;
    let found = efficient(&problem, &null.x, &[], directions)?;
    Ok(LinkDiagnosis {
        information_kept: information_kept(&found),
        correlation: correlation(&found.net),
        sources,
    })
}

/// By how much a unit of each link's weight would move the mean of every cell: the source
/// convolved with a geometric shape of this half-life, cut after twenty half-lives.
///
/// # Errors
/// If the half-life is not a positive number.
fn link_directions(
    problem: &TargetProblem,
    sources: &[usize],
    half_life_days: f64,
) -> Result<Vec<Vec<f64>>, Error> {
    check_values("half_life_days", &[half_life_days], "positive", |h| h > 0.0 && h.is_finite())?;
    let horizon = (20.0 * half_life_days).ceil() as usize;
    let shape = Shape::Geometric { half_life_days, horizon };
    Ok(sources
        .iter()
        .map(|&j| {
            let source = problem.sources[j].weights(0.0);
            let mut out = vec![0.0; source.len()];
            for (from, to) in source.chunks(problem.days).zip(out.chunks_mut(problem.days)) {
                shape.filter(from, to);
            }
            out
        })
        .collect())
}

/// The share of each direction's raw information that is left when the parameters of the model
/// are fitted as well: 1 − R² of the regression on the others, 0 where the net matrix is
/// singular.
fn information_kept(found: &Efficient) -> Vec<f64> {
    match Cholesky::new(&ridged(found.net.clone())) {
        None => vec![0.0; found.raw.len()],
        Some(factor) => {
            let inverse = factor.inverse();
            found.raw.iter().zip(inverse.diagonal()).map(|(raw, v)| 1.0 / (raw * v)).collect()
        }
    }
}

/// A covariance or information matrix scaled to unit diagonal.
pub(super) fn correlation(matrix: &Matrix) -> Matrix {
    let scale: Vec<f64> =
        matrix.diagonal().iter().map(|d| if *d > 0.0 { 1.0 / d.sqrt() } else { 0.0 }).collect();
    let mut out = matrix.clone();
    for row in 0..out.rows() {
        for column in 0..out.columns() {
            out[(row, column)] *= scale[row] * scale[column];
        }
        out[(row, row)] = 1.0;
    }
    out
}

/// The smallest branching coefficient of a link that a one-sided test at level `level` would find
/// with probability `power`, given the records there are, for a geometric kernel of the given
/// half-life: (z₁₋level + z_power) standard errors at the fitted model without the link.
///
/// `without` is the fit of the target without the link, under the same background.
///
/// # Errors
/// If a probability is not inside (0, 1), or the background is not identified.
pub fn detectable_branching(
    series: &Series,
    settings: &Settings,
    without: &TargetFit,
    link: (usize, usize),
    half_life_days: f64,
    (level, power): (f64, f64),
) -> Result<f64, Error> {
    check_values("level and power", &[level, power], "inside (0, 1)", |p| p > 0.0 && p < 1.0)?;
    let (target, source) = link;
    let links = links_of(without, series.extent().kinds, target);
    let problem = TargetProblem::new(series, &settings.with_links(links), target)?;
    let directions = link_directions(&problem, &[source], half_life_days)?;
    let found = efficient(&problem, &without.x, &[], directions)?;
    Ok((normal_quantile(1.0 - level) + normal_quantile(power)) / found.net[(0, 0)].sqrt())
}

/// The links that a target's fit used.
fn links_of(fit: &TargetFit, kinds: usize, target: usize) -> Links {
    let mut allowed = vec![vec![false; kinds]; kinds];
    for (source, slot) in allowed[target].iter_mut().enumerate() {
        *slot = !fit.layout.link(source).is_empty();
    }
    Links::Custom(allowed)
}
