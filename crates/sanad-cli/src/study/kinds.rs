//! The kinds of event of a case by day: counted from the events of an observatory, or as the case
//! ships them.

use sanad_core::actor::Family;
use sanad_cycle::discrete::{Extent, Record, Series};
use sanad_source::case::{Cycle, DeclaredKind, Document, read_cycle};
use sanad_store::{DayCount, KindOfEvent, Observatory};

use crate::error::Result;

/// Days with their counts, and the kinds they are of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Daily {
    pub(crate) cycle: Cycle,
    pub(crate) counts: Vec<DayCount>,
}

/// The kinds that the case declares.
pub(crate) fn declared(observatory: &Observatory) -> Result<Option<Cycle>> {
    let text = observatory.document(Document::Cycle)?;
    Ok(text.map(|text| read_cycle(&text)).transpose()?)
}

/// The rules of the kinds with the source's numbers of sides.
pub(crate) fn rules(observatory: &Observatory, cycle: &Cycle) -> Result<Vec<KindOfEvent>> {
    let (case, actors) = (observatory.case()?, observatory.actors()?);
    let numbers = |families: &[Family]| -> Vec<i64> {
        let of = actors.iter().filter(|actor| families.contains(&actor.family));
        of.flat_map(|actor| actor.ucdp_ids.iter().copied()).collect()
    };
    let own: Vec<i64> = actors
        .iter()
        .filter(|actor| Some(&actor.id) == case.state.as_ref())
        .flat_map(|actor| actor.ucdp_ids.iter().copied())
        .collect();
    let rule = |kind: &DeclaredKind| KindOfEvent {
        id: kind.id.clone(),
        violence: kind.violence.clone(),
        side_a: if kind.by_own_state { own.clone() } else { Vec::new() },
        sides: numbers(&kind.families),
        side_b_share_from: kind.side_b_share_from,
        side_b_share_below: kind.side_b_share_below,
        civilians_killed: kind.civilians_killed,
    };
    Ok(cycle.kinds.iter().map(rule).collect())
}

impl Daily {
    /// Counts the kinds; nothing when the case declares none or no days are at hand.
    pub(crate) fn read(observatory: &Observatory, threads: usize) -> Result<Option<Self>> {
        let Some(cycle) = declared(observatory)? else { return Ok(None) };
        let case = observatory.case()?;
        let series = case.event_source.clone().unwrap_or_else(|| "ucdp-ged".to_owned());
        let counts = if observatory.holds_events() {
            let rules = rules(observatory, &cycle)?;
            observatory.day_counts(&series, case.gwno, &rules, threads)?
        } else {
            observatory.shipped_day_counts()?
        };
        Ok((!counts.is_empty()).then_some(Self { cycle, counts }))
    }

    /// The kinds as one national series per kind; events of a span may have happened on any of its
    /// days inside the days looked at.
    pub(crate) fn series(&self) -> Result<Series> {
        let last = (self.cycle.to - self.cycle.from).num_days();
        let day = |day: chrono::NaiveDate| (day - self.cycle.from).num_days();
        let mut records = Vec::new();
        for count in &self.counts {
            let Some(kind) = self.cycle.kind(&count.kind) else { continue };
            if day(count.to) < 0 || last < day(count.from) {
                continue;
            }
            let record = Record {
                kind,
                place: 0,
                first_day: usize::try_from(day(count.from).max(0)).unwrap_or(0),
                last_day: usize::try_from(day(count.to).min(last)).unwrap_or(0),
                size: 0.0,
            };
            records.extend((0..count.events).map(|_| record));
        }
        let days = usize::try_from(last + 1).unwrap_or(0);
        Ok(Series::new(Extent { kinds: self.cycle.kinds.len(), places: 1, days }, &records)?)
    }

    /// Districts that a kind hit on each known day.
    pub(crate) fn districts_by_day(&self, kind: &str) -> Vec<(chrono::NaiveDate, i64)> {
        let known = self.counts.iter().filter(|count| count.kind == kind && count.from == count.to);
        let mut days: std::collections::BTreeMap<chrono::NaiveDate, i64> =
            std::collections::BTreeMap::new();
        for count in known {
            *days.entry(count.from).or_default() += count.districts;
        }
        days.into_iter().collect()
    }
}
