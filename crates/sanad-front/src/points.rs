//! Well-spread points in the unit cube: Sobol's sequence and Latin hypercubes.

use sanad_core::random::Streams;

/// The most dimensions of [`sobol`].
pub const MAX_SOBOL_DIMENSIONS: usize = 21;

/// Degree, coefficients and first direction numbers of dimensions 2 to 21: S. Joe & F. Y. Kuo
/// (2008), "Constructing Sobol sequences with better two-dimensional projections", file
/// new-joe-kuo-6.21201.
const DIRECTIONS: [(u32, u32, &[u32]); MAX_SOBOL_DIMENSIONS - 1] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
];

/// The first `count` points of Sobol's sequence, row-major, as 32-bit fractions; each dimension
/// shifted by its own random digits (exclusive or), which keeps the spread and removes the origin.
///
/// # Panics
/// More than [`MAX_SOBOL_DIMENSIONS`] dimensions.
#[must_use]
pub fn sobol(count: usize, dimensions: usize, seed: u64) -> Vec<f64> {
    assert!(dimensions <= MAX_SOBOL_DIMENSIONS, "no direction numbers for so many dimensions");
    let vectors: Vec<[u32; 32]> = (0..dimensions).map(direction_vectors).collect();
    let shifts = Streams::new(seed, "sobol shift");
    let mut state: Vec<u32> =
        (0..dimensions).map(|dimension| shifts.at(dimension as u32, 0, 0).word()).collect();
    let mut points = Vec::with_capacity(count * dimensions);
    for index in 0..count as u32 {
        points.extend(state.iter().map(|&digits| fraction(digits)));
        // Gray-code order: one vector changes per point.
        let flipped = (index.trailing_ones() as usize).min(31);
        state.iter_mut().zip(&vectors).for_each(|(digits, vector)| *digits ^= vector[flipped]);
    }
    points
}

/// 32 binary digits as a number inside (0, 1).
fn fraction(digits: u32) -> f64 {
    (f64::from(digits) + 0.5) / 4_294_967_296.0
}

/// The 32 random bits that a point's coordinate stands for.
pub(crate) fn digits(coordinate: f64) -> u32 {
    (coordinate * 4_294_967_296.0) as u32
}

/// The direction numbers of one dimension of Sobol's sequence, from its primitive polynomial by
/// m_k = 2 a₁ m_(k−1) ⊕ … ⊕ 2^d m_(k−d) ⊕ m_(k−d) (S. Joe and F. Y. Kuo, "Constructing Sobol
/// sequences with better two-dimensional projections", SIAM Journal on Scientific Computing 30,
/// 2008).
fn direction_vectors(dimension: usize) -> [u32; 32] {
    let mut vectors = [0_u32; 32];
    let Some(&(degree, coefficients, first)) = dimension.checked_sub(1).map(|k| &DIRECTIONS[k])
    else {
        (0..32).for_each(|bit| vectors[bit] = 1 << (31 - bit));
        return vectors;
    };
    let degree = degree as usize;
    for bit in 0..32 {
        vectors[bit] = if bit < degree {
            first[bit] << (31 - bit)
        } else {
            let start = vectors[bit - degree] ^ (vectors[bit - degree] >> degree);
            (1..degree)
                .filter(|k| coefficients >> (degree - 1 - k) & 1 == 1)
                .fold(start, |digits, k| digits ^ vectors[bit - k])
        };
    }
    vectors
}

/// `count` points of a Latin hypercube, row-major: in every dimension one point in each of
/// `count` equal slices, in random order and at a random spot of the slice.
#[must_use]
pub fn latin_hypercube(count: usize, dimensions: usize, seed: u64) -> Vec<f64> {
    let streams = Streams::new(seed, "latin hypercube");
    let mut points = vec![0.0; count * dimensions];
    for dimension in 0..dimensions {
        let mut stream = streams.at(dimension as u32, 0, 0);
        let mut slices: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            slices.swap(last, (stream.open01() * (last + 1) as f64) as usize);
        }
        for (row, slice) in slices.into_iter().enumerate() {
            points[row * dimensions + dimension] = (slice as f64 + stream.open01()) / count as f64;
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every run of 2ᵏ points has one point in each of 2ᵏ slices of every dimension.
    #[test]
    fn sobol_points_are_stratified_in_every_dimension() {
        let points = sobol(256, MAX_SOBOL_DIMENSIONS, 9);
        for dimension in 0..MAX_SOBOL_DIMENSIONS {
            let mut seen = [false; 256];
            for row in points.chunks(MAX_SOBOL_DIMENSIONS) {
                seen[(row[dimension] * 256.0) as usize] = true;
            }
            assert!(seen.iter().all(|&hit| hit), "dimension {dimension}");
        }
    }

    /// Unshifted integers of the first points in dimensions 2, 5 and 21, as scipy 1.17's
    /// `qmc.Sobol(scramble=False)` gives them (it uses the same direction numbers).
    #[test]
    fn direction_numbers_give_the_reference_sequence() {
        let vectors: Vec<[u32; 32]> = [1, 4, 20].into_iter().map(direction_vectors).collect();
        let mut state = [0_u32; 3];
        let mut found = Vec::new();
        for index in 0..8_u32 {
            found.push(state.map(|digits| f64::from(digits >> 22) / 1024.0));
            let flipped = index.trailing_ones() as usize;
            for (digits, vector) in state.iter_mut().zip(&vectors) {
                *digits ^= vector[flipped];
            }
        }
        assert_eq!(found, REFERENCE);
    }

    const REFERENCE: [[f64; 3]; 8] = [
        [0.0, 0.0, 0.0],
        [0.5, 0.5, 0.5],
        [0.25, 0.75, 0.25],
        [0.75, 0.25, 0.75],
        [0.375, 0.375, 0.125],
        [0.875, 0.875, 0.625],
        [0.125, 0.625, 0.375],
        [0.625, 0.125, 0.875],
    ];

    #[test]
    fn latin_hypercubes_hit_every_slice_once() {
        let points = latin_hypercube(50, 3, 4);
        for dimension in 0..3 {
            let mut slices: Vec<usize> =
                points.chunks(3).map(|row| (row[dimension] * 50.0) as usize).collect();
            slices.sort_unstable();
            assert_eq!(slices, (0..50).collect::<Vec<usize>>());
        }
    }

    #[test]
    fn coordinates_keep_their_digits() {
        assert_eq!(digits(fraction(0xdead_beef)), 0xdead_beef);
        assert_eq!(digits(fraction(u32::MAX)), u32::MAX);
    }
}
