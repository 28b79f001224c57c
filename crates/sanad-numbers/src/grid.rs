//! Places by months as one array.

/// The shape of an array of places × months, kept place by place: all months of the first place,
/// then all months of the second.
///
/// ```
/// let grid = sanad_numbers::PlaceMonthGrid { places: 2, months: 12 };
/// assert_eq!(grid.cell(1, 3), 15);
/// assert_eq!(grid.cells(), 24);
/// assert_eq!(grid.months_of(1), 12..24);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceMonthGrid {
    /// Number of places.
    pub places: usize,
    /// Number of months.
    pub months: usize,
}

impl PlaceMonthGrid {
    /// The position of a place's month in the array; both count from 0.
    #[must_use]
    #[inline]
    pub const fn cell(self, place: usize, month: usize) -> usize {
        debug_assert!(place < self.places && month < self.months, "outside the grid");
        place * self.months + month
    }

    /// The position in a stack of such arrays, one after the other: of indicators, nodes or draws.
    ///
    /// ```
    /// let grid = sanad_numbers::PlaceMonthGrid { places: 2, months: 12 };
    /// assert_eq!(grid.cell_of(3, 1, 0), 3 * 24 + 12);
    /// ```
    #[must_use]
    #[inline]
    pub const fn cell_of(self, layer: usize, place: usize, month: usize) -> usize {
        layer * self.cells() + self.cell(place, month)
    }

    /// Number of cells.
    #[must_use]
    #[inline]
    pub const fn cells(self) -> usize {
        self.places * self.months
    }

    /// The positions of all months of a place.
    #[must_use]
    pub const fn months_of(self, place: usize) -> core::ops::Range<usize> {
        place * self.months..(place + 1) * self.months
    }
}
