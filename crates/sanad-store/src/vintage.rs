//! Which versions of a series are known on a day, and which of them is in effect where.
//!
//! A release is in effect for a country over a stretch of months. Stretches of one country do not
//! overlap, so that no record is counted in two releases; [`effective_spans`] decides them from
//! what each release covers and when it was known.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use datafusion::arrow::array::RecordBatch;
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_core::source::{EffectiveSpan, Source, effective_spans};

use crate::error::{Error, Missing, Result};
use crate::observatory::Observatory;
use crate::snapshot::Snapshot;
use crate::table::Columns;

/// The source of a snapshot as it is compared with others: counts are as old as the events of the
/// same version, whenever they were made, so that only the format decides between the two. Only
/// counts are changed, and only their day.
fn ranked(snapshot: &Snapshot, all: &[&Snapshot]) -> Source {
    let mut source = snapshot.source.clone();
    let finer = all.iter().filter(|other| {
        snapshot.format == VIOLENCE_FORMATS[0]
            && other.format != snapshot.format
            && other.source.version == source.version
    });
    if let Some(first) = finer.map(|other| other.source.known_from()).min() {
        source.released = Some(first);
    }
    source
}

/// Formats whose records are violence, the finest last: where two of the same version cover the
/// same country and month, single events are in effect and not the counts.
const VIOLENCE_FORMATS: [&str; 3] = ["counts", "ucdp-ged", "table-events"];

/// The snapshots of one series that are known, and where each is in effect.
pub(crate) struct Vintage<'a> {
    /// Known imports, counts before events; a snapshot's number in plans is its place here.
    pub(crate) snapshots: Vec<&'a Snapshot>,
    /// Stretches by country and time; `source` is a place among `snapshots`.
    pub(crate) effective_spans: Vec<EffectiveSpan>,
}

impl<'a> Vintage<'a> {
    /// What is known of `series` on the day `as_of`; everything when it is `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when that is nothing.
    pub(crate) fn new(
        observatory: &'a Observatory,
        series: &str,
        as_of: Option<NaiveDate>,
    ) -> Result<Self> {
        let snapshots: Vec<&Snapshot> = VIOLENCE_FORMATS
            .iter()
            .flat_map(|format| observatory.known(format, as_of))
            .filter(|snapshot| snapshot.source.id == series)
            .collect();
        if snapshots.is_empty() {
            return Err(Error::Lacks { missing: Missing::Events });
        }
        let sources: Vec<Source> = snapshots.iter().map(|one| ranked(one, &snapshots)).collect();
        let effective_spans = effective_spans(&sources.iter().collect::<Vec<_>>());
        Ok(Self { snapshots, effective_spans })
    }

    /// The snapshots in effect for some country and month; the first one where none is, so that
    /// there is always a table. In the order of `snapshots`, each once.
    pub(crate) fn in_effect(&self) -> Vec<&'a Snapshot> {
        let counts: BTreeSet<usize> =
            self.effective_spans.iter().map(|span_in_effect| span_in_effect.source).collect();
        let mut found: Vec<&Snapshot> =
            counts.into_iter().map(|position| self.snapshots[position]).collect();
        if found.is_empty() {
            found.extend(self.snapshots.first());
        }
        found
    }

    /// Series and version of each snapshot.
    pub(crate) fn labels(&self) -> Vec<String> {
        self.snapshots.iter().map(|snapshot| snapshot.source.label()).collect()
    }

    /// Refuses a date rule that counts cannot follow in the months asked for, because they come by the
    /// month an event ended in.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`].
    pub(crate) fn check_date_rule(&self, rule: DateRule, [from, to]: [Month; 2]) -> Result<()> {
        let mut here = self
            .effective_spans
            .iter()
            .filter(|span_in_effect| span_in_effect.from <= to && from <= span_in_effect.to);
        let counted =
            here.any(|span_in_effect| self.snapshots[span_in_effect.source].format == "counts");
        if counted && rule != DateRule::End {
            return Err(Error::Lacks { missing: Missing::DateRule });
        }
        Ok(())
    }

    /// In which countries and months the records of which snapshot count, as a table:
    /// `snapshot_no`, `snapshot`, `country_id`, `from_month`, `to_month`.
    ///
    /// A record that a version dates outside the months it covers (an event that ended in the
    /// next month, say) counts as long as no other version covers that month.
    pub(crate) fn in_effect_table(&self) -> Result<RecordBatch> {
        let effective_spans = || self.effective_spans.iter();
        let (from, to) =
            (0..self.effective_spans.len()).map(|number| self.months_of(number)).unzip();
        let (from, to): (Vec<i32>, Vec<i32>) = (from, to);
        Columns::default()
            .int32(
                "snapshot_no",
                effective_spans()
                    .map(|span_in_effect| span_in_effect.source as i32)
                    .collect::<Vec<_>>(),
            )
            .text(
                "snapshot",
                effective_spans()
                    .map(|span_in_effect| Some(&self.snapshots[span_in_effect.source].id)),
            )
            .int32(
                "country_id",
                effective_spans().map(|span_in_effect| span_in_effect.country).collect::<Vec<_>>(),
            )
            .int32("from_month", from)
            .int32("to_month", to)
            .finish()
    }

    /// First and last month in which records of the stretch `number` count. The first stretch of a
    /// country reaches back, and the last one on, without end.
    fn months_of(&self, number: usize) -> (i32, i32) {
        let span_in_effect = &self.effective_spans[number];
        let of_country = |other: &&EffectiveSpan| other.country == span_in_effect.country;
        let earlier = number.checked_sub(1).and_then(|before| self.effective_spans.get(before));
        let from = earlier.filter(of_country).map_or(i32::MIN, |_| span_in_effect.from.id());
        let later = self.effective_spans.get(number + 1).filter(of_country);
        let to = later.map_or(i32::MAX, |next| next.from.id() - 1);
        (from, to)
    }

    /// What is said of each snapshot beside its records, as a table: `snapshot_no`, `snapshot`,
    /// `source`, `version`, `licence`, `file`.
    pub(crate) fn release_table(&self) -> Result<RecordBatch> {
        let all = || self.snapshots.iter();
        Columns::default()
            .int32("snapshot_no", (0..self.snapshots.len() as i32).collect::<Vec<_>>())
            .text("snapshot", all().map(|one| Some(&one.id)))
            .text("source", all().map(|one| Some(&one.source.id)))
            .text("version", all().map(|one| Some(&one.source.version)))
            .text("licence", all().map(|one| Some(&one.source.licence)))
            .text("file", all().map(|one| Some(&one.file)))
            .finish()
    }
}

/// The join that keeps the records `r` that count, with the number of their snapshot.
pub(crate) const IN_EFFECT: &str = "JOIN in_effect e ON r.snapshot = e.snapshot \
     AND r.country_id = e.country_id AND r.month_end BETWEEN e.from_month AND e.to_month";
