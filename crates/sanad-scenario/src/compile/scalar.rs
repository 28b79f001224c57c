//! Built-in functions of scalars: those of XMILE 1.0, section 3.5, and of other programs where
//! their manuals define them.
//!
//! Most become a few nodes of arithmetic. A function that remembers becomes states, as if the model
//! had the stocks that the manuals draw: they are integrated with the method of the run, and a time
//! that varies acts at once on what is in the stocks.

use crate::compile::builtin::{binary, unary};
use crate::compile::call::wrong_count;
use crate::compile::ir::{BinaryFn, Draw, NodeId, Op, Special, UnaryFn};
use crate::compile::lower::{CellKind, Lowerer};
use crate::compile::time_scale::ScaleDivision;
use crate::error::{Problem, ProblemKind};

/// A call of a random function, its arguments told apart.
struct RandomCall {
    draw: Draw,
    /// Of the distribution.
    parameters: Vec<NodeId>,
    /// Makes the sequence the same for every run and member.
    seed: Option<NodeId>,
    /// Least and most that may be drawn.
    bounds: Option<[NodeId; 2]>,
}

impl Lowerer<'_> {
    /// A function of as many scalars as [`arity`](crate::compile::builtin::arity) allows.
    pub(crate) fn scalar_function(
        &mut self,
        name: &str,
        given: &[NodeId],
    ) -> Result<NodeId, Problem> {
        if let Some(function) = unary(name) {
            return Ok(self.graph.unary(function, given[0]));
        }
        if let Some(function) = binary(name) {
            return Ok(self.graph.binary(function, given[0], given[1]));
        }
        if let Some(node) = self.named_constant(name) {
            return Ok(node);
        }
        if let Some(node) = self.arithmetic(name, given) {
            return Ok(node);
        }
        if let Some(node) = self.test_input(name, given) {
            return Ok(node);
        }
        if let Some(node) = self.memory_function(name, given)? {
            return Ok(node);
        }
        if let Some(node) = self.financial(name, given) {
            return Ok(node);
        }
        match self.random_call(name, given) {
            Some(call) => Ok(self.random(call)),
            None => Err(wrong_count(name, given.len(), given.len())),
        }
    }

    /// Functions that are made of simpler ones; nothing for others. SAFEDIV is zero, or its third
    /// argument, where the divisor is zero; ZIDZ and XIDZ are the same of two and three arguments.
    fn arithmetic(&mut self, name: &str, given: &[NodeId]) -> Option<NodeId> {
        let zero = self.graph.constant(0.0);
        Some(match name {
            // log_b x = ln x / ln b
            "log" => match given.get(1) {
                Some(&base) => {
                    let top = self.graph.unary(UnaryFn::Ln, given[0]);
                    let bottom = self.graph.unary(UnaryFn::Ln, base);
                    self.graph.binary(BinaryFn::Divide, top, bottom)
                }
                None => self.graph.unary(UnaryFn::Log10, given[0]),
            },
            "quantum" => self.quantum(given[0], given[1]),
            // Vensim's MODULO(a, b) = a − QUANTUM(a, b): its sign follows a, unlike that of MOD.
            "modulo" => {
                let whole = self.whole_multiple(given[0], given[1]);
                self.graph.binary(BinaryFn::Subtract, given[0], whole)
            }
            "safediv" | "xidz" | "zidz" => {
                let otherwise = given.get(2).copied().unwrap_or(zero);
                let is_nothing = self.graph.binary(BinaryFn::Equal, given[1], zero);
                let ratio = self.graph.binary(BinaryFn::Divide, given[0], given[1]);
                self.graph.select(is_nothing, otherwise, ratio)
            }
            "game" => given[0],
            _ => return None,
        })
    }

    /// The multiple of b next to a towards zero: b · trunc(a/b).
    fn whole_multiple(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let ratio = self.graph.binary(BinaryFn::Divide, a, b);
        let whole = self.graph.unary(UnaryFn::Truncate, ratio);
        self.graph.binary(BinaryFn::Multiply, whole, b)
    }

    /// Vensim's QUANTUM(a, b): b · trunc(a/b), and a itself where b is not positive.
    fn quantum(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let whole = self.whole_multiple(a, b);
        let zero = self.graph.constant(0.0);
        let is_positive = self.graph.binary(BinaryFn::Greater, b, zero);
        self.graph.select(is_positive, whole, a)
    }

    /// Inputs for trying out a model (section 3.5.4). PULSE without a first time begins with the
    /// run, and without an interval comes once.
    fn test_input(&mut self, name: &str, given: &[NodeId]) -> Option<NodeId> {
        let optional = |place: usize, default: NodeId| given.get(place).copied().unwrap_or(default);
        let start = self.start_time();
        let (special, items) = match name {
            "pulse" => {
                let zero = self.graph.constant(0.0);
                (Special::Pulse, vec![given[0], optional(1, start), optional(2, zero)])
            }
            "pulse_train" => (Special::PulseTrain, given.to_vec()),
            "step" => (Special::Step, given.to_vec()),
            // Without a time the ramp begins with the run (Stella).
            "ramp" => {
                let never = self.graph.constant(f64::INFINITY);
                (Special::Ramp, vec![given[0], optional(1, start), optional(2, never)])
            }
            _ => return None,
        };
        Some(self.graph.add(Op::Special(special, items.into())))
    }

    /// The time at which the run begins.
    fn start_time(&mut self) -> NodeId {
        self.graph.constant(self.document.simulation.start)
    }

    /// Functions that remember: delays, smooths, trends, and values of other moments. Without an
    /// initial value it is the input's at the start; of TREND and FORCST it is a trend of zero.
    ///
    /// Vensim's functions of order n (DELAY N, SMOOTH N) take the initial value before the order,
    /// XMILE's (DELAYN, SMTHN) the order before the initial value.
    fn memory_function(&mut self, name: &str, given: &[NodeId]) -> Result<Option<NodeId>, Problem> {
        let optional = |place: usize, default: NodeId| given.get(place).copied().unwrap_or(default);
        let zero = self.graph.constant(0.0);
        let Some(&input) = given.first() else { return Ok(None) };
        let initial = optional(2, input);
        Ok(Some(match name {
            "smth1" | "smooth" | "smoothi" => self.smooth_call(name, input, given[1], 1, initial),
            "smth3" | "smooth3" | "smooth3i" => self.smooth_call(name, input, given[1], 3, initial),
            "smthn" => {
                let order = self.order(given[2])?;
                self.smooth_call(name, input, given[1], order, optional(3, input))
            }
            "smooth_n" => {
                let order = self.order(given[3])?;
                self.smooth_call(name, input, given[1], order, given[2])
            }
            "delay1" | "delay1i" => self.delay_call(name, input, given[1], 1, initial),
            "delay3" | "delay3i" => self.delay_call(name, input, given[1], 3, initial),
            "delayn" => {
                let order = self.order(given[2])?;
                self.delay_call(name, input, given[1], order, optional(3, input))
            }
            "delay_n" => {
                let order = self.order(given[3])?;
                self.delay_call(name, input, given[1], order, given[2])
            }
            "delay" | "delay_fixed" => {
                self.note_time_scale(&name.to_uppercase(), given[1], ScaleDivision::Lag);
                self.hidden_cell(CellKind::Delay { initial, input, lag: given[1] })
            }
            "trend" => {
                self.note_time_scale("TREND", given[1], ScaleDivision::Stages(1));
                self.trend(input, given[1], optional(2, zero))
            }
            "forcst" | "forecast" => {
                self.note_time_scale(&name.to_uppercase(), given[1], ScaleDivision::Stages(1));
                self.forecast(input, given[1], given[2], optional(3, zero))
            }
            "previous" => self.hidden_cell(CellKind::Previous { initial: given[1], input }),
            "sample_if_true" => self.sample(given),
            "derivn" => {
                let order = self.order(given[1])?;
                self.derivative(input, order)
            }
            // Every run is the first of its session, so that ENDVAL is its initial value (Stella).
            "endval" => match given.get(1) {
                Some(&initial) => initial,
                None => self.at_start(input),
            },
            _ => return Ok(None),
        }))
    }

    /// The order of a smooth or delay, which shapes the model and so must be known before the run.
    /// A constant's is the value in the file: a run that sets the constant to another leaves the
    /// order as it is.
    ///
    /// # Errors
    ///
    /// If it is not known, or rounds to less than 1 or more than 1000.
    fn order(&self, node: NodeId) -> Result<usize, Problem> {
        let value = match self.graph.op(node) {
            Op::Parameter(place) => Some(self.constants[*place as usize].value),
            Op::Cell(cell) => match self.cells[*cell as usize].kind {
                CellKind::Value(inner) => match self.graph.op(inner) {
                    Op::Parameter(place) => Some(self.constants[*place as usize].value),
                    _ => self.graph.value(inner),
                },
                _ => None,
            },
            _ => self.graph.value(node),
        };
        match value.map(f64::round) {
            Some(order) if (1.0..=1000.0).contains(&order) => Ok(order as usize),
            Some(order) => {
                let message = format!("the order {order} is not between 1 and 1000");
                Err(Problem::new(ProblemKind::Limit, message))
            }
            None => {
                let message = "the order must be a number that is known before the run";
                Err(Problem::new(ProblemKind::Unsupported, message))
            }
        }
    }

    /// An exponential smooth of this order: a chain of stocks, each with the same share of the
    /// delay.
    fn smooth_call(
        &mut self,
        name: &str,
        input: NodeId,
        time: NodeId,
        order: usize,
        initial: NodeId,
    ) -> NodeId {
        self.note_time_scale(&name.to_uppercase(), time, ScaleDivision::Stages(order));
        self.smooth(input, time, order, initial)
    }

    /// A material delay of this order, as a chain of stocks.
    fn delay_call(
        &mut self,
        name: &str,
        input: NodeId,
        time: NodeId,
        order: usize,
        initial: NodeId,
    ) -> NodeId {
        self.note_time_scale(&name.to_uppercase(), time, ScaleDivision::Stages(order));
        self.delay(input, time, order, initial)
    }

    /// Exponential smoothing of order n (section 3.5.3): n first-order smooths of time τ/n in a
    /// row, each dy/dt = (x − y)/(τ/n).
    fn smooth(&mut self, input: NodeId, time: NodeId, order: usize, initial: NodeId) -> NodeId {
        let stage_time = self.stage_time(time, order);
        let mut value = input;
        for _ in 0..order {
            let stock = self.hidden_cell(CellKind::Pending);
            let gap = self.graph.binary(BinaryFn::Subtract, value, stock);
            let net = self.graph.binary(BinaryFn::Divide, gap, stage_time);
            self.set_kind(stock, CellKind::Stock { initial, net, non_negative: false });
            value = stock;
        }
        value
    }

    /// Material delay of order n (section 3.5.3): n stocks in a row, each emptied at its content
    /// times n/τ and begun with initial · τ/n.
    fn delay(&mut self, input: NodeId, time: NodeId, order: usize, initial: NodeId) -> NodeId {
        let stage_time = self.stage_time(time, order);
        let content = self.graph.binary(BinaryFn::Multiply, initial, stage_time);
        let mut inflow = input;
        for _ in 0..order {
            let stock = self.hidden_cell(CellKind::Pending);
            let outflow = self.graph.binary(BinaryFn::Divide, stock, stage_time);
            let net = self.graph.binary(BinaryFn::Subtract, inflow, outflow);
            self.set_kind(stock, CellKind::Stock { initial: content, net, non_negative: false });
            inflow = outflow;
        }
        inflow
    }

    /// τ/n
    fn stage_time(&mut self, time: NodeId, order: usize) -> NodeId {
        if order == 1 {
            return time;
        }
        let order = self.graph.constant(order as f64);
        self.graph.binary(BinaryFn::Divide, time, order)
    }

    /// Says how a stock made for a function moves. A stock comes before its net flow, which reads
    /// it.
    fn set_kind(&mut self, stock: NodeId, kind: CellKind) {
        if let Op::Cell(cell) = *self.graph.op(stock) {
            self.cells[cell as usize].kind = kind;
        }
    }

    /// A first-order smooth of the input that begins so that the trend is the initial one: x₀ /
    /// (1 + trend₀ · τ). x₀ is the input at the start, trend₀ the initial trend and τ the averaging
    /// time.
    fn trend_average(&mut self, input: NodeId, time: NodeId, initial: NodeId) -> NodeId {
        let growth = self.graph.binary(BinaryFn::Multiply, initial, time);
        let one = self.graph.constant(1.0);
        let factor = self.graph.binary(BinaryFn::Add, one, growth);
        let start = self.graph.binary(BinaryFn::Divide, input, factor);
        self.smooth(input, time, 1, start)
    }

    /// Fractional change per unit of time: (x − average)/(τ · |average|), as Vensim's manual has it,
    /// so that a falling input has a negative trend below zero, too; zero where the average is.
    fn trend(&mut self, input: NodeId, time: NodeId, initial: NodeId) -> NodeId {
        let average = self.trend_average(input, time, initial);
        let gap = self.graph.binary(BinaryFn::Subtract, input, average);
        let size = self.graph.unary(UnaryFn::Abs, average);
        let scale = self.graph.binary(BinaryFn::Multiply, time, size);
        self.graph.binary(BinaryFn::SafeDivide, gap, scale)
    }

    /// x · (1 + growth · horizon) with growth = (x − average)/(τ · average). The average keeps its
    /// sign here (Vensim's FORECAST), because a growth of a negative x is a fall. Zero growth where
    /// τ · average is zero.
    fn forecast(
        &mut self,
        input: NodeId,
        time: NodeId,
        horizon: NodeId,
        initial: NodeId,
    ) -> NodeId {
        let average = self.trend_average(input, time, initial);
        let gap = self.graph.binary(BinaryFn::Subtract, input, average);
        let scale = self.graph.binary(BinaryFn::Multiply, time, average);
        let growth = self.graph.binary(BinaryFn::SafeDivide, gap, scale);
        let ahead = self.graph.binary(BinaryFn::Multiply, growth, horizon);
        let one = self.graph.constant(1.0);
        let factor = self.graph.binary(BinaryFn::Add, one, ahead);
        self.graph.binary(BinaryFn::Multiply, input, factor)
    }

    /// The n-th derivative by time as a backward difference: (d(t) − d(t − dt))/dt, n times; zero
    /// until n steps are past.
    fn derivative(&mut self, input: NodeId, order: usize) -> NodeId {
        let (zero, one) = (self.graph.constant(0.0), self.graph.constant(1.0));
        let dt = self.graph.constant(self.document.simulation.step());
        let (mut value, mut is_past) = (input, one);
        for _ in 0..order {
            let before = self.hidden_cell(CellKind::Previous { initial: zero, input: value });
            let change = self.graph.binary(BinaryFn::Subtract, value, before);
            value = self.graph.binary(BinaryFn::Divide, change, dt);
            is_past = self.hidden_cell(CellKind::Previous { initial: zero, input: is_past });
        }
        self.graph.select(is_past, value, zero)
    }

    /// The input while the condition holds, else the value it had when the condition last held.
    /// Before it first holds: the initial value.
    fn sample(&mut self, given: &[NodeId]) -> NodeId {
        let kept = self.hidden_cell(CellKind::Pending);
        let value = self.graph.select(given[0], given[1], kept);
        self.set_kind(kept, CellKind::Previous { initial: given[2], input: value });
        value
    }

    /// Financial functions as the manuals of Stella (PMT, PV, FV, NPV of two or three arguments)
    /// and Vensim (NPV of four) define them.
    fn financial(&mut self, name: &str, given: &[NodeId]) -> Option<NodeId> {
        match (name, given) {
            ("pmt" | "pv" | "fv", &[rate, periods, first, second]) => {
                Some(self.annuity(name, rate, periods, first, second))
            }
            ("npv", &[stream, rate]) => {
                let zero = self.graph.constant(0.0);
                Some(self.present_value(stream, rate, zero))
            }
            ("npv", &[stream, rate, initial]) => Some(self.present_value(stream, rate, initial)),
            ("npv", &[stream, rate, initial, factor]) => {
                let value = self.present_value_with_current(stream, rate, initial);
                Some(self.graph.binary(BinaryFn::Multiply, value, factor))
            }
            _ => None,
        }
    }

    /// Solves pv·g + pmt·a + fv = 0 for the one of the three that `name` says, from the other two
    /// in the order of the call, where g = (1 + rate)^n and a = (g − 1)/rate; a = n at rate zero.
    /// What is paid is negative: PMT of a positive present value and a future value of zero is
    /// below zero.
    fn annuity(
        &mut self,
        name: &str,
        rate: NodeId,
        periods: NodeId,
        first: NodeId,
        second: NodeId,
    ) -> NodeId {
        let (zero, one) = (self.graph.constant(0.0), self.graph.constant(1.0));
        let per_period = self.graph.binary(BinaryFn::Add, one, rate);
        let growth = self.graph.binary(BinaryFn::Power, per_period, periods);
        let gained = self.graph.binary(BinaryFn::Subtract, growth, one);
        let ratio = self.graph.binary(BinaryFn::Divide, gained, rate);
        let is_free = self.graph.binary(BinaryFn::Equal, rate, zero);
        let annuity = self.graph.select(is_free, periods, ratio);
        // The arguments after rate and periods: pv, fv for PMT; pmt, fv for PV; pmt, pv for FV.
        let (left, factor, right, divisor) = match name {
            "pmt" => (first, growth, second, annuity),
            "pv" => (first, annuity, second, growth),
            _ => {
                let paid = self.graph.binary(BinaryFn::Multiply, first, annuity);
                (second, growth, paid, one)
            }
        };
        let grown = self.graph.binary(BinaryFn::Multiply, left, factor);
        let owed = self.graph.binary(BinaryFn::Add, grown, right);
        let owed = self.graph.unary(UnaryFn::Negate, owed);
        self.graph.binary(BinaryFn::Divide, owed, divisor)
    }

    /// The value at the start of what came in until now: initial + ∫ stream · (1 + rate)^−(t − t₀).
    /// rate is per unit of time; the integral is the run's, by its method.
    fn present_value(&mut self, stream: NodeId, rate: NodeId, initial: NodeId) -> NodeId {
        let one = self.graph.constant(1.0);
        let start = self.start_time();
        let now = self.graph.add(Op::Time);
        let since = self.graph.binary(BinaryFn::Subtract, start, now);
        let per_period = self.graph.binary(BinaryFn::Add, one, rate);
        let discount = self.graph.binary(BinaryFn::Power, per_period, since);
        let net = self.graph.binary(BinaryFn::Multiply, stream, discount);
        self.hidden_cell(CellKind::Stock { initial, net, non_negative: false })
    }

    /// Vensim's: accumulated + stream · dt · d, where d/dt accumulated = stream · d and
    /// d/dt d = −d · rate/(1 + rate · dt), d beginning with one. What comes in now is counted whole.
    fn present_value_with_current(
        &mut self,
        stream: NodeId,
        rate: NodeId,
        initial: NodeId,
    ) -> NodeId {
        let one = self.graph.constant(1.0);
        let dt = self.graph.constant(self.document.simulation.step());
        let discount = self.hidden_cell(CellKind::Pending);
        let in_step = self.graph.binary(BinaryFn::Multiply, rate, dt);
        let divisor = self.graph.binary(BinaryFn::Add, one, in_step);
        let loss = self.graph.binary(BinaryFn::Multiply, discount, rate);
        let loss = self.graph.binary(BinaryFn::Divide, loss, divisor);
        let net = self.graph.unary(UnaryFn::Negate, loss);
        self.set_kind(discount, CellKind::Stock { initial: one, net, non_negative: false });
        let discounted = self.graph.binary(BinaryFn::Multiply, stream, discount);
        let net = discounted;
        let total = self.hidden_cell(CellKind::Stock { initial, net, non_negative: false });
        let now = self.graph.binary(BinaryFn::Multiply, discounted, dt);
        self.graph.binary(BinaryFn::Add, total, now)
    }

    /// Arguments of a random function: in XMILE and Stella parameters, seed, least, most; in
    /// Vensim least, most, parameters, stream, where stream 0 is the one of the run.
    fn random_call(&mut self, name: &str, given: &[NodeId]) -> Option<RandomCall> {
        let (draw, count, is_vensim) = match name {
            "exprnd" => (Draw::Exponential, 1, false),
            "poisson" => (Draw::Poisson, 1, false),
            "lognormal" => (Draw::LogNormal, 2, false),
            "normal" => (Draw::Normal, 2, false),
            "random" | "uniform" => (Draw::Uniform, 2, false),
            "triangular" => (Draw::Triangular, 3, false),
            "random_uniform" => (Draw::Uniform, 2, true),
            "random_normal" => (Draw::Normal, 2, true),
            "random_triangular" => (Draw::Triangular, 3, true),
            "random_0_1" => {
                let parameters = vec![self.graph.constant(0.0), self.graph.constant(1.0)];
                return Some(RandomCall {
                    draw: Draw::Uniform,
                    parameters,
                    seed: None,
                    bounds: None,
                });
            }
            _ => return None,
        };
        if is_vensim {
            let bounds = (given.len() > count + 1).then(|| [given[0], given[1]]);
            let first = if bounds.is_some() { 2 } else { 0 };
            let parameters = given[first..first + count].to_vec();
            let seed = self.seed(given.get(first + count), Some(0.0));
            return Some(RandomCall { draw, parameters, seed, bounds });
        }
        let bounds = given.get(count + 1).map(|&least| {
            let most = given.get(count + 2).copied();
            [least, most.unwrap_or_else(|| self.graph.constant(f64::INFINITY))]
        });
        let seed = self.seed(given.get(count), None);
        Some(RandomCall { draw, parameters: given[..count].to_vec(), seed, bounds })
    }

    /// A seed that is one: neither left out as "not a number" (Stella) nor the number that stands
    /// for the run's own stream.
    fn seed(&self, given: Option<&NodeId>, none: Option<f64>) -> Option<NodeId> {
        let &seed = given?;
        let value = self.graph.value(seed);
        let is_none = value.is_some_and(|value| value.is_nan() || Some(value) == none);
        (!is_none).then_some(seed)
    }

    /// A draw, one for each step and member. Operands in the order of [`Special::Random`]: seed,
    /// parameters, least, most, as far as they are there.
    fn random(&mut self, call: RandomCall) -> NodeId {
        let RandomCall { draw, parameters, seed, bounds } = call;
        let special = Special::Random {
            draw,
            site: self.sites,
            seeded: seed.is_some(),
            bounded: bounds.is_some(),
        };
        self.sites += 1;
        let bounds = bounds.into_iter().flatten();
        let items: Vec<NodeId> = seed.into_iter().chain(parameters).chain(bounds).collect();
        self.graph.add(Op::Special(special, items.into()))
    }
}
