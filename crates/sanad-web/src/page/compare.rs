//! Two sides by side: places, spans of months, or days of knowledge.
//!
//! A name that several places have is asked back with their ids: which one is meant is not guessed.

use maud::{Markup, html};
use sanad_core::Month;
use sanad_core::place::{Level, Place, PlaceBook};
use sanad_store::{PanelRequest, PlacesOf};

use super::PageContent;
use super::map::{measure_title, sums, uncovered};
use super::part::{data, form, months, whole};
use crate::api::violence::MEASURES;
use crate::edition::Facts;
use crate::fault::Fault;
use crate::query::{Kind, Parameter};
use crate::scene::{Scene, unit_of};

/// The same four questions for each side. Without any, the last twelve months covered stand against
/// the twelve before.
pub(crate) static COMPARE: [Parameter; 8] = [
    Parameter::optional(
        "place_a",
        Kind::Text,
        "The place of the first side, by id or by the name of a place of today; the country when absent.",
    ),
    Parameter::optional("from_a", Kind::Month, "Its first month."),
    Parameter::optional("to_a", Kind::Month, "Its last month."),
    Parameter::optional("as_of_a", Kind::Day, "The day whose knowledge it shows."),
    Parameter::optional("place_b", Kind::Text, "The place of the second side, likewise."),
    Parameter::optional("from_b", Kind::Month, "Its first month."),
    Parameter::optional("to_b", Kind::Month, "Its last month."),
    Parameter::optional("as_of_b", Kind::Day, "The day whose knowledge it shows."),
];

/// One side of the comparison.
struct Side {
    /// The place as it was asked for; its name where none was.
    given: String,
    /// Identifier of the place.
    place: String,
    /// Its name.
    name: String,
    /// The panel's unit for its level.
    unit: &'static str,
    /// First and last month.
    span: [Month; 2],
    /// The day whose knowledge it shows; `None` for now.
    as_of: Option<chrono::NaiveDate>,
    /// By measure; nothing where no month is covered.
    values: Vec<Option<f64>>,
}

impl Side {
    /// The names of its fields in the address.
    fn names(letter: char) -> [String; 4] {
        ["place", "from", "to", "as_of"].map(|name| format!("{name}_{letter}"))
    }

    /// A side from its four fields; `letter` is a or b, and `later` the months where none are
    /// given.
    ///
    /// # Errors
    ///
    /// Those of `place_of`; a fault for a span that is none or longer than a hundred years.
    fn read(
        scene: &Scene<'_>,
        facts: &Facts,
        letter: char,
        later: [Month; 2],
    ) -> Result<Self, Fault> {
        let query = scene.query;
        let [place, from, to, as_of] = Self::names(letter);
        let given = query.text(&place).unwrap_or(&facts.case.country);
        let known = place_of(&facts.book, given, &place)?;
        let last = query.month(&to).unwrap_or(later[1]);
        let first = query.month(&from).unwrap_or(if query.month(&to).is_some() {
            last.plus(-11)
        } else {
            later[0]
        });
        if last < first || last.id() - first.id() >= 1200 {
            let expected = format!("a month from {first} to {}", first.plus(1199));
            return Err(Fault::parameter(&to, &last.to_string(), &expected));
        }
        let unit = match known.level {
            Level::Country => "country",
            Level::Adm1 => "adm1",
            Level::Adm2 => "adm2",
        };
        let as_of = query.day(&as_of);
        let request = PanelRequest {
            places_of: PlacesOf::Current,
            as_of,
            series: facts.case.series(),
            ..PanelRequest::new(unit_of(unit), first, last)
        };
        let panel = scene.edition.panel(&request)?;
        let value = |measure: &&str| Ok(sums(&panel, measure)?.get(&known.id).copied().flatten());
        Ok(Self {
            given: query.text(&place).unwrap_or(&known.name).to_owned(),
            place: known.id.clone(),
            name: known.name.clone(),
            unit,
            span: [first, last],
            as_of,
            values: MEASURES.iter().map(value).collect::<Result<_, Fault>>()?,
        })
    }

    /// Its months and day of knowledge in words, such as "2021-01 to 2021-12 as known on
    /// 2022-01-31". Without a day the months stand alone.
    fn words(&self) -> String {
        let known = self.as_of.map_or_else(String::new, |day| format!(" as known on {day}"));
        format!("{}{known}", months(self.span))
    }

    /// The head of the side's column: place, months and day of knowledge.
    fn title(&self) -> Markup {
        html! {
            a href=(format!("/place/{}", self.place)) { (self.name) } br; (months(self.span))
            @if let Some(day) = self.as_of { br; "as known on " (day) }
        }
    }

    /// Links to the panel that the side is summed from, with the place and the months that they are
    /// of: the two sides have the same links else.
    fn data(&self) -> Markup {
        let (from, to) = (self.span[0].to_string(), self.span[1].to_string());
        let day = self.as_of.map(|day| day.to_string());
        let mut pairs =
            vec![("unit", self.unit), ("from", &*from), ("to", &*to), ("places", "current")];
        pairs.extend(day.as_deref().map(|day| ("as_of", day)));
        html! {
            p.note { "The panel of " (self.name) ", " (self.words()) ":" }
            (data("/api/v1/panel", &pairs, ""))
        }
    }
}

/// The place that a text names: by its identifier, or by a name that one place of today has.
///
/// A name that several have, such as a district and the province around it, is not guessed at, and
/// a place of earlier days has no counts on today's places.
///
/// # Errors
///
/// `NotFound` for a text that names no place of today; `WrongRequest` for a name that several
/// places of today have, with their identifiers. `parameter` is the one that is at fault.
fn place_of<'b>(book: &'b PlaceBook, given: &str, parameter: &str) -> Result<&'b Place, Fault> {
    let today = || {
        let levels = [Level::Country, Level::Adm1, Level::Adm2];
        levels.into_iter().flat_map(|level| book.current(level))
    };
    if let Some(place) = today().find(|one| one.id.eq_ignore_ascii_case(given)) {
        return Ok(place);
    }
    let named: Vec<&Place> = today().filter(|one| one.name.eq_ignore_ascii_case(given)).collect();
    match named[..] {
        [place] => Ok(place),
        [] => Err(not_of_today(book, given).in_place(format!("parameter {parameter}"))),
        _ => {
            let ids: Vec<&str> = named.iter().map(|one| one.id.as_str()).collect();
            let expected = format!("one place: {} are called so", ids.join(" and "));
            Err(Fault::parameter(parameter, given, &expected).with_hint("name it by its id"))
        }
    }
}

/// The fault of a text that names no place of today: one of earlier days leads to its successors.
fn not_of_today(book: &PlaceBook, given: &str) -> Fault {
    let is_named =
        |one: &&Place| one.id.eq_ignore_ascii_case(given) || one.name.eq_ignore_ascii_case(given);
    let fault = Fault::not_found("place of today", given, "/places");
    match book.iter().find(is_named) {
        Some(earlier) if !earlier.successors.is_empty() => {
            let next: Vec<&str> = earlier.successors.iter().map(|one| one.place.as_str()).collect();
            fault.with_hint(format!("it became {}: name one of these", next.join(", ")))
        }
        _ => fault,
    }
}

/// Two sides of a comparison, measure by measure.
///
/// It answers how two places, two spans of months or two days of knowledge differ, by every measure
/// of the panel. A side of which no month is covered shows dashes, and a note says how many months
/// of a span are covered by nothing.
///
/// # Errors
///
/// Those of reading a side.
pub(crate) fn compare(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let facts = scene.facts()?;
    let last = facts.last();
    // Without a question: the last twelve months covered against the twelve before.
    let a = Side::read(scene, &facts, 'a', [last.plus(-23), last.plus(-12)])?;
    let b = Side::read(scene, &facts, 'b', [last.plus(-11), last])?;
    let fields = |letter: char, side: &Side| {
        let [place, from, to, as_of] = Side::names(letter);
        let query = scene.query;
        let field = |name: &str, title: &str, value: String, example: &str| {
            html! {
                label { span { (title) } input type="text" name=(name) value=(value) placeholder=(example) size="12"; }
            }
        };
        html! {
            (field(&place, &format!("{} side: place", if letter == 'a' { "First" } else { "Second" }), side.given.clone(), ""))
            (field(&from, "First month", side.span[0].to_string(), "2021-01"))
            (field(&to, "Last month", side.span[1].to_string(), "2021-12"))
            (field(&as_of, "As known on", query.word(&as_of).to_owned(), "YYYY-MM-DD"))
        }
    };
    let change = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) if b >= a => format!("+{}", sanad_figure::number(b - a, 0)),
        (Some(a), Some(b)) => format!("−{}", sanad_figure::number(a - b, 0)),
        _ => "–".to_owned(),
    };
    let body = html! {
        p { "Two places, two spans of months, or the same months as they were known on two days: what we said then, and what we say now." }
        (form("/compare", &html! { (fields('a', &a)) (fields('b', &b)) }))
        div.scroll tabindex="0" role="region" aria-label="Both sides" { table {
            thead { tr { th { "Measure" } th.n { (a.title()) } th.n { (b.title()) } th.n { "Second less first" } } }
            tbody { @for (at, measure) in MEASURES.iter().enumerate() { tr {
                td { (super::map::capital(&measure_title(measure))) }
                td.n { (whole(a.values[at])) } td.n { (whole(b.values[at])) } td.n { (change(a.values[at], b.values[at])) }
            } } }
        } }
        p.note { "A dash: no version of the source known on that day covers any of the months. A difference between two spans says nothing of why." }
        @for side in [&a, &b] { @if let Some(said) = uncovered(scene.edition, side.span, side.as_of)? { p.note { (side.name) ": " (said) } } }
        (a.data()) (b.data())
    };
    // One place on both sides is named once.
    let title = match a.place == b.place {
        true => format!("{}: {} beside {}", a.name, a.words(), b.words()),
        false => format!("{} beside {}", a.name, b.name),
    };
    Ok(PageContent::new(title, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::FaultKind;

    /// A country with a province, a district of the same name, and a district that became another.
    fn book() -> PlaceBook {
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
        let place = |id: &str, name: &str, level, within: Option<&str>| Place {
            id: id.to_owned(),
            name: name.to_owned(),
            level,
            within: within.map(str::to_owned),
            ..serde_json::from_value(serde_json::json!({"id": id, "name": name, "level": "adm1"}))
                .unwrap()
        };
        let earlier = Place {
            valid_to: Some(day("2000-12-31")),
            successors: vec![sanad_core::place::Successor { place: "P11".to_owned(), share: 1.0 }],
            ..place("P12", "Old Town", Level::Adm2, Some("P1"))
        };
        let places = vec![
            Place { gwno: Some(1), ..place("C", "Land", Level::Country, None) },
            place("P1", "Capital", Level::Adm1, Some("C")),
            place("P11", "Capital", Level::Adm2, Some("P1")),
            place("P13", "Shore", Level::Adm2, Some("P1")),
            earlier,
        ];
        PlaceBook::new(places, Vec::new(), day("2026-01-31")).unwrap()
    }

    #[test]
    fn a_name_that_several_places_have_is_asked_back_and_an_id_is_not() {
        let book = book();
        let of = |given: &str| place_of(&book, given, "place_a").map(|one| one.id.as_str());
        assert_eq!([of("p11"), of("P1"), of("shore")], [Ok("P11"), Ok("P1"), Ok("P13")]);
        let several = of("Capital").unwrap_err();
        assert_eq!(several.problem, FaultKind::WrongRequest);
        assert!(several.what.contains("P1 and P11") && several.place == "parameter place_a");
    }

    #[test]
    fn a_place_of_earlier_days_leads_to_what_it_became() {
        let earlier = place_of(&book(), "Old Town", "place_b").unwrap_err();
        assert_eq!(earlier.problem, FaultKind::NotFound);
        assert!(earlier.hint.contains("P11"), "{}", earlier.hint);
        let unknown = place_of(&book(), "Nowhere", "place_b").unwrap_err();
        assert_eq!(unknown.hint, "/places lists what there is");
    }
}
