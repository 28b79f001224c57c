//! The filter of one set of parameters: inner members that differ in their process noise alone.
//!
//! It gives an estimate of the density of a record given the set, whose mean is the density itself
//! whatever the number of members (P. Del Moral, "Feynman–Kac Formulae", 2004, section 7.4): that is
//! what lets a set be accepted or refused by it. Members of one set have the same constants, so that
//! drawing them anew moves their states alone.

use rand_distr::{Distribution as _, StandardNormal};
use sanad_core::random::Streams;

use super::filter::{FilterSetup, magnitude};
use super::record::StepObservations;
use super::weights::ParticleWeights;
use crate::engine::block::{Block, Plan};
use crate::engine::kernel::Lanes;
use crate::error::Error;
use crate::simulation::WIDE;

/// Inner members are drawn anew when they are worth fewer than this share of their number, as in a
/// filter of members that differ in their constants.
const WORTH: f64 = 0.5;

/// What all filters of a run share.
pub(super) struct SetSetup<'p, 'a> {
    pub(super) plan: &'p Plan<'a>,
    pub(super) setup: &'p FilterSetup,
    /// Blocks of inner members, [`WIDE`] each.
    pub(super) blocks: usize,
    /// Keyed by filter and step: the noise (draw 0) and the drawing anew (draw 1).
    pub(super) streams: Streams,
}

/// The key of a filter's noise from a step on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoiseKey {
    pub(super) from: usize,
    pub(super) key: u32,
}

/// Inner members in their course. Two filters with the same keys draw the same noise.
#[derive(Clone)]
pub(super) struct SetFilter<'p, 'a> {
    blocks: Vec<Block<'p, 'a, WIDE>>,
    weights: ParticleWeights,
    keys: Vec<NoiseKey>,
    /// The step that was computed last.
    step: usize,
    /// Whether members are drawn anew before they move on.
    is_due: bool,
    /// The logarithm of the estimated density of all rows so far.
    log_likelihood: f64,
    least_effective: f64,
    /// Where each member stood before the last step, where members were drawn anew in it.
    parents: Option<Vec<u32>>,
}

impl<'p, 'a> SetFilter<'p, 'a> {
    /// Members at the first step, computed. `constants` are the values of the plan's varied
    /// constants, in their order; `keys` are those of the noise, the first from step 0.
    ///
    /// # Errors
    /// If a delay would remember too much.
    pub(super) fn begin(
        shared: &SetSetup<'p, 'a>,
        constants: &[f64],
        keys: Vec<NoiseKey>,
    ) -> Result<Self, Error> {
        let lanes: Vec<Lanes<WIDE>> = constants.iter().map(|&value| Lanes([value; WIDE])).collect();
        let mut first = Block::<WIDE>::new(shared.plan, 0, &lanes);
        first.begin(&lanes)?;
        first.compute(0);
        Ok(Self {
            blocks: vec![first; shared.blocks],
            weights: ParticleWeights::equal(shared.blocks * WIDE),
            keys,
            step: 0,
            is_due: false,
            log_likelihood: 0.0,
            least_effective: (shared.blocks * WIDE) as f64,
            parents: None,
        })
    }

    /// The logarithm of the estimated density of all rows so far; minus infinity where no member
    /// could give a row.
    pub(super) const fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// The least number of effective inner members after a row.
    pub(super) const fn least_effective(&self) -> f64 {
        self.least_effective
    }

    /// Gives the filter a key of its own from here on, so that a copy parts from what it was copied
    /// from.
    pub(super) fn set_key(&mut self, key: u32) {
        self.keys.retain(|known| known.from != self.step);
        self.keys.push(NoiseKey { from: self.step, key });
    }

    /// The keys of the noise so far: with them the filter can be run again, bit for bit.
    pub(super) fn keys(&self) -> &[NoiseKey] {
        &self.keys
    }

    /// The key at the present step.
    fn key(&self) -> u32 {
        // The first holds from step 0, so that one at least is from no later step.
        let later = self.keys.partition_point(|known| known.from <= self.step);
        self.keys[later - 1].key
    }

    /// The step that was computed last.
    pub(super) const fn step(&self) -> usize {
        self.step
    }

    /// Where each member stood before the last step; `None` where all stayed in their places.
    pub(super) fn parents(&self) -> Option<&[u32]> {
        self.parents.as_deref()
    }

    /// Members' weights; they are equal after the members were drawn anew.
    pub(super) const fn weights(&self) -> &ParticleWeights {
        &self.weights
    }

    /// Has members drawn anew before they move on, whatever they are worth.
    pub(super) const fn draw_anew(&mut self) {
        self.is_due = true;
    }

    /// The members' values in a register, in their order.
    pub(super) fn values(&self, register: u32) -> impl Iterator<Item = f64> {
        self.blocks.iter().flat_map(move |block| block.values(register).iter().copied())
    }

    /// Moves to the step of a row and takes the row in: the logarithm of its estimated density given
    /// the rows before it. A filter none of whose members could give a row gives minus infinity from
    /// there on.
    pub(super) fn take_in(&mut self, shared: &SetSetup<'p, 'a>, row: &StepObservations) -> f64 {
        if self.log_likelihood == f64::NEG_INFINITY {
            return f64::NEG_INFINITY;
        }
        while self.step < row.step {
            self.advance(shared);
        }
        let mut log_densities = vec![0.0; self.blocks.len() * WIDE];
        for (block, sums) in self.blocks.iter().zip(log_densities.chunks_exact_mut(WIDE)) {
            for &(place, value) in &row.values {
                let variable = &shared.setup.observed[place];
                let size = |lane| magnitude(variable.magnitude, block, lane);
                let means = block.values(variable.register);
                variable.density.add_log_densities(value, means, size, sums);
            }
        }
        let found = self.weights.update(&log_densities).unwrap_or(f64::NEG_INFINITY);
        self.log_likelihood += found;
        let effective = self.weights.effective();
        self.least_effective = self.least_effective.min(effective);
        self.is_due = effective < WORTH * log_densities.len() as f64;
        found
    }

    /// Moves all members on by a step. They move by their equations first, are then drawn anew where
    /// that is due, which their states are enough for, and have noise laid on them last.
    pub(super) fn advance(&mut self, shared: &SetSetup<'p, 'a>) {
        let (setup, dt) = (shared.setup, shared.plan.dt);
        let mut sizes: Vec<Vec<f64>> = Vec::with_capacity(setup.stocks.len());
        for stock in &setup.stocks {
            let lanes = self.blocks.iter().flat_map(|block| {
                (0..WIDE).map(move |lane| magnitude(stock.magnitude, block, lane))
            });
            sizes.push(lanes.collect());
        }
        self.blocks.iter_mut().for_each(|block| block.proceed(self.step));
        self.parents = None;
        if self.is_due {
            let mut stream = shared.streams.at(self.key(), self.step as u32, 1);
            let parents = self.weights.systematic(stream.open01());
            self.gather(&parents);
            for size in &mut sizes {
                *size = parents.iter().map(|&parent| size[parent as usize]).collect();
            }
            self.weights = ParticleWeights::equal(parents.len());
            self.parents = Some(parents);
            self.is_due = false;
        }
        let mut stream = shared.streams.at(self.key(), self.step as u32, 0);
        for (stock, size) in setup.stocks.iter().zip(&sizes) {
            for (block, size) in self.blocks.iter_mut().zip(size.chunks_exact(WIDE)) {
                for (value, size) in block.values_mut(stock.state).iter_mut().zip(size) {
                    let standard: f64 = StandardNormal.sample(&mut stream);
                    *value = stock.noise.apply(*value, *size, dt, standard);
                    if stock.non_negative && *value < 0.0 {
                        *value = 0.0;
                    }
                }
            }
        }
        self.step += 1;
        self.blocks.iter_mut().for_each(|block| block.compute(self.step));
    }

    /// Puts each member's parent into its place.
    fn gather(&mut self, parents: &[u32]) {
        if !self.blocks[0].is_states_alone() {
            let before = self.blocks.clone();
            for (member, &parent) in parents.iter().enumerate() {
                let parent = parent as usize;
                let from = &before[parent / WIDE];
                self.blocks[member / WIDE].copy_member(member % WIDE, from, parent % WIDE);
            }
            return;
        }
        let mut before = vec![0.0; parents.len()];
        for state in 0..self.blocks[0].states() as u32 {
            for (block, before) in self.blocks.iter().zip(before.chunks_exact_mut(WIDE)) {
                before.copy_from_slice(block.values(state));
            }
            for (block, parents) in self.blocks.iter_mut().zip(parents.chunks_exact(WIDE)) {
                for (value, &parent) in block.values_mut(state).iter_mut().zip(parents) {
                    *value = before[parent as usize];
                }
            }
        }
    }
}
