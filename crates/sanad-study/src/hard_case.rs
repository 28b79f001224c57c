//! What warnings are worth in quiet places, as a table.

use sanad_core::Estimate;
use sanad_forecast::Panel;
use sanad_forecast::score::{BootstrapSettings, HardCases, WarnedEvent, WarningScore, hard_cases};
use sanad_store::{Columns, Table};

use crate::error::Result;
use crate::scoring::Named;

/// Warnings of a forecast at one threshold, among those of its event.
struct WarningLine<'a> {
    forecast: &'a str,
    cases: &'a HardCases,
    warning: &'a WarningScore,
}

/// Warnings of every forecast in the places that had no death in the twelve months before an origin, by
/// event and threshold; without rows where no place was so quiet. Places and origins are those of
/// `panel`. Intervals hold 90 % and come from resampling whole places.
///
/// # Errors
///
/// If the table cannot be built.
pub fn table(panel: &Panel, forecasts: &[Named<'_>], seed: u64) -> Result<Table> {
    let settings = BootstrapSettings { seed, ..BootstrapSettings::default() };
    let mut scored = Vec::new();
    for forecast in forecasts {
        for event in WarnedEvent::ALL {
            let cases = hard_cases(forecast.table, panel, event, settings)?;
            scored.extend(cases.map(|cases| (forecast.name, cases)));
        }
    }
    let lines: Vec<WarningLine<'_>> = scored
        .iter()
        .flat_map(|(forecast, cases)| {
            cases.warnings.iter().map(move |warning| WarningLine { forecast, cases, warning })
        })
        .collect();
    let count = |of: fn(&WarningLine<'_>) -> usize| -> Vec<i64> {
        lines.iter().map(|line| of(line) as i64).collect()
    };
    let number = |of: &dyn Fn(&WarningLine<'_>) -> Option<f64>| -> Vec<Option<f64>> {
        lines.iter().map(of).collect()
    };
    let precision = |of: fn(Estimate) -> f64| number(&|line| line.warning.precision.map(of));
    let recall = |of: fn(Estimate) -> f64| number(&|line| line.warning.recall.map(of));
    Ok(Columns::default()
        .text("forecast", lines.iter().map(|line| Some(line.forecast)))
        .int64("deaths_from", count(|line| line.cases.event.deaths() as usize))
        .float64("chance_from", number(&|line| Some(line.warning.threshold)))
        .int64("cases", count(|line| line.cases.cases))
        .int64("months", count(|line| line.cases.months))
        .float64("base_rate", number(&|line| Some(line.cases.base_rate())))
        .int64("warned", count(|line| line.warning.warned))
        .int64("right", count(|line| line.warning.right))
        .float64("precision", precision(|share| share.value))
        .float64("precision_low", precision(|share| share.low))
        .float64("precision_high", precision(|share| share.high))
        .float64("recall", recall(|share| share.value))
        .float64("recall_low", recall(|share| share.low))
        .float64("recall_high", recall(|share| share.high))
        .float64("false_per_true", number(&|line| line.warning.false_per_true()))
        .int64("onsets", count(|line| line.cases.onsets))
        .int64("onsets_seen", count(|line| line.warning.onsets_seen))
        .float64("lead_months", number(&|line| line.warning.lead_months))
        .finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanad_forecast::Draws;
    use sanad_forecast::score::ScoreTable;

    #[test]
    fn quiet_places_have_a_row_for_each_event_and_threshold() {
        let panel = Panel::new(480, 2, 14, vec![0.0; 28]).unwrap();
        let draws = Draws::from_values(2, 1, 4, vec![0, 0, 0, 1, 0, 0, 0, 0]).unwrap();
        let scores = ScoreTable::of_window(12, 1, &draws, &[2.0, 0.0]).unwrap();
        let named = Named { name: "mine", table: &scores };
        assert_eq!(table(&panel, &[named], 1).unwrap().num_rows(), 12);
        let violent = Panel::new(480, 2, 14, vec![1.0; 28]).unwrap();
        assert_eq!(table(&violent, &[named], 1).unwrap().num_rows(), 0);
    }
}
