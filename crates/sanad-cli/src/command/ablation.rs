//! `sanad ablation`: does a front's series improve a forecast over the history of violence alone?

use std::collections::BTreeMap;
use std::path::Path;

use sanad_core::Month;
use sanad_forecast::score::ScoreTable;
use sanad_forecast::{Model, Panel, Request, backtest, sanad};
use sanad_store::export;
use sanad_store::external::{ColumnKind, External};

use crate::args::AblationArgs;
use crate::command::backtest::windows;
use crate::command::{check_ending, print, subject};
use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::Study;
use sanad_study::ablation::{WITHOUT_COUNTS, evidence_notes, notes};
use sanad_study::outcome::{Outcomes, Target, carried, of_observatory, read_cells_on, read_series};
use sanad_study::scoring::{self, Line, Named};
use sanad_study::tables::ablation_table;

/// The forecast from the history of violence alone.
const ALONE: &str = "history alone";

/// How scores were made and of what, by name.
type Notes = BTreeMap<String, String>;

/// Named series on the places and months of a panel, by front.
type FrontFeatures = BTreeMap<String, Vec<(String, Vec<f64>)>>;

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
    let windows = windows(options.windows, options.train_end, &outcomes.panel)?;
    let origins: Vec<usize> = windows.iter().map(|window| window.origin).collect();
    let mut panels = vec![(ALONE.to_owned(), outcomes.panel.clone())];
    for (front, series) in &fronts {
        panels.push((front.clone(), with(&outcomes.panel, series)?));
    }
    if fronts.len() > 1 {
        let all: Vec<(String, Vec<f64>)> = fronts.values().flatten().cloned().collect();
        panels.push(("all fronts".to_owned(), with(&outcomes.panel, &all)?));
    }
    let mut done = Vec::new();
    for (name, panel) in &panels {
        let step = Step::begin(format!("back-test {} with {name}", options.model));
        done.push(scores(model.as_ref(), panel, &origins, &request)?);
        step.end(&format!("{} cells scored", done.last().map_or(0, |done| done.rows().len())));
    }
    if let Some(path) = &options.out {
        let table = ablation_table(&panels, &done, made_of)?;
        export::write_file(&table, None, path)?;
    }
    let named: Vec<Named<'_>> =
        panels.iter().zip(&done).map(|((name, _), table)| Named { name, table }).collect();
    let mut lines: Vec<Line> = Vec::new();
    for (at, &one) in named.iter().enumerate() {
        let others = if at == 0 { &[][..] } else { &named[..1] };
        lines.extend(scoring::lines(one, others, "all", |_| true, options.seed)?);
    }
    print(&scoring::table(&lines)?, options.format)
}

fn scores(
    model: &dyn Model,
    panel: &Panel,
    origins: &[usize],
    request: &Request,
) -> Result<ScoreTable> {
    Ok(backtest(model, panel, origins, request)?.scores)
}

fn with(panel: &Panel, series: &[(String, Vec<f64>)]) -> Result<Panel> {
    let mut panel = panel.clone();
    for (name, values) in series {
        panel = panel.with_covariate(name, values.clone())?;
    }
    Ok(panel)
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
    let (first, months) = (outcomes.panel.month_id(0), outcomes.panel.months());
    let indices = study.front_indices(&opened.observatory, options.without_counts, threads)?;
    let mut made_of = notes(&opened.observatory)?;
    made_of.extend(evidence_notes(&indices, &last_months_seen(options, &outcomes.panel)?));
    let mut fronts = FrontFeatures::new();
    for (front, by_place) in indices {
        let mut values = vec![f64::NAN; outcomes.places.len() * months];
        for (place, known) in outcomes.places.iter().enumerate() {
            let Some(front) = by_place.get(&known.name) else { continue };
            for (at, value) in front.index.iter().enumerate() {
                let month = usize::try_from(front.from.id() + at as i32 - first);
                if let (Ok(month), Some(value)) = (month, value)
                    && month < months
                {
                    values[place * months + month] = *value;
                }
            }
        }
        // A front without a value tells a model nothing.
        if values.iter().any(|value| !value.is_nan()) {
            fronts.insert(front.clone(), vec![(front, carried(&values, months))]);
        }
    }
    step.end(&format!("{} fronts", fronts.len()));
    made_of.extend(settings(options));
    Ok((outcomes, fronts, made_of))
}

/// The last month that the model sees in each window.
fn last_months_seen(options: &AblationArgs, panel: &Panel) -> Result<Vec<Month>> {
    let windows = windows(options.windows, options.train_end, panel)?;
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
