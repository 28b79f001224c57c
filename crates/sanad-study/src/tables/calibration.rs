//! What a fit of the model reproduces.

use sanad_store::{Columns, Table};

use crate::calibration::Check;
use crate::error::Result;

/// One row per place, series and year: what was recorded beside the bands of the fitted members.
///
/// # Errors
///
/// None that a caller could cause.
pub fn check_table(checks: &[Check]) -> Result<Table> {
    let number =
        |of: &dyn Fn(&Check) -> f64| checks.iter().map(|it| Some(of(it))).collect::<Vec<_>>();
    let word = |of: &dyn Fn(&Check) -> &'static str| {
        checks.iter().map(|it| Some(of(it))).collect::<Vec<_>>()
    };
    Ok(Columns::default()
        .text("place", checks.iter().map(|it| Some(&it.place)))
        .text("counted", word(&|it| it.counted.word()))
        .int32("year", checks.iter().map(|it| it.year).collect::<Vec<_>>())
        .float64("recorded", number(&|it| it.recorded))
        .float64("median", number(&|it| it.bands[2]))
        .float64("low_80", number(&|it| it.bands[1]))
        .float64("high_80", number(&|it| it.bands[3]))
        .float64("low_95", number(&|it| it.bands[0]))
        .float64("high_95", number(&|it| it.bands[4]))
        .text(
            "within",
            word(&|it| match (it.inside_80(), it.inside_95()) {
                (true, _) => "80 %",
                (false, true) => "95 %",
                (false, false) => "neither",
            }),
        )
        .float64("below_last_fitted", checks.iter().map(|it| it.below_fitted).collect::<Vec<_>>())
        .float64("above_year_before", checks.iter().map(|it| it.above_before).collect::<Vec<_>>())
        .text("fitted", word(&|it| if it.fitted { "yes" } else { "no" }))
        .float64("width_95", number(&|it| it.bands[4] - it.bands[0]))
        .float64("judgement_share", number(&|it| it.evidence.judgement_share))
        .text("ensemble", word(&|it| it.evidence.ensemble()))
        .finish()?)
}
