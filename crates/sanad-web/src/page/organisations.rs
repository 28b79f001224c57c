//! Organisations: the list of them, and the record of each.
//!
//! Organisations and states are recorded, persons are not.

use std::collections::BTreeMap;

use maud::{Markup, html};
use sanad_core::actor::Actor;
use sanad_core::chronicle::Detail;
use sanad_store::{Organisations, PanelRequest, Table, Unit, View};
use sanad_study::pictures::tie_figure;

use super::PageContent;
use super::part::{data, dated, figure, whole};
use crate::column::{every_text, numbers};
use crate::edition::Facts;
use crate::fault::Fault;
use crate::query::{Kind, Parameter};
use crate::scene::Scene;

/// The organisation, part of the path.
pub(crate) static ORGANISATION: [Parameter; 1] = [Parameter::required(
    "id",
    Kind::Text,
    "The organisation, by its id as /organisations lists it.",
)];

/// The list of organisations, with their ties over time.
///
/// It answers who is recorded and how they were tied over time: a chart of dated ties and a list by
/// family. It takes no parameters. Without ties there is no chart.
///
/// # Errors
///
/// Those of reading the case. A record of violence is not needed.
pub(crate) fn organisations(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let facts = scene.facts()?;
    let families = scene.edition.observatory.families()?;
    let drawn = tie_figure(&facts.actors, &families, &facts.chronicle)?;
    let figures: Vec<_> = drawn.into_iter().collect();
    let made = "Ties of the chronicle, each with its dates. Allegations, support and parts of an organisation are not drawn.";
    let mut actors: Vec<&Actor> = facts.actors.iter().collect();
    actors.sort_by(|a, b| (a.family.as_str(), &a.name).cmp(&(b.family.as_str(), &b.name)));
    let body = html! {
        p { "Organisations and states of the case. Persons are not recorded." }
        @for drawn in &figures { (figure(scene, drawn, made)) }
        div.scroll tabindex="0" role="region" aria-label="Organisations" { table {
            thead { tr { th { "Organisation" } th { "What it is" } th { "Family" } th { "From" } th { "To" } } }
            tbody { @for actor in actors { tr {
                td { a href=(format!("/organisation/{}", actor.id)) { (actor.name) } @if let Some(short) = &actor.short { " (" (short) ")" } }
                td { (actor.kind) } td { (actor.family.as_str()) }
                td { @if let Some(from) = actor.from { (from) } } td { @if let Some(to) = actor.to { (to) } }
            } } }
        } }
        (data("/api/v1/organisations", &[], ""))
        (data("/api/v1/network", &[], "sanad network CASE"))
        (data("/api/v1/capability", &[], "sanad capability CASE"))
        (data("/api/v1/capability", &[("show", "means")], "sanad capability CASE --show means"))
    };
    Ok(PageContent::new("Organisations and their ties", body).with_figures(figures))
}

/// One organisation: what it is, its ties, what it is recorded in.
///
/// It answers what an organisation is, in which events it was a side by year, to whom it was tied,
/// and which records of the chronicle name it.
///
/// # Errors
///
/// `NotFound` for an identifier that no actor of the case has.
pub(crate) fn organisation(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let facts = scene.facts()?;
    let id = scene.query.word("id");
    let actor = facts.actors.iter().find(|actor| actor.id == id);
    let actor = actor.ok_or_else(|| Fault::not_found("organisation", id, "/organisations"))?;
    let body = html! {
        (what_it_is(actor))
        (by_year(scene, &facts, actor)?)
        (ties(&facts, actor))
        (chronicle_records(&facts, actor))
    };
    Ok(PageContent::new(actor.name.clone(), body))
}

/// Kind, family, dates, numbers at UCDP and where this comes from.
fn what_it_is(actor: &Actor) -> Markup {
    let numbers: Vec<String> = actor.ucdp_ids.iter().map(i64::to_string).collect();
    html! { dl {
        dt { "What it is" } dd { (actor.kind) }
        dt { "Family" } dd { (actor.family.as_str()) }
        @if let Some(from) = actor.from { dt { "From" } dd { (from) } }
        @if let Some(to) = actor.to { dt { "To" } dd { (to) } }
        @if !numbers.is_empty() { dt { "Numbers at UCDP" } dd { (numbers.join(", ")) } }
        @if let Some(note) = &actor.note { dt { "Note" } dd { (note) } }
        @if let Some(cite) = &actor.cite { dt { "From" } dd { (cite) } }
    } }
}

/// Events and deaths by year of which the organisation is a side. Years of which not all months are
/// covered say so. Without a number at the source, or without a record, a sentence says why nothing
/// is counted.
fn by_year(scene: &Scene<'_>, facts: &Facts, actor: &Actor) -> Result<Markup, Fault> {
    if actor.ucdp_ids.is_empty() || facts.covered.is_empty() {
        return Ok(
            html! { p.note { "The source of the counts has no number for it, so that nothing is counted here." } },
        );
    }
    let request = PanelRequest {
        series: facts.case.series(),
        organisations: Organisations::Only(actor.ucdp_ids.clone()),
        ..PanelRequest::new(Unit::Country, facts.first(), facts.last())
    };
    let panel = match scene.edition.panel(&request) {
        Ok(panel) => panel,
        Err(fault) => return Ok(html! { p.note { "No counts: " (fault.what) "." } }),
    };
    let years = sums_by_year(&panel)?;
    let mut covered: BTreeMap<String, usize> = BTreeMap::new();
    for month in &facts.covered {
        *covered.entry(month.year().to_string()).or_default() += 1;
    }
    let uncovered: Vec<String> = (facts.first().year()..=facts.last().year())
        .map(|year| year.to_string())
        .filter(|year| !covered.contains_key(year))
        .collect();
    let numbers: Vec<String> = actor.ucdp_ids.iter().map(i64::to_string).collect();
    let numbers = numbers.join(",");
    let pairs = [
        ("unit", "country"),
        ("from", &*facts.first().to_string()),
        ("to", &*facts.last().to_string()),
        ("organisation", &*numbers),
    ];
    Ok(html! {
        h2 { "Events of which it is a side, by year" }
        div.scroll tabindex="0" role="region" aria-label="Years" { table {
            thead { tr { th { "Year" } th.n { "Events" } th.n { "Deaths, best estimate" } } }
            tbody { @for (year, [events, deaths]) in years.iter().rev().filter(|(_, sums)| sums[0] > 0.0) { tr {
                td { (year) @if let Some(months) = covered.get(year).filter(|months| **months < 12) { " (" (months) " of 12 months are covered)" } }
                td.n { (whole(Some(*events))) } td.n { (whole(Some(*deaths))) }
            } } }
        } }
        p.note { "An event counts for each of its sides; deaths are of all sides. Years without an event are left out." }
        @if !uncovered.is_empty() { p.note { "Covered by no version of the source, unknown and not quiet: " (uncovered.join(", ")) "." } }
        (data("/api/v1/panel", &pairs, ""))
    })
}

/// Events and deaths by year, over the months that are covered.
///
/// # Errors
///
/// A fault for a panel without months, places or counts.
fn sums_by_year(panel: &Table) -> Result<BTreeMap<String, [f64; 2]>, Fault> {
    let view = View::new(panel);
    let (months, countries) = (every_text(&view, "month")?, every_text(&view, "place_id")?);
    let counts = [numbers(&view, "events")?, numbers(&view, "deaths_best")?];
    let mut years: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    for row in (0..view.rows()).filter(|&row| countries[row] != "unplaced:elsewhere") {
        let sums = years.entry(months[row].chars().take(4).collect()).or_default();
        for (sum, counts) in sums.iter_mut().zip(&counts) {
            // A month that nothing covers has no number: its year is marked, or named as not covered.
            if let Some(count) = counts[row] {
                *sum += count;
            }
        }
    }
    Ok(years)
}

/// Its ties in order of time, alleged ones with who alleges them; nothing where there are none.
fn ties(facts: &Facts, actor: &Actor) -> Markup {
    let mut ties: Vec<_> = facts
        .chronicle
        .iter()
        .filter_map(|record| match &record.detail {
            Detail::Tie(tie) if tie.a == actor.id || tie.b == actor.id => Some((record, tie)),
            _ => None,
        })
        .collect();
    ties.sort_by_key(|(record, _)| record.entry.when.start());
    html! { @if !ties.is_empty() {
        h2 { "Ties" }
        div.scroll tabindex="0" role="region" aria-label="Ties" { table {
            thead { tr { th { "When" } th { "Kind" } th { "With" } th { "Record" } } }
            tbody { @for (record, tie) in ties {
                @let other = if tie.a == actor.id { &tie.b } else { &tie.a };
                tr {
                    td { (dated(record.entry.when)) @if let Some(until) = tie.until { " until " (until) } }
                    td { (tie.tie_kind) @if let Some(by) = &tie.alleged_by { " (alleged by " (by) ")" } }
                    td { a href=(format!("/organisation/{other}")) { (label(facts, other)) } }
                    td { (record.entry.summary) }
                }
            } }
        } }
    } }
}

/// Records that name it or that it speaks in, ties left out; nothing where there are none.
fn chronicle_records(facts: &Facts, actor: &Actor) -> Markup {
    let mut records: Vec<_> = facts
        .chronicle
        .iter()
        .filter(|record| !matches!(record.detail, Detail::Tie(_)))
        .filter(|record| {
            record.entry.actors.contains(&actor.id) || is_speaker(&record.detail, actor)
        })
        .collect();
    records.sort_by_key(|record| record.entry.when.start());
    html! { @if !records.is_empty() {
        h2 { "In the chronicle" }
        p.note { "Statements are recorded as metadata: date, outlet, audience and frames; never their text." }
        ul.limits { @for record in records { li {
            (dated(record.entry.when)) ": " (record.entry.summary) " " span.missing { "(" (record.detail.kind()) ")" }
        } } }
    } }
}

/// Whether a record is a statement by this organisation.
fn is_speaker(detail: &Detail, actor: &Actor) -> bool {
    matches!(detail, Detail::Statement(statement) if statement.organisation == actor.id)
}

/// The short name of an actor; the identifier of one that the case does not list.
fn label<'a>(facts: &'a Facts, id: &'a str) -> &'a str {
    facts.actors.iter().find(|actor| actor.id == id).map_or(id, Actor::label)
}
