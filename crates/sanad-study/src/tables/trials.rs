//! How models did on past years, month by month.

use std::collections::BTreeMap;

use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::trials::CountryScore;

/// A row for each model, origin and step. Each of `notes` becomes a column that says the same in every row.
///
/// # Errors
///
/// None that a caller could cause.
pub fn trial_table(scores: &[CountryScore], notes: BTreeMap<String, String>) -> Result<Table> {
    let rows: Vec<_> = scores.iter().flat_map(|score| &score.rows).collect();
    let table = Columns::default()
        .text("model", rows.iter().map(|row| Some(&row.model)))
        .text("origin", rows.iter().map(|row| Some(row.origin.to_string())))
        .int64("step", rows.iter().map(|row| i64::from(row.step)).collect::<Vec<_>>())
        .float64("crps", rows.iter().map(|row| row.crps).collect::<Vec<_>>())
        .float64("log1p_crps", rows.iter().map(|row| row.log1p_crps).collect::<Vec<_>>())
        .text("inside_90", rows.iter().map(|row| Some(row.is_inside.to_string())));
    let noted = notes.into_iter().fold(table, |table, (name, note)| {
        table.text(&name, std::iter::repeat_n(Some(note), rows.len()))
    });
    Ok(noted.finish()?)
}
