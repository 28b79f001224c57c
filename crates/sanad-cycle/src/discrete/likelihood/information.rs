//! Second derivatives of the log-likelihood: expected and observed information, for the whole, for the
//! background alone and for further directions.

use sanad_numbers::{Cholesky, Matrix, dot, inner_products, lower_inner_products};

use super::super::series::DayInterval;
use super::{Cells, TargetProblem, TargetScores};

/// Which curvature of the counts' log-likelihood in the mean to use.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Curvature {
    Expected,
    Observed,
}

impl TargetProblem {
    /// Minus the second derivatives of the log-likelihood, Σ_c w_c ∇λ ∇λᵀ − Σ_c (∂ℓ/∂λ_c) ∇²λ_c,
    /// without what the half-lives', the exponent's and the size's own curvature adds. Expected:
    /// w = 1/λ or r / (λ (λ + r)), and the second sum has mean zero. Observed: w = −∂²ℓ/∂λ² and
    /// ∇²λ is the background's, exp(level + f) on its own parameters.
    pub(super) fn information(
        &self,
        x: &[f64],
        cells: &Cells,
        scores: &TargetScores,
        kind: Curvature,
    ) -> Matrix {
        let size = self.size(x);
        let observed = match kind {
            Curvature::Expected => Vec::new(),
            Curvature::Observed => self.observed_weights(&cells.mean, size),
        };
        let weight = |c: usize| match (kind, size) {
            (Curvature::Expected, None) => 1.0 / cells.mean[c],
            (Curvature::Expected, Some(r)) => r / (cells.mean[c] * (cells.mean[c] + r)),
            (Curvature::Observed, _) => observed[c],
        };
        let bend = |c: usize| match kind {
            Curvature::Expected => 0.0,
            Curvature::Observed => -scores.by_mean[c] * cells.background[c],
        };
        let mut out = self.with_size_row(self.cell_information(cells, weight, bend));
        for interval in &self.intervals {
            out.add_outer_lower(1.0, &self.interval_direction(interval, cells, size));
        }
        if size.is_some() {
            let last = out.rows() - 1;
            out[(last, last)] += scores.log_size_square;
        }
        out.mirror_lower();
        out
    }

    /// Room for ln r after the parameters of the mean.
    fn with_size_row(&self, inner: Matrix) -> Matrix {
        let mut out = Matrix::zeros(self.layout.start.len(), self.layout.start.len());
        for row in 0..inner.rows() {
            out.row_mut(row)[..inner.columns()].copy_from_slice(inner.row(row));
        }
        out
    }

    /// −∂²/∂λ² of the log-probability in each cell, y/λ² − (y + r)/(λ + r)² (without the second
    /// term for Poisson counts); within an interval less ∂²q/∂λ² / Σ q, where ∂²q/∂λ² = −2 r (y +
    /// r)/(λ + r)³. What intervals add across cells is left to the caller.
    fn observed_weights(&self, mean: &[f64], size: Option<f64>) -> Vec<f64> {
        let counts = self.counts.iter().zip(mean).map(|(&y, &m)| (f64::from(y), m));
        let Some(r) = size else {
            return counts.map(|(y, m)| y / (m * m)).collect();
        };
        let mut out: Vec<f64> =
            counts.map(|(y, m)| y / (m * m) - (y + r) / ((m + r) * (m + r))).collect();
        for interval in &self.intervals {
            let total: f64 = self.chances(interval, mean, size).iter().sum();
            for c in interval.first..=interval.last {
                let bend = 2.0 * r * (f64::from(self.counts[c]) + r) / (mean[c] + r).powi(3);
                out[c] += bend / total;
            }
        }
        out
    }

    /// Σ over cells of weight · ∇λ ∇λᵀ + bend · (background's curvature), lower triangle. Features
    /// are the same in every place, so their products wait until the places are summed.
    pub(in crate::discrete) fn cell_information(
        &self,
        cells: &Cells,
        weight: impl Fn(usize) -> f64,
        bend: impl Fn(usize) -> f64,
    ) -> Matrix {
        let (levels, first) = (self.layout.places, self.layout.first_weight());
        let weights: Vec<f64> = (0..cells.mean.len()).map(weight).collect();
        let square = |c: usize| weights[c] * cells.background[c].powi(2) + bend(c);
        let squares: Vec<f64> = (0..cells.mean.len()).map(square).collect();
        let times = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect();
        let pushes: Vec<Vec<f64>> = cells.slopes.iter().map(|h| times(h, &weights)).collect();
        let mut out = Matrix::zeros(first + pushes.len(), first + pushes.len());
        let features = slices(&self.features);
        for (place, squares) in squares.chunks(self.days).enumerate() {
            let level = self.layout.level(place);
            out[(level, level)] += squares.iter().sum::<f64>();
            let products = inner_products(&features, &[squares]);
            for k in 0..features.len() {
                out[(levels + k, level)] += products[(k, 0)];
            }
        }
        let by_day = self.by_day(&squares);
        let weighted: Vec<Vec<f64>> =
            self.features.iter().map(|feature| times(feature, &by_day)).collect();
        let products = lower_inner_products(&slices(&weighted), &features);
        for k in 0..features.len() {
            out.row_mut(levels + k)[levels..=levels + k].copy_from_slice(&products.row(k)[..=k]);
        }
        let grown: Vec<Vec<f64>> =
            pushes.iter().map(|push| times(push, &cells.background)).collect();
        for (k, grown) in grown.iter().enumerate() {
            for (place, grown) in grown.chunks(self.days).enumerate() {
                out[(first + k, self.layout.level(place))] += grown.iter().sum::<f64>();
            }
        }
        let by_day: Vec<Vec<f64>> = grown.iter().map(|grown| self.by_day(grown)).collect();
        let with_features = inner_products(&slices(&by_day), &features);
        let among = lower_inner_products(&slices(&pushes), &slices(&cells.slopes));
        for k in 0..pushes.len() {
            let row = out.row_mut(first + k);
            row[levels..first].copy_from_slice(with_features.row(k));
            row[first..=first + k].copy_from_slice(&among.row(k)[..=k]);
        }
        out
    }

    /// Gradient of ln Σ q over an interval.
    fn interval_direction(
        &self,
        interval: &DayInterval,
        cells: &Cells,
        size: Option<f64>,
    ) -> Vec<f64> {
        let total: f64 = self.chances(interval, &cells.mean, size).iter().sum();
        let mut out = vec![0.0; self.layout.start.len()];
        for c in interval.first..=interval.last {
            let push = self.chance_slope(c, cells.mean[c], size) / total;
            let grown = push * cells.background[c];
            out[self.layout.level(c / self.days)] += grown;
            for (k, feature) in self.features.iter().enumerate() {
                out[self.layout.places + k] += grown * feature[c % self.days];
            }
            for (k, slope) in cells.slopes.iter().enumerate() {
                out[self.layout.first_weight() + k] += push * slope[c];
            }
        }
        out
    }

    /// The Cholesky factor of the background's block of the observed information plus `ridge` ·
    /// I. Terms across cells from events dated to an interval are left out. Where the matrix is
    /// not positive definite, its negative weights are set to zero and the factor of that larger
    /// matrix is returned; nothing where that fails too.
    pub(in crate::discrete) fn background_curvature(
        &self,
        x: &[f64],
        cells: &mut Cells,
        ridge: f64,
    ) -> Option<Cholesky> {
        let size = self.size(x);
        let scores = self.mean_scores(&cells.mean, size);
        let observed = self.observed_weights(&cells.mean, size);
        let slopes = core::mem::take(&mut cells.slopes);
        let factor = |weight: &dyn Fn(usize) -> f64, bend: &dyn Fn(usize) -> f64| {
            let mut information = self.cell_information(cells, weight, bend);
            (0..information.rows()).for_each(|k| information[(k, k)] += ridge);
            information.mirror_lower();
            Cholesky::new(&information)
        };
        let bend = |c: usize| -scores[c] * cells.background[c];
        let found = factor(&|c| observed[c], &bend)
            .or_else(|| factor(&|c| observed[c].max(0.0), &|c| bend(c).max(0.0)));
        cells.slopes = slopes;
        found
    }

    /// The expected information of the parameters of the mean and of further directions in which
    /// the mean could move, with the score of each direction; the counts' law is that at `x`.
    pub(in crate::discrete) fn extended_information(
        &self,
        x: &[f64],
        directions: Vec<Vec<f64>>,
    ) -> (Matrix, Vec<f64>) {
        let size = self.size(x);
        let mut cells = self.cells(x, true);
        let by_mean = self.scores(&cells.mean, size).by_mean;
        let scores = directions.iter().map(|d| dot(d, &by_mean)).collect();
        cells.slopes.extend(directions);
        let weight = |c: usize| {
            let m = cells.mean[c];
            size.map_or(1.0 / m, |r| r / (m * (m + r)))
        };
        let mut out = self.cell_information(&cells, weight, |_| 0.0);
        out.mirror_lower();
        (out, scores)
    }

    /// The observed information: analytic for the background and the weights, central differences
    /// of the analytic gradient for the half-lives, the exponent and the size.
    pub(in crate::discrete) fn observed_information(&self, x: &[f64]) -> Matrix {
        let cells = self.cells(x, true);
        let scores = self.scores(&cells.mean, self.size(x));
        let mut out = self.information(x, &cells, &scores, Curvature::Observed);
        for k in self.layout.first_curved()..x.len() {
            let step = 1e-4;
            let at = |by: f64| {
                let mut moved = x.to_vec();
                moved[k] += by;
                self.slope(&moved)
            };
            let (up, down) = (at(step), at(-step));
            for l in 0..x.len() {
                let curve = -(up[l] - down[l]) / (2.0 * step);
                (out[(k, l)], out[(l, k)]) = (curve, curve);
            }
        }
        self.add_adjustment_curvature(x, &mut out);
        out
    }

    /// Central differences of the adjustment's analytic gradient.
    fn add_adjustment_curvature(&self, x: &[f64], information: &mut Matrix) {
        let Some(adjustment) = &self.adjustment else { return };
        let step = 1e-5;
        let slope = |x: &[f64]| {
            adjustment.value_and_slope(&self.layout, &adjustment.move_to(&self.layout, x)).1
        };
        for (k, _) in slope(x) {
            let at = |by: f64| {
                let mut moved = x.to_vec();
                moved[k] += by;
                slope(&moved)
            };
            for ((l, up), (_, down)) in at(step).into_iter().zip(at(-step)) {
                information[(k, l)] -= (up - down) / (2.0 * step);
            }
        }
    }
}

/// The vectors as slices, as products take them.
fn slices(vectors: &[Vec<f64>]) -> Vec<&[f64]> {
    vectors.iter().map(Vec::as_slice).collect()
}
