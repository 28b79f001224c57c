//! Places and months of the fronts, and the values of one indicator on them.

use sanad_numbers::PlaceMonthGrid;
use std::collections::BTreeMap;

use sanad_core::Month;
use sanad_core::place::Level;

/// The places and months of the fronts. Arrays on it are row by row of places: cell = place ·
/// months + month.
#[derive(Debug, Clone)]
pub struct Grid {
    /// Identifiers of the places.
    pub places: Vec<String>,
    /// Position of each identifier in `places`.
    positions: BTreeMap<String, usize>,
    /// The level that the places are of.
    pub level: Level,
    /// The first month.
    pub from: Month,
    /// Number of months.
    pub months: usize,
}

impl Grid {
    /// The grid of these places from one month to another, both included.
    pub fn new(places: Vec<String>, level: Level, [from, to]: [Month; 2]) -> Self {
        let positions = places.iter().enumerate().map(|(at, id)| (id.clone(), at)).collect();
        let months = usize::try_from(to.id() - from.id() + 1).unwrap_or(0);
        Self { places, positions, level, from, months }
    }

    /// The shape of arrays on these places and months.
    pub const fn shape(&self) -> PlaceMonthGrid {
        PlaceMonthGrid { places: self.places.len(), months: self.months }
    }

    /// The position of a place's month in such an array.
    pub const fn cell(&self, place: usize, month: usize) -> usize {
        self.shape().cell(place, month)
    }

    /// Number of cells of such an array.
    pub const fn cells(&self) -> usize {
        self.shape().cells()
    }

    /// Position of a month; nothing for one outside the grid.
    pub fn position(&self, month: Month) -> Option<usize> {
        usize::try_from(month.id() - self.from.id()).ok().filter(|&at| at < self.months)
    }

    /// Position of a place by its identifier. `None` for a place that is not of the grid.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.positions.get(id).copied()
    }

    /// The month at a position.
    pub fn month(&self, at: usize) -> Month {
        self.from.plus(at as i32)
    }
}

/// Values of one indicator by place and month, and their errors; NaN where nothing is known. Arrays
/// are as long as the grid has cells.
#[derive(Debug, Clone)]
pub struct Values {
    /// The value, in the indicator's unit.
    pub best: Vec<f64>,
    /// Lowest and highest that it may be, where a source gives bounds; equal to the value where it
    /// gives none for a cell.
    pub bounds: Option<[Vec<f64>; 2]>,
    /// Standard error in the indicator's unit, 0 where nothing is known.
    pub standard_error: Option<Vec<f64>>,
}

impl Values {
    /// Values that are taken as exact.
    pub const fn exact(best: Vec<f64>) -> Self {
        Self { best, bounds: None, standard_error: None }
    }

    /// Values that are all missing.
    pub fn unknown(grid: &Grid) -> Self {
        Self::exact(vec![f64::NAN; grid.cells()])
    }
}
