//! Series in files: one row per place and month.
//!
//! Months between the first and the last that a file names belong to the panel, also where no place
//! has a row for them: they are missing then, which a score passes over and a sum does not take for
//! zero.

use sanad_numbers::PlaceMonthGrid;
use std::collections::BTreeMap;
use std::path::Path;

use sanad_forecast::Panel;
use sanad_store::external::{ColumnKind, External};

use super::{Outcomes, Place, VALUE_COLUMNS, keys, month_id, numbered, place_column, plain_id};
use crate::error::{Error, Result};

/// Values by place and month as a file gives them.
struct SeriesCells {
    /// The column of places that was found.
    column: String,
    /// Values by identifier of the place and `month_id`; an empty field is NaN.
    values: BTreeMap<String, BTreeMap<i32, f64>>,
}

/// Reads a series with gaps: a place and month without a row, or without a value, is missing.
///
/// Fails on a value below zero, on a place and month with two rows, and on a file without rows.
///
/// `column` names the column of places and `target` that of values. Places come back in the order
/// of numbers where all identifiers are numbers, and else of texts.
pub fn read_series(path: &Path, column: Option<&str>, target: &str) -> Result<Outcomes> {
    let file = External::open(path)?;
    outcomes(&file, read_cells(&file, column, target)?)
}

/// Reads what happened; the value's column is found by its name unless `target` says it.
///
/// It fails as `read_series` does, and where no column of values is found.
pub fn read_actuals(path: &Path, column: Option<&str>, target: Option<&str>) -> Result<Outcomes> {
    let file = External::open(path)?;
    let target = match target {
        Some(name) => name,
        None => file.first_of(&VALUE_COLUMNS).ok_or_else(|| {
            let (found, expected) = (file.columns().join(", "), VALUE_COLUMNS.join(", "));
            file.wrong(format!(
                "no column of values: found {found}; expected {expected}, or say which column it is"
            ))
        })?,
    };
    outcomes(&file, read_cells(&file, column, target)?)
}

/// A column of a file on the places and months of `outcomes`; NaN where it has no value. Fails on a
/// place and month with two rows. Rows for other places and months are passed over.
pub fn read_cells_on(
    file: &External,
    outcomes: &Outcomes,
    column: ColumnKind<'_>,
) -> Result<Vec<f64>> {
    let at: BTreeMap<&str, usize> =
        outcomes.places.iter().enumerate().map(|(at, place)| (place.id.as_str(), at)).collect();
    let grid = outcomes.panel.grid();
    let mut values = vec![f64::NAN; grid.cells()];
    let mut has_row = vec![false; values.len()];
    let [month, place] = keys(&outcomes.column);
    let mut problem = None;
    file.scan(&[month, place, column], |first, parts| {
        let rows = parts[0].numbers().iter().zip(parts[1].texts()).zip(parts[2].numbers());
        for (row, ((&month, place), &value)) in rows.enumerate() {
            match month_id(file, first + row, month) {
                Ok(id) => {
                    let here = at.get(plain_id(place)).zip(outcomes.panel.month_index(id));
                    if let Some((&place, month)) = here {
                        let cell = grid.cell(place, month);
                        if core::mem::replace(&mut has_row[cell], true) {
                            let place = &outcomes.places[place].id;
                            problem.get_or_insert(second_row(file, first + row, place, id));
                        }
                        values[cell] = value;
                    }
                }
                Err(error) => {
                    problem.get_or_insert(error);
                }
            }
        }
        Ok(())
    })?;
    problem.map_or(Ok(values), Err)
}

/// Fills gaps from the past alone: with the place's last value or, before its first, with the mean
/// of the places known in that month; zero where none is. `values` are places × months, row by row
/// of places. Nothing later than a month enters its value, so that a forecast from it knows no
/// future.
pub fn carried(values: &[f64], months: usize) -> Vec<f64> {
    let mut filled = values.to_vec();
    let grid = PlaceMonthGrid { places: values.len() / months.max(1), months };
    let mean = |month: usize| {
        let known: Vec<f64> = (0..grid.places)
            .map(|place| values[grid.cell(place, month)])
            .filter(|value| !value.is_nan())
            .collect();
        if known.is_empty() { 0.0 } else { known.iter().sum::<f64>() / known.len() as f64 }
    };
    let means: Vec<f64> = (0..months).map(mean).collect();
    for row in filled.chunks_mut(months.max(1)) {
        let mut last = None;
        for (month, value) in row.iter_mut().enumerate() {
            if value.is_nan() {
                *value = last.unwrap_or(means[month]);
            } else {
                last = Some(*value);
            }
        }
    }
    filled
}

/// The values of a file by place and month.
fn read_cells(file: &External, column: Option<&str>, target: &str) -> Result<SeriesCells> {
    let column = place_column(file, column)?;
    let [month, place] = keys(&column);
    let mut values: BTreeMap<String, BTreeMap<i32, f64>> = BTreeMap::new();
    let mut problem = None;
    file.scan(&[month, place, ColumnKind::Numbers(target)], |first, parts| {
        let rows = parts[0].numbers().iter().zip(parts[1].texts()).zip(parts[2].numbers());
        for (at, ((&month, place), &value)) in rows.enumerate() {
            if problem.is_none() {
                problem = take(file, &mut values, (first + at, month, place, value), target).err();
            }
        }
        Ok(())
    })?;
    match problem {
        Some(error) => Err(error),
        None => Ok(SeriesCells { column, values }),
    }
}

/// Adds a row.
///
/// # Errors
/// If the row's month is none, or its place and month have a row already.
fn take(
    file: &External,
    values: &mut BTreeMap<String, BTreeMap<i32, f64>>,
    (row, month, place, value): (usize, f64, &str, f64),
    target: &str,
) -> Result<()> {
    let month = month_id(file, row, month)?;
    let place = plain_id(place);
    if place.is_empty() {
        return Err(file.wrong(format!("row {row}: no place, expected its identifier")).into());
    }
    if value < 0.0 || value.is_infinite() {
        let problem = format!("row {row}, column {target}: found {value}, expected a count");
        return Err(file.wrong(problem).into());
    }
    if !values.contains_key(place) {
        values.insert(place.to_owned(), BTreeMap::new());
    }
    let known = values.get_mut(place).and_then(|months| months.insert(month, value));
    match known {
        None => Ok(()),
        Some(_) => Err(second_row(file, row, place, month)),
    }
}

/// The error of a place and month with two rows.
fn second_row(file: &External, row: usize, place: &str, month: i32) -> Error {
    let problem =
        format!("row {row}: place {place} has a second row for month {month}, expected one");
    file.wrong(problem).into()
}

/// The cells as a panel over all months from the first to the last.
fn outcomes(file: &External, cells: SeriesCells) -> Result<Outcomes> {
    let months = || cells.values.values().flat_map(|months| months.keys().copied());
    let (Some(first), Some(last)) = (months().min(), months().max()) else {
        return Err(file.wrong("it has no rows, expected one per place and month").into());
    };
    let (ids, _) = numbered(cells.values.keys().cloned());
    let of = |id: &String| {
        let months = &cells.values[id];
        (first..=last).map(|month| months.get(&month).copied().unwrap_or(f64::NAN))
    };
    let target = ids.iter().flat_map(of).collect();
    let length = usize::try_from(last - first + 1).unwrap_or(0);
    let panel = Panel::new(first, ids.len(), length, target)?;
    let place = |id: String| Place { name: id.clone(), id, within: None };
    Ok(Outcomes { column: cells.column, places: ids.into_iter().map(place).collect(), panel })
}

#[cfg(test)]
mod tests {
    use super::carried;

    #[test]
    fn gaps_are_filled_from_the_past_and_from_other_places_before_the_first_value() {
        let nan = f64::NAN;
        let values = [nan, 2.0, nan, nan, 4.0, 6.0, nan, 8.0];
        assert_eq!(carried(&values, 4), [4.0, 2.0, 2.0, 2.0, 4.0, 6.0, 6.0, 8.0]);
        assert_eq!(carried(&[nan, nan], 2), [0.0, 0.0]);
    }
}
