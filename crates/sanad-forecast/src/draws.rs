//! A predictive distribution held as draws.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use crate::error::{Error, same_len};

/// No draw of any model is larger: one million deaths in one place and month.
///
/// The largest country-month of the UCDP record since 1990 is about 48,000 battle deaths.
pub const OUTCOME_CAP: u32 = 1_000_000;

/// What to forecast: which steps, how many draws, from which seed.
///
/// ```
/// use sanad_forecast::Request;
///
/// let request = Request::new(3..=14, 1_000, 42)?;
/// assert_eq!(request.steps().count(), 12);
/// # Ok::<(), sanad_forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    first_step: usize,
    last_step: usize,
    draws: usize,
    seed: u64,
}

/// The most draws for a place and month. More change no quantile by what a reader could see.
pub const MAX_DRAWS: usize = 100_000;

/// The furthest step, in months: fifty years.
pub const MAX_STEP: usize = 600;

/// The most draws that are held at once, at four bytes each.
pub const MAX_CELLS: usize = 1 << 28;

impl Request {
    /// Steps are months ahead of the origin (1 is the month after it).
    ///
    /// # Errors
    /// If the steps are empty, begin at 0 or go beyond [`MAX_STEP`], or `draws` is 0 or more than
    /// [`MAX_DRAWS`].
    pub fn new(steps: RangeInclusive<usize>, draws: usize, seed: u64) -> Result<Self, Error> {
        if *steps.start() == 0 || steps.is_empty() {
            let shown = format!("{}..{}", steps.start(), steps.end());
            return Err(Error::setting("steps", shown, "a range that starts at 1 or later"));
        }
        if *steps.end() > MAX_STEP {
            return Err(Error::setting("the last step", steps.end(), "at most 600"));
        }
        if draws == 0 || draws > MAX_DRAWS {
            return Err(Error::setting("draws", draws, "from 1 to 100000"));
        }
        Ok(Self { first_step: *steps.start(), last_step: *steps.end(), draws, seed })
    }

    /// Refuses draws for `places` in `windows` that would not fit into memory, before any are made.
    ///
    /// # Errors
    /// If places × steps × draws × windows are more than [`MAX_CELLS`].
    ///
    /// ```
    /// let request = sanad_forecast::Request::new(1..=12, 100_000, 1)?;
    /// assert!(request.check_size(150, 1).is_ok());
    /// assert!(request.check_size(150, 30).is_err());
    /// # Ok::<(), sanad_forecast::Error>(())
    /// ```
    pub fn check_size(&self, places: usize, windows: usize) -> Result<(), Error> {
        let sizes = [places, self.steps_len(), self.draws, windows];
        let cells = sizes.into_iter().fold(1, usize::saturating_mul);
        if cells > MAX_CELLS {
            let what = "places × steps × draws × windows and models";
            return Err(Error::setting(what, cells, "at most 268435456 (1 GiB of draws)"));
        }
        Ok(())
    }

    /// The steps, ascending.
    pub fn steps(&self) -> RangeInclusive<usize> {
        self.first_step..=self.last_step
    }

    /// Number of steps.
    #[must_use]
    pub fn steps_len(&self) -> usize {
        self.last_step - self.first_step + 1
    }

    /// The furthest step, in months.
    #[must_use]
    pub fn last_step(&self) -> usize {
        self.last_step
    }

    /// Number of draws.
    #[must_use]
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The same request with another number of draws.
    #[must_use]
    pub fn with_draws(&self, draws: usize) -> Self {
        Self { draws: draws.max(1), ..self.clone() }
    }
}

/// Draws of a count: places × steps × draws, the draws of one place and step side by side.
///
/// Where a model is joint over steps, draw `d` of every step of a place is one path.
///
/// ```
/// use sanad_forecast::Draws;
///
/// let draws = Draws::from_values(1, 2, 3, vec![0, 1, 5, 2, 2, 2])?;
/// assert_eq!(draws.cell(0, 1), [2, 2, 2]);
/// # Ok::<(), sanad_forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draws {
    places: usize,
    steps: usize,
    draws: usize,
    values: Vec<u32>,
}

impl Draws {
    /// All zeros.
    #[must_use]
    pub fn zeros(places: usize, steps: usize, draws: usize) -> Self {
        Self { places, steps, draws, values: vec![0; places * steps * draws] }
    }

    /// Draws from values in place, step, draw order.
    ///
    /// # Errors
    /// If `values` is not `places · steps · draws` long.
    pub fn from_values(
        places: usize,
        steps: usize,
        draws: usize,
        values: Vec<u32>,
    ) -> Result<Self, Error> {
        same_len("draws", values.len(), places * steps * draws)?;
        Ok(Self { places, steps, draws, values })
    }

    /// Fills the draws place by place, in parallel; `fill` gets the place and its steps × draws.
    pub(crate) fn by_place(
        places: usize,
        request: &Request,
        fill: impl Fn(usize, &mut [u32]) + Sync + Send,
    ) -> Self {
        let mut all = Self::zeros(places, request.steps_len(), request.draws());
        let chunk = all.steps * all.draws;
        all.values.par_chunks_mut(chunk).enumerate().for_each(|(place, out)| fill(place, out));
        all
    }

    /// Takes over, over all steps, those draws of `other` (of the same shape) that `take` accepts
    /// by place and draw.
    pub(crate) fn take_from(
        &mut self,
        other: &Self,
        take: impl Fn(usize, usize) -> bool + Sync + Send,
    ) {
        let (size, chunk) = (self.draws, self.steps * self.draws);
        let places = self.values.par_chunks_mut(chunk).zip(other.values.par_chunks(chunk));
        places.enumerate().for_each(|(place, (own, other))| {
            for (cell, from) in own.chunks_mut(size).zip(other.chunks(size)) {
                for (draw, (slot, &value)) in cell.iter_mut().zip(from).enumerate() {
                    if take(place, draw) {
                        *slot = value;
                    }
                }
            }
        });
    }

    /// Changes the draws of every place and step, in parallel; `change` gets the place.
    pub(crate) fn each_cell_mut(&mut self, change: impl Fn(usize, &mut [u32]) + Sync + Send) {
        let steps = self.steps;
        let cells = self.values.par_chunks_mut(self.draws).enumerate();
        cells.for_each(|(cell, draws)| change(cell / steps, draws));
    }

    /// Number of places.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places
    }

    /// Number of steps.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Number of draws per place and step.
    #[must_use]
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// The draws of one place and step (the step as an index from 0).
    #[must_use]
    pub fn cell(&self, place: usize, step: usize) -> &[u32] {
        let start = (place * self.steps + step) * self.draws;
        &self.values[start..start + self.draws]
    }

    /// All values in place, step, draw order.
    #[must_use]
    pub fn values(&self) -> &[u32] {
        &self.values
    }
}

/// A count as a draw: rounded, at least 0, at most `cap` and [`OUTCOME_CAP`]; `NaN` becomes 0.
pub(crate) fn bounded(value: f64, cap: f64) -> u32 {
    // A float-to-integer cast in Rust saturates and sends NaN to 0.
    value.round().min(cap).min(f64::from(OUTCOME_CAP)) as u32
}
