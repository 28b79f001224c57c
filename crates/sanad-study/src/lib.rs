//! From an observatory to the numbers of a briefing: asks the store for tallies, hands arrays to
//! the pure crates, and gathers what they give.

pub mod ablation;
mod absent;
mod basis;
pub mod benchmarks;
pub mod calibration;
pub mod capability;
mod chronicle;
mod claims;
mod comparison;
mod coverage;
pub mod cycle;
mod error;
pub mod evaluation;
mod excitation;
pub mod fronts;
pub mod gap;
mod geography;
pub mod interventions;
pub mod kind_years;
pub mod kinds;
pub mod latest;
pub mod levels;
pub mod model;
pub mod narrative;
pub mod network;
mod newest;
pub mod outcome;
pub mod outlook;
pub mod pictures;
mod policy;
mod prospect;
pub mod scenarios;
pub mod scoring;
mod sources;
pub mod tables;
pub mod trials;
mod violence;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sanad_brief::latest::Lead;
use sanad_brief::{Briefing, Marker};
use sanad_case::ablation::Ablation;
use sanad_case::month_series::MonthSeries;
use sanad_case::{Case, Claims, DeclaredFamily, Document, Indicators, Outline, Sides, read_claims};
use sanad_core::actor::{Actor, ActorKind, Family};
use sanad_core::chronicle::ChronicleRecord;
use sanad_core::chronicle::KnownIds;
use sanad_core::place::PlaceBook;
use sanad_core::{Month, Parts};
use sanad_store::{
    ConflictRelease, NationalMonth, NationalSeries, Observatory, PanelRequest, PlacesOf, Tally,
    Unit,
};

pub use crate::error::{Error, Result};
pub use crate::geography::polygons;
use crate::outcome::{at_home, finest_unit};
pub use sanad_core::{Progress, Silent};

/// UCDP's number for civilians, who are no organisation. Source: UCDP GED, `side_b_new_id`.
const CIVILIANS: i64 = 1;

/// How a briefing is made.
#[derive(Debug, Clone, Copy)]
pub struct BriefOptions {
    /// The day it is made.
    pub day: NaiveDate,
    /// Whether to leave out what takes more than a moment.
    pub quick: bool,
    /// Threads of the query engine; 0 for as many as the machine has.
    pub threads: usize,
}

/// All that a briefing is computed from.
pub struct Study {
    case: Case,
    book: PlaceBook,
    actors: Vec<Actor>,
    chronicle: Vec<ChronicleRecord>,
    indicators: Option<Indicators>,
    outline: Outline,
    claims: Option<Claims>,
    daily: Option<kinds::Daily>,
    /// Forecasts with and without the fronts' series, if the case ships them, or why they do not count.
    ablation: core::result::Result<Ablation, String>,
    /// First and last month counted by place; every month between is covered.
    months: [Month; 2],
    /// Runs of months that are covered too, beyond months that are not.
    months_apart: Vec<[Month; 2]>,
    /// Violence by province of its day.
    provinces_then: Vec<Tally>,
    /// Violence by today's province.
    provinces_now: Vec<Tally>,
    /// Violence by district of its day.
    districts_then: Vec<Tally>,
    /// Violence by today's district, in the last twelve months.
    districts_now: Vec<Tally>,
    /// Series by month that the case ships, each with its source.
    shipped_series: Vec<(MonthSeries, String)>,
    /// National months, from the releases in effect.
    national: NationalSeries,
    /// Counts by conflict without places.
    conflicts: Vec<ConflictRelease>,
    /// The sources of the national months, with their versions.
    national_source: String,
    /// The versions that the last twelve months in a row by place are counted from.
    source: String,
    /// The newest months by place, where they lie beyond a gap.
    newest: Option<newest::NewestMonths>,
    own_state: Vec<i64>,
    kinds: BTreeMap<i64, (ActorKind, Family)>,
    /// The families that the case tells apart, in the order of charts.
    families: Vec<DeclaredFamily>,
}

/// The family of a side that is no actor of the case.
static UNKNOWN_FAMILY: Family = Family::UNKNOWN;

impl Study {
    /// Reads what a briefing needs.
    pub fn read(
        observatory: &Observatory,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Self> {
        progress.begin("read the case");
        let case = observatory.case()?;
        let (book, actors) = (observatory.places()?, observatory.actors()?);
        let chronicle = observatory.chronicle()?;
        let (indicators, outline) = (observatory.indicators()?, observatory.outline()?);
        let claims = observatory.document(Document::Claims)?;
        let claims = claims
            .map(|text| read_claims(&text, &KnownIds::from_case(&book, &actors)))
            .transpose()?;
        progress.end(&format!("{} places, {} records told", book.iter().count(), chronicle.len()));

        progress.begin("count violence by place");
        let series = case.series();
        let covered = observatory.months_covered(&series, case.gwno, None)?;
        let [from, to] = coverage::unbroken(&covered).ok_or(Error::NoMonths)?;
        let request = |unit, places_of, from| PanelRequest {
            places_of,
            series: series.clone(),
            ..PanelRequest::new(unit, from, to)
        };
        // Four tallies, the newest months and the counts by day.
        let parts = Parts::new(progress, 6);
        let tallies = |unit, places_of, from| {
            let found = at_home(observatory, &request(unit, places_of, from), threads);
            parts.done();
            found
        };
        let newest =
            newest::read(observatory, &case, finest_unit(&book), &covered, [from, to], threads)?;
        parts.done();
        let daily = kinds::Daily::read(observatory, threads)?.map(|daily| daily.base());
        parts.done();
        let finest = finest_unit(&book);
        let national = observatory.national_months()?;
        let study = Self {
            provinces_then: tallies(Unit::Adm1, PlacesOf::Contemporary, from)?,
            provinces_now: tallies(Unit::Adm1, PlacesOf::Current, from)?,
            districts_then: tallies(finest, PlacesOf::Contemporary, from)?,
            districts_now: tallies(finest, PlacesOf::Current, to.plus(-11).max(from))?,
            national_source: sources::labels(&national.releases),
            national,
            conflicts: observatory.conflict_counts(case.gwno, None)?,
            shipped_series: observatory.month_series()?,
            months: [from, to],
            months_apart: coverage::apart(&covered, [from, to]),
            source: sources::of_months(observatory, &case, [to.plus(-11).max(from), to])?,
            newest,
            own_state: own_state(&case, &actors),
            kinds: kinds(&actors),
            families: observatory.families()?,
            case,
            book,
            actors,
            chronicle,
            indicators,
            outline,
            claims,
            daily,
            ablation: ablation::shipped(observatory)?,
        };
        let events: f64 = study.provinces_now.iter().map(|tally| tally.events).sum();
        progress.end(&format!("{} events, {from} to {to}", events.round()));
        Ok(study)
    }

    /// Violence by today's district, over all months.
    pub fn districts_of_today(
        &self,
        observatory: &Observatory,
        threads: usize,
    ) -> Result<Vec<Tally>> {
        let series = self.case.series();
        let [from, to] = self.months;
        let request = PanelRequest {
            places_of: PlacesOf::Current,
            series,
            ..PanelRequest::new(self.finest_unit(), from, to)
        };
        at_home(observatory, &request, threads)
    }

    /// Computes everything that the briefing shows.
    ///
    /// A quick briefing leaves out what takes more than a moment: the claims on trial,
    /// the forecast and the scenarios.
    pub fn brief(
        &self,
        observatory: &Observatory,
        options: BriefOptions,
        progress: &dyn Progress,
    ) -> Result<Briefing> {
        progress.begin("measure the fronts");
        let fronts = self.fronts(observatory, options.threads, true)?;
        let measured = fronts.as_ref().map_or(0, |measured| measured.provinces());
        progress.end(&format!("{measured} {}", self.book.level_names().adm1.several));

        progress.begin("compare periods");
        let comparisons = self.comparisons();
        progress.end(&format!("{} comparisons", comparisons.len()));

        progress.begin("gather maps, ties and sources");
        let boundaries = observatory.boundaries(None)?;
        let map = self.district_map(boundaries.as_ref());
        let briefing = Briefing {
            title: self.case.title.clone(),
            headline_of_case: self.outline.headline.clone(),
            text: self.text(),
            made_on: options.day,
            program: format!("sanad {}", env!("CARGO_PKG_VERSION")),
            headline: self.headline(fronts.as_ref()),
            lead: self.lead(observatory, options.threads)?,
            markers: self.markers(),
            map,
            by_province: self.by_province(),
            by_family: self.by_family(),
            national: self.national(),
            fronts: fronts.map(fronts::MeasuredFronts::into_content),
            forecast: None,
            comparisons,
            capability: self.capability_panel(),
            claims: None,
            policy: None,
            chronicle: self.entries(),
            network: self.network(),
            basis: self.basis(observatory),
            absent: Vec::new(),
        };
        let placed = briefing.map.kind.several(&briefing.map.names);
        progress.end(&format!("{} {placed}", briefing.map.districts.len()));
        if options.quick {
            let absent = absent::sections(&briefing, true);
            return Ok(Briefing { absent, ..briefing });
        }
        progress.begin("try the claims");
        let claims = self.trial(progress);
        progress.end(&format!("{} claims", claims.as_ref().map_or(0, |trial| trial.claims.len())));
        progress.begin("forecast, and try it on past years");
        let outlook = self.latest_outlook(observatory, progress)?;
        // Across years without places districts are forecast apart (`gap`), where a trial was won: it takes
        // longer than the whole page.
        let forecast = match outlook.is_some() && self.newest.is_some() {
            true => None,
            false => self.prospect(observatory, &briefing.map, options.threads, progress)?,
        };
        let has_forecast = forecast.is_some() || outlook.is_some();
        progress.end(if has_forecast { "12 months" } else { "the record is too short" });
        progress.begin("run the scenarios");
        let policy = policy::policy(observatory, Month::from_date(options.day), options.threads)?;
        let found = policy.as_ref().map_or(0, |policy| policy.scenarios.len());
        progress.end(&format!("{found} scenarios"));
        let lead = Lead { outlook, ..briefing.lead };
        let briefing = Briefing { claims, forecast, policy, lead, ..briefing };
        let absent = absent::sections(&briefing, false);
        Ok(Briefing { absent, ..briefing })
    }

    /// The national months in a row that series are made of: the latest run of two years or more, or else
    /// the longest. A month beyond a gap would stand in the place of one that nothing covers.
    fn national_run(&self) -> &[NationalMonth] {
        let months: Vec<Month> = self.national.months.iter().map(|row| row.month).collect();
        let Some([from, to]) = coverage::unbroken(&months) else { return &[] };
        let first = months.partition_point(|month| *month < from);
        let end = months.partition_point(|month| *month <= to);
        &self.national.months[first..end]
    }

    /// The finest unit of which the case lists places of today.
    fn finest_unit(&self) -> Unit {
        finest_unit(&self.book)
    }

    fn text(&self) -> String {
        self.case.text.as_ref().map_or_else(String::new, |text| {
            format!(
                "{}, “{}”, {} {}",
                text.authors.join(" and "),
                text.title,
                text.publisher,
                text.year
            )
        })
    }

    fn markers(&self) -> Vec<Marker> {
        let marker = |marker: &sanad_case::Marker| Marker {
            month: Month::from_date(marker.day),
            label: marker.label.clone(),
        };
        self.outline.markers.iter().map(marker).collect()
    }

    /// How many months are counted by place.
    fn length(&self) -> usize {
        usize::try_from(self.months[1].id() - self.months[0].id() + 1).unwrap_or(0)
    }

    /// First and last of the last twelve months counted; fewer where fewer are.
    fn last_year(&self) -> [Month; 2] {
        let [from, to] = self.months;
        [to.plus(-11).max(from), to]
    }

    /// Position of a month in series that begin with the count.
    fn at(&self, month: Month) -> usize {
        usize::try_from(month.id() - self.months[0].id()).unwrap_or(0)
    }

    /// The sides of a tally that are organisations or states: all but civilians.
    fn sides(&self, tally: &Tally) -> impl Iterator<Item = i64> {
        let b = (tally.violence != 3 && tally.side_b_id != CIVILIANS).then_some(tally.side_b_id);
        [Some(tally.side_a_id), b].into_iter().flatten()
    }

    fn family(&self, side: i64) -> &Family {
        self.kinds.get(&side).map_or(&UNKNOWN_FAMILY, |(_, family)| family)
    }

    fn is_state(&self, side: i64) -> bool {
        let kind = self.kinds.get(&side).map(|(kind, _)| *kind);
        matches!(kind, Some(ActorKind::State | ActorKind::Institution))
    }

    /// Whether the wanted side takes part; any when none is wanted.
    fn has_sides(&self, wanted: Option<Sides>, tally: &Tally) -> bool {
        let own = |side: i64| self.own_state.contains(&side);
        match wanted {
            None => true,
            Some(Sides::Organisation) => self.has_organisation(tally),
            Some(Sides::OwnState) if tally.violence == 3 => own(tally.side_a_id),
            Some(Sides::OwnState) => self.sides(tally).any(own),
            Some(Sides::OtherState) => {
                self.sides(tally).any(|side| self.is_state(side) && !own(side))
            }
            Some(Sides::NoState) => self.sides(tally).all(|side| !self.is_state(side)),
        }
    }

    /// Whether one of these actors, by id, is a side.
    fn has_actor(&self, ids: &[String], tally: &Tally) -> bool {
        let named = |side: i64| {
            self.actors
                .iter()
                .any(|actor| ids.contains(&actor.id) && actor.ucdp_ids.contains(&side))
        };
        self.sides(tally).any(named)
    }

    /// Whether a side is of one of these families; true when there are none.
    fn has_family(&self, families: &[Family], tally: &Tally) -> bool {
        families.is_empty() || self.sides(tally).any(|side| families.contains(self.family(side)))
    }

    fn has_organisation(&self, tally: &Tally) -> bool {
        self.sides(tally).any(|side| !self.is_state(side))
    }
}

fn own_state(case: &Case, actors: &[Actor]) -> Vec<i64> {
    let state = actors.iter().find(|actor| Some(&actor.id) == case.state.as_ref());
    state.map_or_else(Vec::new, |actor| actor.ucdp_ids.clone())
}

fn kinds(actors: &[Actor]) -> BTreeMap<i64, (ActorKind, Family)> {
    let pairs = actors.iter().flat_map(|actor| {
        actor.ucdp_ids.iter().map(move |&id| (id, (actor.kind, actor.family.clone())))
    });
    pairs.collect()
}
