//! The input: places × months × indicators with gaps and with what is known of the errors.

use sanad_numbers::PlaceMonthGrid;
use std::sync::Arc;

use crate::error::{Error, Result};

/// Values of indicators by place and month, with gaps, standard errors and bounds.
///
/// # Shape
/// Values are kept by indicator, then place, then month. `NaN` is a gap. Months are consecutive.
///
/// # Errors of values
/// A value may carry a standard error (≥ 0, in the value's unit) or a low and a high bound
/// (low ≤ value ≤ high; drawn from the triangular distribution with the value as its mode).
/// A value with neither is taken as exact.
///
/// ```
/// use sanad_front::Panel;
///
/// let mut panel = Panel::new(2, 3, 1);
/// panel.set(0, 1, 0, 12.0)?;
/// panel.set_bounds(0, 1, 0, 10.0, 20.0)?;
/// assert_eq!(panel.value(0, 1, 0), Some(12.0));
/// assert_eq!(panel.value(1, 1, 0), None);
/// # Ok::<(), sanad_front::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Panel {
    places: usize,
    months: usize,
    indicators: usize,
    /// Shared with what only reads them, so that an index needs no copy.
    values: Arc<Vec<f64>>,
    errors: Vec<Errors>,
}

/// What is known of the errors of one indicator; arrays are places × months, `NaN` where unknown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Errors {
    pub(crate) standard_errors: Option<Vec<f64>>,
    pub(crate) bounds: Option<(Vec<f64>, Vec<f64>)>,
}

impl Panel {
    /// A panel of gaps.
    #[must_use]
    pub fn new(places: usize, months: usize, indicators: usize) -> Self {
        Self {
            places,
            months,
            indicators,
            values: Arc::new(vec![f64::NAN; places * months * indicators]),
            errors: vec![Errors::default(); indicators],
        }
    }

    /// A panel from values ordered by indicator, then place, then month; `NaN` is a gap.
    ///
    /// # Errors
    /// A length that is not `places · months · indicators`, or an infinite value.
    pub fn from_values(
        places: usize,
        months: usize,
        indicators: usize,
        values: Vec<f64>,
    ) -> Result<Self> {
        let expected = places * months * indicators;
        if values.len() != expected {
            return Err(Error::shape("values", expected, values.len()));
        }
        if let Some(first) = values.iter().position(|value| value.is_infinite()) {
            let indicator = first / (places * months);
            return Err(Error::data(indicator.to_string(), "a value is infinite"));
        }
        let errors = vec![Errors::default(); indicators];
        Ok(Self { places, months, indicators, values: Arc::new(values), errors })
    }

    /// Number of places.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places
    }

    /// Number of months.
    #[must_use]
    pub fn months(&self) -> usize {
        self.months
    }

    /// Number of indicators.
    #[must_use]
    pub fn indicators(&self) -> usize {
        self.indicators
    }

    /// The value, or `None` for a gap.
    ///
    /// # Panics
    /// Where a position lies outside the panel.
    #[must_use]
    pub fn value(&self, place: usize, month: usize, indicator: usize) -> Option<f64> {
        let index = self.index(place, month, indicator).expect("inside the panel");
        Some(self.values[index]).filter(|value| !value.is_nan())
    }

    /// Sets a value; `NaN` makes a gap.
    ///
    /// # Errors
    /// A position outside the panel, or an infinite value.
    pub fn set(&mut self, place: usize, month: usize, indicator: usize, value: f64) -> Result<()> {
        let index = self.index(place, month, indicator)?;
        if value.is_infinite() {
            return Err(Error::data(indicator.to_string(), "a value is infinite"));
        }
        Arc::make_mut(&mut self.values)[index] = value;
        Ok(())
    }

    /// Sets the standard error of a value, in the value's unit.
    ///
    /// # Errors
    /// A position outside the panel, or a standard error that is negative or not finite.
    pub fn set_standard_error(
        &mut self,
        place: usize,
        month: usize,
        indicator: usize,
        standard_error: f64,
    ) -> Result<()> {
        let cell = self.index(place, month, 0)?;
        self.index(place, month, indicator)?;
        if !standard_error.is_finite() || standard_error < 0.0 {
            return Err(Error::data(indicator.to_string(), "a standard error is negative"));
        }
        let cells = self.grid().cells();
        let errors = &mut self.errors[indicator];
        errors.standard_errors.get_or_insert_with(|| vec![f64::NAN; cells])[cell] = standard_error;
        Ok(())
    }

    /// Sets the bounds of a value that is already set.
    ///
    /// # Errors
    /// A position outside the panel, or not low ≤ value ≤ high.
    pub fn set_bounds(
        &mut self,
        place: usize,
        month: usize,
        indicator: usize,
        low: f64,
        high: f64,
    ) -> Result<()> {
        let cell = self.index(place, month, 0)?;
        let value = self.values[self.index(place, month, indicator)?];
        if !(low <= value && value <= high && low.is_finite() && high.is_finite()) {
            return Err(Error::data(indicator.to_string(), "bounds do not enclose the value"));
        }
        let cells = self.grid().cells();
        let gaps = || (vec![f64::NAN; cells], vec![f64::NAN; cells]);
        let bounds = self.errors[indicator].bounds.get_or_insert_with(gaps);
        bounds.0[cell] = low;
        bounds.1[cell] = high;
        Ok(())
    }

    /// The values of one indicator at one place, by month.
    #[must_use]
    pub fn series(&self, place: usize, indicator: usize) -> &[f64] {
        let grid = self.grid();
        let layer = &self.values[indicator * grid.cells()..];
        &layer[place * self.months..][..self.months]
    }

    /// The values of one indicator, places × months.
    #[inline]
    pub(crate) fn column(&self, indicator: usize) -> &[f64] {
        let cells = self.grid().cells();
        &self.values[indicator * cells..(indicator + 1) * cells]
    }

    /// All values, indicators × places × months.
    pub(crate) fn shared_values(&self) -> Arc<Vec<f64>> {
        Arc::clone(&self.values)
    }

    /// Whether no value of the indicator has a standard error or bounds of its own.
    pub(crate) fn is_exact(&self, indicator: usize) -> bool {
        let errors = &self.errors[indicator];
        errors.standard_errors.is_none() && errors.bounds.is_none()
    }

    /// The standard error of a value; 0 where none is known. `cell` is place · months + month.
    #[inline]
    pub(crate) fn standard_error(&self, cell: usize, indicator: usize) -> f64 {
        let known = self.errors[indicator].standard_errors.as_ref();
        // An unknown error is `NaN`, which `max` drops.
        known.map_or(0.0, |errors| errors[cell]).max(0.0)
    }

    /// The bounds of a value, low and high. `cell` is place · months + month.
    #[inline]
    pub(crate) fn bounds(&self, cell: usize, indicator: usize) -> Option<(f64, f64)> {
        let (low, high) = self.errors[indicator].bounds.as_ref()?;
        Some((low[cell], high[cell])).filter(|(low, _)| !low.is_nan())
    }

    fn index(&self, place: usize, month: usize, indicator: usize) -> Result<usize> {
        for (what, limit, found) in [
            ("place", self.places, place),
            ("month", self.months, month),
            ("indicator", self.indicators, indicator),
        ] {
            if found >= limit {
                return Err(Error::shape(what, limit, found));
            }
        }
        Ok(self.grid().cell_of(indicator, place, month))
    }

    const fn grid(&self) -> PlaceMonthGrid {
        PlaceMonthGrid { places: self.places, months: self.months }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_outside_and_impossible_errors_are_refused() {
        let mut panel = Panel::new(1, 2, 1);
        assert!(panel.set(0, 2, 0, 1.0).is_err_and(|error| error.is_shape()));
        assert!(panel.set(0, 0, 0, f64::INFINITY).is_err_and(|error| error.is_data()));
        assert!(panel.set_standard_error(0, 0, 0, -1.0).is_err());
        assert!(panel.set_bounds(0, 0, 0, 1.0, 2.0).is_err(), "a gap has no bounds");
        assert!(Panel::from_values(1, 2, 1, vec![0.0]).is_err_and(|error| error.is_shape()));
    }

    #[test]
    fn an_unknown_error_is_none_and_counts_as_exact() {
        let mut panel = Panel::new(1, 2, 1);
        panel.set(0, 0, 0, 3.0).expect("inside");
        panel.set_standard_error(0, 0, 0, 0.5).expect("inside");
        assert_eq!(panel.standard_error(0, 0), 0.5);
        assert_eq!(panel.standard_error(1, 0), 0.0);
        assert_eq!(panel.bounds(0, 0), None);
    }
}
