//! Recovery study: worlds of known truth, fitted as unknown.
//!
//! `cargo run --release -p sanad-cycle --example recovery -- [SETS] [FAMILY…]` prints one Markdown
//! table row per quantity. The numbers in `docs/cycle-calibration.md` come from here.

#![allow(clippy::print_stdout, reason = "an example prints its tables")]

use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_cycle::continuous::{self, Decays, Events, FitSettings, Hawkes, Quantity, profile_fall};
use sanad_cycle::discrete::{
    Background, Counts, Extent, Kernel, Profile, Series, Settings, World, fit, link_test,
};
use sanad_cycle::{LARGEST_FALL, Links, Matrix};

const SEED: u64 = 20_240_615;
const DAYS: usize = 3000;
/// Links (target, source) of two kinds.
const LINKS: [(usize, usize); 4] = [(0, 0), (0, 1), (1, 0), (1, 1)];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let sets = arguments.first().and_then(|a| a.parse().ok()).unwrap_or(500);
    let wanted = |name: &str| arguments.len() < 2 || arguments[1..].iter().any(|a| a == name);
    println!(
        "| family | quantity | truth | mean | bias % | normal interval covers | profile: bias % | profile interval covers | sets |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (name, process, span) in continuous_families() {
        if wanted(name) {
            recover_continuous(name, &process, span, sets);
        }
    }
    for family in discrete_families() {
        if wanted(family.name) {
            family.recover(sets);
        }
    }
    println!();
    println!("| null world | background | rejected at 5 % | sets |");
    println!("| --- | --- | --- | --- |");
    for family in null_families() {
        if wanted(family.name) {
            family.reject(sets);
        }
    }
}

/// Estimates and intervals of one quantity over the sets.
struct Tally {
    truth: f64,
    /// Estimates of the fits, and whether their normal intervals hold the truth.
    fitted: Vec<f64>,
    normal: Vec<bool>,
    /// Estimates of the profiles where they have their own, and whether their intervals hold the truth.
    profiled: Vec<f64>,
    profile: Vec<bool>,
}

impl Tally {
    fn new(truth: f64) -> Self {
        let (fitted, normal) = (Vec::new(), Vec::new());
        Self { truth, fitted, normal, profiled: Vec::new(), profile: Vec::new() }
    }

    fn print(&self, family: &str, quantity: &str) {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let bias = |values: &[f64]| match values.len() {
            0 => "–".to_owned(),
            _ => format!("{:+.2}", 100.0 * (mean(values) / self.truth - 1.0)),
        };
        let share = |hits: &[bool]| match hits.len() {
            0 => "–".to_owned(),
            n => {
                format!("{:.1}", 100.0 * hits.iter().filter(|hit| **hit).count() as f64 / n as f64)
            }
        };
        println!(
            "| {family} | {quantity} | {:.3} | {:.4} | {} | {} | {} | {} | {} |",
            self.truth,
            mean(&self.fitted),
            bias(&self.fitted),
            share(&self.normal),
            bias(&self.profiled),
            share(&self.profile),
            self.fitted.len()
        );
    }
}

fn inside(interval: (f64, f64), truth: f64) -> bool {
    interval.0 <= truth && truth <= interval.1
}

fn square(rows: [[f64; 2]; 2]) -> Matrix {
    Matrix::from_rows(&rows.map(|row| row.to_vec()))
}

fn continuous_families() -> Vec<(&'static str, Hawkes, f64)> {
    let decay = square([[1.5, 0.8], [1.0, 2.5]]);
    let usual = Hawkes::new(vec![0.4, 0.4], square([[0.5, 0.2], [0.15, 0.4]]), decay.clone());
    let near = Hawkes::new(vec![0.1, 0.1], square([[0.85, 0.1], [0.1, 0.8]]), decay);
    vec![
        ("continuous", usual.expect("valid"), 3000.0),
        ("continuous-near-critical", near.expect("valid"), 6000.0),
    ]
}

fn recover_continuous(name: &str, truth: &Hawkes, span: f64, sets: u32) {
    let settings = FitSettings {
        links: Links::Full,
        decays: Decays::Estimated { start: 1.0, lower: 0.01, upper: 100.0 },
    };
    let streams = Streams::new(SEED, name);
    let fits: Vec<(Events, continuous::Fit)> = (0..sets)
        .into_par_iter()
        .filter_map(|set| {
            let stream = &mut streams.at(set, 0, 0);
            let events = continuous::simulate(truth, span, 10_000_000, stream).ok()?;
            let found = continuous::fit(&events, &settings).ok()?;
            Some((events, found))
        })
        .collect();
    for (target, source) in LINKS {
        let mut n = Tally::new(truth.branching()[(target, source)]);
        let mut half_life = Tally::new(truth.half_life(target, source));
        let covers = |quantity: Quantity, truth: f64| -> Vec<bool> {
            let fall = |(events, found): &(Events, continuous::Fit)| {
                profile_fall(events, &settings, found, quantity, (target, source), truth).ok()
            };
            fits.par_iter().filter_map(fall).map(|fall| fall <= LARGEST_FALL).collect()
        };
        n.profile = covers(Quantity::Branching, n.truth);
        half_life.profile = covers(Quantity::HalfLife, half_life.truth);
        for (_, found) in &fits {
            n.fitted.push(found.process.branching()[(target, source)]);
            if let Some(interval) = found.branching_interval(target, source) {
                n.normal.push(inside(interval, n.truth));
            }
            let days = found.process.half_life(target, source);
            half_life.fitted.push(days);
            let spread = (1.96 * found.log_decay_error[(target, source)]).exp();
            if spread.is_finite() {
                half_life.normal.push(inside((days / spread, days * spread), half_life.truth));
            }
        }
        n.print(name, &format!("n[{target}{source}]"));
        half_life.print(name, &format!("half-life[{target}{source}]"));
    }
}

/// A discrete-time family: its world, and the settings it is fitted with.
struct Family {
    name: &'static str,
    world: World,
    settings: Settings,
}

fn geometric_kernel(n: f64, half_life_days: f64, horizon_days: i32) -> Vec<f64> {
    let fall = 0.5_f64.powf(1.0 / half_life_days);
    let scale = n * (1.0 - fall) / (1.0 - fall.powi(horizon_days));
    (0..horizon_days).map(|lag| scale * fall.powi(lag)).collect()
}

/// A half-life for each link, looked for up to the bound.
fn per_link(longest_days: f64, horizon_days: usize) -> Kernel {
    Kernel::Geometric { shortest_days: 0.5, longest_days, horizon_days, shared: false }
}

fn sum_kernel(left: Vec<f64>, right: &[f64]) -> Vec<f64> {
    left.iter().zip(right).map(|(a, b)| a + b).collect()
}

/// A rate with a trend over years and a season.
fn trended(level: f64, trend: f64, season: f64) -> Vec<f64> {
    (0..DAYS)
        .map(|day| {
            let t = day as f64;
            let slow = trend * (core::f64::consts::TAU * t / 1700.0).sin();
            let year = season * (core::f64::consts::TAU * t / 365.25).cos();
            level * (slow + year).exp()
        })
        .collect()
}

fn settings(kernel: Kernel, counts: Counts, background: Background) -> Settings {
    Settings { kernel, counts, background, ..Settings::default() }
}

fn world(kernels: Vec<Vec<Vec<f64>>>, level: f64, trend: f64, size: Option<f64>) -> World {
    let extent = Extent { kinds: 2, places: 1, days: DAYS };
    let background = vec![trended(level, trend, 0.3), trended(level, trend, 0.2)];
    World::new(extent, background, kernels, vec![size; 2]).expect("valid")
}

fn discrete_families() -> Vec<Family> {
    let g = geometric_kernel;
    let usual =
        |h| vec![vec![g(0.5, 3.0, h), g(0.2, 6.0, h)], vec![g(0.15, 4.0, h), g(0.4, 2.0, h)]];
    let near = |h| vec![vec![g(0.8, 3.0, h), g(0.1, 6.0, h)], vec![g(0.1, 4.0, h), g(0.8, 2.0, h)]];
    let mixed = |a: f64, b: f64| sum_kernel(g(a, 2.0, 365), &g(b, 14.0, 365));
    let mixture =
        vec![vec![mixed(0.3, 0.2), mixed(0.1, 0.1)], vec![mixed(0.1, 0.05), mixed(0.3, 0.1)]];
    let flat = |a: f64, b: f64| vec![a, b / 2.0, b / 2.0, 0.02, 0.02, 0.02, 0.02];
    let free =
        vec![vec![flat(0.25, 0.17), flat(0.05, 0.07)], vec![flat(0.05, 0.03), flat(0.2, 0.12)]];
    let family = |name, kernels, level, size: Option<f64>, kernel: Kernel| {
        let counts = if size.is_none() { Counts::Poisson } else { Counts::NegativeBinomial };
        let settings = settings(kernel, counts, Background::default());
        Family { name, world: world(kernels, level, 0.6, size), settings }
    };
    let two = Kernel::Mixture { half_lives_days: vec![2.0, 14.0], horizon_days: 365 };
    let bins = Kernel::FreeForm { edges_days: vec![1, 2, 4, 8] };
    vec![
        family("poisson-geometric", usual(28), 0.6, None, per_link(14.0, 28)),
        family("negbin-geometric", usual(28), 0.6, Some(3.0), per_link(14.0, 28)),
        family("poisson-near-critical", near(28), 0.1, None, per_link(14.0, 28)),
        family("poisson-geometric-wide", usual(365), 0.6, None, per_link(60.0, 365)),
        family("negbin-geometric-wide", usual(365), 0.6, Some(3.0), per_link(60.0, 365)),
        family("poisson-near-critical-wide", near(365), 0.1, None, per_link(60.0, 365)),
        family("negbin-mixture", mixture, 0.6, Some(3.0), two),
        family("negbin-free-form", free, 0.6, Some(3.0), bins),
    ]
}

/// What one set says of one link.
struct Found {
    /// By the fit, and whether its normal interval holds the truth.
    fitted: f64,
    normal: Option<bool>,
    /// By the profile, and whether its interval holds the truth.
    profiled: f64,
    profile: Option<bool>,
}

impl Family {
    fn truth(&self, target: usize, source: usize) -> f64 {
        self.world.kernels[target][source].iter().sum()
    }

    fn series(&self, set: u32) -> Option<Series> {
        self.world.simulate(1_000_000, &mut Streams::new(SEED, self.name).at(set, 0, 0)).ok()
    }

    fn recover(&self, sets: u32) {
        let rows: Vec<[Found; 4]> =
            (0..sets).into_par_iter().filter_map(|set| self.found(&self.series(set)?)).collect();
        for (k, (target, source)) in LINKS.into_iter().enumerate() {
            let mut tally = Tally::new(self.truth(target, source));
            for row in &rows {
                tally.fitted.push(row[k].fitted);
                tally.normal.extend(row[k].normal);
                tally.profiled.push(row[k].profiled);
                tally.profile.extend(row[k].profile);
            }
            tally.print(self.name, &format!("n[{target}{source}]"));
        }
    }

    /// What is found by link.
    fn found(&self, series: &Series) -> Option<[Found; 4]> {
        let fitted = fit(series, &self.settings).ok()?;
        let profile = Profile::new(series, &self.settings, &fitted).ok()?;
        let branching = profile.branching();
        Some(LINKS.map(|link| {
            let (one, truth) = (&fitted.targets()[link.0], self.truth(link.0, link.1));
            Found {
                fitted: one.branching(link.1),
                normal: one.branching_interval(link.1).map(|interval| inside(interval, truth)),
                profiled: branching[link],
                profile: profile.fall(link, truth).ok().map(|fall| fall <= LARGEST_FALL),
            }
        }))
    }

    /// How often a cross link is found where there is none.
    fn reject(&self, sets: u32) {
        let found: Vec<bool> = (0..sets)
            .into_par_iter()
            .filter_map(|set| {
                let series = self.series(set)?;
                let streams = Streams::new(u64::from(set), "null law");
                let test = link_test(&series, &self.settings, (0, 1), 1999, streams).ok()?;
                Some(test.p_value <= 0.05)
            })
            .collect();
        let share = 100.0 * found.iter().filter(|hit| **hit).count() as f64 / found.len() as f64;
        let background =
            if self.settings.background.knot_days.is_some() { "flexible" } else { "constant" };
        println!("| {} | {background} | {share:.1} % | {} |", self.name, found.len());
    }
}

/// Two kinds without any cross link under one strong trend and season.
fn null_families() -> Vec<Family> {
    let g = geometric_kernel;
    let none = || vec![0.0];
    let own = || vec![vec![g(0.4, 3.0, 365), none()], vec![none(), g(0.4, 3.0, 365)]];
    let shared = Kernel::Geometric {
        shortest_days: 0.5,
        longest_days: 60.0,
        horizon_days: 365,
        shared: true,
    };
    let two = Kernel::Mixture { half_lives_days: vec![2.0, 14.0], horizon_days: 365 };
    let bins = Kernel::FreeForm { edges_days: vec![1, 2, 4, 8, 15] };
    let family = |name, size: Option<f64>, kernel: Kernel, background: Background| {
        let counts = if size.is_none() { Counts::Poisson } else { Counts::NegativeBinomial };
        let settings = settings(kernel, counts, background);
        Family { name, world: world(own(), 0.6, 1.0, size), settings }
    };
    let flexible = Background::default;
    vec![
        family("null-poisson-geometric", None, per_link(60.0, 365), flexible()),
        family("null-negbin-geometric", Some(3.0), per_link(60.0, 365), flexible()),
        family("null-negbin-shared", Some(3.0), shared, flexible()),
        family("null-negbin-mixture", Some(3.0), two, flexible()),
        family("null-negbin-free-form", Some(3.0), bins, flexible()),
        family(
            "null-negbin-geometric-unmodelled",
            Some(3.0),
            per_link(60.0, 365),
            Background::constant(),
        ),
    ]
}
