//! `sanad simulate`.

use std::path::Path;

use sanad_scenario::{Inputs, Limits, Method, Model, Results, RunSettings, Vary, read_xmile};
use sanad_store::{Columns, Table, export};

use crate::args::{MethodName, Simulate};
use crate::command::{check_ending, print};
use crate::error::{Error, Result};
use crate::progress::Step;

pub(crate) fn run(asked: &Simulate) -> Result<()> {
    asked.out.as_deref().map_or(Ok(()), check_ending)?;
    let shares = shares(&asked.quantiles)?;
    let fixed = settings(&asked.set)?;
    if asked.members == 0 {
        return Err(Error::Option {
            option: "--members",
            found: "0".to_owned(),
            expected: "at least 1",
        });
    }
    let step = Step::begin("read and compile the model");
    let model = compile(&asked.model)?;
    step.end(&format!("{} variables", model.variables().len()));
    let mut inputs = Inputs::new();
    if let Some(path) = &asked.vary {
        let drawn = read_vary(path)?.draw(asked.members, asked.seed);
        inputs = inputs.and(drawn.map_err(|source| of_file(path, source))?);
    }
    // What is set by hand stands above what is drawn.
    for (name, value) in &fixed {
        inputs = inputs.set(name, *value);
    }
    let run = RunSettings {
        method: asked.method.map(|method| match method {
            MethodName::Euler => Method::Euler,
            MethodName::Rk2 => Method::Rk2,
            MethodName::Rk4 => Method::Rk4,
        }),
        save_interval: asked.save_every,
        seed: asked.seed,
    };
    let names: Vec<&str> = asked
        .save
        .as_deref()
        .map_or_else(Vec::new, |list| list.split(',').map(str::trim).collect());
    let step = Step::begin("simulate");
    let simulation = model.simulation(&names, &run).map_err(|e| of_file(&asked.model, e))?;
    let results = simulation.run(asked.members, &inputs).map_err(|e| of_file(&asked.model, e))?;
    step.end(&format!("{} members, {} rows each", asked.members, results.times().len()));
    let table = match (asked.members, asked.full) {
        (1, _) => paths(&results, 1, false)?,
        (members, true) => paths(&results, members, true)?,
        _ => quantiles(&results, &shares)?,
    };
    match &asked.out {
        Some(path) => Ok(export::write_file(&table, None, path)?),
        None => print(&table, asked.format),
    }
}

/// Reads and compiles a model file.
pub(super) fn compile(path: &Path) -> Result<Model> {
    let document = read(path)?;
    Model::compile(&document).map_err(|source| of_file(path, source))
}

/// Reads a model file.
pub(super) fn read(path: &Path) -> Result<sanad_scenario::Document> {
    let bytes =
        std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    read_xmile(&bytes, &Limits::default()).map_err(|source| of_file(path, source))
}

pub(super) fn of_file(path: &Path, source: sanad_scenario::Error) -> Error {
    Error::Scenario { path: path.to_owned(), source: Box::new(source) }
}

fn read_vary(path: &Path) -> Result<Vary> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Read { path: path.to_owned(), source })?;
    toml::from_str(&text)
        .map_err(|source| Error::Vary { path: path.to_owned(), source: Box::new(source) })
}

fn settings(given: &[String]) -> Result<Vec<(String, f64)>> {
    given
        .iter()
        .map(|text| {
            let pair = text.split_once('=');
            let value = pair.and_then(|(name, value)| Some((name, value.trim().parse().ok()?)));
            value.map(|(name, value)| (name.trim().to_owned(), value)).ok_or_else(|| {
                Error::Option {
                    option: "--set",
                    found: text.clone(),
                    expected: "NAME=NUMBER, such as \"contact rate=4\"",
                }
            })
        })
        .collect()
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

/// One column per output, a row per member and saved time.
fn paths(results: &Results, members: usize, numbered: bool) -> Result<Table> {
    let rows = || (0..members).flat_map(|m| (0..results.times().len()).map(move |s| (m, s)));
    let mut columns = Columns::default();
    if numbered {
        columns = columns.int64("member", rows().map(|(m, _)| m as i64).collect::<Vec<_>>());
    }
    columns = columns.float64("time", rows().map(|(_, s)| results.times()[s]).collect::<Vec<_>>());
    for (output, name) in results.outputs().iter().enumerate() {
        let values: Vec<f64> = rows().map(|(m, s)| results.value(m, output, s)).collect();
        columns = columns.float64(name, values);
    }
    Ok(columns.finish()?)
}

/// A row per output, saved time and quantile, with the members whose value is no number.
fn quantiles(results: &Results, shares: &[f64]) -> Result<Table> {
    let found = results.quantiles(shares);
    let rows = || {
        let outputs = 0..results.outputs().len();
        outputs.flat_map(|o| {
            (0..results.times().len()).flat_map(move |s| (0..shares.len()).map(move |q| (o, s, q)))
        })
    };
    let times: Vec<f64> = rows().map(|(_, s, _)| results.times()[s]).collect();
    let missing: Vec<i64> = rows().map(|(o, s, _)| found.missing(o, s) as i64).collect();
    Ok(Columns::default()
        .text("variable", rows().map(|(o, ..)| Some(&results.outputs()[o])))
        .float64("time", times)
        .float64("quantile", rows().map(|(.., q)| shares[q]).collect::<Vec<_>>())
        .float64("value", rows().map(|(o, s, q)| found.at(o, s)[q]).collect::<Vec<_>>())
        .int64("members_without_value", missing)
        .finish()?)
}
