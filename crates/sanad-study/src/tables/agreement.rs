//! Agreement of coders.

use sanad_evidence::statements::agreement::Agreement;
use sanad_store::{Columns, Table};

use crate::agreement::AgreementLine;
use crate::error::Result;

/// A row for each column of codes and distance; where alpha is not defined, the note says why.
/// `units` are those with two codings or more, `codings` the codings in them; `low_90` and
/// `high_90` are the ends of the interval, whatever its level.
///
/// # Errors
///
/// None that a caller could cause.
pub fn agreement_table(rows: &[AgreementLine]) -> Result<Table> {
    let number = |of: fn(&Agreement) -> f64| {
        rows.iter().map(|row| row.agreement.as_ref().ok().map(of)).collect::<Vec<_>>()
    };
    let whole = |of: fn(&Agreement) -> usize| {
        rows.iter()
            .map(|row| row.agreement.as_ref().ok().map(|agreement| of(agreement) as i64))
            .collect::<Vec<_>>()
    };
    Ok(Columns::default()
        .text("column", rows.iter().map(|row| Some(&row.column)))
        .text("distance", rows.iter().map(|row| Some(row.distance)))
        .float64("alpha", number(|row| row.alpha))
        .float64("low_90", number(|row| row.low))
        .float64("high_90", number(|row| row.high))
        .int64("units", whole(|row| row.units))
        .int64("codings", whole(|row| row.codes))
        .text("note", rows.iter().map(|row| row.agreement.as_ref().err().map(ToString::to_string)))
        .finish()?)
}
