//! Places: the list of them, and the record of each.
//!
//! Both pages take the words of the case's own levels (`level_names`), and a place of an earlier day leads
//! to the places that took it over.

use maud::{Markup, html};
use sanad_core::Month;
use sanad_core::place::{Level, Place};
use sanad_figure::{Figure, Heading, Months, Series, StackedMonths, stacked_months};
use sanad_store::View;

use super::PageContent;
use super::behind::forecast_address;
use super::map::{capital, todays_panel};
use super::part::{as_known, data, dated, figure, fixed, place_address, whole, why_address};
use crate::api::analyses;
use crate::column;
use crate::edition::Facts;
use crate::fault::Fault;
use crate::query::{Kind, Parameter, Query, address};
use crate::scene::{AS_OF, Scene};

/// The place, part of the path, and the day of knowledge.
pub(crate) static PLACE: [Parameter; 2] =
    [Parameter::required("id", Kind::Text, "The place, by its id as /places lists it."), AS_OF];

/// Months that a place's own table lists, and its chart shows.
const LISTED_MONTHS: usize = 24;
/// Months that the chart of a place shows: twenty years.
const DRAWN_MONTHS: i32 = 240;

/// The list of places.
///
/// It answers which places the case has today, those of the second level under those of the first. It takes no
/// parameters.
///
/// # Errors
///
/// A fault where the case cannot be read.
pub(crate) fn places(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let facts = scene.facts()?;
    let provinces: Vec<&Place> = facts.book.current(Level::Adm1).collect();
    let districts = |province: &Place| -> Vec<&Place> {
        let within = |place: &&Place| {
            facts.book.at_level(&place.id, Level::Adm1).is_some_and(|one| one.id == province.id)
        };
        facts.book.current(Level::Adm2).filter(within).collect()
    };
    let body = html! {
        p { "Today's places of the case. Earlier places lead to their successors; " a href="/map" { "the map" } " shows them all." }
        ul.limits { li { a href=(format!("/place/{}", facts.case.country)) { (facts.place_name(&facts.case.country)) } ", the whole country" } }
        @for province in provinces {
            h2 { a href=(format!("/place/{}", province.id)) { (province.name) } @if province.disputed { span.missing { " (borders disputed)" } } }
            p { @for (at, place) in districts(province).into_iter().enumerate() {
                @if at > 0 { ", " }
                a href=(format!("/place/{}", place.id)) { (place.name) }
            } }
        }
        (data("/api/v1/places", &[], ""))
    };
    Ok(PageContent::new("Places", body))
}

/// A place's months in the panel.
struct PlaceMonths {
    /// The months that the panel has for the place, in order of time.
    months: Vec<Month>,
    /// Deaths by month: low, best and high estimate; `None` in a month that nothing covers.
    deaths: [Vec<Option<f64>>; 3],
    /// Events by month.
    events: Vec<Option<f64>>,
    /// Deaths by month, best estimate, of state-based, non-state and one-sided violence.
    kinds: [Vec<Option<f64>>; 3],
    /// The version in effect in each month; `None` where none covers it.
    sources: Vec<Option<String>>,
}

/// The word of the panel's unit for a level.
const fn unit_of(level: Level) -> &'static str {
    match level {
        Level::Country => "country",
        Level::Adm1 => "adm1",
        Level::Adm2 => "adm2",
    }
}

/// The months of a place over the whole record, as known on the day that the query names. A place
/// that is not one of today's has none.
fn course(scene: &Scene<'_>, facts: &Facts, place: &Place) -> Result<PlaceMonths, Fault> {
    let span = [facts.first(), facts.last()];
    let request = todays_panel(scene, unit_of(place.level), span)?;
    let panel = scene.edition.panel_of_place(&request, &place.id)?;
    let view = View::new(&panel);
    let column = |name: &str| column::numbers(&view, name);
    Ok(PlaceMonths {
        months: column::months(&view)?,
        deaths: [column("deaths_low")?, column("deaths_best")?, column("deaths_high")?],
        events: column("events")?,
        kinds: [
            column("state_based_deaths_best")?,
            column("non_state_deaths_best")?,
            column("one_sided_deaths_best")?,
        ],
        sources: column::texts(&view, "source")?,
    })
}

/// One place: its record, fronts, forecast, neighbours and chronicle.
///
/// It answers what is recorded of a place and what may come: what it is and what became of it,
/// deaths by month and type of violence, the last months with a link from each number to its
/// records, the forecast, its parts and neighbours, and records of the chronicle that name it.
/// `as_of` asks for what was known on a day.
///
/// # Errors
///
/// `NotFound` for an identifier that is no place of the case. A forecast that cannot be made is a
/// sentence on the page.
pub(crate) fn place(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let facts = scene.facts()?;
    let id = scene.query.word("id");
    let found = facts.book.get(id).ok_or_else(|| Fault::not_found("place", id, "/places"))?;
    let course = course(scene, &facts, found)?;
    let figures: Vec<Figure> = draw(found, &course)?.into_iter().collect();
    let unit = unit_of(found.level);
    let [first, last] = [facts.first(), facts.last()].map(|month| month.to_string());
    let asked = [("unit", unit), ("from", &*first), ("to", &*last), ("places", "current")];
    let made = "The panel's months of this place, best estimates by type of violence. Hatched: a month that no version \
                of the source covers.";
    let body = html! {
        (what_it_is(scene.query, &facts, found))
        @for drawn in &figures { (figure(scene, drawn, made)) }
        (latest(scene.query, found, unit, &course))
        (forecast(scene, found)?)
        (neighbours(scene.query, &facts, found))
        (chronicle_records(&facts, found))
        (data("/api/v1/panel", &as_known(scene.query, &asked), ""))
    };
    Ok(PageContent::new(found.name.clone(), body).with_figures(figures))
}

/// Level, what it lies in, days on which it was in force, and its successors.
fn what_it_is(query: &Query, facts: &Facts, place: &Place) -> Markup {
    let names = facts.book.level_names();
    let kind = match place.level {
        Level::Country => "country",
        Level::Adm1 => &names.adm1.one,
        Level::Adm2 => &names.adm2.one,
    };
    let kind = capital(kind);
    let link = |id: &str| html! { a href=(place_address(query, id)) { (facts.place_name(id)) } };
    html! { dl {
        dt { "What it is" } dd { (kind) @if place.disputed { ", borders disputed" } }
        @if let Some(within) = &place.within { dt { "Lies in" } dd { (link(within)) } }
        dt { "Identifier" } dd { code { (place.id) } }
        @if let Some(from) = place.valid_from { dt { "Since" } dd { (from) } }
        @if let Some(to) = place.valid_to { dt { "Until" } dd { (to) } }
        @if !place.successors.is_empty() { dt { "Became" } dd { @for next in &place.successors { (link(&next.place)) " " } } }
        @if let Some(note) = &place.note { dt { "Note" } dd { (note) } }
    } }
}

/// Columns of the last twenty years by type of violence; `None` for a place without months.
fn draw(place: &Place, course: &PlaceMonths) -> Result<Option<Figure>, Fault> {
    let (Some(first), Some(last)) = (course.months.first(), course.months.last()) else {
        return Ok(None);
    };
    let first = (*first).max(last.plus(1 - DRAWN_MONTHS));
    let skipped = course.months.iter().take_while(|month| **month < first).count();
    let names = ["state-based", "non-state", "one-sided"];
    let series: Vec<Series> = names
        .iter()
        .zip(&course.kinds)
        .map(|(name, values)| Series {
            label: (*name).to_owned(),
            values: values[skipped..].to_vec(),
        })
        .collect();
    let title = format!("Deaths per month in {} by type of violence", place.name);
    let caption = "Deaths, best estimate.";
    let heading =
        Heading::new("months", &title, caption, "Monthly columns stacked by type of violence.");
    let chart = StackedMonths {
        months: Months { first: first.id(), len: course.months.len() - skipped },
        series: &series,
        unit: "deaths per month",
        markers: &[],
    };
    Ok(Some(stacked_months(&heading, &chart)?))
}

/// The last months, each number a link to its records. The newest comes first. A month that nothing
/// covers is called not known.
fn latest(query: &Query, place: &Place, unit: &str, course: &PlaceMonths) -> Markup {
    let why = |month: Month, measure: &str| why_address(query, &place.id, month, measure, unit);
    let linked = |row: usize, values: &[Option<f64>], measure: &str| {
        html! { @match values[row] {
            Some(value) => { a href=(why(course.months[row], measure)) { (whole(Some(value))) } }
            None => { span.missing { "not known" } }
        } }
    };
    html! {
        h2 { "The last months" }
        div.scroll tabindex="0" role="region" aria-label="Months" { table {
            thead { tr { th { "Month" } th.n { "Events" } th.n { "Deaths, low" } th.n { "Best" } th.n { "High" } th { "Source in effect" } } }
            tbody { @for row in (0..course.months.len()).rev().take(LISTED_MONTHS) { tr {
                td.nowrap { (course.months[row]) }
                td.n { (linked(row, &course.events, "events")) }
                td.n { (linked(row, &course.deaths[0], "deaths_low")) }
                td.n { (linked(row, &course.deaths[1], "deaths_best")) }
                td.n { (linked(row, &course.deaths[2], "deaths_high")) }
                td { (course.sources[row].as_deref().unwrap_or("none covers it")) }
            } } }
        } }
    }
}

/// The forecast of the place, where the model forecasts its level. By the own model, of deaths in
/// state-based violence, from the table that programs get. Nothing is shown for a place that the
/// forecast does not have, and a sentence where there is no forecast.
fn forecast(scene: &Scene<'_>, place: &Place) -> Result<Markup, Fault> {
    let mut asked = vec![("unit".to_owned(), unit_of(place.level).to_owned())];
    asked.extend(scene.query.text("as_of").map(|day| ("as_of".to_owned(), day.to_owned())));
    let asked = Query::check(&analyses::FORECAST, &asked)?;
    let table = match analyses::forecast(&Scene { query: &asked, ..*scene }) {
        Ok(table) => table,
        Err(fault) => {
            return Ok(
                html! { h2 { "What may come" } p.note { "No forecast: " (fault.what) "." } },
            );
        }
    };
    let view = View::new(&table);
    let ids = column::every_text(&view, "place_id")?;
    let is_own = |row: &usize| ids[*row] == place.id;
    let rows: Vec<usize> = (0..view.rows()).filter(is_own).collect();
    if rows.is_empty() {
        return Ok(html! {});
    }
    let months = column::every_text(&view, "month")?;
    let values = |name: &str| column::numbers(&view, name);
    let [mean, chance] = [values("mean")?, values("probability_1")?];
    let [low, high] = [values("quantile_05")?, values("quantile_95")?];
    let why = &forecast_address(scene.query, &place.id);
    Ok(html! {
        h2 { "What may come" }
        div.scroll tabindex="0" role="region" aria-label="Forecast" { table {
            thead { tr { th { "Month" } th.n { "Chance of a death" } th.n { "Expected deaths" } th.n { "90 % of draws" } } }
            tbody { @for row in rows { tr {
                td.nowrap { (months[row]) }
                td.n { a href=(why) { (super::part::chance(chance[row])) } } td.n { a href=(why) { (fixed(mean[row], 1)) } }
                td.n { (whole(low[row])) "–" (whole(high[row])) }
            } } }
        } }
        p.note { "Deaths in state-based violence, from the record alone. " a href=(address("/forecast", &as_known(scene.query, &[]))) { "How such forecasts did before" } "." }
    })
}

/// Places that lie in this one, and places that lie in the same whole; not those that touch it.
fn neighbours(query: &Query, facts: &Facts, place: &Place) -> Markup {
    let same = |other: &&Place| other.within == place.within && other.id != place.id;
    let others: Vec<&Place> = facts.book.current(place.level).filter(same).collect();
    let parts: Vec<&Place> = [Level::Adm1, Level::Adm2]
        .into_iter()
        .flat_map(|level| facts.book.current(level))
        .filter(|part| part.within.as_ref() == Some(&place.id))
        .collect();
    let list = |places: &[&Place]| {
        html! {
            p { @for (at, one) in places.iter().enumerate() { @if at > 0 { ", " } a href=(place_address(query, &one.id)) { (one.name) } } }
        }
    };
    html! {
        @if !parts.is_empty() { h2 { "Its parts" } (list(&parts)) }
        @if !others.is_empty() && place.level != Level::Country { h2 { "Beside it" } (list(&others)) }
    }
}

/// Records of the chronicle that name the place, in order of time; nothing where there are none.
fn chronicle_records(facts: &Facts, place: &Place) -> Markup {
    let mut records: Vec<_> =
        facts.chronicle.iter().filter(|record| record.entry.places.contains(&place.id)).collect();
    records.sort_by_key(|record| record.entry.when.start());
    html! { @if !records.is_empty() {
        h2 { "In the chronicle" }
        ul.limits { @for record in records { li {
            (dated(record.entry.when)) ": " (record.entry.summary) " " span.missing { "(" (record.detail.kind()) ")" }
        } } }
    } }
}
