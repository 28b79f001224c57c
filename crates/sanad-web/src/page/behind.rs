//! From a number that was estimated to what it follows from: of a forecast, of a claim's test, and of a
//! scenario's difference.
//!
//! A count is a sum over records, which `why` lists. A number of these pages is no sum: it follows from
//! a history, a model and a seed, or from parameters of which some rest on judgement. The pages say
//! which, and lead to the counts, whose records `why` has.

use std::collections::BTreeMap;

use maud::{Markup, html};
use sanad_brief::parts;
use sanad_case::{Basis, DeclaredPrior};
use sanad_core::Month;
use sanad_core::place::Level;
use sanad_store::View;

use super::PageContent;
use super::map::todays_panel;
use super::part::{
    How, Shown, as_known, command_as_known, data, listing, place_address, whole, why_address,
};
use crate::api::analyses;
use crate::column;
use crate::edition::Facts;
use crate::fault::Fault;
use crate::query::{Kind, Parameter, Query, address};
use crate::scene::{AS_OF, Scene};

/// The place whose forecast it is, and the day of knowledge.
pub(crate) static FORECAST: [Parameter; 2] =
    [Parameter::required("place", Kind::Text, "The place, by its id."), AS_OF];

/// The claim whose test it is.
pub(crate) static CLAIM: [Parameter; 1] =
    [Parameter::required("id", Kind::Text, "The claim's id.")];

/// Months of the history that the page of a forecast lists.
const LISTED_MONTHS: usize = 36;
/// Months of a claim's series that are listed: those with most.
const GREATEST_MONTHS: usize = 12;

/// Parameters that are listed for each difference of scenarios: those with the largest shares.
const LISTED_PARAMETERS: usize = 5;
/// The measure that the forecast is of.
const MEASURE: &str = "state_based_deaths_best";

/// The versions of the case's series that are in effect, as known on a day.
fn versions(scene: &Scene<'_>, facts: &Facts) -> Result<Markup, Fault> {
    let (series, gwno) = (facts.case.series(), facts.case.gwno);
    let span = [facts.first(), facts.last()];
    let day = scene.query.day("as_of");
    let effect = scene.edition.observatory.in_effect(&series, gwno, span, day)?;
    Ok(html! {
        ul.limits { @for one in &effect { li {
            (one.months[0]) " to " (one.months[1]) ": " (one.label) @if one.is_preliminary { ", which its publisher calls preliminary" }
        } } }
        p.note { a href="/sources" { "Sources, with licences and hashes" } }
    })
}

/// What the forecast of a place is drawn from.
///
/// It answers which counts, which model and which settings gave the chances and expected deaths of a
/// place, and how such forecasts did before.
///
/// # Errors
///
/// `NotFound` for a place that is none of the case, and where nothing is counted by place.
pub(crate) fn forecast(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let (facts, query) = (scene.facts()?, scene.query);
    let id = query.word("place");
    let place = facts.book.get(id).ok_or_else(|| Fault::not_found("place", id, "/places"))?;
    let unit = match place.level {
        Level::Country => "country",
        Level::Adm1 => "adm1",
        Level::Adm2 => "adm2",
    };
    let mut request = vec![("unit".to_owned(), unit.to_owned())];
    request.extend(query.text("as_of").map(|day| ("as_of".to_owned(), day.to_owned())));
    let request = Query::check(&analyses::FORECAST, &request)?;
    let table = analyses::forecast(&Scene { query: &request, ..*scene })?;
    let view = View::new(&table);
    let ids = column::every_text(&view, "place_id")?;
    let rows = (0..view.rows()).filter(|row| ids[*row] == id);
    let bounds = How::Interval("quantile_05", "quantile_95", 1);
    let shown = [
        Shown::text("month", "Month"),
        Shown::new("probability_1", "Chance of a death", How::Chance),
        Shown::new("mean", "Expected deaths (90 % of draws)", bounds),
    ];
    let command = command_as_known(query, &format!("sanad forecast CASE --unit {unit}"));
    let body = html! {
        p.lead { "Deaths in state-based violence in " a href=(place_address(query, id)) { (place.name) } ": the numbers, and what they are drawn from." }
        (listing(&view, &shown, rows)?)
        h2 { "The model" }
        dl {
            dt { "Name" } dd { code { "sanad" } ": the record of deaths alone, of the place and of the places around it; it knows no plans, talks or orders" }
            dt { "Draws" } dd { "1,000 with seed 1, so that the same record always gives the same numbers" }
            dt { "Places" } dd { "The finest of the case are forecast together; larger ones are their sums, draw by draw" }
        }
        (history(scene, unit, id)?)
        h2 { "Versions of the source in effect" }
        (versions(scene, &facts)?)
        h2 { "How such forecasts did before" }
        p { a href="/forecast" { "The record of past forecasts" } " scores this model on past years, against simpler ones, by what was then known."
            " The command " code { "sanad backtest CASE" } " makes it anew." }
        (data("/api/v1/forecast", &as_known(query, &[("unit", unit)]), &command))
    };
    Ok(PageContent::new(format!("Why: the forecast of {}", place.name), body))
}

/// The last months that the forecast of a place is drawn from, each number a link to its records.
fn history(scene: &Scene<'_>, unit: &str, id: &str) -> Result<Markup, Fault> {
    let (facts, query) = (scene.facts()?, scene.query);
    let span = [facts.first(), facts.last()];
    let panel = scene.edition.panel_of_place(&todays_panel(scene, unit, span)?, id)?;
    let view = View::new(&panel);
    let (months, deaths) = (column::months(&view)?, column::numbers(&view, MEASURE)?);
    let sources = column::texts(&view, "source")?;
    let own: Vec<usize> = (0..view.rows()).rev().take(LISTED_MONTHS).collect();
    let [first, last] = span.map(|month| month.to_string());
    let asked = [("unit", unit), ("from", &*first), ("to", &*last), ("places", "current")];
    Ok(html! {
        h2 { "The history that it is drawn from" }
        p.note { "The last " (own.len()) " months; the model reads all since " (first) ". A number leads to its records." }
        div.scroll tabindex="0" role="region" aria-label="History" { table {
            thead { tr { th scope="col" { "Month" } th.n scope="col" { "Deaths in state-based violence" } th scope="col" { "Source in effect" } } }
            tbody { @for row in own { tr {
                td.nowrap { (months[row]) }
                td.n { @match deaths[row] {
                    Some(value) => { a href=(why_address(query, id, months[row], MEASURE, unit)) { (whole(Some(value))) } }
                    None => { span.missing { "not known" } }
                } }
                td { (sources[row].as_deref().unwrap_or("none covers it")) }
            } } }
        } }
        (data("/api/v1/panel", &as_known(query, &asked), ""))
    })
}

/// What the numbers of a claim's test follow from.
///
/// It answers which months the test looked at, where they were greatest, which counts they are, and
/// how the verdict follows.
///
/// # Errors
///
/// `NotFound` where the case has no claims, or none with this identifier.
pub(crate) fn claim(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let trial = scene.edition.trial(scene.steps)?;
    let lacks = || Fault::from(sanad_study::Error::CaseLacks { missing: "claims" });
    let trial = trial.as_ref().as_ref().ok_or_else(lacks)?;
    let id = scene.query.word("id");
    let found = trial.claims.iter().find(|claim| claim.id == id);
    let claim = found.ok_or_else(|| Fault::not_found("claim", id, "/claims"))?;
    let facts = scene.facts()?;
    let chart = claim.finding.as_ref().and_then(|finding| finding.chart.as_ref());
    let page = format!("/claims/{id}");
    let figure = parts::claim_figure(claim)?.map(|figure| figure.id);
    let link =
        |ending: &str, figure: &str| address(&format!("{page}.{ending}"), &[("figure", figure)]);
    let body = html! {
        p.lead { a href=(page) { (claim.wording) } " " (parts::verdict(claim)) }
        h2 { "From data to verdict" }
        p { (claim.test) }
        p { "Effect, interval and p follow from the months below by the procedure " code { (claim.procedure) } "; the p-value is adjusted for all "
            (trial.claims.iter().filter(|one| one.finding.is_some()).count()) " claims that are tested, and the verdict follows from rules that were written down before." }
        @if let Some(chart) = chart {
            h2 { "The months that it looked at" }
            @for (name, values) in &chart.lines { (greatest(scene, &facts, chart.from, (name, values))) }
            @if let Some(figure) = &figure { p.made {
                "All months: " a href=(link("csv", figure)) { "CSV" } ", " a href=(link("parquet", figure)) { "Parquet" } " (" (chart.unit) ")."
            } }
        }
        @if claim.finding.is_none() { p { "Nothing was tested, so that there is no number to trace." } }
        h2 { "The counts" }
        p { (trial.source) "." }
        (versions(scene, &facts)?)
        (data(&format!("/api/v1/claims/{id}"), &[], &format!("sanad claims CASE --claim {id}")))
    };
    Ok(PageContent::new("Why: the test of a claim", body))
}

/// The months of a line with most, and the way to the country's records of each.
fn greatest(
    scene: &Scene<'_>,
    facts: &Facts,
    from: Month,
    (name, values): (&str, &[Option<f64>]),
) -> Markup {
    let months = values.iter().zip(0..).filter_map(|(value, at)| Some((from.plus(at), (*value)?)));
    let mut months: Vec<(Month, f64)> = months.filter(|(_, value)| *value > 0.0).collect();
    let counted = months.len();
    months.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let country = facts.case.country.as_str();
    html! {
        h3 { (name) }
        p { (values.len()) " months from " (from) " on, " (counted) " of them above zero. Those with most, each with all records of the country in it: "
            @for (at, (month, _)) in months.iter().take(GREATEST_MONTHS).enumerate() {
                @if at > 0 { ", " }
                a href=(why_address(scene.query, country, *month, "events", "country")) { (month) }
            } "." }
    }
}

/// What decides the differences of the scenarios, and what each parameter rests on.
///
/// It answers which parameters the members disagree on, with the share of the difference's variance
/// that goes with each, and whether a parameter rests on records, on a study, or on judgement alone.
///
/// # Errors
///
/// Those of the scenarios' table.
pub(crate) fn scenario(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let given = scene.query.pairs().into_iter().filter(|(name, _)| *name != "show");
    let asked: Vec<(String, String)> =
        given.clone().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let influences = [asked.clone(), vec![("show".to_owned(), "influences".to_owned())]].concat();
    let request = Query::check(&analyses::SCENARIO, &influences)?;
    let table = analyses::scenario(&Scene { query: &request, ..*scene })?;
    let case = scene.edition.model()?;
    let view = View::new(&table);
    let parameters = column::every_text(&view, "parameter")?;
    let prior =
        |row: usize| case.priors.priors.iter().find(|prior| prior.parameter == parameters[row]);
    let basis = |row: usize| html! { @if let Some(prior) = prior(row) { (rests_on(prior)) } };
    let outcomes = super::scenarios::titles(&view, "outcome", &case)?;
    let names = super::scenarios::titles(&view, "scenario", &case)?;
    let outcome = |row: usize| html! { (outcomes[row]) };
    let name = |row: usize| html! { (names[row]) };
    let shown = [
        Shown::new("outcome", "Outcome", How::Row(&outcome)),
        Shown::fixed("month", "Months after", 0),
        Shown::new("scenario", "Scenario", How::Row(&name)),
        Shown::text("parameter", "Parameter"),
        Shown::new("first_order", "Share of the difference's variance", How::Percent),
        Shown::new("parameter", "What the parameter rests on", How::Row(&basis)),
    ];
    let pairs: Vec<(&str, &str)> = given.collect();
    let all = [&pairs[..], &[("show", "influences")]].concat();
    let evidence = case.evidence();
    let body = html! {
        p.lead { "A difference between scenarios is taken within each member of the ensemble, so that it follows from the model's equations and from what its parameters may be." }
        p { (super::part::percent(Some(evidence.judgement_share))) " of the parameters rest on judgement alone. The members are "
            @if evidence.calibrated { "those that the record left over of draws from these priors." } @else { "draws from these priors." } }
        p { a href=(address("/scenarios", &pairs)) { "The scenarios themselves" } }
        h2 { "What decides the differences" }
        @if view.rows() == 0 { p { "With so few members no parameter can be told apart: ask for more." } }
        @else {
            p { "For each difference the " (LISTED_PARAMETERS) " parameters with the largest shares; all of them are in the data below." }
            (listing(&view, &shown, largest_shares(&view)?)?)
        }
        (data("/api/v1/scenario", &all, "sanad scenario CASE --show influences"))
    };
    Ok(PageContent::new("Why: the scenarios' differences", body))
}

/// The rows with the largest shares of each difference, in the order of the table. A difference is an outcome and a scenario so many months after.
fn largest_shares(view: &View<'_>) -> Result<Vec<usize>, Fault> {
    let (outcomes, scenarios) =
        (column::every_text(view, "outcome")?, column::every_text(view, "scenario")?);
    let (months, shares) =
        (column::every_number(view, "month")?, column::numbers(view, "first_order")?);
    let mut differences: BTreeMap<(&str, &str, u64), Vec<usize>> = BTreeMap::new();
    for row in 0..view.rows() {
        let difference = (outcomes[row].as_str(), scenarios[row].as_str(), months[row].to_bits());
        differences.entry(difference).or_default().push(row);
    }
    let share = |row: &usize| shares[*row].unwrap_or(f64::NEG_INFINITY);
    let mut listed: Vec<usize> = Vec::new();
    for rows in differences.values_mut() {
        rows.sort_by(|a, b| share(b).total_cmp(&share(a)).then(a.cmp(b)));
        listed.extend(rows.iter().take(LISTED_PARAMETERS));
    }
    listed.sort_unstable();
    Ok(listed)
}

/// What a prior rests on, in words, with the way to the claim that it gives a size to.
fn rests_on(prior: &DeclaredPrior) -> Markup {
    let basis = match prior.basis {
        Basis::Estimate => "records of the case",
        Basis::Study => "a study",
        Basis::Judgement => "judgement alone",
    };
    html! {
        (basis) @if let Some(cite) = &prior.cite { " (" (cite) ")" } ": " (prior.note) " "
        a href=(format!("/claims/{}", prior.claim)) { "Claim" }
    }
}

/// The address of what the forecast of a place is drawn from, as known on the day that the query names.
pub(super) fn forecast_address(query: &Query, place: &str) -> String {
    let mut pairs = vec![("place", place)];
    pairs.extend(as_known(query, &[]));
    address("/why/forecast", &pairs)
}
