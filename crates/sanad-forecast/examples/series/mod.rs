//! A country-month series from a CSV file, and the windows of a back-test on it.

use std::collections::BTreeMap;
use std::error::Error;

use sanad_forecast::Panel;

/// The panel of a series, and what its places are called.
pub(crate) struct Series {
    /// Counts by country and month.
    pub(crate) panel: Panel,
    /// The name of each place, where the file has a column `country`, else its number.
    pub(crate) names: Vec<String>,
}

/// Reads a CSV with columns `month_id`, `country_id` and `ged_sb`, and `country` if there is one. A
/// month without a row is missing.
pub(crate) fn read(path: &str) -> Result<Series, Box<dyn Error>> {
    let mut cells: BTreeMap<u32, BTreeMap<i32, f64>> = BTreeMap::new();
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let position = |name: &str| headers.iter().position(|header| header == name);
    let column = |name: &str| position(name).ok_or(format!("{path} has no column {name}"));
    let (month, country, value) = (column("month_id")?, column("country_id")?, column("ged_sb")?);
    let name = position("country").unwrap_or(country);
    for record in reader.records() {
        let record = record?;
        let number = record[country].parse()?;
        names.entry(number).or_insert_with(|| record[name].to_owned());
        cells.entry(number).or_default().insert(record[month].parse()?, record[value].parse()?);
    }
    let months = || cells.values().flat_map(|series| series.keys().copied());
    let first = months().min().ok_or("no rows")?;
    let last = months().max().ok_or("no rows")?;
    let target = cells
        .values()
        .flat_map(|series| (first..=last).map(|m| series.get(&m).copied().unwrap_or(f64::NAN)))
        .collect();
    let panel = Panel::new(first, cells.len(), (last - first + 1) as usize, target)?;
    Ok(Series { panel, names: names.into_values().collect() })
}

/// The years of `FIRST..LAST`, and for each the index of October of the year before, with which its
/// training ends.
pub(crate) fn windows(
    panel: &Panel,
    years: &str,
) -> Result<(Vec<i32>, Vec<usize>), Box<dyn Error>> {
    let (first, last) = years.split_once("..").ok_or("years are FIRST..LAST")?;
    let years: Vec<i32> = (first.parse()?..=last.parse()?).collect();
    let origins = years
        .iter()
        .map(|year| panel.month_index((year - 1 - 1980) * 12 + 10).ok_or("year outside the series"))
        .collect::<Result<Vec<usize>, _>>()?;
    Ok((years, origins))
}
