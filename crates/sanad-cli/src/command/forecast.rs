//! `sanad forecast`.

use sanad_core::Month;
use sanad_forecast::{Draws, Request, sanad};
use sanad_store::{Columns, Table, export};

use crate::args::{self, Outcome, UnitName};
use crate::command::{check_ending, print, subject};
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report::say;
use sanad_study::outcome::{Place, Target, draws_table, finest_unit, of_observatory};
use sanad_study::outlook::{Outlook, Settings};

/// Quantiles of the summary, in percent.
const SHOWN_PERCENT: [u32; 5] = [5, 25, 50, 75, 95];

pub(crate) fn run(asked: &args::Forecast, threads: usize) -> Result<()> {
    asked.out.as_deref().map_or(Ok(()), check_ending)?;
    let model = sanad::by_name(&asked.model).ok_or_else(|| Error::Option {
        option: "--model",
        found: asked.model.clone(),
        expected: "the name of one model, such as sanad; sanad help backtest lists them",
    })?;
    let request = Request::new(asked.steps.steps(), asked.draws, asked.seed)?;
    let opened = subject::open(&asked.subject)?;
    let step = Step::begin("count deaths by place");
    let target = Target::by_name(name(asked.target))?;
    // Provinces and the country are sums of districts, so that all levels agree in every draw.
    let modelled = match asked.unit {
        UnitName::Priogrid | UnitName::Adm2 => asked.unit.into(),
        _ => finest_unit(&opened.observatory.places()?),
    };
    let outcomes = of_observatory(&opened.observatory, modelled, target, asked.as_of, threads)?;
    let last = Month::from_id(outcomes.panel.month_id(outcomes.panel.months() - 1));
    step.end(&format!("{} places, up to {last}", outcomes.places.len()));
    request.check_size(outcomes.places.len(), 1)?;

    let step = Step::begin(format!("forecast with {}", asked.model));
    let settings = Settings { model: model.as_ref(), request: &request };
    let outlook = Outlook::of(outcomes, settings)?;
    step.end(&format!("{} draws", request.draws()));
    if let Some(gaps) = outlook.recent_gaps() {
        say!("remark: {gaps} of the last 12 months are covered by no version of the source");
    }
    if asked.explain {
        let step = Step::begin("explain");
        let table = outlook.explanations(settings)?;
        step.end(&format!("{} rows", table.num_rows()));
        return print(&table, asked.format);
    }
    let case = opened.observatory.case()?;
    let book = opened.observatory.places()?;
    let (places, draws) = outlook.at(asked.unit.into(), &case.country, &book)?;
    if let Some(path) = &asked.out {
        let (column, places) = named(asked.unit, &places, case.views_country_id);
        let table = draws_table(column, &places, outlook.first_month().id(), &draws)?;
        export::write_file(&table, None, path)?;
    }
    print(&summary(&places, outlook.first_month(), &draws)?, asked.format)
}

fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::GedSb => "ged_sb",
        Outcome::GedNs => "ged_ns",
        Outcome::GedOs => "ged_os",
        Outcome::Deaths => "deaths",
    }
}

/// The column that names places in a file of draws, and their identifiers there: the country goes
/// by its number in VIEWS where the case states one.
fn named(unit: UnitName, places: &[Place], views: Option<i32>) -> (&'static str, Vec<Place>) {
    match (unit, views) {
        (UnitName::Country, Some(number)) => {
            let by_number = |place: &Place| Place { id: number.to_string(), ..place.clone() };
            ("country_id", places.iter().map(by_number).collect())
        }
        (UnitName::Priogrid, _) => ("priogrid_gid", places.to_vec()),
        _ => ("place_id", places.to_vec()),
    }
}

/// Mean, chances and quantiles by place and month.
fn summary(places: &[Place], first: Month, draws: &Draws) -> Result<Table> {
    let cells = || (0..draws.places()).flat_map(|p| (0..draws.steps()).map(move |s| (p, s)));
    let sorted: Vec<Vec<u32>> = cells()
        .map(|(place, step)| {
            let mut cell = draws.cell(place, step).to_vec();
            cell.sort_unstable();
            cell
        })
        .collect();
    let share = |least: u32| -> Vec<f64> {
        let above = |cell: &Vec<u32>| cell.len() - cell.partition_point(|&x| x < least);
        sorted.iter().map(|cell| above(cell) as f64 / cell.len() as f64).collect()
    };
    let mean =
        |cell: &Vec<u32>| cell.iter().map(|&x| f64::from(x)).sum::<f64>() / cell.len() as f64;
    let month = |step: usize| first.plus(step as i32);
    let mut columns = Columns::default()
        .text("place_id", cells().map(|(place, _)| Some(&places[place].id)))
        .text("place", cells().map(|(place, _)| Some(&places[place].name)))
        .int32("month_id", cells().map(|(_, step)| month(step).id()).collect::<Vec<_>>())
        .text("month", cells().map(|(_, step)| Some(month(step).to_string())))
        .float64("mean", sorted.iter().map(mean).collect::<Vec<_>>())
        .float64("probability_1", share(1))
        .float64("probability_25", share(25));
    for percent in SHOWN_PERCENT {
        let of = |cell: &Vec<u32>| i64::from(quantile(cell, percent));
        let values: Vec<i64> = sorted.iter().map(of).collect();
        columns = columns.int64(&format!("quantile_{percent:02}"), values);
    }
    Ok(columns.finish()?)
}

/// The smallest draw that at least `percent` of the draws do not exceed.
fn quantile(sorted: &[u32], percent: u32) -> u32 {
    let at = (sorted.len() * percent as usize).div_ceil(100).max(1) - 1;
    sorted[at.min(sorted.len() - 1)]
}
