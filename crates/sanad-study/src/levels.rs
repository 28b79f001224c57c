//! At which level each month is known: district, province, theatre or country.
//!
//! A record knows some months by place, some by conflict and some for the country alone. Nothing is
//! computed below the level at which a month is known. The account of a month adds up:
//!
//! > placed in districts + placed in provinces only + known by theatre only + known for the country
//! > only − counted in the theatres' conflicts and fought abroad = the country
//!
//! in events and in deaths. A theatre is inferred from a conflict's name; how often that is right is
//! measured where both are known ([`HitRate`]).

use std::collections::{BTreeMap, BTreeSet};

use sanad_case::conflict_counts::{Area, ConflictCount};
use sanad_case::{Case, Theatre};
use sanad_core::Month;
use sanad_core::actor::Actor;
use sanad_core::event::DateRule;
use sanad_core::place::PlaceBook;
use sanad_evidence::statements::claims::proportion;
use sanad_store::{
    ConflictRelease, InEffect, NationalMonth, NationalSeries, Observatory, PanelRequest, PlacesOf,
    Tally, Unit,
};
use serde::{Deserialize, Serialize};

use crate::coverage::stretches;
use crate::error::Result;
use crate::outcome::{at_home, finest_unit};

/// Months of a stretch over which hit rates are measured: the last four years. Older months are
/// left out, because where a conflict is fought changes.
const HIT_MONTHS: i32 = 48;

/// Releases of final counts by month and pair of sides. Preliminary releases, and those that count
/// by day or inside the country alone, are passed over.
pub(crate) fn by_pair(releases: &[ConflictRelease]) -> impl Iterator<Item = &ConflictRelease> {
    releases
        .iter()
        .filter(|release| !release.source.preliminary && release.counts.iter().any(is_by_pair))
}

/// Whether a count is about a month and a pair of sides, wherever they fought.
pub(crate) fn is_by_pair(count: &ConflictCount) -> bool {
    count.area == Area::Anywhere && count.day.is_none()
}

/// Sums over the months of a release, in order of time; a month without a count that `number` takes
/// has none. The result has one entry per month of the release.
pub(crate) fn by_month(
    release: &ConflictRelease,
    number: impl Fn(&ConflictCount) -> Option<f64>,
) -> Vec<f64> {
    let [from, to] = release.months;
    let mut sums: BTreeMap<Month, f64> = Month::range(from, to).map(|month| (month, 0.0)).collect();
    for count in &release.counts {
        if let (Some(sum), Some(number)) = (sums.get_mut(&count.month), number(count)) {
            *sum += number;
        }
    }
    sums.into_values().collect()
}

/// What is asked for.
///
/// It narrows the months of the account down; hit rates are always those of the whole record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelsRequest {
    /// First month; the first of the record when absent.
    #[serde(default)]
    pub from: Option<Month>,
    /// Last month; the last of the record when absent.
    #[serde(default)]
    pub to: Option<Month>,
}

/// The level at which something is known.
///
/// The order is from coarse to fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnownLevel {
    /// The whole country.
    Country,
    /// A theatre, inferred from the conflict's name; nothing of it is known by place.
    Theatre,
    /// A province.
    Province,
    /// A district.
    District,
}

impl KnownLevel {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Theatre => "theatre",
            Self::Province => "province",
            Self::District => "district",
        }
    }
}

/// Events and deaths (best estimate). Numbers are whole unless a record was shared out between
/// places. Of a difference each number may be below zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Count {
    /// Events.
    pub events: f64,
    /// Deaths.
    pub deaths: f64,
}

impl Count {
    /// Events and deaths as numbers that can be shared out.
    fn new(events: i64, deaths: i64) -> Self {
        Self { events: events as f64, deaths: deaths as f64 }
    }

    /// This and another.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { events: self.events + other.events, deaths: self.deaths + other.deaths }
    }

    /// This without another.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self { events: self.events - other.events, deaths: self.deaths - other.deaths }
    }

    /// The same without the noise of floating-point sums: counts are shared out in millionths.
    /// Millionths are the unit in which the store shares out.
    fn in_millionths(self) -> Self {
        let rounded = |number: f64| (number * 1e6).round() / 1e6;
        Self { events: rounded(self.events), deaths: rounded(self.deaths) }
    }

    /// What of this lies above another, each number at least zero.
    #[must_use]
    fn beyond(self, other: Self) -> Self {
        let rest = self.minus(other);
        Self { events: rest.events.max(0.0), deaths: rest.deaths.max(0.0) }
    }
}

/// One month of the record, taken apart by the level at which its events are known.
///
/// Counts by place and national counts of a month come from different releases and count by
/// different days; an account is made of one of them and never of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonthAccount {
    /// The month.
    pub month: Month,
    /// The finest level at which the month is known. A month that is counted by place is
    /// `District`, whatever the case lists.
    pub level: KnownLevel,
    /// The release that the month is counted from.
    pub source: String,
    /// The day of an event by which it counts in the month, where known. Counts by place are always
    /// by the last day.
    pub date_rule: Option<DateRule>,
    /// Whether the release is preliminary.
    pub is_preliminary: bool,
    /// The whole country.
    pub country: Count,
    /// Placed in a district.
    pub in_districts: Count,
    /// Placed in a province and in no district.
    pub in_provinces_only: Count,
    /// State-based violence of each theatre's conflicts, by the theatre's id, wherever it was fought;
    /// empty where the month is known by place.
    pub by_theatre: BTreeMap<String, Count>,
    /// Known for the country only. In a month known by theatre that is violence between
    /// organisations and against civilians, and state-based violence in no theatre's conflicts.
    pub country_only: Count,
    /// The part of the theatres' conflicts that the country's own count cannot hold: at least as
    /// much was fought abroad. Zero where the month is known by place.
    pub abroad: Count,
}

impl MonthAccount {
    /// The parts added up, which is the country. Equal up to the rounding of counts that were
    /// shared out.
    #[must_use]
    pub fn sum_of_parts(&self) -> Count {
        let theatres = self.by_theatre.values().fold(Count::default(), |sum, it| sum.plus(*it));
        [self.in_districts, self.in_provinces_only, theatres, self.country_only]
            .into_iter()
            .fold(Count::default(), Count::plus)
            .minus(self.abroad)
    }
}

/// A stretch of months that one release knows at one level. The same months may be in several
/// stretches: by district, by province, by theatre and for the country.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownStretch {
    /// The level.
    pub level: KnownLevel,
    /// First and last month. Cut at the months asked for.
    pub months: [Month; 2],
    /// The release.
    pub source: String,
    /// The day of an event by which it counts in a month, where known.
    pub date_rule: Option<DateRule>,
    /// Whether the release is preliminary.
    pub is_preliminary: bool,
    /// What is known at the level, in words.
    pub what: String,
    /// Events and deaths known at the level. For provinces: what is placed in a province and in no
    /// district.
    pub known: Count,
}

/// How often a conflict's name gives the theatre in which an event happened. The events are
/// state-based ones of the pairs of sides that fight in the theatre's conflicts, counted by place;
/// they happened in the theatre where their province is one of its provinces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HitRate {
    /// The theatre, by id.
    pub theatre: String,
    /// Its title.
    pub title: String,
    /// First and last month looked at.
    pub months: [Month; 2],
    /// Events of the theatre's conflicts that happened in the theatre, and all of them. Not whole
    /// where records were shared out between places.
    pub events: [f64; 2],
    /// The share, with its exact 95 % interval (Clopper–Pearson): low, value, high. From 0 to 1.
    /// The interval takes counts rounded to whole events.
    pub share: [f64; 3],
}

/// What is known, at which level and since when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelsResult {
    /// Stretches of months by level, the finest level first.
    pub stretches: Vec<KnownStretch>,
    /// The months, in order of time.
    pub months: Vec<MonthAccount>,
    /// Hit rates of theatres, the latest stretch last.
    pub hit_rates: Vec<HitRate>,
}

/// What an observatory's record knows, and at which level.
///
/// The day that a month is counted by and the release that it comes from stand with every month,
/// because a jump between two levels may be a jump between two rules.
///
/// # Errors
///
/// Those of reading the observatory.
pub fn levels(
    observatory: &Observatory,
    request: &LevelsRequest,
    threads: usize,
) -> Result<LevelsResult> {
    let record = Record::read(observatory, threads)?;
    let is_asked = |month: Month| {
        request.from.is_none_or(|from| from <= month) && request.to.is_none_or(|to| month <= to)
    };
    let mut months = record.accounts();
    months.retain(|account| is_asked(account.month));
    let mut stretches = record.stretches(&months);
    stretches.retain(|stretch| stretch.months[0] <= stretch.months[1]);
    Ok(LevelsResult { stretches, months, hit_rates: record.hit_rates() })
}

/// What the levels are read from. It is read whole, so that accounts and hit rates are of the same
/// state.
pub(crate) struct Record {
    /// The theatres that the case declares.
    theatres: Vec<Theatre>,
    book: PlaceBook,
    actors: Vec<Actor>,
    /// Releases of counts by place, with their months.
    placed: Vec<InEffect>,
    /// Violence by district of its day.
    districts: Vec<Tally>,
    /// Violence by province of its day.
    provinces_then: Vec<Tally>,
    /// Violence by today's province.
    provinces: Vec<Tally>,
    national: NationalSeries,
    conflicts: Vec<ConflictRelease>,
}

impl Record {
    /// The releases, counts and conflicts that the levels are told from.
    ///
    /// An observatory without counts by place has no placed months and no hit rates; national
    /// months and conflicts are read all the same.
    ///
    /// # Errors
    ///
    /// Those of reading the observatory.
    pub(crate) fn read(observatory: &Observatory, threads: usize) -> Result<Self> {
        let case: Case = observatory.case()?;
        let (series, book) = (case.series(), observatory.places()?);
        let covered = match observatory.months_covered(&series, case.gwno, None) {
            Err(sanad_store::Error::Lacks { .. }) => Vec::new(),
            covered => covered?,
        };
        let ends = covered.first().zip(covered.last());
        let (mut placed, mut districts) = (Vec::new(), Vec::new());
        let (mut provinces_then, mut provinces) = (Vec::new(), Vec::new());
        if let Some((&from, &to)) = ends {
            placed = observatory.in_effect(&series, case.gwno, [from, to], None)?;
            let tallies = |unit, places_of| {
                let series = series.clone();
                let request =
                    PanelRequest { places_of, series, ..PanelRequest::new(unit, from, to) };
                let mut tallies = at_home(observatory, &request, threads)?;
                tallies.retain(|tally| covered.binary_search(&tally.month).is_ok());
                Ok::<_, crate::error::Error>(tallies)
            };
            districts = tallies(Unit::Adm2, PlacesOf::Contemporary)?;
            provinces_then = tallies(Unit::Adm1, PlacesOf::Contemporary)?;
            provinces = tallies(Unit::Adm1, PlacesOf::Current)?;
        }
        Ok(Self {
            national: observatory.national_months()?,
            conflicts: observatory.conflict_counts(case.gwno, None)?,
            theatres: case.theatres,
            actors: observatory.actors()?,
            book,
            placed,
            districts,
            provinces_then,
            provinces,
        })
    }

    /// One account for every month that some release knows, in order of time. A month that is known
    /// both ways is accounted by place.
    fn accounts(&self) -> Vec<MonthAccount> {
        let mut months: BTreeMap<Month, MonthAccount> = BTreeMap::new();
        for row in &self.national.months {
            months.insert(row.month, self.national_account(row));
        }
        // Where a month is known by place, its account is that of the counts by place: the two count
        // by different days and come from different releases, and are never mixed.
        for release in &self.placed {
            for month in Month::range(release.months[0], release.months[1]) {
                months.insert(month, placed_account(month, finest_level(&self.book), release));
            }
        }
        let mut in_provinces: BTreeMap<Month, Count> = BTreeMap::new();
        for tally in &self.provinces_then {
            let Some(account) = months.get_mut(&tally.month) else { continue };
            let count = Count { events: tally.events, deaths: tally.deaths_best };
            account.country = account.country.plus(count);
            if self.book.get(&tally.place_id).is_some() {
                let sum = in_provinces.entry(tally.month).or_default();
                *sum = sum.plus(count);
            } else {
                account.country_only = account.country_only.plus(count);
            }
        }
        for tally in
            self.districts.iter().filter(|district| self.book.get(&district.place_id).is_some())
        {
            if let Some(account) = months.get_mut(&tally.month) {
                let count = Count { events: tally.events, deaths: tally.deaths_best };
                account.in_districts = account.in_districts.plus(count);
            }
        }
        for (month, sum) in in_provinces {
            if let Some(account) = months.get_mut(&month) {
                account.in_provinces_only = sum.minus(account.in_districts).in_millionths();
            }
        }
        months.into_values().collect()
    }

    /// A month that is known for the country, and by theatre where counts by conflict cover it.
    ///
    /// With S the country's state-based count and T the sum over theatres, what is known for the
    /// country only is (all − S) + max(S − T, 0), and at least max(T − S, 0) was fought abroad, in
    /// events and in deaths each. Where the release does not tell types apart, no theatre is told
    /// and all of the month is the country's.
    fn national_account(&self, row: &NationalMonth) -> MonthAccount {
        let country = Count::new(row.events, row.deaths_best);
        let state_based =
            row.deaths_by_type.map(|deaths| Count::new(row.events_by_type[0], deaths[0]));
        let by_theatre = match state_based {
            Some(_) => self.theatre_counts(row.month),
            None => BTreeMap::new(),
        };
        let theatres = by_theatre.values().fold(Count::default(), |sum, it| sum.plus(*it));
        let state_based = state_based.unwrap_or_default();
        let releases = &self.national.releases;
        let here = |in_effect: &&InEffect| {
            in_effect.months[0] <= row.month && row.month <= in_effect.months[1]
        };
        MonthAccount {
            month: row.month,
            level: if by_theatre.is_empty() { KnownLevel::Country } else { KnownLevel::Theatre },
            source: releases
                .iter()
                .find(here)
                .map_or_else(String::new, |release| release.label.clone()),
            date_rule: self.national.date_rule,
            is_preliminary: row.is_preliminary,
            country,
            in_districts: Count::default(),
            in_provinces_only: Count::default(),
            country_only: country.minus(state_based).plus(state_based.beyond(theatres)),
            abroad: theatres.beyond(state_based),
            by_theatre,
        }
    }

    /// State-based violence by theatre in a month, from counts of months wherever the sides fought;
    /// empty where none covers the month. A theatre whose conflicts are not listed in a covered
    /// month has a zero.
    fn theatre_counts(&self, month: Month) -> BTreeMap<String, Count> {
        let mut counts = BTreeMap::new();
        for release in self.conflicts.iter().filter(|release| is_by_month(release)) {
            if month < release.months[0] || release.months[1] < month {
                continue;
            }
            for theatre in &self.theatres {
                let of_theatre = release.counts.iter().filter(|count| {
                    count.month == month && theatre.conflicts.contains(&count.conflict)
                });
                let sum = of_theatre.fold(Count::default(), |sum, count| {
                    sum.plus(Count::new(count.events, count.deaths_best))
                });
                let known = counts.entry(theatre.id.clone()).or_insert_with(Count::default);
                *known = known.plus(sum);
            }
        }
        counts
    }

    /// The stretches of months in which each source knows each level. Every release gives one
    /// stretch per level, cut at the first and last of the accounts.
    fn stretches(&self, accounts: &[MonthAccount]) -> Vec<KnownStretch> {
        let first = accounts.first().map(|account| account.month);
        let last = accounts.last().map(|account| account.month);
        let Some((first, last)) = first.zip(last) else { return Vec::new() };
        let cut = |months: [Month; 2]| [months[0].max(first), months[1].min(last)];
        let mut found = Vec::new();
        for (level, what) in [
            (KnownLevel::District, "all types of violence, sides and dead by side"),
            (KnownLevel::Province, "the same, where no district is known"),
        ] {
            for release in &self.placed {
                found.push(placed_stretch(level, what, release, cut(release.months), accounts));
            }
        }
        for release in &self.conflicts {
            found.push(self.conflict_stretch(release, cut(release.months)));
        }
        for release in &self.national.releases {
            found.push(self.national_stretch(release, cut(release.months)));
        }
        found
    }

    /// What a release of counts by conflict knows in these months. Of counts by month only
    /// conflicts that imply a theatre are summed; counts by day are known for the country.
    fn conflict_stretch(&self, release: &ConflictRelease, months: [Month; 2]) -> KnownStretch {
        let by_month = is_by_month(release);
        let counts = release.counts.iter().filter(|count| {
            let is_named =
                self.theatres.iter().any(|theatre| theatre.conflicts.contains(&count.conflict));
            months[0] <= count.month && count.month <= months[1] && (is_named || !by_month)
        });
        let known = counts.fold(Count::default(), |sum, count| {
            sum.plus(Count::new(count.events, count.deaths_best))
        });
        let what = if by_month {
            "state-based violence by pair of sides, wherever they fought"
        } else {
            "all types of violence by day, state-based by conflict"
        };
        KnownStretch {
            level: if by_month { KnownLevel::Theatre } else { KnownLevel::Country },
            months,
            source: release.label.clone(),
            date_rule: release.source.date_rule,
            is_preliminary: release.source.preliminary,
            what: what.to_owned(),
            known,
        }
    }

    /// What a release of national months knows in these months. All types of violence are summed.
    fn national_stretch(&self, release: &InEffect, months: [Month; 2]) -> KnownStretch {
        let rows = self.national.months.iter();
        let rows = rows.filter(|row| months[0] <= row.month && row.month <= months[1]);
        let known = rows
            .fold(Count::default(), |sum, row| sum.plus(Count::new(row.events, row.deaths_best)));
        KnownStretch {
            level: KnownLevel::Country,
            months,
            source: release.label.clone(),
            date_rule: self.national.date_rule,
            is_preliminary: release.is_preliminary,
            what: "all types of violence by month".to_owned(),
            known,
        }
    }

    /// How often each theatre's conflicts were fought in it, over the last four years of every
    /// stretch that is counted by place.
    pub(crate) fn hit_rates(&self) -> Vec<HitRate> {
        let covered: Vec<Month> = self
            .placed
            .iter()
            .flat_map(|release| Month::range(release.months[0], release.months[1]))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut found = Vec::new();
        for [from, to] in stretches(&covered) {
            let months = [to.plus(1 - HIT_MONTHS).max(from), to];
            found.extend(self.theatres.iter().filter_map(|theatre| self.hit_rate(theatre, months)));
        }
        found
    }

    /// How often a theatre's conflicts were fought in it between two months, with the exact
    /// interval of Clopper and Pearson; `None` where none of its events is counted by place.
    fn hit_rate(&self, theatre: &Theatre, months: [Month; 2]) -> Option<HitRate> {
        let pairs = self.pairs(theatre);
        let mut events = [0.0, 0.0];
        for tally in &self.provinces {
            let sides = (tally.side_a_id, tally.side_b_id);
            let is_asked = months[0] <= tally.month && tally.month <= months[1];
            if is_asked && tally.violence == 1 && pairs.contains(&sides) {
                events[1] += tally.events;
                if theatre.provinces.contains(&tally.place_id) {
                    events[0] += tally.events;
                }
            }
        }
        let [hits, all] = events;
        let interval = proportion(hits.round() as u64, all.round() as u64, 0.95).ok()?;
        Some(HitRate {
            theatre: theatre.id.clone(),
            title: theatre.title.clone(),
            months,
            events,
            share: [interval.low, interval.value, interval.high],
        })
    }

    /// Numbers of the sides that fight in a theatre's conflicts. Side A comes first, as in the
    /// source's counts. An actor with several numbers gives several pairs.
    fn pairs(&self, theatre: &Theatre) -> BTreeSet<(i64, i64)> {
        let numbers = |id: &str| {
            let actor = self.actors.iter().find(|actor| actor.id == id);
            actor.map_or(&[][..], |actor| actor.ucdp_ids.as_slice())
        };
        let counts = self.conflicts.iter().flat_map(|release| &release.counts);
        counts
            .filter(|count| theatre.conflicts.contains(&count.conflict))
            .flat_map(|count| {
                numbers(&count.side_a)
                    .iter()
                    .flat_map(|&a| numbers(&count.side_b).iter().map(move |&b| (a, b)))
            })
            .collect()
    }
}

/// Whether every count of a release is of a month, wherever the sides fought.
pub(crate) fn is_by_month(release: &ConflictRelease) -> bool {
    release.counts.iter().all(|count| count.day.is_none() && count.area == Area::Anywhere)
}

/// The finest level at which a count by place can be known: that of the places that the case lists.
fn finest_level(book: &PlaceBook) -> KnownLevel {
    match finest_unit(book) {
        Unit::Adm2 => KnownLevel::District,
        Unit::Adm1 => KnownLevel::Province,
        _ => KnownLevel::Country,
    }
}

/// The account of a month that is counted by place, its counts still zero.
fn placed_account(month: Month, level: KnownLevel, release: &InEffect) -> MonthAccount {
    MonthAccount {
        month,
        level,
        source: release.label.clone(),
        date_rule: Some(DateRule::End),
        is_preliminary: release.is_preliminary,
        country: Count::default(),
        in_districts: Count::default(),
        in_provinces_only: Count::default(),
        by_theatre: BTreeMap::new(),
        country_only: Count::default(),
        abroad: Count::default(),
    }
}

/// What a release of counts by place knows in these months, in districts or in provinces alone.
fn placed_stretch(
    level: KnownLevel,
    what: &str,
    release: &InEffect,
    months: [Month; 2],
    accounts: &[MonthAccount],
) -> KnownStretch {
    let here =
        accounts.iter().filter(|account| months[0] <= account.month && account.month <= months[1]);
    let known = here.fold(Count::default(), |sum, account| {
        sum.plus(match level {
            KnownLevel::District => account.in_districts,
            _ => account.in_provinces_only,
        })
    });
    KnownStretch {
        level,
        months,
        source: release.label.clone(),
        date_rule: Some(DateRule::End),
        is_preliminary: release.is_preliminary,
        what: what.to_owned(),
        known,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sanad_core::random::Streams;
    use sanad_core::source::{Coverage, Source};

    use super::*;

    fn source() -> Source {
        let day = "2026-01-31".parse().unwrap();
        Source {
            id: "s".to_owned(),
            version: "1".to_owned(),
            title: String::new(),
            citation: String::new(),
            licence: String::new(),
            url: String::new(),
            accessed: day,
            released: None,
            preliminary: false,
            date_rule: Some(DateRule::Start),
            coverage: Coverage::default(),
        }
    }

    /// A record of national months and of two theatres' conflicts, drawn at random: in some months more
    /// is counted in the conflicts than in the country.
    fn drawn(seed: u64) -> Record {
        let mut stream = Streams::new(seed, "levels").at(0, 0, 0);
        let mut below = |limit: f64| (stream.open01() * limit) as i64;
        let months: Vec<Month> =
            Month::range("2022-01".parse().unwrap(), "2023-12".parse().unwrap()).collect();
        let mut national = NationalSeries::default();
        let mut counts = Vec::new();
        for &month in &months {
            let by_type =
                |below: &mut dyn FnMut(f64) -> i64| [below(40.0), below(5.0), below(20.0)];
            let (events_by_type, deaths_by_type) = (by_type(&mut below), by_type(&mut below));
            national.months.push(NationalMonth {
                month,
                events: events_by_type.iter().sum(),
                deaths_best: deaths_by_type.iter().sum(),
                deaths_high: None,
                events_by_type,
                deaths_by_type: Some(deaths_by_type),
                is_preliminary: false,
            });
            for conflict in ["north", "south", "abroad"] {
                counts.push(ConflictCount {
                    month,
                    day: None,
                    area: Area::Anywhere,
                    violence: 1,
                    conflict: conflict.to_owned(),
                    side_a: String::new(),
                    side_b: String::new(),
                    events: below(30.0),
                    deaths_best: below(60.0),
                });
            }
        }
        let theatre = |id: &str| Theatre {
            id: id.to_owned(),
            title: id.to_owned(),
            provinces: vec![format!("P-{id}")],
            conflicts: vec![id.to_owned()],
        };
        let months = [months[0], months[months.len() - 1]];
        Record {
            theatres: vec![theatre("north"), theatre("south")],
            book: PlaceBook::default(),
            actors: Vec::new(),
            placed: Vec::new(),
            districts: Vec::new(),
            provinces_then: Vec::new(),
            provinces: Vec::new(),
            national,
            conflicts: vec![ConflictRelease {
                label: "S 1".to_owned(),
                source: source(),
                months,
                counts,
            }],
        }
    }

    #[test]
    fn the_parts_of_every_month_add_up_to_the_country() {
        let mut with_excess = 0;
        for seed in 0..200 {
            let accounts = drawn(seed).accounts();
            assert_eq!(accounts.len(), 24);
            for account in accounts {
                assert_eq!(account.sum_of_parts(), account.country, "{account:?}");
                for part in [account.country_only, account.abroad] {
                    assert!(part.events >= 0.0 && part.deaths >= 0.0, "{account:?}");
                }
                assert_eq!(account.level, KnownLevel::Theatre);
                with_excess += usize::from(account.abroad.deaths > 0.0);
            }
        }
        assert!(
            with_excess > 100,
            "{with_excess} months have more in conflicts than in the country"
        );
    }

    fn shipped() -> (LevelsResult, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
        let mut observatory = Observatory::open_or_new(folder.path().join("o")).unwrap();
        observatory.import_case(&case, false, "2026-11-29".parse().unwrap()).unwrap();
        (levels(&observatory, &LevelsRequest::default(), 1).unwrap(), folder)
    }

    #[test]
    fn the_shipped_months_add_up_and_each_is_known_at_one_level() {
        let (found, _folder) = shipped();
        assert_eq!(found.months.len(), 449, "1989-01 to 2026-05");
        for account in &found.months {
            let (sum, whole) = (account.sum_of_parts(), account.country);
            assert!((sum.events - whole.events).abs() < 1e-5, "{account:?}");
            assert!((sum.deaths - whole.deaths).abs() < 1e-5, "{account:?}");
        }
        let known = |month: &str| {
            let month = month.parse().unwrap();
            let account = found.months.iter().find(|account| account.month == month).unwrap();
            (account.level, account.is_preliminary, account.date_rule)
        };
        assert_eq!(known("2021-12"), (KnownLevel::District, false, Some(DateRule::End)));
        assert_eq!(known("2025-12"), (KnownLevel::Theatre, false, Some(DateRule::Start)));
        assert_eq!(known("2026-02"), (KnownLevel::District, true, Some(DateRule::End)));
        assert_eq!(known("2026-05"), (KnownLevel::Theatre, true, Some(DateRule::Start)));
    }

    /// Measured on the shipped counts, where both the conflict's sides and the place are known.
    #[test]
    fn the_name_of_a_conflict_gives_the_theatre_as_often_as_measured() {
        let (found, _folder) = shipped();
        let rates: Vec<(&str, String, [f64; 2])> = found
            .hit_rates
            .iter()
            .map(|hit_rate| {
                (hit_rate.theatre.as_str(), hit_rate.months[1].to_string(), hit_rate.events)
            })
            .collect();
        let expected = [
            ("northwest", "2021-12".to_owned(), [233.0, 268.0]),
            ("balochistan", "2021-12".to_owned(), [93.0, 99.0]),
            ("northwest", "2026-02".to_owned(), [68.0, 76.0]),
            ("balochistan", "2026-02".to_owned(), [48.0, 49.0]),
        ];
        assert_eq!(rates, expected);
    }

    #[test]
    fn a_request_and_its_result_are_plain_data() {
        let request: LevelsRequest = toml::from_str("from = \"2022-01\"").unwrap();
        assert_eq!(request.from.map(|month| month.to_string()).as_deref(), Some("2022-01"));
        let (found, _folder) = shipped();
        let text = toml::to_string(&found.months[448]).unwrap();
        assert_eq!(toml::from_str::<MonthAccount>(&text).unwrap(), found.months[448]);
    }
}
