//! Is a link there at all? Tests by scores and by likelihood ratio, and information criteria.
//!
//! A branching coefficient of zero lies on the edge of its range, and the half-life of a link that
//! is not there has no true value. The likelihood ratio then does not follow a χ² law. In large
//! samples it and the test by scores (C. R. Rao, "Large sample tests of statistical hypotheses
//! concerning several parameters", Proc. Camb. Phil. Soc. 44, 1948) follow the law of the largest
//! squared projection of a normal vector on the directions the link may take (H. Chernoff, "On the
//! distribution of the likelihood ratio", Ann. Math. Stat. 25, 1954; A. Shapiro, "Towards a unified
//! theory of inequality constrained testing", Int. Stat. Rev. 56, 1988; B. E. Hansen, "Inference when
//! a nuisance parameter is not identified under the null hypothesis", Econometrica 64, 1996). That
//! law is drawn here from the directions'
//! efficient information at the null model, over a grid of half-lives where those are free.

use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use sanad_core::random::Streams;

use super::directions::{Efficient, correlation, direction, efficient, grid};
use super::fit::{TOLERANCE, search};
use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::Links;
use crate::error::Error;
use sanad_numbers::{Bounds, Minimum, minimise};
use sanad_numbers::{Cholesky, Matrix};

/// A test of one or several links being absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkTest {
    /// Twice the gain in log-likelihood ([`compare`]), or what the scores promise of it
    /// ([`link_test`]); ≥ 0.
    pub statistic: f64,
    /// Chance of at least this without the links, from the simulated large-sample law.
    pub p_value: f64,
}

/// Log-likelihood and information criteria of one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelScore {
    /// Log-likelihood of all kinds.
    pub log_likelihood: f64,
    /// Number of parameters.
    pub parameters: usize,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
}

/// No excitation, self-excitation only, and every link allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The background alone.
    pub none: ModelScore,
    /// Each kind excites itself.
    pub self_only: ModelScore,
    /// The links of the settings.
    pub full: ModelScore,
    /// Self-excitation against none.
    pub self_against_none: LinkTest,
    /// All links against self-excitation alone.
    pub full_against_self: LinkTest,
}

/// Tests whether `source` excites `target`, every other link of the settings staying as it is.
///
/// The test is Rao's: it asks of the model without the link how strongly its scores call for one. The
/// likelihood ratio has the same law in large samples, but in simulated worlds without the link it
/// exceeds it too often, because a second explanation of the target's own excitation comes within its
/// reach; the scores do not (`docs/cycle-calibration.md`).
///
/// `draws` draws of the null law give a
/// p-value with a standard error of √(p (1 − p) / draws).
///
/// # Errors
/// As a fit.
pub fn link_test(
    series: &Series,
    settings: &Settings,
    (target, source): (usize, usize),
    draws: u32,
    streams: Streams,
) -> Result<LinkTest, Error> {
    let problem = TargetProblem::new(series, settings, target)?;
    let tested: Vec<usize> = (0..problem.layout.parts.len())
        .filter(|&k| problem.layout.parts[k].source == source)
        .collect();
    let null = Null::new(&problem, &tested, settings)?;
    let statistic = largest_projection(&null.groups, &null.scores, &null.net).0;
    let law = null.law(draws, streams.at(target as u32, source as u32, 0))?;
    Ok(LinkTest { statistic, p_value: tail(&law, statistic) })
}

/// Compares no excitation, self-excitation only and the settings' links.
///
/// # Errors
/// As a fit.
pub fn compare(
    series: &Series,
    settings: &Settings,
    draws: u32,
    streams: Streams,
) -> Result<Comparison, Error> {
    let steps: Vec<[SearchStep; 2]> = (0..series.extent().kinds)
        .into_par_iter()
        .map(|target| target_steps(series, settings, target, draws, streams))
        .collect::<Result<_, Error>>()?;
    let cells = (series.extent().cells() * series.extent().kinds) as f64;
    let score = |pick: &dyn Fn(&[SearchStep; 2]) -> (f64, usize)| {
        let (log_likelihood, parameters) =
            steps.iter().map(pick).fold((0.0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        ModelScore {
            log_likelihood,
            parameters,
            aic: 2.0 * (parameters as f64 - log_likelihood),
            bic: cells.ln() * parameters as f64 - 2.0 * log_likelihood,
        }
    };
    Ok(Comparison {
        none: score(&|step| step[0].below),
        self_only: score(&|step| step[1].below),
        full: score(&|step| step[1].above),
        self_against_none: joined(steps.iter().map(|step| &step[0])),
        full_against_self: joined(steps.iter().map(|step| &step[1])),
    })
}

/// One target's step from a smaller to a larger model: (log-likelihood, parameters) of both, the
/// statistic and its null law.
struct SearchStep {
    below: (f64, usize),
    above: (f64, usize),
    statistic: f64,
    law: Vec<f64>,
}

/// The two searches of one kind: for a link from itself, then for links from other kinds beside it.
fn target_steps(
    series: &Series,
    settings: &Settings,
    target: usize,
    draws: u32,
    streams: Streams,
) -> Result<[SearchStep; 2], Error> {
    let step = |links: Links, tests: &dyn Fn(usize) -> bool, index: u32| {
        let problem = TargetProblem::new(series, &settings.with_links(links), target)?;
        let parts = &problem.layout.parts;
        let tested: Vec<usize> = (0..parts.len()).filter(|&k| tests(parts[k].source)).collect();
        let null = Null::new(&problem, &tested, settings)?;
        let statistic = null.likelihood_ratio()?;
        let total = problem.layout.start.len();
        Ok::<SearchStep, Error>(SearchStep {
            below: (-null.found.value, total - null.dropped()),
            above: (-null.found.value + 0.5 * statistic, total),
            statistic,
            law: null.law(draws, streams.at(target as u32, u32::MAX, index))?,
        })
    };
    let allowed_self = |j: usize| j == target && settings.links.allows(target, j);
    let kinds = series.extent().kinds;
    let own = |i: usize| (0..kinds).map(|j| i == target && allowed_self(j)).collect();
    Ok([
        step(Links::Custom((0..kinds).map(own).collect()), &|j| j == target, 0)?,
        step(settings.links.clone(), &|j| j != target, 1)?,
    ])
}

/// The kinds' likelihoods separate, so statistics and their null draws add up.
fn joined<'a>(steps: impl Iterator<Item = &'a SearchStep>) -> LinkTest {
    let mut law: Vec<f64> = Vec::new();
    let mut statistic = 0.0;
    for step in steps {
        law.resize(step.law.len(), 0.0);
        law.iter_mut().zip(&step.law).for_each(|(sum, draw)| *sum += draw);
        statistic += step.statistic;
    }
    LinkTest { statistic, p_value: tail(&law, statistic) }
}

/// Share of the null draws at or above the statistic; the statistic itself counts as one draw.
fn tail(law: &[f64], statistic: f64) -> f64 {
    let above = law.iter().filter(|&&draw| draw >= statistic - 1e-9).count();
    (above + 1) as f64 / (law.len() + 1) as f64
}

/// The model with some links held at zero, and what its scores say of them.
struct Null<'a> {
    problem: &'a TargetProblem,
    tested: &'a [usize],
    found: Minimum,
    /// Directions grouped by what excludes what: one of each group at a time.
    groups: Vec<Vec<usize>>,
    shapes: Vec<super::kernel::Shape>,
    scores: Vec<f64>,
    net: Matrix,
}

impl<'a> Null<'a> {
    /// The model without the tested links, and the directions in which each of them would move
    /// the mean.
    ///
    /// # Errors
    /// If the fit without them does not converge.
    fn new(
        problem: &'a TargetProblem,
        tested: &'a [usize],
        settings: &Settings,
    ) -> Result<Self, Error> {
        let found = search(problem, &null_bounds(problem, tested))?;
        let (mut groups, mut shapes, mut directions) = (Vec::new(), Vec::new(), Vec::new());
        for &part in tested {
            let choices = grid(&settings.kernel, &found.x, problem, part);
            groups.push((shapes.len()..shapes.len() + choices.len()).collect());
            directions
                .extend(choices.iter().map(|&shape| direction(problem, &found.x, part, shape)));
            shapes.extend(choices);
        }
        let fixed: Vec<usize> = tested.iter().map(|&k| problem.layout.first_weight() + k).collect();
        let Efficient { net, scores, .. } = efficient(problem, &found.x, &fixed, directions)?;
        Ok(Self { problem, tested, found, groups, shapes, scores, net })
    }

    /// Twice the gain in log-likelihood of the model with the links.
    fn likelihood_ratio(&self) -> Result<f64, Error> {
        let bounds = &self.problem.layout.bounds;
        let start = self.warm_start();
        let warm = minimise("the excitation fit", self.problem, &start, bounds, TOLERANCE)?;
        let other = search(self.problem, bounds)?;
        Ok((2.0 * (self.found.value - warm.value.min(other.value))).max(0.0))
    }

    /// The null estimate moved one Newton step along the best directions.
    fn warm_start(&self) -> Vec<f64> {
        let layout = &self.problem.layout;
        let mut start = self.found.x.clone();
        let steps = largest_projection(&self.groups, &self.scores, &self.net).1;
        for (group, &part) in self.groups.iter().zip(self.tested) {
            let gain = |k: usize| self.scores[k].max(0.0).powi(2) / self.net[(k, k)].max(1e-300);
            let best = |a: &usize, b: &usize| {
                steps[*a].total_cmp(&steps[*b]).then(gain(*a).total_cmp(&gain(*b)))
            };
            let pick = group.iter().copied().max_by(best).expect("a group has a direction");
            start[layout.first_weight() + part] = steps[pick];
            if let (Some(at), super::kernel::Shape::Geometric { half_life_days, .. }) =
                (layout.parts[part].half_life, self.shapes[pick])
                && group.len() > 1
            {
                start[layout.first_half_life() + at] = half_life_days.ln();
            }
        }
        start
    }

    /// Parameters that the model does not have and the one with the links has.
    fn dropped(&self) -> usize {
        let layout = &self.problem.layout;
        let mut half_lives: Vec<usize> =
            self.tested.iter().filter_map(|&k| layout.parts[k].half_life).collect();
        half_lives.dedup();
        let others = (0..layout.parts.len()).filter(|k| !self.tested.contains(k));
        let kept: Vec<usize> = others.filter_map(|k| layout.parts[k].half_life).collect();
        self.tested.len() + half_lives.iter().filter(|h| !kept.contains(h)).count()
    }

    /// Draws of the statistic where the links are absent.
    fn law(&self, draws: u32, mut stream: sanad_core::random::Stream) -> Result<Vec<f64>, Error> {
        let mut shape = correlation(&self.net);
        for k in 0..shape.rows() {
            shape[(k, k)] += 1e-6;
        }
        let factor =
            Cholesky::new(&shape).ok_or_else(|| Error::singular("the links' information"))?;
        Ok((0..draws)
            .map(|_| {
                let normal: Vec<f64> =
                    (0..shape.rows()).map(|_| StandardNormal.sample(&mut stream)).collect();
                largest_projection(&self.groups, &factor.times_lower(&normal), &shape).0
            })
            .collect())
    }
}

/// The bounds of all parameters with the weights of the tested links held at zero.
fn null_bounds(problem: &TargetProblem, tested: &[usize]) -> Bounds {
    let layout = &problem.layout;
    let mut bounds = layout.bounds.clone();
    for &part in tested {
        bounds.fix(layout.first_weight() + part, 0.0);
    }
    bounds
}

/// max over a ≥ 0, with at most one of each group above zero, of 2 aᵀu − aᵀVa, by cyclic
/// maximisation over the groups (exact where every group has one member); and the a that reaches it.
fn largest_projection(groups: &[Vec<usize>], u: &[f64], v: &Matrix) -> (f64, Vec<f64>) {
    let mut a = vec![0.0; u.len()];
    let mut slope = u.to_vec();
    for _ in 0..200 {
        let mut moved = 0.0_f64;
        for group in groups {
            let mut best = (0.0, None);
            for &k in group {
                let alone = slope[k] + group.iter().map(|&l| v[(k, l)] * a[l]).sum::<f64>();
                let gain = alone.max(0.0).powi(2) / v[(k, k)].max(1e-300);
                if gain > best.0 {
                    best = (gain, Some((k, alone / v[(k, k)])));
                }
            }
            for &k in group {
                let next = best.1.filter(|(at, _)| *at == k).map_or(0.0, |(_, value)| value);
                let change = next - a[k];
                if change != 0.0 {
                    (0..u.len()).for_each(|l| slope[l] -= v[(l, k)] * change);
                    moved = moved.max(change * change * v[(k, k)]);
                    a[k] = next;
                }
            }
        }
        if moved < 1e-14 {
            break;
        }
    }
    // At the maximum aᵀ(u − Va) = 0, so the value is aᵀu.
    (a.iter().zip(u).map(|(a, u)| a * u).sum::<f64>().max(0.0), a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::function::erf::erfc;

    fn law(net: Matrix, groups: &[Vec<usize>]) -> Vec<f64> {
        let factor = Cholesky::new(&net).unwrap();
        let mut stream = Streams::new(1, "law").at(0, 0, 0);
        (0..20_000)
            .map(|_| {
                let z: Vec<f64> =
                    (0..net.rows()).map(|_| StandardNormal.sample(&mut stream)).collect();
                largest_projection(groups, &factor.times_lower(&z), &net).0
            })
            .collect()
    }

    fn above(law: &[f64], x: f64) -> f64 {
        law.iter().filter(|d| **d > x).count() as f64 / law.len() as f64
    }

    #[test]
    fn one_direction_has_the_half_chi_square_law() {
        let law = law(Matrix::from_rows(&[vec![4.0]]), &[vec![0]]);
        for x in [0.5, 2.7055, 6.0_f64] {
            let expected = 0.5 * erfc((0.5 * x).sqrt());
            assert!((above(&law, x) - expected).abs() < 0.008, "{x}");
        }
    }

    #[test]
    fn two_orthogonal_directions_have_the_chi_bar_square_law() {
        let identity = Matrix::from_rows(&[vec![1.0, 0.0], vec![0.0, 1.0]]);
        let law = law(identity, &[vec![0], vec![1]]);
        for x in [1.0, 4.2306_f64] {
            let expected = 0.5 * erfc((0.5 * x).sqrt()) + 0.25 * (-0.5 * x).exp();
            assert!((above(&law, x) - expected).abs() < 0.008, "{x}");
        }
    }

    #[test]
    fn a_choice_between_directions_takes_the_larger() {
        let net = Matrix::from_rows(&[vec![1.0, 0.5], vec![0.5, 1.0]]);
        let (value, a) = largest_projection(&[vec![0, 1]], &[1.0, 2.0], &net);
        assert!((value - 4.0).abs() < 1e-12 && a[0] == 0.0 && (a[1] - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_tail_is_never_zero() {
        assert_eq!(tail(&[1.0; 99], 50.0), 0.01);
    }
}
