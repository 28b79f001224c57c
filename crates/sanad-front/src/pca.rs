//! Weights by principal components, as the handbook builds them.
//!
//! OECD/JRC (2008), § 6.1, after Nicoletti, Scarpetta & Boylaud (2000): components of the
//! correlation matrix that explain at least a tenth of the variance each, and together at least
//! 60 %, are rotated by varimax; every indicator takes its squared loading on the component where
//! that is largest, scaled to the component's sum and weighted with the share of variance that the
//! rotated component explains. These weights say how indicators vary together, **not** how much
//! they matter.

use crate::error::{Error, Result};
use crate::linear::symmetric_eigen;
use sanad_numbers::{mean, variance};

/// A component that explains less of the variance than this is dropped …
const MIN_SHARE: f64 = 0.1;
/// … unless those before it explain less than this together (OECD/JRC 2008, § 6.1).
const MIN_TOTAL: f64 = 0.6;

/// Rotated components and the weights that follow from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// Eigenvalues of the correlation matrix, falling.
    pub eigenvalues: Vec<f64>,
    /// Loadings after rotation, columns (indicators) × kept components, row-major; signs are those
    /// that make each component's loadings sum to a positive number.
    pub loadings: Vec<f64>,
    /// Variance explained by each rotated component (sum of squared loadings).
    pub explained: Vec<f64>,
    /// Weight of each column; sums to 1.
    pub weights: Vec<f64>,
}

/// Components and weights of `rows` (row-major, `columns` wide); rows with a gap are left out.
///
/// # Errors
/// Fewer than three complete rows, or a column without spread.
///
/// ```
/// use sanad_front::pca::components;
///
/// // Two columns that move together and one that does not.
/// let rows = [1.0, 1.1, 3.0, 2.0, 2.1, 1.0, 3.0, 2.9, 2.5, 4.0, 4.2, 1.2];
/// let weights = components(&rows, 3)?.weights;
/// assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
/// # Ok::<(), sanad_front::Error>(())
/// ```
pub fn components(rows: &[f64], columns: usize) -> Result<Components> {
    let complete: Vec<&[f64]> =
        rows.chunks(columns).filter(|row| row.iter().all(|value| !value.is_nan())).collect();
    if complete.len() < 3 {
        return Err(Error::data("principal components", "fewer than three complete rows"));
    }
    let correlation = correlation(&complete, columns)?;
    let (eigenvalues, vectors) = symmetric_eigen(&correlation, columns);
    let kept = kept(&eigenvalues);
    let mut loadings = vec![0.0; columns * kept];
    for column in 0..columns {
        for component in 0..kept {
            loadings[column * kept + component] =
                vectors[column * columns + component] * eigenvalues[component].max(0.0).sqrt();
        }
    }
    varimax(&mut loadings, kept);
    point_up(&mut loadings, kept);
    let explained: Vec<f64> =
        (0..kept).map(|component| squares(&loadings, kept, component).iter().sum()).collect();
    let weights = weights(&loadings, &explained);
    Ok(Components { eigenvalues, loadings, explained, weights })
}

/// Correlations r = Σ zᵢ·zⱼ / (n − 1) of standardised columns, row-major.
fn correlation(rows: &[&[f64]], columns: usize) -> Result<Vec<f64>> {
    let standard: Vec<Vec<f64>> = (0..columns)
        .map(|column| {
            let values: Vec<f64> = rows.iter().map(|row| row[column]).collect();
            let (centre, spread) = (mean(&values), variance(&values).sqrt());
            if spread > 0.0 {
                Ok(values.iter().map(|value| (value - centre) / spread).collect())
            } else {
                Err(Error::data(column.to_string(), "it has no spread, so no correlation"))
            }
        })
        .collect::<Result<_>>()?;
    let freedom = (rows.len() - 1) as f64;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() / freedom;
    Ok(standard.iter().flat_map(|a| standard.iter().map(move |b| dot(a, b))).collect())
}

/// How many components to keep.
fn kept(eigenvalues: &[f64]) -> usize {
    let total: f64 = eigenvalues.iter().sum();
    let mut sum = 0.0;
    let mut kept = 0;
    for value in eigenvalues {
        let share = value / total;
        // The tolerance keeps a share of exactly a tenth from hanging on rounding.
        if share < MIN_SHARE - 1e-9 && sum >= MIN_TOTAL {
            break;
        }
        sum += share;
        kept += 1;
    }
    kept.max(1)
}

/// Squared loadings of one component: the share of each column's variance that it explains.
fn squares(loadings: &[f64], kept: usize, component: usize) -> Vec<f64> {
    loadings.iter().skip(component).step_by(kept).map(|loading| loading * loading).collect()
}

/// Varimax with Kaiser's row normalisation, by planar rotations (Kaiser 1958).
fn varimax(loadings: &mut [f64], kept: usize) {
    let lengths: Vec<f64> = loadings
        .chunks(kept)
        .map(|row| row.iter().map(|l| l * l).sum::<f64>().sqrt().max(f64::MIN_POSITIVE))
        .collect();
    scale_rows(loadings, kept, &lengths, |value, length| value / length);
    for _ in 0..500 {
        let mut turned = 0.0_f64;
        for first in 0..kept {
            for second in first + 1..kept {
                turned = turned.max(rotate_plane(loadings, kept, first, second).abs());
            }
        }
        if turned < 1e-12 {
            break;
        }
    }
    scale_rows(loadings, kept, &lengths, |value, length| value * length);
}

/// Applies `scale` to every loading and its row's length.
fn scale_rows(loadings: &mut [f64], kept: usize, lengths: &[f64], scale: impl Fn(f64, f64) -> f64) {
    for (row, &length) in loadings.chunks_mut(kept).zip(lengths) {
        row.iter_mut().for_each(|value| *value = scale(*value, length));
    }
}

/// Turns two components to the angle that maximises the varimax criterion; returns the angle.
fn rotate_plane(loadings: &mut [f64], kept: usize, first: usize, second: usize) -> f64 {
    let rows = (loadings.len() / kept) as f64;
    let (mut a, mut b, mut c, mut d) = (0.0, 0.0, 0.0, 0.0);
    for row in loadings.chunks(kept) {
        let (x, y) = (row[first], row[second]);
        let (u, v) = (x * x - y * y, 2.0 * x * y);
        a += u;
        b += v;
        c += u * u - v * v;
        d += 2.0 * u * v;
    }
    let angle = (d - 2.0 * a * b / rows).atan2(c - (a * a - b * b) / rows) / 4.0;
    let (sine, cosine) = angle.sin_cos();
    for row in loadings.chunks_mut(kept) {
        let (x, y) = (row[first], row[second]);
        row[first] = cosine * x + sine * y;
        row[second] = cosine * y - sine * x;
    }
    angle
}

/// Turns round components whose loadings add up to less than zero, since their sign is arbitrary.
fn point_up(loadings: &mut [f64], kept: usize) {
    for component in 0..kept {
        if loadings.iter().skip(component).step_by(kept).sum::<f64>() < 0.0 {
            loadings.iter_mut().skip(component).step_by(kept).for_each(|l| *l = -*l);
        }
    }
}

/// Weights of indicators (OECD/JRC 2008, § 6.1): each indicator's squared loading on the
/// component where it is greatest as a share of that component, times the component's share of
/// the variance explained; made to add up to 1.
fn weights(loadings: &[f64], explained: &[f64]) -> Vec<f64> {
    let kept = explained.len();
    let total: f64 = explained.iter().sum();
    let raw: Vec<f64> = loadings
        .chunks(kept)
        .map(|row| {
            // Scaled by the component's sum, then weighted by its share of the total.
            let best = (0..kept)
                .max_by(|&i, &j| {
                    let scaled = |k: usize| row[k] * row[k] / explained[k];
                    scaled(i).total_cmp(&scaled(j))
                })
                .unwrap_or(0);
            row[best] * row[best] / explained[best] * (explained[best] / total)
        })
        .collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|weight| weight / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uncorrelated_columns_weigh_the_same() {
        let rows: Vec<f64> =
            (0..8).flat_map(|k| [k & 1, (k >> 1) & 1, (k >> 2) & 1].map(f64::from)).collect();
        let found = components(&rows, 3).expect("complete");
        assert_eq!(found.explained.len(), 3);
        found.weights.iter().for_each(|w| assert!((w - 1.0 / 3.0).abs() < 1e-9, "{w}"));
    }

    #[test]
    fn rotation_keeps_each_indicators_communality() {
        let mut loadings = vec![0.8, 0.3, 0.7, 0.4, 0.2, 0.9, 0.1, 0.6];
        let before: Vec<f64> = loadings.chunks(2).map(|r| r[0] * r[0] + r[1] * r[1]).collect();
        varimax(&mut loadings, 2);
        for (row, length) in loadings.chunks(2).zip(before) {
            assert!((row[0] * row[0] + row[1] * row[1] - length).abs() < 1e-12);
        }
    }

    #[test]
    fn too_few_rows_and_flat_columns_are_refused() {
        assert!(components(&[1.0, 2.0, 3.0, f64::NAN], 2).is_err_and(|e| e.is_data()));
        assert!(components(&[1.0, 2.0, 1.0, 3.0, 1.0, 5.0], 2).is_err_and(|e| e.is_data()));
    }
}
