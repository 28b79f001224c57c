//! A case's scenarios, run over the same members and compared.

use sanad_scenario::{Aim, Comparison, Inputs, Results, RunSettings};
use sanad_source::case::{Better, DeclaredOutcome, DeclaredScenario};

use super::model::{ModelCase, fault, run, simulation};
use crate::error::{Error, Result};

/// Scenarios run over the same members, by outcome.
pub(crate) struct Compared<'c> {
    /// The scenarios, the baseline first.
    pub(crate) scenarios: Vec<&'c DeclaredScenario>,
    /// What they are compared by.
    pub(crate) outcomes: Vec<(&'c DeclaredOutcome, Comparison)>,
    /// What the members were drawn with.
    pub(crate) inputs: Inputs,
}

impl ModelCase {
    /// Runs the scenarios named (all when none is) and the baseline, with a shock if one is named.
    pub(crate) fn compare(
        &self,
        named: &[String],
        shock: Option<&str>,
        (members, months, seed): (usize, u16, u64),
    ) -> Result<Compared<'_>> {
        let scenarios = self.chosen(named)?;
        let drawn = self.members(members, seed)?;
        let inputs = self.shocked(drawn.clone(), shock)?;
        let outcomes = &self.scenarios.outcomes;
        let kept: Vec<&str> = outcomes.iter().map(|it| it.variable.as_str()).collect();
        let settings = RunSettings { seed, ..RunSettings::default() };
        let model = self.future(months)?;
        let simulation = simulation(&model, &kept, &settings)?;
        let runs: Vec<Results> = scenarios
            .iter()
            .map(|it| run(&simulation, members, &self.put(inputs.clone(), it)))
            .collect::<Result<_>>()?;
        let compared = outcomes.iter().map(|outcome| {
            let aim = match outcome.better {
                Better::Less => Aim::Less,
                Better::More => Aim::More,
            };
            let found = Comparison::new(&runs, &outcome.variable, 0, aim, self.evidence());
            Ok((outcome, found.map_err(fault("model.xmile"))?))
        });
        Ok(Compared { scenarios, outcomes: compared.collect::<Result<_>>()?, inputs: drawn })
    }

    fn chosen(&self, named: &[String]) -> Result<Vec<&DeclaredScenario>> {
        let all = &self.scenarios.scenarios;
        if let Some(unknown) = named.iter().find(|id| !all.iter().any(|it| it.id == **id)) {
            return Err(Error::Option {
                option: "--scenario",
                found: unknown.clone(),
                expected: "the id of a scenario; without --scenario all are compared",
            });
        }
        let is_baseline = |it: &&DeclaredScenario| it.id == self.scenarios.baseline;
        let asked = |it: &&DeclaredScenario| named.is_empty() || named.contains(&it.id);
        let baseline = all.iter().filter(is_baseline);
        Ok(baseline.chain(all.iter().filter(|it| asked(it) && !is_baseline(it))).collect())
    }

    fn shocked(&self, inputs: Inputs, shock: Option<&str>) -> Result<Inputs> {
        let Some(id) = shock else { return Ok(inputs) };
        let found = self.scenarios.shocks.iter().find(|it| it.id == id);
        let shock = found.ok_or_else(|| Error::Option {
            option: "--shock",
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
