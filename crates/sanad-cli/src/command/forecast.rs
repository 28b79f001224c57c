//! `sanad forecast`.

use sanad_forecast::{Request, sanad};
use sanad_store::export;

use crate::args::{self, ScoredOutcome};
use crate::command::{check_ending, print, subject};
use crate::error::{Error, Result};
use crate::progress::{Step, Terminal};
use sanad_study::outcome::Target;
use sanad_study::outlook::{Outlook, OutlookRequest, Settings};

pub(crate) fn run(options: &args::Forecast, threads: usize) -> Result<()> {
    options.out.as_deref().map_or(Ok(()), check_ending)?;
    let model = sanad::by_name(&options.model).ok_or_else(|| Error::Option {
        option: "--model",
        found: options.model.clone(),
        expected: "the name of one model, such as sanad; sanad help backtest lists them",
    })?;
    let request = Request::new(options.steps.steps(), options.draws, options.seed)?;
    let settings = Settings { model: model.as_ref(), request: &request };
    let opened = subject::open(&options.subject)?;
    let asked = OutlookRequest {
        unit: options.unit.into(),
        target: Target::by_name(name(options.target))?,
        as_of: options.as_of,
        settings,
    };
    let progress = Terminal::default();
    let outlook = Outlook::of_observatory(&opened.observatory, &asked, threads, &progress)?;
    if options.explain {
        let step = Step::begin("explain");
        let table = outlook.explanations(settings)?;
        step.end(&format!("{} rows", table.num_rows()));
        return print(&table, options.format);
    }
    let forecast = outlook.by_unit(asked.unit, &opened.observatory)?;
    if let Some(path) = &options.out {
        export::write_file(&forecast.draw_table()?, None, path)?;
    }
    print(&forecast.summary()?, options.format)
}

fn name(outcome: ScoredOutcome) -> &'static str {
    match outcome {
        ScoredOutcome::GedSb => "ged_sb",
        ScoredOutcome::GedNs => "ged_ns",
        ScoredOutcome::GedOs => "ged_os",
        ScoredOutcome::Deaths => "deaths",
    }
}
