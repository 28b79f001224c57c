//! Parameters and paths learnt together from a record, by chains.
//!
//! An estimate of a record's density from a particle filter is of little use where a row is so
//! unlikely that next to no member can give it: the estimate then rests on one of them, and moves
//! that it decides are hardly ever accepted. Here nothing is estimated. A chain's state is a set of
//! parameters together with the path of every stock that has noise; the density of both and the
//! record is exact, by one run of the model. Sixty-four chains run side by side as members do.
//!
//! With θ the parameters, u what a stock would be without noise, x what it is and z its standard normal noise, a chain
//! moves in four ways, each accepted with the chance min(1, ratio of densities):
//!
//! | move | changes | keeps | ratio |
//! | --- | --- | --- | --- |
//! | parameters, noise kept | θ | z | p(y, θ′) / p(y, θ) |
//! | parameters, path kept | θ | x | p(y, x, θ′) / p(y, x, θ) |
//! | noise of a window | z in it | θ, z outside | p(y) ratio, since z′ = √(1 − β²)·z + β·ξ keeps its prior |
//! | path of a window | x in it | θ, x outside | p(y, x′, θ) / p(y, x, θ) |
//!
//! Parameters are proposed as by [`learn`](super::Assimilation::learn). Keeping noise and keeping paths take turns,
//! because each is slow where the other is fast (Y. Yu and X.-L. Meng, "To center or not to center: that is
//! not the question", Journal of Computational and Graphical Statistics 20, 2011). The third is the step of S. L.
//! Cotter, G. O. Roberts, A. M. Stuart and D. White, "MCMC methods for functions", Statistical Science 28 (2013).

use core::f64::consts::PI;

use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};
use sanad_numbers::mixing::split_r_hat;
use sanad_numbers::{normal_cdf, normal_quantile};

use super::Assimilation;
use super::filter::{FilterSetup, magnitude};
use super::learn::{ConstantSource, constants_of};
use super::paths::PathRecord;
use super::record::{ObservationRecord, StepObservations};
use super::set_filter::{NoiseKey, SetFilter, SetSetup};
use super::state_space::ProcessNoise;
use crate::engine::block::{Block, Plan};
use crate::engine::kernel::Lanes;
use crate::engine::logarithm::ln_in_place;
use crate::error::Error;
use crate::moves::{Moves, below};
use crate::results::Results;
use crate::simulation::{Inputs, WIDE};
use crate::vary::Vary;

/// Lengths of windows, in steps. The last stands for the whole path.
const WINDOWS: [usize; 6] = [1, 3, 8, 24, 72, usize::MAX];
/// Share of moves that adapted step sizes aim at (Roberts and Rosenthal 2001, for many dimensions).
const AIM: f64 = 0.234;

/// How chains are run. `Default` runs 64 chains for 4,000 moves and keeps eight draws of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainSettings {
    /// Chains, rounded up to a multiple of 64.
    pub chains: usize,
    /// Moves of each chain before draws are kept; step sizes adapt in them.
    pub settling: usize,
    /// Moves of each chain after that.
    pub moves: usize,
    /// Draws that are kept of each chain, evenly over those moves.
    pub kept: usize,
    /// Seed of all draws.
    pub seed: u64,
}

impl Default for ChainSettings {
    fn default() -> Self {
        Self { chains: 64, settling: 2000, moves: 2000, kept: 8, seed: 1 }
    }
}

/// Draws of parameters and paths given a record, all of the same weight.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledPaths {
    /// The model's time of the last row that they have seen.
    pub time: f64,
    /// Names of the parameters, in alphabetical order.
    pub parameters: Vec<String>,
    /// By parameter, a value for each draw, in the constant's own unit.
    pub values: Vec<Vec<f64>>,
    /// By draw, the logarithm of the density of the record given parameters and path.
    pub log_densities: Vec<f64>,
    /// By parameter, R̂ of the chains' kept draws, each chain split in two: near 1 where chains agree.
    /// Not a number for a parameter that is fixed.
    pub r_hat: Vec<f64>,
    /// Share of moves that were accepted after settling: parameters with noise kept, parameters with
    /// paths kept, noise of windows, paths of windows. Empty for draws by
    /// [`sample_by_gradient`](Assimilation::sample_by_gradient), which has other moves.
    pub accepted: Vec<f64>,
    /// By draw: coordinates of the parameters.
    pub(super) particles: Vec<Vec<f64>>,
    /// By draw: noise by step and stock.
    pub(super) noise: Vec<Vec<f64>>,
}

impl SampledPaths {
    /// Number of draws.
    #[must_use]
    pub fn draws(&self) -> usize {
        self.log_densities.len()
    }

    /// The draws' parameters as inputs of a run, one member for each.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        let columns = self.parameters.iter().zip(&self.values);
        columns.fold(Inputs::new(), |inputs, (name, values)| inputs.set_each(name, values.clone()))
    }
}

/// What a chain's move keeps while the rest follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    Noise,
    Path,
}

/// A chain, or where one may go: parameters with a path, by step and stock.
#[derive(Debug, Clone)]
pub(super) struct ChainState {
    pub(super) particle: Vec<f64>,
    pub(super) noise: Vec<f64>,
    path: Vec<f64>,
    /// ln p(y | x, θ).
    log_observed: f64,
    /// ln p(x | θ), in the coordinates in which noise is normal.
    log_path: f64,
}

impl ChainState {
    /// ln p(y, x | θ).
    pub(super) fn log_joint(&self) -> f64 {
        self.log_observed + self.log_path
    }
}

/// The four kinds of moves, in the order of [`SampledPaths::accepted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MoveKind {
    Parameters(Keeps),
    Window(Keeps, usize),
}

impl MoveKind {
    const fn place(self) -> usize {
        match self {
            Self::Parameters(Keeps::Noise) => 0,
            Self::Parameters(Keeps::Path) => 1,
            Self::Window(Keeps::Noise, _) => 2,
            Self::Window(Keeps::Path, _) => 3,
        }
    }

    const fn keeps(self) -> Keeps {
        match self {
            Self::Parameters(keeps) | Self::Window(keeps, _) => keeps,
        }
    }
}

/// Everything that chains share.
#[derive(Clone, Copy)]
pub(super) struct Sampler<'p, 'a> {
    pub(super) plan: &'p Plan<'a>,
    pub(super) setup: &'p FilterSetup,
    pub(super) columns: &'p [ConstantSource],
    pub(super) moves: &'p Moves,
    pub(super) rows: &'p [StepObservations],
    /// Steps from the start to the last row.
    pub(super) steps: usize,
    pub(super) streams: Streams,
}

impl Assimilation<'_> {
    /// Learns the constants that `priors` names, with the paths of stocks that have noise, from a record. `inputs` sets
    /// other constants, the same for all chains. Chains begin at `start` where it is given, which may have
    /// seen a shorter record; else at draws from the priors, each with a path that a filter gave it. `report` hears how
    /// many moves are done and the mean log-density of the record.
    ///
    /// The result depends on the arguments alone, not on the number of threads.
    ///
    /// # Errors
    ///
    /// As [`learn`](Self::learn), but for the number of sets; and if no draw is to be kept.
    pub fn sample(
        &self,
        priors: &Vary,
        inputs: &Inputs,
        record: &ObservationRecord,
        start: Option<&SampledPaths>,
        settings: &ChainSettings,
        mut report: impl FnMut(usize, f64),
    ) -> Result<SampledPaths, Error> {
        if settings.kept == 0 || settings.chains == 0 || settings.moves < settings.kept {
            let message = "chains keep at least one draw, and have a move for each that they keep";
            return Err(Error::settings(message));
        }
        let streams = Streams::new(settings.seed, "scenario: chains");
        self.with_sampler(priors, inputs, record, streams, |sampler| {
            sampler.run(start, settings, &mut report)
        })
    }

    /// Runs something with what chains share.
    ///
    /// # Errors
    /// As [`learn`](Self::learn), but for the number of sets.
    pub(super) fn with_sampler<T>(
        &self,
        priors: &Vary,
        inputs: &Inputs,
        record: &ObservationRecord,
        streams: Streams,
        run: impl FnOnce(&Sampler<'_, '_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if priors.constants.is_empty() {
            return Err(Error::settings("no constant is named that could be learnt"));
        }
        let rows = self.aligned(record)?;
        let Some(last) = rows.last() else {
            return Err(Error::settings("the record holds no observation to learn from"));
        };
        let moves = Moves::new(priors)?;
        let whole = self.whole_inputs(&moves, inputs)?;
        let columns = self.sources(&moves, &whole)?;
        let given = self.simulation.given(1, &whole)?;
        let plan = self.simulation.plan(&given, &|_| ());
        run(&Sampler {
            plan: &plan,
            setup: &self.setup,
            columns: &columns,
            moves: &moves,
            rows: &rows,
            steps: last.step,
            streams,
        })
    }

    /// Takes sampled paths on to the stop of the run, a member for each: the draw's own path up to its time, noise drawn
    /// anew from there on. `inputs` sets other constants, the same for all draws.
    ///
    /// # Errors
    ///
    /// If an input is not a constant of the model or is given member by member, or the results exceed the
    /// limit.
    pub fn continued(
        &self,
        paths: &SampledPaths,
        inputs: &Inputs,
        seed: u64,
    ) -> Result<Results, Error> {
        self.check_randomness()?;
        let members = paths.draws();
        let all = paths.inputs().and(inputs.clone());
        let given = self.simulation.given(members, &all)?;
        let plan = self.simulation.plan(&given, &|_| ());
        let blocks = members.div_ceil(WIDE);
        let size = [self.outputs.len(), WIDE, plan.saves(), blocks];
        let kept = size.into_iter().fold(1_usize, usize::saturating_mul);
        let limit = self.simulation.model.limits.kept_values;
        if kept > limit {
            return Err(Error::too_large("ensemble", kept, limit));
        }
        let mut results = Results::default();
        results.prepare(self.simulation.times(), &self.outputs, members, WIDE, kept);
        let streams = Streams::new(seed, "scenario: continued paths");
        let rows = results.data.par_chunks_mut((kept / blocks).max(1)).enumerate();
        rows.map(|(block, rows)| {
            let lanes = given.lanes::<WIDE>(block * WIDE, members);
            let noise = &paths.noise[block * WIDE..members.min((block + 1) * WIDE)];
            continue_block(&plan, &self.setup, &lanes, noise, (block as u32, streams), rows)
        })
        .collect::<Result<Vec<()>, Error>>()?;
        Ok(results)
    }
}

/// Runs a block of draws: by their noise where they have some, by new noise after it.
fn continue_block(
    plan: &Plan<'_>,
    setup: &FilterSetup,
    lanes: &[Lanes<WIDE>],
    noise: &[Vec<f64>],
    (number, streams): (u32, Streams),
    rows: &mut [f64],
) -> Result<(), Error> {
    let mut block = Block::<WIDE>::new(plan, number as usize * WIDE, lanes);
    block.begin(lanes)?;
    let stocks = setup.stocks.len();
    let width = (setup.outputs.len() + setup.observed.len()) * WIDE;
    let mut saved = rows.chunks_exact_mut(width.max(1));
    for step in 0..=plan.steps {
        block.compute(step);
        let mut stream = streams.at(number, step as u32, 1);
        if step.is_multiple_of(plan.save_every)
            && let Some(row) = saved.next()
        {
            let (outputs, draws) = row.split_at_mut(setup.outputs.len() * WIDE);
            block.save(&setup.outputs, outputs);
            for (variable, lanes) in setup.observed.iter().zip(draws.chunks_exact_mut(WIDE)) {
                for (lane, value) in lanes.iter_mut().enumerate() {
                    let mean = block.values(variable.register)[lane];
                    let size = magnitude(variable.magnitude, &block, lane);
                    *value = variable.density.draw(mean, size, &mut stream);
                }
            }
        }
        if step == plan.steps {
            break;
        }
        let sizes = noise_sizes(setup, &block);
        block.proceed(step);
        let mut stream = streams.at(number, step as u32, 0);
        for (place, stock) in setup.stocks.iter().enumerate() {
            for (lane, value) in block.values_mut(stock.state).iter_mut().enumerate() {
                let drawn: f64 = StandardNormal.sample(&mut stream);
                // Places beyond the last draw of a block are run and never read.
                let own = noise.get(lane).and_then(|noise| noise.get(step * stocks + place));
                let standard = own.copied().unwrap_or(drawn);
                let moved = stock.noise.apply(*value, sizes[place].0[lane], plan.dt, standard);
                *value = if stock.non_negative && moved < 0.0 { 0.0 } else { moved };
            }
        }
    }
    Ok(())
}

/// How large the noise on each stock is, member by member.
fn noise_sizes(setup: &FilterSetup, block: &Block<'_, '_, WIDE>) -> Vec<Lanes<WIDE>> {
    let size = |stock: &super::filter::NoisyStock| {
        Lanes(core::array::from_fn(|lane| magnitude(stock.magnitude, block, lane)))
    };
    setup.stocks.iter().map(size).collect()
}

impl<'p, 'a> Sampler<'p, 'a> {
    /// Runs all chains.
    fn run(
        &self,
        start: Option<&SampledPaths>,
        settings: &ChainSettings,
        report: &mut impl FnMut(usize, f64),
    ) -> Result<SampledPaths, Error> {
        let chains = settings.chains.next_multiple_of(WIDE);
        let mut states = self.begin(start, chains)?;
        let mut scales = [[0.5; WINDOWS.len()]; 2];
        let mut kept: Vec<Vec<ChainState>> = Vec::new();
        let (mut tried, mut accepted) = ([0_usize; 4], [0_usize; 4]);
        for number in 0..settings.settling + settings.moves {
            let mut stream = self.streams.at(u32::MAX, number as u32, 0);
            let kind = self.kind(&mut stream);
            let found = self.round(&mut states, kind, &scales, number as u32)?;
            let share = found as f64 / chains as f64;
            if number >= settings.settling {
                tried[kind.place()] += chains;
                accepted[kind.place()] += found;
                // Draws are kept at the end of equal parts of the moves.
                let done = number - settings.settling + 1;
                if done * settings.kept / settings.moves > kept.len() {
                    kept.push(states.clone());
                }
            } else if let MoveKind::Window(keeps, window) = kind {
                let scale = &mut scales[usize::from(keeps == Keeps::Path)][window];
                // Steps grow where more are accepted than aimed at, by less and less.
                let gain = 4.0 / (1.0 + number as f64).sqrt().min(20.0);
                *scale = (*scale * ((share - AIM) * gain).exp()).clamp(1e-4, 1.0);
            }
            report(number + 1, sanad_numbers::mean(&logs(&states)));
        }
        let shares = accepted.iter().zip(&tried);
        let accepted = shares.map(|(found, tried)| *found as f64 / (*tried).max(1) as f64);
        Ok(self.sampled(&kept, accepted.collect()))
    }

    /// The kind of a move.
    fn kind(&self, stream: &mut Stream) -> MoveKind {
        let keeps = if stream.open01() < 0.5 { Keeps::Noise } else { Keeps::Path };
        if self.setup.stocks.is_empty() || stream.open01() < 0.4 {
            return MoveKind::Parameters(keeps);
        }
        MoveKind::Window(keeps, below(WINDOWS.len(), stream))
    }

    /// The chains where they start.
    pub(super) fn begin(
        &self,
        start: Option<&SampledPaths>,
        chains: usize,
    ) -> Result<Vec<ChainState>, Error> {
        let wanted = self.steps * self.setup.stocks.len();
        let states: Vec<ChainState> = (0..chains)
            .into_par_iter()
            .map(|chain| {
                let mut stream = self.streams.at(chain as u32, 0, 1);
                if let Some(start) = start {
                    // The last draws of the chains come last.
                    let draws = start.draws();
                    let place = draws - 1 - chain % draws;
                    let mut noise = start.noise[place].clone();
                    noise.truncate(wanted);
                    noise.resize_with(wanted, || StandardNormal.sample(&mut stream));
                    return Ok(self.unset(start.particles[place].clone(), noise));
                }
                let particle = self.moves.draw(&mut stream);
                let path = self.filtered(&particle, chain as u32)?;
                Ok(ChainState { path, ..self.unset(particle, vec![0.0; wanted]) })
            })
            .collect::<Result<_, Error>>()?;
        let keeps = if start.is_some() { Keeps::Noise } else { Keeps::Path };
        self.evaluated(&states.iter().collect::<Vec<_>>(), keeps, 0)
    }

    /// A state that has yet to be evaluated.
    pub(super) fn unset(&self, particle: Vec<f64>, noise: Vec<f64>) -> ChainState {
        let path = noise.clone();
        ChainState { particle, noise, path, log_observed: f64::NAN, log_path: f64::NAN }
    }

    /// ln p(y | x, θ) at parameters and noise.
    #[cfg(test)]
    pub(super) fn log_observed(&self, particle: &[f64], noise: &[f64]) -> Result<f64, Error> {
        let state = self.unset(particle.to_vec(), noise.to_vec());
        Ok(self.evaluated(&[&state], Keeps::Noise, 0)?[0].log_observed)
    }

    /// A path of the noisy stocks that one filter of the parameters gave.
    fn filtered(&self, particle: &[f64], chain: u32) -> Result<Vec<f64>, Error> {
        let shared =
            SetSetup { plan: self.plan, setup: self.setup, blocks: 1, streams: self.streams };
        let constants = constants_of(self.columns, self.moves, particle);
        let keys = vec![NoiseKey { from: 0, key: u32::MAX - 1 - chain }];
        let mut filter = SetFilter::begin(&shared, &constants, keys)?;
        let mut course = PathRecord::default();
        let mut waiting = self.rows.iter().peekable();
        loop {
            if let Some(row) = waiting.next_if(|row| row.step == filter.step()) {
                filter.take_in(&shared, row);
            }
            course.keep_stocks(&shared, &filter);
            if filter.step() == self.steps {
                break;
            }
            filter.advance(&shared);
        }
        let mut stream = self.streams.at(chain, 0, 2);
        let last = filter.weights().systematic(stream.open01());
        Ok(course.stocks(&shared, last[below(last.len(), &mut stream)] as usize))
    }

    /// One move of each chain, by the chains as they stand before: how many were accepted.
    fn round(
        &self,
        states: &mut [ChainState],
        kind: MoveKind,
        scales: &[[f64; WINDOWS.len()]; 2],
        number: u32,
    ) -> Result<usize, Error> {
        let others: Vec<Vec<f64>> = states.iter().map(|state| state.particle.clone()).collect();
        let stream = |chain: usize, draw: u32| self.streams.at(chain as u32, number + 1, 3 + draw);
        let proposed: Vec<Option<ChainState>> = states
            .iter()
            .enumerate()
            .map(|(chain, state)| {
                let mut stream = stream(chain, 0);
                match kind {
                    MoveKind::Parameters(_) => {
                        let particle = self.moves.propose(&state.particle, &others, &mut stream)?;
                        Some(ChainState { particle, ..state.clone() })
                    }
                    MoveKind::Window(keeps, window) => {
                        let scale = scales[usize::from(keeps == Keeps::Path)][window];
                        Some(self.perturbed(state, keeps, (WINDOWS[window], scale), &mut stream))
                    }
                }
            })
            .collect();
        let chosen: Vec<usize> =
            (0..states.len()).filter(|&chain| proposed[chain].is_some()).collect();
        let tried: Vec<&ChainState> = proposed.iter().flatten().collect();
        let found = self.evaluated(&tried, kind.keeps(), number + 1)?;
        let mut accepted = 0;
        for (chain, found) in chosen.into_iter().zip(found) {
            let own = &states[chain];
            let mut ratio = found.log_observed - own.log_observed;
            if kind.keeps() == Keeps::Path {
                ratio += found.log_path - own.log_path;
            }
            // A chain that started where the record is impossible takes whatever is possible.
            let is_accepted = stream(chain, 1).open01().ln() < ratio
                || (!own.log_observed.is_finite() && found.log_observed.is_finite());
            if is_accepted {
                states[chain] = found;
                accepted += 1;
            }
        }
        Ok(accepted)
    }

    /// A chain with other noise, or another path, in a window.
    fn perturbed(
        &self,
        state: &ChainState,
        keeps: Keeps,
        (length, scale): (usize, f64),
        stream: &mut Stream,
    ) -> ChainState {
        let stocks = self.setup.stocks.len();
        let length = length.min(self.steps).max(1);
        // Windows reach over both ends, so that the first and last steps are moved as often.
        let from = below(self.steps + length, stream) as isize - length as isize + 1;
        let inside = from.max(0) as usize..((from + length as isize) as usize).min(self.steps);
        // One stock, or all of them.
        let only = if stream.open01() < 0.5 { Some(below(stocks, stream)) } else { None };
        let mut moved = state.clone();
        let amplitudes: Vec<f64> = (0..stocks).map(|_| StandardNormal.sample(stream)).collect();
        for step in inside {
            for place in (0..stocks).filter(|place| only.is_none_or(|only| only == *place)) {
                let at = step * stocks + place;
                match keeps {
                    Keeps::Noise => {
                        let drawn: f64 = StandardNormal.sample(stream);
                        moved.noise[at] =
                            (1.0 - scale * scale).sqrt() * state.noise[at] + scale * drawn;
                    }
                    Keeps::Path => {
                        // A hump over the window, none at its ends.
                        let share = (step as f64 - from as f64 + 0.5) / length as f64;
                        let hump = if length < self.steps { (PI * share).sin() } else { 1.0 };
                        let step = scale * amplitudes[place] * hump;
                        let value = state.path[at];
                        moved.path[at] = match self.setup.stocks[place].noise {
                            ProcessNoise::LogNormal { .. } => value * step.exp(),
                            // What was cut off at zero stays there.
                            ProcessNoise::Normal { .. } if self.is_cut(place, value) => value,
                            ProcessNoise::Normal { .. } => value + step,
                        };
                    }
                }
            }
        }
        moved
    }

    /// Whether a stock's value is what a cut at zero leaves.
    fn is_cut(&self, place: usize, value: f64) -> bool {
        self.setup.stocks[place].non_negative && value == 0.0
    }

    /// States with their densities, each with what follows from what it keeps. `number` is that of the
    /// move, counted from one; zero before the first.
    pub(super) fn evaluated(
        &self,
        states: &[&ChainState],
        keeps: Keeps,
        number: u32,
    ) -> Result<Vec<ChainState>, Error> {
        let blocks: Vec<Vec<ChainState>> = states
            .par_chunks(WIDE)
            .enumerate()
            .map(|(block, states)| {
                // Draws of noise below a cut, by chain and move.
                let first = (block * WIDE) as u32;
                self.evaluated_block(states, keeps, (first, number))
            })
            .collect::<Result<_, Error>>()?;
        Ok(blocks.into_iter().flatten().collect())
    }

    /// As [`evaluated`](Self::evaluated), of one block.
    fn evaluated_block(
        &self,
        states: &[&ChainState],
        keeps: Keeps,
        key: (u32, u32),
    ) -> Result<Vec<ChainState>, Error> {
        let mut found: Vec<ChainState> = states.iter().map(|state| (*state).clone()).collect();
        let constants: Vec<Vec<f64>> = found
            .iter()
            .map(|state| constants_of(self.columns, self.moves, &state.particle))
            .collect();
        let lanes: Vec<Lanes<WIDE>> = (0..self.columns.len())
            .map(|column| {
                let own = |lane: usize| constants[lane.min(constants.len() - 1)][column];
                Lanes(core::array::from_fn(own))
            })
            .collect();
        let mut block = Block::<WIDE>::new(self.plan, 0, &lanes);
        block.begin(&lanes)?;
        let (mut observed, mut paths) = ([0.0; WIDE], [0.0; WIDE]);
        let mut waiting = self.rows.iter().peekable();
        for step in 0..=self.steps {
            block.compute(step);
            if let Some(row) = waiting.next_if(|row| row.step == step) {
                for &(place, value) in &row.values {
                    let variable = &self.setup.observed[place];
                    let size = |lane| magnitude(variable.magnitude, &block, lane);
                    let means = block.values(variable.register);
                    variable.density.add_log_densities(value, means, size, &mut observed);
                }
            }
            if step < self.steps {
                self.move_on(&mut block, (step, keeps), key, &mut found, &mut paths);
            }
        }
        for (lane, state) in found.iter_mut().enumerate() {
            let is_number = |value: f64| if value.is_nan() { f64::NEG_INFINITY } else { value };
            state.log_observed = is_number(observed[lane]);
            state.log_path = is_number(paths[lane]);
        }
        Ok(found)
    }

    /// One step of a block of states: noise gives the path, or the path the noise.
    fn move_on(
        &self,
        block: &mut Block<'_, '_, WIDE>,
        (step, keeps): (usize, Keeps),
        (first, number): (u32, u32),
        states: &mut [ChainState],
        log_paths: &mut [f64; WIDE],
    ) {
        let sizes = noise_sizes(self.setup, block);
        block.proceed(step);
        let (stocks, root) = (self.setup.stocks.len(), self.plan.dt.sqrt());
        for (place, stock) in self.setup.stocks.iter().enumerate() {
            let at = step * stocks + place;
            let values = block.values_mut(stock.state);
            let is_normal = matches!(stock.noise, ProcessNoise::Normal { .. });
            let mut log_sizes: [f64; WIDE] =
                core::array::from_fn(|lane| sizes[place].0[lane] * root);
            ln_in_place(&mut log_sizes);
            // By how much the logarithm of a path lies above that of the stock without noise.
            let mut rises = [1.0; WIDE];
            if keeps == Keeps::Path && !is_normal {
                for (lane, state) in states.iter().enumerate() {
                    rises[lane] = state.path[at] / values[lane];
                }
                ln_in_place(&mut rises);
            }
            for (lane, state) in states.iter_mut().enumerate() {
                let (before, size) = (values[lane], sizes[place].0[lane] * root);
                if keeps == Keeps::Noise {
                    let own = sizes[place].0[lane];
                    let moved = stock.noise.apply(before, own, self.plan.dt, state.noise[at]);
                    state.path[at] = if stock.non_negative && moved < 0.0 { 0.0 } else { moved };
                }
                let value = state.path[at];
                values[lane] = value;
                if is_normal && self.is_cut(place, value) {
                    // All noise below −u/s gives zero: its chance stands for a density.
                    let chance = normal_cdf(-before / size);
                    log_paths[lane] += chance.ln();
                    if keeps == Keeps::Path {
                        let key = (first + lane as u32, at as u32, 16 + number);
                        let share = self.streams.at(key.0, key.1, key.2).open01();
                        state.noise[at] = normal_quantile(share * chance);
                    }
                    continue;
                }
                if keeps == Keeps::Path {
                    state.noise[at] = if is_normal {
                        (value - before) / size
                    } else {
                        rises[lane] / size + size / 2.0
                    };
                    if stock.non_negative && value < 0.0 {
                        log_paths[lane] = f64::NEG_INFINITY;
                    }
                }
                log_paths[lane] -= 0.5 * state.noise[at] * state.noise[at] + log_sizes[lane];
            }
        }
    }

    /// What is kept, by chain and time.
    fn sampled(&self, kept: &[Vec<ChainState>], accepted: Vec<f64>) -> SampledPaths {
        let states: Vec<&ChainState> = kept.iter().flatten().collect();
        let particles: Vec<Vec<f64>> = states.iter().map(|state| state.particle.clone()).collect();
        let values = self.moves.values(&particles);
        let chains = kept.first().map_or(0, Vec::len);
        let r_hat = values.iter().map(|values| {
            let chain = |chain: usize| -> Vec<f64> {
                values.iter().copied().skip(chain).step_by(chains).collect()
            };
            let chains: Vec<Vec<f64>> = (0..chains).map(chain).collect();
            split_r_hat(&chains.iter().map(Vec::as_slice).collect::<Vec<_>>())
        });
        SampledPaths {
            time: self.plan.time(self.steps),
            parameters: self.moves.names.clone(),
            r_hat: r_hat.collect(),
            values,
            log_densities: states.iter().map(|state| state.log_observed).collect(),
            accepted,
            particles,
            noise: states.iter().map(|state| state.noise.clone()).collect(),
        }
    }
}

/// The chains' log-densities of the record.
fn logs(states: &[ChainState]) -> Vec<f64> {
    states.iter().map(|state| state.log_observed).collect()
}
