//! The series to forecast, and the only view of it that a model ever gets.

use sanad_numbers::PlaceMonthGrid;

use crate::error::{Error, same_len};

/// A named series beside the target, of the same shape (places × months); `NaN` is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariate {
    name: String,
    values: Vec<f64>,
}

/// Counts by place and month, with what is known of the places.
///
/// # Shape
/// The target is place-major: all months of the first place, then all months of the second.
/// Values are counts ≥ 0; `NaN` is missing (a state before it existed). Months are indices from 0;
/// [`Panel::month_id`] turns them into the field's `(year − 1980)·12 + month`.
///
/// ```
/// use sanad_forecast::Panel;
///
/// let panel = Panel::new(121, 2, 3, vec![0.0, 4.0, 1.0, f64::NAN, 0.0, 2.0])?;
/// assert_eq!(panel.up_to(1)?.series(1)[1], 0.0);
/// assert_eq!(panel.month_id(2), 123);
/// # Ok::<(), sanad_forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    first_month_id: i32,
    grid: PlaceMonthGrid,
    target: Vec<f64>,
    covariates: Vec<Covariate>,
    neighbours: Vec<Vec<u32>>,
    groups: Vec<u32>,
}

impl Panel {
    /// A panel of `places` × `months` counts whose first month is `first_month_id`.
    ///
    /// # Errors
    /// If `target` is not `places · months` long, or has a value that is negative or infinite.
    pub fn new(
        first_month_id: i32,
        places: usize,
        months: usize,
        target: Vec<f64>,
    ) -> Result<Self, Error> {
        let grid = PlaceMonthGrid { places, months };
        same_len("target", target.len(), grid.cells())?;
        if let Some(bad) = target.iter().find(|&&value| value < 0.0 || value.is_infinite()) {
            return Err(Error::setting("a target value", bad, "a finite count ≥ 0, or NaN"));
        }
        Ok(Self {
            first_month_id,
            grid,
            target,
            covariates: Vec::new(),
            neighbours: vec![Vec::new(); places],
            groups: vec![0; places],
        })
    }

    /// Adds a covariate; models that take covariates use all of them.
    ///
    /// # Errors
    /// If `values` is not as long as the target.
    pub fn with_covariate(
        mut self,
        name: impl Into<String>,
        values: Vec<f64>,
    ) -> Result<Self, Error> {
        same_len("covariate", values.len(), self.grid.cells())?;
        self.covariates.push(Covariate { name: name.into(), values });
        Ok(self)
    }

    /// Sets, for each place, the indices of the places that touch it.
    ///
    /// # Errors
    /// If the list is not one entry per place, or names a place that does not exist.
    pub fn with_neighbours(mut self, neighbours: Vec<Vec<u32>>) -> Result<Self, Error> {
        same_len("neighbours", neighbours.len(), self.grid.places)?;
        if let Some(bad) = neighbours.iter().flatten().find(|&&n| n as usize >= self.grid.places) {
            return Err(Error::setting("a neighbour", bad, "the index of a place"));
        }
        self.neighbours = neighbours;
        Ok(self)
    }

    /// Sets, for each place, the group (province) whose total its draws add up to.
    ///
    /// # Errors
    /// If the list is not one entry per place.
    pub fn with_groups(mut self, groups: Vec<u32>) -> Result<Self, Error> {
        same_len("groups", groups.len(), self.grid.places)?;
        self.groups = groups;
        Ok(self)
    }

    /// Number of places.
    #[must_use]
    pub fn places(&self) -> usize {
        self.grid.places
    }

    /// Number of months.
    #[must_use]
    pub fn months(&self) -> usize {
        self.grid.months
    }

    /// The shape of the panel's arrays.
    #[must_use]
    pub fn grid(&self) -> PlaceMonthGrid {
        self.grid
    }

    /// The `month_id` of the month with this index.
    #[must_use]
    pub fn month_id(&self, month: usize) -> i32 {
        self.first_month_id + month as i32
    }

    /// The index of the month with this `month_id`, if the panel has it.
    ///
    /// ```
    /// let panel = sanad_forecast::Panel::new(121, 1, 2, vec![0.0, 1.0])?;
    /// assert_eq!(panel.month_index(122), Some(1));
    /// assert_eq!(panel.month_index(123), None);
    /// # Ok::<(), sanad_forecast::Error>(())
    /// ```
    #[must_use]
    pub fn month_index(&self, month_id: i32) -> Option<usize> {
        let index = usize::try_from(month_id - self.first_month_id).ok()?;
        (index < self.grid.months).then_some(index)
    }

    /// The group of each place.
    #[must_use]
    pub fn groups(&self) -> &[u32] {
        &self.groups
    }

    /// The value of one place and month, `None` where missing or past the panel's end.
    #[must_use]
    pub fn value(&self, place: usize, month: usize) -> Option<f64> {
        (month < self.grid.months)
            .then(|| self.target[self.grid.cell(place, month)])
            .filter(|value| !value.is_nan())
    }

    /// What could be seen at the end of month `origin`, and nothing later.
    ///
    /// # Errors
    /// If the panel has no such month.
    pub fn up_to(&self, origin: usize) -> Result<Past<'_>, Error> {
        if origin < self.grid.months {
            Ok(Past { panel: self, origin })
        } else {
            Err(Error::month(origin, self.grid.months))
        }
    }
}

/// A panel as it stood at the end of a month. There is no way from here to later values.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    panel: &'a Panel,
    origin: usize,
}

impl<'a> Past<'a> {
    /// The last month that can be seen.
    #[must_use]
    pub fn origin(&self) -> usize {
        self.origin
    }

    /// The `month_id` of the origin.
    #[must_use]
    pub fn origin_month_id(&self) -> i32 {
        self.panel.month_id(self.origin)
    }

    /// Number of places.
    #[must_use]
    pub fn places(&self) -> usize {
        self.panel.grid.places
    }

    /// The target of a place from the first month to the origin, both included.
    #[must_use]
    pub fn series(&self, place: usize) -> &'a [f64] {
        let start = self.panel.grid.months_of(place).start;
        &self.panel.target[start..=start + self.origin]
    }

    /// Number of covariates.
    #[must_use]
    pub fn covariates(&self) -> usize {
        self.panel.covariates.len()
    }

    /// The name of a covariate.
    #[must_use]
    pub fn covariate_name(&self, covariate: usize) -> &'a str {
        &self.panel.covariates[covariate].name
    }

    /// A covariate of a place from the first month to the origin, both included.
    #[must_use]
    pub fn covariate(&self, covariate: usize, place: usize) -> &'a [f64] {
        let start = self.panel.grid.months_of(place).start;
        &self.panel.covariates[covariate].values[start..=start + self.origin]
    }

    /// The places that touch this one.
    #[must_use]
    pub fn neighbours(&self, place: usize) -> &'a [u32] {
        &self.panel.neighbours[place]
    }

    /// The group of each place.
    #[must_use]
    pub fn groups(&self) -> &'a [u32] {
        &self.panel.groups
    }

    /// The same panel seen from an earlier month.
    ///
    /// # Errors
    /// If `origin` lies after this view's own.
    pub fn back_to(&self, origin: usize) -> Result<Past<'a>, Error> {
        if origin <= self.origin {
            Ok(Past { panel: self.panel, origin })
        } else {
            Err(Error::month(origin, self.origin + 1))
        }
    }

    /// The place's last `window` values that are not missing, newest last, with their age in
    /// months (0 is the origin itself).
    pub fn recent(
        &self,
        place: usize,
        window: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, f64)> + 'a {
        let series = self.series(place);
        let origin = self.origin;
        series
            .iter()
            .enumerate()
            .skip(series.len().saturating_sub(window))
            .filter(|(_, value)| !value.is_nan())
            .map(move |(month, &value)| (origin - month, value))
    }
}
