//! Places and months of the fronts, and the values of one indicator on them.

use std::collections::BTreeMap;

use sanad_core::Month;
use sanad_core::place::Level;

/// The places and months of the fronts.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    /// Identifiers of the places.
    pub(crate) places: Vec<String>,
    positions: BTreeMap<String, usize>,
    pub(crate) level: Level,
    pub(crate) from: Month,
    pub(crate) months: usize,
}

impl Grid {
    pub(crate) fn new(places: Vec<String>, level: Level, [from, to]: [Month; 2]) -> Self {
        let positions = places.iter().enumerate().map(|(at, id)| (id.clone(), at)).collect();
        let months = usize::try_from(to.id() - from.id() + 1).unwrap_or(0);
        Self { places, positions, level, from, months }
    }

    pub(crate) fn at(&self, place: usize, month: usize) -> usize {
        place * self.months + month
    }

    pub(crate) fn cells(&self) -> usize {
        self.places.len() * self.months
    }

    pub(crate) fn position(&self, month: Month) -> Option<usize> {
        usize::try_from(month.id() - self.from.id()).ok().filter(|&at| at < self.months)
    }

    pub(crate) fn place(&self, id: &str) -> Option<usize> {
        self.positions.get(id).copied()
    }

    pub(crate) fn month(&self, at: usize) -> Month {
        self.from.plus(at as i32)
    }
}

/// Values of one indicator by place and month, and their errors; NaN where nothing is known.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    pub(crate) best: Vec<f64>,
    pub(crate) bounds: Option<[Vec<f64>; 2]>,
    pub(crate) standard_error: Option<Vec<f64>>,
}

impl Values {
    /// Values that are taken as exact.
    pub(crate) const fn exact(best: Vec<f64>) -> Self {
        Self { best, bounds: None, standard_error: None }
    }

    pub(crate) fn unknown(grid: &Grid) -> Self {
        Self::exact(vec![f64::NAN; grid.cells()])
    }
}
