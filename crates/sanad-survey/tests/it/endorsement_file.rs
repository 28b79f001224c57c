//! The published endorsement experiment of 2009 in Pakistan, where its file is at hand.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "tests look for files and say so"
)]

use std::path::PathBuf;

use sanad_core::random::Streams;
use sanad_survey::{
    ChainLengths, EndorsementAnswer, EndorsementExperiment, EndorsementQuestion, PooledDifference,
    SampleDesign, SupportEstimate, SupportModel,
};

const QUESTIONS: [&str; 4] = ["Polio", "FCR", "Durand", "Curriculum"];
const GROUPS: [&str; 4] = ["b", "c", "d", "e"];

fn experiment() -> Option<EndorsementExperiment> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var("SANAD_DATA").map_or(root, PathBuf::from);
    let path = data.join("surveys/pakistan_endorsement_2009.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: the endorsement experiment of 2009 is not at hand (SANAD_DATA)");
        return None;
    };
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let rows: Vec<Vec<&str>> = lines.collect();
    let column = |name: String| header.iter().position(|have| *have == name).unwrap();
    let question = |name: &&str| {
        let control = [(None, column(format!("{name}.a")))];
        let named =
            GROUPS.iter().enumerate().map(|(k, g)| (Some(k), column(format!("{name}.{g}"))));
        let arms: Vec<(Option<usize>, usize)> = control.into_iter().chain(named).collect();
        let answer = |row: &Vec<&str>| {
            arms.iter().find_map(|&(endorser, at)| {
                let category = row[at].parse::<f64>().ok()? as usize - 1;
                Some(EndorsementAnswer { endorser, category })
            })
        };
        EndorsementQuestion { categories: 5, answers: rows.iter().map(answer).collect() }
    };
    Some(EndorsementExperiment::new(4, QUESTIONS.iter().map(question).collect()).unwrap())
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[test]
fn control_means_are_the_published_ones() {
    let Some(experiment) = experiment() else { return };
    let design = SampleDesign::simple(experiment.respondents()).unwrap();
    let means = [0, 1, 2, 3].map(|j| experiment.control_mean(&design, j).unwrap());
    assert_eq!(means.map(|mean| rounded(mean.value)), [4.315, 3.802, 3.693, 3.963]);
    assert_eq!((experiment.respondents(), means[0].respondents), (5212, 2662));
}

/// What pooling gives when every question's difference and error are rounded to three decimals first.
fn pooled_from_rounded(pooled: &PooledDifference) -> f64 {
    let parts = pooled
        .by_question
        .iter()
        .map(|(_, part)| (rounded(part.value), rounded(part.standard_error).powi(2).recip()));
    let (sum, precision) = parts.fold((0.0, 0.0), |(s, p), (d, w)| (s + w * d, p + w));
    sum / precision
}

#[test]
fn pooled_differences_are_the_known_ones_to_three_decimals() {
    let Some(experiment) = experiment() else { return };
    let design = SampleDesign::simple(experiment.respondents()).unwrap();
    let pooled = [0, 1, 2, 3].map(|k| experiment.pooled(&design, k).unwrap());
    assert_eq!(
        pooled.each_ref().map(|each_ref| rounded(each_ref.estimate.value)),
        [-0.046, -0.077, -0.05, -0.039]
    );
    let independent =
        pooled.each_ref().map(|each_ref| rounded(each_ref.standard_error_if_independent));
    assert_eq!(independent, [0.024, 0.025, 0.025, 0.025]);
    // The last is −0.0393, and −0.0399 when it is pooled from rounded differences, as tables are.
    assert_eq!(
        pooled.each_ref().map(|each_ref| rounded(pooled_from_rounded(each_ref))),
        [-0.046, -0.077, -0.05, -0.04]
    );
    // Those who were told of no group answer all four questions: their answers go together.
    for found in &pooled {
        let ratio = found.estimate.standard_error / found.standard_error_if_independent;
        assert!((1.0..1.2).contains(&ratio), "{ratio}");
    }
}

/// Takes a minute or more: `cargo test --release -p sanad-survey --test it -- --ignored --nocapture`.
#[test]
#[ignore = "samples a model of 5,212 respondents"]
fn the_measurement_model_agrees_that_names_lower_approval() {
    let Some(experiment) = experiment() else { return };
    let model = SupportModel::new(&experiment, None).unwrap();
    let streams = Streams::new(2009, "endorsement model");
    let posterior = model.sample(ChainLengths::default(), streams).unwrap();
    println!("{:?}", posterior.mixing);
    for (k, group) in GROUPS.iter().enumerate() {
        let support = posterior.support(k);
        let mean = posterior.support_over_questions(k);
        let show = |support_estimate: SupportEstimate| {
            format!(
                "{:.3} | {:.3} to {:.3}",
                support_estimate.value, support_estimate.low, support_estimate.high
            )
        };
        println!("| {group} | {} | {} |", show(support), show(mean));
        assert!(support.value < 0.0 && mean.value < 0.0, "{support:?} {mean:?}");
    }
    assert!(posterior.mixing.is_good());
}
