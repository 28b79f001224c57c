//! The inner loop of the Monte-Carlo run: one place, month after month, all draws at a time.
//!
//! Draws are single-precision deviations from the reported value. Standard normal numbers come
//! from a [`Pool`] that all observations read at places of their own.

use std::ops::Range;

use rand_distr::{Distribution, StandardNormal};
use sanad_core::random::Streams;

use crate::fast;
use crate::fill::{Filled, IMPUTED, MISSING};
use crate::framework::Direction;
use crate::index::{enough, shares};
use crate::interval::{Plan, Segment};
use crate::method::Aggregation;
use crate::quantile::Selector;
use crate::sample::{self, Observation, place_key};

/// Normal numbers drawn once and read from many starting places.
///
/// An observation's draws are a run of the pool that starts where its own counter-based stream
/// says. Starts of different indicators, and of their different purposes, never coincide, so in
/// any one draw of any one cell all numbers come from different spots of the pool and are
/// independent; runs that overlap with a lag repeat a number in different draws only.
pub(crate) struct Pool {
    numbers: Vec<f32>,
    starts: Streams,
    classes: usize,
    slots: usize,
    draws: usize,
}

/// What a run of normal numbers is for.
#[derive(Clone, Copy)]
enum Purpose {
    Error = 0,
    Ageing = 1,
    Imputation = 2,
}

const POOL_SIZE: usize = 1 << 16;

impl Pool {
    pub(crate) fn new(seed: u64, draws: usize, indicators: usize) -> Self {
        let mut stream = Streams::new(seed, "pool").at(0, 0, 0);
        let mut numbers: Vec<f64> =
            (0..POOL_SIZE).map(|_| StandardNormal.sample(&mut stream)).collect();
        // Mean 0 and variance 1 to the last digit: the pool's own luck must not shift intervals.
        let centre = sanad_numbers::mean(&numbers);
        let spread = sanad_numbers::variance(&numbers).sqrt();
        numbers.iter_mut().for_each(|number| *number = (*number - centre) / spread);
        let mut numbers: Vec<f32> = numbers.into_iter().map(|number| number as f32).collect();
        // The beginning once more at the end, so that every run is one slice.
        (0..draws).for_each(|k| numbers.push(numbers[k]));
        let classes = 3 * indicators + 1;
        let slots = (POOL_SIZE / classes).max(1);
        Self { numbers, starts: Streams::new(seed, "pool starts"), classes, slots, draws }
    }

    fn start(&self, place: u32, month: u32, indicator: usize, purpose: Purpose) -> usize {
        let class = 3 * indicator + purpose as usize;
        let word = self.starts.at(place, month, class as u32).word() as usize;
        (word % self.slots * self.classes + class) % POOL_SIZE
    }

    /// The run that all indicators of a place share.
    fn common_start(&self, place: usize) -> usize {
        let class = self.classes - 1;
        let word = self.starts.at(place as u32, 0, class as u32).word() as usize;
        (word % self.slots * self.classes + class) % POOL_SIZE
    }

    /// One number picked by a key, for draws that are taken one at a time: the key is mixed
    /// (finaliser of SplitMix64, Steele et al. 2014) into a spot of the pool.
    pub(crate) fn pick(&self, key: u64) -> f64 {
        let mixed = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(self.numbers[(mixed ^ (mixed >> 31)) as usize % POOL_SIZE])
    }

    fn run(&self, start: usize, draws: &Range<usize>) -> &[f32] {
        debug_assert!(draws.end <= self.draws);
        &self.numbers[start + draws.start..start + draws.end]
    }
}

/// The error of one indicator's current observation at one place.
#[derive(Clone)]
struct Sample {
    source: u32,
    error: ErrorOf,
    /// Where ageing is read from.
    ageing_start: usize,
}

#[derive(Clone)]
enum ErrorOf {
    Exact,
    Normal { standard_error: f64, start: usize },
    Drawn(Vec<f32>),
}

/// Scores of one indicator in one cell over one segment.
enum Scores {
    Missing,
    Constant(f64),
    /// In the walk's `scores`.
    Drawn,
}

/// One place, month after month; all buffers are reused.
pub(crate) struct Walk<'a> {
    plan: &'a Plan<'a>,
    place: usize,
    samples: Vec<Sample>,
    common_start: usize,
    scores: Vec<f32>,
    pulled: Vec<f32>,
    weight_sums: Vec<f32>,
    /// Nodes × draws.
    nodes: Vec<f32>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(plan: &'a Plan<'a>, place: usize) -> Self {
        let blank = Sample { source: MISSING, error: ErrorOf::Exact, ageing_start: 0 };
        let draws = plan.draws;
        Self {
            plan,
            place,
            samples: vec![blank; plan.panel.indicators()],
            common_start: plan.pool.common_start(place),
            scores: vec![0.0; draws],
            pulled: vec![0.0; draws],
            weight_sums: vec![0.0; draws],
            nodes: vec![0.0; draws * plan.framework.nodes().len()],
        }
    }

    /// Quantiles of all nodes and months of the place, nodes × months.
    pub(crate) fn run(mut self) -> Vec<[f32; 3]> {
        let plan = self.plan;
        let (months, nodes) = (plan.panel.months(), plan.framework.nodes().len());
        let mut quantiles = vec![[f32::NAN; 3]; months * nodes];
        let mut selector = Selector::new();
        for month in 0..months {
            for segment in &plan.segments {
                self.segment(segment, month);
            }
            for node in 0..nodes {
                let draws = &self.nodes[node * plan.draws..(node + 1) * plan.draws];
                quantiles[node * months + month] = selector.central(draws, plan.tail);
            }
        }
        quantiles
    }

    /// Fills the segment's part of every node's draws for one month.
    fn segment(&mut self, segment: &Segment, month: usize) {
        let framework = self.plan.framework;
        let source = |i: usize| segment.filled.sources[segment.filled.at(self.place, month, i)];
        let evidence = shares(framework, |i| !matches!(source(i), MISSING | IMPUTED));
        let enough = |node: usize| enough(evidence[node], segment.recipe.evidence_floor);
        let (pillars, fronts) = (framework.pillars(), framework.fronts());
        for (node, pillar) in pillars.iter().enumerate() {
            if enough(node) {
                self.pillar(segment, month, node, &pillar.members);
            } else {
                self.blank(node, &segment.draws);
            }
        }
        for (at, front) in fronts.iter().enumerate() {
            let node = pillars.len() + at;
            let members = front.members.iter().map(|&p| (p, pillars[p].weight));
            self.above(segment, node, (1, 0), members, enough(node));
        }
        let node = pillars.len() + fronts.len();
        let members = fronts.iter().enumerate().map(|(at, front)| (at, front.weight));
        self.above(segment, node, (2, pillars.len()), members, enough(node));
    }

    fn blank(&mut self, node: usize, draws: &Range<usize>) {
        let start = node * self.plan.draws;
        self.nodes[start + draws.start..start + draws.end].fill(f32::NAN);
    }

    fn pillar(&mut self, segment: &Segment, month: usize, node: usize, members: &[usize]) {
        let draws = segment.draws.clone();
        let start = node * self.plan.draws;
        let span = start + draws.start..start + draws.end;
        self.nodes[span.clone()].fill(0.0);
        self.weight_sums[draws.clone()].fill(0.0);
        let mut fixed = 0.0;
        for &indicator in members {
            let weight = segment.recipe.weights.of(self.place, month, indicator);
            if weight == 0.0 {
                continue;
            }
            if let Some((start, line)) = self.straight(segment, month, indicator) {
                let plan = self.plan;
                let multiplier = plan.multiplier(0, indicator, &draws);
                let run = plan.pool.run(start, &draws);
                let sums = (&mut self.nodes[span.clone()], &mut self.weight_sums[draws.clone()]);
                match segment.recipe.aggregation {
                    Aggregation::Geometric => {
                        add_straight(sums, run, line, weight, multiplier, fast::lifted);
                    }
                    _ => add_straight(sums, run, line, weight, multiplier, |score| score),
                }
                fixed += weight;
                continue;
            }
            match self.score(segment, month, indicator) {
                Scores::Missing => continue,
                Scores::Constant(score) => self.scores[draws.clone()].fill(score as f32),
                Scores::Drawn => {}
            }
            let scores = &mut self.scores[draws.clone()];
            if segment.recipe.aggregation == Aggregation::Geometric {
                fast::lift(scores);
            }
            let sums = &mut self.nodes[span.clone()];
            let multiplier = self.plan.multiplier(0, indicator, &draws);
            add(sums, &mut self.weight_sums[draws.clone()], scores, weight, multiplier);
            fixed += weight;
        }
        self.settle(segment, node, fixed);
    }

    /// A front or the overall index from nodes `offset + member` of `level`.
    fn above(
        &mut self,
        segment: &Segment,
        node: usize,
        (level, offset): (usize, usize),
        members: impl Iterator<Item = (usize, f64)>,
        enough: bool,
    ) {
        let draws = segment.draws.clone();
        if !enough {
            return self.blank(node, &draws);
        }
        let all = self.plan.draws;
        let (below, this) = self.nodes.split_at_mut(node * all);
        let sums = &mut this[draws.clone()];
        sums.fill(0.0);
        self.weight_sums[draws.clone()].fill(0.0);
        let mut fixed = 0.0;
        for (member, weight) in members {
            let start = (offset + member) * all;
            let values = &below[start + draws.start..start + draws.end];
            if weight == 0.0 || values.first().is_none_or(|value| value.is_nan()) {
                continue;
            }
            let scores = &mut self.scores[draws.clone()];
            scores.copy_from_slice(values);
            if segment.recipe.aggregation == Aggregation::Geometric {
                fast::lift(scores);
            }
            let multiplier = self.plan.multiplier(level, member, &draws);
            add(sums, &mut self.weight_sums[draws.clone()], scores, weight, multiplier);
            fixed += weight;
        }
        self.settle(segment, node, fixed);
    }

    /// Sums over weights, back on the scale of scores; no members means no index.
    fn settle(&mut self, segment: &Segment, node: usize, fixed: f64) {
        let draws = segment.draws.clone();
        if fixed == 0.0 {
            return self.blank(node, &draws);
        }
        let start = node * self.plan.draws;
        let sums = &mut self.nodes[start + draws.start..start + draws.end];
        if self.plan.multiplier(0, 0, &draws).is_some() {
            let weights = &self.weight_sums[draws];
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum /= weight);
        } else {
            let share = (1.0 / fixed) as f32;
            sums.iter_mut().for_each(|sum| *sum *= share);
        }
        if segment.recipe.aggregation == Aggregation::Geometric {
            fast::settle(sums);
        }
    }

    /// Where the draws of a fresh value with a normal error are read, and the line that turns them
    /// into scores; `None` where it takes more than that.
    fn straight(
        &mut self,
        segment: &Segment,
        month: usize,
        indicator: usize,
    ) -> Option<(usize, [f32; 2])> {
        let filled = &segment.filled;
        let at = filled.at(self.place, month, indicator);
        let source = filled.sources[at];
        if source == MISSING || source == IMPUTED {
            return None;
        }
        let age = f64::from(month as u32 - source);
        if age * filled.drift[indicator] > 0.0 {
            return None;
        }
        let (middle, slope) = segment.recipe.scales[indicator].straight_at(filled.values[at])?;
        self.look(filled, indicator, source);
        match &self.samples[indicator].error {
            ErrorOf::Normal { standard_error, start } => {
                Some((*start, [middle as f32, (slope * standard_error) as f32]))
            }
            _ => None,
        }
    }

    fn score(&mut self, segment: &Segment, month: usize, indicator: usize) -> Scores {
        let filled = &segment.filled;
        let at = filled.at(self.place, month, indicator);
        let value = filled.values[at];
        let scale = &segment.recipe.scales[indicator];
        let draws = segment.draws.clone();
        match filled.sources[at] {
            MISSING => return Scores::Missing,
            IMPUTED => self.imputed(filled, month, indicator, &draws),
            source => {
                if !self.observed(filled, month, indicator, source, &draws) {
                    return Scores::Constant(scale.score(value));
                }
            }
        }
        scale.scores_around(value, &mut self.scores[draws]);
        Scores::Drawn
    }

    /// Writes into `scores` how far the draws of an observed or carried value lie from it; false
    /// where it is exact, and nothing is written. A part of the spread with age goes together
    /// with the place's other indicators.
    fn observed(
        &mut self,
        filled: &Filled,
        month: usize,
        indicator: usize,
        source: u32,
        draws: &Range<usize>,
    ) -> bool {
        let age = month as u32 - source;
        let spread = (f64::from(age) * filled.drift[indicator]).sqrt();
        self.look(filled, indicator, source);
        let (plan, sample) = (self.plan, &self.samples[indicator]);
        let scores = &mut self.scores[draws.clone()];
        match &sample.error {
            ErrorOf::Exact if spread == 0.0 => return false,
            ErrorOf::Exact => scores.fill(0.0),
            ErrorOf::Normal { standard_error, start } => {
                set_scaled(scores, plan.pool.run(*start, draws), *standard_error);
            }
            ErrorOf::Drawn(deviations) => scores.copy_from_slice(&deviations[draws.clone()]),
        }
        if spread > 0.0 {
            let rising = plan.framework.indicators()[indicator].direction;
            let sign = if rising == Direction::Positive { 1.0 } else { -1.0 };
            let common = filled.common_drift;
            let own = plan.pool.run(sample.ageing_start, draws);
            add_scaled(scores, own, spread * (1.0 - common).sqrt());
            let shared = plan.pool.run(self.common_start, draws);
            add_scaled(scores, shared, sign * spread * common.sqrt());
        }
        true
    }

    /// Makes sure that the indicator's sample is that of the observation of month `source`.
    fn look(&mut self, filled: &Filled, indicator: usize, source: u32) {
        if self.samples[indicator].source == source {
            return;
        }
        let (plan, place, month) = (self.plan, self.place, source as usize);
        let spec = &plan.framework.indicators()[indicator];
        let observation = Observation::new(plan.panel, spec, place, month, indicator);
        let key = place_key(spec, place);
        let start = |purpose| plan.pool.start(key, source, indicator, purpose);
        let error = match observation.normal_error(spec.transform) {
            _ if observation.is_exact() => ErrorOf::Exact,
            Some(standard_error) => {
                ErrorOf::Normal { standard_error, start: start(Purpose::Error) }
            }
            None => {
                let centre = filled.values[filled.at(place, month, indicator)];
                let mut stream = sample::stream(plan.observed, spec, place, month, indicator);
                let draw = || spec.transform.apply(observation.draw(&mut stream)) - centre;
                ErrorOf::Drawn(
                    core::iter::repeat_with(draw).take(plan.draws).map(|d| d as f32).collect(),
                )
            }
        };
        self.samples[indicator] = Sample { source, error, ageing_start: start(Purpose::Ageing) };
    }

    /// Writes the deviations of an imputed value: it follows the draws of the values it was
    /// estimated from, and errors of one cell's imputed indicators go together as their
    /// conditional covariance says.
    fn imputed(&mut self, filled: &Filled, month: usize, indicator: usize, draws: &Range<usize>) {
        let Some(fit) = &filled.fit else { return };
        let cell = self.place * filled.months + month;
        let (columns, factor) = fit.errors_of(cell);
        let Some(row) = columns.iter().position(|&column| column == indicator) else { return };
        self.follow(filled, month, fit.slopes_of(cell, indicator), draws);
        let scores = &mut self.scores[draws.clone()];
        scores.copy_from_slice(&self.pulled[draws.clone()]);
        let pool = &self.plan.pool;
        for (k, &column) in columns[..=row].iter().enumerate() {
            let start = pool.start(self.place as u32, month as u32, column, Purpose::Imputation);
            add_scaled(scores, pool.run(start, draws), factor[row * columns.len() + k]);
        }
    }

    /// Writes how far the draws of the observed columns pull an imputed value, into `pulled`.
    fn follow(
        &mut self,
        filled: &Filled,
        month: usize,
        (columns, slopes): (&[usize], &[f64]),
        draws: &Range<usize>,
    ) {
        self.pulled[draws.clone()].fill(0.0);
        for (&column, &slope) in columns.iter().zip(slopes) {
            let source = filled.sources[filled.at(self.place, month, column)];
            if slope != 0.0 && self.observed(filled, month, column, source, draws) {
                add_scaled(&mut self.pulled[draws.clone()], &self.scores[draws.clone()], slope);
            }
        }
    }
}

fn set_scaled(values: &mut [f32], by: &[f32], factor: f64) {
    let factor = factor as f32;
    values.iter_mut().zip(by).for_each(|(value, by)| *value = factor * by);
}

fn add_scaled(values: &mut [f32], by: &[f32], factor: f64) {
    let factor = factor as f32;
    if factor != 0.0 {
        values.iter_mut().zip(by).for_each(|(value, by)| *value += factor * by);
    }
}

/// Adds weighted scores that are read off a line, cut at 0 and 100 and lifted, in one pass.
#[inline(always)]
fn add_straight(
    (sums, weights): (&mut [f32], &mut [f32]),
    run: &[f32],
    [middle, slope]: [f32; 2],
    weight: f64,
    multiplier: Option<&[f32]>,
    lift: impl Fn(f32) -> f32,
) {
    let weight = weight as f32;
    let score = |normal: f32| lift((middle + slope * normal).clamp(0.0, 100.0));
    let pairs = sums.iter_mut().zip(run);
    match multiplier {
        None => pairs.for_each(|(sum, normal)| *sum += weight * score(*normal)),
        Some(multiplier) => {
            pairs.zip(weights.iter_mut().zip(multiplier)).for_each(
                |((sum, normal), (all, factor))| {
                    let own = weight * factor;
                    *sum += own * score(*normal);
                    *all += own;
                },
            );
        }
    }
}

/// Adds weighted scores; weights are summed only where they vary from draw to draw.
fn add(
    sums: &mut [f32],
    weights: &mut [f32],
    scores: &[f32],
    weight: f64,
    multiplier: Option<&[f32]>,
) {
    let weight = weight as f32;
    let pairs = sums.iter_mut().zip(scores);
    match multiplier {
        None => pairs.for_each(|(sum, score)| *sum += weight * score),
        Some(multiplier) => {
            pairs.zip(weights.iter_mut().zip(multiplier)).for_each(
                |((sum, score), (all, factor))| {
                    let own = weight * factor;
                    *sum += own * score;
                    *all += own;
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_of_different_indicators_and_purposes_never_coincide() {
        let pool = Pool::new(3, 100, 12);
        let mut classes = std::collections::BTreeMap::new();
        for indicator in 0..12 {
            for purpose in [Purpose::Error, Purpose::Ageing, Purpose::Imputation] {
                for month in 0..200 {
                    let start = pool.start(month % 7, month, indicator, purpose);
                    let class = (indicator, purpose as usize);
                    assert_eq!(*classes.entry(start).or_insert(class), class);
                }
            }
        }
        assert!(!classes.contains_key(&pool.common_start(2)));
    }

    #[test]
    fn the_pool_is_standard_normal() {
        let pool = Pool::new(3, 10, 2);
        let numbers: Vec<f64> = pool.numbers[..POOL_SIZE].iter().map(|&n| f64::from(n)).collect();
        assert!(sanad_numbers::mean(&numbers).abs() < 1e-6);
        let inside = numbers.iter().filter(|n| n.abs() < 1.644_853_6).count() as f64;
        assert!((inside / POOL_SIZE as f64 - 0.9).abs() < 0.004);
    }
}
