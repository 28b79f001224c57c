//! Simulation-based calibration of the posterior (S. Talts, M. Betancourt, D. Simpson, A. Vehtari &
//! A. Gelman, 2018): worlds drawn from the priors, sampled as unknown. The rank of the truth among
//! the draws must be uniform.
//!
//! `cargo run -p sanad-cycle --example posterior_ranks -- [SETS]` prints a Markdown table.
//!
//! A data set may be left out for what is in it (too few or too many events, a search that does not
//! end) without harm to the ranks, because that is known of the data alone.

#![allow(clippy::print_stdout, reason = "an example prints its tables")]

use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use sanad_core::random::{Stream, Streams};
use sanad_cycle::discrete::{
    Background, Extent, Kernel, Sampling, Series, Settings, World, fit, sample_posterior,
};
use sanad_cycle::{Matrix, ks_uniform, spectral_radius};

const SEED: u64 = 20_241_127;
const EXTENT: Extent = Extent { kinds: 2, places: 1, days: 730 };
const SHORTEST_DAYS: f64 = 1.0;
const LONGEST_DAYS: f64 = 14.0;
const HORIZON_DAYS: usize = 28;
const FEWEST_EVENTS: usize = 40;
const MOST_EVENTS: usize = 6000;
/// Draws that a rank is taken among: every tenth, so that they are nearly independent.
const RANKED: usize = 100;
const SAMPLING: Sampling = Sampling { chains: 4, warmup: 300, draws: 250 };
const NAMES: [&str; 5] = ["n₀₀", "n₀₁", "n₁₀", "n₁₁", "spectral radius"];

fn main() {
    let sets = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(100);
    let found: Vec<([f64; 5], f64, u32)> = (0..sets).into_par_iter().filter_map(ranks).collect();
    println!(
        "| quantity | truth below the 5 % quantile | 25 % | 50 % | 75 % | 95 % | KS p | sets |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (k, name) in NAMES.iter().enumerate() {
        let values: Vec<f64> = found.iter().map(|(ranks, ..)| ranks[k]).collect();
        let below = |share: f64| {
            let count = values.iter().filter(|v| **v < share).count();
            format!("{:.1}", 100.0 * count as f64 / values.len() as f64)
        };
        let shares: Vec<String> = [0.05, 0.25, 0.5, 0.75, 0.95].map(below).to_vec();
        let p = ks_uniform(&values).p_value;
        println!("| {name} | {} | {p:.2} | {} |", shares.join(" | "), values.len());
    }
    let mut r_hats: Vec<f64> = found.iter().map(|(_, r_hat, _)| *r_hat).collect();
    r_hats.sort_by(f64::total_cmp);
    let divergent = found.iter().filter(|(.., divergences)| *divergences > 0).count();
    println!();
    println!(
        "R̂: median {:.3}, largest {:.3}; sets with a divergence: {divergent} of {}",
        r_hats[r_hats.len() / 2],
        r_hats[r_hats.len() - 1],
        r_hats.len()
    );
}

/// Ranks of one set's truths, in (0, 1), with the largest R̂ and the number of divergences.
fn ranks(set: u32) -> Option<([f64; 5], f64, u32)> {
    let mut stream = Streams::new(SEED, "world").at(set, 0, 0);
    let (truth, series) = world(&mut stream);
    let settings = Settings {
        kernel: Kernel::Geometric {
            shortest_days: SHORTEST_DAYS,
            longest_days: LONGEST_DAYS,
            horizon_days: HORIZON_DAYS,
            shared: false,
        },
        background: Background { knot_days: Some(182.5), harmonics: 0, ..Background::default() },
        ..Settings::default()
    };
    let fitted = fit(&series, &settings).ok()?;
    let streams = Streams::new(SEED + u64::from(set), "chains");
    let posterior = sample_posterior(&series, &settings, &fitted, SAMPLING, streams).ok()?;
    let mut rank = |truth: f64, draws: &[f64]| {
        let every = draws.len() / RANKED;
        let below = draws.iter().step_by(every).filter(|draw| **draw < truth).count();
        (below as f64 + stream.open01()) / (RANKED as f64 + 1.0)
    };
    let mut out = [0.0; 5];
    for k in 0..4 {
        out[k] = rank(truth[(k / 2, k % 2)], &posterior.coefficient(k / 2, k % 2));
    }
    out[4] = rank(spectral_radius(&truth), &posterior.spectral_radius);
    Some((out, posterior.mixing.largest_r_hat, posterior.mixing.divergences))
}

/// A world of the priors with a usable number of events: its branching matrix and its records.
fn world(stream: &mut Stream) -> (Matrix, Series) {
    loop {
        let mut normal = || -> f64 { StandardNormal.sample(stream) };
        let truth: Vec<Vec<f64>> =
            (0..2).map(|_| (0..2).map(|_| normal().abs()).collect()).collect();
        let mut within = |mean: f64, deviation: f64, low: f64, high: f64| loop {
            let value = (mean + deviation * normal()).exp();
            if (low..high).contains(&value) {
                return value;
            }
        };
        let mut kernel = |n: f64| {
            let half_life = within(7.0_f64.ln(), 1.5, SHORTEST_DAYS, LONGEST_DAYS);
            let fall = 0.5_f64.powf(1.0 / half_life);
            let scale = n * (1.0 - fall) / (1.0 - fall.powi(HORIZON_DAYS as i32));
            (0..HORIZON_DAYS).map(|lag| scale * fall.powi(lag as i32)).collect::<Vec<f64>>()
        };
        let kernels: Vec<Vec<Vec<f64>>> =
            truth.iter().map(|row| row.iter().map(|&n| kernel(n)).collect()).collect();
        let sizes = (0..2).map(|_| Some(within(3.0_f64.ln(), 2.0, 1e-3, 1e5))).collect();
        let background = (0..2).map(|_| trend(0.5 * normal(), normal())).collect();
        let world = World::new(EXTENT, background, kernels, sizes).expect("a valid world");
        let Ok(series) = world.simulate(MOST_EVENTS, stream) else { continue };
        if (0..2).all(|kind| series.total(kind) >= FEWEST_EVENTS) {
            return (Matrix::from_rows(&truth), series);
        }
    }
}

/// A background rate that swings slowly about one event in three days.
fn trend(level: f64, phase: f64) -> Vec<f64> {
    (0..EXTENT.days)
        .map(|day| {
            let turn = core::f64::consts::TAU * day as f64 / EXTENT.days as f64 + phase;
            0.33 * (level + 0.5 * turn.sin()).exp()
        })
        .collect()
}
