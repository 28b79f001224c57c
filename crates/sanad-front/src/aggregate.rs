//! From scores to nodes: evidence shares and indices of all cells, column by column.
//!
//! A column holds one number per cell (place · months + month). Nodes are computed one level after
//! the other, and inside a level each node adds up its members' columns: memory is read in order,
//! nothing is allocated per cell, and the processor adds several cells at once. Every cell's sum
//! still runs over its members in the framework's order, so that the bits do not depend on how
//! columns are shared among threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::fill::{Filled, IMPUTED, MISSING, columns_mut};
use crate::framework::{Framework, Group, Node};
use crate::method::Aggregation;
use crate::outrank::Duels;
use crate::recipe::{Recipe, Weights, score};

/// Every node's columns, one after the other.
pub(crate) struct CellColumns {
    /// Nodes × cells: indices; `NaN` where the evidence share is under the floor.
    pub(crate) values: Vec<f64>,
    /// Nodes × cells: share of the weight that has data.
    pub(crate) evidence: Vec<f64>,
    /// Nodes × cells: share of the weight that has data of the month itself.
    pub(crate) fresh: Vec<f64>,
}

impl CellColumns {
    /// Values, evidence shares and freshness of all nodes, from the bottom up: indicators into
    /// pillars, pillars into fronts, fronts into the whole.
    pub(crate) fn new(framework: &Framework, filled: &Filled, recipe: &Recipe) -> Self {
        let cells = filled.places * filled.months;
        let nodes = framework.nodes().len();
        let mut columns = Self {
            values: vec![0.0; nodes * cells],
            evidence: vec![0.0; nodes * cells],
            fresh: vec![0.0; nodes * cells],
        };
        let joiner = Joiner { framework, filled, recipe, cells };
        joiner.pillars(&mut columns);
        joiner.fronts(&mut columns);
        joiner.overall(&mut columns);
        if recipe.aggregation == Aggregation::Outranking {
            outrank_months(framework, filled, recipe, &mut columns);
        }
        columns
    }
}

/// Cells that are taken together: their sums stay in the processor's first cache.
const BLOCK: usize = 512;

/// The three columns of one node.
struct NodeColumns<'a> {
    values: &'a mut [f64],
    evidence: &'a mut [f64],
    fresh: &'a mut [f64],
}

impl NodeColumns<'_> {
    /// The part of some cells.
    fn block(&mut self, cells: &Range<usize>) -> NodeColumns<'_> {
        NodeColumns {
            values: &mut self.values[cells.clone()],
            evidence: &mut self.evidence[cells.clone()],
            fresh: &mut self.fresh[cells.clone()],
        }
    }
}

/// Running sums of a node over a block of cells.
struct BlockSums<'a> {
    /// Σ weight · score.
    scores: &'a mut [f64],
    /// Σ weight.
    weights: &'a mut [f64],
}

/// One weight for all cells, or one per cell.
#[derive(Clone, Copy)]
enum MemberWeight<'a> {
    Same(f64),
    PerCell(&'a [f64]),
}

/// Joins columns level by level.
struct Joiner<'a> {
    framework: &'a Framework,
    filled: &'a Filled,
    recipe: &'a Recipe,
    cells: usize,
}

impl Joiner<'_> {
    /// All pillars from the columns of their indicators.
    fn pillars(&self, columns: &mut CellColumns) {
        let months = self.filled.months as u32;
        let month_of: Vec<u32> = (0..self.filled.places).flat_map(|_| 0..months).collect();
        let pillars = self.framework.pillars();
        let CellColumns { values, evidence, fresh } = columns;
        let targets = self.targets(pillars.len(), values, evidence, fresh);
        targets.into_par_iter().zip(pillars).for_each(|(mut target, pillar)| {
            for cells in blocks(self.cells) {
                self.pillar(pillar, target.block(&cells), &cells, &month_of[cells.clone()]);
            }
        });
    }

    /// A block of one pillar: its evidence share is Σ w·[has data] / Σ w with declared weights w,
    /// the fresh share counts data of the month itself, and the index is the mean of the scores.
    fn pillar(
        &self,
        pillar: &Group,
        target: NodeColumns<'_>,
        cells: &Range<usize>,
        month_of: &[u32],
    ) {
        let has_data = |source: u32| !matches!(source, MISSING | IMPUTED);
        let declared = |&i: &usize| self.framework.indicators()[i].weight;
        let all: f64 = pillar.members.iter().map(declared).fold(0.0, |all, own| all + own);
        let (mut scores, mut weights) = ([0.0; BLOCK], [0.0; BLOCK]);
        let (scores, weights) = (&mut scores[..cells.len()], &mut weights[..cells.len()]);
        for i in &pillar.members {
            let first = i * self.cells;
            let sources = &self.filled.sources[first + cells.start..first + cells.end];
            let weight = declared(i);
            let shares = target.evidence.iter_mut().zip(target.fresh.iter_mut());
            for ((evidence, fresh), (&source, &month)) in shares.zip(sources.iter().zip(month_of)) {
                *evidence += weight * f64::from(u8::from(has_data(source)));
                *fresh += weight * f64::from(u8::from(source == month));
            }
            self.recipe.scales[*i].score_column(&self.filled.indicator(*i)[cells.clone()], scores);
            let sums = BlockSums { scores: target.values, weights };
            self.add(sums, self.indicator_weight(*i, cells), scores);
        }
        divide(target.evidence, all);
        divide(target.fresh, all);
        self.finish(target.values, weights, target.evidence);
    }

    /// The weight of an indicator in its pillar, which some ways of weighting set cell by cell.
    fn indicator_weight(&self, indicator: usize, cells: &Range<usize>) -> MemberWeight<'_> {
        match &*self.recipe.weights {
            Weights::Same(weights) => MemberWeight::Same(weights[indicator]),
            Weights::PerCell { weights, .. } => {
                let first = indicator * self.cells;
                MemberWeight::PerCell(&weights[first + cells.start..first + cells.end])
            }
        }
    }

    /// All fronts from the columns of their pillars.
    fn fronts(&self, columns: &mut CellColumns) {
        let (pillars, fronts) = (self.framework.pillars(), self.framework.fronts());
        let split = pillars.len() * self.cells;
        let (pillar_values, values) = columns.values.split_at_mut(split);
        let (pillar_evidence, evidence) = columns.evidence.split_at_mut(split);
        let (pillar_fresh, fresh) = columns.fresh.split_at_mut(split);
        let below = [&*pillar_values, &*pillar_evidence, &*pillar_fresh];
        let targets = self.targets(fronts.len(), values, evidence, fresh);
        targets.into_par_iter().zip(fronts).for_each(|(target, front)| {
            let members: Vec<(usize, f64)> =
                front.members.iter().map(|&p| (p, pillars[p].weight)).collect();
            self.upper(&members, below, target);
        });
    }

    /// The overall index from the columns of the fronts.
    fn overall(&self, columns: &mut CellColumns) {
        let (pillars, fronts) = (self.framework.pillars(), self.framework.fronts());
        let split = (pillars.len() + fronts.len()) * self.cells;
        let skip = pillars.len() * self.cells;
        let (values_below, values) = columns.values.split_at_mut(split);
        let (evidence_below, evidence) = columns.evidence.split_at_mut(split);
        let (fresh_below, fresh) = columns.fresh.split_at_mut(split);
        let below = [&values_below[skip..], &evidence_below[skip..], &fresh_below[skip..]];
        let members: Vec<(usize, f64)> =
            fronts.iter().enumerate().map(|(position, front)| (position, front.weight)).collect();
        self.upper(&members, below, NodeColumns { values, evidence, fresh });
    }

    /// A front or the whole from the level `below`: its values, evidence and fresh shares.
    fn upper(&self, members: &[(usize, f64)], below: [&[f64]; 3], mut target: NodeColumns<'_>) {
        let all: f64 = members.iter().fold(0.0, |all, (_, weight)| all + weight);
        let mut weights = [0.0; BLOCK];
        for cells in blocks(self.cells) {
            let target = target.block(&cells);
            let weights = &mut weights[..cells.len()];
            weights.fill(0.0);
            for &(member, weight) in members {
                let first = member * self.cells;
                let [values, evidence, fresh] =
                    below.map(|column| &column[first + cells.start..first + cells.end]);
                for (sums, shares) in [(&mut *target.evidence, evidence), (target.fresh, fresh)] {
                    sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += weight * share);
                }
                let sums = BlockSums { scores: target.values, weights };
                self.add(sums, MemberWeight::Same(weight), values);
            }
            divide(target.evidence, all);
            divide(target.fresh, all);
            self.finish(target.values, weights, target.evidence);
        }
    }

    /// Adds w·f(s) and w of one member, where it has a score s and a weight w above zero; f is the
    /// identity for the arithmetic mean and ln(1 + 0.99 · s) for the geometric one (OECD/JRC 2008,
    /// § 6.2).
    fn add(&self, sums: BlockSums<'_>, weight: MemberWeight<'_>, scores: &[f64]) {
        let sums = sums.scores.iter_mut().zip(sums.weights).zip(scores);
        match (self.recipe.aggregation, weight) {
            (_, MemberWeight::Same(weight)) if weight <= 0.0 => {}
            (Aggregation::Geometric, MemberWeight::Same(weight)) => {
                sums.for_each(|((sum, all), &score)| {
                    if !score.is_nan() {
                        *sum += weight * Aggregation::Geometric.transformed(score);
                        *all += weight;
                    }
                });
            }
            // Choices between two numbers instead of branches: gaps lie anywhere.
            (_, MemberWeight::Same(weight)) => sums.for_each(|((sum, all), &score)| {
                let is_gap = score.is_nan();
                *sum += if is_gap { 0.0 } else { weight * score };
                *all += if is_gap { 0.0 } else { weight };
            }),
            (aggregation, MemberWeight::PerCell(own)) => {
                sums.zip(own).for_each(|(((sum, all), &score), &weight)| {
                    if weight > 0.0 && !score.is_nan() {
                        *sum += weight * aggregation.transformed(score);
                        *all += weight;
                    }
                });
            }
        }
    }

    /// Turns sums into f⁻¹(Σ w·f(s) / Σ w) where there is enough evidence.
    fn finish(&self, values: &mut [f64], weights: &[f64], evidence: &[f64]) {
        let (floor, aggregation) = (self.recipe.evidence_floor, self.recipe.aggregation);
        for ((value, weight), &share) in values.iter_mut().zip(weights).zip(evidence) {
            // 0 / 0 is `NaN`: no index of nothing.
            let mean = aggregation.restored(*value / weight);
            *value = if enough(share, floor) { mean } else { f64::NAN };
        }
    }

    /// The columns of a level's nodes, to be written.
    fn targets<'m>(
        &self,
        nodes: usize,
        values: &'m mut [f64],
        evidence: &'m mut [f64],
        fresh: &'m mut [f64],
    ) -> Vec<NodeColumns<'m>> {
        let evidence = columns_mut(evidence, self.cells, nodes);
        let fresh = columns_mut(fresh, self.cells, nodes);
        columns_mut(values, self.cells, nodes)
            .into_iter()
            .zip(evidence.into_iter().zip(fresh))
            .map(|(values, (evidence, fresh))| NodeColumns { values, evidence, fresh })
            .collect()
    }
}

/// All cells in order, a block at a time.
fn blocks(cells: usize) -> impl Iterator<Item = Range<usize>> {
    (0..cells).step_by(BLOCK).map(move |start| start..cells.min(start + BLOCK))
}

/// Weighted sums of shares into shares.
fn divide(sums: &mut [f64], weights: f64) {
    sums.iter_mut().for_each(|sum| *sum = (*sum / weights).clamp(0.0, 1.0));
}

/// Replaces the values of each month by Copeland's scores of the places that have enough evidence.
fn outrank_months(
    framework: &Framework,
    filled: &Filled,
    recipe: &Recipe,
    columns: &mut CellColumns,
) {
    let (places, months) = (filled.places, filled.months);
    let weights = duel_weights(framework, recipe);
    for month in 0..months {
        for (position, node) in framework.nodes().into_iter().enumerate() {
            let grid = filled.grid();
            let index = |column: usize, place: usize| grid.cell_of(column, place, month);
            let values = outrank(
                framework,
                node,
                &weights,
                places,
                |place| enough(columns.evidence[index(position, place)], recipe.evidence_floor),
                |place, i| score(filled, &recipe.scales, place, month, i),
            );
            for (place, value) in values.into_iter().enumerate() {
                columns.values[index(position, place)] = value;
            }
        }
    }
}

/// Weights that are the same for all places: those that differ from place to place cannot judge
/// a duel, and there the declared ones do.
pub(crate) fn duel_weights(framework: &Framework, recipe: &Recipe) -> LevelWeights {
    let mut weights = LevelWeights::new(framework, recipe, 0, 0);
    if let Weights::PerCell { .. } = *recipe.weights {
        weights.indicators = framework.indicators().iter().map(|i| i.weight).collect();
    }
    weights
}

/// Copeland's scores of the places that are `judged` on the indicators under `node`, each with
/// the product of its weights on the way up; `NaN` for the other places. OECD/JRC (2008), § 6.2.
pub(crate) fn outrank(
    framework: &Framework,
    node: Node,
    weights: &LevelWeights,
    places: usize,
    judged: impl Fn(usize) -> bool,
    score: impl Fn(usize, usize) -> f64,
) -> Vec<f64> {
    let members = framework.indicators_under(node);
    let judged: Vec<usize> = (0..places).filter(|&place| judged(place)).collect();
    let scores: Vec<f64> = judged
        .iter()
        .flat_map(|&place| members.iter().map(move |&i| (place, i)))
        .map(|(place, i)| score(place, i))
        .collect();
    let paths: Vec<f64> = members.iter().map(|&i| path_weight(framework, i, weights)).collect();
    let mut values = vec![f64::NAN; places];
    if let Ok(duels) = Duels::new(&scores, &paths) {
        for (place, value) in judged.into_iter().zip(duels.copeland()) {
            values[place] = value;
        }
    }
    values
}

/// The product of an indicator's shares of weight in its pillar, its front and the whole.
fn path_weight(framework: &Framework, indicator: usize, weights: &LevelWeights) -> f64 {
    let above = |groups: &[Group], member: usize| {
        groups.iter().position(|group| group.members.contains(&member)).unwrap_or(0)
    };
    let part = |own: usize, siblings: &[usize], level: &[f64]| {
        let all: f64 = siblings.iter().map(|&sibling| level[sibling]).sum();
        if all > 0.0 { level[own] / all } else { 0.0 }
    };
    let pillar = above(framework.pillars(), indicator);
    let front = above(framework.fronts(), pillar);
    let fronts: Vec<usize> = (0..framework.fronts().len()).collect();
    part(indicator, &framework.pillars()[pillar].members, &weights.indicators)
        * part(pillar, &framework.fronts()[front].members, &weights.pillars)
        * part(front, &fronts, &weights.fronts)
}

/// Per node, the declared weight of the indicators that have data (`has`) over all declared weight.
pub(crate) fn shares(framework: &Framework, has: impl Fn(usize) -> bool) -> Vec<f64> {
    let indicators = framework.indicators();
    let mut shares: Vec<f64> = framework
        .pillars()
        .iter()
        .map(|pillar| {
            let members = pillar.members.iter();
            share(members.map(|&i| (indicators[i].weight, f64::from(u8::from(has(i))))))
        })
        .collect();
    let pillars = framework.pillars();
    for front in framework.fronts() {
        let of_pillars: Vec<(f64, f64)> =
            front.members.iter().map(|&p| (pillars[p].weight, shares[p])).collect();
        shares.push(share(of_pillars.into_iter()));
    }
    let fronts = framework.fronts().iter().zip(&shares[pillars.len()..]);
    let overall = share(fronts.map(|(front, &share)| (front.weight, share)));
    shares.push(overall);
    shares
}

/// Σ weight · share / Σ weight.
fn share(parts: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (part, all) = parts
        .fold((0.0, 0.0), |(part, all), (weight, share)| (part + weight * share, all + weight));
    (part / all).clamp(0.0, 1.0)
}

/// Whether a share reaches the floor; 1e-12 forgives what the shares' sums round away.
pub(crate) fn enough(share: f64, floor: f64) -> bool {
    share + 1e-12 >= floor
}

/// Weights of the members of every level among their siblings.
#[derive(Debug, Clone)]
pub(crate) struct LevelWeights {
    pub(crate) indicators: Vec<f64>,
    pub(crate) pillars: Vec<f64>,
    pub(crate) fronts: Vec<f64>,
}

impl LevelWeights {
    /// Declared weights of pillars and fronts over the recipe's weights of indicators.
    pub(crate) fn new(framework: &Framework, recipe: &Recipe, place: usize, month: usize) -> Self {
        let indicators = 0..framework.indicators().len();
        Self {
            indicators: indicators.map(|i| recipe.weights.of(place, month, i)).collect(),
            pillars: framework.pillars().iter().map(|pillar| pillar.weight).collect(),
            fronts: framework.fronts().iter().map(|front| front.weight).collect(),
        }
    }

    /// Multiplied, level by level.
    pub(crate) fn times(mut self, factors: Option<&Self>) -> Self {
        if let Some(factors) = factors {
            let levels = [&mut self.indicators, &mut self.pillars, &mut self.fronts];
            let by = [&factors.indicators, &factors.pillars, &factors.fronts];
            for (weights, factors) in levels.into_iter().zip(by) {
                weights.iter_mut().zip(factors).for_each(|(weight, factor)| *weight *= factor);
            }
        }
        self
    }
}
