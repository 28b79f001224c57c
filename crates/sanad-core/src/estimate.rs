//! A number with its interval, and what the record says of a claim.

use serde::{Deserialize, Serialize};

/// A number with the bounds of its interval, all three in one unit. At which level the interval is
/// taken, 90 or 95 %, is said where the estimate is made.
///
/// ```
/// use sanad_core::Estimate;
///
/// let deaths = Estimate::new(80.0, 100.0, 130.0);
/// assert_eq!(deaths.map(|count| count / 10.0).triple(), [8.0, 10.0, 13.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Lower bound.
    pub low: f64,
    /// The number: a mean, a median or a best estimate, as said where it is made.
    pub value: f64,
    /// Upper bound.
    pub high: f64,
}

impl Estimate {
    /// An estimate from its three numbers, in rising order.
    #[must_use]
    pub const fn new(low: f64, value: f64, high: f64) -> Self {
        Self { low, value, high }
    }

    /// A number that is known without error.
    #[must_use]
    pub const fn exact(value: f64) -> Self {
        Self { low: value, value, high: value }
    }

    /// The three numbers, in rising order.
    #[must_use]
    pub const fn triple(self) -> [f64; 3] {
        [self.low, self.value, self.high]
    }

    /// The estimate of a rising function of the number.
    #[must_use]
    pub fn map(self, rising: impl Fn(f64) -> f64) -> Self {
        Self { low: rising(self.low), value: rising(self.value), high: rising(self.high) }
    }
}

impl From<[f64; 3]> for Estimate {
    /// An estimate from lower bound, number and upper bound.
    fn from([low, value, high]: [f64; 3]) -> Self {
        Self::new(low, value, high)
    }
}

/// What the record says of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The effect is there, in the claim's direction, and may be large enough to matter.
    Supported,
    /// The effect is in the other direction, or too small to matter although the test could have
    /// found one that matters.
    Contradicted,
    /// The record does not tell.
    Inconclusive,
    /// No data at hand bear on the claim.
    NotTestable,
}

impl Verdict {
    /// Every verdict, in the order of tables.
    pub const ALL: [Self; 4] =
        [Self::Supported, Self::Contradicted, Self::Inconclusive, Self::NotTestable];

    /// The word that pages and tables print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Contradicted => "contradicted",
            Self::Inconclusive => "inconclusive",
            Self::NotTestable => "not testable",
        }
    }
}
