//! Measures of the narrative front.

use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::narrative::NarrativeMeasure;

/// One row per measure of statements, with its 90 % interval and what chance alone would give.
///
/// # Errors
///
/// None that a caller could cause.
pub fn narrative_table(rows: &[NarrativeMeasure]) -> Result<Table> {
    let end = |at: usize| rows.iter().map(move |row| row.months.map(|m| m[at].to_string()));
    let ends = |at: usize| rows.iter().map(|row| row.interval.map(|i| i[at])).collect::<Vec<_>>();
    Ok(Columns::default()
        .text("measure", rows.iter().map(|row| Some(&row.measure)))
        .text("organisation", rows.iter().map(|row| Some(&row.organisation)))
        .text("about", rows.iter().map(|row| Some(&row.about).filter(|about| !about.is_empty())))
        .text("from", end(0))
        .text("to", end(1))
        .float64("value", rows.iter().map(|row| row.value).collect::<Vec<_>>())
        .float64("low_90", ends(0))
        .float64("high_90", ends(1))
        .float64("by_chance", rows.iter().map(|row| row.by_chance).collect::<Vec<_>>())
        .float64("p_value", rows.iter().map(|row| row.p_value).collect::<Vec<_>>())
        .int64("number", rows.iter().map(|row| row.number as i64).collect::<Vec<_>>())
        .text("note", rows.iter().map(|row| Some(&row.note).filter(|note| !note.is_empty())))
        .finish()?)
}
