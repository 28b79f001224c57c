//! Belts and queues of single members, moved once per step.
//!
//! A step has two halves. [`Device::advance`] carries out what was settled before and takes in the
//! step's inflow; [`Device::settle`] decides what leaves in the coming step and gives it out as
//! rates. So what leaves depends on the moment before, and outflows can be read like states.

use std::collections::VecDeque;

use crate::compile::device::{ConveyorSpec, DeviceKind, DeviceSpec, OUTFLOWS, QueueSpec};
use crate::engine::program::DeviceRun;

/// One device of one member.
#[derive(Debug, Clone)]
pub(crate) enum Device {
    Belt(Belt),
    Queue(Queue),
}

/// The moment and setting that a device is moved in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Division {
    /// The step, in units of time.
    pub dt: f64,
    /// Steps since the start, after this one.
    pub step: usize,
    /// Most slots a belt may have.
    pub slot_limit: usize,
}

impl Device {
    /// A device with its initial content; `given` are its inputs in the order of the spec.
    pub(crate) fn new(spec: &DeviceSpec, content: f64, given: &[f64], pace: Division) -> Self {
        let rest = &given[spec.inflows.len()..];
        match &spec.kind {
            DeviceKind::Conveyor(conveyor) => Self::Belt(Belt::new(conveyor, content, rest, pace)),
            DeviceKind::Queue(_) => {
                Self::Queue(Queue { batches: VecDeque::from([content]), leaving: Vec::new() })
            }
        }
    }

    /// Moves the device over a step: what was settled leaves, the inflow enters.
    pub(crate) fn advance(&mut self, spec: &DeviceSpec, given: &[f64], pace: Division) {
        let (inflows, rest) = given.split_at(spec.inflows.len());
        let entering: f64 = inflows.iter().sum::<f64>() * pace.dt;
        match (self, &spec.kind) {
            (Self::Belt(belt), DeviceKind::Conveyor(conveyor)) => {
                belt.advance(conveyor, entering, rest, pace);
            }
            (Self::Queue(queue), _) => queue.advance(entering),
            _ => {}
        }
    }

    /// Settles what leaves during the next step and gives all outputs as the spec orders them.
    pub(crate) fn settle(
        &mut self,
        spec: &DeviceSpec,
        given: &[f64],
        pace: Division,
        outputs: &mut Vec<f64>,
    ) {
        let rest = &given[spec.inflows.len()..];
        match (self, &spec.kind) {
            (Self::Belt(belt), DeviceKind::Conveyor(conveyor)) => {
                belt.settle(conveyor, rest, pace, outputs);
            }
            (Self::Queue(queue), DeviceKind::Queue(outlets)) => {
                queue.settle(outlets, rest, pace, outputs);
            }
            _ => {}
        }
    }
}

/// What entered in one step, where it is now.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// What is still there, in the stock's unit.
    amount: f64,
    /// The amount that entered.
    original: f64,
    /// Steps it takes over the belt.
    transit: usize,
    /// Leaving through leakages during the coming step.
    leaking: f64,
}

impl Slot {
    /// Adds what stays at the end of the belt. It has leaked its fraction of what entered, so that
    /// the amount that entered is left as it is.
    fn join(&mut self, kept: Self) {
        self.amount += kept.amount;
        if self.transit == 0 {
            self.transit = kept.transit;
        }
    }
}

/// A conveyor's belt; the first slot is at the end.
#[derive(Debug, Clone)]
pub(crate) struct Belt {
    /// One for each step of the transit time, or more after it was shortened.
    slots: VecDeque<Slot>,
    /// Steps that what enters now will take.
    transit: usize,
    /// Arrested for the coming step.
    stopped: bool,
    /// What entered in the current unit of time, for discrete belts.
    entered: f64,
}

/// Inputs of a conveyor after its inflows.
struct ConveyorInputs<'a> {
    transit_time: f64,
    capacity: f64,
    inflow_limit: f64,
    sample: bool,
    arrest: bool,
    fractions: &'a [f64],
}

/// The conveyor's settings among the values given, in their order.
fn settings(given: &[f64]) -> ConveyorInputs<'_> {
    ConveyorInputs {
        transit_time: given[0],
        capacity: given[1],
        inflow_limit: given[2],
        sample: given[3] != 0.0,
        arrest: given[4] != 0.0,
        fractions: &given[5..],
    }
}

/// Whole steps of a time, at least one and at most as many as a belt may have slots.
fn steps(time: f64, pace: Division) -> usize {
    let steps = (time / pace.dt).round();
    if steps >= 1.0 { steps.min(pace.slot_limit as f64) as usize } else { 1 }
}

impl Belt {
    /// A belt with its content spread evenly over its slots.
    fn new(spec: &ConveyorSpec, content: f64, given: &[f64], pace: Division) -> Self {
        let transit = steps(settings(given).transit_time, pace);
        let unit = if spec.discrete { steps(1.0, pace) } else { 1 };
        let batches = transit.div_ceil(unit);
        let share = content / batches as f64;
        let slot = |place: usize| {
            let amount = if place.is_multiple_of(unit) { share } else { 0.0 };
            Slot { amount, original: amount, transit, leaking: 0.0 }
        };
        Self { slots: (0..transit).map(slot).collect(), transit, stopped: false, entered: 0.0 }
    }

    /// The belt moves by one slot unless it is arrested, and what enters is put as many slots from
    /// the end as the transit time has steps. What is on the belt keeps its place when the transit
    /// time changes, so that what enters later may leave earlier.
    ///
    /// A belt whose outflows are all leaks, or that has none, keeps what reaches its end: the
    /// standard names no way out of it, and a stock changes by its flows alone.
    fn advance(&mut self, spec: &ConveyorSpec, entering: f64, given: &[f64], pace: Division) {
        let settings = settings(given);
        let mut kept = None;
        if !self.stopped {
            for slot in &mut self.slots {
                slot.amount -= slot.leaking;
                slot.leaking = 0.0;
            }
            let last = self.slots.pop_front();
            kept = last.filter(|_| spec.leaks.iter().all(Option::is_some));
        }
        if settings.sample {
            self.transit = steps(settings.transit_time, pace);
        }
        while self.slots.len() < self.transit {
            self.slots.push_back(Slot::default());
        }
        if let (Some(kept), Some(front)) = (kept, self.slots.front_mut()) {
            front.join(kept);
        }
        let slot = &mut self.slots[self.transit - 1];
        slot.amount += entering;
        slot.original += entering;
        slot.transit = self.transit;
        let is_new_unit = pace.step.is_multiple_of(steps(1.0, pace));
        self.entered = if is_new_unit || !spec.discrete { 0.0 } else { self.entered + entering };
    }

    fn settle(
        &mut self,
        spec: &ConveyorSpec,
        given: &[f64],
        pace: Division,
        outputs: &mut Vec<f64>,
    ) {
        let settings = settings(given);
        self.stopped = settings.arrest;
        let content: f64 = self.slots.iter().map(|slot| slot.amount).sum();
        outputs.clear();
        outputs.extend([content, 0.0]);
        outputs.extend(std::iter::repeat_n(0.0, spec.leaks.len()));
        if self.stopped {
            return;
        }
        let mut leaving = 0.0;
        let mut fractions = settings.fractions.iter();
        for (number, leak) in spec.leaks.iter().enumerate() {
            let Some(leak) = leak else { continue };
            let fraction = fractions.next().copied().unwrap_or(0.0);
            let amount = self.leak(spec, fraction, leak.zone, leak.integers, pace);
            outputs[OUTFLOWS + number] = amount / pace.dt;
            leaving += amount;
        }
        if let Some(end) = spec.leaks.iter().position(Option::is_none) {
            let amount = self.slots.front().map_or(0.0, |slot| slot.amount - slot.leaking);
            outputs[OUTFLOWS + end] = amount / pace.dt;
            leaving += amount;
        }
        outputs[1] = self.room(spec, &settings, content - leaving, pace);
    }

    /// Largest rate of inflow. Per unit of time, never below zero. The limit of a discrete belt is
    /// on what enters within one unit of time, not on the rate.
    fn room(
        &self,
        spec: &ConveyorSpec,
        settings: &ConveyorInputs<'_>,
        staying: f64,
        pace: Division,
    ) -> f64 {
        let by_capacity = (settings.capacity - staying) / pace.dt;
        let by_limit = if spec.discrete {
            (settings.inflow_limit - self.entered) / pace.dt
        } else {
            settings.inflow_limit
        };
        by_capacity.min(by_limit).max(0.0)
    }

    /// Marks what leaks from each slot in the zone. Linear leakage spreads the fraction of what
    /// entered over the steps spent in the zone; exponential leakage takes the fraction of what is
    /// there per unit of time. Gives the sum over the belt. A slot never leaks more than is in it.
    /// The slack of 1e-9 keeps a slot on the border of a zone on the same side whatever its
    /// rounding.
    fn leak(
        &mut self,
        spec: &ConveyorSpec,
        fraction: f64,
        zone: (f64, f64),
        integers: bool,
        pace: Division,
    ) -> f64 {
        let mut amounts = Vec::with_capacity(self.slots.len());
        for (place, slot) in self.slots.iter().enumerate() {
            let transit = slot.transit.max(1);
            let gone = (transit.saturating_sub(place + 1)) as f64 / transit as f64;
            let inside = gone >= zone.0 - 1e-9 && gone < zone.1 - 1e-9;
            let steps_in_zone = ((zone.1 - zone.0) * transit as f64).round().max(1.0);
            let amount = if spec.exponential {
                slot.amount * fraction * pace.dt
            } else {
                slot.original * fraction / steps_in_zone
            };
            let left = (slot.amount - slot.leaking).max(0.0);
            amounts.push(if inside { amount.clamp(0.0, left) } else { 0.0 });
        }
        let total: f64 = amounts.iter().sum();
        let share = if integers && total > 0.0 { total.floor() / total } else { 1.0 };
        let mut leaked = 0.0;
        for (slot, amount) in self.slots.iter_mut().zip(amounts) {
            slot.leaking += amount * share;
            leaked += amount * share;
        }
        leaked
    }
}

/// Batches in order of arrival.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    batches: VecDeque<f64>,
    /// By outlet: what leaves during the coming step.
    leaving: Vec<f64>,
}

impl Queue {
    /// Takes out what leaves and puts what enters behind the rest. Each step's inflow is a batch.
    fn advance(&mut self, entering: f64) {
        let leaving: f64 = self.leaving.iter().sum();
        self.take(leaving);
        if entering > 0.0 {
            self.batches.push_back(entering);
        }
    }

    /// Takes an amount from the front, batch by batch.
    fn take(&mut self, mut amount: f64) {
        while let Some(front) = self.batches.front_mut() {
            if *front > amount {
                *front -= amount;
                return;
            }
            amount -= *front;
            self.batches.pop_front();
        }
    }

    /// What each outlet takes in the coming step, first come first served. Decided on a copy; the
    /// queue itself changes when it advances. An outlet that leads to no conveyor has room for
    /// everything.
    fn settle(&mut self, spec: &QueueSpec, given: &[f64], pace: Division, outputs: &mut Vec<f64>) {
        let content: f64 = self.batches.iter().sum();
        outputs.clear();
        outputs.extend([content, f64::INFINITY]);
        self.leaving.clear();
        let mut waiting = self.batches.clone();
        let mut rooms = given.iter();
        let mut blocked = false;
        for outlet in &spec.outlets {
            let room = match outlet.room {
                Some(_) => rooms.next().copied().unwrap_or(0.0) * pace.dt,
                None => f64::INFINITY,
            };
            let open = !outlet.is_overflow || blocked;
            let taken = if open {
                serve(&mut waiting, room, outlet.whole_batches, outlet.one_at_a_time)
            } else {
                0.0
            };
            blocked |= open && !waiting.is_empty();
            self.leaving.push(taken);
            outputs.push(taken / pace.dt);
        }
    }
}

/// Takes batches from the front while there is room. With `whole`, a batch that does not fit waits
/// and holds up those behind it; with `one`, at most one batch or a part of one goes.
fn serve(waiting: &mut VecDeque<f64>, mut room: f64, whole: bool, one: bool) -> f64 {
    let mut taken = 0.0;
    while let Some(front) = waiting.front_mut() {
        if *front <= room {
            taken += *front;
            room -= *front;
            waiting.pop_front();
        } else {
            if !whole && room > 0.0 {
                taken += room;
                *front -= room;
            }
            break;
        }
        if one {
            break;
        }
    }
    taken
}

/// The inputs of a device of one member, read from registers.
pub(crate) fn read(run: &DeviceRun, register: impl Fn(u32) -> f64, given: &mut Vec<f64>) {
    given.clear();
    given.extend(run.inputs.iter().map(|&input| register(input)));
}
