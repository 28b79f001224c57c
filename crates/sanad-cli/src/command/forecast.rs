//! `sanad forecast`.

use sanad_core::Month;
use sanad_forecast::{Request, sanad};
use sanad_store::export;

use crate::args::{self, ScoredOutcome, UnitName};
use crate::command::{check_ending, print, subject};
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report::say;
use sanad_study::outcome::{DrawPlaces, Target, finest_unit, of_observatory};
use sanad_study::outlook::{Outlook, Settings};
use sanad_study::tables::forecast_table;

pub(crate) fn run(options: &args::Forecast, threads: usize) -> Result<()> {
    options.out.as_deref().map_or(Ok(()), check_ending)?;
    let model = sanad::by_name(&options.model).ok_or_else(|| Error::Option {
        option: "--model",
        found: options.model.clone(),
        expected: "the name of one model, such as sanad; sanad help backtest lists them",
    })?;
    let request = Request::new(options.steps.steps(), options.draws, options.seed)?;
    let opened = subject::open(&options.subject)?;
    let step = Step::begin("count deaths by place");
    let target = Target::by_name(name(options.target))?;
    // Provinces and the country are sums of districts, so that all levels agree in every draw.
    let modelled = match options.unit {
        UnitName::Priogrid | UnitName::Adm2 => options.unit.into(),
        _ => finest_unit(&opened.observatory.places()?),
    };
    let outcomes = of_observatory(&opened.observatory, modelled, target, options.as_of, threads)?;
    let last = Month::from_id(outcomes.panel.month_id(outcomes.panel.months() - 1));
    step.end(&format!("{} places, up to {last}", outcomes.places.len()));
    request.check_size(outcomes.places.len(), 1)?;

    let step = Step::begin(format!("forecast with {}", options.model));
    let settings = Settings { model: model.as_ref(), request: &request };
    let outlook = Outlook::from_outcomes(outcomes, settings)?;
    step.end(&format!("{} draws", request.draws()));
    if let Some(gaps) = outlook.recent_gaps() {
        say!("note: {gaps} of the last 12 months are covered by no version of the source");
    }
    if options.explain {
        let step = Step::begin("explain");
        let table = outlook.explanations(settings)?;
        step.end(&format!("{} rows", table.num_rows()));
        return print(&table, options.format);
    }
    let case = opened.observatory.case()?;
    let book = opened.observatory.places()?;
    let (places, draws) = outlook.at(options.unit.into(), &case.country, &book)?;
    if let Some(path) = &options.out {
        let named = DrawPlaces::new(options.unit.into(), places.clone(), case.views_country_id);
        let table = named.table(outlook.first_month().id(), &draws)?;
        export::write_file(&table, None, path)?;
    }
    print(&forecast_table(&places, outlook.first_month(), &draws)?, options.format)
}

fn name(outcome: ScoredOutcome) -> &'static str {
    match outcome {
        ScoredOutcome::GedSb => "ged_sb",
        ScoredOutcome::GedNs => "ged_ns",
        ScoredOutcome::GedOs => "ged_os",
        ScoredOutcome::Deaths => "deaths",
    }
}
