//! `sanad-desk score`: how good warnings were, from public tables alone.

use std::path::PathBuf;

use super::{in_words, read};
use crate::score::{
    DeathRecord, ForecastAlarms, ReleasedWarnings, ScoreRules, score, score_forecast,
    scores_in_words,
};

/// What is compared with what.
#[derive(clap::Args)]
pub(super) struct ScoreArguments {
    /// What the desk released: counts.csv.
    counts: PathBuf,
    /// What happened: a table with the columns district, month and deaths.
    record: PathBuf,
    /// A body that receives warnings alone, so that its whole counts are counts of warnings. May be
    /// repeated.
    #[arg(long = "warnings-at", value_name = "BODY")]
    receiving: Vec<String>,
    /// Deaths of a month from which on it counts as an onset after quiet months.
    #[arg(long, value_name = "DEATHS", default_value_t = 5)]
    least: u64,
    /// A forecast to compare with: a table with the columns district, made, month and chance.
    #[arg(long, value_name = "FILE", requires = "alarm")]
    forecast: Option<PathBuf>,
    /// The chance of as many deaths from which on the forecast counts as an alarm.
    #[arg(long, value_name = "CHANCE", requires = "forecast")]
    alarm: Option<f64>,
    /// Months after a quarter in which an onset bears its warnings out.
    #[arg(long, value_name = "MONTHS", default_value_t = 6, value_parser = clap::value_parser!(i32).range(1..=60))]
    horizon: i32,
}

pub(super) fn scored(arguments: &ScoreArguments) -> Result<String, String> {
    let ScoreArguments { counts, record, receiving, least, forecast, alarm, horizon } = arguments;
    let receiving = receiving.iter().cloned().collect();
    let warnings = ReleasedWarnings::read(&read(counts)?, &receiving).map_err(in_words)?;
    let record = DeathRecord::read(&read(record)?).map_err(in_words)?;
    let rules = ScoreRules { least_deaths: *least, horizon_months: *horizon };
    let scores = score(&warnings, &record, rules);
    let forecast = match forecast.as_ref().zip(*alarm) {
        None => None,
        Some((path, alarm)) => {
            let alarms = ForecastAlarms::read(&read(path)?, rules, alarm).map_err(in_words)?;
            Some(score_forecast(&alarms, &warnings, &record, rules))
        }
    };
    Ok(scores_in_words(&scores, forecast.as_ref(), rules, warnings.is_invented))
}
