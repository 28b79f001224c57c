//! Syntax trees to scalar nodes: every array element gets its own expression. A macro's body is
//! lowered anew for each call and each element that calls it; equal expressions then meet again in
//! the graph.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::ir::{BinaryFn, CellId, Graph, NodeId, Op, UnaryFn};
use crate::compile::scope::{Context, EntityId, NameTable, NamedTarget};
use crate::compile::table::Table;
use crate::compile::time_scale::{ScaleDivision, TimeScale};
use crate::document::Document;
use crate::equation::{Binary, Expr, ExpressionNode, Unary, decimal_commas, parse, parse_list};
use crate::error::{Problem, ProblemKind};
use crate::limits::Limits;

/// Deepest nesting of expressions through macro calls; it bounds the stack. Twice the default depth
/// of one equation; deeper is an error of a limit.
const NESTING: usize = 400;

/// A scalar variable, or a state inside a built-in function. Cells are numbered as they are made:
/// variables in the order of the file, states after them.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// The variable; for a state, the one in whose equation it stands.
    pub entity: EntityId,
    /// Place in the entity's array.
    pub place: usize,
    pub kind: CellKind,
    /// A state inside a function, not a variable of the model.
    pub hidden: bool,
}

/// How a variable's element gets its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CellKind {
    /// Not lowered yet, or lowered with a fault.
    Pending,
    /// Follows from other values of the same moment.
    Value(NodeId),
    /// Accumulates `net` from `initial`.
    Stock { initial: NodeId, net: NodeId, non_negative: bool },
    /// The value of `input` one step ago.
    Previous { initial: NodeId, input: NodeId },
    /// The value of `input` a time `lag` ago.
    Delay { initial: NodeId, input: NodeId, lag: NodeId },
    /// The value at the start.
    Initial(NodeId),
    /// Follows from `initial` at the start and from `value` afterwards. Both are kept apart so that
    /// neither phase sees the other's dependencies; `value` chooses the start's value, kept in a
    /// state, in the first step.
    Active { initial: NodeId, value: NodeId },
    /// An output of a conveyor or queue.
    Device { device: usize, output: usize, initial: NodeId },
}

/// A constant of the model that a run may set to another value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Constant {
    pub cell: CellId,
    pub value: f64,
}

/// What turns a document's equations into one graph.
pub(crate) struct Lowerer<'a> {
    pub document: &'a Document,
    pub limits: &'a Limits,
    pub world: NameTable,
    pub graph: Graph,
    pub cells: Vec<Cell>,
    pub tables: Vec<Table>,
    /// Tables that were made already, by variable and element.
    pub tables_by_place: BTreeMap<(EntityId, usize), u32>,
    pub constants: Vec<Constant>,
    pub devices: Vec<crate::compile::device::DeviceSpec>,
    /// Canonical names of elements to be replaced by constants, and their values.
    pub frozen: BTreeMap<String, f64>,
    /// Calls of random functions so far; each is a stream of its own.
    pub sites: u32,
    /// The cell whose equation is being read.
    pub current: CellId,
    /// What is read as the rules say and may yet not be meant.
    pub suspicions: Vec<Problem>,
    /// Times over which built-in functions and conveyors change.
    pub time_scales: Vec<TimeScale>,
    /// Expressions being read inside each other, macros included.
    nesting: usize,
    /// Equations that were read already, by their text.
    parsed: BTreeMap<String, Arc<Vec<Expr>>>,
}

impl<'a> Lowerer<'a> {
    /// Notes a time to be compared with the step, for the cell whose equation is being read.
    pub(crate) fn note_time_scale(&mut self, name: &str, time: NodeId, pace: ScaleDivision) {
        let owner = self.current;
        let scale = TimeScale { owner, name: name.to_owned(), time, pace };
        self.time_scales.push(scale);
    }

    /// Nothing lowered yet.
    pub(crate) fn new(document: &'a Document, limits: &'a Limits, world: NameTable) -> Self {
        let mut lowerer = Self {
            document,
            limits,
            world,
            graph: Graph::default(),
            cells: Vec::new(),
            tables: Vec::new(),
            tables_by_place: BTreeMap::new(),
            constants: Vec::new(),
            devices: Vec::new(),
            frozen: BTreeMap::new(),
            sites: 0,
            current: 0,
            suspicions: Vec::new(),
            time_scales: Vec::new(),
            nesting: 0,
            parsed: BTreeMap::new(),
        };
        for entity in 0..lowerer.world.entities.len() {
            lowerer.add_cells(entity);
        }
        lowerer
    }

    /// Makes room for an entity's elements. As cells that are not lowered yet.
    pub(crate) fn add_cells(&mut self, entity: EntityId) {
        let hidden = self.world.entities[entity].hidden;
        self.world.entities[entity].first_cell = self.cells.len() as u32;
        for place in 0..self.world.entities[entity].cells {
            self.cells.push(Cell { entity, place, kind: CellKind::Pending, hidden });
        }
    }

    /// A state inside a built-in function. Gives the node that reads it.
    pub(crate) fn hidden_cell(&mut self, kind: CellKind) -> NodeId {
        let id = self.cells.len() as CellId;
        let current = &self.cells[self.current as usize];
        let (entity, place) = (current.entity, current.place);
        self.cells.push(Cell { entity, place, kind, hidden: true });
        self.graph.add(Op::Cell(id))
    }

    /// Reads an equation once, however many elements use it. One expression, or several where the
    /// text is a list of them.
    ///
    /// # Errors
    ///
    /// The fault of the text as one expression, where it is no list, either.
    pub(crate) fn parsed(&mut self, text: &str) -> Result<Arc<Vec<Expr>>, Problem> {
        if let Some(found) = self.parsed.get(text) {
            return Ok(Arc::clone(found));
        }
        let depth = self.limits.equation_depth;
        let items = match parse(text, depth) {
            Ok(expr) => vec![expr],
            Err(fault) => match parse_list(text, depth) {
                Ok(items) if items.len() > 1 => items,
                _ => return Err(fault),
            },
        };
        let items = Arc::new(items);
        self.parsed.insert(text.to_owned(), Arc::clone(&items));
        Ok(items)
    }

    /// The node of an expression where it stands. A fault gets the place of the innermost
    /// expression that has one.
    pub(crate) fn lower(&mut self, expr: &Expr, context: &Arc<Context>) -> Result<NodeId, Problem> {
        self.nesting += 1;
        let lowered = self.lower_node(expr, context);
        self.nesting -= 1;
        lowered.map_err(|fault| fault.at(expr.span).of(&context.owner, &context.text))
    }

    /// The value of one expression.
    fn lower_node(&mut self, expr: &Expr, context: &Arc<Context>) -> Result<NodeId, Problem> {
        self.check_size()?;
        match &expr.node {
            ExpressionNode::Number(value) => Ok(self.graph.constant(*value)),
            ExpressionNode::Name(name) => self.name(name, context),
            ExpressionNode::Subscripted(name, subscripts) => {
                self.subscripted(name, subscripts, context)
            }
            ExpressionNode::Call { name, subscripts, arguments } => {
                self.call(name, subscripts, arguments, context)
            }
            ExpressionNode::Unary(operator, operand) => {
                let operand = self.lower(operand, context)?;
                Ok(match operator {
                    Unary::Plus => operand,
                    Unary::Minus => self.graph.unary(UnaryFn::Negate, operand),
                    Unary::Not => self.graph.unary(UnaryFn::Not, operand),
                })
            }
            ExpressionNode::Binary(operator, left, right) => {
                let left = self.lower(left, context)?;
                let right = self.lower(right, context)?;
                Ok(self.graph.binary(function(*operator), left, right))
            }
            ExpressionNode::If(parts) => self.conditional(parts, context),
            ExpressionNode::Transposed(inner) => self.transposed(inner, context),
        }
    }

    /// Refuses models that grow beyond the limits. Looked at before each expression, so that no
    /// more than one is built beyond them.
    fn check_size(&self) -> Result<(), Problem> {
        if self.nesting > NESTING {
            let message = format!("expressions and macros are nested more than {NESTING} deep");
            return Err(Problem::new(ProblemKind::Limit, message));
        }
        let operations = self.graph.size().max(self.cells.len());
        if operations <= self.limits.operations {
            return Ok(());
        }
        let message = format!("the model needs more than {} operations", self.limits.operations);
        Err(Problem::new(ProblemKind::Limit, message))
    }

    /// A condition that is known now keeps the other branch from being read at all, which is what
    /// lets a macro call itself. A constant that a run may set is not known now.
    fn conditional(
        &mut self,
        parts: &[Expr; 3],
        context: &Arc<Context>,
    ) -> Result<NodeId, Problem> {
        let condition = self.lower(&parts[0], context)?;
        match self.graph.value(condition) {
            Some(value) if value != 0.0 => self.lower(&parts[1], context),
            Some(_) => self.lower(&parts[2], context),
            None => {
                let yes = self.lower(&parts[1], context)?;
                let no = self.lower(&parts[2], context)?;
                Ok(self.graph.select(condition, yes, no))
            }
        }
    }

    /// The value of a name. In this order: SELF, a name of the scope, a name of the standard, a
    /// dimension or element as a number, and the same without the namespace of a program.
    fn name(&mut self, name: &str, context: &Arc<Context>) -> Result<NodeId, Problem> {
        if name == "self" {
            let (entity, place) = context
                .own
                .ok_or_else(|| Problem::new(ProblemKind::Unknown, "SELF has no meaning here"))?;
            let cell = self.world.entities[entity].first_cell + place as u32;
            return Ok(self.graph.add(Op::Cell(cell)));
        }
        match self.world.resolve(context.scope, name).cloned() {
            Some(NamedTarget::Entity(entity)) => return self.whole_name(entity, context),
            Some(NamedTarget::Value(node)) => return Ok(node),
            Some(NamedTarget::Argument(expr, place)) => {
                let place = with_axes(&place, context);
                return self.lower(&expr, &place);
            }
            None => {}
        }
        if let Some(node) = self.named_constant(name) {
            return Ok(node);
        }
        if let Some(node) = self.dimension_value(name, context)? {
            return Ok(node);
        }
        if let Some((namespace, rest)) = name.split_once('.')
            && matches!(namespace, "std" | "isee" | "vensim" | "user")
        {
            return self.name(rest, context);
        }
        Err(self.unknown(name, context))
    }

    /// Names of the standard: the time, its start, stop and step, π. Infinity and NaN, too, and
    /// Vensim's names of the run's times.
    pub(crate) fn named_constant(&mut self, name: &str) -> Option<NodeId> {
        let specs = &self.document.simulation;
        let value = match name {
            "time" => return Some(self.graph.add(Op::Time)),
            "dt" | "time_step" => specs.step(),
            "starttime" | "initial_time" => specs.start,
            "stoptime" | "final_time" => specs.stop,
            "pi" => std::f64::consts::PI,
            "inf" => f64::INFINITY,
            "nan" => f64::NAN,
            _ => return None,
        };
        Some(self.graph.constant(value))
    }

    /// A name that is not there, with one that it may be misspelt as. Of the names of this scope,
    /// one that differs in at most two characters.
    pub(crate) fn unknown(&self, name: &str, context: &Context) -> Problem {
        let known = self.world.scopes[context.scope].names.keys();
        let near = known
            .filter_map(|known| {
                let distance = edit_distance(known, name, 3)?;
                Some((distance, known))
            })
            .min();
        let message = match near {
            Some((_, near)) => format!("{name} is not defined; did you mean {near}?"),
            None => format!("{name} is not defined"),
        };
        Problem::new(ProblemKind::Unknown, message)
    }

    /// The context of a cell's equations.
    pub(crate) fn context(&self, entity: EntityId, place: usize, text: &str) -> Arc<Context> {
        let found = &self.world.entities[entity];
        let places = self.world.subscripts(found, place);
        Arc::new(Context {
            scope: found.scope,
            own: Some((entity, place)),
            bound: found.dimensions.iter().copied().zip(places).collect(),
            axes: Vec::new(),
            depth: 0,
            owner: self.world.cell_name(found, place).into(),
            text: text.into(),
        })
    }

    /// Reads and lowers one of the texts of a cell.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or lists another number of values than the variable has elements.
    pub(crate) fn text(
        &mut self,
        text: &str,
        entity: EntityId,
        place: usize,
    ) -> Result<NodeId, Problem> {
        let items = self.listed(text, entity, place, true)?;
        self.lower(&items.0[items.1], &self.context(entity, place, text))
    }

    /// The expressions a text lists and the place of the cell's own: the only one, or the one of
    /// its element where the text lists one for each.
    ///
    /// Every reader of a cell's text comes through here, so that none takes an item of a list that
    /// does not fit the variable.
    pub(crate) fn listed(
        &mut self,
        text: &str,
        entity: EntityId,
        place: usize,
        may_list: bool,
    ) -> Result<(Arc<Vec<Expr>>, usize), Problem> {
        let found = &self.world.entities[entity];
        let (name, cells) = (self.world.cell_name(found, place), found.cells);
        let items = self.parsed(text).map_err(|fault| fault.of(&name, text))?;
        let expected = if may_list { cells.max(1) } else { 1 };
        if items.len() == 1 {
            self.suspect_decimal_comma(text, &name, place);
            return Ok((items, 0));
        }
        if items.len() == expected {
            return Ok((items, place));
        }
        let wanted =
            if expected == 1 { "one value".to_owned() } else { format!("{expected} elements") };
        let has_commas = !decimal_commas(text).is_empty();
        let hint = if has_commas { "; a decimal is written with a point" } else { "" };
        let message = format!("{} values are listed for {wanted}{hint}", items.len());
        let beyond = items.get(expected).unwrap_or(&items[items.len() - 1]).span;
        Err(Problem::new(ProblemKind::Array, message).at(beyond).of(&name, text))
    }

    /// Notes a number such as `0,05` among the arguments of a call, where it is two of them. `1,5`
    /// may well be two arguments, but nobody writes the number 5 as 05.
    fn suspect_decimal_comma(&mut self, text: &str, name: &str, place: usize) {
        if place > 0 || !text.contains(",0") {
            return;
        }
        let suspicious = decimal_commas(text).into_iter().find(|span| {
            let written = &text[span.start..span.end];
            let decimals = written.split(',').nth(1).unwrap_or_default();
            decimals.starts_with('0')
                && decimals[1..].starts_with(|next: char| next.is_ascii_digit())
        });
        if let Some(span) = suspicious {
            let written = &text[span.start..span.end];
            let message =
                format!("{written} is read as two values; a decimal is written with a point");
            self.suspicions
                .push(Problem::new(ProblemKind::Numerics, message).at(span).of(name, text));
        }
    }
}

/// The caller's context with the axes that run where the argument is used. So that `SUM(a)` inside
/// a macro runs over the array that the caller passed as a.
pub(crate) fn with_axes(place: &Arc<Context>, inner: &Context) -> Arc<Context> {
    if inner.axes.is_empty() {
        return Arc::clone(place);
    }
    let mut context = (**place).clone();
    context.axes.extend(inner.axes.iter().cloned());
    context.depth = inner.depth;
    Arc::new(context)
}

/// The function that an operator stands for.
fn function(operator: Binary) -> BinaryFn {
    match operator {
        Binary::Or => BinaryFn::Or,
        Binary::And => BinaryFn::And,
        Binary::Equal => BinaryFn::Equal,
        Binary::NotEqual => BinaryFn::NotEqual,
        Binary::Less => BinaryFn::Less,
        Binary::LessEqual => BinaryFn::LessEqual,
        Binary::Greater => BinaryFn::Greater,
        Binary::GreaterEqual => BinaryFn::GreaterEqual,
        Binary::Add => BinaryFn::Add,
        Binary::Subtract => BinaryFn::Subtract,
        Binary::Multiply => BinaryFn::Multiply,
        Binary::Divide => BinaryFn::Divide,
        Binary::SafeDivide => BinaryFn::SafeDivide,
        Binary::Modulo => BinaryFn::Modulo,
        Binary::Power => BinaryFn::Power,
    }
}

/// Levenshtein distance, if below `limit`; only for hints in messages, so that very short and very
/// long names are left alone. Names of four to sixty characters.
fn edit_distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    if !(4..=60).contains(&b.chars().count()) {
        return None;
    }
    Some(strsim::levenshtein(a, b)).filter(|&distance| distance < limit)
}
