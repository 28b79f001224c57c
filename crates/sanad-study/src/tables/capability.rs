//! What organisations did by month, by what means, and when they tied themselves to each other.

use sanad_core::Estimate;
use sanad_store::{Columns, Table};

use crate::capability::{CapabilityMonth, DatedTie};
use crate::error::Result;
use crate::means::MeansRow;

/// One row per organisation and month.
///
/// # Errors
///
/// None that a caller could cause.
pub fn capability_table(rows: &[CapabilityMonth]) -> Result<Table> {
    let number = |of: &dyn Fn(&CapabilityMonth) -> Option<f64>| {
        rows.iter().map(of).collect::<Vec<Option<f64>>>()
    };
    let whole = |of: fn(&CapabilityMonth) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    let ranged =
        |columns: Columns, name: &str, of: &dyn Fn(&CapabilityMonth) -> Option<Estimate>| {
            columns
                .float64(name, number(&|row| Some(of(row)?.value)))
                .float64(&format!("{name}_low"), number(&|row| Some(of(row)?.low)))
                .float64(&format!("{name}_high"), number(&|row| Some(of(row)?.high)))
        };
    let columns = Columns::default()
        .text("organisation", rows.iter().map(|row| Some(&row.organisation)))
        .text("name", rows.iter().map(|row| Some(&row.name)))
        .text("month", rows.iter().map(|row| Some(row.month.to_string())));
    let columns = ranged(columns, "attacks", &|it| Some(it.attacks))
        .int64("not_told_apart", whole(|row| row.not_told_apart))
        .float64("share_told", number(&|row| row.share_told))
        .int64("districts", whole(|row| row.districts))
        .int64("days_in_several_districts", whole(|row| row.days_in_several))
        .float64("such_days_by_chance", number(&|row| Some(row.days_by_chance.0)))
        .float64("such_days_by_chance_high", number(&|row| Some(row.days_by_chance.1)));
    let columns = ranged(columns, "deaths_per_attack", &|it| it.deaths_per_attack);
    let columns = ranged(columns, "share_on_state", &|it| it.share_on_state);
    let on_civilians =
        |capability_month: &CapabilityMonth| Some(1.0 - capability_month.share_on_state?.value);
    Ok(columns.float64("share_on_civilians", number(&on_civilians)).finish()?)
}

/// One row per dated tie between organisations.
///
/// # Errors
///
/// None that a caller could cause.
pub fn dated_tie_table(rows: &[DatedTie]) -> Result<Table> {
    Ok(Columns::default()
        .text("month", rows.iter().map(|row| Some(row.month.to_string())))
        .text("kind", rows.iter().map(|row| Some(&row.kind)))
        .text("first", rows.iter().map(|row| Some(&row.organisations[0])))
        .text("second", rows.iter().map(|row| Some(&row.organisations[1])))
        .finish()?)
}

/// One row per organisation, span of months, source and means of attack, with the events of which none is
/// coded; a row without means where none is coded for any.
///
/// # Errors
///
/// None that a caller could cause.
pub fn means_table(rows: &[MeansRow]) -> Result<Table> {
    let whole = |of: fn(&MeansRow) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    Ok(Columns::default()
        .text("organisation", rows.iter().map(|row| row.organisation.as_ref()))
        .text("name", rows.iter().map(|row| row.name.as_ref()))
        .text("from", rows.iter().map(|row| Some(row.months[0].to_string())))
        .text("to", rows.iter().map(|row| Some(row.months[1].to_string())))
        .text("source", rows.iter().map(|row| Some(&row.source)))
        .text("means", rows.iter().map(|row| row.means.map(|means| means.as_str())))
        .int64("with_means", whole(|row| row.with_means))
        .int64("events", whole(|row| row.events))
        .int64("not_coded", whole(|row| row.not_coded))
        .finish()?)
}
