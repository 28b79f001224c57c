//! Runs one model file and prints its saved rows as comma-separated values.
//!
//! `cargo run -p sanad-scenario --example simulate -- MODEL.xmile [NAME=VALUE…] [euler|rk2|rk4]`
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use sanad_scenario::{Inputs, Limits, Method, Model, RunSettings, read_xmile};

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, Box<dyn std::error::Error>> {
    let mut given = std::env::args().skip(1);
    let path = given.next().ok_or("usage: simulate MODEL.xmile [NAME=VALUE…] [euler|rk2|rk4]")?;
    let document = read_xmile(&std::fs::read(path)?, &Limits::default())?;
    let model = Model::compile(&document)?;
    let (mut settings, mut inputs) = (RunSettings::default(), Inputs::new());
    for argument in given {
        match (argument.split_once('='), argument.as_str()) {
            (Some((name, value)), _) => inputs = inputs.set(name, value.parse()?),
            (None, "euler") => settings.method = Some(Method::Euler),
            (None, "rk2") => settings.method = Some(Method::Rk2),
            (None, "rk4") => settings.method = Some(Method::Rk4),
            (None, other) => return Err(format!("{other} is not understood").into()),
        }
    }
    let results = model.simulation(&[], &settings)?.run(1, &inputs)?;
    let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
    let names: Vec<String> = results.outputs().iter().map(quoted).collect();
    let mut lines = vec![format!("time,{}", names.join(","))];
    for (saved, time) in results.times().iter().enumerate() {
        let values = (0..names.len()).map(|output| results.value(0, output, saved).to_string());
        lines.push(format!("{time},{}", values.collect::<Vec<_>>().join(",")));
    }
    Ok(lines.join("\n"))
}
