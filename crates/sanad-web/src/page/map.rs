//! The map: one measure over a span of months, by place of one level.
//!
//! A place is coloured by the sum of a measure over the covered months of the span, in classes that
//! grow as logarithms do. Hatched is unknown, white is known and zero: the two are never one
//! colour.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use maud::{Markup, html};
use sanad_core::Month;
use sanad_core::place::{Level, Place};
use sanad_figure::{
    Centroid, Choropleth, Classes, Figure, Format, Heading, Region, Tile, TileLayout, TileMap,
    choropleth, tile_layout, tile_map,
};
use sanad_source::boundaries::Boundaries;
use sanad_store::{PanelRequest, PlacesOf, Table, View};

use super::PageContent;
use super::part::{
    as_known, choice, command_as_known, data, field, figure, form, months, place_address, whole,
    why_address,
};
use crate::api::violence::MEASURES;
use crate::column::{every_text, numbers};
use crate::edition::{Edition, Facts};
use crate::fault::{Fault, FaultKind};
use crate::query::{Kind, Parameter, Query};
use crate::scene::{AS_OF, FROM, Scene, TO, level_of};

/// Parameters of the map. Without months it shows the last twelve covered.
pub(crate) static MAP: [Parameter; 5] = [
    Parameter::with_default(
        "unit",
        Kind::Choice(&["adm1", "adm2"]),
        "adm2",
        "The first level below the country (adm1) or the second (adm2).",
    ),
    Parameter::with_default(
        "measure",
        Kind::Choice(&MEASURES),
        "deaths_best",
        "The measure of the panel.",
    ),
    FROM,
    TO,
    AS_OF,
];

/// A measure's name for people. The type of violence stands behind the measure: "deaths, best
/// estimate, state-based".
pub(super) fn measure_title(measure: &str) -> String {
    let (kind, rest) = match measure {
        name if name.starts_with("state_based_") => {
            (", state-based", &name["state_based_".len()..])
        }
        name if name.starts_with("non_state_") => (", non-state", &name["non_state_".len()..]),
        name if name.starts_with("one_sided_") => (", one-sided", &name["one_sided_".len()..]),
        name => ("", name),
    };
    let what = match rest {
        "deaths_best" => "deaths, best estimate",
        "deaths_low" => "deaths, low estimate",
        "deaths_high" => "deaths, high estimate",
        "deaths_civilians" => "deaths of civilians",
        other => other,
    };
    format!("{what}{kind}")
}

/// The choice of a measure in a form, each by its name for people.
///
/// The address has the measure's own word, which is the column of the panel, so that links and tables mean
/// the same.
pub(super) fn measure_choice(query: &Query) -> Markup {
    let titles = MEASURES.map(measure_title);
    let options: Vec<(&str, &str)> =
        MEASURES.into_iter().zip(titles.iter().map(String::as_str)).collect();
    choice(query, "measure", "Measure", &options)
}

/// The sums of a measure by place over the covered months of a panel; nothing for a place of which
/// no month is covered.
///
/// # Errors
///
/// A fault for a measure that the panel does not have.
pub(super) fn sums(panel: &Table, measure: &str) -> Result<BTreeMap<String, Option<f64>>, Fault> {
    let view = View::new(panel);
    let places = every_text(&view, "place_id")?;
    let values = numbers(&view, measure)?;
    let mut sums: BTreeMap<String, Option<f64>> = BTreeMap::new();
    for (place, value) in places.into_iter().zip(values) {
        let sum = sums.entry(place).or_default();
        if let Some(value) = value {
            *sum = Some(sum.unwrap_or(0.0) + value);
        }
    }
    Ok(sums)
}

/// The request of a panel by today's places. The source is the case's own series, events count by
/// their last day.
pub(super) fn todays_panel(
    scene: &Scene<'_>,
    unit: &str,
    [from, to]: [Month; 2],
) -> Result<PanelRequest, Fault> {
    Ok(PanelRequest {
        places_of: PlacesOf::Current,
        as_of: scene.query.day("as_of"),
        series: scene.facts()?.case.series(),
        ..PanelRequest::new(crate::scene::unit_of(unit), from, to)
    })
}

/// Months of a span that nothing covered as known on a day, in order.
fn uncovered_months(
    edition: &Edition,
    [from, to]: [Month; 2],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Month>, Fault> {
    let covered = edition.covered(as_of)?;
    Ok(Month::range(from, to).filter(|month| covered.binary_search(month).is_err()).collect())
}

/// What a figure that stands alone has to say of its sums; nothing where all months are covered.
fn caption_of_sums(scene: &Scene<'_>, span: [Month; 2]) -> Result<Option<String>, Fault> {
    let missing = uncovered_months(scene.edition, span, scene.query.day("as_of"))?.len();
    let all = Month::range(span[0], span[1]).count();
    Ok(match all - missing {
        _ if missing == 0 => None,
        0 => Some("No month of it is covered.".to_owned()),
        1 => Some(format!("Sums are over the one of {all} months that is covered.")),
        some => Some(format!("Sums are over the {some} of {all} months that are covered.")),
    })
}

/// Months of a span that nothing covered as known on a day, as a sentence; nothing where all were
/// covered. Without a day, all versions count that are known now.
///
/// Where some months are covered, the sentence says that sums are over those; where none is, there is
/// no sum to speak of.
///
/// # Errors
///
/// Those of reading which versions are in effect.
pub(super) fn uncovered(
    edition: &Edition,
    [from, to]: [Month; 2],
    as_of: Option<NaiveDate>,
) -> Result<Option<String>, Fault> {
    let missing = uncovered_months(edition, [from, to], as_of)?;
    let (Some(first), Some(last)) = (missing.first(), missing.last()) else { return Ok(None) };
    let known = as_of.map_or_else(String::new, |day| format!(" known on {day}"));
    let none = format!("covered by no version of the source{known}: unknown, not quiet.");
    let all = Month::range(from, to).count();
    Ok(Some(match missing.len() {
        1 if all == 1 => format!("This month is {none}"),
        some if some == all => format!("These months are {none}"),
        1 => format!("One of these months, {first}, is {none} Sums are over the others."),
        some => format!(
            "{some} of these months, between {first} and {last}, are {none} Sums are over the others."
        ),
    }))
}

/// The map.
///
/// It answers where most was recorded in a span of months, as known on a day: a map, the places
/// with most by name, and what could not be put on the map. Real shapes are drawn where the
/// observatory has boundaries for every place, and tiles near where places lie otherwise.
///
/// # Errors
///
/// `NotFound` where the case lists no places of the level with a point; a fault for a span that is
/// none.
pub(crate) fn map(scene: &Scene<'_>) -> Result<PageContent, Fault> {
    let (facts, query) = (scene.facts()?, scene.query);
    let (unit, measure, span) = (query.word("unit"), query.word("measure"), scene.months()?);
    let panel = scene.edition.panel(&todays_panel(scene, unit, span)?)?;
    let sums = sums(&panel, measure)?;
    let title = format!("{}, {}", capital(&measure_title(measure)), months(span));
    let drawn = draw(scene, &facts, &sums, &title, span)?;
    let made = "Sums of the panel by today's places over the covered months. Hatched: no month is covered. \
                White: covered, and nothing recorded.";
    let rest = unplaced(&sums);
    let names = facts.book.level_names();
    let levels = [("adm2", names.adm2.several.as_str()), ("adm1", &names.adm1.several)];
    let [from, to] = span.map(|month| month.to_string());
    let asked = [("unit", unit), ("from", &*from), ("to", &*to), ("places", "current")];
    let command = format!(
        "sanad panel --unit {unit} --from {from} --to {to} --places current --observatory DIR"
    );
    let body = html! {
        (form("/map", &html! {
            (choice(query, "unit", "Level", &levels))
            (measure_choice(query))
            (field(query, "from", "First month", &from))
            (field(query, "to", "Last month", &to))
            (field(query, "as_of", "As known on", "YYYY-MM-DD"))
        }))
        @if let Some(said) = uncovered(scene.edition, span, query.day("as_of"))? { p.note { (said) } }
        (figure(scene, &drawn, made))
        @if let Some(sum) = rest { p.note { "Not on the map, because the source does not tell the place at this level: " (sum) "." } }
        (greatest(scene, &facts, &sums, span))
        (data("/api/v1/panel", &as_known(query, &asked), &command_as_known(query, &command)))
    };
    Ok(PageContent::new(title, body).with_figures(vec![drawn]))
}

/// A text with its first letter in capitals.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What could not be placed, in words. `None` where everything could be placed, and where nothing
/// was counted.
fn unplaced(sums: &BTreeMap<String, Option<f64>>) -> Option<String> {
    let rest = sums.iter().filter(|(id, _)| id.starts_with("unplaced:"));
    let sum: f64 = rest.filter_map(|(_, value)| *value).sum();
    (sum > 0.0).then(|| sanad_figure::number(sum, 0))
}

/// The places of a map: those of today at its level that have a point. Each comes with the position
/// of its province among today's.
fn placed(facts: &Facts, level: Level) -> Vec<(&Place, usize)> {
    let provinces: Vec<&Place> = facts.book.current(Level::Adm1).collect();
    let of_province = |place: &Place| {
        let province = facts.book.at_level(&place.id, Level::Adm1)?;
        provinces.iter().position(|one| one.id == province.id)
    };
    let has_point = |place: &&Place| place.longitude.is_some() && place.latitude.is_some();
    let places = facts.book.current(level).filter(has_point);
    places.filter_map(|place| Some((place, of_province(place)?))).collect()
}

/// What a map shows: places with their values, and the classes that all of them share.
struct Drawn<'a> {
    /// Places with the position of their province.
    places: Vec<(&'a Place, usize)>,
    /// The sum of the measure by place; `None` where no month is covered.
    values: Vec<Option<f64>>,
    /// Names of provinces.
    groups: Vec<String>,
    /// The classes of the legend.
    classes: Classes,
    /// What is counted, in words.
    unit: String,
}

/// The map of the sums, as shapes or as tiles.
///
/// # Errors
///
/// `NotFound` where no place of the level has a point.
fn draw(
    scene: &Scene<'_>,
    facts: &Facts,
    sums: &BTreeMap<String, Option<f64>>,
    title: &str,
    span: [Month; 2],
) -> Result<Figure, Fault> {
    let level = level_of(scene.query.word("unit"));
    let places = placed(facts, level);
    if places.is_empty() {
        let what = "the case lists no places of this level with a point";
        return Err(Fault::new(FaultKind::NotFound, what).with_hint("ask for the other level"));
    }
    let value = |place: &Place| sums.get(&place.id).copied().flatten();
    let values: Vec<Option<f64>> = places.iter().map(|(place, _)| value(place)).collect();
    let greatest = values.iter().flatten().copied().fold(1.0, f64::max);
    let provinces = facts.book.current(Level::Adm1);
    let drawn = Drawn {
        places,
        values,
        groups: provinces.map(|place| place.name.clone()).collect(),
        classes: Classes::log_like(greatest, Format::Count),
        unit: measure_title(scene.query.word("measure")),
    };
    let boundaries = scene.edition.boundaries()?;
    let shapes = boundaries.as_ref().as_ref().filter(|known| {
        drawn.places.iter().all(|(place, _)| known.get(level, &place.id).is_some())
    });
    let mut said = vec![if shapes.is_some() { SHAPES.to_owned() } else { TILES.to_owned() }];
    said.extend(caption_of_sums(scene, span)?);
    said.push(format!("Source: {}.", facts.case.series()));
    let heading = heading(title, &said.join(" "));
    match shapes {
        Some(known) => shapes_of(&drawn, known, level, facts, &heading),
        None => {
            let layout = scene.edition.layout(level, || layout_of(&drawn.places))?;
            tiles_of(&drawn, &layout, &heading)
        }
    }
}

/// How a map of shapes is drawn.
const SHAPES: &str = "Shapes: the boundaries in the observatory, simplified.";
/// How a map of tiles is drawn.
const TILES: &str = "One tile per place, near where it lies.";

/// Title, caption and description of the map.
fn heading(title: &str, caption: &str) -> Heading {
    let description =
        "A map of places, darker where the measure is greater; the greatest are listed beside it.";
    Heading::new("map", title, caption, description)
}

/// A map of boundaries; provinces whose borders are disputed are marked.
fn shapes_of(
    drawn: &Drawn<'_>,
    known: &Boundaries,
    level: Level,
    facts: &Facts,
    heading: &Heading,
) -> Result<Figure, Fault> {
    let region = |((place, group), value): (&(&Place, usize), &Option<f64>)| Region {
        name: place.name.clone(),
        group: *group,
        polygons: known.get(level, &place.id).map(sanad_study::polygons).unwrap_or_default(),
        value: *value,
    };
    let regions: Vec<Region> = drawn.places.iter().zip(&drawn.values).map(region).collect();
    let provinces = facts.book.current(Level::Adm1).enumerate();
    let disputed: Vec<usize> =
        provinces.filter_map(|(number, place)| place.disputed.then_some(number)).collect();
    let map = Choropleth {
        regions: &regions,
        groups: &drawn.groups,
        disputed: &disputed,
        boundaries: &[],
        classes: &drawn.classes,
        unit: &drawn.unit,
        listed: 12,
        tolerance: 0.4,
    };
    Ok(choropleth(heading, &map)?)
}

/// Where the tiles of places lie, each with the position of its province.
fn layout_of(places: &[(&Place, usize)]) -> Result<TileLayout, Fault> {
    let centroid = |(place, group): &(&Place, usize)| {
        Some(Centroid { lon: place.longitude?, lat: place.latitude?, group: *group })
    };
    let centroids: Vec<Centroid> = places.iter().filter_map(centroid).collect();
    Ok(tile_layout(&centroids)?)
}

/// A map of tiles, one per place, with its abbreviation: the case's, or the first three letters of
/// the name.
fn tiles_of(drawn: &Drawn<'_>, layout: &TileLayout, heading: &Heading) -> Result<Figure, Fault> {
    let short =
        |place: &Place| place.short.clone().unwrap_or_else(|| place.name.chars().take(3).collect());
    let tile = |((place, _), value): (&(&Place, usize), &Option<f64>)| Tile {
        name: place.name.clone(),
        abbreviation: short(place),
        value: *value,
    };
    let tiles: Vec<Tile> = drawn.places.iter().zip(&drawn.values).map(tile).collect();
    let map = TileMap {
        tiles: &tiles,
        layout,
        groups: &drawn.groups,
        classes: &drawn.classes,
        unit: &drawn.unit,
        listed: 12,
    };
    Ok(tile_map(heading, &map)?)
}

/// Rows of the table below the map.
const LISTED: usize = 25;

/// The places with the greatest sums, at most twenty-five and none of zero. The sum of one month
/// leads to its records, that of several to the place's own page.
fn greatest(
    scene: &Scene<'_>,
    facts: &Facts,
    sums: &BTreeMap<String, Option<f64>>,
    span: [Month; 2],
) -> Markup {
    let mut rows: Vec<(&str, f64)> = sums
        .iter()
        .filter_map(|(id, sum)| Some((id.as_str(), (*sum)?)))
        .filter(|(id, sum)| *sum > 0.0 && facts.book.get(id).is_some())
        .collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let query = scene.query;
    let (unit, measure) = (query.word("unit"), query.word("measure"));
    if rows.is_empty() {
        return html! { p.note { "No place has more than zero here." } };
    }
    html! {
        h2 { "Most, by name" }
        div.scroll tabindex="0" role="region" aria-label="Places" { table {
            thead { tr { th { "Place" } th.n { (capital(&measure_title(measure))) } } }
            tbody { @for (id, sum) in rows.into_iter().take(LISTED) { tr {
                td { a href=(place_address(query, id)) { (facts.place_name(id)) } }
                td.n {
                    @if span[0] == span[1] { a href=(why_address(query, id, span[0], measure, unit)) { (whole(Some(sum))) } }
                    @else { a href=(place_address(query, id)) { (whole(Some(sum))) } }
                }
            } } }
        } }
        p.note { "A sum over several months leads to the place's months, and a month's number to its records." }
    }
}
