//! Members of a fitted model: a table with one row per member and one column per parameter, which a
//! case ships so that nobody has to fit the model again. Columns of double precision are
//! parameters; every other column is a note, the same in each row, which says what was fitted to
//! what.

use std::collections::BTreeMap;
use std::path::Path;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Float64Type};
use sanad_core::source::{Coverage, Source};

use crate::engine::read_parquet;
use crate::error::{Error, Result};
use crate::import::{ImportFile, ImportReport, Payload, Reading, source_of};
use crate::observatory::{Observatory, Writer};
use crate::read_file::read_whole;
use crate::table::Columns;

/// Members of a fitted model, all of the same weight. The order of members means nothing; the first
/// of them are as good a sample as any.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ensemble {
    /// By parameter, the members' values. In the unit of the model's constant; as many for each
    /// parameter.
    pub columns: Vec<(String, Vec<f64>)>,
    /// What was fitted to what, and how: the same for all members.
    pub notes: BTreeMap<String, String>,
}

impl Ensemble {
    /// How many members there are.
    #[must_use]
    pub fn members(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }
}

/// Members as a table: parameters as numbers, notes as text that repeats in each row.
///
/// # Errors
///
/// None that a caller could cause, if columns are of one length and names do not repeat.
pub fn ensemble_table(ensemble: &Ensemble) -> Result<RecordBatch> {
    let members = ensemble.members();
    let numbers = ensemble
        .columns
        .iter()
        .fold(Columns::default(), |table, (name, values)| table.float64(name, values.clone()));
    let notes = ensemble.notes.iter();
    notes
        .fold(numbers, |table, (name, note)| {
            table.text(name, std::iter::repeat_n(Some(note), members))
        })
        .finish()
}

/// The members of a table.
///
/// # Errors
///
/// A sentence about a column with empty cells, a number that is not finite or a note that differs
/// between rows; a table without members.
fn read(table: &RecordBatch) -> core::result::Result<Ensemble, String> {
    let mut ensemble = Ensemble::default();
    for (field, column) in table.schema().fields().iter().zip(table.columns()) {
        let name = field.name().clone();
        if column.null_count() > 0 {
            return Err(format!("column {name} has empty cells"));
        }
        if field.data_type() == &DataType::Float64 {
            let values = column.as_primitive::<Float64Type>().values().to_vec();
            if let Some(wrong) = values.iter().find(|value| !value.is_finite()) {
                return Err(format!("column {name} holds {wrong}"));
            }
            ensemble.columns.push((name, values));
            continue;
        }
        let texts =
            datafusion::arrow::compute::cast(column, &DataType::Utf8).map_err(|e| e.to_string())?;
        let mut texts = texts.as_string::<i32>().iter().flatten().map(str::to_owned);
        let first = texts.next().unwrap_or_default();
        if texts.any(|other| other != first) {
            return Err(format!("column {name} says different things in different rows"));
        }
        ensemble.notes.insert(name, first);
    }
    if ensemble.members() == 0 {
        return Err("it has no member".to_owned());
    }
    Ok(ensemble)
}

impl Observatory {
    /// The fitted members that the case ships; nothing when it ships none. Of several imports the
    /// last.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when the kept file is not as it was written.
    pub fn ensemble(&self) -> Result<Option<Ensemble>> {
        let Some(snapshot) = self.newest_import("ensemble") else { return Ok(None) };
        let (path, table) = self.record_table(snapshot, "ensemble")?;
        read(&table).map(Some).map_err(|problem| Error::damaged(&path, problem))
    }

    /// The hash of the file of a format that was imported last, such as `model` or `day-counts`.
    /// SHA-256 in hexadecimal; `None` where none was imported. It says whether what was computed
    /// from the file is still about it.
    #[must_use]
    pub fn newest_hash(&self, format: &str) -> Option<&str> {
        self.newest_import(format).map(|snapshot| snapshot.sha256.as_str())
    }
}

/// Reads a file of members.
///
/// # Errors
///
/// [`Error::Figures`] when it is no such table.
pub(crate) fn read_shipped(path: &Path) -> Result<Ensemble> {
    let wrong = |problem: String| Error::Figures { path: path.to_owned(), problem };
    let table = read_parquet(path).map_err(|e| wrong(e.to_string()))?;
    read(&table).map_err(wrong)
}

/// Stages the members that a calibration wrote.
pub(crate) fn stage_ensemble(
    writer: &mut Writer<'_>,
    file: &ImportFile<'_>,
    country: i32,
    usual: impl FnOnce(&str) -> Source,
) -> Result<ImportReport> {
    let (_, sha256) = read_whole(file.path)?;
    let ensemble = read_shipped(file.path)?;
    let mut source = usual(&sha256);
    source.coverage = Coverage { countries: vec![country], inferred: true, ..Coverage::default() };
    let members = ensemble.members() as u64;
    let reading = Reading {
        format: "ensemble",
        source: source_of(file, source)?,
        sha256,
        rows_read: members,
        records_kept: members,
        deaths_in: 0,
        deaths_kept: 0,
        diagnostics: Vec::new(),
    };
    writer
        .stage(file, reading, || Ok(vec![("ensemble", Payload::Table(ensemble_table(&ensemble)?))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ensemble() -> Ensemble {
        let columns =
            vec![("a".to_owned(), vec![1.0, 2.0]), ("b[x, y]".to_owned(), vec![0.5, 0.25])];
        Ensemble { columns, notes: [("seed".to_owned(), "7".to_owned())].into() }
    }

    #[test]
    fn members_come_back_as_they_were_written() {
        assert_eq!(read(&ensemble_table(&ensemble()).unwrap()), Ok(ensemble()));
    }

    #[test]
    fn members_that_are_no_numbers_or_missing_are_refused() {
        let mut broken = ensemble();
        broken.columns[0].1[1] = f64::NAN;
        let refused = read(&ensemble_table(&broken).unwrap()).unwrap_err();
        assert_eq!(refused, "column a holds NaN");
        let none = Ensemble { columns: vec![("a".to_owned(), vec![])], ..Ensemble::default() };
        assert_eq!(read(&ensemble_table(&none).unwrap()).unwrap_err(), "it has no member");
    }
}
