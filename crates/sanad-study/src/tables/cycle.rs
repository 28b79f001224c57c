//! What a fit of the cycle found: links, kinds, smaller models, and the cycle as a whole.

use sanad_cycle::discrete::{Mixing, ModelScore};
use sanad_store::{Columns, Table};

use crate::cycle::{CycleStudy, LinkRow, WholeRow};
use crate::error::{Error, Result};

/// One row per ordered pair of kinds and model: how many events of the second one of the first brings.
///
/// # Errors
///
/// None that a caller could cause.
pub fn link_table(study: &CycleStudy) -> Result<Table> {
    let links: Vec<&LinkRow> = study.links.iter().collect();
    Ok(link_columns(Columns::default(), &links).finish()?)
}

/// The links again, for every share of the dead that the case explores between its kinds. `share`
/// is that of side B among the dead from which an event counts as an operation. Without rows where
/// no share was explored.
///
/// # Errors
///
/// None that a caller could cause.
pub fn explored_table(study: &CycleStudy) -> Result<Table> {
    let shares: Vec<f64> = study.explored.iter().map(|row| row.share).collect();
    let links: Vec<&LinkRow> = study.explored.iter().map(|row| &row.link).collect();
    Ok(link_columns(Columns::default().float64("share", shares), &links).finish()?)
}

/// The columns of a link after those given. Coefficients are events per event, intervals hold 95 %.
fn link_columns(columns: Columns, rows: &[&LinkRow]) -> Columns {
    let text = |of: fn(&LinkRow) -> &str| rows.iter().map(move |row| Some(of(row).to_owned()));
    let whole =
        |of: fn(&LinkRow) -> usize| rows.iter().map(|row| of(row) as i64).collect::<Vec<i64>>();
    let number = |of: &dyn Fn(&LinkRow) -> Option<f64>| {
        rows.iter().map(|row| of(row)).collect::<Vec<Option<f64>>>()
    };
    columns
        .text("model", text(|row| &row.model))
        .text("not_told_apart", text(|row| row.reading.as_str()))
        .text("from", text(|row| &row.from))
        .text("to", text(|row| &row.to))
        .int64("events_from", whole(|row| row.events_from))
        .int64("events_to", whole(|row| row.events_to))
        .float64("branching", number(&|row| row.branching))
        .float64("branching_low", number(&|row| row.low))
        .float64("branching_high", number(&|row| row.high))
        .float64("p_value", number(&|row| row.p_value))
        .float64("half_life_days", number(&|row| row.half_life_days))
        .float64("half_life_days_low", number(&|row| Some(row.half_life_range_days?.0)))
        .float64("half_life_days_high", number(&|row| Some(row.half_life_range_days?.1)))
        .float64("power", number(&|row| row.power))
        .float64("smallest_found", number(&|row| row.smallest_found))
        .float64("information_kept", number(&|row| row.information_kept))
        .text("confounded_with", rows.iter().map(|row| row.confounded_with.clone()))
        .float64("profile_low", number(&|row| Some(row.profile?[0])))
        .float64("profile_branching", number(&|row| Some(row.profile?[1])))
        .float64("profile_high", number(&|row| Some(row.profile?[2])))
        .float64("posterior_low", number(&|row| Some(row.posterior?[0])))
        .float64("posterior_median", number(&|row| Some(row.posterior?[1])))
        .float64("posterior_high", number(&|row| Some(row.posterior?[2])))
        .text("note", rows.iter().map(|row| row.note.clone()))
}

/// One row per kind and model: how many events, and how well the model tells their days.
///
/// # Errors
///
/// None that a caller could cause.
pub fn kind_table(study: &CycleStudy) -> Result<Table> {
    let rows = &study.kinds;
    let fit = |of: fn(&sanad_cycle::KsTest) -> f64| {
        rows.iter().map(|row| row.uniformity.as_ref().map(of)).collect::<Vec<Option<f64>>>()
    };
    Ok(Columns::default()
        .text("model", rows.iter().map(|row| Some(&row.model)))
        .text("not_told_apart", rows.iter().map(|row| Some(row.reading.as_str())))
        .text("kind", rows.iter().map(|row| Some(&row.id)))
        .float64("share_told", rows.iter().map(|row| row.share_told).collect::<Vec<Option<f64>>>())
        .int64("events", rows.iter().map(|row| row.events as i64).collect::<Vec<i64>>())
        .int64(
            "events_of_uncertain_day",
            rows.iter().map(|row| row.events_of_uncertain_day as i64).collect::<Vec<i64>>(),
        )
        .float64(
            "endogenous_share",
            rows.iter().map(|row| row.endogenous_share).collect::<Vec<Option<f64>>>(),
        )
        .float64("count_size", rows.iter().map(|row| row.count_size).collect::<Vec<Option<f64>>>())
        .float64("ks_statistic", fit(|test| test.statistic))
        .float64("ks_p_value", fit(|test| test.p_value))
        .finish()?)
}

/// The model with all links beside those with fewer, with likelihood-ratio tests. Each test is
/// against the model in the row before.
///
/// # Errors
///
/// [`Error::CaseLacks`] where the smaller models could not be fitted.
pub fn model_table(study: &CycleStudy) -> Result<Table> {
    let Some(found) = &study.models else {
        return Err(Error::CaseLacks { missing: "model whose smaller models could be fitted" });
    };
    let scores = [found.none, found.self_only, found.full];
    let tests = [None, Some(found.self_against_none), Some(found.full_against_self)];
    let number = |of: fn(&ModelScore) -> f64| scores.iter().map(of).collect::<Vec<f64>>();
    Ok(Columns::default()
        .text("model", ["no links", "self-excitation", "all links"].map(Some))
        .float64("log_likelihood", number(|row| row.log_likelihood))
        .int64(
            "parameters",
            scores.iter().map(|score| score.parameters as i64).collect::<Vec<i64>>(),
        )
        .float64("aic", number(|row| row.aic))
        .float64("bic", number(|row| row.bic))
        .float64("likelihood_ratio", tests.map(|test| Some(test?.statistic)).to_vec())
        .float64("p_value", tests.map(|test| Some(test?.p_value)).to_vec())
        .finish()?)
}

/// The spectral radius of each model, by each method it was estimated with.
///
/// # Errors
///
/// None that a caller could cause.
pub fn whole_table(study: &CycleStudy) -> Result<Table> {
    let rows = &study.whole;
    let number = |of: fn(&WholeRow) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let mixing = |of: &dyn Fn(&Mixing) -> f64| {
        rows.iter().map(|row| row.mixing.as_ref().map(of)).collect::<Vec<Option<f64>>>()
    };
    let divergences: Vec<Option<i64>> =
        rows.iter().map(|row| Some(i64::from(row.mixing?.divergences))).collect();
    Ok(Columns::default()
        .text("model", rows.iter().map(|row| Some(&row.model)))
        .text("not_told_apart", rows.iter().map(|row| Some(row.reading.as_str())))
        .text("method", rows.iter().map(|row| Some(row.method)))
        .float64("spectral_radius", number(|row| row.spectral_radius))
        .float64("spectral_radius_low", number(|row| row.low))
        .float64("spectral_radius_high", number(|row| row.high))
        .float64("p_above_one", number(|row| row.p_above_one))
        .float64(
            "endogenous_share",
            rows.iter().map(|row| row.endogenous_share).collect::<Vec<Option<f64>>>(),
        )
        .float64("largest_r_hat", mixing(&|row| row.largest_r_hat))
        .float64("effective_draws", mixing(&|row| row.fewest_effective_draws))
        .float64("tail_draws", mixing(&|row| row.fewest_tail_draws))
        .int64("divergences", divergences)
        .finish()?)
}
