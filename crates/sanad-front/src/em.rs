//! Expectation-maximisation for gaps under a multivariate normal model.
//!
//! The handbook's model-based imputation (OECD/JRC 2008, § 3; Little & Rubin, *Statistical
//! Analysis with Missing Data*, ch. 11): rows are independent draws of one multivariate normal
//! distribution and gaps are missing at random. The E-step takes, per pattern of gaps, the
//! conditional mean and covariance of the missing given the observed; the M-step re-estimates
//! mean and covariance. Uncertainty of the estimated mean and covariance themselves is **not**
//! carried into the conditional errors, nor is the dependence between months.

use std::collections::BTreeMap;

use rayon::prelude::*;

use sanad_numbers::{Cholesky, Matrix, mean, variance};

use crate::linear::identity;

/// When to stop, and how much to pull correlations towards zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Most rounds of E and M steps.
    pub max_rounds: usize,
    /// Stop when no mean or covariance (of standardised columns) moves by more than this.
    pub tolerance: f64,
    /// Added to each standardised variance, so that collinear columns stay solvable.
    pub ridge: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_rounds: 200, tolerance: 1e-6, ridge: 1e-6 }
    }
}

/// Completed rows and the conditional errors of what was filled.
#[derive(Debug, Clone)]
pub struct Fit {
    /// Rows × columns; gaps of rows with at least one value are filled with conditional means.
    /// A column with fewer than two values, or without spread, and a row without values, keep
    /// their gaps.
    pub completed: Vec<f64>,
    /// Mean of each column.
    pub means: Vec<f64>,
    /// Covariance, columns × columns.
    pub covariance: Vec<f64>,
    /// Rounds used.
    pub rounds: usize,
    patterns: Vec<Pattern>,
    pattern_of_row: Vec<usize>,
}

/// Rows with gaps in the same columns.
#[derive(Debug, Clone, Default)]
struct Pattern {
    observed: Vec<usize>,
    missing: Vec<usize>,
    rows: Vec<usize>,
    /// Regression of missing on observed, missing × observed; in the columns' own units once the
    /// fit is done.
    slopes: Vec<f64>,
    /// Conditional covariance of the missing.
    residual: Vec<f64>,
    /// Its Cholesky factor in the columns' own units.
    factor: Vec<f64>,
}

/// The errors of one row's filled columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FilledErrors<'a> {
    /// The filled columns.
    pub(crate) columns: &'a [usize],
    /// Lower Cholesky factor L of their conditional covariance Σ = L·Lᵀ, row-major in the order
    /// of `columns`: L times independent standard normal numbers errs as Σ says.
    pub(crate) factor: &'a [f64],
}

/// How a filled column follows the observed ones of its row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Regression<'a> {
    /// The observed columns.
    pub(crate) columns: &'a [usize],
    /// By how much the filled column moves with each of them.
    pub(crate) slopes: &'a [f64],
}

impl Fit {
    /// How the filled columns of `row` err together.
    pub(crate) fn errors_of(&self, row: usize) -> FilledErrors<'_> {
        let pattern = &self.patterns[self.pattern_of_row[row]];
        FilledErrors { columns: &pattern.missing, factor: &pattern.factor }
    }

    /// The observed columns of `row` and by how much a filled column moves with each of them.
    pub(crate) fn slopes_of(&self, row: usize, column: usize) -> Regression<'_> {
        let pattern = &self.patterns[self.pattern_of_row[row]];
        let known = pattern.observed.len();
        match pattern.missing.iter().position(|&filled| filled == column) {
            Some(position) => Regression {
                columns: &pattern.observed,
                slopes: &pattern.slopes[position * known..(position + 1) * known],
            },
            None => Regression { columns: &[], slopes: &[] },
        }
    }

    /// Standard deviation of a filled value given the row's observed values; 0 where observed.
    #[must_use]
    pub fn standard_deviation(&self, row: usize, column: usize) -> f64 {
        let FilledErrors { columns, factor } = self.errors_of(row);
        let size = columns.len();
        let position = columns.iter().position(|&filled| filled == column);
        position.map_or(0.0, |position| {
            (0..size).map(|k| factor[position * size + k].powi(2)).sum::<f64>().sqrt()
        })
    }
}

/// Fits the model to `rows` (row-major, `columns` wide, `NaN` for gaps).
///
/// ```
/// use sanad_front::em::{Settings, fit};
///
/// // The second column is twice the first; its gap is filled accordingly.
/// let rows = [1.0, 2.1, 2.0, 3.9, 3.0, 6.2, 4.0, 7.8, 5.0, f64::NAN];
/// let filled = fit(&rows, 2, &Settings::default()).completed[9];
/// assert!((filled - 9.8).abs() < 0.2);
/// ```
#[must_use]
pub fn fit(rows: &[f64], columns: usize, settings: &Settings) -> Fit {
    let scales = scales(rows, columns);
    let standard: Vec<f64> = rows
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let (centre, spread) = scales[index % columns];
            if spread > 0.0 { (value - centre) / spread } else { f64::NAN }
        })
        .collect();
    let usable: Vec<bool> = scales.iter().map(|&(_, spread)| spread > 0.0).collect();
    let (mut patterns, pattern_of_row) = patterns(&standard, columns, &usable);
    let mut model = NormalModel { mean: vec![0.0; columns], covariance: identity(columns) };
    let mut rounds = 0;
    while rounds < settings.max_rounds {
        rounds += 1;
        prepare(&mut patterns, &model);
        let next = maximise(&standard, columns, &patterns, &model, settings.ridge);
        let moved = model.distance(&next);
        model = next;
        if moved < settings.tolerance {
            break;
        }
    }
    prepare(&mut patterns, &model);
    finish(rows, &standard, &scales, model, patterns, pattern_of_row, rounds)
}

/// Mean and covariance of standardised columns.
#[derive(Debug, Clone)]
struct NormalModel {
    mean: Vec<f64>,
    covariance: Vec<f64>,
}

impl NormalModel {
    /// Largest move of any mean or covariance.
    fn distance(&self, other: &Self) -> f64 {
        let pairs = self.mean.iter().chain(&self.covariance);
        let others = other.mean.iter().chain(&other.covariance);
        pairs.zip(others).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }
}

/// Mean and standard deviation of each column's known values; zeros where fewer than two are known.
fn scales(rows: &[f64], columns: usize) -> Vec<(f64, f64)> {
    (0..columns)
        .map(|column| {
            let known: Vec<f64> = rows
                .iter()
                .skip(column)
                .step_by(columns)
                .copied()
                .filter(|value| !value.is_nan())
                .collect();
            if known.len() < 2 { (0.0, 0.0) } else { (mean(&known), variance(&known).sqrt()) }
        })
        .collect()
}

/// Rows grouped by which columns they have, and the group of each row. Slopes and conditional
/// covariances depend on the pattern of gaps alone, so that one factorisation serves all its rows.
fn patterns(standard: &[f64], columns: usize, usable: &[bool]) -> (Vec<Pattern>, Vec<usize>) {
    let mut known: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut pattern_of_row = Vec::with_capacity(standard.len() / columns.max(1));
    for (row, values) in standard.chunks(columns).enumerate() {
        let present: Vec<bool> = values.iter().map(|value| !value.is_nan()).collect();
        let index = *known.entry(present).or_insert_with_key(|present| {
            patterns.push(Pattern::new(present, usable));
            patterns.len() - 1
        });
        patterns[index].rows.push(row);
        pattern_of_row.push(index);
    }
    (patterns, pattern_of_row)
}

impl Pattern {
    fn new(present: &[bool], usable: &[bool]) -> Self {
        let observed: Vec<usize> = (0..present.len()).filter(|&k| present[k]).collect();
        let missing = if observed.is_empty() {
            Vec::new()
        } else {
            (0..present.len()).filter(|&k| !present[k] && usable[k]).collect()
        };
        Self { observed, missing, ..Self::default() }
    }

    /// E-step, the part that all rows of the pattern share: with the covariance Σ split into
    /// observed (o) and missing (m) columns, the slopes B = Σ_mo · Σ_oo⁻¹ (Little & Rubin, § 11.2.1).
    fn prepare(&mut self, model: &NormalModel) {
        let columns = model.mean.len();
        let covariance = |a: usize, b: usize| model.covariance[a * columns + b];
        let known = self.observed.len();
        let mut block = Matrix::zeros(known, known);
        for (row, &a) in self.observed.iter().enumerate() {
            for (column, &b) in self.observed.iter().enumerate() {
                block[(row, column)] = covariance(a, b);
            }
        }
        let factor = Cholesky::of_semidefinite(&block);
        self.slopes.clear();
        for &target in &self.missing {
            let joint: Vec<f64> =
                self.observed.iter().map(|&given| covariance(given, target)).collect();
            self.slopes.extend(factor.solve(&joint));
        }
        self.residual = self.conditional_covariance(covariance);
    }

    /// Σ_mm − B · Σ_om, what the observed columns leave open of the missing ones.
    fn conditional_covariance(&self, covariance: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let known = self.observed.len();
        let mut residual = Vec::with_capacity(self.missing.len().pow(2));
        for (row, &a) in self.missing.iter().enumerate() {
            let slope = &self.slopes[row * known..(row + 1) * known];
            for &b in &self.missing {
                let explained: f64 =
                    slope.iter().zip(&self.observed).map(|(s, &o)| s * covariance(o, b)).sum();
                residual.push(covariance(a, b) - explained);
            }
        }
        residual
    }

    /// Conditional means of the missing of one row, μ_m + B · (x_o − μ_o), written into `row`.
    fn complete(&self, row: &mut [f64], mean: &[f64]) {
        let known = self.observed.len();
        for (position, &target) in self.missing.iter().enumerate() {
            let slope = &self.slopes[position * known..(position + 1) * known];
            let gain: f64 =
                slope.iter().zip(&self.observed).map(|(s, &o)| s * (row[o] - mean[o])).sum();
            row[target] = mean[target] + gain;
        }
    }
}

/// The E-step of every pattern, on all threads; patterns do not depend on one another.
fn prepare(patterns: &mut [Pattern], model: &NormalModel) {
    patterns.par_iter_mut().for_each(|pattern| pattern.prepare(model));
}

/// Sums over the rows of one pattern, gaps filled with their conditional means: the expected
/// sufficient statistics of the normal distribution.
struct MomentSums {
    rows: f64,
    /// Σ x, by column.
    first: Vec<f64>,
    /// Σ x·xᵀ, and the conditional covariance of the missing once per row.
    second: Vec<f64>,
}

/// M-step: μ = Σ x / n and Σ = Σ x·xᵀ / n − μ·μᵀ + ridge · I from the expected sums.
fn maximise(
    standard: &[f64],
    columns: usize,
    patterns: &[Pattern],
    model: &NormalModel,
    ridge: f64,
) -> NormalModel {
    let parts: Vec<MomentSums> = patterns
        .par_iter()
        .filter(|pattern| !pattern.observed.is_empty())
        .map(|pattern| sums(standard, columns, pattern, model))
        .collect();
    // Patterns are added in their own order, so the result does not depend on the threads.
    let rows: f64 = parts.iter().map(|part| part.rows).sum();
    let mut mean = vec![0.0; columns];
    let mut covariance = vec![0.0; columns * columns];
    for part in &parts {
        add(&mut mean, &part.first);
        add(&mut covariance, &part.second);
    }
    mean.iter_mut().for_each(|value| *value /= rows.max(1.0));
    for a in 0..columns {
        for b in 0..columns {
            let entry = a * columns + b;
            covariance[entry] = covariance[entry] / rows.max(1.0) - mean[a] * mean[b];
        }
        covariance[a * columns + a] += ridge;
    }
    NormalModel { mean, covariance }
}

/// Adds one array to another of the same length.
fn add(total: &mut [f64], part: &[f64]) {
    total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
}

/// The expected sums of one pattern's rows under the model.
fn sums(standard: &[f64], columns: usize, pattern: &Pattern, model: &NormalModel) -> MomentSums {
    let mut sums = MomentSums {
        rows: pattern.rows.len() as f64,
        first: vec![0.0; columns],
        second: vec![0.0; columns * columns],
    };
    let mut row = vec![0.0; columns];
    for &index in &pattern.rows {
        row.copy_from_slice(&standard[index * columns..(index + 1) * columns]);
        pattern.complete(&mut row, &model.mean);
        row.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
        add(&mut sums.first, &row);
        for (a, &value) in row.iter().enumerate() {
            let products = &mut sums.second[a * columns..(a + 1) * columns];
            products.iter_mut().zip(&row).for_each(|(total, other)| *total += value * other);
        }
    }
    let size = pattern.missing.len();
    for (i, &a) in pattern.missing.iter().enumerate() {
        for (j, &b) in pattern.missing.iter().enumerate() {
            sums.second[a * columns + b] += sums.rows * pattern.residual[i * size + j];
        }
    }
    sums
}

/// Brings what was fitted on standardised columns back to the columns' own units.
fn finish(
    rows: &[f64],
    standard: &[f64],
    scales: &[(f64, f64)],
    model: NormalModel,
    mut patterns: Vec<Pattern>,
    pattern_of_row: Vec<usize>,
    rounds: usize,
) -> Fit {
    let columns = scales.len();
    let mut completed = rows.to_vec();
    for pattern in &mut patterns {
        for &index in &pattern.rows {
            let mut row = standard[index * columns..(index + 1) * columns].to_vec();
            pattern.complete(&mut row, &model.mean);
            for &k in &pattern.missing {
                completed[index * columns + k] = scales[k].0 + scales[k].1 * row[k];
            }
        }
        let size = pattern.missing.len();
        let rows: Vec<Vec<f64>> =
            pattern.residual.chunks(size.max(1)).map(<[f64]>::to_vec).collect();
        let factor = Cholesky::of_semidefinite(&Matrix::from_rows(&rows));
        pattern.factor = (0..size).flat_map(|row| factor.lower().row(row).to_vec()).collect();
        for (row, &k) in pattern.missing.iter().enumerate() {
            let entries = &mut pattern.factor[row * size..(row + 1) * size];
            entries.iter_mut().for_each(|entry| *entry *= scales[k].1);
            let known = pattern.observed.len();
            let slopes = &mut pattern.slopes[row * known..(row + 1) * known];
            for (slope, &given) in slopes.iter_mut().zip(&pattern.observed) {
                // A column without spread says nothing about others.
                let unit = scales[given].1;
                *slope = if unit > 0.0 { *slope * scales[k].1 / unit } else { 0.0 };
            }
        }
    }
    let means = scales.iter().zip(&model.mean).map(|(s, m)| s.0 + s.1 * m).collect();
    let covariance = (0..columns * columns)
        .map(|entry| {
            model.covariance[entry] * scales[entry / columns].1 * scales[entry % columns].1
        })
        .collect();
    Fit { completed, means, covariance, rounds, patterns, pattern_of_row }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two columns, one gap pattern: the maximum-likelihood estimate has a closed form (regress
    /// the second on the first over complete rows; Little & Rubin § 7.2).
    #[test]
    fn a_monotone_pattern_meets_its_closed_form() {
        let first = [1.0, 2.0, 3.0, 4.0, 6.0, 9.0];
        let second = [1.5, 1.9, 3.4, 3.9];
        let rows: Vec<f64> = first
            .iter()
            .enumerate()
            .flat_map(|(k, &x)| [x, second.get(k).copied().unwrap_or(f64::NAN)])
            .collect();
        let settings = Settings { max_rounds: 5000, tolerance: 1e-13, ridge: 0.0 };
        let fitted = fit(&rows, 2, &settings);
        let (mx, my) = (mean(&first[..4]), mean(&second));
        let sxy: f64 = first.iter().zip(&second).map(|(x, y)| (x - mx) * (y - my)).sum();
        let sxx: f64 = first[..4].iter().map(|x| (x - mx).powi(2)).sum();
        let slope = sxy / sxx;
        let expected = my + slope * (mean(&first) - mx);
        assert!((fitted.means[1] - expected).abs() < 1e-8, "{} {expected}", fitted.means[1]);
        let filled = my + slope * (9.0 - mx);
        assert!((fitted.completed[11] - filled).abs() < 1e-8);
        let residual: f64 = first
            .iter()
            .zip(&second)
            .map(|(x, y)| (y - my - slope * (x - mx)).powi(2))
            .sum::<f64>()
            / 4.0;
        assert!((fitted.standard_deviation(5, 1) - residual.sqrt()).abs() < 1e-6);
        assert_eq!(fitted.standard_deviation(0, 1), 0.0);
    }

    #[test]
    fn rows_and_columns_without_information_keep_their_gaps() {
        let gap = f64::NAN;
        let rows = [1.0, 2.0, gap, 2.0, 1.0, gap, gap, gap, gap, 3.0, 4.0, gap];
        let fitted = fit(&rows, 3, &Settings::default());
        assert!(fitted.completed[6..9].iter().all(|value| value.is_nan()));
        assert!(fitted.completed[2].is_nan());
    }
}
