//! One block of members from start to stop.
//!
//! A step has this order: everything that follows from the states is computed and, where a row is
//! due, saved; inputs of delays and devices are noted; stocks move; delays take their next values;
//! devices move and settle what leaves in the step to come. Random functions are drawn once a step:
//! the stages of a Runge–Kutta step draw the same again.

use pulp::{Arch, NullaryFnOnce};
use sanad_core::random::Streams;

use crate::compile::device::{CONTENT, DeviceKind, DeviceSpec};
use crate::compile::table::Table;
use crate::document::Method;
use crate::engine::device::{Device, Division, read};
use crate::engine::kernel::{Lanes, Surroundings, euler, execute, net, save};
use crate::engine::program::{Lagged, Program, Register};
use crate::engine::special::Moment;
use crate::error::Error;

/// Longest belt, in steps; a longer transit time counts as this long.
pub(crate) const BELT_SLOTS: usize = 100_000;

/// Everything a block needs that is the same for all blocks.
pub(crate) struct Plan<'a> {
    /// One step.
    pub run: &'a Program,
    /// The states at the start.
    pub start: &'a Program,
    pub tables: &'a [Table],
    pub devices: &'a [DeviceSpec],
    /// Values of the model's constants.
    pub defaults: &'a [f64],
    /// Constants that members set: place among the defaults.
    pub varied: &'a [usize],
    pub method: Method,
    pub start_time: f64,
    /// The step, in units of time.
    pub dt: f64,
    /// From start to stop.
    pub steps: usize,
    /// Steps between saved rows.
    pub save_every: usize,
    pub streams: Streams,
    /// Most numbers a delay may remember.
    pub history_limit: usize,
    /// Called with the number of a step that is done, once in [`STEPS_APART`] steps of a block.
    pub after_steps: &'a (dyn Fn(usize) + Sync),
}

/// How many steps lie between two calls of [`Plan::after_steps`]: few enough to be heard of several
/// times a second, a power of two so that asking costs next to nothing.
const STEPS_APART: usize = 1 << 10;

impl Plan<'_> {
    /// Number of saved times.
    pub(crate) fn saves(&self) -> usize {
        self.steps / self.save_every + 1
    }

    /// Says that a step begins, once in [`STEPS_APART`].
    fn note_step(&self, step: usize) {
        if step.is_multiple_of(STEPS_APART) {
            (self.after_steps)(step);
        }
    }

    /// How a step divides time, for conveyors.
    fn pace(&self, step: usize) -> Division {
        Division { dt: self.dt, step, slot_limit: BELT_SLOTS }
    }

    /// The time at a step. Not added up from step to step, so that rounding does not grow.
    pub(crate) fn time(&self, step: usize) -> f64 {
        self.start_time + step as f64 * self.dt
    }

    /// A step's time with its random streams.
    fn moment(&self, step: usize, time: f64) -> Moment {
        Moment { time, dt: self.dt, step: step as u32, streams: self.streams }
    }
}

/// Runs one block. `varied` holds, per varied constant, one value per member; `rows` takes, per
/// saved time and output, one value per member. `rows` is as long as saved times × outputs × W.
///
/// # Errors
///
/// If a delay would remember too much.
pub(crate) fn run_block<const W: usize>(
    plan: &Plan<'_>,
    first_member: usize,
    varied: &[Lanes<W>],
    rows: &mut [f64],
) -> Result<(), Error> {
    let mut block = Block::<W>::new(plan, first_member, varied);
    block.begin(varied)?;
    block.go(rows)
}

/// W members in their course: registers, delays, conveyors and what is saved.
#[derive(Clone)]
pub(crate) struct Block<'p, 'a, const W: usize> {
    plan: &'p Plan<'a>,
    arch: Arch,
    first_member: u32,
    registers: Vec<Lanes<W>>,
    /// Next values of states that lag by one step.
    carried: Vec<Lanes<W>>,
    histories: Vec<History<W>>,
    /// By device and lane.
    devices: Vec<Vec<Device>>,
    /// By device and lane: inputs of the step.
    given: Vec<Vec<Vec<f64>>>,
    /// Stocks at the start of a Runge–Kutta step; empty with Euler's method.
    before: Vec<Lanes<W>>,
    /// Weighted sums of the slopes of its stages.
    slope: Vec<Lanes<W>>,
}

/// What a delay remembers: a ring of past inputs.
#[derive(Clone)]
struct History<const W: usize> {
    /// What the delay gives before the run is as old as its lag.
    initial: Lanes<W>,
    /// The lag as it was at the step before, in units of time.
    lag: Lanes<W>,
    /// The input at step s, at place s modulo `capacity`.
    past: Vec<Lanes<W>>,
    capacity: usize,
}

impl<'p, 'a, const W: usize> Block<'p, 'a, W> {
    /// The members before their first step.
    pub(crate) fn new(plan: &'p Plan<'a>, first_member: usize, varied: &[Lanes<W>]) -> Self {
        let mut registers = vec![Lanes::ZERO; plan.run.registers];
        fill(plan.run, plan, varied, &mut registers);
        let stocks = if plan.method == Method::Euler { 0 } else { plan.run.updates.len() };
        Self {
            plan,
            arch: Arch::new(),
            first_member: first_member as u32,
            registers,
            carried: vec![Lanes::ZERO; plan.run.carries.len()],
            histories: Vec::new(),
            devices: Vec::new(),
            given: vec![vec![Vec::new(); W]; plan.run.devices.len()],
            before: vec![Lanes::ZERO; stocks],
            slope: vec![Lanes::ZERO; stocks],
        }
    }

    /// Computes the states at the start and what stays the same from then on.
    ///
    /// # Errors
    /// If a delay would remember too much.
    pub(crate) fn begin(&mut self, varied: &[Lanes<W>]) -> Result<(), Error> {
        self.begin_keeping(varied).map(drop)
    }

    /// As [`begin`](Self::begin); gives the registers of the program that computed the start.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub(crate) fn begin_keeping(&mut self, varied: &[Lanes<W>]) -> Result<Vec<Lanes<W>>, Error> {
        let (plan, start) = (self.plan, self.plan.start);
        let mut registers = vec![Lanes::ZERO; start.registers];
        fill(start, plan, varied, &mut registers);
        if let Some(time) = start.time {
            registers[time as usize] = Lanes([plan.start_time; W]);
        }
        let around = Surroundings {
            calls: &start.calls,
            tables: plan.tables,
            moment: plan.moment(0, plan.start_time),
            first_member: self.first_member,
        };
        self.arch.dispatch(Evaluate { code: &start.step, registers: &mut registers, around });
        for (state, &from) in start.outputs.iter().enumerate() {
            self.registers[state] = registers[from as usize];
        }
        self.evaluate(&plan.run.once, 0, plan.start_time);
        for lagged in &plan.run.lagged {
            let history = self.history(lagged)?;
            self.histories.push(history);
        }
        self.begin_devices();
        Ok(registers)
    }

    /// Fills belts and queues, then settles what leaves them first.
    fn begin_devices(&mut self) {
        let plan = self.plan;
        if plan.run.devices.is_empty() {
            return;
        }
        self.evaluate(&plan.run.step, 0, plan.start_time);
        self.note_devices();
        for (place, run) in plan.run.devices.iter().enumerate() {
            let spec = &plan.devices[run.device];
            let content = run.outputs.iter().find(|(_, output)| *output == CONTENT);
            let content = content.map_or([0.0; W], |(state, _)| self.registers[*state as usize].0);
            let pace = plan.pace(0);
            let given = &self.given[place];
            let devices = (0..W).map(|lane| Device::new(spec, content[lane], &given[lane], pace));
            self.devices.push(devices.collect());
        }
        self.settle_devices(0);
    }

    /// Notes the inputs of devices while this moment's values are still there.
    fn note_devices(&mut self) {
        for (given, run) in self.given.iter_mut().zip(&self.plan.run.devices) {
            for (lane, given) in given.iter_mut().enumerate() {
                read(run, |register| self.registers[register as usize].0[lane], given);
            }
        }
    }

    /// Lets conveyors and queues take in and give out for one step.
    fn advance_devices(&mut self, step: usize) {
        let plan = self.plan;
        for (place, run) in plan.run.devices.iter().enumerate() {
            let spec = &plan.devices[run.device];
            for (device, given) in self.devices[place].iter_mut().zip(&self.given[place]) {
                device.advance(spec, given, plan.pace(step));
            }
        }
    }

    /// Settles the coming step. A queue reads the room its conveyors have now.
    fn settle_devices(&mut self, step: usize) {
        let plan = self.plan;
        let mut outputs = Vec::new();
        for (place, run) in plan.run.devices.iter().enumerate() {
            let spec = &plan.devices[run.device];
            for lane in 0..W {
                let given = &mut self.given[place][lane];
                if matches!(spec.kind, DeviceKind::Queue(_)) {
                    read(run, |register| self.registers[register as usize].0[lane], given);
                }
                self.devices[place][lane].settle(spec, given, plan.pace(step), &mut outputs);
                for &(state, output) in &run.outputs {
                    self.registers[state as usize].0[lane] = outputs[output];
                }
            }
        }
    }

    /// Room for the values that a delay looks back to, as few as it can reach. Of a lag that may
    /// change it is as many as the run has steps.
    ///
    /// # Errors
    /// If a delay would keep more values than the limits allow.
    fn history(&self, lagged: &Lagged) -> Result<History<W>, Error> {
        let plan = self.plan;
        let all = plan.steps + 1;
        let capacity = if lagged.lag_is_fixed {
            let lags = self.registers[lagged.lag as usize].0;
            lags.iter().map(|&lag| steps_back(lag, plan.dt, all)).max().unwrap_or(1).min(all)
        } else {
            all
        };
        if capacity.saturating_mul(W) > plan.history_limit {
            return Err(Error::too_large("memory of a delay", capacity * W, plan.history_limit));
        }
        let initial = self.registers[lagged.state as usize];
        let lag = self.registers[lagged.lag as usize];
        Ok(History { initial, lag, past: Vec::with_capacity(capacity), capacity })
    }

    /// Computes all auxiliaries and flows at a time.
    fn evaluate(&mut self, code: &[crate::engine::program::Instruction], step: usize, time: f64) {
        let plan = self.plan;
        if let Some(register) = plan.run.time {
            self.registers[register as usize] = Lanes([time; W]);
        }
        let around = Surroundings {
            calls: &plan.run.calls,
            tables: plan.tables,
            moment: plan.moment(step, time),
            first_member: self.first_member,
        };
        self.arch.dispatch(Evaluate { code, registers: &mut self.registers, around });
    }

    /// Runs from the first step to the last and fills the saved rows. An Euler run with no states
    /// but stocks is one loop of its own, with the same numbers.
    fn go(&mut self, rows: &mut [f64]) -> Result<(), Error> {
        let plan = self.plan;
        let run = plan.run;
        let is_plain = run.carries.is_empty() && run.lagged.is_empty() && run.devices.is_empty();
        if plan.method == Method::Euler && is_plain {
            let (arch, first_member) = (self.arch, self.first_member);
            arch.dispatch(EulerRun { plan, first_member, registers: &mut self.registers, rows });
            return Ok(());
        }
        let width = plan.run.outputs.len() * W;
        for step in 0..=plan.steps {
            plan.note_step(step);
            self.compute(step);
            if step % plan.save_every == 0 && width > 0 {
                let row = step / plan.save_every * width;
                save(&plan.run.outputs, &self.registers, &mut rows[row..row + width]);
            }
            if step < plan.steps {
                self.proceed(step);
            }
        }
        Ok(())
    }

    /// Computes everything that follows from the states at a step.
    pub(crate) fn compute(&mut self, step: usize) {
        let plan = self.plan;
        self.evaluate(&plan.run.step, step, plan.time(step));
    }

    /// Moves the states on from a step that was computed to the next.
    pub(crate) fn proceed(&mut self, step: usize) {
        self.remember(step);
        self.note_devices();
        self.advance(step, self.plan.time(step));
        self.recall(step);
        self.advance_devices(step + 1);
        self.settle_devices(step + 1);
    }

    /// How many past inputs each delay remembers.
    pub(crate) fn memory(&self) -> impl Iterator<Item = usize> {
        self.histories.iter().map(|history| history.capacity)
    }

    /// Lets each delay remember as many past inputs as are given, before the first step: members can
    /// be copied between blocks whose delays remember the same.
    ///
    /// # Errors
    /// If a delay would remember too much.
    pub(crate) fn set_memory(&mut self, capacities: &[usize]) -> Result<(), Error> {
        let limit = self.plan.history_limit;
        for (history, &capacity) in self.histories.iter_mut().zip(capacities) {
            debug_assert!(history.past.is_empty(), "a delay has begun to remember");
            if capacity.saturating_mul(W) > limit {
                return Err(Error::too_large("memory of a delay", capacity * W, limit));
            }
            history.capacity = capacity;
        }
        Ok(())
    }

    /// Copies registers into a row of results, each with its W members.
    pub(crate) fn save(&self, outputs: &[Register], row: &mut [f64]) {
        save(outputs, &self.registers, row);
    }

    /// The members' values in a register.
    pub(crate) fn values(&self, register: Register) -> &[f64; W] {
        &self.registers[register as usize].0
    }

    /// The same, to be changed. Only a state may be, between [`proceed`](Self::proceed) and
    /// [`compute`](Self::compute): everything else is computed anew.
    pub(crate) fn values_mut(&mut self, register: Register) -> &mut [f64; W] {
        &mut self.registers[register as usize].0
    }

    /// All registers.
    pub(crate) fn registers(&self) -> &[Lanes<W>] {
        &self.registers
    }

    /// Puts all states back to what they were at some step, for [`compute`](Self::compute).
    pub(crate) fn set_states(&mut self, states: &[Lanes<W>]) {
        self.registers[..states.len()].copy_from_slice(states);
    }

    /// Whether a member is no more than its states, besides constants: no delay, conveyor or queue
    /// remembers anything for it.
    pub(crate) fn is_states_alone(&self) -> bool {
        self.histories.is_empty() && self.devices.is_empty()
    }

    /// How many states there are. Their registers are the first.
    pub(crate) fn states(&self) -> usize {
        self.plan.run.states.len()
    }

    /// Puts a member of another block, or of this one as it was, into a lane: its constants, states
    /// and all that delays, conveyors and queues remember. Random functions stay those of the lane,
    /// so that two copies of one member part from here on.
    pub(crate) fn copy_member(&mut self, lane: usize, other: &Self, from: usize) {
        for (own, theirs) in self.registers.iter_mut().zip(&other.registers) {
            own.0[lane] = theirs.0[from];
        }
        for (own, theirs) in self.histories.iter_mut().zip(&other.histories) {
            own.initial.0[lane] = theirs.initial.0[from];
            own.lag.0[lane] = theirs.lag.0[from];
            for (own, theirs) in own.past.iter_mut().zip(&theirs.past) {
                own.0[lane] = theirs.0[from];
            }
        }
        for (own, theirs) in self.devices.iter_mut().zip(&other.devices) {
            own[lane].clone_from(&theirs[from]);
        }
    }

    /// Notes the inputs of discrete states while this moment's values are still there.
    fn remember(&mut self, step: usize) {
        for (carried, carry) in self.carried.iter_mut().zip(&self.plan.run.carries) {
            *carried = self.registers[carry.input as usize];
        }
        for (history, lagged) in self.histories.iter_mut().zip(&self.plan.run.lagged) {
            let input = self.registers[lagged.input as usize];
            history.lag = self.registers[lagged.lag as usize];
            match history.past.get_mut(step % history.capacity) {
                Some(slot) => *slot = input,
                None => history.past.push(input),
            }
        }
    }

    /// Moves the stocks on by one step.
    fn advance(&mut self, step: usize, time: f64) {
        let (plan, dt) = (self.plan, self.plan.dt);
        match plan.method {
            Method::Euler => euler(&plan.run.updates, &mut self.registers, dt),
            // Heun: both slopes have weight one, and the step is half their sum.
            Method::Rk2 => {
                self.keep();
                self.stage(1.0, dt);
                self.evaluate(&plan.run.step, step, time + dt);
                self.stage(1.0, 0.0);
                self.finish(dt / 2.0);
            }
            // The classical scheme: slopes weighted 1, 2, 2, 1 and divided by six.
            Method::Rk4 => {
                self.keep();
                self.stage(1.0, dt / 2.0);
                self.evaluate(&plan.run.step, step, time + dt / 2.0);
                self.stage(2.0, dt / 2.0);
                self.evaluate(&plan.run.step, step, time + dt / 2.0);
                self.stage(2.0, dt);
                self.evaluate(&plan.run.step, step, time + dt);
                self.stage(1.0, 0.0);
                self.finish(dt / 6.0);
            }
        }
    }

    /// Remembers the stocks before the stages of a Runge–Kutta step, and clears the sums of slopes.
    fn keep(&mut self) {
        for (place, update) in self.plan.run.updates.iter().enumerate() {
            self.before[place] = self.registers[update.state as usize];
            self.slope[place] = Lanes::ZERO;
        }
    }

    /// Adds the slope here with its weight, and moves the stocks along it from where they began.
    fn stage(&mut self, weight: f64, reach: f64) {
        for (place, update) in self.plan.run.updates.iter().enumerate() {
            for lane in 0..W {
                let slope = net(&self.registers, update.net, lane);
                self.slope[place].0[lane] += weight * slope;
                self.registers[update.state as usize].0[lane] =
                    self.before[place].0[lane] + reach * slope;
            }
        }
    }

    /// Sets the stocks at the end of a step. A non-negative stock is cut off at zero here alone,
    /// not in the stages.
    fn finish(&mut self, scale: f64) {
        for (place, update) in self.plan.run.updates.iter().enumerate() {
            let stock = &mut self.registers[update.state as usize].0;
            for (lane, value) in stock.iter_mut().enumerate() {
                *value = self.before[place].0[lane] + scale * self.slope[place].0[lane];
                if update.non_negative && *value < 0.0 {
                    *value = 0.0;
                }
            }
        }
    }

    /// Gives discrete states their next values. A delay whose lag reaches back before the start
    /// gives its initial value.
    fn recall(&mut self, step: usize) {
        for (carried, carry) in self.carried.iter().zip(&self.plan.run.carries) {
            self.registers[carry.state as usize] = *carried;
        }
        for (history, lagged) in self.histories.iter().zip(&self.plan.run.lagged) {
            for lane in 0..W {
                let back = steps_back(history.lag.0[lane], self.plan.dt, self.plan.steps + 1);
                self.registers[lagged.state as usize].0[lane] = match (step + 1).checked_sub(back) {
                    Some(then) => history.past[then % history.capacity].0[lane],
                    None => history.initial.0[lane],
                };
            }
        }
    }
}

/// A lag in whole steps, at least one. To the nearest, at most `most`; NaN and what is shorter than
/// half a step look back one.
pub(crate) fn steps_back(lag: f64, dt: f64, most: usize) -> usize {
    let steps = (lag / dt).round();
    if steps >= 1.0 { (steps.min(most as f64)) as usize } else { 1 }
}

/// Sets numbers and constants, those that vary member by member. What a member does not set has the
/// model's value.
fn fill<const W: usize>(
    program: &Program,
    plan: &Plan<'_>,
    varied: &[Lanes<W>],
    registers: &mut [Lanes<W>],
) {
    for &(register, value) in &program.numbers {
        registers[register as usize] = Lanes([value; W]);
    }
    for &(register, place) in &program.parameters {
        let given = plan.varied.iter().position(|&varied| varied == place as usize);
        registers[register as usize] = match given {
            Some(column) => varied[column],
            None => Lanes([plan.defaults[place as usize]; W]),
        };
    }
}

/// One evaluation, compiled for the widest vectors that the processor has.
struct Evaluate<'r, 's, const W: usize> {
    code: &'r [crate::engine::program::Instruction],
    registers: &'r mut [Lanes<W>],
    around: Surroundings<'s>,
}

impl<const W: usize> NullaryFnOnce for Evaluate<'_, '_, W> {
    type Output = ();

    /// Runs the instructions.
    #[inline(always)]
    fn call(self) {
        execute(self.code, self.registers, &self.around);
    }
}

/// The whole of an Euler run without discrete states, in one piece of vector code.
struct EulerRun<'r, 'p, 'a, const W: usize> {
    plan: &'p Plan<'a>,
    first_member: u32,
    registers: &'r mut [Lanes<W>],
    rows: &'r mut [f64],
}

impl<const W: usize> NullaryFnOnce for EulerRun<'_, '_, '_, W> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { plan, first_member, registers, rows } = self;
        let run = plan.run;
        let width = run.outputs.len() * W;
        let mut row = 0;
        let mut until_save = 0;
        let mut around = Surroundings {
            calls: &run.calls,
            tables: plan.tables,
            moment: plan.moment(0, plan.start_time),
            first_member,
        };
        for step in 0..=plan.steps {
            plan.note_step(step);
            around.moment = plan.moment(step, plan.time(step));
            if let Some(register) = run.time {
                registers[register as usize] = Lanes([around.moment.time; W]);
            }
            execute(&run.step, registers, &around);
            if until_save == 0 {
                save(&run.outputs, registers, &mut rows[row..row + width]);
                row += width;
                until_save = plan.save_every;
            }
            until_save -= 1;
            if step < plan.steps {
                euler(&run.updates, registers, plan.dt);
            }
        }
    }
}
