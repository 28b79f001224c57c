//! A model file as data: what XMILE says, before any equation is read.
//!
//! The types mirror XMILE 1.0, chapters 2 to 4. A reader of another format only has to fill a
//! [`Document`]; everything after that (equations, units, compilation) starts from here.
//!
//! Nothing is checked here beyond the types: a document may name flows that do not exist or hold
//! equations that cannot be read, and is still read, changed and written back. Whether it makes a
//! model is for [`Model::compile`](crate::Model::compile) to say. Texts keep the file's own
//! spelling; empty texts and empty lists stand for what the file does not say, and `Option` is used
//! where an empty one would mean something else.

use crate::xmile::XmlElement;

/// A whole file: models, macros, dimensions and units.
///
/// ```
/// use sanad_scenario::{Document, Kind, Model, ModelPart, Variable};
///
/// let equations = vec!["0.2".to_owned()];
/// let rate = Variable { name: "rate".to_owned(), equations, ..Variable::default() };
/// assert_eq!(rate.kind, Kind::Auxiliary);
/// let part = ModelPart { variables: vec![rate], ..ModelPart::default() };
/// let document = Document { models: vec![part], ..Document::default() };
/// assert_eq!(Model::compile(&document)?.constant("rate"), Some(0.2));
/// # Ok::<(), sanad_scenario::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// Name of the model. From the header; empty if it has none. No part of a variable's name.
    pub name: String,
    /// The header as found, for writing it back. `None` of a document made in memory; a header is
    /// then made for it.
    pub header: Option<XmlElement>,
    /// Default simulation settings. Those of a file without any are start 0, stop 100 and a step of
    /// 1 by Euler's method.
    pub simulation: SimulationSpecs,
    /// Definitions of units. The file's own; the time units of the standard are known without a
    /// definition.
    pub units: Vec<UnitDefinition>,
    /// Array dimensions, shared by all models of the file.
    pub dimensions: Vec<Dimension>,
    /// Options that hold for every variable unless it says otherwise.
    pub behavior: Behavior,
    /// The root model (the first without a name, else the first) and submodels. A submodel has
    /// variables of its own for each module that stands for it. One that no module names is no part
    /// of the run, except that equations may call it like a function.
    pub models: Vec<ModelPart>,
    /// Macros. In the order of the file. Of several that share a name, the first that takes as many
    /// arguments is called.
    pub macros: Vec<Macro>,
    /// Value of an array element whose index does not exist: zero, or NaN if the file asks so. From
    /// the header's `uses_arrays` option `invalid_index_value`.
    pub invalid_index_is_nan: bool,
    /// Elements that carry no equation (styles, vendors' settings), kept for writing back.
    pub extras: Vec<XmlElement>,
    /// Prefixes of vendors' elements and the namespaces they stand for.
    pub namespaces: Vec<(String, String)>,
    /// What the reader had to repair or leave out, one sentence each. Empty where there was
    /// nothing; not written back.
    pub notes: Vec<String>,
}

/// How the equations are integrated. The step is fixed in all of them: no method here chooses its
/// own. For an error of order dtⁿ a step half as long costs twice the time and leaves a 2ⁿ-th of
/// the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Euler's method, first order. One evaluation a step: x + dt·f(x, t).
    #[default]
    Euler,
    /// Heun's method, second order. Two evaluations a step: x + dt/2·(k₁ + k₂), with k₁ = f(x, t)
    /// and k₂ = f(x + dt·k₁, t + dt).
    Rk2,
    /// The classical Runge–Kutta method, fourth order. Four evaluations a step: x + dt/6·(k₁ +
    /// 2k₂ + 2k₃ + k₄), with k₁ at the start, k₂ and k₃ in the middle and k₄ at the end of the
    /// step.
    Rk4,
}

/// Start, stop and step of a run, in the model's unit of time.
///
/// Compiling refuses a step that is not positive and a stop before the start; a stop that lies
/// between two steps ends the run at the step before it.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationSpecs {
    /// First moment.
    pub start: f64,
    /// Last moment.
    pub stop: f64,
    /// Integration step, or its reciprocal. Which of the two it is, is in `dt_is_reciprocal`;
    /// [`step`](Self::step) tells them apart.
    pub dt: f64,
    /// Whether `dt` is written as a reciprocal (32 for 1/32). Kept apart so that 1/3 is written
    /// back as it was read.
    pub dt_is_reciprocal: bool,
    /// Time between saved rows, if the file says (a vendors' extension).
    pub save_interval: Option<f64>,
    /// Integration method.
    pub method: Method,
    /// Unit of time, as spelled. Empty if the file does not say; units of flows are then not
    /// checked against those of their stocks.
    pub time_units: String,
}

impl Default for SimulationSpecs {
    fn default() -> Self {
        Self {
            start: 0.0,
            stop: 100.0,
            dt: 1.0,
            dt_is_reciprocal: false,
            save_interval: None,
            method: Method::Euler,
            time_units: String::new(),
        }
    }
}

impl SimulationSpecs {
    /// The integration step itself.
    ///
    /// ```
    /// use sanad_scenario::SimulationSpecs;
    ///
    /// let specs = SimulationSpecs { dt: 32.0, dt_is_reciprocal: true, ..Default::default() };
    /// assert_eq!(specs.step(), 1.0 / 32.0);
    /// ```
    #[must_use]
    pub fn step(&self) -> f64 {
        if self.dt_is_reciprocal { 1.0 / self.dt } else { self.dt }
    }

    /// Steps that fit between start and stop, forgiving the rounding of the quotient. A quotient
    /// such as 2.9999999999999996 of three steps of 0.1 within 0.3 is three. The slack is 1e-9 of
    /// the quotient, at least 1e-9 of a step; a step that does not fit is left out and not
    /// shortened.
    pub(crate) fn whole_steps(&self) -> usize {
        let quotient = (self.stop - self.start) / self.step();
        (quotient + 1e-9 * quotient.abs().max(1.0)).floor() as usize
    }
}

/// A unit of measure with its defining equation and other names. The equation is a product of other
/// units, such as `people/year`; there are no factors, so that a kilometre is no multiple of a
/// metre.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitDefinition {
    /// Name.
    pub name: String,
    /// Defining equation in other units; empty for a primary unit. Read when units are checked;
    /// what cannot be read is reported there.
    pub equation: String,
    /// Other names. They are matched as identifiers are.
    pub aliases: Vec<String>,
    /// Whether the file marks the definition as disabled.
    pub disabled: bool,
}

/// An array dimension: named elements, or a size with elements 1, 2, …. Dimensions belong to the
/// file and are shared by all its models. A dimension that has elements of the same names as
/// another works as a subrange of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dimension {
    /// Name.
    pub name: String,
    /// Element names in order; their number is the size.
    pub elements: Vec<String>,
    /// Whether the elements are only numbered. It is then written back with a size instead of its
    /// elements.
    pub numbered: bool,
}

/// Options inherited by variables (XMILE 1.0, section 2.7). A model's own stand above the file's, a
/// variable's own above both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Behavior {
    /// Stocks do not fall below zero. Their outflows are held back to what is there.
    pub stocks_non_negative: bool,
    /// Flows do not fall below zero. What is called a uniflow: a negative value of its equation
    /// counts as zero.
    pub flows_non_negative: bool,
}

/// One `<model>`: variables and diagrams.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelPart {
    /// Name; empty for the root model.
    pub name: String,
    /// Settings of its own, if any. A module whose model has them is refused when the document is
    /// compiled.
    pub simulation: Option<SimulationSpecs>,
    /// Options of its own. `None` inherits the file's.
    pub behavior: Option<Behavior>,
    /// Variables, modules and stand-alone graphical functions.
    pub variables: Vec<Variable>,
    /// Groups of variables.
    pub groups: Vec<Group>,
    /// Diagrams and vendors' parts, kept for writing back.
    pub extras: Vec<XmlElement>,
}

/// A named group of variables; no effect on results.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Documentation.
    pub documentation: String,
    /// Names of its variables.
    pub members: Vec<String>,
}

/// What a variable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Accumulates its flows; the equation is its initial value.
    Stock,
    /// A rate of change.
    Flow,
    /// Everything else that has a value.
    #[default]
    Auxiliary,
    /// A stand-alone graphical function: a function, not a value.
    GraphicalFunction,
    /// A place for a submodel.
    Module,
}

/// A variable as written. Which fields mean something depends on [`kind`](Self::kind): flows of a
/// stock, connections of a module. Fields that do not belong to the kind are kept, written back and
/// otherwise passed over.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Variable {
    /// Name as spelled.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Names of its dimensions in order; empty for a scalar.
    pub dimensions: Vec<String>,
    /// Equations. One is the rule; several stand for the elements of an array in order.
    pub equations: Vec<String>,
    /// Equation of the initial value, where it differs from the equation. A flow or auxiliary has
    /// its value at the first moment and that of its equation from the second on; a stock takes no
    /// notice of it.
    pub initial_equation: Option<String>,
    /// Equations or graphical functions of single array elements. An element that is defined twice
    /// has the later definition; one that is named stands above one that a subrange takes in.
    pub elements: Vec<Element>,
    /// Graphical function that the equation's value is put through. With an empty equation the
    /// variable is a function that others call and has no value.
    pub graphical: Option<Graphical>,
    /// Units as spelled. `None` if the file says nothing, which is not the same as `1`: the
    /// variable is then left out of the check of units.
    pub units: Option<String>,
    /// Documentation.
    pub documentation: String,
    /// Inflows of a stock in order of priority. Names of flows as the stock's model sees them.
    pub inflows: Vec<String>,
    /// Outflows of a stock in order of priority. Where the stock may not fall below zero, an
    /// earlier one takes before a later one.
    pub outflows: Vec<String>,
    /// Whether it is kept from falling below zero; `None` inherits.
    pub non_negative: Option<bool>,
    /// The stock is a conveyor.
    pub conveyor: Option<Conveyor>,
    /// The stock is a queue.
    pub is_queue: bool,
    /// The flow leaks from a conveyor.
    pub leak: Option<Leak>,
    /// The flow is a queue's overflow.
    pub is_overflow: bool,
    /// Unit conversion between the two stocks of a flow. An equation; what reaches the downstream
    /// stock is the flow times its value.
    pub multiplier: Option<String>,
    /// Access from other models: `input` or `output`. As spelled. A named model with inputs and one
    /// output can be called like a function.
    pub access: Option<String>,
    /// Connections of a module. An input that is connected has the value outside in place of its
    /// equation's.
    pub connections: Vec<Connection>,
    /// Model of a module, when it is not the one of its name.
    pub model_name: Option<String>,
    /// Parts without effect on values, kept for writing back.
    pub extras: Vec<XmlElement>,
}

/// One element of a non-apply-to-all array.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Element {
    /// Subscripts in dimension order. Names of elements, their numbers, or a dimension whose
    /// elements are all meant.
    pub subscripts: Vec<String>,
    /// Equation, if not the variable's.
    pub equation: Option<String>,
    /// Graphical function, if not the variable's.
    pub graphical: Option<Graphical>,
}

/// How a graphical function continues between and beyond its points. XMILE 1.0, section 3.1.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// Linear between points, constant beyond.
    #[default]
    Continuous,
    /// Linear between points and beyond.
    Extrapolate,
    /// The value of the next lower point. The first point's below it; a staircase whose steps begin
    /// at the points.
    Discrete,
}

/// A graphical function: points of a curve. There have to be as many x as y values and x may not
/// descend; both are checked when the document is compiled. Of two points at one x the later counts
/// at it and to its right.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Graphical {
    /// Name, when it can be called from equations.
    pub name: Option<String>,
    /// Between and beyond the points.
    pub interpolation: Interpolation,
    /// Range of x for evenly spaced points. The first and the last x, with the others at equal
    /// distances between; used where `x` is `None`.
    pub x_scale: Option<(f64, f64)>,
    /// Range shown for y; no effect. Values outside it are not cut off.
    pub y_scale: Option<(f64, f64)>,
    /// Explicit x values. They stand above `x_scale`.
    pub x: Option<Vec<f64>>,
    /// Values of y.
    pub y: Vec<f64>,
}

/// A conveyor's settings (XMILE 1.0, sections 3.7.2 and 4.2.1); all are equations. `Default` has
/// `one_at_a_time` unset, while the reader sets it where the file is silent, as XMILE does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conveyor {
    /// Transit time. In the model's unit of time, rounded to whole steps, at least one. Empty is an
    /// error when the document is compiled.
    pub transit_time: String,
    /// Most that may be on it. In the stock's unit; no bound if there is none.
    pub capacity: Option<String>,
    /// Most that may enter per unit of time. No bound if there is none.
    pub inflow_limit: Option<String>,
    /// Transit time is read anew while this is not zero. Without an equation it is read anew at
    /// every step.
    pub sample: Option<String>,
    /// Everything stands still while this is not zero. Nothing moves, leaks or leaves, and there is
    /// no room for an inflow.
    pub arrest: Option<String>,
    /// Moves batches rather than a stream.
    pub discrete: bool,
    /// Only whole batches are taken from a queue.
    pub batch_integrity: bool,
    /// One batch per step is taken from a queue.
    pub one_at_a_time: bool,
    /// Leakage decays exponentially rather than being spread evenly.
    pub exponential_leak: bool,
}

/// A leakage flow's settings. `Default` leaks along the whole length, 0 to 1, as a leak does whose
/// file gives no bounds.
///
/// ```
/// let leak = sanad_scenario::Leak::default();
/// assert_eq!((leak.zone_start, leak.zone_end), (0.0, 1.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Leak {
    /// Equation of the fraction that leaks. Of what entered, over the way through the zone; with
    /// exponential leakage of what is there, per unit of time. Where it is missing, the flow's own
    /// equation is the fraction.
    pub fraction: Option<String>,
    /// Only whole numbers leak. The sum over the belt is rounded down.
    pub integers: bool,
    /// Start of the leaking zone, as a fraction of the length from the inflow.
    pub zone_start: f64,
    /// End of the leaking zone. As a fraction of the length, not below `zone_start`.
    pub zone_end: f64,
}

impl Default for Leak {
    fn default() -> Self {
        Self { fraction: None, integers: false, zone_start: 0.0, zone_end: 1.0 }
    }
}

/// An input of a module tied to a value outside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Connection {
    /// Qualified name of the input. As the model sees it that holds the module: `module.input`.
    pub to: String,
    /// Qualified name of the value.
    pub from: String,
}

/// A macro: a function written in XMILE. Each call has variables of its own, stocks among them, so
/// that two calls do not share a state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Macro {
    /// Name.
    pub name: String,
    /// Parameters with their default equations. An argument may be left out at the end of a call
    /// where the parameter has a default.
    pub parameters: Vec<(String, Option<String>)>,
    /// The value.
    pub equation: String,
    /// Variables of its own.
    pub variables: Vec<Variable>,
    /// Whether it asks for a simulation of its own. A call of such a macro is refused.
    pub has_simulation: bool,
    /// Option filters (`filter="…"`) change building blocks instead of being called.
    pub filter: Option<String>,
    /// Parts kept for writing back.
    pub extras: Vec<XmlElement>,
}
