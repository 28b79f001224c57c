//! The adjustment for the background, fast to compute at many points.
//!
//! The adjusted likelihood needs the information about the features of the mean after they have
//! passed through 1 − kernel. Nearly all the time of a gradient would go into that. But a geometric
//! kernel is a smooth function of its half-life: it is, to about eight digits, a combination of the
//! kernels at a few half-lives, and the information a quadratic form in the coefficients of these,
//! whose matrices are computed once. Kernels of known shape are such combinations exactly.

use core::f64::consts::PI;

use crate::discrete::adjusted::Adjustment;
use crate::discrete::kernel::Shape;
use crate::discrete::layout::Layout;
use sanad_numbers::{Cholesky, Matrix, dot};

/// Half-lives that stand for all others.
const NODES: usize = 24;

/// −½ ln det of the information about the mean, as [`Adjustment`] has it.
pub(super) struct AdjustmentTable {
    layout: Layout,
    own: Vec<usize>,
    contrasts: f64,
    kept: f64,
    nodes: Option<Nodes>,
    features: usize,
    /// Lower triangles of the information's parts: without kernels; linear, one per kernel that
    /// stands for others; quadratic, one per pair of these.
    plain: Vec<f64>,
    linear: Vec<Vec<f64>>,
    quadratic: Vec<Vec<f64>>,
}

impl AdjustmentTable {
    /// The adjustment at Chebyshev's nodes of the half-lives, between which it is interpolated.
    pub(super) fn new(adjustment: &Adjustment, layout: &Layout) -> Self {
        let nodes = (layout.half_lives > 0).then(|| {
            let at = layout.first_half_life();
            Nodes::new(layout.bounds.lower[at], layout.bounds.upper[at])
        });
        let own: Vec<usize> = adjustment.links.iter().map(|(k, _)| *k).collect();
        let passed: Vec<Vec<Vec<f64>>> = shapes(layout, nodes.as_ref(), &own)
            .into_iter()
            .map(|shape| adjustment.features.iter().map(|f| filtered(shape, f)).collect())
            .collect();
        let weighted = |series: &[Vec<f64>]| -> Vec<Vec<f64>> {
            let weights = &adjustment.weights;
            series.iter().map(|f| f.iter().zip(weights).map(|(f, w)| f * w).collect()).collect()
        };
        let plain = weighted(&adjustment.features);
        let quadratic = (0..passed.len()).flat_map(|a| {
            let left = weighted(&passed[a]);
            let pair = |b: usize| products(&left, &passed[b], if a == b { 0.5 } else { 1.0 });
            (0..=a).map(pair).collect::<Vec<_>>()
        });
        Self {
            quadratic: quadratic.collect(),
            linear: passed.iter().map(|series| products(&plain, series, 1.0)).collect(),
            plain: products(&plain, &adjustment.features, 0.5),
            features: adjustment.features.len(),
            own,
            contrasts: adjustment.contrasts,
            kept: adjustment.kept,
            nodes,
            layout: layout.clone(),
        }
    }

    /// The adjustment, and its derivatives by index of the parameter; `None` where the features
    /// cannot be told apart.
    pub(super) fn at(&self, x: &[f64]) -> Option<(f64, Vec<(usize, f64)>)> {
        let shares: Vec<(Vec<f64>, Vec<f64>)> =
            self.own.iter().map(|&k| self.shares(x, k)).collect();
        let mut mix = vec![0.0; self.linear.len()];
        for (&k, (share, _)) in self.own.iter().zip(&shares) {
            mix.iter_mut().zip(share).for_each(|(sum, s)| *sum += x[k] * s);
        }
        let factor = Cholesky::new(&self.information(&mix))?;
        let mut value = -0.5 * factor.log_determinant();
        let mut push = self.slopes(&mix, &packed_inverse(&factor));
        if self.contrasts > 0.0 {
            let scaled: Vec<f64> = mix.iter().map(|q| self.kept * q).collect();
            let (level, slopes) = self.level(&scaled);
            value -= 0.5 * self.contrasts * level.ln();
            let scale = -0.5 * self.contrasts * self.kept / level;
            push.iter_mut().zip(&slopes).for_each(|(sum, s)| *sum += scale * s);
        }
        Some((value, self.chained(x, &shares, &push)))
    }

    /// What each tabulated kernel has in the kernel of a parameter's part, and the derivatives of
    /// that in ln half-life.
    fn shares(&self, x: &[f64], k: usize) -> (Vec<f64>, Vec<f64>) {
        let part = self.layout.parts[k - self.layout.first_weight()];
        match (&self.nodes, part.half_life) {
            (Some(nodes), Some(at)) => nodes.shares(x[self.layout.first_half_life() + at]),
            _ => {
                let mut share = vec![0.0; self.linear.len()];
                share[part.shape] = 1.0;
                (share, vec![0.0; self.linear.len()])
            }
        }
    }

    /// The information of the nuisance parameters for links of these weights, from the tabulated
    /// parts: it is a polynomial of second degree in the weights.
    fn information(&self, mix: &[f64]) -> Matrix {
        let mut packed = self.plain.clone();
        let mut add = |weight: f64, part: &[f64]| {
            if weight != 0.0 {
                packed.iter_mut().zip(part).for_each(|(sum, v)| *sum += weight * v);
            }
        };
        for (a, &q) in mix.iter().enumerate() {
            add(-q, &self.linear[a]);
            (0..=a).for_each(|b| add(q * mix[b], &self.quadratic[pair(a, b)]));
        }
        let mut out = Matrix::zeros(self.features, self.features);
        for row in 0..self.features {
            let from = row * (row + 1) / 2;
            out.row_mut(row)[..=row].copy_from_slice(&packed[from..=from + row]);
        }
        out.mirror_lower();
        out
    }

    /// Derivatives of −½ ln det in the mix.
    fn slopes(&self, mix: &[f64], inverse: &[f64]) -> Vec<f64> {
        let mut out: Vec<f64> = self.linear.iter().map(|part| 0.5 * dot(inverse, part)).collect();
        for a in 0..mix.len() {
            for b in 0..=a {
                let trace = -0.5 * dot(inverse, &self.quadratic[pair(a, b)]);
                out[a] += trace * mix[b];
                out[b] += trace * mix[a];
            }
        }
        out
    }

    /// Information about the level, and its derivatives in the mix.
    fn level(&self, mix: &[f64]) -> (f64, Vec<f64>) {
        let mut value = self.plain[0];
        let mut slopes: Vec<f64> = self.linear.iter().map(|part| -part[0]).collect();
        value += dot(mix, &slopes);
        for a in 0..mix.len() {
            for b in 0..=a {
                let square = self.quadratic[pair(a, b)][0];
                value += mix[a] * mix[b] * square;
                slopes[a] += mix[b] * square;
                slopes[b] += mix[a] * square;
            }
        }
        (value, slopes)
    }

    /// From derivatives in the mix to derivatives in weights and half-lives.
    fn chained(
        &self,
        x: &[f64],
        shares: &[(Vec<f64>, Vec<f64>)],
        push: &[f64],
    ) -> Vec<(usize, f64)> {
        let mut out = Vec::new();
        for (&k, (share, slope)) in self.own.iter().zip(shares) {
            out.push((k, dot(share, push)));
            let part = self.layout.parts[k - self.layout.first_weight()];
            if let Some(at) = part.half_life {
                out.push((self.layout.first_half_life() + at, x[k] * dot(slope, push)));
            }
        }
        out
    }
}

/// Position of a pair with b ≤ a in a packed lower triangle.
fn pair(a: usize, b: usize) -> usize {
    a * (a + 1) / 2 + b
}

/// Kernels that stand for all others.
fn shapes(layout: &Layout, nodes: Option<&Nodes>, own: &[usize]) -> Vec<Shape> {
    let Some(&k) = own.first() else { return Vec::new() };
    let first = k - layout.first_weight();
    match (nodes, layout.parts[first].half_life) {
        (Some(nodes), Some(at)) => {
            let mut x = layout.start.clone();
            let mut shape = |log_half_life: f64| {
                x[layout.first_half_life() + at] = log_half_life;
                layout.shape(&x, first)
            };
            nodes.places().into_iter().map(&mut shape).collect()
        }
        _ => {
            let source = layout.parts[first].source;
            (0..layout.parts.len())
                .filter(|&part| layout.parts[part].source == source)
                .map(|part| layout.shape(&layout.start, part))
                .collect()
        }
    }
}

/// A feature convolved with a shape.
fn filtered(shape: Shape, feature: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; feature.len()];
    shape.filter(feature, &mut out);
    out
}

/// Lower triangle of `scale · (LᵀR + RᵀL)`.
fn products(left: &[Vec<f64>], right: &[Vec<f64>], scale: f64) -> Vec<f64> {
    let entry = |row: usize, column: usize| {
        scale * (dot(&left[row], &right[column]) + dot(&left[column], &right[row]))
    };
    (0..left.len()).flat_map(|row| (0..=row).map(move |column| entry(row, column))).collect()
}

/// Lower triangle of the inverse, what stands off the diagonal doubled.
fn packed_inverse(factor: &Cholesky) -> Vec<f64> {
    let inverse = factor.inverse();
    (0..inverse.rows())
        .flat_map(|row| {
            let twice = |column: usize| if column < row { 2.0 } else { 1.0 };
            (0..=row).map(|c| twice(c) * inverse[(row, c)]).collect::<Vec<_>>()
        })
        .collect()
}

/// Chebyshev nodes over the logarithms of half-lives.
struct Nodes {
    middle: f64,
    half_width: f64,
    count: usize,
}

impl Nodes {
    fn new(low: f64, high: f64) -> Self {
        let count = if high > low { NODES } else { 1 };
        Self { middle: 0.5 * (low + high), half_width: 0.5 * (high - low), count }
    }

    /// The angle of a node: π (k + ½) / N.
    fn angle(&self, node: usize) -> f64 {
        PI * (node as f64 + 0.5) / self.count as f64
    }

    /// The nodes of Chebyshev on the interval, middle + half-width · cos(angle) (L. N. Trefethen,
    /// *Approximation Theory and Approximation Practice*, 2013).
    fn places(&self) -> Vec<f64> {
        (0..self.count).map(|a| self.middle + self.half_width * self.angle(a).cos()).collect()
    }

    /// Lagrange's polynomials of the nodes, and their derivatives.
    fn shares(&self, place: f64) -> (Vec<f64>, Vec<f64>) {
        if self.count == 1 {
            return (vec![1.0], vec![0.0]);
        }
        let t = (place - self.middle) / self.half_width;
        let (mut shares, mut slopes) = (vec![1.0; self.count], vec![0.0; self.count]);
        // T and U, Chebyshev's polynomials of the first and second kind, by their recursion.
        let (mut first, mut second) = ((1.0, t), (0.0, 1.0));
        for k in 1..self.count {
            for a in 0..self.count {
                let own = 2.0 * (k as f64 * self.angle(a)).cos();
                shares[a] += own * first.1;
                slopes[a] += own * k as f64 * second.1;
            }
            first = (first.1, 2.0 * t * first.1 - first.0);
            second = (second.1, 2.0 * t * second.1 - second.0);
        }
        let count = self.count as f64;
        shares.iter_mut().for_each(|s| *s /= count);
        slopes.iter_mut().for_each(|s| *s /= count * self.half_width);
        (shares, slopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discrete::likelihood::TargetProblem;
    use crate::discrete::{Background, Extent, Kernel, Record, Series, Settings};

    fn problem(kernel: Kernel, places: usize) -> TargetProblem {
        let extent = Extent { kinds: 2, places, days: 700 };
        let records: Vec<Record> = (0..2100)
            .filter(|k| k * 7919 % 13 < 6)
            .map(|k| Record::on_day(k % 2, k * 31 / 17 % places, k / 3))
            .collect();
        let series = Series::new(extent, &records).unwrap();
        let background = Background { knot_days: Some(120.0), ..Background::default() };
        let settings = Settings { kernel, background, ..Settings::default() };
        TargetProblem::new(&series, &settings, 0).unwrap()
    }

    /// The table against the adjustment itself, with the links' weights about `weight`.
    fn compare(problem: &TargetProblem, weight: f64, place: f64) {
        let (layout, adjustment) = (&problem.layout, problem.adjusts().unwrap());
        let mut x = layout.start.clone();
        for k in 0..layout.parts.len() {
            x[layout.first_weight() + k] = weight / (1.0 + k as f64);
        }
        #[allow(clippy::needless_range_loop, reason = "bounds and values share the index")]
        for k in layout.first_half_life()..layout.first_half_life() + layout.half_lives {
            let (low, high) = (layout.bounds.lower[k], layout.bounds.upper[k]);
            x[k] = low + place * (high - low);
        }
        let (value, slopes) = AdjustmentTable::new(adjustment, layout).at(&x).unwrap();
        let moved = adjustment.move_to(layout, &x);
        let direct = adjustment.value(layout, &moved);
        assert!((value - direct).abs() < 1e-5, "{value} {direct}");
        let sum = |slopes: &[(usize, f64)], k: usize| -> f64 {
            slopes.iter().filter(|(l, _)| *l == k).map(|(_, slope)| slope).sum()
        };
        let expected = adjustment.value_and_slope(layout, &moved).1;
        for k in 0..x.len() {
            let (found, expected) = (sum(&slopes, k), sum(&expected, k));
            assert!(
                (found - expected).abs() < 1e-4 * (1.0 + expected.abs()),
                "{k}: {found} {expected}"
            );
        }
    }

    #[test]
    fn the_table_equals_the_adjustment_at_any_half_life() {
        let kernel = |shared| Kernel::Geometric {
            shortest_days: 0.5,
            longest_days: 60.0,
            horizon_days: 365,
            shared,
        };
        let one = problem(kernel(false), 1);
        [0.0, 0.11, 0.52, 0.97, 1.0].iter().for_each(|&place| compare(&one, 0.6, place));
        compare(&problem(kernel(true), 3), 0.3, 0.4);
    }

    #[test]
    fn the_table_equals_the_adjustment_for_kernels_of_known_shape() {
        compare(&problem(Kernel::FreeForm { edges_days: vec![1, 3, 6] }, 2), 0.4, 0.0);
        let mixture = Kernel::Mixture { half_lives_days: vec![2.0, 14.0], horizon_days: 100 };
        compare(&problem(mixture, 1), 0.4, 0.0);
    }
}
