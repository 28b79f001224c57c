//! Runs of a model.

use sanad_numbers::{mean, sorted_quantile, variance};
use sanad_scenario::{GradientDraws, Quantiles, Results};
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
/// Quantiles are over the members that have a value.
///
/// # Errors
///
/// None that a caller could cause.
pub fn quantile_table(found: &Quantiles) -> Result<Table> {
    let shares = found.probabilities();
    let rows = || {
        let outputs = 0..found.outputs().len();
        outputs.flat_map(|o| {
            (0..found.times().len()).flat_map(move |s| (0..shares.len()).map(move |q| (o, s, q)))
        })
    };
    let times: Vec<f64> = rows().map(|(_, s, _)| found.times()[s]).collect();
    let missing: Vec<i64> = rows().map(|(o, s, _)| found.missing(o, s) as i64).collect();
    Ok(Columns::default()
        .text("variable", rows().map(|(o, ..)| Some(&found.outputs()[o])))
        .float64("time", times)
        .float64("quantile", rows().map(|(.., q)| shares[q]).collect::<Vec<_>>())
        .float64("value", rows().map(|(o, s, q)| found.at(o, s)[q]).collect::<Vec<_>>())
        .int64("members_without_value", missing)
        .finish()?)
}

/// A row per constant that was learnt: what the draws say of it, and how far they can be relied on.
///
/// Mean, standard deviation and the quantiles named are of the draws that were kept, in the constant's own unit; R̂ and the effective draws
/// are of all draws, those of the tails of the 5 % and 95 % quantiles, and missing for a constant that is fixed. Columns of quantiles are called
/// `quantile_0.5` and so on, in the order of `shares` (0 to 1); one that is named twice is there once.
///
/// # Errors
///
/// None that a caller could cause.
pub fn learnt_table(found: &GradientDraws, shares: &[f64]) -> Result<Table> {
    let paths = &found.paths;
    let sorted = paths.values.iter().map(|values| {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    });
    let sorted: Vec<Vec<f64>> = sorted.collect();
    let known = |values: &[f64]| -> Vec<Option<f64>> {
        values.iter().map(|value| Some(*value).filter(|value| !value.is_nan())).collect()
    };
    let mut columns = Columns::default()
        .text("constant", paths.parameters.iter().map(Some))
        .float64("mean", sorted.iter().map(|values| mean(values)).collect::<Vec<_>>())
        .float64(
            "standard_deviation",
            sorted.iter().map(|values| variance(values).sqrt()).collect::<Vec<_>>(),
        );
    let is_first = |place: &usize| !shares[..*place].contains(&shares[*place]);
    for share in (0..shares.len()).filter(is_first).map(|place| shares[place]) {
        let quantiles = sorted.iter().map(|values| sorted_quantile(values, share));
        columns = columns.float64(&format!("quantile_{share}"), quantiles.collect::<Vec<_>>());
    }
    Ok(columns
        .float64("r_hat", known(&paths.r_hat))
        .float64("effective_draws", known(&found.effective_draws))
        .float64("effective_tail_draws", known(&found.tail_draws))
        .finish()?)
}
