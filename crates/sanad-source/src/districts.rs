//! Indicators of districts as a long table: one row per district, indicator, year and survey.
//!
//! Columns `province`, `district`, `indicator`, `year`, `value`, and where there are any `units` and
//! `source` (the survey). The publisher's own judgement of the direction (`context`) is not read:
//! a case declares it. The value's place is the district as the survey names it; which district of
//! the case that is, and that boundaries moved in between, is decided when it is read back.

use sanad_core::diagnostic::Issue;
use sanad_core::observation::GivenPlace;
use sanad_core::place::Level;

use crate::error::Result;
use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, observation};
use crate::sheet::Sheet;

/// What a file of this format is, for messages.
const EXPECTED: &str = "indicators of districts (province, district, indicator, year, value)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat {
    lacks_country: true,
    ..SourceFormat::new(
        "district-indicators",
        "Indicators of districts in a long table (CSV)",
        Publication {
            id: "district-indicators",
            title: "Indicators of districts from household surveys and the census",
            citation: "Household surveys and censuses of national and provincial bureaus of \
                statistics. Each value names its survey",
            licence: "not stated by the compilation; not to be passed on",
            url: "",
        },
        Content::Series { expected: EXPECTED, layouts: &[LONG] },
    )
};

/// One row for each district, indicator and year.
const LONG: TableLayout = TableLayout {
    known_by: &["province", "district", "indicator", "year", "value"],
    publication: |_| None,
    read: |sheet, settings| long(sheet, settings.iso3),
};

/// Reads the table. The file does not say its country; `iso3` does, and may be empty.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form) and those of a
/// header that lacks or doubles a column. A bad row is a diagnostic.
///
/// ```
/// let file = "province,district,indicator,year,value,units,source\n\
///     Balochistan,Quetta,Poverty Rate (%),2014,40.1,%,HIES/PSLM\n";
/// let series = sanad_source::districts::read(file.as_bytes(), "PAK")?;
/// assert_eq!(series.observations[0].place.name, "Quetta");
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8], iso3: &str) -> Result<Series> {
    FORMAT.observations(data, &SeriesSettings { iso3, ..SeriesSettings::default() })
}

/// Observations of districts, named by province and district.
fn long(mut sheet: Sheet<'_>, iso3: &str) -> Result<Series> {
    let [province, district, indicator, year, value] =
        sheet.require(["province", "district", "indicator", "year", "value"], EXPECTED)?;
    let (units, survey) = (sheet.find("units"), sheet.find("source"));
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        let missing = [(district, "district"), (indicator, "indicator")]
            .into_iter()
            .find(|&(column, _)| row.name(column).is_empty());
        if let Some((_, column)) = missing {
            all.reject(&row, column, Issue::Missing, "", "a name");
            continue;
        }
        let Some(period) = all.year(&row, year, "year") else { continue };
        row.note_bad_text(
            &[(district, "district"), (indicator, "indicator")],
            &mut all.diagnostics,
        );
        let place = GivenPlace {
            level: Level::Adm2,
            iso3: iso3.to_owned(),
            code: String::new(),
            name: row.text(district).into_owned(),
            within: row.name(province).into_owned(),
        };
        let Some(number) = all.number(&row, value, "value") else { continue };
        let mut one = observation(&row.text(indicator), &place, period, number, &row);
        one.unit = units.map_or_else(String::new, |at| row.name(at).into_owned());
        one.item = survey.map_or_else(String::new, |at| row.name(at).into_owned());
        all.keep(&row, "indicator", one);
    }
    all.finish(sheet)
}
