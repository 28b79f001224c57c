//! From a number to the records behind it, by the same plan that made the number.
//!
//! A month that nothing covers is an answer of its own here, and never an empty table: an empty one says
//! that the month is covered and nothing was recorded.

use maud::{Markup, html};
use sanad_core::place::LevelNames;
use sanad_store::View;

use super::PageContent;
use super::map::{capital, measure_choice, measure_title};
use super::part::{How, Shown, choice, command_as_known, data, field, fixed, form, listing};
use crate::api::violence::{self, MEASURES};
use crate::column::every_number;
use crate::fault::{Fault, FaultKind};
use crate::query::{Kind, Parameter, Query, address};
use crate::scene::{AS_OF, DATE_RULE, PLACES, SOURCE, Scene, UNIT};

/// As for the table, but that place and month may be absent: the page then asks for them.
pub(crate) static WHY: [Parameter; 8] = [
    Parameter::optional("place", Kind::Text, "The place, by id or name."),
    Parameter::optional("month", Kind::Month, "The month."),
    Parameter::with_default("measure", Kind::Choice(&MEASURES), "deaths_best", "The measure."),
    UNIT,
    DATE_RULE,
    PLACES,
    AS_OF,
    SOURCE,
];

/// The form; `last` is the last month covered, as an example.
fn ask(query: &Query, names: &LevelNames, last: &str) -> Markup {
    let levels = [
        ("adm2", names.adm2.several.as_str()),
        ("adm1", &names.adm1.several),
        ("country", "the country"),
        ("priogrid", "grid cells"),
    ];
    let places = [("contemporary", "of their day"), ("current", "of today")];
    let fields = html! {
        (field(query, "place", "Place, by id or name", "an id or a name"))
        (field(query, "month", "Month", last))
        (measure_choice(query))
        (choice(query, "unit", "Level", &levels))
        (choice(query, "places", "On the places", &places))
        (field(query, "as_of", "As known on", "YYYY-MM-DD"))
    };
    form("/why", &fields)
}

/// The records behind a number.
///
/// It answers which records a count is the sum of, each with its part, its source, version,
/// licence, file and row. Without a place and a month it shows the form alone.
///
/// # Errors
///
/// `NotFound` for a place that is not known and for a month that no version of the source covers.
pub(crate) fn why(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let query = scene.query;
    let (place, month, measure) = (query.word("place"), query.word("month"), query.word("measure"));
    let facts = scene.facts()?;
    let ask = ask(query, facts.book.level_names(), &facts.last().to_string());
    if place.is_empty() || month.is_empty() {
        let body = html! {
            p.lead { "Every count is a sum over records. Name a place and a month to see them, each with its source, version, licence, file and row." }
            (ask)
        };
        return Ok(PageContent::new("Why", body));
    }
    let pairs: Vec<(String, String)> = query
        .pairs()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let all = Query::check(&violence::WHY, &pairs)?;
    let table =
        violence::why(&Scene { query: &all, ..*scene }).map_err(|fault| match fault.problem {
            FaultKind::NotFound => fault.in_place("parameters place and month"),
            _ => fault,
        })?;
    let view = View::new(&table);
    let total: f64 = every_number(&view, "contribution")?.iter().sum();
    let shown = [
        Shown::text("date_start", "From"),
        Shown::text("date_end", "To"),
        Shown::text("side_a", "Side A"),
        Shown::text("side_b", "Side B"),
        Shown::text("adm1", "The source's first level"),
        Shown::text("adm2", "Its second level"),
        Shown::text("method", "Placed by"),
        Shown::new("share", "Share that counts here", How::Percent),
        Shown::fixed(measure, "Of the record", 0),
        Shown::fixed("contribution", "Counts here", 2),
        Shown::text("source", "Source"),
        Shown::text("version", "Version"),
        Shown::text("licence", "Licence"),
        Shown::text("file", "File"),
        Shown::fixed("source_row", "Row", 0),
        Shown::fixed("event_id", "Event", 0),
    ];
    let place_name = facts.place_name(place);
    let title = format!("{}: {}, {month}", place_name, measure_title(measure));
    let pairs = query.pairs();
    let body = html! {
        p.lead { (capital(&measure_title(measure))) " in " (place_name) " in " (month) ": " b { (fixed(Some(total), if total.fract() == 0.0 { 0 } else { 2 })) }
            ", the sum of the column “counts here” over " (view.rows()) " records." }
        @if view.rows() == 0 { p { "The month is covered, and nothing was recorded that counts towards the measure." } }
        @if !scene.edition.observatory.holds_events() {
            p.note { "These are rows of counts that the case ships; single events need an import of the source's file." }
        }
        @if view.rows() > 0 { (listing(&view, &shown, 0..view.rows())?) }
        (data("/api/v1/why", &pairs, &command_as_known(query, &format!("sanad why CASE --place \"{place}\" --month {month} --measure {measure} --unit {}", query.word("unit")))))
        (ask)
        p { a href=(address("/compare", &[("place_a", place), ("from_a", month), ("to_a", month), ("place_b", place), ("from_b", month), ("to_b", month)])) { "As known on two days" } }
    };
    Ok(PageContent::new(title, body))
}
