//! Nodes to instructions on registers.
//!
//! A register holds one value for every member of a block. An instruction writes a register that
//! comes after all it reads; with that, a block's registers can be split in safe code into those
//! read and the one written, and the order of the list is an order of evaluation. States come
//! first, then what a run sets, then what is computed once, then what is computed every step.

use crate::compile::Model;
use crate::compile::device::DeviceKind;
use crate::compile::ir::{BinaryFn, CellId, NodeId, Op, Special, UnaryFn, operands};
use crate::compile::lower::CellKind;
use crate::compile::order::{Phase, cells_read, expression, order};
use crate::error::Error;

/// A register's place.
pub(crate) type Register = u32;

/// No register. What a node or cell has before it is emitted.
const NONE: Register = Register::MAX;

/// The four operations that are worth joining in pairs. They are so cheap that reading an
/// instruction and going through memory between two of them would cost more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// One step of a program: an operation on registers, all members at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Instruction {
    Copy {
        to: Register,
        a: Register,
    },
    Unary {
        function: UnaryFn,
        to: Register,
        a: Register,
    },
    Binary {
        function: BinaryFn,
        to: Register,
        a: Register,
        b: Register,
    },
    /// `(a first b) second c`
    PairLeft {
        first: Basic,
        second: Basic,
        to: Register,
        a: Register,
        b: Register,
        c: Register,
    },
    /// `c second (a first b)`
    PairRight {
        first: Basic,
        second: Basic,
        to: Register,
        a: Register,
        b: Register,
        c: Register,
    },
    Select {
        to: Register,
        a: Register,
        b: Register,
        c: Register,
    },
    Lookup {
        table: u32,
        to: Register,
        a: Register,
    },
    Call {
        call: u32,
        to: Register,
    },
}

impl Instruction {
    /// The register that it writes.
    pub(crate) const fn to(&self) -> Register {
        match *self {
            Self::Copy { to, .. }
            | Self::Unary { to, .. }
            | Self::Binary { to, .. }
            | Self::PairLeft { to, .. }
            | Self::PairRight { to, .. }
            | Self::Select { to, .. }
            | Self::Lookup { to, .. }
            | Self::Call { to, .. } => to,
        }
    }
}

/// An instruction with any number of operands, evaluated member by member.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// None: the first operand chooses among the rest.
    pub special: Option<Special>,
    pub operands: Vec<Register>,
    /// The cell for whose sake it was emitted first.
    pub owner: CellId,
}

/// What a stock gains per unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Net {
    /// It gains the register.
    Gain(Register),
    /// It loses the register.
    Loss(Register),
    /// It gains the first and loses the second.
    Difference(Register, Register),
}

/// How a stock moves: its register and the net flow into it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Update {
    pub state: Register,
    pub net: Net,
    pub non_negative: bool,
}

/// A state that takes the value of `input` one step later.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carry {
    pub state: Register,
    pub input: Register,
}

/// A state that takes the value `input` had a time `lag` ago.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lagged {
    pub state: Register,
    pub input: Register,
    pub lag: Register,
    /// Whether the lag stays the same during a run, so that less has to be remembered.
    pub lag_is_fixed: bool,
}

/// A conveyor or queue: the registers it reads and the states it sets.
#[derive(Debug, Clone)]
pub(crate) struct DeviceRun {
    pub device: usize,
    pub inputs: Vec<Register>,
    /// State and place of the output it takes.
    pub outputs: Vec<(Register, usize)>,
}

/// A list of instructions with its registers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    /// How many registers there are.
    pub registers: usize,
    /// The cells that are states, in register order from zero.
    pub states: Vec<CellId>,
    /// Register and place of a constant of the model.
    pub parameters: Vec<(Register, u32)>,
    /// Register and number.
    pub numbers: Vec<(Register, f64)>,
    /// Where the time stands, if anything reads it.
    pub time: Option<Register>,
    /// What does not change during a run, computed before the first step.
    pub once: Vec<Instruction>,
    /// What is computed at every step, and at every stage of one.
    pub step: Vec<Instruction>,
    /// What [`Instruction::Call`] refers to by number.
    pub calls: Vec<Call>,
    /// Stocks; one that never moves is not among them.
    pub updates: Vec<Update>,
    pub carries: Vec<Carry>,
    pub lagged: Vec<Lagged>,
    /// Conveyors first, because queues need to know their room.
    pub devices: Vec<DeviceRun>,
    /// Registers of the asked-for cells.
    pub outputs: Vec<Register>,
}

/// The program that computes the values at the start; its outputs are the states of `run` and
/// then those of `extra`.
pub(crate) fn start_program(model: &Model, wanted: &[CellId]) -> Result<Program, Error> {
    let mut emitter = Emitter::new(model, Phase::Start);
    let sorted = order(&model.graph, &model.cells, wanted.iter().copied(), Phase::Start)
        .map_err(|_| Error::settings("the start values depend on each other in a circle"))?;
    emitter.prepare(&sorted, &[]);
    for &cell in &sorted {
        emitter.cell(cell);
    }
    emitter.program.outputs = wanted.iter().map(|&cell| emitter.cells[cell as usize]).collect();
    Ok(emitter.program)
}

/// The program of one step that gives the values of `outputs`.
///
/// # Errors
///
/// If values wait for one another, which compiling has ruled out.
pub(crate) fn run_program(model: &Model, outputs: &[CellId]) -> Result<Program, Error> {
    let needed = needed_cells(model, outputs);
    let sorted = order(&model.graph, &model.cells, needed.iter().copied(), Phase::Step)
        .map_err(|_| Error::settings("the values depend on each other in a circle"))?;
    let mut emitter = Emitter::new(model, Phase::Step);
    emitter.states(&sorted);
    let roots = update_roots(model, &sorted);
    emitter.prepare(&sorted, &roots);
    for &cell in &sorted {
        emitter.cell(cell);
    }
    let states = emitter.program.states.clone();
    for &cell in &states {
        emitter.transition(cell);
    }
    emitter
        .program
        .devices
        .sort_by_key(|run| matches!(model.devices[run.device].kind, DeviceKind::Queue(_)));
    emitter.program.outputs = outputs.iter().map(|&cell| emitter.cells[cell as usize]).collect();
    Ok(emitter.program)
}

/// `outputs` and every cell that they follow from, now or in later steps. In rising order.
fn needed_cells(model: &Model, outputs: &[CellId]) -> Vec<CellId> {
    let mut needed = vec![false; model.cells.len()];
    let mut stack: Vec<CellId> = outputs.to_vec();
    while let Some(cell) = stack.pop() {
        if std::mem::replace(&mut needed[cell as usize], true) {
            continue;
        }
        if let CellKind::Device { device, .. } = model.cells[cell as usize].kind {
            stack.push(model.devices[device].content);
        }
        for node in transition_nodes(model, cell) {
            cells_read(&model.graph, node, &mut stack);
        }
        if let Some(node) = expression(&model.cells[cell as usize], Phase::Step) {
            cells_read(&model.graph, node, &mut stack);
        }
    }
    (0..model.cells.len() as CellId).filter(|&cell| needed[cell as usize]).collect()
}

/// What a state's next value follows from.
fn transition_nodes(model: &Model, cell: CellId) -> Vec<NodeId> {
    match &model.cells[cell as usize].kind {
        CellKind::Stock { net, .. } => vec![*net],
        CellKind::Previous { input, .. } => vec![*input],
        CellKind::Delay { input, lag, .. } => vec![*input, *lag],
        CellKind::Device { device, .. } => model.devices[*device].inputs(),
        _ => Vec::new(),
    }
}

/// What has to be known so that the stocks can move.
fn update_roots(model: &Model, cells: &[CellId]) -> Vec<NodeId> {
    cells.iter().flat_map(|&cell| transition_nodes(model, cell)).collect()
}

/// The operation as one that can be joined in pairs; nothing for another.
fn basic(function: BinaryFn) -> Option<Basic> {
    Some(match function {
        BinaryFn::Add => Basic::Add,
        BinaryFn::Subtract => Basic::Subtract,
        BinaryFn::Multiply => Basic::Multiply,
        BinaryFn::Divide => Basic::Divide,
        _ => return None,
    })
}

/// Turns the model's graph into instructions. A node becomes at most one instruction, whatever
/// number of cells read it.
struct Emitter<'m> {
    model: &'m Model,
    phase: Phase,
    program: Program,
    /// Register of a node, of a cell.
    nodes: Vec<Register>,
    cells: Vec<Register>,
    /// How often a node is an operand; two more for each cell whose value it is.
    uses: Vec<u32>,
    /// Joined into the one node that uses it.
    absorbed: Vec<bool>,
    /// By node: stays the same during a run.
    invariant: Vec<bool>,
    /// By cell, the same.
    invariant_cells: Vec<bool>,
    /// The cell that instructions are emitted for.
    owner: CellId,
}

impl<'m> Emitter<'m> {
    /// Nothing emitted yet.
    fn new(model: &'m Model, phase: Phase) -> Self {
        let nodes = model.graph.nodes().len();
        Self {
            model,
            phase,
            program: Program::default(),
            nodes: vec![NONE; nodes],
            cells: vec![NONE; model.cells.len()],
            uses: vec![0; nodes],
            absorbed: vec![false; nodes],
            invariant: vec![false; nodes],
            invariant_cells: vec![false; model.cells.len()],
            owner: 0,
        }
    }

    /// A register of its own.
    fn register(&mut self) -> Register {
        self.program.registers += 1;
        self.program.registers as Register - 1
    }

    /// Registers for what is carried from step to step: stocks, delays, conveyors.
    fn states(&mut self, sorted: &[CellId]) {
        for &cell in sorted {
            if expression(&self.model.cells[cell as usize], Phase::Step).is_none() {
                self.cells[cell as usize] = self.register();
                self.program.states.push(cell);
            }
        }
    }

    /// Counts uses, finds what does not change during a run, decides which operations to join, and
    /// gives numbers and parameters their registers.
    fn prepare(&mut self, sorted: &[CellId], roots: &[NodeId]) {
        let model = self.model;
        let mut reached = vec![false; self.nodes.len()];
        let mut top: Vec<NodeId> = roots.to_vec();
        for &cell in sorted {
            let kind = &model.cells[cell as usize].kind;
            let expression = expression(&model.cells[cell as usize], self.phase);
            if let Some(node) = expression {
                // A cell's value needs a register of its own: two uses forbid joining it.
                self.uses[node as usize] += 2;
                reach(model, node, &mut reached, &mut self.uses);
                self.mark_invariant(node, &reached);
                self.invariant_cells[cell as usize] = self.invariant[node as usize];
                top.push(node);
            } else {
                self.invariant_cells[cell as usize] = matches!(kind, CellKind::Initial(_));
            }
        }
        for &node in roots {
            self.uses[node as usize] += 1;
            reach(model, node, &mut reached, &mut self.uses);
            self.mark_invariant(node, &reached);
        }
        self.settle_leaves(&reached);
        self.join_pairs(&reached);
    }

    /// Marks the nodes under `node` that stay the same during a run. A random function is never
    /// one, since it is drawn anew; a rank of what stays the same is.
    fn mark_invariant(&mut self, node: NodeId, _reached: &[bool]) {
        if self.phase == Phase::Start {
            return;
        }
        let model = self.model;
        let mut list = vec![node];
        let mut inside = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(node) = list.pop() {
            if seen.insert(node) {
                inside.push(node);
                operands(model.graph.op(node), &mut |operand| list.push(operand));
            }
        }
        inside.sort_unstable();
        for node in inside {
            let mut steady = true;
            operands(model.graph.op(node), &mut |operand| {
                steady &= self.invariant[operand as usize];
            });
            self.invariant[node as usize] = match model.graph.op(node) {
                Op::Time => false,
                Op::Cell(cell) => self.invariant_cells[*cell as usize],
                Op::Special(special, _) => steady && *special == Special::Rank,
                _ => steady,
            };
        }
    }

    /// Registers for numbers, constants and the time.
    fn settle_leaves(&mut self, reached: &[bool]) {
        let model = self.model;
        for (node, op) in model.graph.nodes().iter().enumerate().filter(|(node, _)| reached[*node])
        {
            match op {
                Op::Parameter(place) => {
                    let register = self.register();
                    self.nodes[node] = register;
                    self.program.parameters.push((register, *place));
                }
                Op::Constant(bits) => {
                    let register = self.register();
                    self.nodes[node] = register;
                    self.program.numbers.push((register, f64::from_bits(*bits)));
                }
                Op::Time => {
                    let register = self.register();
                    self.nodes[node] = register;
                    self.program.time = Some(register);
                }
                _ => {}
            }
        }
    }

    /// Finds operations whose result one other operation alone uses, which become one instruction
    /// with it. Only two of the four basic operations are joined, both computed once or both in
    /// every step, and no operation that has swallowed one is swallowed itself.
    fn join_pairs(&mut self, reached: &[bool]) {
        let model = self.model;
        let mut joins = vec![false; self.nodes.len()];
        for (node, op) in model.graph.nodes().iter().enumerate().filter(|(node, _)| reached[*node])
        {
            let Op::Binary(function, left, right) = op else { continue };
            if basic(*function).is_none() {
                continue;
            }
            for inner in [*left, *right] {
                let inner = inner as usize;
                let is_basic = matches!(
                    model.graph.op(inner as NodeId),
                    Op::Binary(function, ..) if basic(*function).is_some()
                );
                let alone = self.uses[inner] == 1 && left != right && !joins[inner];
                if is_basic && alone && self.invariant[inner] == self.invariant[node] {
                    self.absorbed[inner] = true;
                    joins[node] = true;
                    break;
                }
            }
        }
    }

    /// Adds an instruction, to those of the start where it never changes during a run.
    fn push(&mut self, invariant: bool, instruction: Instruction) {
        if invariant {
            self.program.once.push(instruction);
        } else {
            self.program.step.push(instruction);
        }
    }

    /// Emits what a cell's value needs and remembers its register.
    fn cell(&mut self, cell: CellId) {
        self.owner = cell;
        if let Some(node) = expression(&self.model.cells[cell as usize], self.phase) {
            self.cells[cell as usize] = self.emit(node);
        }
    }

    /// Emits `node` and everything under it that has no register yet.
    fn emit(&mut self, node: NodeId) -> Register {
        let model = self.model;
        let mut missing = Vec::new();
        let mut stack = vec![node];
        let mut seen = std::collections::BTreeSet::new();
        while let Some(node) = stack.pop() {
            if self.nodes[node as usize] == NONE && seen.insert(node) {
                missing.push(node);
                operands(model.graph.op(node), &mut |operand| stack.push(operand));
            }
        }
        // Nodes are numbered after their operands.
        missing.sort_unstable();
        for &inner in &missing {
            // A root is never absorbed into itself.
            if !self.absorbed[inner as usize] || inner == node {
                self.instruction(inner);
            }
        }
        self.nodes[node as usize]
    }

    /// The register of a value.
    fn of(&self, node: NodeId) -> Register {
        self.nodes[node as usize]
    }

    /// Emits one value's instruction.
    fn instruction(&mut self, node: NodeId) {
        let model = self.model;
        if let Op::Cell(cell) = model.graph.op(node) {
            self.nodes[node as usize] = self.cells[*cell as usize];
            return;
        }
        let call = match model.graph.op(node) {
            Op::Index(items) => Some(self.call(None, items)),
            Op::Special(special, items) => Some(self.call(Some(*special), items)),
            _ => None,
        };
        let to = self.register();
        self.nodes[node as usize] = to;
        let instruction = match (model.graph.op(node), call) {
            (_, Some(call)) => Instruction::Call { call, to },
            (Op::Unary(function, a), _) => {
                Instruction::Unary { function: *function, to, a: self.of(*a) }
            }
            (Op::Select(a, b, c), _) => {
                Instruction::Select { to, a: self.of(*a), b: self.of(*b), c: self.of(*c) }
            }
            (Op::Lookup(table, a), _) => Instruction::Lookup { table: *table, to, a: self.of(*a) },
            (Op::Binary(function, a, b), _) => self.binary(*function, *a, *b, to),
            // Leaves have registers from the start.
            _ => Instruction::Copy { to, a: 0 },
        };
        self.push(self.invariant[node as usize], instruction);
    }

    /// Registers a function that needs more than registers.
    fn call(&mut self, special: Option<Special>, items: &[NodeId]) -> u32 {
        let operands = items.iter().map(|&item| self.of(item)).collect();
        self.program.calls.push(Call { special, operands, owner: self.owner });
        self.program.calls.len() as u32 - 1
    }

    /// An instruction of two operands, joined with what one of them is computed by where that was
    /// found possible.
    fn binary(&self, function: BinaryFn, left: NodeId, right: NodeId, to: Register) -> Instruction {
        let inner = |node: NodeId| {
            if !self.absorbed[node as usize] || self.of(node) != NONE {
                return None;
            }
            match self.model.graph.op(node) {
                Op::Binary(first, a, b) => Some((basic(*first)?, self.of(*a), self.of(*b))),
                _ => None,
            }
        };
        if let Some(second) = basic(function) {
            if let Some((first, a, b)) = inner(left) {
                return Instruction::PairLeft { first, second, to, a, b, c: self.of(right) };
            }
            if let Some((first, a, b)) = inner(right) {
                return Instruction::PairRight { first, second, to, a, b, c: self.of(left) };
            }
        }
        Instruction::Binary { function, to, a: self.of(left), b: self.of(right) }
    }

    /// A register that still holds a value of this moment when states have moved on. States are
    /// overwritten when stocks move, so that a transition which reads a state directly reads a
    /// copy.
    fn settled(&mut self, node: NodeId) -> Register {
        let a = self.emit(node);
        if a as usize >= self.program.states.len() {
            return a;
        }
        let to = self.register();
        self.program.step.push(Instruction::Copy { to, a });
        to
    }

    /// How a state moves on. A stock whose net flow is a difference or negation used by nothing
    /// else takes its parts, which saves an instruction.
    fn transition(&mut self, cell: CellId) {
        self.owner = cell;
        let model = self.model;
        let state = self.cells[cell as usize];
        match &model.cells[cell as usize].kind {
            CellKind::Stock { net, non_negative, .. } => {
                if model.graph.value(*net) == Some(0.0) {
                    return;
                }
                let alone = self.uses[*net as usize] == 1 && self.of(*net) == NONE;
                let joins = |node: &NodeId| self.absorbed[*node as usize];
                let net = match model.graph.op(*net) {
                    Op::Unary(UnaryFn::Negate, a) if alone => Net::Loss(self.settled(*a)),
                    Op::Binary(BinaryFn::Subtract, a, b) if alone && !joins(a) && !joins(b) => {
                        Net::Difference(self.settled(*a), self.settled(*b))
                    }
                    _ => Net::Gain(self.settled(*net)),
                };
                self.program.updates.push(Update { state, net, non_negative: *non_negative });
            }
            CellKind::Previous { input, .. } => {
                let input = self.settled(*input);
                self.program.carries.push(Carry { state, input });
            }
            CellKind::Delay { input, lag, .. } => {
                let lag_is_fixed = self.invariant[*lag as usize];
                let (input, lag) = (self.settled(*input), self.settled(*lag));
                self.program.lagged.push(Lagged { state, input, lag, lag_is_fixed });
            }
            CellKind::Device { device, output, .. } => self.device(*device, *output, state),
            _ => {}
        }
    }
}

impl Emitter<'_> {
    /// Registers an output of a conveyor or queue. The device's inputs are registered with its
    /// first output.
    fn device(&mut self, device: usize, output: usize, state: Register) {
        if let Some(run) = self.program.devices.iter_mut().find(|run| run.device == device) {
            run.outputs.push((state, output));
            return;
        }
        let spec = &self.model.devices[device];
        let inflows = spec.inflows.len();
        let is_queue = matches!(spec.kind, DeviceKind::Queue(_));
        let inputs =
            spec.inputs()
                .into_iter()
                .enumerate()
                // A queue wants the room its conveyors have after they moved: the state itself.
                .map(|(place, node)| {
                    if is_queue && place >= inflows { self.emit(node) } else { self.settled(node) }
                })
                .collect();
        self.program.devices.push(DeviceRun { device, inputs, outputs: vec![(state, output)] });
    }
}

/// Marks everything under `node` and counts how often each node is an operand.
fn reach(model: &Model, node: NodeId, reached: &mut [bool], uses: &mut [u32]) {
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        if std::mem::replace(&mut reached[node as usize], true) {
            continue;
        }
        operands(model.graph.op(node), &mut |operand| {
            uses[operand as usize] += 1;
            stack.push(operand);
        });
    }
}
