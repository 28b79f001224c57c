//! `sanad levels`.

use sanad_store::{Observatory, Table};

use crate::args::{LevelTable, Levels};
use crate::command::{check_ending, print, save, subject};
use crate::error::Result;
use crate::progress::Terminal;
use crate::report::say;
use sanad_study::gap::{GapTrialRequest, gap_trial, tried_forecast};
use sanad_study::levels::{LevelsRequest, LevelsResult, levels};
use sanad_study::{scoring, tables};

pub(crate) fn run(options: &Levels, threads: usize) -> Result<()> {
    options.out.as_deref().map_or(Ok(()), check_ending)?;
    let opened = subject::open(&options.subject)?;
    let request = LevelsRequest { from: options.from, to: options.to };
    let found = || -> Result<LevelsResult> { Ok(levels(&opened.observatory, &request, threads)?) };
    let table = match options.table {
        LevelTable::Stretches => Ok(tables::stretch_table(&found()?)?),
        LevelTable::Months => Ok(tables::level_month_table(&found()?)?),
        LevelTable::Theatres => Ok(tables::hit_rate_table(&found()?)?),
        LevelTable::GapTrial => trial_across_a_gap(&opened.observatory, threads),
        LevelTable::GapForecast => districts_after_a_gap(&opened.observatory, threads),
    }?;
    match &options.out {
        Some(path) => save(&table, options.format, path),
        None => print(&table, options.format),
    }
}

fn trial_across_a_gap(observatory: &Observatory, threads: usize) -> Result<Table> {
    let found = gap_trial(observatory, &GapTrialRequest::default(), threads, &Terminal::default())?;
    let verdict = if found.is_better { "better than" } else { "not better than" };
    say!("note: by the rule set beforehand the forecast is {verdict} the last known months");
    Ok(scoring::table(&found.lines)?)
}

/// Districts after a gap; no row where the forecast lost its trial or there is no gap.
fn districts_after_a_gap(observatory: &Observatory, threads: usize) -> Result<Table> {
    let request = GapTrialRequest::default();
    let found = tried_forecast(observatory, &request, threads, &Terminal::default())?;
    Ok(tables::gap_table(&found.map_or_else(Vec::new, |found| found.rows))?)
}
