//! A case's scenarios, run over the same members and compared.
//!
//! A scenario is a level for some levers; the others stay where they are today. All scenarios run
//! with the same members, so that what the members disagree on cancels in a difference. A shock is
//! laid over every scenario alike. Outcomes and what is better are the case's.

use sanad_case::{Better, DeclaredOutcome, DeclaredScenario};
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

impl ModelCase {
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
            .map(|scenario| run(&simulation, members, &self.put(inputs.clone(), scenario)))
            .collect::<Result<_>>()?;
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

    /// The inputs with every lever where the scenario puts it.
    fn put(&self, inputs: Inputs, scenario: &DeclaredScenario) -> Inputs {
        let level = |lever: &str| scenario.levels.get(lever).copied();
        self.levers.levers.iter().fold(inputs, |inputs, lever| {
            inputs.set(&lever.parameter, level(&lever.id).unwrap_or(lever.today))
        })
    }
}
