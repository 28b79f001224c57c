//! Yearly tables of displacement by country of origin and of asylum: UNHCR's population and
//! returns, IDMC's internal displacement as UNHCR's refugee data finder gives it.
//!
//! Columns `year`, `coo_iso` (origin), `coa_iso` (asylum), and any of the measures below. Names
//! and UNHCR's own three-letter codes (`coo`, `coa`) are the fourth system of country codes met
//! here; the ISO columns beside them are read, and `UNK`, `XXA` and other codes outside ISO stand as
//! codes without a country. The place of an observation is the country of origin, the partner that
//! of asylum; for displacement inside a country both are the same and the partner is empty.
//!
//! The table that the Refugee Data Finder's page gives has names for people (`Refugees under UNHCR's
//! mandate`) and, in some years, lines above them. `-` holds no figure, `*` one that is held back because
//! it is from 1 to 4.
//!
//! Counts written as floats (`104320.0`) are whole. UNHCR rounds small numbers for protection.

use sanad_core::diagnostic::Issue;

use crate::error::{Error, MissingColumn, Result};
use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, country_by_code, observation};
use crate::sheet::Sheet;

/// What the tables count, in the order of their columns, and their names.
const MEASURES: [(&str, &str); 12] = [
    ("refugees", "Refugees"),
    ("asylum_seekers", "Asylum seekers"),
    ("returned_refugees", "Refugees who returned"),
    ("idps", "Internally displaced persons of concern to UNHCR"),
    ("returned_idps", "Internally displaced persons who returned"),
    ("stateless", "Stateless persons"),
    ("ooc", "Others of concern"),
    ("oip", "Others in need of international protection"),
    ("hst", "Host community"),
    ("resettlement", "Refugees resettled"),
    ("naturalisation", "Refugees naturalised"),
    ("total", "Internally displaced persons"),
];

/// The format of IDMC's table.
pub const IDMC: SourceFormat = SourceFormat::new(
    "idmc",
    "IDMC's yearly table of internal displacement (CSV)",
    Publication {
        id: "idmc",
        title: "Internally displaced persons",
        citation: "Internal Displacement Monitoring Centre (IDMC), Global Internal Displacement \
            Database, through the UNHCR Refugee Data Finder",
        ..FINDER
    },
    Content::Series { expected: IDMC_EXPECTED, layouts: &[FINDER_IDMC, crate::idmc_gidd::LAYOUT] },
);

/// The format of UNHCR's tables.
pub const UNHCR: SourceFormat = SourceFormat::new(
    "unhcr",
    "UNHCR's yearly tables of population or returns (CSV)",
    Publication {
        id: "unhcr-population",
        title: "Refugees and others of concern by country of origin and of asylum",
        citation: "UNHCR, Refugee Data Finder: population figures",
        ..FINDER
    },
    Content::Series { expected: UNHCR_EXPECTED, layouts: &[PAIRS, DOWNLOAD] },
);

/// What UNHCR's data sets have in common.
const FINDER: Publication = Publication {
    id: "",
    title: "",
    citation: "",
    licence: "CC-BY-4.0",
    url: "https://www.unhcr.org/refugee-statistics/",
};

/// What IDMC's file is, for messages.
const IDMC_EXPECTED: &str = "IDMC's yearly table (year, coo_iso, coa_iso, total)";
/// What UNHCR's files are, for messages.
const UNHCR_EXPECTED: &str = "UNHCR's yearly tables (year, coo_iso, coa_iso, refugees and others)";

/// IDMC's table from the refugee data finder, which has one column of totals.
const FINDER_IDMC: TableLayout = TableLayout {
    known_by: &["year", "coo_iso", "coa_iso", "total"],
    publication: |_| None,
    read: |sheet, _| pairs(sheet, Publisher::Idmc),
};

/// UNHCR's tables with a column for each measure.
const PAIRS: TableLayout = TableLayout {
    known_by: &["year", "coo_iso", "coa_iso"],
    publication: of_solutions,
    read: |sheet, _| pairs(sheet, Publisher::Unhcr),
};

/// The table that the Refugee Data Finder's page gives, with names for people.
const DOWNLOAD: TableLayout = TableLayout {
    known_by: &["Year", "Country of origin (ISO)", "Country of asylum (ISO)"],
    publication: of_solutions,
    read: |sheet, _| download(sheet),
};

/// How names of the download begin, in small letters, and the measures they name. Spellings differ
/// from year to year (`Returned IDPss`).
const DOWNLOADED: [(&str, &str); 11] = [
    ("refugees under unhcr", "refugees"),
    ("asylum-seekers", "asylum_seekers"),
    ("returned refugees", "returned_refugees"),
    ("idps of concern", "idps"),
    ("returned idps", "returned_idps"),
    ("stateless persons", "stateless"),
    ("others of concern", "ooc"),
    ("other people in need", "oip"),
    ("host community", "hst"),
    ("resettlement arrivals", "resettlement"),
    ("naturalisation", "naturalisation"),
];

/// Rows of the publisher's download, which names its columns in words.
fn download(sheet: Sheet<'_>) -> Result<Series> {
    let [year, origin, asylum] = sheet
        .require(["Year", "Country of origin (ISO)", "Country of asylum (ISO)"], UNHCR_EXPECTED)?;
    let name = sheet.find("Country of origin");
    let named = sheet.header().iter().enumerate().filter_map(|(column, name)| {
        let name = name.to_lowercase();
        let (_, measure) = DOWNLOADED.iter().find(|(start, _)| name.starts_with(start))?;
        let (measure, title) = MEASURES.into_iter().find(|(one, _)| one == measure)?;
        Some((column, measure, title))
    });
    let measured: Vec<MeasureColumn> = named.collect();
    let mut doubled: Vec<String> = Vec::new();
    for (at, one) in measured.iter().enumerate() {
        if measured[..at].iter().any(|other| other.1 == one.1) {
            doubled.push(sheet.header()[one.0].clone());
        }
    }
    if !doubled.is_empty() {
        return Err(Error::DuplicateColumns { names: doubled });
    }
    if measured.is_empty() {
        let name = "Refugees under UNHCR's mandate".into();
        return Err(Error::MissingColumns { missing: vec![MissingColumn { name, nearest: None }] });
    }
    rows(sheet, "unhcr", Keys { year, origin, asylum, name }, &measured)
}

/// The data set of a table without refugees.
fn of_solutions(series: &Series) -> Option<Publication> {
    let refugees = series.observations.iter().any(|one| one.indicator == "unhcr_refugees");
    (!refugees).then_some(Publication {
        id: "unhcr-returns",
        title: "Returns, resettlement and naturalisation",
        citation: "UNHCR, Refugee Data Finder: solutions",
        ..FINDER
    })
}

/// Whose table it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// UNHCR: population, or returns and other solutions.
    Unhcr,
    /// IDMC: internally displaced persons, in the column `total`.
    Idmc,
}

/// Reads a table. Indicators are `unhcr_refugees` and so on, or `idmc_idps`.
///
/// # Errors
///
/// [`Error::Empty`], [`Error::Form`], [`Error::OtherTable`], [`Error::MissingColumns`] without a
/// key or a measure of the publisher, [`Error::DuplicateColumns`]. A bad row or cell is a
/// diagnostic.
///
/// ```
/// use sanad_source::displacement::{Publisher, read};
///
/// let file = "year,coo_name,coo_iso,coa_name,coa_iso,refugees\n\
///     2023.0,Afghanistan,AFG,Pakistan,PAK,1987678.0\n";
/// let series = read(file.as_bytes(), Publisher::Unhcr)?;
/// let one = &series.observations[0];
/// assert_eq!((one.place.iso3.as_str(), one.partner_iso3.as_str()), ("AFG", "PAK"));
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8], publisher: Publisher) -> Result<Series> {
    let format = match publisher {
        Publisher::Unhcr => UNHCR,
        Publisher::Idmc => IDMC,
    };
    format.observations(data, &SeriesSettings::default())
}

/// People by country of origin, country of asylum, year and measure.
fn pairs(sheet: Sheet<'_>, publisher: Publisher) -> Result<Series> {
    let (expected, prefix) = match publisher {
        Publisher::Unhcr => (UNHCR_EXPECTED, "unhcr"),
        Publisher::Idmc => (IDMC_EXPECTED, "idmc"),
    };
    let [year, origin, asylum] = sheet.require(["year", "coo_iso", "coa_iso"], expected)?;
    let name = sheet.find("coo_name");
    let measured = measured(&sheet, publisher)?;
    rows(sheet, prefix, Keys { year, origin, asylum, name }, &measured)
}

/// Where the keys of a row stand.
struct Keys {
    year: usize,
    origin: usize,
    asylum: usize,
    /// The name of the country of origin.
    name: Option<usize>,
}

/// A column, the measure in it and its title.
type MeasureColumn = (usize, &'static str, &'static str);

/// What UNHCR writes where it has no figure, and in place of one from 1 to 4.
const NOTHING: &[&str] = &["-", "*"];

/// Observations of every measure and year, a row for each pair of countries.
fn rows(
    mut sheet: Sheet<'_>,
    prefix: &str,
    at: Keys,
    measured: &[MeasureColumn],
) -> Result<Series> {
    let Keys { year, origin, asylum, name } = at;
    let header = sheet.header().to_vec();
    let mut all = Gather::with_words_for_nothing(NOTHING);
    while let Some(row) = sheet.row()? {
        let Some(period) = all.year(&row, year, &header[year]) else { continue };
        let (from, to) = (row.text(origin), row.text(asylum));
        if from.is_empty() || to.is_empty() {
            let column = if from.is_empty() { origin } else { asylum };
            all.reject(&row, &header[column], Issue::Missing, "", "an ISO 3166-1 alpha-3 code");
            continue;
        }
        let place = country_by_code(&from, &name.map_or_else(Default::default, |at| row.text(at)));
        let partner = country_by_code(&to, "");
        for &(column, measure, title) in measured {
            let Some(value) = all.count(&row, column, &header[column]) else { continue };
            let measure = if measure == "total" { "idps" } else { measure };
            let mut one = observation(&format!("{prefix}_{measure}"), &place, period, value, &row);
            one.indicator_name = title.to_owned();
            one.unit = "persons".to_owned();
            if partner != country_by_code(&from, "") {
                one.partner_iso3.clone_from(&partner.iso3);
                // A code without a country would make different partners the same.
                if partner.iso3.is_empty() {
                    one.item.clone_from(&partner.code);
                }
            }
            all.keep(&row, &header[column], one);
        }
    }
    all.finish(sheet)
}

/// The measures of a publisher that the header has.
fn measured(sheet: &Sheet<'_>, publisher: Publisher) -> Result<Vec<MeasureColumn>> {
    let of = |measure: &str| (measure == "total") == (publisher == Publisher::Idmc);
    let found: Vec<_> = MEASURES
        .iter()
        .filter(|(measure, _)| of(measure))
        .filter_map(|&(measure, title)| Some((sheet.find(measure)?, measure, title)))
        .collect();
    let doubled = sheet.doubled(found.iter().map(|found| found.1));
    if !doubled.is_empty() {
        return Err(Error::DuplicateColumns { names: doubled });
    }
    if found.is_empty() {
        let name = if publisher == Publisher::Idmc { "total" } else { "refugees" };
        let missing = vec![MissingColumn { name: name.into(), nearest: None }];
        return Err(Error::MissingColumns { missing });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_origins_stay_apart_and_inner_displacement_has_no_partner() {
        let file = "year,coo_iso,coa_iso,total\n1990.0,UNK,UNK,21300000.0\n2009,PAK,PAK,1894000\n\
            2010,PAK,XXA,5\n2010,PAK,UNK,6\n2011,PAK,PAK,2.5\n";
        let series = read(file.as_bytes(), Publisher::Idmc).unwrap();
        let shown: Vec<_> = series
            .observations
            .iter()
            .map(|one| (one.place.code.as_str(), one.partner_iso3.as_str(), one.item.as_str()))
            .collect();
        assert_eq!(
            shown,
            [("UNK", "", ""), ("PAK", "", ""), ("PAK", "", "XXA"), ("PAK", "", "UNK")]
        );
        assert_eq!(series.diagnostics[0].issue, Issue::OutOfRange);
    }

    #[test]
    fn a_hyphen_is_no_figure_and_numbers_of_rows_are_no_column() {
        let file = "\"\",\"year\",\"coo_iso\",\"coa_iso\",\"refugees\",\"oip\",\"ooc\"\n\
            \"1\",2024,\"TIB\",\"IND\",62000,\"-\",0\n\"2\",2024,\"UNK\",\"PAK\",*,NA,\n";
        let series = read(file.as_bytes(), Publisher::Unhcr).unwrap();
        assert_eq!((series.observations.len(), series.diagnostics.len()), (2, 0));
        assert_eq!(series.set_aside["empty cells"], 4);
    }

    #[test]
    fn the_download_for_people_is_read_below_its_lines() {
        let plain = "year,coo_iso,coa_iso,refugees,returned_idps,oip\n2098,AFG,PAK,1230,5,-\n";
        let download = format!(
            "\"Extract\"\n\"Source: an example\"\n{}Year,\"Country of origin\",\"Country of origin (ISO)\",\
             \"Country of asylum (ISO)\",\"Refugees under UNHCR's mandate\",\"Returned IDPss\",\
             \"Other people in need of international protection\"\n2098,,AFG,PAK,\"1,230\",5,-\n",
            "\"\"\n".repeat(11)
        );
        let plain = read(plain.as_bytes(), Publisher::Unhcr).unwrap();
        let download = read(download.as_bytes(), Publisher::Unhcr).unwrap();
        let values = |series: &Series| -> Vec<(String, f64)> {
            series.observations.iter().map(|one| (one.indicator.clone(), one.value)).collect()
        };
        assert_eq!(values(&plain), values(&download));
        assert_eq!(values(&plain)[0], ("unhcr_refugees".to_owned(), 1230.0));
        assert_eq!((download.rows_read, download.observations[0].source_row), (1, 15));
    }

    #[test]
    fn a_row_of_tags_is_passed_over() {
        let file = "year,coo_iso,coa_iso,refugees\n#date+year,#country+code+origin,\
            #country+code+asylum,#affected+refugees\n2024,AFG,PAK,1561000\n";
        let series = read(file.as_bytes(), Publisher::Unhcr).unwrap();
        assert_eq!((series.observations.len(), series.rows_read), (1, 1));
        assert_eq!(series.diagnostics, []);
    }
}
