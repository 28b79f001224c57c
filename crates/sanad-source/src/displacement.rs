//! Yearly tables of displacement by country of origin and of asylum: UNHCR's population and
//! returns, IDMC's internal displacement as UNHCR's refugee data finder gives it.
//!
//! Columns `year`, `coo_iso` (origin), `coa_iso` (asylum), and any of the measures below. Names
//! and UNHCR's own three-letter codes (`coo`, `coa`) are the fourth system of country codes met
//! here; the ISO columns beside them are read, and `UNK`, `XXA` and other codes outside ISO stand as
//! codes without a country. The place of an observation is the country of origin, the partner that
//! of asylum; for displacement inside a country both are the same and the partner is empty.
//!
//! Counts written as floats (`104320.0`) are whole. UNHCR rounds small numbers for protection.

use sanad_core::diagnostic::Issue;

use crate::error::{Error, MissingColumn, Result};
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
    let (expected, prefix) = match publisher {
        Publisher::Unhcr => {
            ("UNHCR's yearly tables (year, coo_iso, coa_iso, refugees and others)", "unhcr")
        }
        Publisher::Idmc => ("IDMC's yearly table (year, coo_iso, coa_iso, total)", "idmc"),
    };
    let mut sheet = Sheet::open(data, expected, b',')?;
    let [year, origin, asylum] = sheet.require(["year", "coo_iso", "coa_iso"], expected)?;
    let name = sheet.find("coo_name");
    let measured = measured(&sheet, publisher)?;
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        let Some(period) = all.year(&row, year, "year") else { continue };
        let (from, to) = (row.text(origin), row.text(asylum));
        if from.is_empty() || to.is_empty() {
            let column = if from.is_empty() { "coo_iso" } else { "coa_iso" };
            all.reject(&row, column, Issue::Missing, "", "an ISO 3166-1 alpha-3 code");
            continue;
        }
        let place = country_by_code(&from, &name.map_or_else(Default::default, |at| row.text(at)));
        let partner = country_by_code(&to, "");
        for &(column, measure, title) in &measured {
            let Some(value) = all.count(&row, column, measure) else { continue };
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
            all.keep(&row, measure, one);
        }
    }
    all.finish(sheet)
}

/// The measures of a publisher that the header has.
fn measured(
    sheet: &Sheet<'_>,
    publisher: Publisher,
) -> Result<Vec<(usize, &'static str, &'static str)>> {
    let of = |measure: &str| (measure == "total") == (publisher == Publisher::Idmc);
    let found: Vec<_> = MEASURES
        .iter()
        .filter(|(measure, _)| of(measure))
        .filter_map(|&(measure, title)| Some((sheet.find(measure)?, measure, title)))
        .collect();
    let doubled = sheet.doubled(found.iter().map(|it| it.1));
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
}
