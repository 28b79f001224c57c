//! Inner products and combinations of many long vectors at once.
//!
//! The vectors of a fit are longer than the nearest cache, so that one pair at a time waits for memory. Here a
//! few vectors are taken together, and each value that was loaded is used several times. The code is
//! compiled for the processor at hand, with multiplication and addition kept apart. Every sum is taken in the
//! order of [`dot`](crate::dot), so that all processors give the bits that it gives.

use pulp::{Arch, NullaryFnOnce};

use crate::linalg::Matrix;

/// Running sums of an inner product.
const LANES: usize = 8;
/// Vectors on the right that are taken together: their sums with two on the left fit the registers.
const COLUMNS: usize = 4;
/// Combinations that are made together.
const ROWS: usize = 4;

/// Inner products of every vector on the left (rows) with every vector on the right (columns).
///
/// Each is what [`dot`](crate::dot) gives, to the bit.
///
/// # Panics
/// If the vectors differ in length.
///
/// ```
/// use sanad_numbers::inner_products;
///
/// let (a, b, c) = ([1.0, 2.0], [3.0, 4.0], [0.5, 0.0]);
/// let found = inner_products(&[&a, &b], &[&c]);
/// assert_eq!((found[(0, 0)], found[(1, 0)]), (0.5, 1.5));
/// ```
#[must_use]
pub fn inner_products(left: &[&[f64]], right: &[&[f64]]) -> Matrix {
    check_lengths(left.iter().chain(right));
    Arch::new().dispatch(InnerProducts { left, right, lower: false })
}

/// As [`inner_products`], the lower triangle alone: rows with columns up to their own index. The rest is zero.
///
/// # Panics
/// As [`inner_products`].
#[must_use]
pub fn lower_inner_products(left: &[&[f64]], right: &[&[f64]]) -> Matrix {
    check_lengths(left.iter().chain(right));
    Arch::new().dispatch(InnerProducts { left, right, lower: true })
}

/// Combinations of vectors: for each row of `shares`, Σₖ share(row, k) · vector k, summed in the order of k from
/// zero on.
///
/// # Panics
/// If the vectors differ in length, or if there are not as many of them as columns.
#[must_use]
pub fn combinations(shares: &Matrix, vectors: &[&[f64]]) -> Vec<Vec<f64>> {
    assert_eq!(shares.columns(), vectors.len(), "a share for each vector");
    check_lengths(vectors.iter());
    Arch::new().dispatch(Combinations { shares, vectors })
}

fn check_lengths<'a, 'b: 'a>(mut vectors: impl Iterator<Item = &'a &'b [f64]>) {
    let Some(first) = vectors.next() else { return };
    assert!(vectors.all(|vector| vector.len() == first.len()), "vectors of one length");
}

struct InnerProducts<'a> {
    left: &'a [&'a [f64]],
    right: &'a [&'a [f64]],
    lower: bool,
}

impl NullaryFnOnce for InnerProducts<'_> {
    type Output = Matrix;

    #[inline(always)]
    fn call(self) -> Matrix {
        let mut out = Matrix::zeros(self.left.len(), self.right.len());
        for row in (0..self.left.len()).step_by(2) {
            let end = if self.lower { row + 2 } else { self.right.len() };
            for column in (0..end.min(self.right.len())).step_by(COLUMNS) {
                self.tile(row, column, &mut out);
            }
        }
        out
    }
}

impl InnerProducts<'_> {
    /// The products of two rows and a few columns. At an edge the last vector stands in for those beyond.
    #[inline(always)]
    fn tile(&self, row: usize, column: usize, out: &mut Matrix) {
        let rows = [row, (row + 1).min(self.left.len() - 1)];
        let columns: [usize; COLUMNS] =
            core::array::from_fn(|k| (column + k).min(self.right.len() - 1));
        let found = tile(rows.map(|row| self.left[row]), columns.map(|column| self.right[column]));
        for (&row, found) in rows.iter().zip(&found) {
            for (&column, &found) in columns.iter().zip(found) {
                if !self.lower || column <= row {
                    out[(row, column)] = found;
                }
            }
        }
    }
}

/// Two rows are written out: the compiler keeps the sums of a loop over rows in single numbers.
#[inline(always)]
fn tile(left: [&[f64]; 2], right: [&[f64]; COLUMNS]) -> [[f64; COLUMNS]; 2] {
    let length = left[0].len();
    let whole = length / LANES;
    let (a, b) =
        (left.map(|vector| chunks(vector, whole)), right.map(|vector| chunks(vector, whole)));
    let mut sums = [[[0.0; LANES]; COLUMNS]; 2];
    for at in 0..whole {
        let [x, y] = [a[0][at], a[1][at]];
        let [first, second] = &mut sums;
        for ((first, second), b) in first.iter_mut().zip(second.iter_mut()).zip(&b) {
            let b = b[at];
            for k in 0..LANES {
                first[k] += x[k] * b[k];
            }
            for k in 0..LANES {
                second[k] += y[k] * b[k];
            }
        }
    }
    let rest = |a: &[f64], b: &[f64]| -> f64 {
        a[whole * LANES..length].iter().zip(&b[whole * LANES..length]).map(|(x, y)| x * y).sum()
    };
    core::array::from_fn(|row| {
        core::array::from_fn(|column| {
            crate::linalg::total(&sums[row][column], rest(left[row], right[column]))
        })
    })
}

#[inline(always)]
fn chunks(vector: &[f64], whole: usize) -> &[[f64; LANES]] {
    &vector.as_chunks().0[..whole]
}

struct Combinations<'a> {
    shares: &'a Matrix,
    vectors: &'a [&'a [f64]],
}

impl NullaryFnOnce for Combinations<'_> {
    type Output = Vec<Vec<f64>>;

    #[inline(always)]
    fn call(self) -> Vec<Vec<f64>> {
        let length = self.vectors.first().map_or(0, |vector| vector.len());
        let mut out = vec![vec![0.0; length]; self.shares.rows()];
        let mut packed = vec![[0.0; LANES]; self.vectors.len()];
        for first in (0..length).step_by(LANES) {
            for (packed, vector) in packed.iter_mut().zip(self.vectors) {
                match vector[first..].first_chunk() {
                    Some(chunk) => *packed = *chunk,
                    None => packed[..length - first].copy_from_slice(&vector[first..]),
                }
            }
            for row in (0..out.len()).step_by(ROWS) {
                let rows = core::array::from_fn(|k| (row + k).min(out.len() - 1));
                let sums = combined(rows.map(|row| self.shares.row(row)), &packed);
                for (&row, sums) in rows.iter().zip(&sums) {
                    let out = &mut out[row][first..];
                    match out.first_chunk_mut() {
                        Some(chunk) => *chunk = *sums,
                        None => out.copy_from_slice(&sums[..length - first]),
                    }
                }
            }
        }
        out
    }
}

#[inline(always)]
fn combined(shares: [&[f64]; ROWS], packed: &[[f64; LANES]]) -> [[f64; LANES]; ROWS] {
    let mut sums = [[0.0; LANES]; ROWS];
    let shares = shares.map(|shares| &shares[..packed.len()]);
    for (at, packed) in packed.iter().enumerate() {
        for (sums, shares) in sums.iter_mut().zip(&shares) {
            for k in 0..LANES {
                sums[k] += shares[at] * packed[k];
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dot;
    use proptest::prelude::*;

    fn vectors(count: usize, length: usize, seed: u64) -> Vec<Vec<f64>> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 50) as f64 - 1.0
        };
        (0..count).map(|_| (0..length).map(|_| next()).collect()).collect()
    }

    fn slices(vectors: &[Vec<f64>]) -> Vec<&[f64]> {
        vectors.iter().map(Vec::as_slice).collect()
    }

    fn shares_of(columns: usize, rows: &[Vec<f64>]) -> Matrix {
        let mut out = Matrix::zeros(rows.len(), columns);
        for (row, shares) in rows.iter().enumerate() {
            out.row_mut(row).copy_from_slice(shares);
        }
        out
    }

    proptest! {
        #[test]
        fn products_have_the_bits_of_one_pair_at_a_time(rows in 0..7_usize, columns in 0..7_usize, length in 0..40_usize, seed in any::<u64>()) {
            let (left, right) = (vectors(rows, length, seed), vectors(columns, length, !seed));
            let found = inner_products(&slices(&left), &slices(&right));
            let lower = lower_inner_products(&slices(&left), &slices(&right));
            for row in 0..rows {
                for column in 0..columns {
                    let expected = dot(&left[row], &right[column]);
                    prop_assert_eq!(found[(row, column)].to_bits(), expected.to_bits());
                    let expected = if column <= row { expected } else { 0.0 };
                    prop_assert_eq!(lower[(row, column)].to_bits(), expected.to_bits());
                }
            }
        }

        #[test]
        fn combinations_have_the_bits_of_one_vector_after_the_other(rows in 0..7_usize, count in 1..7_usize, length in 0..40_usize, seed in any::<u64>()) {
            let (shares, z) = (vectors(rows, count, seed), vectors(count, length, !seed));
            let found = combinations(&shares_of(count, &shares), &slices(&z));
            for (found, shares) in found.iter().zip(&shares) {
                let mut expected = vec![0.0; length];
                for (share, z) in shares.iter().zip(&z) {
                    expected.iter_mut().zip(z).for_each(|(sum, z)| *sum += share * z);
                }
                let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                prop_assert_eq!(bits(found), bits(&expected));
            }
        }
    }
}
