//! Every analysis of a record: each call is parsed, asked of the study, and answered with its tables.

use std::sync::Arc;

use pyo3::prelude::*;
use sanad_core::{Month, Progress};
use sanad_forecast::Request;
use sanad_store::{StatementLimits, Table};
use sanad_study::backtest::WindowRequest;
use sanad_study::fronts::FrontsRequest;
use sanad_study::levels::LevelsRequest;
use sanad_study::{BriefOptions, tables};

use crate::analyses::{
    self, BacktestPlan, CycleOutput, CyclePlan, ForecastPlan, FrontOutput, InterventionOutput,
    InterventionRequest, LevelOutput, ScenarioPlan,
};
use crate::arguments::{
    PanelSelection, choice, level, month, month_of_year, optional_day, optional_month,
    organisations, unit,
};
use crate::call_error::{CallError, CallResult};
use crate::figure::{PyFigure, PyPage};
use crate::opened::OpenedRecord;
use crate::results::{PyBacktest, PyForecast};
use crate::table::PyTable;
use crate::work::run;

/// The records of an observatory or a case, with every analysis of them.
#[pyclass(subclass, frozen, name = "Record", module = "sanad")]
pub(crate) struct PyRecord(pub(crate) Arc<OpenedRecord>);

impl PyRecord {
    /// Runs an analysis off Python's thread.
    fn analyse<T: Send + 'static>(
        &self,
        py: Python<'_>,
        analysis: impl FnOnce(&OpenedRecord, &dyn Progress) -> CallResult<T> + Send + 'static,
    ) -> PyResult<T> {
        let opened = Arc::clone(&self.0);
        run(py, move |progress| analysis(&opened, progress))
    }

    fn table(
        &self,
        py: Python<'_>,
        analysis: impl FnOnce(&OpenedRecord, &dyn Progress) -> CallResult<Table> + Send + 'static,
    ) -> PyResult<PyTable> {
        Ok(self.analyse(py, analysis)?.into())
    }
}
#[pymethods]
impl PyRecord {
    /// A panel of violence: a row per place and month.
    ///
    /// Parameters
    /// ----------
    /// unit : "country", "adm1", "adm2" or "priogrid"
    /// first, last : month
    ///     "2019-05", a date, or a month_id: (year − 1980) · 12 + month.
    /// organisations : "each" or list of int, optional
    ///     Split by organisation: each, or actor numbers of the source.
    /// date_rule : "end", "start" or "spread"
    ///     Which month an event of several days counts in.
    /// places : "contemporary" or "current"
    ///     Whether events count in the places of their own day or in today's.
    /// as_of : day, optional
    ///     Use only what was published by this day.
    /// source : str
    ///     The source that is counted, by its word in ``sources()``.
    /// countries : list of int
    ///     Only records of these countries, by Gleditsch–Ward number.
    ///
    /// Returns
    /// -------
    /// Table
    ///     The columns of docs/panel.md: events and deaths by kind of violence; 0 where the source covers the month and
    ///     nothing happened, null where nothing covers it.
    #[pyo3(signature = (
        unit, first, last, *, organisations = None, date_rule = "end", places = "contemporary", as_of = None,
        source = "ucdp-ged", countries = vec![]
    ))]
    #[allow(clippy::too_many_arguments)]
    fn panel(
        &self,
        py: Python<'_>,
        unit: &str,
        first: &Bound<'_, PyAny>,
        last: &Bound<'_, PyAny>,
        organisations: Option<&Bound<'_, PyAny>>,
        date_rule: &str,
        places: &str,
        as_of: Option<&Bound<'_, PyAny>>,
        source: &str,
        countries: Vec<i32>,
    ) -> PyResult<PyTable> {
        let (first, last) = (month("first", first)?, month("last", last)?);
        if last < first {
            let expected = format!("a month that is not before {first}");
            return Err(CallError::argument("last", last, &expected).into());
        }
        let selection = PanelSelection { unit, date_rule, places, as_of, source, countries };
        let mut request = selection.request(first, last)?;
        request.organisations = self::organisations(organisations)?;
        self.table(py, move |opened, progress| {
            progress.begin("panel");
            Ok(opened.observatory.panel(&request, opened.threads)?)
        })
    }

    /// The records behind one number of a panel, each with its source, release, licence, file and row.
    ///
    /// Parameters
    /// ----------
    /// unit : "country", "adm1", "adm2" or "priogrid"
    /// place : str
    ///     Its id or name.
    /// month : month
    /// measure : str
    ///     A measure of the panel, such as "events" or "deaths_best".
    /// date_rule, places, as_of, source, countries
    ///     As for ``panel``.
    ///
    /// Returns
    /// -------
    /// Table
    ///     A row per record, with the part of it that counts in the cell; the parts sum to the panel's number.
    #[pyo3(signature = (
        unit, place, month, measure = "deaths_best", *, date_rule = "end", places = "contemporary", as_of = None,
        source = "ucdp-ged", countries = vec![]
    ))]
    #[allow(clippy::too_many_arguments)]
    fn why(
        &self,
        py: Python<'_>,
        unit: &str,
        place: String,
        month: &Bound<'_, PyAny>,
        measure: &str,
        date_rule: &str,
        places: &str,
        as_of: Option<&Bound<'_, PyAny>>,
        source: &str,
        countries: Vec<i32>,
    ) -> PyResult<PyTable> {
        let month = self::month("month", month)?;
        let selection = PanelSelection { unit, date_rule, places, as_of, source, countries };
        let request = selection.request(month, month)?;
        let measure = measure.to_owned();
        self.table(py, move |opened, _| {
            Ok(opened.observatory.why(&request, &place, month, &measure, opened.threads)?)
        })
    }

    /// One SELECT statement over the record's tables; ``information_schema.columns`` lists what there is.
    ///
    /// Parameters
    /// ----------
    /// statement : str
    /// memory_mib : int
    ///     The most memory that it may use, in MiB.
    /// seconds : int
    ///     The longest that it may take.
    ///
    /// Returns
    /// -------
    /// Table
    ///     The columns that the statement names.
    #[pyo3(signature = (statement, *, memory_mib = 2048, seconds = 300))]
    fn sql(
        &self,
        py: Python<'_>,
        statement: String,
        memory_mib: u32,
        seconds: u32,
    ) -> PyResult<PyTable> {
        let limits = StatementLimits { memory_mib, seconds };
        self.table(py, move |opened, _| {
            Ok(opened.observatory.sql_within(&statement, opened.threads, &limits)?)
        })
    }

    /// The sources with their releases, citations, licences, addresses and hashes: a row per file that was imported.
    fn sources(&self, py: Python<'_>) -> PyResult<PyTable> {
        self.table(py, |opened, _| Ok(opened.observatory.source_table()?))
    }

    /// The three fronts, measured: the index of every place and month, 0 to 100, with its interval and evidence share.
    ///
    /// By the OECD/JRC handbook on composite indicators (2008); docs/front-method.md says how.
    ///
    /// Parameters
    /// ----------
    /// unit : "adm1" or "adm2"
    /// first, last : month, optional
    /// as_of : day, optional
    ///     Use only what was published by this day.
    ///
    /// Returns
    /// -------
    /// Table
    ///     A row per place, month and front: index, 90 % interval, evidence share.
    #[pyo3(signature = (unit = "adm1", *, first = None, last = None, as_of = None))]
    fn fronts(
        &self,
        py: Python<'_>,
        unit: &str,
        first: Option<&Bound<'_, PyAny>>,
        last: Option<&Bound<'_, PyAny>>,
        as_of: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyTable> {
        let (first, last) = (optional_month("first", first)?, optional_month("last", last)?);
        self.fronts_table(py, unit, as_of, FrontOutput::Index { first, last })
    }

    /// What each index of a place in a month is made of; the amounts of a front sum to its index.
    ///
    /// Parameters
    /// ----------
    /// place : str
    ///     Its id or name.
    /// month : month
    /// unit, as_of
    ///     As for ``fronts``.
    ///
    /// Returns
    /// -------
    /// Table
    ///     A row per front and indicator; amounts in index points.
    #[pyo3(signature = (place, month, unit = "adm1", *, as_of = None))]
    fn front_contributions(
        &self,
        py: Python<'_>,
        place: String,
        month: &Bound<'_, PyAny>,
        unit: &str,
        as_of: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyTable> {
        let month = self::month("month", month)?;
        self.fronts_table(py, unit, as_of, FrontOutput::Contributions { place, month })
    }

    /// How much each uncertain choice moves each place's index and rank in a month: Sobol indices (Saltelli et al. 2010).
    ///
    /// Parameters
    /// ----------
    /// month : month
    /// unit, as_of
    ///     As for ``fronts``.
    ///
    /// Returns
    /// -------
    /// Table
    ///     A row per front, place and choice; indices are shares of the variance, 0 to 1.
    #[pyo3(signature = (month, unit = "adm1", *, as_of = None))]
    fn front_sensitivity(
        &self,
        py: Python<'_>,
        month: &Bound<'_, PyAny>,
        unit: &str,
        as_of: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyTable> {
        let month = self::month("month", month)?;
        self.fronts_table(py, unit, as_of, FrontOutput::Sensitivity { month })
    }

    /// The indicators of the fronts, and where each has values: a row per indicator.
    ///
    /// Parameters
    /// ----------
    /// unit, as_of
    ///     As for ``fronts``.
    #[pyo3(signature = (unit = "adm1", *, as_of = None))]
    fn front_indicators(
        &self,
        py: Python<'_>,
        unit: &str,
        as_of: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyTable> {
        self.fronts_table(py, unit, as_of, FrontOutput::Indicators)
    }

    /// What organisations and states said, measured from coded statements: diversity of frames, synchrony, claims against
    /// the record. No text of a statement is in it.
    fn narrative(&self, py: Python<'_>) -> PyResult<PyTable> {
        self.table(py, |opened, progress| {
            let study = opened.study(progress)?;
            let found =
                sanad_study::narrative::measure(study, &opened.observatory, opened.threads)?;
            if !found.unknown_frames.is_empty() {
                let frames = found.unknown_frames.join(", ");
                progress
                    .note(&format!("frames that the codebook does not have, left out: {frames}"));
            }
            Ok(tables::narrative_table(&found.rows)?)
        })
    }

    /// What one kind of event does to another: a discrete-time excitation model of the case's daily counts.
    ///
    /// The integer-valued analogue of a Hawkes process (Ferland et al. 2006, Kirchner 2016). A coefficient is a statement
    /// about timing; it is not by itself a cause.
    ///
    /// Parameters
    /// ----------
    /// show : "links", "kinds", "models", "whole" or "explored"
    ///     A row per link, per kind, per model that was compared, one for the whole, or links with other shares of the dead.
    /// kinds : list of str
    ///     Kinds that make one model; by default those that claims are tested with.
    /// first_day, last_day : day, optional
    /// profile : bool
    ///     Profile intervals as well; they take minutes.
    /// bayes : bool
    ///     Sample the posterior of the branching matrix as well.
    /// explore : bool
    ///     Estimate with other shares of the dead between attack and operation as well.
    #[pyo3(signature = (
        show = "links", *, kinds = vec![], first_day = None, last_day = None, profile = false, bayes = false,
        explore = false
    ))]
    #[allow(clippy::too_many_arguments)]
    fn cycle(
        &self,
        py: Python<'_>,
        show: &str,
        kinds: Vec<String>,
        first_day: Option<&Bound<'_, PyAny>>,
        last_day: Option<&Bound<'_, PyAny>>,
        profile: bool,
        bayes: bool,
        explore: bool,
    ) -> PyResult<PyTable> {
        let tables = [
            ("links", CycleOutput::Links),
            ("kinds", CycleOutput::Kinds),
            ("models", CycleOutput::Models),
            ("whole", CycleOutput::Whole),
            ("explored", CycleOutput::Explored),
        ];
        let plan = CyclePlan {
            table: choice("show", show, &tables)?,
            kinds,
            days: [optional_day("first_day", first_day)?, optional_day("last_day", last_day)?],
            profile,
            bayes,
            explore,
        };
        self.table(py, move |opened, progress| {
            analyses::cycle(&opened.observatory, &plan, opened.threads, progress)
        })
    }

    /// What changed at the dates that the case declares: interrupted series (Wagner et al. 2002) and synthetic control
    /// (Abadie, Diamond and Hainmueller 2010).
    ///
    /// Parameters
    /// ----------
    /// show : "changes", "controls", "means" or "starts"
    ///     Changes of level and slope by region; districts aimed at against others; means before and after; every start
    ///     month within two years.
    /// id : str, optional
    ///     One intervention only.
    #[pyo3(signature = (show = "changes", *, id = None))]
    fn interventions(&self, py: Python<'_>, show: &str, id: Option<String>) -> PyResult<PyTable> {
        let tables = [
            ("changes", InterventionOutput::Changes),
            ("controls", InterventionOutput::Controls),
            ("means", InterventionOutput::Means),
            ("starts", InterventionOutput::Starts),
        ];
        let request = InterventionRequest { table: choice("show", show, &tables)?, id };
        self.table(py, move |opened, progress| {
            let study = opened.study(progress)?;
            analyses::interventions(study, &opened.observatory, &request, opened.threads, progress)
        })
    }

    /// Pictures of the interventions: each series with what was fitted to it, districts against others.
    #[pyo3(signature = (id = None))]
    fn intervention_figures(&self, py: Python<'_>, id: Option<String>) -> PyResult<Vec<PyFigure>> {
        let drawn = self.analyse(py, move |opened, progress| {
            let study = opened.study(progress)?;
            let id = id.as_deref();
            analyses::intervention_figures(study, &opened.observatory, id, opened.threads)
        })?;
        Ok(drawn.into_iter().map(PyFigure::from).collect())
    }

    /// The text's claims on trial: verdict, test, effect with interval, power. All are tested, because their p-values are
    /// adjusted together; ``claim`` shows one, by its id. docs/verdict-rules.md has the rule.
    #[pyo3(signature = (claim = None))]
    fn claims(&self, py: Python<'_>, claim: Option<String>) -> PyResult<PyTable> {
        self.table(py, move |opened, progress| {
            analyses::claims(opened.study(progress)?, claim.as_deref(), progress)
        })
    }

    /// The text's causal map, with what the record says of each claim.
    fn causal_map(&self, py: Python<'_>) -> PyResult<PyFigure> {
        let drawn = self.analyse(py, |opened, progress| {
            analyses::causal_map(opened.study(progress)?, progress)
        })?;
        Ok(drawn.into())
    }

    /// The organisations' network: a row per month in which a tie begins or ends, or the organisations of one month.
    #[pyo3(signature = (month = None))]
    fn network(&self, py: Python<'_>, month: Option<&Bound<'_, PyAny>>) -> PyResult<PyTable> {
        let month = optional_month("month", month)?;
        self.table(py, move |opened, _| analyses::network(&opened.observatory, month))
    }

    /// At which level the months are known: country, theatre, province, district.
    ///
    /// Parameters
    /// ----------
    /// show : "stretches", "months", "theatres", "gap-trial" or "gap-forecast"
    ///     What each release knows; every month; how well a conflict's name gives its theatre; a trial of the forecast of
    ///     districts after their record ends; that forecast, where it won its trial.
    /// first, last : month, optional
    #[pyo3(signature = (show = "stretches", *, first = None, last = None))]
    fn levels(
        &self,
        py: Python<'_>,
        show: &str,
        first: Option<&Bound<'_, PyAny>>,
        last: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyTable> {
        let tables = [
            ("stretches", LevelOutput::Stretches),
            ("months", LevelOutput::Months),
            ("theatres", LevelOutput::Theatres),
            ("gap-trial", LevelOutput::GapTrial),
            ("gap-forecast", LevelOutput::GapForecast),
        ];
        let table = choice("show", show, &tables)?;
        let request = LevelsRequest {
            from: optional_month("first", first)?,
            to: optional_month("last", last)?,
        };
        self.table(py, move |opened, progress| {
            let observatory = &opened.observatory;
            analyses::levels_table(observatory, table, &request, opened.threads, progress)
        })
    }

    /// A forecast of deaths as draws, from the last month known.
    ///
    /// Parameters
    /// ----------
    /// unit : "country", "adm1", "adm2" or "priogrid"
    ///     Provinces and the country are sums of their districts, draw by draw.
    /// target : "ged_sb", "ged_ns", "ged_os" or "deaths"
    /// steps : (first, last)
    ///     Months ahead of the last month known; by default (1, 12).
    /// model : str
    ///     The name of one model; an unknown name is answered with all of them.
    /// draws : int, 1 to 100,000
    ///     Draws for each place and month.
    /// seed : int, from 0
    /// as_of : day, optional
    ///     Use only what was published by this day.
    /// explain : bool
    ///     Say as well what moved each place's forecast away from its own last 12 months.
    ///
    /// Returns
    /// -------
    /// Forecast
    ///     ``summary``, ``draws`` and ``explanations``.
    #[pyo3(signature = (
        unit = "adm1", *, target = "ged_sb", steps = (1, 12), model = "sanad", draws = 1000, seed = 1, as_of = None,
        explain = false
    ))]
    #[allow(clippy::too_many_arguments)]
    fn forecast(
        &self,
        py: Python<'_>,
        unit: &str,
        target: &str,
        steps: (usize, usize),
        model: &str,
        draws: usize,
        seed: u64,
        as_of: Option<&Bound<'_, PyAny>>,
        explain: bool,
    ) -> PyResult<PyForecast> {
        let plan = ForecastPlan {
            unit: self::unit(unit)?,
            target: target.to_owned(),
            model: model.to_owned(),
            request: Request::new(steps.0..=steps.1, draws, seed).map_err(CallError::from)?,
            as_of: optional_day("as_of", as_of)?,
        };
        let found = self.analyse(py, move |opened, progress| {
            analyses::forecast(&opened.observatory, &plan, explain, opened.threads, progress)
        })?;
        Ok(PyForecast {
            summary: Py::new(py, PyTable::from(found.summary))?,
            draws: Py::new(py, PyTable::from(found.draws))?,
            explanations: found
                .explanations
                .map(|table| Py::new(py, PyTable::from(table)))
                .transpose()?,
        })
    }

    /// Forecasts of past years from what was known before them, scored against benchmarks.
    ///
    /// Parameters
    /// ----------
    /// windows : (first, last)
    ///     Years to forecast, one window each.
    /// model : str or list of str
    ///     Models by name; names joined by + are pooled.
    /// unit, target
    ///     As for ``forecast``.
    /// train_end : int
    ///     The last month a model sees, in the year before each window: 10 for October.
    /// steps : (first, last)
    ///     Months ahead of it; by default (3, 14).
    /// draws, seed
    ///     As for ``forecast``.
    /// vintages : bool
    ///     Train each window on what the observatory knew on the last day of its training.
    ///
    /// Returns
    /// -------
    /// Backtest
    ///     ``scores``, ``places``, ``hard_cases`` and ``report``.
    #[pyo3(signature = (
        windows, model = None, *, unit = "adm2", target = "ged_sb", train_end = 10, steps = (3, 14), draws = 1000,
        seed = 1, vintages = false
    ))]
    #[allow(clippy::too_many_arguments)]
    fn backtest(
        &self,
        py: Python<'_>,
        windows: (i32, i32),
        model: Option<&Bound<'_, PyAny>>,
        unit: &str,
        target: &str,
        train_end: u32,
        steps: (usize, usize),
        draws: usize,
        seed: u64,
        vintages: bool,
    ) -> PyResult<PyBacktest> {
        let models = match model {
            None => vec!["sanad".to_owned()],
            Some(given) => match given.extract::<String>() {
                Ok(one) => vec![one],
                Err(_) => given.extract()?,
            },
        };
        let (first, last) = windows;
        let plan = BacktestPlan {
            unit: self::unit(unit)?,
            target: target.to_owned(),
            models,
            windows: WindowRequest { first, last, train_end: month_of_year(train_end)? },
            request: Request::new(steps.0..=steps.1, draws, seed).map_err(CallError::from)?,
            vintages,
        };
        let found = self.analyse(py, move |opened, progress| {
            analyses::run_backtest(&opened.observatory, &plan, opened.threads, progress)
        })?;
        Ok(PyBacktest {
            scores: Py::new(py, PyTable::from(found.scores))?,
            places: Py::new(py, PyTable::from(found.places))?,
            hard_cases: Py::new(py, PyTable::from(found.hard_cases))?,
            report: Py::new(py, PyPage::from(found.report))?,
        })
    }

    /// The case's policies, run over the same members of its system-dynamics model.
    ///
    /// Parameters
    /// ----------
    /// scenarios : list of str
    ///     Ids; all when empty.
    /// against : str, optional
    ///     The scenario that the others are compared with; by default the case's own.
    /// shock : str, optional
    ///     A shock laid over each.
    /// members : int, 1 to 65,535
    /// horizon : list of int
    ///     Months ahead.
    /// seed : int, from 0
    /// sensitivity : bool
    ///     Which constants move the outcomes instead.
    #[pyo3(signature = (
        scenarios = vec![], *, against = None, shock = None, members = 4000, horizon = vec![12, 60, 120, 240], seed = 1,
        sensitivity = false
    ))]
    #[allow(clippy::too_many_arguments)]
    fn scenario(
        &self,
        py: Python<'_>,
        scenarios: Vec<String>,
        against: Option<String>,
        shock: Option<String>,
        members: u16,
        horizon: Vec<u16>,
        seed: u64,
        sensitivity: bool,
    ) -> PyResult<PyTable> {
        if members == 0 {
            return Err(CallError::argument("members", members, "at least 1").into());
        }
        if horizon.is_empty() {
            return Err(CallError::argument("horizon", "[]", "one month or more").into());
        }
        let plan =
            ScenarioPlan { named: scenarios, against, shock, members, horizon, seed, sensitivity };
        self.table(py, move |opened, progress| {
            analyses::scenario(&opened.observatory, &plan, progress)
        })
    }

    /// The benchmarks of the case: indicator, baseline, target, date, and where each stands at the end of a month.
    ///
    /// Parameters
    /// ----------
    /// as_of : month, optional
    ///     By default the month of the record's ``today``.
    #[pyo3(signature = (as_of = None))]
    fn benchmarks(&self, py: Python<'_>, as_of: Option<&Bound<'_, PyAny>>) -> PyResult<PyTable> {
        let as_of = optional_month("as_of", as_of)?;
        self.table(py, move |opened, _| {
            let month = as_of.unwrap_or_else(|| Month::from_date(opened.today));
            let observatory = &opened.observatory;
            let found = sanad_study::benchmarks::standings(observatory, month, opened.threads)?;
            Ok(tables::benchmark_table(&found)?)
        })
    }

    /// The briefing: one page for a decision-maker.
    ///
    /// Parameters
    /// ----------
    /// quick : bool
    ///     Leave out what takes long.
    #[pyo3(signature = (*, quick = false))]
    fn brief(&self, py: Python<'_>, quick: bool) -> PyResult<PyPage> {
        let page = self.analyse(py, move |opened, progress| {
            let study = opened.study(progress)?;
            let options = BriefOptions { day: opened.today, quick, threads: opened.threads };
            let briefing = sanad_study::brief(study, &opened.observatory, options, progress)?;
            Ok(sanad_brief::render(&briefing)?)
        })?;
        Ok(page.into())
    }
}

impl PyRecord {
    fn fronts_table(
        &self,
        py: Python<'_>,
        unit: &str,
        as_of: Option<&Bound<'_, PyAny>>,
        table: FrontOutput,
    ) -> PyResult<PyTable> {
        let request = FrontsRequest {
            level: level(unit)?,
            as_of: optional_day("as_of", as_of)?,
            threads: self.0.threads,
        };
        self.table(py, move |opened, progress| {
            let study = opened.study(progress)?;
            analyses::fronts(study, &opened.observatory, request, &table, progress)
        })
    }
}
