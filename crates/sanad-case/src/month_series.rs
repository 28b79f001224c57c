//! Counts by month that a case ships for the tests of its claims: of another source than its counts of
//! violence, or of what those do not know.
//!
//! A CSV with a header; columns by name: `series` (the id by which claims name it), `month` (YYYY-MM) and
//! `value` (0 or more). Every month from a series' first to its last has a row: a month without one
//! would be taken for quiet.

use std::collections::BTreeMap;

use sanad_core::Month;
use sanad_source::sheet::Sheet;

use crate::error::{Error, Result};

const EXPECTED: &str = "counts by month (series, month, value)";
const COLUMNS: [&str; 3] = ["series", "month", "value"];

/// Values of consecutive months.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthSeries {
    /// The id by which claims name it.
    pub id: String,
    /// The first month.
    pub from: Month,
    /// A value for each month from the first on.
    pub values: Vec<f64>,
}

/// Reads series, in the order of their ids.
///
/// # Errors
///
/// [`Error::Table`] for a file that is empty or no such table; [`Error::Row`] for a cell that cannot be
/// what its column says or a month of a series that occurs twice; [`Error::Gap`] for one that is missing.
///
/// ```
/// let file = "series,month,value\nstrikes,2004-06,1\nstrikes,2004-07,0\n";
/// let series = sanad_case::month_series::read(file.as_bytes())?;
/// assert_eq!((series[0].id.as_str(), &series[0].values[..]), ("strikes", &[1.0, 0.0][..]));
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<Vec<MonthSeries>> {
    let mut sheet = Sheet::open(data, EXPECTED, b',')?;
    let columns = sheet.require(COLUMNS, EXPECTED)?;
    let mut found: BTreeMap<String, BTreeMap<Month, f64>> = BTreeMap::new();
    while let Some(row) = sheet.any_row()? {
        let id = row.text(columns[0]).into_owned();
        let month: Option<Month> = row.text(columns[1]).parse().ok();
        let value: Option<f64> = row.text(columns[2]).parse().ok();
        let value = value.filter(|value| value.is_finite() && *value >= 0.0);
        let (Some(month), Some(value)) = (month, value.filter(|_| !id.is_empty())) else {
            return Err(wrong(row.number, "a cell that is no series, month or count"));
        };
        if found.entry(id).or_default().insert(month, value).is_some() {
            return Err(wrong(row.number, "a month of a series a second time"));
        }
    }
    found.into_iter().map(|(id, months)| without_gap(id, &months)).collect()
}

fn without_gap(id: String, months: &BTreeMap<Month, f64>) -> Result<MonthSeries> {
    // A series is listed for a row of it, so that there is a first month.
    let ends = months.keys().next().zip(months.keys().next_back());
    let (from, to) = ends.ok_or(Error::Empty { expected: EXPECTED })?;
    match Month::range(*from, *to).find(|month| !months.contains_key(month)) {
        Some(month) => Err(Error::Gap { series: id, month }),
        None => Ok(MonthSeries { id, from: *from, values: months.values().copied().collect() }),
    }
}

const fn wrong(row: u64, found: &'static str) -> Error {
    Error::Row { row, found, expected: EXPECTED, advice: "correct the row" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_left_out_or_given_twice_is_refused() {
        let told = |rows: &str| read(format!("series,month,value\n{rows}").as_bytes());
        let two = told("b,2004-01,2\na,2004-02,3\na,2004-01,1\n").unwrap();
        let ids: Vec<_> = two.iter().map(|two| (two.id.as_str(), two.values.len())).collect();
        assert_eq!(ids, [("a", 2), ("b", 1)]);
        let refused = |rows: &str| told(rows).unwrap_err().to_string();
        let gap = refused("a,2004-01,1\na,2004-03,1\n");
        assert!(gap.contains("leaves a month out, 2004-02"), "{gap}");
        assert!(refused("a,2004-01,1\na,2004-01,1\n").contains("a second time"));
        assert!(refused("a,2004-01,-1\n").contains("no series, month or count"));
        assert!(refused("a,2004-01,1\na,2004-02,x\n").starts_with("row 3: "));
    }
}
