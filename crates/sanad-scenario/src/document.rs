//! A model file as data: what XMILE says, before any equation is read.
//!
//! The types mirror XMILE 1.0, chapters 2 to 4. A reader of another format only has to fill a
//! [`Document`]; everything after that (equations, units, compilation) starts from here.

use crate::xmile::XmlElement;

/// A whole file: models, macros, dimensions and units.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// Name of the model.
    pub name: String,
    /// The header as found, for writing it back.
    pub header: Option<XmlElement>,
    /// Default simulation settings.
    pub simulation: SimulationSpecs,
    /// Definitions of units.
    pub units: Vec<UnitDefinition>,
    /// Array dimensions, shared by all models of the file.
    pub dimensions: Vec<Dimension>,
    /// Options that hold for every variable unless it says otherwise.
    pub behavior: Behavior,
    /// The root model (the first without a name, else the first) and submodels.
    pub models: Vec<ModelPart>,
    /// Macros.
    pub macros: Vec<Macro>,
    /// Value of an array element whose index does not exist: zero, or NaN if the file asks so.
    pub invalid_index_is_nan: bool,
    /// Elements that carry no equation (styles, vendors' settings), kept for writing back.
    pub extras: Vec<XmlElement>,
    /// Prefixes of vendors' elements and the namespaces they stand for.
    pub namespaces: Vec<(String, String)>,
    /// What the reader had to repair or leave out, one sentence each.
    pub notes: Vec<String>,
}

/// How the equations are integrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Euler's method, first order.
    #[default]
    Euler,
    /// Heun's method, second order.
    Rk2,
    /// The classical Runge–Kutta method, fourth order.
    Rk4,
}

/// Start, stop and step of a run, in the model's unit of time.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationSpecs {
    /// First moment.
    pub start: f64,
    /// Last moment.
    pub stop: f64,
    /// Integration step, or its reciprocal.
    pub dt: f64,
    /// Whether `dt` is written as a reciprocal (32 for 1/32).
    pub dt_is_reciprocal: bool,
    /// Time between saved rows, if the file says (a vendors' extension).
    pub save_interval: Option<f64>,
    /// Integration method.
    pub method: Method,
    /// Unit of time, as spelled.
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
    #[must_use]
    pub fn step(&self) -> f64 {
        if self.dt_is_reciprocal { 1.0 / self.dt } else { self.dt }
    }
}

/// A unit of measure with its defining equation and other names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitDefinition {
    /// Name.
    pub name: String,
    /// Defining equation in other units; empty for a primary unit.
    pub equation: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Whether the file marks the definition as disabled.
    pub disabled: bool,
}

/// An array dimension: named elements, or a size with elements 1, 2, ….
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dimension {
    /// Name.
    pub name: String,
    /// Element names in order; their number is the size.
    pub elements: Vec<String>,
    /// Whether the elements are only numbered.
    pub numbered: bool,
}

/// Options inherited by variables (XMILE 1.0, section 2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Behavior {
    /// Stocks do not fall below zero.
    pub stocks_non_negative: bool,
    /// Flows do not fall below zero.
    pub flows_non_negative: bool,
}

/// One `<model>`: variables and diagrams.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelPart {
    /// Name; empty for the root model.
    pub name: String,
    /// Settings of its own, if any.
    pub simulation: Option<SimulationSpecs>,
    /// Options of its own.
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

/// A variable as written.
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
    /// Equation of the initial value, where it differs from the equation.
    pub initial_equation: Option<String>,
    /// Equations or graphical functions of single array elements.
    pub elements: Vec<Element>,
    /// Graphical function that the equation's value is put through.
    pub graphical: Option<Graphical>,
    /// Units as spelled.
    pub units: Option<String>,
    /// Documentation.
    pub documentation: String,
    /// Inflows of a stock in order of priority.
    pub inflows: Vec<String>,
    /// Outflows of a stock in order of priority.
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
    /// Unit conversion between the two stocks of a flow.
    pub multiplier: Option<String>,
    /// Access from other models: `input` or `output`.
    pub access: Option<String>,
    /// Connections of a module.
    pub connections: Vec<Connection>,
    /// Model of a module, when it is not the one of its name.
    pub model_name: Option<String>,
    /// Parts without effect on values, kept for writing back.
    pub extras: Vec<XmlElement>,
}

/// One element of a non-apply-to-all array.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Element {
    /// Subscripts in dimension order.
    pub subscripts: Vec<String>,
    /// Equation, if not the variable's.
    pub equation: Option<String>,
    /// Graphical function, if not the variable's.
    pub graphical: Option<Graphical>,
}

/// How a graphical function continues between and beyond its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// Linear between points, constant beyond.
    #[default]
    Continuous,
    /// Linear between points and beyond.
    Extrapolate,
    /// The value of the next lower point.
    Discrete,
}

/// A graphical function: points of a curve.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Graphical {
    /// Name, when it can be called from equations.
    pub name: Option<String>,
    /// Between and beyond the points.
    pub interpolation: Interpolation,
    /// Range of x for evenly spaced points.
    pub x_scale: Option<(f64, f64)>,
    /// Range shown for y; no effect.
    pub y_scale: Option<(f64, f64)>,
    /// Explicit x values.
    pub x: Option<Vec<f64>>,
    /// Values of y.
    pub y: Vec<f64>,
}

/// A conveyor's settings (XMILE 1.0, sections 3.7.2 and 4.2.1); all are equations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conveyor {
    /// Transit time.
    pub transit_time: String,
    /// Most that may be on it.
    pub capacity: Option<String>,
    /// Most that may enter per unit of time.
    pub inflow_limit: Option<String>,
    /// Transit time is read anew while this is not zero.
    pub sample: Option<String>,
    /// Everything stands still while this is not zero.
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

/// A leakage flow's settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Leak {
    /// Equation of the fraction that leaks.
    pub fraction: Option<String>,
    /// Only whole numbers leak.
    pub integers: bool,
    /// Start of the leaking zone, as a fraction of the length from the inflow.
    pub zone_start: f64,
    /// End of the leaking zone.
    pub zone_end: f64,
}

/// An input of a module tied to a value outside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Connection {
    /// Qualified name of the input.
    pub to: String,
    /// Qualified name of the value.
    pub from: String,
}

/// A macro: a function written in XMILE.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Macro {
    /// Name.
    pub name: String,
    /// Parameters with their default equations.
    pub parameters: Vec<(String, Option<String>)>,
    /// The value.
    pub equation: String,
    /// Variables of its own.
    pub variables: Vec<Variable>,
    /// Whether it asks for a simulation of its own.
    pub has_simulation: bool,
    /// Option filters (`filter="…"`) change building blocks instead of being called.
    pub filter: Option<String>,
    /// Parts kept for writing back.
    pub extras: Vec<XmlElement>,
}
