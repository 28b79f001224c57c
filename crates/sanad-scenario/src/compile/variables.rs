//! The equation of every variable, with what its place in the stock-and-flow structure adds.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::device::{Driven, is_device};
use crate::compile::ir::{BinaryFn, CellId, NodeId, Op, UnaryFn};
use crate::compile::lower::{CellKind, Constant, Lowerer};
use crate::compile::scope::{EntityId, Target};
use crate::document::Kind;
use crate::equation::{Expr, Node, Unary};
use crate::error::{Problem, ProblemKind};
use crate::name::canonical_name;

/// Which flows fill and drain which stocks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Structure {
    pub inflows: BTreeMap<EntityId, Vec<EntityId>>,
    pub outflows: BTreeMap<EntityId, Vec<EntityId>>,
    /// Stocks that a flow drains.
    drained: BTreeMap<EntityId, Vec<EntityId>>,
}

impl Lowerer<'_> {
    /// Resolves the inflows and outflows of every stock from the entity `first` on.
    pub(crate) fn extend_structure(
        &self,
        structure: &mut Structure,
        first: EntityId,
        problems: &mut Vec<Problem>,
    ) {
        for (stock, entity) in self.world.entities.iter().enumerate().skip(first) {
            if entity.variable.kind != Kind::Stock {
                continue;
            }
            let mut resolve = |names: &[String]| -> Vec<EntityId> {
                let mut found = Vec::new();
                for name in names {
                    match self.world.resolve(entity.scope, &canonical_name(name)) {
                        Some(Target::Entity(flow)) => found.push(*flow),
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

    /// Lowers one cell; cells of macros called on the way are added at the end of the list.
    pub(crate) fn lower_cell(
        &mut self,
        cell: CellId,
        structure: &Structure,
        driven: &Driven,
    ) -> Result<(), Problem> {
        self.current = cell;
        let (entity, place) = {
            let found = &self.cells[cell as usize];
            (found.entity, found.place)
        };
        if self.cells[cell as usize].kind != CellKind::Pending {
            return Ok(());
        }
        let variable = Arc::clone(&self.world.entities[entity].variable);
        let kind = if variable.kind == Kind::Stock {
            self.stock(cell, entity, place, structure, driven)?
        } else if let Some(kind) = self.driven_flow(entity, place, driven)? {
            kind
        } else {
            let value = self.value(cell, entity, place, structure)?;
            CellKind::Value(self.limited_by_conveyor(entity, place, value, structure, driven))
        };
        self.cells[cell as usize].kind = kind;
        Ok(())
    }

    /// Index of the element definition for a place, if the variable defines elements singly.
    pub(crate) fn element_at(&self, entity: EntityId, place: usize) -> Option<usize> {
        let found = &self.world.entities[entity];
        if found.variable.elements.is_empty() {
            return None;
        }
        let places = self.world.subscripts(found, place);
        let of = |exact: bool| {
            // The last definition of an element counts.
            found.variable.elements.iter().rposition(|element| {
                let parts = element.subscripts.iter().zip(&found.dimensions).zip(&places);
                element.subscripts.len() == places.len() && { parts }.all(
                    |((name, &dimension), &place)| {
                        let name = canonical_name(name);
                        if exact {
                            self.world.dimensions.names(dimension, &name, place)
                        } else {
                            self.world.dimensions.covers(dimension, &name, place)
                        }
                    },
                )
            })
        };
        // An element named stands above one that a subrange takes in.
        of(true).or_else(|| of(false))
    }

    /// The text that defines a cell, and its place in the list when one text lists elements.
    fn equation(&self, entity: EntityId, place: usize) -> Result<String, Problem> {
        let found = &self.world.entities[entity];
        let variable = &found.variable;
        let element = self.element_at(entity, place).map(|i| &variable.elements[i]);
        if let Some(text) = element.and_then(|element| element.equation.clone()) {
            return Ok(text);
        }
        let texts: Vec<&String> =
            variable.equations.iter().filter(|text| !text.trim().is_empty()).collect();
        let name = || self.world.cell_name(found, place);
        match texts.len() {
            0 => {
                let fault = Problem::new(ProblemKind::Missing, "there is no equation");
                Err(fault.of(&name(), ""))
            }
            1 => Ok(texts[0].clone()),
            count if count == found.cells => Ok(texts[place].clone()),
            count => {
                let message = format!("{count} equations are given for {} elements", found.cells);
                Err(Problem::new(ProblemKind::Array, message).of(&name(), ""))
            }
        }
    }

    fn stock(
        &mut self,
        cell: CellId,
        entity: EntityId,
        place: usize,
        structure: &Structure,
        driven: &Driven,
    ) -> Result<CellKind, Problem> {
        let variable = Arc::clone(&self.world.entities[entity].variable);
        let text = self.equation(entity, place)?;
        let initial = match self.literal(&text, entity, place)? {
            Some(value) => self.settable(cell, value),
            None => self.text(&text, entity, place)?,
        };
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

    /// Inflows in order minus outflows in order.
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
            let value =
                self.whole_name(flow, &context).map_err(|fault| fault.of(&context.owner, ""))?;
            let value = self.converted(flow, place, value)?;
            net = Some(match net {
                None => value,
                Some(net) => self.graph.binary(BinaryFn::Add, net, value),
            });
        }
        for &flow in structure.outflows.get(&stock).unwrap_or(&none) {
            let value =
                self.whole_name(flow, &context).map_err(|fault| fault.of(&context.owner, ""))?;
            net = Some(match net {
                None => self.graph.unary(UnaryFn::Negate, value),
                Some(net) => self.graph.binary(BinaryFn::Subtract, net, value),
            });
        }
        Ok(net.unwrap_or_else(|| self.graph.constant(0.0)))
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

    /// The value of a flow or auxiliary.
    fn value(
        &mut self,
        cell: CellId,
        entity: EntityId,
        place: usize,
        structure: &Structure,
    ) -> Result<NodeId, Problem> {
        let found = &self.world.entities[entity];
        let name = self.world.cell_name(found, place);
        if let Some(&value) = self.frozen.get(&canonical_name(&name)) {
            return Ok(self.settable(cell, value));
        }
        if let Some(source) = found.alias {
            let context = self.context(entity, place, "");
            return self.whole_name(source, &context).map_err(|fault| fault.of(&name, ""));
        }
        let variable = Arc::clone(&found.variable);
        let is_uniflow = found.non_negative && variable.kind == Kind::Flow;
        let has_table = variable.graphical.is_some()
            || self
                .element_at(entity, place)
                .is_some_and(|i| variable.elements[i].graphical.is_some());
        let text = self.equation(entity, place)?;
        // What goes into a graphical function is not the variable's value, so no run may set it.
        let literal = if has_table { None } else { self.literal(&text, entity, place)? };
        let mut value = match literal {
            Some(value) => self.settable(cell, value),
            None => self.text(&text, entity, place)?,
        };
        if has_table {
            value = self.lookup(entity, place, value)?;
        }
        if let Some(text) = &variable.initial_equation {
            value = self.with_initial(text, entity, place, value)?;
        }
        if is_uniflow {
            let zero = self.graph.constant(0.0);
            value = self.graph.binary(BinaryFn::Max, value, zero);
        }
        self.limited_by_stock(entity, place, value, structure)
    }

    /// A value with an equation of its own for the start.
    fn with_initial(
        &mut self,
        text: &str,
        entity: EntityId,
        place: usize,
        value: NodeId,
    ) -> Result<NodeId, Problem> {
        let initial = self.text(text, entity, place)?;
        let (zero, one) = (self.graph.constant(0.0), self.graph.constant(1.0));
        let started = self.hidden_cell(CellKind::Previous { initial: zero, input: one });
        Ok(self.graph.select(started, value, initial))
    }

    /// An outflow of a non-negative stock takes no more than is there, after the outflows before
    /// it (section 4.8.4). A flow that drains several stocks at once is not limited; those stocks
    /// are held at zero instead.
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

    /// The number an equation consists of, if it is only a number.
    fn literal(
        &mut self,
        text: &str,
        entity: EntityId,
        place: usize,
    ) -> Result<Option<f64>, Problem> {
        let name = self.world.cell_name(&self.world.entities[entity], place);
        let items = self.parsed(text).map_err(|fault| fault.of(&name, text))?;
        let item = if items.len() == 1 { items.first() } else { items.get(place) };
        Ok(item.and_then(number))
    }

    fn settable(&mut self, cell: CellId, value: f64) -> NodeId {
        let place = self.constants.len() as u32;
        self.constants.push(Constant { cell, value });
        self.graph.add(Op::Parameter(place))
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match &expr.node {
        Node::Number(value) => Some(*value),
        Node::Unary(Unary::Minus, inner) => number(inner).map(|value| -value),
        Node::Unary(Unary::Plus, inner) => number(inner),
        _ => None,
    }
}
