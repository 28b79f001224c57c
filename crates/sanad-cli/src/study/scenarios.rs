//! A case's model, priors, levers and scenarios joined with the engine.

use std::path::PathBuf;

use sanad_scenario::{
    Aim, Comparison, Distribution, Evidence, Inputs, Limits, Model, Results, RunSettings, Vary,
    read_xmile,
};
use sanad_source::case::{
    Better, DeclaredOutcome, DeclaredScenario, Document, Levers, Priors, Scenarios, read_levers,
    read_priors, read_scenarios,
};
use sanad_store::Observatory;

use crate::error::{Error, Result};

/// What a case says about its model.
pub(crate) struct ModelCase {
    model: Model,
    priors: Priors,
    vary: Vary,
    levers: Levers,
    pub(crate) scenarios: Scenarios,
}

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
    /// Reads and joins the files; levels are checked against the levers.
    pub(crate) fn read(observatory: &Observatory) -> Result<Self> {
        let file = |document: Document| {
            let missing = Error::CaseLacks { missing: document.name() };
            observatory.document(document)?.ok_or(missing)
        };
        let document = read_xmile(file(Document::Model)?.as_bytes(), &Limits::default());
        let model = document.and_then(|it| Model::compile(&it)).map_err(fault("model.xmile"))?;
        let priors = read_priors(&file(Document::Priors)?)?;
        let levers = read_levers(&file(Document::Levers)?)?;
        let scenarios = read_scenarios(&file(Document::Scenarios)?)?;
        if let Some((scenario, lever, wrong)) = scenarios.misplaced(&levers) {
            let problem = format!("{scenario}: {lever} {wrong}");
            return Err(Error::Scenarios { problem });
        }
        let vary = vary(&priors)?;
        Ok(Self { model, priors, vary, levers, scenarios })
    }

    /// What the ensemble rests on. No record has been fitted, so members are draws from priors.
    fn evidence(&self) -> Evidence {
        Evidence { judgement_share: self.priors.judgement_share(), calibrated: false }
    }

    /// Runs the scenarios named (all when none is) and the baseline, with a shock if one is named.
    pub(crate) fn compare(
        &self,
        named: &[String],
        shock: Option<&str>,
        (members, seed): (usize, u64),
    ) -> Result<Compared<'_>> {
        let scenarios = self.chosen(named)?;
        let drawn = self.vary.draw(members, seed).map_err(fault("priors.toml"))?;
        let inputs = self.shocked(drawn.clone(), shock)?;
        let outcomes = &self.scenarios.outcomes;
        let kept: Vec<&str> = outcomes.iter().map(|it| it.variable.as_str()).collect();
        let settings = RunSettings { seed, ..RunSettings::default() };
        let simulation = self.model.simulation(&kept, &settings).map_err(fault("model.xmile"))?;
        let run = |scenario: &&DeclaredScenario| {
            simulation.run(members, &self.put(inputs.clone(), scenario))
        };
        let runs: Vec<Results> = scenarios
            .iter()
            .map(run)
            .collect::<std::result::Result<_, _>>()
            .map_err(fault("model.xmile"))?;
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

fn vary(priors: &Priors) -> Result<Vary> {
    let mut vary = Vary::default();
    for prior in &priors.priors {
        let distribution: Distribution = prior.prior.clone().try_into()
            .map_err(|e| Error::Scenarios { problem: format!("{}: {e}", prior.parameter) })?;
        vary.constants.insert(prior.parameter.clone(), distribution);
    }
    Ok(vary)
}

fn fault(file: &'static str) -> impl Fn(sanad_scenario::Error) -> Error {
    move |source| Error::Scenario { path: PathBuf::from(file), source: Box::new(source) }
}
