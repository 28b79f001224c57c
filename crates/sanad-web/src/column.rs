//! Columns of a table that an answer cannot do without.
//!
//! A column that is missing, or a row without its value, is a defect of this program: it is said, and
//! nothing else is shown in its place.

use sanad_core::Month;
use sanad_store::View;

use crate::fault::{Fault, FaultKind};

/// A defect of a table, with what to do about it.
fn defect(what: String) -> Fault {
    Fault::new(FaultKind::Failed, what)
        .with_hint("this is a defect of the program: please report it with this address")
}

/// A column as texts; a missing text is `None`.
///
/// # Errors
///
/// `Failed` where the table has no such column.
pub(crate) fn texts(view: &View<'_>, name: &str) -> Result<Vec<Option<String>>, Fault> {
    view.texts(name).ok_or_else(|| defect(format!("the table has no column {name} of texts")))
}

/// A column as numbers; a missing number is `None`.
///
/// # Errors
///
/// `Failed` where the table has no such column, or it holds no numbers.
pub(crate) fn numbers(view: &View<'_>, name: &str) -> Result<Vec<Option<f64>>, Fault> {
    view.numbers(name).ok_or_else(|| defect(format!("the table has no column {name} of numbers")))
}

/// The values of a column that has one in every row.
fn every<T>(name: &str, values: Vec<Option<T>>) -> Result<Vec<T>, Fault> {
    let rows = values.into_iter().enumerate();
    rows.map(|(row, value)| {
        value.ok_or_else(|| defect(format!("row {row} of the table has no {name}")))
    })
    .collect()
}

/// A column that has a text in every row, such as the place that a row is of.
///
/// # Errors
///
/// Those of [`texts`]; `Failed` for a row without one, with its number.
pub(crate) fn every_text(view: &View<'_>, name: &str) -> Result<Vec<String>, Fault> {
    every(name, texts(view, name)?)
}

/// A column that has a number in every row.
///
/// # Errors
///
/// Those of [`numbers`]; `Failed` for a row without one, with its number.
pub(crate) fn every_number(view: &View<'_>, name: &str) -> Result<Vec<f64>, Fault> {
    every(name, numbers(view, name)?)
}

/// The months of the rows, from the column `month_id`.
///
/// # Errors
///
/// Those of [`every_number`].
pub(crate) fn months(view: &View<'_>) -> Result<Vec<Month>, Fault> {
    let ids = every_number(view, "month_id")?;
    Ok(ids.into_iter().map(|id| Month::from_id(id as i32)).collect())
}

#[cfg(test)]
mod tests {
    use sanad_store::Columns;

    use super::*;

    #[test]
    fn a_missing_column_and_a_row_without_its_value_are_said_and_not_passed_over() {
        let table = Columns::default()
            .text("place_id", [Some("a"), None])
            .float64("mean", vec![Some(1.0), Some(2.0)])
            .finish()
            .unwrap();
        let view = View::new(&table);
        assert_eq!(texts(&view, "place_id").unwrap(), [Some("a".to_owned()), None]);
        assert_eq!(every_number(&view, "mean").unwrap(), [1.0, 2.0]);
        for (fault, what) in [
            (every_text(&view, "place_id").unwrap_err(), "row 1 of the table has no place_id"),
            (texts(&view, "place").unwrap_err(), "the table has no column place of texts"),
            (
                numbers(&view, "place_id").unwrap_err(),
                "the table has no column place_id of numbers",
            ),
            (months(&view).unwrap_err(), "the table has no column month_id of numbers"),
        ] {
            assert_eq!((fault.problem, fault.what.as_str()), (FaultKind::Failed, what));
            assert!(fault.hint.contains("report"));
        }
    }
}
