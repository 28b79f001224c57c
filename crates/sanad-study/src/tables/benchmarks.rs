//! Commitments and steps.

use sanad_store::{Columns, Table};

use crate::benchmarks::Standing;
use crate::error::Result;

/// One row per benchmark: where it stands, its first and last reading, its target and date.
///
/// # Errors
///
/// None that a caller could cause.
pub fn benchmark_table(found: &[Standing]) -> Result<Table> {
    let text = |of: &dyn Fn(&Standing) -> Option<String>| found.iter().map(of).collect::<Vec<_>>();
    let number = |of: &dyn Fn(&Standing) -> Option<f64>| found.iter().map(of).collect::<Vec<_>>();
    Ok(Columns::default()
        .text("benchmark", text(&|it| Some(it.declared.id.clone())))
        .text("status", text(&|it| Some(it.status.word().to_owned())))
        .text("title", text(&|it| Some(it.declared.title.clone())))
        .text("indicator", text(&|it| Some(it.declared.indicator.clone())))
        .text("unit", text(&|it| Some(it.declared.unit.clone())))
        .text("baseline_month", text(&|it| it.baseline.map(|(month, _)| month.to_string())))
        .float64("baseline", number(&|it| it.baseline.map(|(_, value)| value)))
        .text("last_month", text(&|it| it.last.map(|(month, _)| month.to_string())))
        .float64("last", number(&|it| it.last.map(|(_, value)| value)))
        .float64("last_at_most", number(&|it| it.at_most))
        .float64("target", number(&|it| Some(it.declared.target)))
        .text("due", text(&|it| it.declared.due.map(|due| due.to_string())))
        .text("due_set_by", text(&|it| it.declared.due_set_by.map(|by| by.word().to_owned())))
        .float64("on_track", number(&|it| it.on_track))
        .text("records", text(&|it| Some(it.declared.records.join(" "))))
        .text("needs", text(&|it| it.declared.needs.clone()))
        .finish()?)
}
