//! The first page: what the record says in a few sentences, and the way to the rest.
//!
//! The sentences and figures are those of the quick briefing, so that page and printed briefing say
//! the same; what may come has a page of its own.

use maud::html;
use sanad_brief::parts;

use super::PageContent;
use super::part::figure;
use crate::fault::Fault;
use crate::scene::Scene;

/// How the figures of the overview are made.
const MADE: &str = "Counts of the panel by today's place and month (Data, panel), best estimates; \
                    low and high estimates are in the sentences and in the data.";

/// The overview.
///
/// It answers what is newest at any level, and what the last twelve months counted by place were like: events,
/// deaths with their bounds, where most were. It takes no parameters.
///
/// # Errors
///
/// `NotFound` where no release covers a month of the country; a case without places has no map and
/// no fault.
pub(crate) fn overview(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let facts = scene.facts()?;
    let briefing = scene.edition.briefing(scene.today, scene.steps)?;
    let [sentences, by_place] = parts::sentences(&briefing);
    let figures: Vec<_> = [parts::map(&briefing)?, Some(parts::by_province(&briefing)?)]
        .into_iter()
        .flatten()
        .collect();
    let headline = match briefing.headline_of_case.as_str() {
        "" => format!("{}: what the record shows", briefing.title),
        headline => headline.to_owned(),
    };
    let body = html! {
        ol.findings { @for sentence in &sentences { li { (sentence) } } }
        p.note {
            "Counts by place cover " (facts.first()) " to " (facts.last()) ". "
            "Every number on these pages leads to its records: follow it, or ask " a href="/why" { "why" } "."
        }
        @for sentence in &by_place { p { (sentence) } }
        @for drawn in &figures { (figure(scene, drawn, MADE)) }
        h2 { "What to look at" }
        ul.cards {
            (card("/forecast", "What may come", "A forecast by place with its chances, and how such forecasts did before."))
            (card("/fronts", "Three fronts", "How strained legitimacy is, with intervals and the evidence at hand."))
            (card("/claims", "The text on trial", "Each causal claim with its test and its verdict."))
            (card("/scenarios", "What policies might change", "Move levers; members of an ensemble say what follows, and what is judgement."))
            (card("/compare", "What we said then", "Two places, two spans of months, or two days of knowledge, side by side."))
            (card("/data", "Data", "Every table as CSV, JSON, Parquet and Arrow, and SQL for reading."))
        }
    };
    Ok(PageContent::new(headline, body).with_figures(figures))
}

/// A part of the workbench with what it answers.
fn card(address: &str, name: &str, about: &str) -> maud::Markup {
    html! { li { b { a href=(address) { (name) } } (about) } }
}
