//! Conveyors and queues: stocks that decide their own outflows (XMILE 1.0, sections 3.7.2, 3.7.3).
//!
//! Every output of a device (content, outflow, leakages, room for inflow) is a state: what leaves
//! during a step is settled when the step before ends, with the transit time, leakage fractions,
//! capacity and arrest of that moment.
//!
//! Conveyors and queues cannot be written as stocks with a net flow: they remember when each part
//! came in. Each element of such a stock has a device of its own, and its outflows have no equation
//! here: the device drives them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::ir::{BinaryFn, CellId, NodeId, Op};
use crate::compile::lower::{CellKind, Lowerer};
use crate::compile::scope::EntityId;
use crate::compile::time_scale::ScaleDivision;
use crate::compile::variables::{End, Structure};
use crate::document::{Kind, Variable};
use crate::error::{Problem, ProblemKind};

/// Outputs that every device has, by place. What is in it, in the stock's unit.
pub(crate) const CONTENT: usize = 0;
/// The output that says how much a conveyor can take in. Per unit of time; a queue takes in
/// anything.
pub(crate) const ROOM: usize = 1;
/// The first of a device's outflows, in the stock's order.
pub(crate) const OUTFLOWS: usize = 2;

/// A conveyor or queue of one array element.
#[derive(Debug, Clone)]
pub(crate) struct DeviceSpec {
    /// The cell of its content.
    pub content: CellId,
    /// Values of the inflows.
    pub inflows: Vec<NodeId>,
    pub kind: DeviceKind,
}

/// A stock that keeps the order of what is in it.
#[derive(Debug, Clone)]
pub(crate) enum DeviceKind {
    Conveyor(ConveyorSpec),
    Queue(QueueSpec),
}

/// What a conveyor is told each step.
#[derive(Debug, Clone)]
pub(crate) struct ConveyorSpec {
    /// In units of time.
    pub transit_time: NodeId,
    /// Most that may be on it; infinite if the file names none.
    pub capacity: NodeId,
    /// Most that may enter per unit of time; infinite if the file names none.
    pub inflow_limit: NodeId,
    /// The transit time is read anew while this is not zero; one if the file names none.
    pub sample: NodeId,
    /// The belt stands still while this is not zero.
    pub arrest: NodeId,
    /// By outflow: none for the end of the belt.
    pub leaks: Vec<Option<LeakSpec>>,
    /// Moves batches rather than a stream.
    pub discrete: bool,
    /// Leakage is a share of what is there, not of what entered.
    pub exponential: bool,
}

/// What leaks from a conveyor.
#[derive(Debug, Clone)]
pub(crate) struct LeakSpec {
    /// What leaks: a share of what entered, or per unit of time of what is there.
    pub fraction: NodeId,
    /// Only whole numbers leak.
    pub integers: bool,
    /// Start and end, as shares of the length from the inflow.
    pub zone: (f64, f64),
}

/// Where a queue's content goes.
#[derive(Debug, Clone)]
pub(crate) struct QueueSpec {
    /// In the order of the stock's outflows; the first is served first.
    pub outlets: Vec<OutletSpec>,
}

/// One way out of a queue.
#[derive(Debug, Clone)]
pub(crate) struct OutletSpec {
    /// The room of the conveyor it leads to, if it leads to one.
    pub room: Option<NodeId>,
    /// Open only while an outlet before it leaves something waiting.
    pub is_overflow: bool,
    /// A batch for which there is not enough room waits; otherwise a part of it goes.
    pub whole_batches: bool,
    /// At most one batch in a step.
    pub one_at_a_time: bool,
}

impl DeviceSpec {
    /// Everything it reads, in the order in which the machine keeps it. Inflows first; of a
    /// conveyor then transit time, capacity, inflow limit, sample, arrest and the fractions of its
    /// leaks; of a queue the rooms of the conveyors it leads to.
    pub(crate) fn inputs(&self) -> Vec<NodeId> {
        let mut inputs = self.inflows.clone();
        match &self.kind {
            DeviceKind::Conveyor(spec) => {
                inputs.extend([
                    spec.transit_time,
                    spec.capacity,
                    spec.inflow_limit,
                    spec.sample,
                    spec.arrest,
                ]);
                inputs.extend(spec.leaks.iter().flatten().map(|leak| leak.fraction));
            }
            DeviceKind::Queue(spec) => {
                inputs.extend(spec.outlets.iter().filter_map(|outlet| outlet.room));
            }
        }
        inputs
    }
}

/// Which flows are driven by which device, and the cells that hold a device's room. A flow is
/// driven by the stock that it drains.
#[derive(Debug, Clone, Default)]
pub(crate) struct DrivenFlows {
    /// Flow → stock and place among its outflows.
    pub flows: BTreeMap<EntityId, (EntityId, usize)>,
    /// Stock → its first device.
    pub devices: BTreeMap<EntityId, usize>,
    /// Stock → its first room cell.
    pub rooms: BTreeMap<EntityId, CellId>,
}

/// Whether a stock is a conveyor or a queue.
pub(crate) fn is_device(variable: &Variable) -> bool {
    variable.kind == Kind::Stock && (variable.conveyor.is_some() || variable.is_queue)
}

/// Whether a conveyor may take less than what flows to it. Then what flows to it has to be held
/// back element by element.
fn has_limits(variable: &Variable) -> bool {
    variable.conveyor.as_ref().is_some_and(|belt| {
        belt.capacity.is_some() || belt.inflow_limit.is_some() || belt.arrest.is_some()
    })
}

impl Lowerer<'_> {
    /// Finds the devices and makes their room cells. The rooms come first, because flows into a
    /// conveyor read its room before its own cell is lowered. Faults: an outflow of other
    /// dimensions or of two devices, and a device without outflow.
    pub(crate) fn prepare_devices(
        &mut self,
        structure: &Structure,
        problems: &mut Vec<Problem>,
    ) -> DrivenFlows {
        let mut driven = DrivenFlows::default();
        for stock in 0..self.world.entities.len() {
            let entity = &self.world.entities[stock];
            if !is_device(&entity.variable) || entity.hidden || entity.alias.is_some() {
                continue;
            }
            let (cells, path) = (entity.cells, entity.path.clone());
            driven.devices.insert(stock, self.devices.len());
            driven.rooms.insert(stock, self.cells.len() as CellId);
            let zero = self.graph.constant(0.0);
            for place in 0..cells {
                self.current = self.world.entities[stock].first_cell + place as u32;
                let device = self.devices.len();
                self.hidden_cell(CellKind::Device { device, output: ROOM, initial: zero });
                let kind = DeviceKind::Queue(QueueSpec { outlets: Vec::new() });
                let content = self.current;
                self.devices.push(DeviceSpec { content, inflows: Vec::new(), kind });
            }
            for (place, &flow) in structure.outflows[&stock].iter().enumerate() {
                let (outflow, own) = (&self.world.entities[flow], &self.world.entities[stock]);
                let fits = outflow.dimensions == own.dimensions && outflow.alias.is_none();
                if !fits || driven.flows.insert(flow, (stock, place)).is_some() {
                    let name = &self.world.entities[flow].path;
                    let message =
                        format!("its outflow {name} must be its own and of its dimensions");
                    problems.push(Problem::new(ProblemKind::Array, message).of(&path, ""));
                }
            }
            if structure.outflows[&stock].is_empty() {
                let message = "a conveyor or queue needs an outflow";
                problems.push(Problem::new(ProblemKind::Missing, message).of(&path, ""));
            }
        }
        driven
    }

    /// The device of a stock's element; gives the kind of the stock's cell.
    pub(crate) fn device_stock(
        &mut self,
        stock: EntityId,
        place: usize,
        initial: NodeId,
        structure: &Structure,
        driven: &DrivenFlows,
    ) -> Result<CellKind, Problem> {
        let variable = Arc::clone(&self.world.entities[stock].variable);
        let device = driven.devices[&stock] + place;
        let context = self.context(stock, place, "");
        let mut inflows = Vec::new();
        for &flow in &structure.inflows[&stock] {
            self.check_inflow(stock, flow)?;
            let value = self.flow_of_stock(flow, &context, End::Inflow)?;
            inflows.push(self.converted(flow, place, value)?);
        }
        let kind = match &variable.conveyor {
            Some(_) => self.conveyor(stock, place, structure)?,
            None => self.queue(stock, place, structure, driven),
        };
        let content = self.world.entities[stock].first_cell + place as u32;
        self.devices[device] = DeviceSpec { content, inflows, kind };
        Ok(CellKind::Device { device, output: CONTENT, initial })
    }

    /// An inflow of other dimensions cannot be held back element by element.
    ///
    /// # Errors
    ///
    /// If a limited conveyor has an inflow with more elements than it has itself.
    fn check_inflow(&self, stock: EntityId, flow: EntityId) -> Result<(), Problem> {
        let (own, inflow) = (&self.world.entities[stock], &self.world.entities[flow]);
        if inflow.cells <= own.cells || !has_limits(&own.variable) {
            return Ok(());
        }
        let name = &inflow.path;
        let message = format!(
            "its inflow {name} has dimensions that it lacks, which a limited conveyor cannot hold back"
        );
        Err(Problem::new(ProblemKind::Unsupported, message).of(&own.path, ""))
    }

    /// The conveyor that a stock is. The first outflow that is not marked as a leak is the end of
    /// the belt; any other leaks.
    ///
    /// # Errors
    ///
    /// If there is no transit time.
    fn conveyor(
        &mut self,
        stock: EntityId,
        place: usize,
        structure: &Structure,
    ) -> Result<DeviceKind, Problem> {
        let variable = Arc::clone(&self.world.entities[stock].variable);
        let source = variable.conveyor.clone().unwrap_or_default();
        if source.transit_time.trim().is_empty() {
            let message = "the conveyor has no transit time";
            return Err(Problem::new(ProblemKind::Missing, message).of(&variable.name, ""));
        }
        let mut optional = |text: &Option<String>, default: f64| match text {
            Some(text) => self.text(text, stock, place),
            None => Ok(self.graph.constant(default)),
        };
        let capacity = optional(&source.capacity, f64::INFINITY)?;
        let inflow_limit = optional(&source.inflow_limit, f64::INFINITY)?;
        let sample = optional(&source.sample, 1.0)?;
        let arrest = optional(&source.arrest, 0.0)?;
        let transit_time = self.text(&source.transit_time, stock, place)?;
        self.note_time_scale("its transit time", transit_time, ScaleDivision::Belt);
        let outflows = &structure.outflows[&stock];
        let marked = |flow: EntityId| self.world.entities[flow].variable.leak.is_some();
        let end = outflows.iter().position(|&flow| !marked(flow));
        let mut leaks = Vec::new();
        for (number, &flow) in outflows.iter().enumerate() {
            let leak = if Some(number) == end { None } else { Some(self.leak(flow, place)?) };
            leaks.push(leak);
        }
        Ok(DeviceKind::Conveyor(ConveyorSpec {
            transit_time,
            capacity,
            inflow_limit,
            sample,
            arrest,
            leaks,
            discrete: source.discrete,
            exponential: source.exponential_leak,
        }))
    }

    /// The leak that a flow is. An outflow behind the end that is not marked leaks along the whole
    /// length, by its own equation.
    fn leak(&mut self, flow: EntityId, place: usize) -> Result<LeakSpec, Problem> {
        let variable = Arc::clone(&self.world.entities[flow].variable);
        let marked = variable.leak.clone().unwrap_or_default();
        let text = marked.fraction.clone().or_else(|| variable.equations.first().cloned());
        let fraction = match text {
            Some(text) => self.text(&text, flow, place)?,
            None => self.graph.constant(0.0),
        };
        let zone = (marked.zone_start, marked.zone_end);
        Ok(LeakSpec { fraction, integers: marked.integers, zone })
    }

    /// The queue that a stock is. An outflow leads to the conveyor that has it as an inflow, if
    /// there is one.
    fn queue(
        &mut self,
        stock: EntityId,
        place: usize,
        structure: &Structure,
        driven: &DrivenFlows,
    ) -> DeviceKind {
        let mut outlets = Vec::new();
        for &flow in &structure.outflows[&stock] {
            let below = structure.inflows.iter().find(|(id, flows)| {
                flows.contains(&flow) && self.world.entities[**id].variable.conveyor.is_some()
            });
            let below = below.map(|(&id, _)| id);
            let belt = below.and_then(|id| self.world.entities[id].variable.conveyor.clone());
            let room = below.and_then(|id| driven.rooms.get(&id).copied());
            let belt = belt.unwrap_or_default();
            outlets.push(OutletSpec {
                room: room.map(|room| self.graph.add(Op::Cell(room + place as u32))),
                is_overflow: self.world.entities[flow].variable.is_overflow,
                whole_batches: belt.batch_integrity,
                one_at_a_time: belt.one_at_a_time && below.is_some(),
            });
        }
        DeviceKind::Queue(QueueSpec { outlets })
    }

    /// The cell of a flow that a device drives. Its value at the start, for other start values, is
    /// that of an evenly filled belt without leakage. `None` of a flow that no device drives. The
    /// start's value is the content over the transit time at the end of a belt, zero of a flow
    /// marked as a leak, and the content over one step from a queue.
    pub(crate) fn driven_flow(
        &mut self,
        flow: EntityId,
        place: usize,
        driven: &DrivenFlows,
    ) -> Result<Option<CellKind>, Problem> {
        let Some(&(stock, number)) = driven.flows.get(&flow) else { return Ok(None) };
        let device = driven.devices[&stock] + place;
        let content = self.world.entities[stock].first_cell + place as u32;
        let content = self.graph.add(Op::Cell(content));
        let variable = Arc::clone(&self.world.entities[stock].variable);
        let initial = match &variable.conveyor {
            Some(source) if source.transit_time.trim().is_empty() => content,
            Some(source) if self.world.entities[flow].variable.leak.is_none() => {
                let time = self.text(&source.transit_time, stock, place)?;
                self.graph.binary(BinaryFn::Divide, content, time)
            }
            Some(_) => self.graph.constant(0.0),
            None => {
                let dt = self.graph.constant(self.document.simulation.step());
                self.graph.binary(BinaryFn::Divide, content, dt)
            }
        };
        Ok(Some(CellKind::Device { device, output: OUTFLOWS + number, initial }))
    }

    /// What a flow may bring into the conveyors it fills: never less than nothing, and no more
    /// than there is room for after the inflows before it.
    pub(crate) fn limited_by_conveyor(
        &mut self,
        flow: EntityId,
        place: usize,
        value: NodeId,
        structure: &Structure,
        driven: &DrivenFlows,
    ) -> NodeId {
        let fills = |stock: &EntityId| {
            structure.inflows[stock].contains(&flow) && driven.devices.contains_key(stock)
        };
        let stocks: Vec<EntityId> = driven.devices.keys().copied().filter(fills).collect();
        let mut value = value;
        for stock in stocks {
            let zero = self.graph.constant(0.0);
            value = self.graph.binary(BinaryFn::Max, value, zero);
            let found = &self.world.entities[stock];
            if !has_limits(&found.variable) || place >= found.cells {
                continue;
            }
            let mut room = self.graph.add(Op::Cell(driven.rooms[&stock] + place as u32));
            for &earlier in structure.inflows[&stock].iter().take_while(|&&other| other != flow) {
                let taken = self.world.entities[earlier].first_cell;
                let shift =
                    if self.world.entities[earlier].cells > place { place as u32 } else { 0 };
                let taken = self.graph.add(Op::Cell(taken + shift));
                room = self.graph.binary(BinaryFn::Subtract, room, taken);
            }
            let room = self.graph.binary(BinaryFn::Max, room, zero);
            value = self.graph.binary(BinaryFn::Min, value, room);
        }
        value
    }
}
