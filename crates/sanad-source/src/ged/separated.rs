//! Tables that a spreadsheet saved anew with another separator, and perhaps decimal commas, into the
//! form that UCDP publishes.

use crate::error::Result;
use crate::sheet::{Row, Sheet};
use crate::value::Value;

/// Columns whose numbers may have decimals, so that a decimal comma must be told from a point.
const DECIMAL_COLUMNS: [&str; 4] = ["latitude", "longitude", "lat", "lon"];

/// Columns of whole numbers, which a program that had gaps in them writes with decimals.
const WHOLE_COLUMNS: [&str; 12] = [
    "id",
    "type_of_violence",
    "where_prec",
    "date_prec",
    "country_id",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "best",
    "high",
    "low",
];

/// Names by which the header of a table is known, whatever else it has.
const HEADER: [&str; 3] = ["id", "type_of_violence", "date_start"];

/// A table with semicolons or tabulators between its fields as one with commas and decimal points. Rows
/// keep their number: a row of tags stays one.
///
/// # Errors
///
/// [`Error::NumberForm`](crate::Error::NumberForm) where a column's numbers can be read in two ways, and
/// those of a table that cannot be opened.
pub(super) fn with_commas(data: &[u8], expected: &'static str) -> Result<Vec<u8>> {
    let (mut sheet, _) = Sheet::open_known(data, expected, &[&HEADER])?;
    let header = sheet.header().to_vec();
    let numbers: Vec<bool> = header.iter().map(|name| is_number(name)).collect();
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    // Writing into memory cannot fail.
    let _ = out.write_record(&header);
    (1..sheet.rows_above()).for_each(|_| drop(out.write_record(["#tag"])));
    while let Some(row) = sheet.any_row()? {
        let fields: Vec<Vec<u8>> = (0..row.len())
            .map(|column| field(&row, column, &header, &numbers))
            .collect::<Result<_>>()?;
        let _ = out.write_record(&fields);
    }
    Ok(out.into_inner().unwrap_or_default())
}

fn is_number(name: &str) -> bool {
    let name = name.to_lowercase();
    DECIMAL_COLUMNS.iter().chain(&WHOLE_COLUMNS).any(|number| *number == name)
}

/// A field of a row, with a decimal point if it is a number.
fn field(row: &Row, column: usize, header: &[String], numbers: &[bool]) -> Result<Vec<u8>> {
    let is_number = numbers.get(column).copied().unwrap_or(false);
    if is_number && let Value::Is(number) = row.decimal(column, &header[column])? {
        return Ok(number.to_string().into_bytes());
    }
    Ok(row.bytes(column).to_vec())
}
