//! One model against another window by window, and the places that made a difference.
//!
//! A mean over many windows hides the single ones, and one war can make a window. So each window has
//! its own ratio and interval here, and its difference is split over places.

use super::compare::{BootstrapMean, BootstrapSettings, paired};
use super::table::{Metric, ScoreTable};
use crate::error::Error;

/// A model and a reference in one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowComparison {
    /// Month index of the window's origin.
    pub origin: usize,
    /// The model's mean score.
    pub model: f64,
    /// The reference's mean score.
    pub reference: f64,
    /// Mean of model − reference over the cells both have, with its interval over places.
    pub difference: BootstrapMean,
}

impl WindowComparison {
    /// The model's score in units of the reference's; below 1 the model is better, for every metric
    /// that is a loss. Infinite or `NaN` where the reference scores 0.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.model / self.reference
    }
}

/// A place's part in the difference between two models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacePart {
    /// Place index.
    pub place: u32,
    /// What the place adds to the difference of the means; the parts of all places sum to it.
    pub difference: f64,
    /// The mean of what happened there.
    pub observed: f64,
}

/// The comparison of a metric in each window that both tables have, by origin.
///
/// # Errors
/// If the tables have no window in common, or a bootstrap setting is out of range.
pub fn compare_windows(
    model: &ScoreTable,
    reference: &ScoreTable,
    metric: Metric,
    settings: BootstrapSettings,
) -> Result<Vec<WindowComparison>, Error> {
    let shared: Vec<usize> = model
        .origins()
        .into_iter()
        .filter(|origin| reference.origins().binary_search(origin).is_ok())
        .collect();
    if shared.is_empty() {
        return Err(Error::shape("the tables' common windows", 0, model.origins().len()));
    }
    let one = |origin: usize| {
        let [a, b] = [model, reference].map(|table| table.filter(|row| row.origin == origin));
        let difference = paired(&a, &b, metric, settings)?;
        Ok(WindowComparison {
            origin,
            model: a.mean(metric),
            reference: b.mean(metric),
            difference,
        })
    };
    shared.into_iter().map(one).collect()
}

/// The mean over windows of the two scores' ratio, so that each window counts the same however
/// violent it was; `NaN` if there are none.
#[must_use]
pub fn mean_ratio(windows: &[WindowComparison]) -> f64 {
    windows.iter().map(WindowComparison::ratio).sum::<f64>() / windows.len() as f64
}

/// How much each place adds to the difference model − reference over all cells that both have;
/// what adds most comes first, then by place.
///
/// ```
/// use sanad_forecast::score::{Metric, ScoreTable, place_parts};
/// use sanad_forecast::Draws;
///
/// let table = |values| {
///     let draws = Draws::from_values(2, 1, 1, values)?;
///     ScoreTable::of_window(0, 1, &draws, &[0.0, 10.0])
/// };
/// let parts = place_parts(&table(vec![0, 4])?, &table(vec![0, 8])?, Metric::Crps);
/// // Off by six where the reference is off by two, one place of two: 4 / 2.
/// assert_eq!((parts[0].place, parts[0].difference), (1, 2.0));
/// # Ok::<(), sanad_forecast::Error>(())
/// ```
#[must_use]
pub fn place_parts(model: &ScoreTable, reference: &ScoreTable, metric: Metric) -> Vec<PlacePart> {
    let key = |row: &super::Row| (row.place, row.origin, row.step);
    let sorted = |table: &ScoreTable| {
        let mut rows = table.rows().to_vec();
        rows.sort_by_key(key);
        rows
    };
    let references = sorted(reference);
    let shared: Vec<(u32, f64, f64)> = sorted(model)
        .iter()
        .filter_map(|row| {
            let other = references.binary_search_by_key(&key(row), key).ok()?;
            let apart = metric.of(&row.scores) - metric.of(&references[other].scores);
            Some((row.place, apart, row.observed))
        })
        .collect();
    let cells = shared.len() as f64;
    let mut parts: Vec<PlacePart> = shared
        .chunk_by(|a, b| a.0 == b.0)
        .map(|own| PlacePart {
            place: own[0].0,
            difference: own.iter().map(|cell| cell.1).sum::<f64>() / cells,
            observed: own.iter().map(|cell| cell.2).sum::<f64>() / own.len() as f64,
        })
        .collect();
    parts.sort_by(|a, b| b.difference.total_cmp(&a.difference).then(a.place.cmp(&b.place)));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Draws;

    /// Windows at origins 0 and 12: two places, one step, a single draw each.
    fn table(values: [[u32; 2]; 2]) -> ScoreTable {
        let mut table = ScoreTable::default();
        for (origin, values) in [0, 12].into_iter().zip(values) {
            let draws = Draws::from_values(2, 1, 1, values.to_vec()).unwrap();
            table.append(ScoreTable::of_window(origin, 1, &draws, &[0.0, 10.0]).unwrap());
        }
        table
    }

    #[test]
    fn each_window_has_its_own_ratio_and_the_mean_counts_them_alike() {
        let (model, reference) = (table([[0, 4], [0, 10]]), table([[0, 8], [0, 6]]));
        let settings = BootstrapSettings { resamples: 50, ..BootstrapSettings::default() };
        let windows = compare_windows(&model, &reference, Metric::Crps, settings).unwrap();
        let ratios: Vec<f64> = windows.iter().map(WindowComparison::ratio).collect();
        assert_eq!(ratios, [3.0, 0.0]);
        assert_eq!(windows[0].difference.mean.value, 2.0);
        assert_eq!(mean_ratio(&windows), 1.5);
    }

    #[test]
    fn parts_of_places_sum_to_the_difference_of_the_means() {
        let (model, reference) = (table([[3, 4], [1, 10]]), table([[0, 8], [0, 6]]));
        let parts = place_parts(&model, &reference, Metric::Crps);
        let sum: f64 = parts.iter().map(|part| part.difference).sum();
        let apart = model.mean(Metric::Crps) - reference.mean(Metric::Crps);
        assert!((sum - apart).abs() < 1e-12, "{parts:?}");
        // The quiet place is off by 3 and 1 of four cells; the other gains 4 and loses 4.
        assert_eq!((parts[0].place, parts[0].difference), (0, 1.0));
        assert_eq!(parts[1].observed, 10.0);
    }

    #[test]
    fn tables_of_different_windows_cannot_be_compared() {
        let model = table([[0, 0]; 2]).filter(|row| row.origin == 0);
        let other = table([[0, 0]; 2]).filter(|row| row.origin == 12);
        let settings = BootstrapSettings::default();
        assert!(compare_windows(&model, &other, Metric::Crps, settings).unwrap_err().is_shape());
    }
}
