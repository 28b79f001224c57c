//! What a public format is: its word, its help, the data set it carries, and how it is read.

use chrono::NaiveDate;
use sanad_core::{Progress, Silent};

use crate::dyads::Dyads;
use crate::error::Result;
use crate::series::Series;
use crate::sheet::Sheet;

/// A public format.
#[derive(Debug, Clone, Copy)]
pub struct SourceFormat {
    /// The importer's word for it.
    pub word: &'static str,
    /// What a file of it is, in a line of help.
    pub help: &'static str,
    /// The data set that a file of it belongs to, unless its layout says another.
    pub publication: Publication,
    /// What a file holds, and how it is read.
    pub content: Content,
    /// The version that a file's name tells.
    pub version: fn(&str) -> Option<String>,
    /// The day from which a version was known.
    pub released: fn(&str) -> Option<NaiveDate>,
    /// Whether a file does not say which country it is about, so that a case has to.
    pub lacks_country: bool,
}

impl SourceFormat {
    /// A format whose files say neither version nor day, and say their country.
    pub(crate) const fn new(
        word: &'static str,
        help: &'static str,
        publication: Publication,
        content: Content,
    ) -> Self {
        Self {
            word,
            help,
            publication,
            content,
            version: |_| None,
            released: |_| None,
            lacks_country: false,
        }
    }

    /// The observations of a file in one of the format's layouts.
    pub(crate) fn observations(
        &self,
        data: &[u8],
        settings: &SeriesSettings<'_>,
    ) -> Result<Series> {
        match self.series(data, settings) {
            Some(read) => read.map(|(series, _)| series),
            None => Ok(Series::default()),
        }
    }

    /// Reads a file of values of indicators, and says which data set it belongs to; nothing for a
    /// format of other records.
    ///
    /// # Errors
    ///
    /// Those of the format's layouts.
    pub fn series(
        &self,
        data: &[u8],
        settings: &SeriesSettings<'_>,
    ) -> Option<Result<(Series, Publication)>> {
        let Content::Series { expected, layouts } = self.content else { return None };
        Some(
            read_series(data, expected, layouts, settings)
                .map(|(series, of_layout)| (series, of_layout.unwrap_or(self.publication))),
        )
    }
}

/// A data set without its version, as a card describes it. What an import writes on the card of a file
/// comes from here, unless the user gives a card that says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publication {
    /// Short name of the series.
    pub id: &'static str,
    /// Title.
    pub title: &'static str,
    /// How the publisher asks to be cited.
    pub citation: &'static str,
    /// Licence; the SPDX name where there is one.
    pub licence: &'static str,
    /// Where it is obtained.
    pub url: &'static str,
}

/// What a file holds.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Events of violence: [`ged::read`](crate::ged::read).
    Events,
    /// Borders: [`boundaries::read`](crate::boundaries::read).
    Boundaries,
    /// Values of indicators, in one of several layouts.
    Series {
        /// What a file is, with some of its columns.
        expected: &'static str,
        /// The layouts, the one first whose columns an error names.
        layouts: &'static [TableLayout],
    },
    /// Violence by country and month: [`country_months::read`](crate::country_months::read).
    CountryMonths,
    /// Coded messages: [`statements::read`](crate::statements::read).
    Statements,
    /// Whatever a map says: [`table::read`](crate::table::read).
    Table,
    /// Respondents, of whom only estimates come out, by a map: [`survey::read`](crate::survey::read).
    Survey,
    /// Events between states, of which those that touch the state with this ISO code are kept.
    Dyads(fn(&[u8], &str) -> Result<Dyads>),
}

/// What a caller knows that a file of values does not say, and who hears of the reading.
#[derive(Debug, Clone, Copy)]
pub struct SeriesSettings<'a> {
    /// The columns to read, where there are more than anybody needs; the usual ones when empty.
    pub columns: &'a [String],
    /// ISO 3166-1 alpha-3 code of the case's country; may be empty.
    pub iso3: &'a str,
    /// Hears how many MiB of the file are read.
    pub progress: &'a dyn Progress,
}

impl Default for SeriesSettings<'_> {
    fn default() -> Self {
        Self { columns: &[], iso3: "", progress: &Silent }
    }
}

/// One way in which a publisher lays its table out.
///
/// A format has as many as its publisher has had. The header of a file tells which it is: the first of
/// its rows that has all columns of `known_by`, in any order and among others.
#[derive(Debug, Clone, Copy)]
pub struct TableLayout {
    /// The columns that tell it from other layouts and from lines above the header.
    pub(crate) known_by: &'static [&'static str],
    /// The data set, where what was read tells that it is another than the format's.
    pub(crate) publication: fn(&Series) -> Option<Publication>,
    /// Reads the table below the header.
    pub(crate) read: fn(Sheet<'_>, &SeriesSettings<'_>) -> Result<Series>,
}

/// Reads a table in the first layout whose header stands among its first rows. Where none does, the
/// first layout says what is missing.
fn read_series(
    data: &[u8],
    expected: &'static str,
    layouts: &'static [TableLayout],
    settings: &SeriesSettings<'_>,
) -> Result<(Series, Option<Publication>)> {
    let known: Vec<&[&str]> = layouts.iter().map(|layout| layout.known_by).collect();
    let (mut sheet, found) = Sheet::open_known(data, expected, &known)?;
    sheet.report_to(settings.progress);
    let layout = &layouts[found.unwrap_or(0)];
    let series = (layout.read)(sheet, settings)?;
    let publication = (layout.publication)(&series);
    Ok((series, publication))
}
