//! Ridge regressions, linear and logistic, with sums in a fixed order.
//!
//! With rows x, outcomes y, weights w and a penalty ρ on all coefficients but the constant (A. E. Hoerl
//! and R. W. Kennard, "Ridge regression", Technometrics 12, 1970):
//!
//! - linear: β = (Xᵀ W X + ρ I)⁻¹ Xᵀ W y;
//! - logistic: the greatest Σ y ln p + (1 − y) ln(1 − p) − ½ ρ |β|² with p = 1 / (1 + exp(−xβ)), by
//!   Newton's method;
//! - spread: residuals e ~ N(0, exp(2 xγ)), γ by Fisher scoring: the score is Σ x (e² exp(−2 xγ) − 1)
//!   and the expected information 2 Σ x xᵀ.
//!
//! Rows are summed in chunks of a fixed size, chunk after chunk, so that the number of threads changes
//! no bit.

use rayon::prelude::*;
use sanad_numbers::{Cholesky, Matrix, dot};

/// Rows summed by one task; fixed, so that sums do not depend on the number of threads.
const CHUNK: usize = 4096;

/// Adds a row, with its index, to sums.
type AddRow<'a> = dyn Fn(&[f64], usize, &mut [f64]) + Sync + 'a;

/// A design matrix, row by row. The first column is the constant.
#[derive(Debug, Clone, Default)]
pub(crate) struct DesignMatrix {
    columns: usize,
    values: Vec<f64>,
}

/// Centre and scale of each column, with a limit on how far a value may lie outside.
#[derive(Debug, Clone)]
pub(crate) struct Scaling {
    centre: Vec<f64>,
    spread: Vec<f64>,
}

/// Standardised values are held within this many standard deviations, so that a predictor outside
/// anything seen in training cannot carry a forecast away.
const LIMIT: f64 = 6.0;

impl DesignMatrix {
    /// A matrix without rows.
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns, values: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: &[f64]) {
        debug_assert_eq!(row.len(), self.columns);
        self.values.extend_from_slice(row);
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.values.len() / self.columns.max(1)
    }

    /// Standardises the columns in place and returns how.
    pub(crate) fn standardise(&mut self) -> Scaling {
        let sums = self.sum(self.columns * 2, &|row, _, sums| {
            for (j, x) in row.iter().enumerate() {
                sums[j] += x;
                sums[self.columns + j] += x * x;
            }
        });
        let rows = self.rows().max(1) as f64;
        let (mut centre, mut spread) = (vec![0.0; self.columns], vec![1.0; self.columns]);
        for j in 1..self.columns {
            centre[j] = sums[j] / rows;
            let variance = (sums[self.columns + j] / rows - centre[j] * centre[j]).max(0.0);
            spread[j] = variance.sqrt() + 1e-6;
        }
        let scaling = Scaling { centre, spread };
        self.values.par_chunks_mut(self.columns).for_each(|row| scaling.apply(row));
        scaling
    }

    /// The rows that `keep` accepts by index.
    pub(crate) fn subset(&self, keep: impl Fn(usize) -> bool) -> Self {
        let rows = self.values.chunks_exact(self.columns).enumerate();
        let values = rows.filter(|(i, _)| keep(*i)).flat_map(|(_, row)| row.to_vec()).collect();
        Self { columns: self.columns, values }
    }

    /// The product with a coefficient vector.
    pub(crate) fn times(&self, coefficients: &[f64]) -> Vec<f64> {
        self.values.par_chunks(self.columns).map(|row| dot(row, coefficients)).collect()
    }

    /// Sums over rows, chunk by chunk in order.
    fn sum(&self, length: usize, add: &AddRow<'_>) -> Vec<f64> {
        let partial: Vec<Vec<f64>> = self
            .values
            .par_chunks(CHUNK * self.columns)
            .enumerate()
            .map(|(chunk, rows)| {
                let mut sums = vec![0.0; length];
                for (i, row) in rows.chunks_exact(self.columns).enumerate() {
                    add(row, chunk * CHUNK + i, &mut sums);
                }
                sums
            })
            .collect();
        added(partial, length)
    }

    /// One Newton step's matrix Xᵀ diag(w) X (upper triangle) and vector Xᵀ g.
    fn normal(
        &self,
        weight_gradient: &(dyn Fn(usize) -> (f64, f64) + Sync),
    ) -> (Vec<f64>, Vec<f64>) {
        let k = self.columns;
        let partial: Vec<Vec<f64>> = self
            .values
            .par_chunks(CHUNK * k)
            .enumerate()
            .map(|(chunk, rows)| {
                let mut sums = vec![0.0; k * k + k];
                for (block, rows) in rows.chunks(BLOCK * k).enumerate() {
                    let first = chunk * CHUNK + block * BLOCK;
                    add_block(rows, k, |row| weight_gradient(first + row), &mut sums);
                }
                sums
            })
            .collect();
        let mut sums = added(partial, k * k + k);
        let vector = sums.split_off(k * k);
        (sums, vector)
    }
}

/// Rows added at a time: each cell of the matrix is loaded and stored once for all of them.
const BLOCK: usize = 4;

/// Adds w x xᵀ (upper triangle) and g x of up to [`BLOCK`] rows, row after row within each cell.
fn add_block(
    rows: &[f64],
    k: usize,
    weight_gradient: impl Fn(usize) -> (f64, f64),
    sums: &mut [f64],
) {
    let (matrix, vector) = sums.split_at_mut(k * k);
    let mut weights = [0.0; BLOCK];
    for (row, values) in rows.chunks_exact(k).enumerate() {
        let (weight, gradient) = weight_gradient(row);
        weights[row] = weight;
        vector.iter_mut().zip(values).for_each(|(slot, x)| *slot += gradient * x);
    }
    if rows.len() < BLOCK * k {
        for (values, weight) in rows.chunks_exact(k).zip(weights) {
            for (a, &x) in values.iter().enumerate() {
                let target = &mut matrix[a * k + a..(a + 1) * k];
                target.iter_mut().zip(&values[a..]).for_each(|(t, y)| *t += weight * x * y);
            }
        }
        return;
    }
    for a in 0..k {
        let target = &mut matrix[a * k + a..(a + 1) * k];
        let [r0, r1, r2, r3]: [&[f64]; BLOCK] =
            std::array::from_fn(|row| &rows[row * k + a..(row + 1) * k]);
        let [s0, s1, s2, s3] = [0, 1, 2, 3].map(|row| weights[row] * rows[row * k + a]);
        let both = target.iter_mut().zip(r0).zip(r1).zip(r2).zip(r3);
        both.for_each(|((((t, x0), x1), x2), x3)| *t = *t + s0 * x0 + s1 * x1 + s2 * x2 + s3 * x3);
    }
}

/// The sum of equally long parts, in order.
fn added(parts: Vec<Vec<f64>>, length: usize) -> Vec<f64> {
    parts.into_iter().fold(vec![0.0; length], |mut total, part| {
        total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
        total
    })
}

impl Scaling {
    /// Standardises a row as the training rows were, held within the limit.
    pub(crate) fn apply(&self, row: &mut [f64]) {
        for (j, x) in row.iter_mut().enumerate().skip(1) {
            *x = ((*x - self.centre[j]) / self.spread[j]).clamp(-LIMIT, LIMIT);
        }
    }
}

/// The logistic function.
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x.clamp(-30.0, 30.0)).exp())
}

/// Rows above which a logistic regression is first solved on every [`COARSE`]th row.
const MANY_ROWS: usize = 20_000;
/// The first solution for many rows is made from one row in this many.
const COARSE: usize = 8;

/// Logistic regression with a ridge penalty on all but the constant, by Newton's method. With many
/// rows the start is the solution on some of them, which saves most of the passes over all.
///
/// Nothing where the system of a step is not positive definite: a ridge too small for columns that
/// depend on one another, or values that are not numbers.
pub(crate) fn fit_logistic(
    design: &DesignMatrix,
    outcome: &[bool],
    ridge: f64,
) -> Option<Vec<f64>> {
    let start = if design.rows() > MANY_ROWS {
        let some: Vec<bool> = outcome.iter().copied().step_by(COARSE).collect();
        let rows = design.subset(|row| row % COARSE == 0);
        newton(&rows, &some, ridge / COARSE as f64, vec![0.0; design.columns])?
    } else {
        vec![0.0; design.columns]
    };
    newton(design, outcome, ridge, start)
}

/// Newton's method for the penalised log-likelihood Σ y ln p + (1 − y) ln(1 − p) − ½ ρ |β|² with
/// p = 1 / (1 + exp(−xβ)): β ← β + (Xᵀ W X + ρ I)⁻¹ (Xᵀ (y − p) − ρ β), W = diag p (1 − p), until
/// no coefficient moves by 10⁻⁶, at most ten times.
fn newton(
    design: &DesignMatrix,
    outcome: &[bool],
    ridge: f64,
    mut coefficients: Vec<f64>,
) -> Option<Vec<f64>> {
    for _ in 0..10 {
        let linear = design.times(&coefficients);
        let (matrix, vector) = design.normal(&|i| {
            let p = logistic(linear[i]);
            (p * (1.0 - p) + 1e-9, f64::from(u8::from(outcome[i])) - p)
        });
        let step = ridge_step(&matrix, vector, &coefficients, ridge)?;
        let largest = step.iter().fold(0.0_f64, |m, s| m.max(s.abs()));
        coefficients.iter_mut().zip(step).for_each(|(c, s)| *c += s);
        if largest < 1e-6 {
            break;
        }
    }
    Some(coefficients)
}

/// Weighted least squares with a ridge penalty on all but the constant; nothing as in
/// [`fit_logistic`].
pub(crate) fn fit_linear(
    design: &DesignMatrix,
    outcome: &[f64],
    weight: &[f64],
    ridge: f64,
) -> Option<Vec<f64>> {
    let start = vec![0.0; design.columns];
    let (matrix, vector) = design.normal(&|i| (weight[i], weight[i] * outcome[i]));
    ridge_step(&matrix, vector, &start, ridge)
}

/// Log standard deviation of residuals as a linear function: Gaussian likelihood, Fisher scoring;
/// nothing as in [`fit_logistic`].
pub(crate) fn fit_log_spread(
    design: &DesignMatrix,
    residual: &[f64],
    ridge: f64,
) -> Option<Vec<f64>> {
    let mut coefficients = vec![0.0; design.columns];
    for _ in 0..8 {
        let linear = design.times(&coefficients);
        let (matrix, vector) = design.normal(&|i| {
            let standardised = residual[i] * (-linear[i].clamp(-3.0, 3.0)).exp();
            // Squares above 9 are held there: one outlier must not widen everybody's spread.
            (2.0, (standardised * standardised).min(9.0) - 1.0)
        });
        let step = ridge_step(&matrix, vector, &coefficients, ridge)?;
        let largest = step.iter().fold(0.0_f64, |m, s| m.max(s.abs()));
        coefficients.iter_mut().zip(step).for_each(|(c, s)| *c = (*c + s).clamp(-3.0, 3.0));
        if largest < 1e-6 {
            break;
        }
    }
    Some(coefficients)
}

/// Solves (M + R) step = v − R c for the ridge R, M given by its upper triangle; nothing where M + R is
/// not positive definite.
fn ridge_step(matrix: &[f64], mut vector: Vec<f64>, from: &[f64], ridge: f64) -> Option<Vec<f64>> {
    let k = vector.len();
    let mut system = Matrix::zeros(k, k);
    for a in 0..k {
        for b in a..k {
            system[(a, b)] = matrix[a * k + b];
            system[(b, a)] = matrix[a * k + b];
        }
        let penalty = if a == 0 { 1e-6 } else { ridge };
        system[(a, a)] += penalty;
        vector[a] -= penalty * from[a];
    }
    Cholesky::new(&system).map(|factor| factor.solve(&vector))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design(rows: &[[f64; 2]]) -> DesignMatrix {
        let mut design = DesignMatrix::new(2);
        rows.iter().for_each(|row| design.push(row));
        design
    }

    #[test]
    fn least_squares_finds_the_line() {
        let design = design(&[[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]);
        let fitted = fit_linear(&design, &[1.0, 3.0, 5.0], &[1.0; 3], 1e-9).unwrap();
        assert!((fitted[0] - 1.0).abs() < 1e-5 && (fitted[1] - 2.0).abs() < 1e-5, "{fitted:?}");
    }

    #[test]
    fn logistic_regression_finds_the_log_odds_of_two_groups() {
        let rows: Vec<[f64; 2]> = (0..100).map(|i| [1.0, f64::from(i / 50)]).collect();
        let outcome: Vec<bool> = (0..100).map(|i| if i < 50 { i < 10 } else { i < 90 }).collect();
        let fitted = fit_logistic(&design(&rows), &outcome, 1e-9).unwrap();
        let log_odds = |p: f64| (p / (1.0 - p)).ln();
        assert!((fitted[0] - log_odds(0.2)).abs() < 1e-4, "{fitted:?}");
        assert!((fitted[0] + fitted[1] - log_odds(0.8)).abs() < 1e-4, "{fitted:?}");
    }

    #[test]
    fn columns_that_no_ridge_tells_apart_have_no_fit() {
        let rows: Vec<[f64; 2]> = (0..10).map(|i| [1.0, f64::from(i / 5) * f64::NAN]).collect();
        assert_eq!(fit_logistic(&design(&rows), &[true; 10], 1.0), None);
        assert_eq!(fit_linear(&design(&rows), &[1.0; 10], &[1.0; 10], 1.0), None);
    }

    #[test]
    fn a_start_from_some_rows_ends_where_all_rows_do() {
        let mut wide = DesignMatrix::new(3);
        let mut outcome = Vec::new();
        for i in 0..MANY_ROWS + 5 {
            let (x, z) = ((i % 17) as f64 / 8.0 - 1.0, (i % 23) as f64 / 11.0 - 1.0);
            wide.push(&[1.0, x, z]);
            outcome.push((i * 7919) % 100 < (50.0 + 30.0 * x - 10.0 * z) as usize);
        }
        let direct = newton(&wide, &outcome, 5.0, vec![0.0; 3]).unwrap();
        let found = fit_logistic(&wide, &outcome, 5.0).unwrap();
        assert!(direct.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn log_spread_finds_the_two_standard_deviations() {
        let rows: Vec<[f64; 2]> = (0..400).map(|i| [1.0, f64::from(i / 200)]).collect();
        let residual: Vec<f64> = (0..400)
            .map(|i| (if i % 2 == 0 { 1.0 } else { -1.0 }) * (if i < 200 { 0.5 } else { 2.0 }))
            .collect();
        let fitted = fit_log_spread(&design(&rows), &residual, 1e-6).unwrap();
        assert!((fitted[0].exp() - 0.5).abs() < 0.01, "{fitted:?}");
        assert!(((fitted[0] + fitted[1]).exp() - 2.0).abs() < 0.05, "{fitted:?}");
    }
}
