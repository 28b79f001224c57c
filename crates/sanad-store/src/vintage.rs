//! Which versions of a series are known on a day, and which of them is in effect where.

use chrono::NaiveDate;
use sanad_core::event::DateRule;
use sanad_core::source::{Reign, Source, reigns};

use crate::error::{Error, Lack, Result};
use crate::observatory::Observatory;
use crate::state::Snapshot;

/// The source of a snapshot as it is compared with others: counts are as old as the events of the
/// same version, whenever they were made, so that only the format decides between the two.
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
    pub(crate) snapshots: Vec<&'a Snapshot>,
    pub(crate) reigns: Vec<Reign>,
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
            return Err(Error::Lacks { missing: Lack::Events });
        }
        let sources: Vec<Source> = snapshots.iter().map(|one| ranked(one, &snapshots)).collect();
        let reigns = reigns(&sources.iter().collect::<Vec<_>>());
        Ok(Self { snapshots, reigns })
    }

    /// The snapshots in effect for some country and month, with their positions; the first one
    /// where none is, so that there is always a table.
    pub(crate) fn in_effect(&self) -> Vec<(usize, &'a Snapshot)> {
        let all = self.snapshots.iter().copied().enumerate();
        let counts = |position: usize| self.reigns.iter().any(|reign| reign.source == position);
        let mut found: Vec<(usize, &Snapshot)> =
            all.filter(|&(position, _)| counts(position)).collect();
        if found.is_empty() {
            found.extend(self.snapshots.first().map(|snapshot| (0, *snapshot)));
        }
        found
    }

    /// Series and version of each snapshot.
    pub(crate) fn labels(&self) -> Vec<String> {
        self.snapshots.iter().map(|snapshot| snapshot.source.label()).collect()
    }

    /// Refuses a date rule that counts cannot follow, because they come by the month an event
    /// ended in.
    pub(crate) fn check_date_rule(&self, rule: DateRule) -> Result<()> {
        let counted =
            self.reigns.iter().any(|reign| self.snapshots[reign.source].format == "counts");
        if counted && rule != DateRule::End {
            return Err(Error::Lacks { missing: Lack::DateRule });
        }
        Ok(())
    }

    /// The condition under which a record of the snapshot at `position` counts.
    ///
    /// A record that a version dates outside the months it covers (an event that ended in the
    /// next month, say) counts as long as no other version covers that month.
    pub(crate) fn in_effect_sql(&self, position: usize) -> String {
        let mut spans: Vec<(i32, i32, Vec<String>)> = Vec::new();
        for (number, reign) in self.reigns.iter().enumerate() {
            if reign.source != position {
                continue;
            }
            let of_country = |other: &&Reign| other.country == reign.country;
            let earlier = number.checked_sub(1).and_then(|before| self.reigns.get(before));
            let from = earlier.filter(of_country).map_or(i32::MIN, |_| reign.from.id());
            let later = self.reigns.get(number + 1).filter(of_country);
            let to = later.map_or(i32::MAX, |next| next.from.id() - 1);
            match spans.iter_mut().find(|span| span.0 == from && span.1 == to) {
                Some(span) => span.2.push(reign.country.to_string()),
                None => spans.push((from, to, vec![reign.country.to_string()])),
            }
        }
        let condition = |(from, to, countries): (i32, i32, Vec<String>)| {
            let countries = countries.join(", ");
            format!("(month_end BETWEEN {from} AND {to} AND country_id IN ({countries}))")
        };
        let all: Vec<String> = spans.into_iter().map(condition).collect();
        if all.is_empty() { "false".to_owned() } else { all.join(" OR ") }
    }
}
