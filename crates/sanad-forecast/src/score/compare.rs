//! Differences between two models with an interval, and skill place by place.

use sanad_core::Estimate;
use sanad_core::random::{Stream, Streams};
use sanad_numbers::sorted_quantile;

use super::table::{Metric, ScoreTable};
use crate::error::{Error, same_len};

/// How to bootstrap: whole places are drawn with replacement, because the months of one place are
/// not independent of each other (block bootstrap with places as blocks).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapSettings {
    /// Number of resamples.
    pub resamples: u32,
    /// Coverage of the percentile interval, e.g. 0.9.
    pub level: f64,
    /// Seed of the resampling.
    pub seed: u64,
}

impl Default for BootstrapSettings {
    fn default() -> Self {
        Self { resamples: 2_000, level: 0.9, seed: 0 }
    }
}

impl BootstrapSettings {
    /// Refuses no resamples, and a level outside 0 to 1.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.resamples == 0 {
            return Err(Error::setting("resamples", 0, "at least 1"));
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(Error::setting("level", self.level, "between 0 and 1"));
        }
        Ok(())
    }
}

/// A mean with its bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapMean {
    /// The mean over all cells, with its interval.
    pub mean: Estimate,
    /// Share of resamples with a mean below zero.
    pub share_negative: f64,
    /// Number of places, i.e. of blocks.
    pub places: usize,
}

/// One place's skill against a reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaceSkill {
    /// Place index.
    pub place: u32,
    /// Number of scored months.
    pub months: usize,
    /// The model's mean score.
    pub score: f64,
    /// The reference's mean score.
    pub reference: f64,
    /// 1 − score / reference; `None` where the reference scores 0 and nothing can be gained.
    pub skill: Option<f64>,
}

/// The mean of `values`, each belonging to a place, with a place-block bootstrap interval.
///
/// # Errors
/// If the two slices differ in length, or a setting is out of range.
pub fn mean_interval(
    places: &[u32],
    values: &[f64],
    settings: BootstrapSettings,
) -> Result<BootstrapMean, Error> {
    same_len("values", values.len(), places.len())?;
    settings.check()?;
    let blocks = blocks(places, values);
    let streams = Streams::new(settings.seed, "place-block bootstrap");
    let mut means: Vec<f64> = (0..settings.resamples)
        .map(|resample| resampled_mean(&blocks, &mut streams.at(0, resample, 0)))
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - settings.level) / 2.0;
    let negative = means.partition_point(|&mean| mean < 0.0);
    Ok(BootstrapMean {
        mean: Estimate::new(
            sorted_quantile(&means, tail),
            mean_of(blocks.iter()),
            sorted_quantile(&means, 1.0 - tail),
        ),
        share_negative: negative as f64 / means.len() as f64,
        places: blocks.len(),
    })
}

/// The paired difference `model − reference` of a metric over the cells both tables have.
///
/// Negative means the model is better, for every metric that is a loss.
///
/// # Errors
/// If the tables have no cell in common, or a setting is out of range.
pub fn paired(
    model: &ScoreTable,
    reference: &ScoreTable,
    metric: Metric,
    settings: BootstrapSettings,
) -> Result<BootstrapMean, Error> {
    let (places, differences) = differences(model, reference, metric);
    if places.is_empty() {
        return Err(Error::shape("the tables' common cells", 0, model.rows().len()));
    }
    mean_interval(&places, &differences, settings)
}

/// Skill of `model` against `reference` by place, for places both have scored.
#[must_use]
pub fn skill_by_place(
    model: &ScoreTable,
    reference: &ScoreTable,
    metric: Metric,
) -> Vec<PlaceSkill> {
    let mut cells = common(model, reference, metric);
    cells.sort_by_key(|&(place, ..)| place);
    cells.chunk_by(|a, b| a.0 == b.0).map(place_skill).collect()
}

/// One place's mean scores and the skill 1 − score / reference.
fn place_skill(cells: &[(u32, f64, f64)]) -> PlaceSkill {
    let months = cells.len();
    let score = cells.iter().map(|cell| cell.1).sum::<f64>() / months as f64;
    let reference = cells.iter().map(|cell| cell.2).sum::<f64>() / months as f64;
    let skill = (reference > 0.0).then(|| 1.0 - score / reference);
    PlaceSkill { place: cells[0].0, months, score, reference, skill }
}

/// (place, model, reference) of the cells both tables have.
fn common(model: &ScoreTable, reference: &ScoreTable, metric: Metric) -> Vec<(u32, f64, f64)> {
    let key = |row: &super::Row| (row.origin, row.place, row.step);
    let keyed = |table: &ScoreTable| {
        let mut rows: Vec<_> =
            table.rows().iter().map(|row| (key(row), metric.of(&row.scores))).collect();
        rows.sort_by_key(|&(key, _)| key);
        rows
    };
    let other = keyed(reference);
    keyed(model)
        .into_iter()
        .filter_map(|(key, value)| {
            let at = other.binary_search_by_key(&key, |&(key, _)| key).ok()?;
            Some((key.1, value, other[at].1))
        })
        .collect()
}

/// Place and score difference of every cell that both tables have.
fn differences(model: &ScoreTable, reference: &ScoreTable, metric: Metric) -> (Vec<u32>, Vec<f64>) {
    common(model, reference, metric).into_iter().map(|(place, a, b)| (place, a - b)).unzip()
}

/// (sum, count) of each place, in order of place.
fn blocks(places: &[u32], values: &[f64]) -> Vec<(f64, f64)> {
    let mut by_place: Vec<(u32, f64)> =
        places.iter().copied().zip(values.iter().copied()).collect();
    by_place.sort_by_key(|&(place, _)| place);
    by_place
        .chunk_by(|a, b| a.0 == b.0)
        .map(|block| (block.iter().map(|b| b.1).sum(), block.len() as f64))
        .collect()
}

/// The mean over as many blocks as there are, drawn with replacement.
fn resampled_mean(blocks: &[(f64, f64)], stream: &mut Stream) -> f64 {
    let pick = |_| &blocks[index_below(stream, blocks.len())];
    mean_of((0..blocks.len()).map(pick).collect::<Vec<_>>().into_iter())
}

/// The mean over all cells of the blocks.
fn mean_of<'a>(blocks: impl Iterator<Item = &'a (f64, f64)>) -> f64 {
    let (sum, count) = blocks.fold((0.0, 0.0), |acc, block| (acc.0 + block.0, acc.1 + block.1));
    sum / count
}

/// A position below `len`, each as likely.
pub(crate) fn index_below(stream: &mut Stream, len: usize) -> usize {
    ((stream.open01() * len as f64) as usize).min(len.saturating_sub(1))
}
