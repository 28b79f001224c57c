//! The exact log-density of parameters, process noise and a record, with its gradient.
//!
//! With q the parameters in coordinates whose priors are standard normal, z the standard normal noise of
//! each step and noisy stock, and x the path that both give by the model's equations:
//!
//! ```text
//! ln p(q, z, y) = −|q|²/2 − |z|²/2 + Σ ln p(yₜ | xₜ(q, z))      up to a constant
//! ```
//!
//! This is the form in which noise is not centred: priors of q and z do not know of one another. One run forward keeps the
//! states of every step; one pass back computes each step anew from its states and then goes over its
//! instructions from last to first ([`reverse`](crate::engine::reverse)). So the memory is that of the states, and the whole costs some four
//! runs however many parameters there are. Members of a block have densities of their own, side by side.

use std::collections::BTreeMap;

use pulp::Arch;

use super::chains::Sampler;
use super::filter::{MagnitudeSource, magnitude};
use super::learn::ConstantSource;
use super::slopes::{CountFactor, StepSlopes};
use crate::compile::Model;
use crate::document::Method;
use crate::engine::block::{Block, Plan, steps_back};
use crate::engine::kernel::{Lanes, net};
use crate::engine::program::{Instruction, Net, Program, Register};
use crate::engine::reverse::{ActivePart, NoDerivative, PullBack};
use crate::error::Error;

/// What a density is made of; the same for all members.
pub(super) struct DensitySetup<'p, 'a> {
    pub(super) sampler: Sampler<'p, 'a>,
    /// Places of the parameters that are not fixed: the first coordinates, in this order.
    free: Vec<usize>,
    run: ActivePart,
    start: ActivePart,
    /// By row and value: the number of that value among those that were observed of the variable.
    factors: Vec<Vec<usize>>,
    /// How many of them there are, of all variables.
    distinct: usize,
}

impl<'p, 'a> DensitySetup<'p, 'a> {
    /// Finds what has to be gone back over.
    ///
    /// # Errors
    /// If the run is not one of Euler's method, or what is learnt reaches something that has no derivative.
    pub(super) fn new(model: &Model, sampler: &Sampler<'p, 'a>) -> Result<Self, Error> {
        let &Sampler { plan, setup, columns, moves, rows, .. } = sampler;
        if plan.method != Method::Euler {
            return Err(Error::settings(
                "a gradient is computed of Euler's method alone: run the model by it (--method euler)",
            ));
        }
        let coordinates = moves.coordinates().iter().enumerate();
        let free: Vec<usize> =
            coordinates.filter(|(_, one)| !one.is_fixed()).map(|(place, _)| place).collect();
        let learnt = |program: &Program| -> Vec<Register> {
            let is_learnt = |place: u32| {
                let source = column(plan, place).map(|column| columns[column]);
                matches!(source, Some(ConstantSource::Parameter(place)) if free.contains(&place))
            };
            let found = program.parameters.iter().filter(|(_, place)| is_learnt(*place));
            found.map(|(register, _)| *register).collect()
        };
        let refuse = |program: &Program, found: NoDerivative| no_derivative(model, program, found);
        let start = ActivePart::new(plan.start, learnt(plan.start).into_iter())
            .map_err(|found| refuse(plan.start, found))?;
        let from_start = plan.start.outputs.iter().enumerate();
        let states = from_start
            .filter(|(_, from)| start.registers[**from as usize])
            .map(|(state, _)| state as Register);
        let noisy = setup.stocks.iter().map(|stock| stock.state);
        let varied = learnt(plan.run).into_iter().chain(states).chain(noisy);
        let run = ActivePart::new(plan.run, varied).map_err(|found| refuse(plan.run, found))?;
        let mut numbers: BTreeMap<(usize, u64), usize> = BTreeMap::new();
        let mut number = |&(place, value): &(usize, f64)| {
            let next = numbers.len();
            *numbers.entry((place, value.to_bits())).or_insert(next)
        };
        let factors = rows.iter().map(|row| row.values.iter().map(&mut number).collect()).collect();
        let distinct = numbers.len();
        Ok(Self { sampler: *sampler, free, run, start, factors, distinct })
    }

    /// How many coordinates there are: parameters that are not fixed, then noise by step and stock.
    pub(super) fn dimension(&self) -> usize {
        self.free.len() + self.noises()
    }

    /// How many instructions a run to the last row has.
    pub(super) fn instructions(&self) -> usize {
        self.sampler.plan.run.step.len() * self.sampler.steps
    }

    /// How many draws of noise there are.
    fn noises(&self) -> usize {
        self.sampler.steps * self.sampler.setup.stocks.len()
    }

    /// The position of parameters at these coordinates of theirs, with this noise.
    pub(super) fn position(&self, particle: &[f64], noise: &[f64]) -> Vec<f64> {
        let coordinates = self.sampler.moves.coordinates();
        let own = self.free.iter().map(|&place| coordinates[place].to_normal(particle[place]));
        own.chain(noise.iter().copied()).collect()
    }

    /// The parameters' coordinates and the noise at a position.
    pub(super) fn split(&self, position: &[f64]) -> (Vec<f64>, Vec<f64>) {
        // One half is a coordinate of a constant that is fixed as well as any other.
        let mut particle = vec![0.5; self.sampler.moves.names.len()];
        for (&place, normal) in self.free.iter().zip(position) {
            particle[place] = self.sampler.moves.coordinates()[place].of_normal(*normal).0;
        }
        (particle, position[self.free.len()..].to_vec())
    }
}

/// Which varied constant of the plan a place among the model's constants is.
fn column(plan: &Plan<'_>, place: u32) -> Option<usize> {
    plan.varied.iter().position(|&varied| varied == place as usize)
}

/// The error of something without a derivative.
fn no_derivative(model: &Model, program: &Program, found: NoDerivative) -> Error {
    let (cell, what) = match found {
        NoDerivative::Call(call) => {
            let call = &program.calls[call as usize];
            let name = call.special.map_or("an index", |special| special.name());
            (call.owner, name)
        }
        NoDerivative::Device(state) => (program.states[state as usize], "a conveyor or queue"),
    };
    let name = model.cell_name(cell);
    Error::settings(format!(
        "{name}: {what} depends here on what is learnt, and no derivative of it is known; write it \
         without, or learn by chains that need no gradient"
    ))
}

/// A log-density and its gradient by the coordinates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DensityGradient {
    /// ln p(q, z, y), up to a constant; minus infinity where the record is impossible.
    pub(super) log_density: f64,
    pub(super) gradient: Vec<f64>,
}

/// Evaluates the density at W positions at once. Holds what is used again from one evaluation to the next.
pub(super) struct PathDensity<'d, 'p, 'a, const W: usize> {
    pub(super) shared: &'d DensitySetup<'p, 'a>,
    arch: Arch,
    /// The states of each step, step after step.
    states: Vec<Lanes<W>>,
    /// By step and stock: derivatives of the noisy stock by the stock, the magnitude and the draw.
    slopes: Vec<[Lanes<W>; 3]>,
    /// By register.
    adjoints: Vec<Lanes<W>>,
    /// By step and stock: the derivative by the draw.
    by_noise: Vec<Lanes<W>>,
    /// By delay and step: what later states give back to the input of that step.
    pending: Vec<Vec<Lanes<W>>>,
    /// By variable and value that was observed of it, what was found of it last.
    factors: Vec<[Option<CountFactor>; W]>,
    log_densities: [f64; W],
}

impl<'d, 'p, 'a, const W: usize> PathDensity<'d, 'p, 'a, W> {
    pub(super) fn new(shared: &'d DensitySetup<'p, 'a>) -> Self {
        Self {
            shared,
            arch: Arch::new(),
            states: Vec::new(),
            slopes: Vec::new(),
            adjoints: Vec::new(),
            by_noise: Vec::new(),
            pending: Vec::new(),
            factors: vec![[None; W]; shared.distinct],
            log_densities: [0.0; W],
        }
    }

    /// The densities at positions, at most W of them.
    ///
    /// # Errors
    /// If a delay would remember too much.
    pub(super) fn evaluate(&mut self, positions: &[&[f64]]) -> Result<Vec<DensityGradient>, Error> {
        debug_assert!(!positions.is_empty() && positions.len() <= W, "positions of one block");
        let particles: Vec<Vec<f64>> =
            positions.iter().map(|position| self.shared.split(position).0).collect();
        let constants: Vec<Vec<f64>> = particles
            .iter()
            .map(|particle| self.shared.sampler.moves.constants(particle))
            .collect();
        let last = positions.len() - 1;
        let columns = self.shared.sampler.columns.iter().map(|source| match *source {
            ConstantSource::Same(value) => Lanes([value; W]),
            ConstantSource::Parameter(place) => {
                Lanes(core::array::from_fn(|lane| constants[lane.min(last)][place]))
            }
        });
        let lanes: Vec<Lanes<W>> = columns.collect();
        let mut block = Block::<W>::new(self.shared.sampler.plan, 0, &lanes);
        let start = block.begin_keeping(&lanes)?;
        self.forward(&mut block, positions);
        self.back(&mut block);
        let by_column = self.by_column(&start);
        let found = positions
            .iter()
            .enumerate()
            .map(|(lane, position)| self.gathered(position, &particles[lane], &by_column, lane));
        Ok(found.collect())
    }

    /// Runs to the last row and keeps the states on the way.
    fn forward(&mut self, block: &mut Block<'_, '_, W>, positions: &[&[f64]]) {
        let (setup, plan) = (self.shared.sampler.setup, self.shared.sampler.plan);
        let (first, stocks) = (self.shared.free.len(), setup.stocks.len());
        self.states.clear();
        self.slopes.clear();
        for step in 0..=self.shared.sampler.steps {
            let states = block.states();
            self.states.extend_from_slice(&block.registers()[..states]);
            if step == self.shared.sampler.steps {
                break;
            }
            block.compute(step);
            let sizes: Vec<[f64; W]> = setup
                .stocks
                .iter()
                .map(|stock| core::array::from_fn(|lane| magnitude(stock.magnitude, block, lane)))
                .collect();
            block.proceed(step);
            for (place, stock) in setup.stocks.iter().enumerate() {
                let at = first + step * stocks + place;
                let mut kept = [Lanes::ZERO; 3];
                for (lane, value) in block.values_mut(stock.state).iter_mut().enumerate() {
                    let standard = positions[lane.min(positions.len() - 1)][at];
                    let before = (*value, stock.non_negative);
                    let StepSlopes { value: moved, by_stock, by_magnitude, by_standard } =
                        stock.noise.slopes(before, sizes[place][lane], plan.dt, standard);
                    *value = moved;
                    for (kept, slope) in kept.iter_mut().zip([by_stock, by_magnitude, by_standard])
                    {
                        kept.0[lane] = slope;
                    }
                }
                self.slopes.push(kept);
            }
        }
    }

    /// Goes back from the last row to the first step: densities of the record, and v̄ of all registers.
    fn back(&mut self, block: &mut Block<'_, '_, W>) {
        let shared = self.shared;
        let states = block.states();
        self.log_densities = [0.0; W];
        self.adjoints.clear();
        self.adjoints.resize(shared.sampler.plan.run.registers, Lanes::ZERO);
        self.by_noise.clear();
        self.by_noise.resize(shared.noises(), Lanes::ZERO);
        let delays = shared.sampler.plan.run.lagged.len();
        self.pending = vec![vec![Lanes::ZERO; shared.sampler.steps + 1]; delays];
        let mut rows = shared.sampler.rows.iter().enumerate().rev().peekable();
        for step in (0..=shared.sampler.steps).rev() {
            block.set_states(&self.states[step * states..(step + 1) * states]);
            block.compute(step);
            if step < shared.sampler.steps {
                self.back_of_transition(block, step);
            }
            if let Some((row, _)) = rows.next_if(|(_, row)| row.step == step) {
                self.observe(block, row);
            }
            self.pull(&shared.run.step, block.registers());
        }
        self.pull(&shared.run.once, block.registers());
    }

    /// Turns v̄ of the states after a step into that of the states before it and of what moved them.
    fn back_of_transition(&mut self, block: &Block<'_, '_, W>, step: usize) {
        let (setup, plan) = (self.shared.sampler.setup, self.shared.sampler.plan);
        let stocks = setup.stocks.len();
        let mut by_size: Vec<(Register, Lanes<W>)> = Vec::with_capacity(stocks);
        for (place, stock) in setup.stocks.iter().enumerate() {
            let [by_stock, by_magnitude, by_standard] = &self.slopes[step * stocks + place];
            let own = &mut self.adjoints[stock.state as usize].0;
            let mut size = Lanes::ZERO;
            for (lane, own) in own.iter_mut().enumerate() {
                self.by_noise[step * stocks + place].0[lane] = *own * by_standard.0[lane];
                size.0[lane] = *own * by_magnitude.0[lane];
                *own *= by_stock.0[lane];
            }
            if let MagnitudeSource::Register(register) = stock.magnitude {
                by_size.push((register, size));
            }
        }
        for (place, lagged) in plan.run.lagged.iter().enumerate() {
            let own = core::mem::replace(&mut self.adjoints[lagged.state as usize], Lanes::ZERO);
            for (lane, own) in own.0.into_iter().enumerate() {
                let lag = block.values(lagged.lag)[lane];
                let back = steps_back(lag, plan.dt, plan.steps + 1);
                match (step + 1).checked_sub(back) {
                    Some(then) => self.pending[place][then].0[lane] += own,
                    // From the start: the state's own first value, which no step lies before.
                    None => self.initial_of(place).0[lane] += own,
                }
            }
            let given = self.pending[place][step];
            add(&mut self.adjoints[lagged.input as usize], &given);
        }
        for carry in &plan.run.carries {
            let own = core::mem::replace(&mut self.adjoints[carry.state as usize], Lanes::ZERO);
            add(&mut self.adjoints[carry.input as usize], &own);
        }
        self.back_of_stocks(block.registers());
        for (register, size) in by_size {
            add(&mut self.adjoints[register as usize], &size);
        }
    }

    /// Where a delay's first value gathers what it gets back: behind the last step.
    fn initial_of(&mut self, delay: usize) -> &mut Lanes<W> {
        let last = self.pending[delay].len() - 1;
        &mut self.pending[delay][last]
    }

    /// The stocks' part of a step: x + Δ·net, cut off at zero where a stock is never negative.
    fn back_of_stocks(&mut self, registers: &[Lanes<W>]) {
        let dt = self.shared.sampler.plan.dt;
        for update in &self.shared.sampler.plan.run.updates {
            if !self.shared.run.registers[update.state as usize] {
                continue;
            }
            let own = &mut self.adjoints[update.state as usize].0;
            if update.non_negative {
                let before = &registers[update.state as usize].0;
                for (lane, own) in own.iter_mut().enumerate() {
                    let gain = net(registers, update.net, lane);
                    if before[lane] + dt * gain < 0.0 {
                        *own = 0.0;
                    }
                }
            }
            let moved = Lanes(own.map(|own| dt * own));
            let lost = Lanes(moved.0.map(|moved| -moved));
            match update.net {
                Net::Gain(a) => add(&mut self.adjoints[a as usize], &moved),
                Net::Loss(a) => add(&mut self.adjoints[a as usize], &lost),
                Net::Difference(a, b) => {
                    add(&mut self.adjoints[a as usize], &moved);
                    add(&mut self.adjoints[b as usize], &lost);
                }
            }
        }
    }

    /// Takes a row's density in, and its derivatives by the variables that are observed and their magnitudes.
    fn observe(&mut self, block: &Block<'_, '_, W>, row: usize) {
        let shared = self.shared;
        let factors = &shared.factors[row];
        for (&(place, value), &factor) in shared.sampler.rows[row].values.iter().zip(factors) {
            let variable = &shared.sampler.setup.observed[place];
            let sizes = core::array::from_fn(|lane| magnitude(variable.magnitude, block, lane));
            let means = block.values(variable.register);
            let found = variable.density.slopes(value, means, &sizes, &mut self.factors[factor]);
            for (sum, log_density) in self.log_densities.iter_mut().zip(found.log_densities) {
                *sum += log_density;
            }
            add(&mut self.adjoints[variable.register as usize], &Lanes(found.by_mean));
            if let MagnitudeSource::Register(register) = variable.magnitude {
                add(&mut self.adjoints[register as usize], &Lanes(found.by_magnitude));
            }
        }
    }

    /// Goes back over some instructions of the run.
    fn pull(&mut self, code: &[Instruction], registers: &[Lanes<W>]) {
        let plan = self.shared.sampler.plan;
        self.arch.dispatch(PullBack {
            code,
            calls: &plan.run.calls,
            tables: plan.tables,
            registers,
            adjoints: &mut self.adjoints,
        });
    }

    /// The derivatives by the plan's varied constants, those of the start among them.
    fn by_column(&mut self, start: &[Lanes<W>]) -> Vec<Lanes<W>> {
        let plan = self.shared.sampler.plan;
        for (place, lagged) in plan.run.lagged.iter().enumerate() {
            let first = *self.initial_of(place);
            add(&mut self.adjoints[lagged.state as usize], &first);
        }
        let mut by_start = vec![Lanes::ZERO; plan.start.registers];
        for (state, &from) in plan.start.outputs.iter().enumerate() {
            add(&mut by_start[from as usize], &self.adjoints[state]);
        }
        self.arch.dispatch(PullBack {
            code: &self.shared.start.step,
            calls: &plan.start.calls,
            tables: plan.tables,
            registers: start,
            adjoints: &mut by_start,
        });
        let mut found = vec![Lanes::ZERO; plan.varied.len()];
        for (program, adjoints) in [(plan.run, &self.adjoints), (plan.start, &by_start)] {
            for &(register, place) in &program.parameters {
                if let Some(column) = column(plan, place) {
                    add(&mut found[column], &adjoints[register as usize]);
                }
            }
        }
        found
    }

    /// A member's density and gradient by its coordinates, priors among them.
    fn gathered(
        &self,
        position: &[f64],
        particle: &[f64],
        by_column: &[Lanes<W>],
        lane: usize,
    ) -> DensityGradient {
        let mut by_parameter = vec![0.0; particle.len()];
        for (source, found) in self.shared.sampler.columns.iter().zip(by_column) {
            if let ConstantSource::Parameter(place) = *source {
                by_parameter[place] += found.0[lane];
            }
        }
        let parameters = self.shared.free.iter().zip(position).map(|(&place, normal)| {
            let coordinate = &self.shared.sampler.moves.coordinates()[place];
            let (at, slope) = coordinate.of_normal(*normal);
            by_parameter[place] * coordinate.slope(at) * slope - normal
        });
        let noise = self.by_noise.iter().zip(&position[self.shared.free.len()..]);
        let noise = noise.map(|(found, normal)| found.0[lane] - normal);
        let gradient: Vec<f64> = parameters.chain(noise).collect();
        let log_prior = -0.5 * position.iter().map(|normal| normal * normal).sum::<f64>();
        let log_density = self.log_densities[lane] + log_prior;
        let is_sound = log_density.is_finite() && gradient.iter().all(|part| part.is_finite());
        DensityGradient {
            log_density: if is_sound { log_density } else { f64::NEG_INFINITY },
            gradient,
        }
    }
}

/// Adds to v̄ by member.
fn add<const W: usize>(target: &mut Lanes<W>, part: &Lanes<W>) {
    for (target, part) in target.0.iter_mut().zip(&part.0) {
        *target += part;
    }
}

#[cfg(test)]
mod tests;
