//! How indicators are joined: the tables `[method]` and `[alternatives]` of `indicators.toml`.

use serde::Deserialize;

/// What is done with outliers before values come to their scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutlierRule {
    /// They stay as they are.
    #[default]
    Keep,
    /// The farthest points take their neighbour's value until skewness or kurtosis passes, and a
    /// column that still fails is read on a logarithm: the rule of the JRC's COIN Tool.
    Winsorise,
}

/// What is done where a place has no value of a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapRule {
    /// Nothing.
    Leave,
    /// The last value counts up to the indicator's `max_age_months`.
    #[default]
    Carry,
    /// As `carry`; what is still missing is estimated from the place's other indicators by
    /// expectation-maximisation. An estimate is no evidence: it does not raise the evidence share.
    Em,
}

/// How values come to one scale of 0 to 100.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScaleRule {
    /// 0 and 100 at the indicator's goalposts.
    #[default]
    MinMax,
    /// 50 at the mean of the reference months, `points_per_sd` more per standard deviation.
    ZScore,
    /// The share of the reference months' values that lie below.
    Rank,
}

/// How indicators weigh inside their pillar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightRule {
    /// As each indicator's `weight` says.
    #[default]
    Declared,
    /// All the same.
    Equal,
    /// By rotated principal components: how indicators vary together, not how much they matter.
    Pca,
    /// By each place's own best case among the places of the month (data envelopment).
    BenefitOfTheDoubt,
}

/// How indicators join into a pillar, and pillars into a front.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JoinRule {
    /// Weighted arithmetic mean.
    #[default]
    Arithmetic,
    /// Weighted geometric mean: low scores count more.
    Geometric,
    /// Copeland's score of places compared pair by pair. It needs all places at once and has no
    /// interval, so it can be an alternative of the sensitivity analysis and not the method.
    Outranking,
}

/// The way through the handbook's steps that gives the index (OECD/JRC 2008).
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MethodRules {
    /// Outliers.
    pub outliers: OutlierRule,
    /// Gaps.
    pub missing: GapRule,
    /// Scale.
    pub normalisation: ScaleRule,
    /// Points of the scale per standard deviation; needed where `z-score` is named, here or among
    /// the alternatives.
    pub points_per_sd: Option<f64>,
    /// Weights inside pillars.
    pub weights: WeightRule,
    /// Joining.
    pub aggregation: JoinRule,
}

/// Ways that are as good as the method's: intervals draw among them, and the sensitivity analysis
/// says what each choice moves. A step without alternatives is not varied.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlternativeRules {
    /// Outliers.
    pub outliers: Vec<OutlierRule>,
    /// Gaps.
    pub missing: Vec<GapRule>,
    /// Scale.
    pub normalisation: Vec<ScaleRule>,
    /// Weights inside pillars.
    pub weights: Vec<WeightRule>,
    /// Joining.
    pub aggregation: Vec<JoinRule>,
}

impl Default for AlternativeRules {
    /// Both means, and nothing else.
    fn default() -> Self {
        Self {
            outliers: Vec::new(),
            missing: Vec::new(),
            normalisation: Vec::new(),
            weights: Vec::new(),
            aggregation: vec![JoinRule::Arithmetic, JoinRule::Geometric],
        }
    }
}

impl AlternativeRules {
    /// Whether every step's list, where it has one, holds the method's own way.
    pub(super) fn hold(&self, method: &MethodRules) -> bool {
        fn holds<T: PartialEq>(list: &[T], own: &T) -> bool {
            list.is_empty() || list.contains(own)
        }
        holds(&self.outliers, &method.outliers)
            && holds(&self.missing, &method.missing)
            && holds(&self.normalisation, &method.normalisation)
            && holds(&self.weights, &method.weights)
            && holds(&self.aggregation, &method.aggregation)
    }

    /// Whether the method or one of its alternatives is a z-score.
    pub(super) fn need_points_per_sd(&self, method: &MethodRules) -> bool {
        method.normalisation == ScaleRule::ZScore || self.normalisation.contains(&ScaleRule::ZScore)
    }
}
