//! Runs of a model.

use sanad_scenario::Results;
use sanad_store::{Columns, Table};

use crate::error::Result;

/// One column per output, a row per member and saved time.
///
/// Only the first `members` are shown, and are `numbered` in a column of their own. Members are
/// numbered from 0.
///
/// # Errors
///
/// None that a caller could cause.
pub fn path_table(results: &Results, members: usize, numbered: bool) -> Result<Table> {
    let rows = || (0..members).flat_map(|m| (0..results.times().len()).map(move |s| (m, s)));
    let mut columns = Columns::default();
    if numbered {
        columns = columns.int64("member", rows().map(|(m, _)| m as i64).collect::<Vec<_>>());
    }
    columns = columns.float64("time", rows().map(|(_, s)| results.times()[s]).collect::<Vec<_>>());
    for (output, name) in results.outputs().iter().enumerate() {
        let values: Vec<f64> = rows().map(|(m, s)| results.value(m, output, s)).collect();
        columns = columns.float64(name, values);
    }
    Ok(columns.finish()?)
}

/// A row per output, saved time and quantile, with the members whose value is no number.
///
/// `shares` are the quantiles, 0 to 1. Quantiles are over the members that have a value.
///
/// # Errors
///
/// None that a caller could cause.
pub fn quantile_table(results: &Results, shares: &[f64]) -> Result<Table> {
    let found = results.quantiles(shares);
    let rows = || {
        let outputs = 0..results.outputs().len();
        outputs.flat_map(|o| {
            (0..results.times().len()).flat_map(move |s| (0..shares.len()).map(move |q| (o, s, q)))
        })
    };
    let times: Vec<f64> = rows().map(|(_, s, _)| results.times()[s]).collect();
    let missing: Vec<i64> = rows().map(|(o, s, _)| found.missing(o, s) as i64).collect();
    Ok(Columns::default()
        .text("variable", rows().map(|(o, ..)| Some(&results.outputs()[o])))
        .float64("time", times)
        .float64("quantile", rows().map(|(.., q)| shares[q]).collect::<Vec<_>>())
        .float64("value", rows().map(|(o, s, q)| found.at(o, s)[q]).collect::<Vec<_>>())
        .int64("members_without_value", missing)
        .finish()?)
}
