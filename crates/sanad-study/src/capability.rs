//! What each organisation did by month: attacks, reach, coordination, deadliness and aim, each with its
//! interval and with how much cannot be told.

use sanad_core::Estimate;
use sanad_numbers::sorted_quantile;
use std::collections::{BTreeMap, BTreeSet};

use sanad_brief::{CapabilityPanel, MeansLine, OrganisationLine};
use sanad_case::EventKind;
use sanad_core::Month;
use sanad_core::actor::{Actor, ActorKind, TieKind};
use sanad_core::chronicle::{ChronicleRecord, Detail};
use sanad_core::random::Streams;
use sanad_evidence::{days_by_chance, poisson_interval, wilson_interval};
use sanad_store::{DayCount, Observatory};
use serde::{Deserialize, Serialize};

use crate::Study;
use crate::error::{Error, Result};
use crate::kinds::{ATTACKS, Daily, MONTHLY, of_organisation};
use crate::means::{self, MeansSummary};

/// Districts hit on one day that make it a day of several.
const SEVERAL: u32 = 2;
/// Draws of the number of such days by chance.
const DRAWS: u32 = 1000;
/// Draws of the interval of deaths per attack.
const RESAMPLES: u32 = 400;
/// Seed of every draw here.
const SEED: u64 = 1;

/// Which organisations and months are described.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapabilityRequest {
    /// Organisations by id; all with an event when empty.
    pub organisations: Vec<String>,
    /// First month; that of the first count when `None`.
    pub from: Option<Month>,
    /// Last month; that of the last count when `None`.
    pub to: Option<Month>,
}

/// Organisations by month, and the dated ties between them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Capability {
    /// A row for each organisation and month in which it took part in an event.
    pub months: Vec<CapabilityMonth>,
    /// Alliances, memberships, mergers and splits of these organisations, by date.
    pub ties: Vec<DatedTie>,
}

/// One organisation in one month. An attack is one on the state or on civilians that the source tells
/// to be one; a month is that of the last day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapabilityMonth {
    /// Identifier of the organisation.
    pub organisation: String,
    /// Its name in the case.
    pub name: String,
    /// The month.
    pub month: Month,
    /// Attacks, with the interval of their Poisson mean.
    pub attacks: Estimate,
    /// Events with the state or another state that are not told apart and may be attacks.
    pub not_told_apart: i64,
    /// Share of what may be attacks that can be told to be, 0 to 1.
    pub share_told: Option<f64>,
    /// Districts in which attacks were; those without a known district count in none.
    pub districts: i64,
    /// Days on which attacks in two or more districts fell, of those of a known day.
    pub days_in_several: i64,
    /// Such days by chance, had each district's days fallen anywhere in the month: mean, and the number
    /// that chance exceeds one time in forty.
    pub days_by_chance: (f64, f64),
    /// Deaths per attack, with the interval of resampled days; nothing without an attack.
    pub deaths_per_attack: Option<Estimate>,
    /// Share of attacks that were on the state, 0 to 1; the others were on civilians.
    pub share_on_state: Option<Estimate>,
}

/// A dated tie between two organisations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedTie {
    /// The first month.
    pub month: Month,
    /// What it is: an alliance, a membership, a merger, a split.
    pub kind: String,
    /// The organisations, by id.
    pub organisations: [String; 2],
}

/// Organisations by month, as the days at hand tell.
///
/// # Errors
///
/// [`Error::CaseLacks`] where no days are at hand, or they were counted without organisations.
pub fn capability(
    observatory: &Observatory,
    request: &CapabilityRequest,
    threads: usize,
) -> Result<Capability> {
    let missing = || Error::CaseLacks { missing: "counts of organisations by day" };
    let daily = Daily::read(observatory, threads)?.ok_or_else(missing)?;
    let actors = observatory.actors()?;
    let found = from_days(&daily, &actors, request);
    if found.months.is_empty() && daily.counts.iter().all(|count| !count.kind.contains('/')) {
        return Err(missing());
    }
    Ok(Capability { ties: ties(&observatory.chronicle()?, &actors, request), ..found })
}

/// The rows of counts by organisation, what is counted, and month.
type ByMonth<'a> = BTreeMap<(&'a str, &'a str, Month), Vec<&'a DayCount>>;

/// The months of organisations, without their ties.
pub fn from_days(daily: &Daily, actors: &[Actor], request: &CapabilityRequest) -> Capability {
    let mut rows: ByMonth<'_> = BTreeMap::new();
    let mut seen: BTreeSet<(&str, Month)> = BTreeSet::new();
    for count in &daily.counts {
        let Some((organisation, what)) = count.kind.split_once('/') else { continue };
        let month = Month::from_date(count.to);
        let is_asked_for = request.organisations.is_empty()
            || request.organisations.iter().any(|id| id == organisation);
        if is_asked_for
            && request.from.is_none_or(|from| from <= month)
            && request.to.is_none_or(|to| month <= to)
        {
            rows.entry((organisation, what, month)).or_default().push(count);
            seen.insert((organisation, month));
        }
    }
    let name = |id: &str| {
        let actor = actors.iter().find(|actor| actor.id == id);
        actor.map_or_else(|| id.to_owned(), |actor| actor.label().to_owned())
    };
    let months = seen.into_iter().map(|(id, month)| month_of(&rows, id, month, name(id)));
    Capability { months: months.collect(), ties: Vec::new() }
}

/// One organisation's month, from the rows counted for it.
fn month_of<'a>(rows: &ByMonth<'a>, id: &'a str, month: Month, name: String) -> CapabilityMonth {
    let of = |what: &'static str| rows.get(&(id, what, month)).map_or(&[][..], Vec::as_slice);
    let events = |what: &'static str| of(what).iter().map(|count| count.events).sum::<i64>();
    let days = of(ATTACKS);
    let attacks = events(ATTACKS);
    let rest = events(EventKind::NotToldApart.as_str());
    let hits = hits_by_day(days);
    let sum: i64 = hits.values().sum();
    let several = hits.values().filter(|hit| **hit >= i64::from(SEVERAL)).count() as i64;
    let length = (month.last_day() - month.first_day()).num_days() + 1;
    let streams = Streams::new(SEED, "coordination by chance");
    let small = |value: i64| u32::try_from(value).unwrap_or(0);
    let chance = days_by_chance(small(sum), small(length), SEVERAL, DRAWS, streams);
    CapabilityMonth {
        organisation: id.to_owned(),
        name,
        month,
        attacks: count_with_interval(attacks),
        not_told_apart: rest,
        share_told: (attacks + rest > 0).then(|| attacks as f64 / (attacks + rest) as f64),
        districts: of(MONTHLY).iter().map(|count| count.districts).sum(),
        days_in_several: several,
        days_by_chance: (chance.mean, chance.high),
        deaths_per_attack: deaths_per_attack(days, month),
        share_on_state: share_with_interval(events(EventKind::Attack.as_str()), attacks),
    }
}

/// A count with the 95 % interval of the mean of the Poisson distribution that it may come from.
fn count_with_interval(count: i64) -> Estimate {
    let (low, high) = poisson_interval(u64::try_from(count).unwrap_or(0));
    Estimate { value: count as f64, low, high }
}

/// A share with its 95 % interval; nothing of nothing.
fn share_with_interval(part: i64, whole: i64) -> Option<Estimate> {
    let positive = |value: i64| u64::try_from(value).unwrap_or(0);
    let (low, high) = wilson_interval(positive(part), positive(whole))?;
    Some(Estimate { value: part as f64 / whole as f64, low, high })
}

/// Organisations over the last twelve months that are counted, for the briefing; nothing where no
/// days by organisation are at hand.
pub(crate) fn panel(
    study: &Study,
    observatory: &Observatory,
    threads: usize,
) -> Result<Option<CapabilityPanel>> {
    let Some(daily) = study.daily.as_ref() else { return Ok(None) };
    let coded = observatory.coded_means(study.case.gwno, threads)?;
    let months = study.last_year();
    let [from, to] = months;
    let request =
        CapabilityRequest { from: Some(from), to: Some(to), ..CapabilityRequest::default() };
    let by_month = from_days(daily, &study.actors, &request).months;
    let mut ids: Vec<&str> = by_month.iter().map(|row| row.organisation.as_str()).collect();
    ids.dedup();
    let mut lines: Vec<OrganisationLine> = ids
        .iter()
        .map(|id| {
            let rows = by_month.iter().filter(|row| row.organisation == *id);
            line_of(daily, id, months, &rows.collect::<Vec<_>>())
        })
        .collect();
    lines.sort_by(|a, b| b.attacks.value.total_cmp(&a.attacks.value).then(a.name.cmp(&b.name)));
    let all = lines.len();
    lines.retain(|line| line.attacks.value > 0.0);
    let label = |id: &str| {
        let actor = study.actors.iter().find(|actor| actor.id == id);
        actor.map_or_else(|| id.to_owned(), |actor| actor.label().to_owned())
    };
    let ties = ties(&study.chronicle, &study.actors, &CapabilityRequest::default());
    let named = |tie: &DatedTie| {
        let [a, b] = &tie.organisations;
        (tie.month, format!("{}, {} and {}", tie.kind, label(a), label(b)))
    };
    let coded =
        means::from_records(&study.chronicle, &coded, &study.actors, &CapabilityRequest::default());
    Ok((all > 0).then(|| CapabilityPanel {
        months,
        kinds: kinds_between(daily, months),
        others: all - lines.len(),
        organisations: lines,
        ties: ties.iter().map(named).collect(),
        means: means::summary(&coded).into_iter().map(means_line).collect(),
        source: study.source.clone(),
    }))
}

fn means_line(sum: MeansSummary) -> MeansLine {
    let MeansSummary { name, source, months, by_means, events, not_coded } = sum;
    let means = by_means.into_iter().map(|(means, events)| (means.to_string(), events)).collect();
    MeansLine { name, source, months, means, events, not_coded }
}

/// Events of each kind between two months, with their share.
fn kinds_between(daily: &Daily, [from, to]: [Month; 2]) -> Vec<(String, i64, f64)> {
    let within = |count: &&DayCount| (from..=to).contains(&Month::from_date(count.to));
    let events = |kind: EventKind| -> i64 {
        let own = daily.counts.iter().filter(|count| count.kind == kind.as_str());
        own.filter(within).map(|count| count.events).sum()
    };
    let all: i64 = EventKind::ALL.into_iter().map(events).sum();
    let row = |kind: EventKind| {
        let events = events(kind);
        (kind.title().to_owned(), events, events as f64 / all.max(1) as f64)
    };
    EventKind::ALL.into_iter().map(row).collect()
}

/// One organisation over several months.
fn line_of(
    daily: &Daily,
    id: &str,
    [from, to]: [Month; 2],
    rows: &[&CapabilityMonth],
) -> OrganisationLine {
    let counted = |what: &str| {
        let name = of_organisation(id, what);
        let within = |count: &&DayCount| (from..=to).contains(&Month::from_date(count.to));
        let own = daily.counts.iter().filter(move |count| count.kind == name);
        own.filter(within).collect::<Vec<&DayCount>>()
    };
    let sum = |counts: &[&DayCount]| counts.iter().map(|count| count.events).sum::<i64>();
    let days = counted(ATTACKS);
    let attacks = sum(&days);
    let on_state = sum(&counted(EventKind::Attack.as_str()));
    let measured =
        |ranged: Estimate| Estimate { low: ranged.low, value: ranged.value, high: ranged.high };
    OrganisationLine {
        name: rows.first().map_or_else(|| id.to_owned(), |row| row.name.clone()),
        attacks: measured(count_with_interval(attacks)),
        not_told_apart: rows.iter().map(|row| row.not_told_apart).sum(),
        districts_of_a_month: rows.iter().map(|row| row.districts).max().unwrap_or(0),
        days_in_several: (
            rows.iter().map(|row| row.days_in_several).sum(),
            rows.iter().map(|row| row.days_by_chance.0).sum(),
        ),
        deaths_per_attack: deaths_per_attack(&days, to).map(measured),
        share_on_state: share_with_interval(on_state, attacks).map(measured),
    }
}

/// Districts hit on each known day.
fn hits_by_day(days: &[&DayCount]) -> BTreeMap<chrono::NaiveDate, i64> {
    let mut hits = BTreeMap::new();
    for count in days.iter().filter(|count| count.from == count.to) {
        *hits.entry(count.from).or_default() += count.districts;
    }
    hits
}

/// Deaths per attack with the percentiles of resampled rows, each a day and province. One row has no
/// interval: its ends are the value's.
fn deaths_per_attack(days: &[&DayCount], month: Month) -> Option<Estimate> {
    let ratio = |rows: &mut dyn Iterator<Item = usize>| {
        let sum =
            rows.fold((0, 0), |sum, row| (sum.0 + days[row].deaths_best, sum.1 + days[row].events));
        (sum.1 > 0).then(|| sum.0 as f64 / sum.1 as f64)
    };
    let value = ratio(&mut (0..days.len()))?;
    let streams = Streams::new(SEED, "deaths per attack");
    let step = u32::try_from(month.id()).unwrap_or(0);
    let mut draws: Vec<f64> = (0..RESAMPLES)
        .filter_map(|draw| {
            let mut stream = streams.at(0, step, draw);
            let mut rows = (0..days.len())
                .map(|_| ((stream.open01() * days.len() as f64) as usize).min(days.len() - 1));
            ratio(&mut rows)
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    let at = |level: f64| sorted_quantile(&draws, level);
    Some(Estimate::new(at(0.025), value, at(0.975)))
}

/// Ties of the organisations asked for, by date.
fn ties(
    chronicle: &[ChronicleRecord],
    actors: &[Actor],
    request: &CapabilityRequest,
) -> Vec<DatedTie> {
    let is_state = |kind: ActorKind| matches!(kind, ActorKind::State | ActorKind::Institution);
    let armed = |id: &str| actors.iter().any(|actor| actor.id == id && !is_state(actor.kind));
    let is_asked_for = |id: &str| {
        request.organisations.is_empty() || request.organisations.iter().any(|one| one == id)
    };
    let mut found: Vec<DatedTie> = chronicle
        .iter()
        .filter_map(|record| {
            let Detail::Tie(tie) = &record.detail else { return None };
            let kind = match tie.tie_kind {
                TieKind::Alliance | TieKind::Member | TieKind::Merger | TieKind::Split => {
                    tie.tie_kind.as_str()
                }
                _ => return None,
            };
            let ends = [tie.a.as_str(), tie.b.as_str()];
            let known = ends.iter().all(|id| armed(id)) && ends.iter().any(|id| is_asked_for(id));
            (known && tie.alleged_by.is_none()).then(|| DatedTie {
                month: Month::from_date(record.entry.when.start()),
                kind: kind.to_owned(),
                organisations: ends.map(str::to_owned),
            })
        })
        .collect();
    found.sort_by(|a, b| (a.month, &a.organisations).cmp(&(b.month, &b.organisations)));
    found
}
