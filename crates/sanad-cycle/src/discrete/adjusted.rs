//! The adjustment of the likelihood for the background's flexibility.
//!
//! A flexible background follows part of what excitation did, so plain maximum likelihood finds
//! self-excitation too small, by about (number of background parameters) × (length of a cluster) /
//! (length of the record). The remedy is the adjusted profile likelihood of D. R. Cox & N. Reid,
//! "Parameter orthogonality and approximate conditional inference", J. R. Stat. Soc. B 49 (1987),
//! which subtracts ½ ln det of the information about nuisance parameters chosen orthogonal to the
//! others. Orthogonal to self-excitation are the parameters of the mean m, not those of the
//! background: a feature f of the log-mean moves the rate by z = m f − g ∗ (m f), g the kernel of
//! self-excitation, and the information is Σ z zᵀ / variance. That is what restricted maximum
//! likelihood is to a regression with autoregressive errors (W.-K. Cheang & G. C. Reinsel, "Bias
//! reduction of autoregressive estimates in time series regression model through restricted maximum
//! likelihood", JASA 95, 2000). The mean is taken from a fit without links.
//!
//! What a rise in one kind sets off in the others comes back to it: the link from kind j counts in g
//! with the factor cⱼ, the mean number of kind j events that follow from one of the target without
//! passing through the target again, where the caller gives it.
//!
//! Features act on the sum over places; what places differ in is adjusted for by their number.

use super::layout::Layout;
use super::likelihood::TargetProblem;
use super::series::Series;
use super::settings::Settings;
use crate::Links;
use crate::error::Error;
use crate::linalg::{Cholesky, Matrix, dot};
use crate::optimise::minimise;

/// What the adjustment needs: the features of the mean and the weights of days, both fixed.
#[derive(Debug, Clone)]
pub(super) struct Adjustment {
    /// m · f by feature, the first being the level's f = 1.
    pub(super) features: Vec<Vec<f64>>,
    /// 1 / variance by day.
    pub(super) weights: Vec<f64>,
    /// Number of place levels beyond the first, places without enough events left out.
    pub(super) contrasts: f64,
    /// Share of its offspring that stays with a contrast between places, on average.
    pub(super) kept: f64,
    /// Weights that feed back on the target: index of the parameter, and the factor c.
    pub(super) own: Vec<(usize, f64)>,
}

impl Adjustment {
    pub(super) fn new(
        series: &Series,
        settings: &Settings,
        target: usize,
        layout: &Layout,
        feedback: &[f64],
    ) -> Result<Self, Error> {
        let extent = series.extent();
        let plain = Settings { adjusted: false, ..settings.with_links(Links::None) };
        let problem = TargetProblem::new(series, &plain, target, &[])?;
        let start = &problem.layout.start;
        let found = minimise("the background", &problem, start, &problem.layout.bounds, 1e-6)?;
        let mean = problem.cells(&found.x, false).mean;
        let overdispersion = problem.size(&found.x).map_or(0.0, |r| 1.0 / r);
        let sums = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
            (0..extent.days)
                .map(|day| mean.iter().skip(day).step_by(extent.days).map(|&m| of(m)).sum())
                .collect()
        };
        let total = sums(&|m| m);
        let weights = sums(&|m| m + overdispersion * m * m).iter().map(|v| 1.0 / v).collect();
        let mut features = vec![total.clone()];
        features.extend((0..problem.design.columns()).map(|k| {
            (0..extent.days).map(|day| total[day] * problem.design[(day, k)]).collect::<Vec<_>>()
        }));
        Ok(Self {
            features,
            weights,
            contrasts: contrasts(series, target, layout.places),
            kept: kept(settings, extent.places),
            own: fed_back(layout, target, feedback),
        })
    }

    /// The features passed through 1 − kernel, scaled by `share`.
    fn filtered(&self, layout: &Layout, x: &[f64], share: f64) -> Vec<Vec<f64>> {
        self.features
            .iter()
            .map(|feature| {
                let mut out = feature.clone();
                let mut one = vec![0.0; feature.len()];
                for &(k, factor) in &self.own {
                    let weight = share * factor * x[k];
                    if weight != 0.0 {
                        layout.shape(x, k - layout.first_weight()).filter(feature, &mut one);
                        out.iter_mut().zip(&one).for_each(|(z, g)| *z -= weight * g);
                    }
                }
                out
            })
            .collect()
    }

    fn information(&self, z: &[Vec<f64>]) -> Matrix {
        let mut out = Matrix::zeros(z.len(), z.len());
        for row in 0..z.len() {
            let weighted: Vec<f64> = z[row].iter().zip(&self.weights).map(|(z, w)| z * w).collect();
            for column in 0..=row {
                out[(row, column)] = dot(&weighted, &z[column]);
            }
        }
        out.mirror_lower();
        out
    }

    /// −½ ln det of the information about the mean.
    pub(super) fn value(&self, layout: &Layout, x: &[f64]) -> f64 {
        let common = Cholesky::new(&self.information(&self.filtered(layout, x, 1.0)));
        let contrast = self.level_information(layout, x);
        common.map_or(f64::NAN, |factor| {
            -0.5 * factor.log_determinant() - 0.5 * self.contrasts * contrast.ln()
        })
    }

    /// Information about the level of a contrast between places.
    fn level_information(&self, layout: &Layout, x: &[f64]) -> f64 {
        if self.contrasts == 0.0 {
            return 1.0;
        }
        let level = Self { features: self.features[..1].to_vec(), ..self.clone() };
        level.information(&level.filtered(layout, x, self.kept))[(0, 0)]
    }

    /// Derivatives in the links' weights and half-lives, by index of the parameter.
    pub(super) fn slope(&self, layout: &Layout, x: &[f64]) -> Vec<(usize, f64)> {
        let z = self.filtered(layout, x, 1.0);
        let Some(factor) = Cholesky::new(&self.information(&z)) else { return Vec::new() };
        let inverse = factor.inverse();
        let mut out: Vec<(usize, f64)> = Vec::new();
        for &(k, factor) in &self.own {
            let part = k - layout.first_weight();
            let shape = layout.shape(x, part);
            let weight = self.push(&z, &inverse, |f, g| shape.filter(f, g), layout, x);
            out.push((k, factor * weight));
            if let Some(half_life) = layout.parts[part].half_life {
                let slope = self.push(&z, &inverse, |f, g| shape.filter_slope(f, g), layout, x);
                let at = layout.first_half_life() + half_life;
                match out.iter_mut().find(|(l, _)| *l == at) {
                    Some((_, sum)) => *sum += factor * x[k] * slope,
                    None => out.push((at, factor * x[k] * slope)),
                }
            }
        }
        out
    }

    /// −½ d ln det when z moves by minus the features passed through `filter`.
    fn push(
        &self,
        z: &[Vec<f64>],
        inverse: &Matrix,
        filter: impl Fn(&[f64], &mut [f64]),
        layout: &Layout,
        x: &[f64],
    ) -> f64 {
        let mut moved = vec![0.0; self.weights.len()];
        let mut sum = 0.0;
        for (row, feature) in self.features.iter().enumerate() {
            filter(feature, &mut moved);
            moved.iter_mut().zip(&self.weights).for_each(|(g, w)| *g *= w);
            for (column, other) in z.iter().enumerate() {
                sum += inverse[(row, column)] * dot(&moved, other);
            }
            if row == 0 && self.contrasts > 0.0 {
                let level = Self { features: self.features[..1].to_vec(), ..self.clone() };
                let own = &level.filtered(layout, x, self.kept)[0];
                let information = level.information(core::slice::from_ref(own))[(0, 0)];
                sum += self.contrasts * self.kept * dot(&moved, own) / information;
            }
        }
        sum
    }
}

fn fed_back(layout: &Layout, target: usize, feedback: &[f64]) -> Vec<(usize, f64)> {
    let factor = |j: usize| if j == target { 1.0 } else { feedback.get(j).copied().unwrap_or(0.0) };
    (0..layout.parts.len())
        .map(|k| (layout.first_weight() + k, factor(layout.parts[k].source)))
        .filter(|(_, factor)| *factor > 0.0)
        .collect()
}

/// cⱼ: the mean number of events of each other kind that follow from one event of `target` without
/// passing through it again: (I − N₋)⁻¹ n₋, summed over generations and capped where the other
/// kinds alone are close to critical.
#[must_use]
pub fn feedback(branching: &Matrix, target: usize) -> Vec<f64> {
    let kinds = branching.rows();
    let direct: Vec<f64> =
        (0..kinds).map(|j| if j == target { 0.0 } else { branching[(j, target)] }).collect();
    let mut generation = direct.clone();
    let mut total = direct;
    for _ in 0..50 {
        generation = branching.times(&generation);
        generation[target] = 0.0;
        total.iter_mut().zip(&generation).for_each(|(sum, g)| *sum += g);
    }
    total.iter().map(|c| c.min(20.0)).collect()
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
    use crate::discrete::{Counts, Extent, Kernel, Reach, Record};
    use crate::optimise::Objective;

    fn problem(counts: Counts, kernel: Kernel, reach: Reach) -> TargetProblem {
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
        let settings = Settings { counts, kernel, reach, ..Settings::default() };
        TargetProblem::new(&series, &settings, 0, &[0.0, 0.6]).unwrap()
    }

    #[test]
    fn feedback_sums_the_generations_that_avoid_the_target() {
        let branching =
            Matrix::from_rows(&[vec![0.3, 0.2, 0.0], vec![0.1, 0.5, 0.1], vec![0.2, 0.0, 0.4]]);
        let c = feedback(&branching, 0);
        // c₂ = 0.2 + 0.4 c₂; c₁ = 0.1 + 0.5 c₁ + 0.1 c₂.
        assert!((c[2] - 1.0 / 3.0).abs() < 1e-9);
        assert!((c[1] - (0.1 + 0.1 / 3.0) / 0.5).abs() < 1e-9);
        assert_eq!(c[0], 0.0);
    }

    #[test]
    fn the_adjusted_gradient_equals_finite_differences() {
        let free = Kernel::FreeForm { edges_days: vec![1, 3, 6] };
        for problem in [
            problem(Counts::Poisson, Kernel::geometric(), Reach::SamePlace),
            problem(Counts::NegativeBinomial, free, Reach::Everywhere),
        ] {
            let x = problem.layout.start.clone();
            let gradient = problem.derivatives(&x).gradient;
            for k in 0..x.len() {
                let at = |by: f64| {
                    let mut moved = x.clone();
                    moved[k] += by;
                    problem.value(&moved)
                };
                let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                let gap = (slope - gradient[k]).abs();
                assert!(gap < 1e-4 * (1.0 + slope.abs()), "{k}: {slope} {}", gradient[k]);
            }
        }
    }
}
