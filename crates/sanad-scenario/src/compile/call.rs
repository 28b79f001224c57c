//! Calls: graphical functions, macros and the built-in functions of XMILE 1.0, section 3.5.

use std::sync::Arc;

use crate::compile::builtin::{arity, binary, is_function, unary};
use crate::compile::ir::{BinaryFn, Draw, NodeId, Op, Special, UnaryFn};
use crate::compile::lower::{CellKind, Lowerer};
use crate::compile::scope::{Context, EntityId, Scope, Target};
use crate::compile::table::Table;
use crate::document::Macro;
use crate::equation::{Expr, Node, Subscript};
use crate::error::{Problem, ProblemKind};
use crate::name::canonical_name;

impl Lowerer<'_> {
    pub(crate) fn call(
        &mut self,
        name: &str,
        subscripts: &[Subscript],
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        if let Some(Target::Entity(entity)) = self.world.resolve(context.scope, name).cloned()
            && (self.can_be_called(entity) || !is_function(name))
        {
            return self.call_variable(name, entity, subscripts, arguments, context);
        }
        let document = self.document;
        let mut named = document.macros.iter().filter(|found| canonical_name(&found.name) == name);
        if let Some(first) = named.clone().next() {
            let fits = |found: &&Macro| takes(found, arguments.len());
            return match named.find(fits) {
                Some(found) => self.call_macro(found, arguments, context),
                None => Err(wrong_count(name, first.parameters.len(), arguments.len())),
            };
        }
        let bare = name.strip_prefix("std.").or_else(|| name.strip_prefix("isee."));
        self.builtin(bare.unwrap_or(name), arguments, context)
    }

    /// A graphical function at a value, or an array at a flat index.
    fn call_variable(
        &mut self,
        name: &str,
        entity: EntityId,
        subscripts: &[Subscript],
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        let [argument] = arguments else {
            return Err(wrong_count(name, 1, arguments.len()));
        };
        let value = self.lower(argument, context)?;
        let found = &self.world.entities[entity];
        let is_function = found.variable.graphical.is_some()
            || found.variable.elements.iter().any(|element| element.graphical.is_some());
        if is_function {
            let (entity, place) = self.table_place(name, subscripts, context)?;
            return self.lookup(entity, place, value);
        }
        if found.dimensions.is_empty() {
            let message = format!("{name} is a variable, not a function");
            return Err(Problem::new(ProblemKind::Unknown, message));
        }
        Ok(self.flat_element(entity, value))
    }

    /// Whether a variable is a graphical function or an array; a plain variable that has the name
    /// of a function does not hide it.
    fn can_be_called(&self, entity: EntityId) -> bool {
        let found = &self.world.entities[entity];
        found.variable.graphical.is_some() || !found.dimensions.is_empty()
    }

    pub(crate) fn lookup(
        &mut self,
        entity: EntityId,
        place: usize,
        value: NodeId,
    ) -> Result<NodeId, Problem> {
        let table = self.table(entity, place)?;
        match self.graph.value(value) {
            Some(x) => {
                let y = self.tables[table as usize].at(x);
                Ok(self.graph.constant(y))
            }
            None => Ok(self.graph.add(Op::Lookup(table, value))),
        }
    }

    /// The table of an entity's element: its own, else the variable's; one without points refers
    /// to a named one.
    pub(crate) fn table(&mut self, entity: EntityId, place: usize) -> Result<u32, Problem> {
        if let Some(&table) = self.tables_by_place.get(&(entity, place)) {
            return Ok(table);
        }
        let found = &self.world.entities[entity];
        let variable = Arc::clone(&found.variable);
        let scope = found.scope;
        let path = found.path.clone();
        let own =
            self.element_at(entity, place).and_then(|i| variable.elements[i].graphical.clone());
        let source = own.or_else(|| variable.graphical.clone()).ok_or_else(|| {
            Problem::new(ProblemKind::Missing, format!("{path} has no graphical function"))
        })?;
        let table = match (&source.name, source.y.is_empty()) {
            (Some(name), true) => match self.world.resolve(scope, &canonical_name(name)).cloned() {
                Some(Target::Entity(other)) if other != entity => self.table(other, 0)?,
                _ => {
                    let message = format!("there is no graphical function {name}");
                    return Err(Problem::new(ProblemKind::Unknown, message).of(&path, ""));
                }
            },
            _ => {
                let table = Table::new(&source).map_err(|fault| fault.of(&path, ""))?;
                self.tables.push(table);
                self.tables.len() as u32 - 1
            }
        };
        self.tables_by_place.insert((entity, place), table);
        Ok(table)
    }

    fn call_macro(
        &mut self,
        found: &Macro,
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        let unsupported = |what: &str| {
            let message = format!("macro {}: {what}", found.name);
            Err(Problem::new(ProblemKind::Unsupported, message))
        };
        if found.has_simulation {
            return unsupported("a simulation of its own is not run");
        }
        if context.depth >= self.limits.module_depth {
            let message = format!("macro calls are nested more than {} deep", context.depth);
            return Err(Problem::new(ProblemKind::Limit, message));
        }
        let scope = self.world.scopes.len();
        if scope > self.limits.operations {
            return Err(Problem::new(ProblemKind::Limit, "too many macro calls"));
        }
        self.world.scopes.push(Scope::default());
        for (place, (parameter, default)) in found.parameters.iter().enumerate() {
            let target = match (arguments.get(place), default) {
                (Some(argument), _) => self.argument(argument, context)?,
                (None, Some(default)) => {
                    let inner = inside(scope, found, default, context);
                    let items =
                        self.parsed(default).map_err(|fault| fault.of(&inner.owner, default))?;
                    Target::Value(self.lower(&items[0], &inner)?)
                }
                (None, None) => {
                    return Err(wrong_count(&found.name, found.parameters.len(), arguments.len()));
                }
            };
            self.world.scopes[scope].names.insert(canonical_name(parameter), target);
        }
        for variable in &found.variables {
            let path = format!("{}.{}", found.name, variable.name);
            let first = self.cells.len();
            let shared = Arc::new(variable.clone());
            let entity = self
                .world
                .add(scope, path.clone(), shared, first, self.limits)
                .map_err(|fault| fault.of(&path, ""))?;
            self.world.entities[entity].hidden = true;
            self.world.entities[entity].non_negative = variable.non_negative.unwrap_or(false);
            self.add_cells(entity);
        }
        let inner = inside(scope, found, &found.equation, context);
        let items =
            self.parsed(&found.equation).map_err(|fault| fault.of(&inner.owner, &inner.text))?;
        self.lower(&items[0], &inner)
    }

    /// A scalar argument is read once; an array is passed on as the caller wrote it.
    fn argument(&mut self, argument: &Expr, context: &Arc<Context>) -> Result<Target, Problem> {
        let mut axes = Vec::new();
        self.free_axes(argument, context, &mut axes)?;
        let running = |axis: &_| context.axes.iter().any(|(found, _)| found == axis);
        let bound = |axis: &crate::compile::scope::Axis| {
            matches!(argument.node, Node::Name(_))
                && context.bound.iter().any(|(id, _)| *id == axis.dimension)
        };
        if axes.iter().any(|axis| !running(axis) && !bound(axis)) {
            return Ok(Target::Argument(Arc::new(argument.clone()), Arc::clone(context)));
        }
        Ok(Target::Value(self.lower(argument, context)?))
    }

    fn builtin(
        &mut self,
        name: &str,
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        if let Some(found) = self.array_function(name, arguments, context)? {
            return Ok(found);
        }
        if matches!(name, "lookup" | "lookup_extrapolate") {
            return self.lookup_call(arguments, context);
        }
        if name == "init" || name == "initial" {
            let [argument] = arguments else { return Err(wrong_count(name, 1, arguments.len())) };
            let input = self.lower(argument, context)?;
            return Ok(match self.graph.value(input) {
                Some(_) => input,
                None => self.hidden_cell(CellKind::Initial(input)),
            });
        }
        if matches!(name, "if_then_else") && arguments.len() == 3 {
            let parts = [arguments[0].clone(), arguments[1].clone(), arguments[2].clone()];
            let node = Node::If(Box::new(parts));
            let span = arguments[0].span;
            return self.lower(&Expr { node, span, depth: 1 }, context);
        }
        let Some((least, most)) = arity(name) else {
            return Err(self.unknown_function(name, context));
        };
        if arguments.len() < least || arguments.len() > most {
            let asked = if arguments.len() < least { least } else { most };
            return Err(wrong_count(name, asked, arguments.len()));
        }
        let nodes = arguments
            .iter()
            .map(|argument| self.lower(argument, context))
            .collect::<Result<Vec<_>, _>>()?;
        self.scalar_function(name, &nodes)
    }

    fn unknown_function(&self, name: &str, context: &Context) -> Problem {
        let near = self.unknown(name, context);
        if near.message().contains("did you mean") {
            return near;
        }
        let message = format!("{} is not a function or macro", name.to_uppercase());
        Problem::new(ProblemKind::Unknown, message)
    }

    fn lookup_call(
        &mut self,
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        let [function, argument] = arguments else {
            return Err(wrong_count("lookup", 2, arguments.len()));
        };
        let (name, subscripts): (&str, &[Subscript]) = match &function.node {
            Node::Name(name) => (name, &[]),
            Node::Subscripted(name, subscripts) => (name, subscripts),
            _ => {
                let message = "LOOKUP needs the name of a graphical function";
                return Err(Problem::new(ProblemKind::Unknown, message).at(function.span));
            }
        };
        let value = self.lower(argument, context)?;
        let (entity, place) = self.table_place(name, subscripts, context)?;
        self.lookup(entity, place, value)
    }

    fn array_function(
        &mut self,
        name: &str,
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<Option<NodeId>, Problem> {
        let counts = match name {
            "sum" | "mean" | "prod" | "size" | "stddev" | "vmin" | "vmax" => 1..=1,
            "rank" => 2..=3,
            "min" | "max" => 1..=usize::MAX,
            _ => return Ok(None),
        };
        if !counts.contains(&arguments.len()) {
            return Err(wrong_count(name, *counts.start(), arguments.len()));
        }
        if let ("size", Node::Name(over)) = (name, &arguments[0].node)
            && let Some(over) = self.world.dimensions.find(over)
        {
            let size = self.world.dimensions.size(over) as f64;
            return Ok(Some(self.graph.constant(size)));
        }
        if name == "rank" {
            return self.rank(arguments, context).map(Some);
        }
        let mut items = Vec::new();
        for argument in arguments {
            if arguments.len() > 1 && !self.opens_axes(argument, context)? {
                items.push(self.lower(argument, context)?);
            } else {
                items.extend(self.elements(argument, context)?);
            }
        }
        let count = items.len() as f64;
        Ok(Some(match name {
            "size" => self.graph.constant(count),
            "sum" => self.fold(BinaryFn::Add, &items),
            "prod" => self.fold(BinaryFn::Multiply, &items),
            "min" | "vmin" => self.fold(BinaryFn::Min, &items),
            "max" | "vmax" => self.fold(BinaryFn::Max, &items),
            "mean" => self.mean(&items),
            _ => self.standard_deviation(&items),
        }))
    }

    /// Whether an argument of MIN or MAX is a whole array here rather than one element.
    fn opens_axes(&mut self, argument: &Expr, context: &Arc<Context>) -> Result<bool, Problem> {
        let mut axes = Vec::new();
        self.free_axes(argument, context, &mut axes)?;
        let settled = |axis: &crate::compile::scope::Axis| {
            context.axes.iter().any(|(found, _)| found == axis)
                || (matches!(argument.node, Node::Name(_))
                    && context.bound.iter().any(|(id, _)| *id == axis.dimension))
        };
        Ok(!axes.iter().all(settled))
    }

    fn fold(&mut self, function: BinaryFn, items: &[NodeId]) -> NodeId {
        let mut items = items.iter().copied();
        let Some(first) = items.next() else { return self.graph.constant(0.0) };
        items.fold(first, |total, item| self.graph.binary(function, total, item))
    }

    fn mean(&mut self, items: &[NodeId]) -> NodeId {
        let total = self.fold(BinaryFn::Add, items);
        let count = self.graph.constant(items.len() as f64);
        self.graph.binary(BinaryFn::Divide, total, count)
    }

    /// Of the population: the root of the mean squared distance from the mean.
    fn standard_deviation(&mut self, items: &[NodeId]) -> NodeId {
        let mean = self.mean(items);
        let squares: Vec<NodeId> = items
            .iter()
            .map(|&item| {
                let distance = self.graph.binary(BinaryFn::Subtract, item, mean);
                self.graph.binary(BinaryFn::Multiply, distance, distance)
            })
            .collect();
        let variance = self.mean(&squares);
        self.graph.unary(UnaryFn::Sqrt, variance)
    }

    fn rank(&mut self, arguments: &[Expr], context: &Arc<Context>) -> Result<NodeId, Problem> {
        let items = self.elements(&arguments[0], context)?;
        let rank = self.lower(&arguments[1], context)?;
        let ties = match arguments.get(2) {
            Some(ties) => self.elements(ties, context)?,
            None => items.clone(),
        };
        if ties.len() != items.len() {
            let message = "RANK needs a second array of the same size";
            return Err(Problem::new(ProblemKind::Array, message));
        }
        let all: Vec<NodeId> = std::iter::once(rank).chain(items).chain(ties).collect();
        Ok(self.graph.add(Op::Special(Special::Rank, all.into())))
    }

    fn scalar_function(&mut self, name: &str, given: &[NodeId]) -> Result<NodeId, Problem> {
        if let Some(function) = unary(name) {
            return Ok(self.graph.unary(function, given[0]));
        }
        if let Some(function) = binary(name) {
            return Ok(self.graph.binary(function, given[0], given[1]));
        }
        let zero = self.graph.constant(0.0);
        let special = |lowerer: &mut Self, special, items: Vec<NodeId>| {
            lowerer.graph.add(Op::Special(special, items.into()))
        };
        let optional = |place: usize, default: NodeId| given.get(place).copied().unwrap_or(default);
        Ok(match name {
            "time" | "dt" | "time_step" | "starttime" | "stoptime" | "pi" | "inf" | "nan"
            | "initial_time" | "final_time" => self.constant_call(name),
            "log" => match given.get(1) {
                Some(&base) => {
                    let (top, bottom) = (
                        self.graph.unary(UnaryFn::Ln, given[0]),
                        self.graph.unary(UnaryFn::Ln, base),
                    );
                    self.graph.binary(BinaryFn::Divide, top, bottom)
                }
                None => self.graph.unary(UnaryFn::Log10, given[0]),
            },
            "quantum" => {
                let ratio = self.graph.binary(BinaryFn::Divide, given[0], given[1]);
                let whole = self.graph.unary(UnaryFn::Truncate, ratio);
                self.graph.binary(BinaryFn::Multiply, whole, given[1])
            }
            "safediv" | "xidz" | "zidz" => {
                let nothing = self.graph.binary(BinaryFn::Equal, given[1], zero);
                let ratio = self.graph.binary(BinaryFn::Divide, given[0], given[1]);
                self.graph.select(nothing, optional(2, zero), ratio)
            }
            "pulse" => {
                let start = self.start_time();
                let (first, interval) = (optional(1, start), optional(2, zero));
                special(self, Special::Pulse, vec![given[0], first, interval])
            }
            "pulse_train" => special(self, Special::PulseTrain, given.to_vec()),
            "step" => special(self, Special::Step, given.to_vec()),
            "ramp" => {
                let never = self.graph.constant(f64::INFINITY);
                special(self, Special::Ramp, vec![given[0], given[1], optional(2, never)])
            }
            "smth1" | "smooth" | "smoothi" => {
                self.smooth(given[0], given[1], 1, optional(2, given[0]))
            }
            "smth3" | "smooth3" | "smooth3i" => {
                self.smooth(given[0], given[1], 3, optional(2, given[0]))
            }
            "smthn" => {
                let order = self.order(given[2])?;
                self.smooth(given[0], given[1], order, optional(3, given[0]))
            }
            "delay1" | "delay1i" => self.delay(given[0], given[1], 1, optional(2, given[0])),
            "delay3" | "delay3i" => self.delay(given[0], given[1], 3, optional(2, given[0])),
            "delayn" | "delay_n" => {
                let order = self.order(given[2])?;
                self.delay(given[0], given[1], order, optional(3, given[0]))
            }
            "delay" | "delay_fixed" => self.hidden_cell(CellKind::Delay {
                initial: optional(2, given[0]),
                input: given[0],
                lag: given[1],
            }),
            "game" => given[0],
            "trend" => self.trend(given[0], given[1], optional(2, zero)),
            "forcst" | "forecast" => {
                let trend = self.trend(given[0], given[1], optional(3, zero));
                let growth = self.graph.binary(BinaryFn::Multiply, trend, given[2]);
                let one = self.graph.constant(1.0);
                let factor = self.graph.binary(BinaryFn::Add, one, growth);
                self.graph.binary(BinaryFn::Multiply, given[0], factor)
            }
            "previous" => {
                self.hidden_cell(CellKind::Previous { initial: given[1], input: given[0] })
            }
            "sample_if_true" => self.sample(given),
            _ => self.random(name, given),
        })
    }

    fn constant_call(&mut self, name: &str) -> NodeId {
        let specs = &self.document.simulation;
        let value = match name {
            "time" => return self.graph.add(Op::Time),
            "dt" | "time_step" => specs.step(),
            "starttime" | "initial_time" => specs.start,
            "stoptime" | "final_time" => specs.stop,
            "pi" => std::f64::consts::PI,
            "inf" => f64::INFINITY,
            _ => f64::NAN,
        };
        self.graph.constant(value)
    }

    fn start_time(&mut self) -> NodeId {
        self.graph.constant(self.document.simulation.start)
    }

    /// The order of a smooth or delay, which shapes the model and so must be known before the run.
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

    /// Exponential smoothing of order n: n first-order smooths of time τ/n in a row.
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

    /// Material delay of order n: n stocks in a row, each emptied at its content times n/τ.
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

    fn stage_time(&mut self, time: NodeId, order: usize) -> NodeId {
        if order == 1 {
            return time;
        }
        let order = self.graph.constant(order as f64);
        self.graph.binary(BinaryFn::Divide, time, order)
    }

    fn set_kind(&mut self, stock: NodeId, kind: CellKind) {
        if let Op::Cell(cell) = *self.graph.op(stock) {
            self.cells[cell as usize].kind = kind;
        }
    }

    /// Fractional change per unit of time: (x − average) / (averaging time · |average|), the
    /// average being a first-order smooth that starts so that the trend is the initial one.
    fn trend(&mut self, input: NodeId, time: NodeId, initial: NodeId) -> NodeId {
        let growth = self.graph.binary(BinaryFn::Multiply, initial, time);
        let one = self.graph.constant(1.0);
        let factor = self.graph.binary(BinaryFn::Add, one, growth);
        let start = self.graph.binary(BinaryFn::Divide, input, factor);
        let average = self.smooth(input, time, 1, start);
        let gap = self.graph.binary(BinaryFn::Subtract, input, average);
        let size = self.graph.unary(UnaryFn::Abs, average);
        let scale = self.graph.binary(BinaryFn::Multiply, time, size);
        self.graph.binary(BinaryFn::SafeDivide, gap, scale)
    }

    /// The input while the condition holds, else the value it had when the condition last held.
    fn sample(&mut self, given: &[NodeId]) -> NodeId {
        let held = self.hidden_cell(CellKind::Pending);
        let value = self.graph.select(given[0], given[1], held);
        self.set_kind(held, CellKind::Previous { initial: given[2], input: value });
        value
    }

    fn random(&mut self, name: &str, given: &[NodeId]) -> NodeId {
        let (draw, count) = match name {
            "exprnd" => (Draw::Exponential, 1),
            "poisson" => (Draw::Poisson, 1),
            "lognormal" => (Draw::LogNormal, 2),
            "normal" => (Draw::Normal, 2),
            _ => (Draw::Uniform, 2),
        };
        let seeded = given.len() > count;
        let mut items = Vec::with_capacity(3);
        items.extend(given.get(count));
        items.extend(&given[..count]);
        let bounds = given.get(count + 1).copied().zip(given.get(count + 2).copied());
        let site = self.sites;
        self.sites += 1;
        let drawn =
            self.graph.add(Op::Special(Special::Random { draw, site, seeded }, items.into()));
        let Some((low, high)) = bounds else { return drawn };
        let above = self.graph.binary(BinaryFn::Max, drawn, low);
        self.graph.binary(BinaryFn::Min, above, high)
    }
}

fn inside(scope: usize, found: &Macro, text: &str, context: &Context) -> Arc<Context> {
    let caller = context.owner.split(" (macro ").next().unwrap_or_default();
    Arc::new(Context {
        scope,
        own: None,
        bound: context.bound.clone(),
        axes: Vec::new(),
        depth: context.depth + 1,
        owner: format!("{caller} (macro {})", found.name).into(),
        text: text.into(),
    })
}

fn takes(found: &Macro, count: usize) -> bool {
    let needed = found.parameters.iter().filter(|(_, default)| default.is_none()).count();
    (needed..=found.parameters.len()).contains(&count)
}

fn wrong_count(name: &str, wanted: usize, given: usize) -> Problem {
    let noun = if wanted == 1 { "argument" } else { "arguments" };
    let message = format!("{} takes {wanted} {noun} and is given {given}", name.to_uppercase());
    Problem::new(ProblemKind::Syntax, message)
}
