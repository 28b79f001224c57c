//! Time of assimilating a long monthly record into a model.
//!
//! `cargo run --release -p sanad-scenario --example assimilate_speed -- MODEL.xmile START STOP MEMBERS REPEATS VARIABLE...`
//!
//! Noise of 5 % a month lies on every stock; each VARIABLE is observed
//! in every month as a negative binomial count around its own path in a run of one member. The
//! record is made here, so that nothing but the model is needed.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::time::Instant;

use sanad_scenario::{
    Inputs, Kind, Limits, Magnitude, Model, ObservationDensity, ObservationRecord, ProcessNoise,
    RunSettings, StateSpace, read_xmile,
};

fn main() {
    let given: Vec<String> = std::env::args().collect();
    let whole = |place: usize| given[place].parse::<usize>().expect("a whole number");
    let (members, repeats) = (whole(4), whole(5));
    let observed = &given[6..];
    let bytes = std::fs::read(&given[1]).expect("the model");
    let mut document = read_xmile(&bytes, &Limits::default()).expect("XMILE");
    document.simulation.start = given[2].parse().expect("a start");
    document.simulation.stop = given[3].parse().expect("a stop");
    let model = Model::compile(&document).expect("a model");
    let names: Vec<&str> = observed.iter().map(String::as_str).collect();
    let path = model.simulation(&names, &RunSettings::default()).expect("outputs");
    let path = path.run(1, &Inputs::new()).expect("a run");

    let mut space = StateSpace::default();
    for variable in document.models.iter().flat_map(|part| &part.variables) {
        if matches!(variable.kind, Kind::Stock) {
            let noise = ProcessNoise::LogNormal { sigma: Magnitude::Number(0.05) };
            space.stocks.insert(variable.name.clone(), noise);
        }
    }
    let mut record = ObservationRecord { times: path.times().to_vec(), ..Default::default() };
    for (output, name) in path.outputs().iter().enumerate() {
        let dispersion = Magnitude::Number(0.5);
        space
            .observations
            .insert(name.clone(), ObservationDensity::NegativeBinomial { dispersion });
        let counts = path.path(0, output).into_iter().map(|value| Some(value.round()));
        record.series.insert(name.clone(), counts.collect());
    }
    println!(
        "{} stocks with noise, {} observations in {} months",
        space.stocks.len(),
        record.observed(),
        record.times.len()
    );
    let assimilation =
        model.assimilation(&names, &space, &RunSettings::default()).expect("a filter");
    for repeat in 0..repeats {
        let begun = Instant::now();
        let found = assimilation.run(members, &Inputs::new(), &record).expect("a run");
        let spent = begun.elapsed().as_secs_f64();
        println!("run {repeat}: {spent:.3} s, log evidence {:.1}", found.log_evidence());
    }
}
