//! `sanad levels`.

use sanad_store::{Columns, Observatory, Table};

use crate::args::{LevelTable, Levels};
use crate::command::{check_ending, print, save, subject};
use crate::error::Result;
use crate::progress::Terminal;
use crate::report::say;
use sanad_study::gap::{GapTrialRequest, forecast_after_gap, gap_trial};
use sanad_study::levels::{Count, LevelsRequest, LevelsResult, levels};
use sanad_study::scoring;

pub(crate) fn run(options: &Levels, threads: usize) -> Result<()> {
    options.out.as_deref().map_or(Ok(()), check_ending)?;
    let opened = subject::open(&options.subject)?;
    let request = LevelsRequest { from: options.from, to: options.to };
    let found = || -> Result<LevelsResult> { Ok(levels(&opened.observatory, &request, threads)?) };
    let table = match options.table {
        LevelTable::Stretches => stretches(&found()?),
        LevelTable::Months => months(&found()?),
        LevelTable::Theatres => theatres(&found()?),
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
    let (request, progress) = (GapTrialRequest::default(), Terminal::default());
    let is_better = gap_trial(observatory, &request, threads, &progress)?.is_better;
    let found = match is_better {
        true => forecast_after_gap(observatory, &request, threads, &progress)?,
        false => None,
    };
    match &found {
        Some(found) => say!(
            "note: districts are known to {}, theatres to {} ({}); the forecast won its trial (--table gap-trial)",
            found.known_by_district,
            found.known_by_theatre,
            found.source
        ),
        None if is_better => say!("note: there is no gap in which only theatres are known"),
        None => say!(
            "note: the forecast lost its trial (--table gap-trial), so that no district is forecast"
        ),
    }
    Ok(sanad_study::tables::gap_table(&found.map_or_else(Vec::new, |found| found.rows))?)
}

fn stretches(found: &LevelsResult) -> Result<Table> {
    let rows = &found.stretches;
    let date_rule = rows.iter().map(|row| row.date_rule.map(|rule| rule.as_str()));
    Ok(Columns::default()
        .text("level", rows.iter().map(|row| Some(row.level.as_str())))
        .text("from", rows.iter().map(|row| Some(row.months[0].to_string())))
        .text("to", rows.iter().map(|row| Some(row.months[1].to_string())))
        .text("source", rows.iter().map(|row| Some(&row.source)))
        .text("counts_by", date_rule)
        .text("release", rows.iter().map(|row| Some(release(row.is_preliminary))))
        .float64("events", rows.iter().map(|row| row.known.events).collect::<Vec<_>>())
        .float64("deaths_best", rows.iter().map(|row| row.known.deaths).collect::<Vec<_>>())
        .text("what", rows.iter().map(|row| Some(&row.what)))
        .finish()?)
}

/// One row per month; a theatre's two columns are named after it.
fn months(found: &LevelsResult) -> Result<Table> {
    let rows = &found.months;
    let date_rule = rows.iter().map(|row| row.date_rule.map(|rule| rule.as_str()));
    let mut columns = Columns::default()
        .int32("month_id", rows.iter().map(|row| row.month.id()).collect::<Vec<_>>())
        .text("month", rows.iter().map(|row| Some(row.month.to_string())))
        .text("level", rows.iter().map(|row| Some(row.level.as_str())))
        .text("source", rows.iter().map(|row| Some(&row.source)))
        .text("counts_by", date_rule)
        .text("release", rows.iter().map(|row| Some(release(row.is_preliminary))));
    let mut add = |name: &str, counts: Vec<Option<Count>>| {
        let number =
            |of: fn(Count) -> f64| counts.iter().map(|count| count.map(of)).collect::<Vec<_>>();
        columns = std::mem::take(&mut columns)
            .float64(&format!("{name}_events"), number(|count| count.events))
            .float64(&format!("{name}_deaths"), number(|count| count.deaths));
    };
    let all = |of: fn(&sanad_study::levels::MonthAccount) -> Count| {
        rows.iter().map(|row| Some(of(row))).collect::<Vec<_>>()
    };
    add("country", all(|row| row.country));
    add("district", all(|row| row.in_districts));
    add("province_only", all(|row| row.in_provinces_only));
    let theatres: std::collections::BTreeSet<&String> =
        rows.iter().flat_map(|row| row.by_theatre.keys()).collect();
    for theatre in theatres {
        add(theatre, rows.iter().map(|row| row.by_theatre.get(theatre).copied()).collect());
    }
    add("country_only", all(|row| row.country_only));
    add("abroad", all(|row| row.abroad));
    Ok(columns.finish()?)
}

fn theatres(found: &LevelsResult) -> Result<Table> {
    let rows = &found.hit_rates;
    let share = |at: usize| rows.iter().map(move |row| row.share[at]).collect::<Vec<_>>();
    Ok(Columns::default()
        .text("theatre", rows.iter().map(|row| Some(&row.theatre)))
        .text("title", rows.iter().map(|row| Some(&row.title)))
        .text("from", rows.iter().map(|row| Some(row.months[0].to_string())))
        .text("to", rows.iter().map(|row| Some(row.months[1].to_string())))
        .float64("events_in_theatre", rows.iter().map(|row| row.events[0]).collect::<Vec<_>>())
        .float64("events", rows.iter().map(|row| row.events[1]).collect::<Vec<_>>())
        .float64("share", share(1))
        .float64("low", share(0))
        .float64("high", share(2))
        .finish()?)
}

const fn release(is_preliminary: bool) -> &'static str {
    if is_preliminary { "preliminary" } else { "final" }
}
