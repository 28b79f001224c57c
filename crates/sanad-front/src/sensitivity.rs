//! Which uncertain choice moves which place: Sobol indices of a composite index.

use serde::{Deserialize, Serialize};

use crate::alternatives::NodeModel;
use crate::error::{Error, Result};
use crate::framework::{Framework, Node};
use sanad_core::Estimate;

use crate::interval::Alternatives;
use crate::method::Method;
use crate::panel::Panel;
use crate::sobol::{self, Design, Indices};

/// Something uncertain that may move an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Which treatment of outliers.
    Treatment,
    /// Which way with gaps.
    Imputation,
    /// Which scale.
    Normalisation,
    /// Which weights inside pillars.
    Weighting,
    /// Which way of joining.
    Aggregation,
    /// All weights within their spread.
    WeightSpread,
    /// Errors of the indicators (of all, or of those of one pillar).
    Errors {
        /// Position of the pillar, where errors are told apart by pillar.
        pillar: Option<usize>,
    },
}

/// What is asked and how large the design is.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Which index.
    pub node: Node,
    /// Which month.
    pub month: usize,
    /// What may vary beside the indicators' errors; a step with fewer than two alternatives is
    /// no factor. Outranking may be among them.
    pub alternatives: Alternatives,
    /// Whether the errors of each pillar's indicators are a factor of their own.
    pub errors_by_pillar: bool,
    /// Size and seed of the design; it costs points · (factors + 2) evaluations of all places.
    pub design: Design,
}

/// Indices of every factor on every place's value and rank.
#[derive(Debug, Clone)]
pub struct Sensitivity {
    factors: Vec<Factor>,
    places: usize,
    indices: Indices,
}

/// What a place's sensitivity is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The index, 0–100.
    Value,
    /// The rank among places that have an index, 1 for the highest.
    Rank,
}

impl Sensitivity {
    /// The factors, in the order in which their indices are asked for.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// First-order index of a factor; `None` where the place's quantity does not vary or does
    /// not exist. Estimates scatter around 0 by about one over the root of the design's points.
    #[must_use]
    pub fn first_order(&self, factor: usize, place: usize, quantity: Quantity) -> Option<f64> {
        self.indices.first_order(factor, self.output(place, quantity))
    }

    /// Total index of a factor, with all its interactions.
    #[must_use]
    pub fn total(&self, factor: usize, place: usize, quantity: Quantity) -> Option<f64> {
        self.indices.total(factor, self.output(place, quantity))
    }

    /// Mean total index of a factor over the places where it exists.
    #[must_use]
    pub fn mean_total(&self, factor: usize, quantity: Quantity) -> Option<f64> {
        let known: Vec<f64> =
            (0..self.places).filter_map(|place| self.total(factor, place, quantity)).collect();
        (!known.is_empty()).then(|| sanad_numbers::mean(&known))
    }

    /// Central 90 % of a place's value or rank over the whole design.
    #[must_use]
    pub fn interval(&self, place: usize, quantity: Quantity) -> Option<Estimate> {
        let mut values: Vec<f64> = self.indices.values(self.output(place, quantity)).collect();
        let [low, median, high] = sanad_numbers::central(&mut values, 0.05);
        (!low.is_nan()).then_some(Estimate::new(low, median, high))
    }

    /// Position of a place's value or rank among the outputs.
    fn output(&self, place: usize, quantity: Quantity) -> usize {
        assert!(place < self.places, "place outside the panel");
        match quantity {
            Quantity::Value => place,
            Quantity::Rank => self.places + place,
        }
    }
}

/// Estimates how much each uncertain choice moves each place's index and rank in one month.
///
/// # Factors
/// Steps of the method with two alternatives or more, the spread of weights, and the errors of
/// the indicators where there are any.
///
/// # Reading the result
/// The first-order index of a factor is the share of variance that would go if it alone were
/// settled; the total index is the share that would stay if all others were. Total indices sum to
/// 1 or more: what two factors do together is counted with both.
///
/// # Errors
/// As [`crate::intervals`]; nothing that varies; a month outside the panel.
///
/// ```
/// use sanad_front::sobol::Design;
/// use sanad_front::{
///     Aggregation, Alternatives, Framework, Indicator, Method, Node, Panel, Quantity, Question,
///     sensitivity,
/// };
///
/// let framework = Framework::single(vec![Indicator::new("a", ""), Indicator::new("b", "")])?;
/// let panel = Panel::from_values(3, 1, 2, vec![1.0, 2.0, 3.0, /* b: */ 9.0, 4.0, 1.0])?;
/// let question = Question {
///     node: Node::Overall,
///     month: 0,
///     alternatives: Alternatives {
///         aggregations: vec![Aggregation::Arithmetic, Aggregation::Geometric],
///         ..Alternatives::default()
///     },
///     errors_by_pillar: false,
///     design: Design { points: 64, seed: 1 },
/// };
/// let found = sensitivity(&panel, &framework, &Method::default(), &question)?;
/// // Nothing but the way of joining varies, so it holds all of the variance.
/// let total = found.total(0, 0, Quantity::Value).unwrap();
/// assert!((total - 1.0).abs() < 0.2);
/// # Ok::<(), sanad_front::Error>(())
/// ```
pub fn sensitivity(
    panel: &Panel,
    framework: &Framework,
    method: &Method,
    question: &Question,
) -> Result<Sensitivity> {
    if question.month >= panel.months() {
        return Err(Error::shape("month", panel.months(), question.month));
    }
    if !(0.0..1.0).contains(&question.alternatives.weight_spread) {
        return Err(Error::setting("weight_spread", "must lie in [0, 1)"));
    }
    let model = NodeModel::new(panel, framework, method, question)?;
    let places = panel.places();
    let factors = model.factors.clone();
    let indices = sobol::indices(factors.len(), 2 * places, question.design, |x| {
        let mut values = model.values(x);
        values.extend(ranks(&values));
        values
    })?;
    Ok(Sensitivity { factors, places, indices })
}

/// 1 for the highest value; ties share the mean of their ranks; `NaN` keeps no rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    values
        .iter()
        .map(|&value| {
            if value.is_nan() {
                return value;
            }
            let below = sorted.partition_point(|other| *other < value) as f64;
            let up_to = sorted.partition_point(|other| *other <= value) as f64;
            sorted.len() as f64 - (below + up_to - 1.0) / 2.0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Indicator;
    use crate::method::{Aggregation, Normalisation};

    #[test]
    fn ranks_start_at_the_highest_and_share_ties() {
        let ranked = ranks(&[3.0, 9.0, 3.0, f64::NAN]);
        assert_eq!(ranked[..3], [2.5, 1.0, 2.5]);
        assert!(ranked[3].is_nan());
    }

    /// Two indicators with errors of 2 and 1 on one scale: variances stand as 4 to 1.
    #[test]
    fn errors_share_the_variance_as_their_squares_do() {
        let framework = Framework::builder()
            .front("f", 1.0)
            .pillar("p", "f", 1.0)
            .pillar("q", "f", 1.0)
            .indicator(Indicator::new("a", "p").goalposts(-50.0, 50.0))
            .indicator(Indicator::new("b", "q").goalposts(-50.0, 50.0))
            .build()
            .expect("holds together");
        let mut panel =
            Panel::from_values(2, 1, 2, vec![1.0, 2.0, 3.0, -4.0]).expect("lengths agree");
        for place in 0..2 {
            panel.set_standard_error(place, 0, 0, 2.0).expect("inside");
            panel.set_standard_error(place, 0, 1, 1.0).expect("inside");
        }
        let question = Question {
            node: Node::Overall,
            month: 0,
            alternatives: Alternatives::default(),
            errors_by_pillar: true,
            design: Design { points: 4096, seed: 1 },
        };
        let found = sensitivity(&panel, &framework, &Method::default(), &question).expect("fits");
        assert_eq!(found.factors().len(), 2);
        for place in 0..2 {
            let total = |factor| found.total(factor, place, Quantity::Value).expect("varies");
            assert!((total(0) - 0.8).abs() < 0.03 && (total(1) - 0.2).abs() < 0.03);
            let interval = found.interval(place, Quantity::Value).expect("exists");
            let expected = 2.0 * 1.645 * 5_f64.sqrt() / 2.0;
            assert!((interval.high - interval.low - expected).abs() < 0.25);
        }
    }

    #[test]
    fn choices_that_change_nothing_have_no_influence() {
        let values = vec![1.0, 2.0, 3.0, 9.0, 4.0, 1.0];
        let panel = Panel::from_values(3, 1, 2, values).expect("lengths agree");
        let framework = Framework::single(vec![Indicator::new("a", ""), Indicator::new("b", "")])
            .expect("holds together");
        let question = Question {
            node: Node::Overall,
            month: 0,
            alternatives: Alternatives {
                normalisations: vec![Normalisation::MinMax, Normalisation::Rank],
                aggregations: vec![
                    Aggregation::Arithmetic,
                    Aggregation::Geometric,
                    Aggregation::Outranking,
                ],
                imputations: vec![crate::Imputation::None, crate::Imputation::LastValue],
                ..Alternatives::default()
            },
            errors_by_pillar: false,
            design: Design { points: 256, seed: 1 },
        };
        let found = sensitivity(&panel, &framework, &Method::default(), &question).expect("fits");
        let position = |wanted| found.factors().iter().position(|factor| *factor == wanted);
        let imputation = position(Factor::Imputation).expect("a factor");
        let aggregation = position(Factor::Aggregation).expect("a factor");
        assert!(position(Factor::Errors { pillar: None }).is_none());
        assert_eq!(found.total(imputation, 0, Quantity::Value), Some(0.0));
        assert!(found.mean_total(aggregation, Quantity::Value).expect("varies") > 0.1);
    }

    #[test]
    fn a_question_without_factors_is_refused() {
        let panel = Panel::from_values(2, 1, 1, vec![1.0, 2.0]).expect("lengths agree");
        let framework = Framework::single(vec![Indicator::new("a", "")]).expect("holds together");
        let mut question = Question {
            node: Node::Overall,
            month: 0,
            alternatives: Alternatives::default(),
            errors_by_pillar: false,
            design: Design::default(),
        };
        let ask =
            |question: &Question| sensitivity(&panel, &framework, &Method::default(), question);
        assert!(ask(&question).is_err_and(|error| error.is_setting()));
        question.month = 3;
        assert!(ask(&question).is_err_and(|error| error.is_shape()));
    }
}
