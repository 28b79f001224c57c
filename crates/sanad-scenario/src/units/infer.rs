//! The units of equations, and where they disagree.
//!
//! From the leaves up: variables have the unit that they declare, literals none, and each operator
//! and function says what it asks of its operands and gives. What depends on a variable without
//! units is unknown, and the unknown fits everything, so that one missing unit makes no false
//! alarm.

use std::collections::BTreeMap;

use crate::compile::scope::{NameTable, NamedTarget};
use crate::document::{Document, Kind};
use crate::equation::{Binary, Expr, ExpressionNode, Unary, parse, parse_list};
use crate::error::{Error, Problem, ProblemKind};
use crate::limits::Limits;
use crate::name::canonical_name;
use crate::units::{Unit, UnitTable};

/// The outcome of a check of units. All names are those of variables as spelled, with their
/// modules'; arrays count as one variable.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UnitReport {
    /// Equations that do not balance, and units that cannot be read. Also stocks whose flows are
    /// not in the stock's unit per unit of time. At most one clash for each expression of an
    /// equation.
    pub problems: Vec<Problem>,
    /// Variables without units, which are not checked. Graphical functions that others call are not
    /// among them.
    pub without_units: Vec<String>,
    /// Number of variables whose equations were checked in full. With units of their own, and none
    /// unknown in their equations. Plain numbers count, since there is nothing to balance in them;
    /// variables whose equations clash do not.
    pub checked: usize,
}

impl Document {
    /// Checks the units of every variable. Macros' variables and the equations of initial values
    /// are not looked at. The bounds are the default [`Limits`].
    ///
    /// ```
    /// use sanad_scenario::{Limits, read_xmile};
    ///
    /// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
    ///   <sim_specs time_units="Month"><start>0</start><stop>9</stop><dt>1</dt></sim_specs>
    ///   <model><variables>
    ///     <stock name="camps"><eqn>5</eqn><units>people</units><inflow>arriving</inflow></stock>
    ///     <flow name="arriving"><eqn>camps * 2</eqn><units>people</units></flow>
    ///   </variables></model></xmile>"#;
    /// let report = read_xmile(text.as_bytes(), &Limits::default())?.check_units()?;
    /// assert_eq!(report.problems.len(), 1);
    /// assert!(report.problems[0].is_units());
    /// assert_eq!(report.problems[0].variable(), "camps");
    /// # Ok::<(), sanad_scenario::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If names or dimensions are so wrong that variables cannot be told apart; equations that
    /// cannot be read are left to [`Model::compile`](crate::Model::compile).
    pub fn check_units(&self) -> Result<UnitReport, Error> {
        let limits = Limits::default();
        let world = NameTable::new(self, &limits)?;
        let table = UnitTable::new(&self.units);
        let mut report = UnitReport::default();
        let declared = declared(&world, &table, &mut report);
        let time = table
            .parse(&self.simulation.time_units)
            .ok()
            .filter(|_| !self.simulation.time_units.trim().is_empty());
        let checker =
            Checker { world: &world, declared: &declared, time, depth: limits.equation_depth };
        for entity in 0..world.entities.len() {
            checker.entity(entity, &mut report);
        }
        Ok(report)
    }
}

/// Units that variables declare, by entity. Missing where nothing is declared or it cannot be read.
type Declared = BTreeMap<usize, Unit>;

/// Reads the declared units; what cannot be read is reported.
fn declared(world: &NameTable, table: &UnitTable, report: &mut UnitReport) -> Declared {
    let mut declared = Declared::new();
    for (id, entity) in world.entities.iter().enumerate() {
        if entity.variable.kind == Kind::GraphicalFunction {
            continue;
        }
        match entity.variable.units.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => report.without_units.push(entity.path.clone()),
            Some(text) => match table.parse(text) {
                Ok(unit) => {
                    declared.insert(id, unit);
                }
                Err(message) => {
                    report
                        .problems
                        .push(Problem::new(ProblemKind::Units, message).of(&entity.path, ""));
                }
            },
        }
    }
    declared
}

/// What is known of an expression's units.
#[derive(Debug, Clone, PartialEq)]
enum KnownUnit {
    /// Zero, infinity: fits any. 0 people and 0 years are written alike.
    Any,
    /// Depends on something without units.
    Unknown,
    /// Known, perhaps dimensionless.
    Is(Unit),
}

impl KnownUnit {
    /// Without a dimension.
    fn none() -> Self {
        Self::Is(Unit::dimensionless())
    }
}

/// What equations are checked with.
struct Checker<'a> {
    world: &'a NameTable,
    declared: &'a Declared,
    /// The model's unit of time; `None` if the file does not say or it cannot be read.
    time: Option<Unit>,
    /// Deepest nesting of an equation that is read.
    depth: usize,
}

/// A unit, or the place where units clash.
type Inferred = Result<KnownUnit, Problem>;

/// Units that do not fit one another.
fn clash(message: String, expr: &Expr) -> Problem {
    Problem::new(ProblemKind::Units, message).at(expr.span)
}

/// The number that a literal is, its sign included.
fn literal(expr: &Expr) -> Option<f64> {
    match &expr.node {
        ExpressionNode::Number(value) => Some(*value),
        ExpressionNode::Unary(Unary::Minus, inner) => literal(inner).map(|value| -value),
        ExpressionNode::Unary(Unary::Plus, inner) => literal(inner),
        _ => None,
    }
}

impl Checker<'_> {
    /// Checks the equations of one variable. An equation that is a literal alone is the variable's
    /// value in its own unit and is not compared.
    fn entity(&self, id: usize, report: &mut UnitReport) {
        let entity = &self.world.entities[id];
        let variable = &entity.variable;
        let own = self.declared.get(&id);
        let elements = variable.elements.iter().filter_map(|element| element.equation.as_ref());
        let mut complete = own.is_some();
        for text in variable.equations.iter().chain(elements) {
            let Some(items) = self.read(text) else { continue };
            for expr in &items {
                if literal(expr).is_some() {
                    continue;
                }
                match self.balance(expr, entity.scope, own, variable.graphical.is_some()) {
                    Ok(known) => complete &= known,
                    Err(problem) => {
                        complete = false;
                        report.problems.push(problem.of(&entity.path, text));
                    }
                }
            }
        }
        if let (Kind::Stock, Some(own)) = (variable.kind, own) {
            report.problems.extend(self.flows(id, own));
        }
        report.checked += usize::from(complete);
    }

    /// An equation's expressions; nothing for one that cannot be read, which is reported
    /// elsewhere.
    fn read(&self, text: &str) -> Option<Vec<Expr>> {
        match parse(text, self.depth) {
            Ok(expr) => Some(vec![expr]),
            Err(_) => parse_list(text, self.depth).ok(),
        }
    }

    /// Whether the equation's units are known in full. What goes through a graphical function need
    /// not be in the variable's unit: a curve turns one unit into another.
    ///
    /// # Errors
    ///
    /// The first clash within the expression, or its unit against the declared one.
    fn balance(
        &self,
        expr: &Expr,
        scope: usize,
        own: Option<&Unit>,
        has_table: bool,
    ) -> Result<bool, Problem> {
        match (self.infer(expr, scope)?, own) {
            (KnownUnit::Is(found), Some(own)) if found != *own && !has_table => Err(clash(
                format!("the equation is in {found}, and the variable is declared in {own}"),
                expr,
            )),
            (KnownUnit::Unknown, _) => Ok(false),
            _ => Ok(true),
        }
    }

    /// A stock's flows are in its units per unit of time. Flows without units, and those with a
    /// conversion between their two stocks, are passed over.
    fn flows(&self, id: usize, own: &Unit) -> Vec<Problem> {
        let Some(time) = &self.time else { return Vec::new() };
        let entity = &self.world.entities[id];
        let wanted = own.times(time, -1);
        let names = entity.variable.inflows.iter().chain(&entity.variable.outflows);
        let mut problems = Vec::new();
        for name in names {
            let Some(NamedTarget::Entity(flow)) =
                self.world.resolve(entity.scope, &canonical_name(name))
            else {
                continue;
            };
            let converts = self.world.entities[*flow].variable.multiplier.is_some();
            match self.declared.get(flow) {
                Some(found) if *found != wanted && !converts => {
                    let message =
                        format!("its flow {name} is in {found}, and should be in {wanted}");
                    problems.push(Problem::new(ProblemKind::Units, message).of(&entity.path, ""));
                }
                _ => {}
            }
        }
        problems
    }

    /// The unit of an expression; the number 0 fits every unit.
    ///
    /// # Errors
    ///
    /// The innermost clash.
    fn infer(&self, expr: &Expr, scope: usize) -> Inferred {
        match &expr.node {
            ExpressionNode::Number(value) if *value == 0.0 => Ok(KnownUnit::Any),
            ExpressionNode::Number(_) => Ok(KnownUnit::none()),
            ExpressionNode::Name(name) | ExpressionNode::Subscripted(name, _) => {
                Ok(self.name(name, scope))
            }
            ExpressionNode::Unary(Unary::Not, inner) => {
                self.infer(inner, scope).map(|_| KnownUnit::none())
            }
            ExpressionNode::Unary(_, inner) | ExpressionNode::Transposed(inner) => {
                self.infer(inner, scope)
            }
            ExpressionNode::Binary(operator, left, right) => {
                let (a, b) = (self.infer(left, scope)?, self.infer(right, scope)?);
                self.binary(*operator, a, b, right, expr)
            }
            ExpressionNode::If(parts) => {
                self.infer(&parts[0], scope)?;
                let (yes, no) = (self.infer(&parts[1], scope)?, self.infer(&parts[2], scope)?);
                same(yes, no, "THEN and ELSE", expr)
            }
            ExpressionNode::Call { name, arguments, .. } => self.call(name, arguments, scope, expr),
        }
    }

    /// The unit of a name. Names that nothing declares are unknown; the number of an array's
    /// element has no unit.
    fn name(&self, name: &str, scope: usize) -> KnownUnit {
        if let Some(NamedTarget::Entity(id)) = self.world.resolve(scope, name) {
            return self.declared.get(id).cloned().map_or(KnownUnit::Unknown, KnownUnit::Is);
        }
        match name {
            "time" | "dt" | "starttime" | "stoptime" => self.time(),
            "inf" => KnownUnit::Any,
            "pi" => KnownUnit::none(),
            _ if self.world.dimensions.find(name).is_some() => KnownUnit::none(),
            _ => KnownUnit::Unknown,
        }
    }

    /// The unit of time.
    fn time(&self) -> KnownUnit {
        self.time.clone().map_or(KnownUnit::Unknown, KnownUnit::Is)
    }

    /// Sums and comparisons need equal units, products multiply them. A comparison and a logical
    /// operator give a number without unit. The sides of AND and OR may have any.
    fn binary(
        &self,
        operator: Binary,
        a: KnownUnit,
        b: KnownUnit,
        right: &Expr,
        expr: &Expr,
    ) -> Inferred {
        match operator {
            Binary::Add | Binary::Subtract | Binary::Modulo => same(a, b, "the two sides", expr),
            Binary::Multiply => Ok(product(&a, &b, 1)),
            Binary::Divide | Binary::SafeDivide => Ok(product(&a, &b, -1)),
            Binary::Power => self.power(a, &b, right, expr),
            Binary::And | Binary::Or => Ok(KnownUnit::none()),
            _ => same(a, b, "the two sides", expr).map(|_| KnownUnit::none()),
        }
    }

    /// A power with a fixed exponent; any other needs a plain number. A literal, with or without a
    /// sign, whole and below 100, or one half; a base without units may have any exponent.
    fn power(&self, base: KnownUnit, exponent: &KnownUnit, right: &Expr, expr: &Expr) -> Inferred {
        if let KnownUnit::Is(unit) = exponent
            && !unit.is_dimensionless()
        {
            return Err(clash(format!("the exponent is in {unit}, and must have no unit"), right));
        }
        let KnownUnit::Is(unit) = base else { return Ok(base) };
        if unit.is_dimensionless() {
            return Ok(KnownUnit::Is(unit));
        }
        match literal(right) {
            Some(value) if value.fract() == 0.0 && value.abs() < 100.0 => {
                Ok(KnownUnit::Is(unit.power(value as i32)))
            }
            Some(0.5) => self.root(&unit, expr),
            _ => Err(clash(
                format!("the base is in {unit}, and its exponent is not a whole number"),
                expr,
            )),
        }
    }

    /// The square root of a unit.
    fn root(&self, unit: &Unit, expr: &Expr) -> Inferred {
        unit.root()
            .map(KnownUnit::Is)
            .ok_or_else(|| clash(format!("the root of {unit} is not a unit"), expr))
    }

    /// The unit of a function's result, its arguments checked. A function that is not listed gives
    /// an unknown unit and asks nothing of its arguments, beyond that each of them balances in
    /// itself.
    fn call(&self, name: &str, arguments: &[Expr], scope: usize, expr: &Expr) -> Inferred {
        let given = arguments
            .iter()
            .map(|argument| self.infer(argument, scope))
            .collect::<Result<Vec<_>, _>>()?;
        if self.world.resolve(scope, name).is_some() {
            return Ok(self.name(name, scope));
        }
        let first = given.first().cloned().unwrap_or(KnownUnit::Unknown);
        let second = given.get(1).cloned().unwrap_or(KnownUnit::Unknown);
        match name {
            "abs" | "int" | "integer" | "round" | "sum" | "mean" | "stddev" | "init" | "vmin"
            | "vmax" | "exprnd" | "quantum" => Ok(first),
            "min" | "max" | "previous" | "random" | "uniform" | "normal" | "lognormal"
            | "modulo" => {
                let others =
                    given.into_iter().skip(1).take(if name.starts_with('m') { 99 } else { 1 });
                others.into_iter().try_fold(first, |a, b| same(a, b, "the arguments", expr))
            }
            "if_then_else" => {
                let third = given.get(2).cloned().unwrap_or(KnownUnit::Unknown);
                same(second, third, "THEN and ELSE", expr)
            }
            "sqrt" => match first {
                KnownUnit::Is(unit) => self.root(&unit, expr),
                other => Ok(other),
            },
            "smth1" | "smth3" | "smthn" | "delay" | "delay1" | "delay3" | "delayn" | "forcst" => {
                same(second, self.time(), "the delay and the unit of time", expr)?;
                Ok(first)
            }
            "trend" => {
                same(second, self.time(), "the averaging time and the unit of time", expr)?;
                Ok(product(&KnownUnit::none(), &self.time(), -1))
            }
            "pulse" => Ok(product(&first, &self.time(), -1)),
            "poisson" | "lookup" => Ok(KnownUnit::Unknown),
            "step" => {
                same(second, self.time(), "the moment and the unit of time", expr)?;
                Ok(first)
            }
            "ramp" => Ok(product(&first, &self.time(), 1)),
            "safediv" | "zidz" | "xidz" => Ok(product(&first, &second, -1)),
            "time" | "dt" | "starttime" | "stoptime" => Ok(self.time()),
            "size" | "rank" | "sign" | "pi" => Ok(KnownUnit::none()),
            "exp" | "ln" | "log10" | "sin" | "cos" | "tan" | "arcsin" | "arccos" | "arctan"
            | "sinh" | "cosh" | "tanh" => match first {
                KnownUnit::Is(unit) if !unit.is_dimensionless() => {
                    let message = format!(
                        "{} is given {unit}, and needs a number without unit",
                        name.to_uppercase()
                    );
                    Err(clash(message, expr))
                }
                other => Ok(if other == KnownUnit::Unknown { other } else { KnownUnit::none() }),
            },
            _ => Ok(KnownUnit::Unknown),
        }
    }
}

/// One unit for both, or a clash. A known unit stands above an unknown one, so that the rest of the
/// equation is still checked.
fn same(a: KnownUnit, b: KnownUnit, what: &str, expr: &Expr) -> Inferred {
    match (a, b) {
        (KnownUnit::Is(a), KnownUnit::Is(b)) if a != b => {
            Err(clash(format!("{what} differ: {a} and {b}"), expr))
        }
        (KnownUnit::Is(unit), _) | (_, KnownUnit::Is(unit)) => Ok(KnownUnit::Is(unit)),
        (KnownUnit::Unknown, _) | (_, KnownUnit::Unknown) => Ok(KnownUnit::Unknown),
        _ => Ok(KnownUnit::Any),
    }
}

/// The product or quotient of two units. Zero times or over anything fits any; what is divided by
/// zero or infinity is unknown.
fn product(a: &KnownUnit, b: &KnownUnit, sign: i32) -> KnownUnit {
    match (a, b) {
        (KnownUnit::Is(a), KnownUnit::Is(b)) => KnownUnit::Is(a.times(b, sign)),
        (KnownUnit::Any, _) => KnownUnit::Any,
        (_, KnownUnit::Any) if sign > 0 => KnownUnit::Any,
        _ => KnownUnit::Unknown,
    }
}
