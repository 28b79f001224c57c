//! The model that the first case ships: it compiles, its units balance, it is small enough to read.
use sanad_scenario::{Limits, Model, RunSettings, read_xmile};

fn document() -> sanad_scenario::Document {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cases/pakistan/model.xmile");
    read_xmile(&std::fs::read(file).unwrap(), &Limits::default()).unwrap()
}

#[test]
fn units_of_the_case_model_balance_and_every_variable_has_one() {
    let report = document().check_units().unwrap();
    println!("{report:?}");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

#[test]
fn the_case_model_stays_in_range_and_under_120_variables() {
    let model = Model::compile(&document()).unwrap();
    let simulation = model.simulation(&[], &RunSettings::default()).unwrap();
    let results = simulation.run(1, &Default::default()).unwrap();
    for (at, name) in results.outputs().iter().enumerate() {
        let path = results.path(0, at);
        println!("{name} {:?}", path.iter().step_by(60).collect::<Vec<_>>());
        assert!(path.iter().all(|value| value.is_finite() && *value >= 0.0), "{name} {path:?}");
    }
}
