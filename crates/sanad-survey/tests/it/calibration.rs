//! Simulation-based calibration of the measurement model (S. Talts, M. Betancourt, D. Simpson, A. Vehtari &
//! A. Gelman, 2018), a short run; `examples/rank_statistics.rs` has the long one.

use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_survey::{ChainLengths, ModelShape, RespondentArms, SupportModel};

/// Respondents of whom half hear no name and the others a group per question, as in the experiment of 2009.
fn respondents(number: usize, questions: usize, groups: usize) -> Vec<RespondentArms> {
    let arm =
        |i: usize, j: usize| if i.is_multiple_of(2) { None } else { Some((i / 2 + j) % groups) };
    let one =
        |i| RespondentArms { place: 0, arms: (0..questions).map(|j| Some(arm(i, j))).collect() };
    (0..number).map(one).collect()
}

/// Ranks, in (0, 1), of the true support for each group among posterior draws.
fn ranks(set: u32) -> Vec<f64> {
    let shape = ModelShape::new(vec![3, 4], 2, 1).unwrap();
    let mut stream = Streams::new(21, "truth").at(set, 0, 0);
    let z: Vec<f64> = (0..shape.dimension()).map(|_| StandardNormal.sample(&mut stream)).collect();
    let truth = shape.parameters(&z).unwrap();
    let experiment = shape.simulate(&truth, &respondents(120, 2, 2), &mut stream).unwrap();
    let model = SupportModel::new(&experiment, None).unwrap();
    let lengths = ChainLengths { chains: 2, warmup: 120, draws: 100 };
    let posterior = model.sample(lengths, Streams::new(u64::from(set), "chains")).unwrap();
    let mut rank = |k: usize| {
        let draws = posterior.draws.iter().step_by(4);
        let below = draws.filter(|draw| draw.support[k] < truth.support[k]).count();
        (below as f64 + stream.open01()) / 51.0
    };
    vec![rank(0), rank(1)]
}

#[test]
fn the_truth_has_any_rank_among_the_draws() {
    let ranks: Vec<f64> = (0..32).into_par_iter().flat_map_iter(ranks).collect();
    let mean = ranks.iter().sum::<f64>() / ranks.len() as f64;
    let spread = ranks.iter().map(|rank| (rank - mean).powi(2)).sum::<f64>() / ranks.len() as f64;
    // A uniform law has mean 1/2 and variance 1/12; 64 ranks know them to 0.04 and 0.009.
    assert!((mean - 0.5).abs() < 0.12, "{mean}");
    assert!((spread - 1.0 / 12.0).abs() < 0.025, "{spread}");
}

#[test]
fn draws_are_the_same_on_any_number_of_threads() {
    let shape = ModelShape::new(vec![3, 3], 1, 1).unwrap();
    let truth = shape.parameters(&vec![0.3; shape.dimension()]).unwrap();
    let mut stream = Streams::new(22, "truth").at(0, 0, 0);
    let experiment = shape.simulate(&truth, &respondents(60, 2, 1), &mut stream).unwrap();
    let model = SupportModel::new(&experiment, None).unwrap();
    let lengths = ChainLengths { chains: 3, warmup: 30, draws: 20 };
    let sampled = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| model.sample(lengths, Streams::new(5, "threads")).unwrap().draws)
    };
    assert_eq!(sampled(1), sampled(2));
}

#[test]
fn support_is_found_where_the_sample_is_large() {
    let shape = ModelShape::new(vec![5; 4], 2, 1).unwrap();
    let mut truth = shape.parameters(&vec![0.0; shape.dimension()]).unwrap();
    truth.support_on = vec![vec![0.8; 4], vec![-0.8; 4]];
    let mut stream = Streams::new(23, "truth").at(0, 0, 0);
    let experiment = shape.simulate(&truth, &respondents(800, 4, 2), &mut stream).unwrap();
    let model = SupportModel::new(&experiment, None).unwrap();
    let lengths = ChainLengths { chains: 2, warmup: 200, draws: 150 };
    let posterior = model.sample(lengths, Streams::new(6, "chains")).unwrap();
    let [support, rejection] = [0, 1].map(|k| posterior.support(k));
    assert!((support.value - 0.8).abs() < 0.4 && support.low > 0.2, "{support:?}");
    assert!((rejection.value + 0.8).abs() < 0.4 && rejection.high < -0.2, "{rejection:?}");
    assert!(posterior.mixing.largest_r_hat < 1.1, "{:?}", posterior.mixing);
}
