//! The adjustment of the likelihood for the background's flexibility.
//!
//! A flexible background follows part of what excitation did, so plain maximum likelihood finds
//! self-excitation too small, by about (number of background parameters) × (length of a cluster) /
//! (length of the record). The remedy is the adjusted profile likelihood of D. R. Cox & N. Reid,
//! "Parameter orthogonality and approximate conditional inference", J. R. Stat. Soc. B 49 (1987),
//! which subtracts ½ ln det of the information about nuisance parameters chosen orthogonal to the
//! others. Orthogonal to excitation are the parameters of the mean m, not those of the background:
//! a feature f of a kind's log-mean moves that kind's rate by z = m f − g ∗ (m f), g the kernel of its
//! self-excitation, and the rate of another kind by z = −g ∗ (m f), g the kernel of the link to it;
//! the information is Σ z zᵀ / variance over the rates of all kinds. That is what restricted maximum
//! likelihood is to a regression with autoregressive errors (W.-K. Cheang & G. C. Reinsel, "Bias
//! reduction of autoregressive estimates in time series regression model through restricted maximum
//! likelihood", JASA 95, 2000). The means are taken from fits without links.
//!
//! The information about the target's own features alone is quick to compute and serves
//! self-excitation. Links between kinds need the features and rates of all kinds, because what one
//! sets off in another comes back to it.
//!
//! Features act on the sum over places; what places differ in is adjusted for by their number.

use core::ops::Range;

use super::layout::Layout;
use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::Links;
use crate::error::Error;
use sanad_numbers::minimise;
use sanad_numbers::{Cholesky, Matrix, combinations, dot, lower_inner_products};

/// What the adjustment needs: the features of the means and the weights of days, both fixed.
#[derive(Debug, Clone)]
pub(super) struct Adjustment {
    /// m · f by kind and feature, the first of each kind being the level's f = 1.
    pub(super) features: Vec<Vec<f64>>,
    /// Those of the target.
    own: Range<usize>,
    /// 1 / variance of the target by day.
    pub(super) weights: Vec<f64>,
    /// Links that move a feature's effect: index of the weight, and the features of its source.
    pub(super) links: Vec<(usize, Range<usize>)>,
    /// Number of place levels beyond the first, places without enough events left out.
    pub(super) contrasts: f64,
    /// Share of its offspring that stays with a contrast between places, on average.
    pub(super) kept: f64,
}

/// Filters four series at a time.
type Filter<'a> = dyn Fn([&[f64]; 4], [&mut [f64]; 4]) + 'a;

impl Adjustment {
    /// The adjustment by the target's own features.
    pub(super) fn new(
        series: &Series,
        settings: &Settings,
        target: usize,
        layout: &Layout,
    ) -> Result<Self, Error> {
        let mean = Mean::of(series, settings, target)?;
        let own = 0..mean.features.len();
        Ok(Self {
            links: from_kind(layout, target, &own),
            features: mean.features,
            own,
            weights: mean.weights,
            contrasts: contrasts(series, target, layout.places),
            kept: kept(settings, series.extent().places),
        })
    }

    /// What the features of all kinds move in the rate of each.
    pub(super) fn of_all(
        series: &Series,
        settings: &Settings,
        layouts: &[&Layout],
    ) -> Result<Vec<Self>, Error> {
        let means: Vec<Mean> = (0..layouts.len())
            .map(|kind| Mean::of(series, settings, kind))
            .collect::<Result<_, _>>()?;
        let mut end = 0;
        let mut block = |mean: &Mean| {
            end += mean.features.len();
            end - mean.features.len()..end
        };
        let blocks: Vec<Range<usize>> = means.iter().map(&mut block).collect();
        let features: Vec<Vec<f64>> = means.iter().flat_map(|mean| mean.features.clone()).collect();
        let rate = |(kind, layout): (usize, &&Layout)| Self {
            links: (0..blocks.len()).flat_map(|j| from_kind(layout, j, &blocks[j])).collect(),
            features: features.clone(),
            own: blocks[kind].clone(),
            weights: means[kind].weights.clone(),
            contrasts: contrasts(series, kind, layout.places),
            kept: kept(settings, series.extent().places),
        };
        Ok(layouts.iter().enumerate().map(rate).collect())
    }

    /// What each feature moves in the target's rate.
    pub(super) fn moved(&self, layout: &Layout, x: &[f64]) -> Vec<Vec<f64>> {
        self.filtered(layout, x, 1.0)
    }

    /// The same with links scaled by `share`.
    fn filtered(&self, layout: &Layout, x: &[f64], share: f64) -> Vec<Vec<f64>> {
        let mut out = vec![vec![0.0; self.weights.len()]; self.features.len()];
        out[self.own.clone()].clone_from_slice(&self.features[self.own.clone()]);
        for (k, features) in &self.links {
            let weight = share * x[*k];
            if weight != 0.0 {
                let shape = layout.shape(x, k - layout.first_weight());
                self.each_feature(
                    features.clone(),
                    |from, to| shape.filter_together(from, to),
                    |row, g| out[row].iter_mut().zip(g).for_each(|(z, g)| *z -= weight * g),
                );
            }
        }
        out
    }

    /// Hands out features as `filter` leaves them, which is given four at a time.
    fn each_feature(
        &self,
        features: Range<usize>,
        filter: impl Fn([&[f64]; 4], [&mut [f64]; 4]),
        mut with: impl FnMut(usize, &[f64]),
    ) {
        let mut moved: [Vec<f64>; 4] = core::array::from_fn(|_| vec![0.0; self.weights.len()]);
        for first in features.clone().step_by(4) {
            let last = features.end - 1;
            let from = core::array::from_fn(|k| self.features[(first + k).min(last)].as_slice());
            filter(from, moved.each_mut().map(Vec::as_mut_slice));
            for (row, moved) in (first..=last).zip(&moved) {
                with(row, moved);
            }
        }
    }

    /// Adds the information in the target's rate to a lower triangle.
    pub(super) fn add_information(&self, z: &[Vec<f64>], to: &mut Matrix) {
        let there = moving(z);
        let weighted: Vec<Vec<f64>> = there
            .iter()
            .map(|&row| z[row].iter().zip(&self.weights).map(|(z, w)| z * w).collect())
            .collect();
        let weighted: Vec<&[f64]> = weighted.iter().map(Vec::as_slice).collect();
        let columns: Vec<&[f64]> = there.iter().map(|&column| z[column].as_slice()).collect();
        let found = lower_inner_products(&weighted, &columns);
        for (at, &row) in there.iter().enumerate() {
            for (&column, &product) in there[..=at].iter().zip(found.row(at)) {
                to[(row, column)] += product;
            }
        }
    }

    /// The information of the nuisance parameters for features `z`, symmetric.
    fn information(&self, z: &[Vec<f64>]) -> Matrix {
        let mut out = Matrix::zeros(z.len(), z.len());
        self.add_information(z, &mut out);
        out.mirror_lower();
        out
    }

    /// What the features move in the rate at `x`, with the factor of the information about the mean.
    pub(super) fn move_to(&self, layout: &Layout, x: &[f64]) -> Moved {
        let z = self.moved(layout, x);
        Moved { x: x.to_vec(), factor: Cholesky::new(&self.information(&z)), z }
    }

    /// −½ ln det of the information about the mean.
    pub(super) fn value(&self, layout: &Layout, moved: &Moved) -> f64 {
        moved.factor.as_ref().map_or(f64::NAN, |factor| {
            -0.5 * factor.log_determinant() + self.contrast_value(layout, &moved.x)
        })
    }

    /// The part of what places differ in.
    pub(super) fn contrast_value(&self, layout: &Layout, x: &[f64]) -> f64 {
        if self.contrasts == 0.0 {
            return 0.0;
        }
        -0.5 * self.contrasts * self.level(layout, x).1.ln()
    }

    /// What the level of a contrast between places moves, and the information about it.
    fn level(&self, layout: &Layout, x: &[f64]) -> (Vec<f64>, f64) {
        let own = self.links.iter().filter(|(_, features)| *features == self.own);
        let level = Self {
            features: vec![self.features[self.own.start].clone()],
            own: 0..1,
            links: own.map(|(k, _)| (*k, 0..1)).collect(),
            weights: self.weights.clone(),
            ..*self
        };
        let mut z = level.filtered(layout, x, self.kept);
        let information = level.information(&z)[(0, 0)];
        (z.swap_remove(0), information)
    }

    /// The value, and its derivatives in the links' weights and half-lives by index of the parameter.
    pub(super) fn value_and_slope(
        &self,
        layout: &Layout,
        moved: &Moved,
    ) -> (f64, Vec<(usize, f64)>) {
        let Some(factor) = &moved.factor else { return (f64::NAN, Vec::new()) };
        let slopes = self.slopes(&moved.z, &factor.inverse(), layout, &moved.x);
        (self.value(layout, moved), slopes)
    }

    /// Derivatives in the links' weights and half-lives by index of the parameter, given what the
    /// features move in the rate and the inverse of the information.
    pub(super) fn slopes(
        &self,
        z: &[Vec<f64>],
        inverse: &Matrix,
        layout: &Layout,
        x: &[f64],
    ) -> Vec<(usize, f64)> {
        let pull = self.pull(z, inverse, layout, x);
        let mut out: Vec<(usize, f64)> = Vec::new();
        for (k, features) in &self.links {
            let push = |filter: &Filter<'_>| {
                let mut sum = 0.0;
                let with = |row: usize, moved: &[f64]| sum += dot(moved, &pull[row]);
                self.each_feature(features.clone(), filter, with);
                sum
            };
            let part = k - layout.first_weight();
            let shape = layout.shape(x, part);
            out.push((*k, push(&|f, g| shape.filter_together(f, g))));
            if let Some(half_life) = layout.parts[part].half_life {
                let slope = x[*k] * push(&|f, g| shape.filter_slopes_together(f, g));
                let at = layout.first_half_life() + half_life;
                match out.iter_mut().find(|(l, _)| *l == at) {
                    Some((_, sum)) => *sum += slope,
                    None => out.push((at, slope)),
                }
            }
        }
        out
    }

    /// Minus the derivative of the value in what a link takes from each feature.
    fn pull(&self, z: &[Vec<f64>], inverse: &Matrix, layout: &Layout, x: &[f64]) -> Vec<Vec<f64>> {
        let there = moving(z);
        let mut shares = Matrix::zeros(z.len(), there.len());
        for row in 0..z.len() {
            for (share, &column) in shares.row_mut(row).iter_mut().zip(&there) {
                *share = inverse[(row, column)];
            }
        }
        let columns: Vec<&[f64]> = there.iter().map(|&column| z[column].as_slice()).collect();
        let mut out = match columns.is_empty() {
            true => vec![vec![0.0; self.weights.len()]; z.len()],
            false => combinations(&shares, &columns),
        };
        if self.contrasts > 0.0 {
            let (level, information) = self.level(layout, x);
            let share = self.contrasts * self.kept / information;
            out[self.own.start].iter_mut().zip(&level).for_each(|(sum, z)| *sum += share * z);
        }
        for out in &mut out {
            out.iter_mut().zip(&self.weights).for_each(|(sum, w)| *sum *= w);
        }
        out
    }
}

/// What features move in a rate at one point.
pub(super) struct Moved {
    /// The point: the parameters of the rate.
    x: Vec<f64>,
    /// By feature, what it moves on each day.
    z: Vec<Vec<f64>>,
    /// The factor of the information about the mean; nothing where that is singular.
    factor: Option<Cholesky>,
}

impl Moved {
    /// Whether this is what moves at `x`, to the bit.
    pub(super) fn is_at(&self, x: &[f64]) -> bool {
        self.x.len() == x.len() && self.x.iter().zip(x).all(|(a, b)| a.to_bits() == b.to_bits())
    }
}

/// Features that move the rate at all.
fn moving(z: &[Vec<f64>]) -> Vec<usize> {
    (0..z.len()).filter(|&k| z[k].iter().any(|v| *v != 0.0)).collect()
}

/// A kind's mean without links: features and weights by day, as [`Adjustment`] has them.
struct Mean {
    features: Vec<Vec<f64>>,
    weights: Vec<f64>,
}

impl Mean {
    /// The background alone fitted to a kind's counts, for the features that the adjustment is
    /// made of.
    fn of(series: &Series, settings: &Settings, kind: usize) -> Result<Self, Error> {
        let days = series.extent().days;
        let plain = Settings { adjusted: false, ..settings.with_links(Links::None) };
        let problem = TargetProblem::new(series, &plain, kind)?;
        let start = &problem.layout.start;
        let found = minimise("the background", &problem, start, &problem.layout.bounds, 1e-6)?;
        let mean = problem.cells(&found.x, false).mean;
        let overdispersion = problem.size(&found.x).map_or(0.0, |r| 1.0 / r);
        let sums = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
            (0..days).map(|day| mean.iter().skip(day).step_by(days).map(|&m| of(m)).sum()).collect()
        };
        let total = sums(&|m| m);
        let weights = sums(&|m| m + overdispersion * m * m).iter().map(|v| 1.0 / v).collect();
        let mut features = vec![total.clone()];
        features.extend(
            problem.features.iter().map(|f| total.iter().zip(f).map(|(m, f)| m * f).collect()),
        );
        Ok(Self { features, weights })
    }
}

/// The weights of the link from one kind, with its features.
fn from_kind(layout: &Layout, kind: usize, features: &Range<usize>) -> Vec<(usize, Range<usize>)> {
    layout.link(kind).into_iter().map(|k| (k, features.clone())).collect()
}

/// Place levels beyond the first; a level that fewer than five events determine has nothing to
/// adjust for.
fn contrasts(series: &Series, target: usize, levels: usize) -> f64 {
    if levels == 1 {
        return 0.0;
    }
    let events = |place: usize| series.records(target).iter().filter(|r| r.place == place).count();
    let counted = (0..levels).filter(|&place| events(place) >= 5).count();
    counted.saturating_sub(1) as f64
}

/// Mean of the reach's eigenvalues other than the one of the sum over places.
fn kept(settings: &Settings, places: usize) -> f64 {
    match settings.reach.shares(places) {
        Some(shares) if places > 1 => {
            (shares.diagonal().iter().sum::<f64>() - 1.0) / (places - 1) as f64
        }
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discrete::joint::Joint;
    use crate::discrete::{Background, Counts, Extent, Kernel, Reach, Record, World};
    use sanad_core::random::Streams;
    use sanad_numbers::Objective;

    fn series() -> Series {
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
        Series::new(extent, &records).unwrap()
    }

    fn settings() -> [Settings; 2] {
        let free = Kernel::FreeForm { edges_days: vec![1, 3, 6] };
        let background = Background { first_weekday: Some(2), ..Background::default() };
        let links = Links::Custom(vec![vec![true, true], vec![false, false]]);
        let usual = Settings { background, links, ..Settings::default() };
        [usual, Settings { kernel: free, reach: Reach::Everywhere, ..Settings::default() }]
    }

    #[test]
    fn the_adjusted_gradient_equals_finite_differences() {
        let series = series();
        for settings in settings() {
            let own = TargetProblem::new(&series, &settings, 0).unwrap();
            check_gradient(&own, &own.layout.start);
            let joint = Joint::new(&series, &settings).unwrap();
            check_gradient(&joint, &joint.start());
            let mut zero = joint.start();
            zero[joint.link((0, 1))[0]] = 0.0;
            check_gradient(&joint, &zero);
        }
    }

    fn check_gradient(objective: &impl Objective, x: &[f64]) {
        let gradient = objective.derivatives(x).gradient;
        for k in 0..x.len() {
            let at = |by: f64| {
                let mut moved = x.to_vec();
                moved[k] += by;
                objective.value(&moved)
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            let gap = (slope - gradient[k]).abs();
            assert!(gap < 1e-4 * (1.0 + slope.abs()), "{k}: {slope} {}", gradient[k]);
        }
    }

    /// Two kinds of constant mean, whose levels alone are adjusted for: then the information about
    /// both is AᵀWA with A = I − N, but for the first days, and its determinant that of A squared.
    #[test]
    fn among_two_kinds_the_adjustment_is_that_of_both_rates() {
        let extent = Extent { kinds: 2, places: 1, days: 4000 };
        let link = |n: f64| vec![n];
        let kernels = vec![vec![link(0.3), link(0.2)], vec![link(0.4), link(0.1)]];
        let world = World::new(extent, vec![vec![1.0; 4000]; 2], kernels, vec![None; 2]).unwrap();
        let series = world.simulate(100_000, &mut Streams::new(5, "levels").at(0, 0, 0)).unwrap();
        let settings = Settings {
            kernel: Kernel::FreeForm { edges_days: vec![1, 2] },
            counts: Counts::Poisson,
            background: Background::constant(),
            ..Settings::default()
        };
        let layouts: Vec<Layout> = (0..2)
            .map(|kind| TargetProblem::new(&series, &settings, kind).unwrap().layout)
            .collect();
        let rates = Adjustment::of_all(&series, &settings, &layouts.iter().collect::<Vec<_>>());
        let log_determinant = |n: [[f64; 2]; 2]| {
            let mut information = Matrix::zeros(2, 2);
            for ((rate, layout), n) in rates.as_ref().unwrap().iter().zip(&layouts).zip(n) {
                let mut x = layout.start.clone();
                x[1..3].copy_from_slice(&n);
                rate.add_information(&rate.moved(layout, &x), &mut information);
            }
            information.mirror_lower();
            Cholesky::new(&information).unwrap().log_determinant()
        };
        let expected =
            |n: [[f64; 2]; 2]| 2.0 * ((1.0 - n[0][0]) * (1.0 - n[1][1]) - n[0][1] * n[1][0]).ln();
        let (one, two) = ([[0.1, 0.0], [0.3, 0.2]], [[0.5, 0.4], [0.3, 0.1]]);
        let (found, expected) =
            (log_determinant(two) - log_determinant(one), expected(two) - expected(one));
        assert!((found - expected).abs() < 4e-3, "{found} {expected}");
    }
}
