//! Calls: graphical functions, macros and the built-in functions of XMILE 1.0, section 3.5.
//!
//! A name is looked up in this order: a curve or an array of the model, a macro of the file, a
//! built-in function, with or without the namespaces `std.`, `isee.` and `vensim.`. A plain
//! variable that has a function's name hides it as a value and not as a call.

use std::sync::Arc;

use crate::compile::builtin::{arity, is_foreign, is_function};
use crate::compile::ir::{BinaryFn, NodeId, Op, Special, UnaryFn};
use crate::compile::lower::{CellKind, Lowerer};
use crate::compile::scope::{Context, EntityId, NamedTarget, Scope};
use crate::compile::table::Table;
use crate::document::{Document, Interpolation, Macro, Variable};
use crate::equation::{Expr, ExpressionNode, Subscript, is_blank};
use crate::error::{Problem, ProblemKind};
use crate::name::canonical_name;
use crate::xmile::XmlElement;

impl Lowerer<'_> {
    /// A call: a graphical function, a macro or a built-in.
    ///
    /// # Errors
    ///
    /// A name that is none of these, a wrong number of arguments, a function that is not simulated.
    pub(crate) fn call(
        &mut self,
        name: &str,
        subscripts: &[Subscript],
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        if let Some(NamedTarget::Entity(entity)) = self.world.resolve(context.scope, name).cloned()
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
        let namespaces = ["std.", "isee.", "vensim."];
        let bare = namespaces.iter().find_map(|namespace| name.strip_prefix(namespace));
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
        let found = &self.world.entities[self.world.source(entity)];
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
        let source = self.world.source(entity);
        Ok(self.flat_element(source, value))
    }

    /// Whether a variable is a graphical function or an array; a plain variable that has the name
    /// of a function does not hide it.
    fn can_be_called(&self, entity: EntityId) -> bool {
        let found = &self.world.entities[self.world.source(entity)];
        found.variable.graphical.is_some() || !found.dimensions.is_empty()
    }

    /// The value of a graphical function at a point.
    pub(crate) fn lookup(
        &mut self,
        entity: EntityId,
        place: usize,
        value: NodeId,
    ) -> Result<NodeId, Problem> {
        let table = self.table(entity, place)?;
        Ok(self.look_up(table, value))
    }

    /// The value of a table, at once where its argument is known.
    fn look_up(&mut self, table: u32, value: NodeId) -> NodeId {
        match self.graph.value(value) {
            Some(x) => {
                let y = self.tables[table as usize].at(x);
                self.graph.constant(y)
            }
            None => self.graph.add(Op::Lookup(table, value)),
        }
    }

    /// Keeps a table, and gives its number.
    fn add_table(&mut self, table: Table) -> u32 {
        self.tables.push(table);
        self.tables.len() as u32 - 1
    }

    /// The table of an entity's element: its own, else the variable's; one without points refers to
    /// a named one. Each table is made once and numbered.
    ///
    /// # Errors
    ///
    /// If there is no curve, its points are no curve, or the named one does not exist.
    pub(crate) fn table(&mut self, entity: EntityId, place: usize) -> Result<u32, Problem> {
        if let Some(&table) = self.tables_by_place.get(&(entity, place)) {
            return Ok(table);
        }
        let source = self.world.source(entity);
        if source != entity {
            return self.table(source, place);
        }
        let found = &self.world.entities[entity];
        let variable = Arc::clone(&found.variable);
        let scope = found.scope;
        let path = found.path.clone();
        let own = self
            .world
            .element_at(entity, place)
            .and_then(|i| variable.elements[i].graphical.clone());
        let source = own.or_else(|| variable.graphical.clone()).ok_or_else(|| {
            Problem::new(ProblemKind::Missing, format!("{path} has no graphical function"))
        })?;
        let table = match (&source.name, source.y.is_empty()) {
            (Some(name), true) => match self.world.resolve(scope, &canonical_name(name)).cloned() {
                Some(NamedTarget::Entity(other)) if other != entity => self.table(other, 0)?,
                _ => {
                    let message = format!("there is no graphical function {name}");
                    return Err(Problem::new(ProblemKind::Unknown, message).of(&path, ""));
                }
            },
            _ => {
                let table = Table::new(&source).map_err(|fault| fault.of(&path, ""))?;
                self.add_table(table)
            }
        };
        self.tables_by_place.insert((entity, place), table);
        Ok(table)
    }

    /// The body of a macro in place of its call. Each call makes variables of its own under a scope
    /// of its own, in which the caller's names are not seen.
    ///
    /// # Errors
    ///
    /// If calls are nested too deep or too many, the macro has a simulation of its own, or an
    /// argument without default is missing.
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
                    NamedTarget::Value(self.macro_text(default, &inner)?)
                }
                (None, None) => {
                    return Err(wrong_count(&found.name, found.parameters.len(), arguments.len()));
                }
            };
            self.world.scopes[scope].names.insert(canonical_name(parameter), target);
        }
        // Stella lists a parameter among the macro's variables too, with a value for trying it out.
        let is_parameter = |variable: &&Variable| {
            found.parameters.iter().any(|(name, _)| {
                canonical_name(name) == canonical_name(&variable.name)
                    && (is_input(variable) || !has_equation(variable))
            })
        };
        for variable in found.variables.iter().filter(|variable| !is_parameter(variable)) {
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
        self.macro_text(&found.equation, &inner)
    }

    /// The value of one of a macro's texts, which is no list.
    ///
    /// # Errors
    ///
    /// If it cannot be read or is a list.
    fn macro_text(&mut self, text: &str, context: &Arc<Context>) -> Result<NodeId, Problem> {
        let items = self.parsed(text).map_err(|fault| fault.of(&context.owner, text))?;
        if let Some(second) = items.get(1) {
            let message = format!("{} values are listed for one value", items.len());
            let fault = Problem::new(ProblemKind::Array, message).at(second.span);
            return Err(fault.of(&context.owner, text));
        }
        self.lower(&items[0], context)
    }

    /// A scalar argument is read once; an array is passed on as the caller wrote it.
    fn argument(
        &mut self,
        argument: &Expr,
        context: &Arc<Context>,
    ) -> Result<NamedTarget, Problem> {
        let mut axes = Vec::new();
        self.free_axes(argument, context, &mut axes)?;
        let running = |axis: &_| context.axes.iter().any(|(found, _)| found == axis);
        let bound = |axis: &crate::compile::scope::Axis| {
            matches!(argument.node, ExpressionNode::Name(_))
                && context.bound.iter().any(|(id, _)| *id == axis.dimension)
        };
        if axes.iter().any(|axis| !running(axis) && !bound(axis)) {
            return Ok(NamedTarget::Argument(Arc::new(argument.clone()), Arc::clone(context)));
        }
        Ok(NamedTarget::Value(self.lower(argument, context)?))
    }

    /// A function of the standard.
    fn builtin(
        &mut self,
        name: &str,
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        if let Some(found) = self.array_function(name, arguments, context)? {
            return Ok(found);
        }
        if matches!(name, "lookup" | "lookup_extrapolate" | "lookupinv") {
            return self.lookup_call(name, arguments, context);
        }
        if name == "init" || name == "initial" {
            let [argument] = arguments else { return Err(wrong_count(name, 1, arguments.len())) };
            let input = self.lower(argument, context)?;
            return Ok(self.at_start(input));
        }
        if matches!(name, "if_then_else") && arguments.len() == 3 {
            let parts = [arguments[0].clone(), arguments[1].clone(), arguments[2].clone()];
            let node = ExpressionNode::If(Box::new(parts));
            let span = arguments[0].span;
            return self.lower(&Expr { node, span, depth: 1 }, context);
        }
        let Some((least, most)) = arity(name) else {
            if is_foreign(name) {
                let name = name.to_uppercase();
                let message =
                    format!("{name} is a function of other programs that is not simulated here");
                return Err(Problem::new(ProblemKind::Unsupported, message));
            }
            return Err(self.unknown_function(name, context));
        };
        if arguments.len() < least || arguments.len() > most {
            let request = if arguments.len() < least { least } else { most };
            return Err(wrong_count(name, request, arguments.len()));
        }
        let nodes = arguments
            .iter()
            .map(|argument| self.lower(argument, context))
            .collect::<Result<Vec<_>, _>>()?;
        self.suspect_other_pulse(name, arguments, context);
        self.scalar_function(name, &nodes)
    }

    /// A value as it is at the start. A number is that already and needs no state.
    pub(crate) fn at_start(&mut self, input: NodeId) -> NodeId {
        match self.graph.value(input) {
            Some(_) => input,
            None => self.hidden_cell(CellKind::Initial(input)),
        }
    }

    /// Notes a PULSE of two arguments in a file of Vensim's: there they are start and width, in
    /// XMILE (section 3.5.4) magnitude and first time.
    fn suspect_other_pulse(&mut self, name: &str, arguments: &[Expr], context: &Context) {
        let [first, last] = arguments else { return };
        if name != "pulse" || !is_from_vensim(self.document) {
            return;
        }
        let message = "PULSE is read as XMILE's, of a magnitude and a first time; Vensim's takes a \
                       start and a width";
        let fault = Problem::new(ProblemKind::Numerics, message).at(first.span.to(last.span));
        self.suspicions.push(fault.of(&context.owner, &context.text));
    }

    /// A name that is no function, with one that it may be misspelt as.
    fn unknown_function(&self, name: &str, context: &Context) -> Problem {
        let near = self.unknown(name, context);
        if near.message().contains("did you mean") {
            return near;
        }
        let name = name.to_uppercase();
        let message = format!("{name} is not a function or macro");
        Problem::new(ProblemKind::Unknown, message)
    }

    /// LOOKUP and its kin, with the function as an argument.
    fn lookup_call(
        &mut self,
        called: &str,
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        let [function, argument] = arguments else {
            return Err(wrong_count(called, 2, arguments.len()));
        };
        let (name, subscripts): (&str, &[Subscript]) = match &function.node {
            ExpressionNode::Name(name) => (name, &[]),
            ExpressionNode::Subscripted(name, subscripts) => (name, subscripts),
            _ => {
                let called = called.to_uppercase();
                let message = format!("{called} needs the name of a graphical function");
                return Err(Problem::new(ProblemKind::Unknown, message).at(function.span));
            }
        };
        let value = self.lower(argument, context)?;
        let (entity, place) = self.table_place(name, subscripts, context)?;
        let table = self.table(entity, place)?;
        match called {
            "lookupinv" => self.inverse_lookup(table, value),
            // Vensim's function goes on beyond the ends whatever the curve itself says.
            "lookup_extrapolate" => {
                let curve = self.tables[table as usize].with(Interpolation::Extrapolate);
                let table = self.add_table(curve);
                Ok(self.look_up(table, value))
            }
            _ => Ok(self.look_up(table, value)),
        }
    }

    /// The first x at which a curve has the value y (Stella's LOOKUPINV). Where the curve goes
    /// above and below its first value there is a half for each, and y says which one is read. What
    /// no point reaches is the half's end, or goes on along its last line, as the curve does.
    fn inverse_lookup(&mut self, table: u32, y: NodeId) -> Result<NodeId, Problem> {
        let inverse = self.tables[table as usize].inverse().ok_or_else(|| {
            let message = "LOOKUPINV needs a curve of straight lines, not of steps";
            Problem::new(ProblemKind::Unsupported, message)
        })?;
        let up = inverse.up.map(|up| {
            let table = self.add_table(up);
            let minus = self.graph.unary(UnaryFn::Negate, y);
            self.look_up(table, minus)
        });
        let down = inverse.down.map(|down| {
            let table = self.add_table(down);
            self.look_up(table, y)
        });
        Ok(match (up, down) {
            (Some(up), Some(down)) => {
                let start = self.graph.constant(inverse.start);
                let is_up = self.graph.binary(BinaryFn::GreaterEqual, y, start);
                self.graph.select(is_up, up, down)
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => self.graph.constant(inverse.first),
        })
    }

    /// A function over all elements of an array; nothing where it is none. MIN, MAX and MEAN of
    /// several arguments take each for what it is: whole arrays with all their elements, scalars as
    /// one.
    ///
    /// # Errors
    ///
    /// A wrong number of arguments, or an array that is too large.
    fn array_function(
        &mut self,
        name: &str,
        arguments: &[Expr],
        context: &Arc<Context>,
    ) -> Result<Option<NodeId>, Problem> {
        let counts = match name {
            "sum" | "prod" | "size" | "stddev" | "vmin" | "vmax" => 1..=1,
            "rank" => 2..=3,
            "min" | "max" | "mean" => 1..=usize::MAX,
            _ => return Ok(None),
        };
        if !counts.contains(&arguments.len()) {
            return Err(wrong_count(name, *counts.start(), arguments.len()));
        }
        if let ("size", ExpressionNode::Name(over)) = (name, &arguments[0].node)
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

    /// Whether an argument of MIN, MAX or MEAN is a whole array here rather than one element.
    fn opens_axes(&mut self, argument: &Expr, context: &Arc<Context>) -> Result<bool, Problem> {
        let mut axes = Vec::new();
        self.free_axes(argument, context, &mut axes)?;
        let settled = |axis: &crate::compile::scope::Axis| {
            context.axes.iter().any(|(found, _)| found == axis)
                || (matches!(argument.node, ExpressionNode::Name(_))
                    && context.bound.iter().any(|(id, _)| *id == axis.dimension))
        };
        Ok(!axes.iter().all(settled))
    }

    /// One operation over all items, from the first to the last. In the order of the elements, so
    /// that a sum has the same bits everywhere; zero of nothing.
    fn fold(&mut self, function: BinaryFn, items: &[NodeId]) -> NodeId {
        let mut items = items.iter().copied();
        let Some(first) = items.next() else { return self.graph.constant(0.0) };
        items.fold(first, |total, item| self.graph.binary(function, total, item))
    }

    /// The mean of all items.
    fn mean(&mut self, items: &[NodeId]) -> NodeId {
        let total = self.fold(BinaryFn::Add, items);
        let count = self.graph.constant(items.len() as f64);
        self.graph.binary(BinaryFn::Divide, total, count)
    }

    /// Of the population: the root of the mean squared distance from the mean. √(Σ (xᵢ − x̄)²/n).
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

    /// The element of a rank. Operands: the rank, the values, then as many tie breakers; without a
    /// second array the values break their own ties.
    ///
    /// # Errors
    ///
    /// If the two arrays differ in size.
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
}

/// The context within a macro. The elements of the caller's dimensions are still at hand, its
/// running axes are not. The owner's name says which macro it is, for messages.
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

/// Whether a macro takes so many arguments. Those with a default may be left out.
fn takes(found: &Macro, count: usize) -> bool {
    let needed = found.parameters.iter().filter(|(_, default)| default.is_none()).count();
    (needed..=found.parameters.len()).contains(&count)
}

/// A call with another number of arguments.
pub(crate) fn wrong_count(name: &str, wanted: usize, given: usize) -> Problem {
    let noun = if wanted == 1 { "argument" } else { "arguments" };
    let message = format!("{} takes {wanted} {noun} and is given {given}", name.to_uppercase());
    Problem::new(ProblemKind::Syntax, message)
}

/// Whether a variable is a module's input.
fn is_input(variable: &Variable) -> bool {
    variable.access.as_deref().is_some_and(|access| access.trim().eq_ignore_ascii_case("input"))
}

/// Whether a variable has an equation of its own.
fn has_equation(variable: &Variable) -> bool {
    variable.equations.iter().any(|text| !is_blank(text))
}

/// Whether a file says that Vensim wrote it.
fn is_from_vensim(document: &Document) -> bool {
    let parts = document.header.iter().flat_map(|header| &header.children);
    let text = |part: &XmlElement| part.text.to_lowercase();
    parts.filter(|part| matches!(part.name.as_str(), "vendor" | "product")).any(|part| {
        let text = text(part);
        text.contains("vensim") || text.contains("ventana")
    })
}
