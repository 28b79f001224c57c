//! Series of counts by place and month, from files or an observatory, and draws of them.
//!
//! A panel is places × months of one number, NaN where it is not known; its months are `month_id`s
//! without a gap between the first and the last. Files name places by a column of their own and
//! months by `month_id`, as the VIEWS challenge does. A file is read whole or refused with its row
//! and column: a row is never dropped.

mod draws;
mod observatory;
mod series;

use std::collections::BTreeMap;

use sanad_core::Month;
use sanad_forecast::Panel;
use sanad_store::external::{ColumnKind, External};

use crate::error::Result;

pub use draws::{DrawPlaces, Scored, draw_keys, draw_outcomes, draws_table, read_scored};
pub use observatory::{Target, at_home, finest_name, finest_unit, of_observatory};
pub use series::{carried, read_actuals, read_cells_on, read_series};

/// Columns that name a place, in the order they are looked for.
const PLACE_COLUMNS: [&str; 5] = ["country_id", "priogrid_gid", "pg_id", "place_id", "place"];

/// Columns that hold what happened, in the order they are looked for.
const VALUE_COLUMNS: [&str; 3] = ["outcome", "ged_sb", "deaths_best"];

/// A place of a series. Of a file that gives identifiers alone, the name is the identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its identifier in files.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The place it lies in, by identifier. `None` for countries and for places of a file.
    pub within: Option<String>,
}

/// A panel with the names of its places. `places[i]` is row i of the panel.
#[derive(Debug, Clone)]
pub struct Outcomes {
    /// The column that names places in files. Such as `place_id`, `priogrid_gid` or `country_id`.
    pub column: String,
    /// Places, in the panel's order.
    pub places: Vec<Place>,
    /// Values by place and month.
    pub panel: Panel,
}

impl Outcomes {
    /// How many places, and from which month to which: "161 places, 1989-01 to 2021-12".
    #[must_use]
    pub fn description(&self) -> String {
        let panel = &self.panel;
        let [first, last] =
            [0, panel.months() - 1].map(|month| Month::from_id(panel.month_id(month)));
        format!("{} places, {first} to {last}", panel.places())
    }

    /// These values on the places and months of `other`; what is not known here is missing.
    ///
    /// Places are matched by identifier. The groups are those of `other`, so that a vintage can be
    /// trained like the newest panel.
    ///
    /// # Errors
    ///
    /// None that a caller could cause.
    pub fn on(&self, other: &Self) -> Result<Panel> {
        let at: BTreeMap<&str, usize> =
            self.places.iter().enumerate().map(|(at, place)| (place.id.as_str(), at)).collect();
        let grid = other.panel.grid();
        let mut values = vec![f64::NAN; grid.cells()];
        for (row, place) in other.places.iter().enumerate() {
            let Some(&known) = at.get(place.id.as_str()) else { continue };
            for month in 0..grid.months {
                let here = self.panel.month_index(other.panel.month_id(month));
                let value = here.and_then(|here| self.panel.value(known, here));
                values[grid.cell(row, month)] = value.unwrap_or(f64::NAN);
            }
        }
        let panel = Panel::new(other.panel.month_id(0), grid.places, grid.months, values)?;
        Ok(panel.with_groups(other.panel.groups().to_vec())?)
    }
}

/// The column of places in a file: the one asked for, or the first that is known.
///
/// # Errors
///
/// `Error::Store` with the columns that there are.
fn place_column(file: &External, request: Option<&str>) -> Result<String> {
    let found = match request {
        Some(name) => file.first_of(&[name]),
        None => file.first_of(&PLACE_COLUMNS),
    };
    found.map(str::to_owned).ok_or_else(|| {
        let expected = request.map_or_else(|| PLACE_COLUMNS.join(", "), str::to_owned);
        let found = file.columns().join(", ");
        file.wrong(format!("no column of places: found {found}; expected {expected}")).into()
    })
}

/// Identifiers as files hold them: without blanks around them, and a number loses a decimal part
/// that says nothing, as floats and decimals have it. "162" for "162.0" and for " 162 ".
fn plain_id(text: &str) -> &str {
    let text = text.trim();
    match text.split_once('.') {
        Some((whole, zeros))
            if !whole.is_empty()
                && whole.bytes().all(|byte| byte.is_ascii_digit())
                && zeros.bytes().all(|byte| byte == b'0') =>
        {
            whole
        }
        _ => text,
    }
}

/// Sorts identifiers as numbers when all of them are, otherwise as texts, and numbers them.
fn numbered(ids: impl IntoIterator<Item = String>) -> (Vec<String>, BTreeMap<String, usize>) {
    let mut ids: Vec<String> = ids.into_iter().collect();
    if ids.iter().all(|id| id.parse::<i64>().is_ok()) {
        ids.sort_by_key(|id| id.parse::<i64>().unwrap_or_default());
    } else {
        ids.sort();
    }
    let at = ids.iter().cloned().enumerate().map(|(at, id)| (id, at)).collect();
    (ids, at)
}

/// A month from a file.
///
/// # Errors
///
/// `Error::Store` with the row for what is no whole number, or too far from any record to be a
/// month.
fn month_id(file: &External, row: usize, value: f64) -> Result<i32> {
    if value.fract() == 0.0 && (-100_000.0..100_000.0).contains(&value) {
        return Ok(value as i32);
    }
    let problem =
        format!("row {row}, column month_id: found {value}, expected (year − 1980) · 12 + month");
    Err(file.wrong(problem).into())
}

/// Place and month columns, as asked of a file.
fn keys(column: &str) -> [ColumnKind<'_>; 2] {
    [ColumnKind::Numbers("month_id"), ColumnKind::Texts(column)]
}
