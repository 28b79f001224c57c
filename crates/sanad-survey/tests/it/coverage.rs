//! Intervals over simulated samples with known truth. Short runs; `examples/coverage.rs` has the long ones.

use rand_distr::{Distribution, StandardNormal};
use sanad_core::random::{Stream, Streams};
use sanad_survey::{
    ListAnswer, ListExperiment, ModelShape, RespondentArms, SampleDesign, SurveyEstimate,
};

/// Whether an interval holds the truth.
fn holds(found: &SurveyEstimate, truth: f64) -> bool {
    found.low <= truth && truth <= found.high
}

/// Asserts that a share of `runs` lies where chance puts 90 % coverage, 3 standard errors and a point wide.
fn assert_near_90(what: &str, held: usize, runs: usize) {
    let share = held as f64 / runs as f64;
    let reach = 3.0 * (0.09 / runs as f64).sqrt() + 0.01;
    assert!((share - 0.9).abs() < reach, "{what}: {share} of {runs}");
}

#[test]
fn shares_of_cluster_samples_are_covered() {
    const RUNS: usize = 600;
    let run = |set: u32| {
        let mut stream = Streams::new(11, "clusters").at(set, 0, 0);
        let (mut answers, mut strata, mut clusters) = (Vec::new(), Vec::new(), Vec::new());
        for cluster in 0..40 {
            // Trust differs between clusters by a uniform law about 0.3 and 0.5.
            let stratum = cluster % 2;
            let trust = 0.15 + 0.3 * stream.open01() + 0.2 * f64::from(stratum);
            for _ in 0..8 {
                answers.push(Some(stream.open01() < trust));
                strata.push(stratum);
                clusters.push(cluster);
            }
        }
        let weights = vec![1.0; answers.len()];
        let design = SampleDesign::new(weights, Some(strata), Some(clusters)).unwrap();
        holds(&design.share(&answers).unwrap(), 0.4)
    };
    let held = (0..RUNS as u32).filter(|&set| run(set)).count();
    assert_near_90("shares", held, RUNS);
}

#[test]
fn list_experiments_are_covered() {
    const RUNS: usize = 600;
    let run = |set: u32| {
        let mut stream = Streams::new(12, "lists").at(set, 0, 0);
        let answer = |i: usize, stream: &mut Stream| {
            let items = [0.3, 0.5, 0.7].iter().filter(|p| stream.open01() < **p).count();
            let is_treated = i.is_multiple_of(2);
            let sensitive = usize::from(is_treated && stream.open01() < 0.2);
            Some(ListAnswer { is_treated, count: items + sensitive })
        };
        let answers = (0..400).map(|i| answer(i, &mut stream)).collect();
        let experiment = ListExperiment::new(3, answers).unwrap();
        holds(&experiment.difference(&SampleDesign::simple(400).unwrap()).unwrap(), 0.2)
    };
    let held = (0..RUNS as u32).filter(|&set| run(set)).count();
    assert_near_90("lists", held, RUNS);
}

#[test]
fn pooled_differences_of_answers_that_go_together_are_covered() {
    const RUNS: usize = 400;
    let shape = ModelShape::new(vec![5; 4], 1, 1).unwrap();
    // A name that moves nobody: the true difference is 0 whatever the answers' spread.
    let mut parameters = shape.parameters(&vec![0.0; shape.dimension()]).unwrap();
    parameters.support_on[0] = vec![0.0; 4];
    parameters.respondent_spread[0] = 0.0;
    parameters.discrimination = vec![1.5; 4];
    let respondents: Vec<RespondentArms> = (0..400_usize)
        .map(|i| RespondentArms { place: 0, arms: vec![Some(i.is_multiple_of(2).then_some(0)); 4] })
        .collect();
    let design = SampleDesign::simple(400).unwrap();
    let run = |set: u32| {
        let mut stream = Streams::new(13, "endorsements").at(set, 0, 0);
        let experiment = shape.simulate(&parameters, &respondents, &mut stream).unwrap();
        let pooled = experiment.pooled(&design, 0).unwrap();
        let reach = 1.645 * pooled.standard_error_if_independent;
        (holds(&pooled.estimate, 0.0), pooled.estimate.value.abs() <= reach)
    };
    let runs: Vec<(bool, bool)> = (0..RUNS as u32).map(run).collect();
    let held = runs.iter().filter(|(held, _)| *held).count();
    assert_near_90("pooled differences", held, RUNS);
    let naive = runs.iter().filter(|(_, held)| *held).count() as f64 / RUNS as f64;
    assert!(naive < 0.8, "errors as if questions were independent are too small: {naive}");
}

#[test]
fn a_mean_of_normal_values_is_covered_with_few_clusters() {
    const RUNS: usize = 600;
    let run = |set: u32| {
        let mut stream = Streams::new(14, "means").at(set, 0, 0);
        let mut normal = || -> f64 { StandardNormal.sample(&mut stream) };
        let mut values = Vec::new();
        for _ in 0..6 {
            let centre = normal();
            values.extend((0..5).map(|_| Some(centre + normal())));
        }
        let clusters = (0..30).map(|i| i / 5).collect();
        let design = SampleDesign::new(vec![1.0; 30], None, Some(clusters)).unwrap();
        holds(&design.mean(&values).unwrap(), 0.0)
    };
    let held = (0..RUNS as u32).filter(|&set| run(set)).count();
    assert_near_90("means", held, RUNS);
}
