//! How often 90 % intervals hold the truth, over simulated experiments with known truth.
//!
//! `cargo run --release -p sanad-survey --example coverage -- [RUNS] [MODELS]` prints Markdown tables:
//! RUNS simulations of each design-based estimator, MODELS of the measurement model at fixed parameters.

#![allow(clippy::print_stdout, reason = "an example prints its tables")]

use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};
use sanad_survey::{
    ChainLengths, EndorsementExperiment, ListAnswer, ListExperiment, ModelShape, RespondentArms,
    SampleDesign, SupportModel, SupportParameters, SurveyEstimate,
};

const SEED: u64 = 20_091_101;
const GROUPS: usize = 2;
const QUESTIONS: usize = 4;
const RESPONDENTS: usize = 800;

fn main() {
    let number = |at: usize, usual: u32| {
        std::env::args().nth(at).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (runs, models) = (number(1, 4000), number(2, 400));
    println!("| estimator | sample | simulations | 90 % intervals that hold the truth |");
    println!("| --- | --- | ---: | ---: |");
    design_based(runs);
    println!();
    println!(
        "| quantity of the model | truth | simulations | 90 % intervals that hold the truth | mean error |"
    );
    println!("| --- | ---: | ---: | ---: | ---: |");
    measurement_model(models);
}

fn row(name: &str, sample: &str, held: &[bool]) {
    let share = held.iter().filter(|held| **held).count() as f64 / held.len() as f64;
    println!("| {name} | {sample} | {} | {:.1} % |", held.len(), 100.0 * share);
}

fn holds(found: &SurveyEstimate, truth: f64) -> bool {
    found.low <= truth && truth <= found.high
}

/// Endorsements pooled and by question, lists, and shares of clusters.
fn design_based(runs: u32) {
    let (shape, parameters) = world();
    // What the differences are in truth: means over a very large experiment.
    let truth = differences(&draw(&shape, &parameters, 400_000, 0), 400_000);
    let endorsements: Vec<[bool; 2]> = (1..=runs)
        .into_par_iter()
        .map(|set| {
            let experiment = draw(&shape, &parameters, RESPONDENTS, set);
            let design = SampleDesign::simple(RESPONDENTS).expect("a sample");
            let question = experiment.difference(&design, 0, 0).expect("arms of hundreds");
            // Pooled: what the same weights make of the true differences by question.
            let pooled = experiment.pooled(&design, 0).expect("arms of hundreds");
            let weight = |part: &SurveyEstimate| part.standard_error.powi(2).recip();
            let parts = &pooled.by_question;
            let sum: f64 = parts.iter().map(|(_, part)| weight(part)).sum();
            let expected =
                parts.iter().map(|(j, part)| weight(part) * truth[*j]).sum::<f64>() / sum;
            [holds(&question, truth[0]), holds(&pooled.estimate, expected)]
        })
        .collect();
    let sample = format!("{RESPONDENTS} respondents, {QUESTIONS} questions, {GROUPS} groups");
    let column = |at: usize| endorsements.iter().map(|it| it[at]).collect::<Vec<_>>();
    row("endorsement, one question", &sample, &column(0));
    row("endorsement, pooled", &sample, &column(1));
    let lists: Vec<bool> = (0..runs).into_par_iter().map(list).collect();
    row("list, difference in means", "600 respondents, 3 control items, truth 0.15", &lists);
    let shares: Vec<bool> = (0..runs).into_par_iter().map(share).collect();
    row(
        "share, stratified cluster sample",
        "40 clusters of 10 in 2 strata, unequal weights",
        &shares,
    );
}

/// Differences of group 0 by question.
fn differences(experiment: &EndorsementExperiment, respondents: usize) -> [f64; QUESTIONS] {
    let design = SampleDesign::simple(respondents).expect("a sample");
    core::array::from_fn(|j| experiment.difference(&design, j, 0).expect("large arms").value)
}

fn list(set: u32) -> bool {
    let mut stream = Streams::new(SEED, "lists").at(set, 0, 0);
    let answer = |i: usize, stream: &mut Stream| {
        let items = [0.2, 0.5, 0.6].iter().filter(|p| stream.open01() < **p).count();
        let is_treated = i.is_multiple_of(2);
        let sensitive = usize::from(is_treated && stream.open01() < 0.15);
        Some(ListAnswer { is_treated, count: items + sensitive })
    };
    let answers = (0..600).map(|i| answer(i, &mut stream)).collect();
    let experiment = ListExperiment::new(3, answers).expect("sound counts");
    let design = SampleDesign::simple(600).expect("a sample");
    holds(&experiment.difference(&design).expect("large arms"), 0.15)
}

/// Clusters whose trust differs; the second stratum has a quarter of the people and half the sample.
fn share(set: u32) -> bool {
    let mut stream = Streams::new(SEED, "shares").at(set, 0, 0);
    let (mut answers, mut weights) = (Vec::new(), Vec::new());
    let (mut strata, mut clusters) = (Vec::new(), Vec::new());
    for cluster in 0..40 {
        let stratum = cluster % 2;
        let trust = 0.2 + 0.3 * stream.open01() + 0.2 * f64::from(stratum);
        for _ in 0..10 {
            answers.push(Some(stream.open01() < trust));
            weights.push(if stratum == 0 { 3.0 } else { 1.0 });
            strata.push(stratum);
            clusters.push(cluster);
        }
    }
    let design = SampleDesign::new(weights, Some(strata), Some(clusters)).expect("a sample");
    // Means of 0.35 and 0.55, three people to one.
    holds(&design.share(&answers).expect("many clusters"), 0.4)
}

/// A world in which the first group's name raises and the second's lowers approval.
fn world() -> (ModelShape, SupportParameters) {
    let shape = ModelShape::new(vec![5; QUESTIONS], GROUPS, 1).expect("a shape");
    let mut parameters = shape.parameters(&vec![0.0; shape.dimension()]).expect("coordinates");
    parameters.support = vec![0.3, -0.4];
    parameters.support_on = vec![vec![0.1, 0.2, 0.4, 0.5], vec![-0.6, -0.5, -0.3, -0.2]];
    parameters.discrimination = vec![0.7, 0.9, 1.1, 1.4];
    (shape, parameters)
}

fn draw(
    shape: &ModelShape,
    parameters: &SupportParameters,
    number: usize,
    set: u32,
) -> EndorsementExperiment {
    let arm =
        |i: usize, j: usize| if i.is_multiple_of(2) { None } else { Some((i / 2 + j) % GROUPS) };
    let respondents: Vec<RespondentArms> = (0..number)
        .map(|i| RespondentArms {
            place: 0,
            arms: (0..QUESTIONS).map(|j| Some(arm(i, j))).collect(),
        })
        .collect();
    let mut stream = Streams::new(SEED, "answers").at(set, 0, 0);
    shape.simulate(parameters, &respondents, &mut stream).expect("a sound world")
}

/// The model's λ by question at fixed truths. θ is no fixed quantity of such a world: its λ are.
fn measurement_model(runs: u32) {
    let (shape, parameters) = world();
    let lengths = ChainLengths { chains: 2, warmup: 200, draws: 250 };
    let found: Vec<Vec<(bool, f64)>> = (1..=runs)
        .into_par_iter()
        .map(|set| {
            let experiment = draw(&shape, &parameters, RESPONDENTS, set);
            let model = SupportModel::new(&experiment, None).expect("a sound experiment");
            let streams = Streams::new(SEED + u64::from(set), "chains");
            let posterior = model.sample(lengths, streams).expect("chains that start");
            let one = |at: usize| {
                let (k, j) = (at / QUESTIONS, at % QUESTIONS);
                let truth = parameters.support_on[k][j];
                let estimate = posterior.support_on(k, j);
                let held = estimate.low <= truth && truth <= estimate.high;
                (held, estimate.value - truth)
            };
            (0..GROUPS * QUESTIONS).map(one).collect()
        })
        .collect();
    let mut all = 0;
    for at in 0..GROUPS * QUESTIONS {
        let (k, j) = (at / QUESTIONS, at % QUESTIONS);
        let held = found.iter().filter(|run| run[at].0).count();
        let error = found.iter().map(|run| run[at].1).sum::<f64>() / found.len() as f64;
        let truth = parameters.support_on[k][j];
        let share = 100.0 * held as f64 / found.len() as f64;
        all += held;
        println!(
            "| λ, group {k}, question {j} | {truth:.1} | {runs} | {share:.1} % | {error:+.3} |"
        );
    }
    let share = 100.0 * all as f64 / (found.len() * GROUPS * QUESTIONS) as f64;
    println!("| all eight | | {runs} | {share:.1} % | |");
}
