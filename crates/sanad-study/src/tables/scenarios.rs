//! Scenarios compared over the same members.

use sanad_scenario::{Comparison, Influence, ScenarioRow};
use sanad_store::{Columns, Table};

use crate::error::{Error, Result};
use crate::scenarios::Compared;

/// The saved time of a horizon in months after the start.
fn saved(comparison: &Comparison, horizon: u16) -> Result<usize> {
    let times = comparison.times();
    let wanted = times[0] + f64::from(horizon);
    times.iter().position(|time| (time - wanted).abs() < 1e-9).ok_or_else(|| Error::Request {
        field: "horizon",
        found: horizon.to_string(),
        expected: "months after the start within the model's span",
    })
}

/// One row per outcome, horizon and scenario. Each says what it rests on: the rows cannot be had
/// without it. Values are in the unit of the outcome's variable; `month` is the model's time. The
/// baseline differs from itself by 0, and its chance to be better than itself is null.
///
/// # Errors
///
/// [`Error::Request`] for a horizon beyond the run.
pub fn scenario_table(compared: &Compared<'_>, horizons: &[u16]) -> Result<Table> {
    let mut rows: Vec<(&str, ScenarioRow)> = Vec::new();
    for (outcome, comparison) in &compared.outcomes {
        for horizon in horizons {
            let at = comparison.at(saved(comparison, *horizon)?);
            rows.extend(at.into_iter().map(|row| (outcome.variable.as_str(), row)));
        }
    }
    let number = |of: &dyn Fn(&ScenarioRow) -> f64| {
        let value = |(_, row): &(&str, ScenarioRow)| Some(of(row)).filter(|it| !it.is_nan());
        rows.iter().map(value).collect::<Vec<Option<f64>>>()
    };
    let id = |row: &ScenarioRow| Some(compared.scenarios[row.scenario].id.as_str());
    Ok(Columns::default()
        .text("outcome", rows.iter().map(|(outcome, _)| Some(*outcome)))
        .float64("month", number(&|row| row.time))
        .text("scenario", rows.iter().map(|(_, row)| id(row)))
        .float64("median", number(&|row| row.bands[3]))
        .float64("low_50", number(&|row| row.bands[2]))
        .float64("high_50", number(&|row| row.bands[4]))
        .float64("low_80", number(&|row| row.bands[1]))
        .float64("high_80", number(&|row| row.bands[5]))
        .float64("low_95", number(&|row| row.bands[0]))
        .float64("high_95", number(&|row| row.bands[6]))
        .float64("difference", number(&|row| row.difference[1]))
        .float64("difference_low_95", number(&|row| row.difference[0]))
        .float64("difference_high_95", number(&|row| row.difference[2]))
        .float64("probability_better", number(&|row| row.probability_better))
        .float64("probability_best", number(&|row| row.probability_best))
        .float64("regret", number(&|row| row.regret))
        .text("order", rows.iter().map(|(_, row)| Some(row.ranking.as_str())))
        .float64("width_95", number(&|row| row.width_95))
        .float64("judgement_share", number(&|row| row.evidence.judgement_share))
        .text("ensemble", rows.iter().map(|(_, row)| Some(row.evidence.ensemble())))
        .finish()?)
}

/// What decides the difference of each scenario from the baseline at a horizon. `first_order` is
/// the share of the variance of the difference, 0 to 1, that goes with a parameter alone.
///
/// # Errors
///
/// As [`scenario_table`].
pub fn influence_table(compared: &Compared<'_>, horizon: u16) -> Result<Table> {
    let mut rows: Vec<(&str, &str, Influence)> = Vec::new();
    for (outcome, comparison) in &compared.outcomes {
        let saved = saved(comparison, horizon)?;
        for (at, scenario) in compared.scenarios.iter().enumerate().skip(1) {
            let found = comparison.influences((at, 0), saved, &compared.inputs);
            let named = |it| (outcome.variable.as_str(), scenario.id.as_str(), it);
            rows.extend(found.into_iter().map(named));
        }
    }
    let number = |of: &dyn Fn(&Influence) -> f64| {
        rows.iter().map(|(_, _, row)| Some(of(row))).collect::<Vec<Option<f64>>>()
    };
    Ok(Columns::default()
        .text("outcome", rows.iter().map(|row| Some(row.0)))
        .float64("month", vec![Some(f64::from(horizon)); rows.len()])
        .text("scenario", rows.iter().map(|row| Some(row.1)))
        .text("parameter", rows.iter().map(|row| Some(row.2.parameter.as_str())))
        .float64("first_order", number(&|row| row.first_order))
        .float64("width_95", number(&|row| row.width_95))
        .float64("judgement_share", number(&|row| row.evidence.judgement_share))
        .text("ensemble", rows.iter().map(|row| Some(row.2.evidence.ensemble())))
        .finish()?)
}
