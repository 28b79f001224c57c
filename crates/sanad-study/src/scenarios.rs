//! A case's scenarios, run over the same members and compared.
//!
//! A scenario is a level for some levers; the others stay where they are today. All scenarios run
//! with the same members, so that what the members disagree on cancels in a difference. A shock is
//! laid over every scenario alike. Outcomes and what is better are the case's.

use sanad_brief::section::policy::{ForecastStanding, HeldOutLine};
use sanad_case::{Better, DeclaredOutcome, DeclaredScenario, HeldOutYears, LeverPeriod};
use sanad_scenario::{Aim, Comparison, Inputs, Results, RunSettings};

use super::model::{ModelCase, fault, run, simulation};
use crate::error::{Error, Result};

/// Which scenarios are run, and how. Its default asks for no member and no month: a caller sets
/// both.
#[derive(Clone, Copy, Default)]
pub struct ScenariosRequest<'a> {
    /// Ids; all when empty. The baseline runs in any case.
    pub named: &'a [String],
    /// The scenario that the others are compared with; the case's own when absent.
    pub against: Option<&'a str>,
    /// A shock laid over each. By its id in `scenarios.toml`.
    pub shock: Option<&'a str>,
    /// Members of the ensemble. Beyond the members that a case ships they repeat.
    pub members: usize,
    /// Months ahead. The run saves every month, so that each can be looked at.
    pub months: u16,
    /// Seed of the draws. It also seeds what is random in the model's own equations.
    pub seed: u64,
}

/// Scenarios run over the same members, by outcome. A `Comparison` gives rows only together with
/// what they rest on.
pub struct Compared<'c> {
    /// The scenarios, the baseline first.
    pub scenarios: Vec<&'c DeclaredScenario>,
    /// What they are compared by.
    pub outcomes: Vec<(&'c DeclaredOutcome, Comparison)>,
    /// What the members were drawn with. The shock is not among them: influences are those of the
    /// assumptions.
    pub inputs: Inputs,
}

impl Compared<'_> {
    /// How many seeds the members come from: an order that fewer than three support counts as not
    /// supported.
    #[must_use]
    pub fn seeds(&self) -> usize {
        self.outcomes.first().map_or(0, |(_, comparison)| comparison.seeds())
    }
}

impl ModelCase {
    /// How the model did on years that it was not fitted to, as the case declares it.
    #[must_use]
    pub fn standing(&self) -> ForecastStanding {
        let declared = &self.scenarios.held_out;
        if declared.is_empty() {
            return ForecastStanding::NotCompared;
        }
        let line = |held_out: &HeldOutYears| HeldOutLine {
            place: held_out.place.clone(),
            years: held_out.years,
            error: held_out.error,
            carried_on: held_out.carried_on,
        };
        ForecastStanding::Compared(declared.iter().map(line).collect())
    }

    /// Runs the scenarios named (all when none is) and the one that they are compared with.
    ///
    /// # Errors
    ///
    /// `Error::Request` for an id of a scenario or shock that the case does not have;
    /// `Error::Scenario` where a run fails or an outcome is no number.
    pub fn compare(&self, request: &ScenariosRequest<'_>) -> Result<Compared<'_>> {
        let ScenariosRequest { members, months, seed, .. } = *request;
        let scenarios = self.chosen(request)?;
        let drawn = self.members(members, seed)?;
        let inputs = self.shocked(drawn.clone(), request.shock)?;
        let outcomes = &self.scenarios.outcomes;
        let kept: Vec<&str> = outcomes.iter().map(|outcome| outcome.variable.as_str()).collect();
        let settings = RunSettings { seed, ..RunSettings::default() };
        let model = self.future(months)?;
        let simulation = simulation(&model, &kept, &settings)?;
        let runs: Vec<Results> = scenarios
            .iter()
            .map(|scenario| {
                let inputs = self.put(inputs.clone(), scenario);
                if scenario.schedule.is_empty() {
                    return run(&simulation, members, &inputs);
                }
                let model = self.scheduled(months, scenario)?;
                run(&self::simulation(&model, &kept, &settings)?, members, &inputs)
            })
            .collect::<Result<_>>()?;
        let seeds = self.member_seeds(members);
        let compared = outcomes.iter().map(|outcome| {
            let aim = match outcome.better {
                Better::Less => Aim::Less,
                Better::More => Aim::More,
            };
            let found = Comparison::new(
                &runs,
                &outcome.variable,
                0,
                (aim, outcome.matters),
                self.evidence(),
            );
            let found = found.and_then(|comparison| comparison.by_seed(&seeds));
            Ok((outcome, found.map_err(fault("model.xmile"))?))
        });
        Ok(Compared { scenarios, outcomes: compared.collect::<Result<_>>()?, inputs: drawn })
    }

    /// The baseline and the scenarios named, in the order of the case; all when none is named.
    fn chosen(&self, request: &ScenariosRequest<'_>) -> Result<Vec<&DeclaredScenario>> {
        let all = &self.scenarios.scenarios;
        let known = |id: &str, field| match all.iter().find(|it| it.id == id) {
            Some(scenario) => Ok(scenario),
            None => Err(Error::Request {
                field,
                found: id.to_owned(),
                expected: "the id of a scenario in scenarios.toml",
            }),
        };
        let baseline = known(request.against.unwrap_or(&self.scenarios.baseline), "against")?;
        for id in request.named {
            known(id, "scenario")?;
        }
        let is_named = |declared_scenario: &&DeclaredScenario| {
            declared_scenario.id != baseline.id
                && (request.named.is_empty() || request.named.contains(&declared_scenario.id))
        };
        Ok(std::iter::once(baseline).chain(all.iter().filter(is_named)).collect())
    }

    /// The inputs with the constants of a shock set alike in every member.
    fn shocked(&self, inputs: Inputs, shock: Option<&str>) -> Result<Inputs> {
        let Some(id) = shock else { return Ok(inputs) };
        let found = self.scenarios.shocks.iter().find(|shock| shock.id == id);
        let shock = found.ok_or_else(|| Error::Request {
            field: "shock",
            found: id.to_owned(),
            expected: "the id of a shock in scenarios.toml",
        })?;
        Ok(shock.sets.iter().fold(inputs, |inputs, (name, value)| inputs.set(name, *value)))
    }

    /// Adds a scenario made of levers over months, and gives its id: `own`, or the first of `own-2`,
    /// `own-3` and so on that no scenario of the case has.
    ///
    /// # Errors
    ///
    /// `Error::Request` for a lever that the case does not have, a level outside of its range, months
    /// that the case's model does not know, or a lever that is moved twice in one month.
    pub fn add_own(&mut self, schedule: Vec<LeverPeriod>) -> Result<String> {
        let id = own_id(&self.scenarios.scenarios);
        let throughout = |period: &LeverPeriod| period.from.is_none() && period.to.is_none();
        let mut all = DeclaredScenario {
            id: id.clone(),
            title: "Your own".to_owned(),
            levels: std::collections::BTreeMap::new(),
            schedule,
            note: "The levers that were set by hand.".to_owned(),
        };
        let refused = |found: String, expected| Error::Request { field: "set", found, expected };
        for period in &all.schedule {
            let Some(lever) = self.levers.named(&period.lever) else {
                let expected = "the id of a lever in levers.toml";
                return Err(refused(period.lever.clone(), expected));
            };
            if !self.has_element(lever, &period.lever) {
                let expected = "the lever as a whole, or in brackets an element that its constant has, spelt as in the model";
                return Err(refused(period.lever.clone(), expected));
            }
            if !(lever.lowest..=lever.highest).contains(&period.level) {
                let expected = "a level within the range that levers.toml gives the lever";
                return Err(refused(period.to_string(), expected));
            }
            if self.condition(&all, period).is_err() {
                let expected =
                    "months after the end of the record, in a case whose model has a calendar";
                return Err(refused(period.to_string(), expected));
            }
        }
        if all.untimely().is_some() {
            let texts: Vec<String> = all.schedule.iter().map(ToString::to_string).collect();
            let expected = "each lever at one level in a month";
            return Err(refused(texts.join(" "), expected));
        }
        let (always, timed) = std::mem::take(&mut all.schedule).into_iter().partition(throughout);
        let always: Vec<LeverPeriod> = always;
        all.levels = always.into_iter().map(|period| (period.lever, period.level)).collect();
        all.schedule = timed;
        self.scenarios.scenarios.push(all);
        Ok(id)
    }
}

/// The id of a scenario that is added to those of a case: own, or the first of own-2, own-3 and so on
/// that none of them has.
#[must_use]
pub fn own_id(declared: &[DeclaredScenario]) -> String {
    let is_taken = |id: &str| declared.iter().any(|one| one.id == id);
    let mut id = "own".to_owned();
    let mut number = 2_usize;
    while is_taken(&id) {
        id = format!("own-{number}");
        number += 1;
    }
    id
}
