//! Trials of a briefing's forecast on past years, as `sanad case trials` writes them and a case ships them.
//!
//! A CSV with a header; columns by name: `model`, `origin` (YYYY-MM, the last month that the model saw), `step`
//! (months ahead), `crps`, `log1p_crps` (scores of the country's deaths in that month) and `inside_90` (`true` where the central
//! 90 % held them). Every other column is a note on how they were made, the same in all rows; `record_sha256` says
//! of what.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::Month;
use sanad_source::sheet::{Row, Sheet};

use crate::error::{Error, Result};
use crate::notes::NoteColumns;

const EXPECTED: &str = "trials of a forecast (model, origin, step, crps, log1p_crps, inside_90)";

const COLUMNS: [&str; 6] = ["model", "origin", "step", "crps", "log1p_crps", "inside_90"];

/// The scores of one model in one month.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialRow {
    /// The model.
    pub model: String,
    /// The last month that it saw.
    pub origin: Month,
    /// Months ahead of the origin.
    pub step: u32,
    /// Continuous ranked probability score, in deaths.
    pub crps: f64,
    /// The same of ln(1 + deaths).
    pub log1p_crps: f64,
    /// Whether the central 90 % held what happened.
    pub is_inside: bool,
}

/// Trials, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trials {
    /// Rows in the order of the file.
    pub rows: Vec<TrialRow>,
    /// How they were made and of what, the same for all rows.
    pub notes: BTreeMap<String, String>,
}

impl Trials {
    /// The rows of a model, in the order of the file.
    #[must_use]
    pub fn of_model(&self, model: &str) -> Vec<TrialRow> {
        self.rows.iter().filter(|row| row.model == model).cloned().collect()
    }
}

/// Reads trials.
///
/// # Errors
///
/// [`Error::Table`] for a file that is empty or no such table; [`Error::Row`] for a cell that cannot be
/// what its column says, a month of a model that occurs twice or notes that differ, and those of a header
/// that lacks or doubles a column.
///
/// ```
/// let file = "model,origin,step,crps,log1p_crps,inside_90,seed\nsanad,2022-10,3,41.5,0.2,true,1\n";
/// let trials = sanad_case::trials::read(file.as_bytes())?;
/// assert_eq!((trials.rows[0].crps, trials.notes["seed"].as_str()), (41.5, "1"));
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<Trials> {
    let mut sheet = Sheet::open(data, EXPECTED, b',')?;
    let columns = sheet.require(COLUMNS, EXPECTED)?;
    let others = NoteColumns::beside(&sheet, &columns);
    let mut trials = Trials::default();
    let mut seen = BTreeSet::new();
    while let Some(row) = sheet.any_row()? {
        let read =
            read_row(&row, &columns).ok_or_else(|| wrong(row.number, "a cell that is no score"))?;
        if !seen.insert((read.model.clone(), read.origin, read.step)) {
            return Err(wrong(row.number, "a month of a model a second time"));
        }
        if !others.take(&row, &mut trials.notes) {
            return Err(wrong(row.number, "a note that differs from the first row's"));
        }
        trials.rows.push(read);
    }
    Ok(trials)
}

const fn wrong(row: u64, found: &'static str) -> Error {
    let advice = "write it anew with `sanad case trials --out`";
    Error::Row { row, found, expected: EXPECTED, advice }
}

fn read_row(row: &Row, columns: &[usize; COLUMNS.len()]) -> Option<TrialRow> {
    let score = |column: usize| {
        let score: f64 = row.text(columns[column]).parse().ok()?;
        (score.is_finite() && score >= 0.0).then_some(score)
    };
    let model = row.text(columns[0]).into_owned();
    Some(TrialRow {
        model: (!model.is_empty()).then_some(model)?,
        origin: row.text(columns[1]).parse().ok()?,
        step: row.text(columns[2]).parse().ok()?,
        crps: score(3)?,
        log1p_crps: score(4)?,
        is_inside: row.text(columns[5]).parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "model,origin,step,crps,log1p_crps,inside_90,seed\n\
        sanad,2022-10,3,2.5,0.4,true,1\nown-last-12,2022-10,3,2.0,0.3,false,1\n";

    #[test]
    fn rows_come_by_model_with_the_notes_of_all() {
        let trials = read(FILE.as_bytes()).unwrap();
        let rows = trials.of_model("own-last-12");
        assert_eq!((rows.len(), rows[0].crps, rows[0].is_inside), (1, 2.0, false));
        assert_eq!(trials.notes["seed"], "1");
    }

    #[test]
    fn what_cannot_be_trials_is_refused_as_a_whole() {
        let refused = |from: &str, to: &str| {
            read(FILE.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
        };
        assert!(refused("2.5", "-2.5").starts_with("row 2: found a cell that is no score"));
        assert!(refused("true", "yes").contains("no score"));
        assert!(refused("own-last-12", "sanad").contains("a second time"));
        assert!(refused("false,1", "false,2").contains("differs"));
        assert!(refused("crps,", "score,").contains("crps"));
        assert!(read(b"").unwrap_err().is_empty());
    }
}
