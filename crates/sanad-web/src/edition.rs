//! One state of the observatory with what was computed from it. A request is answered from one edition
//! alone, so that no answer mixes two states.
//!
//! Everything here is computed on demand and kept for the edition's life: small results once for
//! all, large ones (fronts of a level on a day, draws of a forecast, tables) by key and within
//! bounds of bytes. What two requests need at the same time is computed by the first while the
//! second waits. A failure is not kept.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Range;

use chrono::NaiveDate;
use sanad_brief::Briefing;
use sanad_brief::section::claims::Trial;
use sanad_brief::section::forecast::Outlook as Prospect;
use sanad_case::Case;
use sanad_core::Month;
use sanad_core::actor::Actor;
use sanad_core::chronicle::ChronicleRecord;
use sanad_core::place::{Level, PlaceBook};
use sanad_figure::{Figure, TileLayout};
use sanad_forecast::{Request, sanad};
use sanad_source::boundaries::Boundaries;
use sanad_store::{Manifest, MonthRecords, Observatory, PanelRequest, Table, Unit, View};
use sanad_study::claims;
use sanad_study::cycle::{CycleRequest as CycleOptions, CycleStudy};
use sanad_study::fronts;
use sanad_study::fronts::{FrontsRequest as FrontOptions, FrontsResult, Reading};
use sanad_study::interventions;
use sanad_study::interventions::{ChangeRow, ControlRow};
use sanad_study::kinds::Daily;
use sanad_study::model::ModelCase;
use sanad_study::outcome::{Target, finest_unit};
use sanad_study::outlook::{Outlook, OutlookRequest, Settings};
use sanad_study::prospect;
use sanad_study::{BriefOptions, Progress, Study};
use std::sync::Arc;

use crate::column::every_text;
use crate::ensemble::ScenarioRun;
use crate::fault::Fault;
use crate::memo::{Memo, Once};
use crate::page::PageContent;
use crate::page::content::bytes_of;

/// An observatory that a server answers from, and what has to live as long. The server opens
/// nothing itself: who starts it says where the records are.
pub struct OpenObservatory {
    /// The observatory. It holds a case. A folder in which a newer state appears is taken up while
    /// the server runs.
    pub observatory: Observatory,
    /// What is dropped with it, such as a temporary folder.
    pub keep: Option<Box<dyn Any + Send + Sync>>,
}

/// Bytes of tables that an edition keeps. What is let go is made anew when it is asked for again.
const TABLE_BYTES: usize = 256 << 20;
/// Bytes of forecasts' draws that an edition keeps. One forecast takes places × months × draws × 4
/// bytes.
const DRAW_BYTES: usize = 128 << 20;
/// Bytes of pages that an edition keeps, so that a page and the files of its figures are computed
/// once. A page takes some hundred kilobytes.
const PAGE_BYTES: usize = 48 << 20;
/// Bytes of figures that several pages show.
const FIGURE_BYTES: usize = 24 << 20;
/// Bytes of ensembles of scenarios. One takes scenarios × outcomes × months × members × 8 bytes.
const ENSEMBLE_BYTES: usize = 64 << 20;
/// Bytes of the records of months, from which those behind single numbers are picked.
const RECORD_BYTES: usize = 32 << 20;

/// One state of the observatory. The records that it answers from never change; a newer state is
/// another edition.
pub(crate) struct Edition {
    /// The observatory in this state.
    pub(crate) observatory: Observatory,
    /// The hash of all that is in it. The same imports give the same key, so that an `ETag`
    /// outlives a restart.
    pub(crate) key: String,
    /// Threads of the query engine; 0 for as many as the machine has.
    pub(crate) threads: usize,
    /// The case with its places, actors and chronicle: quick to read, needed by every page.
    facts: Once<Facts>,
    /// Tallies and files that analyses are made from.
    study: Once<Study>,
    /// The quick briefing of the last day asked for, from which pages take figures and sentences.
    briefing: Memo<Briefing>,
    /// The claims on trial; `None` where the case has none.
    trial: Once<Option<Trial>>,
    /// The forecast with its trial on past years; `None` where the record is too short.
    prospect: Once<Option<Prospect>>,
    /// The fit of the cycle.
    cycle: Once<CycleStudy>,
    /// Every intervention of the case.
    interventions: Once<InterventionRows>,
    /// By level of place and day of knowledge.
    fronts: Memo<FrontsResult>,
    /// By unit, target, model and day of knowledge.
    outlooks: Memo<Outlook>,
    /// By a key that says what the table is and with which settings.
    tables: Memo<Table>,
    /// Rows of a panel by place, by the panel's request.
    place_rows: Memo<PlaceRows>,
    /// The records of a month with their places, by request and month.
    month_records: Memo<MonthRecords>,
    /// By address and day.
    pages: Memo<PageContent>,
    /// Figures that several pages show, by what they show.
    figures: Memo<Vec<Figure>>,
    /// Where the tiles of a map lie, by level of place.
    layouts: Memo<TileLayout>,
    /// The newest boundaries; `None` where the observatory has none.
    boundaries: Once<Option<Boundaries>>,
    /// The case's model with its priors, levers and scenarios.
    model: Once<ModelCase>,
    /// By levers, members and what else an ensemble follows from.
    ensembles: Memo<ScenarioRun>,
    /// What must live as long, such as the temporary folder of the observatory.
    keep: Option<Arc<dyn Any + Send + Sync>>,
}

/// What every page needs to know of the case. A case without a record of violence has them too: its
/// chronicle, claims and model can be read.
pub(crate) struct Facts {
    /// The case.
    pub(crate) case: Case,
    /// Its places.
    pub(crate) book: PlaceBook,
    /// Its organisations and states.
    pub(crate) actors: Vec<Actor>,
    /// Its chronicle.
    pub(crate) chronicle: Vec<ChronicleRecord>,
    /// Months of the country that some version of its series covers, ascending. Empty where the
    /// observatory has no counts by place.
    pub(crate) covered: Vec<Month>,
}

/// Which rows of a table are of which place. Those of one place follow one another.
type PlaceRows = BTreeMap<String, Range<usize>>;

/// The key of an answer: the hash of its address and of all that it follows from. The day is in it
/// because benchmarks stand as of today, and the program's version because another version may
/// compute otherwise.
pub(crate) fn answer_key(state: &str, address: &str, form: &str, today: NaiveDate) -> String {
    let settings = format!("{address} form={form} on={today}");
    Manifest::new("answer", env!("CARGO_PKG_VERSION"), settings, vec![state.to_owned()]).key()
}

impl Facts {
    /// The last month covered. January 1980, the first `month_id`, where no month is covered.
    pub(crate) fn last(&self) -> Month {
        self.covered.last().copied().unwrap_or(Month::from_id(1))
    }

    /// The first month covered. January 1980 where no month is covered.
    pub(crate) fn first(&self) -> Month {
        self.covered.first().copied().unwrap_or(Month::from_id(1))
    }

    /// The finest level of which the case lists places of today.
    pub(crate) fn finest(&self) -> Unit {
        finest_unit(&self.book)
    }

    /// The name of a place, by its id. The identifier itself for a place that the case does not
    /// list.
    pub(crate) fn place_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.book.get(id).map_or(id, |place| place.name.as_str())
    }
}

/// What changed at all interventions of the case. Rows of all interventions, in the order of the
/// case; a page picks its own by the identifier.
pub(crate) struct InterventionRows {
    /// Series by region.
    pub(crate) changes: Vec<ChangeRow>,
    /// Districts against others.
    pub(crate) controls: Vec<ControlRow>,
}

/// Months covered; none where there is no record of the series. Chronicle, claims and model can be
/// read without a record of violence.
fn covered_of(found: sanad_store::Result<Vec<Month>>) -> Result<Vec<Month>, Fault> {
    match found {
        Err(sanad_store::Error::Lacks { .. }) => Ok(Vec::new()),
        other => Ok(other?),
    }
}

impl Edition {
    /// An edition of an observatory in the state that it was opened in; nothing is computed yet.
    /// The key is the hash of the identifiers of all imports.
    pub(crate) fn new(
        observatory: Observatory,
        threads: usize,
        keep: Option<Arc<dyn Any + Send + Sync>>,
    ) -> Self {
        let inputs = observatory.snapshots().iter().map(|one| one.id.clone()).collect();
        let key = Manifest::new("state", "", String::new(), inputs).key();
        let draws = |outlook: &Outlook| {
            let draws = &outlook.draws;
            draws.places() * draws.steps() * draws.draws() * size_of::<u32>()
        };
        Self {
            observatory,
            key,
            threads,
            facts: Once::default(),
            study: Once::default(),
            briefing: Memo::new(1, |_| 1),
            trial: Once::default(),
            prospect: Once::default(),
            cycle: Once::default(),
            interventions: Once::default(),
            // Indices of a level on a day; four fit.
            fronts: Memo::new(4, |_| 1),
            outlooks: Memo::new(DRAW_BYTES, draws),
            tables: Memo::new(TABLE_BYTES, Table::get_array_memory_size),
            // Panels of three levels, as known on a few days.
            place_rows: Memo::new(12, |_| 1),
            month_records: Memo::new(RECORD_BYTES, MonthRecords::bytes),
            pages: Memo::new(PAGE_BYTES, PageContent::bytes),
            figures: Memo::new(FIGURE_BYTES, |figures| bytes_of(figures)),
            layouts: Memo::new(4, |_| 1),
            boundaries: Once::default(),
            model: Once::default(),
            ensembles: Memo::new(ENSEMBLE_BYTES, ScenarioRun::bytes),
            keep,
        }
    }

    /// What must live as long as the observatory, for the edition that comes after this one.
    pub(crate) fn keep(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.keep.clone()
    }

    /// The state that the list of kept results belongs to: this edition's, with what is kept now. A
    /// command, or a panel that was asked for here, adds to it while the edition stays.
    ///
    /// It reads the folder of results.
    ///
    /// # Errors
    ///
    /// Those of reading it.
    pub(crate) fn state_of_results(&self) -> Result<String, Fault> {
        let kept = self.observatory.results()?;
        let keys = kept.iter().map(|(manifest, _)| manifest.key());
        let inputs = std::iter::once(self.key.clone()).chain(keys).collect();
        Ok(Manifest::new("state of results", "", String::new(), inputs).key())
    }

    /// What every page needs to know of the case.
    ///
    /// # Errors
    ///
    /// A fault where a file of the case cannot be read. An observatory without a record of violence
    /// is none.
    pub(crate) fn facts(&self) -> Result<Arc<Facts>, Fault> {
        self.facts.get(|| {
            let case = self.observatory.case()?;
            let found = self.observatory.months_covered(&case.series(), case.gwno, None);
            let covered = covered_of(found)?;
            Ok(Facts {
                book: self.observatory.places()?,
                actors: self.observatory.actors()?,
                chronicle: self.observatory.chronicle()?,
                covered,
                case,
            })
        })
    }

    /// The months of the country that some version of the case's series covers, ascending, as known
    /// on a day; now, without one. Empty where nothing of the series was known.
    ///
    /// # Errors
    ///
    /// Those of reading which versions are in effect.
    pub(crate) fn covered(&self, as_of: Option<NaiveDate>) -> Result<Vec<Month>, Fault> {
        let facts = self.facts()?;
        let Some(day) = as_of else { return Ok(facts.covered.clone()) };
        let case = &facts.case;
        covered_of(self.observatory.months_covered(&case.series(), case.gwno, Some(day)))
    }

    /// The record that analyses are made from, read when it is first asked for.
    ///
    /// # Errors
    ///
    /// A fault of the kind `NotFound` where no release covers a month of the country; those of
    /// reading.
    pub(crate) fn study(&self, progress: &dyn Progress) -> Result<Arc<Study>, Fault> {
        self.study.get(|| Ok(Study::read(&self.observatory, self.threads, progress)?))
    }

    /// The quick briefing: all but claims, forecast and scenarios.
    ///
    /// It is made once for each day, and the last of them is kept: a server that runs on past midnight
    /// makes another.
    ///
    /// # Errors
    ///
    /// Those of `study` and of the briefing's parts.
    pub(crate) fn briefing(
        &self,
        day: NaiveDate,
        progress: &dyn Progress,
    ) -> Result<Arc<Briefing>, Fault> {
        let study = self.study(progress)?;
        let options = BriefOptions { day, quick: true, threads: self.threads };
        self.briefing.get(&day.to_string(), || {
            Ok(sanad_study::brief(&study, &self.observatory, options, progress)?)
        })
    }

    /// The claims on trial; nothing where the case has none.
    ///
    /// All claims are tried together, because the adjusted p of one depends on the others.
    ///
    /// # Errors
    ///
    /// Those of `study`; a claim that cannot be tested is no fault.
    pub(crate) fn trial(&self, progress: &dyn Progress) -> Result<Arc<Option<Trial>>, Fault> {
        let study = self.study(progress)?;
        self.trial.get(|| {
            progress.begin("try the claims");
            let trial = claims::trial(&study, progress);
            progress.end("done");
            Ok(trial)
        })
    }

    /// The forecast with its record on past years; nothing where the record is too short.
    ///
    /// The day is that of the briefing whose map names the places; the forecast does not depend on it.
    ///
    /// # Errors
    ///
    /// Those of `briefing`, and of counting and forecasting.
    pub(crate) fn prospect(
        &self,
        day: NaiveDate,
        progress: &dyn Progress,
    ) -> Result<Arc<Option<Prospect>>, Fault> {
        let study = self.study(progress)?;
        let briefing = self.briefing(day, progress)?;
        // The forecast that the table has: made once for both.
        let (unit, target) = (self.facts()?.finest(), Target::STATE_BASED.name);
        let outlook = self.outlook(unit, target, prospect::MODEL, None, progress)?;
        self.prospect.get(|| {
            progress.begin("try the forecast on past years");
            let (map, known) = (&briefing.map, Some(&*outlook));
            let (observatory, threads) = (&self.observatory, self.threads);
            let found = prospect::by_place(&study, observatory, map, known, threads, progress)?;
            progress.end("done");
            Ok(found)
        })
    }

    /// Whether one kind of event brings another, with the case's own days and kinds.
    ///
    /// The posterior, profiles and other shares are left to the command.
    ///
    /// # Errors
    ///
    /// A fault of the kind `NotFound` where the case counts no kinds by day; those of the fit.
    pub(crate) fn cycle(&self, progress: &dyn Progress) -> Result<Arc<CycleStudy>, Fault> {
        self.cycle.get(|| {
            progress.begin("count kinds by day");
            let daily = Daily::read(&self.observatory, self.threads)?;
            let missing = sanad_study::Error::CaseLacks { missing: "daily counts" };
            let daily = daily.ok_or(missing)?;
            progress.end(&format!("{} kinds", daily.cycle.kinds.len()));
            let options = CycleOptions { kinds: &[], bayes: false, profile: false, explore: false };
            Ok(CycleStudy::estimate(&daily, &options, progress)?)
        })
    }

    /// What changed at the case's interventions.
    ///
    /// Other start months are left to the command.
    ///
    /// # Errors
    ///
    /// A fault of the kind `NotFound` where the case declares no interventions; those of `study`.
    pub(crate) fn interventions(
        &self,
        progress: &dyn Progress,
    ) -> Result<Arc<InterventionRows>, Fault> {
        let study = self.study(progress)?;
        self.interventions.get(|| {
            let declared = study.declared_interventions();
            if declared.is_empty() {
                return Err(sanad_study::Error::CaseLacks { missing: "interventions" }.into());
            }
            progress.begin("compare before and after");
            let changes = declared
                .iter()
                .flat_map(|one| interventions::changes(&study, one, false))
                .collect();
            let districts =
                interventions::districts_of_today(&study, &self.observatory, self.threads)?;
            let controls = declared
                .iter()
                .flat_map(|one| interventions::controls(&study, one, &districts))
                .collect();
            progress.end(&format!("{} interventions", declared.len()));
            Ok(InterventionRows { changes, controls })
        })
    }

    /// The fronts of a level as known on a day, with what they are measured from.
    ///
    /// `reading` has to be one of the level; the key holds level and day alone.
    ///
    /// # Errors
    ///
    /// Those of joining the indicators.
    pub(crate) fn fronts(
        &self,
        study: &Study,
        reading: &Reading<'_>,
        level: Level,
        as_of: Option<NaiveDate>,
        progress: &dyn Progress,
    ) -> Result<Arc<FrontsResult>, Fault> {
        self.fronts.get(&format!("{} {as_of:?}", level.as_str()), || {
            progress.begin("measure the fronts");
            let options = FrontOptions { level, as_of, threads: self.threads };
            let joined = fronts::join(study, reading, &self.observatory, options)?;
            progress.end(&format!("{} places", joined.grid.places.len()));
            Ok(joined)
        })
    }

    /// The forecast of the finest places by a model, as known on a day.
    ///
    /// # Errors
    ///
    /// A fault that names the parameter for a model or a target that is none; one where the draws
    /// would be more than the engine allows; those of counting and forecasting.
    pub(crate) fn outlook(
        &self,
        unit: Unit,
        target: &str,
        model: &str,
        as_of: Option<NaiveDate>,
        progress: &dyn Progress,
    ) -> Result<Arc<Outlook>, Fault> {
        let key = format!("{unit:?} {target} {model} {as_of:?}");
        self.outlooks.get(&key, || {
            let expected = "the name of one model, such as sanad";
            let known =
                sanad::by_name(model).ok_or_else(|| Fault::parameter("model", model, expected))?;
            let target = Target::by_name(target)?;
            // Those of the briefing, and of the command line by default, so that all print the same numbers.
            let request = Request::new(1..=prospect::STEPS, prospect::DRAWS, prospect::SEED)?;
            let settings = Settings { model: known.as_ref(), request: &request };
            let asked = OutlookRequest { unit, target, as_of, settings };
            Ok(Outlook::of_observatory(&self.observatory, &asked, self.threads, progress)?)
        })
    }

    /// A panel, as the command line prints it.
    ///
    /// The store keeps panels on disk under their own key; here the table in memory is kept.
    ///
    /// # Errors
    ///
    /// Those of the store, such as a series that it does not have.
    pub(crate) fn panel(&self, request: &PanelRequest) -> Result<Arc<Table>, Fault> {
        let key = format!("panel {}", request.describe());
        self.table(&key, || Ok(self.observatory.panel(request, self.threads)?))
    }

    /// The rows of one place in a panel whose rows stand in order of place; none where the panel does
    /// not list it.
    ///
    /// # Errors
    ///
    /// Those of [`Self::panel`].
    pub(crate) fn panel_of_place(
        &self,
        request: &PanelRequest,
        place: &str,
    ) -> Result<Table, Fault> {
        let panel = self.panel(request)?;
        let rows = self.place_rows.get(&request.describe(), || place_rows(&panel))?;
        let rows = rows.get(place).cloned().unwrap_or_default();
        Ok(panel.slice(rows.start, rows.len()))
    }

    /// The records behind one number of a panel.
    ///
    /// The records of the whole month are kept, because pages list its numbers together.
    ///
    /// # Errors
    ///
    /// Those of the store, such as a place that is not known or a month that nothing covers.
    pub(crate) fn why(
        &self,
        request: &PanelRequest,
        place: &str,
        month: Month,
        measure: &str,
    ) -> Result<Arc<Table>, Fault> {
        let described = request.describe();
        self.table(&format!("why {place} {month} {measure} {described}"), || {
            let records = self.month_records.get(&format!("{month} {described}"), || {
                Ok::<_, Fault>(self.observatory.month_records(request, month, self.threads)?)
            })?;
            Ok(records.why(place, measure)?)
        })
    }

    /// A page under the one address of what is asked; computed once for itself and all files of its
    /// figures, and kept while there is room. The day is that of the benchmarks on it.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    pub(crate) fn page(
        &self,
        address: &str,
        day: NaiveDate,
        make: impl FnOnce() -> Result<PageContent, Fault>,
    ) -> Result<Arc<PageContent>, Fault> {
        self.pages.get(&format!("{address} on={day}"), make)
    }

    /// Figures that several pages show; drawn once, kept while there is room. `key` has to name all
    /// that they follow from, within the edition.
    ///
    /// # Errors
    ///
    /// Those of `draw`.
    pub(crate) fn figures(
        &self,
        key: &str,
        draw: impl FnOnce() -> Result<Vec<Figure>, Fault>,
    ) -> Result<Arc<Vec<Figure>>, Fault> {
        self.figures.get(key, draw)
    }

    /// Where the tiles of a map of a level lie. They are the same for all measures and months.
    ///
    /// # Errors
    ///
    /// Those of `lay_out`.
    pub(crate) fn layout(
        &self,
        level: Level,
        lay_out: impl FnOnce() -> Result<TileLayout, Fault>,
    ) -> Result<Arc<TileLayout>, Fault> {
        self.layouts.get(level.as_str(), lay_out)
    }

    /// The newest boundaries; nothing where the observatory has none.
    ///
    /// # Errors
    ///
    /// Those of reading them.
    pub(crate) fn boundaries(&self) -> Result<Arc<Option<Boundaries>>, Fault> {
        self.boundaries.get(|| Ok(self.observatory.boundaries(None)?))
    }

    /// The case's model.
    ///
    /// # Errors
    ///
    /// `NotFound` where the case has no model with priors, levers and scenarios; those of reading.
    pub(crate) fn model(&self) -> Result<Arc<ModelCase>, Fault> {
        self.model.get(|| Ok(ModelCase::read(&self.observatory)?))
    }

    /// Scenarios that ran over the same members; run once, kept while there is room. `key` has to name
    /// all that they follow from, within the edition.
    ///
    /// # Errors
    ///
    /// Those of `run`.
    pub(crate) fn ensemble(
        &self,
        key: &str,
        run: impl FnOnce() -> Result<ScenarioRun, Fault>,
    ) -> Result<Arc<ScenarioRun>, Fault> {
        self.ensembles.get(key, run)
    }

    /// A table under a key; computed once, kept while there is room. `key` has to name all that the
    /// table follows from, within the edition.
    pub(crate) fn table(
        &self,
        key: &str,
        make: impl FnOnce() -> Result<Table, Fault>,
    ) -> Result<Arc<Table>, Fault> {
        self.tables.get(key, make)
    }
}

/// Which rows of a table are of which place, in a table whose rows stand in order of place.
///
/// # Errors
///
/// A fault for a table without places.
fn place_rows(table: &Table) -> Result<PlaceRows, Fault> {
    let places = every_text(&View::new(table), "place_id")?;
    let mut found = PlaceRows::new();
    for (row, place) in places.into_iter().enumerate() {
        found.entry(place).or_insert(row..row).end = row + 1;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use sanad_store::Columns;

    use super::*;

    #[test]
    fn a_page_is_computed_once_for_all_files_of_its_figures_and_anew_the_next_day() {
        let folder = tempfile::tempdir().unwrap();
        let observatory = Observatory::open_or_new(folder.path()).unwrap();
        let edition = Edition::new(observatory, 1, None);
        let computed = Cell::new(0);
        let ask = |address: &str, day: &str| {
            let page = edition.page(address, day.parse().unwrap(), || {
                computed.set(computed.get() + 1);
                Ok(PageContent::new("A page", maud::html! { p { (address) } }))
            });
            page.unwrap().body.0.clone()
        };
        for _ in 0..4 {
            assert_eq!(ask("/map", "2026-01-31"), "<p>/map</p>");
        }
        assert_eq!(computed.get(), 1);
        ask("/map?unit=adm1", "2026-01-31");
        ask("/map", "2026-02-01");
        assert_eq!(computed.get(), 3);
    }

    #[test]
    fn the_rows_of_a_place_are_those_that_name_it() {
        let table = Columns::default().text("place_id", ["a", "a", "b", "c", "c"].map(Some));
        let rows = place_rows(&table.finish().unwrap()).unwrap();
        assert_eq!([&rows["a"], &rows["b"], &rows["c"]], [&(0..2), &(2..3), &(3..5)]);
    }
}
