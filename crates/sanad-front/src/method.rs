//! The choices of the handbook, as data.

use core::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What to do with outliers before normalising.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Leave values as they are.
    #[default]
    None,
    /// Winsorise by skewness and kurtosis; see [`crate::treat::Winsorising`].
    Winsorise(crate::treat::Winsorising),
}

/// What to do with gaps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Imputation {
    /// Leave gaps; nothing is carried forward.
    None,
    /// Carry the last value forward within the indicator's age limit.
    #[default]
    LastValue,
    /// Carry forward as [`Imputation::LastValue`], then fill what is left by
    /// expectation-maximisation under a multivariate normal model over the indicators;
    /// see [`crate::em`].
    ExpectationMaximisation,
}

/// How values come to one scale of 0–100.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalisation {
    /// 0 at the lowest, 100 at the highest value (or at the indicator's goalposts). Where values
    /// have errors, declare goalposts: [`crate::intervals`] asks for them; see
    /// [`crate::NoisyEnds`].
    #[default]
    MinMax,
    /// 50 + `points_per_sd` · z, cut at 0 and 100.
    ZScore {
        /// Index points per standard deviation, > 0.
        points_per_sd: f64,
    },
    /// 100 · (share of reference values that lie below).
    Rank,
    /// 0 at the lowest value, 100 at the indicator's target (or at the highest value where no
    /// target is declared), cut at 0 and 100.
    DistanceToTarget,
}

/// How indicators weigh inside their pillar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// All the same.
    Equal,
    /// As the framework declares.
    #[default]
    Given,
    /// By rotated principal components; see [`crate::pca`].
    PrincipalComponents,
    /// By each place's own best case; see [`crate::bod`].
    BenefitOfTheDoubt,
}

/// How members join into a pillar, a front and the overall index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// Weighted arithmetic mean: a deficit in one can be made good by another.
    #[default]
    Arithmetic,
    /// Weighted geometric mean on 1–100 brought back to 0–100: deficits count more.
    Geometric,
    /// Copeland's score of the weighted pairwise comparison of places within a month, on 0–100:
    /// no indicator can make good for another. See [`crate::outrank`].
    Outranking,
}

impl Aggregation {
    /// A score on the scale on which the mean is taken: both means are quasi-arithmetic,
    /// f⁻¹(Σ w·f(s) / Σ w), with f(s) = ln(1 + 0.99 · s) for the geometric one. It takes 0–100 to
    /// 1–100 first, so that one zero does not decide everything.
    pub(crate) fn transformed(self, score: f64) -> f64 {
        match self {
            Self::Geometric => (1.0 + 0.99 * score).ln(),
            _ => score,
        }
    }

    /// f⁻¹, from a mean of transformed scores back to 0–100.
    pub(crate) fn restored(self, mean: f64) -> f64 {
        match self {
            Self::Geometric => (mean.exp() - 1.0) / 0.99,
            _ => mean,
        }
    }
}

/// One way through the handbook's steps.
///
/// ```
/// use sanad_front::{Aggregation, Method, Normalisation};
///
/// let method = Method {
///     normalisation: Normalisation::ZScore { points_per_sd: 15.0 },
///     aggregation: Aggregation::Geometric,
///     // Scales come from the first ten years and stay what they are when later months arrive.
///     reference_months: Some(0..120),
///     ..Method::default()
/// };
/// assert_eq!(method.evidence_floor, 0.5);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// Outliers.
    pub treatment: Treatment,
    /// Gaps.
    pub imputation: Imputation,
    /// Scale.
    pub normalisation: Normalisation,
    /// Weights inside pillars.
    pub weighting: Weighting,
    /// Joining, at every level.
    pub aggregation: Aggregation,
    /// No index where the evidence share is below this, in [0, 1].
    pub evidence_floor: f64,
    /// Months whose values set the scales (lowest, highest, mean, …); all months where `None`.
    /// A base period keeps the yardstick free of the months that are judged.
    pub reference_months: Option<Range<usize>>,
    /// Whether reference values are first drawn together until they spread as values without
    /// their errors would (by √(1 − error variance / variance); Louis 1984, "Estimating a
    /// population of parameter values"). Errors push the lowest and the highest value apart, and
    /// a scale set on them would press every truth towards its middle.
    pub correct_scale_for_errors: bool,
}

impl Default for Method {
    /// Min-max, last value, given weights, arithmetic; no index under half the evidence.
    fn default() -> Self {
        Self {
            treatment: Treatment::None,
            imputation: Imputation::LastValue,
            normalisation: Normalisation::MinMax,
            weighting: Weighting::Given,
            aggregation: Aggregation::Arithmetic,
            evidence_floor: 0.5,
            reference_months: None,
            correct_scale_for_errors: true,
        }
    }
}

impl Method {
    pub(crate) fn check(&self, months: usize) -> Result<()> {
        if !(0.0..=1.0).contains(&self.evidence_floor) {
            return Err(Error::setting("evidence_floor", "must lie in [0, 1]"));
        }
        if let Normalisation::ZScore { points_per_sd } = self.normalisation
            && !(points_per_sd > 0.0 && points_per_sd.is_finite())
        {
            return Err(Error::setting("points_per_sd", "must be positive"));
        }
        match &self.reference_months {
            Some(range) if range.is_empty() || range.end > months => {
                Err(Error::setting("reference_months", "must be a part of the panel's months"))
            }
            _ => Ok(()),
        }
    }
}
