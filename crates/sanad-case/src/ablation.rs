//! Forecasts with and without the series of a front, origin by origin, as `sanad ablation` writes
//! them and a case ships them.
//!
//! A CSV with a header; columns by name: `front`, `origin` (YYYY-MM, the last month that the model
//! saw), `cells` (places × months scored), `crps_alone` and `crps_with` (mean scores of the forecast
//! from the history of violence alone and with the front's series). Every other column is a note on
//! how they were made: `indicators_sha256` and `record_sha256` say of what, and a note that differs
//! between rows makes the file wrong as a whole.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::Month;

use crate::error::{Error, Result};
use crate::notes::NoteColumns;
use sanad_source::sheet::{Row, Sheet};

const EXPECTED: &str = "an ablation (front, origin, cells, crps_alone, crps_with)";

const COLUMNS: [&str; 5] = ["front", "origin", "cells", "crps_alone", "crps_with"];

/// Mean scores of one origin.
#[derive(Debug, Clone, PartialEq)]
pub struct AblationRow {
    /// The front whose series were put in.
    pub front: String,
    /// The last month that the model saw.
    pub origin: Month,
    /// Places × months scored.
    pub cells: u32,
    /// Mean CRPS from the history of violence alone.
    pub crps_alone: f64,
    /// Mean CRPS with the front's series.
    pub crps_with: f64,
}

/// An ablation, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ablation {
    /// Rows in the order of the file.
    pub rows: Vec<AblationRow>,
    /// How it was made and of what, the same for all rows.
    pub notes: BTreeMap<String, String>,
}

impl Ablation {
    /// The rows of a front, by origin.
    #[must_use]
    pub fn of_front(&self, front: &str) -> Vec<&AblationRow> {
        let mut rows: Vec<&AblationRow> =
            self.rows.iter().filter(|row| row.front == front).collect();
        rows.sort_by_key(|row| row.origin);
        rows
    }

    /// A note; empty when there is none of that name.
    #[must_use]
    pub fn note(&self, name: &str) -> &str {
        self.notes.get(name).map_or("", String::as_str)
    }
}

/// Reads an ablation.
///
/// # Errors
///
/// [`Error::Table`] for a file that is empty or no such table; [`Error::Row`] for a cell that cannot be
/// what its column says, a front's origin that occurs twice or notes that differ,
/// and those of a header that lacks or doubles a column.
///
/// ```
/// let file = "front,origin,cells,crps_alone,crps_with,seed\nregional,2011-10,96,2.0,1.9,1\n";
/// let ablation = sanad_case::ablation::read(file.as_bytes())?;
/// assert_eq!((ablation.rows[0].crps_with, ablation.note("seed")), (1.9, "1"));
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<Ablation> {
    let mut sheet = Sheet::open(data, EXPECTED, b',')?;
    let at = sheet.require(COLUMNS, EXPECTED)?;
    let others = NoteColumns::beside(&sheet, &at);
    let mut ablation = Ablation::default();
    let mut seen = BTreeSet::new();
    while let Some(row) = sheet.any_row()? {
        let read =
            read_row(&row, &at).ok_or_else(|| wrong(row.number, "a cell that is no score"))?;
        if !seen.insert((read.front.clone(), read.origin)) {
            return Err(wrong(row.number, "a front's origin a second time"));
        }
        if !others.take(&row, &mut ablation.notes) {
            return Err(wrong(row.number, "a note that differs from the first row's"));
        }
        ablation.rows.push(read);
    }
    Ok(ablation)
}

const fn wrong(row: u64, found: &'static str) -> Error {
    let advice = "write it anew with `sanad ablation --out`";
    Error::Row { row, found, expected: EXPECTED, advice }
}

fn read_row(row: &Row, at: &[usize; COLUMNS.len()]) -> Option<AblationRow> {
    let score = |column: usize| {
        let score: f64 = row.text(at[column]).parse().ok()?;
        (score.is_finite() && score >= 0.0).then_some(score)
    };
    let front = row.text(at[0]).into_owned();
    Some(AblationRow {
        front: (!front.is_empty()).then_some(front)?,
        origin: row.text(at[1]).parse().ok()?,
        cells: row.text(at[2]).parse().ok()?,
        crps_alone: score(3)?,
        crps_with: score(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "front,origin,cells,crps_alone,crps_with,draws\n\
        regional,2012-10,96,2.5,2.4,500\nregional,2011-10,96,2.0,1.9,500\n";

    #[test]
    fn rows_of_a_front_come_by_origin() {
        let ablation = read(FILE.as_bytes()).unwrap();
        let origins: Vec<String> =
            ablation.of_front("regional").iter().map(|row| row.origin.to_string()).collect();
        assert_eq!(origins, ["2011-10", "2012-10"]);
        assert!(ablation.of_front("narrative").is_empty());
        assert_eq!((ablation.note("draws"), ablation.note("seed")), ("500", ""));
    }

    #[test]
    fn what_cannot_be_an_ablation_is_refused_as_a_whole() {
        let refused = |from: &str, to: &str| {
            read(FILE.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
        };
        assert!(refused("2.4", "-2.4").contains("no score"));
        assert!(refused("2.4", "NaN").contains("no score"));
        assert!(refused("2012-10", "2011-10").contains("a second time"));
        assert!(refused("1.9,500", "1.9,400").contains("differs"));
        assert!(refused("crps_with", "with").contains("crps_with"));
        assert!(read(b"").unwrap_err().is_empty());
    }
}
