//! `sanad ablation`: does a front's series improve a forecast over the history of violence alone?

use std::collections::BTreeMap;
use std::path::Path;

use sanad_core::Month;
use sanad_forecast::{Panel, Request, sanad};
use sanad_store::export;
use sanad_store::external::{ColumnKind, External};
use sanad_study::ablation::{self, FrontFeatures, WITHOUT_COUNTS, evidence_notes, notes};
use sanad_study::outcome::{Outcomes, Target, carried, of_observatory, read_cells_on, read_series};
use sanad_study::tables::ablation_table;
use sanad_study::{Study, backtest, fronts, scoring};

use crate::args::AblationArgs;
use crate::command::backtest::window_request;
use crate::command::{check_ending, print, subject};
use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};

/// How scores were made and of what, by name.
type Notes = BTreeMap<String, String>;

pub(crate) fn run(options: &AblationArgs, threads: usize) -> Result<()> {
    options.out.as_deref().map_or(Ok(()), check_ending)?;
    let model = sanad::by_name(&options.model).ok_or_else(|| Error::Option {
        option: "--model",
        found: options.model.clone(),
        expected: "the name of one model, such as sanad; sanad help backtest lists them",
    })?;
    let request = Request::new(options.steps.steps(), options.draws, options.seed)?;
    let (outcomes, fronts, made_of) = match &options.series {
        Some(series) => {
            let (outcomes, fronts) = of_files(options, series)?;
            (outcomes, fronts, Notes::new())
        }
        None => of_case(options, threads)?,
    };
    let years = window_request(options.windows, options.train_end);
    let windows = backtest::windows(years, &outcomes.panel)?;
    let trial =
        ablation::AblationTrial { model: model.as_ref(), request: &request, windows: &windows };
    let ablated = ablation::run(&trial, &outcomes.panel, &fronts, &Terminal::default())?;
    if let Some(path) = &options.out {
        let table = ablation_table(&ablated, made_of)?;
        export::write_file(&table, None, path)?;
    }
    let lines = ablation::lines(&ablated, options.seed)?;
    print(&scoring::table(&lines)?, options.format)
}

fn of_files(options: &AblationArgs, series: &Path) -> Result<(Outcomes, FrontFeatures)> {
    let step = Step::begin("read the series");
    let outcomes = read_series(series, options.place_column.as_deref(), &options.target)?;
    step.end(&format!("{} places", outcomes.places.len()));
    let Some(path) = &options.covariates else { return Ok((outcomes, FrontFeatures::new())) };
    let step = Step::begin("read the covariates");
    let file = External::open(path)?;
    let mut fronts = FrontFeatures::new();
    for front in &options.fronts {
        let Some((name, columns)) = front.split_once('=') else {
            return Err(Error::Option {
                option: "--front",
                found: front.clone(),
                expected: "NAME=COLUMN or NAME=COLUMN,COLUMN",
            });
        };
        for column in columns.split(',').map(str::trim) {
            let values = read_cells_on(&file, &outcomes, ColumnKind::Numbers(column))?;
            let values = carried(&values, outcomes.panel.months());
            fronts.entry(name.to_owned()).or_default().push((column.to_owned(), values));
        }
    }
    step.end(&format!("{} fronts", fronts.len()));
    Ok((outcomes, fronts))
}

/// Provinces with the index of each front, as far as it is measured.
fn of_case(options: &AblationArgs, threads: usize) -> Result<(Outcomes, FrontFeatures, Notes)> {
    let opened = subject::open(&options.subject.subject())?;
    let target = Target::by_name(&options.target)?;
    let unit = AblationArgs::UNIT.into();
    let outcomes = of_observatory(&opened.observatory, unit, target, None, threads)?;
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let step = Step::begin("measure the fronts");
    let without_counts = options.without_counts;
    let indices = fronts::indices(&study, &opened.observatory, without_counts, threads)?;
    let features = ablation::front_features(&indices, &outcomes);
    step.end(&format!("{} fronts", features.len()));
    let mut made_of = notes(&opened.observatory)?;
    made_of.extend(evidence_notes(&indices, &last_months_seen(options, &outcomes.panel)?));
    made_of.extend(settings(options));
    Ok((outcomes, features, made_of))
}

/// The last month that the model sees in each window.
fn last_months_seen(options: &AblationArgs, panel: &Panel) -> Result<Vec<Month>> {
    let years = window_request(options.windows, options.train_end);
    let windows = backtest::windows(years, panel)?;
    Ok(windows.iter().map(|window| Month::from_id(panel.month_id(window.origin))).collect())
}

fn settings(options: &AblationArgs) -> Notes {
    let indicators = if options.without_counts { WITHOUT_COUNTS } else { "all" };
    [
        ("indicators", indicators.to_owned()),
        ("target", options.target.clone()),
        ("model", options.model.clone()),
        ("steps", format!("{}..{}", options.steps.first, options.steps.last)),
        ("draws", options.draws.to_string()),
        ("seed", options.seed.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
