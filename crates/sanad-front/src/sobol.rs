//! Variance-based sensitivity of any model: first-order and total Sobol indices.
//!
//! Estimators after A. Saltelli et al. (2010), "Variance based sensitivity analysis of model
//! output", *Computer Physics Communications* 181: first order by their formula (b), centred;
//! total by Jansen (1999). The design costs N·(k + 2) evaluations for k factors.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::points::{MAX_SOBOL_DIMENSIONS, latin_hypercube, sobol};

/// Size and seed of the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Design {
    /// Base points N, 8 to 2²⁰; a power of two keeps Sobol's sequence balanced.
    pub points: usize,
    /// Seed of the shift of the sequence, or of the hypercube.
    pub seed: u64,
}

impl Default for Design {
    fn default() -> Self {
        Self { points: 1024, seed: 1 }
    }
}

/// Indices of every factor on every output.
#[derive(Debug, Clone, PartialEq)]
pub struct Indices {
    factors: usize,
    outputs: usize,
    first: Vec<f64>,
    total: Vec<f64>,
    means: Vec<f64>,
    variances: Vec<f64>,
    /// Outputs at the independent points (A and B), points × outputs.
    samples: Vec<f64>,
}

impl Indices {
    /// Share of the output's variance that goes when this factor alone is fixed; `None` where
    /// the output does not vary. Estimates may fall a little below 0.
    #[must_use]
    pub fn first_order(&self, factor: usize, output: usize) -> Option<f64> {
        self.of(&self.first, factor, output)
    }

    /// Share of the output's variance that stays while all other factors are fixed: the factor
    /// with all its interactions; `None` where the output does not vary.
    #[must_use]
    pub fn total(&self, factor: usize, output: usize) -> Option<f64> {
        self.of(&self.total, factor, output)
    }

    /// Mean of an output.
    #[must_use]
    pub fn mean(&self, output: usize) -> f64 {
        self.means[output]
    }

    /// Variance of an output.
    #[must_use]
    pub fn variance(&self, output: usize) -> f64 {
        self.variances[output]
    }

    /// The values an output took at the independent points, `NaN` where it had none.
    pub fn values(&self, output: usize) -> impl Iterator<Item = f64> + '_ {
        self.samples.iter().skip(output).step_by(self.outputs).copied()
    }

    /// An index of a factor for an output; nothing where the output does not vary.
    fn of(&self, all: &[f64], factor: usize, output: usize) -> Option<f64> {
        assert!(factor < self.factors && output < self.outputs, "outside the design");
        Some(all[factor * self.outputs + output]).filter(|index| index.is_finite())
    }
}

/// Estimates the indices of `factors` independent factors, each uniform on (0, 1), on the
/// `outputs` that `model` returns; rows in which an output is `NaN` do not count for that output.
///
/// Points come from Sobol's sequence, or from Latin hypercubes where it has too few dimensions.
///
/// # Errors
/// Fewer than eight points, more than 2²⁰, no factors, or a model that returns another number of outputs.
///
/// ```
/// use sanad_front::sobol::{Design, indices};
///
/// // 2 x + y: variances 4/12 and 1/12.
/// let found = indices(2, 1, Design::default(), |x| vec![2.0 * x[0] + x[1]])?;
/// assert!((found.first_order(0, 0).unwrap() - 0.8).abs() < 0.01);
/// assert!((found.total(1, 0).unwrap() - 0.2).abs() < 0.01);
/// # Ok::<(), sanad_front::Error>(())
/// ```
pub fn indices(
    factors: usize,
    outputs: usize,
    design: Design,
    model: impl Fn(&[f64]) -> Vec<f64> + Sync,
) -> Result<Indices> {
    if !(8..=MOST_POINTS).contains(&design.points) {
        return Err(Error::setting("points", "must be 8 to 1,048,576"));
    }
    if factors == 0 {
        return Err(Error::setting("factors", "nothing varies"));
    }
    let points = points(design, factors);
    let rows: Vec<Vec<f64>> =
        points.par_chunks(2 * factors).map(|row| evaluate(row, factors, &model)).collect();
    let expected = outputs * (factors + 2);
    if let Some(row) = rows.iter().find(|row| row.len() != expected) {
        return Err(Error::shape("outputs of the model", expected, row.len()));
    }
    Ok(estimate(&rows, factors, outputs))
}

/// The most base points of a design: at each the model runs once and twice, and once for each factor.
const MOST_POINTS: usize = 1 << 20;

/// Points of the design in the unit cube of twice as many dimensions as factors.
fn points(design: Design, factors: usize) -> Vec<f64> {
    if 2 * factors <= MAX_SOBOL_DIMENSIONS {
        sobol(design.points, 2 * factors, design.seed)
    } else {
        latin_hypercube(design.points, 2 * factors, design.seed)
    }
}

/// Outputs at A, at B, then at A with one factor after the other taken from B.
fn evaluate(row: &[f64], factors: usize, model: &impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let (a, b) = row.split_at(factors);
    let mut outputs = model(a);
    outputs.extend(model(b));
    let mut mixed = a.to_vec();
    for factor in 0..factors {
        mixed[factor] = b[factor];
        outputs.extend(model(&mixed));
        mixed[factor] = a[factor];
    }
    outputs
}

/// First-order and total indices from the runs A, B and A with one factor from B: V_i = mean f(B)
/// (f(AB_i) − f(A)) / V (A. Saltelli and others, "Variance based sensitivity analysis of model
/// output", Computer Physics Communications 181, 2010) and T_i = mean (f(A) − f(AB_i))² / 2V (M.
/// J. W. Jansen 1999).
fn estimate(rows: &[Vec<f64>], factors: usize, outputs: usize) -> Indices {
    let mut indices = Indices {
        factors,
        outputs,
        first: vec![f64::NAN; factors * outputs],
        total: vec![f64::NAN; factors * outputs],
        means: vec![f64::NAN; outputs],
        variances: vec![f64::NAN; outputs],
        samples: rows.iter().flat_map(|row| row[..2 * outputs].iter().copied()).collect(),
    };
    for output in 0..outputs {
        let used: Vec<&Vec<f64>> = rows
            .iter()
            .filter(|row| row.iter().skip(output).step_by(outputs).all(|v| !v.is_nan()))
            .collect();
        if used.is_empty() {
            continue;
        }
        let pair = |row: &&Vec<f64>| [row[output], row[outputs + output]];
        let both: Vec<f64> = used.iter().flat_map(pair).collect();
        let centre = sanad_numbers::mean(&both);
        let variance = sanad_numbers::variance(&both);
        indices.means[output] = centre;
        indices.variances[output] = variance;
        if variance <= 1e-18 * centre.abs().max(1.0) {
            continue;
        }
        let count = used.len() as f64;
        for factor in 0..factors {
            let (mut first, mut total) = (0.0, 0.0);
            for row in &used {
                let [a, b] = pair(row).map(|value| value - centre);
                let mixed = row[(factor + 2) * outputs + output] - centre;
                first += b * (mixed - a);
                total += (a - mixed).powi(2) / 2.0;
            }
            let entry = factor * outputs + output;
            indices.first[entry] = first / count / variance;
            indices.total[entry] = total / count / variance;
        }
    }
    indices
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f64::consts::PI;

    fn ishigami(x: &[f64]) -> Vec<f64> {
        let [x1, x2, x3] = [x[0], x[1], x[2]].map(|u| PI * (2.0 * u - 1.0));
        vec![x1.sin() + 7.0 * x2.sin().powi(2) + 0.1 * x3.powi(4) * x1.sin()]
    }

    /// Analytic indices (Ishigami & Homma 1990; a = 7, b = 0.1).
    fn analytic() -> ([f64; 3], [f64; 3]) {
        let (a, b) = (7.0_f64, 0.1_f64);
        let first = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
        let second = a * a / 8.0;
        let both = b * b * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0);
        let all = first + second + both;
        ([first / all, second / all, 0.0], [(first + both) / all, second / all, both / all])
    }

    #[test]
    fn ishigami_meets_its_analytic_indices() {
        let (first, total) = analytic();
        assert!((first[0] - 0.3139).abs() < 1e-4 && (total[2] - 0.2437).abs() < 1e-4);
        for seed in [1, 2, 3] {
            let design = Design { points: 4096, seed };
            let found = indices(3, 1, design, ishigami).expect("fits");
            for k in 0..3 {
                let off = (found.first_order(k, 0).expect("varies") - first[k]).abs();
                assert!(off < 0.02, "seed {seed}, first order {k}: {off}");
                let off = (found.total(k, 0).expect("varies") - total[k]).abs();
                assert!(off < 0.02, "seed {seed}, total {k}: {off}");
            }
        }
    }

    /// Many factors, so the design falls back on Latin hypercubes.
    #[test]
    fn a_sum_of_twelve_factors_shares_its_variance() {
        let weights: Vec<f64> = (1..=12).map(f64::from).collect();
        let all: f64 = weights.iter().map(|w| w * w).sum();
        let model = |x: &[f64]| vec![x.iter().zip(&weights).map(|(x, w)| x * w).sum()];
        let design = Design { points: 4096, seed: 5 };
        let found = indices(12, 1, design, model).expect("fits");
        for (k, weight) in weights.iter().enumerate() {
            let off = (found.total(k, 0).expect("varies") - weight * weight / all).abs();
            assert!(off < 0.02, "{k}: {off}");
        }
    }

    #[test]
    fn outputs_that_do_not_vary_or_are_missing_have_no_indices() {
        let model = |x: &[f64]| vec![1.0, f64::NAN, x[0]];
        let found = indices(2, 3, Design { points: 64, seed: 1 }, model).expect("fits");
        assert_eq!(found.first_order(0, 0), None);
        assert_eq!(found.total(0, 1), None);
        assert!(found.total(1, 2).expect("varies") < 1e-12);
        for points in [7, usize::MAX] {
            let refused = indices(1, 1, Design { points, seed: 1 }, |x| x.to_vec());
            assert!(refused.unwrap_err().to_string().contains("8 to 1,048,576"));
        }
        let wrong = indices(1, 2, Design::default(), |_| vec![0.0]);
        assert!(wrong.is_err_and(|error| error.is_shape()));
    }
}
