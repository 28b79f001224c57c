//! Whether the probabilities mean what they say.

use super::table::ScoreTable;

/// A PIT histogram for counts: flat when calibrated, ∪-shaped when too narrow, ∩-shaped when too
/// wide. Not randomised: each outcome spreads its mass over its own PIT interval, as in Czado,
/// Gneiting and Held (2009).
#[derive(Debug, Clone, PartialEq)]
pub struct PitHistogram {
    /// Mass of each bin of equal width on [0, 1]; sums to 1.
    pub mass: Vec<f64>,
}

impl PitHistogram {
    /// The histogram of a table's cells in `bins` bins.
    #[must_use]
    pub fn from_table(table: &ScoreTable, bins: usize) -> Self {
        let cells = table.rows().len() as f64;
        let mean_at =
            |u: f64| table.rows().iter().map(|row| uniform(row.scores.pit, u)).sum::<f64>() / cells;
        let edges: Vec<f64> = (0..=bins).map(|edge| mean_at(edge as f64 / bins as f64)).collect();
        Self { mass: edges.windows(2).map(|pair| pair[1] - pair[0]).collect() }
    }
}

/// The distribution function at `u` of a uniform on the PIT interval.
fn uniform([lower, upper]: [f64; 2], u: f64) -> f64 {
    if u >= upper {
        1.0
    } else if u <= lower {
        0.0
    } else {
        (u - lower) / (upper - lower)
    }
}

/// One bin of a reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// Mean forecast probability of the cells in the bin.
    pub forecast: f64,
    /// Share of them where the event came.
    pub observed: f64,
    /// How many cells.
    pub cells: usize,
}

/// A reliability diagram: forecast probability against how often the event came, and the
/// decomposition of the Brier score (Murphy 1973) over the same bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// Bins that hold at least one cell, by forecast.
    pub bins: Vec<ReliabilityBin>,
    /// Weighted squared distance of the bins from the diagonal; lower is better.
    pub reliability: f64,
    /// Weighted squared distance of the bins' outcomes from the base rate; higher is better.
    pub resolution: f64,
    /// Variance of the outcome itself.
    pub uncertainty: f64,
}

impl Reliability {
    /// Of P(≥ 1) in `bins` bins of equal width.
    #[must_use]
    pub fn of_any(table: &ScoreTable, bins: usize) -> Self {
        let cell = |row: &super::Row| (row.scores.probability_1, row.observed >= 1.0);
        Self::of(table.rows().iter().map(cell), bins)
    }

    /// Of P(≥ 25) in `bins` bins of equal width.
    #[must_use]
    pub fn of_25(table: &ScoreTable, bins: usize) -> Self {
        let cell = |row: &super::Row| (row.scores.probability_25, row.observed >= 25.0);
        Self::of(table.rows().iter().map(cell), bins)
    }

    /// Of any (probability, event) pairs.
    #[must_use]
    pub fn of(pairs: impl Iterator<Item = (f64, bool)>, bins: usize) -> Self {
        let mut sums = vec![(0.0, 0.0, 0_usize); bins.max(1)];
        for (probability, event) in pairs {
            let bin = ((probability * bins as f64) as usize).min(sums.len() - 1);
            sums[bin].0 += probability;
            sums[bin].1 += f64::from(u8::from(event));
            sums[bin].2 += 1;
        }
        let bins: Vec<ReliabilityBin> = sums
            .into_iter()
            .filter(|sum| sum.2 > 0)
            .map(|(forecast, events, cells)| ReliabilityBin {
                forecast: forecast / cells as f64,
                observed: events / cells as f64,
                cells,
            })
            .collect();
        Self::decompose(bins)
    }

    /// Murphy's three parts over bins: reliability Σ n (f − o)² / N, resolution Σ n (o − ō)² / N
    /// and uncertainty ō (1 − ō).
    fn decompose(bins: Vec<ReliabilityBin>) -> Self {
        let total: f64 = bins.iter().map(|bin| bin.cells as f64).sum();
        let mean = |value: &dyn Fn(&ReliabilityBin) -> f64| {
            bins.iter().map(|bin| bin.cells as f64 * value(bin)).sum::<f64>() / total
        };
        let base = mean(&|bin| bin.observed);
        Self {
            reliability: mean(&|bin| (bin.forecast - bin.observed).powi(2)),
            resolution: mean(&|bin| (bin.observed - base).powi(2)),
            uncertainty: base * (1.0 - base),
            bins,
        }
    }
}
