//! A country-month series from CSV files, inputs made from it, and the windows of a back-test.
#![allow(dead_code, reason = "each program that includes this module uses a part of it")]

use std::collections::BTreeMap;
use std::error::Error;

use sanad_forecast::{Panel, spells};

/// The panel of a series, and what its places are called.
pub(crate) struct Series {
    /// Counts by country and month.
    pub(crate) panel: Panel,
    /// The name of each place, where the file has a column `country`, else its number.
    pub(crate) names: Vec<String>,
    /// Other columns, of the panel's shape.
    others: Vec<(&'static str, Vec<f64>)>,
}

/// The columns of a file of UCDP's counts by country and month that are no target.
const OTHER_COLUMNS: [&str; 3] = ["sb_events", "ns_deaths", "os_deaths"];

/// Half-lives at which the other columns are weighted, in months.
const HALF_LIVES_MONTHS: [f64; 2] = [2.0, 12.0];

/// Values by country and month, with the countries' names.
#[derive(Default)]
struct Cells {
    values: BTreeMap<u32, BTreeMap<i32, Vec<f64>>>,
    names: BTreeMap<u32, String>,
}

impl Cells {
    /// The first and last month with a value.
    fn span(&self) -> Option<(i32, i32)> {
        let months = || self.values.values().flat_map(|series| series.keys().copied());
        Some((months().min()?, months().max()?))
    }

    /// Adds a file in which a month without a row is one without an event, from the first month of
    /// any of its places to the last.
    fn add_complete(&mut self, file: Self, width: usize) -> Result<(), Box<dyn Error>> {
        let (first, last) = file.span().ok_or("no rows")?;
        for (number, months) in file.values {
            let own = self.values.entry(number).or_default();
            own.extend((first..=last).map(|month| (month, vec![0.0; width])));
            own.extend(months);
        }
        self.names.extend(file.names);
        Ok(())
    }

    /// Column `index` by country and month, missing where there is no value.
    fn column(&self, index: usize, (first, last): (i32, i32)) -> Vec<f64> {
        let value = |series: &BTreeMap<i32, Vec<f64>>, month| {
            series.get(&month).map_or(f64::NAN, |values| values[index])
        };
        self.values.values().flat_map(|own| (first..=last).map(move |m| value(own, m))).collect()
    }
}

/// Reads CSV files, joined by commas, of one of two kinds: with columns `month_id`, `country_id` and
/// `ged_sb`, where a month without a row is missing; or with `gwno`, `year`, `month`, `sb_deaths` and the
/// columns of other violence, where it is one without an event, from the file's first month to its
/// last. A column `country` names the places. A later file's months take the place of an earlier's.
///
/// A third kind is a case's counts by pair of sides, with `period`, `conflict`, `side_b` and `deaths_best`, read
/// as `PATH#conflict` or `PATH#side_b` after what the places are; pairs of two governments are left out.
pub(crate) fn read(paths: &str) -> Result<Series, Box<dyn Error>> {
    let mut cells = Cells::default();
    let mut width = 0;
    for path in paths.split(',') {
        if let Some((path, place)) = path.split_once('#') {
            width = read_sides(path, place, &mut cells)?;
            continue;
        }
        let headers = csv::Reader::from_path(path)?.headers()?.clone();
        let is_counts = headers.iter().any(|header| header == "sb_deaths");
        width =
            if is_counts { read_counts(path, &mut cells)? } else { read_views(path, &mut cells)? };
    }
    let span = cells.span().ok_or("no rows")?;
    let months = (span.1 - span.0 + 1) as usize;
    let panel = Panel::new(span.0, cells.values.len(), months, cells.column(0, span))?;
    let others = (1..width).map(|index| (OTHER_COLUMNS[index - 1], cells.column(index, span)));
    Ok(Series { panel, others: others.collect(), names: cells.names.into_values().collect() })
}

/// Adds a file of the first kind; gives the number of columns.
fn read_views(path: &str, cells: &mut Cells) -> Result<usize, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let position = |name: &str| headers.iter().position(|header| header == name);
    let column = |name: &str| position(name).ok_or(format!("{path} has no column {name}"));
    let (month, country, value) = (column("month_id")?, column("country_id")?, column("ged_sb")?);
    let name = position("country").unwrap_or(country);
    for record in reader.records() {
        let record = record?;
        let number = record[country].parse()?;
        cells.names.insert(number, record[name].to_owned());
        let months = cells.values.entry(number).or_default();
        months.insert(record[month].parse()?, vec![record[value].parse()?]);
    }
    Ok(1)
}

/// Adds a file of the second kind, with zeros where it has no row; gives the number of columns.
fn read_counts(path: &str, cells: &mut Cells) -> Result<usize, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let position = |name: &str| headers.iter().position(|header| header == name);
    let column = |name: &str| position(name).ok_or(format!("{path} has no column {name}"));
    let (country, year, month) = (column("gwno")?, column("year")?, column("month")?);
    let values = ["sb_deaths"].into_iter().chain(OTHER_COLUMNS).map(column);
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let name = position("country");
    let mut file = Cells::default();
    for record in reader.records() {
        let record = record?;
        let number: u32 = record[country].parse()?;
        file.names
            .insert(number, name.map_or_else(|| number.to_string(), |n| record[n].to_owned()));
        let id = (record[year].parse::<i32>()? - 1980) * 12 + record[month].parse::<i32>()?;
        let row = values.iter().map(|&value| record[value].parse()).collect::<Result<_, _>>()?;
        file.values.entry(number).or_default().insert(id, row);
    }
    cells.add_complete(file, values.len())?;
    Ok(values.len())
}

/// Adds a file of the third kind, its places numbered by first appearance and those known before
/// under the number they have; gives the number of columns.
fn read_sides(path: &str, place: &str, cells: &mut Cells) -> Result<usize, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let position = |name: &str| headers.iter().position(|header| header == name);
    let column = |name: &str| position(name).ok_or(format!("{path} has no column {name}"));
    let (period, side, deaths) = (column("period")?, column("side_b")?, column("deaths_best")?);
    let place = column(place)?;
    let mut file = Cells { names: cells.names.clone(), ..Cells::default() };
    for record in reader.records() {
        let record = record?;
        if record[side].starts_with("gov-") {
            continue;
        }
        let known = file.names.iter().find(|(_, name)| **name == record[place]);
        let number = known.map_or(file.names.len() as u32, |(&number, _)| number);
        file.names.insert(number, record[place].to_owned());
        let (year, month) = record[period].split_once('-').ok_or("a period is YEAR-MONTH")?;
        let id = (year.parse::<i32>()? - 1980) * 12 + month.parse::<i32>()?;
        let sum = file.values.entry(number).or_default().entry(id).or_insert_with(|| vec![0.0]);
        sum[0] += record[deaths].parse::<f64>()?;
    }
    // A place that an earlier file alone knows has no event in these months.
    for &number in file.names.keys() {
        file.values.entry(number).or_default();
    }
    cells.add_complete(file, 1)?;
    Ok(1)
}

impl Series {
    /// The panel with inputs from each place's spells: ln(1 + months since the spell began) and
    /// ln(1 + months of quiet before it).
    pub(crate) fn with_spells(&self, panel: Panel) -> Result<Panel, Box<dyn Error>> {
        let (mut since, mut before) = (Vec::new(), Vec::new());
        for place in 0..panel.places() {
            let value = |month| panel.value(place, month).unwrap_or(f64::NAN);
            for spell in spells(&(0..panel.months()).map(value).collect::<Vec<_>>()) {
                since.push((spell.months as f64).ln_1p());
                before.push((spell.quiet_before_months as f64).ln_1p());
            }
        }
        Ok(panel
            .with_covariate("months of the spell", since)?
            .with_covariate("quiet before", before)?)
    }

    /// The panel with inputs from the other columns: ln(1 + mean) weighted at each of
    /// [`HALF_LIVES_MONTHS`].
    pub(crate) fn with_other_violence(&self, mut panel: Panel) -> Result<Panel, Box<dyn Error>> {
        if self.others.is_empty() {
            return Err("the series has no columns of other violence".into());
        }
        for (name, values) in &self.others {
            for half_life in HALF_LIVES_MONTHS {
                let months = values.chunks(panel.months());
                let weighted = months.flat_map(|own| weighted_logs(own, half_life)).collect();
                panel = panel.with_covariate(format!("{name} {half_life}"), weighted)?;
            }
        }
        Ok(panel)
    }
}

/// ln(1 + weighted mean) of the values up to each month; a missing month only ages the others.
fn weighted_logs(values: &[f64], half_life_months: f64) -> Vec<f64> {
    let decay = (-1.0 / half_life_months).exp2();
    let (mut sum, mut weight) = (0.0, 0.0);
    let mut next = |&value: &f64| {
        let known = if value.is_nan() { [0.0; 2] } else { [value, 1.0] };
        (sum, weight) = (sum * decay + known[0], weight * decay + known[1]);
        (sum / f64::max(weight, 1e-9)).ln_1p()
    };
    values.iter().map(&mut next).collect()
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
