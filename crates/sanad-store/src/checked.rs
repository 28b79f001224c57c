//! Columns of ready-made tables, checked before they are taken for what their names say. Somebody
//! else's program may have written them: a number with a fraction among counts, or a day among
//! months, is said with its row and never rounded away.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};

/// A column as `kind`. A number with a fraction is never cut to a whole one, and a value that is
/// none of `kind` is not made empty. Missing values stay missing.
///
/// # Errors
///
/// What is wrong, with the row, the first being row 1.
pub(crate) fn column_as(
    name: &str,
    column: &ArrayRef,
    kind: &DataType,
) -> core::result::Result<ArrayRef, String> {
    let found = column.data_type();
    let may_have_fraction = found.is_floating() || found.is_decimal();
    if kind.is_integer() && may_have_fraction {
        let numbers = cast(column, &DataType::Float64).map_err(|e| e.to_string())?;
        let numbers = numbers.as_primitive::<Float64Type>();
        let broken = |value: &Option<f64>| value.is_some_and(|value| value.fract() != 0.0);
        if let Some(row) = numbers.iter().position(|value| broken(&value)) {
            let value = numbers.value(row);
            return Err(format!(
                "row {}, column {name}: found {value}, expected a whole number",
                row + 1
            ));
        }
    }
    let made = cast(column, kind).map_err(|e| format!("column {name}: {e}"))?;
    match (0..made.len()).find(|&row| made.is_null(row) && column.is_valid(row)) {
        Some(row) => {
            Err(format!("row {}, column {name}: found a value that is no {kind}", row + 1))
        }
        None => Ok(made),
    }
}

/// The largest count of a row: so many that no sum over a table overflows. A thousand millions:
/// nine thousand million rows of it fit into 64 bits.
const LARGEST_COUNT: i64 = 1_000_000_000;
/// The first and last month that a table may count: January 1780 to December 2179.
const MONTHS: core::ops::RangeInclusive<i64> = -2_399..=2_400;
/// The first and last day likewise, in days since 1970-01-01.
const DAYS: core::ops::RangeInclusive<i64> = -69_396..=76_700;

/// Checks that counts, months and days are such as a record can hold. By the column's name; a
/// column of another name is not looked at, and a missing value is not wrong.
///
/// # Errors
///
/// What is wrong, with the row, the first being row 1.
pub(crate) fn check_range(name: &str, column: &ArrayRef) -> core::result::Result<(), String> {
    let allowed = match name {
        "month_id" => MONTHS,
        "day" | "date_start" | "date_end" => DAYS,
        _ if name == "events" || name == "districts" || name.starts_with("deaths") => {
            0..=LARGEST_COUNT
        }
        _ => return Ok(()),
    };
    let numbers = match column.data_type() {
        DataType::Date32 => {
            cast(column, &DataType::Int32).and_then(|it| cast(&it, &DataType::Int64))
        }
        _ => cast(column, &DataType::Int64),
    };
    let numbers = numbers.map_err(|e| format!("column {name}: {e}"))?;
    let numbers = numbers.as_primitive::<Int64Type>();
    let outside = |value: Option<i64>| value.is_some_and(|value| !allowed.contains(&value));
    match numbers.iter().position(outside) {
        None => Ok(()),
        Some(row) => {
            let (found, first, last) = (numbers.value(row), allowed.start(), allowed.end());
            let row = row + 1;
            Err(format!("row {row}, column {name}: found {found}, expected {first} to {last}"))
        }
    }
}

/// Checks that no two rows have the same key; `what` names it for a message. A table that counts
/// something twice would be added up.
///
/// # Errors
///
/// Both rows, the first being row 1.
pub(crate) fn check_keys<K: Ord>(
    what: &str,
    keys: impl IntoIterator<Item = K>,
) -> core::result::Result<(), String> {
    let mut rows = BTreeMap::new();
    for (row, key) in (1_usize..).zip(keys) {
        if let Some(first) = rows.insert(key, row) {
            return Err(format!("rows {first} and {row} have the same {what}, expected it once"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{Decimal128Array, Float32Array, Float64Array, StringArray};

    use super::*;

    #[test]
    fn a_fraction_is_never_cut_to_a_whole_number() {
        let refused =
            |column: ArrayRef| column_as("deaths", &column, &DataType::Int64).unwrap_err();
        let float64 = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(2.5)]));
        assert_eq!(refused(float64), "row 3, column deaths: found 2.5, expected a whole number");
        assert!(refused(Arc::new(Float32Array::from(vec![0.5]))).starts_with("row 1"));
        assert!(refused(Arc::new(Float64Array::from(vec![f64::NAN]))).starts_with("row 1"));
        assert!(refused(Arc::new(Float64Array::from(vec![f64::INFINITY]))).starts_with("row 1"));
        let decimal = Decimal128Array::from(vec![150, 250]).with_precision_and_scale(9, 2);
        assert!(refused(Arc::new(decimal.unwrap())).starts_with("row 1"));
        assert!(refused(Arc::new(StringArray::from(vec!["2", "many"]))).starts_with("row 2"));
    }

    #[test]
    fn whole_numbers_of_every_type_are_read() {
        let decimal = Decimal128Array::from(vec![300]).with_precision_and_scale(9, 2).unwrap();
        let columns: [ArrayRef; 3] = [
            Arc::new(Float64Array::from(vec![3.0])),
            Arc::new(decimal),
            Arc::new(StringArray::from(vec!["3"])),
        ];
        for column in columns {
            let made = column_as("deaths", &column, &DataType::Int64).unwrap();
            let number = made.as_primitive::<datafusion::arrow::datatypes::Int64Type>().value(0);
            assert_eq!(number, 3, "{:?}", column.data_type());
        }
    }

    #[test]
    fn a_key_that_occurs_twice_is_told_with_both_rows() {
        assert_eq!(check_keys("day", [1, 2, 3]), Ok(()));
        let message = check_keys("day", [1, 2, 1]).unwrap_err();
        assert_eq!(message, "rows 1 and 3 have the same day, expected it once");
    }
}
