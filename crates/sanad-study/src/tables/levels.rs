//! At which level months are known.

use std::collections::BTreeSet;

use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::levels::{Count, LevelsResult, MonthAccount};

/// What each release knows, at which level and since when: a row per stretch of months.
///
/// # Errors
///
/// None that a caller could cause.
pub fn stretch_table(found: &LevelsResult) -> Result<Table> {
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

/// Every month taken apart by the level at which its events are known: one row per month; a theatre's two
/// columns are named after it.
///
/// # Errors
///
/// None that a caller could cause.
pub fn level_month_table(found: &LevelsResult) -> Result<Table> {
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
    let all =
        |of: fn(&MonthAccount) -> Count| rows.iter().map(|row| Some(of(row))).collect::<Vec<_>>();
    add("country", all(|row| row.country));
    add("district", all(|row| row.in_districts));
    add("province_only", all(|row| row.in_provinces_only));
    let theatres: BTreeSet<&String> = rows.iter().flat_map(|row| row.by_theatre.keys()).collect();
    for theatre in theatres {
        add(theatre, rows.iter().map(|row| row.by_theatre.get(theatre).copied()).collect());
    }
    add("country_only", all(|row| row.country_only));
    add("abroad", all(|row| row.abroad));
    Ok(columns.finish()?)
}

/// How often a conflict's name gives the theatre where its events happened, with the interval of that share.
///
/// # Errors
///
/// None that a caller could cause.
pub fn hit_rate_table(found: &LevelsResult) -> Result<Table> {
    let rows = &found.hit_rates;
    let share = |end: usize| rows.iter().map(move |row| row.share[end]).collect::<Vec<_>>();
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
