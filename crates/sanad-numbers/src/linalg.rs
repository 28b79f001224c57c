//! The little dense linear algebra the fits need: symmetric positive definite systems of a few
//! to a few hundred unknowns, and the spectral radius of a small matrix.

/// A dense square or rectangular matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// A matrix of zeros.
    #[must_use]
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }

    /// A matrix from its rows, which must all have the same length.
    ///
    /// # Panics
    /// If the rows differ in length.
    #[must_use]
    pub fn from_rows(rows: &[Vec<f64>]) -> Self {
        let columns = rows.first().map_or(0, Vec::len);
        assert!(rows.iter().all(|row| row.len() == columns), "rows differ in length");
        Self { rows: rows.len(), columns, values: rows.concat() }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One row.
    #[must_use]
    #[inline]
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// One row, to be written.
    pub fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// The diagonal.
    #[must_use]
    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.rows.min(self.columns)).map(|index| self[(index, index)]).collect()
    }

    /// The matrix restricted to the given rows and the same columns, in the given order.
    #[must_use]
    pub fn principal(&self, keep: &[usize]) -> Self {
        let mut out = Self::zeros(keep.len(), keep.len());
        for (a, &row) in keep.iter().enumerate() {
            for (b, &column) in keep.iter().enumerate() {
                out[(a, b)] = self[(row, column)];
            }
        }
        out
    }

    /// Matrix times vector.
    #[must_use]
    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        (0..self.rows).map(|row| dot(self.row(row), vector)).collect()
    }

    /// The product of two matrices.
    fn times_matrix(&self, other: &Self) -> Self {
        let mut out = Self::zeros(self.rows, other.columns);
        for row in 0..self.rows {
            for (inner, &left) in self.row(row).iter().enumerate() {
                for (sum, &right) in out.row_mut(row).iter_mut().zip(other.row(inner)) {
                    *sum += left * right;
                }
            }
        }
        out
    }

    /// Adds `weight · v vᵀ` to the lower triangle; [`Matrix::mirror_lower`] fills the upper one.
    pub fn add_outer_lower(&mut self, weight: f64, v: &[f64]) {
        for (row, &left) in v.iter().enumerate() {
            let scaled = weight * left;
            if scaled != 0.0 {
                for (sum, &right) in self.row_mut(row)[..=row].iter_mut().zip(v) {
                    *sum += scaled * right;
                }
            }
        }
    }

    /// Copies the lower triangle of a square matrix to the upper one.
    pub fn mirror_lower(&mut self) {
        for row in 0..self.rows {
            for column in 0..row {
                self[(column, row)] = self[(row, column)];
            }
        }
    }

    /// Multiplies every entry.
    fn scale(&mut self, factor: f64) {
        self.values.iter_mut().for_each(|value| *value *= factor);
    }

    /// The largest entry, signs left out.
    fn largest(&self) -> f64 {
        self.values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
    }
}

impl core::ops::Index<(usize, usize)> for Matrix {
    type Output = f64;
    #[inline]
    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.values[row * self.columns + column]
    }
}

impl core::ops::IndexMut<(usize, usize)> for Matrix {
    #[inline]
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.values[row * self.columns + column]
    }
}

/// Inner product, in eight running sums added in a fixed order.
#[must_use]
#[inline]
pub fn dot(left: &[f64], right: &[f64]) -> f64 {
    let length = left.len().min(right.len());
    let (left, right) = (&left[..length], &right[..length]);
    let (mut a, mut b) = (left.chunks_exact(8), right.chunks_exact(8));
    let mut sums = [0.0; 8];
    for (x, y) in a.by_ref().zip(b.by_ref()) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    total(&sums, a.remainder().iter().zip(b.remainder()).map(|(x, y)| x * y).sum())
}

/// The eight running sums of an inner product and what is left over, in one number.
#[inline(always)]
pub(crate) fn total(sums: &[f64; 8], rest: f64) -> f64 {
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest
}

/// The lower Cholesky factor L of a symmetric matrix, L Lᵀ = A.
#[derive(Debug, Clone)]
pub struct Cholesky {
    lower: Matrix,
}

/// Pivots at or below this share of their diagonal element count as zero.
const SMALLEST_PIVOT: f64 = 1e-14;

impl Cholesky {
    /// Factors a positive definite matrix; `None` if it is not numerically positive definite. What
    /// to do then is the caller's to say: no pivot is made up.
    #[must_use]
    pub fn new(matrix: &Matrix) -> Option<Self> {
        Self::factored(matrix, || None)
    }

    /// Factors a positive semidefinite matrix, such as the covariance of values of which some
    /// follow from others without error. A pivot that is zero, or that rounding made so, leaves its
    /// column of L zero, and solutions have nothing in its direction.
    #[must_use]
    pub fn of_semidefinite(matrix: &Matrix) -> Self {
        let lower = || Matrix::zeros(matrix.rows(), matrix.rows());
        Self::factored(matrix, || Some(0.0)).unwrap_or_else(|| Self { lower: lower() })
    }

    /// L row by row: l_ij = (a_ij − Σ_k<j l_ik l_jk) / l_jj and l_ii = √(a_ii − Σ_k<i l_ik²), with
    /// `null` in place of a root that is not there.
    fn factored(matrix: &Matrix, null: impl Fn() -> Option<f64>) -> Option<Self> {
        let n = matrix.rows();
        let mut lower = Matrix::zeros(n, n);
        for row in 0..n {
            for column in 0..=row {
                let inner = dot(&lower.row(row)[..column], &lower.row(column)[..column]);
                let rest = matrix[(row, column)] - inner;
                lower[(row, column)] = if column < row {
                    divided(rest, lower[(column, column)])
                } else if rest > SMALLEST_PIVOT * matrix[(row, row)].abs() && rest.is_finite() {
                    rest.sqrt()
                } else {
                    null()?
                };
            }
        }
        Some(Self { lower })
    }

    /// The factor L, with zeros above the diagonal.
    #[must_use]
    pub const fn lower(&self) -> &Matrix {
        &self.lower
    }

    /// L⁻¹ b.
    #[must_use]
    pub fn solve_lower(&self, rhs: &[f64]) -> Vec<f64> {
        let mut out: Vec<f64> = Vec::with_capacity(rhs.len());
        for (row, &value) in rhs.iter().enumerate() {
            let inner = dot(&self.lower.row(row)[..row], &out);
            out.push(divided(value - inner, self.lower[(row, row)]));
        }
        out
    }

    /// L⁻ᵀ b.
    #[must_use]
    pub fn solve_upper(&self, rhs: &[f64]) -> Vec<f64> {
        let mut out = rhs.to_vec();
        for row in (0..out.len()).rev() {
            out[row] = divided(out[row], self.lower[(row, row)]);
            let solved = out[row];
            for (value, &factor) in out[..row].iter_mut().zip(self.lower.row(row)) {
                *value -= factor * solved;
            }
        }
        out
    }

    /// The solution of `matrix · x = rhs`.
    #[must_use]
    pub fn solve(&self, rhs: &[f64]) -> Vec<f64> {
        self.solve_upper(&self.solve_lower(rhs))
    }

    /// ln det of the factored matrix.
    #[must_use]
    pub fn log_determinant(&self) -> f64 {
        2.0 * self.lower.diagonal().iter().map(|d| d.ln()).sum::<f64>()
    }

    /// L b.
    #[must_use]
    pub fn times_lower(&self, vector: &[f64]) -> Vec<f64> {
        (0..vector.len()).map(|row| dot(&self.lower.row(row)[..=row], vector)).collect()
    }

    /// The inverse of the factored matrix.
    #[must_use]
    pub fn inverse(&self) -> Matrix {
        let n = self.lower.rows();
        let mut out = Matrix::zeros(n, n);
        for column in 0..n {
            let mut unit = vec![0.0; n];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit).into_iter().enumerate() {
                out[(row, column)] = value;
            }
        }
        out
    }
}

/// A quotient, and nothing in the direction of a zero pivot.
fn divided(numerator: f64, pivot: f64) -> f64 {
    if pivot == 0.0 { 0.0 } else { numerator / pivot }
}

/// The inverse of a symmetric positive definite matrix, scaled to unit diagonal first so that
/// parameters of very different size do not look singular; `None` if it is not positive definite.
#[must_use]
pub fn inverse_spd(matrix: &Matrix) -> Option<Matrix> {
    let scale: Vec<f64> = matrix.diagonal().iter().map(|d| 1.0 / d.sqrt()).collect();
    if scale.iter().any(|s| !s.is_finite()) {
        return None;
    }
    let mut scaled = matrix.clone();
    for row in 0..matrix.rows() {
        for column in 0..matrix.columns() {
            scaled[(row, column)] *= scale[row] * scale[column];
        }
    }
    let mut inverse = Cholesky::new(&scaled)?.inverse();
    for row in 0..matrix.rows() {
        for column in 0..matrix.columns() {
            inverse[(row, column)] *= scale[row] * scale[column];
        }
    }
    Some(inverse)
}

/// The spectral radius of a square matrix, by Gelfand's formula ‖Aᵐ‖^(1/m) with m = 2⁵⁰ reached by
/// repeated squaring; needs no assumption on the matrix (a power iteration would be slow on a
/// defective one, such as a chain in which one kind drives the next).
///
/// ```
/// use sanad_numbers::{Matrix, spectral_radius};
///
/// let chain = Matrix::from_rows(&[vec![0.5, 0.9], vec![0.0, 0.5]]);
/// assert!((spectral_radius(&chain) - 0.5).abs() < 1e-12);
/// ```
///
/// # Panics
/// If the matrix is not square.
#[must_use]
pub fn spectral_radius(matrix: &Matrix) -> f64 {
    assert_eq!(matrix.rows(), matrix.columns(), "the spectral radius needs a square matrix");
    let mut power = matrix.clone();
    let mut log_norm = 0.0;
    let mut weight = 1.0;
    for _ in 0..50 {
        let largest = power.largest();
        if largest == 0.0 {
            return 0.0;
        }
        log_norm += weight * largest.ln();
        power.scale(1.0 / largest);
        power = power.times_matrix(&power);
        weight *= 0.5;
    }
    log_norm.exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spd(n: usize, entries: &[f64]) -> Matrix {
        let mut out = Matrix::zeros(n, n);
        for row in 0..n {
            for column in 0..n {
                let left = &entries[row * n..(row + 1) * n];
                out[(row, column)] = dot(left, &entries[column * n..(column + 1) * n]);
            }
            out[(row, row)] += 0.1;
        }
        out
    }

    #[test]
    fn a_singular_matrix_has_no_factor_but_one_as_semidefinite() {
        let singular = Matrix::from_rows(&[vec![1.0, 2.0], vec![2.0, 4.0]]);
        assert!(Cholesky::new(&singular).is_none());
        let factor = Cholesky::of_semidefinite(&singular);
        assert_eq!(factor.lower().row(1), [2.0, 0.0]);
        assert_eq!(factor.solve(&[1.0, 2.0]), [1.0, 0.0]);
    }

    proptest! {
        #[test]
        fn solving_inverts_multiplication(entries in prop::collection::vec(-2.0..2.0_f64, 16), x in prop::collection::vec(-3.0..3.0_f64, 4)) {
            let matrix = spd(4, &entries);
            let solved = Cholesky::new(&matrix).unwrap().solve(&matrix.times(&x));
            let inverse = inverse_spd(&matrix).unwrap().times(&matrix.times(&x));
            for k in 0..4 {
                prop_assert!((solved[k] - x[k]).abs() < 1e-7);
                prop_assert!((inverse[k] - x[k]).abs() < 1e-7);
            }
        }

        #[test]
        fn spectral_radius_of_a_two_by_two_is_its_larger_root(a in 0.0..2.0_f64, b in 0.0..2.0_f64, c in 0.0..2.0_f64, d in 0.0..2.0_f64) {
            let root = 0.5 * (a + d + ((a - d).powi(2) + 4.0 * b * c).sqrt());
            let radius = spectral_radius(&Matrix::from_rows(&[vec![a, b], vec![c, d]]));
            prop_assert!((radius - root).abs() < 1e-10 * (1.0 + root));
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        assert!(Cholesky::new(&Matrix::from_rows(&[vec![1.0, 2.0], vec![2.0, 1.0]])).is_none());
    }

    #[test]
    fn a_nilpotent_matrix_has_spectral_radius_zero() {
        let step = Matrix::from_rows(&[vec![0.0, 3.0], vec![0.0, 0.0]]);
        assert_eq!(spectral_radius(&step), 0.0);
    }
}
