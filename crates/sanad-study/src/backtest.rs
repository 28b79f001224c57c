//! Back-tests: forecasts of past windows, made as if the window were to come, and scored by what came.
//!
//! A window is a year. Models are trained up to a month of the year before it and forecast from
//! there; what is scored is every place and month of the window that the record knows. With
//! vintages, each model sees the panel as it was known on the last day of its training, and all are
//! scored by the newest.

use std::collections::BTreeSet;

use sanad_core::{Month, Parts, Progress};
use sanad_forecast::score::Row;
use sanad_forecast::{
    Backtest, Benchmark, Model, Panel, Request, backtest_as_of, backtest_reporting, sanad,
};
use sanad_store::{Observatory, Table, Unit};

use crate::error::{Error, Result};
use crate::evaluation::{self, EvaluatedRun};
use crate::hard_case;
use crate::outcome::{Outcomes, Target, of_observatory};
use crate::scoring::{self, Line, Named};

/// What every model is compared with, window by window. Over all windows it is compared with every
/// benchmark that was run.
///
/// The first deals out each place's own last twelve months; it is also what `place_table` takes
/// skill against.
pub const REFERENCES: [&str; 2] = ["own-last-12", "smoothed-history"];

/// The series of a back-test, and what was known of it at each origin.
#[derive(Debug, Clone)]
pub struct BacktestInput {
    /// The series that forecasts are scored by.
    pub outcomes: Outcomes,
    /// Panels as known at each origin, in the windows' order; empty when all models train on the
    /// same. A panel here has the places and months of `outcomes`, and NaN where nothing was known.
    pub vintages: Vec<Panel>,
    /// What the series is, for the report.
    pub label: String,
}

/// Which series of an observatory is forecast and scored.
#[derive(Debug, Clone, Copy)]
pub struct BacktestSeries {
    /// Its places.
    pub unit: Unit,
    /// What is counted.
    pub target: Target,
    /// Whether each window is trained on what was known at the end of its training, and not on what is
    /// known today.
    pub by_vintage: bool,
}

impl BacktestInput {
    /// Counts the series, and where it is asked for by vintage also what was known at each origin.
    ///
    /// # Errors
    ///
    /// Those of counting, and of [`windows`].
    pub fn of_observatory(
        observatory: &Observatory,
        series: BacktestSeries,
        request: WindowRequest,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let BacktestSeries { unit, target, by_vintage } = series;
        progress.begin("count deaths by place");
        let outcomes = of_observatory(observatory, unit, target, None, threads)?;
        progress.end(&outcomes.description());
        let windows = windows(request, &outcomes.panel)?;
        let vintages = if by_vintage {
            progress.begin("count as known at each origin");
            let panels = vintages(observatory, (unit, target), &outcomes, &windows, threads)?;
            progress.end(&format!("{} vintages", panels.len()));
            panels
        } else {
            Vec::new()
        };
        let label = format!("{} by today's {}", target.name, unit.plural());
        Ok(Self { outcomes, vintages, label })
    }
}

/// A window: its year and the last month that a model sees, as an index of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearWindow {
    /// The year forecast.
    pub year: i32,
    /// The last month of the training, counted from the panel's first.
    pub origin: usize,
}

/// Which years are forecast.
///
/// With a training that ends in October, as in the challenge of 2023/24, the window's twelve months
/// are steps 3 to 14 of the forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowRequest {
    /// First year.
    pub first: i32,
    /// Last year.
    pub last: i32,
    /// The month of the year before, 1 to 12, with which the training ends.
    pub train_end: u32,
}

impl WindowRequest {
    /// How the windows, the forecasts and their training were set, as the report says it. `by_vintage`
    /// says whether each window was trained on what was known at the time.
    #[must_use]
    pub fn description(&self, request: &Request, by_vintage: bool) -> String {
        let Self { first, last, train_end } = self;
        let steps = request.steps();
        format!(
            "windows {first}..{last}, training ends with month {train_end} of the year before, steps {}..{}, \
             {} draws, seed {}{}",
            steps.start(),
            steps.end(),
            request.draws(),
            request.seed(),
            if by_vintage { ", trained on what was known at the time" } else { "" }
        )
    }
}

/// The models of these names and the [`REFERENCES`], each once.
///
/// # Errors
///
/// The first name that no model has.
pub fn models(names: &[String]) -> core::result::Result<Vec<Box<dyn Model>>, String> {
    let references = REFERENCES.map(str::to_owned);
    let mut models: Vec<Box<dyn Model>> = Vec::new();
    for name in names.iter().chain(&references) {
        let model = sanad::by_name(name).ok_or_else(|| name.clone())?;
        if models.iter().all(|known| known.name() != model.name()) {
            models.push(model);
        }
    }
    Ok(models)
}

/// The windows of the years asked for, each from the training month of the year before.
///
/// The windows themselves may reach beyond the panel: months without an outcome are not scored.
///
/// # Errors
///
/// [`Error::Window`] of the first year whose training month the panel does not have.
pub fn windows(request: WindowRequest, panel: &Panel) -> Result<Vec<YearWindow>> {
    let window = |year: i32| {
        let trained_to = Month::new(year - 1, request.train_end);
        let origin = trained_to.and_then(|month| panel.month_index(month.id()));
        origin.map(|origin| YearWindow { year, origin }).ok_or_else(|| {
            let span = [0, panel.months() - 1].map(|index| Month::from_id(panel.month_id(index)));
            let needed = trained_to.map_or_else(|| "?".to_owned(), |month| month.to_string());
            let problem = format!("it needs {needed}; the series has {} to {}", span[0], span[1]);
            Error::Window { year, problem }
        })
    };
    (request.first..=request.last).map(window).collect()
}

/// What was known at the end of each window's training, on the places and months of `truth`. One
/// panel per window, in the windows' order. The day of a vintage is the last of the window's
/// training month.
///
/// # Errors
///
/// If the observatory cannot be counted as it was on one of these days.
pub fn vintages(
    observatory: &Observatory,
    (unit, target): (Unit, Target),
    truth: &Outcomes,
    windows: &[YearWindow],
    threads: usize,
) -> Result<Vec<Panel>> {
    let known = |window: &YearWindow| {
        let day = Month::from_id(truth.panel.month_id(window.origin)).last_day();
        of_observatory(observatory, unit, target, Some(day), threads)?.on(truth)
    };
    windows.iter().map(known).collect()
}

/// Back-tests every model over every window; `progress` hears of each window of each. The result
/// holds one back-test per model, in the order of `models`. All models draw with the seed of
/// `request`, so that one more model changes no other's scores.
///
/// # Errors
///
/// If a model cannot forecast from an origin.
pub fn run(
    models: &[Box<dyn Model>],
    input: &BacktestInput,
    windows: &[YearWindow],
    request: &Request,
    progress: &dyn Progress,
) -> Result<Vec<Backtest>> {
    progress.begin("back-test");
    let parts = Parts::new(progress, models.len() * windows.len());
    let after_each = || parts.done();
    let mut done = Vec::new();
    for model in models {
        done.push(one(model.as_ref(), input, windows, request, &after_each)?);
    }
    let cells: usize = done.iter().map(|result| result.scores.rows().len()).sum();
    progress.end(&format!("{} models, {cells} cells scored", models.len()));
    Ok(done)
}

/// Back-tests one model, on the whole series or on what was known at each origin; `after_each` is
/// called at each origin. The two ways differ in what the model is trained on; both are scored by
/// the whole series.
fn one(
    model: &dyn Model,
    input: &BacktestInput,
    windows: &[YearWindow],
    request: &Request,
    after_each: &dyn Fn(),
) -> Result<Backtest> {
    let origins: Vec<usize> = windows.iter().map(|window| window.origin).collect();
    let truth = &input.outcomes.panel;
    if input.vintages.is_empty() {
        return Ok(backtest_reporting(model, truth, &origins, request, after_each)?);
    }
    let known = |origin: usize| {
        after_each();
        let index = origins.iter().position(|&other| other == origin).unwrap_or(0);
        &input.vintages[index]
    };
    Ok(backtest_as_of(model, known, truth, &origins, request)?)
}

/// A back-test whose settings are known to fit its series.
pub struct PlannedBacktest<'a> {
    models: &'a [Box<dyn Model>],
    input: &'a BacktestInput,
    request: &'a Request,
    windows: Vec<YearWindow>,
    /// How it was set, for the report.
    description: String,
}

impl<'a> PlannedBacktest<'a> {
    /// Checks the settings before anything is forecast.
    ///
    /// # Errors
    ///
    /// Those of [`windows`]; [`Error::Forecast`] where the draws of all models, which are kept until the
    /// last one is scored, would be more than can be kept.
    pub fn new(
        models: &'a [Box<dyn Model>],
        input: &'a BacktestInput,
        years: WindowRequest,
        request: &'a Request,
    ) -> Result<Self> {
        let windows = windows(years, &input.outcomes.panel)?;
        request.check_size(input.outcomes.places.len(), windows.len() * models.len())?;
        let description = years.description(request, !input.vintages.is_empty());
        Ok(Self { models, input, request, windows, description })
    }

    /// Forecasts every window with every model; `progress` is told of years that no forecast could be
    /// scored in.
    ///
    /// # Errors
    ///
    /// Those of [`run`].
    pub fn run(self, progress: &dyn Progress) -> Result<DoneBacktest<'a>> {
        let done = run(self.models, self.input, &self.windows, self.request, progress)?;
        let years: BTreeSet<i32> = unscored_years(&self.windows, &done).into_iter().collect();
        for year in years {
            progress.note(&format!(
                "window {year}: the series has no month of it, so that nothing was scored"
            ));
        }
        Ok(DoneBacktest { planned: self, done })
    }
}

/// A back-test with its draws, not yet summed up.
pub struct DoneBacktest<'a> {
    planned: PlannedBacktest<'a>,
    done: Vec<Backtest>,
}

impl<'a> DoneBacktest<'a> {
    /// The windows, in the order of each result's.
    #[must_use]
    pub fn windows(&self) -> &[YearWindow] {
        &self.planned.windows
    }

    /// One result per model, in the order of the models.
    #[must_use]
    pub fn results(&self) -> &[Backtest] {
        &self.done
    }

    /// Sums the scores up by window and over all windows.
    ///
    /// # Errors
    ///
    /// Those of [`lines`].
    pub fn score(self, progress: &dyn Progress) -> Result<ScoredBacktest<'a>> {
        progress.begin("score");
        let PlannedBacktest { input, windows, request, description, .. } = self.planned;
        let lines = lines(input, &windows, &self.done, request.seed(), progress)?;
        progress.end(&format!("{} scores", lines.len()));
        Ok(ScoredBacktest { input, done: self.done, lines, description, seed: request.seed() })
    }
}

/// A back-test with its scores.
pub struct ScoredBacktest<'a> {
    input: &'a BacktestInput,
    done: Vec<Backtest>,
    /// Scores as [`lines`] gives them.
    pub lines: Vec<Line>,
    description: String,
    seed: u64,
}

impl ScoredBacktest<'_> {
    /// Mean scores by model and months ahead, with the skill against the first of [`REFERENCES`].
    ///
    /// # Errors
    ///
    /// If the table cannot be built.
    pub fn summary_table(&self) -> Result<Table> {
        scoring::summary(&named(&self.done), REFERENCES[0])
    }

    /// Scores by place, as [`place_table`].
    ///
    /// # Errors
    ///
    /// If the table cannot be built.
    pub fn place_table(&self) -> Result<Table> {
        place_table(self.input, &self.done)
    }

    /// Warnings in places that had been quiet, as [`hard_case::table`].
    ///
    /// # Errors
    ///
    /// If the table cannot be built.
    pub fn hard_case_table(&self) -> Result<Table> {
        hard_case::table(&self.input.outcomes.panel, &named(&self.done), self.seed)
    }

    /// The report as a page.
    ///
    /// # Errors
    ///
    /// Those of [`evaluation::page`].
    pub fn report(&self) -> Result<String> {
        evaluation::page(&EvaluatedRun {
            series: &self.input.label,
            command: &self.description,
            done: &self.done,
            lines: &self.lines,
        })
    }
}

/// The years of windows in which no forecast of any model could be scored.
///
/// Such a year lies in months that no release covers, or after the last month covered; a reader has
/// to hear of it, because scores over all windows say nothing of it.
#[must_use]
pub fn unscored_years(windows: &[YearWindow], done: &[Backtest]) -> Vec<i32> {
    let is_scored = |window: &&YearWindow| {
        let in_window = |row: &Row| row.origin == window.origin;
        done.iter().any(|result| result.scores.rows().iter().any(in_window))
    };
    windows.iter().filter(|window| !is_scored(window)).map(|window| window.year).collect()
}

/// Each result under its model's name.
#[must_use]
pub fn named(done: &[Backtest]) -> Vec<Named<'_>> {
    done.iter().map(|result| Named { name: &result.model, table: &result.scores }).collect()
}

/// Scores of every model by window, over all windows, and over places that were active; `progress` hears
/// of every model.
///
/// The lines of a model come in this order: each window, under the year as a text and against the
/// references; all windows, under "all" and against every benchmark that was run; and places that
/// were active at the origin, under "active" and against the same. `seed` is that of the bootstrap
/// over places.
///
/// # Errors
///
/// If two tables that are compared have no cell in common.
pub fn lines(
    input: &BacktestInput,
    windows: &[YearWindow],
    done: &[Backtest],
    seed: u64,
    progress: &dyn Progress,
) -> Result<Vec<Line>> {
    let named = named(done);
    let parts = Parts::new(progress, named.len());
    let panel = &input.outcomes.panel;
    let mut lines = Vec::new();
    for &model in &named {
        let among = |names: &dyn Fn(&str) -> bool| -> Vec<Named<'_>> {
            let other = |named: &&Named<'_>| names(named.name) && named.name != model.name;
            named.iter().filter(other).copied().collect()
        };
        let others = among(&|name| REFERENCES.contains(&name));
        let benchmarks = among(&|name| Benchmark::by_name(name).is_some());
        for window in windows {
            let year = window.year.to_string();
            let keep = |row: &Row| row.origin == window.origin;
            lines.extend(scoring::lines(model, &others, &year, keep, seed)?);
        }
        lines.extend(scoring::lines(model, &benchmarks, "all", |_| true, seed)?);
        let active = |row: &Row| scoring::is_active(panel, row);
        lines.extend(scoring::lines(model, &benchmarks, "active", active, seed)?);
        parts.done();
    }
    Ok(lines)
}

/// Scores of every model by place, against the first of [`REFERENCES`] where it was run.
///
/// The key column has the name of the outcomes' column of places. The reference's own rows have
/// skill 0, or none where it scores 0.
///
/// # Errors
///
/// If the table cannot be built.
pub fn place_table(input: &BacktestInput, done: &[Backtest]) -> Result<Table> {
    let keys: Vec<String> = input.outcomes.places.iter().map(|place| place.id.clone()).collect();
    let reference = done.iter().find(|result| result.model == REFERENCES[0]);
    let mut parts = Vec::new();
    for model in named(done) {
        let against = reference.map(|reference| &reference.scores);
        parts.extend(scoring::parts(model, against, &keys, |row: &Row| row.place as usize));
    }
    scoring::parts_table(&parts, &input.outcomes.column, Some(REFERENCES[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what it hears.
    #[derive(Default)]
    struct Heard(std::sync::Mutex<Vec<String>>);

    impl Progress for Heard {
        fn begin(&self, step: &str) {
            self.0.lock().unwrap().push(step.to_owned());
        }

        fn advance(&self, done: usize, total: usize) {
            self.0.lock().unwrap().push(format!("{done} of {total}"));
        }

        fn end(&self, _result: &str) {
            self.0.lock().unwrap().push("end".to_owned());
        }
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    fn panel() -> Panel {
        Panel::new(480, 2, 30, (0..60).map(f64::from).collect()).unwrap()
    }

    #[test]
    fn a_description_names_every_setting() {
        let windows = WindowRequest { first: 2018, last: 2020, train_end: 10 };
        let request = Request::new(3..=14, 1000, 7).unwrap();
        let plain = "windows 2018..2020, training ends with month 10 of the year before, steps 3..14, \
                     1000 draws, seed 7";
        assert_eq!(windows.description(&request, false), plain);
        let by_vintage = format!("{plain}, trained on what was known at the time");
        assert_eq!(windows.description(&request, true), by_vintage);
    }

    #[test]
    fn progress_hears_of_every_window_of_every_model() {
        let place = |id: &str| crate::outcome::Place {
            id: id.to_owned(),
            name: id.to_owned(),
            within: None,
        };
        let places = vec![place("A"), place("B")];
        let outcomes = Outcomes { column: "place_id".to_owned(), places, panel: panel() };
        let input = BacktestInput { outcomes, vintages: Vec::new(), label: String::new() };
        let heard = Heard::default();
        let request = Request::new(1..=2, 10, 1).unwrap();
        let windows = [20, 24].map(|origin| YearWindow { year: 2021, origin });
        let models = models(&names(&["zeros"])).unwrap();
        let done = run(&models, &input, &windows, &request, &heard).unwrap();
        assert_eq!(done.len(), 3);
        assert!(unscored_years(&windows, &done).is_empty());
        let heard = heard.0.into_inner().unwrap();
        let parts = (0..=6).map(|done| format!("{done} of 6"));
        let expected = ["back-test".to_owned()].into_iter().chain(parts).chain(["end".to_owned()]);
        assert_eq!(heard, expected.collect::<Vec<_>>());
        let table = scoring::summary(&named(&done), REFERENCES[0]).unwrap();
        assert_eq!(table.num_rows(), 3);
    }

    #[test]
    fn references_are_always_there_and_never_twice() {
        let found = |list: &[&str]| -> Vec<String> {
            models(&names(list)).unwrap().iter().map(|model| model.name()).collect()
        };
        assert_eq!(found(&["zeros"]), ["zeros", "own-last-12", "smoothed-history"]);
        assert_eq!(
            found(&["smoothed-history", "hurdle"]),
            ["smoothed-history", "hurdle", "own-last-12"]
        );
        assert_eq!(models(&names(&["hurdel"])).err().as_deref(), Some("hurdel"));
        assert_eq!(models(&sanad::names()).unwrap().len(), sanad::names().len());
    }

    #[test]
    fn a_window_needs_its_training_month() {
        // month_id 480 is December 2019, and thirty months later it is May 2022.
        let request = WindowRequest { first: 2021, last: 2022, train_end: 10 };
        let found = windows(request, &panel()).unwrap();
        assert_eq!(found.iter().map(|one| one.origin).collect::<Vec<_>>(), [10, 22]);
        let late = windows(WindowRequest { last: 2023, ..request }, &panel()).unwrap_err();
        assert!(late.to_string().contains("2023"), "{late}");
    }
}
