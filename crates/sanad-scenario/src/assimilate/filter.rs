//! The bootstrap filter: particles moved by the model and its noise, weighted by what was observed.

use rayon::prelude::*;
use sanad_core::Progress;
use sanad_core::random::Streams;
use sanad_numbers::normal_of_two;

use super::ensemble::AssimilationStep;
use super::record::StepObservations;
use super::state_space::{ObservationDensity, ProcessNoise};
use super::weights::ParticleWeights;
use crate::engine::block::{Block, Plan};
use crate::engine::kernel::Lanes;
use crate::engine::program::Register;
use crate::error::Error;
use crate::simulation::GivenConstants;

/// Members are drawn anew when they are worth fewer than this share of their number. One half is
/// what J. S. Liu and R. Chen, "Blind deconvolution via sequential imputations", Journal of the
/// American Statistical Association 90, 1995, and most since have taken.
const WORTH: f64 = 0.5;

/// Numbers from here on are written with an exponent in messages.
const LONG: f64 = 1e15;

/// How large a noise is, in a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum MagnitudeSource {
    Number(f64),
    Register(Register),
}

/// A stock with noise on it.
#[derive(Debug, Clone)]
pub(super) struct NoisyStock {
    pub(super) state: Register,
    pub(super) non_negative: bool,
    pub(super) noise: ProcessNoise,
    pub(super) magnitude: MagnitudeSource,
    /// Keyed by the stock's name, so that noise on another stock changes no draw of this one.
    pub(super) streams: Streams,
}

/// A variable that is observed.
#[derive(Debug, Clone)]
pub(super) struct ObservedVariable {
    pub(super) name: String,
    pub(super) register: Register,
    pub(super) density: ObservationDensity,
    pub(super) magnitude: MagnitudeSource,
    pub(super) streams: Streams,
}

/// What makes a run of members a filter.
#[derive(Debug, Clone, Default)]
pub(super) struct FilterSetup {
    pub(super) stocks: Vec<NoisyStock>,
    pub(super) observed: Vec<ObservedVariable>,
    /// Registers that are kept, before the draws of what would be observed.
    pub(super) outputs: Vec<Register>,
}

/// What a filter gives besides the rows that are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct FilterCourse {
    pub(super) weights: Vec<Vec<f64>>,
    pub(super) parents: Vec<Vec<u32>>,
    pub(super) steps: Vec<AssimilationStep>,
}

/// Particles in their course, in blocks of W.
pub(super) struct ParticleFilter<'p, 'a, const W: usize> {
    plan: &'p Plan<'a>,
    setup: &'p FilterSetup,
    blocks: Vec<Block<'p, 'a, W>>,
    members: usize,
    weights: ParticleWeights,
    /// Where each member stood at the last saved time.
    since_saved: Vec<u32>,
    resampling: Streams,
    course: FilterCourse,
}

impl<'p, 'a, const W: usize> ParticleFilter<'p, 'a, W> {
    /// Particles at the start, of equal weight.
    ///
    /// # Errors
    /// If a delay would remember too much.
    pub(super) fn begin(
        plan: &'p Plan<'a>,
        setup: &'p FilterSetup,
        given: &GivenConstants<'_>,
        members: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        let blocks: Result<Vec<Block<'p, 'a, W>>, Error> = (0..members.div_ceil(W))
            .into_par_iter()
            .map(|block| {
                let lanes = given.lanes::<W>(block * W, members);
                let mut block = Block::<W>::new(plan, block * W, &lanes);
                block.begin(&lanes)?;
                Ok(block)
            })
            .collect();
        let mut filter = Self {
            plan,
            setup,
            blocks: blocks?,
            members,
            weights: ParticleWeights::equal(members),
            since_saved: (0..members as u32).collect(),
            resampling: Streams::new(seed, "scenario: resampling"),
            course: FilterCourse::default(),
        };
        filter.share_memory()?;
        Ok(filter)
    }

    /// Lets the delays of all blocks remember alike, so that members can move between blocks.
    fn share_memory(&mut self) -> Result<(), Error> {
        let mut longest: Vec<usize> = self.blocks[0].memory().collect();
        for block in &self.blocks {
            longest.iter_mut().zip(block.memory()).for_each(|(most, own)| *most = own.max(*most));
        }
        self.blocks.iter_mut().try_for_each(|block| block.set_memory(&longest))
    }

    /// Runs from the first step to the last. `record` holds the observations in order of their
    /// steps; `rows` takes, per block, saved time and output, one value per lane.
    ///
    /// # Errors
    /// If no member can give what was observed.
    pub(super) fn run(
        mut self,
        record: &[StepObservations],
        rows: &mut [f64],
        progress: &dyn Progress,
    ) -> Result<FilterCourse, Error> {
        let plan = self.plan;
        let mut waiting = record.iter().peekable();
        for step in 0..=plan.steps {
            self.blocks.par_iter_mut().for_each(|block| block.compute(step));
            if let Some(row) = waiting.next_if(|row| row.step == step) {
                self.weigh(row, waiting.peek().is_none())?;
            }
            if step.is_multiple_of(plan.save_every) {
                self.keep(step, rows);
            }
            if step < plan.steps {
                self.advance(step);
            }
            progress.advance(step, plan.steps);
        }
        Ok(self.course)
    }

    /// Weighs the members by the observations of a step and draws them anew where too few are left
    /// that matter, or where the record ends.
    fn weigh(&mut self, row: &StepObservations, is_last: bool) -> Result<(), Error> {
        let time = self.plan.time(row.step);
        let (filter, values) = (&*self, &row.values[..]);
        let log_densities: Vec<f64> = filter
            .blocks
            .par_iter()
            .flat_map_iter(|block| (0..W).map(move |lane| filter.log_density(block, lane, values)))
            .collect();
        let log_densities = &log_densities[..self.members];
        let Some(log_evidence) = self.weights.update(log_densities) else {
            return Err(self.impossible(row, time));
        };
        let effective_members = self.weights.effective();
        let is_resampled = is_last || effective_members < WORTH * self.members as f64;
        if is_resampled {
            let uniform = self.resampling.at(0, row.step as u32, 0).open01();
            self.take(&self.weights.systematic(uniform));
            self.weights = ParticleWeights::equal(self.members);
        }
        let step = AssimilationStep { time, effective_members, log_evidence, is_resampled };
        self.course.steps.push(step);
        Ok(())
    }

    /// The log-density of all observations of a step, given a member. Observations of one step are
    /// independent given the state, so that their log-densities add up.
    fn log_density(&self, block: &Block<'_, '_, W>, lane: usize, values: &[(usize, f64)]) -> f64 {
        let one = |&(place, value): &(usize, f64)| {
            let variable = &self.setup.observed[place];
            let mean = block.values(variable.register)[lane];
            let magnitude = magnitude(variable.magnitude, block, lane);
            variable.density.log_density(value, mean, magnitude)
        };
        values.iter().map(one).sum()
    }

    /// The error of a row that no member can give. Names what no member can give by itself, or the
    /// whole row where it is only together that it cannot be had.
    fn impossible(&self, row: &StepObservations, time: f64) -> Error {
        let members = || (0..self.members).map(|member| (&self.blocks[member / W], member % W));
        let can_be = |observation: &(usize, f64)| {
            let mut densities = members().map(|(block, lane)| {
                self.log_density(block, lane, std::slice::from_ref(observation))
            });
            densities.any(|density| density > f64::NEG_INFINITY)
        };
        let alone: Vec<&(usize, f64)> = row.values.iter().filter(|one| !can_be(one)).collect();
        let named = if alone.is_empty() { row.values.iter().collect() } else { alone };
        let named: Vec<String> = named
            .iter()
            .map(|(place, value)| {
                let name = &self.setup.observed[*place].name;
                if value.abs() < LONG {
                    format!("{name} = {value}")
                } else {
                    format!("{name} = {value:e}")
                }
            })
            .collect();
        Error::settings(format!(
            "at time {time} no member can have given {}; more members, wider densities or priors, or \
             more process noise may",
            named.join(", ")
        ))
    }

    /// Puts each member's parent into its place.
    fn take(&mut self, parents: &[u32]) {
        let before = self.blocks.clone();
        let last = self.members - 1;
        self.blocks.par_iter_mut().enumerate().for_each(|(number, block)| {
            for lane in 0..W {
                let member = number * W + lane;
                let parent = parents[member.min(last)] as usize;
                if parent != member {
                    block.copy_member(lane, &before[parent / W], parent % W);
                }
            }
        });
        let moved = parents.iter().map(|&parent| self.since_saved[parent as usize]);
        self.since_saved = moved.collect();
    }

    /// Keeps a row of every block, with the members' weights and where they came from.
    fn keep(&mut self, step: usize, rows: &mut [f64]) {
        let setup = self.setup;
        let kept = setup.outputs.len() + setup.observed.len();
        let size = kept * W;
        let block_size = size * self.plan.saves();
        let at = step / self.plan.save_every * size;
        let chunks = rows.par_chunks_mut(block_size.max(1)).zip(&self.blocks);
        chunks.enumerate().for_each(|(number, (rows, block))| {
            let row = &mut rows[at..at + size];
            let (outputs, draws) = row.split_at_mut(setup.outputs.len() * W);
            block.save(&setup.outputs, outputs);
            for (variable, lanes) in setup.observed.iter().zip(draws.chunks_exact_mut(W)) {
                for (lane, value) in lanes.iter_mut().enumerate() {
                    let member = (number * W + lane) as u32;
                    let mean = block.values(variable.register)[lane];
                    let magnitude = magnitude(variable.magnitude, block, lane);
                    let mut stream = variable.streams.at(0, step as u32, member);
                    *value = variable.density.draw(mean, magnitude, &mut stream);
                }
            }
        });
        self.course.weights.push(self.weights.values().to_vec());
        let own = (0..self.members as u32).collect();
        self.course.parents.push(std::mem::replace(&mut self.since_saved, own));
    }

    /// Moves all members on by a step and lays noise on their stocks. How large the noise is, is
    /// read before the step.
    fn advance(&mut self, step: usize) {
        let (setup, dt) = (self.setup, self.plan.dt);
        self.blocks.par_iter_mut().enumerate().for_each(|(number, block)| {
            let sizes: Vec<Lanes<W>> = setup
                .stocks
                .iter()
                .map(|stock| {
                    Lanes(core::array::from_fn(|lane| magnitude(stock.magnitude, block, lane)))
                })
                .collect();
            block.proceed(step);
            for (stock, size) in setup.stocks.iter().zip(&sizes) {
                for (lane, value) in block.values_mut(stock.state).iter_mut().enumerate() {
                    let member = (number * W + lane) as u32;
                    let mut stream = stock.streams.at(0, step as u32, member);
                    let standard = normal_of_two(&mut stream);
                    *value = stock.noise.apply(*value, size.0[lane], dt, standard);
                    if stock.non_negative && *value < 0.0 {
                        *value = 0.0;
                    }
                }
            }
        });
    }
}

/// How large a noise is for a member of a block.
pub(super) fn magnitude<const W: usize>(
    source: MagnitudeSource,
    block: &Block<'_, '_, W>,
    lane: usize,
) -> f64 {
    match source {
        MagnitudeSource::Number(number) => number,
        MagnitudeSource::Register(register) => block.values(register)[lane],
    }
}
