//! Small dense linear algebra on row-major square matrices; sums run in a fixed order.

/// Lower Cholesky factor of a symmetric positive semidefinite matrix of `size`; pivots that
/// rounding pushed to or under zero become zero, with their column.
pub(crate) fn cholesky(matrix: &[f64], size: usize) -> Vec<f64> {
    let mut lower = vec![0.0_f64; size * size];
    for column in 0..size {
        let done: f64 = (0..column).map(|k| lower[column * size + k].powi(2)).sum();
        let pivot = matrix[column * size + column] - done;
        if pivot <= 1e-14 * matrix[column * size + column].abs() {
            continue;
        }
        let root = pivot.sqrt();
        lower[column * size + column] = root;
        for row in column + 1..size {
            let dot: f64 =
                (0..column).map(|k| lower[row * size + k] * lower[column * size + k]).sum();
            lower[row * size + column] = (matrix[row * size + column] - dot) / root;
        }
    }
    lower
}

/// Solves `L·Lᵀ·x = b` in place for a lower Cholesky factor; directions with a zero pivot get 0.
pub(crate) fn cholesky_solve(lower: &[f64], size: usize, b: &mut [f64]) {
    for row in 0..size {
        let dot: f64 = (0..row).map(|k| lower[row * size + k] * b[k]).sum();
        b[row] = divide(b[row] - dot, lower[row * size + row]);
    }
    for row in (0..size).rev() {
        let dot: f64 = (row + 1..size).map(|k| lower[k * size + row] * b[k]).sum();
        b[row] = divide(b[row] - dot, lower[row * size + row]);
    }
}

fn divide(numerator: f64, pivot: f64) -> f64 {
    if pivot == 0.0 { 0.0 } else { numerator / pivot }
}

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

pub(crate) fn identity(size: usize) -> Vec<f64> {
    let mut matrix = vec![0.0; size * size];
    (0..size).for_each(|k| matrix[k * size + k] = 1.0);
    matrix
}

fn pairs(size: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..size).flat_map(move |p| (p + 1..size).map(move |q| (p, q)))
}

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

fn turn(values: &mut [f64], first: usize, second: usize, cosine: f64, sine: f64) {
    let (x, y) = (values[first], values[second]);
    values[first] = cosine * x - sine * y;
    values[second] = sine * x + cosine * y;
}

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
    fn a_cholesky_solution_satisfies_its_equations() {
        let lower = cholesky(&MATRIX, 3);
        let mut x = [1.0, -2.0, 0.5];
        cholesky_solve(&lower, 3, &mut x);
        for (row, expected) in [1.0, -2.0, 0.5].into_iter().enumerate() {
            let found: f64 = (0..3).map(|k| MATRIX[row * 3 + k] * x[k]).sum();
            assert!((found - expected).abs() < 1e-12);
        }
    }

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
