//! The data of a figure as a table, for programs that read Parquet.

use sanad_store::{Columns, Table};

use crate::fault::{Fault, FaultKind};

/// The data of a figure as a table with the columns of its CSV.
///
/// A column whose every value is a number is one of numbers of double precision, and any other one
/// of texts; an empty cell is missing in both. A column without values is one of texts.
///
/// # Errors
///
/// [`FaultKind::Failed`] for a text that is no table, which no figure gives.
pub(crate) fn figure_table(text: &str) -> Result<Table, Fault> {
    let failed = |wrong: csv::Error| Fault::new(FaultKind::Failed, wrong.to_string());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().map_err(failed)?.clone();
    let mut cells: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
    for row in reader.records() {
        let row = row.map_err(failed)?;
        for (column, cell) in cells.iter_mut().zip(&row) {
            column.push(Some(cell.to_owned()).filter(|cell| !cell.is_empty()));
        }
    }
    let columns = names.iter().zip(&cells).fold(Columns::default(), |columns, (name, cells)| {
        match numbers(cells) {
            Some(numbers) => columns.float64(name, numbers),
            None => columns.text(name, cells.iter().map(Option::as_ref)),
        }
    });
    Ok(columns.finish()?)
}

/// The cells of a column as numbers; `None` where one is none, and where all are missing.
fn numbers(cells: &[Option<String>]) -> Option<Vec<Option<f64>>> {
    let mut found = Vec::with_capacity(cells.len());
    for cell in cells {
        let number: Option<f64> = match cell {
            Some(cell) => Some(cell.parse().ok().filter(|number: &f64| number.is_finite())?),
            None => None,
        };
        found.push(number);
    }
    found.iter().any(Option::is_some).then_some(found)
}

#[cfg(test)]
mod tests {
    use sanad_store::View;

    use super::*;

    #[test]
    fn columns_are_numbers_where_every_value_is_one_and_an_empty_cell_is_missing() {
        let text = "place,month,value,note\r\n\"A, B\",2021-05,1.5,\r\nC,2021-06,,\r\n";
        let table = figure_table(text).unwrap();
        let view = View::new(&table);
        assert_eq!(view.numbers("value").unwrap(), [Some(1.5), None]);
        assert_eq!(view.texts("place").unwrap()[0].as_deref(), Some("A, B"));
        assert_eq!(view.texts("note").unwrap(), [None, None]);
        let is_number: Vec<bool> = view.columns().iter().map(|one| one.is_number).collect();
        assert_eq!(is_number, [false, false, true, false]);
    }
}
