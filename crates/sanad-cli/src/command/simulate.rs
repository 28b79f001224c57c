//! `sanad simulate`.

use std::collections::BTreeMap;

use sanad_scenario::{Inputs, Limits, Method, Model, Results, RunSettings, Vary, canonical_name};
use sanad_store::Table;

use crate::args::{MethodName, Simulate};
use crate::command::model::file::{ModelFile, names, read_vary};
use crate::command::model::record::RecordFiles;
use crate::command::{check_ending, check_ending_of, numbered, print, save};
use crate::report::say;
use sanad_study::Error as StudyError;
use sanad_study::tables::{learnt_table, path_table, quantile_table};

use crate::error::{Error, Result};
use crate::progress::Step;

pub(crate) fn run(request: &Simulate) -> Result<()> {
    request.out.as_deref().map_or(Ok(()), check_ending)?;
    request.learnt.as_deref().map_or(Ok(()), |path| check_ending_of("--learnt", path))?;
    let shares = shares(&request.quantiles)?;
    let fixed = numbered("--set", &request.set)?;
    check_members(request)?;
    let step = Step::begin("read and compile the model");
    let mut file = ModelFile::read(&request.model)?;
    respecify(&mut file, request);
    let vary = request.vary.as_deref().map(read_vary).transpose()?.unwrap_or_default();
    let plain = file.compile()?;
    let vary = expand(&file, &plain, vary)?;
    let fixed = single(&file, &plain, fixed)?;
    let fixed_values = fixed_values(&plain, &fixed, &vary);
    let model = if fixed_values.is_empty() {
        plain
    } else {
        Model::compile_with(&file.document, &Limits::default(), &fixed_values)
            .map_err(|source| file.fault(source))?
    };
    step.end(&format!("{} variables", model.variables().len()));
    for note in &file.document.notes {
        say!("note: {note}");
    }
    for name in fixed_values.keys() {
        say!(
            "note: the model computes {name}; it starts from what is given instead, and an auxiliary stays there"
        );
    }
    let run = prepare(&file, &model, request, &vary, &fixed)?;
    let table = match (&request.assimilate, &request.noise) {
        (Some(observations), Some(noise)) => {
            let files = RecordFiles { observations, noise };
            match request.learn {
                true => run.learnt(files, priors(vary, &fixed), &shares)?,
                false => run.assimilated(files, &shares)?,
            }
        }
        _ => run.table(&shares)?,
    };
    match &request.out {
        Some(path) => save(&table, request.format, path),
        None => print(&table, request.format),
    }
}

/// Puts the times asked for in place of the model's own.
fn respecify(file: &mut ModelFile, request: &Simulate) {
    let specs = &mut file.document.simulation;
    specs.start = request.start.unwrap_or(specs.start);
    specs.stop = request.stop.unwrap_or(specs.stop);
    if let Some(dt) = request.dt {
        (specs.dt, specs.dt_is_reciprocal) = (dt, false);
    }
}

/// Distributions by single variable: one of a whole array holds for each element that has none of
/// its own, and each element draws for itself.
fn expand(file: &ModelFile, model: &Model, vary: Vary) -> Result<Vary> {
    let mut expanded = Vary::default();
    for (name, distribution) in &vary.constants {
        let elements = elements(file, model, name)?;
        let is_array = elements.iter().all(|one| canonical_name(one) != canonical_name(name));
        for element in elements {
            let own = vary.constants.keys().any(|n| canonical_name(n) == canonical_name(&element));
            if !(is_array && own) {
                expanded.constants.insert(element, distribution.clone());
            }
        }
    }
    Ok(expanded)
}

fn elements(file: &ModelFile, model: &Model, name: &str) -> Result<Vec<String>> {
    let found = model.elements(name);
    if found.is_empty() {
        return Err(file.unknown(name, &model.variables()));
    }
    Ok(found)
}

/// What is set by hand, by single variable.
fn single(
    file: &ModelFile,
    model: &Model,
    given: Vec<(String, f64)>,
) -> Result<Vec<(String, f64)>> {
    let mut found = Vec::new();
    for (name, value) in given {
        found.extend(elements(file, model, &name)?.into_iter().map(|element| (element, value)));
    }
    Ok(found)
}

/// Variables that are set or varied though the model computes them.
fn fixed_values(model: &Model, fixed: &[(String, f64)], vary: &Vary) -> BTreeMap<String, f64> {
    let computed = |name: &String| model.constant(name).is_none();
    let varied = vary.constants.keys().filter(|name| computed(name));
    let set = fixed.iter().filter(|(name, _)| computed(name));
    varied.map(|name| (name.clone(), 0.0)).chain(set.cloned()).collect()
}

/// Distributions of what is to be learnt: what is set by hand stands above them.
fn priors(mut vary: Vary, fixed: &[(String, f64)]) -> Vary {
    let is_set = |name: &String| {
        fixed.iter().any(|(other, _)| canonical_name(other) == canonical_name(name))
    };
    vary.constants.retain(|name, _| !is_set(name));
    vary
}

/// What is run, and what is kept of it.
struct PreparedRun<'r> {
    file: &'r ModelFile,
    model: &'r Model,
    request: &'r Simulate,
    inputs: Inputs,
    /// What is set by hand.
    fixed: &'r [(String, f64)],
    settings: RunSettings,
    saved: Vec<String>,
}

/// Draws the members and looks at what may not be meant. What is set by hand stands above what is
/// drawn.
fn prepare<'r>(
    file: &'r ModelFile,
    model: &'r Model,
    request: &'r Simulate,
    vary: &Vary,
    fixed: &'r [(String, f64)],
) -> Result<PreparedRun<'r>> {
    let mut inputs = vary.draw(request.members, request.seed).map_err(|source| {
        Error::from(StudyError::Scenario {
            path: request.vary.clone().unwrap_or_default(),
            source: Box::new(source),
        })
    })?;
    for (name, value) in fixed {
        inputs = inputs.set(name, *value);
    }
    let settings = RunSettings {
        method: request.method.map(|method| match method {
            MethodName::Euler => Method::Euler,
            MethodName::Rk2 => Method::Rk2,
            MethodName::Rk4 => Method::Rk4,
        }),
        save_interval: request.save_every,
        seed: request.seed,
    };
    let saved = names(&request.save);
    for name in &saved {
        elements(file, model, name)?;
    }
    let step = Step::begin("look for delays shorter than a step");
    let members = request.members;
    let numerical = model.numerical_problems_reporting(members, &inputs, &settings, &step);
    step.clear();
    for problem in &numerical.map_err(|source| file.fault(source))? {
        say!("note: {problem}");
    }
    Ok(PreparedRun { file, model, request, inputs, fixed, settings, saved })
}

impl PreparedRun<'_> {
    fn saved(&self) -> Vec<&str> {
        self.saved.iter().map(String::as_str).collect()
    }

    /// One member's path, every member's, or quantiles over members.
    fn table(&self, shares: &[f64]) -> Result<Table> {
        let results = self.simulate()?;
        Ok(match (self.request.members, self.request.full) {
            (1, _) => path_table(&results, 1, false)?,
            (members, true) => path_table(&results, members, true)?,
            _ => quantile_table(&results.quantiles(shares))?,
        })
    }

    /// Runs the ensemble.
    fn simulate(&self) -> Result<Results> {
        let fault = |source| self.file.fault(source);
        let members = self.request.members;
        let step = Step::begin("simulate");
        let simulation = self.model.simulation(&self.saved(), &self.settings).map_err(fault)?;
        let results = simulation.run_reporting(members, &self.inputs, &step).map_err(fault)?;
        step.end(&format!("{members} members, {} rows each", results.times().len()));
        say_not_finite(&results);
        Ok(results)
    }

    /// The same for draws of constants and paths that a record teaches.
    fn learnt(&self, files: RecordFiles<'_>, priors: Vary, shares: &[f64]) -> Result<Table> {
        let inputs =
            self.fixed.iter().fold(Inputs::new(), |inputs, (name, value)| inputs.set(name, *value));
        let given = (&priors, &inputs);
        let found = files.learn(
            (self.file, self.model),
            &self.saved(),
            &self.settings,
            given,
            self.request,
        )?;
        if let Some(path) = &self.request.learnt {
            save(&learnt_table(&found.draws, shares)?, self.request.format, path)?;
        }
        Ok(if self.request.full {
            path_table(&found.lines, found.draws.paths.draws(), true)?
        } else {
            quantile_table(&found.lines.quantiles(shares))?
        })
    }

    /// The same for members that go through a record.
    fn assimilated(&self, files: RecordFiles<'_>, shares: &[f64]) -> Result<Table> {
        let members = self.request.members;
        let given = (members, &self.inputs);
        let found = files.assimilate(self.model, &self.saved(), &self.settings, given)?;
        Ok(if self.request.full {
            path_table(&found.lines(), members, true)?
        } else {
            quantile_table(&found.quantiles(shares))?
        })
    }
}

/// Says which variables are infinite or no number somewhere; the table has them as they are.
fn say_not_finite(results: &Results) {
    /// Variables that are named; one division by zero may reach hundreds.
    const NAMED: usize = 8;
    let found = results.not_finite();
    for problem in found.iter().take(NAMED) {
        say!("note: {problem}");
    }
    if found.len() > NAMED {
        say!("note: so are {} other variables", found.len() - NAMED);
    }
}

/// Refuses an ensemble without members, and a record for a single one.
fn check_members(request: &Simulate) -> Result<()> {
    let expected = match request.members {
        0 => "at least 1",
        1 if request.assimilate.is_some() => "at least 2 with --assimilate, better some hundreds",
        _ => return Ok(()),
    };
    Err(Error::Option { option: "--members", found: request.members.to_string(), expected })
}

fn shares(text: &str) -> Result<Vec<f64>> {
    let wrong = || Error::Option {
        option: "--quantiles",
        found: text.to_owned(),
        expected: "numbers from 0 to 1 joined by commas",
    };
    let shares: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse().map_err(|_| wrong()))
        .collect::<Result<_>>()?;
    let inside = shares.iter().all(|share| (0.0..=1.0).contains(share));
    if inside { Ok(shares) } else { Err(wrong()) }
}
