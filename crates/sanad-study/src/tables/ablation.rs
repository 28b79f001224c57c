//! What further series save of a forecast's error, by origin.

use std::collections::BTreeMap;

use sanad_core::Month;
use sanad_forecast::score::Metric;
use sanad_store::{Columns, Table};

use crate::ablation::Ablated;
use crate::error::Result;

/// Mean scores of each front by origin, beside those of the history alone.
///
/// Each of `notes` becomes a column that says the same in every row. `origin` is the last month
/// that the forecast saw; scores are mean CRPS over the cells of the window.
///
/// # Errors
///
/// None that a caller could cause.
pub fn ablation_table(ablated: &Ablated, notes: BTreeMap<String, String>) -> Result<Table> {
    let mut rows = Vec::new();
    let (alone, fronts) = match ablated.scores.split_first() {
        Some(((_, alone), fronts)) => (alone, fronts),
        None => return Ok(Columns::default().finish()?),
    };
    for (front, with) in fronts {
        for origin in alone.origins() {
            let of_origin = [alone, with].map(|table| table.filter(|row| row.origin == origin));
            let month = Month::from_id(ablated.first_month_id + origin as i32);
            let scores = of_origin.each_ref().map(|table| table.mean(Metric::Crps));
            let cells = of_origin[0].rows().len() as i64;
            rows.push((front.clone(), month.to_string(), cells, scores));
        }
    }
    let table = Columns::default()
        .text("front", rows.iter().map(|row| Some(&row.0)))
        .text("origin", rows.iter().map(|row| Some(&row.1)))
        .int64("cells", rows.iter().map(|row| row.2).collect::<Vec<_>>())
        .float64("crps_alone", rows.iter().map(|row| row.3[0]).collect::<Vec<_>>())
        .float64("crps_with", rows.iter().map(|row| row.3[1]).collect::<Vec<_>>());
    let noted = notes.into_iter().fold(table, |table, (name, note)| {
        table.text(&name, std::iter::repeat_n(Some(note), rows.len()))
    });
    Ok(noted.finish()?)
}
