//! `sanad simulate`.

use std::collections::BTreeMap;

use sanad_scenario::{Limits, Method, Model, Results, RunSettings, Vary, canonical_name};

use crate::args::{MethodName, Simulate};
use crate::command::model::file::{ModelFile, names, read_vary};
use crate::command::{check_ending, numbered, print, save};
use crate::report::say;
use sanad_study::Error as StudyError;
use sanad_study::tables::{path_table, quantile_table};

use crate::error::{Error, Result};
use crate::progress::Step;

pub(crate) fn run(request: &Simulate) -> Result<()> {
    request.out.as_deref().map_or(Ok(()), check_ending)?;
    let shares = shares(&request.quantiles)?;
    let fixed = numbered("--set", &request.set)?;
    if request.members == 0 {
        return Err(Error::Option {
            option: "--members",
            found: "0".to_owned(),
            expected: "at least 1",
        });
    }
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
    let results = simulate(&file, &model, request, &vary, &fixed)?;
    let table = match (request.members, request.full) {
        (1, _) => path_table(&results, 1, false)?,
        (members, true) => path_table(&results, members, true)?,
        _ => quantile_table(&results, &shares)?,
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

/// Runs the ensemble. What is set by hand stands above what is drawn.
fn simulate(
    file: &ModelFile,
    model: &Model,
    request: &Simulate,
    vary: &Vary,
    fixed: &[(String, f64)],
) -> Result<Results> {
    let fault = |source| file.fault(source);
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
    let saved: Vec<&str> = saved.iter().map(String::as_str).collect();
    let step = Step::begin("look for delays shorter than a step");
    let members = request.members;
    let numerical = model.numerical_problems_reporting(members, &inputs, &settings, &step);
    step.clear();
    for problem in &numerical.map_err(fault)? {
        say!("note: {problem}");
    }
    let step = Step::begin("simulate");
    let simulation = model.simulation(&saved, &settings).map_err(fault)?;
    let results = simulation.run_reporting(members, &inputs, &step).map_err(fault)?;
    step.end(&format!("{members} members, {} rows each", results.times().len()));
    Ok(results)
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
