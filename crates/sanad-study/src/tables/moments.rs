//! Links between kinds of event whose moments are known.

use sanad_core::Estimate;
use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::moments::{MomentLink, MomentsFit};

/// A row for each link; ends of intervals that are not known are missing. Half-lives are in the
/// unit of the moments.
///
/// # Errors
///
/// None that a caller could cause.
pub fn moments_table(found: &MomentsFit) -> Result<Table> {
    let rows = &found.links;
    let number = |of: &dyn Fn(&MomentLink) -> f64| -> Vec<Option<f64>> {
        rows.iter().map(|row| Some(of(row)).filter(|value| value.is_finite())).collect()
    };
    let three = |columns: Columns, name: &str, of: fn(&MomentLink) -> Estimate| {
        columns
            .float64(name, number(&|row| of(row).value))
            .float64(&format!("{name}_low"), number(&|row| of(row).low))
            .float64(&format!("{name}_high"), number(&|row| of(row).high))
    };
    let columns = Columns::default()
        .text("from", rows.iter().map(|row| Some(&row.from)))
        .text("to", rows.iter().map(|row| Some(&row.to)));
    let columns = three(columns, "branching", |row| row.branching);
    Ok(three(columns, "half_life", |row| row.half_life).finish()?)
}
