//! Counts of violence and the records behind one of them.
//!
//! Both are answered by the plans of `sanad-store` that the command line uses, and with its columns.

use std::sync::Arc;

use sanad_store::Table;

use crate::fault::Fault;
use crate::query::{Kind, Parameter};
use crate::scene::{AS_OF, DATE_RULE, FROM, PLACES, SOURCE, Scene, TO, UNIT};

/// The measures of a panel, as `sanad_store::measures` lists them; a test holds the two together.
/// Deaths are persons; best, low and high are the source's estimates.
pub(crate) const MEASURES: [&str; 17] = [
    "events",
    "deaths_best",
    "deaths_low",
    "deaths_high",
    "deaths_civilians",
    "state_based_events",
    "state_based_deaths_best",
    "state_based_deaths_low",
    "state_based_deaths_high",
    "non_state_events",
    "non_state_deaths_best",
    "non_state_deaths_low",
    "non_state_deaths_high",
    "one_sided_events",
    "one_sided_deaths_best",
    "one_sided_deaths_low",
    "one_sided_deaths_high",
];

/// Parameters of the panel.
pub(crate) static PANEL: [Parameter; 8] = [
    UNIT,
    FROM,
    TO,
    DATE_RULE,
    PLACES,
    AS_OF,
    SOURCE,
    Parameter::optional(
        "organisation",
        Kind::Text,
        "Split by organisation: each, or actor numbers of the source joined by commas.",
    ),
];

/// Parameters of the records behind a number: which number it is, and how the panel that it is of
/// is counted.
pub(crate) static WHY: [Parameter; 8] = [
    Parameter::required("place", Kind::Text, "The place, by id or name."),
    Parameter::required("month", Kind::Month, "The month."),
    Parameter::with_default("measure", Kind::Choice(&MEASURES), "deaths_best", "The measure."),
    UNIT,
    DATE_RULE,
    PLACES,
    AS_OF,
    SOURCE,
];

/// The panel: a row per place and month with events and deaths by type of violence. A place without
/// an event in a covered month is a row of zeros; a month that no version of the source covers is a
/// row of nulls.
///
/// # Errors
///
/// A fault where the span is no span, organisations are no numbers, or the store has no such
/// series.
pub(crate) fn panel(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let request = scene.panel_request(scene.months()?)?;
    scene.edition.panel(&request)
}

/// The records behind one number of a panel.
///
/// A row per record with its source, version, licence, file and row; the column `contribution` adds
/// up to the number. A table without rows says that nothing was recorded in a covered month.
///
/// # Errors
///
/// `NotFound` for a place that is not known, with the nearest names, and for a month that nothing
/// covers.
pub(crate) fn why(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let missing = || Fault::parameter("month", "", "a month such as 2021-05");
    let month = scene.query.month("month").ok_or_else(missing)?;
    let request = scene.panel_request([month, month])?;
    let (place, measure) = (scene.query.word("place"), scene.query.word("measure"));
    scene.edition.why(&request, place, month, measure)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_measures_offered_are_those_of_the_panel() {
        assert!(sanad_store::measures().eq(super::MEASURES));
    }
}
