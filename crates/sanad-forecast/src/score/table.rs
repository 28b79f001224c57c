//! Scores of many places and steps, and their means.

use rayon::prelude::*;

use super::cell::{CellScores, QUANTILE_LEVELS};
use super::ecdf::Tally;
use crate::draws::Draws;
use crate::error::{Error, same_len};

/// A score that a table can be summarised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// [`CellScores::crps`].
    Crps,
    /// [`CellScores::ign`].
    Ign,
    /// [`CellScores::mis_90`].
    Mis90,
    /// [`CellScores::log1p_crps`].
    Log1pCrps,
    /// [`CellScores::tail_crps`].
    TailCrps,
    /// [`CellScores::brier_1`].
    Brier1,
    /// [`CellScores::brier_25`].
    Brier25,
    /// Coverage of the central 50 % interval.
    Coverage50,
    /// Coverage of the central 80 % interval.
    Coverage80,
    /// Coverage of the central 90 % interval.
    Coverage90,
    /// The mean of [`CellScores::quantile`] over its levels.
    Quantile,
}

impl Metric {
    /// All metrics, in the order a report shows them.
    pub const ALL: [Self; 11] = [
        Self::Crps,
        Self::Ign,
        Self::Mis90,
        Self::Log1pCrps,
        Self::TailCrps,
        Self::Brier1,
        Self::Brier25,
        Self::Coverage50,
        Self::Coverage80,
        Self::Coverage90,
        Self::Quantile,
    ];

    /// The name used in tables and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Crps => "crps",
            Self::Ign => "ign",
            Self::Mis90 => "mis_90",
            Self::Log1pCrps => "log1p_crps",
            Self::TailCrps => "tail_crps",
            Self::Brier1 => "brier_1",
            Self::Brier25 => "brier_25",
            Self::Coverage50 => "coverage_50",
            Self::Coverage80 => "coverage_80",
            Self::Coverage90 => "coverage_90",
            Self::Quantile => "quantile",
        }
    }

    /// This metric's value in a cell.
    #[must_use]
    pub fn of(self, scores: &CellScores) -> f64 {
        match self {
            Self::Crps => scores.crps,
            Self::Ign => scores.ign,
            Self::Mis90 => scores.mis_90,
            Self::Log1pCrps => scores.log1p_crps,
            Self::TailCrps => scores.tail_crps,
            Self::Brier1 => scores.brier_1,
            Self::Brier25 => scores.brier_25,
            Self::Coverage50 => scores.covered[0],
            Self::Coverage80 => scores.covered[1],
            Self::Coverage90 => scores.covered[2],
            Self::Quantile => scores.quantile.iter().sum::<f64>() / QUANTILE_LEVELS.len() as f64,
        }
    }
}

/// One scored place and month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Month index of the forecast's origin.
    pub origin: usize,
    /// Place index.
    pub place: u32,
    /// Months ahead of the origin.
    pub step: u32,
    /// What happened.
    pub observed: f64,
    /// The scores.
    pub scores: CellScores,
}

/// Scored cells, in window, place, step order. Cells whose outcome is missing are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScoreTable {
    rows: Vec<Row>,
}

/// Scores every cell of `draws` against `observed` (places × steps, `NaN` missing), in parallel
/// and in a fixed order.
///
/// # Errors
/// If `observed` is not places × steps long.
pub fn score_draws(draws: &Draws, observed: &[f64]) -> Result<Vec<Option<CellScores>>, Error> {
    same_len("observed", observed.len(), draws.places() * draws.steps())?;
    Ok(draws
        .values()
        .par_chunks(draws.draws())
        .zip(observed)
        .map_init(Tally::default, |tally, (cell, &y)| CellScores::from_draws(tally, cell, y))
        .collect())
}

/// As [`score_draws`], for draws that need not be whole numbers: `draws` of each cell side by side,
/// none of them NaN.
///
/// # Errors
/// If `values` is not `draws` times as long as `observed`, or `draws` is 0.
pub fn score_values(
    values: &[f64],
    draws: usize,
    observed: &[f64],
) -> Result<Vec<Option<CellScores>>, Error> {
    if draws == 0 {
        return Err(Error::setting("draws", draws, "at least 1"));
    }
    same_len("draws", values.len(), observed.len() * draws)?;
    Ok(values
        .par_chunks(draws)
        .zip(observed)
        .map_init(Tally::default, |tally, (cell, &y)| CellScores::of_values(tally, cell, y))
        .collect())
}

impl ScoreTable {
    /// Scores one window: `observed` is places × steps, `first_step` the first step ahead.
    ///
    /// # Errors
    /// If `observed` is not places × steps long.
    pub fn of_window(
        origin: usize,
        first_step: usize,
        draws: &Draws,
        observed: &[f64],
    ) -> Result<Self, Error> {
        let scored = score_draws(draws, observed)?;
        Ok(Self::of_cells(origin, first_step, draws.steps(), scored, observed))
    }

    /// As [`of_window`](Self::of_window), from the scores of cells in place, step order; `observed`
    /// and `scored` are places × `steps`.
    #[must_use]
    pub fn of_cells(
        origin: usize,
        first_step: usize,
        steps: usize,
        scored: Vec<Option<CellScores>>,
        observed: &[f64],
    ) -> Self {
        let rows = scored
            .into_iter()
            .enumerate()
            .filter_map(|(cell, scores)| {
                Some(Row {
                    origin,
                    place: (cell / steps) as u32,
                    step: (first_step + cell % steps) as u32,
                    observed: observed[cell],
                    scores: scores?,
                })
            })
            .collect();
        Self { rows }
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Adds another window's rows.
    pub fn append(&mut self, mut other: Self) {
        self.rows.append(&mut other.rows);
    }

    /// Brings the rows into place, window, step order.
    pub(crate) fn sort_by_place(&mut self) {
        self.rows.sort_by_key(|row| (row.place, row.origin, row.step));
    }

    /// The rows that `keep` accepts.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&Row) -> bool) -> Self {
        Self { rows: self.rows.iter().filter(|row| keep(row)).copied().collect() }
    }

    /// The mean of a metric over all cells, `NaN` if there are none.
    #[must_use]
    pub fn mean(&self, metric: Metric) -> f64 {
        self.rows.iter().map(|row| metric.of(&row.scores)).sum::<f64>() / self.rows.len() as f64
    }

    /// The mean over windows of each window's mean, as the challenge ranks entries.
    #[must_use]
    pub fn mean_over_windows(&self, metric: Metric) -> f64 {
        let origins = self.origins();
        let means = origins.iter().map(|&o| self.filter(|row| row.origin == o).mean(metric));
        means.sum::<f64>() / origins.len() as f64
    }

    /// The origins, ascending, each once.
    #[must_use]
    pub fn origins(&self) -> Vec<usize> {
        let mut origins: Vec<usize> = self.rows.iter().map(|row| row.origin).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
}
