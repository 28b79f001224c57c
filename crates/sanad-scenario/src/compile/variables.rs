//! The equation of every variable, with what its place in the stock-and-flow structure adds.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::device::{DrivenFlows, is_device};
use crate::compile::ir::{BinaryFn, CellId, NodeId, Op, UnaryFn};
use crate::compile::lower::{CellKind, Constant, Lowerer};
use crate::compile::scope::{Context, EntityId, NamedTarget};
use crate::document::Kind;
use crate::equation::{Expr, ExpressionNode, Unary, is_blank};
use crate::error::{Problem, ProblemKind};
use crate::name::canonical_name;

/// Which flows fill and drain which stocks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Structure {
    /// By stock, in the order of the file.
    pub inflows: BTreeMap<EntityId, Vec<EntityId>>,
    /// By stock, in order of priority.
    pub outflows: BTreeMap<EntityId, Vec<EntityId>>,
    /// Stocks that a flow drains.
    drained: BTreeMap<EntityId, Vec<EntityId>>,
}

/// The end of a flow that a stock is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Downstream: the flow fills the stock.
    Inflow,
    /// Upstream: the flow drains the stock.
    Outflow,
}

/// The text that defines a cell.
struct SplitEquation {
    text: String,
    /// Whether the text may list a value for each element; one that belongs to an element may not.
    may_list: bool,
}

impl Lowerer<'_> {
    /// Resolves the inflows and outflows of every stock from the entity `first` on. Called again
    /// for the stocks of each macro that was called on the way. A name that is no variable is a
    /// problem.
    pub(crate) fn extend_structure(
        &self,
        structure: &mut Structure,
        first: EntityId,
        problems: &mut Vec<Problem>,
    ) {
        for (stock, entity) in self.world.entities.iter().enumerate().skip(first) {
            // An input that comes from elsewhere has the flows of its source.
            if entity.variable.kind != Kind::Stock || entity.alias.is_some() {
                continue;
            }
            let mut resolve = |names: &[String]| -> Vec<EntityId> {
                let mut found = Vec::new();
                for name in names {
                    match self.world.resolve(entity.scope, &canonical_name(name)) {
                        Some(NamedTarget::Entity(flow)) => found.push(*flow),
                        _ => {
                            let message = format!("its flow {name} is not defined");
                            let fault = Problem::new(ProblemKind::Unknown, message);
                            problems.push(fault.of(&entity.path, ""));
                        }
                    }
                }
                found
            };
            let inflows = resolve(&entity.variable.inflows);
            let outflows = resolve(&entity.variable.outflows);
            for &flow in &outflows {
                structure.drained.entry(flow).or_default().push(stock);
            }
            structure.inflows.insert(stock, inflows);
            structure.outflows.insert(stock, outflows);
        }
    }

    /// Lowers one cell; cells of macros called on the way are added at the end of the list. A cell
    /// that has its kind already, such as a state, is left as it is.
    pub(crate) fn lower_cell(
        &mut self,
        cell: CellId,
        structure: &Structure,
        driven: &DrivenFlows,
    ) -> Result<(), Problem> {
        self.current = cell;
        let (entity, place) = {
            let found = &self.cells[cell as usize];
            (found.entity, found.place)
        };
        if self.cells[cell as usize].kind != CellKind::Pending {
            return Ok(());
        }
        let kind = self.kind(cell, entity, place, structure, driven)?;
        self.cells[cell as usize].kind = kind;
        Ok(())
    }

    /// What a cell is. What stands in for its equation (a value set from outside, a connection) is
    /// looked at first, for every kind of variable.
    fn kind(
        &mut self,
        cell: CellId,
        entity: EntityId,
        place: usize,
        structure: &Structure,
        driven: &DrivenFlows,
    ) -> Result<CellKind, Problem> {
        let found = &self.world.entities[entity];
        let name = self.world.cell_name(found, place);
        let (kind, alias) = (found.variable.kind, found.alias);
        let frozen = self.frozen.get(&canonical_name(&name)).copied();
        if let Some(source) = alias {
            return Ok(CellKind::Value(match frozen {
                Some(value) => self.settable(cell, value),
                None => {
                    let context = self.context(entity, place, "");
                    self.whole_name(source, &context).map_err(|fault| fault.of(&name, ""))?
                }
            }));
        }
        if kind == Kind::Stock {
            let initial = match frozen {
                Some(value) => self.settable(cell, value),
                None => self.equation_value(cell, entity, place)?,
            };
            return self.stock(entity, place, initial, structure, driven);
        }
        if let Some(kind) = self.driven_flow(entity, place, driven)? {
            return Ok(kind);
        }
        let (value, initial) = match frozen {
            Some(value) => (self.settable(cell, value), None),
            None => self.value(cell, entity, place, structure)?,
        };
        let value = self.limited_by_conveyor(entity, place, value, structure, driven);
        let Some(initial) = initial else { return Ok(CellKind::Value(value)) };
        let initial = self.limited_by_conveyor(entity, place, initial, structure, driven);
        Ok(self.active(initial, value))
    }

    /// A value with another one at the start (XMILE's `init_eqn`, Vensim's ACTIVE INITIAL). A state
    /// that is zero at first and one ever after chooses between the two.
    fn active(&mut self, initial: NodeId, value: NodeId) -> CellKind {
        let (zero, one) = (self.graph.constant(0.0), self.graph.constant(1.0));
        let first = self.hidden_cell(CellKind::Initial(initial));
        let started = self.hidden_cell(CellKind::Previous { initial: zero, input: one });
        CellKind::Active { initial, value: self.graph.select(started, value, first) }
    }

    /// What the equation of a cell says: a number that a run may set, or an expression.
    fn equation_value(
        &mut self,
        cell: CellId,
        entity: EntityId,
        place: usize,
    ) -> Result<NodeId, Problem> {
        let equation = self.equation(entity, place)?;
        match self.literal(&equation, entity, place)? {
            Some(value) => Ok(self.settable(cell, value)),
            None => self.equation_text(&equation, entity, place),
        }
    }

    /// The value of an equation's text for one element.
    fn equation_text(
        &mut self,
        equation: &SplitEquation,
        entity: EntityId,
        place: usize,
    ) -> Result<NodeId, Problem> {
        let (items, item) = self.listed(&equation.text, entity, place, equation.may_list)?;
        self.lower(&items[item], &self.context(entity, place, &equation.text))
    }

    /// The text that defines a cell. The element's own, else the variable's.
    ///
    /// # Errors
    ///
    /// If there is none, or several and not one for each element.
    fn equation(&self, entity: EntityId, place: usize) -> Result<SplitEquation, Problem> {
        let found = &self.world.entities[entity];
        let variable = &found.variable;
        let element = self.world.element_at(entity, place).map(|i| &variable.elements[i]);
        if let Some(text) = element.and_then(|element| element.equation.clone()) {
            return Ok(SplitEquation { text, may_list: false });
        }
        let texts: Vec<&String> =
            variable.equations.iter().filter(|text| !is_blank(text)).collect();
        let name = || self.world.cell_name(found, place);
        match texts.len() {
            0 => {
                let fault = Problem::new(ProblemKind::Missing, "there is no equation");
                Err(fault.of(&name(), ""))
            }
            1 => Ok(SplitEquation { text: texts[0].clone(), may_list: true }),
            count if count == found.cells => {
                Ok(SplitEquation { text: texts[place].clone(), may_list: false })
            }
            count => {
                let message = format!("{count} equations are given for {} elements", found.cells);
                Err(Problem::new(ProblemKind::Array, message).of(&name(), ""))
            }
        }
    }

    /// How a stock moves: what flows in less what flows out.
    ///
    /// # Errors
    ///
    /// If it is a conveyor or queue inside a macro.
    fn stock(
        &mut self,
        entity: EntityId,
        place: usize,
        initial: NodeId,
        structure: &Structure,
        driven: &DrivenFlows,
    ) -> Result<CellKind, Problem> {
        let variable = Arc::clone(&self.world.entities[entity].variable);
        if driven.devices.contains_key(&entity) {
            return self.device_stock(entity, place, initial, structure, driven);
        }
        if is_device(&variable) {
            let message = "conveyors and queues inside a macro are not simulated";
            let name = self.world.cell_name(&self.world.entities[entity], place);
            return Err(Problem::new(ProblemKind::Unsupported, message).of(&name, ""));
        }
        let net = self.net_flow(entity, place, structure)?;
        let non_negative = self.world.entities[entity].non_negative;
        Ok(CellKind::Stock { initial, net, non_negative })
    }

    /// Inflows in order minus outflows in order. In that order, so that the sum has the same bits
    /// everywhere; a stock without flows stands still.
    fn net_flow(
        &mut self,
        stock: EntityId,
        place: usize,
        structure: &Structure,
    ) -> Result<NodeId, Problem> {
        let context = self.context(stock, place, "");
        let none = Vec::new();
        let mut net = None;
        for &flow in structure.inflows.get(&stock).unwrap_or(&none) {
            let value = self.flow_of_stock(flow, &context, End::Inflow)?;
            let value = self.converted(flow, place, value)?;
            net = Some(match net {
                None => value,
                Some(net) => self.graph.binary(BinaryFn::Add, net, value),
            });
        }
        for &flow in structure.outflows.get(&stock).unwrap_or(&none) {
            let value = self.flow_of_stock(flow, &context, End::Outflow)?;
            net = Some(match net {
                None => self.graph.unary(UnaryFn::Negate, value),
                Some(net) => self.graph.binary(BinaryFn::Subtract, net, value),
            });
        }
        Ok(net.unwrap_or_else(|| self.graph.constant(0.0)))
    }

    /// What a flow carries into or out of the stock's element that `context` stands in.
    ///
    /// Dimensions of the flow that the stock has, too, are those of the element; over the others
    /// the flow is summed, so that nothing gets lost between stocks of different dimensions. Where
    /// both stocks have one dimension and the flow has it twice, the first is the upstream stock's
    /// and the last the downstream stock's, as Stella orders them.
    pub(crate) fn flow_of_stock(
        &mut self,
        flow: EntityId,
        context: &Arc<Context>,
        end: End,
    ) -> Result<NodeId, Problem> {
        let dimensions = self.world.entities[flow].dimensions.clone();
        let mut fixed = vec![None; dimensions.len()];
        let mut own = context.bound.clone();
        let mut positions: Vec<usize> = (0..dimensions.len()).collect();
        if end == End::Inflow {
            own.reverse();
            positions.reverse();
        }
        let mut are_shared = true;
        for (dimension, place) in own {
            let is_match = |&&at: &&usize| fixed[at].is_none() && dimensions[at] == dimension;
            match positions.iter().find(is_match) {
                Some(&at) => fixed[at] = Some(place),
                None => are_shared = false,
            }
        }
        if !are_shared || fixed.iter().all(Option::is_some) {
            // Nothing to sum, or subranges, which are read as in any equation.
            let value = self.whole_name(flow, context);
            return value.map_err(|fault| fault.of(&context.owner, ""));
        }
        let found = &self.world.entities[flow];
        let (first, cells) = (found.first_cell, found.cells);
        let is_part = |&place: &usize| {
            let places = self.world.subscripts(&self.world.entities[flow], place);
            fixed.iter().zip(places).all(|(fixed, place)| fixed.is_none_or(|own| own == place))
        };
        let parts: Vec<usize> = (0..cells).filter(is_part).collect();
        let mut total = self.graph.constant(0.0);
        for (number, place) in parts.into_iter().enumerate() {
            let part = self.graph.add(Op::Cell(first + place as u32));
            total = match number {
                0 => part,
                _ => self.graph.binary(BinaryFn::Add, total, part),
            };
        }
        Ok(total)
    }

    /// What a flow with a unit conversion delivers downstream.
    pub(crate) fn converted(
        &mut self,
        flow: EntityId,
        place: usize,
        value: NodeId,
    ) -> Result<NodeId, Problem> {
        let Some(text) = self.world.entities[flow].variable.multiplier.clone() else {
            return Ok(value);
        };
        let place = place.min(self.world.entities[flow].cells.saturating_sub(1));
        let factor = self.text(&text, flow, place)?;
        Ok(self.graph.binary(BinaryFn::Multiply, value, factor))
    }

    /// The value of a flow or auxiliary, and its value at the start if it has an equation for that.
    fn value(
        &mut self,
        cell: CellId,
        entity: EntityId,
        place: usize,
        structure: &Structure,
    ) -> Result<(NodeId, Option<NodeId>), Problem> {
        let variable = Arc::clone(&self.world.entities[entity].variable);
        let has_table = variable.graphical.is_some()
            || self
                .world
                .element_at(entity, place)
                .is_some_and(|i| variable.elements[i].graphical.is_some());
        let value = if has_table {
            // What goes into a graphical function is not the variable's value, so no run may set it.
            let equation = self.equation(entity, place)?;
            let input = self.equation_text(&equation, entity, place)?;
            self.lookup(entity, place, input)?
        } else {
            self.equation_value(cell, entity, place)?
        };
        let value = self.limited_flow(entity, place, value, structure)?;
        let initial = match variable.initial_equation.as_deref().filter(|text| !is_blank(text)) {
            Some(text) => {
                let initial = self.text(text, entity, place)?;
                Some(self.limited_flow(entity, place, initial, structure)?)
            }
            None => None,
        };
        Ok((value, initial))
    }

    /// A value within the bounds of its kind: a uniflow is not negative, and an outflow takes no
    /// more than there is.
    fn limited_flow(
        &mut self,
        entity: EntityId,
        place: usize,
        value: NodeId,
        structure: &Structure,
    ) -> Result<NodeId, Problem> {
        let found = &self.world.entities[entity];
        let mut value = value;
        if found.non_negative && found.variable.kind == Kind::Flow {
            let zero = self.graph.constant(0.0);
            value = self.graph.binary(BinaryFn::Max, value, zero);
        }
        self.limited_by_stock(entity, place, value, structure)
    }

    /// An outflow of a non-negative stock takes no more than is there, after the outflows before it
    /// (section 4.8.4). A flow that drains several stocks at once is not limited; those stocks are
    /// held at zero instead. min(value, max(content/dt − what earlier outflows take, 0)).
    fn limited_by_stock(
        &mut self,
        flow: EntityId,
        place: usize,
        value: NodeId,
        structure: &Structure,
    ) -> Result<NodeId, Problem> {
        let Some(&[stock]) = structure.drained.get(&flow).map(Vec::as_slice) else {
            return Ok(value);
        };
        let found = &self.world.entities[stock];
        let same_shape = found.dimensions == self.world.entities[flow].dimensions;
        let plain = found.variable.conveyor.is_none() && !found.variable.is_queue;
        if !(found.non_negative && same_shape && plain) {
            return Ok(value);
        }
        let content = self.graph.add(Op::Cell(found.first_cell + place as u32));
        let dt = self.graph.constant(self.document.simulation.step());
        let mut available = self.graph.binary(BinaryFn::Divide, content, dt);
        for &earlier in structure.outflows.get(&stock).map_or(&[][..], Vec::as_slice) {
            if earlier == flow {
                break;
            }
            let taken = self.world.entities[earlier].first_cell + place as u32;
            if self.world.entities[earlier].dimensions == self.world.entities[flow].dimensions {
                let taken = self.graph.add(Op::Cell(taken));
                available = self.graph.binary(BinaryFn::Subtract, available, taken);
            }
        }
        let zero = self.graph.constant(0.0);
        let available = self.graph.binary(BinaryFn::Max, available, zero);
        Ok(self.graph.binary(BinaryFn::Min, value, available))
    }

    /// The number an equation consists of, if it is only a number. A list of numbers is one for
    /// each element.
    fn literal(
        &mut self,
        equation: &SplitEquation,
        entity: EntityId,
        place: usize,
    ) -> Result<Option<f64>, Problem> {
        let (items, item) = self.listed(&equation.text, entity, place, equation.may_list)?;
        Ok(number(&items[item]))
    }

    /// A number that a run may set. Each call makes a new parameter, even for equal numbers.
    fn settable(&mut self, cell: CellId, value: f64) -> NodeId {
        let place = self.constants.len() as u32;
        self.constants.push(Constant { cell, value });
        self.graph.add(Op::Parameter(place))
    }
}

/// The number that an expression is, signs included; nothing for any other.
fn number(expr: &Expr) -> Option<f64> {
    match &expr.node {
        ExpressionNode::Number(value) => Some(*value),
        ExpressionNode::Unary(Unary::Minus, inner) => number(inner).map(|value| -value),
        ExpressionNode::Unary(Unary::Plus, inner) => number(inner),
        _ => None,
    }
}
