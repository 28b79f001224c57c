//! The units of equations, and where they disagree.

use std::collections::BTreeMap;

use crate::compile::scope::{Target, World};
use crate::document::{Document, Kind};
use crate::equation::{Binary, Expr, Node, Unary, parse, parse_list};
use crate::error::{Error, Problem, ProblemKind};
use crate::limits::Limits;
use crate::name::canonical_name;
use crate::units::{Unit, UnitTable};

/// The outcome of a check of units.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UnitReport {
    /// Equations that do not balance, and units that cannot be read.
    pub problems: Vec<Problem>,
    /// Variables without units, which are not checked.
    pub without_units: Vec<String>,
    /// Number of variables whose equations were checked in full.
    pub checked: usize,
}

impl Document {
    /// Checks the units of every variable.
    ///
    /// # Errors
    ///
    /// If names or dimensions are so wrong that variables cannot be told apart; equations that
    /// cannot be read are left to [`Model::compile`](crate::Model::compile).
    pub fn check_units(&self) -> Result<UnitReport, Error> {
        let limits = Limits::default();
        let world = World::new(self, &limits)?;
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

type Declared = BTreeMap<usize, Unit>;

fn declared(world: &World, table: &UnitTable, report: &mut UnitReport) -> Declared {
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
enum Found {
    /// Zero, infinity: fits any.
    Any,
    /// Depends on something without units.
    Unknown,
    Is(Unit),
}

impl Found {
    fn none() -> Self {
        Self::Is(Unit::dimensionless())
    }
}

struct Checker<'a> {
    world: &'a World,
    declared: &'a Declared,
    time: Option<Unit>,
    depth: usize,
}

type Inferred = Result<Found, Problem>;

fn clash(message: String, expr: &Expr) -> Problem {
    Problem::new(ProblemKind::Units, message).at(expr.span)
}

impl Checker<'_> {
    fn entity(&self, id: usize, report: &mut UnitReport) {
        let entity = &self.world.entities[id];
        let variable = &entity.variable;
        let own = self.declared.get(&id);
        let elements = variable.elements.iter().filter_map(|element| element.equation.as_ref());
        let mut complete = own.is_some();
        for text in variable.equations.iter().chain(elements) {
            let Some(items) = self.read(text) else { continue };
            for expr in &items {
                let is_number = matches!(&expr.node, Node::Number(_))
                    || matches!(&expr.node, Node::Unary(_, inner) if matches!(inner.node, Node::Number(_)));
                if is_number {
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

    fn read(&self, text: &str) -> Option<Vec<Expr>> {
        match parse(text, self.depth) {
            Ok(expr) => Some(vec![expr]),
            Err(_) => parse_list(text, self.depth).ok(),
        }
    }

    /// Whether the equation's units are known in full.
    fn balance(
        &self,
        expr: &Expr,
        scope: usize,
        own: Option<&Unit>,
        has_table: bool,
    ) -> Result<bool, Problem> {
        match (self.infer(expr, scope)?, own) {
            (Found::Is(found), Some(own)) if found != *own && !has_table => Err(clash(
                format!("the equation is in {found}, and the variable is declared in {own}"),
                expr,
            )),
            (Found::Unknown, _) => Ok(false),
            _ => Ok(true),
        }
    }

    /// A stock's flows are in its units per unit of time.
    fn flows(&self, id: usize, own: &Unit) -> Vec<Problem> {
        let Some(time) = &self.time else { return Vec::new() };
        let entity = &self.world.entities[id];
        let wanted = own.times(time, -1);
        let names = entity.variable.inflows.iter().chain(&entity.variable.outflows);
        let mut problems = Vec::new();
        for name in names {
            let Some(Target::Entity(flow)) =
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

    fn infer(&self, expr: &Expr, scope: usize) -> Inferred {
        match &expr.node {
            Node::Number(value) if *value == 0.0 => Ok(Found::Any),
            Node::Number(_) => Ok(Found::none()),
            Node::Name(name) | Node::Subscripted(name, _) => Ok(self.name(name, scope)),
            Node::Unary(Unary::Not, inner) => self.infer(inner, scope).map(|_| Found::none()),
            Node::Unary(_, inner) | Node::Transposed(inner) => self.infer(inner, scope),
            Node::Binary(operator, left, right) => {
                let (a, b) = (self.infer(left, scope)?, self.infer(right, scope)?);
                self.binary(*operator, a, b, right, expr)
            }
            Node::If(parts) => {
                self.infer(&parts[0], scope)?;
                let (yes, no) = (self.infer(&parts[1], scope)?, self.infer(&parts[2], scope)?);
                same(yes, no, "THEN and ELSE", expr)
            }
            Node::Call { name, arguments, .. } => self.call(name, arguments, scope, expr),
        }
    }

    fn name(&self, name: &str, scope: usize) -> Found {
        if let Some(Target::Entity(id)) = self.world.resolve(scope, name) {
            return self.declared.get(id).cloned().map_or(Found::Unknown, Found::Is);
        }
        match name {
            "time" | "dt" | "starttime" | "stoptime" => self.time(),
            "inf" => Found::Any,
            "pi" => Found::none(),
            _ if self.world.dimensions.find(name).is_some() => Found::none(),
            _ => Found::Unknown,
        }
    }

    fn time(&self) -> Found {
        self.time.clone().map_or(Found::Unknown, Found::Is)
    }

    fn binary(&self, operator: Binary, a: Found, b: Found, right: &Expr, expr: &Expr) -> Inferred {
        match operator {
            Binary::Add | Binary::Subtract | Binary::Modulo => same(a, b, "the two sides", expr),
            Binary::Multiply => Ok(product(&a, &b, 1)),
            Binary::Divide | Binary::SafeDivide => Ok(product(&a, &b, -1)),
            Binary::Power => self.power(a, &b, right, expr),
            Binary::And | Binary::Or => Ok(Found::none()),
            _ => same(a, b, "the two sides", expr).map(|_| Found::none()),
        }
    }

    fn power(&self, base: Found, exponent: &Found, right: &Expr, expr: &Expr) -> Inferred {
        if let Found::Is(unit) = exponent
            && !unit.is_dimensionless()
        {
            return Err(clash(format!("the exponent is in {unit}, and must have no unit"), right));
        }
        let Found::Is(unit) = base else { return Ok(base) };
        if unit.is_dimensionless() {
            return Ok(Found::Is(unit));
        }
        match right.node {
            Node::Number(value) if value.fract() == 0.0 && value.abs() < 100.0 => {
                Ok(Found::Is(unit.power(value as i32)))
            }
            Node::Number(0.5) => self.root(&unit, expr),
            _ => Err(clash(
                format!("the base is in {unit}, and its exponent is not a whole number"),
                expr,
            )),
        }
    }

    fn root(&self, unit: &Unit, expr: &Expr) -> Inferred {
        unit.root()
            .map(Found::Is)
            .ok_or_else(|| clash(format!("the root of {unit} is not a unit"), expr))
    }

    fn call(&self, name: &str, arguments: &[Expr], scope: usize, expr: &Expr) -> Inferred {
        let given = arguments
            .iter()
            .map(|argument| self.infer(argument, scope))
            .collect::<Result<Vec<_>, _>>()?;
        if self.world.resolve(scope, name).is_some() {
            return Ok(self.name(name, scope));
        }
        let first = given.first().cloned().unwrap_or(Found::Unknown);
        let second = given.get(1).cloned().unwrap_or(Found::Unknown);
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
                let third = given.get(2).cloned().unwrap_or(Found::Unknown);
                same(second, third, "THEN and ELSE", expr)
            }
            "sqrt" => match first {
                Found::Is(unit) => self.root(&unit, expr),
                other => Ok(other),
            },
            "smth1" | "smth3" | "smthn" | "delay" | "delay1" | "delay3" | "delayn" | "forcst" => {
                same(second, self.time(), "the delay and the unit of time", expr)?;
                Ok(first)
            }
            "trend" => {
                same(second, self.time(), "the averaging time and the unit of time", expr)?;
                Ok(product(&Found::none(), &self.time(), -1))
            }
            "pulse" => Ok(product(&first, &self.time(), -1)),
            "poisson" | "lookup" => Ok(Found::Unknown),
            "step" => {
                same(second, self.time(), "the moment and the unit of time", expr)?;
                Ok(first)
            }
            "ramp" => Ok(product(&first, &self.time(), 1)),
            "safediv" | "zidz" | "xidz" => Ok(product(&first, &second, -1)),
            "time" | "dt" | "starttime" | "stoptime" => Ok(self.time()),
            "size" | "rank" | "sign" | "pi" => Ok(Found::none()),
            "exp" | "ln" | "log10" | "sin" | "cos" | "tan" | "arcsin" | "arccos" | "arctan"
            | "sinh" | "cosh" | "tanh" => match first {
                Found::Is(unit) if !unit.is_dimensionless() => {
                    let message = format!(
                        "{} is given {unit}, and needs a number without unit",
                        name.to_uppercase()
                    );
                    Err(clash(message, expr))
                }
                other => Ok(if other == Found::Unknown { other } else { Found::none() }),
            },
            _ => Ok(Found::Unknown),
        }
    }
}

fn same(a: Found, b: Found, what: &str, expr: &Expr) -> Inferred {
    match (a, b) {
        (Found::Is(a), Found::Is(b)) if a != b => {
            Err(clash(format!("{what} differ: {a} and {b}"), expr))
        }
        (Found::Is(unit), _) | (_, Found::Is(unit)) => Ok(Found::Is(unit)),
        (Found::Unknown, _) | (_, Found::Unknown) => Ok(Found::Unknown),
        _ => Ok(Found::Any),
    }
}

fn product(a: &Found, b: &Found, sign: i32) -> Found {
    match (a, b) {
        (Found::Is(a), Found::Is(b)) => Found::Is(a.times(b, sign)),
        (Found::Any, _) => Found::Any,
        (_, Found::Any) if sign > 0 => Found::Any,
        _ => Found::Unknown,
    }
}
