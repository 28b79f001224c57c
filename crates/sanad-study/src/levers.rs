//! Where a scenario puts the levers of a case's model.
//!
//! A lever's constant is a number or an array of one dimension, such as a number for each theatre. A level
//! that names an element in brackets moves that one alone, and stands above a level of the lever as a whole.

use sanad_case::{DeclaredScenario, Lever, LeverPeriod, lever_and_element};
use sanad_scenario::{Element, Inputs, Model, Variable, canonical_name};

use super::model::{ModelCase, fault};
use crate::error::{Error, Result};

/// What is wrong with months where nothing says which month the model's time 0 is.
const NO_CALENDAR: &str = "moves a lever over months, and priors.toml has no [calibration] that says which month time 0 is";

impl ModelCase {
    /// Names of the elements in which a lever can be moved by itself, in the order of the model; empty
    /// where its constant is one number.
    #[must_use]
    pub fn lever_elements(&self, lever: &Lever) -> &[String] {
        let dimension =
            self.lever_variable(lever).and_then(|variable| match &variable.dimensions[..] {
                [one] => Some(canonical_name(one)),
                _ => None,
            });
        let dimensions = &self.document.dimensions;
        let found = dimensions.iter().find(|one| Some(canonical_name(&one.name)) == dimension);
        found.map_or(&[], |found| &found.elements)
    }

    /// Names of the constants that a lever sets: its parameter, or one for each element of it.
    #[must_use]
    pub fn lever_constants(&self, lever: &Lever) -> Vec<String> {
        self.parts(lever).into_iter().map(|part| constant(lever, part)).collect()
    }

    /// Whether a name means the lever as a whole or an element that its constant has, spelt as in the model.
    #[must_use]
    pub fn has_element(&self, lever: &Lever, name: &str) -> bool {
        let (_, element) = lever_and_element(name);
        element.is_none_or(|element| self.lever_elements(lever).iter().any(|one| one == element))
    }

    /// What a lever is put to a level in: each element of its constant, or the one number that it is.
    fn parts<'l>(&'l self, lever: &Lever) -> Vec<Option<&'l str>> {
        match self.lever_elements(lever) {
            [] => vec![None],
            elements => elements.iter().map(|one| Some(one.as_str())).collect(),
        }
    }

    fn lever_variable(&self, lever: &Lever) -> Option<&Variable> {
        let wanted = canonical_name(&lever.parameter);
        self.variables().into_iter().find(|one| canonical_name(&one.name) == wanted)
    }

    /// What is wrong with the levels and months of the case's scenarios, if anything.
    pub(crate) fn lever_problem(&self) -> Option<String> {
        if let Some((scenario, lever, wrong)) = self.scenarios.misplaced(&self.levers) {
            return Some(format!("{scenario}: {lever} {wrong}"));
        }
        self.scenarios.scenarios.iter().find_map(|scenario| {
            if scenario.schedule.iter().any(has_months) && self.priors.calibration.is_none() {
                return Some(format!("{}: {NO_CALENDAR}", scenario.id));
            }
            let timed = scenario.schedule.iter().map(|period| &period.lever);
            let strange = scenario.levels.keys().chain(timed).find(|name| {
                self.levers.named(name).is_some_and(|lever| !self.has_element(lever, name))
            })?;
            Some(format!("{}: {strange} names no element of the lever's constant", scenario.id))
        })
    }

    /// The inputs with every lever where the scenario puts it; what its schedule moves is an equation of
    /// the model, and no input.
    pub(crate) fn put(&self, inputs: Inputs, scenario: &DeclaredScenario) -> Inputs {
        let fixed = self.levers.levers.iter().filter(|lever| !is_scheduled(scenario, lever));
        let parts =
            fixed.flat_map(|lever| self.parts(lever).into_iter().map(move |part| (lever, part)));
        parts.fold(inputs, |inputs, (lever, part)| {
            inputs.set(&constant(lever, part), throughout(scenario, lever, part))
        })
    }

    /// As [`future`](Self::future), with the levers of a schedule moved in their months: a lever's
    /// constant becomes an equation of the time that gives the level of the period it is in, and
    /// outside of them the level that the scenario has throughout.
    ///
    /// # Errors
    ///
    /// As `compiled`; `Error::Scenarios` where a period lies before the start of the run, or the case
    /// has no calendar.
    pub(crate) fn scheduled(&self, months: u16, scenario: &DeclaredScenario) -> Result<Model> {
        let mut document = self.document.clone();
        for lever in self.levers.levers.iter().filter(|one| is_scheduled(scenario, one)) {
            let wanted = canonical_name(&lever.parameter);
            let mut variables = document.models.iter_mut().flat_map(|part| &mut part.variables);
            let found = variables.find(|one| canonical_name(&one.name) == wanted);
            let variable = found.ok_or_else(|| Error::Scenarios {
                problem: format!(
                    "{}: {} sets {}, which is no variable of its own and cannot be moved over months",
                    scenario.id, lever.id, lever.parameter
                ),
            })?;
            (variable.equations, variable.elements) = (Vec::new(), Vec::new());
            for part in self.parts(lever) {
                let equation = self.level_equation(scenario, lever, part)?;
                match part {
                    None => variable.equations.push(equation),
                    Some(element) => variable.elements.push(Element {
                        subscripts: vec![element.to_owned()],
                        equation: Some(equation),
                        ..Element::default()
                    }),
                }
            }
        }
        let start = self.first_moment();
        (document.simulation.start, document.simulation.stop) = (start, start + f64::from(months));
        Model::compile(&document).map_err(fault("model.xmile"))
    }

    /// The equation of a lever, or of an element of it, that follows a schedule: the periods that name the
    /// element come before those of the lever as a whole.
    fn level_equation(
        &self,
        scenario: &DeclaredScenario,
        lever: &Lever,
        element: Option<&str>,
    ) -> Result<String> {
        let named = |wanted: Option<&str>| -> Vec<&LeverPeriod> {
            let is_of = |period: &&LeverPeriod| is_name_of(&period.lever, lever, wanted);
            scenario.schedule.iter().filter(is_of).collect()
        };
        let mut periods = element.map_or_else(Vec::new, |element| named(Some(element)));
        periods.extend(named(None));
        let conditions = periods.into_iter().map(|period| self.condition(scenario, period));
        let conditions: String = conditions.collect::<Result<_>>()?;
        Ok(format!("{conditions}{}", throughout(scenario, lever, element)))
    }

    /// The beginning of an equation that gives a period's level while it lasts: its first month is
    /// counted in, and so is its last.
    pub(crate) fn condition(
        &self,
        scenario: &DeclaredScenario,
        period: &LeverPeriod,
    ) -> Result<String> {
        let level = period.level;
        let problem = |wrong: String| Error::Scenarios {
            problem: format!("{}: {period} {wrong}", scenario.id),
        };
        if !has_months(period) {
            return Ok(format!("IF 1 = 1 THEN {level} ELSE "));
        }
        let Some(fit) = &self.priors.calibration else {
            return Err(problem(NO_CALENDAR.to_owned()));
        };
        if period.to.is_some_and(|to| to <= fit.origin) {
            let first = fit.origin.plus(1);
            return Err(problem(format!("ends before {first}, the first month of the scenarios")));
        }
        let time = |month: sanad_core::Month| month.id() - fit.origin.id();
        let from = period.from.map(|from| format!("TIME >= {}", time(from)));
        let to = period.to.map(|to| format!("TIME < {}", time(to) + 1));
        let both: Vec<String> = from.into_iter().chain(to).collect();
        Ok(format!("IF {} THEN {level} ELSE ", both.join(" AND ")))
    }
}

/// The level of a lever, or of an element of its constant, outside of a schedule's months.
fn throughout(scenario: &DeclaredScenario, lever: &Lever, element: Option<&str>) -> f64 {
    let of = |wanted| {
        let found = scenario.levels.iter().find(|(name, _)| is_name_of(name, lever, wanted));
        found.map(|(_, level)| *level)
    };
    element.and_then(|element| of(Some(element))).or_else(|| of(None)).unwrap_or(lever.today)
}

/// Whether a name means a lever as a whole, or the element of it that is asked for.
fn is_name_of(name: &str, lever: &Lever, element: Option<&str>) -> bool {
    let (id, named) = lever_and_element(name);
    id == lever.id && named == element
}

/// The constant of a lever, or of an element of it.
fn constant(lever: &Lever, element: Option<&str>) -> String {
    match element {
        None => lever.parameter.clone(),
        Some(element) => format!("{}[{element}]", lever.parameter),
    }
}

/// Whether a schedule moves a lever, or an element of it.
fn is_scheduled(scenario: &DeclaredScenario, lever: &Lever) -> bool {
    scenario.schedule.iter().any(|period| lever_and_element(&period.lever).0 == lever.id)
}

/// Whether a period is one of the calendar.
fn has_months(period: &LeverPeriod) -> bool {
    period.from.is_some() || period.to.is_some()
}
