//! The kinds of event of a case by day: counted from the events of an observatory, or as the case
//! ships them.
//!
//! An event is of the kind whose rule of the case it alone meets, by its sides and its dead, and
//! else is not told apart. It is counted by day, or by the span of days that it is known to, and by
//! province, under several names at once: its kind; its kind with civilian dead, where the own
//! state is side A; each kind of the cycle that it belongs to; the same with what is not told
//! apart; the same at other shares of the dead; and each organisation that takes part. So a case
//! that ships counts in place of events can answer the same questions.

use std::collections::BTreeMap;

use sanad_case::{
    Case, ChronicleKind, Cycle, DeadBySide, DeclaredKind, Document, EventKind, EventKinds,
    EventSides, KindReading, Side, read_cycle,
};
use sanad_core::actor::{Actor, ActorKind, Family};
use sanad_core::chronicle::Detail;
use sanad_core::place::PlaceBook;
use sanad_core::{Month, Period};
use sanad_cycle::discrete::{Extent, Record, Series};
use sanad_store::{DayCount, EventRow, Observatory, count_days};

use crate::error::{Error, Result};

/// Days with their counts, and the kinds they are of. Counts hold every name; `cycle` says which of
/// them are looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Daily {
    /// The kinds, as the case declares them.
    pub cycle: Cycle,
    /// A row for each day or span, kind and place. In no order that says anything: events come
    /// before records of the chronicle.
    pub counts: Vec<DayCount>,
    /// Months that the counts of violence cover, ascending. A day of another month is unknown.
    pub covered: Vec<Month>,
}

/// Events of a kind that can be told, and those that are not told apart and may be of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldShare {
    /// Events that the source tells to be of the kind. Without remainders of monthly and yearly
    /// reports.
    pub told: i64,
    /// Events that may be.
    pub rest: i64,
}

impl ToldShare {
    /// The share that can be told, 0 to 1; nothing where there is no event.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let all = self.told + self.rest;
        (all > 0).then(|| self.told as f64 / all as f64)
    }
}

/// The kinds that the case declares.
///
/// `None` where the case has no `cycle.toml`.
///
/// # Errors
///
/// Those of reading the file, and `Error::Case` where it is wrong.
pub fn declared(observatory: &Observatory) -> Result<Option<Cycle>> {
    let text = observatory.document(Document::Cycle)?;
    Ok(text.map(|text| read_cycle(&text)).transpose()?)
}

/// What decides what an event is: the case's rules and which number is which side.
///
/// Numbers of sides are UCDP's; a number that no actor of the case has is not listed, and is taken
/// for what the type of violence says of it.
pub struct Classifier {
    /// The rules of `[[kind]]` in `case.toml`.
    kinds: EventKinds,
    /// By UCDP's number.
    sides: BTreeMap<i64, KnownSide>,
}

/// A side that the case lists. An actor with several numbers has an entry for each.
struct KnownSide {
    /// What it is to the case: the own state, another state, or an organisation.
    side: Side,
    /// The family that the case puts it in.
    family: Family,
    /// Identifier of the actor.
    actor: String,
}

impl Classifier {
    /// The rules of a case with its actors. The own state is the actor that the case names; every
    /// other state or institution is another state.
    ///
    /// # Errors
    ///
    /// [`Error::CaseLacks`] when the case declares no kinds of event.
    pub fn from_case(case: &Case, actors: &[Actor]) -> Result<Self> {
        if case.kinds.is_empty() {
            return Err(Error::CaseLacks { missing: "kinds of event" });
        }
        let mut sides = BTreeMap::new();
        for actor in actors {
            let side = match actor.kind {
                _ if Some(&actor.id) == case.state.as_ref() => Side::OwnState,
                ActorKind::State | ActorKind::Institution => Side::OtherState,
                _ => Side::Organisation,
            };
            let known =
                || KnownSide { side, family: actor.family.clone(), actor: actor.id.clone() };
            sides.extend(actor.ucdp_ids.iter().map(|&id| (id, known())));
        }
        Ok(Self { kinds: case.kinds.clone(), sides })
    }

    /// What the sides and the dead of an event are to the case. In violence between a state and an
    /// organisation, side A is a government by UCDP's definition; in one-sided violence, side B is
    /// civilians.
    #[must_use]
    pub fn sides_of(&self, event: &EventRow) -> EventSides {
        let side = |id: Option<i64>| id.and_then(|id| Some(self.sides.get(&id)?.side));
        let unlisted = if event.violence == 1 { Side::OtherState } else { Side::Organisation };
        let b = match event.violence {
            3 => Side::Civilians,
            _ => side(event.side_b_id).unwrap_or(Side::Organisation),
        };
        let dead = DeadBySide {
            a: event.deaths_a,
            b: event.deaths_b,
            civilians: event.deaths_civilians,
            unknown: event.deaths_unknown,
            best: event.deaths_best,
        };
        EventSides {
            violence: event.violence,
            a: side(event.side_a_id).unwrap_or(unlisted),
            b,
            dead,
        }
    }

    /// The kind of an event. Every event has exactly one; what meets no rule, or those of two
    /// kinds, is `NotToldApart`.
    #[must_use]
    pub fn kind_of(&self, event: &EventRow) -> EventKind {
        self.kinds.kind_of(&self.sides_of(event))
    }

    /// Whether a side of an event is of one of these families; true when there are none.
    #[must_use]
    pub fn has_family(&self, families: &[Family], event: &EventRow) -> bool {
        let side = |id: Option<i64>| id.and_then(|id| self.sides.get(&id));
        let b = event.side_b_id.filter(|_| event.violence != 3);
        families.is_empty()
            || [side(event.side_a_id), side(b)]
                .into_iter()
                .flatten()
                .any(|known| families.contains(&known.family))
    }

    /// The organisations that take part in an event, by the actor's id. Numbers that no actor has
    /// are passed over.
    fn organisations(&self, event: &EventRow) -> Vec<&str> {
        let b = event.side_b_id.filter(|_| event.violence != 3);
        let known = [event.side_a_id, b].into_iter().flatten();
        let known = known.filter_map(|id| self.sides.get(&id));
        known
            .filter(|known| known.side == Side::Organisation)
            .map(|known| known.actor.as_str())
            .collect()
    }

    /// The names that an event is counted under: its kind; its kind with civilian dead, where its side
    /// A is the case's own state; and the kinds of the cycle that it belongs to, with what is not told
    /// apart and with other shares of the dead. A remainder is of no kind of the cycle.
    fn names(&self, cycle: &Cycle, event: &EventRow) -> Vec<String> {
        let sides = self.sides_of(event);
        let kind = self.kinds.kind_of(&sides);
        let mut names = vec![kind.as_str().to_owned()];
        if sides.a == Side::OwnState && sides.dead.civilians > 0 {
            names.push(with_civilians(kind));
        }
        if event.is_remainder() {
            return names;
        }
        for organisation in self.organisations(event) {
            names.push(of_organisation(organisation, kind.as_str()));
            if is_attack(kind) {
                names.push(of_organisation(organisation, ATTACKS));
            }
        }
        let counted = cycle.kinds.iter().filter(|kind| kind.from_chronicle.is_none());
        for declared in counted.filter(|counted| self.may_be(counted, event)) {
            let rest = kind == EventKind::NotToldApart && declared.may_hold_rest();
            if declared.events.contains(&kind) {
                names.push(declared.id.clone());
            }
            if (rest || declared.events.contains(&kind)) && declared.may_hold_rest() {
                names.push(DeclaredKind::id_with_rest(&declared.id));
            }
            if declared.extra || !self.kinds.have_share(&declared.events) {
                continue;
            }
            let other = |share: &&f64| {
                declared.events.contains(&self.kinds.at_share(**share).kind_of(&sides))
            };
            let shares = cycle.explore.shares.iter().filter(other);
            names.extend(shares.map(|&share| DeclaredKind::id_at_share(&declared.id, share)));
        }
        names
    }

    /// Whether an event has the families and the dead that a kind of the cycle asks for.
    fn may_be(&self, declared: &DeclaredKind, event: &EventRow) -> bool {
        self.has_family(&declared.families, event)
            && (!declared.civilians_killed || event.deaths_civilians > 0)
    }

    /// Events by day, province and every name that they are counted under. Attacks of organisations
    /// are counted once more with their month in place of their days, for the number of districts
    /// of a month.
    #[must_use]
    pub fn count(&self, cycle: &Cycle, events: &[EventRow], book: &PlaceBook) -> Vec<DayCount> {
        let named = events
            .iter()
            .flat_map(|event| self.names(cycle, event).into_iter().map(move |name| (name, event)));
        let months: Vec<(Vec<String>, EventRow)> =
            events.iter().filter_map(|event| self.in_its_month(event)).collect();
        let by_month = months
            .iter()
            .flat_map(|(names, event)| names.iter().map(move |name| (name.clone(), event)));
        count_days(named.chain(by_month), book)
    }

    /// An attack with the month of its last day in place of its days, under the names of its
    /// organisations: in how many districts a month's attacks were does not follow from its days.
    fn in_its_month(&self, event: &EventRow) -> Option<(Vec<String>, EventRow)> {
        if !is_attack(self.kind_of(event)) || event.is_remainder() {
            return None;
        }
        let month = Month::from_date(event.to);
        let names = self
            .organisations(event)
            .iter()
            .map(|organisation| of_organisation(organisation, MONTHLY))
            .collect();
        Some((names, EventRow { from: month.first_day(), to: month.last_day(), ..event.clone() }))
    }
}

/// What an organisation's attacks are counted under: on the state and on civilians, by day. It
/// stands behind the organisation's identifier and a stroke.
pub(crate) const ATTACKS: &str = "attacks";
/// The same by month.
pub(crate) const MONTHLY: &str = "attacks-of-month";

/// The name under which events of one organisation are counted. The stroke cannot be part of a
/// kind's identifier, so that such names are told from kinds.
pub(crate) fn of_organisation(actor: &str, what: &str) -> String {
    format!("{actor}/{what}")
}

/// Whether events of a kind are what an organisation does, as opposed to what is done to it. On the
/// state and on civilians.
const fn is_attack(kind: EventKind) -> bool {
    matches!(kind, EventKind::Attack | EventKind::OneSidedViolence)
}

/// The name under which events of a kind with the own state as side A and civilian dead are counted.
pub(crate) fn with_civilians(kind: EventKind) -> String {
    format!("{}:civilians", kind.as_str())
}

/// The case's kinds by day, counted from the events of an observatory.
///
/// # Errors
///
/// [`Error::CaseLacks`] when the case declares no kinds of event; what the store says.
pub fn count(
    observatory: &Observatory,
    cycle: &Cycle,
    (series, country): (&str, i32),
    threads: usize,
) -> Result<Vec<DayCount>> {
    let classifier = Classifier::from_case(&observatory.case()?, &observatory.actors()?)?;
    let events = observatory.country_events(series, country, threads)?;
    Ok(classifier.count(cycle, &events, &observatory.places()?))
}

/// Longest span, in days, of a told record that says something about days. A month has at most as
/// many.
const LONGEST_SPAN_DAYS: i64 = 31;

/// Records of the chronicle, or coded messages, as days: what is dated to a month or better. A row
/// for each kind and span. Where statements were coded message by message, these take the place of
/// the chronicle's statements; a message that several coders coded counts once. Rows have no place
/// and no deaths.
fn from_chronicle(observatory: &Observatory, cycle: &Cycle) -> Result<Vec<DayCount>> {
    let kinds: Vec<&DeclaredKind> =
        cycle.kinds.iter().filter(|kind| kind.from_chronicle.is_some()).collect();
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let mut spans: Vec<(&str, Period)> = Vec::new();
    let coded = observatory.coded_statements(None)?;
    let mut messages: Vec<(Period, String, String)> = coded
        .into_iter()
        .map(|coded| (coded.statement.date, coded.series, coded.statement.id))
        .collect();
    messages.sort_by(|a, b| (&a.1, &a.2).cmp(&(&b.1, &b.2)));
    messages.dedup_by(|a, b| (&a.1, &a.2) == (&b.1, &b.2));
    let chronicle = observatory.chronicle()?;
    for kind in kinds {
        if kind.from_chronicle == Some(ChronicleKind::Statement) && !messages.is_empty() {
            spans.extend(messages.iter().map(|message| (kind.id.as_str(), message.0)));
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

/// Whether a record of the chronicle is of a kind that the case takes from there.
fn is_of(kind: &DeclaredKind, detail: &Detail) -> bool {
    match (kind.from_chronicle, detail) {
        (Some(ChronicleKind::Statement), Detail::Statement(_)) => true,
        (Some(ChronicleKind::Act), Detail::Act(act)) => {
            kind.act_effect.is_none_or(|effect| effect == act.effect)
        }
        (Some(ChronicleKind::Relation), Detail::Relation(relation)) => {
            kind.relation_effect.is_none_or(|effect| effect == relation.effect)
        }
        _ => false,
    }
}

/// The months that the day counts of the case cover, as their card says; none where it does not
/// say, so that every day of such counts is unknown.
fn shipped_months(observatory: &Observatory) -> Vec<Month> {
    let snapshots = observatory.snapshots();
    let shipped = snapshots.iter().rev().find(|snapshot| snapshot.format == "day-counts");
    let coverage = shipped.map(|snapshot| &snapshot.source.coverage);
    let span = coverage.and_then(|coverage| coverage.from.zip(coverage.to));
    span.map_or_else(Vec::new, |(from, to)| Month::range(from, to).collect())
}

/// Whether the record of the case's country is events one by one, as opposed to counts that the case
/// ships: a release of a few months after them does not make it so.
///
/// # Errors
///
/// Those of reading the case.
pub fn events_are_in_effect(observatory: &Observatory) -> Result<bool> {
    let case = observatory.case()?;
    Ok(observatory.holds_events() && observatory.events_are_in_effect(&case.series(), case.gwno)?)
}

impl Daily {
    /// Counts the kinds; nothing when the case declares none or no days are at hand.
    ///
    /// # Errors
    ///
    /// `Error::CaseLacks` where events are in effect and the case has no rules that tell their
    /// kinds; those of reading the observatory.
    pub fn read(observatory: &Observatory, threads: usize) -> Result<Option<Self>> {
        let Some(cycle) = declared(observatory)? else { return Ok(None) };
        let (mut counts, covered) = if events_are_in_effect(observatory)? {
            let case = observatory.case()?;
            let counts = count(observatory, &cycle, (&case.series(), case.gwno), threads)?;
            (counts, observatory.months_of_events(&case.series(), case.gwno)?)
        } else {
            (observatory.shipped_day_counts()?, shipped_months(observatory))
        };
        if counts.is_empty() {
            return Ok(None);
        }
        counts.extend(from_chronicle(observatory, &cycle)?);
        Ok(Some(Self { cycle, counts, covered }))
    }

    /// The kinds that claims are tested with. Counts stay as they are: names that no kind has are
    /// passed over.
    pub fn base(&self) -> Self {
        Self { cycle: self.cycle.base(), ..self.clone() }
    }

    /// Some of the kinds, in the order of the case. An identifier that no kind has is passed over.
    pub fn only(&self, ids: &[String]) -> Self {
        let cycle = self.cycle.only(|kind| ids.contains(&kind.id));
        Self { cycle, ..self.clone() }
    }

    /// The kinds of the base with another share of the dead between attack and operation; nothing
    /// where the counts at hand were not made with it. Kinds that the share does not part keep
    /// their own counts.
    pub fn at_share(&self, share: f64) -> Option<Self> {
        let cycle = self.cycle.base();
        let mut counts = Vec::new();
        let mut parted = false;
        for kind in &cycle.kinds {
            let other = DeclaredKind::id_at_share(&kind.id, share);
            let name = if kind.may_hold_rest() { &other } else { &kind.id };
            let before = counts.len();
            let rows = self.counts.iter().filter(|count| count.kind == *name);
            counts.extend(rows.map(|row| DayCount { kind: kind.id.clone(), ..row.clone() }));
            parted |= kind.may_hold_rest() && before < counts.len();
        }
        parted.then(|| Self { cycle, counts, covered: self.covered.clone() })
    }

    /// The kinds with what is not told apart read one way. Left out is how the counts are read
    /// where nobody asks. Only the counts of the cycle's kinds are kept, each under the kind's own
    /// name; counts by organisation and by kind of event fall away.
    #[must_use]
    pub fn under(&self, reading: KindReading) -> Self {
        let name = |kind: &DeclaredKind| {
            let with_rest = DeclaredKind::id_with_rest(&kind.id);
            let counted =
                kind.holds_rest(reading) && self.counts.iter().any(|count| count.kind == with_rest);
            if counted { with_rest } else { kind.id.clone() }
        };
        let names: Vec<(String, &str)> =
            self.cycle.kinds.iter().map(|kind| (name(kind), kind.id.as_str())).collect();
        let renamed = |count: &DayCount| {
            let (_, kind) = names.iter().find(|(name, _)| *name == count.kind)?;
            Some(DayCount { kind: (*kind).to_owned(), ..count.clone() })
        };
        Self { counts: self.counts.iter().filter_map(renamed).collect(), ..self.clone() }
    }

    /// The readings that give other counts of these kinds between two days, left out first. A kind
    /// that no reading changes adds none.
    #[must_use]
    pub fn readings(&self, kinds: &[&str], days: [chrono::NaiveDate; 2]) -> Vec<KindReading> {
        let differs = |reading: &KindReading| {
            *reading == KindReading::LeftOut
                || self.cycle.kinds.iter().any(|kind| {
                    kinds.contains(&kind.id.as_str())
                        && kind.holds_rest(*reading)
                        && self.told_share(&kind.id, days).rest > 0
                })
        };
        KindReading::ALL.into_iter().filter(differs).collect()
    }

    /// Events of a kind of the cycle between two days that can be told, and those that are not told
    /// apart and may be of it. A span counts where it overlaps the days. The rest is 0 for a kind
    /// that cannot hold it.
    #[must_use]
    pub fn told_share(&self, kind: &str, [from, to]: [chrono::NaiveDate; 2]) -> ToldShare {
        let within = |name: &str| -> i64 {
            let own = self.counts.iter().filter(|count| count.kind == name);
            own.filter(|count| count.to >= from && count.from <= to).map(|own| own.events).sum()
        };
        let told = within(kind);
        let all = within(&DeclaredKind::id_with_rest(kind));
        ToldShare { told, rest: (all - told).max(0) }
    }

    /// Whether every month of a year is covered.
    #[must_use]
    pub fn covers_year(&self, year: i32) -> bool {
        (1..=12).filter_map(|month| Month::new(year, month)).all(|month| self.covers(month))
    }

    /// Whether a month is covered. `covered` ascends.
    fn covers(&self, month: Month) -> bool {
        self.covered.binary_search(&month).is_ok()
    }

    /// Refuses days of months that nothing covers: a day without events would be taken for quiet.
    ///
    /// # Errors
    ///
    /// `Error::Uncovered` with the first such month. Kinds from the chronicle alone ask nothing:
    /// the case keeps its own chronicle.
    pub fn check_coverage(&self, [from, to]: [Month; 2]) -> Result<()> {
        let counted = self.cycle.kinds.iter().any(|kind| kind.from_chronicle.is_none());
        let gap = Month::range(from, to).find(|month| counted && !self.covers(*month));
        gap.map_or(Ok(()), |month| Err(Error::Uncovered { month, from, to }))
    }

    /// The kinds as one national series per kind; events of a span may have happened on any of its
    /// days inside the days looked at. Day 0 is the cycle's first. A row of n events gives n
    /// records; a row that lies outside the days gives none, and one that reaches beyond them is
    /// cut.
    ///
    /// # Errors
    ///
    /// [`Error::Uncovered`] when nothing covers a month of those days.
    pub fn series(&self) -> Result<Series> {
        self.check_coverage([self.cycle.from, self.cycle.to].map(Month::from_date))?;
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

    /// Districts that a kind hit on each known day. In order of time; events of a span fall on no
    /// known day, and days without an event are not listed.
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
