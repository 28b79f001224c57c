//! What a discrete-time model assumes.

use super::{Background, Extent, Kernel};
use crate::Links;
use crate::error::{Error, check_len, check_values};
use sanad_numbers::Matrix;

/// The law of a day's count given its mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counts {
    /// Poisson.
    Poisson,
    /// Negative binomial with variance λ + λ²/r, the size r estimated per target.
    #[default]
    NegativeBinomial,
}

/// Where the events that one event sets off may happen.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Reach {
    /// In the same place.
    #[default]
    SamePlace,
    /// In every place alike.
    Everywhere,
    /// In place p with weight exp(−d(p, q) / scale), q the place of the cause, normalised over p.
    Distance {
        /// Distances between places, in km, zero on the diagonal.
        distances_km: Matrix,
        /// Distance at which the weight has fallen to 37 %, in km.
        scale_km: f64,
    },
}

impl Reach {
    /// The share of an event's offspring that falls in each place: row place of the offspring,
    /// column place of the cause; `None` for the same place.
    pub(super) fn shares(&self, places: usize) -> Option<Matrix> {
        let mut shares = match self {
            Self::SamePlace => return None,
            Self::Everywhere => Matrix::from_rows(&vec![vec![1.0; places]; places]),
            Self::Distance { distances_km, scale_km } => {
                let mut weights = distances_km.clone();
                for row in 0..places {
                    weights.row_mut(row).iter_mut().for_each(|d| *d = (-*d / scale_km).exp());
                }
                weights
            }
        };
        for column in 0..places {
            let sum: f64 = (0..places).map(|row| shares[(row, column)]).sum();
            (0..places).for_each(|row| shares[(row, column)] /= sum);
        }
        Some(shares)
    }

    /// Refuses distances that are not one row and one column per place, and a scale that is not
    /// positive.
    fn check(&self, places: usize) -> Result<(), Error> {
        let Self::Distance { distances_km, scale_km } = self else { return Ok(()) };
        check_len("rows of distances_km", places, distances_km.rows())?;
        check_len("columns of distances_km", places, distances_km.columns())?;
        check_values("scale_km", &[*scale_km], "positive", |s| s > 0.0 && s.is_finite())?;
        (0..places).try_for_each(|row| {
            check_values("distances_km", distances_km.row(row), "at least 0", |d| d >= 0.0)
        })
    }
}

/// How an event's size bears on what it sets off: an event of size s counts as
/// (1 + s)^η, divided by the mean of that over its kind, so that branching coefficients are those
/// of a mean event.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Marks {
    /// Size does not matter (η = 0).
    #[default]
    Ignored,
    /// A known exponent η.
    Fixed(f64),
    /// One exponent per target, estimated, within ±3.
    Estimated,
}

/// A discrete-time excitation model.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Links the model may use.
    pub links: Links,
    /// Shape of the links' effect over the days.
    pub kernel: Kernel,
    /// Background rate.
    pub background: Background,
    /// Law of the counts.
    pub counts: Counts,
    /// Reach over places.
    pub reach: Reach,
    /// Sizes.
    pub marks: Marks,
    /// Whether to correct the likelihood for the background's flexibility (Cox & Reid 1987), without
    /// which self-excitation is found too small. Leave it on except to compare with plain maximum
    /// likelihood.
    pub adjusted: bool,
}

impl Default for Settings {
    /// Full links, geometric kernels, the default background, negative-binomial counts, the same
    /// place, sizes ignored, adjusted likelihood.
    fn default() -> Self {
        Self {
            links: Links::Full,
            kernel: Kernel::geometric(),
            background: Background::default(),
            counts: Counts::default(),
            reach: Reach::default(),
            marks: Marks::default(),
            adjusted: true,
        }
    }
}

impl Settings {
    /// The same model with other links.
    #[must_use]
    pub fn with_links(&self, links: Links) -> Self {
        Self { links, ..self.clone() }
    }

    /// Refuses settings that do not fit the record's extent.
    pub(super) fn check(&self, extent: Extent) -> Result<(), Error> {
        self.kernel.check()?;
        self.reach.check(extent.places)?;
        if let Marks::Fixed(exponent) = self.marks {
            check_values("mark exponent", &[exponent], "between -3 and 3", |v| v.abs() <= 3.0)?;
        }
        Ok(())
    }
}
