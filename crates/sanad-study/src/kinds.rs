//! The kinds of event of a case by day: counted from the events of an observatory, or as the case
//! ships them.

use sanad_case::{Cycle, DeclaredKind, Document, ToldKind, read_cycle};
use sanad_core::actor::Family;
use sanad_core::chronicle::Detail;
use sanad_core::{Month, Period};
use sanad_cycle::discrete::{Extent, Record, Series};
use sanad_store::{DayCount, KindOfEvent, Observatory};

use crate::error::{Error, Result};

/// Days with their counts, and the kinds they are of.
#[derive(Debug, Clone, PartialEq)]
pub struct Daily {
    /// The kinds, as the case declares them.
    pub cycle: Cycle,
    /// A row for each day or span, kind and place.
    pub counts: Vec<DayCount>,
    /// Months that the counts of violence cover, ascending. A day of another month is unknown.
    pub covered: Vec<Month>,
}

/// The kinds that the case declares.
pub fn declared(observatory: &Observatory) -> Result<Option<Cycle>> {
    let text = observatory.document(Document::Cycle)?;
    Ok(text.map(|text| read_cycle(&text)).transpose()?)
}

/// The rules of the kinds with the source's numbers of sides.
pub fn rules(observatory: &Observatory, cycle: &Cycle) -> Result<Vec<KindOfEvent>> {
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
    let counted = cycle.kinds.iter().filter(|kind| kind.told.is_none());
    let others = counted.clone().filter(|kind| !kind.beside && kind.has_share());
    let others = others
        .flat_map(|kind| cycle.explore.shares.iter().map(|&share| rule(&kind.at_share(share))));
    Ok(counted.map(rule).chain(others).collect())
}

/// Longest span, in days, of a told record that says something about days.
const LONGEST_SPAN_DAYS: i64 = 31;

/// Records of the chronicle, or coded messages, as days: what is dated to a month or better. A row
/// for each kind and span.
fn told(observatory: &Observatory, cycle: &Cycle) -> Result<Vec<DayCount>> {
    let kinds: Vec<&DeclaredKind> = cycle.kinds.iter().filter(|it| it.told.is_some()).collect();
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let mut spans: Vec<(&str, Period)> = Vec::new();
    let coded = observatory.coded_statements(None)?;
    let mut messages: Vec<(Period, String, String)> =
        coded.into_iter().map(|it| (it.statement.date, it.series, it.statement.id)).collect();
    messages.sort_by(|a, b| (&a.1, &a.2).cmp(&(&b.1, &b.2)));
    messages.dedup_by(|a, b| (&a.1, &a.2) == (&b.1, &b.2));
    let chronicle = observatory.chronicle()?;
    for kind in kinds {
        if kind.told == Some(ToldKind::Statement) && !messages.is_empty() {
            spans.extend(messages.iter().map(|it| (kind.id.as_str(), it.0)));
            continue;
        }
        let of_kind = chronicle.iter().filter(|record| is_of(kind, &record.detail));
        spans.extend(of_kind.map(|record| (kind.id.as_str(), record.entry.when)));
    }
    spans.retain(|(_, when)| (when.end() - when.start()).num_days() < LONGEST_SPAN_DAYS);
    let row = |(kind, when): (&str, Period)| DayCount {
        kind: kind.to_owned(),
        from: when.start(),
        to: when.end(),
        place_id: String::new(),
        events: 1,
        deaths_best: 0,
        districts: 0,
    };
    Ok(spans.into_iter().map(row).collect())
}

fn is_of(kind: &DeclaredKind, detail: &Detail) -> bool {
    match (kind.told, detail) {
        (Some(ToldKind::Statement), Detail::Statement(_)) => true,
        (Some(ToldKind::Act), Detail::Act(act)) => {
            kind.act_effect.is_none_or(|effect| effect == act.effect)
        }
        (Some(ToldKind::Relation), Detail::Relation(relation)) => {
            kind.relation_effect.is_none_or(|effect| effect == relation.effect)
        }
        _ => false,
    }
}

/// The months that the day counts of the case cover, as their card says; from the first to the last
/// day counted where it does not.
fn shipped_months(observatory: &Observatory) -> Vec<Month> {
    let snapshots = observatory.snapshots();
    let shipped = snapshots.iter().rev().find(|snapshot| snapshot.format == "day-counts");
    let coverage = shipped.map(|snapshot| &snapshot.source.coverage);
    let span = coverage.and_then(|coverage| coverage.from.zip(coverage.to));
    span.map_or_else(Vec::new, |(from, to)| Month::range(from, to).collect())
}

/// Whether the record of the case's country is events one by one, as opposed to counts that the case
/// ships: a release of a few months after them does not make it so.
pub fn events_speak(observatory: &Observatory) -> Result<bool> {
    let case = observatory.case()?;
    Ok(observatory.holds_events() && observatory.events_speak(&case.series(), case.gwno)?)
}

impl Daily {
    /// Counts the kinds; nothing when the case declares none or no days are at hand.
    pub fn read(observatory: &Observatory, threads: usize) -> Result<Option<Self>> {
        let Some(cycle) = declared(observatory)? else { return Ok(None) };
        let (mut counts, covered) = if events_speak(observatory)? {
            let (case, rules) = (observatory.case()?, rules(observatory, &cycle)?);
            let counts = observatory.day_counts(&case.series(), case.gwno, &rules, threads)?;
            (counts, observatory.months_of_events(&case.series(), case.gwno)?)
        } else {
            (observatory.shipped_day_counts()?, shipped_months(observatory))
        };
        if counts.is_empty() {
            return Ok(None);
        }
        counts.extend(told(observatory, &cycle)?);
        Ok(Some(Self { cycle, counts, covered }))
    }

    /// The kinds that claims are tested with.
    pub fn base(&self) -> Self {
        Self { cycle: self.cycle.base(), ..self.clone() }
    }

    /// Some of the kinds, in the order of the case.
    pub fn only(&self, ids: &[String]) -> Self {
        let cycle = self.cycle.only(|kind| ids.contains(&kind.id));
        Self { cycle, ..self.clone() }
    }

    /// The kinds of the base with another share of the dead between attack and operation; nothing
    /// where the counts at hand were not made with it.
    pub fn at_share(&self, share: f64) -> Option<Self> {
        let cycle = self.cycle.base();
        let mut counts = Vec::new();
        let mut parted = false;
        for kind in &cycle.kinds {
            let other = DeclaredKind::id_at_share(&kind.id, share);
            let name = if kind.has_share() { &other } else { &kind.id };
            let before = counts.len();
            let rows = self.counts.iter().filter(|count| count.kind == *name);
            counts.extend(rows.map(|row| DayCount { kind: kind.id.clone(), ..row.clone() }));
            parted |= kind.has_share() && before < counts.len();
        }
        parted.then(|| Self { cycle, counts, covered: self.covered.clone() })
    }

    /// Whether every month of a year is covered.
    #[must_use]
    pub fn covers_year(&self, year: i32) -> bool {
        (1..=12).filter_map(|month| Month::new(year, month)).all(|month| self.covers(month))
    }

    fn covers(&self, month: Month) -> bool {
        self.covered.binary_search(&month).is_ok()
    }

    /// Refuses days of months that nothing covers: a day without events would be taken for quiet.
    pub fn check_coverage(&self, [from, to]: [Month; 2]) -> Result<()> {
        let counted = self.cycle.kinds.iter().any(|kind| kind.told.is_none());
        let gap = Month::range(from, to).find(|month| counted && !self.covers(*month));
        gap.map_or(Ok(()), |month| Err(Error::Uncovered { month, from, to }))
    }

    /// The kinds as one national series per kind; events of a span may have happened on any of its
    /// days inside the days looked at.
    ///
    /// # Errors
    ///
    /// [`Error::Uncovered`] when nothing covers a month of those days.
    pub fn series(&self) -> Result<Series> {
        self.check_coverage([self.cycle.from, self.cycle.to].map(Month::of))?;
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
    pub fn districts_by_day(&self, kind: &str) -> Vec<(chrono::NaiveDate, i64)> {
        let known = self.counts.iter().filter(|count| count.kind == kind && count.from == count.to);
        let mut days: std::collections::BTreeMap<chrono::NaiveDate, i64> =
            std::collections::BTreeMap::new();
        for count in known {
            *days.entry(count.from).or_default() += count.districts;
        }
        days.into_iter().collect()
    }
}
