//! Krippendorff's alpha: how far coders agree beyond chance.
//!
//! K. Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability"; *Content Analysis*
//! (2018), ch. 12. Units may miss coders; a unit with fewer than two codes says nothing. Sets of
//! codes are compared by MASI (R. Passonneau 2006, "Measuring Agreement on Set-Valued Items").

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use sanad_core::random::Streams;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// 0 for equal codes, 1 for different ones.
pub fn nominal<T: PartialEq>(a: &T, b: &T) -> f64 {
    f64::from(u8::from(a != b))
}

/// MASI distance: 1 − Jaccard · monotonicity, where monotonicity is 1 for equal sets, ⅔ where one
/// contains the other, ⅓ where they overlap, 0 where they are disjoint. Two empty sets are equal.
///
/// ```
/// use sanad_evidence::statements::agreement::masi;
///
/// let distance = masi(&[1, 2].into(), &[1, 2, 3, 4].into());
/// assert!((distance - (1.0 - 0.5 * 2.0 / 3.0)).abs() < 1e-15);
/// ```
#[must_use]
pub fn masi(a: &BTreeSet<u32>, b: &BTreeSet<u32>) -> f64 {
    if a == b {
        return 0.0;
    }
    let common = a.intersection(b).count() as f64;
    let either = a.union(b).count() as f64;
    let monotonicity = if common == 0.0 {
        0.0
    } else if a.is_subset(b) || b.is_subset(a) {
        2.0 / 3.0
    } else {
        1.0 / 3.0
    };
    1.0 - common / either * monotonicity
}

/// Alpha with its bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// 1 for perfect agreement, 0 for what chance gives, negative below it.
    pub alpha: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Units with two codes or more.
    pub units: usize,
    /// Codes in those units.
    pub codes: usize,
}

/// Why codes have no alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    /// No unit has two codes, so that nobody can agree or disagree.
    NoPairs,
    /// The codes do not differ, so that chance would give the same agreement.
    OneCode,
}

impl core::fmt::Display for Undefined {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(match self {
            Self::NoPairs => "undefined: no unit has two codes",
            Self::OneCode => "undefined: only one code occurs",
        })
    }
}

/// Settings of the bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Resamples of units, from [`LEAST`](Self::LEAST) to [`MOST`](Self::MOST).
    pub resamples: usize,
    /// Probability inside the interval, in (0, 1).
    pub level: f64,
    /// Seed.
    pub seed: u64,
}

impl Bootstrap {
    /// Fewer resamples than this have no quantiles worth the name.
    pub const LEAST: usize = 20;
    /// More than this change no digit that is shown, and take memory and time without bound.
    pub const MOST: usize = 1_000_000;
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 2000, level: 0.9, seed: 1 }
    }
}

/// Alpha of `units`, each with one entry per coder (`None` where the coder did not code it), under
/// a `distance` that is 0 for equal codes and symmetric. `None` where no unit has two codes or
/// all codes are the same.
///
/// ```
/// use sanad_evidence::statements::agreement::{alpha, nominal};
///
/// let units = [[Some("a"), Some("a")], [Some("b"), Some("b")], [Some("a"), Some("b")]];
/// let found = alpha(units.iter().map(|unit| unit.as_slice()), nominal).unwrap();
/// assert!((found - (1.0 - 5.0 * 2.0 / 18.0)).abs() < 1e-12);
/// ```
pub fn alpha<'a, T: Ord + 'a>(
    units: impl Iterator<Item = &'a [Option<T>]>,
    distance: impl Fn(&T, &T) -> f64,
) -> Option<f64> {
    let table = CodeTable::new(units, distance);
    table.alpha(0..table.units.len())
}

/// Alpha with the interval from resampling units with replacement; resamples without variation
/// are left out. Where the codes have no alpha, the reason.
///
/// # Errors
/// Fewer resamples than 20, more than a million, or a level outside (0, 1).
pub fn alpha_with_interval<'a, T: Ord + 'a>(
    units: impl Iterator<Item = &'a [Option<T>]>,
    distance: impl Fn(&T, &T) -> f64,
    bootstrap: &Bootstrap,
) -> Result<core::result::Result<Agreement, Undefined>> {
    let is_level = bootstrap.level > 0.0 && bootstrap.level < 1.0;
    if !(is_level && (Bootstrap::LEAST..=Bootstrap::MOST).contains(&bootstrap.resamples)) {
        return Err(Error::setting("bootstrap", "20 to 1,000,000 resamples, a level in (0, 1)"));
    }
    let table = CodeTable::new(units, distance);
    let size = table.units.len();
    let Some(alpha) = table.alpha(0..size) else {
        return Ok(Err(if size == 0 { Undefined::NoPairs } else { Undefined::OneCode }));
    };
    let streams = Streams::new(bootstrap.seed, "alpha");
    let mut resampled: Vec<f64> = (0..bootstrap.resamples)
        .into_par_iter()
        .map(|draw| {
            let mut stream = streams.at(0, 0, draw as u32);
            let picked = (0..size).map(|_| (stream.open01() * size as f64) as usize);
            table.alpha(picked).unwrap_or(f64::NAN)
        })
        .collect();
    let tail = (1.0 - bootstrap.level) / 2.0;
    let [low, _, high] = sanad_numbers::central(&mut resampled, tail);
    let codes = table.units.iter().map(Vec::len).sum();
    Ok(Ok(Agreement { alpha, low, high, units: size, codes }))
}

/// Codes as positions, with the distances between them.
struct CodeTable {
    /// Units with two codes or more.
    units: Vec<Vec<usize>>,
    codes: usize,
    distances: Vec<f64>,
}

impl CodeTable {
    fn new<'a, T: Ord + 'a>(
        units: impl Iterator<Item = &'a [Option<T>]>,
        distance: impl Fn(&T, &T) -> f64,
    ) -> Self {
        let units: Vec<Vec<&T>> = units
            .map(|unit| unit.iter().flatten().collect::<Vec<&T>>())
            .filter(|codes| codes.len() > 1)
            .collect();
        let distinct: BTreeSet<&T> = units.iter().flatten().copied().collect();
        let position: BTreeMap<&T, usize> =
            distinct.iter().enumerate().map(|(at, &code)| (code, at)).collect();
        let distances = distinct
            .iter()
            .flat_map(|a| distinct.iter().map(|b| distance(a, b)).collect::<Vec<f64>>())
            .collect();
        let units =
            units.iter().map(|unit| unit.iter().map(|code| position[code]).collect()).collect();
        Self { units, codes: distinct.len(), distances }
    }

    /// The distance between two codes, by their numbers.
    fn distance(&self, a: usize, b: usize) -> f64 {
        self.distances[a * self.codes + b]
    }

    /// 1 − observed over expected disagreement of the picked units.
    fn alpha(&self, picked: impl Iterator<Item = usize>) -> Option<f64> {
        let mut counts = vec![0.0; self.codes];
        let (mut observed, mut all) = (0.0, 0.0);
        for unit in picked.map(|at| &self.units[at]) {
            let mut within = 0.0;
            for (at, &a) in unit.iter().enumerate() {
                counts[a] += 1.0;
                within += unit[..at].iter().map(|&b| 2.0 * self.distance(a, b)).sum::<f64>();
            }
            observed += within / (unit.len() as f64 - 1.0);
            all += unit.len() as f64;
        }
        let expected: f64 = (0..self.codes)
            .flat_map(|a| (0..self.codes).map(move |b| (a, b)))
            .map(|(a, b)| counts[a] * counts[b] * self.distance(a, b))
            .sum();
        (expected > 0.0).then(|| 1.0 - (all - 1.0) * observed / expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows are coders, characters codes, `.` a gap; returned by unit.
    fn units(coders: &[&str]) -> Vec<Vec<Option<char>>> {
        let rows: Vec<Vec<char>> = coders.iter().map(|row| row.chars().collect()).collect();
        (0..rows[0].len())
            .map(|unit| {
                rows.iter().map(|row| Some(row[unit]).filter(|code| *code != '.')).collect()
            })
            .collect()
    }

    fn nominal_alpha(coders: &[&str]) -> f64 {
        let units = units(coders);
        alpha(units.iter().map(Vec::as_slice), nominal).expect("varies")
    }

    #[test]
    fn the_number_of_resamples_has_bounds() {
        let units = units(&["ab", "ab"]);
        for resamples in [19, 1_000_001, usize::MAX] {
            let bootstrap = Bootstrap { resamples, ..Bootstrap::default() };
            let units = units.iter().map(Vec::as_slice);
            let refused = alpha_with_interval(units, nominal, &bootstrap).unwrap_err();
            assert!(refused.to_string().contains("20 to 1,000,000 resamples"), "{refused}");
        }
    }

    /// Krippendorff (2011), example A: 0.095, exactly 1 − 19 · 4 / (14 · 6).
    #[test]
    fn binary_data_of_two_observers() {
        let found = nominal_alpha(&["0100000010", "1110010000"]);
        assert!((found - (1.0 - 76.0 / 84.0)).abs() < 1e-12);
    }

    /// Krippendorff (2011), example B: 0.692; further digits from the package `krippendorff`.
    #[test]
    fn nominal_data_of_two_observers() {
        let found = nominal_alpha(&["aabbdcccedda", "babbbccceddd"]);
        assert!((found - 0.691_964_285_714_285_7).abs() < 1e-12, "{found}");
    }

    const FOUR: [&str; 4] = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."];

    /// Krippendorff (2011), example C: four observers, gaps, nominal 0.743.
    #[test]
    fn nominal_data_of_four_observers_with_gaps() {
        let found = nominal_alpha(&FOUR);
        assert!((found - 0.743_421_052_631_579).abs() < 1e-12, "{found}");
    }

    /// Example C under the interval metric: 0.849.
    #[test]
    fn any_metric_can_be_used() {
        let units = units(&FOUR);
        let squared = |a: &char, b: &char| (f64::from(*a as u32) - f64::from(*b as u32)).powi(2);
        let found = alpha(units.iter().map(Vec::as_slice), squared).expect("varies");
        assert!((found - 0.849_107_142_857_142_8).abs() < 1e-12, "{found}");
    }

    #[test]
    fn masi_meets_its_cases() {
        let set = |codes: &[u32]| codes.iter().copied().collect::<BTreeSet<u32>>();
        assert_eq!(masi(&set(&[]), &set(&[])), 0.0);
        assert_eq!(masi(&set(&[1]), &set(&[2])), 1.0);
        assert_eq!(masi(&set(&[1]), &set(&[])), 1.0);
        assert!((masi(&set(&[1, 2]), &set(&[2, 3])) - (1.0 - 1.0 / 9.0)).abs() < 1e-15);
    }

    #[test]
    fn sets_that_nearly_agree_score_above_sets_taken_as_plain_codes() {
        let set = |codes: &[u32]| Some(codes.iter().copied().collect::<BTreeSet<u32>>());
        let units = [
            [set(&[1, 2]), set(&[1, 2, 3])],
            [set(&[4]), set(&[4])],
            [set(&[2, 5]), set(&[2])],
            [set(&[1]), set(&[1])],
            [set(&[6]), set(&[6, 7])],
        ];
        let by_masi = alpha(units.iter().map(|u| u.as_slice()), masi).expect("varies");
        let plain = alpha(units.iter().map(|u| u.as_slice()), nominal).expect("varies");
        assert!(by_masi > plain, "{by_masi} {plain}");
    }

    #[test]
    fn the_interval_encloses_alpha_and_narrows_with_units() {
        let interval = |times: usize| {
            let rows: Vec<String> = FOUR.iter().map(|row| row.repeat(times)).collect();
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            let units = units(&rows);
            alpha_with_interval(units.iter().map(Vec::as_slice), nominal, &Bootstrap::default())
                .expect("settings")
                .expect("varies")
        };
        let (few, many) = (interval(1), interval(6));
        assert!(few.low < few.alpha && few.alpha < few.high);
        assert!(many.high - many.low < 0.6 * (few.high - few.low));
        assert_eq!((few.units, few.codes), (11, 40));
    }

    #[test]
    fn no_variation_has_no_alpha() {
        let same = [[Some(1), Some(1)], [Some(1), None]];
        assert_eq!(alpha(same.iter().map(|u| u.as_slice()), nominal), None);
        let reason = |units: &[[Option<u32>; 2]]| {
            let units = units.iter().map(|unit| unit.as_slice());
            let found = alpha_with_interval(units, nominal, &Bootstrap::default());
            found.expect("settings").expect_err("no alpha")
        };
        assert_eq!(reason(&same), Undefined::OneCode);
        assert_eq!(reason(&[[Some(1), None], [None, Some(2)]]), Undefined::NoPairs);
        assert_eq!(reason(&[]), Undefined::NoPairs);
    }
}
