//! Behaviour of the engine from the outside.
#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::print_stdout)]

mod arrays;
mod assimilation;
mod closed_forms;
mod conformance;
mod constants;
mod devices;
mod ensembles;
mod examples;
mod functions;
mod gradients;
mod graphs;
mod inputs;
mod learning;
mod malformed;
mod modules;
mod mutations;
mod pakistan;
mod round_trip;
mod units;
mod vendors;

use sanad_scenario::{Inputs, Limits, Method, Model, Results, RunSettings, read_xmile};

/// A model file with these variables, from `start` to `stop`.
fn file(start: f64, stop: f64, dt: f64, body: &str) -> String {
    format!(
        r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
        <sim_specs time_units="Month"><start>{start}</start><stop>{stop}</stop><dt>{dt}</dt></sim_specs>
        {body}</xmile>"#
    )
}

fn variables(body: &str) -> String {
    format!("<model><variables>{body}</variables></model>")
}

fn compile(text: &str) -> Model {
    let document = read_xmile(text.as_bytes(), &Limits::default()).expect("readable XMILE");
    Model::compile(&document).unwrap_or_else(|fault| panic!("{fault}"))
}

fn run(model: &Model, method: Method) -> Results {
    let settings = RunSettings { method: Some(method), ..RunSettings::default() };
    let simulation = model.simulation(&[], &settings).expect("outputs");
    simulation.run(1, &Inputs::new()).expect("a run")
}

/// The path of a variable in a single Euler run of a model with these variables.
fn path(start: f64, stop: f64, dt: f64, body: &str, name: &str) -> Vec<f64> {
    let model = compile(&file(start, stop, dt, &variables(body)));
    of(&run(&model, Method::Euler), name)
}

fn of(results: &Results, name: &str) -> Vec<f64> {
    let output = results.output(name).unwrap_or_else(|| panic!("no {name}"));
    results.path(0, output)
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{found:?} is not {expected:?}");
    }
}
