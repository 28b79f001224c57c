//! From an observatory to the numbers of a briefing: asks the store for tallies, hands arrays to
//! the pure crates, and gathers what they give.
//!
//! The way of a number: `Study::read` asks the store once for tallies (events and deaths by place,
//! month, type of violence and sides) and for the small files of the case. An analysis is then a
//! free function over `&Study` and a request of plain fields. It hands arrays to a pure crate
//! (`sanad-front`, `sanad-cycle`, `sanad-evidence`, `sanad-forecast`, `sanad-scenario`) and returns
//! plain numbers; `tables` turns these into the columns that every door shows.
//!
//! What is deliberately absent: printing, options of a command line, a clock (a day is an
//! argument), and knowledge of a case by its name. Threads are an argument wherever the store is
//! asked; no number depends on how many there are. Draws come from streams keyed by a fixed or
//! given seed, so that the same record gives the same bits.
//!
//! Three things that are missing are kept apart everywhere: a month that no release covers is
//! unknown and no zero; an event whose place is not known at a level counts for the level above;
//! and an event whose kind is not told apart is counted by itself and bounds the kinds that it may
//! be of.

pub mod ablation;
mod absent;
pub mod agreement;
pub mod backtest;
mod basis;
pub mod benchmarks;
mod briefing;
pub mod calibration;
pub mod capability;
mod chronicle;
pub mod claims;
mod comparison;
mod coverage;
pub mod cycle;
mod error;
pub mod evaluation;
mod excitation;
pub mod fronts;
pub mod gap;
pub mod gap_shipped;
mod geography;
pub mod hard_case;
pub mod interventions;
pub mod kind_years;
pub mod kinds;
pub mod latest;
pub mod levels;
mod levers;
pub mod means;
pub mod model;
pub mod moments;
pub mod narrative;
pub mod network;
mod newest;
pub mod outcome;
pub mod outlook;
mod parties;
pub mod pictures;
mod policy;
pub mod prospect;
pub mod scenarios;
pub mod scoring;
mod sources;
pub mod tables;
pub mod trials;
mod violence;

use sanad_case::ablation::Ablation;
use sanad_case::month_series::MonthSeries;
use sanad_case::{
    Case, Claims, DeclaredFamily, DeclaredIntervention, Document, Indicators, Outline, read_claims,
};
use sanad_core::actor::Actor;
use sanad_core::chronicle::{ChronicleRecord, KnownIds};
use sanad_core::place::{LevelName, PlaceBook};
use sanad_core::{Month, Parts};
use sanad_store::{
    ConflictRelease, NationalSeries, Observatory, PanelRequest, PlacesOf, Tally, Unit,
};

pub use crate::briefing::{BriefOptions, brief};
pub use crate::error::{Error, Result};
pub use crate::geography::polygons;
use crate::outcome::{at_home, finest_name, finest_unit};
use crate::parties::Parties;
pub use sanad_core::{Progress, Silent};

/// What was read of a case and its observatory: the record that the analyses of this crate are made
/// from. Each analysis is a function that takes it and a request, such as [`claims::trial`],
/// [`fronts::join`] or [`brief`].
///
/// It is a picture of one state of the observatory and does not follow later imports. Analyses that
/// ask the store again, such as fronts, forecasts and synthetic controls, take the observatory
/// beside it; that has to be the one that the study was read from.
pub struct Study {
    case: Case,
    book: PlaceBook,
    actors: Vec<Actor>,
    chronicle: Vec<ChronicleRecord>,
    /// What the fronts are measured by; `None` where the case has no `indicators.toml`.
    indicators: Option<Indicators>,
    outline: Outline,
    /// Causal claims of a text; `None` where the case has no `claims.toml`.
    claims: Option<Claims>,
    /// Kinds of event by day, without the kinds that the case sets `extra`; `None` where it
    /// declares no kinds or no day is counted.
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
    /// Violence by today's district, in the last twelve months. The briefing's map is drawn from
    /// it.
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
    /// Which number of a source stands for whom.
    parties: Parties,
    /// The families that the case tells apart, in the order of charts.
    families: Vec<DeclaredFamily>,
}

impl Study {
    /// Reads what a briefing needs.
    ///
    /// The months counted by place are the latest run of covered months of two years or more, or
    /// else the longest run; what is covered outside of it is listed and not added up. Four tallies
    /// are made: by province and by the finest unit, each on the places of their day and on
    /// today's. The last of them spans twelve months only.
    ///
    /// # Errors
    ///
    /// `Error::NoMonths` where no release covers a month of the country; those of the store where
    /// the observatory has no case, or a file of it cannot be read or is wrong.
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
        progress.end(&format!("{} places, {} dated records", book.iter().count(), chronicle.len()));

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
        let finest = finest_unit(&book);
        let newest = newest::read(observatory, &case, finest, &covered, [from, to], threads)?;
        parts.done();
        let daily = kinds::Daily::read(observatory, threads)?.map(|daily| daily.base());
        parts.done();
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
            parties: Parties::new(&case, &actors),
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

    /// What the case calls the places of its finest level.
    #[must_use]
    pub fn finest_name(&self) -> &LevelName {
        finest_name(&self.book)
    }

    /// The finest unit of which the case lists places of today.
    fn finest_unit(&self) -> Unit {
        finest_unit(&self.book)
    }

    /// How many months are counted by place.
    ///
    /// That is also the length of every monthly series that begins with the first of them.
    fn length(&self) -> usize {
        usize::try_from(self.months[1].id() - self.months[0].id() + 1).unwrap_or(0)
    }

    /// First and last of the last twelve months counted; fewer where fewer are.
    fn last_year(&self) -> [Month; 2] {
        let [from, to] = self.months;
        [to.plus(-11).max(from), to]
    }

    /// Position in series that begin with the count of a month that they have.
    ///
    /// A month before the count has no position; a debug build stops there, because 0 would add its
    /// deaths to the first month.
    fn month_index(&self, month: Month) -> usize {
        debug_assert!(month >= self.months[0], "{month} lies before the count");
        usize::try_from(month.id() - self.months[0].id()).unwrap_or(0)
    }

    /// The declared indicators, if the case has any. With them a `fronts::Reading` is made.
    pub const fn declared(&self) -> Option<&Indicators> {
        self.indicators.as_ref()
    }

    /// Interventions that the case declares; none where it counts no kinds of event by day.
    pub fn declared_interventions(&self) -> &[DeclaredIntervention] {
        self.daily.as_ref().map_or(&[], |daily| &daily.cycle.interventions)
    }
}
