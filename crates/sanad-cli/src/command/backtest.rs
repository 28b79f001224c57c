//! `sanad backtest`.

use std::path::Path;

use sanad_core::{Month, Parts};
use sanad_forecast::score::Row;
use sanad_forecast::{
    Backtest, Benchmark, Model, Panel, Request, backtest_as_of, backtest_reporting, sanad,
};
use sanad_store::{Observatory, SharedColumns, export};

use crate::args::{self, Form, MonthOfYear, MonthSpan};
use crate::command::{print, subject};
use crate::report::say;
use sanad_study::Error as StudyError;

use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::outcome::{
    Outcomes, Target, draw_keys, draw_outcomes, of_observatory, read_series,
};
use sanad_study::scoring::{self, Line, Named};
use sanad_study::{Progress, evaluation};

/// What every model is compared with, window by window. Over all windows it is compared with every
/// benchmark that was run.
const REFERENCES: [&str; 2] = ["own-last-12", "smoothed-history"];

/// Scores on stdout; the files hold all of them.
const SHOWN: [&str; 6] = ["crps", "ign", "mis_90", "log1p_crps", "brier_1", "coverage_90"];

/// The word for every model that `--model` takes.
const MODELS: &str = "names joined by commas, or all: sanad, hurdle, hurdle-pooled, switching, \
    self-exciting, forest, zeros, last-poisson, own-last-12, neighbours-last-12, bootstrap-240, exponential-history, \
    smoothed-history";

/// The series of a back-test, and what was known of it at each origin.
struct BacktestInput {
    outcomes: Outcomes,
    /// Panels as known at each origin, in order; empty when all train on the same.
    vintages: Vec<Panel>,
    label: String,
}

/// A window: its year and its origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct YearWindow {
    year: i32,
    pub(super) origin: usize,
}

pub(crate) fn run(options: &args::BacktestArgs, threads: usize) -> Result<()> {
    let models = models(&options.model)?;
    let request = Request::new(options.steps.steps(), options.draws, options.seed)?;
    let (material, windows) = material(options, threads)?;
    // Draws of all models are held until the last one is scored.
    request.check_size(material.outcomes.places.len(), windows.len() * models.len())?;
    let step = Step::begin("make the folder");
    std::fs::create_dir_all(&options.out).map_err(|source| {
        Error::from(StudyError::Write { what: options.out.display().to_string(), source })
    })?;
    step.end(&options.out.display().to_string());

    let done = all(&models, &material, &windows, &request, &Terminal::default())?;
    for window in &windows {
        let scored = |row: &Row| row.origin == window.origin;
        if !done.iter().any(|result| result.scores.rows().iter().any(scored)) {
            let year = window.year;
            say!("note: window {year}: the series has no month of it, so that nothing was scored");
        }
    }
    let named: Vec<&Backtest> = done.iter().filter(|result| is_named(options, result)).collect();
    for (number, window) in windows.iter().enumerate() {
        write_draws(&options.out, &material.outcomes, (number, window), &named, &request)?;
    }
    write_scores(options, &material, &windows, &done)
}

/// The models asked for and the references, each once.
fn models(options: &str) -> Result<Vec<Box<dyn Model>>> {
    let mut names: Vec<String> = match options {
        "all" => sanad::names(),
        list => list.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    names.extend(REFERENCES.map(str::to_owned));
    let mut models: Vec<Box<dyn Model>> = Vec::new();
    for name in names {
        let unknown = || Error::Option { option: "--model", found: name.clone(), expected: MODELS };
        let model = sanad::by_name(&name).ok_or_else(unknown)?;
        if models.iter().all(|known| known.name() != model.name()) {
            models.push(model);
        }
    }
    Ok(models)
}

/// Whether a model was asked for, and not only as a reference.
fn is_named(options: &args::BacktestArgs, result: &Backtest) -> bool {
    options.model == "all" || options.model.split(',').any(|name| name.trim() == result.model)
}

fn material(
    options: &args::BacktestArgs,
    threads: usize,
) -> Result<(BacktestInput, Vec<YearWindow>)> {
    if let Some(path) = &options.series {
        let step = Step::begin("read the series");
        let outcomes = read_series(path, options.place_column.as_deref(), &options.target)?;
        step.end(&described(&outcomes));
        let windows = windows(options.windows, options.train_end, &outcomes.panel)?;
        let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok((BacktestInput { outcomes, vintages: Vec::new(), label }, windows));
    }
    let opened = subject::open(&options.subject.subject())?;
    let step = Step::begin("count deaths by place");
    let target = Target::by_name(&options.target)?;
    let observatory = &opened.observatory;
    let outcomes = of_observatory(observatory, options.unit.into(), target, None, threads)?;
    step.end(&described(&outcomes));
    let windows = windows(options.windows, options.train_end, &outcomes.panel)?;
    let vintages = match options.vintages {
        true => vintages(observatory, options, &outcomes, &windows, threads)?,
        false => Vec::new(),
    };
    let label = format!("{} by today's {}", target.name, options.unit.plural());
    Ok((BacktestInput { outcomes, vintages, label }, windows))
}

fn described(outcomes: &Outcomes) -> String {
    let panel = &outcomes.panel;
    let months = [0, panel.months() - 1].map(|at| Month::from_id(panel.month_id(at)));
    format!("{} places, {} to {}", panel.places(), months[0], months[1])
}

/// What was known at the end of each window's training, on the places and months of `truth`.
fn vintages(
    observatory: &Observatory,
    options: &args::BacktestArgs,
    truth: &Outcomes,
    windows: &[YearWindow],
    threads: usize,
) -> Result<Vec<Panel>> {
    let target = Target::by_name(&options.target)?;
    let step = Step::begin("count as known at each origin");
    let panels = windows
        .iter()
        .map(|window| {
            let day = Month::from_id(truth.panel.month_id(window.origin)).last_day();
            let known =
                of_observatory(observatory, options.unit.into(), target, Some(day), threads)?;
            Ok(known.on(truth)?)
        })
        .collect::<Result<Vec<Panel>>>()?;
    step.end(&format!("{} vintages", panels.len()));
    Ok(panels)
}

/// The windows of the years asked for, each from the training month of the year before.
pub(super) fn windows(
    years: MonthSpan,
    train_end: MonthOfYear,
    panel: &Panel,
) -> Result<Vec<YearWindow>> {
    let last = panel.months() - 1;
    (years.first..=years.last)
        .map(|year| {
            let trained_to = Month::new(year - 1, train_end.0);
            let origin = trained_to.and_then(|month| panel.month_index(month.id()));
            let problem = || {
                let span = [0, last].map(|at| Month::from_id(panel.month_id(at)));
                let needed = trained_to.map_or_else(|| "?".to_owned(), |month| month.to_string());
                format!("it needs {needed}; the series has {} to {}", span[0], span[1])
            };
            match origin {
                Some(origin) => Ok(YearWindow { year, origin }),
                None => Err(Error::from(StudyError::Window { year, problem: problem() })),
            }
        })
        .collect()
}

fn one(
    model: &dyn Model,
    material: &BacktestInput,
    windows: &[YearWindow],
    request: &Request,
    after_each: &dyn Fn(),
) -> Result<Backtest> {
    let origins: Vec<usize> = windows.iter().map(|window| window.origin).collect();
    let truth = &material.outcomes.panel;
    if material.vintages.is_empty() {
        return Ok(backtest_reporting(model, truth, &origins, request, after_each)?);
    }
    let known = |origin: usize| {
        after_each();
        let at = origins.iter().position(|&other| other == origin).unwrap_or(0);
        &material.vintages[at]
    };
    Ok(backtest_as_of(model, known, truth, &origins, request)?)
}

/// Back-tests every model; `progress` hears of each window of each.
fn all(
    models: &[Box<dyn Model>],
    material: &BacktestInput,
    windows: &[YearWindow],
    request: &Request,
    progress: &dyn Progress,
) -> Result<Vec<Backtest>> {
    progress.begin("back-test");
    let parts = Parts::new(progress, models.len() * windows.len());
    let after_each = || parts.done();
    let mut done = Vec::new();
    for model in models {
        done.push(one(model.as_ref(), material, windows, request, &after_each)?);
    }
    let cells: usize = done.iter().map(|result| result.scores.rows().len()).sum();
    progress.end(&format!("{} models, {cells} cells scored", models.len()));
    Ok(done)
}

/// Writes the draws of every model for a window, given with its number among the windows.
fn write_draws(
    folder: &Path,
    outcomes: &Outcomes,
    (number, window): (usize, &YearWindow),
    results: &[&Backtest],
    request: &Request,
) -> Result<()> {
    let progress = Terminal::default();
    progress.begin(&format!("write draws of {}", window.year));
    let first = outcomes.panel.month_id(window.origin) + *request.steps().start() as i32;
    let mut keys = None;
    for (done, result) in results.iter().enumerate() {
        progress.advance(done, results.len());
        let draws = &result.windows[number].draws;
        let keys = match &keys {
            Some(keys) => keys,
            None => {
                let columns = draw_keys(&outcomes.column, &outcomes.places, first, draws)?;
                keys.insert(SharedColumns::encode(&columns)?)
            }
        };
        let name = format!("draws-{}-{}.parquet", result.model, window.year);
        keys.write_with(&draw_outcomes(draws)?, &folder.join(name))?;
    }
    progress.end(&format!("{} files", results.len()));
    Ok(())
}

fn write_scores(
    options: &args::BacktestArgs,
    material: &BacktestInput,
    windows: &[YearWindow],
    done: &[Backtest],
) -> Result<()> {
    let step = Step::begin("score and report");
    let lines = all_lines(material, windows, done, options.seed, &step)?;
    export::write_file(&scoring::table(&lines)?, None, &options.out.join("scores.csv"))?;
    let keys: Vec<String> = material.outcomes.places.iter().map(|place| place.id.clone()).collect();
    let reference = done.iter().find(|result| result.model == REFERENCES[0]);
    let mut parts = Vec::new();
    for result in done {
        let named = Named { name: &result.model, table: &result.scores };
        let against = reference.map(|reference| &reference.scores);
        parts.extend(scoring::parts(named, against, &keys, |row: &Row| row.place as usize));
    }
    let places = scoring::parts_table(&parts, &material.outcomes.column, Some(REFERENCES[0]))?;
    export::write_file(&places, None, &options.out.join("places.csv"))?;
    let page = evaluation::page(&evaluation::Subject {
        series: &material.label,
        command: &described_command(options),
        done,
        lines: &lines,
    })?;
    export::write_text(&options.out.join("report.html"), &page)?;
    step.end("scores.csv, places.csv, report.html");
    if options.format == Form::Table {
        let named: Vec<Named<'_>> = named(done);
        say!(
            "note: mean CRPS, over all cells and by months ahead (h); skill against {}; coverage of the 90 % \
             intervals. All scores, with intervals and by window: --format csv, or {}",
            REFERENCES[0],
            options.out.join("scores.csv").display()
        );
        return print(&scoring::summary(&named, REFERENCES[0])?, options.format);
    }
    let shown: Vec<Line> = lines.into_iter().filter(|line| SHOWN.contains(&line.score)).collect();
    print(&scoring::table(&shown)?, options.format)
}

fn named(done: &[Backtest]) -> Vec<Named<'_>> {
    done.iter().map(|result| Named { name: &result.model, table: &result.scores }).collect()
}

fn described_command(options: &args::BacktestArgs) -> String {
    format!(
        "windows {}..{}, training ends with month {} of the year before, steps {}..{}, {} draws, \
         seed {}{}",
        options.windows.first,
        options.windows.last,
        options.train_end.0,
        options.steps.first,
        options.steps.last,
        options.draws,
        options.seed,
        if options.vintages { ", trained on what was known at the time" } else { "" }
    )
}

/// Scores of every model by window, over all windows, and over places that were active. `progress` hears
/// of every model.
fn all_lines(
    material: &BacktestInput,
    windows: &[YearWindow],
    done: &[Backtest],
    seed: u64,
    progress: &dyn Progress,
) -> Result<Vec<Line>> {
    let named = named(done);
    let parts = Parts::new(progress, named.len());
    let panel = &material.outcomes.panel;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_about_models_names_every_model() {
        for name in sanad::names() {
            assert!(MODELS.contains(&name), "{name}");
        }
    }

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

    #[test]
    fn progress_hears_of_every_window_of_every_model() {
        let panel = Panel::new(480, 2, 30, (0..60).map(f64::from).collect()).unwrap();
        let place = |id: &str| sanad_study::outcome::Place {
            id: id.to_owned(),
            name: id.to_owned(),
            within: None,
        };
        let outcomes =
            Outcomes { column: "place_id".to_owned(), places: vec![place("A"), place("B")], panel };
        let material = BacktestInput { outcomes, vintages: Vec::new(), label: String::new() };
        let heard = Heard::default();
        let request = Request::new(1..=2, 10, 1).unwrap();
        let windows = [20, 24].map(|origin| YearWindow { year: 2021, origin });
        let done = all(&models("zeros").unwrap(), &material, &windows, &request, &heard).unwrap();
        assert_eq!(done.len(), 3);
        let heard = heard.0.into_inner().unwrap();
        let parts = (0..=6).map(|done| format!("{done} of 6"));
        let expected = ["back-test".to_owned()].into_iter().chain(parts).chain(["end".to_owned()]);
        assert_eq!(heard, expected.collect::<Vec<_>>());
        let table = scoring::summary(&named(&done), REFERENCES[0]).unwrap();
        assert_eq!(table.num_rows(), 3);
    }

    #[test]
    fn references_are_always_there_and_never_twice() {
        let names = |options: &str| -> Vec<String> {
            models(options).unwrap().iter().map(|model| model.name()).collect()
        };
        assert_eq!(names("zeros"), ["zeros", "own-last-12", "smoothed-history"]);
        assert_eq!(names("smoothed-history,hurdle"), ["smoothed-history", "hurdle", "own-last-12"]);
        assert_eq!(names("all").len(), sanad::names().len());
    }
}
