//! Observations and acts in plain tables of this project's own making, for sources that have no
//! reader: the forms that [`table`](crate::table) turns foreign tables into.

use std::collections::BTreeSet;

use sanad_core::Period;
use sanad_core::chronicle::{ActDetail, ChronicleRecord, Detail, Entry};
use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::observation::GivenPlace;
use sanad_core::place::Level;

use crate::error::Result;
use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, observation};
use crate::sheet::{Row, Sheet};
use crate::value::{DayOrder, spreadsheet_day};
use sanad_core::chronicle::KnownIds;

/// What a file of observations is, for messages.
const OBSERVATIONS: &str = "observations (indicator, date, value, and a place)";
/// What a file of acts is, for messages.
const ACTS: &str = "acts of states (id, date, by, act_kind, effect)";

/// The format of observations.
pub const FORMAT: SourceFormat = SourceFormat {
    lacks_country: true,
    ..SourceFormat::new(
        "observations",
        "Observations in a plain table (CSV)",
        Publication {
            id: "observations",
            title: "Observations",
            citation: "not stated; give a card",
            licence: "not stated",
            url: "",
        },
        Content::Series { expected: OBSERVATIONS, layouts: &[LONG] },
    )
};

/// One row for each observation.
const LONG: TableLayout = TableLayout {
    known_by: &["indicator", "date", "value"],
    publication: |_| None,
    read: |sheet, settings| observations(sheet, settings.iso3),
};

/// The fields of an observation, the needed ones first.
pub const OBSERVATION_FIELDS: [&str; 16] = [
    "indicator",
    "date",
    "value",
    "date_end",
    "iso3",
    "country",
    "adm1",
    "adm2",
    "place_code",
    "unit",
    "standard_error",
    "low",
    "high",
    "partner_iso3",
    "item",
    "indicator_name",
];

/// The fields of an act, the needed ones first.
pub const ACT_FIELDS: [&str; 7] = ["id", "date", "by", "act_kind", "effect", "toward", "places"];

/// Reads observations: a row each, with the columns of [`OBSERVATION_FIELDS`].
///
/// `date` is a day, month, year or span; with `date_end` the span from one to the other. The place
/// is the finest that is given: `adm2` within `adm1`, `adm1`, or the country by `iso3` or by its
/// name in `country`. `iso3` of the case stands in where a row names no country.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form) and those of a
/// header that lacks or doubles a column. A bad row is a diagnostic.
///
/// ```
/// let file = "indicator,date,value,adm1,iso3\nschools_open_share,2024-03,0.8,Punjab,PAK\n";
/// let series = sanad_source::plain::read_observations(file.as_bytes(), "")?;
/// assert_eq!(series.observations[0].place.name, "Punjab");
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read_observations(data: &[u8], iso3: &str) -> Result<Series> {
    FORMAT.observations(data, &SeriesSettings { iso3, ..SeriesSettings::default() })
}

/// Observations from a table with a row each, columns by name in any order.
fn observations(mut sheet: Sheet<'_>, iso3: &str) -> Result<Series> {
    let [indicator, date, value] = sheet.require(["indicator", "date", "value"], OBSERVATIONS)?;
    doubled(&sheet, &OBSERVATION_FIELDS)?;
    let column = OBSERVATION_FIELDS.map(|name| sheet.find(name));
    let at =
        |name: &str| OBSERVATION_FIELDS.iter().position(|it| *it == name).and_then(|i| column[i]);
    let end = at("date_end");
    let orders = sheet.day_orders([date, end.unwrap_or(date)])?;
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        // `NA` is Namibia where a code or name of a country is asked for, and nothing elsewhere.
        let text = |name: &str| match at(name) {
            Some(at) if ["iso3", "country"].contains(&name) => row.text(at).into_owned(),
            Some(at) => row.name(at).into_owned(),
            None => String::new(),
        };
        if row.name(indicator).is_empty() {
            all.reject(&row, "indicator", Issue::Missing, "", "the code of an indicator");
            continue;
        }
        let Some(period) = period(&row, date, end, orders, &mut all) else { continue };
        let Some(place) = place(&row, iso3, &text, &mut all) else { continue };
        let Some(number) = all.number(&row, value, "value") else { continue };
        row.note_bad_text(&[(indicator, "indicator")], &mut all.diagnostics);
        let mut one = observation(&row.text(indicator), &place, period, number, &row);
        one.unit = text("unit");
        one.item = text("item");
        one.partner_iso3 = text("partner_iso3").to_uppercase();
        let name = text("indicator_name");
        if !name.is_empty() {
            one.indicator_name = name;
        }
        one.standard_error = all.standard_error(&row, at("standard_error"), "standard_error");
        one.low = all.optional_number(&row, at("low"), "low");
        one.high = all.optional_number(&row, at("high"), "high");
        if one.low.zip(one.high).is_some_and(|(low, high)| high < low) {
            let (found, expected) = (text("high"), "a high bound that is not below the low one");
            all.note(&row, "high", Issue::EstimateOrder, &found, expected);
        }
        all.keep(&row, "indicator", one);
    }
    all.finish(sheet)
}

/// Refuses a table with two columns of one name, of which either may be meant.
fn doubled(sheet: &Sheet<'_>, fields: &[&str]) -> Result<()> {
    let names = sheet.doubled(fields.iter().copied());
    if names.is_empty() { Ok(()) } else { Err(crate::Error::DuplicateColumns { names }) }
}

/// The days that a row is about: from its `date` to its `date_end` where that is there and filled, else
/// the date alone; nothing, with a diagnostic, where one of them is no date.
fn period(
    row: &Row,
    date: usize,
    end: Option<usize>,
    orders: [DayOrder; 2],
    all: &mut Gather,
) -> Option<Period> {
    let expected = "a date such as 2025-08-14, 2025-08 or 2025";
    let mut parse = |at: usize, name: &str, order: DayOrder| {
        let text = row.text(at);
        let saved = || spreadsheet_day(&text, order).map(Period::day);
        let period = text.parse::<Period>().ok().or_else(saved).or_else(|| float_year(&text));
        if period.is_none() {
            let issue = if row.bytes(at).is_empty() { Issue::Missing } else { Issue::BadDate };
            all.reject(row, name, issue, &row.text(at), expected);
        }
        period
    };
    let first = parse(date, "date", orders[0])?;
    let Some(end) = end.filter(|at| !row.name(*at).is_empty()) else { return Some(first) };
    let last = parse(end, "date_end", orders[1])?;
    if last == first {
        return Some(first);
    }
    let span = Period::between(first.start(), last.end());
    if span.is_none() {
        let expected = "an end that is not before the date";
        all.reject(row, "date_end", Issue::Backwards, &row.text(end), expected);
    }
    span
}

/// A year as a program writes it that held the column as floating-point numbers: `2020.0`.
fn float_year(text: &str) -> Option<Period> {
    let year = text.strip_suffix(".0").filter(|year| year.len() == 4)?;
    Period::year(year.parse().ok()?)
}

/// Where an observation is from: a country, or a named place within it; nothing, with a
/// diagnostic, where neither is given.
fn place(
    row: &Row,
    usual: &str,
    text: &dyn Fn(&str) -> String,
    all: &mut Gather,
) -> Option<GivenPlace> {
    let (given, name) = (text("iso3"), text("country"));
    let country = if given.is_empty() {
        Country::of_name_or_code(&name)
    } else {
        Country::of_code(&given.to_uppercase()).or_else(|| Country::of_name(&given))
    };
    // A column of codes may hold names; what is kept is a code.
    let named_in_code = Country::of_code(&given.to_uppercase()).is_none();
    let code = country.filter(|_| named_in_code && !given.is_empty());
    let code = code.map_or_else(|| given.to_uppercase(), |country| country.iso3.to_owned());
    let (adm1, adm2, place_code) = (text("adm1"), text("adm2"), text("place_code"));
    let named = !code.is_empty() || !name.is_empty();
    if named && country.is_none() {
        let found = if code.is_empty() { &name } else { &given };
        let column = if code.is_empty() { "country" } else { "iso3" };
        let expected = "a country by its ISO 3166-1 alpha-3 code or its name";
        all.reject(row, column, Issue::UnknownReference, found, expected);
        return None;
    }
    let iso3 = country.map_or(usual, |country| country.iso3).to_owned();
    let (level, name, within) = match (adm2.is_empty(), adm1.is_empty()) {
        (false, _) => (Level::Adm2, adm2, adm1),
        (true, false) => (Level::Adm1, adm1, String::new()),
        (true, true) if named => {
            (Level::Country, country.map_or(name, |country| country.name.to_owned()), String::new())
        }
        (true, true) => {
            let expected = "a place: iso3, country, adm1 or adm2";
            all.reject(row, "iso3", Issue::Missing, "", expected);
            return None;
        }
    };
    let code = if place_code.is_empty() && level == Level::Country { code } else { place_code };
    Some(GivenPlace { level, iso3, code, name, within })
}

/// Acts of states, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Acts {
    /// The acts kept, as records of a chronicle without a text behind them.
    pub records: Vec<ChronicleRecord>,
    /// Row of the file of each record.
    pub rows: Vec<u64>,
    /// Rows of the file without the header.
    pub rows_read: u64,
    /// Remarks, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads acts: a row each, with the columns of [`ACT_FIELDS`]. Actors and places are those of the
/// case; `effect` is `tightens`, `eases` or `neutral`; places are joined by semicolons. No free text
/// is read: the summary is made of kind and actor.
///
/// # Errors
///
/// As [`read_observations`].
pub fn read_acts(data: &[u8], known: &KnownIds) -> Result<Acts> {
    let mut sheet = Sheet::open(data, ACTS, b',')?;
    let needed = sheet.require(["id", "date", "by", "act_kind", "effect"], ACTS)?;
    doubled(&sheet, &ACT_FIELDS)?;
    let (toward, places) = (sheet.find("toward"), sheet.find("places"));
    let mut acts = Acts::default();
    let mut diagnostics = Vec::new();
    let mut seen = BTreeSet::new();
    while let Some(row) = sheet.row()? {
        match act(&row, needed, toward, places, known) {
            Ok(record) if seen.insert(record.entry.id.clone()) => {
                acts.records.push(record);
                acts.rows.push(row.number);
            }
            Ok(record) => {
                let expected = "an identifier that occurs once";
                let (issue, id) = (Issue::DuplicateId, record.entry.id);
                diagnostics.push(Diagnostic::rejected(row.number, "id", issue, &id, expected));
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    let (rows_read, diagnostics) = sheet.finish(diagnostics)?;
    Ok(Acts { rows_read, diagnostics, ..acts })
}

/// An act from a row, with the diagnostics that leave it kept; the diagnostic of the first cell that
/// an act cannot be without.
fn act(
    row: &Row,
    [id, date, by, kind, effect]: [usize; 5],
    toward: Option<usize>,
    places: Option<usize>,
    known: &KnownIds,
) -> core::result::Result<ChronicleRecord, Box<Diagnostic>> {
    let wrong = |column: &str, at: usize, issue: Issue, expected: &str| {
        let found = row.text(at);
        Box::new(Diagnostic::rejected(row.number, column, issue, &found, expected))
    };
    let slug = |at: usize, name: &str| {
        let text = row.text(at).into_owned();
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if text.is_empty() || text.len() > 60 || !text.bytes().all(fits) {
            let expected = "letters, digits, hyphens and dots, at most 60";
            return Err(wrong(name, at, Issue::UnknownCode, expected));
        }
        Ok(text)
    };
    let actor = |at: usize, name: &str| {
        let text = row.text(at).into_owned();
        let there = known.actors.contains(&text);
        let issue = Issue::UnknownReference;
        there
            .then_some(text)
            .ok_or_else(|| wrong(name, at, issue, "the id of an actor of the case"))
    };
    let (id, act_kind, acting) = (slug(id, "id")?, slug(kind, "act_kind")?, actor(by, "by")?);
    let expected = "a date such as 2025-08-14, 2025-08 or 2025";
    let when = row.text(date).parse();
    let when: Period = when.map_err(|_| wrong("date", date, Issue::BadDate, expected))?;
    let effect = row
        .text(effect)
        .parse()
        .map_err(|_| wrong("effect", effect, Issue::UnknownCode, "tightens, eases or neutral"))?;
    let toward = match toward.filter(|at| !row.name(*at).is_empty()) {
        Some(at) => Some(actor(at, "toward")?),
        None => None,
    };
    let listed = places.map_or_else(Default::default, |at| row.name(at));
    let listed: Vec<String> =
        listed.split(';').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
    if let Some(at) = places
        && listed.iter().any(|place| !known.places.contains(place))
    {
        return Err(wrong("places", at, Issue::UnknownReference, "ids of places of the case"));
    }
    let entry = Entry {
        id,
        when,
        paragraph: 0,
        footnotes: Vec::new(),
        summary: format!("{act_kind} by {acting}"),
        places: listed,
        actors: core::iter::once(acting.clone()).chain(toward.clone()).collect(),
        fronts: Vec::new(),
        cite: None,
        note: None,
    };
    let detail = Detail::Act(ActDetail { by: acting, act_kind, toward, effect });
    Ok(ChronicleRecord { entry, detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_finest_that_is_given() {
        let file = "indicator,date,value,iso3,country,adm1,adm2,low,high,date_end\n\
            a,2024,1,PAK,,,,,,\na,2024,1,,Iran,,,,,\na,2024,1,,,Sindh,,,,\n\
            a,2024-01,1,,,Sindh,Thatta,2,1,2024-03\na,2024,1,,,,,,,\na,2024,1,QQQ,,,,,,\n\
            a,2024,1,PAK,,,,,,2023\n";
        let series = read_observations(file.as_bytes(), "PAK").unwrap();
        let shown: Vec<_> = series
            .observations
            .iter()
            .map(|one| (one.place.level, one.place.iso3.as_str(), one.place.name.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                (Level::Country, "PAK", "Pakistan"),
                (Level::Country, "IRN", "Iran"),
                (Level::Adm1, "PAK", "Sindh"),
                (Level::Adm2, "PAK", "Thatta"),
            ]
        );
        assert_eq!(series.observations[3].period.end().to_string(), "2024-03-31");
        let issues: Vec<Issue> =
            series.diagnostics.iter().map(|diagnostic| diagnostic.issue).collect();
        use Issue::{Backwards, EstimateOrder, Missing, UnknownReference};
        assert_eq!(issues, [EstimateOrder, Missing, UnknownReference, Backwards]);
    }

    #[test]
    fn acts_name_actors_and_places_of_the_case() {
        let known = KnownIds {
            actors: ["gov".to_owned()].into(),
            places: ["PK5".to_owned()].into(),
            ..KnownIds::default()
        };
        let file = "id,date,by,act_kind,effect,places\nx1,2024-02,gov,ban,tightens,PK5\n\
            x1,2024-02,gov,ban,tightens,\nx2,2024-02,who,ban,tightens,\nx3,2024-02,gov,ban,hurts,\n\
            x4,2024-02,gov,ban,eases,PK9\nx5,then,gov,ban,eases,\nx6,2024,gov,Some words,eases,\n";
        let acts = read_acts(file.as_bytes(), &known).unwrap();
        assert_eq!((acts.records.len(), acts.rows_read), (1, 7));
        assert_eq!(acts.records[0].entry.summary, "ban by gov");
        assert_eq!(acts.diagnostics.len(), 6);
    }
}
