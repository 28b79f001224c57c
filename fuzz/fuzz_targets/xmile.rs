//! Any bytes as an XMILE file: read, written and read again, compiled, checked and run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_scenario::{Inputs, Limits, Model, RunSettings, read_xmile, write_xmile};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits {
        operations: 20_000,
        array_elements: 2_000,
        steps: 2_000,
        kept_values: 1 << 20,
        ..Limits::default()
    };
    let Ok(document) = read_xmile(bytes, &limits) else { return };
    let written = write_xmile(&document);
    let again = read_xmile(written.as_bytes(), &limits).expect("own text is readable");
    assert_eq!(write_xmile(&again), written, "own text changes when read and written");
    let _ = document.check_units();
    let Ok(model) = Model::compile_with(&document, &limits, &Default::default()) else { return };
    let _ = model.causal_graph(50);
    let Ok(simulation) = model.simulation(&[], &RunSettings::default()) else { return };
    let _ = simulation.run(2, &Inputs::new());
});
