//! UCDP Dyadic: pairs of warring parties by year.
//!
//! Columns `dyad_id`, `year`, `intensity_level` (1: 25 to 999 battle-related deaths in the year, 2:
//! 1,000 or more), `type_of_conflict` (1 extrasystemic, 2 interstate, 3 intrastate, 4
//! internationalised intrastate), `gwno_a`, `gwno_b`, `gwno_loc`. Source: UCDP Dyadic Dataset
//! codebook.
//!
//! An interstate dyad gives one observation between its two states; another dyad one for each
//! country in which it is fought. `item` is the number of the dyad; names of sides are not kept,
//! because some are names of persons. States by Gleditsch and Ward's numbers; a number without an
//! ISO code (751, Hyderabad) stands as its code.

use sanad_core::country::Country;
use sanad_core::diagnostic::Issue;
use sanad_core::observation::GivenPlace;

use crate::error::Result;
use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, observation};
use crate::sheet::{Row, Sheet};
use crate::value::{self, Value};
use crate::vdem::version_after_v;

/// What a file of this format is, for messages.
const EXPECTED: &str = "UCDP Dyadic (dyad_id, year, intensity_level, type_of_conflict, gwno_a)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat {
    version: version_after_v,
    ..SourceFormat::new(
        "ucdp-dyadic",
        "UCDP Dyadic (CSV)",
        Publication {
            id: "ucdp-dyadic",
            title: "UCDP Dyadic Dataset",
            citation: "Harbom, L., Melander, E. and Wallensteen, P. (2008), Dyadic Dimensions of \
                Armed Conflict, 1946–2007, Journal of Peace Research 45(5); Davies, S., Engström, \
                G., Pettersson, T. and Öberg, M. (2024), Organized violence 1989–2023, and the \
                prevalence of organized crime groups, Journal of Peace Research 61(4)",
            licence: "CC-BY-4.0",
            url: "https://ucdp.uu.se/downloads/",
        },
        Content::Series { expected: EXPECTED, layouts: &[DYAD_YEARS] },
    )
};

/// One row for each pair of parties and year.
const DYAD_YEARS: TableLayout = TableLayout {
    known_by: &["dyad_id", "year", "intensity_level", "type_of_conflict"],
    publication: |_| None,
    read: |sheet, _| dyad_years(sheet),
};

/// The types of conflict, in the order of their codes.
const TYPES: [&str; 4] = ["extrasystemic", "interstate", "intrastate", "internationalised"];

/// Reads the table.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form) and those of a
/// header that lacks or doubles a column. A bad row is a diagnostic.
///
/// ```
/// let file = "dyad_id,year,intensity_level,type_of_conflict,gwno_a,gwno_b,gwno_loc\n\
///     422,1999,2,2,750,770,\"750, 770\"\n";
/// let series = sanad_source::ucdp_dyadic::read(file.as_bytes())?;
/// assert_eq!(series.observations[0].indicator, "interstate_dyad_intensity");
/// assert_eq!(series.observations[0].partner_iso3, "PAK");
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<Series> {
    FORMAT.observations(data, &SeriesSettings::default())
}

/// One observation per dyad, year and country: the intensity that UCDP codes, with the partner where
/// the dyad is one of two states.
fn dyad_years(mut sheet: Sheet<'_>) -> Result<Series> {
    let [dyad, year, intensity, kind, side_a, side_b, location] = sheet.require(
        ["dyad_id", "year", "intensity_level", "type_of_conflict", "gwno_a", "gwno_b", "gwno_loc"],
        EXPECTED,
    )?;
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        let Value::Is(number) = value::whole(row.bytes(dyad)) else {
            let found = row.text(dyad);
            all.reject(&row, "dyad_id", Issue::WrongType, &found, "the number of a dyad");
            continue;
        };
        let Some(period) = all.year(&row, year, "year") else { continue };
        let Some(level) = code(&row, intensity, "intensity_level", 2, &mut all) else { continue };
        let Some(kind) = code(&row, kind, "type_of_conflict", 4, &mut all) else { continue };
        let interstate = kind == 2;
        let column = if interstate { (side_a, "gwno_a") } else { (location, "gwno_loc") };
        let Some(places) = countries(&row, column.0, column.1, &mut all) else { continue };
        let partner = if interstate {
            let Some(partner) = countries(&row, side_b, "gwno_b", &mut all) else { continue };
            Some(partner[0].clone())
        } else {
            None
        };
        let indicator = format!("{}_dyad_intensity", TYPES[kind as usize - 1]);
        for place in if interstate { &places[..1] } else { &places[..] } {
            let mut one = observation(&indicator, place, period, level as f64, &row);
            one.indicator_name = format!("Intensity of {} dyads", TYPES[kind as usize - 1]);
            one.unit = "1: 25 to 999 battle-related deaths; 2: 1,000 or more".to_owned();
            one.item = format!("dyad {number}");
            one.partner_iso3 =
                partner.as_ref().map_or_else(String::new, |partner| partner.iso3.clone());
            all.keep(&row, "dyad_id", one);
        }
    }
    all.finish(sheet)
}

/// A code from 1 to `last`.
fn code(row: &Row, at: usize, name: &str, last: i64, all: &mut Gather) -> Option<i64> {
    match value::whole(row.bytes(at)) {
        Value::Is(number) if (1..=last).contains(&number) => Some(number),
        _ => {
            let expected = format!("a code from 1 to {last}");
            all.reject(row, name, Issue::UnknownCode, &row.text(at), &expected);
            None
        }
    }
}

/// The countries of a list of numbers; at least one.
fn countries(row: &Row, at: usize, name: &str, all: &mut Gather) -> Option<Vec<GivenPlace>> {
    let text = row.text(at);
    let numbers: Option<Vec<i32>> = text.split(',').map(|one| one.trim().parse().ok()).collect();
    let Some(numbers) = numbers else {
        let issue = if text.is_empty() { Issue::Missing } else { Issue::UnknownCode };
        all.reject(row, name, issue, &text, "numbers of Gleditsch and Ward");
        return None;
    };
    let place = |number: &i32| {
        let country = Country::of_gwno(*number);
        let (iso3, name) = country.map_or(("", ""), |country| (country.iso3, country.name));
        GivenPlace::country(iso3, &number.to_string(), name)
    };
    Some(numbers.iter().map(place).collect())
}
