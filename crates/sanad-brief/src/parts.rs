//! Parts of the briefing for doors that show them one by one: its sentences, its figures, and what is
//! said of a claim and of a forecast.

use maud::Markup;
use sanad_figure::Figure;

use crate::Result;
use crate::content::{Briefing, DistrictMap, Entry, Network};
use crate::drawing;
use crate::section::claims::{Finding, Trial, TriedClaim, branching_figure, chart_figure, words};
use crate::section::forecast::{self, Outlook};

/// The sentences at the top of the briefing, and those about the last twelve months counted by place, which stand
/// with the figures by place.
///
/// The first are, each where it is known:
///
/// | sentence | from |
/// | --- | --- |
/// | events and deaths of the newest twelve months at any level, with their change and its interval | [`Lead::latest`](crate::latest::Lead::latest) |
/// | deaths by theatre in those months | the same |
/// | the newest months counted by place, where they lie beyond a gap | [`Headline::newest`](crate::Headline::newest) |
/// | what the forecast says of the months to come | [`Lead::outlook`](crate::latest::Lead::outlook) |
/// | where legitimacy is most strained | [`Headline::front`](crate::Headline::front) |
///
/// Where no months are known that are newer than those counted by place, the first say both and the second are none. Counts are best
/// estimates, in events and deaths; low and high estimates or an interval stand beside them, and the source behind them. A quick
/// briefing has no forecast and so no sentence of one; the others are the same in every door, so that a page and a printed briefing never lead with
/// different months.
#[must_use]
pub fn sentences(briefing: &Briefing) -> [Vec<String>; 2] {
    let (first, by_place) = crate::section::lead::sentences(briefing);
    [first, by_place]
}

/// The map of deaths in the last twelve months; nothing where the case lists no places.
///
/// # Errors
///
/// [`Error::Figure`](crate::Error::Figure) when the data do not fit the form.
pub fn map(briefing: &Briefing) -> Result<Option<Figure>> {
    (!briefing.map.districts.is_empty()).then(|| drawing::map(briefing)).transpose()
}

/// What the months are counted by: "province of its day".
pub(crate) fn of_its_day(briefing: &Briefing) -> String {
    format!("{} of its day", briefing.headline.names.adm1.one)
}

/// Deaths per month by province of its day.
///
/// # Errors
///
/// As [`map`].
pub fn by_province(briefing: &Briefing) -> Result<Figure> {
    let note = "Not placed: events known only to the country or to a wider region.";
    drawing::stacked(briefing, "by-province", &of_its_day(briefing), note, &briefing.by_province)
}

/// The fronts by province and month; nothing where the case declares no indicators.
///
/// # Errors
///
/// As [`map`].
pub fn fronts(briefing: &Briefing) -> Result<Option<Figure>> {
    briefing.fronts.as_ref().map(|fronts| drawing::fronts(briefing, fronts)).transpose()
}

/// The chronicle on three lanes; nothing where no record is dated to about a month. `text` is the
/// citation of the text that the records follow.
///
/// # Errors
///
/// As [`map`].
pub fn chronicle(entries: &[Entry], text: &str) -> Result<Option<Figure>> {
    drawing::chronicle(entries, text)
}

/// Organisations and their ties over time; nothing where there are none.
///
/// # Errors
///
/// As [`map`].
pub fn network(network: &Network) -> Result<Option<Figure>> {
    drawing::network(network)
}

/// The figures of a forecast: fans by province, then maps of chances and of expected deaths.
///
/// # Errors
///
/// As [`map`].
pub fn forecast_figures(outlook: &Outlook, map: &DistrictMap) -> Result<Vec<Figure>> {
    forecast::figures(outlook, map)
}

/// Where the forecast rose most, and how such forecasts did before, as tables.
#[must_use]
pub fn forecast_tables(outlook: &Outlook, map: &DistrictMap) -> Markup {
    forecast::tables(outlook, map)
}

/// What the verdict on a claim is, and why, in one or two sentences.
#[must_use]
pub fn verdict(claim: &TriedClaim) -> String {
    words::verdict(claim)
}

/// The effect that the test of a claim found, with its interval, in words.
#[must_use]
pub fn effect(finding: &Finding) -> String {
    words::effect(finding)
}

/// The smallest effect that matters, in words.
#[must_use]
pub fn size_that_matters(finding: &Finding) -> String {
    words::size(finding)
}

/// The months that the test of a claim looked at; nothing where it looked at none.
///
/// # Errors
///
/// As [`map`].
pub fn claim_figure(claim: &TriedClaim) -> Result<Option<Figure>> {
    let chart = claim.finding.as_ref().and_then(|found| found.chart.as_ref());
    chart.map(|chart| chart_figure(claim, chart)).transpose()
}

/// How many events of one kind one event of another brings; nothing without counts by day.
///
/// # Errors
///
/// As [`map`].
pub fn branching(trial: &Trial) -> Result<Option<Figure>> {
    trial.branching.as_ref().map(branching_figure).transpose()
}

/// A forecast's chance, 0 to 1, as percent: "over 99 %" and "under 1 %" at the ends.
///
/// ```
/// assert_eq!(sanad_brief::parts::chance(1.0), "over 99 %");
/// ```
#[must_use]
pub fn chance(chance: f64) -> String {
    crate::words::chance(chance)
}
