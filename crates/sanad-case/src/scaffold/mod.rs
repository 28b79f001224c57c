//! The scaffold of a new case: what can be said of a country from a file of events and, if there is
//! one, a file of borders.
//!
//! Places come with codes and points from the borders, or with names and points from the events. They
//! stand at the levels that the source uses: borders are matched with the level whose names they have.
//! A name that no border has is the area that holds its points; one that several areas share becomes a
//! place of its own with these as parts. Organisations come with UCDP's numbers; a name that may be a
//! person's is replaced by the number. Families and everything else that a file cannot say are left to a
//! person, one commented line each.
//!
//! What is written is read back before it is handed out, so that a case that cannot be read is never
//! written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sanad_core::country::Country;
use sanad_core::event::Events;
use sanad_core::place::{Level, PlaceBook};
use sanad_core::source::Coverage;
use sanad_source::boundaries::{Boundaries, Reading};

use crate::error::{Error, Result};

mod borders;
mod draft;
mod measure;
mod names;
mod sides;
mod spelling;
mod text;

use borders::Borders;
use draft::Draft;
pub use measure::Placed;
use names::SourceNames;

/// What a new case is made from.
#[derive(Debug, Clone, Copy)]
pub struct ScaffoldRequest<'a> {
    /// Short name of the case.
    pub id: &'a str,
    /// The country, which must have a Gleditsch–Ward number.
    pub country: Country,
    /// Events of that country; those of others are left aside.
    pub events: &'a Events,
    /// The publisher's version of the events, if it is known.
    pub version: Option<&'a str>,
    /// The version that importing the events gives them: the publisher's, or one made of their bytes.
    pub imported_version: &'a str,
    /// What the events cover.
    pub coverage: &'a Coverage,
    /// Name of the file of events, for the texts.
    pub ged_file: &'a str,
    /// Borders of places of one level.
    pub boundaries: Option<&'a Reading>,
    /// Name of their file.
    pub boundaries_file: Option<&'a str>,
    /// The day on which the case is made.
    pub today: NaiveDate,
}

impl ScaffoldRequest<'_> {
    /// The day whose places count as today's: that of the borders where they say one.
    fn current_on(&self) -> NaiveDate {
        let areas = self.boundaries.iter().flat_map(|reading| &reading.boundaries);
        areas.filter_map(|area| area.valid_on).max().unwrap_or(self.today)
    }
}

/// A new case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaffold {
    /// Texts of its files by name. `case.toml` names a table of counts under [`COUNTS_FILE`], which
    /// whoever holds the events has to add.
    pub files: BTreeMap<&'static str, String>,
    /// `case.toml` without that table, to count with.
    pub case_without_counts: String,
    /// How much of the events its places hold.
    pub placed: Placed,
    /// Places by level: provinces, districts.
    pub places: [usize; 2],
    /// Organisations and states.
    pub organisations: usize,
    /// Of these, how many have their number for a name, because the source's may be a person's.
    pub numbered: usize,
    /// Lines that a person must decide upon.
    pub decisions: usize,
    /// The level at which the borders are places of the case.
    pub boundary_level: Option<Level>,
}

/// The table of counts that a new case ships.
pub const COUNTS_FILE: &str = "ucdp-ged-counts.parquet";

/// The card of that table.
const COUNTS_CARD: &str = "ucdp-ged-counts.toml";

/// Makes a new case.
///
/// # Errors
///
/// [`Error::NoEvents`] when no event lies in the country, or the country has no Gleditsch–Ward number;
/// [`Error::Form`] when the borders are those of countries, or of another country; what the readers of a case say of texts that
/// they cannot read.
///
/// ```
/// use sanad_case::{ScaffoldRequest, scaffold};
/// use sanad_core::country::Country;
/// use sanad_source::ged;
///
/// let file = "id,type_of_violence,side_a,side_b,where_prec,adm_1,latitude,longitude,country,date_start,\
///             date_end,best\n1,1,Government of Mali,ABC,4,North province,16.5,0.5,Mali,2020-01-01,2020-01-01,3\n";
/// let read = ged::read(file.as_bytes(), &ged::Options::default()).unwrap();
/// let made = scaffold(&ScaffoldRequest {
///     id: "mali",
///     country: Country::of_code("MLI").unwrap(),
///     events: &read.events,
///     version: None,
///     imported_version: "file-1",
///     coverage: &read.coverage,
///     ged_file: "events.csv",
///     boundaries: None,
///     boundaries_file: None,
///     today: "2026-01-01".parse().unwrap(),
/// })?;
/// assert_eq!(made.placed.share(), Some(1.0));
/// assert!(made.files["places.toml"].contains("name = \"North province\""));
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn scaffold(request: &ScaffoldRequest<'_>) -> Result<Scaffold> {
    let gwno = request.country.gwno.filter(|gwno| request.events.country_id.contains(gwno));
    let Some(gwno) = gwno else { return Err(no_events(request)) };
    let names = SourceNames::of_country(request.events, gwno);
    let borders = request.boundaries.map(finest_borders).transpose()?;
    check_country(borders.as_ref(), &names)?;
    let draft = Draft::new(request.country, &names, borders.as_ref());
    let sides = sides::sides(request.events, gwno, &names);
    let state = format!("gov-{}", request.country.iso3.to_lowercase());
    let places = text::places(&draft);
    let case = text::case(request, &draft, &state);
    let actors = text::actors(&sides, request, &state);
    let book = check(&case, &places, &actors)?;
    let boundary_level = draft.area_level;
    let placed = placed(request, gwno, &book, boundary_level);
    let readme = text::readme(request, &draft, &sides, &sentence(&placed));
    let files = BTreeMap::from([
        ("LICENSE.md", text::licence(request)),
        ("README.md", readme),
        ("actors.toml", actors),
        ("case.toml", format!("{case}{}", text::figure())),
        ("places.toml", places),
        (COUNTS_CARD, text::card(request, gwno)),
    ]);
    let count = |level| draft.places.iter().filter(|draft| draft.place.level == level).count();
    let toml = files.iter().filter(|(name, _)| name.ends_with(".toml"));
    let lines = toml.flat_map(|(_, text)| text.lines());
    Ok(Scaffold {
        decisions: lines.filter(|line| line.starts_with(text::DECIDE)).count(),
        placed,
        places: [count(Level::Adm1), count(Level::Adm2)],
        organisations: sides.len(),
        numbered: sides.iter().filter(|side| side.name.is_none()).count(),
        boundary_level,
        case_without_counts: case,
        files,
    })
}

fn finest_borders(reading: &Reading) -> Result<Borders> {
    Borders::finest(reading).ok_or(Error::Form {
        found: "borders of countries alone",
        expected: "borders of provinces or districts",
        advice: "give a file of a finer level, or none",
    })
}

/// The least share of events whose points must lie in the borders. Borders of the country that are
/// simplified lose a few at the coast; those of another country hold hardly any.
const IN_BORDERS: f64 = 0.5;

/// Refuses borders that do not hold the events.
fn check_country(borders: Option<&Borders>, names: &SourceNames) -> Result<()> {
    let share = borders.and_then(|borders| borders.share_inside(&names.known_points));
    match share.filter(|share| *share < IN_BORDERS) {
        None => Ok(()),
        Some(_) => Err(Error::Form {
            found: "borders that hold fewer than half of the country's events",
            expected: "borders of the country whose events are given",
            advice: "give the borders of that country, with degrees as longitude, then latitude",
        }),
    }
}

/// Reads the texts back.
fn check(case: &str, places: &str, actors: &str) -> Result<PlaceBook> {
    let case = crate::read_case(case)?;
    crate::read_actors(actors)?;
    let book = crate::read_places(places)?.into_book(case.current_on)?;
    Ok(book.with_source_levels(case.levels))
}

fn placed(
    request: &ScaffoldRequest<'_>,
    gwno: i32,
    book: &PlaceBook,
    level: Option<Level>,
) -> Placed {
    let areas = request.boundaries.zip(level).map(|(reading, level)| {
        let finest = reading.boundaries.iter().map(|area| area.level).max();
        let areas = reading.boundaries.iter().filter(|area| Some(area.level) == finest).cloned();
        let areas = areas.map(|mut area| {
            area.level = level;
            area
        });
        (Boundaries::new(areas.collect()), level)
    });
    measure::measure(
        request.events,
        gwno,
        book,
        areas.as_ref().map(|(areas, level)| (areas, *level)),
    )
}

/// How much is placed, in a sentence.
fn sentence(placed: &Placed) -> String {
    let Placed { events, deaths, known_deaths, placed_deaths } = placed;
    let share =
        placed.share().map_or_else(String::new, |share| format!(" ({:.1} %)", share * 100.0));
    format!(
        "Of {deaths} deaths in {events} events, {known_deaths} have a known place, and {placed_deaths} of \
         these{share} are in a place of the case."
    )
}

/// The error for a file without events of the country, with the countries that it has.
fn no_events(request: &ScaffoldRequest<'_>) -> Error {
    let mut found: BTreeMap<i32, usize> = BTreeMap::new();
    request.events.country_id.iter().for_each(|gwno| *found.entry(*gwno).or_default() += 1);
    let mut found: Vec<(usize, i32)> =
        found.into_iter().map(|(gwno, events)| (events, gwno)).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    let name = |gwno: i32| {
        Country::of_gwno(gwno).map_or_else(|| gwno.to_string(), |country| country.iso3.to_owned())
    };
    Error::NoEvents {
        country: request.country.name.to_owned(),
        gwno: request.country.gwno,
        found: found
            .iter()
            .take(6)
            .map(|(events, gwno)| format!("{} ({events})", name(*gwno)))
            .collect(),
    }
}
