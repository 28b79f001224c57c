//! The loops over the members of a block.
//!
//! Everything here is inlined into a function compiled for the processor at hand (pulp picks it at
//! run time), so the plain loops become vector code. No operation is reordered or contracted:
//! every member's bits are those of the same formula evaluated alone.

use crate::compile::ir::{BinaryFn, UnaryFn};
use crate::compile::table::Table;
use crate::engine::program::{Basic, Call, Instruction, Net, Register, Update};
use crate::engine::special::{Moment, evaluate};

/// One value per member of a block. Aligned to 64 bytes, the length of a cache line and of
/// AVX-512's vectors, so that no vector crosses a line.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Lanes<const W: usize>(pub [f64; W]);

impl<const W: usize> Lanes<W> {
    /// All members at zero.
    pub(crate) const ZERO: Self = Self([0.0; W]);
}

/// What instructions need besides registers.
pub(crate) struct Surroundings<'a> {
    pub calls: &'a [Call],
    pub tables: &'a [Table],
    pub moment: Moment,
    /// Number of the block's first member.
    pub first_member: u32,
}

/// A register as an index.
#[inline(always)]
fn at(register: Register) -> usize {
    register as usize
}

/// One function of one register, for all members. `to` lies above `a`, which is what lets the
/// registers be split into two slices.
#[inline(always)]
fn map<const W: usize>(
    registers: &mut [Lanes<W>],
    to: Register,
    a: Register,
    f: impl Fn(f64) -> f64,
) {
    let (low, high) = registers.split_at_mut(at(to));
    let (target, a) = (&mut high[0].0, &low[at(a)].0);
    for lane in 0..W {
        target[lane] = f(a[lane]);
    }
}

/// One function of two registers, for all members.
#[inline(always)]
fn zip<const W: usize>(
    registers: &mut [Lanes<W>],
    to: Register,
    (a, b): (Register, Register),
    f: impl Fn(f64, f64) -> f64,
) {
    let (low, high) = registers.split_at_mut(at(to));
    let (target, a, b) = (&mut high[0].0, &low[at(a)].0, &low[at(b)].0);
    for lane in 0..W {
        target[lane] = f(a[lane], b[lane]);
    }
}

/// One function of three registers, for all members.
#[inline(always)]
fn zip3<const W: usize>(
    registers: &mut [Lanes<W>],
    to: Register,
    (a, b, c): (Register, Register, Register),
    f: impl Fn(f64, f64, f64) -> f64,
) {
    let (low, high) = registers.split_at_mut(at(to));
    let (target, a, b, c) = (&mut high[0].0, &low[at(a)].0, &low[at(b)].0, &low[at(c)].0);
    for lane in 0..W {
        target[lane] = f(a[lane], b[lane], c[lane]);
    }
}

/// Evaluates `$body` with `$f` as the function of a basic operation, known at compile time. Each
/// pair of operations thus gets a loop of its own, one pass over the members.
macro_rules! with_basic {
    ($basic:expr, $f:ident => $body:expr) => {
        match $basic {
            Basic::Add => {
                let $f = |a: f64, b: f64| a + b;
                $body
            }
            Basic::Subtract => {
                let $f = |a: f64, b: f64| a - b;
                $body
            }
            Basic::Multiply => {
                let $f = |a: f64, b: f64| a * b;
                $body
            }
            Basic::Divide => {
                let $f = |a: f64, b: f64| a / b;
                $body
            }
        }
    };
}

/// Runs a function of one operand. The function is chosen outside the loop over members.
#[inline(always)]
fn unary<const W: usize>(registers: &mut [Lanes<W>], function: UnaryFn, to: Register, a: Register) {
    use UnaryFn as U;
    macro_rules! each {
        ($($name:ident),*) => {
            match function {
                $(U::$name => map(registers, to, a, |x| U::$name.apply(x)),)*
            }
        };
    }
    each!(
        Negate, Not, Abs, Arccos, Arcsin, Arctan, Cos, Cosh, Exp, Floor, Ln, Log10, Round, Sign,
        Sin, Sinh, Sqrt, Tan, Tanh, Truncate
    );
}

/// Runs a function of two operands.
#[inline(always)]
fn binary<const W: usize>(
    registers: &mut [Lanes<W>],
    function: BinaryFn,
    to: Register,
    operands: (Register, Register),
) {
    use BinaryFn as B;
    macro_rules! each {
        ($($name:ident),*) => {
            match function {
                $(B::$name => zip(registers, to, operands, |x, y| B::$name.apply(x, y)),)*
            }
        };
    }
    each!(
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
        Arctan2
    );
}

/// Runs a list of instructions.
#[inline(always)]
pub(crate) fn execute<const W: usize>(
    code: &[Instruction],
    registers: &mut [Lanes<W>],
    around: &Surroundings<'_>,
) {
    for instruction in code {
        match *instruction {
            Instruction::PairLeft { first, second, to, a, b, c } => {
                with_basic!(first, f => with_basic!(second, g => {
                    zip3(registers, to, (a, b, c), |a, b, c| g(f(a, b), c));
                }));
            }
            Instruction::PairRight { first, second, to, a, b, c } => {
                with_basic!(first, f => with_basic!(second, g => {
                    zip3(registers, to, (a, b, c), |a, b, c| g(c, f(a, b)));
                }));
            }
            Instruction::Binary { function, to, a, b } => binary(registers, function, to, (a, b)),
            Instruction::Unary { function, to, a } => unary(registers, function, to, a),
            Instruction::Select { to, a, b, c } => {
                zip3(registers, to, (a, b, c), |a, b, c| if a != 0.0 { b } else { c });
            }
            Instruction::Copy { to, a } => map(registers, to, a, |x| x),
            Instruction::Lookup { table, to, a } => {
                let table = &around.tables[table as usize];
                map(registers, to, a, |x| table.at(x));
            }
            Instruction::Call { call, to } => call_lanes(registers, call, to, around),
        }
    }
}

/// Runs a function that needs more than registers, member by member. Kept out of the inlined loops,
/// which it would make larger without making them faster.
#[inline(never)]
fn call_lanes<const W: usize>(
    registers: &mut [Lanes<W>],
    call: u32,
    to: Register,
    around: &Surroundings<'_>,
) {
    let call = &around.calls[call as usize];
    let mut given = vec![0.0; call.operands.len()];
    for lane in 0..W {
        let value = match call.special {
            None => choose(registers, &call.operands, lane),
            Some(special) => {
                for (value, &operand) in given.iter_mut().zip(&call.operands) {
                    *value = registers[at(operand)].0[lane];
                }
                let member = around.first_member + lane as u32;
                evaluate(special, &given, &around.moment, member)
            }
        };
        registers[at(to)].0[lane] = value;
    }
}

/// Operands: the number, the value outside, then the elements. The number is rounded and counts
/// from one.
fn choose<const W: usize>(registers: &[Lanes<W>], operands: &[Register], lane: usize) -> f64 {
    let chosen = operands[choice(registers[at(operands[0])].0[lane], operands.len())];
    registers[at(chosen)].0[lane]
}

/// The place of the operand that a number chooses; see [`choose`].
pub(crate) fn choice(number: f64, operands: usize) -> usize {
    let number = number.round();
    let inside = number >= 1.0 && number <= (operands - 2) as f64;
    if inside { number as usize + 1 } else { 1 }
}

/// The gain of a stock per unit of time, by member.
#[inline(always)]
pub(crate) fn net<const W: usize>(registers: &[Lanes<W>], net: Net, lane: usize) -> f64 {
    match net {
        Net::Gain(a) => registers[at(a)].0[lane],
        Net::Loss(a) => -registers[at(a)].0[lane],
        Net::Difference(a, b) => registers[at(a)].0[lane] - registers[at(b)].0[lane],
    }
}

/// One step of Euler's method for every stock. What a stock gains is never itself a state, so the
/// order of updates does not matter.
#[inline(always)]
pub(crate) fn euler<const W: usize>(updates: &[Update], registers: &mut [Lanes<W>], dt: f64) {
    for update in updates {
        let (low, high) = registers.split_at_mut(at(update.state) + 1);
        let stock = &mut low[at(update.state)].0;
        let offset = at(update.state) + 1;
        match update.net {
            Net::Gain(a) => {
                let a = &high[at(a) - offset].0;
                for lane in 0..W {
                    stock[lane] += dt * a[lane];
                }
            }
            Net::Loss(a) => {
                let a = &high[at(a) - offset].0;
                for lane in 0..W {
                    stock[lane] -= dt * a[lane];
                }
            }
            Net::Difference(a, b) => {
                let (a, b) = (&high[at(a) - offset].0, &high[at(b) - offset].0);
                for lane in 0..W {
                    stock[lane] += dt * (a[lane] - b[lane]);
                }
            }
        }
        if update.non_negative {
            for value in stock.iter_mut() {
                *value = if *value < 0.0 { 0.0 } else { *value };
            }
        }
    }
}

/// Copies the registers asked for into the next row of results. Output by output, each with its W
/// members.
#[inline(always)]
pub(crate) fn save<const W: usize>(outputs: &[Register], registers: &[Lanes<W>], row: &mut [f64]) {
    for (target, &output) in row.chunks_exact_mut(W).zip(outputs) {
        target.copy_from_slice(&registers[at(output)].0);
    }
}
