//! Districts forecast across a gap of years, as `sanad case gap-forecast` writes them and a case ships them.
//!
//! A CSV with a header; columns by name: `place_id`, `place`, `theatre`, `from`, `to` (YYYY-MM, the months
//! forecast), `chance_any` (share of draws with a death in these months), `mean`, `low_90` and `high_90` (deaths in
//! all of them). Every other column is a note on how they were made, the same in all rows; `record_sha256` says
//! of what.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::{Estimate, Month};
use sanad_source::sheet::{Row, Sheet};

use crate::error::{Error, Result};
use crate::notes::NoteColumns;

const EXPECTED: &str = "districts forecast across a gap (place_id, place, theatre, from, to, chance_any, mean, \
     low_90, high_90)";

const COLUMNS: [&str; 9] =
    ["place_id", "place", "theatre", "from", "to", "chance_any", "mean", "low_90", "high_90"];

/// What a district may expect over the months forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct GapDistrict {
    /// The district, by id.
    pub place_id: String,
    /// Its name.
    pub place: String,
    /// The theatre it lies in, by id.
    pub theatre: String,
    /// First and last month forecast.
    pub months: [Month; 2],
    /// Share of draws with a death in these months, 0 to 1.
    pub chance_any: f64,
    /// Deaths in these months: mean of the draws and ends of their central 90 %.
    pub deaths: Estimate,
}

/// Districts forecast across a gap, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShippedGapForecast {
    /// Rows in the order of the file.
    pub rows: Vec<GapDistrict>,
    /// How they were made and of what, the same for all rows.
    pub notes: BTreeMap<String, String>,
}

/// Reads districts forecast across a gap.
///
/// # Errors
///
/// [`Error::Table`] for a file that is empty or no such table; [`Error::Row`] for a cell that cannot be
/// what its column says, a district that occurs twice or notes that differ, and those of a header
/// that lacks or doubles a column.
///
/// ```
/// let file = "place_id,place,theatre,from,to,chance_any,mean,low_90,high_90,seed\n\
///     X1,Hill,north,2026-01,2026-12,0.25,1.5,0,6,1\n";
/// let read = sanad_case::gap_forecast::read(file.as_bytes())?;
/// assert_eq!((read.rows[0].deaths.high, read.notes["seed"].as_str()), (6.0, "1"));
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<ShippedGapForecast> {
    let mut sheet = Sheet::open(data, EXPECTED, b',')?;
    let columns = sheet.require(COLUMNS, EXPECTED)?;
    let others = NoteColumns::beside(&sheet, &columns);
    let mut found = ShippedGapForecast::default();
    let mut seen = BTreeSet::new();
    while let Some(row) = sheet.any_row()? {
        let read = read_row(&row, &columns);
        let read = read.ok_or_else(|| wrong(row.number, "a cell that is no forecast"))?;
        if !seen.insert(read.place_id.clone()) {
            return Err(wrong(row.number, "a district a second time"));
        }
        if !others.take(&row, &mut found.notes) {
            return Err(wrong(row.number, "a note that differs from the first row's"));
        }
        found.rows.push(read);
    }
    Ok(found)
}

const fn wrong(row: u64, found: &'static str) -> Error {
    let advice = "write it anew with `sanad case gap-forecast --out`";
    Error::Row { row, found, expected: EXPECTED, advice }
}

fn read_row(row: &Row, columns: &[usize; COLUMNS.len()]) -> Option<GapDistrict> {
    let text =
        |column: usize| Some(row.text(columns[column]).into_owned()).filter(|it| !it.is_empty());
    let month = |column: usize| row.text(columns[column]).parse::<Month>().ok();
    let number = |column: usize| {
        let number: f64 = row.text(columns[column]).parse().ok()?;
        (number.is_finite() && number >= 0.0).then_some(number)
    };
    let (from, to) = (month(3)?, month(4)?);
    let (chance_any, mean) = (number(5)?, number(6)?);
    let (low, high) = (number(7)?, number(8)?);
    // The mean of a long tail may lie outside the central 90 % of the draws.
    (from <= to && chance_any <= 1.0 && low <= high).then_some(())?;
    Some(GapDistrict {
        place_id: text(0)?,
        place: text(1)?,
        theatre: text(2)?,
        months: [from, to],
        chance_any,
        deaths: Estimate { value: mean, low, high },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "place_id,place,theatre,from,to,chance_any,mean,low_90,high_90,seed\n\
        X1,Hill,north,2026-01,2026-12,0.25,1.5,0,6,1\n\
        X2,Vale,north,2026-01,2026-12,0.02,0.3,0,0,1\n";

    #[test]
    fn districts_come_with_the_notes_of_all() {
        let read = read(FILE.as_bytes()).unwrap();
        assert_eq!((read.rows.len(), read.rows[1].deaths.value), (2, 0.3));
        assert_eq!(read.rows[0].months[1], "2026-12".parse().unwrap());
        assert_eq!(read.notes["seed"], "1");
    }

    #[test]
    fn what_cannot_be_a_forecast_is_refused_as_a_whole() {
        let refused = |from: &str, to: &str| {
            read(FILE.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
        };
        assert!(refused("0.25", "1.25").starts_with("row 2: found a cell that is no forecast"));
        assert!(refused("0,6,1", "7,6,1").contains("no forecast"));
        assert!(refused("1.5", "-1").contains("no forecast"));
        assert!(refused("2026-12", "2025-12").contains("no forecast"));
        assert!(refused("Hill", "").contains("no forecast"));
        assert!(refused("X2", "X1").contains("a second time"));
        assert!(refused("0,0,1", "0,0,2").contains("differs"));
        assert!(refused("chance_any,", "chance,").contains("chance_any"));
        assert!(read(b"").unwrap_err().is_empty());
    }
}
