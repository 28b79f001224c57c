//! Whether two organisations' mixes move together.
//!
//! The measure is the mean Jensen–Shannon divergence of the two mixes over the months in which
//! both spoke. Chance is what the same months give when the second organisation's months are put
//! against other months of the first: each keeps its own themes and its own volume, only the
//! timing is broken. A low p-value says that the two mixes are closer **in time** than that; it
//! does not say who followed whom, nor that they talked to each other.

use rayon::prelude::*;
use sanad_core::random::Streams;
use serde::{Deserialize, Serialize};

use super::mix::jensen_shannon_bits;
use crate::error::{Error, Result};

/// How timing is broken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chance {
    /// Shift one series around by a random number of months: keeps its own slow drift, and so
    /// does not mistake two slow trends for synchrony. Needs a dozen months or more.
    #[default]
    CircularShift,
    /// Shuffle the months.
    Shuffle,
}

/// Settings of the test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How timing is broken.
    pub chance: Chance,
    /// Rearrangements drawn, ≥ 19. Circular shifts are all taken where there are no more of them.
    pub permutations: usize,
    /// Fewest statements of each organisation in a month that counts.
    pub min_statements: f64,
    /// Seed.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { chance: Chance::default(), permutations: 999, min_statements: 1.0, seed: 1 }
    }
}

/// Synchrony of two organisations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Synchrony {
    /// Months in which both spoke.
    pub months: usize,
    /// Mean divergence in bits, in [0, 1].
    pub divergence_bits: f64,
    /// Mean divergence of the rearrangements.
    pub chance_bits: f64,
    /// Share of rearrangements, the observed one included, that are at least as close.
    pub p_value: f64,
}

/// Tests `first` against `second`, each months × categories (row-major, counts ≥ 0, months
/// aligned). `None` where fewer than three months are common.
///
/// # Errors
/// Lengths that do not agree, no categories, or fewer than 19 permutations.
pub fn synchrony(
    first: &[f64],
    second: &[f64],
    categories: usize,
    settings: &Settings,
) -> Result<Option<Synchrony>> {
    if categories == 0 || !first.len().is_multiple_of(categories) {
        return Err(Error::shape("categories", categories.max(1), first.len()));
    }
    if first.len() != second.len() {
        return Err(Error::shape("months × categories", first.len(), second.len()));
    }
    if settings.permutations < 19 {
        return Err(Error::setting("permutations", "must be 19 or more"));
    }
    // Only months in which both spoke are rearranged, so every rearrangement compares as many.
    let spoke = |row: &[f64]| row.iter().sum::<f64>() >= settings.min_statements.max(1e-300);
    let common: Vec<(&[f64], &[f64])> = first
        .chunks(categories)
        .zip(second.chunks(categories))
        .filter(|(a, b)| spoke(a) && spoke(b))
        .collect();
    if common.len() < 3 {
        return Ok(None);
    }
    Ok(Some(test(&common, settings)))
}

/// The mean divergence between two organisations' mixes of frames in the same month, against
/// months of the other put in another order.
fn test(common: &[(&[f64], &[f64])], settings: &Settings) -> Synchrony {
    let months = common.len();
    let table: Vec<f64> = common
        .iter()
        .flat_map(|(a, _)| common.iter().map(|(_, b)| jensen_shannon_bits(a, b).unwrap_or(0.0)))
        .collect();
    let mean = |order: &[usize]| {
        order.iter().enumerate().map(|(a, &b)| table[a * months + b]).sum::<f64>() / months as f64
    };
    let own: Vec<usize> = (0..months).collect();
    let observed = mean(&own);
    let others: Vec<f64> = orders(months, settings).par_iter().map(|order| mean(order)).collect();
    let closer = others.iter().filter(|other| **other <= observed + 1e-12).count();
    Synchrony {
        months,
        divergence_bits: observed,
        chance_bits: sanad_numbers::mean(&others),
        p_value: (1 + closer) as f64 / (1 + others.len()) as f64,
    }
}

/// Other orders of the months: shifts around the period, or permutations.
fn orders(months: usize, settings: &Settings) -> Vec<Vec<usize>> {
    let shifted = |by: usize| (0..months).map(|month| (month + by) % months).collect();
    let streams = Streams::new(settings.seed, "synchrony");
    match settings.chance {
        Chance::CircularShift if months - 1 <= settings.permutations => {
            (1..months).map(shifted).collect()
        }
        Chance::CircularShift => (0..settings.permutations)
            .map(|draw| {
                let uniform = streams.at(0, 0, draw as u32).open01();
                shifted(1 + (uniform * (months - 1) as f64) as usize)
            })
            .collect(),
        Chance::Shuffle => (0..settings.permutations)
            .map(|draw| {
                let mut stream = streams.at(0, 0, draw as u32);
                let mut order: Vec<usize> = (0..months).collect();
                for last in (1..months).rev() {
                    order.swap(last, (stream.open01() * (last + 1) as f64) as usize);
                }
                order
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(months: usize, seed: u64, themes: impl Fn(usize) -> usize) -> Vec<f64> {
        let streams = Streams::new(seed, "test");
        (0..months)
            .flat_map(|month| {
                let mut stream = streams.at(0, month as u32, 0);
                let theme = themes(month);
                (0..4)
                    .map(|k| if k == theme { 6.0 } else { (stream.open01() * 3.0).floor() })
                    .collect::<Vec<f64>>()
            })
            .collect()
    }

    #[test]
    fn mixes_that_change_together_are_found() {
        let turn = |month: usize| (month * month / 3) % 4;
        let (a, b) = (series(40, 1, turn), series(40, 2, turn));
        for chance in [Chance::CircularShift, Chance::Shuffle] {
            let settings = Settings { chance, ..Settings::default() };
            let found = synchrony(&a, &b, 4, &settings).expect("fits").expect("common");
            assert!(found.p_value < 0.05, "{found:?}");
            assert!(found.divergence_bits < found.chance_bits);
        }
    }

    /// Under no synchrony a test at 10 % must reject about one time in ten.
    #[test]
    fn unrelated_mixes_are_rejected_as_often_as_promised() {
        let trials = 300;
        let rejected = (0..trials)
            .filter(|&trial| {
                let a = series(24, 2 * trial, |month| (month * 7 + trial as usize) % 4);
                let streams = Streams::new(trial, "themes");
                let b = series(24, 2 * trial + 1, |month| {
                    (streams.at(0, month as u32, 1).open01() * 4.0) as usize
                });
                let settings =
                    Settings { chance: Chance::Shuffle, permutations: 99, ..Settings::default() };
                synchrony(&a, &b, 4, &settings).expect("fits").expect("common").p_value <= 0.1
            })
            .count();
        let share = rejected as f64 / trials as f64;
        assert!((0.055..0.155).contains(&share), "{share}");
    }

    #[test]
    fn too_little_in_common_has_no_answer() {
        let a = [1.0, 0.0, 0.0, 0.0, 1.0, 1.0];
        let found = synchrony(&a, &a, 2, &Settings::default()).expect("fits");
        assert_eq!(found, None);
        assert!(
            synchrony(&a, &a[2..], 2, &Settings::default()).is_err_and(|e| e.is_invalid_input())
        );
    }
}
