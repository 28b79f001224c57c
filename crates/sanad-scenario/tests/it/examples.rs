//! The example models of the documentation compile, balance and stay in range.
#![allow(clippy::disallowed_methods)]

use sanad_scenario::{Limits, Model, RunSettings, read_xmile};

fn example(name: &str) -> sanad_scenario::Document {
    let file = format!("{}/../../docs/examples/{name}", env!("CARGO_MANIFEST_DIR"));
    read_xmile(&std::fs::read(file).unwrap(), &Limits::default()).unwrap()
}

#[test]
fn units_balance_and_every_variable_has_one() {
    for name in ["grievance.xmile", "legitimacy-draft.xmile"] {
        let report = example(name).check_units().unwrap();
        assert!(report.problems.is_empty(), "{name}: {:?}", report.problems);
        assert!(report.without_units.is_empty(), "{name}: {:?}", report.without_units);
    }
}

#[test]
fn nothing_falls_below_zero_or_leaves_the_numbers() {
    for name in ["grievance.xmile", "legitimacy-draft.xmile"] {
        let model = Model::compile(&example(name)).unwrap();
        let simulation = model.simulation(&[], &RunSettings::default()).unwrap();
        let results = simulation.run(1, &Default::default()).unwrap();
        for (at, output) in results.outputs().iter().enumerate() {
            let path = results.path(0, at);
            assert!(path.iter().all(|x| x.is_finite() && *x >= 0.0), "{name}, {output}");
        }
    }
}
