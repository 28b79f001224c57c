//! Small dense linear algebra on row-major square matrices; sums run in a fixed order.

/// Eigenvalues (falling) and eigenvectors (columns, in the same order) of a symmetric matrix,
/// by cyclic Jacobi rotations (Golub & Van Loan, *Matrix Computations*, § 8.5).
pub(crate) fn symmetric_eigen(matrix: &[f64], size: usize) -> (Vec<f64>, Vec<f64>) {
    let mut a = matrix.to_vec();
    let mut vectors = identity(size);
    for _ in 0..100 {
        let off: f64 = pairs(size).map(|(p, q)| a[p * size + q].powi(2)).sum();
        let scale: f64 = a.iter().map(|value| value * value).sum();
        if off <= 1e-30 * scale {
            break;
        }
        for (p, q) in pairs(size) {
            rotate(&mut a, &mut vectors, size, p, q);
        }
    }
    sorted(&a, &vectors, size)
}

/// The identity matrix, row by row.
pub(crate) fn identity(size: usize) -> Vec<f64> {
    let mut matrix = vec![0.0; size * size];
    (0..size).for_each(|k| matrix[k * size + k] = 1.0);
    matrix
}

/// The positions above the diagonal, row after row: the order of a sweep.
fn pairs(size: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..size).flat_map(move |p| (p + 1..size).map(move |q| (p, q)))
}

/// One Jacobi rotation, which makes the element (p, q) zero: θ = (a_qq − a_pp) / 2a_pq, t = sign
/// θ / (|θ| + √(θ² + 1)), c = 1/√(t² + 1), s = tc.
fn rotate(a: &mut [f64], vectors: &mut [f64], size: usize, p: usize, q: usize) {
    let off = a[p * size + q];
    if off == 0.0 {
        return;
    }
    let theta = (a[q * size + q] - a[p * size + p]) / (2.0 * off);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    for k in 0..size {
        turn(a, k * size + p, k * size + q, cosine, sine);
    }
    for k in 0..size {
        turn(a, p * size + k, q * size + k, cosine, sine);
        turn(vectors, k * size + p, k * size + q, cosine, sine);
    }
}

/// Rotates two numbers by the angle of this cosine and sine.
fn turn(values: &mut [f64], first: usize, second: usize, cosine: f64, sine: f64) {
    let (x, y) = (values[first], values[second]);
    values[first] = cosine * x - sine * y;
    values[second] = sine * x + cosine * y;
}

/// Eigenvalues in falling order with the columns that belong to them.
fn sorted(a: &[f64], vectors: &[f64], size: usize) -> (Vec<f64>, Vec<f64>) {
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&i, &j| a[j * size + j].total_cmp(&a[i * size + i]));
    let values = order.iter().map(|&k| a[k * size + k]).collect();
    let columns =
        (0..size).flat_map(|row| order.iter().map(move |&k| vectors[row * size + k])).collect();
    (values, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATRIX: [f64; 9] = [4.0, 1.0, 0.5, 1.0, 3.0, -0.2, 0.5, -0.2, 2.0];

    #[test]
    fn eigenvectors_diagonalise_the_matrix() {
        let (values, vectors) = symmetric_eigen(&MATRIX, 3);
        assert!(values[0] >= values[1] && values[1] >= values[2]);
        assert!((values.iter().sum::<f64>() - 9.0).abs() < 1e-12, "trace");
        for column in 0..3 {
            for row in 0..3 {
                let image: f64 =
                    (0..3).map(|k| MATRIX[row * 3 + k] * vectors[k * 3 + column]).sum();
                assert!((image - values[column] * vectors[row * 3 + column]).abs() < 1e-10);
            }
        }
    }
}
