//! The World Bank's Worldwide Governance Indicators, as one table of country-years with standard
//! errors. The layouts since 2024 are in the module `wgi_long`; DataBank's tables are read as
//! [`wdi`] reads them.
//!
//! Columns `code`, `countryname`, `year`, and for each of six dimensions (prefix `va`, `pv`, `ge`,
//! `rq`, `rl`, `cc`) the estimate (`…e`), its standard error (`…s`), the number of sources
//! (`…n`), and the percentile rank with its 90 % bounds (`…r`, `…l`, `…u`). Source: Kaufmann,
//! Kraay and Mastruzzi (2010), *The Worldwide Governance Indicators: methodology and analytical
//! issues*.
//!
//! Kept: `VA.EST` and so on, about −2.5 (weak) to 2.5 (strong), with the standard error; and
//! `VA.PER.RNK`, 0 to 100, with its bounds. The codes are those of the World Bank's databases.
//! Numbers of sources are not kept. Codes that differ from ISO (`ROM`, `ZAR`, `WBG`) are turned
//! into it.

use std::ops::RangeInclusive;

use sanad_core::Period;
use sanad_core::diagnostic::Issue;
use sanad_core::observation::GivenPlace;

use crate::error::Result;
use crate::format::{Content, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, country_by_code, observation};
use crate::sheet::{Row, Sheet};
use crate::{wdi, wgi_long};

/// What a file of this format is, for messages.
const EXPECTED: &str =
    "the Worldwide Governance Indicators (code, countryname, year, vae and others)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "wgi",
    "World Bank, Worldwide Governance Indicators, by country and year or by dimension (CSV)",
    wdi::WGI,
    Content::Series {
        expected: EXPECTED,
        layouts: &[WIDE, wgi_long::LONG, wgi_long::SHEETS, wdi::DATABANK, wdi::BULK],
    },
);

/// A row per country and year, the dimensions side by side.
const WIDE: TableLayout = TableLayout {
    known_by: &["code", "countryname", "year", "vae"],
    publication: |_| None,
    read: |sheet, _| wide(sheet),
};

/// One of the six dimensions.
#[derive(Debug)]
pub(crate) struct GovernanceDimension {
    /// In the codes of its indicators; in small letters before the names of columns.
    pub(crate) code: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
}

/// The dimensions, in the order of the publisher's files.
pub(crate) const DIMENSIONS: [GovernanceDimension; 6] = {
    let mut all = [const { GovernanceDimension { code: "", name: "" } }; 6];
    let mut at = 0;
    while at < all.len() {
        all[at] = GovernanceDimension { code: wdi::GOVERNANCE[at].0, name: wdi::GOVERNANCE[at].1 };
        at += 1;
    }
    all
};

/// A column and its name; nothing where a table does not have it.
pub(crate) type NamedColumn = Option<(usize, String)>;

/// Where the numbers of a dimension stand: in the wide table six times side by side, in the long one
/// once. What a layout does not have is nothing.
#[derive(Debug, Default)]
pub(crate) struct DimensionColumns {
    pub(crate) estimate: NamedColumn,
    pub(crate) error: NamedColumn,
    pub(crate) rank: NamedColumn,
    pub(crate) low: NamedColumn,
    pub(crate) high: NamedColumn,
    pub(crate) score: NamedColumn,
}

/// Estimates that there can be. They are standard normal over all countries; the farthest since 1996
/// lie near 3.
const ESTIMATES: RangeInclusive<f64> = -5.0..=5.0;

impl GovernanceDimension {
    /// Keeps the numbers of a row about a place and year.
    pub(crate) fn keep(
        &self,
        row: &Row,
        (place, period): (&GivenPlace, Period),
        at: &DimensionColumns,
        all: &mut Gather,
    ) {
        let kinds = [
            (
                &at.estimate,
                "EST",
                "estimate",
                ESTIMATES,
                "standard normal units, about -2.5 to 2.5",
            ),
            (&at.rank, "PER.RNK", "percentile rank", 0.0..=100.0, "0 to 100"),
            (&at.score, "SC", "governance score", 0.0..=100.0, "0 to 100"),
        ];
        for (column, ending, title, range, unit) in kinds {
            let Some((column, name)) = column else { continue };
            let Some(value) = all.number(row, *column, name) else { continue };
            if !range.contains(&value) {
                // -999 and the like stand for a missing value in copies that others made.
                all.reject(row, name, Issue::OutOfRange, &row.text(*column), unit);
                continue;
            }
            let mut one =
                observation(&format!("{}.{ending}", self.code), place, period, value, row);
            one.indicator_name = format!("{}: {title}", self.name);
            one.unit = unit.to_owned();
            let optional_number = |at: &NamedColumn| at.as_ref().map(|(column, _)| *column);
            let name_of =
                |at: &NamedColumn| at.as_ref().map_or_else(String::new, |(_, name)| name.clone());
            match ending {
                "EST" => {
                    one.standard_error =
                        all.standard_error(row, optional_number(&at.error), &name_of(&at.error));
                }
                "PER.RNK" => {
                    one.low = all.optional_number(row, optional_number(&at.low), &name_of(&at.low));
                    one.high =
                        all.optional_number(row, optional_number(&at.high), &name_of(&at.high));
                }
                _ => {}
            }
            all.keep(row, name, one);
        }
    }
}

/// Reads the table.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form),
/// [`Error::OtherTable`](crate::Error::OtherTable),
/// [`Error::MissingColumns`](crate::Error::MissingColumns) without the three keys and the six
/// estimates. Standard errors and ranks may be absent. A bad row or cell is a diagnostic.
///
/// ```
/// let file = "code,countryname,year,vae,vas,pve,pvs,gee,ges,rqe,rqs,rle,rls,cce,ccs\n\
///     PAK,Pakistan,2021,-0.85,0.13,-1.67,0.21,,,,,,,,\n";
/// let series = sanad_source::wgi::read(file.as_bytes())?;
/// assert_eq!(series.observations.len(), 2);
/// assert_eq!(series.observations[0].standard_error, Some(0.13));
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<Series> {
    FORMAT.observations(data, &SeriesSettings::default())
}

/// Estimates, errors and ranks from the sheet with a row for each country and year and a group of
/// columns for each dimension.
fn wide(mut sheet: Sheet<'_>) -> Result<Series> {
    let [code, name, year, ..] = sheet.require(
        ["code", "countryname", "year", "vae", "pve", "gee", "rqe", "rle", "cce"],
        EXPECTED,
    )?;
    let at = |dimension: &GovernanceDimension, kind: &str| {
        let column = format!("{}{kind}", dimension.code.to_lowercase());
        sheet.find(&column).map(|at| (at, column))
    };
    let measured = DIMENSIONS.each_ref().map(|dimension| DimensionColumns {
        estimate: at(dimension, "e"),
        error: at(dimension, "s"),
        rank: at(dimension, "r"),
        low: at(dimension, "l"),
        high: at(dimension, "u"),
        score: None,
    });
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        let country = row.text(code);
        if country.is_empty() {
            all.reject(&row, "code", Issue::Missing, "", "the World Bank's code of a country");
            continue;
        }
        let Some(period) = all.year(&row, year, "year") else { continue };
        row.note_bad_text(&[(code, "code"), (name, "countryname")], &mut all.diagnostics);
        let place = country_by_code(&country, &row.text(name));
        for (dimension, at) in DIMENSIONS.iter().zip(&measured) {
            dimension.keep(&row, (&place, period), at, &mut all);
        }
    }
    all.finish(sheet)
}
