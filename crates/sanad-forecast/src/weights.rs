//! How weights follow from past windows: convex losses of a linear pool, minimised.
//!
//! The draws of a pool are those of its components in shares wᵢ. Its CRPS needs no draws of its own:
//!
//! CRPS = Σ wᵢ E|Xᵢ − y| − ½ Σ wᵢ wⱼ E|Xᵢ − Xⱼ|,
//!
//! a quadratic form in the weights whose coefficients are summed once over past forecasts. The
//! ignorance score of the pool, −log₂ Σ wᵢ pᵢ(y), is convex in them as well, so that descent finds the
//! one minimum of their sum.

use rayon::prelude::*;

use crate::draws::Draws;
use crate::regime_of_place::REGIMES;
use crate::score::{IGN_EDGES, ign_bin};

/// How the components did in one past window.
#[derive(Debug, Clone)]
pub(crate) struct PoolEvidence {
    /// Regime of each place at the window's origin.
    regimes: Vec<usize>,
    /// Per known cell, ordered by place: place, and each component's probability of the bin the outcome fell in.
    cells: Vec<(u32, Vec<f64>)>,
    /// Sums over the cells of each regime, in units of the window's mean.
    distances: Vec<Distances>,
}

/// What the CRPS of a linear pool needs: with Xᵢ the components, E|Xᵢ − y| and E|Xᵢ − Xⱼ|, summed
/// over cells, for the counts and for their ln(1 + x).
#[derive(Debug, Clone)]
struct Distances {
    to_outcome: [Vec<f64>; 2],
    between: [Vec<f64>; 2],
    cells: f64,
}

impl Distances {
    /// No distances yet.
    fn zeros(components: usize) -> Self {
        let to_outcome = [vec![0.0; components], vec![0.0; components]];
        let between = [vec![0.0; components * components], vec![0.0; components * components]];
        Self { to_outcome, between, cells: 0.0 }
    }

    /// Adds another's sums, those of counts and of logarithms each at its own scale.
    fn add(&mut self, other: &Self, scale: [f64; 2]) {
        for (kind, scale) in scale.into_iter().enumerate() {
            let sum = |to: &mut Vec<f64>, from: &Vec<f64>| {
                to.iter_mut().zip(from).for_each(|(t, f)| *t += f * scale);
            };
            sum(&mut self.to_outcome[kind], &other.to_outcome[kind]);
            sum(&mut self.between[kind], &other.between[kind]);
        }
        self.cells += other.cells;
    }

    /// The derivatives of [`Distances::crps`] by the weights.
    fn gradient(&self, kind: usize, weights: &[f64]) -> Vec<f64> {
        let rows = self.between[kind].chunks_exact(weights.len());
        let spread = |row: &[f64]| row.iter().zip(weights).map(|(b, w)| b * w).sum::<f64>();
        self.to_outcome[kind].iter().zip(rows).map(|(to, row)| to - spread(row)).collect()
    }

    /// The summed CRPS of the pool with these weights.
    fn crps(&self, kind: usize, weights: &[f64]) -> f64 {
        let k = weights.len();
        (0..k)
            .map(|i| {
                let spread: f64 = (0..k).map(|j| weights[j] * self.between[kind][i * k + j]).sum();
                weights[i] * (self.to_outcome[kind][i] - 0.5 * spread)
            })
            .sum()
    }
}

impl PoolEvidence {
    /// `draws` are the components' at one origin, `observed` places × steps.
    pub(crate) fn of(draws: &[Draws], observed: &[f64], regimes: Vec<usize>) -> Self {
        let components = draws.len();
        let steps = draws[0].steps();
        let scored: Vec<Option<(Vec<f64>, Distances)>> = observed
            .par_iter()
            .enumerate()
            .map(|(cell, &y)| {
                let samples: Vec<&[u32]> =
                    draws.iter().map(|d| d.cell(cell / steps, cell % steps)).collect();
                (!y.is_nan()).then(|| (bin_probabilities(&samples, y), distances(&samples, y)))
            })
            .collect();
        let mut window = Distances::zeros(components);
        let mut raw = vec![Distances::zeros(components); REGIMES];
        let mut cells = Vec::new();
        for (cell, scores) in scored.into_iter().enumerate() {
            let Some((probabilities, distances)) = scores else { continue };
            let place = cell / steps;
            window.add(&distances, [1.0; 2]);
            raw[regimes[place]].add(&distances, [1.0; 2]);
            cells.push((place as u32, probabilities));
        }
        let distances = in_units_of(&window, &raw);
        Self { regimes, cells, distances }
    }

    /// The cells of a place.
    fn of_place(&self, place: usize) -> &[(u32, Vec<f64>)] {
        let first = self.cells.partition_point(|(p, _)| (*p as usize) < place);
        let past = self.cells.partition_point(|(p, _)| *p as usize <= place);
        &self.cells[first..past]
    }
}

/// Each regime's sums in units of the window's mean CRPS, so that one great war does not decide
/// the weights of all years.
fn in_units_of(window: &Distances, raw: &[Distances]) -> Vec<Distances> {
    let components = window.to_outcome[0].len();
    let even = vec![1.0 / components as f64; components];
    let scale = [0, 1].map(|kind| {
        let mean = window.crps(kind, &even) / window.cells;
        if mean > 0.0 { 1.0 / mean } else { 0.0 }
    });
    raw.iter()
        .map(|regime| {
            let mut scaled = Distances::zeros(components);
            scaled.add(regime, scale);
            scaled
        })
        .collect()
}

/// Share of draws in the outcome's bin, with a third of a draw added to each bin.
fn bin_probabilities(samples: &[&[u32]], observed: f64) -> Vec<f64> {
    let bin = ign_bin(observed);
    let added = 1.0 / 3.0;
    let bins = IGN_EDGES.len() as f64;
    let share = |draws: &[u32]| {
        let hits = draws.iter().filter(|&&x| ign_bin(f64::from(x)) == bin).count() as f64;
        (hits + added) / (draws.len() as f64 + added * bins)
    };
    samples.iter().map(|draws| share(draws)).collect()
}

/// The mean distances E|X − y| of each component's draws to the outcome and E|X − X'| between
/// components, of which the CRPS of any mixture is made: Σ wᵢ E|Xᵢ − y| − ½ Σ wᵢ wⱼ E|Xᵢ − Xⱼ'|
/// (T. Gneiting and A. E. Raftery, "Strictly proper scoring rules, prediction, and estimation",
/// JASA 102, 2007, eq. 21).
fn distances(samples: &[&[u32]], observed: f64) -> Distances {
    let k = samples.len();
    let mut out = Distances::zeros(k);
    out.cells = 1.0;
    let sorted: Vec<Vec<u32>> = samples
        .iter()
        .map(|draws| {
            let mut sorted = draws.to_vec();
            sorted.sort_unstable();
            sorted
        })
        .collect();
    if sorted.iter().all(|draws| draws.last() == Some(&0)) {
        out.to_outcome[0].fill(observed);
        out.to_outcome[1].fill(observed.ln_1p());
        return out;
    }
    let logs: Vec<Vec<f64>> = map_all(&sorted, |x| f64::from(x).ln_1p());
    let counts: Vec<Vec<f64>> = map_all(&sorted, f64::from);
    for (kind, (values, y)) in [(&counts, observed), (&logs, observed.ln_1p())].iter().enumerate() {
        for i in 0..k {
            let from_y = values[i].iter().map(|x| (x - y).abs()).sum::<f64>();
            out.to_outcome[kind][i] = from_y / values[i].len() as f64;
            for j in i..k {
                let apart = mean_distance(&values[i], &values[j]);
                out.between[kind][i * k + j] = apart;
                out.between[kind][j * k + i] = apart;
            }
        }
    }
    out
}

/// All draws under a function.
fn map_all(samples: &[Vec<u32>], map: impl Fn(u32) -> f64) -> Vec<Vec<f64>> {
    samples.iter().map(|draws| draws.iter().map(|&x| map(x)).collect()).collect()
}

/// E|X − X′| of two sorted samples in linear time: ∫ F(1 − G) + G(1 − F).
fn mean_distance(a: &[f64], b: &[f64]) -> f64 {
    let (n, m) = (a.len() as f64, b.len() as f64);
    let (mut i, mut j, mut total) = (0, 0, 0.0);
    let mut left = a[0].min(b[0]);
    while i < a.len() || j < b.len() {
        let right = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.min(*y),
            (Some(x), None) => *x,
            (None, Some(y)) => *y,
            (None, None) => break,
        };
        let (f, g) = (i as f64 / n, j as f64 / m);
        total += (f * (1.0 - g) + g * (1.0 - f)) * (right - left);
        left = right;
        while a.get(i).is_some_and(|&x| x <= right) {
            i += 1;
        }
        while b.get(j).is_some_and(|&y| y <= right) {
            j += 1;
        }
    }
    total
}

/// Learns weights on the simplex.
pub(crate) struct PoolWeights;

/// Strength of the pull towards even weights, in cells.
const PULL_TO_EVEN_CELLS: f64 = 3.0;

impl PoolWeights {
    /// Minimises ignorance + CRPS + log1p-CRPS, each in units of its own mean under even weights,
    /// over the cells of a regime, by exponentiated gradients (Kivinen and Warmuth 1997).
    pub(crate) fn of_regime(
        evidence: &[&PoolEvidence],
        regime: usize,
        components: usize,
    ) -> Vec<f64> {
        let even = vec![1.0 / components as f64; components];
        let probabilities = counted(evidence.iter().flat_map(|window| {
            let here = |place: u32| window.regimes[place as usize] == regime;
            window.cells.iter().filter(move |(place, _)| here(*place)).map(|(_, p)| &p[..])
        }));
        if probabilities.is_empty() {
            return even;
        }
        let mut sums = Distances::zeros(components);
        evidence.iter().for_each(|window| sums.add(&window.distances[regime], [1.0; 2]));
        descend(&probabilities, &sums, even)
    }

    /// Moves a regime's weights towards those under which the place's own past outcomes were
    /// likeliest: expectation–maximisation with the regime's weights as prior counts.
    pub(crate) fn of_place(
        evidence: &[&PoolEvidence],
        place: usize,
        prior: &[f64],
        prior_cells: f64,
    ) -> Vec<f64> {
        let own: Vec<&[f64]> = evidence
            .iter()
            .flat_map(|window| window.of_place(place))
            .map(|(_, p)| &p[..])
            .collect();
        let mut weights = prior.to_vec();
        for _ in 0..40 {
            let mut counts: Vec<f64> = prior.iter().map(|w| w * prior_cells).collect();
            for p in &own {
                let total: f64 = p.iter().zip(&weights).map(|(p, w)| p * w).sum();
                for ((count, p), w) in counts.iter_mut().zip(p.iter()).zip(&weights) {
                    *count += p * w / total;
                }
            }
            weights = normalised(counts);
        }
        weights
    }
}

/// Distinct vectors, in a fixed order, and how often each occurs. Quiet places have the same
/// probabilities in nearly all cells.
fn counted<'a>(vectors: impl Iterator<Item = &'a [f64]>) -> Vec<(&'a [f64], f64)> {
    let mut all: Vec<&[f64]> = vectors.collect();
    let order = |a: &&[f64], b: &&[f64]| {
        a.iter()
            .zip(b.iter())
            .map(|(x, y)| x.total_cmp(y))
            .find(|o| o.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len()))
    };
    all.sort_unstable_by(order);
    all.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as f64)).collect()
}

/// The weights that lower the sum of scores most, from equal ones.
fn descend(probabilities: &[(&[f64], f64)], sums: &Distances, even: Vec<f64>) -> Vec<f64> {
    let reference = [
        ignorance_bits(probabilities, &even),
        sums.crps(0, &even).max(1e-9),
        sums.crps(1, &even).max(1e-9),
    ];
    let mut weights = even;
    for iteration in 0..400 {
        let gradient = loss_gradient(probabilities, sums, reference, &weights);
        let rate = 0.5 / (1.0 + f64::from(iteration) / 50.0);
        let least = gradient.iter().copied().fold(f64::INFINITY, f64::min);
        let lowered = weights
            .iter()
            .zip(&gradient)
            .map(|(w, g)| (w * (-rate * (g - least)).exp().max(1e-3)).max(1e-6))
            .collect();
        weights = normalised(lowered);
    }
    weights
}

/// Derivatives of ignorance + CRPS + log1p-CRPS in units of `reference`, with the pull to even.
fn loss_gradient(
    probabilities: &[(&[f64], f64)],
    sums: &Distances,
    reference: [f64; 3],
    weights: &[f64],
) -> Vec<f64> {
    let mut gradient = vec![0.0; weights.len()];
    for (p, times) in probabilities {
        let total: f64 = p.iter().zip(weights).map(|(p, w)| p * w).sum();
        let scale = times / (total * core::f64::consts::LN_2 * reference[0]);
        gradient.iter_mut().zip(p.iter()).for_each(|(g, p)| *g -= p * scale);
    }
    let (raw, logs) = (sums.gradient(0, weights), sums.gradient(1, weights));
    let cells: f64 = probabilities.iter().map(|(_, times)| times).sum();
    let pull = PULL_TO_EVEN_CELLS / (weights.len() as f64 * cells);
    for (((g, raw), logs), w) in gradient.iter_mut().zip(raw).zip(logs).zip(weights) {
        *g += raw / reference[1] + logs / reference[2] - pull / w;
    }
    gradient
}

fn normalised(values: Vec<f64>) -> Vec<f64> {
    let total: f64 = values.iter().sum();
    values.into_iter().map(|value| value / total).collect()
}

/// Σ −log₂ of the mixture's probability of what came.
fn ignorance_bits(probabilities: &[(&[f64], f64)], weights: &[f64]) -> f64 {
    let pooled = |p: &[f64]| p.iter().zip(weights).map(|(p, w)| p * w).sum::<f64>();
    probabilities.iter().map(|(p, times)| -times * pooled(p).log2()).sum::<f64>().max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_distance_is_that_over_all_pairs() {
        let (a, b) = ([0.0, 0.0, 3.0, 7.0], [1.0, 3.0, 3.0]);
        let pairs: f64 = a.iter().flat_map(|x| b.iter().map(move |y: &f64| (x - y).abs())).sum();
        assert!((mean_distance(&a, &b) - pairs / 12.0).abs() < 1e-12);
    }

    #[test]
    fn weights_go_to_the_component_that_is_right() {
        let good = Draws::from_values(1, 40, 50, vec![4; 2000]).unwrap();
        let bad = Draws::from_values(1, 40, 50, vec![400; 2000]).unwrap();
        let evidence = PoolEvidence::of(&[good, bad], &[4.0; 40], vec![3]);
        let weights = PoolWeights::of_regime(&[&evidence], 3, 2);
        assert!(weights[0] > 0.9, "{weights:?}");
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_regime_without_cells_gets_even_weights() {
        let draws = Draws::zeros(1, 2, 5);
        let evidence = PoolEvidence::of(&[draws.clone(), draws], &[0.0, f64::NAN], vec![0]);
        assert_eq!(PoolWeights::of_regime(&[&evidence], 4, 2), [0.5, 0.5]);
    }
}
