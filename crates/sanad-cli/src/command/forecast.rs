//! `sanad forecast`.

use sanad_core::Month;
use sanad_forecast::{Request, sanad};
use sanad_store::export;

use crate::args::{self, Outcome, UnitName};
use crate::command::{check_ending, print, subject};
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report::say;
use sanad_study::outcome::{Place, Target, draws_table, finest_unit, of_observatory};
use sanad_study::outlook::{Outlook, Settings};
use sanad_study::tables::forecast_table;

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
    print(&forecast_table(&places, outlook.first_month(), &draws)?, asked.format)
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
