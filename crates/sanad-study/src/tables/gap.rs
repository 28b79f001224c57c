//! Districts forecast after a gap.

use std::collections::BTreeMap;

use sanad_case::gap_forecast::GapDistrict;
use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::gap::DistrictMonth;

/// One row per district and month: deaths as mean and central 90 % of the draws, the chance of a death,
/// and, where the month is known by district, what was recorded and both scores.
///
/// # Errors
///
/// None that a caller could cause.
pub fn gap_table(rows: &[DistrictMonth]) -> Result<Table> {
    let number = |of: fn(&DistrictMonth) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let score =
        |which: usize| rows.iter().map(|row| Some(row.crps?[which])).collect::<Vec<Option<f64>>>();
    Ok(Columns::default()
        .text("place_id", rows.iter().map(|row| Some(&row.place_id)))
        .text("place", rows.iter().map(|row| Some(&row.place)))
        .text("theatre", rows.iter().map(|row| Some(&row.theatre)))
        .text("month", rows.iter().map(|row| Some(row.month.to_string())))
        .float64("mean", number(|row| row.mean))
        .float64("low_90", number(|row| row.interval[0]))
        .float64("high_90", number(|row| row.interval[1]))
        .float64("chance_any", number(|row| row.chance_any))
        .float64("recorded", rows.iter().map(|row| row.recorded).collect::<Vec<_>>())
        .float64("crps", score(0))
        .float64("crps_own_last_12", score(1))
        .finish()?)
}

/// One row per district over all months forecast: the chance of a death, and deaths as mean and central 90 % of
/// the draws. Each of `notes` becomes a column that says the same in every row.
///
/// # Errors
///
/// None that a caller could cause.
pub fn gap_forecast_table(rows: &[GapDistrict], notes: BTreeMap<String, String>) -> Result<Table> {
    let number = |of: fn(&GapDistrict) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let table = Columns::default()
        .text("place_id", rows.iter().map(|row| Some(&row.place_id)))
        .text("place", rows.iter().map(|row| Some(&row.place)))
        .text("theatre", rows.iter().map(|row| Some(&row.theatre)))
        .text("from", rows.iter().map(|row| Some(row.months[0].to_string())))
        .text("to", rows.iter().map(|row| Some(row.months[1].to_string())))
        .float64("chance_any", number(|row| row.chance_any))
        .float64("mean", number(|row| row.deaths.value))
        .float64("low_90", number(|row| row.deaths.low))
        .float64("high_90", number(|row| row.deaths.high));
    let noted = notes.into_iter().fold(table, |table, (name, note)| {
        table.text(&name, std::iter::repeat_n(Some(note), rows.len()))
    });
    Ok(noted.finish()?)
}
