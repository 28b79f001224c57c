//! What further series save of a forecast's error, by origin.

use std::collections::BTreeMap;

use sanad_core::Month;
use sanad_forecast::Panel;
use sanad_forecast::score::{Metric, ScoreTable};
use sanad_store::{Columns, Table};

use crate::error::Result;

/// Mean scores of each front by origin, beside those of the history alone.
///
/// The first of `panels`, and of the scores in `done`, is the history alone. Each of `notes` becomes a
/// column that says the same in every row.
///
/// # Errors
///
/// None that a caller could cause.
pub fn ablation_table(
    panels: &[(String, Panel)],
    done: &[ScoreTable],
    notes: BTreeMap<String, String>,
) -> Result<Table> {
    let alone = &done[0];
    let mut rows = Vec::new();
    for ((front, panel), with) in panels.iter().zip(done).skip(1) {
        for origin in alone.origins() {
            let [alone, with] = [alone, with].map(|it| it.filter(|row| row.origin == origin));
            let month = Month::from_id(panel.month_id(0) + origin as i32);
            let scores = [&alone, &with].map(|it| it.mean(Metric::Crps));
            rows.push((front.clone(), month.to_string(), alone.rows().len() as i64, scores));
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
