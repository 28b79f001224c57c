//! Violence by country and month, as a table that somebody has already summed.
//!
//! A CSV with a header; columns by name: `country_iso3`, `year_month` (YYYY-MM), and one of two
//! sets of counts:
//!
//! - `ucdp_event_count`, `ucdp_fatalities_best`, `ucdp_fatalities_high`, `ucdp_civilian_deaths`,
//!   `ucdp_state_based_events`, `ucdp_non_state_events`, `ucdp_one_sided_events`: deaths are of all
//!   three types of violence together;
//! - `state_based_events`, `state_based_deaths`, `non_state_events`, `non_state_deaths`,
//!   `one_sided_events`, `one_sided_deaths`: best estimates by type, without a high estimate and
//!   without civilians.
//!
//! Counts may be written with a fraction of zero (`13.0`). Both sets count an event in the month of
//! its first day; a file that counts otherwise needs a card that says so.

use std::collections::BTreeSet;
use std::io::Read;

use sanad_core::Month;
use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};

use crate::error::{Error, Result};
use crate::format::{Content, Publication, SourceFormat};
use crate::number::NumberForm;
use crate::sheet::{Row, Sheet};
use crate::value::Value;

/// What a file of this format is, for messages.
const EXPECTED: &str = "violence by country and month (country_iso3, year_month, ucdp_ columns)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "country-months",
    "UCDP's violence summed by country and month (CSV); needs a case",
    Publication {
        id: "country-months",
        title: "Country-months",
        citation: "Sundberg, R. and Melander, E. (2013), Introducing the UCDP Georeferenced Event \
            Dataset, Journal of Peace Research 50(4); summed by country and month by others",
        licence: "CC-BY-4.0",
        url: crate::ged::FORMAT.publication.url,
    },
    Content::CountryMonths,
);

/// The columns of a file that tells deaths by type of violence.
const BY_TYPE: [&str; 8] = [
    "country_iso3",
    "year_month",
    "state_based_events",
    "state_based_deaths",
    "non_state_events",
    "non_state_deaths",
    "one_sided_events",
    "one_sided_deaths",
];

/// The columns of a file that tells deaths of all types together.
const COLUMNS: [&str; 9] = [
    "country_iso3",
    "year_month",
    "ucdp_event_count",
    "ucdp_fatalities_best",
    "ucdp_fatalities_high",
    "ucdp_civilian_deaths",
    "ucdp_state_based_events",
    "ucdp_non_state_events",
    "ucdp_one_sided_events",
];

/// One country in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryMonth {
    /// ISO 3166-1 alpha-3 code.
    pub country: String,
    /// The month.
    pub month: Month,
    /// Events.
    pub events: i64,
    /// Deaths, best estimate.
    pub deaths_best: i64,
    /// Deaths, high estimate, where the file has one.
    pub deaths_high: Option<i64>,
    /// Deaths of civilians, where the file tells them.
    pub deaths_civilians: Option<i64>,
    /// Events of state-based violence.
    pub state_based_events: i64,
    /// Events of non-state violence.
    pub non_state_events: i64,
    /// Events of one-sided violence.
    pub one_sided_events: i64,
    /// Deaths in state-based, non-state and one-sided violence, best estimates, where the file
    /// tells them apart.
    pub deaths_by_type: Option<[i64; 3]>,
}

/// A file of country-months, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The rows kept, in the order of the file.
    pub months: Vec<CountryMonth>,
    /// Rows of the file without the header.
    pub rows_read: u64,
    /// Remarks.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file of country-months.
///
/// # Errors
///
/// [`Error::Read`] when `input` fails, [`Error::Empty`], [`Error::HeaderOnly`], [`Error::Form`],
/// and those of a header that lacks or doubles a column. A bad row is a diagnostic.
///
/// ```
/// let file = "country_iso3,year_month,ucdp_event_count,ucdp_fatalities_best,\
///     ucdp_fatalities_high,ucdp_civilian_deaths,ucdp_state_based_events,\
///     ucdp_non_state_events,ucdp_one_sided_events\nPAK,2024-01,3.0,9.0,11.0,1.0,2.0,0.0,1.0\n";
/// let reading = sanad_source::country_months::read(file.as_bytes())?;
/// assert_eq!(reading.months[0].deaths_best, 9);
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(mut input: impl Read) -> Result<Reading> {
    let mut data = Vec::new();
    input
        .read_to_end(&mut data)
        .map_err(|cause| Error::Read { read_bytes: data.len() as u64, cause })?;
    let mut sheet = Sheet::open(&data, EXPECTED, b',')?;
    let layout = if sheet.header().iter().any(|name| name == BY_TYPE[3]) {
        ColumnLayout::ByType(sheet.require(BY_TYPE, EXPECTED)?)
    } else {
        ColumnLayout::Together(sheet.require(COLUMNS, EXPECTED)?)
    };
    let (mut months, mut diagnostics) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    while let Some(row) = sheet.row()? {
        match month(&row, &layout) {
            Ok(month) if seen.insert((month.country.clone(), month.month)) => months.push(month),
            Ok(month) => {
                let found = format!("{} {}", month.country, month.month);
                let (issue, expected) = (Issue::DuplicateId, "one row for a country and month");
                let diagnostic =
                    Diagnostic::rejected(row.number, COLUMNS[1], issue, &found, expected);
                diagnostics.push(diagnostic);
            }
            Err((column, issue, found, expected)) => {
                diagnostics.push(Diagnostic::rejected(row.number, column, issue, &found, expected));
            }
        }
    }
    let (rows_read, diagnostics) = sheet.finish(diagnostics)?;
    Ok(Reading { months, rows_read, diagnostics })
}

/// Why a row is left out: column, issue, what was found and what was expected.
type RowDiagnostic = (&'static str, Issue, String, &'static str);

/// Which of the two sets of columns a file has, with their positions.
enum ColumnLayout {
    Together([usize; COLUMNS.len()]),
    ByType([usize; BY_TYPE.len()]),
}

impl ColumnLayout {
    /// The columns of this layout with where they stand.
    fn names_and_positions(&self) -> (&'static [&'static str], &[usize]) {
        match self {
            Self::Together(positions) => (&COLUMNS, positions),
            Self::ByType(positions) => (&BY_TYPE, positions),
        }
    }
}

fn month(row: &Row, layout: &ColumnLayout) -> core::result::Result<CountryMonth, RowDiagnostic> {
    let (names, positions) = layout.names_and_positions();
    let cell = |column: usize| row.text(positions[column]).into_owned();
    let count = |column: usize| {
        let wrong = || (names[column], Issue::WrongType, cell(column), "a whole number, 0 or more");
        match NumberForm::ENGLISH.read(row.bytes(positions[column])) {
            Value::Is(n) if (0.0..1e9).contains(&n) && n.fract() == 0.0 => Ok(n as i64),
            _ => Err(wrong()),
        }
    };
    let given = cell(0);
    let known = Country::of_code(&given);
    let country = known.map_or(given, |country| country.iso3.to_owned());
    if country.len() != 3 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err((names[0], Issue::UnknownCode, country, "an ISO 3166-1 alpha-3 code"));
    }
    let text = cell(1);
    let month =
        text.parse().map_err(|_| (names[1], Issue::BadDate, text, "a month such as 2024-01"))?;
    match layout {
        ColumnLayout::Together(_) => Ok(CountryMonth {
            country,
            month,
            events: count(2)?,
            deaths_best: count(3)?,
            deaths_high: Some(count(4)?),
            deaths_civilians: Some(count(5)?),
            state_based_events: count(6)?,
            non_state_events: count(7)?,
            one_sided_events: count(8)?,
            deaths_by_type: None,
        }),
        ColumnLayout::ByType(_) => {
            let (events, deaths) =
                ([count(2)?, count(4)?, count(6)?], [count(3)?, count(5)?, count(7)?]);
            Ok(CountryMonth {
                country,
                month,
                events: events.iter().sum(),
                deaths_best: deaths.iter().sum(),
                deaths_high: None,
                deaths_civilians: None,
                state_based_events: events[0],
                non_state_events: events[1],
                one_sided_events: events[2],
                deaths_by_type: Some(deaths),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "country_iso3,year_month,ucdp_event_count,ucdp_fatalities_best,\
        ucdp_fatalities_high,ucdp_civilian_deaths,ucdp_state_based_events,\
        ucdp_non_state_events,ucdp_one_sided_events\n";

    #[test]
    fn a_bad_row_is_a_remark_and_the_others_stay() {
        let file = format!(
            "{HEADER}PAK,2024-01,3.0,9,11,1,2,0,1\nPAK,2024-13,1,1,1,1,1,1,1\n\
             pak,2024-02,1,1,1,1,1,1,1\nPAK,2024-03,-1,1,1,1,1,1,1\nPAK,2024-04\n"
        );
        let reading = read(file.as_bytes()).unwrap();
        assert_eq!((reading.rows_read, reading.months.len()), (5, 1));
        let shown: Vec<(u64, &str, Issue)> =
            reading.diagnostics.iter().map(|d| (d.row, d.column.as_str(), d.issue)).collect();
        assert_eq!(
            shown,
            [
                (3, "year_month", Issue::BadDate),
                (4, "country_iso3", Issue::UnknownCode),
                (5, "ucdp_event_count", Issue::WrongType),
                (6, "", Issue::FieldCount),
            ]
        );
    }

    #[test]
    fn deaths_by_type_add_up_and_what_the_file_does_not_tell_is_missing() {
        let file = format!("{}\nPAK,2025-01,5,20,1,2,3,4\n", BY_TYPE.join(","));
        let month = read(file.as_bytes()).unwrap().months.remove(0);
        assert_eq!((month.events, month.deaths_best), (9, 26));
        assert_eq!((month.deaths_by_type, month.deaths_high), (Some([20, 2, 4]), None));
    }

    #[test]
    fn a_file_without_the_columns_is_refused() {
        assert!(read(&b""[..]).unwrap_err().is_empty());
        let error = read(&b"a,b\n1,2\n"[..]).unwrap_err();
        assert!(error.to_string().contains("country_iso3"));
        let short = HEADER.replace("ucdp_civilian_deaths,", "") + "PAK,2024-01,3,9,11,2,0,1\n";
        let error = read(short.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("row 1 lacks ucdp_civilian_deaths"));
    }
}
