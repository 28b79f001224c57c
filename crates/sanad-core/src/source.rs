//! Sources: a publisher's data set in one version.

use core::cmp::Ordering;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::event::DateRule;
use crate::time::Month;

/// A data set in one version, as its card in the observatory states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Short name of the series; versions of one series replace each other.
    pub id: String,
    /// The publisher's version, such as `22.1`.
    pub version: String,
    /// Title of the data set.
    pub title: String,
    /// How the publisher asks to be cited.
    pub citation: String,
    /// Licence, as an SPDX name where one exists.
    pub licence: String,
    /// Where it was obtained.
    pub url: String,
    /// The day it was obtained.
    pub accessed: NaiveDate,
    /// The day the publisher released this version, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<NaiveDate>,
    /// Whether the publisher calls the version preliminary. A final version of the same series
    /// replaces a preliminary one wherever it covers the same country and month.
    #[serde(default)]
    pub preliminary: bool,
    /// The day of an event by which its counts by month count it, where the source holds counts and
    /// says so. Series that count by different days are never mixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_rule: Option<DateRule>,
    /// What the version covers: inside, no record means that nothing was recorded.
    #[serde(default)]
    pub coverage: Coverage,
}

impl Source {
    /// The day from which this version counts as known: its release, or else the day of access.
    #[must_use]
    pub fn known_from(&self) -> NaiveDate {
        self.released.unwrap_or(self.accessed)
    }

    /// `id version`, for people.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.id, self.version)
    }

    /// Which of two versions of one series is in effect where both cover the same country and month:
    /// the final one before a preliminary one, then the later version, then the later day.
    ///
    /// A version that is not a number (a file whose name tells none) counts as of the day from
    /// which it is known, written as a version of that year: 26.11.23 for 2026-11-23.
    #[must_use]
    pub fn precedence(&self, other: &Self) -> Ordering {
        other
            .preliminary
            .cmp(&self.preliminary)
            .then_with(|| compare_versions(&self.ordered_version(), &other.ordered_version()))
            .then_with(|| self.known_from().cmp(&other.known_from()))
    }

    fn ordered_version(&self) -> String {
        if self.version.starts_with(|first: char| first.is_ascii_digit()) {
            self.version.clone()
        } else {
            self.known_from().format("%y.%m.%d").to_string()
        }
    }
}

/// Which countries and months a source version covers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// First month covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Month>,
    /// Last month covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Month>,
    /// Gleditsch–Ward numbers of the countries covered.
    #[serde(default)]
    pub countries: Vec<i32>,
    /// Whether the bounds were read off the file instead of stated on a card.
    #[serde(default)]
    pub inferred: bool,
}

impl Coverage {
    /// Whether `country` (Gleditsch–Ward number) is covered in `month`.
    #[must_use]
    pub fn covers(&self, country: i32, month: Month) -> bool {
        self.countries.contains(&country)
            && self.from.is_some_and(|from| from <= month)
            && self.to.is_some_and(|to| month <= to)
    }
}

/// Compares versions part by part, numbers as numbers, so that 23.0.10 comes after 23.0.9.
///
/// ```
/// use core::cmp::Ordering;
/// use sanad_core::source::compare_versions;
///
/// assert_eq!(compare_versions("23.0.10", "23.0.9"), Ordering::Greater);
/// assert_eq!(compare_versions("22.1", "22.1"), Ordering::Equal);
/// ```
#[must_use]
pub fn compare_versions(left: &str, right: &str) -> Ordering {
    fn parts(text: &str) -> impl Iterator<Item = (u64, &str)> {
        text.split(['.', '_', '-'])
            .map(|part| part.parse().map_or((0, part), |number| (number, "")))
    }
    parts(left).cmp(parts(right)).then_with(|| left.cmp(right))
}

/// A stretch of months in which one source version is in effect for one country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EffectiveSpan {
    /// Position of the source in the slice given to [`effective_spans`].
    pub source: usize,
    /// Gleditsch–Ward number.
    pub country: i32,
    /// First month.
    pub from: Month,
    /// Last month.
    pub to: Month,
}

/// Decides, among versions of one series, which one is in effect for each country and month.
///
/// The result is in order of country and month, without overlaps: no event is counted from two
/// versions, and a newer version that covers less does not erase what only the older covers.
#[must_use]
pub fn effective_spans(sources: &[&Source]) -> Vec<EffectiveSpan> {
    let mut countries: Vec<i32> =
        sources.iter().flat_map(|source| source.coverage.countries.iter().copied()).collect();
    countries.sort_unstable();
    countries.dedup();
    countries.into_iter().flat_map(|country| effective_spans_of_country(sources, country)).collect()
}

fn effective_spans_of_country(sources: &[&Source], country: i32) -> Vec<EffectiveSpan> {
    let spans: Vec<(usize, Month, Month)> = sources
        .iter()
        .enumerate()
        .filter(|(_, source)| source.coverage.countries.contains(&country))
        .filter_map(|(at, source)| Some((at, source.coverage.from?, source.coverage.to?)))
        .filter(|(_, from, to)| from <= to)
        .collect();
    let mut cuts: Vec<Month> = spans.iter().flat_map(|&(_, from, to)| [from, to.plus(1)]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut found: Vec<EffectiveSpan> = Vec::new();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1].plus(-1));
        let covering = spans.iter().filter(|span| span.1 <= from && to <= span.2);
        let Some(&(source, ..)) =
            covering.max_by(|left, right| sources[left.0].precedence(sources[right.0]))
        else {
            continue;
        };
        match found.last_mut() {
            Some(last) if last.source == source && last.to.plus(1) == from => last.to = to,
            _ => found.push(EffectiveSpan { source, country, from, to }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn version(number: &str, preliminary: bool, from: i32, to: i32, countries: &[i32]) -> Source {
        Source {
            id: "series".into(),
            version: number.into(),
            title: String::new(),
            citation: String::new(),
            licence: String::new(),
            url: String::new(),
            accessed: NaiveDate::from_ymd_opt(2024, 1, 1).unwrap(),
            released: None,
            preliminary,
            date_rule: None,
            coverage: Coverage {
                from: Some(Month::from_id(from)),
                to: Some(Month::from_id(to)),
                countries: countries.to_vec(),
                inferred: false,
            },
        }
    }

    #[test]
    fn a_final_version_replaces_preliminary_ones_only_where_it_covers() {
        let old = version("22.1", false, 109, 504, &[770]);
        let new = version("23.1", false, 109, 516, &[770]);
        let candidate = version("23.0.10", true, 510, 526, &[770, 700]);
        let found = effective_spans(&[&old, &new, &candidate]);
        let month = Month::from_id;
        assert_eq!(
            found,
            [
                EffectiveSpan { source: 2, country: 700, from: month(510), to: month(526) },
                EffectiveSpan { source: 1, country: 770, from: month(109), to: month(516) },
                EffectiveSpan { source: 2, country: 770, from: month(517), to: month(526) },
            ]
        );
    }

    #[test]
    fn a_version_without_a_number_counts_as_of_the_day_it_was_obtained() {
        let mut unnumbered = version("file-0a1b", false, 109, 504, &[770]);
        let older = version("22.1", false, 109, 504, &[770]);
        let newer = version("25.1", false, 109, 504, &[770]);
        assert!(unnumbered.precedence(&older).is_gt());
        assert!(unnumbered.precedence(&newer).is_lt());
        unnumbered.accessed = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        assert!(unnumbered.precedence(&newer).is_gt());
    }

    proptest! {
        #[test]
        fn exactly_one_version_speaks_wherever_any_covers(
            spans in prop::collection::vec((0_i32..40, 0_i32..20, any::<bool>(), 1_u32..5), 1..6),
        ) {
            let sources: Vec<Source> = spans
                .iter()
                .map(|&(from, length, preliminary, number)| {
                    version(&number.to_string(), preliminary, from, from + length, &[1])
                })
                .collect();
            let refs: Vec<&Source> = sources.iter().collect();
            let found = effective_spans(&refs);
            for month in (-1..62).map(Month::from_id) {
                let count_in_effect =
                    found.iter().filter(|span_in_effect| span_in_effect.from <= month && month <= span_in_effect.to).count();
                let covered = sources.iter().any(|source| source.coverage.covers(1, month));
                prop_assert_eq!(count_in_effect, usize::from(covered));
            }
        }
    }
}
