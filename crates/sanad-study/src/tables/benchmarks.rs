//! Commitments and steps.

use sanad_store::{Columns, Table};

use crate::benchmarks::Standing;
use crate::error::Result;

/// One row per benchmark: where it stands, its first and last reading, its target and date. Values
/// are in `unit`; `on_track` is a chance from 0 to 1. Records are joined by blanks.
///
/// # Errors
///
/// None that a caller could cause.
pub fn benchmark_table(found: &[Standing]) -> Result<Table> {
    let text = |of: &dyn Fn(&Standing) -> Option<String>| found.iter().map(of).collect::<Vec<_>>();
    let number = |of: &dyn Fn(&Standing) -> Option<f64>| found.iter().map(of).collect::<Vec<_>>();
    Ok(Columns::default()
        .text("benchmark", text(&|row| Some(row.declared.id.clone())))
        .text("status", text(&|row| Some(row.status.as_str().to_owned())))
        .text("title", text(&|row| Some(row.declared.title.clone())))
        .text("indicator", text(&|row| Some(row.declared.indicator.clone())))
        .text("unit", text(&|row| Some(row.declared.unit.clone())))
        .text("baseline_month", text(&|row| row.baseline.map(|(month, _)| month.to_string())))
        .float64("baseline", number(&|row| row.baseline.map(|(_, value)| value)))
        .text("last_month", text(&|row| row.last.map(|(month, _)| month.to_string())))
        .float64("last", number(&|row| row.last.map(|(_, value)| value)))
        .float64("last_at_most", number(&|row| row.at_most))
        .float64("target", number(&|row| Some(row.declared.target)))
        .text("due", text(&|row| row.declared.due.map(|due| due.to_string())))
        .text("due_set_by", text(&|row| row.declared.due_set_by.map(|by| by.as_str().to_owned())))
        .float64("on_track", number(&|row| row.on_track))
        .text("records", text(&|row| Some(row.declared.records.join(" "))))
        .text("needs", text(&|row| row.declared.needs.clone()))
        .finish()?)
}
