//! Scalar expressions as a graph in which equal expressions are one node.
//!
//! Nodes refer only to nodes made before them, so the list of nodes is already in an order in
//! which they can be evaluated. Arithmetic on constants is done when a node is made, with the
//! same functions that run later, so folding never changes a bit.

use std::collections::BTreeMap;

/// A node of the graph.
pub(crate) type NodeId = u32;
/// A scalar variable: one element of a variable, or a state inside a built-in function.
pub(crate) type CellId = u32;

/// A value of the graph, by what it is computed from. The order among operations is that of the
/// derive and means nothing; it is there for the map in which equal ones are found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Op {
    /// Bits of a number.
    Constant(u64),
    /// A number that a run may set.
    Parameter(u32),
    /// The value of a cell now.
    Cell(CellId),
    Time,
    /// One operand.
    Unary(UnaryFn, NodeId),
    /// Left and right operand.
    Binary(BinaryFn, NodeId, NodeId),
    /// Second where the first is not zero, else third.
    Select(NodeId, NodeId, NodeId),
    /// A graphical function by its place in the list of tables.
    Lookup(u32, NodeId),
    /// The n-th of the items, counted from one, n first in the list.
    Index(Box<[NodeId]>),
    /// A function of the moment, or of many arguments.
    Special(Special, Box<[NodeId]>),
}

/// Functions that need the moment, or more than two arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Special {
    /// magnitude, first time, interval
    Pulse,
    /// start, width, interval, end
    PulseTrain,
    /// height, time
    Step,
    /// slope, start, end
    Ramp,
    /// rank, values (n), tie breakers (n)
    Rank,
    /// a draw: site of the call, whether the first argument is a seed, whether the last two are the
    /// least and most that may be drawn
    Random { draw: Draw, site: u32, seeded: bool, bounded: bool },
}

impl Special {
    /// As a model's equation calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pulse => "PULSE",
            Self::PulseTrain => "PULSE_TRAIN",
            Self::Step => "STEP",
            Self::Ramp => "RAMP",
            Self::Rank => "RANK",
            Self::Random { .. } => "a random function",
        }
    }
}

/// A random function of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Draw {
    Exponential,
    LogNormal,
    Normal,
    Poisson,
    Triangular,
    Uniform,
}

/// A function of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum UnaryFn {
    Negate,
    Not,
    Abs,
    Arccos,
    Arcsin,
    Arctan,
    Cos,
    Cosh,
    Exp,
    Floor,
    Ln,
    Log10,
    Round,
    Sign,
    Sin,
    Sinh,
    Sqrt,
    Tan,
    Tanh,
    Truncate,
}

impl UnaryFn {
    /// The function itself. Inlined into the vector loops as well as used for folding. NaN goes in
    /// and comes out, except that NOT and SIGN of it are zero. ROUND takes halves away from zero.
    #[inline(always)]
    pub(crate) fn apply(self, x: f64) -> f64 {
        match self {
            Self::Negate => -x,
            Self::Not => f64::from(u8::from(x == 0.0)),
            Self::Abs => x.abs(),
            Self::Arccos => x.acos(),
            Self::Arcsin => x.asin(),
            Self::Arctan => x.atan(),
            Self::Cos => x.cos(),
            Self::Cosh => x.cosh(),
            Self::Exp => x.exp(),
            Self::Floor => x.floor(),
            Self::Ln => x.ln(),
            Self::Log10 => x.log10(),
            Self::Round => x.round(),
            Self::Sign => f64::from(i8::from(x > 0.0) - i8::from(x < 0.0)),
            Self::Sin => x.sin(),
            Self::Sinh => x.sinh(),
            Self::Sqrt => x.sqrt(),
            Self::Tan => x.tan(),
            Self::Tanh => x.tanh(),
            Self::Truncate => x.trunc(),
        }
    }
}

/// A function of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BinaryFn {
    Add,
    Subtract,
    Multiply,
    Divide,
    SafeDivide,
    Modulo,
    Power,
    Min,
    Max,
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Arctan2,
}

impl BinaryFn {
    /// The function itself. Comparisons and logical functions give 1 or 0; a number other than zero
    /// is true, NaN too. MIN and MAX are NaN if either operand is, so that the order of many does
    /// not matter; of two equal ones they keep the left.
    #[inline(always)]
    pub(crate) fn apply(self, a: f64, b: f64) -> f64 {
        let truth = |flag: bool| if flag { 1.0 } else { 0.0 };
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::SafeDivide => {
                if b == 0.0 {
                    0.0
                } else {
                    a / b
                }
            }
            // Floored modulus: the sign follows the divisor (section 3.3.1).
            Self::Modulo => a - (a / b).floor() * b,
            Self::Power => a.powf(b),
            Self::Min => {
                if a <= b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
            Self::Max => {
                if a >= b || a.is_nan() {
                    a
                } else {
                    b
                }
            }
            Self::And => truth(a != 0.0 && b != 0.0),
            Self::Or => truth(a != 0.0 || b != 0.0),
            Self::Equal => truth(a == b),
            Self::NotEqual => truth(a != b),
            Self::Less => truth(a < b),
            Self::LessEqual => truth(a <= b),
            Self::Greater => truth(a > b),
            Self::GreaterEqual => truth(a >= b),
            Self::Arctan2 => a.atan2(b),
        }
    }
}

/// The nodes made so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    /// By number.
    nodes: Vec<Op>,
    /// Where an operation stands already; emptied when the graph is finished.
    known: BTreeMap<Op, NodeId>,
    /// Nodes, and operands of those that have many.
    size: usize,
}

impl Graph {
    /// All values, each after those that it needs.
    pub(crate) fn nodes(&self) -> &[Op] {
        &self.nodes
    }

    /// Nodes, and operands of those that have many.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// What a value is.
    pub(crate) fn op(&self, node: NodeId) -> &Op {
        &self.nodes[node as usize]
    }

    /// Forgets what is only needed while nodes are made.
    pub(crate) fn finish(&mut self) {
        self.known = BTreeMap::new();
    }

    /// A value; an equal one that is there already is used again. A random function is never equal
    /// to another: it carries the number of its call.
    pub(crate) fn add(&mut self, op: Op) -> NodeId {
        if let Some(&node) = self.known.get(&op) {
            return node;
        }
        let node = self.nodes.len() as NodeId;
        self.size += match &op {
            Op::Index(items) | Op::Special(_, items) => 1 + items.len(),
            _ => 1,
        };
        self.nodes.push(op.clone());
        self.known.insert(op, node);
        node
    }

    /// A number. By its bits, so that zero and minus zero are two.
    pub(crate) fn constant(&mut self, value: f64) -> NodeId {
        self.add(Op::Constant(value.to_bits()))
    }

    /// The number a node stands for, if it is one whatever the run.
    pub(crate) fn value(&self, node: NodeId) -> Option<f64> {
        match self.op(node) {
            Op::Constant(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// A function of one value, computed at once where that is a number.
    pub(crate) fn unary(&mut self, function: UnaryFn, operand: NodeId) -> NodeId {
        match self.value(operand) {
            Some(value) => self.constant(function.apply(value)),
            None => self.add(Op::Unary(function, operand)),
        }
    }

    /// A function of two values, computed at once where both are numbers.
    pub(crate) fn binary(&mut self, function: BinaryFn, a: NodeId, b: NodeId) -> NodeId {
        match (self.value(a), self.value(b)) {
            (Some(left), Some(right)) => self.constant(function.apply(left, right)),
            // A square is exact to half a unit in the last place and needs no power function.
            (None, Some(2.0)) if function == BinaryFn::Power => {
                self.add(Op::Binary(BinaryFn::Multiply, a, a))
            }
            _ => self.add(Op::Binary(function, a, b)),
        }
    }

    /// One of two values by a condition, decided at once where that is a number. NaN is true, since
    /// it is not zero.
    pub(crate) fn select(&mut self, condition: NodeId, yes: NodeId, no: NodeId) -> NodeId {
        match self.value(condition) {
            Some(value) => {
                if value != 0.0 {
                    yes
                } else {
                    no
                }
            }
            None if yes == no => yes,
            None => self.add(Op::Select(condition, yes, no)),
        }
    }
}

/// Calls `visit` with every node that `op` reads. In the order of the operands; one that comes
/// twice is visited twice.
pub(crate) fn operands(op: &Op, visit: &mut dyn FnMut(NodeId)) {
    match op {
        Op::Constant(_) | Op::Parameter(_) | Op::Cell(_) | Op::Time => {}
        Op::Unary(_, a) | Op::Lookup(_, a) => visit(*a),
        Op::Binary(_, a, b) => {
            visit(*a);
            visit(*b);
        }
        Op::Select(a, b, c) => {
            visit(*a);
            visit(*b);
            visit(*c);
        }
        Op::Index(items) | Op::Special(_, items) => items.iter().copied().for_each(visit),
    }
}
