//! World Bank indicators in the layouts of DataBank and of the bulk download: one row per country
//! and series, one column per year.
//!
//! Columns `Country Name`, `Country Code`, `Series Name`, `Series Code` (or `Indicator Name`,
//! `Indicator Code`), then years, written `2010 [YR2010]` or `2010`. `..` and empty cells hold no
//! value and are counted. DataBank ends a file with blank rows and notes (`Data from database: …`,
//! `Last Updated: …`); they are counted as `rows of notes`.
//!
//! Lines above the header (`Data Source`, `Last Updated Date`) are passed over, and commas between
//! thousands are read. A governance indicator has one code, whichever of the two the file has.
//!
//! The unit is what the series' name has in its last brackets. Groups of countries (`WLD`, `SAS`)
//! stand without an ISO code, under the World Bank's own.

use sanad_core::Period;
use sanad_core::diagnostic::Issue;
use sanad_core::observation::{Observation, indicator_code};

use crate::error::{Error, MissingColumn, Result};
use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, country_by_code, observation};
use crate::sheet::{Row, Sheet};

/// What a file of this format is, for messages.
const EXPECTED: &str =
    "World Bank indicators (Country Name, Country Code, Series Name, Series Code, years)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "wdi",
    "World Bank indicators, DataBank or bulk layout (CSV)",
    Publication {
        id: "wdi",
        title: "World Development Indicators",
        citation: "World Bank, World Development Indicators, https://databank.worldbank.org",
        licence: "CC-BY-4.0",
        url: "https://databank.worldbank.org/source/world-development-indicators",
    },
    Content::Series { expected: EXPECTED, layouts: &[DATABANK, BULK] },
);

/// A file that DataBank exports.
pub(crate) const DATABANK: TableLayout = TableLayout {
    known_by: &["Country Name", "Country Code", "Series Code"],
    publication: of_governance,
    read: |sheet, _| by_year(sheet),
};

/// A file of the bulk download or of the API.
pub(crate) const BULK: TableLayout =
    TableLayout { known_by: &["Country Name", "Country Code", "Indicator Code"], ..DATABANK };

/// The data set of a table that holds governance indicators alone.
fn of_governance(series: &Series) -> Option<Publication> {
    let dimension = |code: &str| GOVERNANCE.iter().any(|(short, _)| code == *short);
    let is = |one: &Observation| one.indicator.split('.').next().is_some_and(dimension);
    let all = &series.observations;
    (!all.is_empty() && all.iter().all(is)).then_some(WGI)
}

/// The Worldwide Governance Indicators, which have tables of their own as well.
pub(crate) const WGI: Publication = Publication {
    id: "wgi",
    title: "Worldwide Governance Indicators",
    citation: "Kaufmann, D., Kraay, A. and Mastruzzi, M. (2010), The Worldwide Governance \
        Indicators: Methodology and Analytical Issues, World Bank Policy Research Working Paper \
        5430; World Bank, Worldwide Governance Indicators, www.govindicators.org",
    licence: "CC-BY-4.0",
    url: "https://www.govindicators.org",
};

/// Codes and names of their dimensions, in the order of the publisher's files.
pub(crate) const GOVERNANCE: [(&str, &str); 6] = [
    ("VA", "Voice and Accountability"),
    ("PV", "Political Stability and Absence of Violence"),
    ("GE", "Government Effectiveness"),
    ("RQ", "Regulatory Quality"),
    ("RL", "Rule of Law"),
    ("CC", "Control of Corruption"),
];

/// Reads the table.
///
/// # Errors
///
/// [`Error::Empty`], [`Error::Form`], [`Error::OtherTable`], [`Error::MissingColumns`] without a
/// key or any year, [`Error::DuplicateColumns`]. A bad row or cell is a diagnostic.
///
/// ```
/// let file = "Country Name,Country Code,Series Name,Series Code,2022 [YR2022],2023 [YR2023]\n\
///     Pakistan,PAK,\"Inflation, consumer prices (annual %)\",FP.CPI.TOTL.ZG,19.87,..\n\
///     ,,,,,\nData from database: World Development Indicators,,,,,\n";
/// let series = sanad_source::wdi::read(file.as_bytes())?;
/// assert_eq!(series.observations[0].unit, "annual %");
/// assert_eq!(series.set_aside["rows of notes"], 2);
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<Series> {
    FORMAT.observations(data, &SeriesSettings::default())
}

/// One observation per indicator, country and year column whose cell holds a number.
fn by_year(mut sheet: Sheet<'_>) -> Result<Series> {
    let bulk = sheet.find("Indicator Code").is_some();
    let keys = if bulk {
        ["Country Name", "Country Code", "Indicator Name", "Indicator Code"]
    } else {
        ["Country Name", "Country Code", "Series Name", "Series Code"]
    };
    let [name, code, title, series] = sheet.require(keys, EXPECTED)?;
    let years = years(&sheet)?;
    let mut all = Gather::default();
    while let Some(row) = sheet.any_row()? {
        if is_note(&row) {
            all.aside("rows of notes");
            continue;
        }
        if !sheet.fits(&row) {
            sheet.misfit(&row);
            continue;
        }
        let missing = [(code, keys[1]), (series, keys[3])]
            .into_iter()
            .find(|&(column, _)| row.bytes(column).is_empty());
        if let Some((_, column)) = missing {
            all.reject(&row, column, Issue::Missing, "", "a code of the World Bank");
            continue;
        }
        row.note_bad_text(&[(name, keys[0]), (title, keys[2])], &mut all.diagnostics);
        let place = country_by_code(&row.text(code), &row.text(name));
        let title = row.text(title).into_owned();
        for (year, column) in &years {
            let heading = sheet.header()[*column].clone();
            let Some(value) = all.number(&row, *column, &heading) else { continue };
            let code = indicator_code(&row.text(series)).into_owned();
            let mut one = observation(&code, &place, *year, value, &row);
            one.unit = unit(&title).to_owned();
            one.indicator_name.clone_from(&title);
            all.keep(&row, &heading, one);
        }
    }
    all.finish(sheet)
}

/// A blank row, or one whose only text is its first field: a note of the publisher.
fn is_note(row: &Row) -> bool {
    let notes = ["Data from database", "Last Updated"];
    let first = row.text(0);
    let alone = (1..row.len()).all(|column| row.bytes(column).is_empty());
    row.is_blank() || (alone && notes.iter().any(|note| first.starts_with(note)))
}

/// The years of a header with their columns.
fn years(sheet: &Sheet<'_>) -> Result<Vec<(Period, usize)>> {
    let year = |name: &String| {
        let (digits, rest) = name.split_at_checked(4)?;
        let bracket = format!(" [YR{digits}]");
        let number = digits.parse().ok().filter(|year| (1900..=2100).contains(year))?;
        (rest.is_empty() || rest == bracket).then(|| Period::year(number))?
    };
    let header = sheet.header().iter().enumerate();
    let found: Vec<(Period, usize)> =
        header.filter_map(|(at, name)| Some((year(name)?, at))).collect();
    if found.is_empty() {
        let missing =
            vec![MissingColumn { name: "2010 [YR2010] or any year".into(), nearest: None }];
        return Err(Error::MissingColumns { missing });
    }
    let names: Vec<&str> = found.iter().map(|(_, at)| sheet.header()[*at].as_str()).collect();
    let mut doubled = sheet.doubled(names.iter().copied());
    doubled.dedup();
    if doubled.is_empty() { Ok(found) } else { Err(Error::DuplicateColumns { names: doubled }) }
}

/// What stands in the last brackets of a name.
fn unit(title: &str) -> &str {
    let inside = title.trim_end().strip_suffix(')').and_then(|text| text.rsplit_once('('));
    inside.map_or("", |(_, unit)| unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bulk_layout_is_read_as_well() {
        let file = "Country Name,Country Code,Indicator Name,Indicator Code,1960,1961,\n\
            World,WLD,Population,SP.POP.TOTL,3,4,\n";
        let series = read(file.as_bytes()).unwrap();
        assert_eq!(series.observations.len(), 2);
        assert_eq!(series.observations[0].place.iso3, "");
        assert_eq!(series.observations[0].place.code, "WLD");
    }

    #[test]
    fn lines_above_the_header_and_commas_between_thousands_are_read() {
        let file = "\u{feff}\"Data Source\",\"World Development Indicators\",\n\n\
            \"Last Updated Date\",\"2024-06-28\",\n\n\
            \"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator Code\",\"2021\",\"2022\",\n\
            \"Pakistan\",\"PAK\",\"Population, total\",\"SP.POP.TOTL\",\"231,402,117\",\"235824862\",\n\
            \"Namibia\",\"NAM\",\"Population, total\",\"SP.POP.TOTL\",\"\",\"2,567,012.5\"\n";
        let series = read(file.as_bytes()).unwrap();
        let shown: Vec<(f64, u64)> =
            series.observations.iter().map(|one| (one.value, one.source_row)).collect();
        assert_eq!(shown, [(231_402_117.0, 4), (235_824_862.0, 4), (2_567_012.5, 5)]);
        assert_eq!((series.rows_read, series.diagnostics.len()), (2, 0));
    }

    #[test]
    fn a_column_in_which_a_comma_means_two_things_stops_the_file() {
        let file = |second: &str| {
            format!(
                "Country Name,Country Code,Series Name,Series Code,2010\nA,AFG,S,S.X,\"1,234\"\n\
             A,PAK,S,S.X,\"{second}\"\n"
            )
        };
        assert_eq!(read(file("5,678").as_bytes()).unwrap().observations[0].value, 1234.0);
        let error = read(file("1,5").as_bytes()).unwrap_err().to_string();
        assert!(error.contains("1,234") && error.contains("1,5"), "{error}");
    }

    #[test]
    fn a_file_saved_with_semicolons_has_the_numbers_that_its_columns_tell() {
        let file = "Country Name;Country Code;Series Name;Series Code;2010;2011\n\
            A;AFG;S;S.X;1,5;34,008\nA;PAK;S;S.X;1.234,5;..\n";
        let series = read(file.as_bytes()).unwrap();
        let values: Vec<f64> = series.observations.iter().map(|one| one.value).collect();
        assert_eq!(values, [1.5, 34.008, 1234.5]);
        let unsettled = file.replace("1,5", "2").replace("1.234,5", "3");
        assert!(read(unsettled.as_bytes()).unwrap_err().to_string().contains("34,008"));
    }

    #[test]
    fn a_governance_indicator_has_one_code() {
        let file = "Country Name,Country Code,Series Name,Series Code,2022 [YR2022]\n\
            Pakistan,PAK,Rule of Law: Estimate,GOV_WGI_RL.EST,-0.69\n\
            Pakistan,PAK,Rule of Law: Governance score (0-100),GOV_WGI_RL.SC,31.2\n\
            Namibia,NAM,Rule of Law: Estimate,RL.EST,0.3\n";
        let series = read(file.as_bytes()).unwrap();
        let codes: Vec<&str> =
            series.observations.iter().map(|one| one.indicator.as_str()).collect();
        assert_eq!(codes, ["RL.EST", "RL.SC", "RL.EST"]);
        let publication = |text: &str| {
            let read = FORMAT.series(text.as_bytes(), &SeriesSettings::default()).unwrap();
            read.unwrap().1.id
        };
        assert_eq!(publication(file), "wgi");
        assert_eq!(publication(&file.replace("RL.SC", "X.Y")), "wdi");
    }

    #[test]
    fn a_bad_cell_leaves_the_others_and_a_bad_row_is_told() {
        let file = "Country Name,Country Code,Series Name,Series Code,2010,2011\n\
            A,AFG,S,S.X,many,2\nA,AFG,S,S.X,1,3\n,,S,S.X,1,2\nA,AFG,S\n";
        let series = read(file.as_bytes()).unwrap();
        let values: Vec<f64> = series.observations.iter().map(|one| one.value).collect();
        assert_eq!(values, [2.0, 1.0]);
        let issues: Vec<(u64, Issue)> = series
            .diagnostics
            .iter()
            .map(|diagnostic| (diagnostic.row, diagnostic.issue))
            .collect();
        use Issue::{DuplicateId, FieldCount, Missing, WrongType};
        assert_eq!(issues, [(2, WrongType), (3, DuplicateId), (4, Missing), (5, FieldCount)]);
    }

    #[test]
    fn units_stand_in_the_last_brackets() {
        assert_eq!(unit("GDP (constant 2015 US$)"), "constant 2015 US$");
        assert_eq!(unit("Rate (a) of something (% of all)"), "% of all");
        assert_eq!(unit("Control of Corruption: Estimate"), "");
    }
}
