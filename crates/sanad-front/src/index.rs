//! The index of every node, its evidence share, and what it is made of.

use sanad_numbers::PlaceMonthGrid;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::aggregate::CellColumns;
use crate::error::Result;
use crate::fill::{Filled, IMPUTED, MISSING, ValueColumn};
use crate::framework::{Framework, Node};
use crate::method::{Aggregation, Method};
use crate::normalise::Scale;
use crate::panel::Panel;
use crate::recipe::{Fits, Recipe, Weights};

/// Where the value behind a score comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// There is none.
    Missing,
    /// Observed in this month.
    Observed,
    /// Observed so many months ago and carried forward.
    Carried {
        /// Age in months, ≥ 1.
        age_months: u32,
    },
    /// Estimated from the other indicators; does not count as evidence.
    Imputed,
}

/// What one indicator adds to an index.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// Position of the indicator in the framework.
    pub indicator: usize,
    /// Its score, 0–100.
    pub score: f64,
    /// Its weight in the node after gaps, in [0, 1]; weights of a node sum to 1.
    pub weight: f64,
    /// Index points; the amounts of a node sum to its index.
    pub amount: f64,
}

/// What one indicator did to an index between two months.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Position of the indicator in the framework.
    pub indicator: usize,
    /// Index points because its score moved.
    pub by_score: f64,
    /// Index points because its weight moved: data appeared or vanished, here or elsewhere.
    pub by_coverage: f64,
}

/// Indices and evidence of all nodes, places and months.
#[derive(Debug, Clone)]
pub struct Index {
    framework: Framework,
    places: usize,
    months: usize,
    aggregation: Aggregation,
    /// Nodes × places × months.
    values: Vec<f64>,
    evidence: Vec<f64>,
    fresh: Vec<f64>,
    /// Values and scales of the indicators, of which scores are made when they are asked for.
    columns: Arc<Vec<ValueColumn>>,
    scales: Arc<Vec<Scale>>,
    /// Weights of indicators inside their pillars.
    weights: Arc<Weights>,
    /// Indicators × places × months: the month of observation, `MISSING` or `IMPUTED`.
    sources: Arc<Vec<u32>>,
}

/// Computes the index of every pillar, front and overall, for every place and month.
///
/// # Index
/// Scores on 0–100 are joined with their weights into pillars, pillars into fronts, fronts into
/// the overall index; gaps leave their weight to the siblings that have data. A node has no index
/// where its evidence share is under the method's floor, and then does not enter its parent.
///
/// # Errors
/// A panel whose indicators are not the framework's; a setting outside its range; values that do
/// not allow the weighting asked for.
///
/// ```
/// use sanad_front::{Framework, Indicator, Method, Node, Panel, index};
///
/// let framework = Framework::single(vec![Indicator::new("a", ""), Indicator::new("b", "")])?;
/// let values = vec![0.0, 5.0, 10.0, /* b: */ 2.0, 4.0, f64::NAN];
/// let index = index(&Panel::from_values(3, 1, 2, values)?, &framework, &Method::default())?;
/// assert_eq!(index.value(Node::Overall, 1, 0), Some(75.0));
/// assert_eq!(index.evidence_share(Node::Overall, 2, 0), 0.5);
/// let parts: f64 = index.contributions(Node::Overall, 1, 0).iter().map(|c| c.amount).sum();
/// assert_eq!(parts, 75.0);
/// # Ok::<(), sanad_front::Error>(())
/// ```
pub fn index(panel: &Panel, framework: &Framework, method: &Method) -> Result<Index> {
    let (filled, recipe) = Fits::new(panel, framework)?.recipe(method)?;
    Ok(Index::new(framework, &filled, &recipe))
}

impl Index {
    /// The index of every node, place and month under one recipe.
    pub(crate) fn new(framework: &Framework, filled: &Filled, recipe: &Recipe) -> Self {
        let CellColumns { values, evidence, fresh } = CellColumns::new(framework, filled, recipe);
        Self {
            framework: framework.clone(),
            places: filled.places,
            months: filled.months,
            aggregation: recipe.aggregation,
            values,
            evidence,
            fresh,
            columns: Arc::clone(&filled.columns),
            scales: Arc::clone(&recipe.scales),
            weights: Arc::clone(&recipe.weights),
            sources: Arc::clone(&filled.sources),
        }
    }

    /// The framework the index was computed on.
    #[must_use]
    pub fn framework(&self) -> &Framework {
        &self.framework
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

    /// The index on 0–100; `None` where the evidence share is under the floor.
    ///
    /// # Panics
    /// A place or month outside the index, here and in the functions below.
    #[must_use]
    pub fn value(&self, node: Node, place: usize, month: usize) -> Option<f64> {
        Some(self.values[self.node_index(node, place, month)]).filter(|value| !value.is_nan())
    }

    /// Declared weight of the indicators with data (observed now, or carried within their age
    /// limit) over all declared weight, in [0, 1].
    #[must_use]
    pub fn evidence_share(&self, node: Node, place: usize, month: usize) -> f64 {
        self.evidence[self.node_index(node, place, month)]
    }

    /// As [`Self::evidence_share`], counting only what was observed in this very month.
    #[must_use]
    pub fn fresh_share(&self, node: Node, place: usize, month: usize) -> f64 {
        self.fresh[self.node_index(node, place, month)]
    }

    /// The score of one indicator on 0–100, larger always meaning a larger index.
    #[must_use]
    pub fn score(&self, place: usize, month: usize, indicator: usize) -> Option<f64> {
        Some(self.score_or_nan(place, month, indicator)).filter(|score| !score.is_nan())
    }

    /// The score of one indicator, not a number where it has no value.
    fn score_or_nan(&self, place: usize, month: usize, indicator: usize) -> f64 {
        let value = self.columns[indicator].as_slice()[self.index(0, place, month)];
        if value.is_nan() { value } else { self.scales[indicator].score(value) }
    }

    /// Where the value of one indicator comes from.
    #[must_use]
    pub fn origin(&self, place: usize, month: usize, indicator: usize) -> Origin {
        match self.sources[self.index(indicator, place, month)] {
            MISSING => Origin::Missing,
            IMPUTED => Origin::Imputed,
            source if source as usize == month => Origin::Observed,
            source => Origin::Carried { age_months: month as u32 - source },
        }
    }

    /// What each indicator adds to the index; the amounts sum to it. Empty where there is no
    /// index, and for [`Aggregation::Outranking`], whose scores have no such parts.
    ///
    /// Under the geometric mean an indicator's amount is its share of the weighted logarithms, so
    /// that zero stays zero and all amounts are ≥ 0.
    #[must_use]
    pub fn contributions(&self, node: Node, place: usize, month: usize) -> Vec<Contribution> {
        let Some(value) = self.value(node, place, month) else {
            return Vec::new();
        };
        let lift = self.aggregation.transformed(value);
        self.effective_weights(node, place, month)
            .into_iter()
            .map(|(indicator, weight)| {
                let score = self.score_or_nan(place, month, indicator);
                let part = weight * self.aggregation.transformed(score);
                let amount = if lift == 0.0 { 0.0 } else { value * part / lift };
                Contribution { indicator, score, weight, amount }
            })
            .collect()
    }

    /// What moved the index from month `from` to month `to`, per indicator; all parts sum to the
    /// change. Empty where either month has no index.
    ///
    /// A moved score counts with the mean of its two weights; a moved weight counts with how far
    /// the score stands from the index, so that a vanished indicator that scored like the others
    /// changes nothing. Under the geometric mean this is done on logarithms and brought back with
    /// the logarithmic mean (Ang 2004, "Decomposition analysis for policymaking in energy").
    #[must_use]
    pub fn change(&self, node: Node, place: usize, from: usize, to: usize) -> Vec<Change> {
        let (Some(before), Some(after)) =
            (self.value(node, place, from), self.value(node, place, to))
        else {
            return Vec::new();
        };
        let weights =
            [from, to].map(|month| dense(&self.effective_weights(node, place, month), self));
        let lift = |value: f64| self.aggregation.transformed(value);
        let scale = self.logarithmic_mean(before, after);
        let level = (lift(before) + lift(after)) / 2.0;
        (0..self.framework.indicators().len())
            .filter(|&i| weights[0][i] > 0.0 || weights[1][i] > 0.0)
            .map(|indicator| {
                let [earlier, later] = self.transformed_pair(indicator, place, [from, to]);
                let [old, new] = [weights[0][indicator], weights[1][indicator]];
                Change {
                    indicator,
                    by_score: scale * (old + new) / 2.0 * (later - earlier),
                    by_coverage: scale * (new - old) * ((later + earlier) / 2.0 - level),
                }
            })
            .collect()
    }

    /// Index points per unit of the aggregation's own scale between two values.
    fn logarithmic_mean(&self, before: f64, after: f64) -> f64 {
        let (a, b) = (self.aggregation.transformed(before), self.aggregation.transformed(after));
        match self.aggregation {
            Aggregation::Geometric if (a - b).abs() < 1e-9 => ((a + b) / 2.0).exp() / 0.99,
            Aggregation::Geometric => (after - before) / (b - a),
            _ => 1.0,
        }
    }

    /// Scores in two months on the scale of the mean; a gap takes the other month's.
    fn transformed_pair(&self, indicator: usize, place: usize, months: [usize; 2]) -> [f64; 2] {
        let scores = months.map(|month| self.score_or_nan(place, month, indicator));
        let or = |score: f64, other: f64| if score.is_nan() { other } else { score };
        [or(scores[0], scores[1]), or(scores[1], scores[0])]
            .map(|score| self.aggregation.transformed(score))
    }

    /// Weight of each indicator in the node after gaps; sums to 1.
    fn effective_weights(&self, node: Node, place: usize, month: usize) -> Vec<(usize, f64)> {
        if self.aggregation == Aggregation::Outranking {
            return Vec::new();
        }
        match node {
            Node::Pillar(pillar) => {
                let members = self.framework.pillars()[pillar].members.iter();
                let known = members.filter(|&&i| !self.score_or_nan(place, month, i).is_nan());
                normalised(known.map(|&i| (vec![(i, 1.0)], self.weights.of(place, month, i))))
            }
            Node::Front(front) => {
                let pillars = self.framework.pillars();
                let members = self.framework.fronts()[front].members.iter();
                normalised(
                    members.filter_map(|&p| {
                        self.below(Node::Pillar(p), pillars[p].weight, place, month)
                    }),
                )
            }
            Node::Overall => {
                let fronts = self.framework.fronts().iter().enumerate();
                normalised(fronts.filter_map(|(f, front)| {
                    self.below(Node::Front(f), front.weight, place, month)
                }))
            }
        }
    }

    /// The weights of the indicators below a node that has a value, with the node's own weight.
    fn below(
        &self,
        node: Node,
        weight: f64,
        place: usize,
        month: usize,
    ) -> Option<(Vec<(usize, f64)>, f64)> {
        self.value(node, place, month)?;
        Some((self.effective_weights(node, place, month), weight))
    }

    /// Position of a node's cell.
    fn node_index(&self, node: Node, place: usize, month: usize) -> usize {
        self.index(self.framework.position(node), place, month)
    }

    /// Position of a cell in the array of nodes × places × months; with `first` 0 also that in an
    /// array of places × months.
    fn index(&self, first: usize, place: usize, month: usize) -> usize {
        assert!(place < self.places && month < self.months, "place or month outside the index");
        PlaceMonthGrid { places: self.places, months: self.months }.cell_of(first, place, month)
    }
}

/// Weights as one number per indicator, zero for those not named.
fn dense(weights: &[(usize, f64)], index: &Index) -> Vec<f64> {
    let mut dense = vec![0.0; index.framework.indicators().len()];
    weights.iter().for_each(|&(indicator, weight)| dense[indicator] = weight);
    dense
}

/// The weights of several members as shares that add up to one, members without weight left out.
fn normalised(members: impl Iterator<Item = (Vec<(usize, f64)>, f64)>) -> Vec<(usize, f64)> {
    let members: Vec<(Vec<(usize, f64)>, f64)> = members.filter(|(_, w)| *w > 0.0).collect();
    let total: f64 = members.iter().map(|(_, weight)| weight).sum();
    members
        .into_iter()
        .flat_map(|(parts, weight)| {
            parts.into_iter().map(move |(indicator, part)| (indicator, part * weight / total))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Indicator;

    const GAP: f64 = f64::NAN;

    fn two_pillars() -> Framework {
        Framework::builder()
            .front("front", 1.0)
            .pillar("p", "front", 3.0)
            .pillar("q", "front", 1.0)
            .indicator(Indicator::new("a", "p").weight(2.0))
            .indicator(Indicator::new("b", "p"))
            .indicator(Indicator::new("c", "q"))
            .build()
            .expect("holds together")
    }

    fn panel() -> Panel {
        let a = [0.0, 6.0, 10.0, 10.0];
        let b = [0.0, GAP, 10.0, 3.0];
        let c = [GAP, 5.0, 0.0, 10.0];
        Panel::from_values(2, 2, 3, [a, b, c].concat()).expect("lengths agree")
    }

    fn method(aggregation: Aggregation) -> Method {
        Method { aggregation, ..Method::default() }
    }

    #[test]
    fn gaps_leave_their_weight_to_siblings_and_lower_the_evidence() {
        let index =
            index(&panel(), &two_pillars(), &method(Aggregation::Arithmetic)).expect("fits");
        assert_eq!(index.value(Node::Pillar(0), 0, 1), Some(60.0));
        assert!((index.evidence_share(Node::Pillar(0), 0, 1) - 2.0 / 3.0).abs() < 1e-15);
        assert_eq!(index.value(Node::Pillar(1), 0, 0), None);
        assert_eq!(index.evidence_share(Node::Front(0), 0, 0), 0.75);
        assert_eq!(index.value(Node::Front(0), 0, 1), Some((3.0 * 60.0 + 50.0) / 4.0));
    }

    #[test]
    fn changes_add_up_when_coverage_moves_too() {
        for aggregation in [Aggregation::Arithmetic, Aggregation::Geometric] {
            let index = index(&panel(), &two_pillars(), &method(aggregation)).expect("fits");
            for place in 0..2 {
                let value = |month| index.value(Node::Overall, place, month).expect("evidence");
                let parts: f64 = index
                    .change(Node::Overall, place, 0, 1)
                    .iter()
                    .map(|part| part.by_score + part.by_coverage)
                    .sum();
                assert!((parts - (value(1) - value(0))).abs() < 1e-9, "{aggregation:?} {place}");
            }
        }
    }

    #[test]
    fn the_geometric_mean_of_zero_and_hundred_is_far_below_fifty() {
        let index = index(&panel(), &two_pillars(), &method(Aggregation::Geometric)).expect("fits");
        let value = index.value(Node::Front(0), 1, 0).expect("evidence");
        let expected = (100_f64.powf(0.75) - 1.0) / 0.99;
        assert!((value - expected).abs() < 1e-9, "{value}");
    }
}
