//! Derivatives of a program's results by what it is given, in one pass back over its instructions.
//!
//! Reverse accumulation (A. G. Baydin, B. A. Pearlmutter, A. A. Radul and J. M. Siskind, "Automatic
//! differentiation in machine learning: a survey", Journal of Machine Learning Research 18, 2018,
//! section 3.2): with v̄ = ∂f/∂v of the one number f that is asked for, an instruction w = g(v₁, v₂, …)
//! adds w̄·∂g/∂vᵢ to each v̄ᵢ. Walked from last to first, every instruction is met after all that
//! read its result, so that one pass gives all derivatives at the cost of a few evaluations.
//!
//! A function of branches (MAX, MIN, IF, ABS, graphical functions) has the derivative of the branch that was
//! taken; one of steps (INT, ROUND, comparisons) has 0. What nothing of interest reaches is
//! left out, so that test inputs of the time alone cost nothing and need no rule.

use pulp::NullaryFnOnce;

use crate::compile::ir::{BinaryFn, UnaryFn};
use crate::compile::table::Table;
use crate::engine::kernel::{Lanes, choice};
use crate::engine::program::{Basic, Call, Instruction, Net, Program, Register};

/// The instructions of a program that lie between what is varied and the results, in the order in which they are
/// run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ActivePart {
    pub once: Vec<Instruction>,
    pub step: Vec<Instruction>,
    /// By register: what is varied reaches it.
    pub registers: Vec<bool>,
}

/// Why a program has no derivative by what is varied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoDerivative {
    /// A function without a rule, by the number of its call.
    Call(u32),
    /// A conveyor's or queue's output, by its place among the states.
    Device(Register),
}

impl ActivePart {
    /// What the registers in `varied` reach, through as many steps as it takes.
    ///
    /// # Errors
    /// If they reach something that has no derivative.
    pub(crate) fn new(
        program: &Program,
        varied: impl Iterator<Item = Register>,
    ) -> Result<Self, NoDerivative> {
        let mut registers = vec![false; program.registers];
        varied.for_each(|register| registers[register as usize] = true);
        loop {
            let before = registers.clone();
            spread(&program.once, &program.calls, &mut registers)?;
            spread(&program.step, &program.calls, &mut registers)?;
            for update in &program.updates {
                let of = |register: Register| registers[register as usize];
                let reached = match update.net {
                    Net::Gain(a) | Net::Loss(a) => of(a),
                    Net::Difference(a, b) => of(a) || of(b),
                };
                registers[update.state as usize] |= reached;
            }
            for carry in &program.carries {
                registers[carry.state as usize] |= registers[carry.input as usize];
            }
            for lagged in &program.lagged {
                registers[lagged.state as usize] |= registers[lagged.input as usize];
            }
            for run in &program.devices {
                if run.inputs.iter().any(|input| registers[*input as usize]) {
                    return Err(NoDerivative::Device(run.outputs[0].0));
                }
            }
            if registers == before {
                break;
            }
        }
        let active = |code: &[Instruction]| -> Vec<Instruction> {
            code.iter().copied().filter(|one| registers[one.to() as usize]).collect()
        };
        let (once, step) = (active(&program.once), active(&program.step));
        Ok(Self { once, step, registers })
    }
}

/// Marks what instructions compute from marked registers with a derivative that is not zero everywhere.
fn spread(
    code: &[Instruction],
    calls: &[Call],
    registers: &mut [bool],
) -> Result<(), NoDerivative> {
    for instruction in code {
        let of = |register: Register| registers[register as usize];
        let reached = match *instruction {
            Instruction::Copy { a, .. } | Instruction::Lookup { a, .. } => of(a),
            Instruction::Unary { function, a, .. } => of(a) && !is_flat(function),
            Instruction::Binary { function, a, b, .. } => {
                (of(a) || of(b)) && !is_flat_of_two(function)
            }
            Instruction::PairLeft { a, b, c, .. } | Instruction::PairRight { a, b, c, .. } => {
                of(a) || of(b) || of(c)
            }
            Instruction::Select { b, c, .. } => of(b) || of(c),
            Instruction::Call { call, .. } => {
                let Call { special, operands, .. } = &calls[call as usize];
                let reached = operands.iter().any(|operand| of(*operand));
                if special.is_some() && reached {
                    return Err(NoDerivative::Call(call));
                }
                // The number that chooses among the rest does so in steps.
                operands[1..].iter().any(|operand| of(*operand))
            }
        };
        registers[instruction.to() as usize] |= reached;
    }
    Ok(())
}

/// Whether a function changes in steps alone.
fn is_flat(function: UnaryFn) -> bool {
    use UnaryFn as U;
    matches!(function, U::Not | U::Floor | U::Round | U::Sign | U::Truncate)
}

/// The same of a function of two values.
fn is_flat_of_two(function: BinaryFn) -> bool {
    use BinaryFn as B;
    matches!(
        function,
        B::And
            | B::Or
            | B::Equal
            | B::NotEqual
            | B::Less
            | B::LessEqual
            | B::Greater
            | B::GreaterEqual
    )
}

/// One pass back, compiled for the widest vectors that the processor has. `adjoints` holds v̄ by register; those of
/// the results of `code` are used up.
pub(crate) struct PullBack<'r, const W: usize> {
    pub code: &'r [Instruction],
    pub calls: &'r [Call],
    pub tables: &'r [Table],
    pub registers: &'r [Lanes<W>],
    pub adjoints: &'r mut [Lanes<W>],
}

impl<const W: usize> NullaryFnOnce for PullBack<'_, W> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        let code = self.code;
        for instruction in code.iter().rev() {
            self.pull(instruction);
        }
    }
}

/// Evaluates `$body` with `$f` as the value and both derivatives of a basic operation.
macro_rules! with_basic {
    ($basic:expr, $f:ident => $body:expr) => {
        match $basic {
            Basic::Add => {
                let $f = |a: f64, b: f64| (a + b, 1.0, 1.0);
                $body
            }
            Basic::Subtract => {
                let $f = |a: f64, b: f64| (a - b, 1.0, -1.0);
                $body
            }
            Basic::Multiply => {
                let $f = |a: f64, b: f64| (a * b, b, a);
                $body
            }
            Basic::Divide => {
                let $f = |a: f64, b: f64| (a / b, 1.0 / b, -a / (b * b));
                $body
            }
        }
    };
}

impl<const W: usize> PullBack<'_, W> {
    /// One instruction's part.
    #[inline(always)]
    fn pull(&mut self, instruction: &Instruction) {
        match *instruction {
            Instruction::PairLeft { first, second, to, a, b, c } => {
                with_basic!(first, f => with_basic!(second, g => {
                    self.operation(to, [a, b, c], |[a, b, c], _| {
                        let (inner, by_a, by_b) = f(a, b);
                        let (_, by_inner, by_c) = g(inner, c);
                        [by_inner * by_a, by_inner * by_b, by_c]
                    });
                }));
            }
            Instruction::PairRight { first, second, to, a, b, c } => {
                with_basic!(first, f => with_basic!(second, g => {
                    self.operation(to, [a, b, c], |[a, b, c], _| {
                        let (inner, by_a, by_b) = f(a, b);
                        let (_, by_c, by_inner) = g(c, inner);
                        [by_inner * by_a, by_inner * by_b, by_c]
                    });
                }));
            }
            Instruction::Binary { function, to, a, b } => self.binary(function, to, [a, b]),
            Instruction::Unary { function, to, a } => self.unary(function, to, a),
            Instruction::Select { to, a, b, c } => {
                let condition = self.registers[a as usize];
                let own = self.taken(to);
                let taken = |yes: bool, lane: usize| {
                    if (condition.0[lane] != 0.0) == yes { own.0[lane] } else { 0.0 }
                };
                self.add(b, |lane| taken(true, lane));
                self.add(c, |lane| taken(false, lane));
            }
            Instruction::Copy { to, a } => {
                let own = self.taken(to);
                self.add(a, |lane| own.0[lane]);
            }
            Instruction::Lookup { table, to, a } => {
                let table = &self.tables[table as usize];
                self.operation(to, [a], |[x], _| [table.slope(x)]);
            }
            Instruction::Call { call, to } => {
                // Only a choice among values comes here: other calls that are reached have no rule.
                let calls = self.calls;
                let operands = &calls[call as usize].operands;
                let own = self.taken(to);
                for lane in 0..W {
                    let number = self.registers[operands[0] as usize].0[lane];
                    let chosen = operands[choice(number, operands.len())];
                    self.adjoints[chosen as usize].0[lane] += own.0[lane];
                }
            }
        }
    }

    /// v̄ of a result, which nothing reads after this.
    #[inline(always)]
    fn taken(&mut self, register: Register) -> Lanes<W> {
        core::mem::replace(&mut self.adjoints[register as usize], Lanes::ZERO)
    }

    #[inline(always)]
    fn add(&mut self, register: Register, part: impl Fn(usize) -> f64) {
        let target = &mut self.adjoints[register as usize].0;
        for (lane, target) in target.iter_mut().enumerate() {
            *target += part(lane);
        }
    }

    /// A function of values, by its derivatives at them, which may use the result. Where w̄ is 0 nothing is added: a
    /// branch that was not taken may have no derivative.
    #[inline(always)]
    fn operation<const N: usize>(
        &mut self,
        to: Register,
        operands: [Register; N],
        slopes: impl Fn([f64; N], f64) -> [f64; N],
    ) {
        let own = self.taken(to);
        let values = operands.map(|operand| &self.registers[operand as usize].0);
        let result = &self.registers[to as usize].0;
        let mut parts = [[0.0; W]; N];
        for lane in 0..W {
            let found = slopes(values.map(|value| value[lane]), result[lane]);
            for (part, found) in parts.iter_mut().zip(found) {
                part[lane] = times(own.0[lane], found);
            }
        }
        for (operand, part) in operands.into_iter().zip(&parts) {
            self.add(operand, |lane| part[lane]);
        }
    }

    #[inline(always)]
    fn unary(&mut self, function: UnaryFn, to: Register, a: Register) {
        use UnaryFn as U;
        match function {
            U::Negate => self.operation(to, [a], |[_], _| [-1.0]),
            U::Abs => self.operation(to, [a], |[x], _| [U::Sign.apply(x)]),
            U::Arccos => self.operation(to, [a], |[x], _| [-1.0 / (1.0 - x * x).sqrt()]),
            U::Arcsin => self.operation(to, [a], |[x], _| [1.0 / (1.0 - x * x).sqrt()]),
            U::Arctan => self.operation(to, [a], |[x], _| [1.0 / (1.0 + x * x)]),
            U::Cos => self.operation(to, [a], |[x], _| [-x.sin()]),
            U::Cosh => self.operation(to, [a], |[x], _| [x.sinh()]),
            U::Exp => self.operation(to, [a], |[_], y| [y]),
            U::Ln => self.operation(to, [a], |[x], _| [1.0 / x]),
            U::Log10 => self.operation(to, [a], |[x], _| [core::f64::consts::LOG10_E / x]),
            U::Sin => self.operation(to, [a], |[x], _| [x.cos()]),
            U::Sinh => self.operation(to, [a], |[x], _| [x.cosh()]),
            U::Sqrt => self.operation(to, [a], |[_], y| [0.5 / y]),
            U::Tan => self.operation(to, [a], |[_], y| [1.0 + y * y]),
            U::Tanh => self.operation(to, [a], |[_], y| [1.0 - y * y]),
            U::Not | U::Floor | U::Round | U::Sign | U::Truncate => {
                self.taken(to);
            }
        }
    }

    #[inline(always)]
    fn binary(&mut self, function: BinaryFn, to: Register, operands: [Register; 2]) {
        use BinaryFn as B;
        match function {
            B::Add => self.operation(to, operands, |[_, _], _| [1.0, 1.0]),
            B::Subtract => self.operation(to, operands, |[_, _], _| [1.0, -1.0]),
            B::Multiply => self.operation(to, operands, |[a, b], _| [b, a]),
            B::Divide => self.operation(to, operands, |[_, b], y| [1.0 / b, -y / b]),
            B::SafeDivide => {
                self.operation(
                    to,
                    operands,
                    |[_, b], y| if b == 0.0 { [0.0, 0.0] } else { [1.0 / b, -y / b] },
                )
            }
            B::Modulo => self.operation(to, operands, |[a, b], _| [1.0, -(a / b).floor()]),
            B::Power => self.operation(to, operands, |[a, b], y| {
                // 0 to a power above zero stays 0 whatever the power.
                let by_power = if y == 0.0 { 0.0 } else { y * a.ln() };
                [b * a.powf(b - 1.0), by_power]
            }),
            B::Min => self.operation(to, operands, |[a, b], _| {
                if a <= b || a.is_nan() { [1.0, 0.0] } else { [0.0, 1.0] }
            }),
            B::Max => self.operation(to, operands, |[a, b], _| {
                if a >= b || a.is_nan() { [1.0, 0.0] } else { [0.0, 1.0] }
            }),
            B::Arctan2 => self.operation(to, operands, |[a, b], _| {
                let square = a * a + b * b;
                [b / square, -a / square]
            }),
            B::And
            | B::Or
            | B::Equal
            | B::NotEqual
            | B::Less
            | B::LessEqual
            | B::Greater
            | B::GreaterEqual => {
                self.taken(to);
            }
        }
    }
}

/// w̄·∂g/∂v, and 0 where w̄ is 0 whatever the derivative.
#[inline(always)]
fn times(adjoint: f64, slope: f64) -> f64 {
    if adjoint == 0.0 { 0.0 } else { adjoint * slope }
}
