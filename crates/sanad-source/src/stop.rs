//! Access Now's Shutdown Tracker Optimization Project (STOP) of the #KeepItOn coalition: internet
//! shutdowns, one row each.
//!
//! The five sheets of 2016–2018, 2019, 2020, 2021 and 2022 name and fill different columns. Needed
//! are `start_date`, `country` and `area_name`; read where they stand: `end_date`, `geo_scope`, and
//! `source_sheet` in files that join sheets. Any one sheet as CSV, or several joined, is read.
//!
//! **Observations, not acts.** A row becomes a value 1 of `shutdowns` over its days, and, where the
//! end is a day, a value of `shutdown_days` (both ends counted). An act of the chronicle says who
//! acts and to what effect; STOP often does not know (`ordered_by` is unknown, or nobody), and its
//! text columns name office-holders and hold others' sentences, which are not read. Place is the
//! country, because areas are free text ("several cities of Punjab"); `item` is the reach (`local`,
//! `regional`, `several-regions`, `national`, `unknown`) and the area as given.
//!
//! | found | what happens |
//! | --- | --- |
//! | a start that is no day | left out, `bad-date` |
//! | an end that is empty, `ongoing`, `unknown` or words | `shutdowns` on the start's day alone, no `shutdown_days`; counted as `ends not known`, words noted |
//! | an end before the start | left out, `backwards` |
//! | the same country, area and days again: yearly sheets repeat what lasts | left out, `duplicate-id` |
//! | a country that is not known by name | kept without an ISO code, noted |

use sanad_core::Period;
use sanad_core::country::Country;
use sanad_core::diagnostic::Issue;
use sanad_core::event::number_day;
use sanad_core::observation::GivenPlace;

use crate::error::Result;
use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, observation};
use crate::sheet::{Row, Sheet};
use crate::value::{DayOrder, Value, WrittenDay};

/// What a file of this format is, for messages.
const EXPECTED: &str = "Access Now's STOP data (start_date, end_date, country, area_name)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "keepiton",
    "Access Now's STOP data on internet shutdowns, sheets of 2016 to 2022 (CSV)",
    Publication {
        id: "keepiton",
        title: "Shutdown Tracker Optimization Project",
        citation: "Access Now and the #KeepItOn coalition, Shutdown Tracker Optimization Project \
            (STOP), https://www.accessnow.org/keepiton",
        licence: "attribution to Access Now; terms on its site",
        url: "https://www.accessnow.org/campaign/keepiton/",
    },
    Content::Series { expected: EXPECTED, layouts: &[SHEET] },
);

/// One row for each shutdown.
const SHEET: TableLayout = TableLayout {
    known_by: &["start_date", "country", "area_name"],
    publication: |_| None,
    read: |sheet, _| shutdowns(sheet),
};

/// Characters of an area that are kept.
const AREA_CHARS: usize = 120;

/// Reads one or several sheets.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form) and those of a
/// header that lacks or doubles a column. A bad row is a diagnostic.
///
/// ```
/// let file = "start_date,end_date,country,geo_scope,area_name\n\
///     2021-04-16 00:00:00,2021-04-17 00:00:00,Pakistan,National,National\n";
/// let series = sanad_source::stop::read(file.as_bytes())?;
/// assert_eq!(series.observations[1].value, 2.0);
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<Series> {
    FORMAT.observations(data, &SeriesSettings::default())
}

/// One observation per shutdown, over the days from its start to its end.
fn shutdowns(mut sheet: Sheet<'_>) -> Result<Series> {
    let [start, country, area] = sheet.require(["start_date", "country", "area_name"], EXPECTED)?;
    let (end, scope) = (sheet.find("end_date"), sheet.find("geo_scope"));
    let [start_order, end_order] = sheet.day_orders([start, end.unwrap_or(start)])?;
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        let Value::Is(first) = WrittenDay::of(row.bytes(start)).in_order(start_order) else {
            let expected = "a day such as 2021-04-16";
            all.reject(&row, "start_date", Issue::BadDate, &row.text(start), expected);
            continue;
        };
        let first = number_day(first);
        let last = end.and_then(|at| last_day(&row, at, end_order, &mut all)).map(number_day);
        let Some(period) = Period::between(first, last.unwrap_or(first)) else {
            let found = end.map_or_else(Default::default, |at| row.text(at));
            all.reject(&row, "end_date", Issue::Backwards, &found, "an end not before the start");
            continue;
        };
        let Some(place) = place(&row, country, &mut all) else { continue };
        let reach = reach(&scope.map_or_else(Default::default, |at| row.name(at)));
        let area: String = row.name(area).chars().take(AREA_CHARS).collect();
        let item = format!("{reach}: {}", area.replace(['\n', '\r'], " ").trim());
        let mut keep = |indicator: &str, title: &str, unit: &str, value: f64| {
            let mut one = observation(indicator, &place, period, value, &row);
            one.indicator_name = title.to_owned();
            one.unit = unit.to_owned();
            one.item.clone_from(&item);
            let before = all.diagnostics.len();
            all.keep(&row, "start_date", one);
            all.diagnostics.len() == before
        };
        if keep("shutdowns", "Internet shutdowns", "count", 1.0) && last.is_some() {
            let days = (period.end() - period.start()).num_days() + 1;
            keep("shutdown_days", "Days of an internet shutdown", "days", days as f64);
        }
    }
    all.finish(sheet)
}

/// The last day, or nothing where it is not known.
fn last_day(row: &Row, at: usize, order: DayOrder, all: &mut Gather) -> Option<i32> {
    if let Value::Is(day) = WrittenDay::of(row.bytes(at)).in_order(order) {
        return Some(day);
    }
    all.aside("ends not known");
    let text = row.text(at).to_lowercase();
    if !matches!(text.as_str(), "" | "ongoing" | "unknown" | "unkown" | "nan" | "na") {
        let expected = "a day such as 2021-04-16, or a word for an end that is not known";
        all.note(row, "end_date", Issue::BadDate, &row.text(at), expected);
    }
    None
}

/// The country of a shutdown; nothing, with a diagnostic, where none is named.
fn place(row: &Row, at: usize, all: &mut Gather) -> Option<GivenPlace> {
    let name = row.text(at);
    if name.is_empty() {
        all.reject(row, "country", Issue::Missing, "", "the name of a country");
        return None;
    }
    let country = Country::of_name_or_code(&name);
    if country.is_none() {
        all.note(row, "country", Issue::UnknownReference, &name, "a country known by this name");
    }
    Some(GivenPlace::country(country.map_or("", |country| country.iso3), "", &name))
}

/// How far a shutdown reached, from the three wordings that the sheets have used. Levels 1 to 3 of
/// 2016–2018 are those that later sheets spell out.
fn reach(scope: &str) -> &'static str {
    let scope = scope.to_lowercase();
    let words: Vec<&str> = scope.split_whitespace().collect();
    let has = |text: &str| scope.contains(text);
    match words[..] {
        ["level", "1"] | ["local"] => "local",
        ["level", "2"] | ["regional"] => "regional",
        ["level", "3"] | ["multi-regional"] => "several-regions",
        ["national"] => "national",
        _ if has("only affected one city") => "local",
        _ if has("more than one city in the same") => "regional",
        _ if has("more than one state") => "several-regions",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sheet_is_read_by_the_columns_it_has() {
        let layouts = [
            "start_date,end_date,duration_days,country,geo_scope,area_name,shutdown_type_group\n\
             2018-07-20,2018-07-31,11,Pakistan,Level 3,Balochistan,Full network\n",
            "start_date,end_date,country,geo_scope,area_name,shutdown_type_new,affected_network\n\
             2018-07-20,2018-07-31,Pakistan,Multi-regional,Balochistan,Shutdown,Mobile\n",
            "start_date,end_date,duration,country,geo_scope,area_name,shutdown_type,gov_justification\n\
             2018-07-20,2018-07-31,11,Pakistan,\"It affected locations in more than one state, \
             province, or region\",Balochistan,Shutdown,\n",
        ];
        let read = |text: &str| read(text.as_bytes()).unwrap().observations;
        assert_eq!(read(layouts[0]), read(layouts[1]));
        assert_eq!(read(layouts[1]), read(layouts[2]));
        assert_eq!(read(layouts[2])[0].item, "several-regions: Balochistan");
    }

    #[test]
    fn ends_that_are_not_known_and_repeats_are_told() {
        let file = "start_date,end_date,country,area_name\n2020-01-01,Ongoing,India,A\n\
            2020-01-01,soon after,India,B\n2020-01-02,2020-01-01,India,C\n\
            2020-01-01,2020-01-03,Atlantis,D\n2020-01-01,2020-01-03,Atlantis,D\nlater,,India,E\n";
        let series = read(file.as_bytes()).unwrap();
        assert_eq!(series.observations.len(), 4);
        assert_eq!(series.set_aside["ends not known"], 2);
        let issues: Vec<Issue> =
            series.diagnostics.iter().map(|diagnostic| diagnostic.issue).collect();
        use Issue::{Backwards, BadDate, DuplicateId, UnknownReference};
        let repeated = [UnknownReference, DuplicateId];
        assert_eq!(
            issues,
            [&[BadDate, Backwards, UnknownReference][..], &repeated, &[BadDate]].concat()
        );
    }
}
