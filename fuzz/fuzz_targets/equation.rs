//! Any text as the equation of a variable among stocks, arrays, curves and macros.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_scenario::{Inputs, Limits, Model, RunSettings, read_xmile};

const SURROUNDINGS: &str =
    include_str!("../../crates/sanad-scenario/tests/it/malformed/seed.xmile");

fuzz_target!(|equation: &str| {
    let limits = Limits {
        operations: 20_000,
        array_elements: 2_000,
        steps: 2_000,
        kept_values: 1 << 20,
        ..Limits::default()
    };
    let Ok(mut document) = read_xmile(SURROUNDINGS.as_bytes(), &limits) else { return };
    for variable in &mut document.models[0].variables {
        if variable.name == "a" {
            variable.equations = vec![equation.to_owned()];
        }
    }
    let _ = document.check_units();
    let Ok(model) = Model::compile_with(&document, &limits, &Default::default()) else { return };
    let Ok(simulation) = model.simulation(&[], &RunSettings::default()) else { return };
    let _ = simulation.run(2, &Inputs::new());
});
