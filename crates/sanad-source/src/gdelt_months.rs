//! GDELT summed by country and month by somebody else.
//!
//! Columns `country_iso3`, `year_month` (2021-03), and any whose name begins with `gdelt_`. Columns
//! that end in `_count` are whole numbers, 0 or more; others are means. What GDELT's numbers are
//! worth is said in [`gdelt`](crate::gdelt).

use sanad_core::diagnostic::Issue;
use sanad_core::{Month, Period};

use crate::error::{Error, MissingColumn, Result};
use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, country_by_code, observation};
use crate::sheet::Sheet;

/// What a file of this format is, for messages.
const EXPECTED: &str = "GDELT by country and month (country_iso3, year_month, gdelt_ columns)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "gdelt-months",
    "GDELT summed by country and month (CSV)",
    Publication {
        id: "gdelt-months",
        title: "GDELT by country and month, compiled by others",
        citation: "Leetaru, K. and Schrodt, P. A. (2013), GDELT: Global Data on Events, Location \
            and Tone, 1979–2012, ISA Annual Convention; sums by country and month not verified. \
            Coded by machine: of its protest records with a valid link 21 % told of a protest (Wang \
            et al. 2016, Science 353, 1502–1503)",
        licence: crate::gdelt::FORMAT.publication.licence,
        url: crate::gdelt::FORMAT.publication.url,
    },
    Content::Series { expected: EXPECTED, layouts: &[COUNTRY_MONTHS] },
);

/// One row for each country and month.
const COUNTRY_MONTHS: TableLayout = TableLayout {
    known_by: &["country_iso3", "year_month"],
    publication: |_| None,
    read: |sheet, _| country_months(sheet),
};

/// Reads the table.
///
/// # Errors
///
/// [`Error::Empty`], [`Error::Form`], [`Error::OtherTable`], [`Error::MissingColumns`],
/// [`Error::DuplicateColumns`]. A bad row or cell is a diagnostic.
///
/// ```
/// let file = "country_iso3,year_month,gdelt_protest_event_count\nPAK,2021-03,7\n";
/// let series = sanad_source::gdelt_months::read(file.as_bytes())?;
/// assert_eq!(series.observations[0].period.to_string(), "2021-03");
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<Series> {
    FORMAT.observations(data, &SeriesSettings::default())
}

/// One observation per country and month and per measure of the compilation.
fn country_months(mut sheet: Sheet<'_>) -> Result<Series> {
    let [country, month] = sheet.require(["country_iso3", "year_month"], EXPECTED)?;
    let header = sheet.header().iter().cloned().enumerate();
    let measured: Vec<(usize, String)> =
        header.filter(|(_, name)| name.starts_with("gdelt_")).collect();
    if measured.is_empty() {
        let missing =
            vec![MissingColumn { name: "gdelt_conflict_event_count".into(), nearest: None }];
        return Err(Error::MissingColumns { missing });
    }
    let doubled = sheet.doubled(measured.iter().map(|(_, name)| name.as_str()));
    if !doubled.is_empty() {
        return Err(Error::DuplicateColumns { names: doubled });
    }
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        let code = row.text(country);
        let place = country_by_code(&code, "");
        if place.iso3.is_empty() {
            let expected = "an ISO 3166-1 alpha-3 code";
            all.reject(&row, "country_iso3", Issue::UnknownCode, &code, expected);
            continue;
        }
        let Ok(period) = row.text(month).parse::<Month>().map(Period::month) else {
            let expected = "a month such as 2021-03";
            all.reject(&row, "year_month", Issue::BadDate, &row.text(month), expected);
            continue;
        };
        for (column, name) in &measured {
            let counted = name.ends_with("_count");
            let value = if counted {
                all.count(&row, *column, name)
            } else {
                all.number(&row, *column, name)
            };
            let Some(value) = value else { continue };
            let mut one = observation(name, &place, period, value, &row);
            one.unit = if counted { "count" } else { "mean" }.to_owned();
            all.keep(&row, name, one);
        }
    }
    all.finish(sheet)
}
