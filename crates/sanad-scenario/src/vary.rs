//! Constants drawn from distributions, one draw per member.
//!
//! Draws of different constants are independent of one another: there is no way here to say that
//! two go together. Where a record says that they do, [`calibrate`](crate::calibrate()) finds
//! members that hang together.

use std::collections::BTreeMap;

use rand_distr::{Beta, Distribution as _, StandardNormal};
use sanad_core::random::{Stream, Streams};
use sanad_numbers::{normal_cdf, normal_density, normal_quantile};
use serde::Deserialize;

use crate::error::Error;
use crate::simulation::Inputs;

/// Which constants vary over members, and how.
///
/// Deserializes from a table with one entry per constant (TOML here, by a caller that reads it):
///
/// ```toml
/// [contact_infectivity]
/// distribution = "triangular"
/// low = 0.2
/// mode = 0.3
/// high = 0.5
/// ```
///
/// A member's draw of a constant is keyed by the seed, the constant's name and the member's number,
/// so adding a constant or a member leaves every other draw as it was.
///
/// ```
/// use sanad_scenario::{Distribution, Vary};
///
/// let mut vary = Vary::default();
/// let triangular = Distribution::Triangular { low: 0.2, mode: 0.3, high: 0.5 };
/// vary.constants.insert("contact_infectivity".into(), triangular);
/// let few = vary.draw(10, 42)?;
/// let many = vary.draw(1000, 42)?;
/// assert_eq!(few.value("contact_infectivity", 9), many.value("contact_infectivity", 9));
/// # Ok::<(), sanad_scenario::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(transparent)]
pub struct Vary {
    /// Distributions by name of the constant. Names are matched by the model as identifiers; the
    /// draws are keyed by the canonical name, so that another spelling of it draws the same.
    pub constants: BTreeMap<String, Distribution>,
}

/// A distribution of one constant. Parameters are in the constant's own unit.
/// [`check`](Self::check) says which combinations are sound; nothing is checked when a value is
/// built or deserialized, except that no field is unknown.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution {
    /// The same value for every member. No draw is made for it.
    Fixed {
        /// The value.
        value: f64,
    },
    /// Equal density between two bounds. The bounds may be equal.
    Uniform {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Equal density of the logarithm between two positive bounds. For a constant of which only the
    /// order of magnitude is known. The bounds may be equal.
    LogUniform {
        /// Lower bound, above zero.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// Triangular. Density zero at the bounds and greatest at the mode, straight in between; the
    /// mode may be one of the bounds.
    Triangular {
        /// Lower bound.
        low: f64,
        /// Most likely value.
        mode: f64,
        /// Upper bound.
        high: f64,
    },
    /// Normal, kept between bounds (if any) by drawing again. Refused where the bounds lie more
    /// than three standard deviations from the mean, because drawing again would then take too
    /// long.
    Normal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation.
        standard_deviation: f64,
        /// Lower bound.
        #[serde(default = "minus_infinity")]
        low: f64,
        /// Upper bound.
        #[serde(default = "infinity")]
        high: f64,
    },
    /// The logarithm is normal. median · exp(sigma · z) with z standard normal, so that about two
    /// thirds lie between median/eˢ and median·eˢ for s = sigma.
    LogNormal {
        /// Median, above zero.
        median: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Beta, stretched to lie between two bounds. The mean is low + (high − low) · alpha/(alpha +
    /// beta).
    Beta {
        /// First shape, above zero.
        alpha: f64,
        /// Second shape, above zero.
        beta: f64,
        /// Lower bound.
        #[serde(default)]
        low: f64,
        /// Upper bound.
        #[serde(default = "one")]
        high: f64,
    },
    /// One of several values, with weights (equal if none are given). Weights need not add up to
    /// one.
    Choice {
        /// The values.
        values: Vec<f64>,
        /// As many weights, none negative.
        #[serde(default)]
        weights: Vec<f64>,
    },
}

/// The default weight.
fn one() -> f64 {
    1.0
}

/// The default upper bound.
fn infinity() -> f64 {
    f64::INFINITY
}

/// The default lower bound.
fn minus_infinity() -> f64 {
    f64::NEG_INFINITY
}

/// Draws before a truncated normal is given up: its bounds then hold less than about a thousandth
/// of the distribution.
const DRAWS: usize = 10_000;

impl Distribution {
    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// If they describe no distribution; `name` is used in the message. That is: a parameter is not
    /// finite (the bounds of a normal one may be infinite), bounds are in the wrong order, a scale
    /// or shape is not positive where it has to be, or weights do not fit the values or are all
    /// zero.
    ///
    /// ```
    /// use sanad_scenario::Distribution;
    ///
    /// assert!(Distribution::Uniform { low: 0.1, high: 0.4 }.check("harm").is_ok());
    /// let error = Distribution::LogUniform { low: 0.0, high: 1.0 }.check("harm").unwrap_err();
    /// assert!(error.to_string().starts_with("harm: "));
    /// ```
    pub fn check(&self, name: &str) -> Result<(), Error> {
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        let sound = match self {
            Self::Fixed { value } => value.is_finite(),
            Self::Uniform { low, high } => finite(&[*low, *high]) && low <= high,
            Self::LogUniform { low, high } => finite(&[*low, *high]) && 0.0 < *low && low <= high,
            Self::Triangular { low, mode, high } => {
                finite(&[*low, *mode, *high]) && low <= mode && mode <= high && low < high
            }
            Self::Normal { mean, standard_deviation, low, high } => {
                let near = mean - 3.0 * standard_deviation <= *high
                    && mean + 3.0 * standard_deviation >= *low;
                finite(&[*mean, *standard_deviation])
                    && *standard_deviation >= 0.0
                    && low < high
                    && near
            }
            Self::LogNormal { median, sigma } => {
                finite(&[*median, *sigma]) && *median > 0.0 && *sigma >= 0.0
            }
            Self::Beta { alpha, beta, low, high } => {
                finite(&[*alpha, *beta, *low, *high]) && *alpha > 0.0 && *beta > 0.0 && low <= high
            }
            Self::Choice { values, weights } => {
                let weighed = weights.is_empty()
                    || (weights.len() == values.len()
                        && finite(weights)
                        && weights.iter().all(|&weight| weight >= 0.0)
                        && weights.iter().sum::<f64>() > 0.0);
                !values.is_empty() && finite(values) && weighed
            }
        };
        if sound {
            return Ok(());
        }
        Err(Error::settings(format!(
            "{name}: {self:?} is not a distribution that can be drawn from"
        )))
    }

    /// The coordinate along which a calibration moves.
    ///
    /// # Errors
    ///
    /// If the parameters are unsound, or the distribution is one whose inverse distribution
    /// function has no simple form here: normal with bounds, beta, choice.
    pub(crate) fn coordinate(&self, name: &str) -> Result<Coordinate, Error> {
        self.check(name)?;
        match self {
            Self::Fixed { .. }
            | Self::Uniform { .. }
            | Self::LogUniform { .. }
            | Self::Triangular { .. }
            | Self::LogNormal { .. } => Ok(Coordinate(self.clone())),
            Self::Normal { low, high, .. } if low.is_infinite() && high.is_infinite() => {
                Ok(Coordinate(self.clone()))
            }
            Self::Normal { .. } | Self::Beta { .. } | Self::Choice { .. } => {
                Err(Error::settings(format!(
                    "{name}: {self:?} cannot be calibrated; a fixed, uniform, log_uniform, \
                     triangular, log_normal or unbounded normal one can"
                )))
            }
        }
    }

    /// A draw, by the inverse distribution function where there is a simple one; nothing where a
    /// bounded normal was not met in [`DRAWS`] tries, or for a distribution that was refused. With
    /// u uniform between 0 and 1: uniform low + (high − low)·u; log-uniform exp(ln low +
    /// ln(high/low)·u).
    fn draw(&self, stream: &mut Stream) -> Option<f64> {
        let mut uniform = || stream.open01();
        Some(match self {
            Self::Fixed { value } => *value,
            Self::Uniform { low, high } => low + (high - low) * uniform(),
            Self::LogUniform { low, high } => (low.ln() + (high / low).ln() * uniform()).exp(),
            Self::Triangular { low, mode, high } => triangular(*low, *mode, *high, uniform()),
            Self::Normal { mean, standard_deviation, low, high } => (0..DRAWS)
                .map(|_| {
                    let standard: f64 = StandardNormal.sample(stream);
                    mean + standard_deviation * standard
                })
                .find(|value| (low..=high).contains(&value))?,
            Self::LogNormal { median, sigma } => {
                let standard: f64 = StandardNormal.sample(stream);
                median * (sigma * standard).exp()
            }
            Self::Beta { alpha, beta, low, high } => {
                let share: f64 = Beta::new(*alpha, *beta).ok()?.sample(stream);
                low + (high - low) * share
            }
            Self::Choice { values, weights } if weights.is_empty() => {
                let place = (uniform() * values.len() as f64) as usize;
                values[place.min(values.len() - 1)]
            }
            Self::Choice { values, weights } => weighted(values, weights, uniform()),
        })
    }
}

/// A constant seen as a number whose prior is simple: uniform from 0 to 1, or standard normal. The
/// constant is the image of the coordinate: by its inverse distribution function, or for a
/// normal or log-normal one as mean + s·z or median · exp(sigma · z). A step of a search is then as long for every
/// constant, whatever its unit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Coordinate(Distribution);

impl Coordinate {
    /// A draw from the prior. Between 0 and 1 without the ends, or standard normal.
    pub(crate) fn draw(&self, stream: &mut Stream) -> f64 {
        match self.0 {
            Distribution::LogNormal { .. } | Distribution::Normal { .. } => {
                StandardNormal.sample(stream)
            }
            _ => stream.open01(),
        }
    }

    /// The prior's log-density, up to a constant. Minus infinity outside 0 to 1, which is what
    /// keeps a search within the prior; of a standard normal one −z²/2.
    pub(crate) fn log_density(&self, at: f64) -> f64 {
        match self.0 {
            Distribution::LogNormal { .. } | Distribution::Normal { .. } => -0.5 * at * at,
            _ if 0.0 < at && at < 1.0 => 0.0,
            _ => f64::NEG_INFINITY,
        }
    }

    /// The constant's value. NaN of a distribution that [`Distribution::coordinate`] refuses, of
    /// which there is none.
    pub(crate) fn value(&self, at: f64) -> f64 {
        match &self.0 {
            Distribution::Uniform { low, high } => low + (high - low) * at,
            Distribution::LogUniform { low, high } => (low.ln() + (high / low).ln() * at).exp(),
            Distribution::Triangular { low, mode, high } => triangular(*low, *mode, *high, at),
            Distribution::LogNormal { median, sigma } => median * (sigma * at).exp(),
            Distribution::Normal { mean, standard_deviation, .. } => mean + standard_deviation * at,
            Distribution::Fixed { value } => *value,
            _ => f64::NAN,
        }
    }

    /// The derivative of the constant by the coordinate.
    pub(crate) fn slope(&self, at: f64) -> f64 {
        match &self.0 {
            Distribution::Uniform { low, high } => high - low,
            Distribution::LogUniform { low, high } => (high / low).ln() * self.value(at),
            Distribution::Triangular { low, mode, high } => {
                // x − a = √(u·(b − a)(m − a)) below the mode, b − x the like above it.
                let (width, left, right) = (high - low, mode - low, high - mode);
                if at * width < left {
                    0.5 * (width * left / at).sqrt()
                } else {
                    0.5 * (width * right / (1.0 - at)).sqrt()
                }
            }
            Distribution::LogNormal { sigma, .. } => sigma * self.value(at),
            Distribution::Normal { standard_deviation, .. } => *standard_deviation,
            _ => 0.0,
        }
    }

    /// Whether the constant has one value alone.
    pub(crate) const fn is_fixed(&self) -> bool {
        matches!(self.0, Distribution::Fixed { .. })
    }

    /// Whether the coordinate's prior is standard normal, and not uniform from 0 to 1.
    const fn is_normal(&self) -> bool {
        matches!(self.0, Distribution::LogNormal { .. } | Distribution::Normal { .. })
    }

    /// The coordinate of a number q whose prior is standard normal, and its derivative by q: q itself, or Φ(q) and φ(q)
    /// of a uniform one. The whole real line is thus within the prior, and a density of q is
    /// that of the coordinate times the derivative.
    pub(crate) fn of_normal(&self, normal: f64) -> (f64, f64) {
        if self.is_normal() { (normal, 1.0) } else { (normal_cdf(normal), normal_density(normal)) }
    }

    /// The number q of [`of_normal`](Self::of_normal) for a coordinate.
    pub(crate) fn to_normal(&self, at: f64) -> f64 {
        if self.is_normal() { at } else { normal_quantile(at) }
    }
}

/// Inverse distribution function of the triangular distribution. Below the mode the distribution
/// function is (x − a)²/((b − a)(m − a)), above it 1 − (b − x)²/((b − a)(b − m)), with a the lower
/// bound, m the mode and b the upper one.
fn triangular(low: f64, mode: f64, high: f64, uniform: f64) -> f64 {
    let (width, left) = (high - low, mode - low);
    if uniform * width < left {
        low + (uniform * width * left).sqrt()
    } else {
        high - ((1.0 - uniform) * width * (high - mode)).sqrt()
    }
}

/// A value by its weight. The first whose running sum of weights exceeds u times the whole. The
/// last value stands in where rounding leaves nothing.
fn weighted(values: &[f64], weights: &[f64], uniform: f64) -> f64 {
    let mut left = uniform * weights.iter().sum::<f64>();
    for (value, weight) in values.iter().zip(weights) {
        if left < *weight {
            return *value;
        }
        left -= weight;
    }
    values[values.len() - 1]
}

impl Vary {
    /// The draws of `members` members. Names are kept as they are spelled in `constants`.
    ///
    /// # Errors
    ///
    /// If a distribution's parameters make no sense. Or if the bounds of a normal one were missed
    /// ten thousand times running.
    pub fn draw(&self, members: usize, seed: u64) -> Result<Inputs, Error> {
        let mut inputs = Inputs::new();
        for (name, distribution) in &self.constants {
            distribution.check(name)?;
            let purpose = format!("scenario: vary {}", crate::canonical_name(name));
            let streams = Streams::new(seed, &purpose);
            let values: Option<Vec<f64>> = (0..members)
                .map(|member| distribution.draw(&mut streams.at(0, 0, member as u32)))
                .collect();
            let values = values.ok_or_else(|| {
                Error::settings(format!(
                    "{name}: the bounds of {distribution:?} hold too little of it"
                ))
            })?;
            inputs = inputs.set_each(name, values);
        }
        Ok(inputs)
    }
}
