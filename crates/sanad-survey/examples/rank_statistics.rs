//! Simulation-based calibration of the measurement model (S. Talts, M. Betancourt, D. Simpson, A. Vehtari &
//! A. Gelman, "Validating Bayesian inference algorithms with simulation-based calibration", 2018): parameters
//! drawn from the priors, answers drawn from them with every attitude drawn, and the posterior sampled as if
//! nothing were known. The rank of the truth among the draws must be uniform.
//!
//! `cargo run --release -p sanad-survey --example rank_statistics -- [SETS]` prints a Markdown table.

#![allow(clippy::print_stdout, reason = "an example prints its tables")]

use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_survey::{ChainLengths, ModelShape, RespondentArms, SupportModel, SupportParameters};
use statrs::distribution::{ChiSquared, ContinuousCDF};

const SEED: u64 = 20_110_401;
const QUESTIONS: usize = 3;
const GROUPS: usize = 2;
const PLACES: usize = 3;
const RESPONDENTS: usize = 360;
/// Draws that a rank is taken among: every tenth, so that they are nearly independent.
const RANKED: usize = 99;
const BINS: usize = 10;
const LENGTHS: ChainLengths = ChainLengths { chains: 2, warmup: 300, draws: 495 };

/// A quantity whose rank is taken.
type Quantity = (&'static str, fn(&SupportParameters) -> f64);

const QUANTITIES: [Quantity; 9] = [
    ("θ, group 0", |p| p.support[0]),
    ("θ, group 1", |p| p.support[1]),
    ("λ, group 0, question 0", |p| p.support_on[0][0]),
    ("λ, group 1, question 2", |p| p.support_on[1][2]),
    ("θ + γ, group 0, place 1", |p| p.support[0] + p.support_in[0][1]),
    ("ω, group 0", |p| p.respondent_spread[0]),
    ("β, question 1", |p| p.discrimination[1]),
    ("first cut, question 0", |p| p.cuts[0][0]),
    ("σ of places", |p| p.attitude_spread),
];

fn main() {
    let sets = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(400);
    let found: Vec<(Vec<usize>, f64, u32)> = (0..sets).into_par_iter().map(ranks).collect();
    println!(
        "| quantity | ranks in ten equal bins | χ² with 9 degrees of freedom, p | truth in the 90 % interval |"
    );
    println!("| --- | --- | ---: | ---: |");
    for (at, (name, _)) in QUANTITIES.iter().enumerate() {
        let mut bins = [0_usize; BINS];
        found.iter().for_each(|(ranks, ..)| bins[ranks[at] * BINS / (RANKED + 1)] += 1);
        let expected = found.len() as f64 / BINS as f64;
        let statistic: f64 =
            bins.iter().map(|&count| (count as f64 - expected).powi(2) / expected).sum();
        let law = ChiSquared::new(BINS as f64 - 1.0).expect("degrees of freedom");
        // Ranks 5 to 94 of 0 to 99 are the middle nine tenths.
        let inside = found.iter().filter(|(ranks, ..)| (5..95).contains(&ranks[at])).count();
        let bins: Vec<String> = bins.iter().map(ToString::to_string).collect();
        println!(
            "| {name} | {} | {:.2} | {:.1} % |",
            bins.join(" "),
            1.0 - law.cdf(statistic),
            100.0 * inside as f64 / found.len() as f64
        );
    }
    let mut r_hats: Vec<f64> = found.iter().map(|(_, r_hat, _)| *r_hat).collect();
    r_hats.sort_by(f64::total_cmp);
    let divergent = found.iter().filter(|(.., divergences)| *divergences > 0).count();
    println!();
    println!(
        "{sets} data sets of {RESPONDENTS} respondents, {QUESTIONS} questions, {GROUPS} groups and {PLACES} \
         places. R̂: median {:.3}, largest {:.3}; sets with a divergence: {divergent}",
        r_hats[r_hats.len() / 2],
        r_hats[r_hats.len() - 1]
    );
}

/// Ranks of one set's truths among the posterior draws, with the largest R̂ and the divergences.
fn ranks(set: u32) -> (Vec<usize>, f64, u32) {
    let shape = ModelShape::new(vec![4; QUESTIONS], GROUPS, PLACES).expect("a shape");
    let mut stream = Streams::new(SEED, "truth").at(set, 0, 0);
    let z: Vec<f64> = (0..shape.dimension()).map(|_| StandardNormal.sample(&mut stream)).collect();
    let truth = shape.parameters(&z).expect("coordinates");
    let arm =
        |i: usize, j: usize| if i.is_multiple_of(2) { None } else { Some((i / 2 + j) % GROUPS) };
    let respondents: Vec<RespondentArms> = (0..RESPONDENTS)
        .map(|i| RespondentArms {
            place: i / 4 % PLACES,
            arms: (0..QUESTIONS).map(|j| Some(arm(i, j))).collect(),
        })
        .collect();
    let experiment = shape.simulate(&truth, &respondents, &mut stream).expect("a sound world");
    let places: Vec<usize> = respondents.iter().map(|respondent| respondent.place).collect();
    let model = SupportModel::new(&experiment, Some(&places)).expect("a sound experiment");
    let streams = Streams::new(SEED + u64::from(set), "chains");
    let posterior = model.sample(LENGTHS, streams).expect("chains that start");
    let every = posterior.draws.len() / RANKED;
    let rank = |(_, quantity): &Quantity| {
        let draws = posterior.draws.iter().step_by(every).take(RANKED);
        draws.filter(|draw| quantity(draw) < quantity(&truth)).count()
    };
    let ranks = QUANTITIES.iter().map(rank).collect();
    (ranks, posterior.mixing.largest_r_hat, posterior.mixing.divergences)
}
