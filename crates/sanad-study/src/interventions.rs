//! Dated interventions: counts before and after, by region, with placebos; and districts aimed at
//! against districts that were not.
//!
//! Two questions are put to a declared intervention. An interrupted series asks whether counts by
//! month jumped or turned at its first whole month; a synthetic control asks whether the districts
//! that it was aimed at went another way than a mix of others that had followed them before. Both
//! come with placebos: the same computation at dates or in districts where nothing began. What else
//! fell into the same months stands in the case's note, and no computation here takes it out.

use std::collections::BTreeMap;

use rayon::prelude::*;
use sanad_case::{DeclaredIntervention, DeclaredRegion, KindReading, NoDonors};
use sanad_core::Month;
use sanad_core::place::Level;
use sanad_evidence::intervention::{
    InterruptedFit, InterruptedSettings, RateRatio, interrupted_series, synthetic_control,
    time_placebos,
};
use sanad_store::{Observatory, PanelRequest, PlacesOf, Tally};

use super::Study;
use super::kinds::Daily;
use crate::outcome::at_home;

/// Months after the start at which the change is read. A change of slope alone needs time to show,
/// and the further ahead, the wider its interval.
pub const HORIZON_MONTHS: u32 = 12;
/// Months on either side whose means are compared. Two whole years, so that the season cancels.
pub const MEAN_MONTHS: i32 = 24;
/// Months that a placebo date, or another start month, leaves on either side, so that the season
/// and a slope can be seen on both.
const PLACEBO_MARGIN: usize = 18;
/// Every how manieth month is tried as a date at which nothing happened. Neighbouring dates give
/// nearly the same fit.
const PLACEBO_EVERY: usize = 3;
/// Months before and after the declared start within which every other start is tried.
const START_MONTHS: usize = 24;
/// Events that either side of a date must have: with fewer, a rate of zero makes any ratio.
const FEWEST_EVENTS_A_SIDE: u32 = 5;
/// Months of a block of the comparison with other districts. Single months of a district are mostly
/// zeros.
const BLOCK_MONTHS: usize = 3;
/// Events before the intervention that a district must have to be compared with. The districts
/// aimed at have to have as many together.
const FEWEST_DONOR_EVENTS: f64 = 24.0;
/// The same where the case leaves districts out: the quiet ones are what is left.
const FEWEST_DONOR_EVENTS_NOT_REACHED: f64 = 8.0;
/// Blocks that a placebo date of that comparison leaves on either side. That is a year.
const BLOCK_MARGIN: usize = 4;

/// What is counted by month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Events of a declared kind, by day and province.
    Kind(String),
    /// Events with a side of the declared families, by place and month, on the places of their day.
    Events,
    /// Events of all types in the whole country by month, from the releases of national months,
    /// which may reach further than the counts by place.
    NationalMonths,
}

impl Measure {
    /// The kinds that an intervention names, all events, and the national months. The order is that
    /// of rows.
    fn all(it: &DeclaredIntervention) -> Vec<Self> {
        let kinds = it.kinds.iter().cloned().map(Self::Kind);
        kinds.chain([Self::Events, Self::NationalMonths]).collect()
    }

    /// The kind's name, or words that no kind's name can be.
    pub fn name(&self) -> &str {
        match self {
            Self::Kind(id) => id,
            Self::Events => "events",
            Self::NationalMonths => "national months",
        }
    }
}

/// One region's counts around one intervention. With several readings of what is not told apart
/// there is a row for each that changes a count.
#[derive(Debug, Clone)]
pub struct ChangeRow {
    /// Identifier of the intervention.
    pub intervention: String,
    /// The first whole month after it began: the month of the day itself where that is the first of
    /// it, and else the next.
    pub start: Month,
    /// The region.
    pub region: String,
    /// What the region is, for people.
    pub region_title: String,
    /// What was counted.
    pub measure: Measure,
    /// What is counted, for people.
    pub counted: String,
    /// How events that are not told apart are read; nothing where kinds are not counted.
    pub reading: Option<KindReading>,
    /// Share of the events that can be told to be of the kind, in the window of the intervention.
    /// From 0 to 1, of the whole country; `None` for measures that are no kind.
    pub share_told: Option<f64>,
    /// Mean a month in the months before and after that are compared, where covered. Twenty-four
    /// months to each side; `None` where one of them is not covered.
    pub means: Option<[f64; 2]>,
    /// Level, slope and change after the horizon; or why there are none. The reason is a sentence
    /// for readers.
    pub change: Result<Change, String>,
}

/// An interrupted series.
///
/// Ratios are of rates, with 95 % intervals; 1 is no change. ln λₜ is taken to run straight, with
/// one yearly harmonic and an autoregression, and to change level and slope at the start.
#[derive(Debug, Clone)]
pub struct Change {
    /// Jump of the level at the start.
    pub level: RateRatio,
    /// Change of the growth by month. A factor on the growth a month: 0.99 over a year is a fall by
    /// 11 %.
    pub slope: RateRatio,
    /// Both together, a year after the start.
    pub after_horizon: RateRatio,
    /// Correlation of neighbouring months' errors. Near 0 where trend and season hold all that
    /// lasts.
    pub autoregression: f64,
    /// Placebo dates with as large a change in the same direction, of all that could be fitted.
    /// Size is taken in standard errors, so that dates with few events do not win by noise.
    pub placebos: [usize; 2],
    /// The change with every other start month within two years. Empty where it was not asked for.
    pub starts: Vec<StartMonth>,
    /// The months behind it.
    pub course: Course,
}

/// The months of an interrupted series and what was fitted to them.
#[derive(Debug, Clone)]
pub struct Course {
    /// The first month.
    pub from: Month,
    /// Counts by month. Events a month.
    pub counted: Vec<f64>,
    /// Fitted, with the intervention. At every month, before and after.
    pub with: Vec<f64>,
    /// From the first month after on: what the earlier course would have given. `None` before the
    /// start.
    pub without: Vec<Option<f64>>,
    /// From the first month after on: the 95 % interval of what was fitted, by that of the change.
    /// It leaves out the scatter of single months.
    pub band: Vec<Option<[f64; 2]>>,
}

/// Districts aimed at against others. There is one row against all others and, where the case
/// leaves districts out, one against those that are left.
#[derive(Debug, Clone)]
pub struct ControlRow {
    /// Identifier of the intervention.
    pub intervention: String,
    /// Names of the districts that it reached.
    pub treated: String,
    /// Which districts it was compared with.
    pub others: Others,
    /// Districts left out, with the reasons. Empty where none are.
    pub left_out: String,
    /// The comparison, or why there is none.
    pub found: Result<Control, String>,
}

/// Districts that a comparison may be made of. A district may be no fair comparison because the
/// intervention reached it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// All that were not aimed at.
    All,
    /// Those among them that the case does not leave out.
    NotReached,
}

impl Others {
    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all others",
            Self::NotReached => "others not reached",
        }
    }
}

/// A synthetic control, in shares of each unit's own mean before.
///
/// A value of 1 is the unit's own mean a quarter before the start: a district with much violence
/// and one with little weigh the same.
#[derive(Debug, Clone)]
pub struct Control {
    /// Districts that the comparison could draw on. Districts with enough events before.
    pub donors: usize,
    /// Quarters before and after the start. Whole quarters; months that do not fill one at either
    /// end are left out.
    pub blocks: [usize; 2],
    /// Mean gap after the start between the districts and their control. In means before: −0.3 says
    /// thirty per cent of the earlier mean less.
    pub effect: f64,
    /// Root mean squared gap before. Where it is large, the mix does not follow the districts and
    /// the effect says little.
    pub gap_before: f64,
    /// Root mean squared gap after.
    pub gap_after: f64,
    /// By placebos in place. The rank of the districts' ratio of gaps (after over before) among all
    /// units', over their number: no smaller than one over that number.
    pub p_value: f64,
    /// Range of the placebos' effects in place.
    pub placebo_effects: [f64; 2],
    /// Placebo dates with as large an effect in size, of all. Earlier dates with at least four
    /// quarters on either side.
    pub time_placebos: [usize; 2],
    /// The heaviest donors with their weights. Four at most, without weights below 0.005, for
    /// readers.
    pub weights: String,
    /// By block, the districts aimed at.
    pub treated: Vec<f64>,
    /// By block, the mix of others.
    pub mix: Vec<f64>,
    /// By placebo in place and block, a district less its mix. One entry per donor, as long as
    /// `treated`.
    pub placebo_gaps: Vec<Vec<f64>>,
}

/// Months that a series covers, and its counts. Every month from the first to the last is covered.
struct CountedMonths {
    from: Month,
    values: Vec<f64>,
}

impl CountedMonths {
    /// The values from one month to another; nothing where they are not all there.
    fn over(&self, from: Month, to: Month) -> Option<&[f64]> {
        let at = |month: Month| usize::try_from(month.id() - self.from.id()).ok();
        self.values.get(at(from)?..=at(to)?)
    }

    /// The last month.
    fn last(&self) -> Month {
        self.from.plus(self.values.len() as i32 - 1)
    }
}

/// Violence by today's district, over all months.
///
/// The districts are those of the finest unit that the case lists; for a case of provinces they are
/// provinces, and no synthetic control is made of them.
///
/// # Errors
///
/// Those of counting in the store.
pub fn districts_of_today(
    study: &Study,
    observatory: &Observatory,
    threads: usize,
) -> crate::Result<Vec<Tally>> {
    let series = study.case.series();
    let [from, to] = study.months;
    let request = PanelRequest {
        places_of: PlacesOf::Current,
        series,
        ..PanelRequest::new(study.finest_unit(), from, to)
    };
    at_home(observatory, &request, threads)
}

/// Every region, measure and reading of one intervention; with `starts`, every other start month
/// within two years as well. A reading that changes no count of a kind is left out.
///
/// Empty where the case counts no kinds by day. Rows are computed in parallel and stand in the
/// order of regions, measures and readings.
pub fn changes(study: &Study, it: &DeclaredIntervention, starts: bool) -> Vec<ChangeRow> {
    let Some(daily) = &study.daily else { return Vec::new() };
    let days = [it.from.first_day(), it.to.last_day()];
    let readings = |measure: &Measure| match measure {
        Measure::Kind(id) => daily.readings(&[id], days).into_iter().map(Some).collect::<Vec<_>>(),
        _ => vec![None],
    };
    let read: Vec<(KindReading, Daily)> =
        KindReading::ALL.into_iter().map(|reading| (reading, daily.under(reading))).collect();
    let mut request: Vec<(&DeclaredRegion, Measure, Option<KindReading>)> = Vec::new();
    for region in &daily.cycle.regions {
        for measure in Measure::all(it) {
            for reading in readings(&measure) {
                request.push((region, measure.clone(), reading));
            }
        }
    }
    request
        .into_par_iter()
        .filter_map(|(region, measure, reading)| {
            let days = read.iter().find(|(name, _)| Some(*name) == reading);
            change(study, it, (region, measure), days, starts)
        })
        .collect()
}

/// One region's change in one measure; nothing where the counts do not tell the region. National
/// months are a row of the whole country alone; kinds, counted by province, are none of a region
/// that only districts tell.
fn change(
    study: &Study,
    it: &DeclaredIntervention,
    (region, measure): (&DeclaredRegion, Measure),
    days: Option<&(KindReading, Daily)>,
    starts: bool,
) -> Option<ChangeRow> {
    let counted = match &measure {
        Measure::Kind(kind) => events_of_kind(study, &days?.1, kind, region)?,
        Measure::Events => events(study, it, region),
        Measure::NationalMonths => national_events(study, region)?,
    };
    let start = it.start();
    let mean = |from: Month| {
        let values = counted.over(from, from.plus(MEAN_MONTHS - 1))?;
        Some(values.iter().sum::<f64>() / values.len() as f64)
    };
    let means = mean(start.plus(-MEAN_MONTHS)).zip(mean(start));
    Some(ChangeRow {
        intervention: it.id.clone(),
        start,
        region: region.id.clone(),
        region_title: region.title.clone(),
        counted: title_of(study, &measure),
        reading: days.map(|(reading, _)| *reading),
        share_told: share_told(study, it, &measure),
        measure,
        means: means.map(|(before, after)| [before, after]),
        change: interrupted(&counted, it, starts),
    })
}

/// Share of the events of a kind that can be told, in the whole country and the window.
fn share_told(study: &Study, it: &DeclaredIntervention, measure: &Measure) -> Option<f64> {
    let Measure::Kind(kind) = measure else { return None };
    let days = [it.from.first_day(), it.to.last_day()];
    study.daily.as_ref()?.told_share(kind, days).share()
}

/// What a measure counts, for people.
fn title_of(study: &Study, measure: &Measure) -> String {
    let kinds = study.daily.as_ref().map_or(&[][..], |daily| &daily.cycle.kinds);
    match measure {
        Measure::Kind(id) => {
            let kind = kinds.iter().find(|kind| kind.id == *id);
            kind.map_or_else(|| id.clone(), |kind| kind.title.clone())
        }
        Measure::Events => "events of the families, both sides".to_owned(),
        Measure::NationalMonths => "events of all types, later version".to_owned(),
    }
}

/// Events of one kind, where the region is made of provinces.
///
/// An event counts in the month of its last day. The series covers the days of the cycle.
fn events_of_kind(
    study: &Study,
    daily: &Daily,
    kind: &str,
    region: &DeclaredRegion,
) -> Option<CountedMonths> {
    let from = Month::from_date(daily.cycle.from);
    if !made_of_provinces(study, region) {
        return None;
    }
    let to = Month::from_date(daily.cycle.to);
    let mut values = vec![0.0; usize::try_from(to.id() - from.id() + 1).ok()?];
    for count in daily.counts.iter().filter(|count| count.kind == kind) {
        let at = usize::try_from(Month::from_date(count.to).id() - from.id());
        if let (true, Ok(at)) = (is_in(study, region, &count.place_id), at)
            && let Some(value) = values.get_mut(at)
        {
            *value += count.events as f64;
        }
    }
    Some(CountedMonths { from, values })
}

/// Whether provinces, FATA among them, tell the region from the rest.
fn made_of_provinces(study: &Study, region: &DeclaredRegion) -> bool {
    let province = |id: &String| study.book.get(id).is_some_and(|at| at.level == Level::Adm1);
    region.places.is_empty()
        || (region.places.iter().any(province)
            && (region.without.is_empty() || region.without.iter().any(province)))
}

/// Events with a side of the declared families. By the finest unit on the places of their day; an
/// event whose place is not known at it is in no region but the whole country.
fn events(study: &Study, it: &DeclaredIntervention, region: &DeclaredRegion) -> CountedMonths {
    let mut values = vec![0.0; study.length()];
    let counts = |tally: &&Tally| is_of(study, it, tally) && is_in(study, region, &tally.place_id);
    for tally in study.districts_then.iter().filter(counts) {
        values[study.month_index(tally.month)] += tally.events;
    }
    CountedMonths { from: study.months[0], values }
}

/// Whether an event counts for an intervention: all do where it names no families.
fn is_of(study: &Study, it: &DeclaredIntervention, tally: &Tally) -> bool {
    it.families.is_empty()
        || study.parties.sides(tally).any(|side| it.families.contains(study.parties.family(side)))
}

/// Whether a place lies in a region. The place itself or one that it lies in has to be named; a
/// region without places is the country.
fn is_in(study: &Study, region: &DeclaredRegion, place: &str) -> bool {
    let within = |ids: &[String]| {
        let up = std::iter::successors(study.book.get(place), |at| study.book.parent(&at.id));
        up.into_iter().any(|at| ids.contains(&at.id))
    };
    region.places.is_empty() || (within(&region.places) && !within(&region.without))
}

/// The national months as a series, for a region that is the whole country. `None` for any other
/// region.
fn national_events(study: &Study, region: &DeclaredRegion) -> Option<CountedMonths> {
    let run = crate::violence::national_run(study);
    let from = run.first()?.month;
    let values = run.iter().map(|row| row.events as f64).collect();
    (region.places.is_empty()).then_some(CountedMonths { from, values })
}

/// The districts that an intervention was aimed at against all others, and against those that the
/// case does not leave out; nothing where it names none. `districts` are counts by today's
/// district over all months.
///
/// A control that cannot be made is a row with the reason.
pub fn controls(study: &Study, it: &DeclaredIntervention, districts: &[Tally]) -> Vec<ControlRow> {
    let others: &[Others] = match (it.treated.is_empty(), it.no_donors.is_empty()) {
        (true, _) => &[],
        (false, true) => &[Others::All],
        (false, false) => &[Others::All, Others::NotReached],
    };
    others.iter().map(|&others| control(study, it, others, districts)).collect()
}

/// The districts aimed at against others, with who may stand for them.
fn control(
    study: &Study,
    it: &DeclaredIntervention,
    others: Others,
    districts: &[Tally],
) -> ControlRow {
    let name = |id: &String| study.book.get(id).map_or(id.clone(), |at| at.name.clone());
    let names = |ids: &[String]| ids.iter().map(name).collect::<Vec<_>>().join(", ");
    let described =
        |no_donors: &NoDonors| format!("{}: {}", names(&no_donors.places), no_donors.reason);
    let left_out = match others {
        Others::All => &[][..],
        Others::NotReached => &it.no_donors[..],
    };
    let may_stand =
        |id: &str| !left_out.iter().any(|left_out| left_out.places.iter().any(|at| at == id));
    ControlRow {
        intervention: it.id.clone(),
        treated: names(&it.treated),
        others,
        left_out: left_out.iter().map(described).collect::<Vec<_>>().join(" "),
        found: synthetic(study, it, districts, others, may_stand),
    }
}

/// Events by block of months and district, those of all districts aimed at under an empty name.
/// Districts that the case does not know are left out. `first` is the month that the first block
/// begins with, `length` the number of blocks. A district without an event has no entry: it could
/// not be scaled to its own mean.
fn blocks_by_unit<'a>(
    study: &Study,
    it: &DeclaredIntervention,
    districts: &'a [Tally],
    (first, length): (Month, usize),
) -> BTreeMap<&'a str, Vec<f64>> {
    let mut units: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for tally in districts.iter().filter(|tally| is_of(study, it, tally)) {
        let Ok(at) = usize::try_from(tally.month.id() - first.id()) else { continue };
        let known = study.book.get(&tally.place_id).is_some_and(|at| at.level == Level::Adm2);
        if !known || at / BLOCK_MONTHS >= length {
            continue;
        }
        let treated = it.treated.contains(&tally.place_id);
        let unit = if treated { "" } else { tally.place_id.as_str() };
        units.entry(unit).or_insert_with(|| vec![0.0; length])[at / BLOCK_MONTHS] += tally.events;
    }
    units
}

/// A synthetic control of the districts aimed at, made of other districts so that it follows them
/// before the start (A. Abadie, A. Diamond and J. Hainmueller, "Synthetic control methods for
/// comparative case studies", JASA 105, 2010), with each donor and each earlier date as a
/// placebo. A sentence says why there is none.
fn synthetic(
    study: &Study,
    it: &DeclaredIntervention,
    districts: &[Tally],
    others: Others,
    may_stand: impl Fn(&str) -> bool,
) -> Result<Control, String> {
    let fewest = match others {
        Others::All => FEWEST_DONOR_EVENTS,
        Others::NotReached => FEWEST_DONOR_EVENTS_NOT_REACHED,
    };
    let (from, to) = (it.from.max(study.months[0]), it.to.min(study.months[1]));
    let months = |first: Month, last: Month| usize::try_from(last.id() - first.id()).unwrap_or(0);
    let blocks =
        [months(from, it.start()) / BLOCK_MONTHS, (months(it.start(), to) + 1) / BLOCK_MONTHS];
    let first = it.start().plus(-((blocks[0] * BLOCK_MONTHS) as i32));
    let length = blocks[0] + blocks[1];
    let units = blocks_by_unit(study, it, districts, (first, length));
    let before = |values: &[f64]| values[..blocks[0]].iter().sum::<f64>();
    let scaled = |values: &Vec<f64>| -> Vec<f64> {
        let mean = before(values) / blocks[0] as f64;
        values.iter().map(|value| value / mean).collect()
    };
    let treated = units.get("").filter(|values| before(values) >= FEWEST_DONOR_EVENTS);
    let treated = scaled(treated.ok_or("too few events in the districts aimed at")?);
    let kept: Vec<(&str, Vec<f64>)> = units
        .iter()
        .filter(|(id, values)| !id.is_empty() && before(values) >= fewest)
        .filter(|(id, _)| may_stand(id))
        .map(|(id, values)| (*id, scaled(values)))
        .collect();
    let donors: Vec<Vec<f64>> = kept.iter().map(|(_, values)| values.clone()).collect();
    let found =
        synthetic_control(&treated, &donors, blocks[0]).map_err(|error| error.to_string())?;
    let dates: Vec<usize> = (BLOCK_MARGIN..(blocks[0] + 1).saturating_sub(BLOCK_MARGIN)).collect();
    let other_dates =
        time_placebos(&treated, &donors, blocks[0], &dates).map_err(|error| error.to_string())?;
    let as_large =
        other_dates.iter().filter(|other| other.effect.abs() >= found.effect.abs()).count();
    let effects = found.placebos.iter().map(|placebo| placebo.effect);
    Ok(Control {
        donors: donors.len(),
        blocks,
        effect: found.effect,
        gap_before: found.gap_before,
        gap_after: found.gap_after,
        p_value: found.p_value,
        placebo_effects: [
            effects.clone().fold(f64::INFINITY, f64::min),
            effects.fold(f64::NEG_INFINITY, f64::max),
        ],
        time_placebos: [as_large, other_dates.len()],
        weights: heaviest_donors(study, &found.weights, &kept),
        treated,
        mix: found.synthetic,
        placebo_gaps: found.placebo_gaps,
    })
}

/// The districts that weigh most in a synthetic control, with their weights. Equal weights stand in
/// the order of identifiers.
fn heaviest_donors(study: &Study, weights: &[f64], kept: &[(&str, Vec<f64>)]) -> String {
    let mut heaviest: Vec<(f64, &str)> =
        weights.iter().copied().zip(kept.iter().map(|(id, _)| *id)).collect();
    heaviest.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let described = |(weight, id): &(f64, &str)| {
        let name = study.book.get(id).map_or(*id, |at| at.name.as_str());
        format!("{name} {weight:.2}")
    };
    let shown = heaviest.iter().take(4).filter(|(weight, _)| *weight > 0.005);
    shown.map(described).collect::<Vec<_>>().join(", ")
}

/// The change of level and slope at the start; a sentence says why there is none.
///
/// The window is cut at what the series covers. Counts that were shared out between places are
/// rounded to whole events.
fn interrupted(
    counted: &CountedMonths,
    it: &DeclaredIntervention,
    starts: bool,
) -> Result<Change, String> {
    let (from, to) = (it.from.max(counted.from), it.to.min(counted.last()));
    let values = counted.over(from, to).ok_or("no months of these are covered")?;
    let counts: Vec<u32> = values.iter().map(|value| value.round() as u32).collect();
    let settings = InterruptedSettings {
        start: usize::try_from(it.start().id() - from.id()).unwrap_or(0),
        periods_per_year: 12.0,
        harmonics: 1,
    };
    if !enough(&counts, settings.start) {
        return Err(format!("fewer than {FEWEST_EVENTS_A_SIDE} events before or after"));
    }
    let fit = interrupted_series(&counts, settings).map_err(|error| error.to_string())?;
    let after_horizon = fit.change_at(HORIZON_MONTHS);
    Ok(Change {
        level: fit.level,
        slope: fit.slope,
        after_horizon,
        autoregression: fit.autoregression,
        placebos: placebo_dates(&counts, settings, HORIZON_MONTHS, &after_horizon),
        starts: if starts {
            start_months(&counts, settings, from, HORIZON_MONTHS)
        } else {
            Vec::new()
        },
        course: course(from, values, settings.start, &fit),
    })
}

/// The months as counted, as fitted, and as they would have gone on.
///
/// The band around a fitted month is the fit times low/value and high/value of the change at that
/// month: it holds what is not known of the change and not what is not known of the course before.
fn course(from: Month, counted: &[f64], start: usize, fit: &InterruptedFit) -> Course {
    let since = |t: usize| t.checked_sub(start).and_then(|since| u32::try_from(since).ok());
    let months = 0..counted.len();
    let band = |t: usize| {
        let change = fit.change_at(since(t)?);
        let [low, high] = [change.ratio.low, change.ratio.high].map(|it| it / change.ratio.value);
        Some([fit.with[t] * low, fit.with[t] * high])
    };
    Course {
        from,
        counted: counted.to_vec(),
        with: fit.with.clone(),
        without: months.clone().map(|t| since(t).map(|_| fit.without[t])).collect(),
        band: months.map(band).collect(),
    }
}

/// The change that a series shows when it is taken to begin in another month. Where other months
/// show as much, the date is not what shows.
#[derive(Debug, Clone)]
pub struct StartMonth {
    /// The first month after.
    pub start: Month,
    /// The change after the horizon, over the earlier course.
    pub after_horizon: RateRatio,
}

/// The same test with every start month within two years of the declared one that leaves enough months
/// on either side, in order; months at which nothing could be fitted are left out. `from` is the month
/// of the first count.
pub(super) fn start_months(
    counts: &[u32],
    settings: InterruptedSettings,
    from: Month,
    horizon: u32,
) -> Vec<StartMonth> {
    let first = settings.start.saturating_sub(START_MONTHS).max(PLACEBO_MARGIN);
    let last = (settings.start + START_MONTHS).min(counts.len().saturating_sub(PLACEBO_MARGIN));
    (first..=last)
        .into_par_iter()
        .filter(|&start| enough(counts, start))
        .filter_map(|start| {
            let fit = interrupted_series(counts, InterruptedSettings { start, ..settings }).ok()?;
            let start = from.plus(i32::try_from(start).ok()?);
            Some(StartMonth { start, after_horizon: fit.change_at(horizon) })
        })
        .collect()
}

/// Whether either side of a date has events enough for a ratio. A `start` beyond the series leaves
/// the other side empty.
pub(super) fn enough(counts: &[u32], start: usize) -> bool {
    let (before, after) = counts.split_at(start.min(counts.len()));
    [before, after].iter().all(|side| side.iter().sum::<u32>() >= FEWEST_EVENTS_A_SIDE)
}

/// The same test at other dates, on the months before the date only: how many changes are as large
/// in the same direction, in standard errors, and how many there were.
///
/// With r the change after the horizon and l to h its 95 % interval, the size is ln r / ln(h/l),
/// which is the change in standard errors up to a constant. Both numbers are 0 where too few months
/// lie before.
pub(super) fn placebo_dates(
    counts: &[u32],
    settings: InterruptedSettings,
    horizon: u32,
    found: &RateRatio,
) -> [usize; 2] {
    let size =
        |ratio: &RateRatio| ratio.ratio.value.ln() / (ratio.ratio.high / ratio.ratio.low).ln();
    let before = &counts[..settings.start.min(counts.len())];
    let last = (before.len() + 1).saturating_sub(PLACEBO_MARGIN);
    let changes: Vec<f64> = (PLACEBO_MARGIN..last)
        .step_by(PLACEBO_EVERY)
        .filter_map(|start| {
            let fit = interrupted_series(before, InterruptedSettings { start, ..settings }).ok()?;
            Some(size(&fit.change_at(horizon)))
        })
        .collect();
    let observed = size(found);
    let as_large = changes
        .iter()
        .filter(|&&other| if observed < 0.0 { other <= observed } else { other >= observed });
    [as_large.count(), changes.len()]
}

#[cfg(test)]
mod tests {
    use super::enough;

    #[test]
    fn a_side_without_events_has_no_ratio() {
        assert!(enough(&[1, 4, 5, 0], 2));
        assert!(!enough(&[0, 0, 5, 9], 2));
        assert!(!enough(&[5, 9, 4], 2) && !enough(&[9, 9], 7));
    }
}
