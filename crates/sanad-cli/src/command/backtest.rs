//! `sanad backtest`.

use std::path::Path;

use sanad_core::Month;
use sanad_forecast::{Backtest, Model, Request, sanad};
use sanad_store::{SharedColumns, Unit, export};
use sanad_study::backtest::{self, BacktestInput, REFERENCES, WindowRequest, YearWindow};
use sanad_study::outcome::{
    Outcomes, Target, draw_keys, draw_outcomes, of_observatory, read_series,
};
use sanad_study::scoring::{self, Line};
use sanad_study::{Error as StudyError, Progress, evaluation, hard_case};

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
    let (material, windows) = material(options, threads)?;
    // Draws of all models are held until the last one is scored.
    request.check_size(material.outcomes.places.len(), windows.len() * models.len())?;
    let step = Step::begin("make the folder");
    std::fs::create_dir_all(&options.out).map_err(|source| {
        Error::from(StudyError::Write { what: options.out.display().to_string(), source })
    })?;
    step.end(&options.out.display().to_string());

    let done = backtest::run(&models, &material, &windows, &request, &Terminal::default())?;
    for year in backtest::unscored_years(&windows, &done) {
        say!("note: window {year}: the series has no month of it, so that nothing was scored");
    }
    let named: Vec<&Backtest> = done.iter().filter(|result| is_named(options, result)).collect();
    for (number, window) in windows.iter().enumerate() {
        write_draws(&options.out, &material.outcomes, (number, window), &named, &request)?;
    }
    let description =
        window_request(options.windows, options.train_end).description(&request, options.vintages);
    write_scores(options, &description, &material, &windows, &done)
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

fn material(
    options: &args::BacktestArgs,
    threads: usize,
) -> Result<(BacktestInput, Vec<YearWindow>)> {
    let request = window_request(options.windows, options.train_end);
    if let Some(path) = &options.series {
        let step = Step::begin("read the series");
        let outcomes = read_series(path, options.place_column.as_deref(), &options.target)?;
        step.end(&described(&outcomes));
        let windows = backtest::windows(request, &outcomes.panel)?;
        let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok((BacktestInput { outcomes, vintages: Vec::new(), label }, windows));
    }
    let opened = subject::open(&options.subject.subject())?;
    let step = Step::begin("count deaths by place");
    let target = Target::by_name(&options.target)?;
    let observatory = &opened.observatory;
    let outcomes = of_observatory(observatory, options.unit.into(), target, None, threads)?;
    step.end(&described(&outcomes));
    let windows = backtest::windows(request, &outcomes.panel)?;
    let vintages = match options.vintages {
        true => {
            let step = Step::begin("count as known at each origin");
            let counted = (options.unit.into(), target);
            let panels = backtest::vintages(observatory, counted, &outcomes, &windows, threads)?;
            step.end(&format!("{} vintages", panels.len()));
            panels
        }
        false => Vec::new(),
    };
    let label = format!("{} by today's {}", target.name, Unit::from(options.unit).plural());
    Ok((BacktestInput { outcomes, vintages, label }, windows))
}

fn described(outcomes: &Outcomes) -> String {
    let panel = &outcomes.panel;
    let months = [0, panel.months() - 1].map(|at| Month::from_id(panel.month_id(at)));
    format!("{} places, {} to {}", panel.places(), months[0], months[1])
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
    description: &str,
    material: &BacktestInput,
    windows: &[YearWindow],
    done: &[Backtest],
) -> Result<()> {
    let step = Step::begin("score and report");
    let lines = backtest::lines(material, windows, done, options.seed, &step)?;
    export::write_file(&scoring::table(&lines)?, None, &options.out.join("scores.csv"))?;
    let places = backtest::place_table(material, done)?;
    export::write_file(&places, None, &options.out.join("places.csv"))?;
    let quiet = hard_case::table(&material.outcomes.panel, &backtest::named(done), options.seed)?;
    export::write_file(&quiet, None, &options.out.join("hard-cases.csv"))?;
    let page = evaluation::page(&evaluation::EvaluatedRun {
        series: &material.label,
        command: description,
        done,
        lines: &lines,
    })?;
    export::write_text(&options.out.join("report.html"), &page)?;
    step.end("scores.csv, places.csv, hard-cases.csv, report.html");
    if options.format == Form::Table {
        let named = backtest::named(done);
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
