//! Time of an ensemble of the SIR sample, per member on one thread.
//!
//! `cargo run --release -p sanad-scenario --example sir_speed -- SIR.xmile MEMBERS REPEATS [OUT]`
//!
//! The varied constants are a low-discrepancy grid, the same as in the scripts this is compared
//! with; OUT receives the three stocks of every member at the last time, as text.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::time::Instant;

use sanad_scenario::{Inputs, Limits, Model, Results, RunSettings, read_xmile};

fn main() {
    let given: Vec<String> = std::env::args().collect();
    let (members, repeats): (usize, usize) =
        (given[2].parse().expect("members"), given[3].parse().expect("repeats"));
    let bytes = std::fs::read(&given[1]).expect("the model");
    let begun = Instant::now();
    let document = read_xmile(&bytes, &Limits::default()).expect("XMILE");
    let model = Model::compile(&document).expect("a model");
    let outputs = ["susceptible", "infectious", "recovered"];
    let simulation = model.simulation(&outputs, &RunSettings::default()).expect("outputs");
    println!("read and compiled in {:.3} ms", begun.elapsed().as_secs_f64() * 1e3);
    println!("{} instructions per step", simulation.instructions_per_step());
    let fraction = |member: usize, base: f64| (member as f64 * base).fract();
    let each = |low: f64, high: f64, base: f64| -> Vec<f64> {
        (0..members).map(|member| low + (high - low) * fraction(member, base)).collect()
    };
    let inputs = Inputs::new()
        .set_each("contact_infectivity", each(0.2, 0.5, 0.618_033_988_749_894_9))
        .set_each("duration", each(3.0, 8.0, 0.754_877_666_246_692_7));
    let pool = |threads: usize| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
    };
    let mut results = Results::default();
    pool(1).install(|| {
        for repeat in 0..repeats {
            let begun = Instant::now();
            simulation.run_into(members, &inputs, &mut results).expect("a run");
            let spent = begun.elapsed().as_secs_f64() * 1e3;
            println!("run {repeat}: {:.5} ms per member", spent / members as f64);
        }
    });
    if let Some(path) = given.get(4) {
        let last = results.times().len() - 1;
        let lines: Vec<String> = (0..members)
            .map(|member| {
                let stocks: Vec<String> = (0..3)
                    .map(|output| format!("{:e}", results.value(member, output, last)))
                    .collect();
                stocks.join(" ")
            })
            .collect();
        std::fs::write(path, lines.join("\n")).expect("the output file");
    }
}
