//! What each link of the model is worth: the evidence of the model without it, and the score on months held out.

use std::collections::BTreeMap;
use std::path::Path;

use sanad_numbers::{mean, sorted_quantile, variance};
use sanad_scenario::{Distribution, ObservationRecord};
use statrs::distribution::{ContinuousCDF as _, StudentsT};

use crate::{AHEAD, Folder, Given, YEAR, draws, numbers, sets};

/// Evidence of the model without a parameter against that with it, for each whose prior is a normal: the
/// posterior's density at zero over the prior's (Dickey 1971), from draws of all OUT and of each by itself.
pub(crate) fn evidence(arguments: &[String]) {
    let folder = Folder::read(Path::new(&arguments[0]), &Given(&[]));
    let file = |out: &String| sets(&Path::new(out).join(format!("sets-{}.csv", arguments[1])));
    let all: Vec<_> = arguments[2..].iter().map(file).collect();
    println!("ln evidence without against with | of each seed | share of draws below zero");
    for (name, prior) in &folder.priors.constants {
        let Distribution::Normal { mean, standard_deviation, .. } = *prior else { continue };
        let prior_log = -0.5 * (mean / standard_deviation).powi(2) - standard_deviation.ln();
        let change = |draws: &[f64]| log_density_at_zero(draws) - prior_log;
        let whole: Vec<f64> = all.iter().flat_map(|one| one[name].iter().copied()).collect();
        let each: Vec<String> =
            all.iter().map(|one| format!("{:.2}", change(&one[name]))).collect();
        let below = whole.iter().filter(|value| **value < 0.0).count() as f64;
        let share = below / whole.len() as f64;
        println!("{name}: {:.2} | {} | {share:.2}", change(&whole), each.join(", "));
    }
}

/// Width of a normal kernel: 0.9·min(s, (q₃ − q₁)/1.34)·n^(−1/5) (Silverman 1986, equation 3.31).
fn kernel_width(draws: &[f64]) -> f64 {
    let mut sorted = draws.to_vec();
    sorted.sort_by(f64::total_cmp);
    let [low, high] = [0.25, 0.75].map(|share| sorted_quantile(&sorted, share));
    0.9 * variance(draws).sqrt().min((high - low) / 1.34) * (draws.len() as f64).powf(-0.2)
}

/// Normal kernels of draws at zero, 1 where a draw is zero.
fn kernels_at_zero(draws: &[f64]) -> Vec<f64> {
    let width = kernel_width(draws);
    draws.iter().map(|draw| (-0.5 * (draw / width).powi(2)).exp()).collect()
}

/// ln of a density at zero times √(2π), by normal kernels.
fn log_density_at_zero(draws: &[f64]) -> f64 {
    let kernels: f64 = kernels_at_zero(draws).iter().sum();
    (kernels / (draws.len() as f64 * kernel_width(draws))).ln()
}

/// Draws that carry a link at an origin, below which it is left out there.
const FEWEST_CARRIED: f64 = 50.0;

/// What a fit of one or several folders says at an origin.
struct AtOrigin {
    sets: BTreeMap<String, Vec<f64>>,
    draws: BTreeMap<(String, i64), Vec<f64>>,
    origin: i64,
}

impl AtOrigin {
    fn read(outs: &[String], origin: f64) -> Self {
        let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for out in outs {
            for (name, values) in sets(&Path::new(out).join(format!("sets-{origin}.csv"))) {
                all.entry(name).or_default().extend(values);
            }
        }
        let file = |out: &String| Path::new(out).join(format!("draws-{origin}-known.csv"));
        let files: Vec<_> = outs.iter().map(file).collect();
        Self { sets: all, draws: draws(&files), origin: origin as i64 }
    }

    fn count(&self) -> usize {
        self.sets.values().next().map_or(0, Vec::len)
    }

    /// Scores of the months ahead of all theatres of a kind of count, by month their mean, of weighted draws.
    fn scores(&self, record: &ObservationRecord, kind: &str, weights: &[f64]) -> Vec<f64> {
        let theatres: Vec<&String> =
            record.series.keys().filter(|name| name.starts_with(kind)).collect();
        let of_month = |month: i64| {
            let each = theatres.iter().map(|name| {
                let count = record.series[*name][month as usize].expect("a covered month");
                weighted_crps(&self.draws[&((*name).clone(), month)], weights, count)
            });
            mean(&each.collect::<Vec<f64>>())
        };
        let last = record.times.len() as i64 - 1;
        (1..=AHEAD as i64)
            .map(|ahead| self.origin + ahead)
            .filter(|month| *month <= last)
            .map(of_month)
            .collect()
    }
}

/// CRPS of ln(1 + count) of draws with weights w of sum 1: Σw·|X − y| − Σᵢⱼwᵢwⱼ|Xᵢ − Xⱼ| / (2·(1 − Σw²)), whose expectation does not
/// depend on how many draws carry it.
fn weighted_crps(draws: &[f64], weights: &[f64], count: f64) -> f64 {
    let mut logs: Vec<(f64, f64)> =
        draws.iter().zip(weights).map(|(draw, weight)| (draw.ln_1p(), *weight)).collect();
    logs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut near, mut spread, mut below, mut squares) = (0.0, 0.0, 0.0, 0.0);
    for (log, weight) in logs {
        near += weight * (log - count.ln_1p()).abs();
        // Of sorted values Σᵢⱼwᵢwⱼ|xᵢ − xⱼ| is 2·Σᵢ wᵢxᵢ·(weight below − weight above).
        spread += weight * log * (2.0 * below + weight - 1.0);
        below += weight;
        squares += weight * weight;
    }
    near - spread / (1.0 - squares)
}

/// Weights of sum 1, and how many draws carry them (Kish): 1 / Σw².
fn normalised(kernels: &[f64]) -> (Vec<f64>, f64) {
    let sum: f64 = kernels.iter().sum();
    let weights: Vec<f64> = kernels.iter().map(|kernel| kernel / sum).collect();
    let carried = 1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>();
    (weights, carried)
}

/// Weights of draws that count alike.
fn alike(count: usize) -> Vec<f64> {
    vec![1.0 / count as f64; count]
}

/// Differences of scores in blocks of twelve months within an origin.
#[derive(Default)]
struct Differences {
    blocks: Vec<f64>,
}

impl Differences {
    fn add(&mut self, without: &[f64], with: &[f64]) {
        let months: Vec<f64> = without.iter().zip(with).map(|(one, other)| one - other).collect();
        self.blocks.extend(months.chunks(YEAR).map(mean));
    }

    /// Mean and its interval of 95 %: mean ± t·s/√n over the blocks.
    fn interval(&self) -> [f64; 3] {
        let n = self.blocks.len() as f64;
        let t = StudentsT::new(0.0, 1.0, n - 1.0).expect("blocks").inverse_cdf(0.975);
        let (centre, half) = (mean(&self.blocks), t * (variance(&self.blocks) / n).sqrt());
        [centre - half, centre, centre + half]
    }

    fn verdict(&self) -> &'static str {
        match self.interval() {
            [low, ..] if low > 0.0 => "needed",
            [.., high] if high < 0.0 => "harmful",
            _ => "undecided",
        }
    }

    fn line(&self) -> String {
        let [low, centre, high] = self.interval();
        format!("{centre:+.4} ({low:+.4} to {high:+.4})")
    }
}

/// Score without each of some parameters less the score with it, on the months ahead of each origin, by weighting draws near zero.
pub(crate) fn without(arguments: &[String]) {
    let folder = Folder::read(Path::new(&arguments[0]), &Given(&[]));
    let outs = &arguments[3..];
    let origins = numbers(&arguments[1]);
    let all: Vec<AtOrigin> = origins.iter().map(|&origin| AtOrigin::read(outs, origin)).collect();
    let is_normal =
        |name: &str| matches!(folder.priors.constants[name], Distribution::Normal { .. });
    let names: Vec<&str> = match arguments[2].as_str() {
        "all" => folder
            .priors
            .constants
            .keys()
            .map(String::as_str)
            .filter(|name| is_normal(name))
            .collect(),
        some => some.split(',').collect(),
    };
    let with = ["deaths", "attacks"].map(|kind| {
        let each = all.iter().map(|at| at.scores(&folder.record, kind, &alike(at.count())));
        each.collect::<Vec<_>>()
    });
    println!(
        "| parameter | carried by, at each origin | deaths | each OUT | attacks | deaths say |"
    );
    for name in names {
        let [mut deaths, mut attacks] = [Differences::default(), Differences::default()];
        let mut carried_by = Vec::new();
        for (place, at) in all.iter().enumerate() {
            let (weights, carried) = normalised(&kernels_at_zero(&at.sets[name]));
            carried_by.push(format!("{carried:.0}"));
            if carried >= FEWEST_CARRIED {
                deaths.add(&at.scores(&folder.record, "deaths", &weights), &with[0][place]);
                attacks.add(&at.scores(&folder.record, "attacks", &weights), &with[1][place]);
            }
        }
        let carried_by = carried_by.join(", ");
        if deaths.blocks.is_empty() {
            println!("| {name} | {carried_by} | carried by too few | | | |");
            continue;
        }
        let each: Vec<String> = (0..outs.len())
            .map(|out| format!("{:+.4}", of_one(&folder, &all, name, out, outs.len())))
            .collect();
        let (each, verdict) = (each.join(", "), deaths.verdict());
        println!(
            "| {name} | {carried_by} | {} | {each} | {} | {verdict} |",
            deaths.line(),
            attacks.line()
        );
    }
}

/// The mean difference of deaths from the draws of one OUT alone, whose share of all draws is the same at each origin; origins that
/// all draws do not carry are left out.
fn of_one(folder: &Folder, all: &[AtOrigin], name: &str, out: usize, outs: usize) -> f64 {
    let mut found = Differences::default();
    for at in all {
        let kernels = kernels_at_zero(&at.sets[name]);
        if normalised(&kernels).1 < FEWEST_CARRIED {
            continue;
        }
        let own = |values: Vec<f64>| -> Vec<f64> {
            let each = values.len() / outs;
            let mine = out * each..(out + 1) * each;
            values
                .into_iter()
                .enumerate()
                .map(|(i, value)| if mine.contains(&i) { value } else { 0.0 })
                .collect()
        };
        let scores = |values| at.scores(&folder.record, "deaths", &normalised(&own(values)).0);
        found.add(&scores(kernels), &scores(alike(at.count())));
    }
    mean(&found.blocks)
}

/// Score of the fit in WITHOUT less that in WITH, on the months ahead of each origin.
pub(crate) fn difference(arguments: &[String]) {
    let folder = Folder::read(Path::new(&arguments[0]), &Given(&[]));
    println!("| observed | difference | says | at each origin |");
    for kind in ["deaths", "attacks"] {
        let mut found = Differences::default();
        let mut each = Vec::new();
        for origin in numbers(&arguments[1]) {
            let [with, without] = [2, 3].map(|place: usize| {
                let at = AtOrigin::read(&arguments[place..=place], origin);
                at.scores(&folder.record, kind, &alike(at.count()))
            });
            found.add(&without, &with);
            each.push(format!("{:+.4}", mean(&without) - mean(&with)));
        }
        println!("| {kind} | {} | {} | {} |", found.line(), found.verdict(), each.join(", "));
    }
}
