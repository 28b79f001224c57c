//! Districts forecast after a gap.

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
