//! `sanad backtest`.

use std::path::Path;

use sanad_forecast::{Backtest, Model, Request, sanad};
use sanad_store::{SharedColumns, export};
use sanad_study::backtest::{
    self, BacktestInput, BacktestSeries, PlannedBacktest, REFERENCES, ScoredBacktest,
    WindowRequest, YearWindow,
};
use sanad_study::outcome::{Outcomes, Target, draw_keys, draw_outcomes, read_series};
use sanad_study::scoring::{self, Line};
use sanad_study::{Error as StudyError, Progress};

use crate::args::{self, Form, MonthOfYear, MonthSpan};
use crate::command::{print, subject};
use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use crate::report::say;

/// Scores on stdout; the files hold all of them.
const SHOWN: [&str; 6] = ["crps", "ign", "mis_90", "log1p_crps", "brier_1", "coverage_90"];

/// The word for every model that `--model` takes.
const MODELS: &str = "names joined by commas, or all: sanad, hurdle, hurdle-pooled, switching, \
    self-exciting, forest, zeros, last-poisson, own-last-12, neighbours-last-12, bootstrap-240, exponential-history, \
    smoothed-history";

pub(crate) fn run(options: &args::BacktestArgs, threads: usize) -> Result<()> {
    let models = models(&options.model)?;
    let request = Request::new(options.steps.steps(), options.draws, options.seed)?;
    let input = input(options, threads)?;
    let years = window_request(options.windows, options.train_end);
    let planned = PlannedBacktest::new(&models, &input, years, &request)?;
    let step = Step::begin("make the folder");
    std::fs::create_dir_all(&options.out).map_err(|source| {
        Error::from(StudyError::Write { what: options.out.display().to_string(), source })
    })?;
    step.end(&options.out.display().to_string());

    let done = planned.run(&Terminal::default())?;
    let named: Vec<&Backtest> =
        done.results().iter().filter(|result| is_named(options, result)).collect();
    for (number, window) in done.windows().iter().enumerate() {
        write_draws(&options.out, &input.outcomes, (number, window), &named, &request)?;
    }
    write_scores(options, done.score(&Terminal::default())?)
}

/// The models asked for and the references, each once.
fn models(options: &str) -> Result<Vec<Box<dyn Model>>> {
    let names: Vec<String> = match options {
        "all" => sanad::names(),
        list => list.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    let unknown = |found| Error::Option { option: "--model", found, expected: MODELS };
    backtest::models(&names).map_err(unknown)
}

/// The windows that the options name.
pub(super) const fn window_request(years: MonthSpan, train_end: MonthOfYear) -> WindowRequest {
    WindowRequest { first: years.first, last: years.last, train_end: train_end.0 }
}

/// Whether a model was asked for, and not only as a reference.
fn is_named(options: &args::BacktestArgs, result: &Backtest) -> bool {
    options.model == "all" || options.model.split(',').any(|name| name.trim() == result.model)
}

/// The series to forecast: that of a file, or counted from an observatory.
fn input(options: &args::BacktestArgs, threads: usize) -> Result<BacktestInput> {
    if let Some(path) = &options.series {
        let step = Step::begin("read the series");
        let outcomes = read_series(path, options.place_column.as_deref(), &options.target)?;
        step.end(&outcomes.description());
        let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(BacktestInput { outcomes, vintages: Vec::new(), label });
    }
    let opened = subject::open(&options.subject.subject())?;
    let series = BacktestSeries {
        unit: options.unit.into(),
        target: Target::by_name(&options.target)?,
        by_vintage: options.vintages,
    };
    let years = window_request(options.windows, options.train_end);
    let progress = Terminal::default();
    Ok(BacktestInput::of_observatory(&opened.observatory, series, years, threads, &progress)?)
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

fn write_scores(options: &args::BacktestArgs, scored: ScoredBacktest<'_>) -> Result<()> {
    let step = Step::begin("write scores and report");
    let written = |name: &str| options.out.join(name);
    export::write_file(&scoring::table(&scored.lines)?, None, &written("scores.csv"))?;
    export::write_file(&scored.place_table()?, None, &written("places.csv"))?;
    export::write_file(&scored.hard_case_table()?, None, &written("hard-cases.csv"))?;
    export::write_text(&written("report.html"), &scored.report()?)?;
    step.end("scores.csv, places.csv, hard-cases.csv, report.html");
    if options.format == Form::Table {
        say!(
            "note: mean CRPS, over all cells and by months ahead (h); skill against {}; coverage of the 90 % \
             intervals. All scores, with intervals and by window: --format csv, or {}",
            REFERENCES[0],
            written("scores.csv").display()
        );
        return print(&scored.summary_table()?, options.format);
    }
    let lines = scored.lines.into_iter();
    let shown: Vec<Line> = lines.filter(|line| SHOWN.contains(&line.score)).collect();
    print(&scoring::table(&shown)?, options.format)
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
}
