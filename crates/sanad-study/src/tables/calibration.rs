//! What a fit of the model reproduces.

use sanad_store::{Columns, Table};

use crate::calibration::Check;
use crate::error::Result;

/// One row per place, series and year: what was recorded beside the bands of the fitted members.
/// `within` says in which band the record lies: "80 %", "95 %" or "neither". `judgement_share` and
/// `ensemble` stand in every row, so that no number goes without what it rests on.
///
/// # Errors
///
/// None that a caller could cause.
pub fn check_table(checks: &[Check]) -> Result<Table> {
    let number =
        |of: &dyn Fn(&Check) -> f64| checks.iter().map(|check| Some(of(check))).collect::<Vec<_>>();
    let word = |of: &dyn Fn(&Check) -> &'static str| {
        checks.iter().map(|check| Some(of(check))).collect::<Vec<_>>()
    };
    Ok(Columns::default()
        .text("place", checks.iter().map(|check| Some(&check.place)))
        .text("counted", word(&|row| row.counted.as_str()))
        .int32("year", checks.iter().map(|check| check.year).collect::<Vec<_>>())
        .float64("recorded", number(&|row| row.recorded))
        .float64("median", number(&|row| row.bands[2]))
        .float64("low_80", number(&|row| row.bands[1]))
        .float64("high_80", number(&|row| row.bands[3]))
        .float64("low_95", number(&|row| row.bands[0]))
        .float64("high_95", number(&|row| row.bands[4]))
        .text(
            "within",
            word(&|row| match (row.inside_80(), row.inside_95()) {
                (true, _) => "80 %",
                (false, true) => "95 %",
                (false, false) => "neither",
            }),
        )
        .float64(
            "below_last_fitted",
            checks.iter().map(|check| check.below_fitted).collect::<Vec<_>>(),
        )
        .float64(
            "above_year_before",
            checks.iter().map(|check| check.above_before).collect::<Vec<_>>(),
        )
        .text("fitted", word(&|row| if row.fitted { "yes" } else { "no" }))
        .float64("width_95", number(&|row| row.bands[4] - row.bands[0]))
        .float64("judgement_share", number(&|row| row.evidence.judgement_share))
        .text("ensemble", word(&|row| row.evidence.ensemble()))
        .finish()?)
}
